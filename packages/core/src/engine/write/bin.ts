/**
 * What lies in the bin forgets what is gone, in the write that deletes it, as everything else does that names it.
 *
 * Invariant: what comes back from the bin names nobody and nothing that was deleted meanwhile, though it be made again under its id.
 */
import { type Binned, type Change, isAtOrBelow, type Resource } from "../../model/index.ts";
import type { State } from "../state/state.ts";

/** What is gone. `resource`: what is left of each that lies in the bin; the same object: all of it. */
export type Gone = {
  readonly principal?: string;
  readonly resource?: (one: Resource) => Resource;
  readonly isGone?: (path: string) => boolean;
};

export function* binnedIn(state: State): Iterable<Binned> {
  for (const rec of state.passive()) if (rec.kind === "binned") yield rec.value;
}

/** The ids of what lies in the bin and is meant, and of all that lies within any of that. */
export function lyingIn(state: State, isMeant: (one: Binned) => boolean): ReadonlySet<string> {
  const all = [...binnedIn(state)];
  const found = new Set(all.filter(isMeant).map(({ id }) => id));
  // A set is walked in the order of insertion, and what is added on the way is walked too.
  for (const id of found) for (const one of all) if (one.within === id) found.add(one.id);
  return found;
}

/** Adds what becomes of the bin to the changes of a write, building on what they make of it already. */
export function forget(state: State, changes: Change[], { principal, resource = same, isGone = never }: Gone): void {
  const left = (one: Resource): Resource => resource(one.owner === undefined || one.owner !== principal ? one : withoutOwner(one));
  for (const standing of binnedIn(state)) {
    const binned = pending(changes, standing);
    const grants = binned.grants.filter((grant) => grant.principal !== principal);
    // What lies here is gone already: another thing may have been made, and deleted, under its path.
    const isLost = (end: string): boolean => isGone(end) && !isAtOrBelow(end, binned.path);
    const links = binned.links.filter(({ from, to }) => !isLost(from) && !isLost(to));
    const resources = binned.resources.map(left);
    const isWhole = grants.length === binned.grants.length && links.length === binned.links.length;
    if (isWhole && resources.every((one, index) => one === binned.resources[index])) continue;
    changes.push({ put: { kind: "binned", value: { ...binned, resources, grants, links } } });
  }
}

/** As the changes so far leave it. */
function pending(changes: readonly Change[], standing: Binned): Binned {
  const last = changes.findLast((one) => "put" in one && one.put.kind === "binned" && one.put.value.id === standing.id);
  return last !== undefined && "put" in last && last.put.kind === "binned" ? last.put.value : standing;
}

const same = (one: Resource): Resource => one;
const never = (): boolean => false;

function withoutOwner({ owner: _, ...rest }: Resource): Resource {
  return rest;
}
