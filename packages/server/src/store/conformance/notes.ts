/** Lines of the audit that tell of items and tokens: in the chain beside those of writes, of no revision, with what they tell of. */
import type { Rec } from "@reeve/core";
import { describe, expect, it } from "vitest";
import type { AuditCursor, Item, Store, Token } from "../index.ts";
import { create, type MakeFixture, NOTE, opened, openedFixture, principal, put, remove } from "./fixture.ts";

const item = (id: string, more: Partial<Item> = {}): Item => ({ kind: "session", id, value: { of: id }, ...more });
const line = { ...NOTE, action: "client-secret.create", target: "developer-projects/p/credential/secrets/s" };

export const noteConformance = (make: MakeFixture): void => {
  ofItems(make);
  ofTokens(make);
  newestFirst(make);
};

const ofItems = (make: MakeFixture): void => {
  describe("a line that a write of items adds to an audit", () => {
    it("stands in the chain, of no revision, and no head moves", async () => {
      const { store, fixture } = openedFixture(make);
      const { head } = await create(store, "a", [principal("ada")]);
      await create(store, "b");
      const woken: string[] = [];
      store.subscribe((org) => woken.push(org));
      const done = await store.items.write((tx) => [
        tx.put(item("1", { org: "a" })),
        tx.audit("a", line),
        tx.audit("a", { ...line, reason: "again" }),
        tx.audit("b", line),
        tx.audit("none", line),
      ]);
      expect(done).toEqual([true, true, true, true, false]);
      expect([(await store.heads(["a"])).get("a"), woken]).toEqual([head, []]);
      await put(store, "a", [principal("bob")]);
      const { events } = await store.auditPage("a", undefined, 9);
      expect(events.map(({ seq, action, revision, changes }) => [seq, action, revision, changes.length])).toEqual([
        [1, NOTE.action, 1, 1],
        [2, line.action, undefined, 0],
        [3, line.action, undefined, 0],
        [4, NOTE.action, 2, 1],
      ]);
      expect(events[1]).toMatchObject(line);
      expect(events[2]?.reason).toBe("again");
      for (const org of ["a", "b"]) expect(await store.verifyAudit(org)).toMatchObject({ ok: true });
      await store.close();
      const again = fixture.open();
      expect((await again.auditPage("b", undefined, 9)).events.map(({ action }) => action)).toEqual([NOTE.action, line.action]);
      expect(await again.verifyAudit("a")).toMatchObject({ ok: true, events: 4 });
      await again.close();
    });

    it("is not there where the work throws, nor beside it in what others write at once", async () => {
      const store = opened(make);
      await create(store, "a");
      const outcomes = await Promise.allSettled([
        store.items.write((tx) => tx.audit("a", line)),
        store.items.write((tx) => {
          tx.audit("a", line);
          throw new RangeError("no");
        }),
        put(store, "a", [principal("ada")]),
        store.items.write((tx) => tx.audit("a", line)),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
      expect((await store.auditPage("a", undefined, 9)).events.map(({ seq, revision }) => [seq, revision])).toEqual([
        [1, 1],
        [2, undefined],
        [3, 2],
        [4, undefined],
      ]);
      expect(await store.verifyAudit("a")).toMatchObject({ ok: true, events: 4 });
    });
  });
};

const ofTokens = (make: MakeFixture): void => {
  describe("a line that a token adds to the audit of its organization", () => {
    const token = (n: number, more: Partial<Token> = {}): Token => ({
      hash: new Uint8Array(32).fill(n),
      kind: "user",
      createdMs: n,
      ...more,
    });
    const of = { org: "a", principal: "ada" };

    it("comes with its making and its end, where there was one, and with no other's", async () => {
      const store = opened(make);
      await create(store, "a", [principal("ada")]);
      expect(await store.tokens.put(token(1, of), [], line)).toBe(true);
      expect(await store.tokens.put(token(2, { ...of, principal: "nobody" }), [], line)).toBe(false);
      expect(await store.tokens.put(token(3), [], line)).toBe(true);
      expect(await store.tokens.put(token(4, of))).toBe(true);
      const end = { ...line, action: "token.end" };
      for (const n of [1, 1, 2, 3]) await store.tokens.delete(token(n).hash, end);
      await store.tokens.delete(token(4).hash);
      const { events } = await store.auditPage("a", undefined, 9);
      expect(events.map(({ action, revision }) => [action, revision])).toEqual([
        [NOTE.action, 1],
        [line.action, undefined],
        [end.action, undefined],
      ]);
      expect(await store.verifyAudit("a")).toMatchObject({ ok: true, events: 3 });
    });
  });
};

const newestFirst = (make: MakeFixture): void => {
  const project = (id: string): Rec => ({
    kind: "developer-project",
    value: { id, name: id, product: "p", roles: [], serviceAccount: "bot" },
  });
  /** Quotes what the line of a project says, and is of none. */
  const quoting: Rec = { kind: "resource", value: { path: "/a/b", properties: { kind: "developer-project" } } };
  const filled = async (): Promise<Store> => {
    const store = opened(make, { clock: () => Date.UTC(2026, 0, 31) });
    await create(store, "a", [principal("bot")]);
    await create(store, "b", [project("theirs")]);
    await put(store, "a", [project("p1"), principal("ada")]);
    await put(store, "a", [quoting]);
    await store.items.write((tx) => tx.audit("a", { ...line, reason: "why" }));
    await store.items.write((tx) => tx.audit("a", { ...line, action: "token.create", target: "tokens/developer-projects/" }));
    await remove(store, "a", { kind: "developer-project", key: ["p1"] });
    return store;
  };
  const every = async <T>(page: (before: AuditCursor | undefined) => Promise<{ of: readonly T[]; next?: AuditCursor }>): Promise<T[]> => {
    const found: T[] = [];
    for (let before: AuditCursor | undefined; ; ) {
      const { of, next } = await page(before);
      found.push(...of);
      if (next === undefined) return found;
      before = next;
    }
  };

  describe("the audit, newest first", () => {
    it("tells every line without what it altered, by pages", async () => {
      const store = await filled();
      for (const max of [1, 4, 6, 100]) {
        const lines = await every(async (before) => {
          const { lines: of, ...next } = await store.auditLines("a", before, max);
          expect(of.length).toBeLessThanOrEqual(max);
          return { of, ...next };
        });
        expect(lines.map(({ seq, revision, count }) => [seq, revision, count])).toEqual([
          [6, 4, 1],
          [5, undefined, 0],
          [4, undefined, 0],
          [3, 3, 1],
          [2, 2, 2],
          [1, 1, 1],
        ]);
        expect(lines[2]).toEqual({ ...line, reason: "why", period: 202601, seq: 4, timeMs: Date.UTC(2026, 0, 31), count: 0 });
        expect(lines[5]?.changeSet).toBe((await store.changeSet("a", { revision: 1 }))?.changeSet);
      }
      expect(await store.auditLines("none", undefined, 9)).toEqual({ lines: [] });
    });

    it("has all of it more than a year later, whatever retention forgot", async () => {
      const store = await filled();
      const [lines, events] = [await store.auditLines("a", undefined, 9), await store.projectActivity("a", undefined, 9)];
      const laterMs = Date.UTC(2027, 1, 15);
      expect(await store.trimChanges("a", { revisionsMax: 1, sinceMs: laterMs })).toBe(4);
      await store.items.trim(laterMs, 1_000);
      expect(await store.auditLines("a", undefined, 9)).toEqual(lines);
      expect(await store.projectActivity("a", undefined, 9)).toEqual(events);
      expect(await store.verifyAudit("a")).toMatchObject({ ok: true, events: 6 });
    });

    it("tells of developer projects and their credentials alone, whole, by pages", async () => {
      const store = await filled();
      for (const max of [1, 2, 100]) {
        const events = await every(async (before) => {
          const { events: of, ...next } = await store.projectActivity("a", before, max);
          expect(of.length).toBeLessThanOrEqual(max);
          return { of, ...next };
        });
        expect(events.map(({ seq, action, changes }) => [seq, action, changes.map(({ kind }) => kind)])).toEqual([
          [6, NOTE.action, ["developer-project"]],
          [4, line.action, []],
          [2, NOTE.action, ["developer-project", "principal"]],
        ]);
      }
      expect(await store.projectActivity("none", undefined, 9)).toEqual({ events: [] });
    });
  });
};
