/**
 * Changes: which records differ between two plans, and what follows for all that is asked: whom, where, and about which operations.
 *
 * They are read from the plans, which know the way from one to the other: whoever compares them cannot tell too few. Plans that share
 * no state, or between which a product differs, are compared in everything.
 * Invariant: whatever may be answered otherwise after than before is asked, and the same on both sides.
 */
import { compareUtf8, objectName, type PrincipalType } from "../../model/index.ts";
import type { Named, Plan } from "../plan.ts";
import { grantOfOffice } from "../state/offices.ts";
import type { State } from "../state/state.ts";
import { type Asks, isBelow, type Principal, type Shared } from "./answers.ts";
import { NamedPlaces } from "./named-places.ts";
import { Places } from "./places.ts";
import { isRow, rowName, type Spots, spotsOf, templateName } from "./rows.ts";
import { type Altered, type Area, EVERYTHING, type Touch, touchesOf } from "./touched.ts";
import { sorted, type Turns } from "./turns.ts";

type Plans = { readonly before: Plan; readonly after: Plan };
type Two<T> = { readonly before: T; readonly after: T };

export type Known = Shared & {
  /** Whom something may touch, in byte order of ids, then of types. */
  readonly principals: readonly Principal[];
  /** Places that are registered on the other side only. */
  readonly strangers: Two<readonly string[]>;
  readonly asksOf: (principal: string) => Asks;
  /** Row → the name of its target there. */
  readonly templates: Two<ReadonlyMap<string, string>>;
};

/** What differs between two plans; `undefined`: nothing. */
export function* changesOf(plans: Plans): Turns<Known | undefined> {
  const named = plans.before.changedTo(plans.after);
  const names = named === undefined ? undefined : new Map(named.map((one) => [objectName(one), one]));
  const isWhole = names === undefined || [...names.values()].some(({ kind }) => kind === "product");
  const paths = names === undefined ? [] : [...names.values()].flatMap(pathsOf);
  const recorded = {
    before: recordOf(plans.before.state(), { names, paths, isWhole }),
    after: recordOf(plans.after.state(), { names, paths, isWhole }),
  };
  const strangers = {
    before: [...recorded.after.registered].filter((path) => !recorded.before.registered.has(path)),
    after: [...recorded.before.registered].filter((path) => !recorded.after.registered.has(path)),
  };
  const lost = new Set([...strangers.before, ...strangers.after]);
  const altered: Altered[] = [];
  for (const [name, one] of names ?? []) {
    const [old, next] = [recorded.before.values.get(name), recorded.after.values.get(name)];
    const registers = pathsOf(one).filter((path) => lost.has(path));
    if (registers.length > 0 || JSON.stringify(decisive(one, old)) !== JSON.stringify(decisive(one, next)))
      altered.push({ ...one, old, next, registers });
  }
  if (names !== undefined && altered.length === 0) return undefined;
  const touches = isWhole ? [EVERYTHING] : [];
  if (!isWhole) for (const plan of [plans.before, plans.after]) for (const one of altered) touches.push(...touchesOf(plan.state(), one));
  return yield* knownOf(plans, touches, strangers);
}

/** Records that name places, which they may register. */
function pathsOf({ kind, key }: Named): readonly string[] {
  const office = grantOfOffice({ kind, key });
  if (office !== undefined) return [office.resource];
  if (kind === "resource") return [key[0] as string];
  if (kind === "grant") return [key[1] as string];
  return kind === "link" ? [key[0] as string, key[2] as string] : [];
}

/** A record without what no decision reads. */
function decisive({ kind }: Named, value: unknown): unknown {
  if (value === undefined || kind === "label") return undefined;
  const { name: _, ...rest } = value as { readonly name?: string };
  return kind === "setting" ? value : rest;
}

type Asked = { readonly names: ReadonlyMap<string, Named> | undefined; readonly paths: readonly string[]; readonly isWhole: boolean };

/** What one side says of the records that differ, and which of their places are registered there. */
function recordOf(state: State, { names, paths, isWhole }: Asked) {
  const { tree } = state;
  const values = new Map<string, unknown>();
  for (const [name, { kind, key }] of names ?? []) values.set(name, state.get(kind, key)?.value);
  const nodes = isWhole ? tree.nodes() : paths.map((path) => tree.find(path)).filter((node) => node !== 0);
  const registered = new Set<string>();
  for (const node of nodes) if (tree.registered(node)) registered.add(tree.path(node));
  return { values, registered };
}

function* knownOf(plans: Plans, touches: readonly Touch[], strangers: Two<readonly string[]>): Turns<Known> {
  yield;
  const people = new Map<string, Principal>();
  const templates = { before: new Map<string, string>(), after: new Map<string, string>() };
  const roots = new Set<string>();
  const places = new Places();
  const tops = topsOf(touches);
  const isForAll = touches.some(({ who }) => who === "everybody");
  for (const side of ["before", "after"] as const) {
    const state = plans[side].state();
    for (const one of principalsOf(state, isForAll ? undefined : touches)) people.set(`${one.type} ${one.id}`, one);
    for (const { row, template, root } of allRows(state)) {
      templates[side].set(row, template);
      roots.add(root);
    }
    yield;
    yield* places.add(plans[side].state(), tops);
  }
  const named = new NamedPlaces(roots);
  const asksAboutRows = touches.some(({ rows: asked }) => asked === "every" || asked.size > 0);
  for (const plan of asksAboutRows ? [plans.before, plans.after] : []) yield* named.add(plan.state());
  const kept = new Map<string, Spots>();
  return {
    principals: yield* sorted([...people.values()], (a, b) => compareUtf8(a.id, b.id) || compareUtf8(a.type, b.type)),
    places,
    strangers,
    asksOf: asking(touches, [...new Set([...templates.before.keys(), ...templates.after.keys()])]),
    templates,
    conditions: new Map(),
    spots: (template) => {
      const spots = kept.get(template) ?? spotsOf(named, template);
      kept.set(template, spots);
      return spots;
    },
  };
}

/** The places at and below which something is touched. */
function topsOf(touches: readonly Touch[]): ReadonlySet<string> {
  return new Set(touches.flatMap(({ areas }) => areas.map(({ below }) => below)));
}

function* principalsOf({ people }: State, touches: readonly Touch[] | undefined): Iterable<Principal> {
  const ids = new Set<number>();
  if (touches === undefined) for (let id = 1; id <= people.names.last; id++) ids.add(id);
  else for (const { who } of touches) for (const id of who) ids.add(people.names.find(id));
  for (const id of ids) {
    const type: PrincipalType | undefined = id === 0 ? undefined : people.type(id);
    if (type !== undefined && people.isActive(id)) yield { type, id: people.names.text(id) };
  }
}

function* allRows(state: State): Iterable<{ readonly row: string; readonly template: string; readonly root: string }> {
  for (const operations of state.operations.all()) {
    for (const { id } of operations.records()) {
      const row = operations.get(id);
      if (row !== undefined && isRow(operations, row))
        yield { row: rowName(row), template: templateName(row.target), root: row.target.pairs[0]?.type ?? "" };
    }
  }
}

/** What a principal is asked: all that touches it, each area once. */
function asking(touches: readonly Touch[], every: readonly string[]): (principal: string) => Asks {
  const areas = new Map<string, Area>();
  const shared = (area: Area): Area => {
    const name = JSON.stringify({ ...area, actions: area.actions && [...area.actions].sort() });
    const known = areas.get(name) ?? area;
    areas.set(name, known);
    return known;
  };
  const found = touches.map(({ who, areas: touched, rows }) => ({ who, rows, areas: touched.map(shared) }));
  const forAll = asksOf(
    found.filter(({ who }) => who === "everybody"),
    every,
  );
  // Who is touched by the same is asked the same, by one object: whoever is alike is asked once.
  const kept = new Map<string, Asks>();
  const own = found.map((touch, index) => ({ touch, index })).filter(({ touch }) => touch.who !== "everybody");
  return (principal) => {
    const his = own.filter(({ touch: { who } }) => who !== "everybody" && who.has(principal));
    if (his.length === 0) return forAll;
    const name = his.map(({ index }) => index).join();
    const asks =
      kept.get(name) ?? asksOf([...his.map(({ touch }) => touch), { who: "everybody", ...forAll, rows: new Set(forAll.rows) }], every);
    kept.set(name, asks);
    return asks;
  };
}

function asksOf(touches: readonly Touch[], every: readonly string[]): Asks {
  const areas = [...new Set(touches.flatMap((touch) => touch.areas))];
  const whole = areas.filter((area) => area.product === undefined && area.type === undefined && area.actions === undefined);
  const rows = touches.some((touch) => touch.rows === "every") ? every : [...new Set(touches.flatMap((touch) => [...touch.rows]))];
  // What lies in another one, of which nothing is left out, need not be asked twice.
  const isWithin = (area: Area): boolean => whole.some((one) => one !== area && isBelow(area.below, one.below));
  return { areas: areas.filter((area) => !isWithin(area)), rows };
}
