/**
 * Handing over a secret: shown once on a terminal, else written to `admin-token` in the data directory.
 *
 * Invariant: a secret goes to one of the two and nowhere else, and the file never holds one that is no longer valid.
 */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TOKEN_FILE } from "./connection.ts";
import type { Shell } from "./shell.ts";

/** `path`: it lies there; absent: it is to be shown. */
export type Handed = { readonly secret: string; readonly path?: string };

export async function handOver(shell: Shell, dataDirectory: string, secret: string): Promise<Handed> {
  const path = join(dataDirectory, TOKEN_FILE);
  // Made anew, so that the mode is ours whatever lay there.
  await rm(path, { force: true });
  if (shell.stdout.isTerminal) return { secret };
  await writeFile(path, `${secret}\n`, { mode: 0o600, flag: "wx" });
  return { secret, path };
}
