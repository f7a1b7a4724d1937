/** Who wants to know of commits. A listener that throws neither keeps the others from hearing nor the writer from its answer. */
export class Subscribers {
  readonly #wakes = new Set<{ readonly wake: (org: string) => void }>();

  add(wake: (org: string) => void): () => void {
    // An entry of its own, so that one function added twice is called twice and removed once.
    const entry = { wake };
    this.#wakes.add(entry);
    return () => this.#wakes.delete(entry);
  }

  wake(orgs: Iterable<string>): void {
    for (const org of orgs) for (const { wake } of this.#wakes) callAlone(wake, org);
  }

  clear(): void {
    this.#wakes.clear();
  }
}

const callAlone = (wake: (org: string) => void, org: string): void => {
  try {
    wake(org);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
};
