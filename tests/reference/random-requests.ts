/**
 * Random questions about a random organization. Most are near hits: drawn from what the organization holds, so that something
 * is to be found; then some are bent: another principal, type, action, parent, form, property, time or spelling.
 *
 * Words: a *question* is a plain request or an operation request, and the time at which it is asked.
 */
import type { JsonObject, Nouns, OperationRequest, Request, ResourceRef } from "@reeve/core";
import { formatPath, isWithin, patternMatches } from "./paths.ts";
import type { Random } from "./random.ts";
import { LABELS, NOW } from "./random-conditions.ts";
import { GROUPS, type Spot, TENANTS, USERS, type World } from "./random-organization.ts";

export type Question = { readonly now: number } & (
  | { readonly request: Request; readonly operation?: undefined }
  | { readonly operation: OperationRequest; readonly request?: undefined }
);
type Aim = { readonly holder: string; readonly spot: Spot | undefined; readonly action: string };
/** A world whose records are sorted by kind once. */
export type Target = World & { readonly of: <K extends Nouns[keyof Nouns] extends never ? never : keyof Nouns>(kind: K) => readonly Nouns[K][] };

export function targetOf(world: World): Target {
  const byKind = new Map<string, unknown[]>();
  for (const { kind, value } of world.records) byKind.set(kind, [...(byKind.get(kind) ?? []), value]);
  return { ...world, of: (kind) => (byKind.get(kind) ?? []) as never };
}

const optionally = <T extends object>(present: boolean, part: () => T): Partial<T> => (present ? part() : {});
const HOSTILE_NAMES = ["constructor", "toString", "__proto__", "hasOwnProperty", "", "view ", "VIEW", "*"];

/** Somebody who has what `holder` has: itself, or a member if it is a group. */
function somebody(random: Random, target: Target, holder: string): string {
  if (!GROUPS.includes(holder) && holder !== "members" && holder !== "admins") return holder;
  if (random.chance(0.12)) return holder;
  if (holder === "members") return random.pick(USERS);
  const members = target.of("membership").filter(({ group }) => group === holder);
  return members.length === 0 ? holder : somebody(random, target, random.pick(members).member);
}

function subject(random: Random, target: Target, id: string): Request["principal"] {
  const type = id === "members" || id === "admins" ? "group" : (target.of("principal").find((principal) => principal.id === id)?.type ?? "user");
  const properties = random.pick<JsonObject>([{}, { dept: "a" }, { level: 2, dept: null }, JSON.parse('{"__proto__":{"dept":"a"}}')]);
  return { type, id, ...optionally(random.chance(0.2), () => ({ properties })) };
}

function strangeSubject(random: Random): Request["principal"] {
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

const at = (random: Random): number => NOW + random.weighted([[8, 0], [1, -1], [1, 1], [1, -1000], [1, 1000], [0.5, -1001], [0.5, 999]]);

/** Grants and ownerships, then roles, then anything: what the request is aimed at. */
function aim(random: Random, target: Target): Aim {
  const anything = (): Aim => {
    const spot = target.spots.length === 0 || random.chance(0.08) ? undefined : random.pick(target.spots);
    return { holder: random.pick([...USERS, ...GROUPS, "sa1", "sa2"]), spot, action: anAction(random, target, spot) };
  };
  const byGrant = (): Aim | undefined => {
    const grants = target.of("grant");
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
    const covered = spots.filter(({ parts, path }) => role.sandboxes?.includes(parts[1] ?? "") === true || role.sets.some(({ scope }) => scope?.some((item) => path.startsWith(item))));
    const near = covered.length > 0 && random.chance(0.7) ? covered : spots;
    if (type !== "organization" && near.length === 0) return undefined;
    return { holder: principal, spot: type === "organization" ? undefined : random.pick(near), action: random.pick(actions) };
  };
  const byPermit = (): Aim | undefined => {
    const rules = target.of("policy").flatMap(({ rules: all, status }) => (status === "active" ? all.filter(({ effect }) => effect === "permit") : []));
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
  return random.weighted<() => Aim | undefined>([[4, byGrant], [2.5, byRole], [6, byPermit], [1.2, byAdmin], [2, anything]])() ?? anything();
}

function anAction(random: Random, target: Target, spot: Spot | undefined): string {
  const actions = spot === undefined ? target.kits.flatMap(({ product }) => Object.keys(product.types["organization"]?.actions ?? {})) : Object.keys(spot.product.types[spot.type]?.actions ?? {});
  return actions.length === 0 ? "view" : random.pick(actions);
}

/** The spot as a path, as a type and id, or what may lie directly below it as a collection or a child. */
function reference(random: Random, spot: Spot | undefined): { ref: ResourceRef; spot: Spot | undefined; type?: string } {
  if (spot === undefined) {
    const form = random.weighted<ResourceRef>([[6, { path: "/" }], [2, { type: "organization", id: "/" }], [1, { type: "organization", id: "x" }], [1, { path: "/organization/x" }]]);
    return { ref: form, spot };
  }
  const { path, parts, type, product } = spot;
  const id = parts.at(-1) ?? "";
  const isRoot = parts.length === 2;
  const inSandbox = parts[0] === "sandboxes" && parts.length === 4 && random.chance(0.6) ? { properties: { sandbox: parts[1] ?? "" } } : {};
  const below = Object.entries(product.types).flatMap(([name, { parents }]) => (parents?.includes(type) === true ? [name] : []));
  return random.weighted<() => ReturnType<typeof reference>>([
    [14, () => ({ ref: { path }, spot })],
    [3, () => ({ ref: isRoot ? { type, id } : Object.hasOwn(inSandbox, "properties") ? { type, id, ...inSandbox } : { type, id: path }, spot })],
    [below.length === 0 ? 0 : 2, () => {
      const name = random.pick(below);
      return { ref: { path: `${path}/${name}` }, spot, type: name };
    }],
    [below.length === 0 ? 0 : 2, () => {
      const name = random.pick(below);
      return { ref: { path, child: name }, spot, type: name };
    }],
    [1, () => ({ ref: { path: formatPath(parts.slice(0, -1)) }, spot })],
    [0.5, () => ({ ref: { path: formatPath(parts.slice(0, -2)), child: type }, spot })],
  ])();
}

const HOSTILE_PATHS = ["", "//", "/programs", "/programs/", "programs/4", "/programs//", "/programs/*", "/programs/a%2fb", "/programs/%41", "/nowhere/1", "/organization/x", "/constructor/1", "/__proto__/1", "/programs/4/spaces/1", "/spaces/1/environments/2", "/*/1", "/programs/\u0000", "/programs/\ud800", "/sandboxes/%2A", `/programs/${"x".repeat(129)}`, `/programs/${"😀".repeat(128)}`, `/reports/1${"/fields/1".repeat(17)}`, "/programs/100%2525"];

/** The reference bent into something that is not there, lies elsewhere or is no path at all. */
function bend(random: Random, ref: ResourceRef, near: { spot: Spot | undefined; spots: readonly Spot[] }): ResourceRef {
  const { spot, spots } = near;
  const parts = spot?.parts ?? [];
  const fresh = random.pick(["new", "9", "a/b", "prod ", "é"]);
  return random.weighted<() => ResourceRef>([
    [3, () => ({ path: random.pick(HOSTILE_PATHS) })],
    [1, () => ({ path: "/", child: random.pick(["sandboxes", "programs", "spaces", "organization", "constructor", "fields"]) })],
    [1, () => ({ type: random.pick(["nowhere", "constructor", "fields", "sandboxes", "reports", "versions"]), id: random.pick(["1", "/", "/reports/1", "prod", "*"]) })],
    [4, () => ({ path: formatPath([...parts.slice(0, -1), fresh]) })],
    [3, () => ({ path: formatPath(parts.map((part, i) => (i === 1 ? fresh : part))) })],
    // The last pair, or all below the first, under another parent: ids that are unique lie elsewhere now.
    [14, () => transplant(random, spot, spots) ?? ref],
    [1, () => ({ path: "/programs/4", child: "nowhere" })],
    [1, () => ({ path: `${formatPath(parts)}/nowhere`, child: "fields" })],
  ])();
}

function transplant(random: Random, spot: Spot | undefined, spots: readonly Spot[]): ResourceRef | undefined {
  const unique = spots.filter(({ product, type, parts }) => product.types[type]?.uniqueIds === true && parts.length > 2);
  const moved = spot !== undefined && unique.includes(spot) ? spot : unique.length > 0 ? random.pick(unique) : undefined;
  if (moved === undefined) return undefined;
  const above = moved.parts.slice(0, -2);
  const others = spots.filter(({ type, product, parts }) => type === above.at(-2) && product === moved.product && formatPath(parts) !== formatPath(above));
  const parent = others.length > 0 ? random.pick(others).parts : [...above.slice(0, -1), "elsewhere"];
  const path = formatPath([...parent, ...moved.parts.slice(-2)]);
  return random.chance(0.2) && moved.type === "pipelines" ? { path, child: "steps" } : { path };
}

const CONTEXTS: readonly JsonObject[] = [{ level: 1, ip: "a", now: 5 }, { level: 2, nested: { a: null, b: { c: 1 } } }, { level: "x", nested: [1] }, { ip: null, "nested.a": 1 }, JSON.parse('{"__proto__":{"level":1},"nested":{"__proto__":{"a":1}}}')];

function sentProperties(random: Random): JsonObject {
  const labels = random.weighted<() => JsonObject>([
    [4, () => ({ labels: random.some([...LABELS, "core/unknown"], 0.3) })],
    [1, () => ({ labels: [] })],
    [1, () => ({ labels: random.pick<JsonObject[string]>(["core/C1", null, [1], { a: 1 }]) })],
    [4, () => ({})],
  ])();
  return { ...labels, ...optionally(random.chance(0.4), () => ({ tier: random.pick(["a", null, 2]) })), ...optionally(random.chance(0.2), () => ({ tags: ["a"], nested: { a: 2 } })) };
}

export function plainQuestion(random: Random, target: Target): Question {
  const { holder, spot: aimed, action: name } = aim(random, target);
  const bent = random.chance(0.15) ? random.weighted([[1, 0], [1.3, 1], [4, 2]]) : -1;
  const { ref: straight, spot, type } = reference(random, aimed);
  const ref = bent >= 2 ? bend(random, straight, { spot, spots: target.spots }) : straight;
  const action = bent === 1 ? random.pick([...HOSTILE_NAMES, "call", "access"]) : type !== undefined && spot !== undefined ? random.pick(Object.keys(spot.product.types[type]?.actions ?? { view: [] })) : name;
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

const HOSTILE_PIECES = ["%2e%2e/", "./", "../x", "%2F", "%2f", "%00", "%0a", "\n", "\u0000", "\\", "%5C", "//", ";a=1", "%zz", "%", "%4", " ", "<", "%ff", "%c0%af", "%ED%A0%80", "é", "%25%34%31", "%2541", "%252e", "%3B", "%20", "%C3%BC", "%EF%BB%BF", "~", "*", "'()"];

/** The request line's target of a path: segments encoded, with a query now and then; or spelt so that it must be refused. */
function spell(random: Random, path: string): string {
  const query = random.weighted([[8, ""], [1, "?a=b%2Fc&d"], [1, "?x=/../%00"], [1, "?"]]);
  if (random.chance(0.93)) return path + query;
  if (random.chance(0.2)) return random.pick(["", "*", "http://host/x", path.slice(1), `${path}#part`, `${path}?a=\t`]);
  const cut = random.below(path.length + 1);
  const piece = random.pick(HOSTILE_PIECES);
  const tail = random.chance(0.2) ? random.pick(HOSTILE_PIECES) : "";
  return path.slice(0, cut) + piece + path.slice(cut) + tail + query;
}

const encoded = (text: string): string => encodeURIComponent(text).replace(/%(2F|5C|00)/g, "-");

function value(random: Random, target: Target, asked: { name: string; parts: readonly string[] }): string {
  const { name, parts } = asked;
  const after = (type: string): string | undefined => parts[parts.indexOf(type) + 1];
  const ids: Readonly<Record<string, () => string | undefined>> = {
    programId: () => after("programs"),
    id: () => after("programs") ?? after("journeys"),
    environmentId: () => (parts.includes("environments") ? after("environments") : aSpot(random, target, "environments")?.parts.at(-1)),
    pipelineId: () => (parts.includes("pipelines") ? after("pipelines") : aSpot(random, target, "pipelines")?.parts.at(-1)),
    sandbox: () => after("sandboxes"),
    name: () => after("sandboxes"),
    schemaId: () => (parts.includes("schemas") ? after("schemas") : "7"),
    tenantId: () => random.pick([...TENANTS, ...TENANTS, "other", "Acme"]),
    any: () => random.pick(["program", "tenant", "z"]),
  };
  const found = Object.hasOwn(ids, name) && random.chance(0.94) ? ids[name]?.() : undefined;
  return found ?? random.pick(["1", "2", "main", "validate", "v1", "v1...2", "main...dev", "a...b...c", "a.zip", ".zip", "latest", "x y", "😀", "*", "50%25", "x".repeat(130)]);
}

function aSpot(random: Random, target: Target, type: string): Spot | undefined {
  const spots = target.spots.filter((spot) => spot.type === type);
  return spots.length === 0 ? undefined : random.pick(spots);
}

/** The path of an operation, its parameters drawn from what is there. */
function pathOfRow(random: Random, target: Target, row: Nouns["operation"]): string {
  const type = /\{pipelineId\}/.test(row.target) ? "pipelines" : /\{environmentId\}/.test(row.target) ? "environments" : /schemas/.test(row.target) ? "schemas" : /journeys/.test(row.target) ? "journeys" : /sandboxes/.test(row.target) ? "sandboxes" : "programs";
  const spot = aSpot(random, target, type) ?? aSpot(random, target, type === "schemas" || type === "journeys" ? "sandboxes" : "programs");
  const parts = random.chance(0.04) ? ["sandboxes", "nowhere"] : (spot?.parts ?? []);
  return row.path.replace(/\{([^}]*)\}/g, (_, name: string) => encoded(value(random, target, { name, parts })));
}

function furtherTargets(random: Random, target: Target, row: Nouns["operation"]): Record<string, string | null> {
  const targets: Record<string, string | null> = {};
  for (const { name, type } of row.also ?? []) {
    const path = aSpot(random, target, type)?.path ?? `/programs/4/${type}/5`;
    const given = random.weighted<() => string | null | undefined>([
      [12, () => path],
      [3, () => null],
      [4, () => undefined],
      [1, () => random.pick(["/nowhere/1", "/programs/4", "programs", "/", "/sandboxes/nowhere/schemas/1"])],
      [1, () => transplant(random, target.spots.find((spot) => spot.path === path), target.spots)?.path],
    ])();
    if (given !== undefined) targets[name] = given;
  }
  if (random.chance(0.05)) targets["unheard-of"] = "/programs/4";
  return targets;
}

const ATTRIBUTES: readonly JsonObject[] = [{ step: { status: "WAITING" }, kind: "a", level: 1 }, { step: { status: "WAITING" } }, { step: { status: "RUNNING" }, level: 5 }, { step: {} }, { step: { status: null } }, {}];

/** Who might be let through: a holder of a role of the product, direct or through groups. */
function caller(random: Random, target: Target, product: string): string {
  const roles = new Set(target.of("role").filter((role) => role.product === product).map(({ id }) => id));
  const holders = target.of("assignment").filter(({ role }) => roles.has(role));
  return somebody(random, target, holders.length > 0 && random.chance(0.85) ? random.pick(holders).principal : random.pick([...USERS, ...GROUPS, "sa1"]));
}

export function operationQuestion(random: Random, target: Target): Question {
  const versions = target.of("resource").filter(({ basePath }) => basePath !== undefined);
  const rows = target.of("operation");
  const operation = rows.length === 0 || (versions.length > 0 && random.chance(0.2)) ? callOf(random, target, versions) : rowRequest(random, target, random.weighted(rows.map((row) => [weightOf(row), row] as const)));
  const bent = random.chance(0.03) ? { principal: strangeSubject(random) } : random.chance(0.02) ? { product: random.pick(["nothing", "constructor", "reeve"]) } : {};
  return { operation: { ...operation, ...bent }, now: at(random) };
}

/** Rows with conditions over attributes and those that name the organization are few, and have a code to themselves. */
const weightOf = ({ alternatives, organizationParameter }: Nouns["operation"]): number =>
  alternatives?.some(({ when }) => when !== undefined) === true ? 9 : organizationParameter !== undefined ? 2.5 : 1;

function rowRequest(random: Random, target: Target, row: Nouns["operation"]): OperationRequest {
  const path = pathOfRow(random, target, row);
  const slashed = random.chance(0.05) ? `${path}/` : random.chance(0.03) ? `${path}/more` : path;
  const method = random.weighted([[16, row.method], [1, "HEAD"], [0.5, row.method.toLowerCase()], [0.5, "TRACE"]]);
  return {
    principal: subject(random, target, caller(random, target, row.product)),
    product: row.product,
    method,
    target: spell(random, slashed),
    ...optionally(random.chance(0.45), () => ({ attributes: random.pick(ATTRIBUTES) })),
    ...optionally(row.also !== undefined && random.chance(0.9), () => ({ targets: furtherTargets(random, target, row) })),
    ...optionally(random.chance(0.3), () => ({ context: random.pick(CONTEXTS) })),
  };
}

function callOf(random: Random, target: Target, versions: readonly Nouns["resource"][]): OperationRequest {
  const version = versions.length > 0 ? random.pick(versions) : undefined;
  const row = version?.document !== undefined && version.document.length > 0 ? random.pick(version.document) : undefined;
  const rest = random.weighted([[12, row?.path ?? "/anything"], [1, ""], [1, "/"], [1, "/items/"], [1, "/items/latest"], [1, "/beta/items"], [1, "/other/x"]]);
  const path = (version?.basePath ?? "/orders") + rest.replace("{id}", random.pick(["1", "2", "%C3%A9"]));
  const grants = target.of("grant").filter(({ resource }) => version?.path.startsWith(resource));
  const holder = grants.length > 0 && random.chance(0.6) ? random.pick(grants).principal : random.chance(0.3) ? version?.owner : undefined;
  return {
    principal: subject(random, target, holder === undefined ? caller(random, target, "assets") : somebody(random, target, holder)),
    product: "assets",
    method: row?.method ?? random.pick(["GET", "POST", "HEAD"]),
    target: spell(random, path),
    ...optionally(random.chance(0.6), () => ({ attributes: random.pick(ATTRIBUTES) })),
    ...optionally(random.chance(0.3), () => ({ context: random.pick(CONTEXTS) })),
  };
}

/** A question of either kind. */
export const question = (random: Random, target: Target): Question => (random.chance(0.62) ? plainQuestion(random, target) : operationQuestion(random, target));
