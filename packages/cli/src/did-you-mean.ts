/**
 * Did you mean: of the words that are known, the one that was probably meant.
 *
 * Invariant: nothing is suggested that shares little with what was given; a wrong suggestion is worse than none.
 */

import { editDistance } from "@reeve/core";

const LENGTH_MAX = 200;

/** The nearest known word, or undefined. Upper and lower case count for little. */
export function nearest(given: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(given.length * 0.4)) + 0.5;
  for (const word of known) {
    if (word === given || Math.abs(word.length - given.length) > bestDistance || word.length > LENGTH_MAX) continue;
    const distance = editDistance(given.toLowerCase(), word.toLowerCase(), Math.ceil(bestDistance));
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
