/**
 * What a test needs from the machine beside Node.js: a browser, an older Node, a database.
 *
 * A test that lacks it is skipped, and the skip is counted and told last by `npm test`, with why. With `CI=true` a program that
 * `tools/system-packages.sh` installs must be there: missing is a failure then. Use it at the top of the file:
 *
 *     const chromium = requireProgram("chromium");
 *     describe.skipIf(chromium === undefined)("the table page", () => { … });
 *
 * Invariant: nothing is skipped in silence; tidy refuses `skipIf` and `runIf` in a file that does not use this one.
 */
import { accessSync, appendFileSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { expect } from "vitest";

/** The commands under which a program may be found, best first. */
const PROGRAMS = {
  chromium: ["chromium", "chromium-browser", "google-chrome"],
} as const satisfies Record<string, readonly string[]>;

export type Program = keyof typeof PROGRAMS;

/** Every executable file of that name on PATH, in PATH's order. */
export function onPath(command: string): readonly string[] {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, command)).filter(isExecutable);
}

/** The program's path, or undefined (the skip is then noted). Throws where `CI=true` and the program is missing. */
export function requireProgram(program: Program): string | undefined {
  const found = PROGRAMS[program].flatMap(onPath)[0];
  if (found !== undefined) return found;
  const why = `${program} is not on this machine (tools/system-packages.sh installs it)`;
  if (process.env.CI === "true") throw new Error(`${why}, and with CI=true that is a failure`);
  noteSkip(why);
  return undefined;
}

/** Tells `npm test` why tests of this file are skipped. For what no package installs; programs go through `requireProgram`. */
export function noteSkip(why: string): void {
  const file = process.env.REEVE_SKIPS;
  if (file === undefined) console.warn(`skipped: ${why}`);
  else appendFileSync(file, `${JSON.stringify({ file: expect.getState().testPath ?? "", why })}\n`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
