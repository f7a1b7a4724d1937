import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { create, type Fixture, label, openedFixture } from "../conformance/fixture.ts";
import { loadConformance } from "../conformance/load.ts";
import { storeConformance } from "../conformance.ts";
import { OrganizationRows } from "./rows.ts";
import { openSqliteStore } from "./sqlite.ts";

const fixture = (threadFrom?: number): Fixture => {
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
    open: (options = {}) => openSqliteStore({ ...options, directory, ...(threadFrom === undefined ? {} : { threadFrom }) }),
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
};

storeConformance("the SQLite store", () => fixture());

describe("the SQLite store that reads on a thread of its own", () => {
  loadConformance(() => fixture(0));

  it("ends a loading that is on its way when it is closed", async () => {
    const { store } = openedFixture(() => fixture(0));
    await create(
      store,
      "a",
      Array.from({ length: 40_000 }, (_, n) => label(`core/${n}`)),
    );
    const pages = store.load("a")[Symbol.asyncIterator]();
    await pages.next();
    await store.close();
    const rest = async (): Promise<void> => {
      for (let page = await pages.next(); page.done !== true; page = await pages.next()) expect(page.value.total).toBeUndefined();
    };
    await expect(rest()).rejects.toMatchObject({ code: "store_closed" });
  });
});
