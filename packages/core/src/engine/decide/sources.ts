/**
 * Sources of access at a place: roles with their scopes, grants and ownership with their reach, and the prerequisite.
 *
 * One pass over the subject's roles collects all that hold an action; one walk from the place up to the root collects all bits
 * that reach it, by marking the subject's closure and reading each node's short list once.
 * Invariant: nothing is kept between two calls but the marks, which each call makes anew.
 */
import { ID_SHIFT, idOf, SELF_ONLY, slotOf, TIMED, TO_CHILDREN } from "../state/access.ts";
import { ACCESS_BITS, type ActionInfo, FULL, type HeldSet } from "../state/catalogue.ts";
import { HEAD, sliceFrom } from "../state/lists.ts";
import { type Assumed, holds, type Subject } from "../state/people.ts";
import type { State } from "../state/state.ts";
import { GRANTS_BELOW, GRANTS_OWN, OWNER, PARENT, ROOT } from "../state/tree.ts";
import type { Place } from "./place.ts";

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
  const { words, rolesAt, end } = subject;
  const here = bitsHere(question);
  let hits: HeldSet[] | undefined;
  for (let i = rolesAt; i < end; i += 2) {
    const word = words[i] as number;
    for (let bits = openBits(action, here, word) & (words[i + 1] as number); bits !== 0; bits &= bits - 1) {
      for (const held of action.holders.get(lowestRole(word, bits)) as readonly HeldSet[]) {
        if (!covers(state, held, place)) continue;
        if (hits === undefined) hits = [held];
        else hits.push(held);
      }
    }
  }
  return hits ?? NO_HITS;
}

/** Every set with the action that a role of the subject holds, whether it counts here or not; those of a role by set id. */
export function setsWithAction({ words, rolesAt, end }: Subject, action: ActionInfo): HeldSet[] {
  const found: HeldSet[] = [];
  for (let i = rolesAt; i < end; i += 2) {
    const word = words[i] as number;
    if (word >= action.bits.length) continue;
    for (let bits = (action.bits[word] as number) & (words[i + 1] as number); bits !== 0; bits &= bits - 1) {
      for (const held of action.holders.get(lowestRole(word, bits)) as readonly HeldSet[]) found.push(held);
    }
  }
  return found;
}

/** Whether any such set is there, and the prerequisite is held. */
export function opensByRole(question: Reaching): boolean {
  const { subject, action, place, state } = question;
  const { words, rolesAt, end } = subject;
  const { bitsAnywhere } = action;
  const here = bitsHere(question);
  for (let i = rolesAt; i < end; i += 2) {
    const word = words[i] as number;
    let bits = openBits(action, here, word) & (words[i + 1] as number);
    if (bits === 0) continue;
    // Of roles that hold the sandbox, or whose set counts anywhere, nothing is left to look at: what is left are scopes.
    if (here !== undefined || (bits & (bitsAnywhere[word] as number)) !== 0) return holdsPrerequisite(question);
    for (; bits !== 0; bits &= bits - 1) {
      for (const held of action.holders.get(lowestRole(word, bits)) as readonly HeldSet[])
        if (covers(state, held, place)) return holdsPrerequisite(question);
    }
  }
  return false;
}

/** The roles that hold the place's sandbox, where the product is bounded by sandboxes. */
function bitsHere({ state, action, place }: Reaching): Int32Array | undefined {
  return action.type.product.isBoundedBySandboxes ? state.roles.inSandbox.of(place.sandbox) : undefined;
}

/** The roles of a word that hold the action and may open the place: in sandboxes those that hold this one, and those that do anywhere. */
function openBits(action: ActionInfo, here: Int32Array | undefined, word: number): number {
  if (word >= action.bits.length) return 0;
  const bits = action.bits[word] as number;
  if (here === undefined) return bits;
  return bits & ((action.bitsAnywhere[word] as number) | (word < here.length ? (here[word] as number) : 0));
}

function lowestRole(word: number, bits: number): number {
  return (word << 5) | (31 - Math.clz32(bits & -bits));
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

function mark({ words, at, rolesAt }: Subject, last: number): void {
  if (last >= marks.length) marks = new Uint8Array(2 * last + 1_024);
  for (let i = at; i < rolesAt; i++) marks[words[i] as number] = 1;
}

function unmark({ words, at, rolesAt }: Subject): void {
  for (let i = at; i < rolesAt; i++) marks[words[i] as number] = 0;
}

/**
 * What the last walk found: each (node, packed grant) that counts, and nodes whose ownership reaches, with `OWNED` for a grant.
 * `hasUntimely`: a grant of the closure that reaches was outside its window. `ahead` is kept so that reading ahead is not left away.
 */
export const reached = { count: 0, nodes: new Int32Array(64), entries: new Int32Array(64), hasUntimely: false, ahead: 0 };
/** No packed grant: one is either on the resource itself alone or for children. */
export const OWNED = -1;

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
  const { state, subject, place, action } = question;
  const { tree } = state;
  const { below } = state.access;
  const { principal } = subject;
  reached.ahead = tree.touchAbove(place.above);
  mark(subject, state.people.names.last);
  const marked = marks;
  reached.count = 0;
  reached.hasUntimely = false;
  let bits = place.node !== 0 ? bitsOnNode(question, place.node) : 0;
  const above = place.node !== 0 ? tree.parent(place.node) : place.above;
  for (let node = action.type.product.isApart ? 0 : above; node !== 0; ) {
    const row = tree.row(node);
    const base = tree.base(node);
    if (row[base + OWNER] === principal) bits |= bitsOfOwner(question, node, false);
    const list = row[base + GRANTS_BELOW] as number;
    if (list < 0) bits |= bitsOfLongList(question, node, HANDED_DOWN);
    else {
      const entries = list === 0 ? row : below.sliceChunk(list);
      const from = list === 0 ? base + INLINE : sliceFrom(list);
      const to = from + ((row[base + GRANTS_BELOW + 1] as number) >> 5);
      for (let i = from; i < to; i++) {
        const entry = entries[i] as number;
        if (marked[entry >>> ID_SHIFT] === 1) bits |= bitsOfEntry(question, node, entry);
      }
    }
    node = row[base + PARENT] as number;
  }
  unmark(subject);
  return bits;
}

/** Of these the bits that a registered resource has of its own, beside what reaches it from above. */
export function ownBits(question: Reaching): number {
  mark(question.subject, question.state.people.names.last);
  reached.count = 0;
  reached.hasUntimely = false;
  const bits = bitsOnNode(question, question.place.node);
  unmark(question.subject);
  return bits;
}

/** Where in a row the grants begin that lie beside the head of their list. */
const INLINE = GRANTS_BELOW + HEAD;

/** Of the resource itself: its owner, its own grants, and of those that reach below all but the ones for children. */
function bitsOnNode(question: Reaching, node: number): number {
  const { tree, access } = question.state;
  const row = tree.row(node);
  const base = tree.base(node);
  let bits = row[base + OWNER] === question.subject.principal ? bitsOfOwner(question, node, true) : 0;
  const own = row[base + GRANTS_OWN] as number;
  if (own < 0) bits |= bitsOfLongList(question, node, OWN);
  else if (own > 0) {
    const entries = access.own.sliceChunk(own);
    const to = sliceFrom(own) + ((row[base + GRANTS_OWN + 1] as number) >> 5);
    for (let i = sliceFrom(own); i < to; i++) {
      const entry = entries[i] as number;
      if (marks[idOf(entry)] === 1) bits |= bitsOfEntry(question, node, entry);
    }
  }
  const list = row[base + GRANTS_BELOW] as number;
  if (list < 0) return bits | bitsOfLongList(question, node, SUBTREE);
  const entries = list === 0 ? row : access.below.sliceChunk(list);
  const from = list === 0 ? base + INLINE : sliceFrom(list);
  const to = from + ((row[base + GRANTS_BELOW + 1] as number) >> 5);
  for (let i = from; i < to; i++) {
    const entry = entries[i] as number;
    if (marks[entry >>> ID_SHIFT] === 1 && (entry & TO_CHILDREN) === 0) bits |= bitsOfEntry(question, node, entry);
  }
  return bits;
}

function bitsOfOwner({ state }: Reaching, node: number, isOwn: boolean): number {
  if (!ownershipReaches(state, node, isOwn)) return 0;
  note(node, OWNED);
  return FULL;
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

/** The grants of a node that count, by their list. `skip`: a flag of entries that do not. */
type Part = { readonly list: "below" | "own"; readonly lowest: number; readonly skip: number };
const HANDED_DOWN: Part = { list: "below", lowest: 0, skip: 0 };
const SUBTREE: Part = { list: "below", lowest: 0, skip: TO_CHILDREN };
const OWN: Part = { list: "own", lowest: SELF_ONLY, skip: 0 };

function bitsOfLongList(question: Reaching, node: number, { list, lowest, skip }: Part): number {
  const entries = question.state.access[list];
  let bits = 0;
  for (const principal of question.subject.closure) {
    let entry = entries.atLeast(node, lowest | (principal << ID_SHIFT));
    for (; entry !== -1 && idOf(entry) === principal; entry = entries.atLeast(node, entry + 1)) {
      if ((entry & skip) === 0) bits |= bitsOfEntry(question, node, entry);
    }
  }
  return bits;
}

const span = { from: 0, until: 0 };

function isInWindow(question: Reaching, node: number, entry: number): boolean {
  const principal = idOf(entry);
  const slot = slotOf(entry);
  const { assumed } = question;
  if (assumed?.kind === "grant" && assumed.node === node && assumed.principal === principal && assumed.slot === slot) return true;
  return holds(question.state.access.window(node, principal, slot), question.now, span);
}
