/**
 * The order of names in answers: bytes of UTF-8.
 *
 * Invariant: what comes out is in that order, whatever characters are in it.
 */
import { compareUtf8 } from "../../model/index.ts";

/** Sorted, and only what comes behind `after`. */
export function inOrder(names: string[], after: string | undefined): string[] {
  const rest = after === undefined ? names : names.filter((name) => compareUtf8(name, after) > 0);
  if (rest.length < 2) return rest;
  // The built-in order, which is far faster, goes by UTF-16 units: the same, as long as nothing stands at or above the surrogates.
  return FROM_SURROGATES.test(rest.join("")) ? rest.sort(compareUtf8) : rest.sort();
}

const FROM_SURROGATES = /[\ud800-\uffff]/;
