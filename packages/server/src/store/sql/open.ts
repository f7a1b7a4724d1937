/**
 * Opening and closing a data directory: lock, file, schema, connections, in this order, and back again.
 * Invariant: a file that is not ours, or newer than we are, is looked at and left as it was; whoever fails half way leaves no lock behind.
 */
import type Database from "better-sqlite3";
import { StoreError } from "../store-error.ts";
import { applySettings, connect, meaning, openReader, sqliteCode } from "./connection.ts";
import { prepareDirectory, prepareFile, watchPlace } from "./directory.ts";
import { checkSchema, type MigrationRun, migrate, versionOf } from "./migrate.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { lockDirectory, type ServerLock } from "./server-lock.ts";
import { checkClock } from "./time-note.ts";
import type { Failpoint } from "./write-queue.ts";

/**
 * `clock` gives epoch milliseconds. `threadFrom`: how many objects an organization has at least that is read by a thread of its own.
 * `failpoint` is for tests of durability.
 */
export type SqliteOptions = {
  readonly directory: string;
  readonly clock?: () => number;
  readonly threadFrom?: number;
  readonly failpoint?: Failpoint;
};

export type OpenedDatabase = {
  readonly path: string;
  readonly writer: Database.Database;
  readonly reader: Database.Database;
  /** Why what is written now will not be found by the next start; undefined while it will. */
  readonly misplaced: () => StoreError | undefined;
  /** `clean`: the file may still be written: empty the log into it. */
  close(how: { readonly clean: boolean }): void;
};

export const openDatabase = ({ directory, clock = Date.now }: SqliteOptions): OpenedDatabase => {
  prepareDirectory(directory);
  const lock = meaning(() => lockDirectory(directory, clock()));
  try {
    return openFile(directory, { lock, nowMs: clock() });
  } catch (error) {
    lock.release();
    throw error;
  }
};

const openFile = (directory: string, { lock, nowMs }: { lock: ServerLock; nowMs: number }): OpenedDatabase => {
  const path = prepareFile(directory);
  const writer = meaning(() => connect(path, { readonly: false }));
  try {
    meaning(() => {
      const run = { path, steps: MIGRATIONS, nowMs };
      bringUp(writer, run);
      forgetStatistics(writer);
      checkSchema(writer, run);
      checkClock(writer, directory, nowMs);
    });
    const reader = meaning(() => openReader(path));
    return { path, writer, reader, misplaced: watchPlace(path), close: ({ clean }) => closeAll({ writer, reader, lock }, clean) };
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
    throw firstLookFault(run.path, error);
  }
  applySettings(db);
  migrate(db, run);
  // A commit in which a page was split looks through the whole cache: 45 µs of 32 MiB. What is not in it the system has, most often.
  db.pragma("cache_size = -8192");
};

/**
 * Every list names its index, and with statistics SQLite may walk that index in another way than along it: skipping over the organizations,
 * and sorting what it found. So nobody counts anything here, and what somebody counted goes.
 */
const forgetStatistics = (db: Database.Database): void => {
  db.exec("DROP TABLE IF EXISTS sqlite_stat1; DROP TABLE IF EXISTS sqlite_stat4");
};

/** What the first look at a file says, when nothing of ours has been asked of it yet. */
export const firstLookFault = (path: string, error: unknown): unknown => {
  const code = sqliteCode(error);
  if (code === "SQLITE_NOTADB") {
    return new StoreError(
      "not_a_store",
      `${path} is no database, or its first page is damaged. Restore a backup, or choose another data directory.`,
      error,
    );
  }
  if (code !== "SQLITE_ERROR") return error;
  return new StoreError("damaged", `${path} is damaged in its first page. Stop the server and restore a backup.`, error);
};

type Held = { readonly writer: Database.Database; readonly reader: Database.Database; readonly lock: ServerLock };

const closeAll = ({ writer, reader, lock }: Held, clean: boolean): void => {
  try {
    reader.close();
    if (clean) {
      writer.pragma("wal_checkpoint(TRUNCATE)");
    }
    writer.close();
  } finally {
    lock.release();
  }
};
