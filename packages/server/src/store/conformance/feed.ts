/** The change feed: gapless, whole, and honest about what it cannot lead to. */
import type { Change, Key, Kind, Rec } from "@reeve/core";
import { keyOf } from "@reeve/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChangeSet, Head, Store } from "../index.ts";
import { startRetention } from "../retention.ts";
import { create, grant, label, type MakeFixture, NOTE, opened, openedFixture, put, recordsOf, snapshot } from "./fixture.ts";

export const feedConformance = (make: MakeFixture): void => {
  following(make);
  reloading(make);
  retaining(make);
  waking(make);
  replaying(make);
};

const sets = async (store: Store, org: string, from: Head & { max?: number }): Promise<readonly ChangeSet[]> => {
  const batch = await store.changes(org, from, from.max ?? 500);
  if (batch.kind === "reload") throw new Error("reload");
  return batch.sets;
};

const following = (make: MakeFixture): void => {
  describe("the change feed", () => {
    it("carries the whole delta of each revision, in the order asked", async () => {
      const store = opened(make, { clock: () => 1_700_000_000_000 });
      const created = await create(store, "a", [label("core/x"), label("core/y")]);
      const write = await store.write("a", (tx) => {
        tx.delete("label", ["core/x"]);
        tx.put(grant({ givenBy: "root" }));
        tx.put(label("core/x", "again"));
        tx.audit(NOTE);
      });
      const timeMs = 1_700_000_000_000;
      expect(await sets(store, "a", { ...created.head, revision: 0 })).toEqual([
        { revision: 1, id: created.changeSet, timeMs, changes: [{ put: label("core/x") }, { put: label("core/y") }] },
        {
          revision: 2,
          id: write.changeSet,
          timeMs,
          changes: [{ delete: { kind: "label", key: ["core/x"] } }, { put: grant({ givenBy: "root" }) }, { put: label("core/x", "again") }],
        },
      ]);
    });

    it("is gapless at every batch size, and empty at the head", async () => {
      const store = opened(make);
      const { head } = await create(store, "a");
      await Promise.all(Array.from({ length: 50 }, (_, n) => put(store, "a", [label(`core/${n}`)])));
      for (const max of [1, 7, 50, 500]) {
        let at = head;
        for (let batch = await sets(store, "a", { ...at, max }); batch.length > 0; batch = await sets(store, "a", { ...at, max })) {
          expect(batch.length).toBeLessThanOrEqual(max);
          expect(batch.map(({ revision }) => revision)).toEqual(batch.map((_, n) => at.revision + 1 + n));
          at = { revision: batch.at(-1)!.revision, epoch: head.epoch };
        }
        expect(at.revision).toBe(51);
      }
    });

    it("names each change set by an id of its own", async () => {
      const store = opened(make);
      const { head } = await create(store, "a");
      for (let n = 0; n < 10; n += 1) await put(store, "a", [label(`core/${n}`)]);
      const ids = (await sets(store, "a", { ...head, revision: 0 })).map(({ id }) => id);
      expect(new Set(ids).size).toBe(11);
    });
  });
};

const reloading = (make: MakeFixture): void => {
  describe("the change feed says reload", () => {
    it("for an unknown organization, another epoch, and a revision that has not been", async () => {
      const { store, fixture } = openedFixture(make);
      const { head } = await create(store, "a");
      await put(store, "a", [label("core/x")]);
      expect(await store.changes("none", head, 10)).toEqual({ kind: "reload" });
      expect(await store.changes("a", { revision: 1, epoch: "other" }, 10)).toEqual({ kind: "reload" });
      expect(await store.changes("a", { ...head, revision: 3 }, 10)).toEqual({ kind: "reload" });
      await store.close();
      fixture.setEpoch("a", "restored");
      const again = fixture.open();
      try {
        expect(await again.changes("a", head, 10)).toEqual({ kind: "reload" });
        expect((await snapshot(again, "a"))?.head).toEqual({ revision: 2, epoch: "restored" });
      } finally {
        await again.close();
      }
    });

    it("before the retained minimum, and goes on after it", async () => {
      const store = opened(make);
      const { head } = await create(store, "a");
      await create(store, "b");
      for (let n = 0; n < 9; n += 1) await put(store, "a", [label(`core/${n}`)]);
      expect(await store.trimChanges("a", { revisionsMax: 3 })).toBe(7);
      expect(await store.trimChanges("a", { revisionsMax: 3 })).toBe(0);
      expect(await store.trimChanges("none", { revisionsMax: 0 })).toBe(0);
      expect(await store.changes("a", head, 10)).toEqual({ kind: "reload" });
      expect(await store.changes("a", { ...head, revision: 6 }, 10)).toEqual({ kind: "reload" });
      expect((await sets(store, "a", { ...head, revision: 7 })).map(({ revision }) => revision)).toEqual([8, 9, 10]);
      expect(await store.trimChanges("a", { revisionsMax: 0 })).toBe(3);
      expect(await store.changes("a", { ...head, revision: 9 }, 10)).toEqual({ kind: "reload" });
      expect(await sets(store, "a", { ...head, revision: 10 })).toEqual([]);
      expect(await recordsOf(store, "a")).toHaveLength(9);
    });
  });
};

const DAY_MS = 86_400_000;

const retaining = (make: MakeFixture): void => {
  describe("change sets that are old", () => {
    it("go by their age too, and a clock that was set back leaves no gap", async () => {
      const start = Date.UTC(2026, 0, 31);
      let now = start;
      const store = opened(make, { clock: () => now });
      const { head } = await create(store, "a");
      for (const days of [1, 5, 2, 9, 10]) {
        now = start + days * DAY_MS;
        await put(store, "a", [label(`core/${days}`)]);
      }
      const after = async (revision: number) => (await sets(store, "a", { ...head, revision })).map((set) => set.revision);
      expect(await store.trimChanges("a", { revisionsMax: 100, sinceMs: start + 3 * DAY_MS })).toBe(2);
      // The one of day 2 was written after that of day 5.
      expect(await after(2)).toEqual([3, 4, 5, 6]);
      expect(await store.trimChanges("a", { revisionsMax: 1, sinceMs: start })).toBe(3);
      expect(await after(5)).toEqual([6]);
      expect(await store.trimChanges("a", { revisionsMax: 100, sinceMs: start + 11 * DAY_MS })).toBe(1);
      expect(await sets(store, "a", { ...head, revision: 6 })).toEqual([]);
      expect(await store.changes("a", { ...head, revision: 5 }, 10)).toEqual({ kind: "reload" });
    });

    it("are swept by the job, of every organization, one sweep at a time", async () => {
      const start = Date.UTC(2026, 0, 31);
      let now = start;
      const store = opened(make, { clock: () => now });
      for (const org of ["a", "b"]) {
        await create(store, org);
        await put(store, org, [label("core/x")]);
      }
      const job = startRetention(store, { clock: () => now, onError: () => {} });
      expect(await job.sweep()).toBe(0);
      now = start + 8 * DAY_MS;
      await put(store, "b", [label("core/y")]);
      expect(await Promise.all([job.sweep(), job.sweep()])).toEqual([4, 4]);
      await job.stop();
      const heads = await store.heads(["a", "b"]);
      expect(await store.changes("a", { ...heads.get("a")!, revision: 1 }, 10)).toEqual({ kind: "reload" });
      expect(await store.changes("b", { ...heads.get("b")!, revision: 2 }, 10)).toMatchObject({ sets: [{ revision: 3 }] });
      expect(await store.verifyAudit("a")).toMatchObject({ ok: true, events: 2 });
    });
  });
};

const waking = (make: MakeFixture): void => {
  describe("a subscriber", () => {
    it("is woken once the change can be read, and not after it left", async () => {
      const store = opened(make);
      const { head } = await create(store, "a");
      const read: Promise<readonly ChangeSet[]>[] = [];
      const stop = store.subscribe((org) => read.push(sets(store, org, head)));
      const { changeSet } = await put(store, "a", [label("core/x")]);
      await new Promise(setImmediate);
      expect((await Promise.all(read)).at(0)?.map(({ id }) => id)).toEqual([changeSet]);
      stop();
      await put(store, "a", [label("core/y")]);
      await new Promise(setImmediate);
      expect(read).toHaveLength(1);
    });

    it("is not woken by work that fails", async () => {
      const store = opened(make);
      await create(store, "a");
      await new Promise(setImmediate);
      const woken: string[] = [];
      store.subscribe((org) => woken.push(org));
      const failing = store.write("a", (tx) => {
        tx.put(label("core/x"));
        throw new RangeError("no");
      });
      await expect(failing).rejects.toThrow(RangeError);
      await new Promise(setImmediate);
      expect(woken).toEqual([]);
    });
  });
};

type Ask = { readonly id: number; readonly by: number | undefined; readonly access: "R" | "RW" };

/** A follower without an engine: what the changes say, key by key. */
const replay = (changes: readonly Change[]): Map<string, Rec> => {
  const name = (kind: Kind, key: Key) => JSON.stringify([kind, ...key]);
  const records = new Map<string, Rec>();
  for (const change of changes) {
    if ("put" in change) records.set(name(change.put.kind, keyOf(change.put)), change.put);
    else records.delete(name(change.delete.kind, change.delete.key));
  }
  return records;
};

const replaying = (make: MakeFixture): void => {
  describe("any sequence of writes", () => {
    it("leaves what replaying its change sets gives", async () => {
      const store = opened(make);
      const asks = fc.array(
        fc.array(
          fc.record({ id: fc.nat(4), by: fc.option(fc.nat(1), { nil: undefined }), access: fc.constantFrom<Ask["access"]>("R", "RW") }),
        ),
        { maxLength: 8 },
      );
      let run = 0;
      await fc.assert(
        fc.asyncProperty(asks, async (writes) => {
          run += 1;
          const org = `o${run}`;
          const { head } = await create(store, org);
          const outcomes = await Promise.all(writes.map((write) => ask(store, org, write)));
          const all = await sets(store, org, { ...head, revision: 0 });
          const found = await snapshot(store, org);
          expect(found?.head.revision).toBe(1 + outcomes.filter(({ applied }) => applied > 0).length);
          expect(all.map(({ revision }) => revision)).toEqual(all.map((_, at) => at + 1));
          expect(new Set(found?.records)).toEqual(new Set(replay(all.flatMap(({ changes }) => changes)).values()));
          expect(await store.verifyAudit(org)).toMatchObject({ ok: true, events: all.length });
        }),
        { numRuns: 40 },
      );
    });
  });
};

const ask = (store: Store, org: string, write: readonly Ask[]) =>
  store.write(org, (tx) => {
    for (const { id, by, access } of write) {
      const rec = grant({ principal: `p${id}`, access, ...(by === undefined ? {} : { givenBy: `g${by}` }) });
      if (by === 0) tx.delete("grant", keyOf(rec));
      else tx.put(rec);
    }
    tx.audit(NOTE);
  });
