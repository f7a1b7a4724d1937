/**
 * What Reeve asks of an organization as a whole: who administers it, and whether it is suspended.
 *
 * An *administrator* is an active user or service account that is in `admins` at the moment, itself or by active groups.
 * Invariant: whoever is listed here the engine takes for an administrator, and where it takes somebody for one the list is not empty.
 */
import { REEVE_PRODUCT } from "../model/index.ts";
import type { Plan } from "./plan.ts";
import { ADMINS_ID, holds, MEMBERS_ID, type People } from "./state/people.ts";

/** Reeve's setting, of the product `reeve`, that turns everybody away but who stands above organizations. */
const SUSPENDED = "suspended";

export function isSuspended(plan: Plan): boolean {
  return plan.state().catalogue.products.get(REEVE_PRODUCT)?.settings.get(SUSPENDED) === true;
}

/** Ids of those who administer the organization at `now`, in no order, at most `max`. */
export function administrators(plan: Plan, now: number, max: number): readonly string[] {
  const { people } = plan.state();
  const found: string[] = [];
  for (const id of peopleIn(people, now)) {
    if (found.push(people.name(id)) >= max) break;
  }
  return found;
}

/** Users and service accounts in `admins`, each once. */
function* peopleIn(people: People, now: number): Iterable<number> {
  // A set is walked in the order of insertion, and what is added on the way is walked too.
  const groups = new Set([ADMINS_ID]);
  const told = new Set<number>();
  for (const group of groups) {
    for (const member of group === MEMBERS_ID ? everybody(people) : people.membersOf.entries(group)) {
      if (!people.isActive(member) || told.has(member)) continue;
      const window = group === MEMBERS_ID ? {} : people.window("membership", member, group);
      if (!holds(window, now, { from: 0, until: 0 })) continue;
      if (people.type(member) === "group") groups.add(member);
      else {
        told.add(member);
        yield member;
      }
    }
  }
}

/** Who is in `members` without a record. */
function* everybody(people: People): Iterable<number> {
  for (let id = 1; id <= people.names.last; id++) if (people.known(id) && people.type(id) !== "group") yield id;
}
