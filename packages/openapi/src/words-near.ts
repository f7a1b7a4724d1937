/** "Did you mean": the nearest of some names, by edits, when it is near enough to be what was meant. */

import { editDistance } from "@reeve/core";

/** At most a third of the letters may differ, case aside. `undefined`: none is near, or several are equally near. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  const wanted = plain(name);
  let best: string | undefined;
  const max = Math.floor(wanted.length / 3);
  let fewest = max;
  let ties = 0;
  for (const each of names) {
    const edits = editDistance(wanted, plain(each), fewest);
    if (edits > fewest || edits > max) continue;
    // An id and a name that differ in case or punctuation only are one candidate.
    if (edits === fewest && best !== undefined && plain(each) === plain(best)) continue;
    ties = edits === fewest && best !== undefined ? ties + 1 : 0;
    fewest = edits;
    best = each;
  }
  return ties === 0 ? best : undefined;
}

const plain = (name: string): string =>
  name
    .slice(0, 128)
    .toLowerCase()
    .replaceAll(/[\s._-]+/g, " ");
