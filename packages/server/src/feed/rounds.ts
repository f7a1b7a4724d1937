/**
 * Rounds: catching up with an organization, one round at a time, and at most one that waits.
 *
 * A round that has not begun yet will see everything that is committed by now, so that whoever asks meanwhile shares it. One that failed
 * is told and tried again until it works: who missed a commit must not answer from before it for longer than need be.
 * Invariant: whoever asks is told how a round ended that began after he asked.
 */
const AGAIN_MS = 1_000;

/** `begun`: the end of the round that began last, in whichever way. */
type Asked = { begun: Promise<void>; next: Promise<void> | undefined };
export type Rounds = {
  /** Rejects with the error of the round. */
  ask(organization: string): Promise<void>;
  close(): void;
};

export function createRounds(
  once: (organization: string) => Promise<void>,
  onError: (organization: string, error: unknown) => void,
): Rounds {
  const rounds = new Map<string, Asked>();
  const again = new Map<string, NodeJS.Timeout>();
  let isClosed = false;

  function ask(organization: string): Promise<void> {
    const asked = rounds.get(organization) ?? { begun: Promise.resolve(), next: undefined };
    rounds.set(organization, asked);
    asked.next ??= begin(organization, asked);
    return asked.next;
  }

  async function begin(organization: string, asked: Asked): Promise<void> {
    try {
      await asked.begun;
    } catch {
      // However the one before ended: this one must begin, or nothing would be caught up with any more.
    }
    asked.next = undefined;
    const round = once(organization);
    asked.begun = end(organization, round);
    return round;
  }

  async function end(organization: string, round: Promise<void>): Promise<void> {
    try {
      await round;
    } catch (error) {
      askAgain(organization);
      tell(organization, error);
    }
    if (rounds.get(organization)?.next === undefined) rounds.delete(organization);
  }

  function tell(organization: string, error: unknown): void {
    try {
      onError(organization, error);
    } catch {
      // Who cannot be told keeps nobody from going on.
    }
  }

  function askAgain(organization: string): void {
    if (isClosed || again.has(organization)) return;
    const timer = setTimeout(() => {
      again.delete(organization);
      ask(organization).catch(() => undefined);
    }, AGAIN_MS);
    again.set(organization, timer.unref());
  }

  return {
    ask,
    close() {
      isClosed = true;
      for (const timer of again.values()) clearTimeout(timer);
      again.clear();
    },
  };
}
