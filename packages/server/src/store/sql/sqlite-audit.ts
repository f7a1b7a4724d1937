/** The audit as SQLite keeps it: pages by key, and the walk along a whole chain. */
import type Database from "better-sqlite3";
import { type AuditAnchor, type AuditRow, auditEvent, ChainWalk } from "../audit-chain.ts";
import type { AuditCursor, AuditPage, AuditVerdict } from "../index.ts";
import type { FindPerson, PersonRow } from "../person.ts";
import { standingReader } from "./object-rows.ts";

const WALK_ROWS_MAX = 1_000;

/** A page reader on one connection. */
export const auditPages = (db: Database.Database) => {
  const rowsAfter = auditRows(db);
  const person = personFinder(db);
  return (org: string, after: AuditCursor | undefined, max: number): AuditPage => {
    const rows = rowsAfter.all(org, after?.period ?? 0, after?.seq ?? 0, max + 1);
    const events = rows.slice(0, max).map((row) => auditEvent(row, person(org)));
    const last = events.at(-1);
    return rows.length > max && last !== undefined ? { events, next: { period: last.period, seq: last.seq } } : { events };
  };
};

/** Walks the chain in the caller's read transaction; `pause` lets other work run between pages. */
export const walkChain = async (db: Database.Database, org: string, pause: () => Promise<void>): Promise<AuditVerdict> => {
  const anchors = db.prepare<[string], AuditAnchor>("SELECT last_seq, head_hash FROM audit_anchor WHERE org_id = ? ORDER BY last_seq");
  const rowsAfter = auditRows(db);
  const walk = new ChainWalk(anchors.all(org), personFinder(db)(org));
  let at: AuditCursor = { period: 0, seq: 0 };
  for (;;) {
    const rows = rowsAfter.all(org, at.period, at.seq, WALK_ROWS_MAX);
    const last = rows.at(-1);
    if (!rows.every((row) => walk.step(row)) || last === undefined || rows.length < WALK_ROWS_MAX) break;
    at = last;
    await pause();
  }
  return walk.verdict(standingReader(db)(org)?.chain);
};

/** Personal data by the hash that a line of the audit has of it. */
export const personFinder = (db: Database.Database): ((org: string) => FindPerson) => {
  const select = db.prepare<[string, string], PersonRow>(
    "SELECT digest, principal, life, salt, body FROM person WHERE org_id = ? AND digest = ?",
  );
  return (org) => (digest) => select.get(org, digest);
};

const auditRows = (db: Database.Database) =>
  db.prepare<[string, number, number, number], AuditRow>(
    `SELECT org_id, period, seq, ts_ms, actor_type, actor_id, action, target, request_id, ip, rev, body, prev_hash, hash
     FROM audit_event WHERE org_id = ? AND (period, seq) > (?, ?) ORDER BY period, seq LIMIT ?`,
  );
