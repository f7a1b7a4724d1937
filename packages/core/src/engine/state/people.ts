/**
 * Principals, their groups and their roles: who somebody is at a moment.
 *
 * A *subject* is a principal with its closure: itself, the active groups that it reaches through memberships that count at the
 * moment, `members`, and every role assigned to one of these. Subjects are kept with the interval of time for which they hold.
 * Invariant: a kept subject is what computing it anew at any moment of its interval would give.
 */
import { ADMINS, MEMBERS, type Principal, type PrincipalType, type Validity } from "../../model/index.ts";
import { PackedLists } from "./lists.ts";
import { Names } from "./names.ts";

export const MEMBERS_ID = 1;
export const ADMINS_ID = 2;
const TYPES: readonly (PrincipalType | undefined)[] = [undefined, "user", "group", "service-account"];
const GROUP = 2;
const ACTIVE = 4;

export type Subject = {
  /**
   * What walks read, side by side: from `at` the ids of the closure, from `rolesAt` to `end` the roles as bits: for each word of 32 in
   * which there is one, its index and the word.
   */
  words: Int32Array;
  at: number;
  rolesAt: number;
  end: number;
  readonly version: number;
  readonly isTimeless: boolean;
  readonly principal: number;
  /** Groups of the closure, the principal itself among them if it is one. */
  readonly groups: readonly number[];
  /** Everything that a grant or an assignment may name. */
  readonly closure: readonly number[];
  /** Role indexes, ascending. */
  readonly roles: readonly number[];
  readonly isAdmin: boolean;
  /** The moments for which this holds: from inclusive, until exclusive. */
  readonly from: number;
  readonly until: number;
};
/** A record outside its window that is counted all the same: what `expired` and `not_yet` are found by. */
export type Assumed =
  | { readonly kind: "membership"; readonly group: number; readonly member: number }
  | { readonly kind: "assignment"; readonly role: number; readonly principal: number }
  | { readonly kind: "grant"; readonly principal: number; readonly node: number; readonly slot: number };

/** Integers in a chunk of words of subjects, and in the first one. */
const RUN = 1 << 18;
const FIRST_RUN = 1 << 8;

/** Names that are kept as texts. */
const SHOWN_MAX = 4_096;

type Span = { from: number; until: number };

/** Whether a window holds at `now`; narrows `span` to the moments with the same answer. */
export function holds(window: Validity | undefined, now: number, span: Span): boolean {
  if (window === undefined) return true;
  const from = window.notBefore ?? Number.NEGATIVE_INFINITY;
  const until = window.notAfter ?? Number.POSITIVE_INFINITY;
  if (now < from) {
    if (from < span.until) span.until = from;
    return false;
  }
  if (now >= until) {
    if (until > span.from) span.from = until;
    return false;
  }
  if (from > span.from) span.from = from;
  if (until < span.until) span.until = until;
  return true;
}

export class People {
  readonly names: Names;
  #info: Uint8Array = new Uint8Array(64);
  /** Member → group << 1 | timed, and group → member. */
  readonly groupsOf = new PackedLists();
  readonly membersOf = new PackedLists();
  /** Principal → role << 1 | timed, and role → principal. */
  readonly rolesOf = new PackedLists();
  readonly assigneesOf = new PackedLists();
  readonly membershipWindows = new Map<number, Map<number, Validity>>();
  readonly assignmentWindows = new Map<number, Map<number, Validity>>();
  /** Records that say more than type and activity. */
  readonly extras = new Map<number, Principal>();
  #runs = new Runs();
  readonly #subjects: (Subject | undefined)[] = [undefined, undefined, undefined];
  /** Integers stand for the same id for ever: nobody takes one away. */
  readonly #shown = new Map<number, string>();
  #version = 1;
  /** The id that was asked last: records of one principal come one after another. Names of people are never removed. */
  #lastText = MEMBERS;
  #lastId = MEMBERS_ID;

  constructor(seed: number) {
    this.names = new Names(seed);
    this.names.add(MEMBERS);
    this.names.add(ADMINS);
    this.#info[MEMBERS_ID] = GROUP | ACTIVE;
    this.#info[ADMINS_ID] = GROUP | ACTIVE;
  }

  /** The integer of an id that records name, made if it is new. */
  id(text: string): number {
    if (text === this.#lastText) return this.#lastId;
    const id = this.names.add(text);
    this.#lastText = text;
    this.#lastId = id;
    // Filled without holes, which would make it a dictionary.
    while (this.#subjects.length <= id) this.#subjects.push(undefined);
    if (id >= this.#info.length) {
      const info = new Uint8Array(this.#info.length * 2);
      info.set(this.#info);
      this.#info = info;
    }
    return id;
  }
  /** The id that an integer stands for. Of those that were asked for the last ones are kept: who holds grants is named often. */
  name(principal: number): string {
    const kept = this.#shown.get(principal);
    if (kept !== undefined) return kept;
    if (this.#shown.size === SHOWN_MAX) this.#shown.clear();
    const text = this.names.text(principal);
    this.#shown.set(principal, text);
    return text;
  }
  known(principal: number): boolean {
    return this.type(principal) !== undefined;
  }
  type(principal: number): PrincipalType | undefined {
    return TYPES[(this.#info[principal] as number) & 3];
  }
  isActive(principal: number): boolean {
    return ((this.#info[principal] as number) & ACTIVE) !== 0;
  }
  /** The record as far as decisions know it. */
  record(principal: number): Principal | undefined {
    const type = this.type(principal);
    if (type === undefined || principal <= ADMINS_ID) return undefined;
    return this.extras.get(principal) ?? { id: this.names.text(principal), type, active: this.isActive(principal) };
  }

  put(id: string, record: Principal | undefined): void {
    const principal = this.id(id);
    const before = this.#info[principal] as number;
    const type = record === undefined ? 0 : TYPES.indexOf(record.type);
    this.#info[principal] = type | (record?.active === true ? ACTIVE : 0);
    if (record !== undefined && (record.name !== undefined || record.properties !== undefined)) this.extras.set(principal, record);
    else this.extras.delete(principal);
    if ((before & 3) === GROUP || type === GROUP) this.#version++;
    else this.#subjects[principal] = undefined;
  }

  putMembership(ids: { group: string; member: string }, window: Validity | undefined): void {
    const group = this.id(ids.group);
    const member = this.id(ids.member);
    this.#unlist(this.groupsOf, member, group);
    setWindow(this.membershipWindows, { owner: member, other: group }, window);
    if (window === undefined) this.membersOf.remove(group, member);
    else {
      this.groupsOf.insert(member, (group << 1) | (isTimed(window) ? 1 : 0));
      this.membersOf.insert(group, member);
    }
    // Below a group stand principals without number: all subjects are found anew. Of a leaf only its own.
    if (this.type(member) === "group" || this.membersOf.count(member) > 0) this.#version++;
    else this.#subjects[member] = undefined;
  }

  putAssignment(ids: { role: number; principal: string }, window: Validity | undefined): void {
    const principal = this.id(ids.principal);
    this.#unlist(this.rolesOf, principal, ids.role);
    setWindow(this.assignmentWindows, { owner: principal, other: ids.role }, window);
    if (window === undefined) this.assigneesOf.remove(ids.role, principal);
    else {
      this.rolesOf.insert(principal, (ids.role << 1) | (isTimed(window) ? 1 : 0));
      this.assigneesOf.insert(ids.role, principal);
    }
    if (this.type(principal) === "group" || this.membersOf.count(principal) > 0 || principal <= ADMINS_ID) this.#version++;
    else this.#subjects[principal] = undefined;
  }

  /** The window of a membership or assignment in the lists; `undefined`: there is none. */
  window(list: "membership" | "assignment", owner: number, other: number): Validity | undefined {
    const lists = list === "membership" ? this.groupsOf : this.rolesOf;
    const entry = lists.atLeast(owner, other << 1);
    if (entry === -1 || entry >>> 1 !== other) return undefined;
    const windows = list === "membership" ? this.membershipWindows : this.assignmentWindows;
    return windows.get(owner)?.get(other) ?? {};
  }

  subject(principal: number, now: number): Subject {
    const kept = this.#subjects[principal];
    if (kept !== undefined && kept.version === this.#version && (kept.isTimeless || (now >= kept.from && now < kept.until))) return kept;
    const subject = this.compute(principal, now);
    this.#runs.move(subject, kept);
    this.#subjects[principal] = subject;
    if (this.#runs.isWasteful) {
      this.#runs = new Runs();
      this.#subjects.fill(undefined);
    }
    return subject;
  }

  compute(principal: number, now: number, assumed?: Assumed): Subject {
    const span: Span = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
    const reached = new Set<number>([principal, MEMBERS_ID]);
    // A set is walked in the order of insertion, and what is added on the way is walked too.
    for (const member of reached) this.#climb(reached, member, { now, span, assumed });
    const closure = [...reached];
    const roles = new Set<number>();
    for (const one of closure) {
      for (const entry of this.rolesOf.entries(one)) {
        const role = entry >>> 1;
        const counted = assumed?.kind === "assignment" && assumed.role === role && assumed.principal === one;
        if (counted || (entry & 1) === 0 || holds(this.assignmentWindows.get(one)?.get(role), now, span)) roles.add(role);
      }
    }
    const ascending = [...roles].sort((a, b) => a - b);
    const words = Int32Array.from([...closure, ...bitsOfRoles(ascending)]);
    return {
      words,
      at: 0,
      rolesAt: closure.length,
      end: words.length,
      version: this.#version,
      isTimeless: span.from === Number.NEGATIVE_INFINITY && span.until === Number.POSITIVE_INFINITY,
      principal,
      closure,
      groups: closure.filter((id) => this.type(id) === "group"),
      roles: ascending,
      isAdmin: reached.has(ADMINS_ID),
      ...span,
    };
  }

  #climb(reached: Set<number>, member: number, at: { now: number; span: Span; assumed: Assumed | undefined }): void {
    for (const entry of this.groupsOf.entries(member)) {
      const group = entry >>> 1;
      if (!this.isActive(group) || this.type(group) !== "group" || reached.has(group)) continue;
      const assumed = at.assumed?.kind === "membership" && at.assumed.group === group && at.assumed.member === member;
      if (assumed || (entry & 1) === 0 || holds(this.membershipWindows.get(member)?.get(group), at.now, at.span)) reached.add(group);
    }
  }

  #unlist(lists: PackedLists, owner: number, other: number): void {
    const entry = lists.atLeast(owner, other << 1);
    if (entry !== -1 && entry >>> 1 === other) lists.remove(owner, entry);
  }

  get bytes(): number {
    return (
      this.names.bytes + this.#info.byteLength + this.groupsOf.bytes + this.membersOf.bytes + this.rolesOf.bytes + this.assigneesOf.bytes
    );
  }
}

/** For each word of 32 roles in which there is one: its index, and the word. */
function bitsOfRoles(ascending: readonly number[]): readonly number[] {
  const run: number[] = [];
  for (const role of ascending) {
    if (run.length === 0 || run[run.length - 2] !== role >> 5) run.push(role >> 5, 0);
    run[run.length - 1] = (run[run.length - 1] as number) | (1 << (role & 31));
  }
  return run;
}

/** The words of kept subjects, one after the other in chunks. What is found anew takes its old place where that is long enough. */
class Runs {
  #chunk: Int32Array = new Int32Array(FIRST_RUN);
  #used = 0;
  #total = 0;
  #wasted = 0;

  move(subject: Subject, old: Subject | undefined): void {
    const length = subject.end;
    const room = old === undefined ? 0 : old.end - old.at;
    this.#wasted += room;
    if (old !== undefined && room >= length) {
      this.#wasted -= length;
      old.words.set(subject.words, old.at);
      place(subject, old.words, old.at);
      return;
    }
    if (this.#used + length > this.#chunk.length) {
      this.#chunk = new Int32Array(Math.max(RUN, length));
      this.#used = 0;
    }
    this.#chunk.set(subject.words, this.#used);
    place(subject, this.#chunk, this.#used);
    this.#used += length;
    this.#total += length;
  }
  /** More than half of it is read by nobody any more. */
  get isWasteful(): boolean {
    return this.#wasted > RUN && this.#wasted * 2 > this.#total;
  }
}

function place(subject: Subject, words: Int32Array, at: number): void {
  subject.words = words;
  subject.at = at;
  subject.rolesAt += at;
  subject.end += at;
}

export function isTimed(window: Validity): boolean {
  return window.notBefore !== undefined || window.notAfter !== undefined;
}

function setWindow(windows: Map<number, Map<number, Validity>>, ids: { owner: number; other: number }, window: Validity | undefined): void {
  const owned = windows.get(ids.owner);
  if (window === undefined || !isTimed(window)) {
    if (owned?.delete(ids.other) === true && owned.size === 0) windows.delete(ids.owner);
    return;
  }
  if (owned === undefined) windows.set(ids.owner, new Map([[ids.other, window]]));
  else owned.set(ids.other, window);
}
