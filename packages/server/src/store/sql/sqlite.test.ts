import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { storeConformance } from "../conformance.ts";
import { OrganizationRows } from "./rows.ts";
import { openSqliteStore } from "./sqlite.ts";

storeConformance("the SQLite store", () => {
  const directory = mkdtempSync(join(tmpdir(), "reeve-sqlite-"));
  const behind = (sql: string, ...values: (string | number)[]): void => {
    const db = new Database(join(directory, "reeve.db"));
    try {
      db.exec("DROP TRIGGER IF EXISTS audit_event_keeps_rows; DROP TRIGGER IF EXISTS audit_event_keeps_content");
      if (db.prepare(sql).run(...values).changes !== 1) throw new Error("no such row");
    } finally {
      db.close();
    }
  };
  return {
    open: (options = {}) => openSqliteStore({ ...options, directory }),
    editAudit: ({ org, seq }, columns) => {
      const assignments = Object.keys(columns).map((column) => `${column} = ?`);
      behind(`UPDATE audit_event SET ${assignments.join(", ")} WHERE org_id = ? AND seq = ?`, ...Object.values(columns), org, seq);
    },
    auditBodies: (org) => {
      const db = new Database(join(directory, "reeve.db"));
      try {
        return db.prepare<[string], string>("SELECT body FROM audit_event WHERE org_id = ?").pluck().all(org);
      } finally {
        db.close();
      }
    },
    editPersons: (org, body) => {
      const db = new Database(join(directory, "reeve.db"));
      db.prepare("UPDATE person SET body = ? WHERE org_id = ?").run(body, org);
      db.close();
    },
    removeAudit: ({ org, seq }) => behind("DELETE FROM audit_event WHERE org_id = ? AND seq = ?", org, seq),
    setEpoch: (org, epoch) => {
      const db = new Database(join(directory, "reeve.db"));
      const rows = new OrganizationRows(db);
      const standing = rows.standing(org);
      if (standing === undefined) throw new Error(`no organization ${org}`);
      rows.putHead({ ...standing, head: { ...standing.head, epoch } });
      db.close();
    },
    cleanUp: () => rmSync(directory, { recursive: true, force: true }),
  };
});
