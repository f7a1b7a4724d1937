/**
 * A store in a process of its own, under conditions that this one cannot put on itself: a file-size limit, a full or read-only file
 * system. And what such a directory holds afterwards.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { openSqliteStore } from "@reeve/server";
import { VICTIM } from "./store-kill.ts";
import type { VictimAnswer, VictimRequest } from "./store-victim.ts";

export type Told = Exclude<VictimAnswer, { ready: true }>;
export type StoreClient = {
  /** What it said first: that it is open, or why not. */
  readonly first: VictimAnswer;
  write(puts: readonly string[]): Promise<Told>;
  /** Ends its input; gives its exit code. */
  end(): Promise<number | null>;
};

/** Starts it; `by`: the command that runs it, such as a shell that sets a limit first, with the process's own words after it. */
export const storeClient = async (directory: string, by: readonly string[] = []): Promise<StoreClient> => {
  const [command = "", ...words] = [...by, process.execPath, "--conditions=source", VICTIM, directory];
  const child = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {});
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<VictimAnswer> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`the store's process ended (${await ended})`);
    return JSON.parse(line.value) as VictimAnswer;
  };
  let n = 0;
  return {
    first: await next(),
    async write(puts) {
      child.stdin.write(`${JSON.stringify({ n: n++, org: "a", puts, deletes: [], refuse: false } satisfies VictimRequest)}\n`);
      return (await next()) as Told;
    },
    end() {
      child.stdin.end();
      return ended;
    },
  };
};

/** Writes three labels at a time until one is refused, at most `max`; which were acknowledged, and the refusal. */
export const writeUntilRefused = async (client: StoreClient, from: number, max = 100_000): Promise<{ last: number; refusal: Told }> => {
  for (let n = from; n < from + max; n += 1) {
    const told = await client.write(partsOf(n));
    if ("code" in told) return { last: n - 1, refusal: told };
  }
  throw new Error(`${max} writes went through`);
};

/** The records of write `n`, large enough to fill a small disk in a while. */
export const partsOf = (n: number): readonly string[] => ["head", "body", "tail"].map((part) => `fill/${n}-${part}-${"x".repeat(1_000)}`);

/** The numbers of the writes whose records are there; throws where one is there by half, or the audit does not hold. */
export const wholeWrites = async (directory: string): Promise<readonly number[]> => {
  const store = openSqliteStore({ directory });
  try {
    const parts = new Map<number, number>();
    for await (const { records } of store.load("a")) {
      for (const rec of records) {
        const n = rec.kind === "label" ? Number(rec.value.id.split(/[/-]/)[1]) : Number.NaN;
        parts.set(n, (parts.get(n) ?? 0) + 1);
      }
    }
    const verdict = await store.verifyAudit("a");
    if (!verdict.ok || verdict.events !== parts.size + 1) throw new Error(`the audit does not hold: ${JSON.stringify(verdict)}`);
    const halves = [...parts].filter(([, count]) => count !== 3);
    if (halves.length > 0) throw new Error(`writes are there by half: ${JSON.stringify(halves)}`);
    return [...parts.keys()].sort((a, b) => a - b);
  } finally {
    await store.close();
  }
};
