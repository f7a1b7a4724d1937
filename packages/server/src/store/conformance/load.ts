/** Reading: whole organizations by pages of one snapshot, ids byte for byte, heads and the list of organizations. */
import type { Rec } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { create, grant, label, type MakeFixture, NOTE, opened, principal, put, recordsOf, remove, snapshot } from "./fixture.ts";

export const loadConformance = (make: MakeFixture): void => {
  loading(make);
  identity(make);
  organizations(make);
};

const EVERY_KIND: readonly Rec[] = [
  { kind: "resource", value: { path: "/a/1", labels: ["core/x"], properties: JSON.parse('{"__proto__":{"x":1},"constructor":1}') } },
  { kind: "assignment", value: { role: "r", principal: "p", notBefore: 1, notAfter: 8_640_000_000_000_000 } },
  { kind: "developer-access", value: { role: "r", principal: "p" } },
  { kind: "developer-project", value: { id: "d", name: "D", product: "x", roles: ["r"], serviceAccount: "s" } },
  grant({ givenBy: "root", givenAt: 5 }),
  grant({ resource: "/spaces/b" }),
  grant({ resource: "/spaces/c", access: "RWX", reach: "children", notAfter: 9 }),
  { kind: "label", value: { id: "core/x" } },
  { kind: "link", value: { from: "/a/1", linkKind: "uses", to: "/a/2" } },
  { kind: "membership", value: { group: "g", member: "p" } },
  {
    kind: "operation",
    value: { product: "x", id: "o", method: "GET", path: "/p", names: ["n"], target: "/", alternatives: [{ anyRole: true }] },
  },
  { kind: "operation-rule", value: { product: "x", operation: "o", alternatives: [] } },
  { kind: "organization", value: { name: "A", tenantIds: ["1"] } },
  { kind: "permission-set", value: { product: "x", id: "s", name: "S", pairs: [{ type: "t", actions: ["read"] }] } },
  { kind: "policy", value: { id: "p", name: "P", status: "active", sandboxes: "all", rules: [] } },
  {
    kind: "principal",
    value: { id: "p", type: "user", active: true, properties: { "": null, n: 1.5e300, nested: [[{ b: 1, a: "\u2028\ud800" }]] } },
  },
  { kind: "product", value: { id: "x", boundedBy: "none", settings: {}, types: { t: { open: true, actions: { read: ["R"] } } } } },
  { kind: "product-administrator", value: { product: "x", principal: "p" } },
  { kind: "role", value: { product: "x", id: "r", name: "R", type: "user-defined", sets: [] } },
  { kind: "setting", value: { product: "x", name: "s", value: true } },
];

const loading = (make: MakeFixture): void => {
  describe("loading", () => {
    it("gives back every kind as it was put, resources first, by kind and key", async () => {
      const store = opened(make);
      await create(store, "a", EVERY_KIND.toReversed());
      expect(await recordsOf(store, "a")).toEqual(EVERY_KIND);
      const [resource] = (await recordsOf(store, "a")).filter(({ kind }) => kind === "resource");
      expect(JSON.stringify(resource)).toContain('"properties":{"__proto__":{"x":1},"constructor":1}');
    });

    it("gives pages of at most 5,000 records, all with the head of one snapshot", async () => {
      const store = opened(make);
      const { head } = await create(
        store,
        "a",
        Array.from({ length: 10_001 }, (_, n) => label(`core/${`${n}`.padStart(5, "0")}`)),
      );
      const sizes: number[] = [];
      const ids: string[] = [];
      const totals: (number | undefined)[] = [];
      for await (const page of store.load("a")) {
        sizes.push(page.records.length);
        totals.push(page.total);
        for (const rec of page.records) if (rec.kind === "label") ids.push(rec.value.id);
        expect(page.head).toEqual(head);
        await store.write("a", (tx) => {
          tx.put(label(`core/during-${sizes.length}`));
          tx.delete("label", ["core/10000"]);
          tx.audit(NOTE);
        });
      }
      expect(sizes).toEqual([5_000, 5_000, 1]);
      expect(totals).toEqual([undefined, undefined, 10_001]);
      expect(ids).toEqual(Array.from({ length: 10_001 }, (_, n) => `core/${`${n}`.padStart(5, "0")}`));
      expect((await snapshot(store, "a"))?.head.revision).toBe(4);
    });

    it("may be left half way, and two loads see each its own snapshot", async () => {
      const store = opened(make);
      await create(
        store,
        "a",
        Array.from({ length: 5_001 }, (_, n) => label(`core/${n}`)),
      );
      const first = store.load("a")[Symbol.asyncIterator]();
      await first.next();
      await put(store, "a", [label("core/new")]);
      for await (const page of store.load("a")) {
        expect(page.head.revision).toBe(2);
        break;
      }
      const second: unknown = await first.next();
      expect(second).toMatchObject({ value: { head: { revision: 1 }, records: [label("core/999")] } });
      expect(await first.next()).toMatchObject({ done: true });
    });

    it("gives no page for an unknown organization", async () => {
      expect(await snapshot(opened(make), "a")).toBeUndefined();
    });
  });
};

/** Ids that bytes, code units, normalisation, case or a join of strings could confuse, in the order of their UTF-8 bytes. */
const IDS = [
  "",
  " ",
  '","',
  "A",
  "a",
  "a b",
  "a%2Fb",
  "a/b",
  "a:b",
  "ab",
  "a\u0301",
  "e\u0301",
  "\u00e1",
  "\u00e9",
  "\u0130",
  "\u017f",
  "\u212a",
  "\ue000",
  "\uff21",
  "\ufffd",
  "\u{1f600}",
  "\u{10ffff}",
];

const identity = (make: MakeFixture): void => {
  describe("ids", () => {
    it("are compared and ordered byte for byte", async () => {
      const store = opened(make);
      await create(
        store,
        "a",
        IDS.toReversed().map((id) => label(id)),
      );
      expect(await recordsOf(store, "a")).toEqual(IDS.map((id) => label(id)));
      for (const id of IDS.filter((_, at) => at % 2 === 0)) await remove(store, "a", { kind: "label", key: [id] });
      expect(await recordsOf(store, "a")).toEqual(IDS.filter((_, at) => at % 2 === 1).map((id) => label(id)));
    });

    it("of several members are never joined", async () => {
      const store = opened(make);
      const members = ["", '"', ",", "a", "a,", 'a","', "a:b", "b", ":b"];
      const all: Rec[] = members.flatMap((group) => members.map((member): Rec => ({ kind: "membership", value: { group, member } })));
      await create(store, "a", all);
      const ids = (recs: readonly Rec[]) => recs.map((rec) => JSON.stringify(rec.value)).sort();
      expect(ids(await recordsOf(store, "a"))).toEqual(ids(all));
    });

    it.each(["a\0b", "\ud800", "a\udc00"])("with %j are refused", async (id) => {
      const store = opened(make);
      const { head } = await create(store, "a");
      await expect(put(store, "a", [label(id)])).rejects.toThrow(TypeError);
      await expect(remove(store, "a", { kind: "label", key: [id] })).rejects.toThrow(TypeError);
      expect(await snapshot(store, "a")).toEqual({ head, records: [] });
    });

    it("with another number of members are refused", async () => {
      const store = opened(make);
      await create(store, "a");
      await expect(remove(store, "a", { kind: "label", key: [] })).rejects.toThrow(TypeError);
      await expect(remove(store, "a", { kind: "label", key: ["a", "b"] })).rejects.toThrow(TypeError);
    });
  });
};

const organizations = (make: MakeFixture): void => {
  describe("organizations", () => {
    it("never mix, whatever their ids", async () => {
      const store = opened(make);
      const orgs = IDS.filter((id) => id !== "");
      for (const org of orgs) await create(store, org, [label("core/x", org), principal(org)]);
      await remove(store, "a", { kind: "label", key: ["core/x"] });
      expect(await recordsOf(store, "a")).toEqual([principal("a")]);
      for (const org of orgs.filter((id) => id !== "a")) {
        expect(await snapshot(store, org)).toMatchObject({ head: { revision: 1 }, records: [label("core/x", org), principal(org)] });
        expect((await store.auditPage(org, undefined, 10)).events).toHaveLength(1);
        const head = (await store.heads([org])).get(org)!;
        expect(await store.changes(org, head, 10)).toEqual({ kind: "changes", head, sets: [] });
      }
    });

    it("are listed by pages in the order of bytes", async () => {
      const store = opened(make);
      const orgs = IDS.filter((id) => id !== "");
      for (const org of orgs.toReversed()) await create(store, org);
      for (const max of [1, 3, orgs.length, 1_000]) {
        const found: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await store.organizations(cursor, max);
          expect(page.ids.length).toBeLessThanOrEqual(max);
          found.push(...page.ids);
          cursor = page.next;
        } while (cursor !== undefined);
        expect(found).toEqual(orgs);
      }
    });

    it("tell their heads, unknown ones none", async () => {
      const store = opened(make);
      const a = await create(store, "a");
      await create(store, '","');
      const later = await put(store, '","', [label("core/x")]);
      expect(await store.heads(["a", '","', "none", "\ud800"])).toEqual(
        new Map([
          ["a", a.head],
          ['","', later.head],
        ]),
      );
    });
  });
};
