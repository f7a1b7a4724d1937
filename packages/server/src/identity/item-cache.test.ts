/** Items kept in memory: found without the store, absent ones too, and forgotten at whatever may change one. */
import { describe, expect, it } from "vitest";
import type { Items } from "../store/index.ts";
import { memoryStore } from "../store/memory/memory-store.ts";
import { cachedItems } from "./item-cache.ts";

const NOTE = { actor: { type: "user", id: "ada" }, action: "test", target: "/", requestId: "r" };
const OF = { org: "acme", principal: "bot" };
const item = (id: string) => ({ kind: "client", id, ...OF, value: {} });

/** A store that counts what is looked up; `failing`: its writes are done, and said to have failed. */
async function counting() {
  const store = memoryStore();
  await store.create("acme", (tx) => {
    for (const id of ["bot", "other"]) tx.put({ kind: "principal", value: { id, type: "service-account", active: true } });
    tx.audit(NOTE);
  });
  let found = 0;
  let isFailing = false;
  const items: Items = {
    find: (kind, id) => {
      found++;
      return store.items.find(kind, id);
    },
    list: (filter, after, max) => store.items.list(filter, after, max),
    write: async (work) => {
      const value = await store.items.write(work);
      if (isFailing) throw new Error("no answer");
      return value;
    },
    trim: (beforeMs, max) => store.items.trim(beforeMs, max),
  };
  const cache = cachedItems({ items, subscribe: (wake) => store.subscribe(wake) });
  const fail = (is: boolean): void => {
    isFailing = is;
  };
  return { store, cache, looked: () => found, fail };
}

describe("items kept in memory", () => {
  it("are looked up once, and then known at once; those that are not there too", async () => {
    const { cache, looked } = await counting();
    await cache.write((tx) => tx.put(item("a")));
    expect([await cache.known("client", "a"), await cache.known("client", "b")]).toEqual([item("a"), undefined]);
    expect([cache.known("client", "a"), cache.known("client", "b")]).toEqual([item("a"), undefined]);
    expect(looked()).toBe(2);
    await cache.find("client", "a");
    expect(looked()).toBe(3);
  });

  it("are what they are after a write, also one that came while they were looked up", async () => {
    const { cache } = await counting();
    expect(await cache.known("client", "a")).toBeUndefined();
    const early = cache.known("client", "b");
    await cache.write((tx) => tx.put(item("a")) && tx.put(item("b")));
    await early;
    expect([await cache.known("client", "a"), await cache.known("client", "b")]).toEqual([item("a"), item("b")]);
    await cache.write((tx) => tx.delete("client", "a"));
    expect(await cache.known("client", "a")).toBeUndefined();
  });

  it("end with the life of their principal", async () => {
    const { store, cache } = await counting();
    await cache.write((tx) => tx.put(item("a")));
    expect(await cache.known("client", "a")).toEqual(item("a"));
    await store.write("acme", (tx) => {
      tx.delete("principal", ["bot"]);
      tx.audit(NOTE);
    });
    expect(await cache.known("client", "a")).toBeUndefined();
  });

  it("are not kept after a write that failed, which may be done yet, until another has succeeded", async () => {
    const { cache, looked, fail } = await counting();
    expect(await cache.known("client", "a")).toBeUndefined();
    fail(true);
    await expect(cache.write((tx) => tx.put(item("a")))).rejects.toThrow("no answer");
    const before = looked();
    for (let n = 0; n < 3; n++) expect(await cache.known("client", "a")).toEqual(item("a"));
    expect(looked()).toBe(before + 3);
    fail(false);
    await cache.write((tx) => tx.put(item("b")));
    for (let n = 0; n < 3; n++) expect(await cache.known("client", "a")).toEqual(item("a"));
    expect(looked()).toBe(before + 4);
  });

  it("of another name are believed by nobody", async () => {
    const { store } = await counting();
    const items = { ...store.items, find: async () => item("other") } as Items;
    const cache = cachedItems({ items, subscribe: () => () => undefined });
    await expect(cache.known("client", "a")).rejects.toThrow("another item");
  });
});
