/**
 * Brings a database file to the program's schema: forward only, each step in its own transaction together with the version it reaches.
 * Before the first step of an upgrade the whole file is copied beside itself, because there is no way back but that copy.
 * Invariant: a file is ours (application id) or empty, and never newer than the program, or it is left untouched.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import type Database from "better-sqlite3";
import { StoreError } from "../store-error.ts";
import { inMemory } from "./connection.ts";

/** `run`: what SQL alone cannot do, after it and in the same transaction. */
export type Migration = {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly run?: (db: Database.Database) => void;
};
/** `isCopied`: there is a way back already. */
export type MigrationRun = {
  readonly path: string;
  readonly steps: readonly Migration[];
  readonly nowMs: number;
  readonly isCopied?: boolean;
};

/** "Reev": tells `file` and us whose database it is. */
export const APPLICATION_ID = 0x52656576;

/** The version the file stands at, 0 for an empty one. Throws `not_a_store`, `newer_database` or `damaged`; writes nothing. */
export const versionOf = (db: Database.Database, { path, steps }: Pick<MigrationRun, "path" | "steps">): number => {
  const application = db.pragma("application_id", { simple: true });
  const tables = db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() as number;
  if (application !== APPLICATION_ID && (application !== 0 || tables > 0)) {
    throw new StoreError("not_a_store", `${path} is a database of another program. Choose another data directory.`);
  }
  const version = db.pragma("user_version", { simple: true }) as number;
  const known = steps.at(-1)?.version ?? 0;
  if (version > known) {
    throw new StoreError(
      "newer_database",
      `${path} has schema ${version}, this program knows schemas up to ${known}. Start the newer program again, or restore a copy made before the upgrade.`,
    );
  }
  // Both are written by the same transaction.
  const taken = tables === 0 ? 0 : db.prepare("SELECT coalesce(max(version), 0) FROM schema_migration").pluck().get();
  if (taken !== version) {
    throw new StoreError(
      "damaged",
      `${path} is damaged: it says to have schema ${version} and has ${taken}. Stop the server and restore a backup.`,
    );
  }
  return version;
};

/** Takes the steps that are missing. Gives the path of the copy that was made first, if one was needed. */
export const migrate = (db: Database.Database, run: MigrationRun): string | undefined => {
  const version = versionOf(db, run);
  const missing = run.steps.filter((step) => step.version > version);
  if (missing.length === 0) return undefined;
  const copy = version === 0 || run.isCopied === true ? undefined : copyFile(db, { ...run, version });
  for (const step of missing) takeStep(db, step, run.nowMs);
  return copy;
};

/**
 * Holds the file's tables, indexes and triggers against those that the steps make, word for word: a damaged schema may still be one that
 * SQLite understands. What somebody added is left alone. Throws `damaged`.
 */
export const checkSchema = (db: Database.Database, run: MigrationRun): void => {
  const found = new Set(schemaRows(db).map(String));
  const empty = inMemory();
  try {
    migrate(empty, run);
    const missing = schemaRows(empty).find((row) => !found.has(String(row)));
    if (missing === undefined) return;
    const [type, name] = missing;
    throw new StoreError(
      "damaged",
      `${run.path} is damaged: its ${type} ${name} is not as it was made. Stop the server and restore a backup.`,
    );
  } finally {
    empty.close();
  }
};

const schemaRows = (db: Database.Database): string[][] =>
  db.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL").raw().all() as string[][];

const takeStep = (db: Database.Database, { version, name, sql, run }: Migration, nowMs: number): void => {
  db.transaction(() => {
    db.exec(
      "CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_ms INTEGER NOT NULL) STRICT",
    );
    db.exec(sql);
    run?.(db);
    db.prepare("INSERT INTO schema_migration (version, name, applied_ms) VALUES (?, ?, ?)").run(version, name, nowMs);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${version}`);
  }).immediate();
};

/** The copy gets its name only when it is whole and on disk: half a copy must not look like a way back. */
const copyFile = (db: Database.Database, { path, version, nowMs }: MigrationRun & { version: number }): string => {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const copy = `${path}.schema-${version}-${stamp}`;
  const unfinished = `${copy}.unfinished`;
  if (existsSync(copy)) return copy;
  rmSync(unfinished, { force: true });
  closeSync(openSync(unfinished, "wx", 0o600));
  db.prepare("VACUUM INTO ?").run(unfinished);
  syncPath(unfinished);
  renameSync(unfinished, copy);
  syncPath(dirname(copy));
  return copy;
};

/** Flushes a file, or a directory's entries. Never for a file that SQLite has open: closing it here would drop SQLite's locks. */
export const syncPath = (path: string): void => {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};
