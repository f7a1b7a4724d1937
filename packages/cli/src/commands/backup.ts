/**
 * `reeve backup FILE`: everything in the data directory as one file, beside a running server or without one.
 *
 * Invariant: it ends with 0 only when the file is whole, checked and on disk.
 */
import { backupStore } from "@reeve/server";
import { tell } from "../answer.ts";
import { EXIT, type Exit } from "../exit.ts";
import { type Shell, writeLines } from "../shell.ts";
import { configured, systemFailure } from "../start-faults.ts";
import { digestLines } from "../store-report.ts";

export async function backup(shell: Shell, file: string): Promise<Exit> {
  const config = configured(shell.environment);
  if (!config.ok) return tell(shell, config.error);
  try {
    const report = backupStore({ directory: config.value.dataDirectory, file, nowMs: Date.now() });
    writeLines(shell.stdout, [
      `Backed up ${config.value.dataDirectory} to ${report.file} (${report.bytes} bytes), as it was at one moment of ${new Date(report.madeMs).toISOString()}.`,
      ...digestLines(report.digest),
      "Keep it where only you can read it: it holds names and what gives access, though no token in clear.",
    ]);
    return EXIT.yes;
  } catch (error) {
    const failure = systemFailure(error, config.value);
    if (failure === undefined) throw error;
    return tell(shell, failure);
  }
}
