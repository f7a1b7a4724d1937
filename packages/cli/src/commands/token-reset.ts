/**
 * `reeve token reset`: a new administrator's token; the old one is refused from then on. The server must be stopped.
 *
 * Invariant: it makes no data directory: a new one would be without the organizations that somebody is looking for.
 */
import { existsSync } from "node:fs";
import { openSqliteStore, resetAdministrator } from "@reeve/server";
import { tell } from "../answer.ts";
import { EXIT, type Exit } from "../exit.ts";
import { type Shell, writeLines } from "../shell.ts";
import { configured, systemFailure } from "../start-faults.ts";
import { type Handed, handOver } from "../token-secret.ts";

export async function tokenReset(shell: Shell): Promise<Exit> {
  const config = configured(shell.environment);
  if (!config.ok) return tell(shell, config.error);
  const { dataDirectory } = config.value;
  if (!existsSync(dataDirectory)) {
    const lines = [`There is no data directory ${dataDirectory}: name it with REEVE_DATA_DIR, or start the server once.`];
    return tell(shell, { exit: EXIT.cannotRun, lines });
  }
  try {
    const { secret, path } = await reset(shell, dataDirectory);
    writeLines(shell.stdout, [
      path === undefined ? `The new administrator's token, shown this once: ${secret}` : `The new administrator's token is in ${path}`,
    ]);
    return EXIT.yes;
  } catch (error) {
    const failure = systemFailure(error, config.value);
    if (failure === undefined) throw error;
    return tell(shell, failure);
  }
}

async function reset(shell: Shell, directory: string): Promise<Handed> {
  const store = openSqliteStore({ directory });
  try {
    return await handOver(shell, directory, await resetAdministrator(store, Date.now()));
  } finally {
    await store.close();
  }
}
