/**
 * `kill -9`, again and again: another process writes, is killed, and this one, which kept the acknowledgements, looks at what is left.
 *
 * Half of the runs are killed from outside at a random moment, some of these while the store opens; the other half by the victim itself
 * between COMMIT and acknowledgement. At least 64 writes are always under way. A write puts one to five records that belong together and
 * may delete all those of an earlier one; every tenth is refused after it has put them.
 * Words: a write is *heard of* when it was acknowledged or refused; what became of one that was not is *settled* by what is found.
 * Invariant: power loss is another matter; for that stands `synchronous = FULL`, one fsync a commit.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openSqliteStore, type Store } from "@reeve/server";
import { expect } from "vitest";
import type { Random } from "./reference/random.ts";
import type { VictimAnswer, VictimRequest } from "./store-victim.ts";

const IN_FLIGHT_MIN = 64;
const RUNS_A_DIRECTORY = 25;
const RESTART_MS_MAX = 3_000;
export const VICTIM: string = fileURLToPath(import.meta.resolve("./store-victim.ts"));
const ORGS = ["a", "b"];

/** `effect`: it took place (told by its answer, or settled); absent: not heard of yet. */
type Sent = VictimRequest & { effect?: boolean; revision?: number; replacedBy?: Sent };
export type KillFigures = {
  runs: number;
  acknowledged: number;
  refused: number;
  /** Not heard of when the victim died, and found whole. */
  keptUnheard: number;
  /** Not heard of, and not there. */
  lostUnheard: number;
  /** From the start of a process on a directory whose server was killed to its first answer. */
  restartMsMax: number;
};
type Death = { readonly killed: "outside" | "opening" | "failpoint"; readonly dieAt: number; readonly afterMs: number };

/** Kills the victim `runs` times; throws, by expectations, when anything was lost. */
export const killRuns = async (runs: number, random: Random): Promise<KillFigures> => {
  const figures: KillFigures = { runs: 0, acknowledged: 0, refused: 0, keptUnheard: 0, lostUnheard: 0, restartMsMax: 0 };
  while (figures.runs < runs) {
    const directory = mkdtempSync(join(tmpdir(), "reeve-kill-"));
    try {
      const sent: Sent[] = [];
      for (let run = 0; run < RUNS_A_DIRECTORY && figures.runs < runs; run += 1) {
        figures.restartMsMax = Math.max(figures.restartMsMax, await new Victim(directory, sent, random).run(deathOf(figures.runs, random)));
        await inspect(directory, sent, figures);
        figures.runs += 1;
      }
      figures.acknowledged += sent.filter(({ revision }) => revision !== undefined).length;
      figures.refused += sent.filter(({ refuse, effect }) => refuse && effect === false).length;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  expect(figures.restartMsMax).toBeLessThanOrEqual(RESTART_MS_MAX);
  return figures;
};

const deathOf = (run: number, random: Random): Death => {
  if (run % 2 === 1) return { killed: "failpoint", dieAt: 1 + random.below(40), afterMs: 30_000 };
  if (run % 10 === 4) return { killed: "opening", dieAt: 0, afterMs: 30 + random.below(150) };
  return { killed: "outside", dieAt: 0, afterMs: random.below(200) };
};

/** One life of the process, and the client that keeps it busy. */
class Victim {
  readonly #directory: string;
  readonly #sent: Sent[];
  readonly #random: Random;
  readonly #unheard = new Map<number, Sent>();

  constructor(directory: string, sent: Sent[], random: Random) {
    this.#directory = directory;
    this.#sent = sent;
    this.#random = random;
  }

  /** Until it is dead; gives how long it took to open, 0 if it was killed before. */
  async run({ killed, dieAt, afterMs }: Death): Promise<number> {
    const started = performance.now();
    const child = spawn(process.execPath, ["--conditions=source", VICTIM, this.#directory, `${dieAt}`], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    // What is sent to the dead is not heard of; the pipe says so with an error.
    child.stdin.on("error", () => {});
    const dead = new Promise<NodeJS.Signals | null>((resolve) => child.on("close", (_, signal) => resolve(signal)));
    const kill = () => child.kill("SIGKILL");
    let timer = killed === "opening" ? setTimeout(kill, afterMs) : undefined;
    let readyMs = 0;
    const inFlight = IN_FLIGHT_MIN + this.#random.below(64);
    for await (const line of createInterface({ input: child.stdout })) {
      const answer = JSON.parse(line) as VictimAnswer;
      if ("ready" in answer) {
        readyMs = performance.now() - started;
        timer ??= setTimeout(kill, afterMs);
        for (let n = 0; n < inFlight; n += 1) this.#send(child);
      } else {
        this.#hear(answer);
        this.#send(child);
      }
    }
    expect(await dead).toBe("SIGKILL");
    clearTimeout(timer);
    if (readyMs > 0) expect(this.#unheard.size).toBeGreaterThanOrEqual(IN_FLIGHT_MIN);
    return readyMs;
  }

  #send(child: ChildProcess): void {
    const n = this.#sent.length;
    const random = this.#random;
    const org = random.pick(ORGS);
    const replaced = random.chance(0.3) ? this.#sent[random.below(n + 1)] : undefined;
    const takes = replaced?.revision !== undefined && replaced.org === org && replaced.replacedBy === undefined ? replaced : undefined;
    const puts = Array.from({ length: 1 + random.below(5) }, (_, part) => `test/${n}-${part}`);
    const request: Sent = { n, org, puts, deletes: takes?.puts ?? [], refuse: random.chance(0.1) };
    if (takes !== undefined && !request.refuse) takes.replacedBy = request;
    this.#sent.push(request);
    this.#unheard.set(n, request);
    const { deletes, refuse } = request;
    child.stdin?.write(`${JSON.stringify({ n, org, puts, deletes, refuse } satisfies VictimRequest)}\n`);
  }

  #hear(answer: Exclude<VictimAnswer, { ready: true }>): void {
    const request = this.#unheard.get(answer.n);
    if (request === undefined) throw new Error(`an answer to nothing: ${JSON.stringify(answer)}`);
    this.#unheard.delete(answer.n);
    if ("revision" in answer) Object.assign(request, { effect: true, revision: answer.revision });
    else {
      expect(request.refuse).toBe(true);
      request.effect = false;
    }
  }
}

/** What is on the disk is what was told, each write whole, and its history without a gap. */
const inspect = async (directory: string, sent: readonly Sent[], figures: KillFigures): Promise<void> => {
  const store = openSqliteStore({ directory });
  try {
    for (const org of ORGS) {
      const mine = sent.filter((each) => each.org === org);
      const head = await inspectRecords(store, org, { mine, figures });
      if (head === undefined) expect(mine.filter(({ revision }) => revision !== undefined)).toEqual([]);
      else await inspectHistory(store, org, { head, mine });
    }
  } finally {
    await store.close();
  }
};

type Head = { readonly revision: number; readonly epoch: string };

const inspectRecords = async (
  store: Store,
  org: string,
  { mine, figures }: { mine: readonly Sent[]; figures: KillFigures },
): Promise<Head | undefined> => {
  const there = new Set<string>();
  let head: Head | undefined;
  for await (const page of store.load(org)) {
    head = page.head;
    for (const rec of page.records) if (rec.kind === "label") there.add(rec.value.id);
  }
  const found = (request: Sent): number => request.puts.filter((id) => there.has(id)).length;
  expect(mine.filter((request) => found(request) !== 0 && found(request) !== request.puts.length)).toEqual([]);
  for (const request of mine.filter(({ effect }) => effect === undefined)) {
    request.effect = found(request) > 0;
    if (request.effect) figures.keptUnheard += 1;
    else figures.lostUnheard += 1;
  }
  // Refused ones are not there, acknowledged ones are, unless a later one that took place took them away.
  const wrong = mine.filter((request) => found(request) > 0 !== (request.effect === true && request.replacedBy?.effect !== true));
  expect(wrong).toEqual([]);
  expect(mine.filter(({ refuse, effect }) => refuse && effect === true)).toEqual([]);
  return head;
};

const inspectHistory = async (store: Store, org: string, { head, mine }: { head: Head; mine: readonly Sent[] }): Promise<void> => {
  expect(await store.verifyAudit(org)).toMatchObject({ ok: true, events: head.revision });
  const batch = await store.changes(org, { ...head, revision: 0 }, head.revision);
  const sets = batch.kind === "changes" ? batch.sets : [];
  expect(sets.map(({ revision }) => revision)).toEqual(Array.from({ length: head.revision }, (_, at) => at + 1));
  // The creation is a write of its own. What took place took one revision each, at the place that was told.
  expect(head.revision).toBe(1 + mine.filter(({ effect }) => effect === true).length);
  for (const { revision, puts, deletes } of mine) {
    if (revision !== undefined) expect(sets[revision - 1]?.changes).toHaveLength(puts.length + deletes.length);
    if (revision !== undefined) expect(JSON.stringify(sets[revision - 1]?.changes)).toContain(`"${puts[0]}"`);
  }
};
