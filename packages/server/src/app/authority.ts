/**
 * What a principal may do in an organization by Reeve's own product, as one plan says it: what the guard asks before a request, and a
 * write once more on the very plan that it alters.
 *
 * Invariant: the engine decides; nothing here gives anything.
 */
import { decide, type Plan } from "@reeve/core";
import type { Ceiling } from "../identity/index.ts";

export type Bearer = { readonly type: string; readonly id: string };

/** The actions of the product `reeve` on the organization. */
const ACTIONS: Readonly<Record<Ceiling, string>> = { read: "read-reeve", decide: "ask-reeve", admin: "administer-reeve" };

/** Whether a principal may read, ask or administer the organization. */
export function mayIn(plan: Plan, { type, id }: Bearer, { needs, nowMs }: { readonly needs: Ceiling; readonly nowMs: number }): boolean {
  return decide(plan, { principal: { type, id }, action: { name: ACTIONS[needs] }, resource: { path: "/" } }, nowMs).allow;
}

/** Whether who acts is the server or its administrator, who stand above organizations; everybody else must be allowed by the plan. */
export function standsAbove({ type }: Bearer): boolean {
  return type === "administrator" || type === "server";
}
