/**
 * Sources of access at a place: roles with their scopes, grants and ownership with their reach, and the prerequisite.
 *
 * One pass over the subject's roles collects all that hold an action; one walk from the place up to the root collects all bits
 * that reach it, by marking the subject's closure and reading each node's short list once.
 * Invariant: nothing is kept between two calls but the marks, which each call makes anew.
 */
import { CHILDREN, ID_SHIFT, reachOf, SELF, slotOf, TIMED } from "./access.ts";
import { ACCESS_BITS, type ActionInfo, FULL, type HeldSet } from "./catalogue.ts";
import { type Assumed, holds, type Subject } from "./people.ts";
import type { Place } from "./place.ts";
import type { State } from "./state.ts";
import { ROOT } from "./tree.ts";

/** Who asks for which action where. */
export type Reaching = {
  readonly state: State;
  readonly subject: Subject;
  readonly place: Place;
  readonly action: ActionInfo;
  readonly now: number;
  readonly assumed: Assumed | undefined;
};
export function hasAccess(question: Reaching): boolean {
  const needs = question.action.needs;
  if (needs.length === 0) return false;
  const bits = reachedBits(question);
  for (const need of needs) if ((bits & need) === need) return true;
  return false;
}

const NO_HITS: readonly HeldSet[] = Object.freeze([]);

/** Every set, as a role of the subject holds it, that gives the action here; the prerequisite apart. */
export function roleHits(question: Reaching): readonly HeldSet[] {
  const { subject, action, place, state } = question;
  let hits: HeldSet[] | undefined;
  for (const role of subject.roles) {
    if (!action.heldBy(role)) continue;
    for (const held of action.holders.get(role) as readonly HeldSet[]) {
      if (!covers(state, held, place)) continue;
      if (hits === undefined) hits = [held];
      else hits.push(held);
    }
  }
  return hits ?? NO_HITS;
}

/** Where scopes and sandboxes are looked for. */
export type Spot = { readonly above: number; readonly sandbox: number };

/** Whether a set, as a role holds it, counts at a place: it is organization-level, or the role applies and the scope covers. */
export function covers(state: State, held: HeldSet, spot: Spot): boolean {
  if (held.set.organizationLevel === true) return true;
  if (held.sandboxes !== null && (spot.sandbox === 0 || !held.sandboxes.has(spot.sandbox))) return false;
  return held.scope === null || nodeIn(state, held.scope, spot.above) !== 0;
}

/** The first node at or above that a scope names, or 0. */
export function nodeIn(state: State, scope: ReadonlySet<number>, from: number): number {
  for (let node = from; node !== ROOT; node = state.tree.parent(node)) if (scope.has(node)) return node;
  return 0;
}

/** Whether the product's prerequisite for a place is held, through any of its roles. */
export function holdsPrerequisite(question: { state: State; subject: Subject; place: Place; action: ActionInfo }): boolean {
  const { state, place, action } = question;
  const prerequisite = action.type.product.prerequisite;
  if (prerequisite === undefined) return true;
  const at = nearestOf(state, place, prerequisite.of.index);
  return at === undefined || holdsAction(question, prerequisite.action, at);
}

/** Whether some role of the subject gives the action at a place, by the role source alone. */
export function holdsAction({ state, subject }: Pick<Reaching, "state" | "subject">, action: ActionInfo, spot: Spot): boolean {
  for (const role of subject.roles) {
    if (!action.heldBy(role)) continue;
    for (const held of action.holders.get(role) as readonly HeldSet[]) if (covers(state, held, spot)) return true;
  }
  return false;
}

/** The nearest resource of a type at or above a place, as where scopes are looked for; `undefined`: there is none. */
export function nearestOf(state: State, place: Place, type: number): Spot | undefined {
  if (place.kind === "child" && place.type?.index === type) return place;
  if (place.rest.length > 0) {
    let found = false;
    let below = state.tree.type(place.above);
    for (const [index, pair] of place.rest.entries()) {
      below = state.catalogue.resolve(below, place.above === ROOT && index === 0, pair.type);
      if (below?.index === type) found = true;
    }
    if (found) return place;
  }
  for (let node = place.above; node !== ROOT; node = state.tree.parent(node)) {
    if (state.tree.type(node)?.index === type) return { above: node, sandbox: state.tree.sandbox(node) };
  }
  return undefined;
}

let stamps = new Int32Array(1_024);
let stamp = 0;

/** Marks ids until the next call. */
function mark(ids: readonly number[], last: number): Int32Array {
  if (last >= stamps.length) stamps = new Int32Array(2 * last + 1_024);
  if (++stamp === 0x7fffffff) {
    stamps.fill(0);
    stamp = 1;
  }
  for (let i = 0; i < ids.length; i++) stamps[ids[i] as number] = stamp;
  return stamps;
}

/** What reaches a place: each (node, entry) of a grant that counts, as it is found. */
export type Reached = (node: number, entry: number) => void;

/** The bits of every grant and ownership that reach the place, united. `reached` hears of each grant. */
export function reachedBits(question: Reaching, reached?: Reached): number {
  const { state, subject, place } = question;
  const { tree } = state;
  const forward = state.access.forward;
  const marks = mark(subject.closure, state.people.names.last);
  const current = stamp;
  let bits = 0;
  let isOwn = place.node !== 0;
  for (let node = place.above; ; node = tree.parent(node)) {
    if (tree.owner(node) === subject.principal && ownershipReaches(state, node, isOwn)) bits |= FULL;
    const count = forward.slice(node);
    if (count === -1) bits |= bitsOfLongList(question, { node, isOwn }, reached);
    else if (count > 0) {
      const chunk = forward.sliceChunk;
      const from = forward.sliceFrom;
      for (let i = from; i < from + count; i++) {
        const entry = chunk[i] as number;
        if (marks[entry >>> ID_SHIFT] !== current || reachOf(entry) === (isOwn ? CHILDREN : SELF)) continue;
        if ((entry & TIMED) !== 0 && !isInWindow(question, node, entry)) continue;
        bits |= ACCESS_BITS[entry & 3] as number;
        if (reached !== undefined) reached(node, entry);
      }
    }
    if (node === ROOT) return bits;
    isOwn = false;
  }
}

export function ownershipReaches(state: State, node: number, isOwn: boolean): boolean {
  const reach = state.tree.type(node)?.owner;
  return reach === "subtree" || (isOwn && reach === "self");
}

function bitsOfLongList(question: Reaching, { node, isOwn }: { node: number; isOwn: boolean }, reached: Reached | undefined): number {
  const forward = question.state.access.forward;
  let bits = 0;
  for (const principal of question.subject.closure) {
    let entry = forward.atLeast(node, principal << ID_SHIFT);
    for (; entry !== -1 && entry >>> ID_SHIFT === principal; entry = forward.atLeast(node, entry + 1)) {
      if (reachOf(entry) === (isOwn ? CHILDREN : SELF)) continue;
      if ((entry & TIMED) !== 0 && !isInWindow(question, node, entry)) continue;
      bits |= ACCESS_BITS[entry & 3] as number;
      if (reached !== undefined) reached(node, entry);
    }
  }
  return bits;
}

const span = { from: 0, until: 0 };

function isInWindow(question: Reaching, node: number, entry: number): boolean {
  const principal = entry >>> ID_SHIFT;
  const slot = slotOf(entry);
  const { assumed } = question;
  if (assumed?.kind === "grant" && assumed.node === node && assumed.principal === principal && assumed.slot === slot) return true;
  return holds(question.state.access.window(node, principal, slot), question.now, span);
}
