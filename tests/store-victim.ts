/**
 * The victim: a process that keeps a SQLite store for its parent, a request a line on stdin, an answer a line on stdout, until it is killed.
 *
 * Arguments: the data directory, and at which commit it kills itself between COMMIT and the answers (0: never). The hook by which it does
 * so is given to the store here, in this file: the product has no switch for it.
 * Invariant: an answer is written to the pipe before anything else happens, so that what the parent did not hear was not acknowledged.
 */
import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { openSqliteStore, StoreError } from "@reeve/server";

/** Puts and deletes labels as one write; `refuse`: it fails after all of them. */
export type VictimRequest = {
  readonly n: number;
  readonly org: string;
  readonly puts: readonly string[];
  readonly deletes: readonly string[];
  readonly refuse: boolean;
};
/** What the parent hears: that the store is open, and what became of request `n`. */
export type VictimAnswer =
  | { readonly ready: true; readonly openMs: number }
  | { readonly n: number; readonly revision: number; readonly epoch: string }
  | { readonly n: number; readonly code: string; readonly message: string; readonly health: string };

const NOTE = { actor: { type: "user", id: "parent" }, action: "test", target: "/", requestId: "r" };

const tell = (answer: VictimAnswer): void => {
  const bytes = Buffer.from(`${JSON.stringify(answer)}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
};

const serve = async (directory: string, dieAt: number): Promise<void> => {
  let commits = 0;
  const started = performance.now();
  const store = openSqliteStore({
    directory,
    failpoint: (at) => {
      if (at === "committed" && ++commits === dieAt) process.kill(process.pid, "SIGKILL");
    },
  });
  for (const org of ["a", "b"]) await store.create(org, (tx) => tx.audit(NOTE));
  commits = 0;
  tell({ ready: true, openMs: performance.now() - started });

  const answer = async ({ n, org, puts, deletes, refuse }: VictimRequest): Promise<void> => {
    try {
      const { head } = await store.write(org, (tx) => {
        for (const id of deletes) tx.delete("label", [id]);
        for (const id of puts) tx.put({ kind: "label", value: { id, name: "x".repeat(100) } });
        tx.audit(NOTE);
        if (refuse) throw new StoreError("busy", "refused by the test");
      });
      tell({ n, ...head });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      tell({ n, code: error.code, message: error.message, health: store.health().writes });
    }
  };
  const asked: Promise<void>[] = [];
  for await (const line of createInterface({ input: process.stdin })) asked.push(answer(JSON.parse(line) as VictimRequest));
  await Promise.all(asked);
  await store.close();
};

if (import.meta.main) {
  const [directory = "", dieAt = "0"] = process.argv.slice(2);
  try {
    await serve(directory, Number(dieAt));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    tell({ n: -1, code: error.code, message: error.message, health: "closed" });
  }
}
