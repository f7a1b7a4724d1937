/** A feed and organizations that are removed: no plan outlives them, and one that is made again is another. */
import { decide, type Plan, type Rec } from "@reeve/core";
import { describe, expect, it, onTestFinished } from "vitest";
import type { AuditNote, Head, Store, Transaction } from "../store/index.ts";
import { memoryStore } from "../store/memory/memory-store.ts";
import { createFeed, type Feed } from "./index.ts";

const NOTE: AuditNote = { actor: { type: "user", id: "ada" }, action: "test", target: "o", requestId: "r" };
const ORG = "o";
const user = (id: string): Rec => ({ kind: "principal", value: { id, type: "user", active: true } });
const grant = (principal: string): Rec => ({ kind: "grant", value: { principal, resource: "/folders/a", access: "R", reach: "self" } });
const BASE: readonly Rec[] = [
  { kind: "product", value: { id: "files", boundedBy: "none", settings: {}, types: { folders: { actions: { read: ["R"] } } } } },
  { kind: "resource", value: { path: "/folders/a" } },
];
const putting =
  (...given: readonly Rec[]) =>
  (tx: Transaction): void => {
    for (const rec of given) tx.put(rec);
    tx.audit(NOTE);
  };

type World = { readonly store: Store; readonly errors: unknown[]; newFeed(of?: Store): Feed };
async function world(): Promise<World> {
  const store = memoryStore();
  await store.create(ORG, putting(...BASE));
  const errors: unknown[] = [];
  const newFeed = (of: Store = store): Feed => {
    const feed = createFeed(of, { seed: 1, onError: (_, error) => void errors.push(error) });
    onTestFinished(() => feed.close());
    return feed;
  };
  return { store, errors, newFeed };
}
const mayRead = (plan: Plan | undefined, id: string): boolean =>
  decide(plan as Plan, { principal: { type: "user", id }, action: { name: "read" }, resource: { path: "/folders/a" } }, 0).allow;
/** A store of which some members are replaced. */
const altered = (store: Store, members: Partial<Store>): Store =>
  new Proxy(store, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      return Reflect.get(members, name) ?? (typeof member === "function" ? member.bind(target) : member);
    },
  });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("an organization that is removed", () => {
  const removed = async (store: Store): Promise<Head> => {
    const head = (await store.heads([ORG])).get(ORG) as Head;
    if ((await store.remove(ORG, head, NOTE)) === undefined) throw new Error("not removed");
    return head;
  };

  it("is none any more for whoever follows it, and one that is made again is another", async () => {
    const { store, errors, newFeed } = await world();
    const feed = newFeed();
    await store.write(ORG, putting(user("old"), grant("old")));
    const old = await feed.plan(ORG);
    await removed(store);
    await turn();
    expect([feed.current(ORG), feed.loaded(), await feed.plan(ORG)]).toEqual([undefined, [], undefined]);
    await store.create(ORG, putting(...BASE, user("new"), grant("new")));
    const plan = await feed.plan(ORG);
    expect([mayRead(plan, "old"), mayRead(plan, "new")]).toEqual([false, true]);
    expect(plan?.at).toEqual({ revision: 1, epoch: expect.not.stringMatching(old?.at.epoch ?? "") });
    expect(errors).toEqual([]);
  });

  it("is forgotten at once by whoever removed it, though no wake and no answer of the store comes", async () => {
    const { store, newFeed } = await world();
    const feed = newFeed(altered(store, { subscribe: () => () => undefined }));
    await feed.plan(ORG);
    const { epoch } = await removed(store);
    expect(feed.current(ORG)).toBeDefined();
    feed.forget(ORG, "another");
    expect(feed.current(ORG)).toBeDefined();
    feed.forget(ORG, epoch);
    expect([feed.current(ORG), await feed.plan(ORG)]).toEqual([undefined, undefined]);
    feed.forget(ORG, epoch);
  });

  it("is followed as another where it was made again in between", async () => {
    const { store, newFeed } = await world();
    const feed = newFeed();
    await store.write(ORG, putting(user("old"), grant("old")));
    await feed.plan(ORG);
    const { epoch } = await removed(store);
    await store.create(ORG, putting(...BASE));
    const { head } = await store.write(ORG, putting(user("new"), grant("new")));
    expect(await feed.reach(ORG, head, 1_000)).toBe(true);
    feed.forget(ORG, epoch);
    const plan = feed.current(ORG);
    expect([mayRead(plan, "old"), mayRead(plan, "new")]).toEqual([false, true]);
  });

  it("is not taken for loaded when it goes while it is read", async () => {
    const { store, newFeed } = await world();
    const slow = altered(store, {
      async *load(org) {
        yield* store.load(org);
        if ((await store.heads([ORG])).has(ORG)) await removed(store);
      },
    });
    const feed = newFeed(slow);
    expect([await feed.plan(ORG), feed.loaded()]).toEqual([undefined, []]);
  });

  it("is reached by nobody, without waiting", async () => {
    const { store, newFeed } = await world();
    const feed = newFeed();
    await feed.plan(ORG);
    const head = await removed(store);
    feed.forget(ORG, head.epoch);
    const began = performance.now();
    expect(await feed.reach(ORG, head, 5_000)).toBe(false);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
