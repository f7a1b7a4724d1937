/**
 * The time of the last write, kept in the file, so that a start can tell that the machine's clock was set back since: with a clock that
 * is behind, access that has expired would count again. A clock that is set back under a running server is not refused, and loses nothing:
 * revisions and the audit's order do not come from it.
 * Invariant: the note never goes back but by a restore, and is at most a minute older than the last write.
 */
import type Database from "better-sqlite3";
import { StoreError } from "../store-error.ts";

const NOTED_MS = 60_000;
/** Clocks are put right by seconds all the time; more than this is a clock that was not set. */
export const CLOCK_BEHIND_MS_MAX = 300_000;

const NOTE = "INSERT OR REPLACE INTO server_meta (name, value) VALUES ('written_ms', ?)";

/** Notes a write's time, inside its transaction. */
export type TimeNote = (nowMs: number) => void;

/** Notes the time whatever stands there. */
export const noteTime = (db: Database.Database, nowMs: number): void => {
  db.prepare(NOTE).run(`${nowMs}`);
};

export const timeNote = (writer: Database.Database): TimeNote => {
  const note = writer.prepare(NOTE);
  let noted = notedTime(writer) ?? 0;
  return (nowMs) => {
    if (nowMs < noted + NOTED_MS) return;
    note.run(`${nowMs}`);
    noted = nowMs;
  };
};

const notedTime = (db: Database.Database): number | undefined => {
  const value = db.prepare("SELECT value FROM server_meta WHERE name = 'written_ms'").pluck().get() as string | undefined;
  return value === undefined ? undefined : Number(value);
};

/** Throws `clock_behind`. */
export const checkClock = (db: Database.Database, directory: string, nowMs: number): void => {
  const noted = notedTime(db);
  if (noted === undefined || nowMs >= noted - CLOCK_BEHIND_MS_MAX) return;
  const [now, then] = [nowMs, noted].map((ms) => new Date(ms).toISOString());
  throw new StoreError(
    "clock_behind",
    `This machine's clock says ${now}, but ${directory} was written at ${then}: access that has expired would count again. ` +
      "Set the clock right, then start again. If the clock of that time was the wrong one, back this data directory up and restore it into a new one: that begins with the clock of today.",
  );
};
