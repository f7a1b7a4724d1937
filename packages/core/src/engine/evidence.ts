/**
 * Evidence: what opened a request, in the ids and paths that people know.
 *
 * Invariant: evidence names only what counted at the moment of the decision.
 */
import { type AccessSource, type AccessType, type Bits, compareUtf8, type Evidence, type Reach } from "../model/index.ts";
import { ID_SHIFT, REACHES, reachOf } from "./access.ts";
import { ACCESS_BITS, ACCESS_TYPES, type HeldSet, OWN, READ, WRITE } from "./catalogue.ts";
import { nodeIn, ownershipReaches, type Reaching, reachedBits } from "./sources.ts";
import { ROOT } from "./tree.ts";

/** A way's bits as they are written. */
export function bitsText(bits: number): Bits {
  if ((bits & OWN) !== 0) return "O";
  return `${(bits & READ) === 0 ? "" : "R"}${(bits & WRITE) === 0 ? "" : "W"}${(bits & 1) === 0 ? "" : "X"}` as Bits;
}

/** The hit with the first role id, and of its sets the first. */
export function roleEvidence(question: Reaching, hits: readonly HeldSet[]): Evidence {
  const { state } = question;
  let best = hits[0] as HeldSet;
  for (const hit of hits) {
    const order = compareUtf8(state.roles.id(hit.role), state.roles.id(best.role)) || compareUtf8(hit.set.id, best.set.id);
    if (order < 0) best = hit;
  }
  return hitEvidence(question, best);
}

export function hitEvidence({ state, place }: Pick<Reaching, "state" | "place">, hit: HeldSet): Evidence & { readonly source: "role" } {
  const { set, scope } = hit;
  const covering = scope === null || set.organizationLevel === true ? 0 : nodeIn(state, scope, place.above);
  return { source: "role", role: state.roles.id(hit.role), set: set.id, ...(covering === 0 ? {} : { scope: state.tree.path(covering) }) };
}

/** Every grant and ownership that gives a bit of the way, in the order of principal, resource, reach. */
export function accessEvidence(question: Reaching, way: number): Evidence {
  const { state, subject, place } = question;
  const from: AccessSource[] = [];
  const grants: { principal: string; resource: string; access: AccessType; reach: Reach }[] = [];
  reachedBits(question, (node, entry) => {
    if (((ACCESS_BITS[entry & 3] as number) & way) === 0) return;
    grants.push({
      principal: state.people.names.text(entry >>> ID_SHIFT),
      resource: state.tree.path(node),
      access: ACCESS_TYPES[entry & 3] as AccessType,
      reach: REACHES[reachOf(entry)] as Reach,
    });
  });
  if (grants.length > 1) {
    grants.sort((a, b) => compareUtf8(a.principal, b.principal) || compareUtf8(a.resource, b.resource) || compareUtf8(a.reach, b.reach));
  }
  for (const grant of grants) from.push({ grant });
  let isOwn = place.node !== 0;
  for (let node = place.above; node !== ROOT; node = state.tree.parent(node)) {
    if (state.tree.owner(node) === subject.principal && ownershipReaches(state, node, isOwn)) from.push({ ownerOf: state.tree.path(node) });
    isOwn = false;
  }
  return { source: "access", bits: bitsText(way), from };
}
