/**
 * Members of a group at a moment: who has it in its closure, found from above.
 *
 * Memberships are walked downwards through active groups, each as long as it counts. In `members` is everybody.
 * Invariant: a principal is among them iff the group is in its closure, as decisions see it.
 */
import { compareUtf8, type PrincipalType } from "../../model/index.ts";
import type { Plan } from "../plan.ts";
import { holds, MEMBERS_ID, type People } from "../state/people.ts";
import { inOrder } from "./order.ts";

export type GroupMember = {
  readonly id: string;
  readonly type: PrincipalType;
  readonly name?: string;
  readonly active: boolean;
  /** The groups that it is in itself and by which it is in the asked one, which may be among them; at least one. */
  readonly through: readonly string[];
};

/** Ids in byte order, and what there is to say of some of them: all at one moment. */
export type GroupMembers = { readonly ids: readonly string[]; told(ids: readonly string[]): readonly GroupMember[] };

/** Who is in a group at `now`, inactive principals too, behind `after`. In what is no active group there is nobody. Grows with who is in it. */
export function groupMembers(plan: Plan, asked: { readonly group: string; readonly after?: string }, now: number): GroupMembers {
  const { people } = plan.state();
  const group = people.names.find(asked.group);
  if (people.type(group) !== "group" || !people.isActive(group)) return { ids: [], told: () => [] };
  const found = new Set<number>();
  // A set is walked in the order of insertion, and what is added on the way is walked too.
  const groups = new Set([group]);
  for (const above of groups) {
    for (const member of membersOf(people, above, now)) {
      found.add(member);
      if (people.type(member) === "group" && people.isActive(member)) groups.add(member);
    }
  }
  found.delete(group);
  const names = [...found].map((id) => people.names.text(id));
  return {
    ids: inOrder(names, asked.after),
    // The plan's state may have been elsewhere since.
    told: (ids) => ids.map((id) => told(plan.state().people, { id, groups, now })),
  };
}

function* membersOf(people: People, group: number, now: number): Iterable<number> {
  if (group === MEMBERS_ID) {
    for (let id = 1; id <= people.names.last; id++) if (people.known(id) && id !== MEMBERS_ID) yield id;
    return;
  }
  for (const member of people.membersOf.entries(group)) if (people.known(member) && isMember(people, { group, member }, now)) yield member;
}

function isMember(people: People, { group, member }: { readonly group: number; readonly member: number }, now: number): boolean {
  const span = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
  return holds(people.window("membership", member, group), now, span);
}

type Asked = { readonly id: string; readonly groups: ReadonlySet<number>; readonly now: number };

function told(people: People, { id, groups, now }: Asked): GroupMember {
  const member = people.names.find(id);
  const through = groups.has(MEMBERS_ID) && member !== MEMBERS_ID ? [people.name(MEMBERS_ID)] : [];
  for (const entry of people.groupsOf.entries(member)) {
    const group = entry >>> 1;
    if (groups.has(group) && isMember(people, { group, member }, now)) through.push(people.name(group));
  }
  const name = people.record(member)?.name;
  return {
    id,
    type: people.type(member) as PrincipalType,
    ...(name === undefined ? {} : { name }),
    active: people.isActive(member),
    through: through.sort(compareUtf8),
  };
}
