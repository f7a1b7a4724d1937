/** "Did you mean": the nearest of some names, by edits, when it is near enough to be what was meant. */

/** At most a third of the letters may differ, case aside. `undefined`: none is near, or several are equally near. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  const wanted = plain(name);
  let best: string | undefined;
  const max = Math.floor(wanted.length / 3);
  let fewest = max;
  let ties = 0;
  for (const each of names) {
    const edits = distance(wanted, plain(each), fewest);
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

/** Edits between two words, two neighbours changing places being one; more than `max` is told as `max + 1`. */
function distance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let earlier: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min((above[j] as number) + 1, (row[j - 1] as number) + 1, (above[j - 1] as number) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, (earlier[j - 2] as number) + 1);
      row.push(edits);
    }
    earlier = above;
    above = row;
  }
  return above[b.length] as number;
}
