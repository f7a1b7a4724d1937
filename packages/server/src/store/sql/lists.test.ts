/** Lists on a file: every walk is a search of one index, and what is damaged is told, never listed. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KEY_MEMBERS, type Kind, type Rec } from "@reeve/core";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { create, grant, label, NOTE, principal, put, remove } from "../conformance/fixture.ts";
import { LISTED, type Listed, type ObjectQuery, type Store } from "../index.ts";
import { listPlan } from "../listing.ts";
import { CLASSES, walkSql } from "./lists.ts";
import { openSqliteStore } from "./sqlite.ts";
import { PROJECT_LINES } from "./sqlite-audit.ts";

const folder = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "reeve-lists-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

const open = (directory: string): Store => {
  const store = openSqliteStore({ directory });
  onTestFinished(() => store.close());
  return store;
};

const behind = (directory: string, work: (db: Database.Database) => void): void => {
  const db = new Database(join(directory, "reeve.db"));
  try {
    work(db);
  } finally {
    db.close();
  }
};

const subsets = (fields: readonly string[]): string[][] =>
  Array.from({ length: 2 ** fields.length }, (_, chosen) => fields.filter((_field, at) => (chosen >> at) % 2 === 1));

const queriesOf = (kind: Kind): ObjectQuery[] => {
  const { sorts, filters, below }: Listed = LISTED[kind];
  return sorts.flatMap((sort) =>
    subsets(filters).flatMap((fields) => {
      const isCounted = sort === "changed" || sort === "created";
      const own = sort === "name" || isCounted ? 1 : 0;
      const position = Array.from({ length: KEY_MEMBERS[kind].length + own }, (_, at) => (at === 0 && isCounted ? "7" : "/m"));
      const filter = Object.fromEntries(fields.map((field) => [field, "x"]));
      const ranges = [
        {},
        ...(sort === "name" ? [{ namePrefix: "a" }] : []),
        ...(below === true && sort === "key" ? [{ below: "/a" }] : []),
      ];
      return ranges.flatMap((range) =>
        [{}, { after: position }].flatMap((after) =>
          [false, true].map((descending) => ({ kind, sort, filter, descending, max: 10, ...range, ...after })),
        ),
      );
    }),
  );
};

const planOf = (db: Database.Database, sql: string): string[] => {
  const named = Object.fromEntries([...sql.matchAll(/:(\w+)/g)].map(([, name]) => [name, "x"]));
  return (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(named) as { detail: string }[]).map(({ detail }) => detail);
};

describe("a walk along a list", () => {
  it("searches one index and sorts nothing, whatever the filter and the order", async () => {
    const directory = folder();
    const store = open(directory);
    await create(store, "a", [
      ...Array.from({ length: 300 }, (_, n): Rec => grant({ principal: `p${n % 7}`, resource: `/spaces/${n}` })),
      ...Array.from({ length: 300 }, (_, n): Rec => principal(`p${n}`, { name: `n${n}` })),
    ]);
    behind(directory, (db) => {
      for (const query of (Object.keys(LISTED) as Kind[]).flatMap(queriesOf)) {
        const plan = listPlan(query);
        for (const isBound of plan.range === undefined ? [false] : [false, true]) {
          const after = isBound ? undefined : plan.after;
          const details = planOf(db, walkSql(plan, { after, isBound }));
          // Along the index from the place: nothing before it is read.
          const isPlaced = after === undefined || /[<>]\?|[<>]\(/.test(details[0] ?? "") || Object.keys(plan.equal).length > 0;
          expect({ query, details, isPlaced }).toEqual({
            query,
            details: [expect.stringMatching(/^SEARCH object USING /)],
            isPlaced: true,
          });
        }
      }
    });
  });

  it("is not led astray by statistics: none are made, and those that somebody made are forgotten", async () => {
    const directory = folder();
    await open(directory).close();
    const statistics = (db: Database.Database) => db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'").all();
    behind(directory, (db) => expect(statistics(db)).toEqual([]));
    behind(directory, (db) => db.exec("ANALYZE"));
    behind(directory, (db) => expect(statistics(db)).not.toEqual([]));
    await open(directory).close();
    behind(directory, (db) => expect(statistics(db)).toEqual([]));
  });

  it("finds what was done to projects by its own index", () => {
    const directory = folder();
    open(directory);
    behind(directory, (db) => {
      const plan = (db.prepare(`EXPLAIN QUERY PLAN ${PROJECT_LINES}`).all("a", 1, 1, 1) as { detail: string }[]).map(
        ({ detail }) => detail,
      );
      expect(plan).toEqual([
        expect.stringMatching(/^SEARCH audit_event USING INDEX audit_event_of_projects \(org_id=\? AND \(period,seq\)</),
      ]);
    });
  });

  it("finds the classes by a search for each", () => {
    const directory = folder();
    open(directory);
    behind(directory, (db) => {
      expect(planOf(db, CLASSES).filter((detail) => detail.includes("object"))).toEqual(
        Array.from({ length: 2 }, () => expect.stringMatching(/^SEARCH object USING COVERING INDEX object_by_class \(.*class>\?\)$/)),
      );
    });
  });
});

describe("a damaged row", () => {
  const listed: ObjectQuery = { kind: "principal", filter: { type: "user" }, sort: "name", max: 10 };
  it.each([
    ["body", "UPDATE object SET body = replace(body, 'Ada', 'Eve') WHERE k1 = 'ada'"],
    ["life", "UPDATE object SET life = 7 WHERE k1 = 'ada'"],
    ["name", "UPDATE object SET name = 'Eve' WHERE k1 = 'ada'"],
    ["class", `UPDATE object SET class = replace(class, 'true', 'false') WHERE k1 = 'ada'`],
    ["revision", "UPDATE object SET rev = 99 WHERE k1 = 'ada'"],
    ["key", "UPDATE object SET k1 = 'eve' WHERE k1 = 'ada'"],
  ])("is told by a list and by a reading that meet it, wherever it is damaged: %s", async (column, sql) => {
    const directory = folder();
    const store = open(directory);
    await create(store, "a", [principal("ada", { name: "Ada" }), label("core/x")]);
    behind(directory, (db) => expect(db.prepare(sql).run().changes).toBe(1));
    await expect(store.list("a", listed)).rejects.toMatchObject({ code: "damaged" });
    const read = store.read("a", "principal", [column === "key" ? "eve" : "ada"]);
    await expect(read).rejects.toMatchObject({ code: "damaged" });
    expect(await store.list("a", { ...listed, kind: "label", filter: {} })).toMatchObject({ objects: [{ rec: label("core/x") }] });
  });

  it("of a change set or of a write's key is told too", async () => {
    const directory = folder();
    const store = open(directory);
    await create(store, "a");
    const write = () =>
      store.write("a", (tx) => {
        tx.once(new Uint8Array(32), new Uint8Array(32));
        tx.put(label("core/x"));
        tx.audit(NOTE);
      });
    await write();
    behind(directory, (db) => db.exec("UPDATE once_key SET applied = 7; UPDATE change_set SET changes = 7 WHERE rev = 2"));
    await expect(write()).rejects.toMatchObject({ code: "damaged" });
    await expect(store.changeSets("a", undefined, 10)).rejects.toMatchObject({ code: "damaged" });
    await expect(store.changeSet("a", { revision: 2 })).rejects.toMatchObject({ code: "damaged" });
    expect(await store.changeSet("a", { revision: 1 })).toMatchObject({ revision: 1 });
  });

  it("that names a revision of another object is told by the history", async () => {
    const directory = folder();
    const store = open(directory);
    await create(store, "a", [label("core/x")]);
    await put(store, "a", [label("core/y")]);
    await remove(store, "a", { kind: "label", key: ["core/x"] });
    behind(directory, (db) => db.exec("UPDATE object_change SET rev = 2 WHERE k1 = 'core/x' AND rev = 1"));
    await expect(store.history("a", { kind: "label", key: ["core/x"] }, { max: 9 })).rejects.toMatchObject({ code: "damaged" });
  });
});
