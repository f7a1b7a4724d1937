/**
 * What a write is warned of: it is done, and may yet be what nobody meant.
 *
 * Invariant: a warning refuses nothing, and a write that is made again is warned again.
 */
import { type Change, MEMBERS, REEVE_PRODUCT, WARNINGS, type Warning } from "../../model/index.ts";
import type { Plan } from "../plan.ts";

/** Warnings of changes that were admitted, by the plan after them. `pointer` is put before each change's index. */
export function warningsOf(plan: Plan, changes: readonly Change[], pointer = ""): readonly Warning[] {
  return changes.flatMap((change, index): Warning[] => {
    if (!("put" in change) || change.put.kind !== "assignment" || change.put.value.principal !== MEMBERS) return [];
    const { roles } = plan.state();
    const product = roles.at(roles.find(change.put.value.role))?.record.product;
    if (product === undefined || product === REEVE_PRODUCT) return [];
    const code = "role_given_to_members";
    const detail = `${WARNINGS[code].message} ${change.put.value.role} is a role of ${product}.`;
    return [{ code, pointer: `${pointer}/${index}/put/value/principal`, detail }];
  });
}
