/**
 * Reeve's own authorization: what a caller may ask of Reeve itself.
 *
 * Invariant: every use case that a surface offers is guarded; who may not even know that something exists is told that it does not.
 */
import type { Caller, Ceiling } from "../identity/index.ts";

export type Guarded = { readonly organization?: string; readonly needs: Ceiling };
export type Refused = { readonly code: "not_permitted" | "organization_not_found" };

const ORDER: readonly Ceiling[] = ["read", "decide", "admin"];

/** Whether the caller may: `undefined`, or why not. Another organization's existence is no caller's business. */
export function guard(caller: Caller, { organization, needs }: Guarded): Refused | undefined {
  if (organization !== undefined && caller.organizations !== "all" && !caller.organizations.includes(organization)) {
    return { code: "organization_not_found" };
  }
  if (ORDER.indexOf(caller.ceiling) < ORDER.indexOf(needs)) return { code: "not_permitted" };
  // For now only the server's administrator passes; principals come with identity proper.
  return caller.principal === undefined ? undefined : { code: "not_permitted" };
}
