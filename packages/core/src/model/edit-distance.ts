/**
 * How far two words lie apart: what a "did you mean" is made of wherever a name is not known.
 *
 * Letters put in, left out or taken for others are one edit each, and so are two neighbours that changed places (optimal string alignment).
 */

/** Edits between two words, by UTF-16 units; more than `max` may be told as `max + 1`. Time grows with the product of the lengths. */
export function editDistance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let earlier: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let edits = Math.min((above[j] as number) + 1, (row[j - 1] as number) + 1, (above[j - 1] as number) + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) edits = Math.min(edits, (earlier[j - 2] as number) + 1);
      row.push(edits);
    }
    [earlier, above] = [above, row];
  }
  return above[b.length] as number;
}
