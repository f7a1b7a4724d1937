/**
 * Steps: programs that are run, timed and judged by their exit code, a few at a time.
 *
 * `npm run check` is a list of steps; `npm test` is that list and one more. A step that passes prints one line, a step that fails
 * prints its whole output. Everything runs under the Node that runs this file, never under the one on PATH, which may be older.
 * Invariant: a step never decides alone; the caller ends with 1 when any failed.
 */
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The top folder of the repository. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** `program`: a script for this Node, below ROOT, or an executable of its own (`native`). */
export type Step = {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly native?: true;
  readonly env?: Readonly<Record<string, string>>;
};

export type Outcome = { readonly name: string; readonly ok: boolean; readonly ms: number; readonly output: string };

/** Runs one step to its end. Never rejects: a program that cannot start is a failed step. With `live`, output goes to the terminal too. */
export function runStep(step: Step, live = false): Promise<Outcome> {
  const started = performance.now();
  const path = join(ROOT, step.program);
  const [command, args] =
    step.native === true
      ? [path, step.args]
      : [process.execPath, ["--conditions=source", "--disable-warning=ExperimentalWarning", path, ...step.args]];
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, ...step.env }, stdio: ["ignore", "pipe", "pipe"] });
    const chunks: Buffer[] = [];
    const take = (chunk: Buffer) => {
      chunks.push(chunk);
      if (live) process.stdout.write(chunk);
    };
    const end = (ok: boolean, more: string) =>
      resolve({ name: step.name, ok, ms: performance.now() - started, output: Buffer.concat(chunks).toString() + more });
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => end(false, error.message));
    child.on("close", (code, signal) => end(code === 0, signal === null ? "" : `\nended by ${signal}\n`));
  });
}

/** One line for a step; the output too when it failed. */
export function report(outcome: Outcome): void {
  const seconds = (outcome.ms / 1000).toFixed(1).padStart(6);
  console.log(`${outcome.ok ? "ok  " : "FAIL"} ${seconds} s  ${outcome.name}`);
  if (!outcome.ok) console.log(`${outcome.output.trimEnd()}\n`);
}

/** Runs jobs in order, `atOnce` at a time; the results in the order of the jobs. */
export async function inLanes<T>(atOnce: number, jobs: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async () => {
    for (let mine = next++; mine < jobs.length; mine = next++) results[mine] = await jobs[mine]!();
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}
