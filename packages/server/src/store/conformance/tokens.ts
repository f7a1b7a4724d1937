/** Tokens: found by hash and by nothing else, and ended with the principal that they stand for. */
import { describe, expect, it } from "vitest";
import type { Token } from "../index.ts";
import { create, type MakeFixture, NOTE, opened, openedFixture, principal, remove } from "./fixture.ts";

const hash = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const token = (n: number, more: Partial<Token> = {}): Token => ({ hash: hash(n), kind: "user", createdMs: n, ...more });

export const tokenConformance = (make: MakeFixture): void => {
  keeping(make);
  refusing(make);
  ending(make);
};

const keeping = (make: MakeFixture): void => {
  describe("tokens", () => {
    it("are found as they were put, and by the whole hash only", async () => {
      const store = opened(make);
      const whole: Token = {
        ...token(1),
        org: "a",
        principal: "ada",
        clientId: "cli",
        ceiling: { actions: ["read"] },
        name: "CI",
        expiresMs: 5,
        lastUsedMs: 3,
      };
      await create(store, "a", [principal("ada")]);
      expect(await store.tokens.put(whole)).toBe(true);
      await store.tokens.put(token(2, { kind: "administrator" }));
      expect(await store.tokens.find(hash(1))).toEqual(whole);
      expect(await store.tokens.find(hash(2))).toEqual(token(2, { kind: "administrator" }));
      expect(await store.tokens.find(hash(3))).toBeUndefined();
      expect(await store.tokens.find(hash(1).slice(1))).toBeUndefined();
    });

    it("outlive the store", async () => {
      const { store, fixture } = openedFixture(make);
      await store.tokens.put(token(1));
      await store.close();
      const again = fixture.open();
      expect(await again.tokens.find(hash(1))).toEqual(token(1));
      await again.close();
    });

    it("replace others in one step", async () => {
      const store = opened(make);
      await store.tokens.put(token(1, { kind: "administrator" }));
      await store.tokens.put(token(2, { kind: "administrator" }), [hash(1), hash(9)]);
      expect(await store.tokens.list({ kind: "administrator" }, undefined, 10)).toEqual([token(2, { kind: "administrator" })]);
    });

    it("are listed by pages, filtered by kind, organization and principal", async () => {
      const store = opened(make);
      const all = [
        token(1, { kind: "administrator" }),
        token(2, { org: "a", principal: "ada" }),
        token(3, { org: "a", principal: "bob" }),
        token(4, { org: "b", principal: "ada" }),
        token(200, { org: "a", principal: "ada", kind: "key" }),
      ];
      for (const org of ["a", "b"]) await create(store, org, [principal("ada"), principal("bob")]);
      for (const each of all.toReversed()) await store.tokens.put(each);
      expect(await store.tokens.list({}, undefined, 10)).toEqual(all);
      expect(await store.tokens.list({}, hash(2), 2)).toEqual(all.slice(2, 4));
      expect(await store.tokens.list({ org: "a" }, undefined, 10)).toEqual([all[1], all[2], all[4]]);
      expect(await store.tokens.list({ org: "a", principal: "ada", kind: "key" }, undefined, 10)).toEqual([all[4]]);
    });

    it("can be deleted once", async () => {
      const store = opened(make);
      await store.tokens.put(token(1));
      expect(await store.tokens.delete(hash(1))).toBe(true);
      expect(await store.tokens.delete(hash(1))).toBe(false);
      expect(await store.tokens.find(hash(1))).toBeUndefined();
    });

    it("remember their latest use", async () => {
      const store = opened(make);
      await store.tokens.put(token(1));
      await store.tokens.used(hash(1), 20);
      await store.tokens.used(hash(1), 10);
      await store.tokens.used(hash(2), 10);
      expect(await store.tokens.find(hash(1))).toEqual(token(1, { lastUsedMs: 20 }));
    });
  });
};

const refusing = (make: MakeFixture): void => {
  describe("tokens", () => {
    it.each([
      ["kind", { kind: "a\0" }],
      ["org", { org: "\ud800" }],
      ["principal", { org: "a", principal: "\udc00b" }],
      ["clientId", { clientId: "a\0b" }],
      ["name", { name: "\ud800" }],
    ])("are refused with a %s that no database holds as it is, and nothing is replaced", async (member, more) => {
      const store = opened(make);
      await create(store, "a", [principal("ada")]);
      await store.tokens.put(token(1));
      await expect(store.tokens.put(token(2, more), [hash(1)])).rejects.toThrow(
        new TypeError(`the ${member} of a token is text without NUL and lone surrogates`),
      );
      expect(await store.tokens.list({}, undefined, 10)).toEqual([token(1)]);
    });
  });
};

const ending = (make: MakeFixture): void => {
  describe("the tokens of a principal", () => {
    it("end with its life, even when the id is made again in the same write, and nobody else's do", async () => {
      const store = opened(make);
      for (const org of ["a", "b"]) await create(store, org, [principal("ada"), principal("bob")]);
      const others = [token(2, { org: "a", principal: "bob" }), token(3, { org: "b", principal: "ada" }), token(4, { org: "a" }), token(5)];
      for (const each of [token(1, { org: "a", principal: "ada" }), ...others]) await store.tokens.put(each);
      await store.write("a", (tx) => {
        tx.delete("principal", ["ada"]);
        tx.put(principal("ada"));
        tx.audit(NOTE);
      });
      expect(await store.tokens.list({}, undefined, 10)).toEqual(others);
      await remove(store, "a", { kind: "principal", key: ["bob"] });
      expect(await store.tokens.list({}, undefined, 10)).toEqual(others.slice(1));
    });

    it("cannot be put before it lives or after it ended", async () => {
      const store = opened(make);
      await create(store, "a", [principal("bob"), { kind: "label", value: { id: "ada" } }]);
      await store.tokens.put(token(1));
      expect(await store.tokens.put(token(2, { org: "a", principal: "ada" }), [hash(1)])).toBe(false);
      await remove(store, "a", { kind: "principal", key: ["bob"] });
      expect(await store.tokens.put(token(3, { org: "a", principal: "bob" }))).toBe(false);
      expect(await store.tokens.put(token(4, { org: "none", principal: "bob" }))).toBe(false);
      expect(await store.tokens.list({}, undefined, 10)).toEqual([token(1)]);
    });
  });
};
