/** The audit as SQLite keeps it: pages by key, and the walk along a whole chain. */
import type Database from "better-sqlite3";
import { type AuditAnchor, type AuditRow, auditEvent, ChainWalk, changeSetSummary, type SummaryRow } from "../audit-chain.ts";
import { isOfProjects } from "../audit-topic.ts";
import type { AuditCursor, AuditLinePage, AuditPage, AuditVerdict } from "../index.ts";
import type { FindPerson, PersonRow } from "../person.ts";
import { standingReader } from "./object-rows.ts";

const WALK_ROWS_MAX = 1_000;

type Reads = {
  readonly page: (org: string, after: AuditCursor | undefined, max: number) => AuditPage;
  readonly lines: (org: string, before: AuditCursor | undefined, max: number) => AuditLinePage;
  readonly ofProjects: (org: string, before: AuditCursor | undefined, max: number) => AuditPage;
};

/** Pages, on one connection: the oldest first, and the newest. */
export const auditReads = (db: Database.Database): Reads => {
  // Of a line that altered records its change set says what its body would: bodies may be large.
  const lines = db.prepare<[string, number, number, number], SummaryRow>(
    `SELECT period, seq, ts_ms, actor_type, actor_id, action, target, request_id, ip, rev, id, coalesce(changes, 0) AS changes,
     coalesce(reason, CASE WHEN rev IS NULL THEN json_extract(body, '$.reason') END) AS reason
     FROM audit_event LEFT JOIN change_set USING (org_id, period, seq, rev) WHERE org_id = ? AND (period, seq) < (?, ?)
     ORDER BY period DESC, seq DESC LIMIT ?`,
  );
  const ofProjects = db.prepare<[string, number, number, number], AuditRow>(PROJECT_LINES);
  const person = personFinder(db);
  const before = (cursor: AuditCursor | undefined): readonly [number, number] =>
    cursor === undefined ? [Number.MAX_SAFE_INTEGER, 0] : [cursor.period, cursor.seq];
  const rowsAfter = auditRows(db);
  return {
    page: (org, after, max) => {
      const rows = rowsAfter.all(org, after?.period ?? 0, after?.seq ?? 0, max + 1);
      return { events: rows.slice(0, max).map((row) => auditEvent(row, person(org))), ...nextOf(rows, max) };
    },
    lines: (org, cursor, max) => {
      const rows = lines.all(org, ...before(cursor), max + 1);
      return { lines: rows.slice(0, max).map(changeSetSummary), ...nextOf(rows, max) };
    },
    ofProjects: (org, cursor, max) => {
      const rows = ofProjects.all(org, ...before(cursor), max + 1);
      const events = rows.slice(0, max).map((row) => auditEvent(row, person(org)));
      return { events: events.filter(isOfProjects), ...nextOf(rows, max) };
    },
  };
};

/** Its condition is that of the index, word for word. */
export const PROJECT_LINES = `SELECT org_id, period, seq, ts_ms, actor_type, actor_id, action, target, request_id, ip, rev, body, prev_hash, hash
FROM audit_event WHERE org_id = ? AND (period, seq) < (?, ?)
AND (substr(target, 1, 19) = 'developer-projects/' OR instr(body, '"kind":"developer-project"') > 0)
ORDER BY period DESC, seq DESC LIMIT ?`;

const nextOf = (rows: readonly AuditCursor[], max: number): { readonly next?: AuditCursor } => {
  const last = rows.length > max ? rows[max - 1] : undefined;
  return last === undefined ? {} : { next: { period: last.period, seq: last.seq } };
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
