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

/** Steps 3 to 5, with evidence or facts. `noAccess` makes the last deny, of what the role source found. */
export function judge(question: Question, noAccess = (hits: readonly HeldSet[]): Decision => denyNoAccess(question, hits)): Decision {
  const { action, subject } = question;
  const rules = rulesOf(question);
  const facts = rules.length === 0 ? undefined : factsOf(question);
  if (facts !== undefined) {
    const denied = firstDeny(rules, facts);
    if (denied !== undefined) return deny("denied_by_policy", denied);
  }
  const hits = roleHits(question);
  if (hits.length > 0 && holdsPrerequisite(question)) return allow("allowed_by_role", roleEvidence(question, hits));
  const needs = action.needs;
  if (needs.length > 0) {
    const bits = reachedBits(question);
    for (const need of needs) if ((bits & need) === need) return allow("allowed_by_access", accessEvidence(question, need));
  }
  if (subject.isAdmin && action.type.product.record.adminMayAll === true) return allow("allowed_by_admin", ADMIN);
  const permitted = facts === undefined ? undefined : firstPermit(rules, facts);
  if (permitted !== undefined) return allow("allowed_by_policy", permitted);
  return noAccess(hits);
}

const ADMIN: Evidence = Object.freeze({ source: "admin" });

function allow(code: ReasonCode, evidence: Evidence): Decision {
  return { allow: true, code, evidence };
}
