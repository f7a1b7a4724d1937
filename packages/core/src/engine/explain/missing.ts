/**
 * What is missing: why nothing opened a request, source by source, and what out of its window would have.
 *
 * Asked only after a deny. `expired` and `not_yet` are found by counting one record all the same and deciding again.
 * Invariant: an entry `expired` or `not_yet` names a record that alone would have turned the deny into an allow.
 */
import { compareUtf8, type Missing, REACHES, type Validity } from "../../model/index.ts";
import type { Place } from "../decide/place.ts";
import { ask, factsOf, isAllowed, type Question, rulesOf } from "../decide/question.ts";
import { holdsPrerequisite, reached, setsWithAction } from "../decide/sources.ts";
import { mayPermit, outcomeOf } from "../policy/rules.ts";
import { CHILDREN, reachOf, SELF, SLOTS, TIMED } from "../state/access.ts";
import type { HeldSet } from "../state/catalogue.ts";
import type { Assumed, Subject } from "../state/people.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";
import { askedPath, bitsText } from "./evidence.ts";

/** More records out of their window than this are not tried. */
const TRIED_MAX = 1_024;

export type Untimely = { readonly assumed: Assumed; readonly missing: Missing };

/**
 * `hits`: what the role source found. `suffices`: whether the whole decision, of which the question may be a part, would allow with
 * one record counted all the same.
 */
export function missingOf(question: Question, hits: readonly HeldSet[], suffices: (assumed: Assumed) => boolean): readonly Missing[] {
  const missing: Missing[] = [];
  addByRole(question, hits, missing);
  for (const need of question.action.needs) missing.push({ kind: "access", bits: bitsText(need), resource: askedPath(question) });
  addByPolicyAndTime(question, missing, suffices);
  return missing;
}

/** What is rarely missing: what Permit rules lack, and records out of their windows. */
export function addByPolicyAndTime(question: Question, missing: Missing[], suffices: (assumed: Assumed) => boolean): void {
  addByPolicy(question, missing);
  if (question.assumed !== undefined) return;
  // The walk of the access source has told whether a grant is out of its window; it was taken just before.
  const isUntimely = question.action.needs.length > 0 && reached.hasUntimely;
  if (question.subject.isTimeless && !isUntimely) return;
  const places = isUntimely ? [question.place] : [];
  for (const { assumed, missing: entry } of untimely(question, places)) if (suffices(assumed)) missing.push(entry);
}

/** Whether the question itself would be allowed. */
export function isAllowedAssuming(question: Question, assumed: Assumed): boolean {
  const again = ask({ ...question, assumed }, question.request);
  return "subject" in again && isAllowed(again);
}

function addByRole(question: Question, hits: readonly HeldSet[], missing: Missing[]): void {
  if (hits.length > 0) {
    if (!holdsPrerequisite(question)) missing.push(missingPrerequisite(question));
    return;
  }
  const held = heldElsewhere(question);
  for (const one of held) missing.push(notCovered(question, one));
  if (held.length > 0) return;
  const { state, action } = question;
  const sets = state.catalogue.setsWith(action);
  if (sets.length > 0) missing.push({ kind: "permission", action: action.name, sets });
}

/** Every set with the action that a role of the subject holds, wherever it counts: by role id, then by set id. */
export function heldElsewhere({ state, subject, action }: Question): readonly HeldSet[] {
  const held = setsWithAction(subject, action);
  const ranks = state.roles.ranks;
  // By insertion: they are few, and those of one role stand in the order of their sets already.
  for (let i = 1; i < held.length; i++) {
    const one = held[i] as HeldSet;
    const rank = ranks[one.role] as number;
    let at = i;
    for (; at > 0 && (ranks[(held[at - 1] as HeldSet).role] as number) > rank; at--) held[at] = held[at - 1] as HeldSet;
    held[at] = one;
  }
  return held;
}

/** A set that the subject holds elsewhere: its role does not apply in the sandbox, or its scope does not cover. */
function notCovered(question: Question, held: HeldSet): Missing {
  const { state, place } = question;
  const named = { role: state.roles.id(held.role), set: held.set.id };
  if (failsByScope(held, place)) return { kind: "scope", ...named, resource: askedPath(question) };
  if (place.sandbox === 0) return { kind: "sandbox", ...named };
  return { kind: "sandbox", ...named, sandbox: state.tree.id(place.sandbox) };
}

/** Whether it is the scope that does not cover; else the role does not apply in the sandbox. */
export function failsByScope({ sandboxes }: HeldSet, { sandbox }: Place): boolean {
  return sandboxes === null || sandboxes.has(sandbox);
}

export function missingPrerequisite(question: Question): Missing {
  const action = question.action.type.product.prerequisite?.action.name ?? "";
  return { kind: "prerequisite", action, resource: askedPath(question) };
}

function addByPolicy(question: Question, missing: Missing[]): void {
  const rules = rulesOf(question);
  if (rules.length === 0 || !rules.some((rule) => rule.rule.effect === "permit")) return;
  const facts = factsOf(question);
  for (const rule of rules) {
    if (rule.rule.effect !== "permit") continue;
    const named = { policy: rule.policy.record.id, rule: rule.index };
    if (mayPermit(rule, facts)) missing.push({ kind: "condition", ...named });
    else if (facts.place.sandbox !== 0 && facts.roles().length === 0) {
      const holds = outcomeOf(rule.policy.subject, facts, "permit") === true && outcomeOf(rule.condition, facts, "permit") === true;
      if (holds) missing.push({ kind: "role", ...named, sandbox: facts.sandbox() ?? "" });
    }
  }
}

/** Every record of the subject's closure that is outside its window, by its names: memberships, assignments, and grants that reach a place. */
export function untimely(at: { state: State; subject: Subject; now: number }, places: readonly Place[]): Untimely[] {
  const found: Untimely[] = [];
  const { state, subject, now } = at;
  const { people } = state;
  // A subject that holds for all time met no window on its way.
  for (const owner of subject.isTimeless ? [] : subject.closure) {
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
  return found.sort((a, b) => compareUtf8(namesIn(a.missing), namesIn(b.missing)));
}

/** What a record is named by, as a text to order by: members that it does not have come first. */
function namesIn({ group, member, role, principal, resource, reach }: Missing): string {
  return [group, member, role, principal, resource, reach].join("\n");
}

function untimelyGrants(at: { state: State; subject: Subject; now: number }, place: Place, found: Untimely[]): void {
  const { state, subject, now } = at;
  let isOwn = place.node !== 0;
  for (let node = place.above; ; node = state.tree.parent(node)) {
    for (const principal of subject.closure) {
      for (const slot of SLOTS) {
        const entry = state.access.entry(node, principal, slot);
        if (entry === -1 || (entry & TIMED) === 0 || reachOf(entry) === (isOwn ? CHILDREN : SELF)) continue;
        const window = state.access.window(node, principal, slot) ?? {};
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
        found.push({ assumed: { kind: "grant", principal, node, slot }, missing });
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
