/**
 * What lists, histories and conditional writes need. An object's name and class (`../../listed.ts`) stand in columns of their own, so that
 * an index has them; kinds that are listed by their keys alone have neither, and no row in those indexes.
 *
 * `object_change` has the revisions that changed an object before its last one, which stands in its row: what was made and never touched
 * again costs nothing. `change_set` finds the audit's line of a revision. Both are filled from the audit's lines that are there; an
 * object whose lines are gone keeps the revision of its row. Lines that cannot be read are left out: verifying the audit finds them.
 */
import type { Kind } from "@reeve/core";
import type Database from "better-sqlite3";
import type { AuditedChange } from "../../index.ts";
import { columnsOfBody, KINDS_WITH_CLASS } from "../../listed.ts";
import { rowSum } from "../../row-sum.ts";
import type { Migration } from "../migrate.ts";

const QUOTED_KINDS = KINDS_WITH_CLASS.map((kind) => `'${kind}'`).join(", ");

type Line = { rowid: number; org_id: string; rev: number | null; period: number; seq: number; body: string };
type Body = { readonly changeSet?: string; readonly changes: readonly AuditedChange[]; readonly reason?: string };

const fill = (db: Database.Database): void => {
  const column = (name: "class" | "name") => (kind: Kind, body: string) => {
    try {
      return columnsOfBody(kind, body)[name];
    } catch {
      // A damaged body: whoever reads the row is told.
      return name === "class" ? "[]" : "";
    }
  };
  db.function("object_name", { deterministic: true }, column("name"));
  db.function("object_class", { deterministic: true }, column("class"));
  db.exec(`UPDATE object SET name = object_name(kind, body), class = object_class(kind, body) WHERE kind IN (${QUOTED_KINDS})`);
  const next = db.prepare<[number], Line>(
    "SELECT rowid, org_id, rev, period, seq, body FROM audit_event WHERE rowid > ? ORDER BY rowid LIMIT 1",
  );
  const addLine = lineAdder(db);
  for (let line = next.get(-1); line !== undefined; line = next.get(line.rowid)) addLine(line);
};

const lineAdder = (db: Database.Database): ((line: Line) => void) => {
  const addSet = db.prepare(
    "INSERT OR IGNORE INTO change_set (org_id, rev, id, period, seq, changes, reason, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const addChange = db.prepare(
    `INSERT OR IGNORE INTO object_change (org_id, kind, k1, k2, k3, rev) SELECT :org, :kind, :k1, :k2, :k3, :rev WHERE NOT EXISTS
     (SELECT 1 FROM object WHERE org_id = :org AND kind = :kind AND k1 = :k1 AND k2 = :k2 AND k3 = :k3 AND rev = :rev)`,
  );
  return ({ org_id: org, rev, period, seq, body }) => {
    const read = bodyOf(body);
    if (rev === null || read?.changeSet === undefined) return;
    const columns = [org, rev, read.changeSet, period, seq, read.changes.length, read.reason ?? null];
    addSet.run(...columns, rowSum(columns));
    for (const { kind, key } of read.changes) {
      const [k1 = "", k2 = "", k3 = ""] = key;
      addChange.run({ org, kind, k1, k2, k3, rev });
    }
  };
};

const bodyOf = (text: string): Body | undefined => {
  try {
    const body = JSON.parse(text) as Body;
    return Array.isArray(body.changes) && body.changes.every(({ key }) => Array.isArray(key)) ? body : undefined;
  } catch {
    return undefined;
  }
};

export const lists: Migration = {
  version: 4,
  name: "lists",
  sql: `
ALTER TABLE object ADD COLUMN name TEXT;
ALTER TABLE object ADD COLUMN class TEXT;
-- Joined by OR, so that a query for one of these kinds is known to be within; a list of them would not be.
CREATE INDEX object_by_second ON object (org_id, kind, k2, k1, k3)
WHERE kind = 'grant' OR kind = 'membership' OR kind = 'assignment' OR kind = 'product-administrator' OR kind = 'developer-access';
CREATE INDEX object_by_third ON object (org_id, kind, k3, k1, k2) WHERE kind = 'link';
CREATE INDEX object_by_class ON object (org_id, kind, class, k1, k2, k3) WHERE class IS NOT NULL;
CREATE INDEX object_by_name ON object (org_id, kind, class, name, k1, k2, k3) WHERE class IS NOT NULL;
CREATE INDEX object_by_change ON object (org_id, kind, class, rev, k1, k2, k3) WHERE class IS NOT NULL;

CREATE TABLE object_change (
  org_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  k1 TEXT NOT NULL,
  k2 TEXT NOT NULL,
  k3 TEXT NOT NULL,
  rev INTEGER NOT NULL,
  PRIMARY KEY (org_id, kind, k1, k2, k3, rev)
) STRICT, WITHOUT ROWID;

CREATE TABLE change_set (
  org_id TEXT NOT NULL,
  rev INTEGER NOT NULL,
  id TEXT NOT NULL,
  period INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  changes INTEGER NOT NULL,
  reason TEXT,
  sum INTEGER NOT NULL,
  PRIMARY KEY (org_id, rev)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_set_by_id ON change_set (org_id, id);

-- Every index costs each write. Nobody asks the audit by actor or target; and change sets need no key beside that of their rows.
DROP INDEX audit_event_by_actor;
DROP INDEX audit_event_by_target;
CREATE TABLE changelog_by_key (
  org_id TEXT NOT NULL,
  rev INTEGER NOT NULL,
  change_set TEXT NOT NULL,
  ts_ms INTEGER NOT NULL,
  body TEXT NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (org_id, rev)
) STRICT, WITHOUT ROWID;
INSERT INTO changelog_by_key SELECT org_id, rev, change_set, ts_ms, body, sum FROM changelog ORDER BY org_id, rev;
DROP TABLE changelog;
ALTER TABLE changelog_by_key RENAME TO changelog;

CREATE TABLE once_key (
  org_id TEXT NOT NULL,
  key BLOB NOT NULL,
  fingerprint BLOB NOT NULL,
  rev INTEGER NOT NULL,
  change_set TEXT,
  applied INTEGER NOT NULL,
  ts_ms INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (org_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX once_key_by_time ON once_key (org_id, ts_ms);
`,
  run: fill,
};
