/**
 * Work in turn: so much at once, so much that waits, and the rest refused at no cost.
 *
 * Invariant: never more than `runningMax` run, nor more than `waitingMax` wait.
 */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T | "busy">;

/** `busy` where too many wait. */
export function turns({ runningMax, waitingMax }: { readonly runningMax: number; readonly waitingMax: number }): InTurn {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= runningMax) {
      if (waiting.length >= waitingMax) return "busy";
      // Whoever ends hands its turn on: `running` stays.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running++;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
