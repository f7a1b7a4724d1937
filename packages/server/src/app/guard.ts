/**
 * Reeve's own authorization: what a caller may ask of Reeve itself, decided by its own engine in the product `reeve`.
 *
 * A token's ceiling counts first, then what its principal may do now: a right that was taken away ends with the next request.
 * Invariant: every use case that a surface offers is guarded; who may not even know that something exists is told that it does not.
 */
import { findRecord, isSuspended, type Kind, type Plan, type PrincipalType, type Rec } from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import type { ActivePrincipals, Caller, Ceiling } from "../identity/index.ts";
import { holdsOffice, maySee, maySeeAll } from "./authority.ts";
import { type Authority, mayIn } from "./bearer.ts";

/** `above`: for the server's administrator alone. */
export type Guarded = { readonly organization?: string; readonly needs: Ceiling; readonly above?: boolean };
export type Refused = { readonly code: "not_permitted" | "organization_suspended" | "organization_not_found" };
/** That the caller may, in so many words: that nothing was said is no permission. */
export type Verdict = "permitted" | Refused;
/** Whether the caller may, or why not. At once where the organization is loaded already. */
export type Guard = (caller: Caller, guarded: Guarded) => Verdict | Promise<Verdict>;

const ORDER: readonly Ceiling[] = ["read", "decide", "admin"];
const NOT_PERMITTED: Refused = { code: "not_permitted" };

export function createGuard(feed: Feed, clock: () => number): Guard {
  return (caller, { organization, needs, above }) => {
    const { principal, organizations, ceiling } = caller;
    // Another organization's existence is no caller's business.
    if (organization !== undefined && organizations !== "all" && !organizations.includes(organization))
      return { code: "organization_not_found" };
    if (ORDER.indexOf(ceiling) < ORDER.indexOf(needs)) return NOT_PERMITTED;
    if (principal === undefined) return "permitted";
    // What is of no organization: who he is, and which organizations are his.
    if (organization === undefined) return needs === "read" ? "permitted" : NOT_PERMITTED;
    // Who is somebody in several organizations asks each of them as its own; another one's namesake is not he.
    if (principal.organization !== organization) return { code: "organization_not_found" };
    const look = (plan: Plan | undefined): Verdict => {
      // Looked at, not believed: another organization's plan would decide about another's rights.
      if (plan?.organization !== organization) return { code: "organization_not_found" };
      if (isSuspended(plan)) return { code: "organization_suspended" };
      return above !== true && mayIn({ plan, bearer: principal, nowMs: clock() }, needs) ? "permitted" : NOT_PERMITTED;
    };
    const plan = feed.current(organization);
    return plan === undefined ? feed.plan(organization).then(look) : look(plan);
  };
}

/** Whether the caller is a principal of the organization whose ceiling allows what is needed. He is active, or he would be nobody. */
export const isMember = (
  { principal, ceiling }: Caller,
  { organization, needs }: Required<Pick<Guarded, "organization" | "needs">>,
): boolean => principal !== undefined && principal.organization === organization && ORDER.indexOf(ceiling) >= ORDER.indexOf(needs);

/** What a caller who may not read or administer an organization may all the same, by an office that he holds there. */
export type Offices = {
  /** Whether he holds one. His ceiling must allow what is needed. */
  hold(caller: Caller, guarded: Required<Pick<Guarded, "organization" | "needs">>): Promise<boolean>;
  /** Whether he may see this record. */
  see(caller: Caller, organization: string, rec: Rec): Promise<boolean>;
  /** Whether he may see every record of a kind that fits a filter. */
  seeAll(
    caller: Caller,
    organization: string,
    of: { readonly kind: Kind; readonly filter: Readonly<Record<string, string>> },
  ): Promise<boolean>;
};

export function createOffices(feed: Feed, clock: () => number): Offices {
  const look = async (caller: Caller, organization: string, may: (at: Authority) => boolean): Promise<boolean> => {
    const { principal } = caller;
    if (principal?.organization !== organization) return false;
    const plan = await feed.plan(organization);
    return plan?.organization === organization && may({ plan, bearer: principal, nowMs: clock() });
  };
  return {
    hold: async (caller, { organization, needs }) =>
      ORDER.indexOf(caller.ceiling) >= ORDER.indexOf(needs) && look(caller, organization, holdsOffice),
    see: (caller, organization, rec) => look(caller, organization, (at) => maySee(at, rec)),
    seeAll: (caller, organization, { kind, filter }) => look(caller, organization, (at) => maySeeAll(at, kind, filter)),
  };
}

/** What a principal is, while it is active. `ofSuspended`: in an organization that is suspended, too, as the guard must know of whom it turns away. */
export function activePrincipals(feed: Feed, { ofSuspended }: { readonly ofSuspended: boolean }): ActivePrincipals {
  return (organization, id) => {
    const look = (plan: Plan | undefined): PrincipalType | undefined => {
      const isServed = plan?.organization === organization && (ofSuspended || !isSuspended(plan));
      const found = isServed ? findRecord(plan, "principal", [id]) : undefined;
      return found?.kind === "principal" && found.value.active ? found.value.type : undefined;
    };
    const plan = feed.current(organization);
    return plan === undefined ? feed.plan(organization).then(look) : look(plan);
  };
}
