/**
 * Held: the permission sets that a principal's roles give at a place, and the (type, actions) in them.
 *
 * No policy, label, grant or ownership takes part: this is the role source of step 4 and nothing else.
 * Invariant: for a type that may lie directly below the place, held there iff the role source opens the collection (law 4).
 */
import { compareUtf8, type PermissionSet, type Subject as SubjectRef } from "../../model/index.ts";
import { isRefusal, locate, placeOf } from "../decide/place.ts";
import { isKnown } from "../decide/question.ts";
import { covers, holdsAction, nearestOf } from "../decide/sources.ts";
import type { Plan } from "../plan.ts";
import { ROOT } from "../state/tree.ts";

export type HeldQuery = {
  readonly principal: SubjectRef;
  /** A resource path: a sandbox, an item of a scope, or `/`. */
  readonly place: string;
  /** Only this product. */
  readonly product?: string;
};
export type HeldEntry = { readonly set: string; readonly roles: readonly string[]; readonly pairs: PermissionSet["pairs"] };

/** The permission sets held at a place at `now`, by id. Unknown names hold nothing. Source: model §5. */
export function held(plan: Plan, query: HeldQuery, now: number): readonly HeldEntry[] {
  const state = plan.state();
  const principal = state.people.names.find(query.principal.id);
  // The organization is a place to hold things at, whether or not a product declares actions of its own for it.
  const place = query.place === "/" ? placeOf(state, ROOT) : locate(state, { path: query.place });
  if (!isKnown(state, principal, query.principal.type) || isRefusal(place) || place.kind !== "resource") return [];
  const subject = state.people.subject(principal, now);
  const found = new Map<string, { set: PermissionSet; roles: string[] }>();
  for (const index of subject.roles) {
    const role = state.roles.at(index);
    const product = role === undefined ? undefined : state.catalogue.products.get(role.record.product);
    if (role === undefined || product === undefined || (query.product !== undefined && product.id !== query.product)) continue;
    if (place.type !== undefined && place.type.product !== product) continue;
    const prerequisite = product.prerequisite;
    const at = prerequisite === undefined ? undefined : nearestOf(state, place, prerequisite.of.index);
    if (prerequisite !== undefined && at !== undefined && !holdsAction({ state, subject }, prerequisite.action, at)) continue;
    for (const one of role.sets.values()) {
      if (!covers(state, one, place)) continue;
      const entry = found.get(one.set.id);
      if (entry === undefined) found.set(one.set.id, { set: one.set, roles: [role.record.id] });
      else entry.roles.push(role.record.id);
    }
  }
  return [...found.values()]
    .map(({ set, roles }): HeldEntry => ({ set: set.id, roles: roles.sort(compareUtf8), pairs: set.pairs }))
    .sort((a, b) => compareUtf8(a.set, b.set));
}
