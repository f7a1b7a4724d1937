import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { StoreError } from "../store-error.ts";
import { applySettings, meaningOf, openReader } from "./connection.ts";

const PROMISED = {
  journal_mode: "wal",
  synchronous: 2,
  busy_timeout: 5_000,
  foreign_keys: 1,
  trusted_schema: 0,
  fullfsync: 1,
  checkpoint_fullfsync: 1,
  wal_autocheckpoint: 0,
  journal_size_limit: 67_108_864,
  temp_store: 2,
  cache_size: -32_768,
  mmap_size: 0,
};

it("gives every connection the settings that durability rests on", () => {
  const directory = mkdtempSync(join(tmpdir(), "reeve-connection-"));
  const path = join(directory, "reeve.db");
  const writer = new Database(path);
  applySettings(writer);
  writer.exec("CREATE TABLE a (x TEXT)");
  const reader = openReader(path);
  onTestFinished(() => {
    reader.close();
    writer.close();
    rmSync(directory, { recursive: true, force: true });
  });
  for (const db of [writer, reader]) {
    const found = Object.keys(PROMISED).map((name) => [name, db.pragma(name, { simple: true })]);
    // A memory map of size 0 is reported as nothing on a file that has none.
    expect(Object.fromEntries(found.map(([name, value]) => [name, value ?? 0]))).toEqual(PROMISED);
  }
  expect(() => reader.exec("CREATE TABLE b (x TEXT)")).toThrow(/readonly/);
});

it.each([
  ["SQLITE_FULL", "disk_full"],
  ["SQLITE_BUSY_SNAPSHOT", "busy"],
  ["SQLITE_CORRUPT_INDEX", "damaged"],
  ["SQLITE_IOERR_READ", "store_failed"],
  ["SQLITE_READONLY_DBMOVED", "store_failed"],
  ["SQLITE_TOOBIG", "store_failed"],
])("tells the operator what %s means", (code, meaning) => {
  const error = meaningOf(new Database.SqliteError("text of SQLite", code));
  expect(error).toBeInstanceOf(StoreError);
  expect(error).toMatchObject({ code: meaning, message: expect.stringContaining(code) });
});

it("leaves every other error as it is", () => {
  const error = new RangeError("a bug");
  expect(meaningOf(error)).toBe(error);
});
