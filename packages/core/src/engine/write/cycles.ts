/**
 * Cycles: what would close one in groups or links, or nest too deeply, is refused before it is written.
 *
 * Invariant: walking up from any principal, or along links from any resource, ends within the limits of the model.
 */
import { ADMINS, type Fault, LIMITS, MEMBERS, type Nouns } from "../../model/index.ts";
import type { State } from "../state/state.ts";

/** A membership: groups nest at most 16 deep, and no group is in itself. `members` holds everybody, and so is in all that it is in. */
export function checkMembership(state: State, value: Nouns["membership"]): Fault[] {
  const { people } = state;
  if (value.group === MEMBERS)
    return [{ code: "reserved", pointer: "/group", detail: "Every active principal is in members: deactivate instead." }];
  const group = people.names.find(value.group);
  const member = people.names.find(value.member);
  if (group === 0 || member === 0) return [];
  if (value.member === ADMINS && value.group === ADMINS)
    return [{ code: "would_cycle", pointer: "/member", detail: "A group is not in itself." }];
  const up = walk(group, (id) => people.groupsOf.entries(id).map((entry) => entry >>> 1));
  if (group === member || up.reached.has(member)) {
    return [{ code: "would_cycle", pointer: "/member", detail: `${value.group} is in ${value.member} already.` }];
  }
  const down = walk(member, (id) => people.membersOf.entries(id));
  if (up.depth + 1 + down.depth <= LIMITS.groupDepthMax) return [];
  return [{ code: "too_deep", pointer: "/member", detail: `Groups nest at most ${LIMITS.groupDepthMax} deep.` }];
}

/** Everything reached from a start, and the most steps that it takes. Ends on any data. */
export function walk(
  start: number,
  next: (id: number) => Iterable<number>,
): { readonly reached: ReadonlySet<number>; readonly depth: number } {
  const depths = new Map<number, number>([[start, 0]]);
  let depth = 0;
  const queue = [start];
  for (let i = 0; i < queue.length; i++) {
    const id = queue[i] as number;
    const below = (depths.get(id) as number) + 1;
    // Deeper than any limit: whoever asks refuses it anyway.
    if (below > LIMITS.groupDepthMax + 1) continue;
    for (const one of next(id)) {
      const known = depths.get(one);
      if (known !== undefined && known >= below) continue;
      depths.set(one, below);
      depth = Math.max(depth, below);
      queue.push(one);
    }
  }
  return { reached: new Set(depths.keys()), depth };
}
