/** Writes: all or nothing, one revision each, and none for what alters nothing. */
import type { Rec } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { create, grant, label, type MakeFixture, NOTE, opened, principal, put, recordsOf, snapshot } from "./fixture.ts";

export const writeConformance = (make: MakeFixture): void => {
  creation(make);
  revisions(make);
  alteringNothing(make);
};

const creation = (make: MakeFixture): void => {
  describe("creating an organization", () => {
    it("is revision 1 of an epoch of its own", async () => {
      const store = opened(make);
      const a = await create(store, "a", [label("core/x")]);
      const b = await create(store, "b");
      expect(a).toMatchObject({ head: { revision: 1 }, applied: 1 });
      expect(b).toMatchObject({ head: { revision: 1 }, applied: 0 });
      expect(a.head.epoch).toMatch(/^[\w-]{8,}$/);
      expect(a.head.epoch).not.toBe(b.head.epoch);
      expect(await snapshot(store, "a")).toEqual({ head: a.head, records: [label("core/x")] });
      expect(await snapshot(store, "b")).toEqual({ head: b.head, records: [] });
    });

    it("is refused as a value when it exists, and nothing changes", async () => {
      const store = opened(make);
      const first = await create(store, "a", [label("core/x")]);
      let ran = false;
      const again = await store.create("a", () => {
        ran = true;
      });
      expect(again).toEqual({ ok: false, error: { code: "organization_exists" } });
      expect(ran).toBe(false);
      expect(await snapshot(store, "a")).toEqual({ head: first.head, records: [label("core/x")] });
    });

    it("leaves no organization when its work throws", async () => {
      const store = opened(make);
      const failing = store.create("a", (tx) => {
        tx.put(label("core/x"));
        throw new RangeError("no");
      });
      await expect(failing).rejects.toThrow(RangeError);
      expect(await snapshot(store, "a")).toBeUndefined();
      expect((await store.organizations(undefined, 10)).ids).toEqual([]);
      await expect(put(store, "a", [label("core/x")])).rejects.toMatchObject({ code: "organization_unknown" });
    });

    it("succeeds for one of two at once", async () => {
      const store = opened(make);
      const work = (tx: { audit(note: typeof NOTE): void }) => tx.audit(NOTE);
      const both = await Promise.all([store.create("a", work), store.create("a", work)]);
      expect(both.map(({ ok }) => ok)).toEqual([true, false]);
    });

    it.each(["", "a\0b", "\ud800"])("refuses the id %j", async (org) => {
      await expect(opened(make).create(org, () => {})).rejects.toThrow(TypeError);
    });
  });
};

const revisions = (make: MakeFixture): void => {
  describe("a write", () => {
    it("takes one revision however much it alters", async () => {
      const store = opened(make);
      const { head } = await create(store, "a", [label("core/x")]);
      const write = await store.write("a", (tx) => {
        expect(tx.head).toEqual(head);
        tx.put(principal("ada"));
        tx.put(grant());
        tx.delete("label", ["core/x"]);
        tx.audit(NOTE);
        return "value";
      });
      expect(write).toMatchObject({ value: "value", head: { revision: 2, epoch: head.epoch }, applied: 3 });
      expect(await snapshot(store, "a")).toEqual({ head: write.head, records: [grant(), principal("ada")] });
    });

    it("puts the whole object", async () => {
      const store = opened(make);
      await create(store, "a", [principal("ada", { name: "Ada", properties: { a: 1 } })]);
      await put(store, "a", [principal("ada", { active: false })]);
      expect(await recordsOf(store, "a")).toEqual([principal("ada", { active: false })]);
    });

    it("lets the last of several requests about an object win", async () => {
      const store = opened(make);
      await create(store, "a");
      const { applied } = await put(store, "a", [label("core/x", "1"), label("core/x", "2"), label("core/x", "2")]);
      expect(applied).toBe(2);
      expect(await recordsOf(store, "a")).toEqual([label("core/x", "2")]);
    });

    it("keeps its own copy of what it was given", async () => {
      const store = opened(make);
      const properties = { list: [1, 2] };
      await create(store, "a", [principal("ada", { properties })]);
      properties.list.push(3);
      const [first] = await recordsOf(store, "a");
      (first as unknown as { value: { properties: typeof properties } }).value.properties.list.push(4);
      expect(await recordsOf(store, "a")).toEqual([principal("ada", { properties: { list: [1, 2] } })]);
    });
  });
};

const STORED = [grant({ givenBy: "root", givenAt: 1 }), label("core/x", "X")];

const alteringNothing = (make: MakeFixture): void => {
  describe("a write that alters nothing", () => {
    const cases: [string, Rec[], string[]][] = [
      ["puts what is there", [label("core/x", "X")], []],
      ["puts a grant again, given by another and later", [grant({ givenBy: "eve", givenAt: 2 })], []],
      ["deletes what is not there", [], ["core/none"]],
      ["puts something new and deletes it", [label("core/new")], ["core/new"]],
      ["changes something and changes it back", [label("core/x", "Y"), label("core/x", "X")], []],
      ["asks for nothing", [], []],
    ];

    it.each(cases)("writes nothing when it %s", async (_, puts, deletes) => {
      const store = opened(make);
      const { head } = await create(store, "a", STORED);
      await new Promise(setImmediate);
      const woken: string[] = [];
      store.subscribe((org) => woken.push(org));
      const write = await store.write("a", (tx) => {
        for (const rec of puts) tx.put(rec);
        for (const id of deletes) tx.delete("label", [id]);
        tx.audit(NOTE);
        return 7;
      });
      expect(write).toEqual({ value: 7, head, applied: 0 });
      expect(await snapshot(store, "a")).toEqual({ head, records: STORED });
      expect((await store.auditPage("a", undefined, 10)).events).toHaveLength(1);
      expect(await store.changes("a", head, 10)).toEqual({ kind: "changes", head, sets: [] });
      await new Promise(setImmediate);
      expect(woken).toEqual([]);
    });

    it("drops only the requests that alter nothing when others do", async () => {
      const store = opened(make);
      const { head } = await create(store, "a", STORED);
      const write = await put(store, "a", [label("core/x", "X"), label("core/y"), grant({ givenBy: "eve" })]);
      expect(write.applied).toBe(1);
      const batch = await store.changes("a", head, 10);
      expect(batch).toMatchObject({ sets: [{ revision: 2, id: write.changeSet, changes: [{ put: label("core/y") }] }] });
    });
  });
};
