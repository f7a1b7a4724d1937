/**
 * Where things stand in a text. Lines and columns are from 1; a line ends with `\n`, `\r\n` or `\r`; columns count UTF-16 units.
 *
 * A *source text* is the value of a text with the way back from pointers to positions.
 */
import type { DocumentFaultCode } from "./faults.ts";

export type Position = { readonly line: number; readonly column: number };
/** Where these pointers stand: members at their name, items at their value. Those that lead nowhere are left out. */
export type Locate = (pointers: ReadonlySet<string>) => ReadonlyMap<string, Position>;
export type SourceText = { readonly value: unknown; readonly locate: Locate };
/** A fault that is known by its offset. */
export type TextFault = { readonly code: DocumentFaultCode; readonly pointer: string; readonly offset: number; readonly detail: string };

export function lineCounter(text: string): (offset: number) => Position {
  const starts = [0];
  for (const match of text.matchAll(/\r\n?|\n/g)) starts.push(match.index + match[0].length);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] as number) + 1 };
  };
}
