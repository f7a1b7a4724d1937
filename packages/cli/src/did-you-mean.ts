/**
 * Did you mean: of the words that are known, the one that was probably meant.
 *
 * Invariant: nothing is suggested that shares little with what was given; a wrong suggestion is worse than none.
 */

const LENGTH_MAX = 200;

/** The nearest known word, or undefined. Upper and lower case count for little. */
export function nearest(given: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(given.length * 0.4)) + 0.5;
  for (const word of known) {
    if (word === given || Math.abs(word.length - given.length) > bestDistance || word.length > LENGTH_MAX) continue;
    const distance = edits(given.toLowerCase(), word.toLowerCase());
    if (distance >= bestDistance || distance >= Math.max(given.length, word.length)) continue;
    [best, bestDistance] = [word, distance];
  }
  return best;
}

/** ` Did you mean x?`, or nothing. */
export function didYouMean(given: string, known: Iterable<string>): string {
  const word = nearest(given, known);
  return word === undefined ? "" : ` Did you mean ${word}?`;
}

/** Letters put in, left out, taken for others, or two that changed places (optimal string alignment). */
function edits(from: string, to: string): number {
  let [before, last] = [[] as number[], Array.from({ length: to.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      row[j] = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, (last[j - 1] as number) + cost);
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (swapped) row[j] = Math.min(row[j] as number, (before[j - 2] as number) + 1);
    }
    [before, last] = [last, row];
  }
  return last[to.length] as number;
}
