/** Why something about an asset is not done. Thrown where it is found, inside a write too, which it ends; caught by the surface. */
import type { Fault } from "@reeve/core";

export type AssetCode =
  /** There is none, or the caller may not view it: to him that is the same. */
  | "asset_not_found"
  /** He may view it, and not do this. */
  | "not_permitted"
  /** An entry would reach further than its giver's own right to give. */
  | "scope_exceeds_own_access"
  | "object_exists"
  | "asset_state"
  | "base_path_taken"
  /** What is published or deprecated is not deleted. */
  | "asset_published"
  | "owner_entry_protected"
  | "inherited_entry"
  | "unknown_principal"
  /** Its list of permissions is not as the request says. */
  | "object_changed"
  | "too_many_items";

export class AssetRefused extends Error {
  readonly code: AssetCode | "malformed_request";
  readonly detail: string;
  /** Of `malformed_request`. */
  readonly faults: readonly Fault[];
  constructor(code: AssetCode, detail: string);
  constructor(code: "malformed_request", faults: readonly Fault[]);
  constructor(code: AssetCode | "malformed_request", about: string | readonly Fault[]) {
    super(code);
    this.code = code;
    this.detail = typeof about === "string" ? about : "";
    this.faults = typeof about === "string" ? [] : about;
  }
}

export const malformed = (pointer: string, detail: string, allowed?: readonly string[]): AssetRefused =>
  new AssetRefused("malformed_request", [{ code: "not_allowed", pointer, detail, ...(allowed === undefined ? {} : { allowed }) }]);
