/** Items: found by kind and id, written together or not at all, and ended with what they belong to. */
import { describe, expect, it } from "vitest";
import type { Item, ItemTransaction, Store } from "../index.ts";
import { create, type MakeFixture, NOTE, opened, openedFixture, principal, put, remove } from "./fixture.ts";

const item = (id: string, more: Partial<Item> = {}): Item => ({ kind: "session", id, value: { of: id }, ...more });
const WHOLE: Item = {
  kind: "person",
  id: "a\nada",
  org: "a",
  principal: "ada",
  owner: "acc-1",
  expiresMs: 5,
  value: { list: [1, 0.1, null, "\0\ud800\u{1f600}"], nested: { a: true } },
};

const putItems = (store: Store, ...items: readonly Item[]): Promise<readonly boolean[]> =>
  store.items.write((tx) => items.map((each) => tx.put(each)));
const idsOf = async (listed: Promise<readonly Item[]> | readonly Item[]): Promise<readonly string[]> => (await listed).map(({ id }) => id);

export const itemConformance = (make: MakeFixture): void => {
  keeping(make);
  listing(make);
  writing(make);
  refusing(make);
  ending(make);
  sharing(make);
};

const keeping = (make: MakeFixture): void => {
  describe("items", () => {
    it("are found as they were put, by kind and id together", async () => {
      const store = opened(make);
      await create(store, "a", [principal("ada")]);
      expect(await putItems(store, WHOLE, item("x"), item("x", { kind: "key", value: {} }))).toEqual([true, true, true]);
      expect(await store.items.find("person", "a\nada")).toEqual(WHOLE);
      expect(await store.items.find("session", "x")).toEqual(item("x"));
      expect(await store.items.find("key", "x")).toEqual(item("x", { kind: "key", value: {} }));
      for (const [kind, id] of [
        ["session", "X"],
        ["session", "x "],
        ["sessio", "nx"],
        ["person", "a"],
      ] as const) {
        expect(await store.items.find(kind, id)).toBeUndefined();
      }
    });

    it("are replaced whole by the next of their kind and id", async () => {
      const store = opened(make);
      await create(store, "a", [principal("ada")]);
      await putItems(store, WHOLE);
      await putItems(store, { kind: "person", id: WHOLE.id, value: {} });
      expect(await store.items.find("person", WHOLE.id)).toEqual({ kind: "person", id: WHOLE.id, value: {} });
      expect(await idsOf(store.items.list({ kind: "person", owner: "acc-1" }, undefined, 9))).toEqual([]);
      await remove(store, "a", { kind: "principal", key: ["ada"] });
      expect(await store.items.find("person", WHOLE.id)).toBeDefined();
    });

    it("are nobody's to change afterwards", async () => {
      const store = opened(make);
      const value = { list: [1] };
      await putItems(store, item("x", { value }));
      value.list.push(2);
      const found = await store.items.find("session", "x");
      Object.assign(found?.value ?? {}, { list: [3] });
      expect(await store.items.find("session", "x")).toEqual(item("x", { value: { list: [1] } }));
    });

    it("outlive the store", async () => {
      const { store, fixture } = openedFixture(make);
      await create(store, "a", [principal("ada")]);
      await putItems(store, WHOLE);
      await store.close();
      await expect(store.items.find("person", WHOLE.id)).rejects.toMatchObject({ code: "store_closed" });
      await expect(store.items.write(() => 1)).rejects.toMatchObject({ code: "store_closed" });
      const again = fixture.open();
      expect(await again.items.find("person", WHOLE.id)).toEqual(WHOLE);
      await again.close();
    });

    it("are no part of an organization: they move no head, wake nobody, and no history tells of them", async () => {
      const store = opened(make);
      const { head } = await create(store, "a", [principal("ada")]);
      const woken: string[] = [];
      store.subscribe((org) => woken.push(org));
      await putItems(store, WHOLE);
      expect([(await store.heads(["a"])).get("a"), woken]).toEqual([head, []]);
      expect((await store.auditPage("a", undefined, 9)).events).toHaveLength(1);
    });
  });
};

const listing = (make: MakeFixture): void => {
  const all = [
    item("a", { owner: "o1" }),
    item("b", { org: "a", owner: "o1" }),
    item("c", { org: "a", principal: "ada", owner: "o2" }),
    item("d", { org: "a", principal: "bob", owner: "o1" }),
    item("e", { org: "b", principal: "ada", owner: "o1" }),
    item("\uffff"),
    item("\u{1f600}"),
  ];
  const filled = async (): Promise<Store> => {
    const store = opened(make);
    for (const org of ["a", "b"]) await create(store, org, [principal("ada"), principal("bob")]);
    await putItems(store, ...all.toReversed(), item("c", { kind: "key", org: "a", principal: "ada", owner: "o2" }));
    return store;
  };

  describe("a list of items", () => {
    it("has those of one kind, in the order of their ids' bytes, by pages", async () => {
      const store = await filled();
      expect(await store.items.list({ kind: "session" }, undefined, 100)).toEqual(all);
      expect(await store.items.list({ kind: "session" }, "b", 2)).toEqual(all.slice(2, 4));
      expect(await idsOf(store.items.list({ kind: "session" }, "bb", 1))).toEqual(["c"]);
      expect(await store.items.list({ kind: "session" }, "\u{1f600}", 9)).toEqual([]);
      expect(await store.items.list({ kind: "none" }, undefined, 9)).toEqual([]);
    });

    it.each([
      [{ org: "a" }, ["b", "c", "d"]],
      [{ org: "a", principal: "ada" }, ["c"]],
      [{ principal: "ada" }, ["c", "e"]],
      [{ owner: "o1" }, ["a", "b", "d", "e"]],
      [{ org: "a", owner: "o1" }, ["b", "d"]],
      [{ org: "a", principal: "bob", owner: "o1" }, ["d"]],
      [{ principal: "bob", owner: "o2" }, []],
      [{ owner: "o\0" }, []],
      [{ org: "\ud800" }, []],
    ])("has with %j only what fits every member", async (members, ids) => {
      const store = await filled();
      const filter = { kind: "session", ...members };
      expect(await idsOf(store.items.list(filter, undefined, 100))).toEqual(ids);
      expect(await idsOf(store.items.list(filter, ids[0], 100))).toEqual(ids.slice(1));
      expect(await idsOf(store.items.list(filter, undefined, 1))).toEqual(ids.slice(0, 1));
      expect(await store.items.write((tx) => tx.list(filter, undefined, 100).map(({ id }) => id))).toEqual(ids);
    });
  });
};

const writing = (make: MakeFixture): void => {
  describe("a write of items", () => {
    it("reads what is there and what it did before, and gives what its work gives", async () => {
      const store = opened(make);
      await putItems(store, item("a"), item("b"));
      const seen = await store.items.write((tx) => {
        const before = tx.find("session", "a");
        const done = [tx.delete("session", "a"), tx.delete("session", "a"), tx.put(item("c"))];
        return [before, done, tx.find("session", "a"), tx.list({ kind: "session" }, undefined, 9)];
      });
      expect(seen).toEqual([item("a"), [true, false, true], undefined, [item("b"), item("c")]]);
      expect(await store.items.list({ kind: "session" }, undefined, 9)).toEqual([item("b"), item("c")]);
    });

    it("leaves nothing when its work throws, and rejects with that", async () => {
      const store = opened(make);
      await putItems(store, item("a"), item("b"));
      const broken = new RangeError("no");
      const write = store.items.write((tx) => {
        tx.put(item("a", { value: { of: "another" } }));
        tx.put(item("a", { value: { of: "a third" } }));
        tx.delete("session", "b");
        tx.put(item("c"));
        tx.delete("session", "c");
        tx.put(item("d"));
        throw broken;
      });
      await expect(write).rejects.toBe(broken);
      expect(await store.items.list({ kind: "session" }, undefined, 9)).toEqual([item("a"), item("b")]);
    });

    it("does not run inside the call, and its transaction ends with it", async () => {
      const store = opened(make);
      let ran = 0;
      let kept: ItemTransaction | undefined;
      const write = store.items.write((tx) => {
        ran += 1;
        kept = tx;
      });
      expect(ran).toBe(0);
      await write;
      expect(ran).toBe(1);
      for (const use of [
        () => kept?.find("session", "a"),
        () => kept?.list({ kind: "session" }, undefined, 1),
        () => kept?.put(item("a")),
        () => kept?.delete("session", "a"),
      ]) {
        expect(use).toThrow(TypeError);
      }
      expect(await store.items.find("session", "a")).toBeUndefined();
    });

    it("refuses work that is asynchronous", async () => {
      const store = opened(make);
      const write = store.items.write(async (tx) => tx.put(item("a")));
      await expect(write).rejects.toThrow(TypeError);
      expect(await store.items.find("session", "a")).toBeUndefined();
    });
  });

  describe("a trim of items", () => {
    it("forgets those that expired, the oldest first, and no other", async () => {
      const store = opened(make);
      const kept = [item("a"), item("b", { expiresMs: 30 }), item("c", { expiresMs: 31 })];
      await putItems(store, ...kept, item("x", { expiresMs: 29 }), item("y", { expiresMs: -1 }), item("z", { expiresMs: 28 }));
      expect(await store.items.trim(30, 2)).toBe(2);
      expect(await idsOf(store.items.list({ kind: "session" }, undefined, 9))).toEqual(["a", "b", "c", "x"]);
      expect(await store.items.trim(30, 2)).toBe(1);
      expect(await store.items.trim(30, 2)).toBe(0);
      expect(await store.items.list({ kind: "session" }, undefined, 9)).toEqual(kept);
    });
  });
};

const BAD_NAMES: readonly (readonly [string, string])[] = [
  ["empty", ""],
  ["with NUL", "a\0b"],
  ["with a lone surrogate", "a\ud800"],
  ["too long", "x".repeat(513)],
  ["too long in characters of two units", "\u{1f600}".repeat(513)],
];

const refusing = (make: MakeFixture): void => {
  describe("what is no item", () => {
    it.each(BAD_NAMES)("is refused: a name %s", async (_, name) => {
      const store = opened(make);
      for (const bad of [item(name), item("x", { kind: name }), item("x", { owner: name })]) {
        await expect(putItems(store, item("before"), bad)).rejects.toThrow(TypeError);
      }
      expect(await store.items.list({ kind: "session" }, undefined, 9)).toEqual([]);
      // Whoever is asked by a stranger may be shown any text.
      expect(await store.items.find("session", name)).toBeUndefined();
      expect(await store.items.find(name, "x")).toBeUndefined();
      expect(await store.items.write((tx) => [tx.find("session", name) ?? "none", tx.delete("session", name)])).toEqual(["none", false]);
    });

    it("is not found by the nearest name that can be stored", async () => {
      const store = opened(make);
      await putItems(store, item("a\ufffd"), item("a"));
      expect(await store.items.find("session", "a\ud800")).toBeUndefined();
      expect(await store.items.find("session", "a\0")).toBeUndefined();
      expect(await store.items.list({ kind: "session", owner: "a\ud800" }, undefined, 9)).toEqual([]);
    });

    it("is refused: one of a principal without organization, of no time, of a value that JSON has not", async () => {
      const store = opened(make);
      const bad: readonly Item[] = [
        item("x", { principal: "ada" }),
        item("x", { org: "a\0" }),
        item("x", { org: "a", principal: "\ud800" }),
        item("x", { kind: "k".repeat(65) }),
        item("x", { expiresMs: 1.5 }),
        item("x", { expiresMs: Number.NaN }),
        item("x", { value: { a: Number.POSITIVE_INFINITY } }),
      ];
      for (const each of bad) await expect(putItems(store, each)).rejects.toThrow(TypeError);
    });

    it("is not what is just long enough", async () => {
      const store = opened(make);
      const longest = item("\u{1f600}".repeat(512), { kind: "k".repeat(64), owner: "x".repeat(512) });
      expect(await putItems(store, longest)).toEqual([true]);
      expect(await store.items.find(longest.kind, longest.id)).toEqual(longest);
    });

    it("makes no page of a list either", async () => {
      const store = opened(make);
      for (const max of [0, -1, 1.5]) await expect(store.items.list({ kind: "session" }, undefined, max)).rejects.toThrow(TypeError);
      await expect(store.items.list({ kind: "session" }, "\ud800", 1)).rejects.toThrow(TypeError);
    });
  });
};

const ending = (make: MakeFixture): void => {
  describe("the items of a principal", () => {
    const others = [
      item("2", { org: "a", principal: "bob" }),
      item("3", { org: "b", principal: "ada" }),
      item("4", { org: "a" }),
      item("5", { owner: "ada" }),
    ];
    it("end with its life, even when the id is made again in the same write, and nobody else's do", async () => {
      const store = opened(make);
      for (const org of ["a", "b"]) await create(store, org, [principal("ada"), principal("bob")]);
      await putItems(store, item("1", { org: "a", principal: "ada" }), item("1", { kind: "key", org: "a", principal: "ada" }), ...others);
      await put(store, "a", [principal("ada", { name: "Ada" })]);
      expect(await store.items.find("session", "1")).toBeDefined();
      await store.write("a", (tx) => {
        tx.delete("principal", ["ada"]);
        tx.put(principal("ada"));
        tx.audit(NOTE);
      });
      expect(await store.items.list({ kind: "session" }, undefined, 9)).toEqual(others);
      expect(await store.items.list({ kind: "key" }, undefined, 9)).toEqual([]);
    });

    it("stay where the write that would end it is refused", async () => {
      const store = opened(make);
      await create(store, "a", [principal("ada")]);
      await putItems(store, WHOLE);
      const write = store.write("a", (tx) => {
        tx.delete("principal", ["ada"]);
        tx.audit(NOTE);
        throw new RangeError("no");
      });
      await expect(write).rejects.toThrow(RangeError);
      expect(await store.items.find("person", WHOLE.id)).toEqual(WHOLE);
    });

    it("cannot be put before it lives or after it ended, nor those of an organization", async () => {
      const store = opened(make);
      await create(store, "a", [principal("bob"), { kind: "label", value: { id: "ada" } }]);
      await putItems(store, item("x"));
      expect(await putItems(store, item("x", { org: "a", principal: "ada" }), item("y", { org: "none" }), item("z", { org: "a" }))).toEqual(
        [false, false, true],
      );
      await remove(store, "a", { kind: "principal", key: ["bob"] });
      expect(await putItems(store, item("y", { org: "a", principal: "bob" }))).toEqual([false]);
      expect(await store.items.list({ kind: "session" }, undefined, 9)).toEqual([item("x"), item("z", { org: "a" })]);
    });
  });
};

const sharing = (make: MakeFixture): void => {
  describe("writes of items beside others", () => {
    it("run in the order of the calls, among those of organizations, and one that throws takes nothing of the others", async () => {
      const store = opened(make);
      await create(store, "a", [principal("ada")]);
      const outcomes = await Promise.allSettled([
        putItems(store, item("1", { org: "a", principal: "ada" })),
        store.items.write((tx) => {
          tx.delete("session", "1");
          throw new RangeError("no");
        }),
        remove(store, "a", { kind: "principal", key: ["ada"] }),
        putItems(store, item("2", { org: "a", principal: "ada" }), item("3")),
        put(store, "a", [principal("ada")]),
        putItems(store, item("4", { org: "a", principal: "ada" })),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", ...Array(4).fill("fulfilled")]);
      expect(await idsOf(store.items.list({ kind: "session" }, undefined, 9))).toEqual(["3", "4"]);
    });

    it("lose no increment, of three hundred at once", async () => {
      const store = opened(make);
      await putItems(store, item("n", { value: { n: 0 } }));
      const next = (): Promise<number> =>
        store.items.write((tx) => {
          const n = (tx.find("session", "n")?.value["n"] as number) + 1;
          tx.put(item("n", { value: { n } }));
          return n;
        });
      const counted = await Promise.all(Array.from({ length: 300 }, next));
      expect(counted).toEqual(Array.from({ length: 300 }, (_, at) => at + 1));
      expect((await store.items.find("session", "n"))?.value).toEqual({ n: 300 });
    });

    it("are there for a read as soon as they are acknowledged", async () => {
      const store = opened(make);
      for (let n = 0; n < 20; n += 1) {
        await putItems(store, item(`${n}`));
        expect(await store.items.find("session", `${n}`)).toEqual(item(`${n}`));
      }
    });
  });
};
