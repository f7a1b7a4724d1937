/** Removing an organization: nothing of it is left, nobody else's is touched, and one that is made again is another. */
import { describe, expect, it } from "vitest";
import type { Item, Store, Token } from "../index.ts";
import { create, label, type MakeFixture, NOTE, opened, openedFixture, principal, put, remove, snapshot } from "./fixture.ts";

const TOKENS: readonly Token[] = [
  { hash: new Uint8Array(32).fill(1), kind: "principal", org: "a", principal: "ada", createdMs: 1 },
  { hash: new Uint8Array(32).fill(2), kind: "key", org: "a", createdMs: 1 },
  { hash: new Uint8Array(32).fill(3), kind: "principal", org: "b", principal: "ada", createdMs: 1 },
  { hash: new Uint8Array(32).fill(4), kind: "administrator", createdMs: 1 },
];
const ITEMS: readonly Item[] = [
  { kind: "client", id: "1", org: "a", principal: "ada", value: {} },
  { kind: "client", id: "2", org: "a", value: {} },
  { kind: "client", id: "3", org: "b", principal: "ada", value: {} },
  { kind: "client", id: "4", owner: "a", value: {} },
];
const CLOSING = { ...NOTE, action: "organization.remove", reason: "closed" };
const KEY = new Uint8Array(32).fill(9);

const headOf = async (store: Store, org: string) => (await store.heads([org])).get(org) ?? { revision: 0, epoch: "" };

/** Two organizations with something in every place. */
const filled = async (store: Store): Promise<void> => {
  for (const org of ["a", "b"]) {
    await create(store, org, [principal("ada", { name: "Ada" }), label("core/x")]);
    await put(store, org, [label("core/x", "new")]);
    await store.write(org, (tx) => {
      tx.once(KEY, KEY);
      tx.delete("label", ["core/x"]);
      tx.audit(NOTE);
    });
  }
  for (const token of TOKENS) await store.tokens.put(token);
  await store.items.write((tx) => ITEMS.map((item) => tx.put(item)));
};

export const removalConformance = (make: MakeFixture): void => {
  leaving(make);
  refusing(make);
};

const expectGone = async (store: Store, org: string): Promise<void> => {
  expect(await snapshot(store, org)).toBeUndefined();
  expect([...(await store.heads([org]))]).toEqual([]);
  expect((await store.organizations(undefined, 9)).ids).not.toContain(org);
  expect(await store.read(org, "principal", ["ada"])).toBeUndefined();
  expect(await store.list(org, { kind: "principal", filter: {}, sort: "key", max: 9 })).toBeUndefined();
  expect(await store.changeSets(org, undefined, 9)).toBeUndefined();
  expect(await store.changeSet(org, { revision: 1 })).toBeUndefined();
  expect(await store.history(org, { kind: "label", key: ["core/x"] }, { max: 9 })).toEqual([]);
  expect((await store.auditPage(org, undefined, 9)).events).toEqual([]);
  expect(await store.verifyAudit(org)).toMatchObject({ ok: true, events: 0 });
};

const leaving = (make: MakeFixture): void => {
  describe("an organization that is removed", () => {
    it("leaves nothing, ends its tokens and items, and touches nobody else's", async () => {
      const { store, fixture } = openedFixture(make);
      await filled(store);
      const before = [await snapshot(store, "b"), await store.auditPage("b", undefined, 9)];
      const closing = await store.remove("a", await headOf(store, "a"), CLOSING);
      expect(closing).toMatchObject({ ...CLOSING, seq: 4, changes: [] });
      await expectGone(store, "a");
      expect(await store.tokens.list({}, undefined, 9)).toEqual(TOKENS.slice(2));
      expect(await store.items.list({ kind: "client" }, undefined, 9)).toEqual(ITEMS.slice(2));
      expect([await snapshot(store, "b"), await store.auditPage("b", undefined, 9)]).toEqual(before);
      expect(await store.verifyAudit("b")).toMatchObject({ ok: true, events: 3 });
      await store.close();
      const again = fixture.open();
      await expectGone(again, "a");
      expect(await again.verifyAudit("b")).toMatchObject({ ok: true, events: 3 });
      await again.close();
    });

    it("is told of to whoever follows, and its changes lead nowhere", async () => {
      const store = opened(make);
      await filled(store);
      const head = await headOf(store, "a");
      const woken: string[] = [];
      store.subscribe((org) => woken.push(org));
      await store.remove("a", head, CLOSING);
      expect(woken).toEqual(["a"]);
      expect(await store.changes("a", head, 9)).toEqual({ kind: "reload" });
      expect(await store.changes("a", { ...head, revision: 0 }, 9)).toEqual({ kind: "reload" });
    });

    it("can be made again and is another: a new epoch, new lives, no history, no key that was used", async () => {
      const store = opened(make);
      await filled(store);
      const head = await headOf(store, "a");
      await store.remove("a", head, CLOSING);
      const again = await create(store, "a", [principal("ada", { name: "Another" })]);
      expect(again.head).toEqual({ revision: 1, epoch: expect.not.stringMatching(head.epoch) });
      expect(await store.changes("a", head, 9)).toEqual({ kind: "reload" });
      expect(await store.read("a", "principal", ["ada"])).toMatchObject({ object: { life: 1, revision: 1 } });
      expect(await store.history("a", { kind: "principal", key: ["ada"] }, { max: 9 })).toHaveLength(1);
      expect(await store.history("a", { kind: "label", key: ["core/x"] }, { max: 9 })).toEqual([]);
      expect(await store.tokens.list({ org: "a" }, undefined, 9)).toEqual([]);
      expect(await store.items.list({ kind: "client", org: "a" }, undefined, 9)).toEqual([]);
      const written = await store.write("a", (tx) => {
        tx.once(KEY, new Uint8Array(32));
        tx.expect("label", ["core/x"], null);
        tx.put(label("core/x"));
        tx.audit(NOTE);
      });
      expect(written).toMatchObject({ applied: 1, head: { revision: 2 } });
      expect(await store.verifyAudit("a")).toMatchObject({ ok: true, events: 2 });
    });
  });
};

const refusing = (make: MakeFixture): void => {
  describe("the removal of an organization", () => {
    it("is not done where it moved on, or is another", async () => {
      const store = opened(make);
      await filled(store);
      const head = await headOf(store, "a");
      const before = await snapshot(store, "a");
      for (const other of [
        { ...head, revision: head.revision - 1 },
        { ...head, revision: head.revision + 1 },
        { ...head, epoch: "x" },
      ]) {
        expect(await store.remove("a", other, CLOSING)).toBeUndefined();
      }
      expect(await snapshot(store, "a")).toEqual(before);
      expect(await store.tokens.list({ org: "a" }, undefined, 9)).toEqual(TOKENS.slice(0, 2));
      expect(await store.verifyAudit("a")).toMatchObject({ ok: true, events: 3 });
      await expect(store.remove("none", head, CLOSING)).rejects.toMatchObject({ code: "organization_unknown" });
    });

    it("stands in line with writes: those before are kept no more, those behind find none", async () => {
      const store = opened(make);
      await create(store, "a", [principal("ada")]);
      const head = await headOf(store, "a");
      const outcomes = await Promise.allSettled([
        put(store, "a", [label("core/y")]),
        store.remove("a", { ...head, revision: 2 }, CLOSING),
        remove(store, "a", { kind: "principal", key: ["ada"] }),
        store.items.write((tx) => tx.put({ kind: "client", id: "1", org: "a", value: {} })),
        create(store, "a", [label("core/z")]),
        store.remove("a", { ...head, revision: 1 }, CLOSING),
      ]);
      expect(outcomes).toMatchObject([
        { status: "fulfilled" },
        { status: "fulfilled", value: { action: CLOSING.action } },
        { status: "rejected", reason: { code: "organization_unknown" } },
        { status: "fulfilled", value: false },
        { status: "fulfilled", value: { head: { revision: 1 } } },
        { status: "fulfilled", value: undefined },
      ]);
      expect((await snapshot(store, "a"))?.records).toEqual([label("core/z")]);
    });
  });
};
