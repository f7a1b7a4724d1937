/**
 * Measuring: medians over chunks of 100 calls, and the tail over single calls.
 *
 * What is asked is made outside the clock. What comes out is summed and handed back, so that no compiler may leave it away.
 * Times are microseconds a call; the cost of the clock is in single calls and is stated beside them.
 * Invariant: a measured loop calls one function on one shape of argument, as the warm-up before it did.
 */
export const CHUNK = 100;

export type Job<T> = {
  /** The next chunk of arguments, made now. */
  readonly next: () => readonly T[];
  /** One call; its answer as a number. */
  readonly call: (item: T) => number;
};
export type Timing = { readonly p50: number; readonly p99: number; readonly worst: number; readonly sum: number };

/** Median over chunks, p99 and worst over single calls. `warmUp`, `chunks`, `singles`: chunks of 100 calls each. */
export function time<T>(job: Job<T>, rounds: { readonly warmUp: number; readonly chunks: number; readonly singles: number }): Timing {
  let sum = 0;
  for (let i = 0; i < rounds.warmUp; i++) sum += callAll(job.call, job.next());
  const chunks = new Float64Array(rounds.chunks);
  for (let i = 0; i < rounds.chunks; i++) {
    const items = job.next();
    const start = performance.now();
    sum += callAll(job.call, items);
    chunks[i] = ((performance.now() - start) * 1_000) / items.length;
  }
  const singles = new Float64Array(rounds.singles * CHUNK);
  for (let i = 0; i < rounds.singles; i++) {
    const items = job.next();
    for (let j = 0; j < CHUNK; j++) {
      const item = items[j] as T;
      const start = performance.now();
      sum += job.call(item);
      singles[i * CHUNK + j] = (performance.now() - start) * 1_000;
    }
  }
  singles.sort();
  return { p50: quantile(chunks.sort(), 0.5), p99: quantile(singles, 0.99), worst: singles[singles.length - 1] ?? 0, sum };
}

/**
 * Medians of what is allowed and of what is denied, apart. To be told apart each is asked once outside the clock, so that the plan's
 * part of it is in the caches: these are lower than the median of all. Their strings are fresh again.
 */
export function timeByVerdict<T>(
  job: Job<T>,
  isAllowed: (item: T) => boolean,
): { readonly allowedP50: number; readonly deniedP50: number } {
  const p50 = (wanted: boolean): number => {
    let kept: T[] = [];
    const next = (): readonly T[] => {
      while (kept.length < CHUNK) kept.push(...job.next().filter((item) => isAllowed(item) === wanted));
      const chunk = JSON.parse(JSON.stringify(kept.slice(0, CHUNK))) as T[];
      kept = kept.slice(CHUNK);
      return chunk;
    };
    return time({ next, call: job.call }, { warmUp: 0, chunks: 500, singles: 0 }).p50;
  };
  return { allowedP50: p50(true), deniedP50: p50(false) };
}

function callAll<T>(call: (item: T) => number, items: readonly T[]): number {
  let sum = 0;
  for (let i = 0; i < items.length; i++) sum += call(items[i] as T);
  return sum;
}

/** Of sorted values. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Of an even number of values: what lies between the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** What the clock costs in a single call, in microseconds. */
export function clockCost(): number {
  const costs = new Float64Array(20_000);
  for (let i = 0; i < costs.length; i++) {
    const start = performance.now();
    costs[i] = (performance.now() - start) * 1_000;
  }
  return quantile(costs.sort(), 0.5);
}

/** A window over kept items: chunk after chunk, from the beginning again when they end. */
export function around<T>(items: readonly T[]): () => readonly T[] {
  let at = 0;
  return () => {
    if (at + CHUNK > items.length) at = 0;
    at += CHUNK;
    return items.slice(at - CHUNK, at);
  };
}
