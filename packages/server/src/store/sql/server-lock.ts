/**
 * One server a directory. The lock is a second SQLite file held by BEGIN EXCLUSIVE for as long as the server lives: the system frees
 * it when the process dies, however it dies, which a file with a process id would not be. Who holds it stands in a note beside it,
 * which is a help for the message and never the lock itself.
 */
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { StoreError } from "../store-error.ts";
import { sqliteCode } from "./connection.ts";
import { usable } from "./directory.ts";

export type ServerLock = { release(): void };

/** The lock and the note beside it. */
export const LOCK_FILES = ["server.lock", "server.lock.json"] as const;

/** Locks that are held. A database that nobody refers to is closed when it is collected, and its lock would be gone without a word. */
const held = new Set<Database.Database>();

/** Throws `locked` when a server runs on the directory. */
export const lockDirectory = (directory: string, nowMs: number): ServerLock => {
  const [path, note] = LOCK_FILES.map((file) => join(directory, file)) as [string, string];
  // Opened here only while it is new: a file that this process has open elsewhere would lose its locks by being closed.
  if (!existsSync(path)) usable(directory, () => closeSync(openSync(path, "a", 0o600)));
  const db = new Database(path, { timeout: 0 });
  try {
    db.pragma("journal_mode = MEMORY");
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    if (!sqliteCode(error)?.startsWith("SQLITE_BUSY")) throw error;
    throw new StoreError("locked", `${holderOf(note)} uses ${directory}. Stop it, or choose another data directory.`, error);
  }
  held.add(db);
  writeNote(note, nowMs);
  return {
    release: () => {
      // The lock's file stays: removing it would let a waiting server lock a file that the next one no longer sees.
      rmSync(note, { force: true });
      held.delete(db);
      db.close();
    },
  };
};

/** Who holds the lock, in words; undefined: nobody does. Looks only: a server that starts meanwhile is not refused for it. */
export const lockHolder = (directory: string): string | undefined => {
  const [path, note] = LOCK_FILES.map((file) => join(directory, file)) as [string, string];
  if (!existsSync(path)) return undefined;
  const db = new Database(path, { readonly: true, timeout: 0 });
  try {
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
    return undefined;
  } catch (error) {
    if (!sqliteCode(error)?.startsWith("SQLITE_BUSY")) throw error;
    return holderOf(note);
  } finally {
    db.close();
  }
};

/** A full disk must not keep a server from answering questions: without the note, only the message to a second one is shorter. */
const writeNote = (note: string, nowMs: number): void => {
  try {
    writeFileSync(note, JSON.stringify({ pid: process.pid, host: hostname(), since: new Date(nowMs).toISOString() }), { mode: 0o600 });
  } catch {
    rmSync(note, { force: true });
  }
};

const holderOf = (note: string): string => {
  try {
    const { pid, host, since } = JSON.parse(readFileSync(note, "utf8")) as Record<string, unknown>;
    return `Another Reeve server (process ${pid} on ${host}, since ${since})`;
  } catch {
    // Between taking the lock and writing the note there is a moment without one.
    return "Another Reeve server";
  }
};
