import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { APPLICATION_ID, type Migration, migrate } from "./migrate.ts";

const NOW = Date.UTC(2026, 10, 21, 22, 0, 1);
const one: Migration = { version: 1, name: "one", sql: "CREATE TABLE a (x TEXT) STRICT; INSERT INTO a VALUES ('kept')" };
const two: Migration = { version: 2, name: "two", sql: "ALTER TABLE a ADD COLUMN y TEXT; UPDATE a SET y = x" };
const broken: Migration = { version: 2, name: "broken", sql: "DELETE FROM a; SELECT * FROM none" };
const three: Migration = { version: 3, name: "three", sql: "CREATE TABLE b (x TEXT) STRICT" };

const database = () => {
  const directory = mkdtempSync(join(tmpdir(), "reeve-migrate-"));
  const path = join(directory, "reeve.db");
  const db = new Database(path);
  onTestFinished(() => {
    db.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const version = () => db.pragma("user_version", { simple: true });
  return { db, path, directory, version, run: (...steps: Migration[]) => migrate(db, { path, steps, nowMs: NOW }) };
};

it("takes every step to an empty file, without a copy", () => {
  const { db, directory, version, run } = database();
  expect(run(one, two, three)).toBeUndefined();
  expect(version()).toBe(3);
  expect(db.pragma("application_id", { simple: true })).toBe(APPLICATION_ID);
  expect(db.prepare("SELECT * FROM schema_migration").all()).toEqual([
    { version: 1, name: "one", applied_ms: NOW },
    { version: 2, name: "two", applied_ms: NOW },
    { version: 3, name: "three", applied_ms: NOW },
  ]);
  expect(readdirSync(directory)).toEqual(["reeve.db"]);
});

it("copies the file before the first step of an upgrade, readable by its owner alone", () => {
  const { db, path, directory, version, run } = database();
  run(one);
  const copy = run(one, two, three);
  expect(copy).toBe(`${path}.schema-1-20261121T220001Z`);
  expect(readdirSync(directory).sort()).toEqual(["reeve.db", "reeve.db.schema-1-20261121T220001Z"]);
  expect((statSync(copy ?? "").mode & 0o777).toString(8)).toBe("600");
  expect(version()).toBe(3);
  expect(db.prepare("SELECT * FROM a").all()).toEqual([{ x: "kept", y: "kept" }]);
  const before = new Database(copy, { readonly: true });
  onTestFinished(() => void before.close());
  expect(before.prepare("SELECT * FROM a").all()).toEqual([{ x: "kept" }]);
  expect(before.pragma("user_version", { simple: true })).toBe(1);
  expect(before.pragma("application_id", { simple: true })).toBe(APPLICATION_ID);
});

it("does nothing, and copies nothing, when no step is missing", () => {
  const { directory, run } = database();
  run(one, two);
  expect(run(one, two)).toBeUndefined();
  expect(readdirSync(directory)).toEqual(["reeve.db"]);
});

it("leaves nothing of a step that fails, and the steps before it stand", () => {
  const { db, version, run } = database();
  expect(() => run(one, broken)).toThrow(/none/);
  expect(version()).toBe(1);
  expect(db.prepare("SELECT * FROM a").all()).toEqual([{ x: "kept" }]);
  run(one, two);
  expect(version()).toBe(2);
});

it("refuses a file that is newer than its steps", () => {
  const { run } = database();
  run(one, two, three);
  expect(() => run(one, two)).toThrow(expect.objectContaining({ code: "newer_database" }));
});
