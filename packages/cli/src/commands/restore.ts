/**
 * `reeve restore FILE`: a backup becomes the content of an empty data directory.
 *
 * Invariant: it says plainly which tokens are valid afterwards, and which revisions are not.
 */
import { type RestoreReport, restoreStore } from "@reeve/server";
import { tell } from "../answer.ts";
import { EXIT, type Exit } from "../exit.ts";
import { type Shell, writeLines } from "../shell.ts";
import { configured, systemFailure } from "../start-faults.ts";
import { digestLines } from "../store-report.ts";

export type RestoreOptions = { readonly endTokens?: true };

export async function restore(shell: Shell, file: string, options: RestoreOptions): Promise<Exit> {
  const config = configured(shell.environment);
  if (!config.ok) return tell(shell, config.error);
  const { dataDirectory } = config.value;
  try {
    const report = restoreStore({ directory: dataDirectory, file, nowMs: Date.now(), endTokens: options.endTokens === true });
    const made = report.madeMs === undefined ? "" : `, the backup of ${new Date(report.madeMs).toISOString()},`;
    writeLines(shell.stdout, [
      `Restored ${file}${made} into ${report.directory}.`,
      ...digestLines(report.digest),
      "Every organization has a new epoch: revisions that were given out before are refused, and clients ask anew without them.",
      tokenLine(report),
      ...identityLines(report),
    ]);
    return EXIT.yes;
  } catch (error) {
    const failure = systemFailure(error, config.value);
    if (failure === undefined) throw error;
    return tell(shell, failure);
  }
}

function identityLines({ digest }: RestoreReport): readonly string[] {
  if (digest.items === 0) return [];
  return [
    "Accounts and clients are as they were when the backup was made. All else of identity ended: people sign in again, and clients need new secrets.",
  ];
}

function tokenLine({ digest, endedTokens }: RestoreReport): string {
  if (endedTokens > 0)
    return `Every token of the backup was ended (${endedTokens}), the administrator's too: the next start makes a new one.`;
  if (digest.tokens === 0) return "The backup holds no tokens: the next start makes the administrator's.";
  return (
    `Tokens are as they were when the backup was made: ${digest.tokens} of them, valid again even if they were revoked since; ` +
    "those made since are not known. Was one revoked because somebody else knew it, restore with --end-tokens into another empty directory, or revoke it again."
  );
}
