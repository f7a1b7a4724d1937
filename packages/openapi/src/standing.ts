/**
 * What stands: the part of an organization that an import of a product looks at.
 *
 * Invariant: nothing here is changed; an import says what to write.
 */
import type { Operation, PermissionSet, Product, Rec, Role } from "@reeve/core";

export type Standing = {
  readonly product: Product | undefined;
  readonly sets: readonly PermissionSet[];
  readonly roles: readonly Role[];
  readonly operations: readonly Operation[];
  /** Ids of operations for which the organization has a rule of its own. */
  readonly ruled: ReadonlySet<string>;
  /** Ids of permission sets and roles of other products, which are one name space each. */
  readonly taken: { readonly sets: ReadonlySet<string>; readonly roles: ReadonlySet<string> };
};

/** Records of any kinds and products; those that an import does not look at are passed over. */
export function standingOf(records: Iterable<Rec>, product: string): Standing {
  const sets: PermissionSet[] = [];
  const roles: Role[] = [];
  const operations: Operation[] = [];
  const ruled = new Set<string>();
  const taken = { sets: new Set<string>(), roles: new Set<string>() };
  let found: Product | undefined;
  for (const { kind, value } of records) {
    if (kind === "product") found = value.id === product ? value : found;
    else if (kind === "permission-set") value.product === product ? sets.push(value) : taken.sets.add(value.id);
    else if (kind === "role") value.product === product ? roles.push(value) : taken.roles.add(value.id);
    else if (kind === "operation" && value.product === product) operations.push(value);
    else if (kind === "operation-rule" && value.product === product) ruled.add(value.operation);
  }
  return { product: found, sets, roles, operations, ruled, taken };
}
