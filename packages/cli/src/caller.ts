/**
 * The caller: how this command line is called from where it stands, so that what it prints can be pasted.
 *
 * Invariant: from a checkout, where nothing is on PATH, `npm run` is what works, in its top folder.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** `command`: what stands before `check`; `directory`: where it runs, and so looks for `.reeve`; `isElsewhere`: not where we are. */
export type Caller = { readonly command: string; readonly directory: string; readonly isElsewhere: boolean };

const CHECKOUT = resolve(fileURLToPath(new URL("../../..", import.meta.url)));

/** Started as `reeve` it is called so; else through npm, where this is a checkout. */
export function callerOf({ script, directory }: { readonly script: string; readonly directory: string }): Caller {
  const isCheckout = existsSync(join(CHECKOUT, "tools/node.mjs"));
  if (!isCheckout || /[/\\]reeve(\.mjs)?$/.test(script)) return { command: "reeve", directory, isElsewhere: false };
  return { command: "npm run -s reeve --", directory: CHECKOUT, isElsewhere: resolve(directory) !== CHECKOUT };
}

export const thisCaller = (): Caller => callerOf({ script: process.argv[1] ?? "", directory: process.cwd() });
