/**
 * The alternatives of an operation's rule: which of them holds for a subject and the targets of a call (model §3 e, f).
 *
 * `roles` asks for membership of a built-in role, `permission` for a set held through a role that is not built-in and whose
 * scope covers every target, `anyRole` for membership of any role of the product.
 * Invariant: an alternative whose condition names an attribute that was not given never holds.
 */
import { type Condition, compareUtf8, type Missing, type OperationRequest } from "../model/index.ts";
import type { HeldSet, ProductInfo } from "./catalogue.ts";
import type { Facts } from "./facts.ts";
import type { AlternativeInfo } from "./operations.ts";
import type { Assumed, Subject } from "./people.ts";
import { type Place, pathOfPlace } from "./place.ts";
import { ABSENT } from "./readers.ts";
import type { RoleInfo } from "./roles.ts";
import { covers, holdsAction, nearestOf, nodeIn } from "./sources.ts";
import type { State } from "./state.ts";
import type { Targeted } from "./targeting.ts";

export type Asking = {
  readonly state: State;
  readonly request: OperationRequest;
  readonly now: number;
  readonly product: ProductInfo;
  readonly subject: Subject;
  readonly targeted: Targeted;
  readonly assumed?: Assumed | undefined;
  /** Collects the conditions of alternatives that hold but for attributes that were not given. */
  readonly hanging: Condition[] | undefined;
  readonly isBrief?: boolean | undefined;
};
/** What holds; `absent`: attributes of its condition that were not given, so that only the rest of it holds. */
export type AlternativeHold = { readonly role: string; readonly set?: string; readonly scope?: string; readonly absent: readonly string[] };

/** The actions under which Deny rules are asked: the operation, and those of every set that its rule names. */
export function ruleActions(state: State, operation: string, rule: readonly AlternativeInfo[]): string[] {
  const actions = [operation];
  for (const { record } of rule) {
    if (!("permission" in record)) continue;
    for (const pair of state.catalogue.sets.get(record.permission)?.pairs ?? []) actions.push(...pair.actions);
  }
  return [...new Set(actions)];
}

export function isEveryPrerequisiteHeld(asking: Asking): boolean {
  return unmetPrerequisite(asking) === undefined;
}

/** The place on which the product's prerequisite is not held; `organization`: a further target is not known. */
function unmetPrerequisite(asking: Asking): Place | "organization" | undefined {
  const { state, subject, product, targeted } = asking;
  const prerequisite = product.prerequisite;
  if (prerequisite === undefined) return undefined;
  for (const place of [targeted.target, ...targeted.further]) {
    const at = nearestOf(state, place, prerequisite.of.index);
    if (at !== undefined && !holdsAction(asking, prerequisite.action, at)) return place;
  }
  if (!targeted.unsaid) return undefined;
  for (const role of subject.roles) {
    if (prerequisite.action.holders.get(role)?.some((held) => isWide(held, product)) === true) return undefined;
  }
  return "organization";
}

/** A set that counts in the whole organization. */
function isWide(held: HeldSet, product: ProductInfo): boolean {
  return held.set.organizationLevel === true || (held.scope === null && product.record.boundedBy !== "sandboxes");
}

export function alternativeHolds(asking: Asking, alternative: AlternativeInfo, facts: Facts): AlternativeHold | undefined {
  const by = heldBy(asking, alternative);
  if (by === undefined) return undefined;
  const absent = absentAttributes(alternative, facts);
  if (absent.length > 0) return { ...by, absent };
  return alternative.when === undefined || alternative.when.run(facts) === true ? { ...by, absent } : undefined;
}

function absentAttributes(alternative: AlternativeInfo, facts: Facts): readonly string[] {
  if (alternative.when === undefined || alternative.when.attributes.length === 0) return NONE;
  return alternative.when.attributes.filter(({ read }) => read(facts) === ABSENT).map(({ name }) => name);
}
const NONE: readonly string[] = Object.freeze([]);

/** What holds an alternative, its condition apart. */
function heldBy(asking: Asking, { record }: AlternativeInfo): Omit<AlternativeHold, "absent"> | undefined {
  const product = record.product ?? asking.product.id;
  if ("permission" in record) return heldByPermission(asking, { set: record.permission, product });
  if ("roles" in record) {
    const id = record.roles.find((role) => {
      const index = asking.state.roles.find(role);
      const info = asking.subject.roles.includes(index) ? asking.state.roles.at(index) : undefined;
      return info?.record.builtIn === true && info.record.product === product;
    });
    return id === undefined ? undefined : { role: id };
  }
  const first = firstRole(asking, product, () => true);
  return first === undefined ? undefined : { role: first.record.id };
}

/** Of the subject's roles of a product that fit the one with the first id. */
function firstRole({ state, subject }: Asking, product: string, fits: (role: RoleInfo) => boolean): RoleInfo | undefined {
  let first: RoleInfo | undefined;
  for (const index of subject.roles) {
    const role = state.roles.at(index);
    if (role === undefined || role.record.product !== product || !fits(role)) continue;
    if (first === undefined || compareUtf8(role.record.id, first.record.id) < 0) first = role;
  }
  return first;
}

/** The first role that is not built in and holds a set that fits. */
function firstHolder(asking: Asking, { set, product }: SetOf, fits: (held: HeldSet) => boolean): RoleInfo | undefined {
  return firstRole(asking, product, (role) => {
    const held = role.record.builtIn === true ? undefined : role.sets.get(set);
    return held !== undefined && fits(held);
  });
}
type SetOf = { readonly set: string; readonly product: string };

function heldByPermission(asking: Asking, of: SetOf): Omit<AlternativeHold, "absent"> | undefined {
  const { state, targeted, product } = asking;
  const { set } = of;
  // A set of another product knows nothing of this one's targets.
  if (of.product !== product.id || targeted.unsaid) {
    const info = state.catalogue.products.get(of.product);
    const wide = info === undefined ? undefined : firstHolder(asking, of, (held) => isWide(held, info));
    if (wide === undefined) return undefined;
    if (of.product !== product.id) return { role: wide.record.id, set };
  }
  const first = firstHolder(asking, of, (held) => covers(state, held, targeted.target));
  if (first === undefined) return undefined;
  for (const place of targeted.further) {
    if (firstHolder(asking, of, (held) => covers(state, held, place)) === undefined) return undefined;
  }
  const { scope, set: held } = first.sets.get(set) as HeldSet;
  const node = scope === null || held.organizationLevel === true ? 0 : nodeIn(state, scope, targeted.target.above);
  return node === 0 ? { role: first.record.id, set } : { role: first.record.id, set, scope: state.tree.path(node) };
}

/** Why no alternative held: entries in the order of the rule. */
export function missingOfAlternatives(asking: Asking, at: { row: string; rule: readonly AlternativeInfo[]; facts: Facts }): Missing[] {
  const missing: Missing[] = [];
  const unmet = unmetPrerequisite(asking);
  if (unmet !== undefined) {
    const action = asking.product.prerequisite?.action.name ?? "";
    missing.push({ kind: "prerequisite", action, resource: unmet === "organization" ? "/" : pathOfPlace(asking.state, unmet) });
  }
  for (const [alternative, info] of at.rule.entries()) {
    const named = { row: at.row, alternative };
    if (heldBy(asking, info) === undefined) missing.push({ ...missingOfAlternative(asking, info), ...named });
    else if (info.when !== undefined && alternativeHolds(asking, info, at.facts)?.absent.length !== 0) {
      const attributes = absentAttributes(info, at.facts);
      missing.push({ kind: "condition", ...named, ...(attributes.length === 0 ? {} : { attributes }) });
    }
  }
  return missing;
}

function missingOfAlternative(asking: Asking, { record }: AlternativeInfo): Missing {
  const product = record.product ?? asking.product.id;
  if ("roles" in record) return { kind: "role", roles: record.roles };
  if (!("permission" in record)) return { kind: "role", product };
  const set = record.permission;
  const of = { set, product };
  const holder = firstHolder(asking, of, () => true);
  if (holder === undefined) return { kind: "permission", set };
  const uncovered = [asking.targeted.target, ...asking.targeted.further].find(
    (place) => firstHolder(asking, of, (held) => covers(asking.state, held, place)) === undefined,
  );
  const resource = uncovered === undefined ? "/" : pathOfPlace(asking.state, uncovered);
  return { kind: "scope", set, role: holder.record.id, resource };
}
