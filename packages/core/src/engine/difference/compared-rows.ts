/**
 * Comparison: the rows of operations of two sides. See `comparison.ts` for the places.
 *
 * Invariant: what is told of a row is told of every target that it can have, by the highest places within which it is so.
 */
import { compareUtf8 } from "../../model/index.ts";
import { ALLOWED, DENIED, type Rows, type Verdicts } from "./answers.ts";
import type { Known } from "./changes.ts";
import type { OperationPossibility } from "./possibility.ts";
import { countsOf, partsOfRow, placeAbove, type Spots } from "./rows.ts";
import { STEPS_A_TURN, type Turns } from "./turns.ts";

type Two<T> = { readonly before: T; readonly after: T };
export type ComparedRows = { readonly gains: readonly OperationPossibility[]; readonly loses: readonly OperationPossibility[] };

export function* comparedRows(known: Known, { before, after }: Two<Rows>): Turns<ComparedRows> {
  const gains: OperationPossibility[] = [];
  const loses: OperationPossibility[] = [];
  const rows = [...new Set([...before.keys(), ...after.keys()])].map((row) => ({ row, ...partsOfRow(row) }));
  rows.sort((a, b) => compareUtf8(a.product, b.product) || compareUtf8(a.operation, b.operation));
  for (const { row, product, operation } of rows) {
    const found = yield* comparedRow(known, row, { before: before.get(row), after: after.get(row) });
    for (const one of found.gains) gains.push({ product, operation, ...one });
    for (const one of found.loses) loses.push({ product, operation, ...one });
  }
  return { gains, loses };
}

type Part = Pick<OperationPossibility, "within" | "when" | "unless">;

function* comparedRow(
  known: Known,
  row: string,
  { before, after }: Two<Verdicts | undefined>,
): Turns<{ gains: readonly Part[]; loses: readonly Part[] }> {
  const templates = { before: known.templates.before.get(row), after: known.templates.after.get(row) };
  const isSame = templates.before === templates.after && before !== undefined && after !== undefined && areEqual(before, after);
  if (isSame) return NONE;
  const spots = {
    before: templates.before === undefined ? undefined : known.spots(templates.before),
    after: templates.after === undefined ? undefined : known.spots(templates.after),
  };
  const gains: Groups = new Map();
  const loses: Groups = new Map();
  let count = 0;
  for (const place of placesOf(spots)) {
    if (count++ % STEPS_A_TURN === 0) yield;
    const was = verdictAt(before, spots.before, place);
    const is = verdictAt(after, spots.after, place);
    if (was === is) continue;
    if (is !== DENIED && was !== ALLOWED) add(gains, { verdict: is, rest: DENIED, places: [place] });
    if (was !== DENIED && is !== ALLOWED) add(loses, { verdict: was, rest: was === ALLOWED ? is : DENIED, places: [place] });
  }
  const all = spots.before === spots.after ? spots.before?.counts : countsOf(placesOf(spots));
  const parts = (found: Groups): readonly Part[] =>
    [...found.values()].flatMap((group) => partsOf(known, group, topsOf(group.places, all ?? new Map()))).sort(byPlace);
  return { gains: parts(gains), loses: parts(loses) };
}

const NONE = { gains: [], loses: [] };

function* placesOf({ before, after }: Two<Spots | undefined>): Iterable<string> {
  yield* before?.at.keys() ?? [];
  if (after !== before) for (const place of after?.at.keys() ?? []) if (before?.at.has(place) !== true) yield place;
}

function areEqual(a: Verdicts, b: Verdicts): boolean {
  if (a.size !== b.size) return false;
  for (const [place, verdict] of a) if (b.get(place) !== verdict) return false;
  return true;
}

/** The answer at a place is that of the nearest one above for which there is an answer. */
function verdictAt(verdicts: Verdicts | undefined, spots: Spots | undefined, place: string): string {
  if (verdicts === undefined || spots?.at.has(place) !== true) return DENIED;
  for (let at: string | undefined = place; at !== undefined; at = placeAbove(at)) {
    const verdict = verdicts.get(at);
    if (verdict !== undefined) return verdict;
  }
  return DENIED;
}

/** Places with one verdict, and of what is lost one of what remains. */
type Group = { readonly verdict: string; readonly rest: string; readonly places: string[] };
type Groups = Map<string, Group>;

function add(to: Groups, group: Group): void {
  const name = JSON.stringify([group.verdict, group.rest]);
  const known = to.get(name);
  if (known === undefined) to.set(name, group);
  else known.places.push(...group.places);
}

/** The highest places at or below which all targets are among those found. */
function topsOf(places: readonly string[], all: ReadonlyMap<string, number>): readonly string[] {
  const found = countsOf(places);
  const tops = new Set<string>();
  for (const place of places) {
    let top = place;
    for (let at = placeAbove(place); at !== undefined && found.get(at) === all.get(at); at = placeAbove(at)) top = at;
    tops.add(top);
  }
  return [...tops];
}

function partsOf({ conditions }: Known, { verdict, rest }: Group, tops: readonly string[]): readonly Part[] {
  const [when, unless] = [conditions.get(verdict), conditions.get(rest)];
  return tops.map((within) => ({ within, ...(when === undefined ? {} : { when }), ...(unless === undefined ? {} : { unless }) }));
}

function byPlace(a: Part, b: Part): number {
  return compareUtf8(a.within, b.within) || compareUtf8(JSON.stringify([a.when, a.unless]), JSON.stringify([b.when, b.unless]));
}
