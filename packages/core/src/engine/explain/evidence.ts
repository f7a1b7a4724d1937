/**
 * Evidence: what opened a request, in the ids and paths that people know.
 *
 * Invariant: evidence names only what counted at the moment of the decision.
 */
import { type AccessSource, type AccessType, type Bits, compareUtf8, type Evidence, type Reach, type Request } from "../../model/index.ts";
import { pathOfPlace } from "../decide/place.ts";
import { nodeIn, OWNED, type Reaching, reached } from "../decide/sources.ts";
import { idOf, REACHES, reachOf } from "../state/access.ts";
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
  const { state, subject, request } = question;
  const grants: Extract<AccessSource, { readonly grant: unknown }>[] = [];
  const owned: AccessSource[] = [];
  for (let i = 0; i < reached.count; i++) {
    const node = reached.nodes[i] as number;
    const entry = reached.entries[i] as number;
    const resource = pathAbove(question, node);
    if (entry === OWNED) owned.push({ ownerOf: resource });
    else if (((ACCESS_BITS[entry & 3] as number) & way) !== 0) {
      const id = idOf(entry);
      const principal = id === subject.principal ? request.principal.id : state.people.names.text(id);
      const [access, reach] = [ACCESS_TYPES[entry & 3] as AccessType, REACHES[reachOf(entry)] as Reach];
      grants.push({ grant: { principal, resource, access, reach } });
    }
  }
  if (grants.length > 1) {
    grants.sort(
      ({ grant: a }, { grant: b }) =>
        compareUtf8(a.principal, b.principal) || compareUtf8(a.resource, b.resource) || compareUtf8(a.reach, b.reach),
    );
  }
  return { source: "access", bits: bitsText(way), from: [...grants, ...owned] };
}
