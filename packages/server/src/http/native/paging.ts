/** Pages of lists, as queries ask for them: how many, and from where. Invariant: a page that cannot be given is refused, never another one. */

import { PAGE_MAX, PAGE_USUAL } from "@reeve/contract";
import type { Cursors, Position } from "../../app/index.ts";
import { faultyQuery } from "../query.ts";

/** How many items a page has. */
export function limitOf(limit: string | undefined): number {
  if (limit === undefined) return PAGE_USUAL;
  const number = /^\d{1,4}$/.test(limit) ? Number(limit) : 0;
  if (number >= 1 && number <= PAGE_MAX) return number;
  throw faultyQuery([{ code: "out_of_range", pointer: "?limit", detail: `A page has 1 to ${PAGE_MAX} items.` }]);
}

type Listing = { readonly cursors: Cursors; readonly question: unknown };

/** A page as it is answered; `next`: where another one begins, absent on the last. */
export function pageOf<T>(items: readonly T[], next: Position | undefined, { cursors, question }: Listing): object {
  return next === undefined ? { items } : { items, next: cursors.write(question, next) };
}

/** Where a page begins; `undefined`: at the beginning. */
export function positionOf(
  cursors: Cursors,
  question: unknown,
  given: { readonly cursor: string | undefined; readonly pointer?: string },
): Position | undefined {
  if (given.cursor === undefined) return undefined;
  const position = cursors.read(question, given.cursor);
  if (position !== undefined) return position;
  const detail = "This is no cursor of this question: send the `next` of a page, with everything else as it was.";
  throw faultyQuery([{ code: "not_allowed", pointer: given.pointer ?? "?cursor", detail }]);
}
