/**
 * What stands: the part of an organization that an import of a product looks at.
 *
 * Invariant: nothing here is changed; an import says what to write.
 */
import { type Operation, ORGANIZATION_TYPE, type PermissionSet, type Product, type Rec, type Role } from "@reeve/core";

export type Standing = {
  readonly product: Product | undefined;
  readonly sets: readonly PermissionSet[];
  readonly roles: readonly Role[];
  readonly operations: readonly Operation[];
  /** Ids of operations for which the organization has a rule of its own. */
  readonly ruled: ReadonlySet<string>;
  /** What other products have of which an organization has one name space each; root types and the organization's actions with their product. */
  readonly taken: {
    readonly sets: ReadonlySet<string>;
    readonly roles: ReadonlySet<string>;
    readonly roots: ReadonlyMap<string, string>;
    readonly actions: ReadonlyMap<string, string>;
  };
};

/** Records of any kinds and products; those that an import does not look at are passed over. */
export function standingOf(records: Iterable<Rec>, product: string): Standing {
  const sets: PermissionSet[] = [];
  const roles: Role[] = [];
  const operations: Operation[] = [];
  const ruled = new Set<string>();
  const taken = { sets: new Set<string>(), roles: new Set<string>(), roots: new Map<string, string>(), actions: new Map<string, string>() };
  let found: Product | undefined;
  for (const { kind, value } of records) {
    if (kind === "product" && value.id === product) found = value;
    else if (kind === "product") noteTypes(value, taken);
    else if (kind === "permission-set") value.product === product ? sets.push(value) : taken.sets.add(value.id);
    else if (kind === "role") value.product === product ? roles.push(value) : taken.roles.add(value.id);
    else if (kind === "operation" && value.product === product) operations.push(value);
    else if (kind === "operation-rule" && value.product === product) ruled.add(value.operation);
  }
  return { product: found, sets, roles, operations, ruled, taken };
}

function noteTypes(
  { id, types }: Product,
  { roots, actions }: { readonly roots: Map<string, string>; readonly actions: Map<string, string> },
): void {
  for (const [name, type] of Object.entries(types)) {
    if (name === ORGANIZATION_TYPE) for (const action of Object.keys(type.actions)) actions.set(action, id);
    else if (type.parents === undefined) roots.set(name, id);
  }
}
