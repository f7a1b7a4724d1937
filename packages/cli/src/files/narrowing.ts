/**
 * Narrowing: what of a record gives access both before and after a change, so that steps in between give neither's more.
 *
 * A *source* is a record that gives access and that no condition reads: the sets of roles, the pairs of permission sets, the alternatives
 * of operations, grants. Less than both is allowed here, more than either never is.
 * Invariant: whatever a narrowed record opens, the record before opened, and the record after opens.
 */
import { type AccessType, type Alternative, keyOf, type Nouns, type Reach, type Rec, type RoleSet, type Validity } from "@reeve/core";

type Role = Nouns["role"];
type Set_ = Nouns["permission-set"];
type Grant = Nouns["grant"];

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Sets of both roles, each with what both scopes name. */
export function commonSets(before: Role, after: Role): readonly RoleSet[] {
  if (before.product !== after.product) return [];
  return before.sets.flatMap((held) => {
    const other = after.sets.find(({ set }) => set === held.set);
    if (other === undefined) return [];
    const scope = commonScope(held.scope, other.scope);
    return [scope === undefined ? { set: held.set } : { set: held.set, scope }];
  });
}

/** No scope is the whole organization. */
function commonScope(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const covers = (list: readonly string[], item: string): boolean =>
    list.some((one) => one === item || one === "/" || item.startsWith(`${one}/`));
  return [...new Set([...a.filter((item) => covers(b, item)), ...b.filter((item) => covers(a, item))])];
}

/** The set before with the pairs of both; organization-level only where both are. */
export function commonPairs(before: Set_, after: Set_): Set_ {
  const pairs = before.pairs.flatMap(({ type, actions }) => {
    const other = after.pairs.find((pair) => pair.type === type);
    const both = actions.filter((action) => other?.actions.includes(action) === true);
    return both.length === 0 ? [] : [{ type, actions: both }];
  });
  const { organizationLevel, ...rest } = before;
  return { ...rest, ...(organizationLevel === true && after.organizationLevel === true ? { organizationLevel } : {}), pairs };
}

/** Alternatives of both; where one has no rule, none. */
export const commonAlternatives = (
  before: readonly Alternative[] | undefined,
  after: readonly Alternative[] | undefined,
): readonly Alternative[] => (before ?? []).filter((one) => (after ?? []).some((other) => same(one, other)));

const BITS: Readonly<Record<AccessType, string>> = { R: "R", RX: "RX", RW: "RW", RWX: "RWX" };
const REACHED: Readonly<Record<Reach, string>> = { self: "s", children: "c", subtree: "sc" };
const within = (a: string, b: string): boolean => [...a].every((one) => b.includes(one));

const windowWithin = (a: Validity, b: Validity): boolean =>
  (a.notBefore ?? 0) >= (b.notBefore ?? 0) && (a.notAfter ?? Number.POSITIVE_INFINITY) <= (b.notAfter ?? Number.POSITIVE_INFINITY);

/** Whether the one gives nothing that the other does not. */
export function isWithin(a: Rec, b: Rec): boolean {
  if (a.kind === "grant" && b.kind === "grant") return grantWithin(a.value, b.value);
  if ((a.kind === "membership" || a.kind === "assignment") && a.kind === b.kind) return windowWithin(a.value, b.value as Validity);
  return false;
}

const grantWithin = (a: Grant, b: Grant): boolean =>
  windowWithin(a, b) && within(BITS[a.access], BITS[b.access]) && within(REACHED[a.reach], REACHED[b.reach]);

const UNCHANGING = /^(?:subject\.(?:type|id)|action(?:\..*)?|context(?:\..*)?|attributes(?:\..*)?|resource\.(?:type|id|path|sandbox))$/;

/** What conditions read that records say (groups, roles, labels, states, …): each name, and which record reads it. */
export function readsOf(records: Iterable<Rec>): ReadonlyMap<string, string> {
  const reads = new Map<string, string>();
  for (const rec of records) {
    if (rec.kind === "policy" && rec.value.status !== "active") continue;
    for (const condition of conditionsOf(rec)) {
      for (const name of namesIn(condition))
        if (!UNCHANGING.test(name) && !reads.has(name)) reads.set(name, [rec.kind, ...keyOf(rec)].join(" "));
    }
  }
  return reads;
}

function conditionsOf({ kind, value }: Rec): readonly unknown[] {
  const of = (alternatives: readonly Alternative[] = []): unknown[] => alternatives.map(({ when }) => when);
  switch (kind) {
    case "policy":
      return [value.subjectCondition, ...value.rules.map(({ condition }) => condition)];
    case "product":
      return of(value.readDefault);
    case "operation":
    case "operation-rule":
      return of(value.alternatives);
    case "resource":
      return (value.document ?? []).flatMap(({ alternatives }) => of(alternatives));
    default:
      return [];
  }
}

/** Every variable of a condition. */
function namesIn(condition: unknown): readonly string[] {
  if (typeof condition !== "object" || condition === null) return [];
  return Object.entries(condition).flatMap(([name, value]) => {
    const variable: unknown = name === "var" && !Array.isArray(condition) ? [value].flat()[0] : undefined;
    return typeof variable === "string" ? [variable] : namesIn(value);
  });
}
