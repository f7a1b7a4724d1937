/**
 * The organization as a server finds it: in a data directory, written through the store's port; and what starts a server over it.
 *
 * Invariant: directories lie on a disk, never in memory, and are gone when the work with them is done.
 */
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Rec } from "@reeve/core";
import { openSqliteStore } from "@reeve/server";
import type { Organization } from "../organization.ts";

export const ORGANIZATION = "acme";
export const TOKEN = "the-administrator-of-the-bench-0123456789";
/** The file of the store in a data directory. */
export const STORE_FILE = "reeve.db";
export const NOTE = { actor: { type: "administrator", id: "bench" }, action: "bench", target: ORGANIZATION, requestId: "bench" };
const RECORDS_A_WRITE = 20_000;
/** A file system in memory, by its number in Linux. */
const TMPFS = 0x01021994;

export async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const base = statfsSync(tmpdir()).type === TMPFS ? "/var/tmp" : tmpdir();
  const directory = mkdtempSync(join(base, "reeve-bench-"));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Writes the organization, many records a write, and closes the store. */
export function keepOrganization(directory: string, organization: Organization): Promise<void> {
  return keepRecords(directory, organization.records());
}

export async function keepRecords(directory: string, given: Iterable<Rec>): Promise<void> {
  const store = openSqliteStore({ directory });
  await store.create(ORGANIZATION, (tx) => {
    tx.put({ kind: "organization", value: { name: "Acme", tenantIds: [] } });
    tx.audit(NOTE);
  });
  const records = given[Symbol.iterator]();
  for (let isDone = false; !isDone; ) {
    await store.write(ORGANIZATION, (tx) => {
      for (let i = 0; i < RECORDS_A_WRITE && !isDone; i++) {
        const next = records.next();
        if (next.done === true) isDone = true;
        else tx.put(next.value);
      }
      tx.audit(NOTE);
    });
  }
  await store.close();
}

/** What a server over a data directory is told. */
export function environmentOf(directory: string, isCounting: "on" | "off" = "on"): Readonly<Record<string, string>> {
  return {
    REEVE_DATA_DIR: directory,
    REEVE_PORT: "0",
    REEVE_BOOTSTRAP_TOKEN: TOKEN,
    REEVE_LOG_LEVEL: "warn",
    REEVE_DEMO: "off",
    REEVE_METRICS: isCounting,
  };
}
