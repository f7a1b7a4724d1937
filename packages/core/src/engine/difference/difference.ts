/**
 * Differences: what principals may do by one plan and not by another, whose organization is the same.
 *
 * Both sides are asked by the engine's own checks, principal by principal in byte order, about all that the records that differ
 * can touch (`touched.ts`). Sides take turns chunk by chunk, for each turn costs what the changes between the plans cost.
 * Invariant: what is told is what asking every principal about every place, action and operation on both sides would tell.
 */
import { type Condition, compareUtf8, type JsonObject } from "../../model/index.ts";
import type { Plan } from "../plan.ts";
import { changesOf, type Known } from "./changes.ts";
import { countsOf, partsOfRow, placeAbove, type Spots } from "./rows.ts";
import { ALLOWED, type Allowed, type Answers, type Asks, DENIED, type Principal, Side, type Verdicts } from "./side.ts";

/** An action at a resource or a collection. */
export type PlacePossibility = { readonly resource: string; readonly action: string };
/**
 * An operation, `METHOD template`. `within`: it is so for every target at or below this place; a collection stands for what no
 * record names: from there on the ids are fresh. `when`: only where one of these conditions over attributes is true. `unless`, of
 * what is lost: where one of these is true it is still allowed.
 */
export type OperationPossibility = {
  readonly product: string;
  readonly operation: string;
  readonly within: string;
  readonly when?: readonly Condition[];
  readonly unless?: readonly Condition[];
};
export type Possibility = PlacePossibility | OperationPossibility;
/** What a principal may do after and not before, and the other way round; at least one of both. Places first, then operations, in byte order. */
export type Difference = { readonly principal: Principal; readonly gains: readonly Possibility[]; readonly loses: readonly Possibility[] };
/** One organization, before some changes and after them. */
export type Plans = { readonly before: Plan; readonly after: Plan };
export type DifferencesAsked = {
  /** Only behind this principal. */
  readonly after?: string;
  /** Only this principal. */
  readonly principal?: string;
  readonly context?: JsonObject;
};
export type DifferenceQuery = DifferencesAsked & {
  /** Principals a page; at least 1. */
  readonly max: number;
};
/** `next`: more may follow behind this principal. */
export type DifferencePage = { readonly entries: readonly Difference[]; readonly next?: string };

/** A turn of a side ends with so many principals, or answers. */
const CHUNK_PRINCIPALS = 512;
const CHUNK_ANSWERS = 200_000;

/**
 * Every difference at `now`, by principal. Yields `undefined` where nothing was found yet, after each principal that was asked: whoever
 * goes through it may stop there for as long as it likes, and other plans may be asked or made meanwhile. Principals are active users, service accounts and
 * groups, the system groups among them; places are the resources that are registered on either side, with their collections, as
 * `effective` enumerates them; operations are the rows of all products, without attributes, each further target named none. Targets of operations are the places that the
 * records of either side name, registered or not, and fresh ones below each. What the document of a version adds below its base path is not told. Source: model §5, simulate.
 */
export function* differences(plans: Plans, asked: DifferencesAsked, now: number): Generator<Difference | undefined, void> {
  const known = changesOf(plans);
  if (known === undefined) return;
  const moment = { now, context: asked.context };
  const sides = {
    before: new Side(plans.before, moment, { ...known, strangers: known.strangers.before }),
    after: new Side(plans.after, moment, { ...known, strangers: known.strangers.after }),
  };
  const principals = known.principals.filter(
    ({ id }) => (asked.principal ?? id) === id && (asked.after === undefined || compareUtf8(id, asked.after) > 0),
  );
  for (let i = 0; i < principals.length; ) {
    const chunk: { readonly principal: Principal; readonly asks: Asks; readonly before: Answers }[] = [];
    for (let answers = 0; i < principals.length && chunk.length < CHUNK_PRINCIPALS && answers < CHUNK_ANSWERS; i++) {
      const principal = principals[i] as Principal;
      const asks = known.asksOf(principal.id);
      const before = sides.before.ask(principal, asks);
      chunk.push({ principal, asks, before });
      answers += before.size;
      yield undefined;
    }
    for (const { principal, asks, before } of chunk) yield compared(known, { principal, before, after: sides.after.ask(principal, asks) });
  }
}

/** One page of differences at `now`. Where an id names principals of two types, both stand on one page. See `differences`. */
export function difference(plans: Plans, query: DifferenceQuery, now: number): DifferencePage {
  const { max, ...asked } = query;
  const entries: Difference[] = [];
  let last: string | undefined;
  let count = 0;
  for (const entry of differences(plans, asked, now)) {
    if (entry === undefined) continue;
    if (entry.principal.id !== last) {
      if (count === max) return { entries, next: last as string };
      count++;
      last = entry.principal.id;
    }
    entries.push(entry);
  }
  return { entries };
}

type Two<T> = { readonly before: T; readonly after: T };

function compared(known: Known, { principal, before, after }: Two<Answers> & { readonly principal: Principal }): Difference | undefined {
  const gains: Possibility[] = onlyIn(after.places, before.places);
  const loses: Possibility[] = onlyIn(before.places, after.places);
  const rows = [...new Set([...before.rows.keys(), ...after.rows.keys()])].map((row) => ({ row, ...partsOfRow(row) }));
  rows.sort((a, b) => compareUtf8(a.product, b.product) || compareUtf8(a.operation, b.operation));
  for (const { row, product, operation } of rows) {
    const found = comparedRow(known, row, { before: before.rows.get(row), after: after.rows.get(row) });
    for (const one of found.gains) gains.push({ product, operation, ...one });
    for (const one of found.loses) loses.push({ product, operation, ...one });
  }
  return gains.length + loses.length === 0 ? undefined : { principal, gains, loses };
}

function onlyIn(those: Allowed, others: Allowed): PlacePossibility[] {
  const found: PlacePossibility[] = [];
  for (const [resource, actions] of those) {
    const other = others.get(resource);
    for (const action of actions) if (other?.has(action) !== true) found.push({ resource, action });
  }
  return found.sort((a, b) => compareUtf8(a.resource, b.resource) || compareUtf8(a.action, b.action));
}

type Part = Pick<OperationPossibility, "within" | "when" | "unless">;

function comparedRow(
  known: Known,
  row: string,
  { before, after }: Two<Verdicts | undefined>,
): { gains: readonly Part[]; loses: readonly Part[] } {
  const templates = { before: known.templates.before.get(row), after: known.templates.after.get(row) };
  const isSame = templates.before === templates.after && before !== undefined && after !== undefined && areEqual(before, after);
  if (isSame) return NONE;
  const spots = {
    before: templates.before === undefined ? undefined : known.spots(templates.before),
    after: templates.after === undefined ? undefined : known.spots(templates.after),
  };
  const gains: Groups = new Map();
  const loses: Groups = new Map();
  for (const place of placesOf(spots)) {
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
