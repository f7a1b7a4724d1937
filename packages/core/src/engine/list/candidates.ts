/**
 * Candidates for lists: who or what might be allowed, from the reverse indexes. Too many is fine, too few never.
 *
 * Resources come from grants, ownership and scopes of the subject's closure with all below them, or are all of a type where
 * something opens it at large. Principals come from grants and owners along the place's path and from the holders of roles.
 * Invariant: everything that check allows is among the candidates.
 */

import type { Request } from "../../model/index.ts";
import { isRefusal, locate } from "../decide/place.ts";
import { actionAt } from "../decide/question.ts";
import { CHILDREN, idOf, reachOf, SELF } from "../state/access.ts";
import type { ActionInfo } from "../state/catalogue.ts";
import { ADMINS_ID, MEMBERS_ID, type Subject } from "../state/people.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";

type Asked = { readonly type: string; readonly action: string };

/** Candidates under each parent: of one type, registered, each once. */
export type Families = ReadonlyMap<number, readonly number[]>;

/** Registered nodes of a type on which the subject might be allowed the action. */
export function resourceCandidates(state: State, subject: Subject, asked: Asked): Families {
  const { tree } = state;
  const found = new Gathering(state, asked.type);
  if (isOpenAtLarge(state, subject, asked)) {
    found.addBelow(ROOT);
    return found.families;
  }
  for (const principal of subject.closure) {
    state.access.reverse.visit(principal, (entries, from, to) => {
      for (let i = from; i < to; i++) {
        const entry = entries[i] as number;
        const node = idOf(entry);
        if (reachOf(entry) !== SELF && tree.firstChild(node) !== 0) found.addBelow(node);
        else if (reachOf(entry) !== CHILDREN) found.add(node);
      }
    });
  }
  for (const node of state.owned.entries(subject.principal)) found.addBelow(node);
  for (const node of roleNodes(state, subject, asked)) found.addBelow(node);
  for (const path of state.policies.permitted(asked.action)) {
    const node = tree.find(path);
    if (node !== 0) found.addBelow(node);
  }
  return found.families;
}

class Gathering {
  readonly families = new Map<number, number[]>();
  readonly #tree: State["tree"];
  readonly #type: string;
  /** A bit for each node that was added. */
  readonly #added: Uint8Array;
  /** Of the last that was added: mostly the next lies beside it. */
  #parent = 0;
  #family: number[] = [];

  constructor({ tree }: State, type: string) {
    this.#tree = tree;
    this.#type = type;
    this.#added = new Uint8Array((tree.names.last >> 3) + 1);
  }

  add(node: number): void {
    const tree = this.#tree;
    if (tree.type(node)?.name !== this.#type || !tree.registered(node)) return;
    const bit = 1 << (node & 7);
    const byte = this.#added[node >> 3] as number;
    if ((byte & bit) !== 0) return;
    this.#added[node >> 3] = byte | bit;
    const parent = tree.parent(node);
    if (parent !== this.#parent) {
      this.#parent = parent;
      this.#family = this.families.get(parent) ?? [];
      if (this.#family.length === 0) this.families.set(parent, this.#family);
    }
    this.#family.push(node);
  }

  addBelow(node: number): void {
    for (const one of this.#tree.below(node)) this.add(one);
  }
}

/** Whether something may open resources without naming one above them: administration, or a role in the whole product. */
function isOpenAtLarge(state: State, subject: Subject, asked: Asked): boolean {
  for (const action of actionsOf(state, asked)) {
    if (subject.isAdmin && action.type.product.record.adminMayAll === true) return true;
    for (const role of subject.roles) {
      for (const { set, scope, sandboxes } of action.holders.get(role) ?? []) {
        if (set.organizationLevel === true || (scope === null && sandboxes === null)) return true;
      }
    }
  }
  return false;
}

/** Where the roles of the subject that hold the action are bounded: the items of its sets' scopes, or their sandboxes. */
function* roleNodes(state: State, subject: Subject, asked: Asked): Iterable<number> {
  for (const action of actionsOf(state, asked)) {
    for (const role of subject.roles) for (const held of action.holders.get(role) ?? []) yield* held.scope ?? held.sandboxes ?? [];
  }
}

/** The action of the type in every product that has both. */
function* actionsOf(state: State, { type, action }: Asked): Iterable<ActionInfo> {
  for (const product of state.catalogue.products.values()) {
    const info = product.types.get(type)?.actions.get(action);
    if (info !== undefined) yield info;
  }
}

/** Principals who might be allowed what is asked, groups among them. */
export function principalCandidates(state: State, asked: Pick<Request, "action" | "resource">): Iterable<number> {
  const place = locate(state, asked.resource);
  if (isRefusal(place)) return [];
  const action = actionAt(state, place, asked.action.name);
  if (action === undefined) return [];
  const start = new Set<number>(holders(state, action));
  for (let node = place.above; ; node = state.tree.parent(node)) {
    const owner = state.tree.owner(node);
    if (owner !== 0) start.add(owner);
    for (const entry of state.access.on(node)) start.add(idOf(entry));
    if (node === ROOT) break;
  }
  if (action.type.product.record.adminMayAll === true) start.add(ADMINS_ID);
  const isForAll = state.policies.permitted(action.name).size > 0;
  return withMembers(state, isForAll ? start.add(MEMBERS_ID) : start);
}

function* holders(state: State, action: ActionInfo): Iterable<number> {
  for (const role of action.holders.keys()) yield* state.roles.at(role) === undefined ? [] : state.people.assigneesOf.entries(role);
}

/** With everybody who is in one of the groups, however deep; of `members`, and of a group that it is in, that is everybody. */
function* withMembers(state: State, start: Set<number>): Iterable<number> {
  const { people } = state;
  for (const id of start) {
    if (people.type(id) === "group") for (const member of people.membersOf.entries(id)) start.add(member);
  }
  if (!start.has(MEMBERS_ID)) yield* start;
  else for (let id = 1; id <= people.names.last; id++) yield id;
}
