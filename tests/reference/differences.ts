/**
 * What principals may do by one snapshot and not by another, by its definition: everybody is asked about every place, action and
 * operation on both sides, and what differs is told. Nothing is narrowed; places, rows and targets are read from the records.
 *
 * Words: a *verdict* is an answer to a call: `+`, the conditions that it hangs on as a text, or nothing.
 */
import {
  type Difference,
  decide,
  type JsonObject,
  list,
  type Nouns,
  type OperationPossibility,
  type PlacePossibility,
  type Plan,
  type Subject,
} from "@reeve/core";
import { offices } from "./offices.ts";
import { inBytes } from "./organizations.ts";
import { formatPath, parsePath, typeAt } from "./paths.ts";
import { of, type Records, registered } from "./snapshot.ts";

type Side = { readonly plan: Plan; readonly records: Records };
type Moment = { readonly now: number; readonly context?: JsonObject };
type Principal = Difference["principal"];
const FRESH = "~any~";

/** Every difference, and how to see it the other way round. */
export function naiveDifferences(
  before: Side,
  after: Side,
  moment: Moment,
): { readonly forth: readonly Difference[]; readonly back: readonly Difference[] } {
  const sides = [before, after];
  const places = [...new Set(sides.flatMap(({ records }) => placesOf(records)))];
  const actions = [...new Set(sides.flatMap(({ records }) => actionsOf(records)))];
  const targets = new Set(sides.flatMap(({ records }) => namedBy(records)));
  const principals = new Map(sides.flatMap(({ records }) => principalsOf(records)).map((one) => [JSON.stringify(one), one]));
  const told = sides.map((side) => tell(side, { principals: [...principals.values()], places, actions, targets, moment }));
  const [was, is] = told as [Told, Told];
  const sorted = [...principals.values()].sort((a, b) => inBytes(a.id, b.id) || inBytes(a.type, b.type));
  const compare = (from: Told, to: Told): Difference[] =>
    sorted.flatMap((principal) => {
      const name = JSON.stringify(principal);
      const gains = [...missingIn(from.places.get(name), to.places.get(name)), ...calls(from, to, name).gains];
      const loses = [...missingIn(to.places.get(name), from.places.get(name)), ...calls(from, to, name).loses];
      return gains.length + loses.length === 0 ? [] : [{ principal, gains, loses }];
    });
  return { forth: compare(was, is), back: compare(is, was) };
}

const principalsOf = (records: Records): readonly Principal[] => [
  ...of(records, "principal").map(({ type, id }) => ({ type, id })),
  { type: "group", id: "members" },
  { type: "group", id: "admins" },
];

/** Registered resources and the collections that may lie directly below them. */
function placesOf(records: Records): readonly string[] {
  const products = of(records, "product");
  const types = products.flatMap((product) => Object.entries(product.types).map(([name, { parents }]) => ({ product, name, parents })));
  const roots = types.filter(({ name, parents }) => name !== "organization" && parents === undefined).map(({ name }) => `/${name}`);
  const below = registered(records).flatMap(({ parts, type, path }) => {
    const product = typeAt({ products }, parts)?.product;
    const collections = types.filter((one) => one.product === product && one.parents?.includes(type) === true);
    return [path, ...collections.map(({ name }) => formatPath([...parts, name]))];
  });
  return ["/", ...roots, ...below];
}
const actionsOf = (records: Records): readonly string[] =>
  of(records, "product").flatMap(({ types }) => Object.values(types).flatMap(({ actions }) => Object.keys(actions)));

/** Everything that records name, and what lies above it. */
function namedBy(records: Records): readonly string[] {
  const sandboxes = (names: readonly string[]): string[] => names.map((name) => formatPath(["sandboxes", name]));
  const scopes = of(records, "role").flatMap(({ product, sets }) => {
    const isScoped = of(records, "product").some(({ id, boundedBy }) => id === product && boundedBy === "scopes");
    const held = sets.filter(({ set }) => of(records, "permission-set").some((one) => one.id === set && one.product === product));
    return isScoped ? held.flatMap(({ scope = [] }) => (scope.includes("/") ? [] : scope)) : [];
  });
  const paths = [
    ...of(records, "resource").map(({ path }) => path),
    ...[...of(records, "grant"), ...offices(records)].map(({ resource }) => resource),
    ...of(records, "link").flatMap(({ from, to }) => [from, to]),
    ...scopes,
    ...of(records, "role").flatMap(({ sandboxes: names = [] }) => sandboxes(names)),
    ...of(records, "policy").flatMap(({ sandboxes: names }) => (names === "all" ? [] : sandboxes(names))),
  ];
  return ["/", ...paths.flatMap((path) => (path === "/" ? [] : above(path)))];
}
/** A path and the paths above it. */
function above(path: string): string[] {
  const segments = path.split("/");
  const paths: string[] = [];
  for (let i = 3; i <= segments.length; i += 2) paths.push(segments.slice(0, i).join("/"));
  return paths;
}

type Asked = {
  readonly principals: readonly Principal[];
  readonly places: readonly string[];
  readonly actions: readonly string[];
  readonly targets: ReadonlySet<string>;
  readonly moment: Moment;
};
/** By principal: what it may do where, and by operation and target how it is answered. `spots`: the targets of each operation. */
type Told = {
  readonly places: ReadonlyMap<string, readonly PlacePossibility[]>;
  readonly verdicts: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly spots: ReadonlyMap<string, readonly string[]>;
};

function tell({ plan, records }: Side, asked: Asked): Told {
  const { now, ...sent } = asked.moment;
  const places = new Map<string, PlacePossibility[]>();
  for (const principal of asked.principals) {
    const found: PlacePossibility[] = [];
    for (const resource of asked.places) {
      for (const action of asked.actions) {
        if (decide(plan, { principal, action: { name: action }, resource: { path: resource }, ...sent }, now).allow)
          found.push({ resource, action });
      }
    }
    places.set(JSON.stringify(principal), found);
  }
  const spots = new Map<string, string[]>();
  const verdicts = new Map<string, Map<string, string>>();
  for (const row of of(records, "operation")) {
    const name = JSON.stringify([row.product, `${row.method} ${row.path}`]);
    for (const { place, target } of targetsOf(row, records, asked.targets)) {
      spots.set(name, [...(spots.get(name) ?? []), place]);
      if (target === undefined) continue;
      for (const [principal, verdict] of verdictsOf({ plan, row, target }, asked.moment)) {
        const known = verdicts.get(principal) ?? new Map<string, string>();
        verdicts.set(principal, known.set(JSON.stringify([name, place]), verdict));
      }
    }
  }
  return { places, verdicts, spots };
}

type Row = Nouns["operation"];
/** The places that fit a row's target, and fresh ones below those that fit its beginning, with the path of a call; none where no call has it. */
function targetsOf(row: Row, records: Records, named: ReadonlySet<string>): readonly { place: string; target: string | undefined }[] {
  if (row.target === "/") return [{ place: "/", target: pathOf(row, records, []) }];
  const template = row.target.slice(1).split("/");
  return [...named].flatMap((path) => {
    const parts = path === "/" ? [] : (parsePath(path) ?? []);
    const fits = parts.every((part, i) => part === template[i] || (i % 2 === 1 && /^\{.*\}$/.test(template[i] ?? "")));
    if (!fits || parts.length > template.length) return [];
    const place = parts.length === template.length ? path : formatPath([...parts.map(String), template[parts.length] ?? ""]);
    return [{ place, target: pathOf(row, records, parts.map(String)) }];
  });
}
function pathOf(row: Row, records: Records, parts: readonly string[]): string | undefined {
  const values = new Map<string, string>();
  for (const [i, piece] of row.target.slice(1).split("/").entries()) {
    const name = /^\{(.*)\}$/.exec(piece)?.[1];
    if (i % 2 === 0 || name === undefined) continue;
    const value = parts[i] ?? FRESH;
    if ((values.get(name) ?? value) !== value) return undefined;
    values.set(name, value);
  }
  const tenant =
    of(records, "organization")
      .flatMap(({ tenantIds }) => tenantIds)
      .sort(inBytes)[0] ?? "";
  const value = (name: string): string => values.get(name) ?? (name === row.organizationParameter ? tenant : FRESH);
  return row.path.replace(/\{([^}]*)\}/g, (_, name: string) => encodeURIComponent(value(name)));
}

function* verdictsOf(asked: { plan: Plan; row: Row; target: string }, { now, ...sent }: Moment): Iterable<readonly [string, string]> {
  const { plan, row, target } = asked;
  const { product, method, also = [] } = row;
  const operation = { product, method, target, targets: Object.fromEntries(also.map(({ name }) => [name, null])), ...sent };
  for (const type of ["user", "group", "service-account"] as const) {
    const { entries } = list(plan, { list: "principals", type, ask: { operation }, max: 1000 }, now);
    for (const { id, when } of entries)
      yield [JSON.stringify({ type, id } satisfies Subject), when === undefined ? "+" : JSON.stringify(when)];
  }
}

function missingIn(those: readonly PlacePossibility[] = [], others: readonly PlacePossibility[] = []): readonly PlacePossibility[] {
  const known = new Set(those.map((one) => JSON.stringify(one)));
  const found = others.filter((one) => !known.has(JSON.stringify(one)));
  return found.sort((a, b) => inBytes(a.resource, b.resource) || inBytes(a.action, b.action));
}

type Found = { readonly gains: readonly OperationPossibility[]; readonly loses: readonly OperationPossibility[] };
function calls(from: Told, to: Told, principal: string): Found {
  const found: { gains: OperationPossibility[]; loses: OperationPossibility[] } = { gains: [], loses: [] };
  for (const row of new Set([...from.spots.keys(), ...to.spots.keys()])) {
    const [product, operation] = JSON.parse(row) as [string, string];
    const spots = [...new Set([...(from.spots.get(row) ?? []), ...(to.spots.get(row) ?? [])])];
    const at = (told: Told, place: string): string => told.verdicts.get(principal)?.get(JSON.stringify([row, place])) ?? "";
    const groups = { gains: new Map<string, string[]>(), loses: new Map<string, string[]>() };
    const note = (side: "gains" | "loses", key: object, place: string): void => {
      groups[side].set(JSON.stringify(key), [...(groups[side].get(JSON.stringify(key)) ?? []), place]);
    };
    for (const place of spots) {
      const [was, is] = [at(from, place), at(to, place)];
      const conditions = (verdict: string) => JSON.parse(verdict) as unknown;
      if (is !== "" && was !== "+" && was !== is) note("gains", is === "+" ? {} : { when: conditions(is) }, place);
      if (was === "+" && is !== "+") note("loses", is === "" ? {} : { unless: conditions(is) }, place);
      else if (was !== "" && was !== is && is !== "+") note("loses", { when: conditions(was) }, place);
    }
    for (const side of ["gains", "loses"] as const) {
      for (const [key, places] of groups[side]) {
        for (const within of tops(places, spots)) found[side].push({ product, operation, within, ...(JSON.parse(key) as object) });
      }
    }
  }
  const name = ({ when, unless }: OperationPossibility): string => JSON.stringify([when, unless]);
  const order = (a: OperationPossibility, b: OperationPossibility): number =>
    inBytes(a.product, b.product) || inBytes(a.operation, b.operation) || inBytes(a.within, b.within) || inBytes(name(a), name(b));
  return { gains: found.gains.sort(order), loses: found.loses.sort(order) };
}

/** The highest places of which every target at or below is among those found. A collection stands for fresh ids: nothing lies below it. */
function tops(found: readonly string[], all: readonly string[]): readonly string[] {
  const up = (place: string): string | undefined => {
    if (place === "/") return undefined;
    const segments = place.split("/");
    const shorter = segments.slice(0, segments.length % 2 === 0 ? -1 : -2).join("/");
    return shorter === "" ? "/" : shorter;
  };
  const lies = (place: string | undefined, top: string): boolean => place !== undefined && (place === top || lies(up(place), top));
  const isWhole = (top: string): boolean => all.every((place) => !lies(place, top) || found.includes(place));
  const highest = found.map((place) => {
    let top = place;
    for (let next = up(place); next !== undefined && isWhole(next); next = up(next)) top = next;
    return top;
  });
  return [...new Set(highest)];
}
