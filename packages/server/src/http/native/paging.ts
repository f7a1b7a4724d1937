/** Pages of lists, as queries ask for them: how many, and from where. Invariant: a page that cannot be given is refused, never another one. */

import { PAGE_MAX, PAGE_USUAL } from "@reeve/contract";
import type { Fault } from "@reeve/core";
import type { Cursors, Position } from "../../app/index.ts";
import { HttpProblem } from "../problem.ts";

/** What stands behind the `?` of a URL. */
export function searchOf(url: string): URLSearchParams {
  const at = url.indexOf("?");
  return new URLSearchParams(at === -1 ? "" : url.slice(at + 1));
}

/** The query of a request: one value a name, all of them known. Throws for anything else. */
export function queryOf(url: string, known: readonly string[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = Object.create(null);
  const faults: Fault[] = [];
  for (const [name, value] of searchOf(url)) {
    const pointer = `?${name}`;
    if (!known.includes(name)) {
      faults.push({ code: "unknown_member", pointer, detail: `The query takes ${known.join(", ")}.`, allowed: [...known] });
    } else if (name in found) faults.push({ code: "duplicate", pointer, detail: "This is given once." });
    else found[name] = value;
  }
  if (faults.length > 0) throw faultyQuery(faults);
  return found;
}

export function faultyQuery(faults: readonly Fault[]): HttpProblem {
  return new HttpProblem("malformed_request", { errors: [...faults] as never });
}

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
