/**
 * One write, worked out: from where an organization stands and what was recorded to everything that a store must now write at once.
 * Pure but for the id of the change set, so that every store means the same by a write and differs only in how it keeps it.
 * Invariant: the next standing, the rows, the change row and the audit row belong together; a store writes all of them or none.
 */
import { randomBytes } from "node:crypto";
import { uuidv7 } from "uuidv7";
import { type AuditRow, CHAIN_START, type ChainEnd, nextLine } from "./audit-chain.ts";
import { toStorable } from "./canonical.ts";
import { auditedText, changesText, type Delta, type FinalRow, type Lookup, settle } from "./delta.ts";
import { checkExpectations, type DeletedAt, type OnceRow, onceRow, repeatedOf } from "./expectation.ts";
import type { AuditNote, Committed, Head } from "./index.ts";
import { type PersonRow, withoutPersons } from "./person.ts";
import type { Recorded } from "./recorder.ts";
import { EMPTY_TALLY, type Tally, tallyAfter } from "./row-sum.ts";

/** An organization's head row: its head, the ends of its counters, and what its objects add up to. */
export type Standing = {
  readonly org: string;
  readonly head: Head;
  readonly lifeSeq: number;
  readonly chain: ChainEnd;
  readonly tally: Tally;
};
/** `count`: of its changes. */
export type ChangeRow = {
  readonly revision: number;
  readonly id: string;
  readonly timeMs: number;
  readonly body: string;
  readonly count: number;
};
export type Advance = {
  readonly standing: Standing;
  readonly rows: readonly FinalRow[];
  readonly change: ChangeRow;
  readonly audit: AuditRow;
  /** As the audit's line has it. */
  readonly reason: string | undefined;
  readonly persons: readonly PersonRow[];
  /** Principals whose life ended: their tokens end with it, lest the id's next life inherits them. */
  readonly endedPrincipals: readonly string[];
};
/** `advance` absent: the organization stays as it is. `once`: the note of the write's key, which is written even then. */
export type Outcome<T> = { readonly committed: Committed<T>; readonly advance?: Advance; readonly once?: OnceRow };

/** What a store tells of its rows. */
export type Stored = {
  readonly stored: Lookup;
  readonly deletedAt: DeletedAt;
  readonly onceOf: (key: Uint8Array) => OnceRow | undefined;
  readonly nowMs: number;
};

/** A random name for a history. */
export const newEpoch = (): string => randomBytes(8).toString("hex");

/** Before the creation: revision 0 of a new history. */
export const newStanding = (org: string): Standing => ({
  org,
  head: { revision: 0, epoch: newEpoch() },
  lifeSeq: 0,
  chain: CHAIN_START,
  tally: EMPTY_TALLY,
});

/** Throws TypeError for a write that alters something and does not say who does it, ObjectChangedError, and `key_reused`. */
export const advance = <T>(from: Standing, recorded: Recorded<T>, store: Stored): Outcome<T> => {
  const { expected, once } = recorded;
  if (once !== undefined) {
    const repeated = repeatedOf(recorded, { row: store.onceOf(once.key), head: from.head, nowMs: store.nowMs });
    if (repeated !== undefined) return { committed: repeated };
  }
  checkExpectations(expected, store);
  const outcome = altered(from, recorded, store);
  return once === undefined ? outcome : { ...outcome, once: onceRow(once, outcome.committed, store.nowMs) };
};

const altered = <T>(from: Standing, recorded: Recorded<T>, { stored, nowMs }: Stored): Outcome<T> => {
  const delta = settle(recorded.asked, stored, from.lifeSeq);
  const applied = delta.steps.length;
  const isCreation = from.head.revision === 0;
  if (applied === 0 && !isCreation) return { committed: { value: recorded.value, head: from.head, applied } };
  if (recorded.note === undefined) throw new TypeError("a write that alters something needs its audit event");
  const head = { revision: from.head.revision + 1, epoch: from.head.epoch };
  const id = uuidv7();
  const change = { revision: head.revision, id, timeMs: nowMs, body: changesText(delta.steps), count: applied };
  const audited = withoutPersons(delta.steps);
  const audit = nextLine(from.chain, {
    org: from.org,
    timeMs: nowMs,
    note: recorded.note,
    revision: head.revision,
    changeSet: id,
    changes: auditedText(audited.steps),
  });
  return {
    committed: { value: recorded.value, head, applied, changeSet: id },
    advance: {
      standing: {
        org: from.org,
        head,
        lifeSeq: delta.lifeSeq,
        chain: { seq: audit.seq, hash: audit.hash, period: audit.period },
        tally: tallyAfter(from.tally, from.org, delta.rows),
      },
      rows: delta.rows,
      change,
      audit,
      reason: recorded.note.reason === undefined ? undefined : toStorable(recorded.note.reason),
      persons: audited.persons,
      endedPrincipals: endedPrincipals(delta),
    },
  };
};

/** A line of the audit that alters no record: where the organization stands after it, and the line. */
export const noteAlone = (from: Standing, note: AuditNote, nowMs: number): { readonly standing: Standing; readonly audit: AuditRow } => {
  const audit = nextLine(from.chain, { org: from.org, timeMs: nowMs, note, changes: "[]" });
  return { standing: { ...from, chain: { seq: audit.seq, hash: audit.hash, period: audit.period } }, audit };
};

const endedPrincipals = (delta: Delta): string[] => {
  const ended = delta.steps.filter(({ kind, after }) => kind === "principal" && after === undefined);
  return ended.flatMap(({ key }) => key[0] ?? []);
};

export const isSameHead = (one: Head, other: Head): boolean => one.revision === other.revision && one.epoch === other.epoch;

/** What a follower at `after` is told, given the head and the change rows that the store has after it. */
export const isLed = (after: Head, head: Head, revisions: readonly number[]): boolean => {
  if (head.epoch !== after.epoch || head.revision < after.revision) return false;
  if (head.revision > after.revision && revisions.length === 0) return false;
  return revisions.every((revision, at) => revision === after.revision + 1 + at);
};
