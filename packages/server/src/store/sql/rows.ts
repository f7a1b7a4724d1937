/**
 * An organization's rows: how what a write worked out becomes rows on the writer's connection, and rows become objects again.
 * Statements are prepared once a connection. Invariant: every statement names the organization; none reaches another's rows.
 */
import type { Key, Kind } from "@reeve/core";
import type Database from "better-sqlite3";
import type { Advance, Standing } from "../advance.ts";
import type { AuditRow } from "../audit-chain.ts";
import type { FinalRow, RevisedObject } from "../delta.ts";
import { ONCE_MS, type OnceRow } from "../expectation.ts";
import type { ChangeSet, Head, Retention } from "../index.ts";
import { columnsOfBody } from "../listed.ts";
import { objectSum, rowSum } from "../row-sum.ts";
import { damaged } from "./damaged.ts";
import { headColumns, standingReader } from "./object-rows.ts";
import { OnceRows } from "./once-rows.ts";

export type KeyColumns = readonly [k1: string, k2: string, k3: string];

export const columnsOf = (key: Key): KeyColumns => [key[0] ?? "", key[1] ?? "", key[2] ?? ""];

/** The statements of writes. */
export class OrganizationRows {
  readonly #standing: (org: string) => Standing | undefined;
  /** Where the writes of the group under way brought organizations; the rows follow at its end. */
  readonly #moved = new Map<string, Standing>();
  readonly #object: Database.Statement<[string, string, ...KeyColumns], RevisedObject & { sum: number }>;
  readonly #once: OnceRows;
  readonly #deletedAt: Database.Statement<[string, string, ...KeyColumns], number | null>;
  readonly #addObjectChange: Database.Statement;
  readonly #addChangeSet: Database.Statement;
  readonly #putObject: Database.Statement;
  readonly #deleteObject: Database.Statement;
  readonly #putHead: Database.Statement;
  readonly #addChange: Database.Statement;
  readonly #addAudit: Database.Statement;
  readonly #addPerson: Database.Statement;
  readonly #erasePersons: Database.Statement;
  readonly #endTokens: Database.Statement;
  readonly #endItems: Database.Statement;
  readonly #firstKept: Database.Statement<[Record<string, unknown>], number | null>;
  readonly #trim: Database.Statement;

  constructor(db: Database.Database) {
    this.#standing = standingReader(db);
    // `+`: a plain parameter beside a column that partial indexes are made of is a reason to prepare the statement anew each time.
    this.#object = db.prepare(
      "SELECT life, body, rev AS revision, sum FROM object WHERE org_id = ? AND kind = +? AND k1 = ? AND k2 = ? AND k3 = ?",
    );
    this.#putObject = db.prepare(
      `INSERT INTO object (org_id, kind, k1, k2, k3, life, rev, body, sum, name, class) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (org_id, kind, k1, k2, k3) DO UPDATE SET life = excluded.life, rev = excluded.rev, body = excluded.body,
       sum = excluded.sum, name = excluded.name, class = excluded.class`,
    );
    this.#once = new OnceRows(db);
    this.#deletedAt = db
      .prepare<[string, string, ...KeyColumns], number | null>(
        "SELECT max(rev) FROM object_change WHERE org_id = ? AND kind = ? AND k1 = ? AND k2 = ? AND k3 = ?",
      )
      .pluck();
    this.#addObjectChange = db.prepare("INSERT OR IGNORE INTO object_change (org_id, kind, k1, k2, k3, rev) VALUES (?, ?, ?, ?, ?, ?)");
    this.#addChangeSet = db.prepare(
      "INSERT INTO change_set (org_id, rev, id, period, seq, changes, reason, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#deleteObject = db.prepare("DELETE FROM object WHERE org_id = ? AND kind = +? AND k1 = ? AND k2 = ? AND k3 = ?");
    this.#putHead = db.prepare(
      `INSERT OR REPLACE INTO org_head
       (org_id, rev, epoch, audit_seq, audit_hash, audit_period, life_seq, object_count, object_sum, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#addChange = db.prepare("INSERT INTO changelog (org_id, rev, change_set, ts_ms, body, sum) VALUES (?, ?, ?, ?, ?, ?)");
    this.#addAudit = db.prepare(
      `INSERT INTO audit_event (org_id, period, seq, ts_ms, actor_type, actor_id, action, target, request_id, ip, rev, body, prev_hash, hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#addPerson = db.prepare("INSERT INTO person (org_id, digest, principal, life, salt, body) VALUES (?, ?, ?, ?, ?, ?)");
    this.#erasePersons = db.prepare("DELETE FROM person WHERE org_id = ? AND principal = ? AND life <> ?");
    this.#endTokens = db.prepare("DELETE FROM api_token WHERE org_id = ? AND principal = ?");
    this.#endItems = db.prepare("DELETE FROM item WHERE org_id = ? AND principal = ?");
    // From the first one that stays on, all stay: a clock that was set back must not leave a gap.
    this.#firstKept = db
      .prepare<[Record<string, unknown>], number | null>(
        `SELECT rev FROM changelog WHERE org_id = :org AND ts_ms >= :since
       AND rev > (SELECT rev FROM org_head WHERE org_id = :org) - :revisions ORDER BY rev LIMIT 1`,
      )
      .pluck();
    this.#trim = db.prepare(
      "DELETE FROM changelog WHERE (org_id, rev) IN (SELECT org_id, rev FROM changelog WHERE org_id = ? AND rev < ? ORDER BY rev LIMIT ?)",
    );
  }

  standing(org: string): Standing | undefined {
    return this.#moved.get(org) ?? this.#standing(org);
  }

  stored(org: string, kind: Kind, key: Key): RevisedObject | undefined {
    const row = this.#object.get(org, kind, ...columnsOf(key));
    if (row === undefined) return undefined;
    const stored = { life: row.life, body: row.body, revision: row.revision };
    if (typeof row.body !== "string" || objectSum(org, { kind, key, stored }) !== row.sum) throw damaged(org);
    return stored;
  }

  /** Of an object that is not there. */
  deletedAt(org: string, kind: Kind, key: Key): number | undefined {
    return this.#deletedAt.get(org, kind, ...columnsOf(key)) ?? undefined;
  }

  onceOf(org: string, key: Uint8Array): OnceRow | undefined {
    return this.#once.of(org, key);
  }

  keepOnce(org: string, row: OnceRow): void {
    this.#once.put(org, row);
  }

  /** Removes at most `max` of the keys that are older than they are kept. */
  trimOnce(org: string, nowMs: number, max: number): number {
    return this.#once.trim(org, nowMs - ONCE_MS, max);
  }

  /** Writes all of it: to be called inside one transaction. */
  keep({ standing, rows, change, audit, reason, persons, endedPrincipals }: Advance): void {
    const { org, head } = standing;
    for (const row of rows) this.#keepRow(org, head.revision, row);
    const columns = [org, change.revision, change.id, change.timeMs, change.body];
    this.#addChange.run(...columns, rowSum(columns));
    this.addAudit(audit);
    const set = [org, change.revision, change.id, audit.period, audit.seq, change.count, reason ?? null];
    this.#addChangeSet.run(...set, rowSum(set));
    for (const { digest, principal, life, salt, body } of persons) this.#addPerson.run(org, digest, principal, life, salt, body);
    for (const principal of endedPrincipals) {
      this.#endTokens.run(org, principal);
      this.#endItems.run(org, principal);
    }
    this.moveHead(standing);
  }

  #keepRow(org: string, revision: number, { kind, key, initially, now }: FinalRow): void {
    const names = columnsOf(key);
    if (initially !== undefined) this.#addObjectChange.run(org, kind, ...names, initially.revision);
    if (now === undefined) {
      this.#deleteObject.run(org, kind, ...names);
      this.#addObjectChange.run(org, kind, ...names, revision);
      return;
    }
    const listed = columnsOfBody(kind, now.body);
    const sum = objectSum(org, { kind, key, stored: now });
    this.#putObject.run(org, kind, ...names, now.life, revision, now.body, sum, listed.name, listed.class);
  }

  /** Removes the personal data of all lives of a principal but `life`; how many rows. */
  erasePersons(org: string, principal: string, life: number): number {
    return this.#erasePersons.run(org, principal, life).changes;
  }

  /** To be called last in a job: what fails behind it would leave it standing. */
  moveHead(standing: Standing): void {
    // Others of the group look whether the organization is there.
    if (standing.head.revision === 1) this.putHead(standing);
    this.#moved.set(standing.org, standing);
  }

  /** Writes the heads that a group moved, once each, however often they moved. */
  settleHeads(): void {
    for (const standing of this.#moved.values()) this.putHead(standing);
    this.#moved.clear();
  }

  forgetHeads(): void {
    this.#moved.clear();
  }

  forgetHead(org: string): void {
    this.#moved.delete(org);
  }

  putHead(standing: Standing): void {
    const columns = headColumns(standing);
    this.#putHead.run(...columns, rowSum(columns));
  }

  addAudit(row: AuditRow): void {
    this.#addAudit.run(
      row.org_id,
      row.period,
      row.seq,
      row.ts_ms,
      row.actor_type,
      row.actor_id,
      row.action,
      row.target,
      row.request_id,
      row.ip,
      row.rev,
      row.body,
      row.prev_hash,
      row.hash,
    );
  }

  /** Removes at most `max` of the change rows that are not to be kept, oldest first. */
  trim(org: string, { revisionsMax, sinceMs = 0 }: Retention, max: number): number {
    const first = this.#firstKept.get({ org, since: sinceMs, revisions: revisionsMax }) ?? Number.MAX_SAFE_INTEGER;
    return this.#trim.run(org, first, max).changes;
  }
}

type ChangeSetRow = { rev: number; change_set: string; ts_ms: number; body: string; sum: number };

export type ChangeReader = (org: string, after: number, max: number) => { head: Head | undefined; rows: readonly ChangeSetRow[] };

/** What the feed asks for. Both statements run in one read transaction of the caller. */
export const changeReader = (db: Database.Database): ChangeReader => {
  const head = db.prepare<[string], Head>("SELECT rev AS revision, epoch FROM org_head WHERE org_id = ?");
  const sets = db.prepare<[string, number, number], ChangeSetRow>(
    "SELECT rev, change_set, ts_ms, body, sum FROM changelog WHERE org_id = ? AND rev > ? ORDER BY rev LIMIT ?",
  );
  return db.transaction((org: string, after: number, max: number) => ({ head: head.get(org), rows: sets.all(org, after, max) }));
};

/** `undefined`: damaged, and so no way to follow. */
export const changeSetOf = (org: string, row: ChangeSetRow): ChangeSet | undefined => {
  if (rowSum([org, row.rev, row.change_set, row.ts_ms, row.body]) !== row.sum) return undefined;
  return { revision: row.rev, id: row.change_set, timeMs: row.ts_ms, changes: JSON.parse(row.body) };
};
