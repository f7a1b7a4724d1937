/** The change audit: what was before and after, which life it was, and a chain that shows when somebody edited it. */
import { describe, expect, it } from "vitest";
import type { AuditEvent, Store } from "../index.ts";
import { create, grant, label, type MakeFixture, NOTE, opened, openedFixture, principal, put, remove } from "./fixture.ts";

export const auditConformance = (make: MakeFixture): void => {
  events(make);
  personsApart(make);
  lives(make);
  chain(make);
};

const eventsOf = async (store: Store, org: string): Promise<readonly AuditEvent[]> => (await store.auditPage(org, undefined, 1_000)).events;

const events = (make: MakeFixture): void => {
  describe("the audit", () => {
    it("says who, what, why and from where, with every object before and after", async () => {
      const store = opened(make, { clock: () => Date.UTC(2026, 0, 31, 23, 59) });
      const { head } = await create(store, "a", [label("core/x", "X"), label("core/y")]);
      const write = await store.write("a", (tx) => {
        tx.put(label("core/x", "new"));
        tx.delete("label", ["core/y"]);
        tx.put(grant());
        tx.audit({
          actor: { type: "service-account", id: "bot" },
          action: "changes.apply",
          target: "/spaces/a",
          requestId: "r-7",
          reason: "why",
          ip: "::1",
        });
      });
      const [, event] = await eventsOf(store, "a");
      expect(event).toEqual({
        actor: { type: "service-account", id: "bot" },
        action: "changes.apply",
        target: "/spaces/a",
        requestId: "r-7",
        reason: "why",
        ip: "::1",
        period: 202601,
        seq: 2,
        timeMs: Date.UTC(2026, 0, 31, 23, 59),
        revision: head.revision + 1,
        changeSet: write.changeSet,
        changes: [
          { kind: "label", key: ["core/x"], life: 1, before: { id: "core/x", name: "X" }, after: { id: "core/x", name: "new" } },
          { kind: "label", key: ["core/y"], life: 2, before: { id: "core/y" }, after: null },
          { kind: "grant", key: ["ada", "/spaces/a", "self"], life: 3, before: null, after: grant().value },
        ],
        hash: expect.any(Uint8Array),
      });
    });

    it("is read by pages", async () => {
      const store = opened(make);
      await create(store, "a");
      for (let n = 0; n < 10; n += 1) await put(store, "a", [label(`core/${n}`)]);
      for (const max of [1, 4, 11, 100]) {
        const seqs: number[] = [];
        let page = await store.auditPage("a", undefined, max);
        seqs.push(...page.events.map(({ seq }) => seq));
        while (page.next !== undefined) {
          page = await store.auditPage("a", page.next, max);
          seqs.push(...page.events.map(({ seq }) => seq));
        }
        expect(seqs).toEqual(Array.from({ length: 11 }, (_, n) => n + 1));
      }
      expect(await store.auditPage("none", undefined, 10)).toEqual({ events: [] });
    });
  });
};

const personsApart = (make: MakeFixture): void => {
  describe("what a principal is called and its properties", () => {
    const ADA = principal("ada", { name: "Ada Lovelace", properties: { mail: "ada@example.org" } });
    const told = async () => {
      const { store, fixture } = openedFixture(make);
      await create(store, "a", [ADA, principal("bob", { name: "Bob" }), principal("plain")]);
      await create(store, "b", [ADA]);
      await put(store, "a", [principal("ada", { name: "Ada King", properties: { mail: "king@example.org" } })]);
      await remove(store, "a", { kind: "principal", key: ["ada"] });
      await put(store, "a", [principal("ada", { name: "Ada Another" })]);
      const sides = async (org: string) =>
        (await eventsOf(store, org)).flatMap(({ changes }) =>
          changes.filter(({ key }) => key[0] === "ada").flatMap(({ before, after }) => [before, after]),
        );
      return { store, fixture, sides };
    };

    it("are told with every change, and stand in no line of the audit", async () => {
      const { fixture, sides } = await told();
      const king = principal("ada", { name: "Ada King", properties: { mail: "king@example.org" } }).value;
      const another = principal("ada", { name: "Ada Another" }).value;
      expect(await sides("a")).toEqual([null, ADA.value, ADA.value, king, king, null, null, another]);
      expect(fixture.auditBodies("a")).toHaveLength(4);
      expect(fixture.auditBodies("a").join()).not.toMatch(/Ada |Bob|example|mail/);
    });

    it("are erased for the lives that have ended, and the chain holds", async () => {
      const { store, sides } = await told();
      expect(await store.erasePerson("a", "ada", { ...NOTE, action: "person.erase", target: "ada" })).toBe(4);
      const erased = { id: "ada", type: "user", active: true, person: "erased" };
      const another = principal("ada", { name: "Ada Another" }).value;
      expect(await sides("a")).toEqual([null, erased, erased, erased, erased, null, null, another]);
      expect(await sides("b")).toEqual([null, ADA.value]);
      expect(JSON.stringify(await eventsOf(store, "a"))).toContain("Bob");
      expect((await eventsOf(store, "a")).at(-1)).toMatchObject({ seq: 5, action: "person.erase", changes: [] });
      expect(await store.verifyAudit("a")).toMatchObject({ ok: true, events: 5 });
      expect(await store.erasePerson("a", "ada", NOTE)).toBe(0);
      expect(await store.erasePerson("a", "nobody", NOTE)).toBe(0);
      expect(await store.verifyAudit("a")).toMatchObject({ ok: true, events: 5 });
      await expect(store.erasePerson("none", "ada", NOTE)).rejects.toMatchObject({ code: "organization_unknown" });
      expect((await put(store, "a", [label("core/x")])).head.revision).toBe(5);
      expect(await store.verifyAudit("a")).toMatchObject({ ok: true, events: 6 });
    });

    it("show it when somebody edits them behind the store's back", async () => {
      const { store, fixture, sides } = await told();
      fixture.editPersons("a", '{"name":"Eve"}');
      expect(await store.verifyAudit("a")).toEqual({ ok: false, seq: 1, why: "content" });
      expect(await store.verifyAudit("b")).toMatchObject({ ok: true });
      expect((await sides("a"))[1]).toEqual({ id: "ada", type: "user", active: true, person: "altered" });
    });
  });
};

const lives = (make: MakeFixture): void => {
  describe("a life", () => {
    it("goes on while an object changes and begins anew when it is made again", async () => {
      const store = opened(make);
      await create(store, "a", [principal("ada")]);
      await put(store, "a", [principal("ada", { name: "Ada" })]);
      await remove(store, "a", { kind: "principal", key: ["ada"] });
      await put(store, "a", [label("core/x")]);
      await put(store, "a", [principal("ada")]);
      const found = (await eventsOf(store, "a")).flatMap(({ changes }) => changes.map(({ key, life }) => [key[0], life]));
      expect(found).toEqual([
        ["ada", 1],
        ["ada", 1],
        ["ada", 1],
        ["core/x", 2],
        ["ada", 3],
      ]);
    });

    it("ends and begins within one write, even when the object looks as before", async () => {
      const store = opened(make);
      await create(store, "a", [label("core/x")]);
      const write = await store.write("a", (tx) => {
        tx.delete("label", ["core/x"]);
        tx.put(label("core/x"));
        tx.audit(NOTE);
      });
      expect(write).toMatchObject({ head: { revision: 2 }, applied: 2 });
      const [, event] = await eventsOf(store, "a");
      expect(event?.changes.map(({ life, before, after }) => [life, before, after])).toEqual([
        [1, { id: "core/x" }, null],
        [2, null, { id: "core/x" }],
      ]);
    });
  });
};

const chain = (make: MakeFixture): void => {
  describe("the audit's chain", () => {
    const filled = async () => {
      const { store, fixture } = openedFixture(make);
      await create(store, "a", [label("core/x")]);
      for (let n = 0; n < 6; n += 1) await put(store, "a", [label(`core/${n}`)]);
      await create(store, "b", [label("core/x")]);
      return { store, fixture };
    };

    it("holds when nobody touched it", async () => {
      const { store } = await filled();
      const last = (await eventsOf(store, "a")).at(-1);
      expect(await store.verifyAudit("a")).toEqual({ ok: true, events: 7, last: { seq: 7, hash: last?.hash } });
      expect(await store.verifyAudit("none")).toMatchObject({ ok: true, events: 0, last: { seq: 0 } });
    });

    it.each([
      ["actor_id", "eve"],
      ["action", "other"],
      ["body", '{"changeSet":"x","changes":[]}'],
      ["ts_ms", 1],
      ["rev", 2],
      ["ip", "::2"],
    ])("shows an edited %s", async (column, value) => {
      const { store, fixture } = await filled();
      fixture.editAudit({ org: "a", seq: 4 }, { [column]: value });
      expect(await store.verifyAudit("a")).toEqual({ ok: false, seq: 4, why: "content" });
      expect(await store.verifyAudit("b")).toMatchObject({ ok: true });
    });

    it.each([
      [1, { seq: 2, why: "gap" }],
      [4, { seq: 5, why: "gap" }],
      [7, { seq: 7, why: "tail" }],
    ])("shows that line %i was removed", async (seq, found) => {
      const { store, fixture } = await filled();
      fixture.removeAudit({ org: "a", seq });
      expect(await store.verifyAudit("a")).toEqual({ ok: false, ...found });
    });

    it("stays in order when the clock is set back", async () => {
      let now = Date.UTC(2026, 2, 1);
      const store = opened(make, { clock: () => now });
      await create(store, "a");
      now = Date.UTC(2026, 1, 1);
      await put(store, "a", [label("core/x")]);
      now = Date.UTC(2026, 3, 1);
      await put(store, "a", [label("core/y")]);
      const found = (await eventsOf(store, "a")).map(({ period, seq, timeMs }) => [period, seq, new Date(timeMs).getUTCMonth() + 1]);
      expect(found).toEqual([
        [202603, 1, 3],
        [202603, 2, 2],
        [202604, 3, 4],
      ]);
      expect(await store.verifyAudit("a")).toMatchObject({ ok: true, events: 3 });
    });

    it("holds over text that no database keeps as it is", async () => {
      const store = opened(make);
      await create(store, "a");
      await store.write("a", (tx) => {
        tx.put(label("core/x", "\0\ud800\u{1f600}"));
        tx.audit({
          actor: { type: "user", id: "\ud800" },
          action: "a\0b",
          target: "\udfff",
          requestId: "\0",
          reason: "\ud800\0",
          ip: "\0",
        });
      });
      expect(await store.verifyAudit("a")).toMatchObject({ ok: true, events: 2 });
      const [, event] = await eventsOf(store, "a");
      expect(event).toMatchObject({ actor: { id: "\ufffd" }, action: "a\ufffdb", changes: [{ after: { name: "\0\ud800\u{1f600}" } }] });
    });
  });
};
