/**
 * What is missing: why nothing opened a request, source by source, and what out of its window would have.
 *
 * Asked only after a deny. `expired` and `not_yet` are found by counting one record all the same and deciding again.
 * Invariant: an entry `expired` or `not_yet` names a record that alone would have turned the deny into an allow.
 */
import { compareUtf8, type Missing, type Validity } from "../../model/index.ts";
import type { Place } from "../decide/place.ts";
import { ask, factsOf, isAllowed, type Question, rulesOf } from "../decide/question.ts";
import { holdsPrerequisite, reached } from "../decide/sources.ts";
import { mayPermit, outcomeOf } from "../policy/rules.ts";
import { CHILDREN, REACHES, reachOf, SELF, SLOTS, TIMED } from "../state/access.ts";
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
  addByPolicy(question, missing);
  if (question.assumed !== undefined) return missing;
  // The walk of the access source has told whether a grant is out of its window; it was taken just before.
  const places = question.action.needs.length > 0 && reached.hasUntimely ? [question.place] : [];
  for (const { assumed, missing: entry } of untimely(question, places)) if (suffices(assumed)) missing.push(entry);
  return missing;
}

/** Whether the question itself would be allowed. */
export function isAllowedAssuming(question: Question, assumed: Assumed): boolean {
  const again = ask({ ...question, assumed }, question.request);
  return "subject" in again && isAllowed(again);
}

function addByRole(question: Question, hits: readonly HeldSet[], missing: Missing[]): void {
  const { state, subject, action } = question;
  if (hits.length > 0) {
    if (!holdsPrerequisite(question)) missing.push(missingPrerequisite(question));
    return;
  }
  const held: HeldSet[] = [];
  for (const role of subject.roles) {
    const sets = action.holders.get(role);
    if (sets !== undefined) for (const one of sets) held.push(one);
  }
  held.sort((a, b) => state.roles.rank(a.role) - state.roles.rank(b.role) || compareUtf8(a.set.id, b.set.id));
  for (const one of held) missing.push(notCovered(question, one));
  if (held.length > 0) return;
  const sets = state.catalogue.setsWith(action);
  if (sets.length > 0) missing.push({ kind: "permission", action: action.name, sets });
}

/** A set that the subject holds elsewhere: its role does not apply in the sandbox, or its scope does not cover. */
function notCovered(question: Question, { role, set, sandboxes }: HeldSet): Missing {
  const { state, place } = question;
  const id = state.roles.id(role);
  if (sandboxes === null || sandboxes.has(place.sandbox)) return { kind: "scope", role: id, set: set.id, resource: askedPath(question) };
  if (place.sandbox === 0) return { kind: "sandbox", role: id, set: set.id };
  return { kind: "sandbox", role: id, set: set.id, sandbox: state.tree.id(place.sandbox) };
}

function missingPrerequisite(question: Question): Missing {
  const action = question.action.type.product.prerequisite?.action.name ?? "";
  return { kind: "prerequisite", action, resource: askedPath(question) };
}

function addByPolicy(question: Question, missing: Missing[]): void {
  const rules = rulesOf(question);
  if (!rules.some((rule) => rule.rule.effect === "permit")) return;
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
  const isTimeless = subject.from === Number.NEGATIVE_INFINITY && subject.until === Number.POSITIVE_INFINITY;
  for (const owner of isTimeless ? [] : subject.closure) {
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
