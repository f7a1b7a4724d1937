import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { storeConformance } from "../conformance.ts";
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
    removeAudit: ({ org, seq }) => behind("DELETE FROM audit_event WHERE org_id = ? AND seq = ?", org, seq),
    setEpoch: (org, epoch) => behind("UPDATE org_head SET epoch = ? WHERE org_id = ?", epoch, org),
    cleanUp: () => rmSync(directory, { recursive: true, force: true }),
  };
});
