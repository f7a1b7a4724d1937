/**
 * Servers in processes of their own. A program's first line says, as JSON, where it listens.
 *
 * Invariant: a server ends when its input does, so that none outlives the cell that started it, however that ends.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const FLAGS = ["--conditions=source", "--disable-warning=ExperimentalWarning"];
const STOP_MS = 15_000;
/** Of `/proc/<pid>/stat`: clock ticks of user and system, counted behind the name; a hundred a second. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const TICK_US = 10_000;

/** `core`: the only one that it may run on; absent: all. */
export type Program = {
  readonly file: URL;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly core?: string;
};
/** Milliseconds of the process's life: when its own code began, everything imported, and when it listened. */
export type Said = { readonly url: string; readonly begunMs?: number; readonly listeningMs?: number };
/** `cpuUs`: what the process spent so far, all its threads. */
export type Started = Said & { cpuUs(): number; stop(): Promise<void> };

export async function start({ file, args = [], environment = {}, core }: Program): Promise<Started> {
  const command = [process.execPath, ...FLAGS, fileURLToPath(file), ...args];
  const [program, ...rest] = core === undefined ? command : ["taskset", "-c", core, ...command];
  const child = spawn(program as string, rest, { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, ...environment } });
  const [line] = (await Promise.race([once(createInterface(child.stdout), "line"), ended(child)])) as [string];
  return { ...(JSON.parse(line) as Said), cpuUs: () => cpuUsOf(child.pid as number), stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  const exit = once(child, "exit");
  child.stdin?.end();
  await exit;
  clearTimeout(late);
}

async function ended(child: ChildProcess): Promise<never> {
  await once(child, "exit");
  throw new Error("a server ended before it listened");
}

function cpuUsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) * TICK_US;
}
