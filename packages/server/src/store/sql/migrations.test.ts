/** Every schema that has shipped, brought to today's: what was there is there, watched over from now on, and the way back is a file. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyOf } from "@reeve/core";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { label, NOTE, put, recordsOf, snapshot } from "../conformance/fixture.ts";
import { buildFixture, CONTENT, fixturePath, ITEMS } from "../conformance/schema-fixture.ts";
import { digestOf } from "./digest.ts";
import { APPLICATION_ID } from "./migrate.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { openSqliteStore } from "./sqlite.ts";

const VERSIONS = MIGRATIONS.map(({ version }) => version);
const LATEST = VERSIONS.at(-1) ?? 0;

const FIRST_WITH_ITEMS = 5;
const OLDER = VERSIONS.filter((version) => version < LATEST);

const folder = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "reeve-migrations-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

const built = (version: number): string => {
  const directory = folder();
  buildFixture(version, join(directory, "reeve.db"));
  return directory;
};

const withDatabase = <T>(path: string, read: (db: Database.Database) => T): T => {
  const db = new Database(path);
  try {
    return read(db);
  } finally {
    db.close();
  }
};

/** Tables, indexes and triggers by name, with their columns, whatever way the schema got there. */
const shapeOf = (db: Database.Database): unknown => {
  const things = db.prepare("SELECT type, name, tbl_name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name").all() as {
    type: string;
    name: string;
  }[];
  return things.map((thing) => [thing, thing.type === "table" ? db.pragma(`table_xinfo(${thing.name})`) : []]);
};

it("are numbered from 1 without a gap", () => {
  expect(VERSIONS).toEqual(VERSIONS.map((_, at) => at + 1));
});

// A step is added together with the text of the schema that it leads to: see conformance/schema-fixture.ts, which writes it.
it.each(VERSIONS)("schema %i has its fixture", (version) => {
  expect(existsSync(fixturePath(version)), `run schema-fixture.ts: ${fixturePath(version)} is missing`).toBe(true);
});

describe.each(VERSIONS)("a database of schema %i", (version) => {
  it("is what the steps up to it make today: none that shipped was edited", () => {
    const directory = built(version);
    const steps = new Database(":memory:");
    for (const step of MIGRATIONS.filter((each) => each.version <= version)) {
      if (step.version === 1)
        steps.exec("CREATE TABLE schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_ms INTEGER NOT NULL) STRICT");
      steps.exec(step.sql);
    }
    withDatabase(join(directory, "reeve.db"), (db) => {
      expect(db.pragma("application_id", { simple: true })).toBe(APPLICATION_ID);
      expect(shapeOf(db)).toEqual(shapeOf(steps));
    });
    steps.close();
  });

  it("opens with everything that it held, and goes on", async () => {
    const directory = built(version);
    const before = withDatabase(join(directory, "reeve.db"), digestOf);
    const store = openSqliteStore({ directory });
    onTestFinished(() => store.close());
    for (const [org, records] of Object.entries(CONTENT.records)) {
      expect(await snapshot(store, org)).toMatchObject({ head: { revision: CONTENT.revisions[org] }, records });
      expect(await store.verifyAudit(org)).toMatchObject({ ok: true, events: CONTENT.revisions[org] });
      const head = (await store.heads([org])).get(org) ?? { revision: 0, epoch: "" };
      expect(await store.changes(org, { ...head, revision: 0 }, 10)).toMatchObject({ kind: "changes", sets: { length: head.revision } });
    }
    expect(await store.tokens.list({}, undefined, 10)).toEqual(CONTENT.tokens);
    for (const item of ITEMS) expect(await store.items.find(item.kind, item.id)).toEqual(version < FIRST_WITH_ITEMS ? undefined : item);
    const db = new Database(join(directory, "reeve.db"), { readonly: true });
    expect(digestOf(db)).toEqual(before);
    db.close();
    await put(store, "a", [label("core/new")]);
    expect(await recordsOf(store, "a")).toHaveLength(CONTENT.records["a"]!.length + 1);
    expect(await store.verifyAudit("a")).toMatchObject({ ok: true });
  });
});

it.each(VERSIONS)("a database of schema %i has its lists, histories and change sets, as if they had always been kept", async (version) => {
  const store = openSqliteStore({ directory: built(version) });
  onTestFinished(() => store.close());
  const list = async (kind: "grant" | "label" | "principal", sort: string, filter: Readonly<Record<string, string>> = {}) =>
    (await store.list("a", { kind, filter, sort, max: 10 }))?.objects.map(({ rec, revision, life }) => [keyOf(rec)[0], revision, life]);
  expect(await list("principal", "name", { type: "user", active: "true" })).toEqual([["ada", 1, 1]]);
  expect(await list("principal", "changed", { type: "group" })).toEqual([]);
  expect(await list("label", "name")).toEqual([["core/x", 2, 3]]);
  expect(await list("grant", "resource", { resource: "/spaces/a" })).toEqual([["ada", 4, 5]]);
  const history = async (kind: "grant" | "label" | "principal", ...key: string[]) =>
    (await store.history("a", { kind, key }, { max: 9 })).map(({ revision, changes }) => [revision, changes.length]);
  expect(await history("label", "core/x")).toEqual([
    [2, 1],
    [1, 1],
  ]);
  expect(await history("label", "core/gone")).toEqual([
    [3, 1],
    [1, 1],
  ]);
  expect(await history("grant", "ada", "/spaces/a", "self")).toEqual([
    [4, 1],
    [2, 1],
  ]);
  const sets = (await store.changeSets("a", undefined, 10)) ?? [];
  expect(sets.map(({ revision, count }) => [revision, count])).toEqual([
    [4, 1],
    [3, 2],
    [2, 2],
    [1, 4],
  ]);
  for (const { changeSet = "", revision } of sets) expect(await store.changeSet("a", { id: changeSet })).toMatchObject({ revision });
  const last = await store.write("a", (tx) => {
    tx.expectLast("label", ["core/gone"], 3);
    tx.expect("principal", ["ada"], 1);
    tx.put(label("core/x"));
    tx.audit(NOTE);
  });
  expect(last.applied).toBe(1);
});

it("a database whose audit cannot all be read is brought up to date all the same, and says what it has", async () => {
  const directory = built(3);
  withDatabase(join(directory, "reeve.db"), (db) => {
    db.exec("DROP TRIGGER audit_event_keeps_rows; DROP TRIGGER audit_event_keeps_content");
    const triggers = (
      withDatabase(join(built(3), "reeve.db"), (other) =>
        other.prepare("SELECT sql FROM sqlite_schema WHERE type = 'trigger'").pluck().all(),
      ) as string[]
    ).join(";");
    db.exec("DELETE FROM audit_event WHERE org_id = 'a' AND seq = 1; UPDATE audit_event SET body = '{' WHERE org_id = 'a' AND seq = 2");
    db.exec(triggers);
  });
  const store = openSqliteStore({ directory });
  onTestFinished(() => store.close());
  expect((await store.changeSets("a", undefined, 10))?.map(({ revision }) => revision)).toEqual([4, 3]);
  expect(await store.read("a", "label", ["core/x"])).toMatchObject({ object: { revision: 2 } });
  expect(await store.history("a", { kind: "label", key: ["core/x"] }, { max: 9 })).toEqual([]);
  expect(await store.verifyAudit("a")).toMatchObject({ ok: false });
});

it.each(OLDER)(
  "a database of schema %i is copied first, under a name that says what it is, and the copy is the old file",
  async (version) => {
    const directory = built(version);
    const before = withDatabase(join(directory, "reeve.db"), digestOf);
    await openSqliteStore({ directory }).close();
    const copies = readdirSync(directory).filter((file) => file.includes(".schema-"));
    expect(copies).toEqual([expect.stringMatching(new RegExp(`^reeve\\.db\\.schema-${version}-\\d{8}T\\d{6}Z$`))]);
    withDatabase(join(directory, copies[0] ?? ""), (db) => {
      expect(db.pragma("user_version", { simple: true })).toBe(version);
      expect(digestOf(db)).toEqual(before);
    });
    await openSqliteStore({ directory }).close();
    expect(readdirSync(directory).filter((file) => file.includes(".schema-"))).toEqual(copies);
  },
);

it("hold no secret and nothing of this machine in their fixtures", () => {
  for (const version of VERSIONS) expect(readFileSync(fixturePath(version), "utf8")).not.toMatch(/\/tmp\/|\/home\//);
});
