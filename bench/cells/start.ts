/**
 * The cell of P9: a server over a store that is there, from the start of its process until the first answer, everything loaded.
 *
 * Warm: the system has the file in its page cache. Cold: the file's pages were dropped from it, those of Node.js and the program were not.
 * Invariant: each start is a new process; the answer is a decision of the whole organization.
 */
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { environmentOf, inDirectory, keepOrganization, ORGANIZATION, STORE_FILE, TOKEN } from "../http/kept.ts";
import { start } from "../http/process.ts";
import { median } from "../measure.ts";
import { Organization } from "../organization.ts";
import { Questions } from "../questions.ts";
import type { Numbers } from "./decide.ts";

const SEED = 20_250_615;
const SERVER = new URL("../http/server.ts", import.meta.url);
const MIB = 2 ** 20;

export type StartArgs = { readonly grants: number; readonly starts: number };
/** Seconds: process and imports, then opening until it listens, then loading until the answer; all of them from outside; and what the process spent. */
type Took = { readonly all: number; readonly process: number; readonly opening: number; readonly loading: number; readonly cpu: number };

export function measureStart({ grants, starts }: StartArgs): Promise<Numbers> {
  return inDirectory(async (directory) => {
    const organization = new Organization({ seed: SEED, grants });
    const data = join(directory, "data");
    const began = performance.now();
    await keepOrganization(data, organization);
    const keptSeconds = (performance.now() - began) / 1_000;
    const { principal, ...asked } = new Questions(organization, "zipf", 10).next();
    const body = JSON.stringify({ subject: principal, ...asked });
    const file = join(data, STORE_FILE);
    // The first one warms what all of them share.
    await startOnce(data, body);
    const warm: Took[] = [];
    const cold: Took[] = [];
    for (let i = 0; i < starts; i++) {
      warm.push(await startOnce(data, body));
      if (dropPages(file)) cold.push(await startOnce(data, body));
    }
    return { ...figuresOf("warm", warm), ...figuresOf("cold", cold), keptSeconds, mebibytes: statSync(file).size / MIB };
  });
}

async function startOnce(data: string, body: string): Promise<Took> {
  const began = performance.now();
  const server = await start({ file: SERVER, environment: environmentOf(data) });
  const { begunMs = Number.NaN, listeningMs = Number.NaN } = server;
  try {
    const listening = performance.now();
    await firstAnswer(`${server.url}/v1/orgs/${ORGANIZATION}/check`, body);
    const answered = performance.now();
    const opening = listeningMs - begunMs;
    const all = answered - began;
    const cpu = server.cpuUs() / 1_000_000;
    return {
      all: all / 1_000,
      process: (listening - began - opening) / 1_000,
      opening: opening / 1_000,
      loading: (answered - listening) / 1_000,
      cpu,
    };
  } finally {
    await server.stop();
  }
}

function firstAnswer(url: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", authorization: `Bearer ${TOKEN}`, "content-length": Buffer.byteLength(body) };
    const asking = request(url, { method: "POST", headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200 && "decision" in (JSON.parse(text) as object)) resolve();
        else reject(new Error(`the first answer was ${answer.statusCode} ${text}`));
      });
    });
    asking.on("error", reject);
    asking.end(body);
  });
}

/** Asks the system to forget what it holds of a file: no privilege needed, nobody else's files touched. False: it cannot be asked. */
function dropPages(file: string): boolean {
  const [program, ...args] = ["dd", `if=${file}`, "iflag=nocache", "count=0"] as const;
  const { status } = spawnSync(program, args, { stdio: "ignore" });
  return status === 0;
}

function figuresOf(name: string, all: readonly Took[]): Numbers {
  if (all.length === 0) return {};
  const of = (number: (took: Took) => number): number => median(all.map(number));
  return {
    [`${name}All`]: of((took) => took.all),
    [`${name}Worst`]: Math.max(...all.map((took) => took.all)),
    [`${name}Process`]: of((took) => took.process),
    [`${name}Opening`]: of((took) => took.opening),
    [`${name}Loading`]: of((took) => took.loading),
    [`${name}Cpu`]: of((took) => took.cpu),
  };
}
