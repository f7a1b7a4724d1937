/**
 * Following the store: by changes or by snapshot a plan is the same (law 5), a plan that a writer offered is taken at its revision and
 * only there, and another history is loaded afresh.
 */
import { apply, compiler, decide, type Plan, type Rec, records } from "@reeve/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { type AuditNote, type Head, type Page, type Store, StoreError, type Transaction } from "../store/index.ts";
import { emptyMemoryState, memoryStore } from "../store/memory/memory-store.ts";
import { createFeed, type Feed } from "./index.ts";

const NOTE: AuditNote = { actor: { type: "user", id: "ada" }, action: "test", target: "o", requestId: "r" };
const ORG = "o";
const label = (id: string): Rec => ({ kind: "label", value: { id: `custom/${id}` } });
const user = (id: string): Rec => ({ kind: "principal", value: { id, type: "user", active: true } });
const grant = (principal: string): Rec => ({ kind: "grant", value: { principal, resource: "/folders/a", access: "R", reach: "self" } });
const BASE: readonly Rec[] = [
  { kind: "organization", value: { name: "O", tenantIds: [] } },
  { kind: "product", value: { id: "files", boundedBy: "none", settings: {}, types: { folders: { actions: { read: ["R"] } } } } },
  { kind: "resource", value: { path: "/folders/a" } },
];

type World = {
  readonly state: ReturnType<typeof emptyMemoryState>;
  readonly store: Store;
  readonly errors: unknown[];
  newFeed(of?: Store): Feed;
};
async function world(): Promise<World> {
  const state = emptyMemoryState();
  const store = memoryStore({ state });
  await store.create(ORG, putting(...BASE));
  const errors: unknown[] = [];
  const newFeed = (of: Store = store): Feed => {
    const feed = createFeed(of, { seed: 1, onError: (_, error) => void errors.push(error) });
    onTestFinished(() => feed.close());
    return feed;
  };
  return { state, store, errors, newFeed };
}
const putting =
  (...given: readonly Rec[]) =>
  (tx: Transaction): void => {
    for (const rec of given) tx.put(rec);
    tx.audit(NOTE);
  };
const deleting = (kind: Rec["kind"], key: readonly string[]) => (tx: Transaction) => {
  tx.delete(kind, key);
  tx.audit(NOTE);
};
const heldBy = (plan: Plan | undefined) => ({
  at: plan?.at,
  records: [...records(plan as Plan)].map((rec) => JSON.stringify(rec)).sort(),
});
const mayRead = (plan: Plan | undefined, id: string): boolean =>
  decide(plan as Plan, { principal: { type: "user", id }, action: { name: "read" }, resource: { path: "/folders/a" } }, 0).allow;
/** A store of which some members are replaced. */
const altered = (store: Store, members: Partial<Store>): Store =>
  new Proxy(store, { get: (target, name) => Reflect.get(members, name) ?? bound(target, name) });
const bound = (target: Store, name: string | symbol): unknown => {
  const member = Reflect.get(target, name) as unknown;
  return typeof member === "function" ? member.bind(target) : member;
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a feed", () => {
  it("knows no organization that is not there, and one from the moment that it is", async () => {
    const { store, newFeed } = await world();
    const feed = newFeed();
    expect([await feed.plan("p"), feed.current("p"), feed.loaded()]).toEqual([undefined, undefined, []]);
    await store.create("p", putting(BASE[0] as Rec));
    expect((await feed.plan("p"))?.at.revision).toBe(1);
    expect(feed.loaded()).toEqual(["p"]);
  });

  it("loads an organization once for all who ask at the same time", async () => {
    const { store, newFeed } = await world();
    let loads = 0;
    const feed = newFeed(
      altered(store, {
        load: (org) => {
          loads++;
          return store.load(org);
        },
      }),
    );
    const plans = await Promise.all([1, 2, 3, 4].map(() => feed.plan(ORG)));
    expect([loads, new Set(plans).size]).toEqual([1, 1]);
  });

  it("follows by changes to what it would load by a snapshot", async () => {
    const { store, newFeed } = await world();
    const follower = newFeed();
    await follower.plan(ORG);
    for (let round = 0; round < 40; round++) {
      const id = `u${round % 7}`;
      const work = round % 3 === 2 ? deleting("grant", [id, "/folders/a", "self"]) : putting(user(id), grant(id), label(`l${round}`));
      const { head } = await store.write(ORG, work);
      expect(await follower.reach(ORG, head, 1_000)).toBe(true);
      const loaded = await newFeed().plan(ORG);
      expect(heldBy(follower.current(ORG))).toEqual(heldBy(loaded));
      expect(mayRead(follower.current(ORG), id)).toBe(mayRead(loaded, id));
    }
  });

  it("misses nothing that is committed while it loads", async () => {
    const { store, newFeed } = await world();
    const slow = altered(store, {
      async *load(org) {
        yield* store.load(org);
        // Read, and not yet compiled: nobody follows this organization, so that the wake-up reaches nobody.
        await store.write(org, putting(user("late"), grant("late")));
      },
    });
    const plan = await newFeed(slow).plan(ORG);
    expect([plan?.at.revision, mayRead(plan, "late")]).toEqual([2, true]);
  });

  it("answers old plans as before: what was given out never changes", async () => {
    const { store, newFeed } = await world();
    const feed = newFeed();
    const before = await feed.plan(ORG);
    const { head } = await store.write(ORG, putting(user("new"), grant("new")));
    await feed.reach(ORG, head, 1_000);
    expect([mayRead(before, "new"), mayRead(feed.current(ORG), "new")]).toEqual([false, true]);
  });

  it("loads afresh when its history ended: another epoch, or changes that are no longer kept", async () => {
    const { state, store, newFeed } = await world();
    const feed = newFeed();
    const first = await feed.plan(ORG);
    const organization = state.organizations.get(ORG);
    if (organization === undefined || first === undefined) throw new Error("not there");
    organization.standing = { ...organization.standing, head: { revision: first.at.revision, epoch: "another" } };
    expect(await feed.reach(ORG, { revision: first.at.revision, epoch: "another" }, 1_000)).toBe(true);
    expect(feed.current(ORG)?.at.epoch).toBe("another");
    expect(await feed.reach(ORG, first.at, 50)).toBe(false);

    const lagging = newFeed(altered(store, { subscribe: () => () => undefined }));
    await lagging.plan(ORG);
    for (const id of ["a", "b", "c"]) await store.write(ORG, putting(user(id), grant(id)));
    await store.trimChanges(ORG, { revisionsMax: 1 });
    expect(await lagging.reach(ORG, { revision: first.at.revision + 3, epoch: "another" }, 1_000)).toBe(true);
    expect(["a", "b", "c"].map((id) => mayRead(lagging.current(ORG), id))).toEqual([true, true, true]);
  });

  it("tells an error of the store, keeps its last plan, and goes on when the store does", async () => {
    const { store, errors, newFeed } = await world();
    let isBroken = false;
    const feed = newFeed(
      altered(store, {
        changes: (org, after, max) => {
          if (isBroken) throw new StoreError("store_failed", "broken");
          return store.changes(org, after, max);
        },
      }),
    );
    const before = await feed.plan(ORG);
    isBroken = true;
    const { head } = await store.write(ORG, putting(label("x")));
    await expect(feed.reach(ORG, head, 50)).rejects.toMatchObject({ code: "store_failed" });
    expect([errors.length > 0, feed.current(ORG)]).toEqual([true, before]);
    isBroken = false;
    expect(await feed.reach(ORG, head, 1_000)).toBe(true);
  });

  it("answers nobody before the store's changes lead on from what it loaded: another history's pages are loaded again", async () => {
    const { store, newFeed } = await world();
    await store.create("rich", putting(...BASE, user("thief"), grant("thief")));
    let loads = 0;
    const feed = newFeed(
      altered(store, {
        load: (org) => store.load(loads++ === 0 ? "rich" : org),
        async changes(org, after, max) {
          expect(feed.current(ORG)).toBeUndefined();
          return store.changes(org, after, max);
        },
      }),
    );
    expect(mayRead(await feed.plan(ORG), "thief")).toBe(false);
    expect(loads).toBe(2);
  });

  it.each<[what: string, spoil: (page: Page) => Page]>([
    ["that is cut off", ({ total: _, ...page }) => page],
    ["in which records are missing", (page) => ({ ...page, records: page.records.slice(1) })],
  ])("fails on a load %s, and loads anew when it is asked again", async (_, spoil) => {
    const { store, newFeed } = await world();
    let isBroken = true;
    const feed = newFeed(
      altered(store, {
        async *load(org) {
          for await (const page of store.load(org)) yield isBroken ? spoil(page) : page;
        },
      }),
    );
    await expect(feed.plan(ORG)).rejects.toMatchObject({ code: "wrong_answer" });
    expect(feed.current(ORG)).toBeUndefined();
    isBroken = false;
    expect((await feed.plan(ORG))?.at.revision).toBe(1);
  });

  it("gives up on an organization whose history ends each time, without waiting for itself", async () => {
    const { store, newFeed } = await world();
    const feed = newFeed(altered(store, { changes: async () => ({ kind: "reload" }) }));
    await expect(feed.plan(ORG)).rejects.toMatchObject({ code: "wrong_answer" });
  });

  it("never takes another history's changes, nor changes of which one is left out", async () => {
    const { store, newFeed } = await world();
    await store.create("rich", putting(...BASE));
    await store.write("rich", putting(user("thief"), grant("thief")));
    let broken: Partial<Store> = {};
    const feed = newFeed(altered(store, { changes: (org, after, max) => (broken.changes ?? store.changes.bind(store))(org, after, max) }));
    await feed.plan(ORG);
    const rich = (await store.heads(["rich"])).get("rich") as Head;
    for (const changes of [
      () => store.changes("rich", { ...rich, revision: 1 }, 10),
      async () => ({ kind: "changes" as const, head: { ...rich, revision: 3 }, sets: [{ revision: 3, id: "x", timeMs: 1, changes: [] }] }),
    ]) {
      broken = { changes };
      await store.write(ORG, putting(label(`x${Math.random()}`)));
      await turn();
      broken = {};
      const { head } = await store.write(ORG, putting(label(`y${Math.random()}`)));
      expect(await feed.reach(ORG, head, 1_000)).toBe(true);
      expect(mayRead(feed.current(ORG), "thief")).toBe(false);
    }
  });

  it("follows no longer when it is closed", async () => {
    const { store, newFeed } = await world();
    const feed = newFeed();
    const before = await feed.plan(ORG);
    feed.close();
    await store.write(ORG, putting(label("x")));
    await new Promise((resolve) => setImmediate(resolve));
    expect(feed.current(ORG)).toBe(before);
  });
});

describe("reach", () => {
  it("waits for what comes in time, and no longer than it was told", async () => {
    const { store, newFeed } = await world();
    const feed = newFeed();
    const { epoch } = (await feed.plan(ORG))?.at ?? { epoch: "" };
    const reached = feed.reach(ORG, { revision: 3, epoch }, 2_000);
    await store.write(ORG, putting(label("2")));
    await store.write(ORG, putting(label("3")));
    expect(await reached).toBe(true);
    const began = performance.now();
    expect(await feed.reach(ORG, { revision: 9, epoch }, 100)).toBe(false);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it("is false of an organization that is not there", async () => {
    const { newFeed } = await world();
    expect(await newFeed().reach("nobody", { revision: 1, epoch: "x" }, 20)).toBe(false);
  });
});

describe("an offered plan", () => {
  const next = (plan: Plan | undefined, ...given: readonly Rec[]): Plan =>
    apply(
      plan as Plan,
      given.map((put) => ({ put })),
      { revision: (plan?.at.revision ?? 0) + 1, epoch: plan?.at.epoch ?? "" },
    );

  it("is taken when its revision is committed, instead of applying the changes again", async () => {
    const { store, newFeed } = await world();
    const feed = newFeed();
    const offered = next(await feed.plan(ORG), label("x"));
    const { head } = await store.write(ORG, (tx) => {
      feed.offer(ORG, offered);
      putting(label("x"))(tx);
    });
    await feed.reach(ORG, head, 1_000);
    expect(feed.current(ORG)).toBe(offered);
  });

  it("is taken at once when its write is acknowledged, whatever the store answers about its changes, and never taken back", async () => {
    const { store, newFeed } = await world();
    let isBroken = false;
    const feed = newFeed(
      altered(store, {
        changes: (org, after, max) => (isBroken ? Promise.reject(new StoreError("store_failed", "x")) : store.changes(org, after, max)),
      }),
    );
    const plan = await feed.plan(ORG);
    const [first, second] = [next(plan, label("1")), next(next(plan, label("1")), label("2"))];
    isBroken = true;
    await store.write(ORG, putting(label("1")));
    await store.write(ORG, putting(label("2")));
    feed.take(ORG, second);
    expect(feed.current(ORG)).toBe(second);
    feed.take(ORG, first);
    expect(feed.current(ORG)).toBe(second);
    isBroken = false;
    expect(await feed.reach(ORG, second.at, 100)).toBe(true);
    await turn();
    expect(feed.current(ORG)).toBe(second);
    feed.take("nobody", second);
  });

  it("is what a write at its head builds on, while the current plan stays the committed one", async () => {
    const { newFeed } = await world();
    const feed = newFeed();
    const plan = await feed.plan(ORG);
    const offered = next(plan, label("x"));
    feed.offer(ORG, offered);
    expect(feed.at(ORG, offered.at)).toBe(offered);
    expect(feed.at(ORG, (plan as Plan).at)).toBe(plan);
    expect(feed.current(ORG)).toBe(plan);
    expect(feed.at(ORG, { ...offered.at, epoch: "another" })).toBeUndefined();
    expect(feed.at("nobody", offered.at)).toBeUndefined();
    feed.withdraw(ORG, offered);
    expect(feed.at(ORG, offered.at)).toBeUndefined();
  });

  it("gives way to the next one for its revision: a write that saw the same head proves that it altered nothing", async () => {
    const { store, newFeed } = await world();
    const feed = newFeed();
    const plan = await feed.plan(ORG);
    const [idle, real] = [next(plan, label("idle")), next(plan, label("real"))];
    feed.offer(ORG, idle);
    feed.offer(ORG, next(idle, label("behind")));
    const { head } = await store.write(ORG, (tx) => {
      feed.offer(ORG, real);
      putting(label("real"))(tx);
    });
    feed.withdraw(ORG, idle);
    await feed.reach(ORG, head, 1_000);
    expect(feed.current(ORG)).toBe(real);
    expect(heldBy(real)).toEqual(heldBy(await newFeed().plan(ORG)));
  });

  it("of a write that failed is never taken for what another wrote", async () => {
    const { store, newFeed } = await world();
    const feed = newFeed();
    const failed = next(await feed.plan(ORG), label("failed"));
    feed.offer(ORG, failed);
    feed.withdraw(ORG, failed);
    const { head } = await store.write(ORG, putting(label("other")));
    await feed.reach(ORG, head, 1_000);
    expect(heldBy(feed.current(ORG))).toEqual(heldBy(await newFeed().plan(ORG)));
    feed.offer("nobody", compiler("nobody").finish({ revision: 1, epoch: "x" }));
    feed.withdraw("nobody", failed);
  });
});
