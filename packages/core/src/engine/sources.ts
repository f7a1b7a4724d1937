/**
 * Sources of access at a place: roles with their scopes, grants and ownership with their reach, and the prerequisite.
 *
 * One pass over the subject's roles collects all that hold an action; one walk from the place up to the root collects all bits
 * that reach it, by marking the subject's closure and reading each node's short list once.
 * Invariant: nothing is kept between two calls but the marks, which each call makes anew.
 */
import { CHILDREN, ID_SHIFT, reachOf, SELF, slotOf, TIMED } from "./access.ts";
import { ACCESS_BITS, type ActionInfo, FULL, type HeldSet } from "./catalogue.ts";
import { sliceFrom } from "./lists.ts";
import { type Assumed, holds, type Subject } from "./people.ts";
import type { Place } from "./place.ts";
import type { State } from "./state.ts";
import { GRANT_LIST, OWNER, PARENT, ROOT } from "./tree.ts";

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
  const own = subject.roleBits;
  const words = Math.min(own.length, action.bits.length);
  let hits: HeldSet[] | undefined;
  for (let word = 0; word < words; word++) {
    for (let bits = (own[word] as number) & (action.bits[word] as number); bits !== 0; bits &= bits - 1) {
      const role = (word << 5) | (31 - Math.clz32(bits & -bits));
      for (const held of action.holders.get(role) as readonly HeldSet[]) {
        if (!covers(state, held, place)) continue;
        if (hits === undefined) hits = [held];
        else hits.push(held);
      }
    }
  }
  return hits ?? NO_HITS;
}

/** Whether any such set is there, and the prerequisite is held. */
export function opensByRole(question: Reaching): boolean {
  const { subject, action, place, state } = question;
  const own = subject.roleBits;
  const words = Math.min(own.length, action.bits.length);
  for (let word = 0; word < words; word++) {
    for (let bits = (own[word] as number) & (action.bits[word] as number); bits !== 0; bits &= bits - 1) {
      const role = (word << 5) | (31 - Math.clz32(bits & -bits));
      for (const held of action.holders.get(role) as readonly HeldSet[]) if (covers(state, held, place)) return holdsPrerequisite(question);
    }
  }
  return false;
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
  for (const role of subject.roles) for (const held of action.holders.get(role) ?? NO_HITS) if (covers(state, held, spot)) return true;
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

/** One byte an id of a principal: whether he is of the closure that is being looked for. */
let marks = new Uint8Array(1_024);

function mark(ids: readonly number[], last: number): void {
  if (last >= marks.length) marks = new Uint8Array(2 * last + 1_024);
  for (let i = 0; i < ids.length; i++) marks[ids[i] as number] = 1;
}

function unmark(ids: readonly number[]): void {
  for (let i = 0; i < ids.length; i++) marks[ids[i] as number] = 0;
}

/**
 * What the last walk found: each (node, packed grant) that counts, and nodes whose ownership reaches, with `OWNED` for a grant.
 * `hasUntimely`: a grant of the closure that reaches was outside its window.
 */
export const reached = { count: 0, nodes: new Int32Array(64), entries: new Int32Array(64), hasUntimely: false };
/** No packed grant: its reach would be none. */
export const OWNED = 3 << 2;

function note(node: number, entry: number): void {
  if (reached.count === reached.nodes.length) {
    for (const column of ["nodes", "entries"] as const) {
      const longer = new Int32Array(2 * reached.count);
      longer.set(reached[column]);
      reached[column] = longer;
    }
  }
  reached.nodes[reached.count] = node;
  reached.entries[reached.count++] = entry;
}

/** The bits of every grant and ownership that reach the place, united; `reached` tells which. */
export function reachedBits(question: Reaching): number {
  const { state, subject, place } = question;
  const { tree } = state;
  const { forward } = state.access;
  const { principal } = subject;
  mark(subject.closure, state.people.names.last);
  const marked = marks;
  reached.count = 0;
  reached.hasUntimely = false;
  let bits = 0;
  /** The reach that does not count at this node: of grants on the resource itself those for below, of those above `self`. */
  let without = place.node !== 0 ? CHILDREN : SELF;
  for (let node = place.above; ; ) {
    const row = tree.row(node);
    const base = tree.base(node);
    if (row[base + OWNER] === principal && ownershipReaches(state, node, without === CHILDREN)) {
      bits |= FULL;
      note(node, OWNED);
    }
    const list = row[base + GRANT_LIST] as number;
    if (list < 0) bits |= bitsOfLongList(question, node, without);
    else if (list > 0) {
      const chunk = forward.sliceChunk(list);
      const to = sliceFrom(list) + ((row[base + GRANT_LIST + 1] as number) >> 5);
      for (let i = sliceFrom(list); i < to; i++) {
        const entry = chunk[i] as number;
        if (marked[entry >>> ID_SHIFT] === 1 && reachOf(entry) !== without) bits |= bitsOfEntry(question, node, entry);
      }
    }
    if (node === ROOT) break;
    node = row[base + PARENT] as number;
    without = SELF;
  }
  unmark(subject.closure);
  return bits;
}

function bitsOfEntry(question: Reaching, node: number, entry: number): number {
  if ((entry & TIMED) !== 0 && !isInWindow(question, node, entry)) {
    reached.hasUntimely = true;
    return 0;
  }
  note(node, entry);
  return ACCESS_BITS[entry & 3] as number;
}

export function ownershipReaches(state: State, node: number, isOwn: boolean): boolean {
  const reach = state.tree.type(node)?.owner;
  return reach === "subtree" || (isOwn && reach === "self");
}

function bitsOfLongList(question: Reaching, node: number, without: number): number {
  const { forward } = question.state.access;
  let bits = 0;
  for (const principal of question.subject.closure) {
    let entry = forward.atLeast(node, principal << ID_SHIFT);
    for (; entry !== -1 && entry >>> ID_SHIFT === principal; entry = forward.atLeast(node, entry + 1)) {
      if (reachOf(entry) !== without) bits |= bitsOfEntry(question, node, entry);
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
