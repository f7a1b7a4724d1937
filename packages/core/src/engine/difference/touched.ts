/**
 * What changes of records can touch: which principals, at which places, in which actions and operations.
 *
 * A *touch* is said by one record as it is on one side, before or after; the two sides together say all of it. `everybody` and
 * areas without bounds stand wherever it is not certain that less is touched.
 * Invariant: a decision that differs between the sides lies in a touch of its principal; too many are fine, too few never.
 */
import { formatPath, type Key, keyOf, MEMBERS, type Nouns, parsePattern, SANDBOXES } from "../../model/index.ts";
import type { OperationInfo, ProductOperations } from "../operation/operations.ts";
import type { Named } from "../plan.ts";
import { grantOfOffice } from "../state/offices.ts";
import { MEMBERS_ID } from "../state/people.ts";
import type { State } from "../state/state.ts";
import { isConditional, isRow, rowName, ruleOf } from "./rows.ts";

/** Places at and below one, as far as product, type and actions are those that are named. `isOfResources`: collections apart. */
export type Area = {
  readonly below: string;
  readonly product?: string;
  readonly type?: string;
  readonly isOfResources?: true;
  readonly actions?: ReadonlySet<string>;
};
export type Everybody = "everybody";
export type Who = ReadonlySet<string> | Everybody;
/** `rows`: operations, by their names. */
export type Touch = { readonly who: Who; readonly areas: readonly Area[]; readonly rows: ReadonlySet<string> | "every" };

/** A record that differs. `old` and `next` are its values, absent where there is none; `registers`: whether its places are registered on one side only. */
export type Altered = Named & { readonly old: unknown; readonly next: unknown; readonly registers: readonly string[] };

const EVERYWHERE: Area = { below: "/" };
const NO_ROWS: ReadonlySet<string> = new Set();
export const EVERYTHING: Touch = { who: "everybody", areas: [EVERYWHERE], rows: "every" };

/** What one record touches, as one side sees it. */
export function touchesOf(state: State, altered: Altered): readonly Touch[] {
  const found = [...touchesOfRecord(state, altered)];
  for (const path of altered.registers) found.push(touchOfRegistration(state, path));
  // Below a base path a call is decided like an action, so that everything may touch it.
  const called = rowsWhere(state, (_, operations) => operations.basePathCount > 0);
  return found.map((touch) => (touch.rows === "every" ? touch : { ...touch, rows: new Set([...touch.rows, ...called]) }));
}

function touchesOfRecord(state: State, altered: Altered): readonly Touch[] {
  const [first = "", second = ""] = altered.key;
  switch (altered.kind) {
    case "grant":
      return [{ who: closureBelow(state, [first]), areas: [{ below: second }], rows: NO_ROWS }];
    case "assignment":
      return [{ who: closureBelow(state, [second]), areas: areasOfRole(state, first), rows: "every" }];
    case "membership":
      return [{ who: closureBelow(state, [second]), areas: [EVERYWHERE], rows: "every" }];
    case "role":
      return [{ who: holdersOf(state, [first]), areas: areasOfRole(state, first), rows: "every" }];
    case "permission-set":
      return [touchOfSet(state, first)];
    case "principal":
      return [touchOfPrincipal(state, altered as Values<"principal">)];
    case "resource":
      return touchesOfResource(state, altered as Values<"resource">);
    case "link":
      return [{ who: "everybody", areas: [concerned(state, "/")], rows: conditionalRows(state) }];
    case "policy":
      return touchesOfPolicy(state, first);
    case "setting":
      return [touchOfSetting(state, altered.key)];
    case "organization":
      return [{ who: "everybody", areas: [], rows: rowsWhere(state, (row) => row.organizationParameter !== undefined) }];
    case "operation":
    case "operation-rule":
      return [{ who: "everybody", areas: [], rows: rowsOf(state, altered) }];
    case "product":
      return [EVERYTHING];
    case "product-administrator":
    case "developer-access":
      return touchesOfOffice(state, altered);
    // No decision reads these.
    case "label":
    case "developer-project":
    case "binned":
      return [];
  }
}

/** As the grant that stands with it. */
function touchesOfOffice(state: State, { kind, key, old, next }: Altered): readonly Touch[] {
  const grant = grantOfOffice({ kind, key });
  return grant === undefined
    ? []
    : touchesOfRecord(state, { kind: "grant", key: keyOf({ kind: "grant", value: grant }), old, next, registers: [] });
}

type Values<K extends keyof Nouns> = { readonly key: Key; readonly old: Nouns[K] | undefined; readonly next: Nouns[K] | undefined };

/** These and everybody who is in one of them, however deep. */
function closureBelow({ people }: State, ids: Iterable<string>): Who {
  const names = new Set<string>(ids);
  const reached = new Set<number>();
  for (const id of names) reached.add(people.names.find(id));
  // A set is walked in the order of insertion, and what is added on the way is walked too.
  for (const id of reached) {
    if (id === 0) continue;
    if (id === MEMBERS_ID) return "everybody";
    names.add(people.names.text(id));
    for (const member of people.membersOf.entries(id)) reached.add(member);
  }
  return names.has(MEMBERS) ? "everybody" : names;
}

function holdersOf(state: State, roles: Iterable<string>): Who {
  const { people } = state;
  const holders: string[] = [];
  for (const role of roles) {
    const index = state.roles.find(role);
    if (index !== 0) for (const holder of people.assigneesOf.entries(index)) holders.push(people.names.text(holder));
  }
  return closureBelow(state, holders);
}

/** All actions that some rule of an active policy names, at and below a place. */
function concerned(state: State, below: string): Area {
  const actions = new Set<string>();
  for (const policy of state.policies.all()) {
    if (policy.status === "active") for (const rule of policy.rules) for (const action of rule.actions) actions.add(action);
  }
  return { below, actions };
}

/** What a role may open: what its sets give, and what policies say about who has roles. All of the product where it has a prerequisite. */
function areasOfRole(state: State, id: string): readonly Area[] {
  const role = state.roles.at(state.roles.find(id))?.record;
  if (role === undefined) return [];
  const { product, sandboxes = [], sets } = role;
  const bound = state.catalogue.products.get(product)?.record.boundedBy;
  const bounds = sandboxes.map((name) => formatPath([{ type: SANDBOXES, id: name }]));
  const areas = sets.flatMap(({ set, scope = ["/"] }) =>
    areasOfSet(state, set, bound === "sandboxes" ? bounds : bound === "scopes" ? scope : ["/"]),
  );
  return [...areas, { ...concerned(state, "/"), product }];
}

/** What a set may open within bounds; all of its product where that has a prerequisite, which any set may hold. */
function areasOfSet(state: State, id: string, bounds: readonly string[]): readonly Area[] {
  const set = state.catalogue.sets.get(id);
  if (set === undefined) return [];
  const { product, pairs } = set;
  if (state.catalogue.products.get(product)?.record.prerequisite !== undefined) return [{ below: "/", product }];
  const isWide = set.organizationLevel === true || bounds.length > BOUNDS_MAX;
  return (isWide ? ["/"] : bounds).flatMap((below) =>
    pairs.map(({ type, actions }): Area => ({ below, product, type, actions: new Set(actions) })),
  );
}
/** Of more than these places each is not worth an area. */
const BOUNDS_MAX = 64;

function touchOfSet(state: State, id: string): Touch {
  const roles: string[] = [];
  for (const { record } of state.roles.all()) if (record.sets.some(({ set }) => set === id)) roles.push(record.id);
  const areas = areasOfSet(state, id, ["/"]);
  // Policies see an operation as every action of the sets that its rule names, whoever holds them.
  const isWide = !state.policies.isEmpty;
  return { who: isWide ? "everybody" : holdersOf(state, roles), areas, rows: "every" };
}

function touchOfPrincipal(state: State, { key, old, next }: Values<"principal">): Touch {
  const id = key[0] as string;
  const isSame = old !== undefined && next !== undefined && old.type === next.type && old.active === next.active;
  if (isSame) return { who: new Set([id]), areas: [concerned(state, "/")], rows: conditionalRows(state) };
  return { who: closureBelow(state, [id]), areas: [EVERYWHERE], rows: "every" };
}

function touchesOfResource(state: State, { key, old, next }: Values<"resource">): readonly Touch[] {
  const below = key[0] as string;
  const found: Touch[] = [];
  const labels = JSON.stringify([old?.labels ?? [], next?.labels ?? []]);
  // Labels are handed down, and along links to any place.
  const isFar = labels !== "[[],[]]" && state.links.size > 0;
  found.push({ who: "everybody", areas: [concerned(state, isFar ? "/" : below)], rows: conditionalRows(state) });
  if (old?.owner !== next?.owner) {
    const owners = [old?.owner, next?.owner].filter((owner) => owner !== undefined);
    found.push({ who: new Set(owners), areas: [{ below }], rows: NO_ROWS });
  }
  if (old?.basePath === undefined && next?.basePath === undefined) return found;
  return [...found, { who: "everybody", areas: [], rows: "every" }];
}

/** Of ids that are unique a registered one closes all others of the product; below a sandbox that is not registered nothing is decided. */
function touchOfRegistration(state: State, path: string): Touch {
  const type = state.tree.type(state.tree.find(path));
  const isSandbox = path.startsWith(`/${SANDBOXES}/`) && path.split("/").length === 3;
  const areas: Area[] = [{ below: path }];
  if (type?.uniqueIds === true) areas.push({ below: "/", product: type.product.id });
  return { who: "everybody", areas, rows: type?.uniqueIds === true || isSandbox ? "every" : conditionalRows(state) };
}

function touchesOfPolicy(state: State, id: string): readonly Touch[] {
  const policy = state.policies.get(id);
  if (policy?.status !== "active") return [];
  return policy.rules.flatMap((rule): Touch[] => {
    const parts = parsePattern(rule.resource);
    if (parts === undefined || rule.effect === "indeterminate") return [];
    const actions = new Set(rule.actions);
    const wildcard = parts.indexOf(null);
    const literal = wildcard === -1 ? parts.length : wildcard;
    const pairs: { type: string; id: string }[] = [];
    for (let i = 0; i + 1 < literal; i += 2) pairs.push({ type: parts[i] as string, id: parts[i + 1] as string });
    const isOpen = parts.length > 0 && parts[parts.length - 1] === null;
    const type = isOpen ? null : (parts[parts.length - 2] ?? null);
    const area: Area = {
      below: formatPath(pairs),
      actions,
      ...(isOpen ? {} : { isOfResources: true as const }),
      ...(type === null ? {} : { type }),
    };
    const rows = rowsWhere(state, (row, operations) => concernsRow(state, { row, operations, actions }));
    return [{ who: "everybody", areas: [area], rows }];
  });
}

function concernsRow(
  state: State,
  { row, operations, actions }: { row: OperationInfo; operations: ProductOperations; actions: ReadonlySet<string> },
): boolean {
  if (actions.has(row.name)) return true;
  return (ruleOf(row, operations) ?? []).some(({ permission }) => {
    const pairs = permission === undefined ? undefined : state.catalogue.sets.get(permission)?.pairs;
    return pairs?.some((pair) => pair.actions.some((action) => actions.has(action))) === true;
  });
}

function touchOfSetting(state: State, [product = "", name = ""]: Key): Touch {
  const actions = new Set<string>();
  for (const type of state.catalogue.products.get(product)?.types.values() ?? []) {
    for (const action of type.actions.values()) {
      if (action.ways.some((way) => typeof way !== "string" && Object.hasOwn(way.when, name))) actions.add(action.name);
    }
  }
  const areas: Area[] = [{ below: "/", product, actions }];
  if (name !== "labelsFromOneRole") return { who: "everybody", areas, rows: NO_ROWS };
  return { who: "everybody", areas: [...areas, concerned(state, "/")], rows: conditionalRows(state) };
}

/** The row of a record; all of the product's where its template comes or goes, for then others may be met by its paths. */
function rowsOf(state: State, { kind, key, old, next }: Altered): ReadonlySet<string> {
  const [product, id] = key;
  const [before, after] = [old, next] as readonly (Nouns["operation"] | undefined)[];
  const isStill = kind === "operation-rule" || (before?.method === after?.method && before?.path === after?.path);
  return rowsWhere(state, ({ record }) => record.product === product && (!isStill || record.id === id));
}

function rowsWhere(state: State, fits: (row: OperationInfo, operations: ProductOperations) => boolean): ReadonlySet<string> {
  const rows = new Set<string>();
  for (const operations of state.operations.all()) {
    for (const { id } of operations.records()) {
      const row = operations.get(id) as OperationInfo;
      if (isRow(operations, row) && fits(row, operations)) rows.add(rowName(row));
    }
  }
  return rows;
}

function conditionalRows(state: State): ReadonlySet<string> {
  return rowsWhere(state, (row, operations) => isConditional(state, row, operations));
}
