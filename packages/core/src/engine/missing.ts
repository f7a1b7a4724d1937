/**
 * What is missing: why nothing opened a request, source by source, and what out of its window would have.
 *
 * Asked only after a deny. `expired` and `not_yet` are found by counting one record all the same and deciding again.
 * Invariant: an entry `expired` or `not_yet` names a record that alone would have turned the deny into an allow.
 */
import type { Missing, Validity } from "../model/index.ts";
import { CHILDREN, ID_SHIFT, REACHES, reachOf, SELF, slotOf, TIMED } from "./access.ts";
import { bitsText } from "./evidence.ts";
import type { Assumed, Subject } from "./people.ts";
import type { Place } from "./place.ts";
import { pathOfPlace } from "./place.ts";
import { ask, factsOf, isAllowed, type Question, rulesOf } from "./question.ts";
import { mayPermit, outcomeOf, permits } from "./rules.ts";
import { covers, hasAccess, holdsPrerequisite, roleHits } from "./sources.ts";
import type { State } from "./state.ts";
import { ROOT } from "./tree.ts";

/** More records out of their window than this are not tried. */
const TRIED_MAX = 1_024;

export type Untimely = { readonly assumed: Assumed; readonly missing: Missing };

/** `suffices`: whether the whole decision, of which the question may be a part, would allow with one record counted all the same. */
export function missingOf(question: Question, suffices: (assumed: Assumed) => boolean): readonly Missing[] {
  const missing: Missing[] = [...missingByRole(question), ...missingByAccess(question), ...missingByPolicy(question)];
  if (question.assumed !== undefined) return missing;
  for (const { assumed, missing: entry } of untimely(question, [question.place])) if (suffices(assumed)) missing.push(entry);
  return missing;
}

/** Whether the question itself would be allowed. */
export function isAllowedAssuming(question: Question, assumed: Assumed): boolean {
  const again = ask({ ...question, assumed }, question.request);
  return "subject" in again && isAllowed(again);
}

function missingByRole(question: Question): Missing[] {
  const { state, subject, action, place } = question;
  const product = action.type.product;
  const missing: Missing[] = [];
  const held = subject.roles.filter((role) => action.heldBy(role));
  if (held.length === 0) {
    const sets = [...state.catalogue.sets.values()]
      .filter(
        (set) =>
          set.product === product.id && set.pairs.some((pair) => pair.type === action.type.name && pair.actions.includes(action.name)),
      )
      .map((set) => set.id);
    if (sets.length > 0) missing.push({ kind: "permission", action: action.name, sets });
    return missing;
  }
  if (roleHits(question).length > 0) {
    if (!holdsPrerequisite(question)) missing.push(missingPrerequisite(state, place, question));
    return missing;
  }
  for (const role of held) {
    const info = state.roles.at(role);
    if (info === undefined) continue;
    const id = info.record.id;
    if (product.record.boundedBy === "sandboxes" && !info.sandboxes.has(place.sandbox)) {
      missing.push({ kind: "sandbox", role: id, ...(place.sandbox === 0 ? {} : { sandbox: state.tree.id(place.sandbox) }) });
      continue;
    }
    for (const one of action.holders.get(role) ?? []) {
      if (covers(state, one, place)) continue;
      missing.push({ kind: "scope", role: id, set: one.set.id, resource: pathOfPlace(state, place) });
    }
  }
  return missing;
}

export function missingPrerequisite(state: State, place: Place, { action }: Pick<Question, "action">): Missing {
  const prerequisite = action.type.product.prerequisite;
  return { kind: "prerequisite", action: prerequisite?.action.name ?? "", resource: pathOfPlace(state, place) };
}

function missingByAccess(question: Question): Missing[] {
  const { state, action, place } = question;
  if (hasAccess(question)) return [];
  return action.needs.map((need) => ({ kind: "access", bits: bitsText(need), resource: pathOfPlace(state, place) }));
}

function missingByPolicy(question: Question): Missing[] {
  const rules = rulesOf(question).filter((rule) => rule.rule.effect === "permit");
  if (rules.length === 0) return [];
  const facts = factsOf(question);
  const missing: Missing[] = [];
  for (const rule of rules) {
    const named = { policy: rule.policy.record.id, rule: rule.index };
    if (permits(rule, facts)) continue;
    if (mayPermit(rule, facts)) missing.push({ kind: "condition", ...named });
    else if (facts.place.sandbox !== 0 && facts.roles().length === 0) {
      const holds = outcomeOf(rule.policy.subject, facts, "permit") === true && outcomeOf(rule.condition, facts, "permit") === true;
      if (holds) missing.push({ kind: "role", ...named, sandbox: facts.sandbox() ?? "" });
    }
  }
  return missing;
}

/** Every record of the subject's closure that is outside its window: memberships, assignments, and grants that reach a place. */
export function untimely(at: { state: State; subject: Subject; now: number }, places: readonly Place[]): Untimely[] {
  const found: Untimely[] = [];
  const { state, subject, now } = at;
  const { people } = state;
  for (const owner of subject.closure) {
    if (found.length >= TRIED_MAX) break;
    const name = people.names.text(owner);
    for (const [group, window] of people.membershipWindows.get(owner) ?? []) {
      const kind = kindAt(window, now);
      if (kind === undefined) continue;
      const missing: Missing = { kind, group: people.names.text(group), member: name, ...window };
      found.push({ assumed: { kind: "membership", group, member: owner }, missing });
    }
    for (const [role, window] of people.assignmentWindows.get(owner) ?? []) {
      const kind = kindAt(window, now);
      if (kind === undefined) continue;
      const missing: Missing = { kind, role: state.roles.id(role), principal: name, ...window };
      found.push({ assumed: { kind: "assignment", role, principal: owner }, missing });
    }
  }
  for (const place of places) if (found.length < TRIED_MAX) untimelyGrants(at, place, found);
  return found;
}

function untimelyGrants(at: { state: State; subject: Subject; now: number }, place: Place, found: Untimely[]): void {
  const { state, subject, now } = at;
  const { forward } = state.access;
  let isOwn = place.node !== 0;
  for (let node = place.above; ; node = state.tree.parent(node)) {
    for (const principal of subject.closure) {
      let entry = forward.atLeast(node, principal << ID_SHIFT);
      for (; entry !== -1 && entry >>> ID_SHIFT === principal; entry = forward.atLeast(node, entry + 1)) {
        if ((entry & TIMED) === 0 || reachOf(entry) === (isOwn ? CHILDREN : SELF)) continue;
        const window = state.access.window(node, principal, slotOf(entry)) ?? {};
        const kind = kindAt(window, now);
        if (kind === undefined) continue;
        const reach = REACHES[reachOf(entry)];
        const missing: Missing = {
          kind,
          principal: state.people.names.text(principal),
          resource: state.tree.path(node),
          ...(reach === undefined ? {} : { reach }),
          ...window,
        };
        found.push({ assumed: { kind: "grant", principal, node, slot: slotOf(entry) }, missing });
      }
    }
    if (node === ROOT) return;
    isOwn = false;
  }
}

function kindAt(window: Validity, now: number): "expired" | "not_yet" | undefined {
  if (window.notBefore !== undefined && now < window.notBefore) return "not_yet";
  if (window.notAfter !== undefined && now >= window.notAfter) return "expired";
  return undefined;
}
