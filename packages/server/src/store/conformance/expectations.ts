/** Writes that rest on what they have read, and writes that happen once. */
import type { Rec } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { ObjectChangedError, type Store, type Transaction } from "../index.ts";
import { startRetention } from "../retention.ts";
import { create, grant, label, type MakeFixture, NOTE, opened, openedFixture, put, recordsOf, remove } from "./fixture.ts";

export const expectationConformance = (make: MakeFixture): void => {
  expecting(make);
  expectingLast(make);
  once(make);
  keeping(make);
  secrets(make);
};

const writing = (store: Store, expected: (tx: Transaction) => void, rec: Rec = label("core/new")) =>
  store.write("a", (tx) => {
    expected(tx);
    tx.put(rec);
    tx.audit(NOTE);
  });

const refusalOf = (write: Promise<unknown>): Promise<unknown> =>
  write.then(
    () => undefined,
    (error: unknown) => error,
  );

const expecting = (make: MakeFixture): void => {
  describe("a write that expects an object", () => {
    it("happens while the object is as it was read, or not there where it must not be", async () => {
      const store = opened(make);
      await create(store, "a", [label("core/x"), label("core/y")]);
      await put(store, "a", [label("core/x", "X")]);
      await writing(store, (tx) => {
        tx.expect("label", ["core/x"], 2);
        tx.expect("label", ["core/y"], 1);
        tx.expect("label", ["core/new"], null);
      });
      expect(await recordsOf(store, "a")).toHaveLength(3);
    });

    it("is refused with everything that is otherwise, and nothing of it is written", async () => {
      const store = opened(make);
      await create(store, "a", [label("core/x"), label("core/y"), label("core/z")]);
      await put(store, "a", [label("core/x", "X")]);
      await remove(store, "a", { kind: "label", key: ["core/z"] });
      const refusal = await refusalOf(
        writing(store, (tx) => {
          tx.expect("label", ["core/x"], 1);
          tx.expect("label", ["core/y"], null);
          tx.expect("label", ["core/z"], 1);
          tx.expect("label", ["core/z"], 3);
          tx.expect("grant", ["ada", "/", "self"], 7);
          tx.expect("label", ["core/new"], null);
        }),
      );
      expect(refusal).toBeInstanceOf(ObjectChangedError);
      expect(refusal).toMatchObject({
        code: "object_changed",
        objects: [
          { kind: "label", key: ["core/x"], expected: 1, found: 2 },
          { kind: "label", key: ["core/y"], expected: null, found: 1 },
          { kind: "label", key: ["core/z"], expected: 1, found: null },
          { kind: "label", key: ["core/z"], expected: 3, found: null },
          { kind: "grant", key: ["ada", "/", "self"], expected: 7, found: null },
        ],
      });
      expect(await recordsOf(store, "a")).toEqual([label("core/x", "X"), label("core/y")]);
      expect((await store.heads(["a"])).get("a")?.revision).toBe(3);
    });

    it("is refused even where it would alter nothing", async () => {
      const store = opened(make);
      await create(store, "a", [label("core/x")]);
      const same = writing(store, (tx) => tx.expect("label", ["core/x"], 2), label("core/x"));
      expect(await refusalOf(same)).toMatchObject({ code: "object_changed" });
    });

    it("loses against another of the same moment: one of them happens", async () => {
      const store = opened(make);
      await create(store, "a", [label("core/x")]);
      const both = await Promise.allSettled(
        ["1", "2", "3"].map((name) => writing(store, (tx) => tx.expect("label", ["core/x"], 1), label("core/x", name))),
      );
      expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
      expect(both[1]).toMatchObject({ reason: { code: "object_changed", objects: [{ expected: 1, found: 2 }] } });
      expect(await recordsOf(store, "a")).toEqual([label("core/x", "1")]);
    });

    it("is a bug for keys and revisions that are none", async () => {
      const store = opened(make);
      await create(store, "a");
      const bugs: readonly ((tx: Transaction) => void)[] = [
        (tx) => tx.expect("label", [], 1),
        (tx) => tx.expect("label", ["\ud800"], 1),
        (tx) => tx.expect("label", ["x"], 1.5),
        (tx) => tx.expect("label", ["x"], -1),
        (tx) => tx.expectLast("label", ["x"], Number.NaN),
        (tx) => tx.expect("none" as "label", ["x"], 1),
      ];
      for (const bug of bugs) expect(await refusalOf(writing(store, bug))).toBeInstanceOf(TypeError);
      const { value: tx } = await store.write("a", (kept) => kept);
      for (const bug of bugs) expect(() => bug(tx)).toThrow(TypeError);
    });
  });
};

const expectingLast = (make: MakeFixture): void => {
  describe("a write that expects the last change of an object", () => {
    it("happens where that put it or deleted it, and is refused where something else came after", async () => {
      const store = opened(make);
      await create(store, "a", [label("core/x"), label("core/y"), label("core/z")]);
      await remove(store, "a", { kind: "label", key: ["core/x"] });
      await put(store, "a", [label("core/y", "Y")]);
      const last = (id: string, revision: number) => (tx: Transaction) => tx.expectLast("label", [id], revision);
      for (const [id, revision] of [
        ["core/x", 2],
        ["core/y", 3],
        ["core/z", 1],
      ] as const) {
        for (const other of [0, 1, 2, 3, 4].filter((each) => each !== revision)) {
          expect(await refusalOf(writing(store, last(id, other)))).toMatchObject({
            objects: [{ kind: "label", key: [id], expected: other, found: revision }],
          });
        }
        await writing(store, last(id, revision), label(`core/after-${id}`));
      }
      expect(await refusalOf(writing(store, last("core/never", 1)))).toMatchObject({ objects: [{ expected: 1, found: null }] });
    });

    it("knows it through all lives", async () => {
      const store = opened(make);
      await create(store, "a", [label("core/x")]);
      for (const revision of [2, 4, 6]) {
        await remove(store, "a", { kind: "label", key: ["core/x"] });
        await writing(store, (tx) => tx.expectLast("label", ["core/x"], revision), label("core/x"));
      }
      await store.write("a", (tx) => {
        tx.delete("label", ["core/x"]);
        tx.put(label("core/x"));
        tx.audit(NOTE);
      });
      await writing(store, (tx) => tx.expectLast("label", ["core/x"], 8));
    });
  });
};

const bytes = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);

const once = (make: MakeFixture): void => {
  describe("a write under a key", () => {
    it("happens once, and says to whoever sends it again what it came to", async () => {
      const store = opened(make);
      const created = await create(store, "a", [label("core/x")]);
      const send = () =>
        store.write("a", (tx) => {
          tx.once(bytes(1), bytes(2));
          tx.expect("label", ["core/x"], 1);
          tx.put(label("core/x", "X"));
          tx.put(label("core/y"));
          tx.audit(NOTE);
          return tx.head.revision;
        });
      const first = await send();
      expect(first).toEqual({ value: 1, head: { ...created.head, revision: 2 }, applied: 2, changeSet: expect.any(String) });
      await remove(store, "a", { kind: "label", key: ["core/y"] });
      expect(await send()).toEqual({ ...first, value: 3, repeated: true });
      expect(await recordsOf(store, "a")).toEqual([label("core/x", "X")]);
      expect((await store.heads(["a"])).get("a")?.revision).toBe(3);
      expect(await store.verifyAudit("a")).toMatchObject({ ok: true, events: 3 });
    });

    it("happens once where both come together", async () => {
      const store = opened(make);
      await create(store, "a");
      const send = () => writing(store, (tx) => tx.once(bytes(1), bytes(2)), label("core/x"));
      const [first, ...others] = await Promise.all([send(), send(), send()]);
      expect(others).toEqual([first, first].map((each) => ({ ...each, repeated: true })));
    });

    it("is refused with another fingerprint, and each organization has its own keys", async () => {
      const store = opened(make);
      await create(store, "a");
      await create(store, "b");
      await writing(store, (tx) => tx.once(bytes(1), bytes(2)), label("core/x"));
      expect(await refusalOf(writing(store, (tx) => tx.once(bytes(1), bytes(3))))).toMatchObject({ code: "key_reused" });
      expect(await recordsOf(store, "a")).toEqual([label("core/x")]);
      const other = await store.write("b", (tx) => {
        tx.once(bytes(1), bytes(3));
        tx.put(label("core/b"));
        tx.audit(NOTE);
      });
      expect(other).toMatchObject({ applied: 1 });
    });

    it("that altered nothing alters nothing when it is sent again", async () => {
      const store = opened(make);
      const { head } = await create(store, "a", [label("core/x")]);
      const send = () => writing(store, (tx) => tx.once(bytes(1), bytes(2)), label("core/x"));
      expect(await send()).toEqual({ value: undefined, head, applied: 0 });
      await remove(store, "a", { kind: "label", key: ["core/x"] });
      expect(await send()).toEqual({ value: undefined, head, applied: 0, repeated: true });
      expect(await recordsOf(store, "a")).toEqual([]);
    });

    it("that was refused may be sent again", async () => {
      const store = opened(make);
      await create(store, "a");
      const send = (revision: number | null) =>
        writing(store, (tx) => {
          tx.once(bytes(1), bytes(2));
          tx.expect("label", ["core/new"], revision);
        });
      expect(await refusalOf(send(7))).toMatchObject({ code: "object_changed" });
      expect(await send(null)).toMatchObject({ applied: 1 });
    });

    it("is a bug for keys that are none, and for two of them", async () => {
      const store = opened(make);
      await create(store, "a");
      const bugs: readonly ((tx: Transaction) => void)[] = [
        (tx) => tx.once(new Uint8Array(31), bytes(1)),
        (tx) => tx.once(bytes(1), new Uint8Array(33)),
        (tx) => tx.once("x".repeat(32) as unknown as Uint8Array, bytes(1)),
        (tx) => {
          tx.once(bytes(1), bytes(2));
          tx.once(bytes(1), bytes(2));
        },
      ];
      for (const bug of bugs) expect(await refusalOf(writing(store, bug))).toBeInstanceOf(TypeError);
    });
  });
};

const DAY_MS = 24 * 3_600_000;

const keeping = (make: MakeFixture): void => {
  describe("the key of a write", () => {
    it("is kept for 24 hours, over a new start and a restore, and not longer", async () => {
      let now = Date.UTC(2026, 0, 1);
      const clock = () => now;
      const { store: first, fixture } = openedFixture(make, { clock });
      await create(first, "a");
      const send = (store: Store, n = 0) => writing(store, (tx) => tx.once(bytes(1), bytes(2)), label(`core/${n}`));
      await send(first);
      await first.close();
      fixture.setEpoch("a", "another");
      const store = fixture.open({ clock });
      now += DAY_MS - 1;
      const sweeps = startRetention(store, { clock, onError: () => undefined });
      await sweeps.sweep();
      expect(await send(store)).toMatchObject({ repeated: true, head: { revision: 2, epoch: "another" } });
      now += 1;
      // Before the sweep as after it.
      expect(await send(store, 1)).toMatchObject({ applied: 1, head: { revision: 3 } });
      now += DAY_MS;
      await sweeps.sweep();
      expect(await send(store, 2)).toMatchObject({ applied: 1, head: { revision: 4 } });
      await sweeps.stop();
      await store.close();
    });

    it("is noted with a creation too", async () => {
      const store = opened(make);
      const creation = await store.create("a", (tx) => {
        tx.once(bytes(1), bytes(2));
        tx.audit(NOTE);
      });
      const again = await store.write("a", (tx) => tx.once(bytes(1), bytes(2)));
      expect(again).toMatchObject({ repeated: true, head: { revision: 1 }, applied: 0 });
      expect(creation).toMatchObject({ ok: true, value: { changeSet: again.changeSet } });
    });
  });
};

const secrets = (make: MakeFixture): void => {
  describe("a secret", () => {
    it("is made once and kept, one for each name", async () => {
      const { store: first, fixture } = openedFixture(make);
      const made = await Promise.all([first.secret("cursor"), first.secret("cursor"), first.secret("other")]);
      expect(made.map((each) => each.length)).toEqual([32, 32, 32]);
      expect(made[1]).toEqual(made[0]);
      expect(made[2]).not.toEqual(made[0]);
      made[1]?.fill(0);
      await create(first, "a", [grant()]);
      await first.close();
      const store = fixture.open();
      expect(await store.secret("cursor")).toEqual(made[0]);
      await expect(store.secret("")).rejects.toThrow(TypeError);
      await expect(store.secret("../x")).rejects.toThrow(TypeError);
      await store.close();
    });
  });
};
