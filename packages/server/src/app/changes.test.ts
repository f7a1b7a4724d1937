/** Writing: writes that alter nothing, fail, or meet other writers never harm those beside them. */
import { type Change, compiler, findRecord, type Plan, type Rec, records } from "@reeve/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { createFeed, type Feed } from "../feed/index.ts";
import { type Store, StoreError } from "../store/index.ts";
import { memoryStore } from "../store/memory/memory-store.ts";
import { type Changes, createChanges, type WriteResult } from "./changes.ts";

const ORG = "o";
const BY = { actor: { type: "administrator", id: "administrator" }, requestId: "r" };
const put = (id: string, name?: string): Change => ({
  put: { kind: "label", value: { id: `custom/${id}`, ...(name === undefined ? {} : { name }) } },
});
const remove = (id: string): Change => ({ delete: { kind: "label", key: [`custom/${id}`] } });
const idle = (): Change[] => [put("idle"), remove("idle")];

type World = {
  readonly store: Store;
  readonly feed: Feed;
  readonly changes: Changes;
  write(given: readonly Change[]): Promise<WriteResult>;
};
/** A new organization at revision 1; `alter` replaces members of the store that the server sees. */
async function world(alter: (store: Store) => Partial<Store> = () => ({}), own: readonly Rec[] = []): Promise<World> {
  const inner = memoryStore();
  const members = alter(inner);
  const store = new Proxy(inner, {
    get(target, name) {
      const member = (Reflect.get(members, name) ?? Reflect.get(target, name)) as unknown;
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  const feed = createFeed(store, { seed: 1, onError: () => undefined });
  onTestFinished(() => feed.close());
  const changes = createChanges(store, feed, { clock: () => 1, own, shipped: [] });
  const made = await changes.create({ organization: ORG, name: "O", tenantIds: [], changes: [], ...BY });
  if (!made.ok) throw new Error(made.error.code);
  return { store, feed, changes, write: (given) => changes.write({ organization: ORG, changes: given, ...BY }) };
}
const revisionOf = (result: WriteResult): number => (result.ok ? Number(result.value.revision.split(".").at(-1)) : Number.NaN);
const labelsOf = (plan: Plan | undefined) =>
  [...records(plan as Plan)].flatMap((rec) => (rec.kind === "label" ? [`${rec.value.id} ${rec.value.name ?? ""}`.trim()] : [])).sort();
/** What the store holds, compiled from its own snapshot. */
async function stored(store: Store): Promise<Plan> {
  const compile = compiler(ORG);
  for await (const page of store.load(ORG)) compile.add(page.records);
  return compile.finish();
}

describe("writes that alter nothing", () => {
  it("never make another write stale, however many there are", async () => {
    const { store, feed, write } = await world();
    const results = await Promise.all(Array.from({ length: 100 }, (_, at) => write(at % 2 === 0 ? idle() : [put(`n${at}`)])));
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.map((result) => result.ok && result.value.applied)).toEqual(results.map((_, at) => at % 2));
    const revisions = results.filter((_, at) => at % 2 === 1).map(revisionOf);
    expect(revisions.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, at) => at + 2));
    expect(labelsOf(feed.current(ORG))).toEqual(labelsOf(await stored(store)));
    expect(feed.current(ORG)?.at.revision).toBe(51);
  });

  it("leave nothing in the plan of the next write", async () => {
    const { store, feed, write } = await world();
    await Promise.all([write([put("a", "old"), put("a", "new"), remove("a"), put("b")]), write(idle()), write([put("c")])]);
    expect(labelsOf(feed.current(ORG))).toEqual(["custom/b", "custom/c"]);
    expect(labelsOf(await stored(store))).toEqual(["custom/b", "custom/c"]);
  });
});

describe("changes that are made of what is there", () => {
  const nameOf = (plan: Plan): string => {
    const rec = findRecord(plan, "label", ["custom/sum"]);
    return (rec?.kind === "label" ? rec.value.name : undefined) ?? "";
  };

  it("are made of the very plan that they alter, so that none of many at once is lost", async () => {
    const { store, changes, write } = await world();
    await write([put("sum")]);
    const add = (at: number) =>
      changes.write({ organization: ORG, changes: (plan) => [put("sum", `${nameOf(plan)}${String.fromCodePoint(0x100 + at)}`)], ...BY });
    const results = await Promise.all(Array.from({ length: 50 }, (_, at) => add(at)));
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    const letters = [...nameOf(await stored(store))].map((letter) => (letter.codePointAt(0) as number) - 0x100);
    expect(letters.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, at) => at));
  });

  it("end the write with what they throw, and leave nothing", async () => {
    const { feed, changes, write } = await world();
    await write([put("a")]);
    const asked = changes.write({
      organization: ORG,
      changes: () => {
        throw new RangeError("not that one");
      },
      ...BY,
    });
    await expect(asked).rejects.toThrow("not that one");
    expect(feed.current(ORG)?.at.revision).toBe(2);
    expect(revisionOf(await write([put("b")]))).toBe(3);
  });
});

describe("a principal's write", () => {
  const REEVE = {
    id: "reeve",
    boundedBy: "none",
    adminMayAll: true,
    settings: { suspended: { title: "Suspended", default: false } },
    types: { organization: { actions: { "administer-reeve": [] } } },
  } as const;
  const suspended = (value: boolean): Change => ({ put: { kind: "setting", value: { product: "reeve", name: "suspended", value } } });
  const admins = (member: string) => ({ kind: "membership", value: { group: "admins", member } }) as const;
  const GROUND: readonly Change[] = [
    ...["ann", "bob", "zoe"].map((id): Change => ({ put: { kind: "principal", value: { id, type: "user", active: true } } })),
    { put: admins("ann") },
    { put: admins("zoe") },
  ];
  const governed = async (): Promise<World & { by(id: string, type?: string): Promise<WriteResult> }> => {
    const one = await world(undefined, [{ kind: "product", value: REEVE }]);
    expect((await one.write(GROUND)).ok).toBe(true);
    const by = (id: string, type = "user") =>
      one.changes.write({ organization: ORG, changes: [put(`by-${id}`)], actor: { type, id }, requestId: "r" });
    return { ...one, by };
  };

  it("is taken from who may administer, and from nobody else", async () => {
    const { by, feed } = await governed();
    expect((await by("ann")).ok).toBe(true);
    for (const [id, type] of [
      ["bob", "user"],
      ["nobody", "user"],
      ["ann", "service-account"],
      ["ann", "group"],
      ["ann", ""],
    ] as const) {
      expect(await by(id, type), `${type} ${id}`).toEqual({ ok: false, error: { code: "not_permitted" } });
    }
    expect(labelsOf(feed.current(ORG))).toEqual(["custom/by-ann"]);
  });

  it("is refused where the right ends in a write that is committed with it, or just before", async () => {
    const { by, write, changes } = await governed();
    const end: Change = { delete: { kind: "membership", key: ["admins", "ann"] } };
    const [ended, late] = await Promise.all([write([end]), by("ann")]);
    expect([ended.ok, late]).toEqual([true, { ok: false, error: { code: "not_permitted" } }]);
    await write([{ put: admins("ann") }]);
    // Who takes his own right away has done it; what he does next is refused.
    const own = { organization: ORG, changes: [end], actor: { type: "user", id: "ann" }, requestId: "r" };
    const both = await Promise.all([changes.write(own), by("ann")]);
    expect(both.map(({ ok }) => ok)).toEqual([true, false]);
  });

  it("is refused in an organization that is suspended, were it in a write that is committed with it; and suspends none", async () => {
    const { by, write, changes } = await governed();
    const own = (given: readonly Change[]) =>
      changes.write({ organization: ORG, changes: given, actor: { type: "user", id: "ann" }, requestId: "r" });
    expect(await own([suspended(true)])).toEqual({ ok: false, error: { code: "not_permitted" } });
    expect((await own([suspended(false)])).ok).toBe(true);
    const [, late] = await Promise.all([write([suspended(true)]), by("ann")]);
    expect(late).toEqual({ ok: false, error: { code: "organization_suspended" } });
    const lift: Change = { delete: { kind: "setting", key: ["reeve", "suspended"] } };
    expect(await own([lift])).toEqual({ ok: false, error: { code: "organization_suspended" } });
    expect((await write([lift])).ok).toBe(true);
    expect((await by("ann")).ok).toBe(true);
  });
});

describe("a write that the store refuses", () => {
  it.each([
    ["busy", "store_busy"],
    ["disk_full", "disk_full"],
    ["commit_failed", "write_uncertain"],
    ["writes_stopped", "store_stopped"],
    ["store_closed", "draining"],
    ["organization_unknown", "organization_not_found"],
  ] as const)("%s is told as %s, and those behind it build on what is there", async (code, told) => {
    let fails = 1;
    const { store, feed, write } = await world((inner) => ({
      write: async (org, work) => {
        if (fails-- <= 0) return inner.write(org, work);
        // The work ran, its plan was offered, and then the commit broke.
        await inner.write(org, (tx) => {
          work(tx);
          throw new StoreError(code, "broken");
        });
        throw new Error("committed");
      },
    }));
    const [failed, next] = await Promise.all([write([put("lost")]), write([put("kept")])]);
    expect(failed).toMatchObject({ ok: false, error: { code: told } });
    expect([next.ok, revisionOf(next)]).toEqual([true, 2]);
    expect(labelsOf(feed.current(ORG))).toEqual(["custom/kept"]);
    expect(labelsOf(await stored(store))).toEqual(["custom/kept"]);
  });

  it("for a reason that is no failure of the store crashes, and leaves nothing", async () => {
    let isBug = true;
    const { feed, write } = await world((inner) => ({
      write: (org, work) =>
        inner.write(org, (tx) => {
          const value = work(tx);
          if (isBug) throw new TypeError("a bug");
          return value;
        }),
    }));
    await expect(write([put("x")])).rejects.toThrow("a bug");
    isBug = false;
    expect((await write([put("y")])).ok).toBe(true);
    expect(labelsOf(feed.current(ORG))).toEqual(["custom/y"]);
  });
});

describe("a write beside another writer of the store", () => {
  it("catches up and is admitted on what the other wrote", async () => {
    const { store, feed, write } = await world((inner) => ({ subscribe: () => () => undefined, load: (org) => inner.load(org) }));
    await feed.plan(ORG);
    const note = { actor: { type: "user", id: "other" }, action: "test", target: ORG, requestId: "r" };
    await store.write(ORG, (tx) => {
      tx.put({ kind: "label", value: { id: "custom/other" } });
      tx.audit(note);
    });
    const result = await write([put("other"), put("mine")]);
    expect([revisionOf(result), result.ok && result.value.applied]).toEqual([3, 1]);
    expect(labelsOf(feed.current(ORG))).toEqual(["custom/mine", "custom/other"]);
  });

  it("that moves the head each time gives up as busy, never as a conflict that nobody asked about", async () => {
    let moves = 0;
    const { write } = await world((inner) => ({
      write: async (org, work) => {
        await inner.write(org, (tx) => {
          tx.put({ kind: "label", value: { id: `custom/other${moves++}` } });
          tx.audit({ actor: { type: "user", id: "other" }, action: "test", target: ORG, requestId: "r" });
        });
        return inner.write(org, work);
      },
    }));
    expect(await write([put("mine")])).toMatchObject({ ok: false, error: { code: "store_busy" } });
    expect(moves).toBeGreaterThan(1);
  });

  it("is acknowledged once it is durable, even when following it fails", async () => {
    let isBroken = false;
    const { store, write } = await world((inner) => ({
      changes: (org, after, max) => (isBroken ? Promise.reject(new StoreError("store_failed", "broken")) : inner.changes(org, after, max)),
    }));
    isBroken = true;
    const result = await write([put("x")]);
    expect([result.ok, revisionOf(result)]).toEqual([true, 2]);
    expect(labelsOf(await stored(store))).toEqual(["custom/x"]);
  });
});
