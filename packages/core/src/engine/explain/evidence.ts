/**
 * Evidence: what opened a request, in the ids and paths that people know.
 *
 * Invariant: evidence names only what counted at the moment of the decision.
 */
import {
  type AccessSource,
  type AccessType,
  type Bits,
  compareUtf8,
  type Evidence,
  REACHES,
  type Reach,
  type Request,
} from "../../model/index.ts";
import { pathOfPlace } from "../decide/place.ts";
import { nodeIn, OWNED, type Reaching, reached } from "../decide/sources.ts";
import { idOf, reachOf } from "../state/access.ts";
import { ACCESS_BITS, ACCESS_TYPES, type HeldSet, OWN, READ, WRITE } from "../state/catalogue.ts";
import { ROOT } from "../state/tree.ts";

/** A way's bits as they are written. */
export function bitsText(bits: number): Bits {
  if ((bits & OWN) !== 0) return "O";
  return `${(bits & READ) === 0 ? "" : "R"}${(bits & WRITE) === 0 ? "" : "W"}${(bits & 1) === 0 ? "" : "X"}` as Bits;
}

/** The hit with the first role id, and of its sets the first. */
export function roleEvidence(question: Reaching, hits: readonly HeldSet[]): Evidence {
  return hitEvidence(question, firstHit(question, hits));
}

/** The one of several hits that is named. */
export function firstHit({ state }: Reaching, hits: readonly HeldSet[]): HeldSet {
  let best = hits[0] as HeldSet;
  for (const hit of hits) {
    const order = state.roles.rank(hit.role) - state.roles.rank(best.role) || compareUtf8(hit.set.id, best.set.id);
    if (order < 0) best = hit;
  }
  return best;
}

export function hitEvidence(spot: Pick<Reaching, "state" | "place">, hit: HeldSet): Evidence & { readonly source: "role" } {
  const covering = coveringNode(spot, hit);
  const { state } = spot;
  const named = { source: "role", role: state.roles.id(hit.role), set: hit.set.id } as const;
  return covering === 0 ? named : { ...named, scope: state.tree.path(covering) };
}

/** The item of a hit's scope that covers the place, or 0: the organization. */
export function coveringNode({ state, place }: Pick<Reaching, "state" | "place">, { set, scope }: HeldSet): number {
  return scope === null || set.organizationLevel === true ? 0 : nodeIn(state, scope, place.above);
}

/** The path of a node at or above the place: where the request spells it, a part of what was sent, which costs nothing. */
export function pathAbove({ state, place, request }: Reaching & { readonly request: Request }, node: number): string {
  const sent = request.resource.path;
  if (sent === undefined || place.kind !== "resource" || node === ROOT) return state.tree.path(node);
  return node === place.node ? sent : sent.slice(0, state.tree.names.length(node));
}

/** The path that is asked about, as it was sent where it was. */
export function askedPath({ state, place, request }: Pick<Reaching, "state" | "place"> & { readonly request: Request }): string {
  return request.resource.path !== undefined && place.kind === "resource" ? request.resource.path : pathOfPlace(state, place);
}

/** Every grant and ownership of the last walk that gives a bit of the way, in the order of principal, resource, reach. */
export function accessEvidence(question: Reaching & { readonly request: Request }, way: number): Evidence & { readonly source: "access" } {
  const from: AccessSource[] = grantsReached(question, way).map((at) => {
    const entry = reached.entries[at] as number;
    const [access, reach] = [accessOf(entry), REACHES[reachOf(entry)] as Reach];
    return { grant: { principal: principalOf(question, entry), resource: resourceOf(question, at), access, reach } };
  });
  for (const at of ownersReached()) from.push({ ownerOf: resourceOf(question, at) });
  return { source: "access", bits: bitsText(way), from };
}

type Walked = Reaching & { readonly request: Request };

/** The grants of the last walk that give a bit of the way, by where `reached` has them: in the order of principal, resource, reach. */
export function grantsReached(question: Walked, way: number): readonly number[] {
  const found: number[] = [];
  for (let i = 0; i < reached.count; i++) {
    const entry = reached.entries[i] as number;
    if (entry === OWNED || ((ACCESS_BITS[entry & 3] as number) & way) === 0) continue;
    // By insertion: they are few.
    let at = found.length;
    for (; at > 0 && isBefore(question, i, found[at - 1] as number); at--) found[at] = found[at - 1] as number;
    found[at] = i;
  }
  return found;
}

/** Whether a grant comes before one that the walk met earlier. */
function isBefore(question: Walked, later: number, earlier: number): boolean {
  const [one, other] = [reached.entries[later] as number, reached.entries[earlier] as number];
  if (idOf(one) !== idOf(other)) return compareUtf8(principalOf(question, one), principalOf(question, other)) < 0;
  // What is met later is above, and its path a beginning of the other's.
  if (reached.nodes[later] !== reached.nodes[earlier]) return true;
  return compareUtf8(REACHES[reachOf(one)] as Reach, REACHES[reachOf(other)] as Reach) < 0;
}

/** The ownerships of the last walk, by where `reached` has them. */
export function ownersReached(): readonly number[] {
  let found: number[] | undefined;
  for (let i = 0; i < reached.count; i++) {
    if (reached.entries[i] !== OWNED) continue;
    if (found === undefined) found = [i];
    else found.push(i);
  }
  return found ?? NONE;
}
const NONE: readonly number[] = [];

export function principalOf({ state, subject, request }: Walked, entry: number): string {
  const id = idOf(entry);
  return id === subject.principal ? request.principal.id : state.people.name(id);
}
export function resourceOf(question: Walked, at: number): string {
  return pathAbove(question, reached.nodes[at] as number);
}
export function accessOf(entry: number): AccessType {
  return ACCESS_TYPES[entry & 3] as AccessType;
}
