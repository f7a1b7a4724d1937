/**
 * kill -9 at random moments under load, again and again on one directory: what was acknowledged is there, what was refused is not,
 * no write is there by half, and the store opens as if nothing had happened. Power loss is another matter: for that stands
 * `synchronous = FULL`, one fsync a commit.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { recordsOf, snapshot } from "../conformance/fixture.ts";
import type { Store } from "../index.ts";
import { openSqliteStore } from "./sqlite.ts";

const RUNS = 20;
const WRITER = fileURLToPath(import.meta.resolve("../conformance/kill-writer.ts"));

type Told = { readonly org: string; readonly id: string; readonly revision?: number; readonly refused?: true };

/** Runs the writer until it is dead and gives what it told. Half of the runs kill themselves between COMMIT and acknowledgement. */
const victim = (directory: string, run: number): Promise<readonly Told[]> =>
  new Promise((resolve, reject) => {
    const dieAt = run % 2 === 0 ? 0 : 1 + Math.floor(Math.random() * 30);
    const child = spawn(process.execPath, ["--conditions=source", WRITER, directory, `r${run}`, `${dieAt}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const chunks: Buffer[] = [];
    let timer: NodeJS.Timeout | undefined;
    child.stdout.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      timer ??= setTimeout(() => child.kill("SIGKILL"), dieAt === 0 ? Math.random() * 100 : 10_000);
    });
    child.on("close", (_, signal) => {
      clearTimeout(timer);
      const lines = Buffer.concat(chunks).toString().split("\n").slice(0, -1);
      if (signal === "SIGKILL") resolve(lines.map((line) => JSON.parse(line) as Told));
      else reject(new Error(`the writer ended by itself (${signal})`));
    });
  });

const PARTS = 3;

/** Ids of the organization's writes, each of which must be there whole. */
const wholeWrites = async (store: Store, org: string): Promise<Set<string>> => {
  const parts = new Map<string, number>();
  for (const rec of await recordsOf(store, org)) {
    const id = rec.kind === "label" ? (rec.value.id.split("/")[0] ?? "") : "";
    parts.set(id, (parts.get(id) ?? 0) + 1);
  }
  const halves = [...parts].filter(([, count]) => count !== PARTS);
  expect(halves).toEqual([]);
  return new Set(parts.keys());
};

const check = async (store: Store, org: string, told: readonly Told[]): Promise<void> => {
  const found = await wholeWrites(store, org);
  const mine = told.filter((each) => each.org === org);
  expect(mine.filter(({ id, refused }) => refused === undefined && !found.has(id))).toEqual([]);
  expect(mine.filter(({ id, refused }) => refused === true && found.has(id))).toEqual([]);
  const head = (await snapshot(store, org))?.head;
  if (head === undefined) return expect(mine).toEqual([]);
  expect(head.revision).toBe(found.size + 1);
  expect(await store.verifyAudit(org)).toMatchObject({ ok: true, events: head.revision });
  const batch = await store.changes(org, { ...head, revision: 0 }, head.revision);
  expect(batch).toMatchObject({ kind: "changes", sets: { length: head.revision } });
};

it(`loses no acknowledged write and keeps no half of one over ${RUNS} kills`, { timeout: 60_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "reeve-kill-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const told: Told[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    told.push(...(await victim(directory, run)));
    const store = openSqliteStore({ directory });
    for (const org of ["a", "b"]) await check(store, org, told);
    await store.close();
  }
  expect(told.filter(({ refused }) => refused === undefined).length).toBeGreaterThan(RUNS * 10);
});
