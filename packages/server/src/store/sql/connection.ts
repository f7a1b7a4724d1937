/**
 * Connections to a SQLite file, each with the same settings, and what SQLite's failures mean for the operator.
 * The settings buy one thing: a commit that returned is on disk (one fsync each), and a crash at any moment leaves the file whole.
 */
import Database from "better-sqlite3";
import { StoreError, type StoreErrorCode } from "../store-error.ts";

// fullfsync matters on macOS only. mmap stays off: an I/O error would arrive as a signal, not as a result. SQLite never tells that a
// checkpoint of its own failed, so the write queue makes them.
const SETTINGS = [
  "journal_mode = WAL",
  "synchronous = FULL",
  "foreign_keys = ON",
  "trusted_schema = OFF",
  "fullfsync = ON",
  "checkpoint_fullfsync = ON",
  "wal_autocheckpoint = 0",
  "journal_size_limit = 67108864",
  "temp_store = MEMORY",
  "cache_size = -32768",
  "mmap_size = 0",
];
const BUSY_TIMEOUT_MS = 5_000;

/** A connection without settings: it has not touched the file yet, which may be anybody's. */
export const connect = (path: string, options: { readonly readonly: boolean }): Database.Database =>
  new Database(path, { readonly: options.readonly, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });

/** A database that nobody keeps. */
export const inMemory = (): Database.Database => new Database(":memory:");

export const applySettings = (db: Database.Database): void => {
  for (const setting of SETTINGS) db.pragma(setting);
};

/** A connection that only reads, for one reader. */
export const openReader = (path: string): Database.Database => {
  const db = connect(path, { readonly: true });
  applySettings(db);
  return db;
};

const MEANINGS: readonly (readonly [prefix: string, code: StoreErrorCode, message: string])[] = [
  ["SQLITE_FULL", "disk_full", "The disk is full. Free space on the data directory's file system; nothing of this write was kept."],
  ["SQLITE_BUSY", "busy", "Another process holds the database's write lock. Let it finish and try again."],
  ["SQLITE_CORRUPT", "damaged", "The database file is damaged. Stop the server and restore a backup."],
  ["SQLITE_NOTADB", "damaged", "The database file is damaged in its first page, or none. Stop the server and restore a backup."],
  [
    "SQLITE_IOERR_SHORT_READ",
    "damaged",
    "The database file is shorter than it says: it was cut off. Stop the server and restore a backup.",
  ],
  [
    "SQLITE_IOERR_SHMSIZE",
    "disk_full",
    "The disk has no room for the database's side files. Free space on the data directory's file system, then start the server again.",
  ],
  [
    "SQLITE_IOERR_WRITE",
    "store_failed",
    "The disk refused to write the database: a used-up quota, a file-size limit (ulimit -f) or a failing disk. Mend that, then start the server again.",
  ],
  [
    "SQLITE_IOERR",
    "store_failed",
    "The disk refused to read or write the database. Look at the system's log for the disk's errors, mend that, then start the server again.",
  ],
  ["SQLITE_READONLY", "store_failed", "The database cannot be written. Make the data directory writable, then start the server again."],
  [
    "SQLITE_CANTOPEN",
    "store_failed",
    "The database cannot be opened. Make the data directory readable and writable, then start the server again.",
  ],
];

/** After these the connection's word about later commits is worth nothing, or there is nothing left to write to. */
const STOPPING = ["SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_READONLY", "SQLITE_CANTOPEN"];

/** The code of a failure of SQLite; undefined for everything else. */
export const sqliteCode = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("SQLITE_") ? error.code : undefined;

export const isStopping = (error: unknown): boolean => {
  const code = sqliteCode(error);
  return code !== undefined && STOPPING.some((prefix) => code.startsWith(prefix));
};

/** A failure of SQLite as a StoreError; other errors as they are. */
export const meaningOf = (error: unknown): unknown => {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const meaning = MEANINGS.find(([prefix]) => code.startsWith(prefix));
  if (meaning === undefined) return new StoreError("store_failed", `The database refused a statement (${code}).`, error);
  return new StoreError(meaning[1], `${meaning[2]} (${code})`, error);
};

/** Runs `read`; failures of SQLite come out as StoreErrors. */
export const meaning = <T>(read: () => T): T => {
  try {
    return read();
  } catch (error) {
    throw meaningOf(error);
  }
};
