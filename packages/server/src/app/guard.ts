/**
 * Reeve's own authorization: what a caller may ask of Reeve itself, decided by its own engine in the product `reeve`.
 *
 * A token's ceiling counts first, then what its principal may do now: a right that was taken away ends with the next request.
 * Invariant: every use case that a surface offers is guarded; who may not even know that something exists is told that it does not.
 */
import { findRecord, type Plan, type PrincipalType } from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import type { ActivePrincipals, Caller, Ceiling } from "../identity/index.ts";
import { mayIn } from "./authority.ts";

export type Guarded = { readonly organization?: string; readonly needs: Ceiling };
export type Refused = { readonly code: "not_permitted" | "organization_not_found" };
/** That the caller may, in so many words: that nothing was said is no permission. */
export type Verdict = "permitted" | Refused;
/** Whether the caller may, or why not. At once where the organization is loaded already. */
export type Guard = (caller: Caller, guarded: Guarded) => Verdict | Promise<Verdict>;

const ORDER: readonly Ceiling[] = ["read", "decide", "admin"];
const NOT_PERMITTED: Refused = { code: "not_permitted" };

export function createGuard(feed: Feed, clock: () => number): Guard {
  return (caller, { organization, needs }) => {
    const { principal, organizations, ceiling } = caller;
    // Another organization's existence is no caller's business.
    if (organization !== undefined && organizations !== "all" && !organizations.includes(organization))
      return { code: "organization_not_found" };
    if (ORDER.indexOf(ceiling) < ORDER.indexOf(needs)) return NOT_PERMITTED;
    if (principal === undefined) return "permitted";
    // What is of no organization: who he is, and which organizations are his.
    if (organization === undefined) return needs === "read" ? "permitted" : NOT_PERMITTED;
    const look = (plan: Plan | undefined): Verdict => {
      // Looked at, not believed: another organization's plan would decide about another's rights.
      if (plan?.organization !== organization) return { code: "organization_not_found" };
      return mayIn(plan, principal, { needs, nowMs: clock() }) ? "permitted" : NOT_PERMITTED;
    };
    const plan = feed.current(organization);
    return plan === undefined ? feed.plan(organization).then(look) : look(plan);
  };
}

/** What a principal is, while it is active. */
export function activePrincipals(feed: Feed): ActivePrincipals {
  return (organization, id) => {
    const look = (plan: Plan | undefined): PrincipalType | undefined => {
      const found = plan?.organization === organization ? findRecord(plan, "principal", [id]) : undefined;
      return found?.kind === "principal" && found.value.active ? found.value.type : undefined;
    };
    const plan = feed.current(organization);
    return plan === undefined ? feed.plan(organization).then(look) : look(plan);
  };
}
