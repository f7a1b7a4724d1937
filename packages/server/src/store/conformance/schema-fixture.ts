/**
 * A data directory of each schema that has shipped, as SQL text: what the migrations are tried on.
 *
 * Run as a program it writes the one of today's schema, once, when a step is added:
 * `node --conditions=source packages/server/src/store/conformance/schema-fixture.ts`.
 * Invariant: a text that is there is what a program of that time wrote, and is never made again.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Rec } from "@reeve/core";
import Database from "better-sqlite3";
import type { Item, Store, Transaction } from "../index.ts";
import { openSqliteStore } from "../sql/sqlite.ts";
import { grant, label, NOTE, principal } from "./fixture.ts";

/** Two months of an organization, and another one, by a clock of their own. */
const TIMES = { created: Date.UTC(2026, 0, 30), changed: Date.UTC(2026, 0, 31), later: Date.UTC(2026, 1, 2) };
const ADA: Rec = principal("ada", { name: "Ada Lovelace", properties: { email: "ada@example.org", team: "x" } });
const FINAL: readonly Rec[] = [grant({ access: "RWX" }), label("core/x", "new \0 \ud800 \u{1f600}"), ADA];

/** What every fixture holds, whatever its schema; read back after the migrations. */
export const CONTENT = {
  records: { a: FINAL, b: [label("core/b")] } as Readonly<Record<string, readonly Rec[]>>,
  revisions: { a: 4, b: 1 } as Readonly<Record<string, number>>,
  tokens: [
    { hash: new Uint8Array(32).fill(1), kind: "administrator", createdMs: 1 },
    {
      hash: new Uint8Array(32).fill(2),
      kind: "principal",
      org: "a",
      principal: "ada",
      ceiling: { actions: ["read"] },
      createdMs: 2,
      expiresMs: 9,
    },
  ],
};

/** Held from schema 5 on. */
export const ITEMS: readonly Item[] = [
  { kind: "account", id: "x", value: { email: "ada@example.org" } },
  { kind: "person", id: "a\nada", org: "a", principal: "ada", owner: "x", value: {} },
  { kind: "session", id: "s", owner: "x", expiresMs: 9, value: { "\ud800": [null, 0.1, "\0"] } },
];

const put = (tx: Transaction, ...records: readonly Rec[]): void => {
  for (const rec of records) tx.put(rec);
  tx.audit(NOTE);
};

const fill = async (store: Store, setClock: (nowMs: number) => void): Promise<void> => {
  setClock(TIMES.created);
  await store.create("a", (tx) => put(tx, ADA, principal("bob", { name: "Bob" }), label("core/x"), label("core/gone")));
  setClock(TIMES.changed);
  await store.write("a", (tx) => put(tx, grant(), label("core/x", "new \0 \ud800 \u{1f600}")));
  await store.write("a", (tx) => {
    tx.delete("label", ["core/gone"]);
    tx.delete("principal", ["bob"]);
    tx.audit(NOTE);
  });
  setClock(TIMES.later);
  await store.write("a", (tx) => put(tx, grant({ access: "RWX" })));
  await store.create("b", (tx) => put(tx, label("core/b")));
  for (const token of CONTENT.tokens) await store.tokens.put(token);
  await store.items.write((tx) => ITEMS.map((item) => tx.put(item)));
};

const quote = (value: unknown): string => {
  if (value === null) return "NULL";
  if (Buffer.isBuffer(value)) return `x'${value.toString("hex")}'`;
  return typeof value === "number" ? `${value}` : `'${String(value).replaceAll("'", "''")}'`;
};

/** The whole database as SQL: its marks, its schema, its rows. */
const dump = (db: Database.Database): string => {
  const marks = ["auto_vacuum", "application_id", "user_version"].map((name) => `PRAGMA ${name} = ${db.pragma(name, { simple: true })};`);
  const schema = db.prepare("SELECT name, type, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'").all() as {
    name: string;
    type: string;
    sql: string;
  }[];
  const rows = schema
    .filter(({ type }) => type === "table")
    .flatMap(({ name }) =>
      (db.prepare(`SELECT * FROM ${name}`).raw().all() as unknown[][]).map(
        (row) => `INSERT INTO ${name} VALUES (${row.map(quote).join(", ")});`,
      ),
    );
  return `${[...marks, ...schema.map(({ sql }) => `${sql};`), ...rows].join("\n")}\n`;
};

export const fixturePath = (version: number): string => join(import.meta.dirname, `schemas/schema-${version}.sql`);

/** Makes the database that the text describes. */
export const buildFixture = (version: number, path: string): void => {
  const db = new Database(path);
  db.exec(readFileSync(fixturePath(version), "utf8"));
  db.close();
};

const writeFixture = async (): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), "reeve-schema-"));
  let nowMs = 0;
  const store = openSqliteStore({ directory, clock: () => nowMs });
  await fill(store, (to) => {
    nowMs = to;
  });
  await store.close();
  const db = new Database(join(directory, "reeve.db"), { readonly: true });
  const version = db.pragma("user_version", { simple: true }) as number;
  writeFileSync(fixturePath(version), dump(db), { flag: "wx" });
  db.close();
  rmSync(directory, { recursive: true });
};

if (import.meta.main) await writeFixture();
