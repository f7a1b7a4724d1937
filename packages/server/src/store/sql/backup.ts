/**
 * A backup: one file that holds a whole data directory as it was at one moment, made beside a running server or without one.
 *
 * It is read in one read transaction on a read-only connection, so that writers wait for nothing, and row by row, so that a damaged
 * page is met now and not when the backup is needed.
 * Invariant: the file gets its name when it is whole, checked and on disk; nothing that was there is overwritten.
 */
import { closeSync, existsSync, linkSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type Database from "better-sqlite3";
import { StoreError } from "../store-error.ts";
import { connect, meaning, sqliteCode } from "./connection.ts";
import { digestOf, type StoreDigest } from "./digest.ts";
import { DATABASE } from "./directory.ts";
import { syncPath, versionOf } from "./migrate.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { firstLookFault } from "./open.ts";
import { removeSecrets } from "./secrets.ts";
import { removePassingItems } from "./sqlite-items.ts";

export type BackupReport = { readonly file: string; readonly bytes: number; readonly madeMs: number; readonly digest: StoreDigest };
export type BackupRequest = { readonly directory: string; readonly file: string; readonly nowMs: number };

/** Notes of a backup in its `server_meta`. */
export const MADE_MS = "backup_made_ms";
export const SHA256 = "backup_sha256";

/**
 * Writes the backup, mode 0600. Throws StoreError: `not_a_store` (no database there, or another program's), `newer_database`, `damaged`,
 * `target_exists`, `directory_unusable` (the file cannot be written), `disk_full`, `store_failed`.
 */
export const backupStore = ({ directory, file, nowMs }: BackupRequest): BackupReport => {
  const target = resolve(file);
  if (existsSync(target)) throw targetExists(target);
  const source = openSource(directory);
  const unfinished = `${target}.${process.pid}.unfinished`;
  try {
    reserve(unfinished, target);
    copyInto(source, unfinished);
    const digest = meaning(() => seal(unfinished, nowMs));
    const { size } = statSync(unfinished);
    name(unfinished, target);
    return { file: target, bytes: size, madeMs: nowMs, digest };
  } finally {
    source.close();
    rmSync(unfinished, { force: true });
    rmSync(`${unfinished}-journal`, { force: true });
  }
};

const openSource = (directory: string): Database.Database => {
  const path = join(directory, DATABASE);
  if (!existsSync(path))
    throw new StoreError("not_a_store", `There is no Reeve database in ${directory}. Name the server's data directory.`);
  const db = meaning(() => connect(path, { readonly: true }));
  try {
    if (versionOf(db, { path, steps: MIGRATIONS }) === 0)
      throw new StoreError("not_a_store", `${path} is empty. Name the server's data directory.`);
    return db;
  } catch (error) {
    db.close();
    throw meaning(() => {
      throw firstLookFault(path, error);
    });
  }
};

const reserve = (unfinished: string, target: string): void => {
  try {
    closeSync(openSync(unfinished, "wx", 0o600));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError(
      "directory_unusable",
      `The backup ${target} cannot be written: ${why}. Name a file in a directory that can be written.`,
      error,
    );
  }
};

/** Failures of writing are those of the backup's disk, not of the data directory's. */
const copyInto = (source: Database.Database, unfinished: string): void => {
  try {
    source.prepare("VACUUM INTO ?").run(unfinished);
  } catch (error) {
    const code = sqliteCode(error) ?? "";
    if (code === "SQLITE_FULL" || code.startsWith("SQLITE_IOERR_WRITE")) {
      throw new StoreError(
        "disk_full",
        `There is no room for the backup in ${dirname(unfinished)}: the disk is full, or a quota or a file-size limit (ulimit -f) is met. Name a file on another disk, or free space; the data directory is as it was. (${code})`,
        error,
      );
    }
    meaning(() => {
      throw error;
    });
  }
};

/** Reads the copy whole, notes what it is, and puts it on disk. */
const seal = (unfinished: string, nowMs: number): StoreDigest => {
  const copy = connect(unfinished, { readonly: false });
  try {
    const digest = copy.transaction(() => digestOf(copy))();
    const note = copy.prepare("INSERT OR REPLACE INTO server_meta (name, value) VALUES (?, ?)");
    copy.transaction(() => {
      removeSecrets(copy);
      removePassingItems(copy);
      note.run(MADE_MS, `${nowMs}`);
      note.run(SHA256, digest.sha256);
    })();
    return digest;
  } finally {
    copy.close();
    syncPath(unfinished);
  }
};

/** A link refuses to take the place of a file, a renaming does not; file systems without links get the second. */
const name = (unfinished: string, target: string): void => {
  try {
    linkSync(unfinished, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST" || existsSync(target)) throw targetExists(target);
    renameSync(unfinished, target);
  }
  syncPath(dirname(target));
};

const targetExists = (target: string): StoreError =>
  new StoreError("target_exists", `${target} is there already, and a backup overwrites nothing. Name another file, or move that one away.`);
