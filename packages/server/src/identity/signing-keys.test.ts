/** Signing keys: made at first use, published before they sign and after, and never two for one time. */
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { memoryStore } from "../store/memory/memory-store.ts";
import { signingKeys } from "./signing-keys.ts";

const DAY_MS = 86_400_000;
const START_MS = 1_800_000_000_000;

function world() {
  const store = memoryStore();
  let nowMs = START_MS;
  const keysOf = () => signingKeys({ items: store.items, clock: () => nowMs });
  const kids = async (keys = keysOf()) => (await keys.jwks()).keys.map(({ kid }) => kid).sort();
  return {
    store,
    keysOf,
    keys: keysOf(),
    kids,
    at: (days: number) => {
      nowMs = START_MS + days * DAY_MS;
    },
  };
}

describe("signing keys", () => {
  it("are made at first use, once, however many ask at once", async () => {
    const { store, keysOf } = world();
    const [one, other] = [keysOf(), keysOf()];
    const current = await Promise.all([one.current(), one.current(), one.jwks(), other.current()]);
    expect(new Set([current[0].kid, current[1].kid, current[2].keys[0]?.kid, current[3].kid]).size).toBe(1);
    expect(await store.items.list({ kind: "signing-key" }, undefined, 10)).toHaveLength(1);
  });

  it("stay the same after a restart", async () => {
    const { keys, keysOf, kids } = world();
    const { kid } = await keys.current();
    expect((await keysOf().current()).kid).toBe(kid);
    expect(await kids()).toEqual([kid]);
  });

  it("publish their public halves and nothing else", async () => {
    const { keys, store } = world();
    const { kid } = await keys.current();
    const published = await keys.jwks();
    const text = expect.stringMatching(/^[\w-]{43}$/);
    expect(published).toEqual({ keys: [{ kty: "EC", crv: "P-256", x: text, y: text, kid, use: "sig", alg: "ES256" }] });
    const [item] = await store.items.list({ kind: "signing-key" }, undefined, 10);
    const { d = "" } = (item?.value.privateJwk ?? {}) as { readonly d?: string };
    expect(d).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(published)).not.toContain(d);
  });

  it("sign for 30 days; the next one is published the day before, the old one until its last token has expired", async () => {
    const { keys, kids, at } = world();
    const first = (await keys.current()).kid;
    at(28.99);
    expect(await kids(keys)).toEqual([first]);
    at(29);
    const both = await kids(keys);
    expect(both).toHaveLength(2);
    expect((await keys.current()).kid).toBe(first);
    at(29.99);
    expect((await keys.current()).kid).toBe(first);
    at(30);
    const second = (await keys.current()).kid;
    expect(both).toEqual([first, second].sort());
    at(30.99);
    expect([(await keys.find(first))?.kid, keys.isPublished(first)]).toEqual([first, true]);
    at(31);
    expect([await keys.find(first), keys.isPublished(first), await kids(keys)]).toEqual([undefined, false, [second]]);
  });

  it("are made anew after a long sleep, and never signed with when they are over", async () => {
    const { keys, kids, at } = world();
    const first = (await keys.current()).kid;
    at(200);
    const second = (await keys.current()).kid;
    expect(second).not.toBe(first);
    expect(await kids(keys)).toEqual([second]);
  });

  it("that another process made are found, and forged names do not ask the store each time", async () => {
    const { store, keys, keysOf, at } = world();
    let read = 0;
    const counting = {
      ...store.items,
      list: (...asked: Parameters<typeof store.items.list>) => {
        read++;
        return store.items.list(...asked);
      },
    };
    let nowMs = START_MS;
    const other = signingKeys({ items: { ...counting, write: (work) => store.items.write(work) }, clock: () => nowMs });
    expect(await other.find("none")).toBeUndefined();
    const { kid } = await keys.current();
    for (let n = 0; n < 50; n++) expect(await other.find(`none${n}`)).toBeUndefined();
    expect(read).toBe(1);
    nowMs += 5_000;
    expect((await other.find(kid))?.kid).toBe(kid);
    expect(read).toBe(2);
    at(0);
    expect((await keysOf().find(kid))?.kid).toBe(kid);
  });

  it("do not take what is no key of ours for one", async () => {
    const { store, keys } = world();
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    const privateJwk = privateKey.export({ format: "jwk" }) as Record<string, string>;
    const value = { createdMs: START_MS, signsFromMs: START_MS, privateJwk };
    await store.items.write((tx) => tx.put({ kind: "signing-key", id: "odd", expiresMs: START_MS + DAY_MS, value }));
    await expect(keys.current().then(({ kid }) => kid)).rejects.toThrow();
  });
});
