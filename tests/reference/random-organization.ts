/**
 * Random organizations: everything that a snapshot can hold and a decision can look at, valid by the model's rules (references
 * exist, no cycles, one grant a slot, ids of unique types under one parent; `validity.ts` says the same the other way round).
 *
 * Words: a *spot* is a path that the organization knows something about: registered by a record, or of an open type and free
 * to be named by grants, links and scopes.
 */
import type { Nouns, Product, Rec, Validity } from "@reeve/core";
import { formatPath } from "./paths.ts";
import type { Random } from "./random.ts";
import { condition, LABELS, labelCondition, NOW } from "./random-conditions.ts";
import { assets, builtInRoles, cloud, type ProductKit, platform, reeve, rule } from "./random-products.ts";

export type Spot = { readonly path: string; readonly parts: readonly string[]; readonly type: string; readonly product: Product };
export type World = { readonly records: readonly Rec[]; readonly spots: readonly Spot[]; readonly kits: readonly ProductKit[] };
type Draft = { readonly random: Random; readonly kits: readonly ProductKit[]; readonly spots: Spot[]; readonly records: Rec[] };

const put = <K extends Rec["kind"]>(draft: Pick<Draft, "records">, kind: K, value: Nouns[K]): void => {
  draft.records.push({ kind, value } as Rec);
};
const optionally = <T extends object>(present: boolean, part: () => T): Partial<T> => (present ? part() : {});

export const USERS = ["u1", "u2", "u3", "__proto__", "constructor"];
export const GROUPS = ["g1", "g2", "g3", "g4"];
const SERVICES = ["sa1", "sa2"];
export const TENANTS = ["acme", "acme2"];

/** A window round `NOW` whose ends are the times that requests are made at. */
function validity(random: Random): Validity {
  return random.weighted<() => Validity>([
    [16, () => ({})],
    [2, () => ({ notAfter: NOW + random.pick([-1000, -1, 0, 1, 1000]) })],
    [2, () => ({ notBefore: NOW + random.pick([-1000, -1, 0, 1, 1000]) })],
    [1, () => ({ notBefore: NOW - random.pick([1, 1000]), notAfter: NOW + random.pick([0, 1, 1000]) })],
  ])();
}

function people(draft: Draft): void {
  const { random } = draft;
  const add = (id: string, type: Nouns["principal"]["type"]): void => {
    const properties = {
      ...optionally(random.chance(0.7), () => ({ dept: random.pick(["a", "b", null]) })),
      ...optionally(random.chance(0.5), () => ({ level: random.pick([1, 2, "2"]) })),
    };
    put(draft, "principal", { id, type, active: random.chance(0.94), ...optionally(random.chance(0.7), () => ({ properties })) });
  };
  for (const id of USERS) add(id, "user");
  for (const id of SERVICES) add(id, "service-account");
  for (const id of GROUPS) add(id, "group");
  const join = (member: string, group: string): void => put(draft, "membership", { group, member, ...validity(random) });
  for (const id of [...USERS, ...SERVICES]) for (const group of random.some([...GROUPS, "admins"], 0.16)) join(id, group);
  // Only upwards in the list, so that no cycle closes; diamonds do.
  for (const [i, id] of GROUPS.entries()) for (const group of random.some(GROUPS.slice(i + 1), 0.35)) join(id, group);
  if (random.chance(0.1)) join(random.pick(GROUPS), "admins");
  else if (random.chance(0.15)) join("admins", random.pick(GROUPS));
  if (random.chance(0.15)) join("members", random.pick(GROUPS));
}

const IDS = ["1", "2", "3", "10", "a/b", "50%", "%2F", "*", "é", "😀", "__proto__", "constructor", "x y", "a.zip", "..", "{id}"];
const SANDBOXES = ["prod", "dev", "eu/west", "*"];

/** Types that only records of offices give anything of. */
const OFFICES = ["reeve-products", "reeve-roles"];

/** How many there are of a type below one parent; fields have few names, so that links find the same one on both sides. */
function drawIds(random: Random, type: string, depth: number): readonly string[] {
  if (type === "sandboxes") return random.some(SANDBOXES, 0.5);
  if (type === "stages") return random.some(["1", "2"], depth > 3 ? 0 : 0.35);
  if (type === "fields") return random.some(["f", "g"], depth > 2 ? 0.15 : 0.5);
  return random.some(IDS, (depth === 0 ? 2 : 0.7) / IDS.length / (depth > 2 ? 2 : 1));
}

/** Grows spots below a path; parents of closed types are registered before anything lies in them. */
function grow(draft: Draft, product: Product, above: { parts: readonly string[]; type?: string; depth: number }): void {
  const { random, spots } = draft;
  const { parts, depth } = above;
  const fits = Object.entries(product.types).filter(([name, { parents }]) =>
    above.type === undefined ? parents === undefined && name !== "organization" : parents?.includes(above.type) === true,
  );
  for (const [type, declared] of fits) {
    if (OFFICES.includes(type)) continue;
    for (const id of drawIds(random, type, depth)) {
      if (declared.uniqueIds === true && spots.some((spot) => spot.product === product && spot.type === type && spot.parts.at(-1) === id))
        continue;
      const spot: Spot = { path: formatPath([...parts, type, id]), parts: [...parts, type, id], type, product };
      spots.push(spot);
      if (declared.open !== true || random.chance(0.5)) register(draft, spot);
      if (depth < 4) grow(draft, product, { parts: spot.parts, type, depth: depth + 1 });
    }
  }
}

function register(draft: Draft, { path, type, product }: Spot): void {
  const { random } = draft;
  const declared = product.types[type];
  const properties = {
    ...optionally(random.chance(0.6), () => ({ tier: random.pick(["a", "b", 1]) })),
    ...optionally(random.chance(0.3), () => ({ nested: { a: random.pick([null, 1, "a"]) }, tags: random.some(LABELS, 0.3) })),
  };
  const isCallable = declared?.actions["call"] !== undefined;
  put(draft, "resource", {
    path,
    ...optionally(declared?.owner !== undefined && random.chance(0.7), () => ({ owner: random.pick(USERS) })),
    ...optionally(random.chance(0.4), () => ({ state: random.pick(["live", "live", "retired"]) })),
    ...optionally(random.chance(0.5), () => ({ labels: random.some(LABELS, 0.35) })),
    ...optionally(random.chance(0.5), () => ({ properties })),
    ...optionally(isCallable && random.chance(0.8), () => callable(draft)),
  });
}

const BASES = ["/orders", "/orders/v1", "/orders/v1/beta", "/billing"];
/** A base path that is not taken yet, mostly with a document. */
function callable(draft: Draft): Pick<Nouns["resource"], "basePath" | "document"> {
  const { random } = draft;
  const taken = draft.records.map((record) => (record.kind === "resource" ? record.value.basePath : undefined));
  const free = BASES.filter((base) => !taken.includes(base));
  if (free.length === 0) return {};
  const others = draft.kits.filter(({ product }) => product.id === "cloud" || product.id === "platform");
  const alternatives = (): Partial<NonNullable<Nouns["resource"]["document"]>[number]> => {
    if (random.chance(0.5)) return {};
    const own = random.weighted<() => Nouns["operation"]["alternatives"]>([
      [2, () => [{ permission: "assets-audit" }]],
      [1, () => [{ roles: [random.pick(builtInRoles("assets"))] }]],
      [2, () => [{ anyRole: true }]],
    ])();
    const foreign = random.some(others, 0.6).flatMap(({ product, sets }) =>
      rule(random, { product: product.id, sets: sets.filter(({ id }) => id.endsWith("-audit")), when: true }).map((one) => ({
        ...one,
        product: product.id,
      })),
    );
    const all = [...(random.chance(0.6) ? (own ?? []) : []), ...foreign];
    return all.length === 0 ? {} : { alternatives: all };
  };
  const document = random
    .some(
      [
        { method: "GET", path: "/items/{id}" },
        { method: "POST", path: "/items" },
        { method: "GET", path: "/items/latest" },
        { method: "HEAD", path: "/items" },
        { method: "PUT", path: "/beta/items" },
      ],
      0.85,
    )
    .map((row) => ({ ...row, ...alternatives() }));
  return { basePath: random.pick(free), ...optionally(random.chance(0.7), () => ({ document })) };
}

function roles(draft: Draft): void {
  const { random, kits, spots } = draft;
  const sandboxes = spots.filter(({ type }) => type === "sandboxes").map(({ parts }) => parts[1] ?? "");
  for (const { product, sets } of kits) {
    const scopable = spots.filter((spot) => spot.product === product).map(({ path }) => path);
    const scope = () =>
      random.weighted<() => { scope?: readonly string[] }>([
        [3, () => ({})],
        [6, () => ({ scope: random.some(scopable, 3 / (scopable.length + 1)) })],
        [0.7, () => ({ scope: [] })],
        [0.7, () => ({ scope: ["/"] })],
      ])();
    for (const i of [0, 1, 2, 3].slice(0, product.id === "reeve" ? 1 : 4)) {
      const id = `${product.id}-role-${i}`;
      const isBuiltIn = builtInRoles(product.id).includes(id) && product.id !== "reeve";
      const held = random.some(sets, 0.7).map(({ id: set }) => ({ set, ...(product.boundedBy === "scopes" && !isBuiltIn ? scope() : {}) }));
      put(draft, "role", {
        product: product.id,
        id,
        name: id,
        type: isBuiltIn ? "system-defined" : "user-defined",
        ...optionally(isBuiltIn, () => ({ builtIn: true as const })),
        ...optionally(product.boundedBy === "sandboxes" && random.chance(0.93), () => ({ sandboxes: random.some(sandboxes, 0.7) })),
        ...optionally(random.chance(0.6), () => ({ labels: random.some(LABELS, 0.5) })),
        sets: held,
      });
      for (const principal of random.some([...USERS, ...SERVICES, ...GROUPS, "members", "admins"], 0.22))
        put(draft, "assignment", { role: id, principal, ...validity(random) });
    }
  }
}

/** Product administrators and developer access, and the places where they count. */
function offices(draft: Draft): void {
  const { random, kits, spots, records } = draft;
  const roleIds = records.flatMap(({ kind, value }) => (kind === "role" ? [value.id] : []));
  const reeves = kits.find(({ product }) => product.id === "reeve")?.product;
  const spot = (type: string, id: string): void => {
    if (reeves !== undefined) spots.push({ path: formatPath([type, id]), parts: [type, id], type, product: reeves });
  };
  for (const { product } of kits) {
    if (random.chance(0.5)) spot("reeve-products", product.id);
    for (const principal of random.some(USERS, 0.2)) put(draft, "product-administrator", { product: product.id, principal });
  }
  for (const role of random.some(roleIds, 0.4)) {
    spot("reeve-roles", role);
    for (const principal of random.some(USERS, 0.4)) put(draft, "developer-access", { role, principal });
  }
}

function grants(draft: Draft): void {
  const { random, spots } = draft;
  const slots = new Set<string>();
  const targets = spots.filter(({ product }) => product.boundedBy === "none" || random.chance(0.5));
  for (let i = random.below(16); i > 0; i--) {
    const spot = random.chance(0.04) || targets.length === 0 ? undefined : random.pick(targets);
    const principal = random.pick([...USERS, ...USERS, ...SERVICES, ...GROUPS, ...GROUPS, "members", "admins"]);
    const reach = random.pick(["self", "subtree", "subtree", "children"] as const);
    const slot = JSON.stringify([principal, spot?.path, reach === "children"]);
    if (slots.has(slot)) continue;
    slots.add(slot);
    const access = random.pick(["R", "RX", "RW", "RW", "RWX", "RWX"] as const);
    put(draft, "grant", {
      principal,
      resource: spot?.path ?? "/",
      access,
      reach,
      ...validity(random),
      ...optionally(random.chance(0.3), () => ({ givenBy: "u1", givenAt: NOW })),
    });
  }
}

/** Links go down a fixed order of types, so that no cycle closes and no path grows without end. */
function links(draft: Draft): void {
  const { random, spots } = draft;
  const ofType = (type: string, at: string): readonly Spot[] =>
    spots.filter((spot) => spot.type === type && spot.parts[1] === at && spot.product.id === "platform");
  for (const at of new Set(spots.map(({ parts }) => parts[1] ?? ""))) {
    for (const from of ofType("datasets", at))
      for (const to of random.some(ofType("schemas", at), 0.7)) put(draft, "link", { from: from.path, linkKind: "schema", to: to.path });
    for (const from of ofType("schemas", at))
      for (const to of random.some(ofType("classes", at), 0.7)) put(draft, "link", { from: from.path, linkKind: "class", to: to.path });
  }
}

/** A pattern that fits a path, or nearly: some parts a `*`, perhaps cut short with a last `*`. */
export function pattern(random: Random, parts: readonly string[]): string {
  const cut = random.chance(0.35) ? random.below(parts.length + 1) : parts.length;
  const kept = parts.slice(0, cut).map((part, i) => (random.chance(i % 2 === 1 ? 0.5 : 0.15) ? "*" : formatPath([part]).slice(1)));
  if (cut < parts.length) kept.push("*");
  return `/${kept.join("/")}`;
}

export function policy(random: Random, world: Pick<World, "spots" | "kits">, id: string): Nouns["policy"] {
  const { spots, kits } = world;
  const sandboxes = spots.filter(({ type }) => type === "sandboxes").map(({ parts }) => parts[1] ?? "");
  const operations = kits.flatMap((kit) => kit.operations.map(({ method, path }) => `${method} ${path}`));
  const documented = ["GET /items/{id}", "POST /items"];
  const oneRule = (): Nouns["policy"]["rules"][number] => {
    const spot = spots.length === 0 || random.chance(0.08) ? undefined : random.pick(spots);
    const types =
      spot === undefined
        ? kits.flatMap(({ product }) => Object.keys(product.types["organization"]?.actions ?? {}))
        : Object.keys(spot.product.types[spot.type]?.actions ?? {});
    const below = Object.values(spot?.product.types ?? {}).flatMap(({ actions }) => Object.keys(actions));
    const actions = [
      ...random.some(types, 0.6),
      ...random.some(below, 0.15),
      ...random.some(operations, 0.12),
      ...random.some(documented, 0.15),
    ].filter((name) => name !== "audit");
    const effect = random.weighted([
      [4, "deny" as const],
      [7, "permit" as const],
      [0.7, "indeterminate" as const],
    ]);
    const isMet = random.chance(effect === "deny" ? 0.75 : 0.5);
    return {
      effect,
      resource: random.chance(0.06) ? random.pick(["/", "/*", "/*/*"]) : pattern(random, spot?.parts ?? []),
      actions: [...new Set(actions)],
      ...optionally(isMet, () => ({ condition: random.chance(0.3) ? labelCondition(random) : condition(random) })),
    };
  };
  return {
    id,
    name: id,
    status: random.chance(0.85) ? "active" : "inactive",
    sandboxes: random.chance(0.6) ? "all" : random.some(sandboxes, 0.5),
    ...optionally(random.chance(0.25), () => ({ subjectCondition: condition(random, 1) })),
    rules: Array.from({ length: 1 + random.below(3) }, oneRule),
  };
}

/** A policy over labels on everything in sandboxes, like the one that is usually shipped. */
function onLabels(random: Random): Nouns["policy"] {
  const effect = random.pick(["deny", "permit"] as const);
  const holds = random.chance(0.4) ? { in: [random.pick(LABELS), { var: "resource.labels" }] } : labelCondition(random);
  const condition = effect === "permit" || random.chance(0.3) ? holds : { "!": [holds] };
  const rule = { effect, resource: "/sandboxes/*", actions: random.some(["view", "edit", "delete"], 0.7), condition };
  return { id: "labels", name: "Labels", status: "active", sandboxes: "all", rules: [rule] };
}

const RETIRED = { "===": [{ var: "resource.state" }, "retired"] };
const SHIPPED: Nouns["policy"] = {
  id: "retired-refuses-calls",
  name: "Retired versions and proxies refuse calls",
  product: "assets",
  builtIn: true,
  status: "active",
  sandboxes: "all",
  rules: ["/spaces/*/apis/*/versions/*", "/spaces/*/proxies/*"].map((resource) => ({
    effect: "deny",
    resource,
    actions: ["call"],
    condition: RETIRED,
  })),
};

function rest(draft: Draft): void {
  const { random, kits } = draft;
  for (let i = random.below(5); i > 0; i--) put(draft, "policy", policy(random, draft, `policy-${i}`));
  if (random.chance(0.3)) put(draft, "policy", onLabels(random));
  if (kits.some(({ product }) => product.id === "assets")) put(draft, "policy", SHIPPED);
  for (const { product, sets, operations } of kits) {
    for (const name of random.some(Object.keys(product.settings), 0.3))
      put(draft, "setting", { product: product.id, name, value: random.chance(0.5) });
    for (const { id } of random.some(operations, 0.08)) {
      const alternatives = rule(random, { product: product.id, sets });
      put(draft, "operation-rule", { product: product.id, operation: id, alternatives });
    }
  }
}

/** One organization, with what the requests that go with it are drawn from. */
export function organization(random: Random): World {
  const drawn = [platform, cloud, assets, reeve].filter((_, i) => random.chance(i === 3 ? 0.25 : 0.72));
  const kits = (drawn.length > 0 ? drawn : [platform, cloud]).map((product) => product(random));
  const draft: Draft = { random, kits, spots: [], records: [] };
  put(draft, "organization", { name: "ACME", tenantIds: random.some(TENANTS, 0.8) });
  for (const { product, sets, operations } of kits) {
    put(draft, "product", product);
    for (const set of sets) put(draft, "permission-set", set);
    for (const operation of operations) put(draft, "operation", operation);
  }
  for (const id of LABELS) put(draft, "label", { id });
  people(draft);
  for (const { product } of kits) grow(draft, product, { parts: [], depth: 0 });
  roles(draft);
  grants(draft);
  links(draft);
  offices(draft);
  rest(draft);
  return { records: draft.records, spots: draft.spots, kits };
}
