/**
 * The victim of the kill test: a process that writes as a server does, always 64 writes in flight, and tells each acknowledgement to its
 * parent before anything else happens. Arguments: data directory, name of this run, and at how many commits it kills itself
 * between COMMIT and the answers (0: it waits to be killed).
 *
 * A write puts three records that belong together, in one of two organizations; every tenth one fails after it has put them.
 */
import { writeSync } from "node:fs";
import { openSqliteStore } from "../sql/sqlite.ts";
import { label, NOTE } from "./fixture.ts";

const IN_FLIGHT = 64;
const PARTS = ["head", "body", "tail"];

const [directory = "", run = "", dieAt = "0"] = process.argv.slice(2);
let commits = 0;
const store = openSqliteStore({
  directory,
  failpoint: (at) => {
    if (at === "committed") commits += 1;
    if (at === "committed" && commits === Number(dieAt)) process.kill(process.pid, "SIGKILL");
  },
});

/** Synchronous, so that what the parent did not hear was not acknowledged either. */
const tell = (line: object): void => {
  writeSync(1, `${JSON.stringify(line)}\n`);
};

const write = async (org: string, n: number): Promise<void> => {
  const id = `${run}-${n}`;
  const refused = n % 10 === 9;
  try {
    const { head } = await store.write(org, (tx) => {
      for (const part of PARTS) tx.put(label(`${id}/${part}`));
      tx.audit(NOTE);
      if (refused) throw new RangeError("refused");
    });
    tell({ org, id, revision: head.revision });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    tell({ org, id, refused: true });
  }
};

for (const org of ["a", "b"]) await store.create(org, (tx) => tx.audit(NOTE));
let next = 0;
const writer = async (): Promise<never> => {
  for (;;) {
    next += 1;
    await write(next % 2 === 0 ? "a" : "b", next);
  }
};
await Promise.all(Array.from({ length: IN_FLIGHT }, writer));
