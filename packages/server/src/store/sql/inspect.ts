/**
 * An inspection: everything that can be wrong with a data directory, looked for without changing it, beside a running server or without.
 *
 * Where a start or a backup ends with the first fault, an inspection goes on and tells all that it meets.
 * Invariant: it writes nothing, and holds no lock that a server waits for.
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type Database from "better-sqlite3";
import { StoreError } from "../store-error.ts";
import { connect, meaning } from "./connection.ts";
import { digestOf, type StoreDigest } from "./digest.ts";
import { DATABASE, networkOf, UNFINISHED_RESTORE } from "./directory.ts";
import { checkSchema, versionOf } from "./migrate.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { firstLookFault } from "./open.ts";
import { lockHolder } from "./server-lock.ts";
import { checkClock } from "./time-note.ts";

export type StoreInspection = {
  /** Who runs a server on the directory, in words; absent: nobody. */
  readonly holder?: string;
  /** Of the database file and its log; absent: there is none yet. */
  readonly bytes?: number;
  /** The schema that the file has, and the newest that this program knows. */
  readonly schema?: number;
  readonly knownSchema: number;
  /** Of every row, where all of them could be read: objects, audits, tokens, items. */
  readonly digest?: StoreDigest;
  readonly faults: readonly StoreError[];
};

/** Inspects a directory that exists. The work is that of reading every row once. Never throws a StoreError. */
export const inspectStore = ({ directory, nowMs }: { readonly directory: string; readonly nowMs: number }): StoreInspection => {
  const faults: StoreError[] = [];
  const attempt = <T>(look: () => T): T | undefined => {
    try {
      return meaning(look);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      faults.push(error);
      return undefined;
    }
  };
  const network = networkOf(directory);
  if (network !== undefined) {
    faults.push(
      new StoreError("network_file_system", `${directory} lies on ${network}. Choose a data directory on a disk of this machine.`),
    );
  }
  if (existsSync(join(directory, UNFINISHED_RESTORE))) {
    faults.push(new StoreError("restore_unfinished", `A restore into ${directory} was cut off. Restore again into this data directory.`));
  }
  const holder = attempt(() => lockHolder(directory));
  const path = join(directory, DATABASE);
  const seen = existsSync(path) ? attempt(() => look(path, { directory, nowMs, attempt })) : undefined;
  return {
    knownSchema: MIGRATIONS.at(-1)?.version ?? 0,
    ...(holder === undefined ? {} : { holder }),
    ...(existsSync(path) ? { bytes: sizeOf(path) + sizeOf(`${path}-wal`) } : {}),
    ...seen,
    faults,
  };
};

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

type Looking = { readonly directory: string; readonly nowMs: number; readonly attempt: <T>(look: () => T) => T | undefined };

const look = (path: string, { directory, nowMs, attempt }: Looking): Pick<StoreInspection, "schema" | "digest"> => {
  const db = connect(path, { readonly: true });
  try {
    const schema = versionIn(db, path);
    // An empty file is what a start that was ended at once leaves behind.
    if (schema === 0) return { schema };
    // A schema of before is checked by the start that brings it up.
    if (schema === MIGRATIONS.at(-1)?.version) attempt(() => checkSchema(db, { path, steps: MIGRATIONS, nowMs }));
    attempt(() => checkClock(db, directory, nowMs));
    const digest = attempt(() => db.transaction(() => digestOf(db))());
    return { schema, ...(digest === undefined ? {} : { digest }) };
  } finally {
    db.close();
  }
};

const versionIn = (db: Database.Database, path: string): number => {
  try {
    return versionOf(db, { path, steps: MIGRATIONS });
  } catch (error) {
    throw firstLookFault(path, error);
  }
};
