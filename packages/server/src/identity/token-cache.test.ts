/** Tokens kept in memory: found without the store, and forgotten at whatever may change one. */
import { describe, expect, it } from "vitest";
import type { Token, Tokens } from "../store/index.ts";
import { memoryStore } from "../store/memory/memory-store.ts";
import { hashToken } from "./secrets.ts";
import { cachedTokens } from "./token-cache.ts";

const HASH = new Uint8Array(hashToken("reeve_a-secret"));
const token = (more: Partial<Token> = {}): Token => ({ hash: HASH, kind: "administrator", ceiling: "admin", createdMs: 1, ...more });

/** A store that counts what is looked up. */
async function counting() {
  const store = memoryStore();
  await store.tokens.put(token());
  let found = 0;
  const tokens: Tokens = {
    find: (hash) => {
      found++;
      return store.tokens.find(hash);
    },
    put: (one, replaced) => store.tokens.put(one, replaced),
    list: (filter, after, max) => store.tokens.list(filter, after, max),
    delete: (hash) => store.tokens.delete(hash),
    used: (hash, atMs) => store.tokens.used(hash, atMs),
  };
  const cache = cachedTokens({ tokens, subscribe: (wake) => store.subscribe(wake) });
  return { store, cache, looked: () => found };
}

describe("tokens kept in memory", () => {
  it("are looked up once, and then found at once", async () => {
    const { cache, looked } = await counting();
    expect(await cache.find(HASH)).toEqual(token());
    expect(cache.find(HASH)).toEqual(token());
    expect(looked()).toBe(1);
  });

  it("do not remember that there is none", async () => {
    const { cache, store, looked } = await counting();
    const other = hashToken("reeve_another");
    expect(await cache.find(other)).toBeUndefined();
    await store.tokens.put(token({ hash: other }));
    expect(await cache.find(other)).toBeDefined();
    expect(looked()).toBe(2);
  });

  it("are forgotten when one is deleted or put, before whoever did it is told", async () => {
    const { cache } = await counting();
    await cache.find(HASH);
    await cache.delete(HASH);
    expect(await cache.find(HASH)).toBeUndefined();
    await cache.put(token({ name: "first" }));
    await cache.find(HASH);
    await cache.put(token({ name: "second" }));
    expect(await cache.find(HASH)).toMatchObject({ name: "second" });
  });

  it("are forgotten when an organization changes, since a token ends with its principal", async () => {
    const { cache, store } = await counting();
    const note = { actor: { type: "user", id: "ann" }, action: "test", target: "acme", requestId: "1" };
    await store.create("acme", (tx) => {
      tx.put({ kind: "principal", value: { id: "bot", type: "service-account", active: true } });
      tx.audit(note);
    });
    const bot = hashToken("reeve_of-the-bot");
    await cache.put(token({ hash: bot, kind: "principal", org: "acme", principal: "bot" }));
    expect(await cache.find(bot)).toBeDefined();
    await store.write("acme", (tx) => {
      tx.delete("principal", ["bot"]);
      tx.audit(note);
    });
    expect(await cache.find(bot)).toBeUndefined();
  });

  it("are not kept when something changed while they were being read", async () => {
    const { cache } = await counting();
    const reading = cache.find(HASH);
    await cache.delete(HASH);
    await reading;
    expect(await cache.find(HASH)).toBeUndefined();
  });
});
