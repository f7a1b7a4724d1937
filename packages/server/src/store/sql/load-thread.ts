/**
 * A thread that reads a large organization: it reads, holds against sums and packs, while the server's thread compiles what came before.
 *
 * This module is both ends: imported by the server it begins a thread of itself, and as that thread it answers each message with a page.
 * Invariant: a thread reads in one read transaction of a connection of its own; what it finds wrong ends the loading.
 */
import { on } from "node:events";
import { isMainThread, type MessagePort, parentPort, Worker, workerData } from "node:worker_threads";
import type { Head, Page } from "../index.ts";
import { StoreError, type StoreErrorCode } from "../store-error.ts";
import { meaning, openReader } from "./connection.ts";
import { checkedPages, standingReader } from "./object-rows.ts";
import { pack, unpack } from "./packed-page.ts";

/** Pages that the thread may be ahead of who reads them: enough that neither waits, few enough that they cost little memory. */
const PAGES_AHEAD = 4;

type Reading = { readonly reads: "organization"; readonly path: string; readonly org: string };
type Answer =
  | { readonly head: Head; readonly rows: string; readonly total?: number }
  | { readonly fault: { readonly code: StoreErrorCode; readonly message: string } }
  | "unknown";

/** As `Store.load`. `threads`: those that run; one that is ended from outside throws `store_closed`. */
export async function* loadBeside(reading: Omit<Reading, "reads">, threads: Set<Worker>): AsyncGenerator<Page> {
  const thread = new Worker(new URL(import.meta.url), { workerData: { reads: "organization", ...reading } satisfies Reading });
  threads.add(thread);
  try {
    for (let ahead = 0; ahead < PAGES_AHEAD; ahead++) thread.postMessage("page");
    for await (const [answer] of on(thread, "message", { close: ["exit"] }) as AsyncIterable<[Answer]>) {
      if (answer === "unknown") return;
      if ("fault" in answer) throw new StoreError(answer.fault.code, answer.fault.message);
      const { head, rows, total } = answer;
      thread.postMessage("page");
      yield { head, records: unpack(rows), ...(total === undefined ? {} : { total }) };
      if (total !== undefined) return;
    }
    throw new StoreError("store_closed", "The store was closed while an organization was read.");
  } finally {
    threads.delete(thread);
    await thread.terminate();
  }
}

function* answers({ path, org }: Reading): Generator<Answer> {
  const db = openReader(path);
  db.exec("BEGIN");
  const standing = standingReader(db)(org);
  if (standing === undefined) yield "unknown";
  else {
    let total = 0;
    for (const { rows, isLast } of checkedPages(db, standing)) {
      total += rows.length;
      yield { head: standing.head, rows: pack(rows), ...(isLast ? { total } : {}) };
    }
  }
  db.close();
}

const serve = (port: MessagePort, reading: Reading): void => {
  const pages = answers(reading);
  port.on("message", () => {
    try {
      const { value } = meaning(() => pages.next());
      if (value !== undefined) port.postMessage(value satisfies Answer);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const { code, message } = error;
      port.postMessage({ fault: { code, message } } satisfies Answer);
    }
  });
};

const asked = workerData as Partial<Reading> | null;
if (!isMainThread && parentPort !== null && asked?.reads === "organization") serve(parentPort, asked as Reading);
