/**
 * The alternatives of an operation's rule: which of them holds for a subject and the targets of a call (model §3 e, f).
 *
 * `roles` asks for membership of a built-in role, `permission` for a set held through a role that is not built-in and whose
 * scope covers every target, `anyRole` for membership of any role of the product.
 * Invariant: an alternative whose condition names an attribute that was not given never holds.
 */
import { type Condition, compareUtf8, type Missing, type OperationRequest } from "../../model/index.ts";
import { type Place, pathOfPlace } from "../decide/place.ts";
import { covers, holdsAction, nearestOf, nodeIn } from "../decide/sources.ts";
import type { Compiled } from "../policy/condition.ts";
import { Facts } from "../policy/facts.ts";
import type { Policies } from "../policy/policies.ts";
import { ABSENT } from "../policy/readers.ts";
import type { HeldSet, ProductInfo } from "../state/catalogue.ts";
import type { Assumed, Subject } from "../state/people.ts";
import type { State } from "../state/state.ts";
import type { Holder, Holders } from "./holders.ts";
import type { AlternativeInfo } from "./operations.ts";
import type { Targeted } from "./targeting.ts";

export type Asking = {
  readonly state: State;
  readonly request: OperationRequest;
  readonly now: number;
  readonly product: ProductInfo;
  readonly subject: Subject;
  readonly targeted: Targeted;
  /** The operation as an action, `METHOD template`. */
  readonly action: string;
  readonly assumed: Assumed | undefined;
  /** Collects the conditions of alternatives that hold but for attributes that were not given. */
  readonly hanging: Condition[] | undefined;
  readonly isBrief: boolean | undefined;
};
/** What holds an alternative, its condition apart. `scope`: what covers the target, if it is not the organization. */
export type AlternativeHold = { readonly role: string; readonly set: string | undefined; readonly scope: string | undefined };

/** The actions under which Deny rules are asked and that some rule names: the operation, and those of every set that its own rule names. */
export function concernedActions({ catalogue, policies }: State, operation: string, rule: readonly AlternativeInfo[]): readonly string[] {
  const concerned: string[] = [];
  if (policies.concern(operation)) concerned.push(operation);
  for (const { permission } of rule) {
    if (permission === undefined) continue;
    for (const pair of catalogue.sets.get(permission)?.pairs ?? []) addConcerned(policies, pair.actions, concerned);
  }
  return concerned;
}

function addConcerned(policies: Policies, actions: readonly string[], concerned: string[]): void {
  for (const action of actions) if (policies.concern(action) && !concerned.includes(action)) concerned.push(action);
}

/** What conditions see of a call, at one of its targets. */
export function factsAt(asking: Asking, place: Place, action: string): Facts {
  const { state, now, subject, request, product } = asking;
  return new Facts({ state, now, subject, request, isTarget: true, product }, place, action);
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

/** Whether a condition is true; or the attributes that it names and that were not given, so that only the rest can hold. */
export function conditionHolds(asking: Asking, when: Compiled): boolean | readonly string[] {
  const facts = factsAt(asking, asking.targeted.target, asking.action);
  const absent = absentAttributes(when, facts);
  if (absent.length > 0) return absent;
  return when.run(facts) === true;
}

function absentAttributes(when: Compiled, facts: Facts): readonly string[] {
  let absent: string[] | undefined;
  for (const { name, read } of when.attributes) {
    if (read(facts) !== ABSENT) continue;
    absent ??= [];
    absent.push(name);
  }
  return absent ?? NONE;
}
const NONE: readonly string[] = Object.freeze([]);

/** What holds an alternative, its condition apart. */
export function heldBy(asking: Asking, alternative: AlternativeInfo): AlternativeHold | undefined {
  const product = alternative.product ?? asking.product.id;
  if (alternative.permission !== undefined) return heldByPermission(asking, alternative, product);
  const role = alternative.roles === undefined ? anyRole(asking, product) : heldRole(asking, alternative, product);
  return role === undefined ? undefined : { role, set: undefined, scope: undefined };
}

/** The first of the built-in roles that an alternative names which the subject has. */
function heldRole({ state, subject }: Asking, alternative: AlternativeInfo, product: string): string | undefined {
  alternative.indexes ??= (alternative.roles as readonly string[]).map((id) => state.roles.index(id));
  for (const index of alternative.indexes) {
    if (!hasRole(subject, index)) continue;
    const role = state.roles.at(index)?.record;
    if (role?.builtIn === true && role.product === product) return role.id;
  }
  return undefined;
}

function hasRole({ words, rolesAt, end }: Subject, role: number): boolean {
  const word = role >> 5;
  for (let i = rolesAt; i < end; i += 2) if (words[i] === word) return ((words[i + 1] as number) & (1 << (role & 31))) !== 0;
  return false;
}

/** Of the subject's roles of a product the one with the first id. */
function anyRole({ state, subject }: Asking, product: string): string | undefined {
  let first: string | undefined;
  for (const index of subject.roles) {
    const role = state.roles.at(index)?.record;
    if (role === undefined || role.product !== product) continue;
    if (first === undefined || compareUtf8(role.id, first) < 0) first = role.id;
  }
  return first;
}

const isAny = (): boolean => true;

/** Of the subject's roles that are not built in and hold a set the one with the first id whose set, as it holds it, fits. */
function firstHolder({ subject }: Asking, { bits, at }: Holders, fits: (holder: Holder) => boolean): Holder | undefined {
  const { words, rolesAt, end } = subject;
  let first: Holder | undefined;
  for (let i = rolesAt; i < end; i += 2) {
    const word = words[i] as number;
    if (word >= bits.length) break;
    for (let both = (words[i + 1] as number) & (bits[word] as number); both !== 0; both &= both - 1) {
      const holder = at.get((word << 5) | (31 - Math.clz32(both & -both))) as Holder;
      if (fits(holder) && (first === undefined || compareUtf8(holder.role, first.role) < 0)) first = holder;
    }
  }
  return first;
}

function heldByPermission(asking: Asking, alternative: AlternativeInfo, productId: string): AlternativeHold | undefined {
  const { state, targeted, product } = asking;
  const set = alternative.permission as string;
  alternative.holders ??= state.roles.holders.of(set);
  const { holders } = alternative;
  if (holders.product !== productId) return undefined;
  // A set of another product knows nothing of this one's targets.
  if (productId !== product.id || targeted.unsaid) {
    const info = state.catalogue.products.get(productId);
    const wide = info === undefined ? undefined : firstHolder(asking, holders, ({ held }) => isWide(held, info));
    if (wide === undefined) return undefined;
    if (productId !== product.id) return { role: wide.role, set, scope: undefined };
  }
  const first = firstHolder(asking, holders, (holder) => coversTarget(asking, holder));
  if (first === undefined) return undefined;
  for (const place of targeted.further) {
    if (firstHolder(asking, holders, ({ held }) => covers(state, held, place)) === undefined) return undefined;
  }
  const { scope, set: held } = first.held;
  const node = scope === null || held.organizationLevel === true ? 0 : nodeIn(state, scope, targeted.spot.above);
  return { role: first.role, set, scope: node === 0 ? undefined : holders.path(state.tree, node) };
}

/** As `covers`, but the target is looked for only where that can tell. */
function coversTarget({ state, targeted }: Asking, { held, isAnywhere }: Holder): boolean {
  return isAnywhere || covers(state, held, targeted.spot);
}

/** Why no alternative held: entries in the order of the rule. */
export function missingOfAlternatives(asking: Asking, row: string, rule: readonly AlternativeInfo[]): Missing[] {
  const missing: Missing[] = [];
  const unmet = unmetPrerequisite(asking);
  if (unmet !== undefined) {
    const action = asking.product.prerequisite?.action.name ?? "";
    missing.push({ kind: "prerequisite", action, resource: unmet === "organization" ? "/" : pathOfPlace(asking.state, unmet) });
  }
  for (const [alternative, info] of rule.entries()) {
    const named = { row, alternative };
    if (heldBy(asking, info) === undefined) missing.push({ ...missingOfAlternative(asking, info), ...named });
    else if (info.when !== undefined) {
      const outcome = conditionHolds(asking, info.when);
      if (outcome !== true) missing.push({ kind: "condition", ...named, ...(outcome === false ? {} : { attributes: outcome }) });
    }
  }
  return missing;
}

function missingOfAlternative(asking: Asking, { roles, permission: set, product = asking.product.id }: AlternativeInfo): Missing {
  if (roles !== undefined) return { kind: "role", roles };
  if (set === undefined) return { kind: "role", product };
  const holders = asking.state.roles.holders.of(set);
  const holder = holders.product === product ? firstHolder(asking, holders, isAny) : undefined;
  if (holder === undefined) return { kind: "permission", set };
  const uncovered = [asking.targeted.target, ...asking.targeted.further].find(
    (place) => firstHolder(asking, holders, ({ held }) => covers(asking.state, held, place)) === undefined,
  );
  const resource = uncovered === undefined ? "/" : pathOfPlace(asking.state, uncovered);
  return { kind: "scope", set, role: holder.role, resource };
}
