/**
 * The permission table of a product: which product profiles and permissions open each operation, for people to read.
 *
 * It is made from the records that are enforced (operations, the organization's own rules, roles, permission sets, the read
 * default) and from nothing else. A *rule* is a list of alternatives taken apart into profiles, permissions and "any profile"; it
 * is the organization's own, else the published one, else for GET the product's read default. A row without a rule is *unmapped*:
 * refused. An *orphan* has a rule, but the API's description does not know it.
 * Invariant: a profile or permission stands in a row exactly when an alternative that the engine would ask names it.
 */
import {
  type Alternative,
  compareUtf8,
  type Operation,
  type OperationRule,
  type PermissionSet,
  type Product,
  type Rec,
  type Role,
} from "@reeve/core";
import { conditionWords } from "./condition-words.ts";

/** `when`: the condition in words. `product`: where it is not the table's own. `unknown`: no such record, so that it opens nothing. */
export type TableEntry = {
  readonly id: string;
  readonly name: string;
  readonly when?: string;
  readonly product?: string;
  readonly unknown?: true;
};
/** Any product profile, custom ones included, is sufficient. */
export type TableAny = { readonly when?: string; readonly product?: string };
export type TableRule = {
  readonly from: "own" | "published" | "read default";
  /** Built-in product profiles that open it. One is enough. */
  readonly roles: readonly TableEntry[];
  /** Permissions that open it when a custom profile holds them where they are needed. One is enough. */
  readonly permissions: readonly TableEntry[];
  readonly anyRole: readonly TableAny[];
  /** Whether any custom profile can open it. */
  readonly configurable: boolean;
};
export type TableMarker = "unmapped" | "orphan" | "read default" | "own rule";
/** The answer is a list, of which the caller may see what these permissions give. */
export type TableFilter = { readonly type: string; readonly action: string; readonly permissions: readonly string[] };
export type TableFurther = { readonly name: string; readonly type: string; readonly from?: string };
export type TableRow = {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** The published name; an operation without names is called by its id. */
  readonly name: string;
  readonly otherNames: readonly string[];
  /** Absent: unmapped. */
  readonly rule?: TableRule;
  /** What the organization's own rule stands in place of; absent beside an own rule: nothing is published. */
  readonly published?: TableRule;
  readonly markers: readonly TableMarker[];
  readonly target: string;
  readonly also: readonly TableFurther[];
  readonly organizationParameter?: string;
  readonly filter?: TableFilter;
  readonly tag?: string;
  readonly summary?: string;
  readonly note?: string;
  readonly source?: string;
};
/** `operations`: how many rows it opens, "any profile" included. */
export type TableRole = { readonly id: string; readonly name: string; readonly aliases: readonly string[]; readonly operations: number };
export type TablePermission = TableRole & { readonly category?: string };
/** Needed besides the rule, on the nearest resource of that type. `permissions`: names of those that give it. */
export type TablePrerequisite = { readonly action: string; readonly of: string; readonly permissions: readonly string[] };
export type TableSummary = {
  readonly operations: number;
  /** With a rule of their own, published or the organization's. */
  readonly mapped: number;
  readonly readDefault: number;
  readonly unmapped: number;
  readonly orphans: number;
  readonly ownRules: number;
};
export type PermissionTable = {
  readonly product: string;
  readonly title: string;
  readonly boundedBy: "sandboxes" | "scopes" | "none";
  readonly roles: readonly TableRole[];
  readonly permissions: readonly TablePermission[];
  readonly readDefault?: TableRule;
  readonly prerequisite?: TablePrerequisite;
  readonly summary: TableSummary;
  readonly rows: readonly TableRow[];
};

/** What the table is made from. Roles and permission sets are those of every product: an alternative may name another. */
type Facts = {
  product: Product | undefined;
  readonly roles: Map<string, Role>;
  readonly sets: Map<string, PermissionSet>;
  readonly operations: Operation[];
  readonly ownRules: Map<string, OperationRule>;
};

/**
 * The table of one product out of an organization's records, or of a catalogue's; order and other kinds of records do not matter.
 * Rows go by path, then method; profiles and permissions by name; all in UTF-8 byte order. `undefined`: there is no such product.
 */
export function permissionTable(records: Iterable<Rec>, product: string): PermissionTable | undefined {
  const facts = gather(records, product);
  if (facts.product === undefined) return undefined;
  const rows = facts.operations.map((operation) => rowOf(facts, operation)).sort(byPath);
  const { readDefault, prerequisite } = facts.product;
  return {
    product,
    title: facts.product.name ?? product,
    boundedBy: facts.product.boundedBy,
    roles: rolesOf(facts, rows),
    permissions: permissionsOf(facts, rows),
    ...(readDefault === undefined ? {} : { readDefault: ruleOf(facts, readDefault, "read default") }),
    ...(prerequisite === undefined
      ? {}
      : { prerequisite: { ...prerequisite, permissions: giving(facts, { type: prerequisite.of, action: prerequisite.action }) } }),
    summary: summaryOf(rows),
    rows,
  };
}

function gather(records: Iterable<Rec>, product: string): Facts {
  const facts: Facts = { product: undefined, roles: new Map(), sets: new Map(), operations: [], ownRules: new Map() };
  for (const { kind, value } of records) {
    if (kind === "role" && value.builtIn === true) facts.roles.set(value.id, value);
    else if (kind === "permission-set") facts.sets.set(value.id, value);
    else if (kind === "product" && value.id === product) facts.product = value;
    else if (kind === "operation" && value.product === product) facts.operations.push(value);
    else if (kind === "operation-rule" && value.product === product) facts.ownRules.set(value.operation, value);
  }
  return facts;
}

function rowOf(facts: Facts, operation: Operation): TableRow {
  const { id, method, path, names, target, also, organizationParameter, filter, tag, summary, note, orphan, source } = operation;
  const own = facts.ownRules.get(id);
  const published = publishedRule(facts, operation);
  const rule = own === undefined ? published : ruleOf(facts, own.alternatives, "own");
  const markers: TableMarker[] = [];
  if (rule === undefined) markers.push("unmapped");
  if (orphan === true) markers.push("orphan");
  if (rule?.from === "read default") markers.push("read default");
  if (own !== undefined) markers.push("own rule");
  return {
    id,
    method,
    path,
    name: names[0] ?? id,
    otherNames: names.slice(1),
    ...(rule === undefined ? {} : { rule }),
    ...(own === undefined || published === undefined ? {} : { published }),
    markers,
    target,
    also: also ?? [],
    ...(organizationParameter === undefined ? {} : { organizationParameter }),
    ...(filter === undefined ? {} : { filter: { ...filter, permissions: giving(facts, filter) } }),
    ...(tag === undefined ? {} : { tag }),
    ...(summary === undefined ? {} : { summary }),
    ...(note === undefined ? {} : { note }),
    ...(source === undefined ? {} : { source }),
  };
}

/** The rule without the organization's own: what the row says, else for GET (and no other method) the read default. */
function publishedRule(facts: Facts, { alternatives, method }: Operation): TableRule | undefined {
  if (alternatives !== undefined) return ruleOf(facts, alternatives, "published");
  const readDefault = method === "GET" ? facts.product?.readDefault : undefined;
  return readDefault === undefined ? undefined : ruleOf(facts, readDefault, "read default");
}

function ruleOf(facts: Facts, alternatives: readonly Alternative[], from: TableRule["from"]): TableRule {
  const roles: TableEntry[] = [];
  const permissions: TableEntry[] = [];
  const anyRole: TableAny[] = [];
  for (const alternative of alternatives) {
    const extent = extentOf(facts, alternative);
    if ("roles" in alternative)
      addNew(
        roles,
        alternative.roles.map((id) => ({ ...roleEntry(facts, alternative, id), ...extent })),
      );
    else if ("permission" in alternative) addNew(permissions, [{ ...permissionEntry(facts, alternative.permission), ...extent }]);
    else addNew(anyRole, [extent]);
  }
  return { from, roles, permissions, anyRole, configurable: permissions.length + anyRole.length > 0 };
}

/** The condition in words, and the product where it is another. */
function extentOf(facts: Facts, { when, product }: Alternative): TableAny {
  return {
    ...(when === undefined ? {} : { when: conditionWords(when) }),
    ...(product === undefined || product === facts.product?.id ? {} : { product }),
  };
}

/** Two alternatives may name one thing under one condition: it is told once. */
function addNew<T extends Partial<TableEntry>>(entries: T[], more: readonly T[]): void {
  for (const one of more) {
    if (!entries.some(({ id, when, product }) => id === one.id && when === one.when && product === one.product)) entries.push(one);
  }
}

/** An alternative counts built-in roles of its product only; what else it names opens nothing, and is shown as that. */
function roleEntry(facts: Facts, { product }: Alternative, id: string): TableEntry {
  const role = facts.roles.get(id);
  if (role === undefined || role.product !== (product ?? facts.product?.id)) return { id, name: id, unknown: true };
  return { id, name: role.name };
}

function permissionEntry(facts: Facts, id: string): TableEntry {
  const set = facts.sets.get(id);
  return set === undefined ? { id, name: id, unknown: true } : { id, name: set.name };
}

/** Names of the product's permission sets that hold an action on a type. */
function giving(facts: Facts, { type, action }: { readonly type: string; readonly action: string }): readonly string[] {
  const names: string[] = [];
  for (const { product, name, pairs } of facts.sets.values()) {
    if (product === facts.product?.id && pairs.some((pair) => pair.type === type && pair.actions.includes(action))) names.push(name);
  }
  return names.sort(compareUtf8);
}

function rolesOf(facts: Facts, rows: readonly TableRow[]): readonly TableRole[] {
  const roles: TableRole[] = [];
  for (const { product, id, name, aliases } of facts.roles.values()) {
    if (product !== facts.product?.id) continue;
    roles.push({ id, name, aliases: aliases ?? [], operations: rows.filter((row) => isOpenedByRole(row, id)).length });
  }
  return roles.sort(byName);
}

/** Whether a product profile opens a row, under whatever condition. Any profile of the table's own product fits "any profile". */
export function isOpenedByRole({ rule }: TableRow, role: string): boolean {
  if (rule === undefined) return false;
  return rule.anyRole.some(({ product }) => product === undefined) || rule.roles.some(({ id, unknown }) => id === role && unknown !== true);
}

function permissionsOf(facts: Facts, rows: readonly TableRow[]): readonly TablePermission[] {
  const permissions: TablePermission[] = [];
  for (const { product, id, name, aliases, category } of facts.sets.values()) {
    if (product !== facts.product?.id) continue;
    const operations = rows.filter(({ rule }) => rule?.permissions.some((entry) => entry.id === id)).length;
    permissions.push({ id, name, aliases: aliases ?? [], operations, ...(category === undefined ? {} : { category }) });
  }
  return permissions.sort(byName);
}

function summaryOf(rows: readonly TableRow[]): TableSummary {
  const count = (marker: TableMarker) => rows.filter(({ markers }) => markers.includes(marker)).length;
  const [unmapped, readDefault] = [count("unmapped"), count("read default")];
  const mapped = rows.length - unmapped - readDefault;
  return { operations: rows.length, mapped, readDefault, unmapped, orphans: count("orphan"), ownRules: count("own rule") };
}

type Named = { readonly name: string; readonly id: string };
const byName = (a: Named, b: Named): number => compareUtf8(a.name, b.name) || compareUtf8(a.id, b.id);
const byPath = (a: TableRow, b: TableRow): number =>
  compareUtf8(a.path, b.path) || compareUtf8(a.method, b.method) || compareUtf8(a.id, b.id);
