/**
 * Turns: work that stops on its way, so that whoever goes through it may do something else meanwhile.
 *
 * A turn is what a generator does between two stops. While it stands still other plans may be asked, and nodes of a state may have
 * become others: what goes on after a stop finds again what it had found by them.
 * Invariant: where it stops changes nothing in what comes out.
 */
export type Turns<T> = Generator<undefined, T>;

/** So many small steps are a turn. */
export const STEPS_A_TURN = 1_024;

/** The items in order; they are left as they are. */
export function* sorted<T>(items: readonly T[], compare: (a: T, b: T) => number): Turns<readonly T[]> {
  let runs: T[][] = [];
  for (let i = 0; i < items.length; i += STEPS_A_TURN) {
    runs.push(items.slice(i, i + STEPS_A_TURN).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const longer: T[][] = [];
    for (let i = 0; i < runs.length; i += 2) longer.push(yield* merged({ a: runs[i] as T[], b: runs[i + 1] ?? [] }, compare));
    runs = longer;
  }
  return runs[0] ?? [];
}

function* merged<T>({ a, b }: { readonly a: readonly T[]; readonly b: readonly T[] }, compare: (a: T, b: T) => number): Turns<T[]> {
  const all: T[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const isFirst = j === b.length || (i < a.length && compare(a[i] as T, b[j] as T) <= 0);
    all.push((isFirst ? a[i++] : b[j++]) as T);
    if (all.length % (2 * STEPS_A_TURN) === 0) yield;
  }
  return all;
}

/** What work comes to when nobody has anything else to do. */
export function finish<T>(turns: Turns<T>): T {
  for (;;) {
    const { done, value } = turns.next();
    if (done === true) return value as T;
  }
}
