/**
 * An organization's rows: how what a write worked out becomes rows on the writer's connection, and rows become objects again.
 * Statements are prepared once a connection. Invariant: every statement names the organization; none reaches another's rows.
 */
import type { Key, Kind, Rec } from "@reeve/core";
import type Database from "better-sqlite3";
import type { Advance, Standing } from "../advance.ts";
import type { AuditRow } from "../audit-chain.ts";
import { recordOf, type StoredObject } from "../delta.ts";
import type { ChangeSet, Head } from "../index.ts";

type HeadRow = { rev: number; epoch: string; audit_seq: number; audit_hash: Buffer; audit_period: number; life_seq: number };
type KeyColumns = readonly [k1: string, k2: string, k3: string];

const columnsOf = (key: Key): KeyColumns => [key[0] ?? "", key[1] ?? "", key[2] ?? ""];

/** Where the organization stands, on any connection. */
export const standingReader = (db: Database.Database): ((org: string) => Standing | undefined) => {
  const select = db.prepare<[string], HeadRow>(
    "SELECT rev, epoch, audit_seq, audit_hash, audit_period, life_seq FROM org_head WHERE org_id = ?",
  );
  return (org) => {
    const row = select.get(org);
    if (row === undefined) return undefined;
    return {
      org,
      head: { revision: row.rev, epoch: row.epoch },
      lifeSeq: row.life_seq,
      chain: { seq: row.audit_seq, hash: row.audit_hash, period: row.audit_period },
    };
  };
};

/** The statements of writes. */
export class OrganizationRows {
  readonly standing: (org: string) => Standing | undefined;
  readonly #object: Database.Statement<[string, string, ...KeyColumns], StoredObject>;
  readonly #putObject: Database.Statement;
  readonly #deleteObject: Database.Statement;
  readonly #putHead: Database.Statement;
  readonly #addChange: Database.Statement;
  readonly #addAudit: Database.Statement;
  readonly #endTokens: Database.Statement;
  readonly #trim: Database.Statement;

  constructor(db: Database.Database) {
    this.standing = standingReader(db);
    this.#object = db.prepare("SELECT life, body FROM object WHERE org_id = ? AND kind = ? AND k1 = ? AND k2 = ? AND k3 = ?");
    this.#putObject = db.prepare(
      `INSERT INTO object (org_id, kind, k1, k2, k3, life, rev, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (org_id, kind, k1, k2, k3) DO UPDATE SET life = excluded.life, rev = excluded.rev, body = excluded.body`,
    );
    this.#deleteObject = db.prepare("DELETE FROM object WHERE org_id = ? AND kind = ? AND k1 = ? AND k2 = ? AND k3 = ?");
    this.#putHead = db.prepare(
      `INSERT INTO org_head (org_id, rev, epoch, audit_seq, audit_hash, audit_period, life_seq) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (org_id) DO UPDATE SET rev = excluded.rev, audit_seq = excluded.audit_seq, audit_hash = excluded.audit_hash,
       audit_period = excluded.audit_period, life_seq = excluded.life_seq`,
    );
    this.#addChange = db.prepare("INSERT INTO changelog (org_id, rev, change_set, ts_ms, body) VALUES (?, ?, ?, ?, ?)");
    this.#addAudit = db.prepare(
      `INSERT INTO audit_event (org_id, period, seq, ts_ms, actor_type, actor_id, action, target, request_id, ip, rev, body, prev_hash, hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#endTokens = db.prepare("DELETE FROM api_token WHERE org_id = ? AND principal = ?");
    this.#trim = db.prepare(
      "DELETE FROM changelog WHERE rowid IN (SELECT rowid FROM changelog WHERE org_id = ? AND rev <= ? ORDER BY rev LIMIT ?)",
    );
  }

  stored(org: string, kind: Kind, key: Key): StoredObject | undefined {
    return this.#object.get(org, kind, ...columnsOf(key));
  }

  /** Writes all of it: to be called inside one transaction. */
  keep({ standing, rows, change, audit, endedPrincipals }: Advance): void {
    const { org, head, chain } = standing;
    this.#putHead.run(org, head.revision, head.epoch, chain.seq, chain.hash, chain.period, standing.lifeSeq);
    for (const { kind, key, now } of rows) {
      if (now === undefined) this.#deleteObject.run(org, kind, ...columnsOf(key));
      else this.#putObject.run(org, kind, ...columnsOf(key), now.life, head.revision, now.body);
    }
    this.#addChange.run(org, change.revision, change.id, change.timeMs, change.body);
    this.#addAuditRow(audit);
    for (const principal of endedPrincipals) this.#endTokens.run(org, principal);
  }

  #addAuditRow(row: AuditRow): void {
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

  /** Removes at most `max` change rows up to revision `last`, oldest first. */
  trim(org: string, last: number, max: number): number {
    return this.#trim.run(org, last, max).changes;
  }
}

export type ObjectRow = [kind: Kind, k1: string, k2: string, k3: string, body: string];

/** The objects after (kind, key), in the order of the primary key. */
export const objectPages = (db: Database.Database): Database.Statement<[string, string, string, string, string, number], ObjectRow> =>
  db
    .prepare<[string, string, string, string, string, number], ObjectRow>(
      `SELECT kind, k1, k2, k3, body FROM object WHERE org_id = ? AND (kind, k1, k2, k3) > (?, ?, ?, ?)
       ORDER BY kind, k1, k2, k3 LIMIT ?`,
    )
    .raw();

/** A parse a row: one for the joined page was measured half as slow again. */
export const recordsOf = (rows: readonly ObjectRow[]): Rec[] => rows.map(([kind, , , , body]) => recordOf(kind, body));

type ChangeSetRow = { rev: number; change_set: string; ts_ms: number; body: string };

export type ChangeReader = (org: string, after: number, max: number) => { head: Head | undefined; rows: readonly ChangeSetRow[] };

/** What the feed asks for. Both statements run in one read transaction of the caller. */
export const changeReader = (db: Database.Database): ChangeReader => {
  const head = db.prepare<[string], Head>("SELECT rev AS revision, epoch FROM org_head WHERE org_id = ?");
  const sets = db.prepare<[string, number, number], ChangeSetRow>(
    "SELECT rev, change_set, ts_ms, body FROM changelog WHERE org_id = ? AND rev > ? ORDER BY rev LIMIT ?",
  );
  return db.transaction((org: string, after: number, max: number) => ({ head: head.get(org), rows: sets.all(org, after, max) }));
};

export const changeSetOf = (row: ChangeSetRow): ChangeSet => ({
  revision: row.rev,
  id: row.change_set,
  timeMs: row.ts_ms,
  changes: JSON.parse(row.body),
});
