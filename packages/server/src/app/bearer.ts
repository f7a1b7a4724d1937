/**
 * Who asks Reeve for something, and whether he may read, ask or administer an organization, by Reeve's own product as one plan says it.
 *
 * Invariant: the engine decides; nothing here gives anything.
 */
import { decide, type Plan } from "@reeve/core";
import type { Ceiling } from "../identity/index.ts";

export type Bearer = { readonly type: string; readonly id: string };
/** A principal as one plan knows him, at a time. */
export type Authority = { readonly plan: Plan; readonly bearer: Bearer; readonly nowMs: number };

/** The actions of the product `reeve` on the organization. */
const ACTIONS: Readonly<Record<Ceiling, string>> = { read: "read-reeve", decide: "ask-reeve", admin: "administer-reeve" };
/**
 * Whether who acts is the server, its administrator or an issuer that it trusts, who stand above organizations; everybody else must be
 * allowed by the plan. What an issuer gives, the configuration says (`issued-people.ts`).
 */
export function standsAbove({ type }: Bearer): boolean {
  return type === "administrator" || type === "server" || type === "issuer";
}

/** Whether a principal may read, ask or administer the organization. */
export function mayIn({ plan, bearer, nowMs }: Authority, needs: Ceiling): boolean {
  return decide(plan, { principal: principalOf(bearer), action: { name: ACTIONS[needs] }, resource: { path: "/" } }, nowMs).allow;
}

/** A principal of a request, of somebody of whom more is known. */
export const principalOf = ({ type, id }: Bearer): Bearer => ({ type, id });
