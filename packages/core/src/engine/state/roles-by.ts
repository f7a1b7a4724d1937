/**
 * Roles by what they hold, as bits: a sandbox, a label. A subject's roles that hold it are one `and` of a few words away.
 *
 * Invariant: a key has exactly the bits of the roles that were added under it and not removed since.
 */
const NO_ROLES = new Int32Array(0);

export class RolesBy<Held> {
  readonly #roles = new Map<Held, Int32Array>();

  /** Bits of the roles' indexes. */
  of(held: Held): Int32Array {
    return this.#roles.get(held) ?? NO_ROLES;
  }

  add(role: number, all: Iterable<Held>): void {
    const word = role >> 5;
    for (const held of all) {
      let bits = this.of(held);
      if (word >= bits.length) {
        const longer = new Int32Array(word + 1);
        longer.set(bits);
        bits = longer;
        this.#roles.set(held, bits);
      }
      bits[word] = (bits[word] as number) | (1 << (role & 31));
    }
  }

  remove(role: number, all: Iterable<Held>): void {
    for (const held of all) {
      const bits = this.of(held);
      bits[role >> 5] = (bits[role >> 5] as number) & ~(1 << (role & 31));
      if (bits.every((word) => word === 0)) this.#roles.delete(held);
    }
  }
}
