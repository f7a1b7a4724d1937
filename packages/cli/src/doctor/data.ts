/**
 * The data directory: whether it can be used, who uses it, what is in the database, and the room that is left.
 */
import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { type Config, inspectStore, type StoreError, type StoreInspection } from "@reeve/server";
import { type Finding, type FindingCode, found } from "./findings.ts";

export type DataOptions = {
  readonly config: Config;
  readonly nowMs: number;
  /** Bytes that are free where the directory lies. */
  readonly freeBytes?: (directory: string) => number;
};
export type DataReport = { readonly findings: readonly Finding[]; readonly isInUse: boolean };

const NEARLY_FULL_BYTES = 32 * 2 ** 20;
const LOW_BYTES = 512 * 2 ** 20;

export function dataReport({ config, nowMs, freeBytes = freeOf }: DataOptions): DataReport {
  const { dataDirectory: directory, isDefaultDirectory } = config;
  if (!existsSync(directory)) {
    const told = isDefaultDirectory ? "There is no data directory yet" : "The data directory that is named is not there";
    return { findings: [found("data_directory_missing", `${told}: ${directory}.`)], isInUse: false };
  }
  const access = accessFindings(directory);
  if (access.some(({ severity }) => severity === "error")) return { findings: access, isInUse: false };
  const inspection = inspectStore({ directory, nowMs });
  return {
    findings: [...access, ...storeFindings(directory, inspection), ...roomFindings(directory, inspection.bytes ?? 0, freeBytes)],
    isInUse: inspection.holder !== undefined,
  };
}

function accessFindings(directory: string): readonly Finding[] {
  const stat = statSync(directory);
  if (!stat.isDirectory()) return [found("data_directory_unusable", `${directory} is no directory.`)];
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [found("data_directory_unusable", `${directory} cannot be read and written by this user.`)];
  }
  const others = stat.mode & 0o077;
  if (process.platform === "win32" || others === 0) return [];
  return [found("data_directory_open", `Others than its owner may enter ${directory} (mode ${(stat.mode & 0o777).toString(8)}).`)];
}

/** What the store says → what the doctor says. */
const OF_STORE: Readonly<Partial<Record<StoreError["code"], FindingCode>>> = {
  network_file_system: "network_file_system",
  restore_unfinished: "restore_unfinished",
  not_a_store: "database_of_another",
  newer_database: "database_newer",
  damaged: "data_damaged",
  clock_behind: "clock_behind",
  directory_unusable: "data_directory_unusable",
};

function storeFindings(directory: string, { holder, schema, knownSchema, digest, faults }: StoreInspection): readonly Finding[] {
  const older = schema !== undefined && schema > 0 && schema < knownSchema;
  return [
    ...(holder === undefined ? [] : [found("directory_in_use", `${holder.replace(/^Another/, "A")} uses ${directory}.`)]),
    ...faults.map(({ code, message }) => found(OF_STORE[code] ?? "store_failed", message)),
    ...(older ? [found("database_older", `The database has schema ${schema}; this program writes ${knownSchema}.`)] : []),
    ...(digest?.organizations ?? []).flatMap(({ organization, audit }) =>
      audit.ok ? [] : [found("audit_broken", `The audit of ${organization} does not hold from line ${audit.seq} on: ${audit.why}.`)],
    ),
  ];
}

const freeOf = (directory: string): number => {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
};

function roomFindings(directory: string, bytes: number, freeBytes: (directory: string) => number): readonly Finding[] {
  const free = freeBytes(directory);
  const mebibytes = Math.floor(free / 2 ** 20);
  if (free < NEARLY_FULL_BYTES) return [found("disk_nearly_full", `Only ${mebibytes} MiB are free where ${directory} lies.`)];
  // An upgrade keeps a copy of the database beside it.
  if (free < Math.max(LOW_BYTES, bytes)) return [found("disk_low", `${mebibytes} MiB are free where ${directory} lies.`)];
  return [];
}
