/**
 * Load from outside: wrk on a core of its own against a server on another, and what the server's process spent meanwhile.
 *
 * Invariant: both servers are asked with the same bodies, in the same order, by the same program.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ProgramName } from "./programs.ts";

const run = promisify(execFile);
export const SERVER_CORE = "0";
const CLIENT_CORE = "1";
export const NEEDED: readonly ProgramName[] = ["wrk", "taskset"];
const [WRK, TASKSET] = NEEDED as [string, string];

export type Target = { readonly url: string; cpuUs(): number };
/** `cpuUs`: of the server's process, all its threads, a request. */
export type Load = { readonly perSecond: number; readonly p50Us: number; readonly cpuUs: number };
export type Asking = { readonly connections: number; readonly seconds: number; readonly script: string };
/** What is sent: one body after the other, from the beginning again when they end. */
export type Sent = { readonly bodies: readonly string[]; readonly token: string; readonly headers?: Readonly<Record<string, string>> };

/** Writes what wrk sends into the directory; its file. */
export function writeScript(directory: string, sent: Sent, name = "load"): string {
  const texts = sent.bodies.map((body) => `[=[${body}]=]`).join(",\n");
  const headers = Object.entries(headersOf(sent)).map(([header, value]) => `["${header}"] = "${value}"`);
  const script = join(directory, `${name}.lua`);
  writeFileSync(
    script,
    `local bodies = {${texts}}
local at = 0
local headers = {${headers.join(", ")}}
request = function()
  at = at % #bodies + 1
  return wrk.format("POST", nil, headers, bodies[at])
end
`,
  );
  return script;
}

const headersOf = ({ token, headers = {} }: Sent): Readonly<Record<string, string>> => ({
  "content-type": "application/json",
  authorization: `Bearer ${token}`,
  ...headers,
});

/** Asks each body once, one after the other; the answers. Throws at one that is no 200. */
export async function answersOf({ url }: Target, sent: Sent): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const body of sent.bodies) {
    const answer = await fetch(url, { method: "POST", headers: headersOf(sent), body });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${text}`);
    answers.push(text);
  }
  return answers;
}

/** Asks for some seconds. Throws if an answer was no 200 or a connection failed. */
export async function ask({ url, cpuUs }: Target, { connections, seconds, script }: Asking): Promise<Load> {
  const before = cpuUs();
  const args = ["-c", CLIENT_CORE, WRK, "-t1", `-c${connections}`, `-d${seconds}s`, "--latency", "-s", script, url];
  const { stdout } = await run(TASKSET, args);
  const spent = cpuUs() - before;
  const failed = /Non-2xx.*|Socket errors.*/.exec(stdout);
  if (failed !== null) throw new Error(`${url}: ${failed[0]}`);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  return { perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]), p50Us: microseconds(stdout), cpuUs: spent / requests };
}

function microseconds(output: string): number {
  const [, number = "", unit = ""] = /50%\s+([\d.]+)(us|ms|s)\b/.exec(output) ?? [];
  return Number(number) * ({ us: 1, ms: 1_000, s: 1_000_000 }[unit] ?? Number.NaN);
}
