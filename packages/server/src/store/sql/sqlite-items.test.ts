/** Items on a file: what is damaged is refused wherever it is read, lists go by an index, and of a backup only what lasts comes back. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { create, label, NOTE, principal, remove } from "../conformance/fixture.ts";
import type { Item, Store } from "../index.ts";
import { LASTING_KINDS } from "../items.ts";
import { backupStore } from "./backup.ts";
import { digestOf } from "./digest.ts";
import { inspectStore } from "./inspect.ts";
import { restoreStore } from "./restore.ts";
import { openSqliteStore } from "./sqlite.ts";
import { listSql } from "./sqlite-items.ts";

const NOW_MS = Date.UTC(2026, 10, 22);
const WHOLE: Item = { kind: "client", id: "c1", org: "a", principal: "ada", owner: "o", expiresMs: 5, value: { secretly: "known" } };

const folder = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "reeve-items-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};
const open = (directory: string): Store => {
  const store = openSqliteStore({ directory, clock: () => NOW_MS });
  onTestFinished(() => store.close());
  return store;
};
const behind = <T>(directory: string, work: (db: Database.Database) => T): T => {
  const db = new Database(join(directory, "reeve.db"));
  try {
    return work(db);
  } finally {
    db.close();
  }
};
const filled = async (...items: readonly Item[]): Promise<{ directory: string; store: Store }> => {
  const directory = folder();
  const store = open(directory);
  await create(store, "a", [principal("ada"), principal("bob")]);
  await store.items.write((tx) => items.map((item) => tx.put(item)));
  return { directory, store };
};

describe("an item that is damaged on the disk", () => {
  it.each([
    "org_id = NULL",
    "org_id = 'b'",
    "principal = 'bob'",
    "principal = NULL",
    "owner = 'p'",
    "expires_ms = 4",
    "expires_ms = NULL",
    `value = '{"secretly":"knowo"}'`,
    "value = '{'",
    "sum = sum + 1",
  ])("is refused, by whoever reads it: %s", async (damage) => {
    const { directory, store } = await filled(WHOLE);
    behind(directory, (db) => expect(db.prepare(`UPDATE item SET ${damage}`).run().changes).toBe(1));
    const refused = { code: "damaged", message: expect.stringContaining("restore a backup") };
    await expect(store.items.find("client", "c1")).rejects.toMatchObject(refused);
    await expect(store.items.list({ kind: "client" }, undefined, 9)).rejects.toMatchObject(refused);
    await expect(store.items.write((tx) => tx.find("client", "c1"))).rejects.toMatchObject(refused);
    if (damage !== "expires_ms = NULL") await expect(store.items.trim(9, 9)).rejects.toMatchObject(refused);
    expect(await store.health()).toMatchObject({ writes: "taken" });
    expect(inspectStore({ directory, nowMs: NOW_MS }).faults).toMatchObject([refused]);
    expect(() => backupStore({ directory, file: join(folder(), "b.db"), nowMs: NOW_MS })).toThrow(expect.objectContaining(refused));
  });

  it("is refused under another name too", async () => {
    const { directory, store } = await filled(WHOLE);
    behind(directory, (db) => db.exec("UPDATE item SET id = 'c2'"));
    await expect(store.items.find("client", "c2")).rejects.toMatchObject({ code: "damaged" });
    behind(directory, (db) => db.exec("UPDATE item SET id = 'c1', kind = 'session'"));
    await expect(store.items.find("session", "c1")).rejects.toMatchObject({ code: "damaged" });
  });

  it("undoes a write even where its work makes light of it", async () => {
    const { directory, store } = await filled(WHOLE);
    behind(directory, (db) => db.exec("UPDATE item SET owner = 'p'"));
    const write = store.items.write((tx) => {
      tx.put({ kind: "client", id: "c2", value: {} });
      try {
        tx.find("client", "c1");
      } catch {}
    });
    await expect(write).rejects.toMatchObject({ code: "damaged" });
    expect(await store.items.find("client", "c2")).toBeUndefined();
  });
});

it("a write of which the database refuses a statement is undone, even where its work makes light of it", async () => {
  const { directory, store } = await filled();
  behind(directory, (db) =>
    db.exec("CREATE TRIGGER refuse BEFORE INSERT ON item WHEN NEW.id = 'bad' BEGIN SELECT RAISE(ABORT, 'refused'); END"),
  );
  const write = store.items.write((tx) => {
    tx.put({ kind: "client", id: "good", value: {} });
    try {
      tx.put({ kind: "client", id: "bad", value: {} });
    } catch {}
    return "done";
  });
  await expect(write).rejects.toMatchObject({ code: "store_failed" });
  expect(await store.items.find("client", "good")).toBeUndefined();
});

describe("a walk along items", () => {
  const members = ["org", "principal", "owner"] as const;
  const filters = Array.from({ length: 8 }, (_, chosen) => members.filter((_member, at) => (chosen >> at) % 2 === 1));
  const planOf = (db: Database.Database, sql: string): string[] => {
    const named = Object.fromEntries([...sql.matchAll(/:(\w+)/g)].map(([, name]) => [name, "x"]));
    return (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(named) as { detail: string }[]).map(({ detail }) => detail);
  };

  it.each(filters)("searches one index and sorts nothing: by kind %s %s %s", async (...fields) => {
    const { directory } = await filled(WHOLE);
    const filter = { kind: "client", ...Object.fromEntries(fields.map((field) => [field, "x"])) };
    behind(directory, (db) => {
      const [detail, ...more] = planOf(db, listSql(filter));
      expect(detail).toMatch(/^SEARCH item .*\bid>\?\)$/);
      expect(more).toEqual([]);
      const isNarrow = fields.includes("owner") || fields.includes("org");
      expect(detail?.includes("PRIMARY KEY")).toBe(!isNarrow);
    });
  });

  it("finds by an index what a principal or an organization takes with it, and what expired", async () => {
    const { directory } = await filled(WHOLE);
    behind(directory, (db) => {
      for (const [where, index] of [
        ["org_id = :org AND principal = :principal", "item_by_principal (org_id=? AND principal=?)"],
        ["org_id = :org", "item_by_principal (org_id=?)"],
        ["expires_ms < :before ORDER BY expires_ms", "item_by_expiry (expires_ms<?)"],
      ]) {
        expect(planOf(db, `SELECT * FROM item WHERE ${where}`)).toEqual([`SEARCH item USING INDEX ${index}`]);
      }
    });
  });
});

describe("a backup", () => {
  const lasting = LASTING_KINDS.map((kind): Item => ({ kind, id: "x", org: "a", principal: "ada", value: { kind } }));
  const passing = ["session", "client-secret", "signing-key", "revoked-token", "invitation"].map(
    (kind): Item => ({ kind, id: `passing-${kind}`, value: { text: `not for others: ${kind}` } }),
  );

  it("holds accounts, persons and clients, and nothing by which somebody could come in", async () => {
    const { directory, store } = await filled(...lasting, ...passing);
    const file = join(folder(), "b.db");
    const { digest } = backupStore({ directory, file, nowMs: NOW_MS });
    expect(digest).toMatchObject({ items: lasting.length });
    expect(inspectStore({ directory, nowMs: NOW_MS })).toMatchObject({ digest, faults: [] });
    const bytes = readFileSync(file);
    for (const { id, kind } of passing) {
      expect([kind, bytes.includes(id), bytes.includes(`not for others: ${kind}`)]).toEqual([kind, false, false]);
    }
    expect(await store.items.find("session", "passing-session")).toBeDefined();
    const target = folder();
    expect(restoreStore({ file, directory: target, nowMs: NOW_MS, endTokens: false }).digest).toEqual(digest);
    const restored = open(target);
    for (const item of lasting) expect(await restored.items.find(item.kind, item.id)).toEqual(item);
    for (const item of passing) expect(await restored.items.find(item.kind, item.id)).toBeUndefined();
    await remove(restored, "a", { kind: "principal", key: ["ada"] });
    for (const item of lasting) expect(await restored.items.find(item.kind, item.id)).toBeUndefined();
  });

  it("that is a plain copy of the file brings back no more", async () => {
    const { directory, store } = await filled(...lasting, ...passing);
    await store.close();
    const target = folder();
    restoreStore({ file: join(directory, "reeve.db"), directory: target, nowMs: NOW_MS, endTokens: false });
    const restored = open(target);
    for (const item of lasting) expect(await restored.items.find(item.kind, item.id)).toEqual(item);
    for (const item of passing) expect(await restored.items.find(item.kind, item.id)).toBeUndefined();
  });

  it("has another digest for another item that lasts, and the same for any that passes", async () => {
    const { directory, store } = await filled(...lasting);
    const sha256 = (): string => behind(directory, digestOf).sha256;
    const before = sha256();
    await store.items.write((tx) => passing.map((item) => tx.put(item)));
    expect(sha256()).toBe(before);
    await store.items.write((tx) => tx.put({ kind: "account", id: "y", value: {} }));
    expect(sha256()).not.toBe(before);
  });
});

describe("the removal of an organization", () => {
  it("leaves no row in any table that has organizations, and the audit guarded", async () => {
    const { directory, store } = await filled(WHOLE, { kind: "session", id: "s", org: "a", value: {} });
    await store.tokens.put({ hash: new Uint8Array(32), kind: "principal", org: "a", principal: "ada", createdMs: 1 });
    await store.write("a", (tx) => {
      tx.once(new Uint8Array(32), new Uint8Array(32));
      tx.put(principal("ada", { name: "Ada" }));
      tx.put(label("core/x"));
      tx.audit(NOTE);
    });
    await create(store, "b", [label("core/b")]);
    behind(directory, (db) => db.exec("INSERT INTO audit_anchor VALUES ('a', 202601, 0, x'00', NULL, 0)"));
    const tables = behind(directory, (db) => {
      const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
      return names.filter((name) => (db.pragma(`table_info(${name})`) as { name: string }[]).some((column) => column.name === "org_id"));
    });
    const rows = (): Readonly<Record<string, unknown>> =>
      behind(directory, (db) =>
        Object.fromEntries(tables.map((name) => [name, db.prepare(`SELECT count(*) FROM ${name} WHERE org_id = 'a'`).pluck().get()])),
      );
    // A table that is new is filled here too, or this shows nothing of it.
    for (const [name, count] of Object.entries(rows())) expect([name, Number(count) > 0]).toEqual([name, true]);
    const head = (await store.heads(["a"])).get("a") ?? { revision: 0, epoch: "" };
    expect(await store.remove("a", head, NOTE)).toBeDefined();
    expect(rows()).toEqual(Object.fromEntries(tables.map((name) => [name, 0])));
    expect(() => behind(directory, (db) => db.exec("DELETE FROM audit_event"))).toThrow("append-only");
    expect(inspectStore({ directory, nowMs: NOW_MS }).faults).toEqual([]);
  });
});
