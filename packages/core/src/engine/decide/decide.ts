/**
 * The decision about a resource: steps 1 to 5 of the model's §3, in their order.
 *
 * Invariant: pure and total; whatever is unknown is a deny, with its reason.
 */
import type { Decision, Evidence, Facts, ReasonCode, Request } from "../../model/index.ts";
import { accessEvidence, roleEvidence } from "../explain/evidence.ts";
import { isAllowedAssuming, missingOf } from "../explain/missing.ts";
import type { Plan } from "../plan.ts";
import { firstDeny, firstPermit } from "../policy/rules.ts";
import type { HeldSet } from "../state/catalogue.ts";
import type { Assumed } from "../state/people.ts";
import { LateDeny } from "./late-deny.ts";
import { ask, deny, factsOf, type Question, rulesOf } from "./question.ts";
import { holdsPrerequisite, reachedBits, roleHits } from "./sources.ts";

/**
 * Decides one request at `now` (epoch milliseconds). Unknown ids are denied; never an error for "no". What is missing is found when
 * it is read, on this plan, whatever was applied since; the request must not be changed before. Source: model §3.
 */
export function decide(plan: Plan, request: Request, now: number): Decision {
  const question = ask({ state: plan.state(), now }, request);
  if ("allow" in question) return question;
  return judge(question, () => denyLater(plan, request, now));
}

/** A deny for want of access whose facts are found when they are read, by judging again. */
function denyLater(plan: Plan, request: Request, now: number): Decision {
  return new LateDeny("no_access", () => {
    const again = ask({ state: plan.state(), now }, request);
    return ("allow" in again ? again : judge(again)).facts as Facts;
  });
}

/** A deny for want of access, with what is missing. `suffices`: see `missingOf`. */
export function denyNoAccess(question: Question, hits: readonly HeldSet[], suffices?: (assumed: Assumed) => boolean): Decision {
  return deny("no_access", { missing: missingOf(question, hits, suffices ?? ((assumed) => isAllowedAssuming(question, assumed))) });
}

/** What steps 3 to 5 came to, before it is put into words. `reached` tells of the walk of the access source until the next one. */
export type Verdict =
  | { readonly code: "denied_by_policy"; readonly facts: Facts }
  | { readonly code: "allowed_by_role" | "no_access"; readonly hits: readonly HeldSet[] }
  | { readonly code: "allowed_by_access"; readonly need: number }
  | { readonly code: "allowed_by_admin" }
  | { readonly code: "allowed_by_policy"; readonly evidence: Evidence };

/** Steps 3 to 5. */
export function weigh(question: Question): Verdict {
  const { action, subject } = question;
  const rules = rulesOf(question);
  const facts = rules.length === 0 ? undefined : factsOf(question);
  if (facts !== undefined) {
    const denied = firstDeny(rules, facts);
    if (denied !== undefined) return { code: "denied_by_policy", facts: denied };
  }
  const hits = roleHits(question);
  if (hits.length > 0 && holdsPrerequisite(question)) return { code: "allowed_by_role", hits };
  const needs = action.needs;
  if (needs.length > 0) {
    const bits = reachedBits(question);
    for (const need of needs) if ((bits & need) === need) return { code: "allowed_by_access", need };
  }
  if (subject.isAdmin && action.type.product.record.adminMayAll === true) return { code: "allowed_by_admin" };
  const permitted = facts === undefined ? undefined : firstPermit(rules, facts);
  return permitted === undefined ? { code: "no_access", hits } : { code: "allowed_by_policy", evidence: permitted };
}

/** Steps 3 to 5, with evidence or facts. `noAccess` makes the last deny, of what the role source found. */
export function judge(question: Question, noAccess = (hits: readonly HeldSet[]): Decision => denyNoAccess(question, hits)): Decision {
  return decisionOf(question, weigh(question), noAccess);
}

/** The decision that a verdict is. Nothing else may have been weighed since. */
export function decisionOf(question: Question, verdict: Verdict, noAccess: (hits: readonly HeldSet[]) => Decision): Decision {
  switch (verdict.code) {
    case "denied_by_policy":
      return deny(verdict.code, verdict.facts);
    case "allowed_by_role":
      return allow(verdict.code, roleEvidence(question, verdict.hits));
    case "allowed_by_access":
      return allow(verdict.code, accessEvidence(question, verdict.need));
    case "allowed_by_admin":
      return allow(verdict.code, ADMIN);
    case "allowed_by_policy":
      return allow(verdict.code, verdict.evidence);
    case "no_access":
      return noAccess(verdict.hits);
  }
}

const ADMIN: Evidence = Object.freeze({ source: "admin" });

function allow(code: ReasonCode, evidence: Evidence): Decision {
  return { allow: true, code, evidence };
}
