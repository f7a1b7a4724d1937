/**
 * Answers: what one side is asked, and what it says. The words that all of this folder speaks.
 *
 * Invariant: none of it hangs on the numbers of a state, so that it lasts while states go back and forth.
 */
import type { Condition, JsonObject, PrincipalType } from "../../model/index.ts";
import type { Column, Columns } from "./columns.ts";
import type { Places } from "./places.ts";
import type { Spots } from "./rows.ts";
import type { Area } from "./touched.ts";

export type Principal = { readonly type: PrincipalType; readonly id: string };
export type Moment = { readonly now: number; readonly context: JsonObject | undefined };
/** Place → how a call is answered whose target's nearest place with an answer this is: see `verdictOf`. */
export type Verdicts = ReadonlyMap<string, string>;
export type Rows = ReadonlyMap<string, Verdicts>;
/** What many may alike, and what the principal's own grants and ownership add to it. */
export type Answers = { readonly shared: Columns; readonly added: ReadonlyMap<Column, ReadonlySet<number>>; readonly rows: Rows };
/** What both sides share: numbers of places, the spots of a target by its name, and the conditions of verdicts that were given, by their texts. */
export type Shared = {
  readonly places: Places;
  readonly spots: (template: string) => Spots;
  readonly conditions: Map<string, readonly Condition[]>;
};
export type Asks = { readonly areas: readonly Area[]; readonly rows: readonly string[] };
export const DENIED = "";
export const ALLOWED = "+";

export function isBelow(path: string, top: string): boolean {
  return top === "/" || path === top || path.startsWith(`${top}/`);
}
