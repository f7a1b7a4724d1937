/**
 * Opening and closing a data directory: lock, file, schema, connections, in this order, and back again.
 * Invariant: a file that is not ours, or newer than we are, is looked at and left as it was; whoever fails half way leaves no lock behind.
 */
import type Database from "better-sqlite3";
import { StoreError } from "../store-error.ts";
import { applySettings, connect, meaning, openReader, sqliteCode } from "./connection.ts";
import { prepareDirectory, prepareFile } from "./directory.ts";
import { type MigrationRun, migrate, versionOf } from "./migrate.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { lockDirectory, type ServerLock } from "./server-lock.ts";
import type { Failpoint } from "./write-queue.ts";

/** `clock` gives epoch milliseconds. `failpoint` is for tests of durability. */
export type SqliteOptions = { readonly directory: string; readonly clock?: () => number; readonly failpoint?: Failpoint };

export type OpenedDatabase = {
  readonly path: string;
  readonly writer: Database.Database;
  readonly reader: Database.Database;
  /** `clean`: the file may still be written: empty the log into it. */
  close(how: { readonly clean: boolean }): void;
};

export const openDatabase = ({ directory, clock = Date.now }: SqliteOptions): OpenedDatabase => {
  prepareDirectory(directory);
  const lock = meaning(() => lockDirectory(directory, clock()));
  try {
    return openFile(prepareFile(directory), { lock, nowMs: clock() });
  } catch (error) {
    lock.release();
    throw error;
  }
};

const openFile = (path: string, { lock, nowMs }: { lock: ServerLock; nowMs: number }): OpenedDatabase => {
  const writer = meaning(() => connect(path, { readonly: false }));
  try {
    meaning(() => bringUp(writer, { path, steps: MIGRATIONS, nowMs }));
    const reader = meaning(() => openReader(path));
    return { path, writer, reader, close: ({ clean }) => closeAll({ writer, reader, lock }, clean) };
  } catch (error) {
    writer.close();
    throw error;
  }
};

const bringUp = (db: Database.Database, run: MigrationRun): void => {
  try {
    // A new file's free pages can be given back later only if this is said before its first table.
    if (versionOf(db, run) === 0) db.pragma("auto_vacuum = INCREMENTAL");
  } catch (error) {
    if (sqliteCode(error) !== "SQLITE_NOTADB") throw error;
    throw new StoreError(
      "not_a_store",
      `${run.path} is no database, or its first page is damaged. Restore a backup, or choose another data directory.`,
      error,
    );
  }
  applySettings(db);
  migrate(db, run);
};

type Held = { readonly writer: Database.Database; readonly reader: Database.Database; readonly lock: ServerLock };

const closeAll = ({ writer, reader, lock }: Held, clean: boolean): void => {
  try {
    reader.close();
    if (clean) {
      writer.pragma("optimize");
      writer.pragma("wal_checkpoint(TRUNCATE)");
    }
    writer.close();
  } finally {
    lock.release();
  }
};
