/**
 * A restore: a backup becomes the database of an empty data directory.
 *
 * What clients know of the time since the backup is not true any more, so every organization gets a new epoch, by which revisions that
 * were given out before are refused, and a line in its audit that says so; both for all organizations in one transaction. Of identity's
 * items only accounts, persons and clients come back: sessions, secrets, keys and invitations may have been ended since.
 * Invariant: the database gets its name when all of that is on disk; a restore that is cut off leaves a directory that no server opens.
 */
import { chmodSync, constants, copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type Database from "better-sqlite3";
import { uuidv7 } from "uuidv7";
import { newEpoch, noteAlone } from "../advance.ts";
import { StoreError } from "../store-error.ts";
import { MADE_MS, SHA256 } from "./backup.ts";
import { connect, meaning } from "./connection.ts";
import { digestOf, type StoreDigest } from "./digest.ts";
import { DATABASE, prepareDirectory, UNFINISHED_RESTORE, usable } from "./directory.ts";
import { migrate, syncPath, versionOf } from "./migrate.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { firstLookFault } from "./open.ts";
import { OrganizationRows } from "./rows.ts";
import { removeSecrets } from "./secrets.ts";
import { LOCK_FILES, lockDirectory } from "./server-lock.ts";
import { removePassingItems } from "./sqlite-items.ts";
import { noteTime } from "./time-note.ts";

/** `endTokens`: no token of the backup is valid any more. */
export type RestoreRequest = { readonly file: string; readonly directory: string; readonly nowMs: number; readonly endTokens: boolean };
/** `digest`: of what the backup holds, before the epochs changed. `madeMs`: when it was made, where it says so. */
export type RestoreReport = {
  readonly directory: string;
  readonly madeMs: number | undefined;
  readonly digest: StoreDigest;
  readonly endedTokens: number;
};

const OPERATOR = { type: "operator", id: "reeve restore" } as const;

/** Entries that hold no data, which an empty directory may have. */
const NO_DATA = new Set<string>([...LOCK_FILES, UNFINISHED_RESTORE, `${UNFINISHED_RESTORE}-journal`, "lost+found"]);

/**
 * Throws StoreError: `not_a_store`, `newer_database`, `damaged` (the backup is not what was backed up), `target_exists` (the directory is
 * not empty), `locked`, `directory_unusable`, `network_file_system`, `disk_full`, `store_failed`. The backup itself is only read.
 */
export const restoreStore = (request: RestoreRequest): RestoreReport => {
  const directory = resolve(request.directory);
  prepareDirectory(directory);
  checkEmpty(directory);
  const lock = meaning(() => lockDirectory(directory, request.nowMs));
  const unfinished = join(directory, UNFINISHED_RESTORE);
  try {
    // Whoever held the lock a moment ago may have restored too.
    checkEmpty(directory);
    copyBackup(request.file, unfinished);
    const report = meaning(() => bringBack(unfinished, { ...request, directory }));
    syncPath(unfinished);
    renameSync(unfinished, join(directory, DATABASE));
    syncPath(directory);
    return report;
  } finally {
    for (const file of [unfinished, `${unfinished}-journal`]) rmSync(file, { force: true });
    lock.release();
  }
};

const checkEmpty = (directory: string): void => {
  const found = readdirSync(directory).filter((entry) => !NO_DATA.has(entry));
  if (found.length === 0) return;
  const shown = found.slice(0, 3).join(", ");
  throw new StoreError(
    "target_exists",
    `${directory} is not empty (${shown}${found.length > 3 ? ", …" : ""}), and a restore overwrites nothing. Name an empty data directory or one that is not there yet.`,
  );
};

const copyBackup = (file: string, unfinished: string): void => {
  if (!existsSync(file)) throw new StoreError("not_a_store", `There is no file ${file}. Name a backup that \`reeve backup\` made.`);
  // A log that is empty is what a program leaves that only read.
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
    throw new StoreError(
      "not_a_store",
      `${file} is a database in use: a log lies beside it (${file}-wal), without which it is not whole. Make a backup of it with \`reeve backup\`.`,
    );
  }
  usable(unfinished, () => {
    rmSync(unfinished, { force: true });
    copyFileSync(file, unfinished, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    chmodSync(unfinished, 0o600);
  });
};

const bringBack = (path: string, request: RestoreRequest): RestoreReport => {
  const db = connect(path, { readonly: false });
  try {
    checkBackup(db, request.file);
    const digest = db.transaction(() => digestOf(db))();
    const madeMs = numberOf(noteOf(db, MADE_MS));
    const sha256 = noteOf(db, SHA256);
    if (sha256 !== undefined && sha256 !== digest.sha256) throw backupDamaged(request.file, "what it holds is not what was backed up");
    const { nowMs, endTokens } = request;
    // The backup is the way back: no copy is made before the steps.
    migrate(db, { path, steps: MIGRATIONS, nowMs, isCopied: true });
    const from = madeMs === undefined ? "From a copy of a database" : `From a backup of ${new Date(madeMs).toISOString()}`;
    const endedTokens = beginAnew(db, { nowMs, endTokens, from: `${from}, sha256 ${digest.sha256}` });
    return { directory: request.directory, madeMs, digest, endedTokens };
  } finally {
    db.close();
  }
};

const checkBackup = (db: Database.Database, file: string): void => {
  try {
    if (versionOf(db, { path: file, steps: MIGRATIONS }) === 0)
      throw new StoreError("not_a_store", `${file} is no backup of Reeve: it is empty.`);
    // SQLite looks at every page and every index here; the digest then looks at every value.
    const found = db.pragma("integrity_check(1)", { simple: true });
    if (found !== "ok") throw backupDamaged(file, String(found));
  } catch (error) {
    throw firstLookFault(file, error);
  }
};

const backupDamaged = (file: string, why: string): StoreError =>
  new StoreError("damaged", `${file} is damaged: ${why}. Restore another backup; nothing was restored.`);

const beginAnew = (db: Database.Database, { nowMs, endTokens, from }: { nowMs: number; endTokens: boolean; from: string }): number => {
  const rows = new OrganizationRows(db);
  const ids = db.prepare("SELECT org_id FROM org_head ORDER BY org_id").pluck().all() as string[];
  const requestId = uuidv7();
  return db.transaction(() => {
    for (const org of ids) {
      const standing = rows.standing(org);
      if (standing === undefined) continue;
      const epoch = newEpoch();
      const reason = `${from}; epoch ${standing.head.epoch} became ${epoch}`;
      const note = { actor: OPERATOR, action: "store.restore", target: org, requestId, reason };
      const noted = noteAlone(standing, note, nowMs);
      rows.addAudit(noted.audit);
      rows.putHead({ ...noted.standing, head: { ...standing.head, epoch } });
    }
    db.prepare("DELETE FROM server_meta WHERE name IN (?, ?)").run(MADE_MS, SHA256);
    removeSecrets(db);
    // A file that is no backup, but a copy of a database, has them.
    removePassingItems(db);
    noteTime(db, nowMs);
    return endTokens ? db.prepare("DELETE FROM api_token").run().changes : 0;
  })();
};

const noteOf = (db: Database.Database, name: string): string | undefined =>
  db.prepare<[string], string>("SELECT value FROM server_meta WHERE name = ?").pluck().get(name);

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
