/** Writes that fail, writes at the same time, and the end of a store. */
import { describe, expect, it } from "vitest";
import type { Store, Transaction } from "../index.ts";
import { create, label, type MakeFixture, NOTE, opened, openedFixture, put, recordsOf, snapshot } from "./fixture.ts";

export const concurrencyConformance = (make: MakeFixture): void => {
  failing(make);
  together(make);
  closing(make);
};

const failing = (make: MakeFixture): void => {
  describe("work that fails", () => {
    const rejected = async (work: (tx: Transaction) => unknown): Promise<unknown> => {
      const store = opened(make);
      const { head } = await create(store, "a", [label("core/x")]);
      const fault: unknown = await store.write("a", work).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(await snapshot(store, "a")).toEqual({ head, records: [label("core/x")] });
      expect((await store.auditPage("a", undefined, 10)).events).toHaveLength(1);
      await put(store, "a", [label("core/later")]);
      expect(await store.verifyAudit("a")).toMatchObject({ ok: true, events: 2 });
      return fault;
    };

    it("rejects with its own error and leaves nothing", async () => {
      const fault = new RangeError("no");
      const told = await rejected((tx) => {
        tx.put(label("core/y"));
        tx.delete("label", ["core/x"]);
        tx.audit(NOTE);
        throw fault;
      });
      expect(told).toBe(fault);
    });

    it("is refused when it alters something without an audit event", async () => {
      expect(await rejected((tx) => tx.put(label("core/y")))).toBeInstanceOf(TypeError);
    });

    it("is refused when it has two audit events", async () => {
      const twice = (tx: Transaction) => {
        tx.put(label("core/y"));
        tx.audit(NOTE);
        tx.audit(NOTE);
      };
      expect(await rejected(twice)).toBeInstanceOf(TypeError);
    });

    it("is refused when it is asynchronous", async () => {
      const later = async (tx: Transaction) => {
        tx.put(label("core/y"));
        tx.audit(NOTE);
      };
      expect(await rejected(later)).toBeInstanceOf(TypeError);
    });

    it("cannot use its transaction when it is over", async () => {
      const store = opened(make);
      await create(store, "a");
      const { value: tx } = await store.write("a", (kept) => kept);
      expect(() => tx.put(label("core/y"))).toThrow(TypeError);
      expect(() => tx.audit(NOTE)).toThrow(TypeError);
    });
  });
};

const together = (make: MakeFixture): void => {
  describe("writes asked for together", () => {
    it("run one after another in the order of the calls, and a failing one takes nothing of the others with it", async () => {
      const store = opened(make);
      await create(store, "a");
      await create(store, "b");
      const writes = Array.from({ length: 300 }, (_, n) =>
        store
          .write(n % 3 === 0 ? "b" : "a", (tx) => {
            tx.put(label(`core/${n}`));
            tx.audit(NOTE);
            if (n % 7 === 0) throw new RangeError(`${n}`);
            return n;
          })
          .catch((error: Error) => error.message),
      );
      const outcomes = await Promise.all(writes);
      expect(outcomes.filter((outcome) => typeof outcome === "string")).toEqual(Array.from({ length: 43 }, (_, n) => `${n * 7}`));
      for (const [org, mine] of [
        ["a", (n: number) => n % 3 !== 0],
        ["b", (n: number) => n % 3 === 0],
      ] as const) {
        const kept = outcomes.filter((outcome) => typeof outcome !== "string").filter(({ value }) => mine(value));
        expect(kept.map(({ head }) => head.revision)).toEqual(kept.map((_, at) => at + 2));
        expect((await recordsOf(store, org)).length).toBe(kept.length);
        expect(await store.verifyAudit(org)).toMatchObject({ ok: true, events: kept.length + 1 });
      }
    });

    it("each see the head that the one before left", async () => {
      const store = opened(make);
      await create(store, "a");
      const seen: number[] = [];
      const step = (id: string) =>
        store.write("a", (tx) => {
          seen.push(tx.head.revision);
          tx.put(label(id));
          tx.audit(NOTE);
        });
      await Promise.all([step("core/1"), step("core/1"), step("core/2")]);
      expect(seen).toEqual([1, 2, 2]);
    });

    it("never run inside the call", async () => {
      const store = opened(make);
      await create(store, "a");
      let called = true;
      const write = store.write("a", () => called);
      called = false;
      expect((await write).value).toBe(false);
    });
  });
};

const closing = (make: MakeFixture): void => {
  describe("closing", () => {
    it("finishes the writes already asked for, and opening again finds everything", async () => {
      const { store, fixture } = openedFixture(make);
      await create(store, "a");
      const writes = Array.from({ length: 200 }, (_, n) => put(store, "a", [label(`core/${n}`)]));
      await Promise.all([store.close(), store.close()]);
      expect((await Promise.all(writes)).at(-1)?.head.revision).toBe(201);
      const again = fixture.open();
      try {
        expect(await recordsOf(again, "a")).toHaveLength(200);
        expect((await put(again, "a", [label("core/again")])).head.revision).toBe(202);
        expect(await again.verifyAudit("a")).toMatchObject({ ok: true, events: 202 });
      } finally {
        await again.close();
      }
    });

    const uses: [string, (store: Store) => Promise<unknown>][] = [
      ["write", (store) => put(store, "a", [])],
      ["create", (store) => create(store, "b")],
      ["load", (store) => recordsOf(store, "a")],
      ["changes", (store) => store.changes("a", { revision: 1, epoch: "" }, 1)],
      ["heads", (store) => store.heads(["a"])],
      ["organizations", (store) => store.organizations(undefined, 1)],
      ["trimChanges", (store) => store.trimChanges("a", { revisionsMax: 1 })],
      ["erasePerson", (store) => store.erasePerson("a", "ada", NOTE)],
      ["auditPage", (store) => store.auditPage("a", undefined, 1)],
      ["verifyAudit", (store) => store.verifyAudit("a")],
      ["tokens.find", (store) => store.tokens.find(new Uint8Array(32))],
      ["tokens.list", (store) => store.tokens.list({}, undefined, 1)],
      ["tokens.delete", (store) => store.tokens.delete(new Uint8Array(32))],
      ["tokens.used", (store) => store.tokens.used(new Uint8Array(32), 1)],
      ["tokens.put", (store) => store.tokens.put({ hash: new Uint8Array(32), kind: "user", createdMs: 1 })],
    ];
    it.each(uses)("makes %s reject", async (_, use) => {
      const store = opened(make);
      await create(store, "a");
      await store.close();
      await expect(use(store)).rejects.toMatchObject({ name: "StoreError", code: "store_closed" });
    });

    it("ends a load that is under way", async () => {
      const store = opened(make);
      await create(
        store,
        "a",
        Array.from({ length: 5_001 }, (_, n) => label(`core/${n}`)),
      );
      const pages = store.load("a")[Symbol.asyncIterator]();
      await pages.next();
      await store.close();
      await expect(pages.next()).rejects.toMatchObject({ code: "store_closed" });
    });
  });
};
