/**
 * Random plain requests about a random organization. Most are near hits: drawn from what the organization holds, so that
 * something is to be found; then some are bent: another principal, type, action, parent, form, property or time.
 *
 * Words: a *question* is a plain request or an operation request, and the time at which it is asked.
 */
import type { JsonObject, Nouns, OperationRequest, Request, ResourceRef } from "@reeve/core";
import { offices } from "./offices.ts";
import { formatPath, isWithin, patternMatches } from "./paths.ts";
import type { Random } from "./random.ts";
import { LABELS, NOW } from "./random-conditions.ts";
import { GROUPS, type Spot, USERS, type World } from "./random-organization.ts";

export type Question = { readonly now: number } & (
  | { readonly request: Request; readonly operation?: undefined }
  | { readonly operation: OperationRequest; readonly request?: undefined }
);
type Aim = { readonly holder: string; readonly spot: Spot | undefined; readonly action: string };
/** A world whose records are sorted by kind once. */
export type Target = World & {
  readonly of: <K extends keyof Nouns>(kind: K) => readonly Nouns[K][];
};

export function targetOf(world: World): Target {
  const byKind = new Map<string, unknown[]>();
  for (const { kind, value } of world.records) byKind.set(kind, [...(byKind.get(kind) ?? []), value]);
  return { ...world, of: (kind) => (byKind.get(kind) ?? []) as never };
}

export const optionally = <T extends object>(present: boolean, part: () => T): Partial<T> => (present ? part() : {});
const HOSTILE_NAMES = ["constructor", "toString", "__proto__", "hasOwnProperty", "", "view ", "VIEW", "*"];

/** Somebody who has what `holder` has: itself, or a member if it is a group. */
export function somebody(random: Random, target: Target, holder: string): string {
  if (!GROUPS.includes(holder) && holder !== "members" && holder !== "admins") return holder;
  if (random.chance(0.12)) return holder;
  if (holder === "members") return random.pick(USERS);
  const members = target.of("membership").filter(({ group }) => group === holder);
  return members.length === 0 ? holder : somebody(random, target, random.pick(members).member);
}

export function subject(random: Random, target: Target, id: string): Request["principal"] {
  const type =
    id === "members" || id === "admins" ? "group" : (target.of("principal").find((principal) => principal.id === id)?.type ?? "user");
  const properties = random.pick<JsonObject>([{}, { dept: "a" }, { level: 2, dept: null }, JSON.parse('{"__proto__":{"dept":"a"}}')]);
  return { type, id, ...optionally(random.chance(0.3), () => ({ properties })) };
}

export function strangeSubject(random: Random): Request["principal"] {
  return random.pick([
    { type: "user", id: "nobody" },
    { type: "user", id: "g1" },
    { type: "group", id: "u1" },
    { type: "group", id: "nobody" },
    { type: "user", id: "members" },
    { type: "role", id: "u1" },
    { type: "user", id: "toString" },
    { type: "user", id: "" },
    { type: "__proto__", id: "__proto__" },
  ]);
}

export const at = (random: Random): number =>
  NOW +
  random.weighted([
    [8, 0],
    [1, -1],
    [1, 1],
    [1, -1000],
    [1, 1000],
    [0.5, -1001],
    [0.5, 999],
  ]);

/** Grants and ownerships, then roles, then anything: what the request is aimed at. */
function aim(random: Random, target: Target): Aim {
  const anything = (): Aim => {
    const spot = target.spots.length === 0 || random.chance(0.08) ? undefined : random.pick(target.spots);
    return { holder: random.pick([...USERS, ...GROUPS, "sa1", "sa2"]), spot, action: anAction(random, target, spot) };
  };
  const byGrant = (): Aim | undefined => {
    const grants = [...target.of("grant"), ...offices(target.records)];
    const owned = target.of("resource").filter(({ owner }) => owner !== undefined);
    if (grants.length + owned.length === 0) return undefined;
    const index = random.below(grants.length + owned.length);
    const grant = grants[index];
    const resource = owned[index - grants.length];
    const path = grant?.resource ?? resource?.path;
    const top = target.spots.find((spot) => spot.path === path);
    const reached = target.spots.filter(({ parts }) => isWithin(parts, top?.parts ?? []));
    const spot = random.chance(0.6) || reached.length === 0 ? top : random.pick(reached);
    const holder = grant?.principal ?? resource?.owner ?? "u1";
    return { holder, spot, action: anAction(random, target, spot) };
  };
  const byRole = (): Aim | undefined => {
    const assignments = target.of("assignment");
    if (assignments.length === 0) return undefined;
    const { role: id, principal } = random.pick(assignments);
    const role = target.of("role").find((each) => each.id === id);
    const sets = target.of("permission-set").filter((set) => role?.sets.some((held) => held.set === set.id) && set.pairs.length > 0);
    if (role === undefined || sets.length === 0) return undefined;
    const { type, actions } = random.pick(random.pick(sets).pairs);
    const spots = target.spots.filter((spot) => spot.type === type && spot.product.id === role.product);
    const covered = spots.filter(
      ({ parts, path }) =>
        role.sandboxes?.includes(parts[1] ?? "") === true || role.sets.some(({ scope }) => scope?.some((item) => path.startsWith(item))),
    );
    const near = covered.length > 0 && random.chance(0.7) ? covered : spots;
    if (type !== "organization" && near.length === 0) return undefined;
    return { holder: principal, spot: type === "organization" ? undefined : random.pick(near), action: random.pick(actions) };
  };
  const byPermit = (): Aim | undefined => {
    const rules = target
      .of("policy")
      .flatMap(({ rules: all, status }) => (status === "active" ? all.filter(({ effect }) => effect === "permit") : []));
    const { resource, actions } = rules.length > 0 ? random.pick(rules) : { resource: "", actions: [] };
    const spots = target.spots.filter(({ parts }) => patternMatches(resource, parts));
    if (spots.length === 0) return undefined;
    const spot = random.pick(spots);
    const declared = actions.filter((action) => Object.hasOwn(spot.product.types[spot.type]?.actions ?? {}, action));
    if (declared.length === 0) return undefined;
    const holders = [...target.of("assignment").map(({ principal }) => principal), ...USERS];
    return { holder: random.pick(holders), spot, action: random.pick(declared) };
  };
  const byAdmin = (): Aim | undefined => {
    const spots = target.spots.filter(({ product }) => product.adminMayAll === true);
    const spot = spots.length === 0 ? undefined : random.pick(spots);
    return { holder: "admins", spot, action: anAction(random, target, spot) };
  };
  const byLink = (): Aim | undefined => {
    const named = target.of("link").flatMap(({ from, to }) => [from, to]);
    const linked = target.spots.filter(({ path }) => named.some((end) => path === end || path.startsWith(`${end}/`)));
    const spot = linked.length === 0 ? undefined : random.pick(linked);
    return spot && { ...anything(), spot, action: anAction(random, target, spot) };
  };
  return (
    random.weighted<() => Aim | undefined>([
      [1.5, byLink],
      [4, byGrant],
      [2.5, byRole],
      [6, byPermit],
      [1.2, byAdmin],
      [2, anything],
    ])() ?? anything()
  );
}

function anAction(random: Random, target: Target, spot: Spot | undefined): string {
  const actions =
    spot === undefined
      ? target.kits.flatMap(({ product }) => Object.keys(product.types["organization"]?.actions ?? {}))
      : Object.keys(spot.product.types[spot.type]?.actions ?? {});
  return actions.length === 0 ? "view" : random.pick(actions);
}

/** The spot as a path, as a type and id, or what may lie directly below it as a collection or a child. */
function reference(random: Random, spot: Spot | undefined): { ref: ResourceRef; spot: Spot | undefined; type?: string } {
  if (spot === undefined) {
    const form = random.weighted<ResourceRef>([
      [6, { path: "/" }],
      [2, { type: "organization", id: "/" }],
      [1, { type: "organization", id: "x" }],
      [1, { path: "/organization/x" }],
    ]);
    return { ref: form, spot };
  }
  const { path, parts, type, product } = spot;
  const id = parts.at(-1) ?? "";
  const isRoot = parts.length === 2;
  const inSandbox = parts[0] === "sandboxes" && parts.length === 4 && random.chance(0.6) ? { properties: { sandbox: parts[1] ?? "" } } : {};
  const below = Object.entries(product.types).flatMap(([name, { parents }]) => (parents?.includes(type) === true ? [name] : []));
  return random.weighted<() => ReturnType<typeof reference>>([
    [14, () => ({ ref: { path }, spot })],
    [
      3,
      () => ({
        ref: isRoot ? { type, id } : Object.hasOwn(inSandbox, "properties") ? { type, id, ...inSandbox } : { type, id: path },
        spot,
      }),
    ],
    [
      below.length === 0 ? 0 : 2,
      () => {
        const name = random.pick(below);
        return { ref: { path: `${path}/${name}` }, spot, type: name };
      },
    ],
    [
      below.length === 0 ? 0 : 2,
      () => {
        const name = random.pick(below);
        return { ref: { path, child: name }, spot, type: name };
      },
    ],
    [1, () => ({ ref: { path: formatPath(parts.slice(0, -1)) }, spot })],
    [0.5, () => ({ ref: { path: formatPath(parts.slice(0, -2)), child: type }, spot })],
  ])();
}

const HOSTILE_PATHS = [
  "",
  "//",
  "/programs",
  "/programs/",
  "programs/4",
  "/programs//",
  "/programs/*",
  "/programs/a%2fb",
  "/programs/%41",
  "/nowhere/1",
  "/organization/x",
  "/constructor/1",
  "/__proto__/1",
  "/programs/4/spaces/1",
  "/spaces/1/environments/2",
  "/*/1",
  "/programs/\u0000",
  "/programs/\ud800",
  "/sandboxes/%2A",
  `/programs/${"x".repeat(129)}`,
  `/programs/${"😀".repeat(128)}`,
  `/reports/1${"/fields/1".repeat(17)}`,
  "/programs/100%2525",
];

/** The reference bent into something that is not there, lies elsewhere or is no path at all. */
function bend(random: Random, ref: ResourceRef, near: { spot: Spot | undefined; spots: readonly Spot[] }): ResourceRef {
  const { spot, spots } = near;
  const parts = spot?.parts ?? [];
  const fresh = random.pick(["new", "9", "a/b", "prod ", "é"]);
  const elsewhere = parts.map((part, i) => (i === 1 ? fresh : part));
  return random.weighted<() => ResourceRef>([
    [3, () => ({ path: random.pick(HOSTILE_PATHS) })],
    [1, () => ({ path: "/", child: random.pick(["sandboxes", "programs", "spaces", "organization", "constructor", "fields"]) })],
    [
      1,
      () => ({
        type: random.pick(["nowhere", "constructor", "fields", "sandboxes", "reports", "versions"]),
        id: random.pick(["1", "/", "/reports/1", "prod", "*"]),
      }),
    ],
    [4, () => ({ path: formatPath([...parts.slice(0, -1), fresh]) })],
    [3, () => ({ path: formatPath(elsewhere) })],
    // A collection, and a child, of what is not there.
    [1, () => ({ path: formatPath(elsewhere.slice(0, -1)) })],
    [1, () => ({ path: formatPath(elsewhere.slice(0, -2)), child: elsewhere.at(-2) ?? "fields" })],
    // The last pair, or all below the first, under another parent: ids that are unique lie elsewhere now.
    [18, () => transplant(random, spot, spots) ?? ref],
    [1, () => ({ path: "/programs/4", child: "nowhere" })],
    [1, () => ({ path: `${formatPath(parts)}/nowhere`, child: "fields" })],
  ])();
}

export function transplant(random: Random, spot: Spot | undefined, spots: readonly Spot[]): ResourceRef | undefined {
  const unique = spots.filter(({ product, type, parts }) => product.types[type]?.uniqueIds === true && parts.length > 2);
  const moved = spot !== undefined && unique.includes(spot) ? spot : unique.length > 0 ? random.pick(unique) : undefined;
  if (moved === undefined) return undefined;
  const above = moved.parts.slice(0, -2);
  const others = spots.filter(
    ({ type, product, parts }) => type === above.at(-2) && product === moved.product && formatPath(parts) !== formatPath(above),
  );
  const parent = others.length > 0 ? random.pick(others).parts : [...above.slice(0, -1), "elsewhere"];
  const path = formatPath([...parent, ...moved.parts.slice(-2)]);
  return random.chance(0.2) && moved.type === "pipelines" ? { path, child: "steps" } : { path };
}

export const CONTEXTS: readonly JsonObject[] = [
  { level: 1, ip: "a", now: 5 },
  { level: 2, nested: { a: null, b: { c: 1 } } },
  { level: "x", nested: [1] },
  { ip: null, "nested.a": 1 },
  JSON.parse('{"__proto__":{"level":1},"nested":{"__proto__":{"a":1}}}'),
];

function sentProperties(random: Random): JsonObject {
  const labels = random.weighted<() => JsonObject>([
    [4, () => ({ labels: random.some([...LABELS, "core/unknown"], 0.3) })],
    [1, () => ({ labels: [] })],
    [1, () => ({ labels: random.pick<JsonObject[string]>(["core/C1", null, [1], { a: 1 }]) })],
    [4, () => ({})],
  ])();
  return {
    ...labels,
    ...optionally(random.chance(0.6), () => ({ tier: random.pick(["a", "b", null, 1]) })),
    ...optionally(random.chance(0.2), () => ({ tags: ["a"], nested: { a: 2 } })),
  };
}

export function plainQuestion(random: Random, target: Target): Question {
  const { holder, spot: aimed, action: name } = aim(random, target);
  const bent = random.chance(0.15)
    ? random.weighted([
        [1, 0],
        [1.3, 1],
        [4, 2],
      ])
    : -1;
  const { ref: straight, spot, type } = reference(random, aimed);
  const ref = bent >= 2 ? bend(random, straight, { spot, spots: target.spots }) : straight;
  const action =
    bent === 1
      ? random.pick([...HOSTILE_NAMES, "call", "access"])
      : type !== undefined && spot !== undefined
        ? random.pick(Object.keys(spot.product.types[type]?.actions ?? { view: [] }))
        : name;
  const sent = { ...ref.properties, ...(random.chance(0.3) ? sentProperties(random) : {}) };
  const principal = bent === 0 ? strangeSubject(random) : subject(random, target, somebody(random, target, holder));
  const request: Request = {
    principal,
    action: { name: action, ...optionally(random.chance(0.15), () => ({ properties: { soft: random.chance(0.5) } })) },
    resource: { ...ref, ...optionally(Object.keys(sent).length > 0, () => ({ properties: sent })) } as ResourceRef,
    ...optionally(random.chance(0.5), () => ({ context: random.pick(CONTEXTS) })),
  };
  return { request, now: at(random) };
}
