/**
 * What a figure is: the cells that it needs, and the rows of the table that are read from them.
 *
 * A *row* is one line of the table; its *parts* are the numbers in it, each with what it may be at most or must be at least, if anything
 * is promised. A figure that needs programs which are not here has its rows all the same, and they say so.
 * Invariant: a figure that is measured smaller than promised (`quick`) promises nothing.
 */
import type { CellArgs } from "./cell.ts";
import type { Numbers } from "./cells/decide.ts";
import type { ProgramName } from "./http/programs.ts";

/** `better`: which way; a bound says it already. */
export type Part = {
  readonly name: string;
  readonly reached: number;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly better?: "more";
};
export type Row = {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  readonly parts: readonly Part[];
  readonly note?: string;
};
/**
 * `largest`: the most grants; `pairs`: of servers, or of blocks of writes, that are held against each other; `document`: a file with an
 * OpenAPI document, on which P3 is measured too.
 */
export type Sizes = { readonly largest: number; readonly pairs: number; readonly seconds: number; readonly document?: string };
export type Results = (cell: string) => Numbers;
export type Figure = {
  readonly id: string;
  readonly needs?: readonly ProgramName[];
  readonly cells: (sizes: Sizes) => Readonly<Record<string, CellArgs>>;
  readonly rows: (results: Results, sizes: Sizes) => readonly Row[];
};

export const MILLION = 1_000_000;

export function part(name: string, reached: number | undefined, atMost?: number): Part {
  return { name, reached: reached ?? Number.NaN, ...(atMost === undefined ? {} : { atMost }) };
}
/** Of which more is better. */
export function share(name: string, reached: number | undefined, atLeast?: number): Part {
  return { name, reached: reached ?? Number.NaN, better: "more", ...(atLeast === undefined ? {} : { atLeast }) };
}
export function percent(part: number | undefined): string {
  return `${Math.round((part ?? 0) * 100)} %`;
}
export function power(count: number): string {
  return `10^${Math.round(Math.log10(count))}`;
}
