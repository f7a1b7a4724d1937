/** Change sets and what befell an object: found by revision, newest first, through all lives, with the names of people or without. */
import { describe, expect, it } from "vitest";
import type { Store } from "../index.ts";
import { create, grant, label, type MakeFixture, NOTE, opened, openedFixture, principal, put, remove } from "./fixture.ts";

export const historyConformance = (make: MakeFixture): void => {
  changeSets(make);
  histories(make);
  origins(make);
  edited(make);
};

const changeSets = (make: MakeFixture): void => {
  describe("change sets", () => {
    const filled = async () => {
      const store = opened(make, { clock: () => Date.UTC(2026, 0, 31) });
      await create(store, "a", [principal("ada", { name: "Ada" }), label("core/x")]);
      for (let n = 0; n < 5; n += 1) await put(store, "a", [label("core/x", `${n}`), label(`core/${n}`)]);
      await remove(store, "a", { kind: "principal", key: ["ada"] });
      // A line of the audit that is no change set.
      await store.erasePerson("a", "ada", { ...NOTE, action: "person.erase" });
      await store.write("a", (tx) => {
        tx.put(grant());
        tx.audit({ ...NOTE, reason: "why \0", ip: "::1", target: "t", action: "z" });
      });
      await create(store, "b", [label("core/b")]);
      return store;
    };

    it("are listed newest first, by pages, with the number of their changes", async () => {
      const store = await filled();
      const [last, ...others] = (await store.changeSets("a", undefined, 100)) ?? [];
      expect(last).toEqual({
        ...NOTE,
        action: "z",
        target: "t",
        reason: "why \ufffd",
        ip: "::1",
        period: 202601,
        seq: 9,
        timeMs: Date.UTC(2026, 0, 31),
        revision: 8,
        changeSet: expect.any(String),
        count: 1,
      });
      expect(others.map(({ revision, count }) => [revision, count])).toEqual([[7, 1], ...[6, 5, 4, 3, 2].map((n) => [n, 2]), [1, 2]]);
      for (const max of [1, 3, 8]) {
        const found: number[] = [];
        for (let before: number | undefined; before !== 1; ) {
          const page = (await store.changeSets("a", before, max)) ?? [];
          expect(page.length).toBeLessThanOrEqual(max);
          found.push(...page.map(({ revision = 0 }) => revision));
          before = found.at(-1);
        }
        expect(found).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
      }
      expect(await store.changeSets("a", 1, 10)).toEqual([]);
      expect(await store.changeSets("none", undefined, 10)).toBeUndefined();
    });

    it("are found by id and by revision, whole, as the audit has them", async () => {
      const store = await filled();
      const { events } = await store.auditPage("a", undefined, 100);
      for (const event of events.filter(({ revision }) => revision !== undefined)) {
        expect(await store.changeSet("a", { revision: event.revision ?? 0 })).toEqual(event);
        expect(await store.changeSet("a", { id: event.changeSet ?? "" })).toEqual(event);
      }
      const [of] = (await store.changeSets("b", undefined, 1)) ?? [];
      expect(await store.changeSet("a", { id: of?.changeSet ?? "" })).toBeUndefined();
      for (const none of [{ revision: 0 }, { revision: 9 }, { id: "" }, { id: "\ud800" }]) {
        expect(await store.changeSet("a", none)).toBeUndefined();
      }
      expect(await store.changeSet("none", { revision: 1 })).toBeUndefined();
    });

    it("outlive what followers are kept", async () => {
      const store = await filled();
      await store.trimChanges("a", { revisionsMax: 0 });
      expect(await store.changeSets("a", undefined, 100)).toHaveLength(8);
      expect(await store.changeSet("a", { revision: 1 })).toMatchObject({ changes: [{ kind: "principal" }, { kind: "label" }] });
    });
  });
};

/** A label's history in short: revision, lives, names before and after. */
const shortOf = async (store: Store, id: string, page: { before?: number; max: number }) =>
  (await store.history("a", { kind: "label", key: [id] }, page)).map(({ revision, changes }) => [
    revision,
    ...changes.map(({ key, life, before, after }) => {
      expect(key).toEqual([id]);
      return [life, ...[before, after].map((side) => (side as { name?: string } | null)?.name ?? side)];
    }),
  ]);

const histories = (make: MakeFixture): void => {
  describe("an object's history", () => {
    it("has its own changes alone, newest first, through all of its lives", async () => {
      const store = opened(make);
      await create(store, "a", [label("core/x", "1"), label("core/y", "y")]);
      await put(store, "a", [label("core/x", "2"), label("core/z", "z")]);
      await put(store, "a", [label("core/y", "yy")]);
      await remove(store, "a", { kind: "label", key: ["core/x"] });
      await put(store, "a", [label("core/x", "3")]);
      await store.write("a", (tx) => {
        tx.delete("label", ["core/x"]);
        tx.put(label("core/x", "4"));
        tx.audit(NOTE);
      });
      await put(store, "a", [label("core/x", "4")]);
      const all = [
        [6, [4, "3", null], [5, null, "4"]],
        [5, [4, null, "3"]],
        [4, [1, "2", null]],
        [2, [1, "1", "2"]],
        [1, [1, null, "1"]],
      ];
      expect(await shortOf(store, "core/x", { max: 100 })).toEqual(all);
      expect(await shortOf(store, "core/x", { max: 2 })).toEqual(all.slice(0, 2));
      expect(await shortOf(store, "core/x", { max: 1 })).toEqual(all.slice(0, 1));
      expect(await shortOf(store, "core/x", { before: 6, max: 2 })).toEqual(all.slice(1, 3));
      expect(await shortOf(store, "core/x", { before: 3, max: 9 })).toEqual(all.slice(3));
      expect(await shortOf(store, "core/x", { before: 1, max: 9 })).toEqual([]);
      expect((await shortOf(store, "core/y", { max: 9 })).map(([revision]) => revision)).toEqual([3, 1]);
      await remove(store, "a", { kind: "label", key: ["core/x"] });
      expect((await shortOf(store, "core/x", { max: 1 })).map(([revision]) => revision)).toEqual([7]);
    });

    it("is told of nobody's objects but the organization's own", async () => {
      const store = opened(make);
      await create(store, "a", [label("core/x")]);
      await create(store, "b", [label("core/b"), principal("core/x")]);
      const page = { max: 9 };
      expect(await store.history("a", { kind: "label", key: ["core/b"] }, page)).toEqual([]);
      expect(await store.history("a", { kind: "principal", key: ["core/x"] }, page)).toEqual([]);
      expect(await store.history("none", { kind: "label", key: ["core/x"] }, page)).toEqual([]);
    });

    it("names people until they are erased", async () => {
      const store = opened(make);
      await create(store, "a", [principal("ada", { name: "Ada" }), principal("bob", { name: "Bob" })]);
      await remove(store, "a", { kind: "principal", key: ["ada"] });
      const told = async () => [
        JSON.stringify(await store.history("a", { kind: "principal", key: ["ada"] }, { max: 9 })),
        JSON.stringify(await store.changeSet("a", { revision: 1 })),
      ];
      for (const text of await told()) expect(text).toContain('"name":"Ada"');
      await store.erasePerson("a", "ada", NOTE);
      for (const text of await told()) expect(text).not.toContain("Ada");
      const [history = "", set = ""] = await told();
      expect(history).toContain('"person":"erased"');
      expect(history).not.toContain("Bob");
      expect(set).toContain("Bob");
    });
  });
};

const edited = (make: MakeFixture): void => {
  describe("a line of the audit that somebody edited", () => {
    it("is not told as what befell, and nothing rests on it", async () => {
      const { store, fixture } = openedFixture(make);
      await create(store, "a", [label("core/x")]);
      await put(store, "a", [label("core/x", "X")]);
      await put(store, "a", [label("core/y")]);
      fixture.editAudit({ org: "a", seq: 2 }, { actor_id: "eve" });
      await expect(store.changeSet("a", { revision: 2 })).rejects.toMatchObject({ code: "damaged" });
      await expect(store.history("a", { kind: "label", key: ["core/x"] }, { max: 9 })).rejects.toMatchObject({ code: "damaged" });
      expect(await store.history("a", { kind: "label", key: ["core/y"] }, { max: 9 })).toHaveLength(1);
    });
  });
};

const origins = (make: MakeFixture): void => {
  describe("origins", () => {
    it("tell who made an object in its present life, and who changed it last, for each key", async () => {
      let nowMs = 1_000;
      const store = opened(make, { clock: () => nowMs });
      const by = (id: string) => ({ ...NOTE, actor: { type: "user", id } });
      const write = (id: string, work: (tx: Parameters<Parameters<Store["write"]>[1]>[0]) => void) => {
        nowMs += 1;
        return store.write("a", (tx) => {
          work(tx);
          tx.audit(by(id));
        });
      };
      await create(store, "a", [label("core/once"), label("core/twice")]);
      await write("ada", (tx) => tx.put(label("core/twice", "1")));
      await write("bob", (tx) => tx.delete("label", ["core/twice"]));
      await write("cy", (tx) => tx.put(label("core/twice", "2")));
      for (const id of ["dan", "eve", "fay"]) await write(id, (tx) => tx.put(label("core/twice", id)));
      const creation = { actor: NOTE.actor, revision: 1, timeMs: 1_000 };
      expect(await store.origins("a", "label", [["core/twice"], ["core/none"], ["core/once"]])).toEqual([
        {
          created: { actor: { type: "user", id: "cy" }, revision: 4, timeMs: 1_003 },
          changed: { actor: { type: "user", id: "fay" }, revision: 7, timeMs: 1_006 },
        },
        undefined,
        { created: creation, changed: creation },
      ]);
      expect(await store.origins("none", "label", [["core/once"]])).toEqual([undefined]);
      expect(await store.origins("a", "label", [])).toEqual([]);
    });
  });
};
