/**
 * Random changes of a valid organization that leave it valid: what writes do, cascades included. They are found by making the
 * next snapshot and taking the difference, so that the changes and the snapshot can be given to the engine side by side.
 *
 * Words: a *step* is one such write.
 */
import type { Change, Nouns, Product, Rec } from "@reeve/core";
import { isOfOffices } from "./offices.ts";
import { parsePath } from "./paths.ts";
import type { Random } from "./random.ts";
import { LABELS, NOW } from "./random-conditions.ts";
import { GROUPS, policy, type Spot, TENANTS, USERS, type World } from "./random-organization.ts";
import { rule } from "./random-products.ts";

type Kind = Rec["kind"];
type State = { readonly random: Random; readonly world: World; readonly records: readonly Rec[] };
type Step = (state: State) => readonly Rec[];

/** The members that name a record of a kind among its like, as the model's nouns give them. */
const KEYS: { readonly [K in Kind]: readonly string[] } = {
  organization: [],
  product: ["id"],
  "permission-set": ["id"],
  label: ["id"],
  principal: ["id"],
  membership: ["group", "member"],
  resource: ["path"],
  link: ["from", "linkKind", "to"],
  role: ["id"],
  assignment: ["role", "principal"],
  grant: ["principal", "resource", "reach"],
  policy: ["id"],
  setting: ["product", "name"],
  operation: ["product", "id"],
  "operation-rule": ["product", "operation"],
  "product-administrator": ["product", "principal"],
  "developer-access": ["role", "principal"],
  "developer-project": ["id"],
  binned: ["id"],
};
const ORDER = Object.keys(KEYS);
const keyOf = ({ kind, value }: Rec): readonly string[] =>
  KEYS[kind].map((name) => String((value as Readonly<Record<string, unknown>>)[name]));
const nameOf = (record: Rec): string => JSON.stringify([record.kind, ...keyOf(record)]);

/** The changes from one snapshot to the next: what goes, the dependent first, then what comes, the dependent last. */
export function difference(before: readonly Rec[], after: readonly Rec[]): readonly Change[] {
  const [old, next] = [new Map(before.map((record) => [nameOf(record), record])), new Map(after.map((record) => [nameOf(record), record]))];
  const inOrder = (records: readonly Rec[]): readonly Rec[] => records.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  const gone = inOrder(before.filter((record) => !next.has(nameOf(record)))).toReversed();
  const come = inOrder(after.filter((record) => JSON.stringify(old.get(nameOf(record))) !== JSON.stringify(record)));
  return [...gone.map((record) => ({ delete: { kind: record.kind, key: keyOf(record) } })), ...come.map((record) => ({ put: record }))];
}

const values = <K extends Kind>({ records }: State, kind: K): readonly Nouns[K][] =>
  records.filter((record) => record.kind === kind).map(({ value }) => value as Nouns[K]);
const record = <K extends Kind>(kind: K, value: Nouns[K]): Rec => ({ kind, value }) as Rec;
/** The records with this one in the place of its namesake, or added. */
const put = (records: readonly Rec[], one: Rec): readonly Rec[] => [...records.filter((each) => nameOf(each) !== nameOf(one)), one];

/** One record of the kind, changed; nothing where there is none. */
function changed<K extends Kind>(kind: K, change: (value: Nouns[K], random: Random, state: State) => Nouns[K]): Step {
  return (state) => {
    const all = values(state, kind);
    return all.length === 0 ? state.records : put(state.records, record(kind, change(state.random.pick(all), state.random, state)));
  };
}
const removed =
  (kind: Kind): Step =>
  ({ records, random }) => {
    const all = records.filter((each) => each.kind === kind);
    const one = all.length === 0 ? undefined : random.pick(all);
    return records.filter((each) => each !== one);
  };

const window = (random: Random) =>
  random.chance(0.6)
    ? {}
    : random.chance(0.5)
      ? { notAfter: NOW + random.pick([-1, 0, 1, 1000]) }
      : { notBefore: NOW + random.pick([-1, 0, 1, 1000]) };
const people = (state: State): readonly string[] => [...values(state, "principal").map(({ id }) => id), "members", "admins"];

const newGrant: Step = (state) => {
  const { random, world, records } = state;
  const spots = world.spots.filter((spot) => isThere(state, spot));
  if (spots.length === 0) return records;
  const [principal, resource] = [random.pick(people(state)), random.pick(spots).path];
  const reach = random.pick(["self", "subtree", "children"] as const);
  const grant = { principal, resource, reach, access: random.pick(["R", "RX", "RW", "RWX"] as const), ...window(random) };
  const isSlot = (each: Rec): boolean =>
    each.kind === "grant" &&
    each.value.principal === principal &&
    each.value.resource === resource &&
    (each.value.reach === "children") === (reach === "children");
  return [...records.filter((each) => !isSlot(each)), record("grant", grant)];
};
const newOffice: Step = (state) => {
  const { random, records } = state;
  const user = values(state, "principal").find(({ type }) => type === "user");
  const [role, product] = [values(state, "role")[0], values(state, "product")[0]];
  if (user === undefined || role === undefined || product === undefined) return records;
  const made = random.chance(0.5)
    ? record("developer-access", { role: role.id, principal: user.id })
    : record("product-administrator", { product: product.id, principal: user.id });
  return [...records.filter((each) => JSON.stringify(each) !== JSON.stringify(made)), made];
};
/** Whether a spot may be named by new records: registered, or open and with all that is above it in place. */
function isThere(state: State, spot: Spot): boolean {
  if (isOfOffices(spot.path)) return false;
  const recorded = new Set(values(state, "resource").map(({ path }) => path));
  const segments = spot.path.split("/");
  return spot.parts.every((_, i) => {
    const type = i % 2 === 1 ? spot.product.types[spot.parts[i - 1] ?? ""] : undefined;
    return type === undefined || type.open === true || recorded.has(segments.slice(0, i + 2).join("/"));
  });
}

const newAssignment: Step = (state) => {
  const roles = values(state, "role");
  if (roles.length === 0) return state.records;
  const { random } = state;
  return put(
    state.records,
    record("assignment", { role: random.pick(roles).id, principal: random.pick(people(state)), ...window(random) }),
  );
};
const newMembership: Step = (state) => {
  const { random, records } = state;
  const members = values(state, "principal").filter(({ id, type }) => type !== "group" || GROUPS.includes(id));
  const groups = values(state, "principal").filter(({ type }) => type === "group");
  if (members.length === 0 || groups.length === 0) return records;
  const [member, group] = [random.pick(members), random.pick(groups)];
  if (member.type === "group" && GROUPS.indexOf(member.id) >= GROUPS.indexOf(group.id)) return records; // upwards only: no cycle
  return put(records, record("membership", { group: group.id, member: member.id, ...window(random) }));
};

/** A resource and all below it go, with what names them. */
const noResource: Step = (state) => {
  const { random, records } = state;
  const resources = values(state, "resource");
  if (resources.length === 0) return records;
  const { path } = random.pick(resources);
  const isGone = (other: string): boolean => other === path || other.startsWith(`${path}/`);
  const sandbox = /^\/sandboxes\/[^/]*$/.test(path) ? parsePath(path)?.[1] : undefined;
  const stays = records.filter(
    (each) =>
      !(each.kind === "resource" && isGone(each.value.path)) &&
      !(each.kind === "grant" && isGone(each.value.resource)) &&
      !(each.kind === "link" && (isGone(each.value.from) || isGone(each.value.to))),
  );
  return stays.map((each) => {
    if (each.kind === "role") {
      const sets = each.value.sets.map((held) =>
        held.scope === undefined ? held : { ...held, scope: held.scope.filter((item) => !isGone(item)) },
      );
      const { sandboxes } = each.value;
      return record("role", {
        ...each.value,
        sets,
        ...(sandboxes === undefined ? {} : { sandboxes: sandboxes.filter((name) => name !== sandbox) }),
      });
    }
    if (each.kind !== "policy" || each.value.sandboxes === "all") return each;
    return record("policy", { ...each.value, sandboxes: each.value.sandboxes.filter((name) => name !== sandbox) });
  });
};
const newResource: Step = (state) => {
  const spots = state.world.spots.filter((spot) => isThere(state, { ...spot, parts: spot.parts.slice(0, -2) }));
  const free = spots.filter(({ path }) => !values(state, "resource").some((resource) => resource.path === path));
  return free.length === 0
    ? state.records
    : put(state.records, record("resource", { path: state.random.pick(free).path, labels: state.random.some(LABELS, 0.4) }));
};

const noPrincipal: Step = (state) => {
  const owners = new Set(values(state, "resource").map(({ owner }) => owner));
  const free = values(state, "principal").filter(({ id }) => !owners.has(id));
  if (free.length === 0) return state.records;
  const { id } = state.random.pick(free);
  return state.records.filter(({ kind, value }) => {
    if (kind === "membership") return value.group !== id && value.member !== id;
    return !((kind === "assignment" || kind === "grant") && value.principal === id) && !(kind === "principal" && value.id === id);
  });
};
const noRole: Step = (state) => {
  const roles = values(state, "role").filter(({ builtIn }) => builtIn !== true);
  if (roles.length === 0) return state.records;
  const { id } = state.random.pick(roles);
  return state.records.filter(({ kind, value }) => !(kind === "assignment" && value.role === id) && !(kind === "role" && value.id === id));
};
const noOperation: Step = (state) => {
  const rows = values(state, "operation");
  if (rows.length === 0) return state.records;
  const { id, product } = state.random.pick(rows);
  const isIts = ({ kind, value }: Rec): boolean =>
    (kind === "operation" && value.id === id && value.product === product) ||
    (kind === "operation-rule" && value.operation === id && value.product === product);
  return state.records.filter((each) => !isIts(each));
};
const newRule: Step = (state) => {
  const rows = values(state, "operation");
  if (rows.length === 0) return state.records;
  const { product, id } = state.random.pick(rows);
  const sets = values(state, "permission-set").filter((set) => set.product === product);
  return put(
    state.records,
    record("operation-rule", { product, operation: id, alternatives: rule(state.random, { product, sets, when: true }) }),
  );
};

function otherProduct(product: Product, random: Random): Product {
  const { adminMayAll, trailingSlashIsNone, prerequisite, labelInheritance, readDefault, ...kept } = product;
  const rest = {
    ...(readDefault && { readDefault }),
    ...(labelInheritance && random.chance(0.7) && { labelInheritance }),
    ...(prerequisite && random.chance(0.7) && { prerequisite }),
  };
  const settings = Object.fromEntries(
    Object.entries(product.settings).map(([name, setting]) => [name, { ...setting, default: random.chance(0.5) }]),
  );
  const flags = {
    ...(random.chance(adminMayAll ? 0.6 : 0.3) && { adminMayAll: true as const }),
    ...(random.chance(trailingSlashIsNone ? 0.6 : 0.4) && { trailingSlashIsNone: true as const }),
  };
  return { ...kept, ...rest, ...flags, settings };
}

const STEPS: readonly (readonly [number, Step])[] = [
  [4, newGrant],
  [2, removed("grant")],
  [1, newOffice],
  [1, removed("developer-access")],
  [1, removed("product-administrator")],
  [4, newAssignment],
  [2, removed("assignment")],
  [3, newMembership],
  [2, removed("membership")],
  [3, (state) => put(state.records, record("policy", policy(state.random, state.world, `policy-${1 + state.random.below(5)}`)))],
  [1, removed("policy")],
  [1, newResource],
  [1.5, noResource],
  [
    3,
    changed("resource", (resource, random) => ({
      ...resource,
      labels: random.some(LABELS, 0.4),
      state: random.pick(["live", "retired"]),
      properties: { tier: random.pick(["a", "b"]) },
    })),
  ],
  [1, removed("link")],
  [
    1.5,
    changed("principal", (principal, random) => ({
      ...principal,
      active: random.chance(0.6),
      properties: { dept: random.pick(["a", "b"]) },
    })),
  ],
  [0.7, noPrincipal],
  [0.7, (state) => put(state.records, record("principal", { id: state.random.pick(USERS), type: "user", active: true }))],
  [
    2,
    changed("role", (role, random, state) => ({
      ...role,
      labels: random.some(LABELS, 0.5),
      ...(role.sandboxes && { sandboxes: random.some(sandboxNames(state), 0.6) }),
      sets: random.some(role.sets, 0.8),
    })),
  ],
  [0.7, noRole],
  [
    1,
    changed("permission-set", (set, random) => ({
      ...set,
      pairs: random.some(set.pairs, 0.8),
      ...(random.chance(0.1) && { organizationLevel: true as const }),
    })),
  ],
  [1, newRule],
  [0.7, removed("operation-rule")],
  [0.7, noOperation],
  [1, changed("product", otherProduct)],
  [0.5, changed("organization", (organization, random) => ({ ...organization, tenantIds: random.some(TENANTS, 0.6) }))],
  [1, removed("setting")],
  [1, changed("setting", (setting) => ({ ...setting, value: !setting.value }))],
];
const sandboxNames = (state: State): readonly string[] =>
  values(state, "resource").flatMap(({ path }) => (/^\/sandboxes\/[^/]*$/.test(path) ? (parsePath(path)?.[1] ?? []) : []));

/** The snapshot after one random write; now and then nothing changes. */
export const step = (random: Random, world: World, records: readonly Rec[]): readonly Rec[] =>
  random.weighted(STEPS)({ random, world, records });
