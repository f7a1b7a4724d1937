/**
 * Explain: the decision, every source that was tried, what each needed and what was found.
 *
 * The verdict is `decide`'s own, taken from the same plan at the same moment; the rest is the same steps, none of them cut short.
 * Invariant: `explain(x).decision` equals `decide(x)`, and it allows iff no Deny rule matched and some source opened.
 */
import type { Decision, Evidence, OperationRequest, Request } from "../../model/index.ts";
import { compareUtf8 } from "../../model/index.ts";
import { decide } from "../decide/decide.ts";
import { pathOfPlace } from "../decide/place.ts";
import { ask, factsOf, type Question, rulesOf } from "../decide/question.ts";
import { holdsPrerequisite, reachedBits, roleHits } from "../decide/sources.ts";
import { decideCall } from "../operation/decide-operation.ts";
import type { Plan } from "../plan.ts";
import type { RuleInfo } from "../policy/policies.ts";
import { coversSandbox, mayPermit, outcomeOf } from "../policy/rules.ts";
import { accessEvidence, bitsText, hitEvidence } from "./evidence.ts";

export type Tried = {
  readonly source: "role" | "access" | "admin" | "policy";
  readonly opened: boolean;
  /** What the source needed: permission sets' pair, ways, administration. */
  readonly needed: { readonly type?: string; readonly action?: string; readonly ways?: readonly string[]; readonly prerequisite?: boolean };
  /** Everything of this source that counts here. */
  readonly found: readonly Evidence[];
};
export type RuleTried = {
  readonly policy: string;
  readonly rule: number;
  readonly effect: "permit" | "deny";
  readonly coversSandbox: boolean;
  readonly subjectCondition: "true" | "false" | "failed";
  readonly condition: "true" | "false" | "failed";
  readonly matched: boolean;
};
/** `tried` and `rules` are empty where the request was refused before any source was looked at. */
export type Explanation = {
  readonly decision: Decision;
  readonly resource?: string;
  readonly subject?: { readonly groups: readonly string[]; readonly roles: readonly string[]; readonly isAdmin: boolean };
  readonly tried: readonly Tried[];
  readonly rules: readonly RuleTried[];
};

/** Explains the decision about a request at `now`. Source: model §5. */
export function explain(plan: Plan, request: Request, now: number): Explanation {
  const decision = decide(plan, request, now);
  const question = ask({ state: plan.state(), now }, request);
  if ("allow" in question) return { decision, tried: [], rules: [] };
  const { state, place } = question;
  const rules = rulesOf(question).map((rule) => tryRule(question, rule));
  return {
    decision,
    resource: pathOfPlace(state, place),
    subject: subjectOf(question),
    tried: [tryRoles(question), tryAccess(question), tryAdmin(question), tryPolicies(rules)],
    rules,
  };
}

/** Explains the decision about a call of an API: its facts and `missing` say what each alternative of the row lacked. */
export function explainOperation(plan: Plan, request: OperationRequest, now: number): Explanation {
  return { decision: decideCall({ state: plan.state(), now }, request), tried: [], rules: [] };
}

function subjectOf({ state, subject }: Question): NonNullable<Explanation["subject"]> {
  return {
    groups: subject.groups.map((id) => state.people.names.text(id)).sort(compareUtf8),
    roles: subject.roles.map((role) => state.roles.id(role)).sort(compareUtf8),
    isAdmin: subject.isAdmin,
  };
}

function tryRoles(question: Question): Tried {
  const found = roleHits(question).map((hit) => hitEvidence(question, hit));
  const prerequisite = holdsPrerequisite(question);
  const { action } = question;
  found.sort((a, b) => compareUtf8(a.role, b.role) || compareUtf8(a.set, b.set));
  return {
    source: "role",
    opened: found.length > 0 && prerequisite,
    needed: { type: action.type.name, action: action.name, prerequisite },
    found,
  };
}

function tryAccess(question: Question): Tried {
  const { needs } = question.action;
  const bits = needs.length === 0 ? 0 : reachedBits(question);
  const found = needs.filter((need) => (bits & need) !== 0).map((need) => accessEvidence(question, need));
  return { source: "access", opened: needs.some((need) => (bits & need) === need), needed: { ways: needs.map(bitsText) }, found };
}

function tryAdmin({ subject, action }: Question): Tried {
  const opened = subject.isAdmin && action.type.product.record.adminMayAll === true;
  return { source: "admin", opened, needed: {}, found: opened ? [{ source: "admin" }] : [] };
}

function tryPolicies(rules: readonly RuleTried[]): Tried {
  const permits = rules.filter((rule) => rule.effect === "permit" && rule.matched);
  const found = permits.map((rule): Evidence => ({ source: "policy", policy: rule.policy, rule: rule.rule }));
  return { source: "policy", opened: found.length > 0, needed: {}, found };
}

function tryRule(question: Question, rule: RuleInfo): RuleTried {
  const facts = factsOf(question);
  const effect = rule.rule.effect === "deny" ? "deny" : "permit";
  const subject = outcomeOf(rule.policy.subject, facts, effect);
  const own = outcomeOf(rule.condition, facts, effect);
  const covered = coversSandbox(rule, facts);
  const matched =
    effect === "deny" ? covered && subject !== false && own !== false : mayPermit(rule, facts) && subject === true && own === true;
  return {
    policy: rule.policy.record.id,
    rule: rule.index,
    effect,
    coversSandbox: covered,
    subjectCondition: wordOf(subject),
    condition: wordOf(own),
    matched,
  };
}

function wordOf(outcome: boolean | 2): "true" | "false" | "failed" {
  return outcome === true ? "true" : outcome === false ? "false" : "failed";
}
