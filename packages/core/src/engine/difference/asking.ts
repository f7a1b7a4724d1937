/**
 * Asking: somebody on one side, with what he has of his own there, and what everybody shares who cannot be told from him.
 *
 * *Own* is what names a principal itself: his grants and what he owns. It only adds to what he may do; all else that decides about
 * him is his *likeness*: type, roles, groups with grants, administration, and as far as conditions read them his properties and id.
 * Invariant: who has one likeness gets the same answers wherever nothing of his own reaches.
 */
import type { JsonObject } from "../../model/index.ts";
import type { Asked } from "../decide/question.ts";
import type { Plan } from "../plan.ts";
import { idOf, reachOf, SELF } from "../state/access.ts";
import { MEMBERS_ID, type Subject } from "../state/people.ts";
import type { State } from "../state/state.ts";
import type { Moment, Principal } from "./answers.ts";
import type { Land } from "./places.ts";

/** What conditions read of who asks. */
export type Reads = { readonly id: boolean; readonly properties: boolean; readonly groups: boolean };

/** Of the text of conditions: the names of variables stand there in full. */
export function readsOf(text: string): Reads {
  const isWhole = text.includes('"subject"');
  return {
    id: isWhole || text.includes('"subject.id"'),
    properties: isWhole || text.includes('"subject.properties'),
    groups: isWhole || text.includes('"subject.groups"'),
  };
}

/** Nobody: owns nothing, and is named by nothing. */
export const NOBODY = -1;

export class Asking {
  readonly state: State;
  readonly principal: Principal;
  readonly now: number;
  readonly reads: Reads;
  /** Whether he is asked as one of all who are like him: what is his own is left out. */
  readonly isShared: boolean;
  readonly likeness: string;
  /** The same but for groups with grants: these only add to what is allowed. */
  readonly baseLikeness: string;
  readonly ownRequest: Asked;
  /** The stand-in has no record whose properties could be read. */
  readonly sharedRequest: Asked;
  readonly #plan: Plan;
  #subject: Subject;
  #standIn: Subject | undefined;
  #version: number;

  constructor(plan: Plan, principal: Principal, { moment, reads }: { readonly moment: Moment; readonly reads: Reads }) {
    const state = plan.state();
    const id = state.people.names.find(principal.id);
    this.#plan = plan;
    this.state = state;
    this.principal = principal;
    this.now = moment.now;
    this.reads = reads;
    this.#version = state.version;
    this.#subject = state.people.subject(id, moment.now);
    // Groups are few, and named: each is asked as itself.
    this.isShared = principal.type !== "group" && !reads.id;
    const properties = state.people.extras.get(id)?.properties;
    const rest = { action: { name: "" }, resource: { path: "/" }, ...(moment.context === undefined ? {} : { context: moment.context }) };
    this.ownRequest = { principal, ...rest };
    this.sharedRequest = { principal: properties === undefined ? principal : { ...principal, properties }, ...rest };
    const likeness = this.isShared ? likenessOf(this, properties) : [principal];
    this.baseLikeness = JSON.stringify(likeness);
    this.likeness = this.hasBase
      ? JSON.stringify([...likeness, this.groups.map((group) => state.people.names.text(group)).sort()])
      : this.baseLikeness;
  }

  /** After a stop: others may have asked other plans meanwhile. */
  resume(): void {
    const { version, people } = this.#plan.state();
    if (version === this.#version) return;
    this.#version = version;
    this.#subject = people.subject(people.names.find(this.principal.id), this.now);
    this.#standIn = undefined;
  }
  /** Himself. */
  get subject(): Subject {
    return this.#subject;
  }
  /** Whether what his groups are given may be told apart. */
  get hasBase(): boolean {
    return this.isShared && !this.reads.groups;
  }
  /** Groups with grants, but for those that everybody is in. */
  get groups(): readonly number[] {
    const { people, access } = this.state;
    const everybodys = people.subject(MEMBERS_ID, this.now).closure;
    const { closure, principal } = this.#subject;
    return closure.filter((id) => id !== principal && !everybodys.includes(id) && access.reverse.count(id) > 0);
  }
  /** Who stands for all who are like him but for his groups: he is in those that everybody is in. */
  get base(): Subject {
    const { closure } = this.state.people.subject(MEMBERS_ID, this.now);
    return within(this.#subject, closure);
  }
  /** Who stands for all who are like him. */
  get standIn(): Subject {
    const { closure, principal } = this.#subject;
    this.#standIn ??= this.isShared
      ? within(
          this.#subject,
          closure.filter((id) => id !== principal),
        )
      : this.#subject;
    return this.#standIn;
  }
}

function likenessOf({ state, subject, principal, reads }: Asking, properties: JsonObject | undefined): readonly unknown[] {
  const { people, roles } = state;
  const groups = reads.groups ? subject.closure.filter((id) => id !== subject.principal).map((id) => people.names.text(id)) : [];
  return [
    principal.type,
    subject.isAdmin,
    groups.sort(),
    subject.roles.map((role) => roles.id(role)).sort(),
    reads.properties ? (properties ?? null) : null,
  ];
}

/** The same with a closure that lacks the principal itself, so that nothing is his own. */
function within(subject: Subject, closure: readonly number[]): Subject {
  const words = Int32Array.from([...closure, ...subject.words.subarray(subject.rolesAt, subject.end)]);
  return { ...subject, principal: NOBODY, closure, words, at: 0, rolesAt: closure.length, end: words.length };
}

/** Places that something of his own may reach, by number; each with the nearest node at or above it that something of his own names. */
export type OwnReach = ReadonlyMap<number, number>;
const NOWHERE: OwnReach = new Map();

export function ownReachOf({ state, subject, principal }: Asking, land: Land): OwnReach {
  // Grants to groups tell kinds of places apart already.
  if (principal.type === "group") return NOWHERE;
  const { tree, access, owned } = state;
  const named = new Set<number>();
  const tops = new Set<number>(owned.entries(subject.principal));
  const alone = new Set<number>();
  for (const entry of access.reverse.entries(subject.principal)) (reachOf(entry) === SELF ? alone : tops).add(idOf(entry));
  for (const node of [...tops, ...alone]) named.add(node);
  const reach = new Map<number, number>();
  const note = (node: number): void => {
    const number = land.numberOf(node);
    if (number < 0) return;
    let nearest = node;
    while (!named.has(nearest)) nearest = tree.parent(nearest);
    reach.set(number, nearest);
  };
  for (const node of alone) note(node);
  for (const top of tops) if (!isBelowAnother(state, tops, top)) for (const node of tree.below(top)) note(node);
  return reach;
}

export function isBelowAnother({ tree }: State, tops: ReadonlySet<number>, top: number): boolean {
  for (let node = tree.parent(top); node !== 0; node = tree.parent(node)) if (tops.has(node)) return true;
  return false;
}
