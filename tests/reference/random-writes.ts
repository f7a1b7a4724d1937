/**
 * Random writes as a client may send them, most of them wrong in some way: names that lead nowhere or to something of another kind,
 * cycles, second parents, deletes of what is named by much and of what is not there. What is malformed in itself is left out.
 *
 * Words: a *write* is a list of changes that are admitted or refused together.
 */
import { type Change, type Json, keyOf, type Nouns, parseRecord, type Rec } from "@reeve/core";
import type { Random } from "./random.ts";
import { difference, step } from "./random-changes.ts";
import { LABELS } from "./random-conditions.ts";
import { GROUPS, USERS, type World } from "./random-organization.ts";
import { rule } from "./random-products.ts";
import { of, type Records } from "./snapshot.ts";

const PEOPLE = [...USERS, ...GROUPS, "sa1", "sa2", "members", "admins", "nobody"];
type Place = readonly (string | number)[];

/** Where in a value the texts are. */
function texts(value: Json, at: Place = []): readonly Place[] {
  if (typeof value === "string") return [at];
  if (typeof value !== "object" || value === null) return [];
  const members = Array.isArray(value) ? value.map((item, i) => [i, item] as const) : Object.entries(value);
  return members.flatMap(([name, item]) => texts(item as Json, [...at, name]));
}
const textAt = (value: Json, at: Place): string =>
  at.reduce<Json>((inner, name) => (inner as { readonly [name: string]: Json })[name] as Json, value) as string;
function replaced(value: Json, [name, ...rest]: Place, by: string): Json {
  if (name === undefined) return by;
  const inner = replaced((value as { readonly [name: string]: Json })[name] as Json, rest, by);
  return Array.isArray(value) ? value.map((item, i) => (i === name ? inner : item)) : { ...(value as object), [name]: inner };
}

/** A record with one of its texts another: one that stands at the same kind of place somewhere, or anywhere at all. */
function bent(random: Random, records: Records): Rec | undefined {
  const record = random.pick(records);
  const value = record.value as Json;
  const places = texts(value);
  if (places.length === 0) return record;
  const place = random.pick(places);
  const likely = records.filter(({ kind }) => kind === record.kind || random.chance(0.2));
  const other = random.pick(likely).value as Json;
  const candidates = texts(other).filter((at) => at.at(-1) === place.at(-1) || random.chance(0.1));
  const by = candidates.length === 0 || random.chance(0.1) ? random.pick(["nothing", ...PEOPLE]) : textAt(other, random.pick(candidates));
  return parsed(record.kind, replaced(value, place, by));
}
function parsed(kind: Rec["kind"], value: unknown): Rec | undefined {
  const result = parseRecord(kind, value);
  return result.ok ? result.value : undefined;
}

function alternatives(random: Random, records: Records): Nouns["operation"]["alternatives"] {
  const products = of(records, "product");
  if (products.length === 0) return [];
  const product = random.pick(products);
  const sets = of(records, "permission-set").filter((set) => random.chance(0.2) || set.product === product.id);
  if (sets.length === 0) return [{ anyRole: true }];
  return rule(random, { product: product.id, sets }).map((one) => (random.chance(0.3) ? { ...one, product: product.id } : one));
}

function path(random: Random, world: World): string {
  const [spot, other] = [random.pick(world.spots), random.pick(world.spots)];
  return random.weighted([
    [5, spot.path],
    [2, `/${spot.parts.slice(0, -1).join("/")}/new`],
    [2, `${other.path}/${spot.type}/${encodeURIComponent(spot.parts.at(-1) ?? "")}`],
    [1, "/nowhere/1"],
  ]);
}

/** A record that is not there yet, or in another form. */
function made(random: Random, world: World, records: Records): Rec | undefined {
  const person = (): string => random.pick(PEOPLE);
  const role = (): string => (of(records, "role").length === 0 || random.chance(0.05) ? "nothing" : random.pick(of(records, "role")).id);
  const product = (): string =>
    of(records, "product").length === 0 || random.chance(0.05) ? "nothing" : random.pick(of(records, "product")).id;
  const choices: readonly (readonly [number, () => readonly [Rec["kind"], unknown]])[] = [
    [3, () => ["membership", { group: person(), member: person() }]],
    [2, () => ["assignment", { role: role(), principal: person() }]],
    [
      3,
      () => [
        "grant",
        { principal: person(), resource: path(random, world), access: "R", reach: random.pick(["self", "subtree", "children"]) },
      ],
    ],
    [3, () => ["link", { from: path(random, world), linkKind: random.pick(["schema", "class"]), to: path(random, world) }]],
    [
      5,
      () => [
        "resource",
        {
          path: path(random, world),
          ...(random.chance(0.5) && { owner: person() }),
          ...(random.chance(0.4) && { labels: random.some([...LABELS, "core/none"], 0.3) }),
          ...(random.chance(0.3) && { basePath: random.pick(["/orders", "/orders/v1", "/api", "/api/program/4"]) }),
          ...(random.chance(0.3) && {
            basePath: `/base-${random.below(20)}`,
            document: [{ method: "GET", path: "/items", alternatives: alternatives(random, records) }],
          }),
        },
      ],
    ],
    [
      2,
      () => ["operation-rule", { product: product(), operation: `row-${random.below(20)}`, alternatives: alternatives(random, records) }],
    ],
    [1, () => ["product-administrator", { product: product(), principal: person() }]],
    [1, () => ["developer-access", { role: role(), principal: person() }]],
    [
      2,
      () => [
        "developer-project",
        { id: `project-${random.below(3)}`, name: "P", product: product(), roles: [role(), role()], serviceAccount: person() },
      ],
    ],
    [
      2,
      () => {
        const at = path(random, world);
        const [below, other] = [`${at}/x/1`, path(random, world)];
        const resources = [{ path: at, owner: person(), ...(random.chance(0.5) && { labels: random.some(LABELS, 0.3) }) }, { path: below }];
        const grants = [{ principal: person(), resource: below, access: "R", reach: "self" }];
        const links = random.chance(0.5) ? [{ from: below, linkKind: "schema", to: other }] : [];
        return ["binned", { id: `bin-${random.below(3)}`, path: at, deletedAt: 1, resources, grants, links }];
      },
    ],
    [1, () => ["setting", { product: product(), name: random.pick(["strict", "labelsFromOneRole", "legacyPermissions"]), value: true }]],
    [1, () => ["principal", { id: person(), type: random.pick(["user", "group"]), active: true }]],
    [1, () => ["label", { id: random.pick([...LABELS, "core/new"]) }]],
  ];
  const [kind, value] = random.weighted(choices)();
  return parsed(kind, value);
}

/** A write of one change, or of some together. */
export function write(random: Random, world: World, records: Records): readonly Change[] {
  const one = (): readonly Change[] =>
    random.weighted<() => readonly Change[]>([
      [2, () => difference(records, step(random, world, records))],
      [3, () => [deletion(random.pick(records))]],
      [1, () => [deletion(random.pick(world.records))]],
      [2, () => [{ put: random.pick(world.records) }]],
      [5, () => putOf(bent(random, records))],
      [6, () => putOf(made(random, world, records))],
    ])();
  return Array.from({ length: random.chance(0.6) ? 1 : 1 + random.below(4) }, one).flat();
}
const putOf = (record: Rec | undefined): readonly Change[] => (record === undefined ? [] : [{ put: record }]);
const deletion = (record: Rec): Change => ({ delete: { kind: record.kind, key: keyOf(record) } });
