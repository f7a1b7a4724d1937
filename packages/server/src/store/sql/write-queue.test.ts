import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { create, label, NOTE, put, recordsOf } from "../conformance/fixture.ts";
import type { Store } from "../index.ts";
import { inMemory } from "./connection.ts";
import { openSqliteStore } from "./sqlite.ts";
import { type Failpoint, WriteQueue } from "./write-queue.ts";

/** A store that breaks where `breaks` says, from its `from`-th commit on. */
const fragile = (): { store: Store; commits: string[]; reopen: () => Store; breakNext: (code: string | undefined) => void } => {
  const directory = mkdtempSync(join(tmpdir(), "reeve-queue-"));
  const commits: string[] = [];
  let code: string | undefined;
  const failpoint: Failpoint = (at) => {
    commits.push(at);
    if (at === "commit" && code !== undefined) throw new Database.SqliteError("made by a test", code);
  };
  const stores: Store[] = [];
  const reopen = () => {
    const store = openSqliteStore({ directory, failpoint });
    stores.push(store);
    return store;
  };
  onTestFinished(async () => {
    for (const store of stores) await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    store: reopen(),
    commits,
    reopen,
    breakNext: (next) => {
      code = next;
    },
  };
};

const raise = (): never => {
  throw new Error("refused");
};

describe("group commit", () => {
  it("puts up to 64 waiting writes in one transaction, and answers none before its commit", async () => {
    const { store, commits } = fragile();
    await create(store, "a");
    commits.length = 0;
    const answered: number[] = [];
    const writes = Array.from({ length: 200 }, async (_, n) => {
      await put(store, "a", [label(`core/${n}`)]);
      answered.push(commits.filter((at) => at === "committed").length);
    });
    await Promise.all(writes);
    expect(commits).toEqual(Array.from({ length: 4 }, () => ["commit", "committed"]).flat());
    expect(answered).toEqual(Array.from({ length: 200 }, (_, n) => 1 + Math.floor(n / 64)));
  });

  it("writes an organization's head once, and every job sees where those before it brought the organization", async () => {
    const { store, commits, reopen } = fragile();
    await create(store, "a");
    const first = (await store.heads(["a"])).get("a");
    if (first === undefined) throw new Error("an organization without a head");
    commits.length = 0;
    const made = await Promise.all([
      put(store, "a", [label("core/1")]),
      put(store, "a", [label("core/1")]),
      expect(store.write("a", () => raise())).rejects.toThrow("refused"),
      put(store, "a", [label("core/2")]),
      create(store, "b"),
      store.items.write((tx) => tx.put({ kind: "k", id: "of b", org: "b", value: {} })),
      put(store, "b", [label("core/3")]),
      store.remove("a", { ...first, revision: first.revision + 2 }, NOTE),
      create(store, "a", [label("core/4")]),
    ]);
    expect(commits).toEqual(["commit", "committed"]);
    expect(made[7]).toBeDefined();
    expect(await recordsOf(store, "a")).toEqual([label("core/4")]);
    await store.close();
    const again = reopen();
    const heads = await again.heads(["a", "b"]);
    expect([heads.get("a")?.revision, heads.get("b")?.revision]).toEqual([1, 2]);
    expect(await recordsOf(again, "b")).toEqual([label("core/3")]);
    expect(await again.items.find("k", "of b")).toBeDefined();
    expect([await again.verifyAudit("a"), await again.verifyAudit("b")]).toMatchObject([{ ok: true }, { ok: true }]);
  });

  it("refuses what comes when too many wait already", async () => {
    const { store } = fragile();
    await create(store, "a");
    const outcomes = await Promise.allSettled(Array.from({ length: 16_385 }, () => store.write("a", () => {})));
    expect(outcomes.filter(({ status }) => status === "rejected")).toMatchObject([{ reason: { code: "busy" } }]);
  });
});

describe("a careful job", () => {
  const careful = () => {
    const db = inMemory();
    db.exec("CREATE TABLE kept (n INTEGER)");
    let forgotten = 0;
    const queue = new WriteQueue(db, {
      wake: () => {},
      clock: () => 0,
      misplaced: () => undefined,
      settle: () => {},
      forget: () => {
        forgotten += 1;
      },
    });
    const keeping = (n: number) => queue.enqueueCareful(() => ({ value: n, keep: () => void db.exec(`INSERT INTO kept VALUES (${n})`) }));
    return { queue, keeping, kept: () => db.prepare("SELECT n FROM kept").pluck().all(), forgotten: () => forgotten };
  };

  it("that is refused takes nothing with it", async () => {
    const { queue, keeping, kept, forgotten } = careful();
    const group = await Promise.allSettled([keeping(1), queue.enqueueCareful(raise), queue.enqueue(raise), keeping(2)]);
    expect(group.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    expect([kept(), forgotten()]).toEqual([[1, 2], 0]);
  });

  it("that breaks while it writes loses its group, and nothing behind it", async () => {
    const { queue, keeping, kept, forgotten } = careful();
    const group = await Promise.allSettled([keeping(1), queue.enqueueCareful(() => ({ value: 2, keep: raise })), keeping(3)]);
    expect(group.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect([await keeping(4), kept(), forgotten()]).toEqual([4, [4], 1]);
  });
});

describe("when the commit breaks", () => {
  it("every write of the group is told so, no later one is taken, and reading goes on", async () => {
    const { store, breakNext, reopen } = fragile();
    await create(store, "a", [label("core/x")]);
    breakNext("SQLITE_IOERR_FSYNC");
    const group = await Promise.allSettled([put(store, "a", [label("core/1")]), put(store, "a", [label("core/2")])]);
    expect(group).toMatchObject([{ reason: { code: "commit_failed" } }, { reason: { code: "commit_failed" } }]);
    breakNext(undefined);
    expect(store.health()).toMatchObject({ writes: "stopped", why: { code: "writes_stopped", message: expect.stringContaining("disk") } });
    await expect(put(store, "a", [label("core/3")])).rejects.toMatchObject({ code: "writes_stopped" });
    await expect(store.tokens.delete(new Uint8Array(32))).rejects.toMatchObject({ code: "writes_stopped" });
    expect(await recordsOf(store, "a")).toEqual([label("core/x")]);
    await store.close();
    expect(await recordsOf(reopen(), "a")).toEqual([label("core/x")]);
  });

  it("for a full disk nothing is kept, and writes go on when there is room again", async () => {
    const { store, breakNext } = fragile();
    await create(store, "a");
    breakNext("SQLITE_FULL");
    expect(store.health()).toEqual({ writes: "taken" });
    await expect(put(store, "a", [label("core/1")])).rejects.toMatchObject({ code: "disk_full" });
    expect(store.health()).toMatchObject({ writes: "refused", why: { code: "disk_full" } });
    breakNext(undefined);
    expect((await put(store, "a", [label("core/2")])).head.revision).toBe(2);
    expect(store.health()).toEqual({ writes: "taken" });
    expect(await recordsOf(store, "a")).toEqual([label("core/2")]);
  });

  it("for another's lock the write may be tried again", async () => {
    const { store, breakNext } = fragile();
    await create(store, "a");
    breakNext("SQLITE_BUSY");
    await expect(put(store, "a", [label("core/1")])).rejects.toMatchObject({ code: "busy" });
    breakNext(undefined);
    expect((await put(store, "a", [label("core/1")])).head.revision).toBe(2);
  });
});
