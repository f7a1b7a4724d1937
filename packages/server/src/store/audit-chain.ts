/**
 * The chain of an organization's audit: each line's hash is SHA-256 over the hash before it and the canonical text of its own columns.
 * The first line continues 32 zero bytes, or the head hash of the anchor that stands for the lines removed before it.
 * Invariant: `seq` counts 1, 2, 3, … under the organization's lock and `period` (yyyymm, UTC) never goes back, whatever the clock does.
 */
import { hash } from "node:crypto";
import type { Key, Kind } from "@reeve/core";
import { toStorable } from "./canonical.ts";
import type { AuditEvent, AuditNote, AuditVerdict, ChangeSetSummary } from "./index.ts";
import { type FindPerson, personsHold, withPersons } from "./person.ts";

/** The columns of an audit line that are hashed, under their names in the table. */
export type AuditColumns = {
  readonly org_id: string;
  readonly period: number;
  readonly seq: number;
  readonly ts_ms: number;
  readonly actor_type: string;
  readonly actor_id: string;
  readonly action: string;
  readonly target: string;
  readonly request_id: string;
  readonly ip: string | null;
  readonly rev: number | null;
  readonly body: string;
};
export type AuditRow = AuditColumns & { readonly prev_hash: Uint8Array; readonly hash: Uint8Array };
export type AuditAnchor = { readonly last_seq: number; readonly head_hash: Uint8Array };

/** Where a chain stands: what the organization's head row keeps of it. */
export type ChainEnd = { readonly seq: number; readonly hash: Uint8Array; readonly period: number };
export const CHAIN_START: ChainEnd = { seq: 0, hash: new Uint8Array(32), period: 0 };

export type AuditEntry = {
  readonly org: string;
  readonly timeMs: number;
  readonly note: AuditNote;
  /** Absent where no record is altered. */
  readonly revision?: number;
  readonly changeSet?: string;
  /** Canonical JSON of the list of audited changes. */
  readonly changes: string;
};

/** The line that continues the chain with `entry`. */
export const nextLine = (end: ChainEnd, entry: AuditEntry): AuditRow => {
  const { note } = entry;
  const changeSet = entry.changeSet === undefined ? "" : `"changeSet":"${entry.changeSet}",`;
  const reason = note.reason === undefined ? "" : `,"reason":${JSON.stringify(toStorable(note.reason))}`;
  const columns: AuditColumns = {
    org_id: entry.org,
    period: Math.max(periodOf(entry.timeMs), end.period),
    seq: end.seq + 1,
    ts_ms: entry.timeMs,
    actor_type: toStorable(note.actor.type),
    actor_id: toStorable(note.actor.id),
    action: toStorable(note.action),
    target: toStorable(note.target),
    request_id: toStorable(note.requestId),
    ip: note.ip === undefined ? null : toStorable(note.ip),
    rev: entry.revision ?? null,
    body: `{${changeSet}"changes":${entry.changes}${reason}}`,
  };
  return { ...columns, prev_hash: end.hash, hash: lineHash(end.hash, columns) };
};

const periodOf = (timeMs: number): number => {
  const date = new Date(timeMs);
  return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1;
};

const lineHash = (before: Uint8Array, columns: AuditColumns): Uint8Array =>
  hash("sha256", Buffer.concat([before, Buffer.from(canonicalLine(columns))]), "buffer");

/** Canonical JSON: with the members in their order it is what `JSON.stringify` makes. */
const canonicalLine = (columns: AuditColumns): string => {
  const { action, actor_id, actor_type, body, ip, org_id, period, request_id, rev, seq, target, ts_ms } = columns;
  return JSON.stringify({ action, actor_id, actor_type, body, ip, org_id, period, request_id, rev, seq, target, ts_ms });
};

/** `find`: the personal data that the line names. */
export const auditEvent = (row: AuditRow, find: FindPerson): AuditEvent => {
  const { changes, ...body } = JSON.parse(row.body) as Pick<AuditEvent, "changeSet" | "changes" | "reason">;
  return {
    period: row.period,
    seq: row.seq,
    timeMs: row.ts_ms,
    actor: { type: row.actor_type, id: row.actor_id },
    action: row.action,
    target: row.target,
    requestId: row.request_id,
    ...(row.ip === null ? {} : { ip: row.ip }),
    ...(row.rev === null ? {} : { revision: row.rev }),
    ...body,
    changes: changes.map((change) => withPersons(change, find)),
    hash: Uint8Array.from(row.hash),
  };
};

/** A line's columns but its body, and what its change set keeps of that; `rev` and `id` are null where it altered no record. */
export type SummaryRow = Omit<AuditColumns, "org_id" | "body"> & {
  readonly id: string | null;
  readonly changes: number;
  readonly reason: string | null;
};

export const changeSetSummary = (row: SummaryRow): ChangeSetSummary => ({
  period: row.period,
  seq: row.seq,
  timeMs: row.ts_ms,
  actor: { type: row.actor_type, id: row.actor_id },
  action: row.action,
  target: row.target,
  requestId: row.request_id,
  ...(row.ip === null ? {} : { ip: row.ip }),
  ...(row.reason === null ? {} : { reason: row.reason }),
  ...(row.rev === null ? {} : { revision: row.rev }),
  ...(row.id === null ? {} : { changeSet: row.id }),
  count: row.changes,
});

/** The event with what befell one object. */
export const ofObject = (event: AuditEvent, kind: Kind, key: Key): AuditEvent => ({
  ...event,
  changes: event.changes.filter((change) => change.kind === kind && change.key.every((member, at) => member === key[at])),
});

/** Whether a line is as it was written, whatever stands before it. */
export const isWhole = ({ prev_hash, hash: own, ...columns }: AuditRow): boolean => equal(own, lineHash(prev_hash, columns));

/** Walks a chain line by line; `end` is what the head row says. Lines come in the order of (period, seq). */
export class ChainWalk {
  readonly #anchors: readonly AuditAnchor[];
  readonly #find: FindPerson;
  #at: { seq: number; hash: Uint8Array; period: number } = CHAIN_START;
  #events = 0;
  #broken: AuditVerdict | undefined;

  /** Anchors in the order of `last_seq`. */
  constructor(anchors: readonly AuditAnchor[], find: FindPerson) {
    this.#anchors = anchors;
    this.#find = find;
  }

  /** False when the chain is broken and further lines need not be read. */
  step(row: AuditRow): boolean {
    if (this.#events === 0) this.#begin(row);
    const why = this.#faultOf(row);
    if (why !== undefined) {
      this.#broken = { ok: false, seq: row.seq, why };
      return false;
    }
    this.#at = { seq: row.seq, hash: row.hash, period: row.period };
    this.#events += 1;
    return true;
  }

  verdict(end: ChainEnd | undefined): AuditVerdict {
    if (this.#broken !== undefined) return this.#broken;
    if (this.#events === 0) this.#begin({ seq: (this.#anchors.at(-1)?.last_seq ?? 0) + 1 });
    const { seq, hash: last } = this.#at;
    const says = end ?? CHAIN_START;
    if (says.seq !== seq || !equal(says.hash, last)) return { ok: false, seq: seq + 1, why: "tail" };
    return { ok: true, events: this.#events, last: { seq, hash: Uint8Array.from(last) } };
  }

  /** Lines before an anchor may have been removed by retention: the chain then goes on from it. */
  #begin(row: { readonly seq: number }): void {
    const anchor = this.#anchors.find(({ last_seq }) => last_seq === row.seq - 1);
    if (anchor !== undefined) this.#at = { seq: anchor.last_seq, hash: anchor.head_hash, period: 0 };
  }

  #faultOf(row: AuditRow): "gap" | "link" | "content" | "anchor" | undefined {
    if (row.seq !== this.#at.seq + 1 || row.period < this.#at.period) return "gap";
    if (!equal(row.prev_hash, this.#at.hash)) return "link";
    const own = row.hash;
    if (!isWhole(row) || !this.#personsHold(row.body)) return "content";
    const anchor = this.#anchors.find(({ last_seq }) => last_seq === row.seq);
    return anchor === undefined || equal(anchor.head_hash, own) ? undefined : "anchor";
  }

  #personsHold(body: string): boolean {
    return !body.includes('"person":"') || personsHold((JSON.parse(body) as Pick<AuditEvent, "changes">).changes, this.#find);
  }
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
