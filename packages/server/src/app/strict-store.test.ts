/** The store held to its word: what it answers in time and to the question comes through as it is, everything else fails. */
import { describe, expect, it } from "vitest";
import { type Head, type Page, type Store, StoreError } from "../store/index.ts";
import { memoryStore } from "../store/memory/memory-store.ts";
import { strictStore } from "./strict-store.ts";

const NOTE = { actor: { type: "user", id: "ada" }, action: "test", target: "o", requestId: "r" };
const HASH = new Uint8Array(32).fill(7);
const TOKEN = { hash: HASH, kind: "administrator", createdMs: 1 };
const ITEM = { kind: "session", id: "i", owner: "x", expiresMs: 1, value: {} };

type Members = Partial<Omit<Store, "tokens" | "items">> & {
  readonly tokens?: Partial<Store["tokens"]>;
  readonly items?: Partial<Store["items"]>;
};
type World = { readonly inner: Store; readonly failures: StoreError[]; readonly head: Head; readonly store: Store };
async function world(members: Members = {}): Promise<World> {
  const inner = memoryStore();
  await inner.create("o", (tx) => tx.audit(NOTE));
  await inner.create("removed", (tx) => tx.audit(NOTE));
  await inner.tokens.put(TOKEN);
  await inner.items.write((tx) => tx.put(ITEM));
  const part = <Part extends object>(of: Part, own: Partial<Part> = {}): Part =>
    new Proxy(of, { get: (target, name) => Reflect.get(own, name) ?? (Reflect.get(target, name) as () => unknown).bind(target) });
  const [tokens, items] = [part(inner.tokens, members.tokens), part(inner.items, members.items)];
  const faulty = new Proxy(inner, {
    get(target, name) {
      if (name === "tokens") return tokens;
      if (name === "items") return items;
      return Reflect.get(members, name) ?? (Reflect.get(target, name) as () => unknown).bind(target);
    },
  });
  const failures: StoreError[] = [];
  const head = (await inner.heads(["o"])).get("o")!;
  return { inner, failures, head, store: strictStore(faulty, { waitMs: 20, onFailure: (error) => void failures.push(error) }) };
}
const never = (): Promise<never> => new Promise(() => undefined);
const all = async (pages: AsyncIterable<Page>): Promise<readonly Page[]> => {
  const found: Page[] = [];
  for await (const page of pages) found.push(page);
  return found;
};

/** Every question to the store, and what it is asked by. */
const ASKED = {
  load: ({ store }) => all(store.load("o")),
  write: ({ store }) => store.write("o", () => 1),
  create: ({ store }) => store.create("p", (tx) => tx.audit(NOTE)),
  remove: async ({ store, inner }) =>
    store.remove("removed", (await inner.heads(["removed"])).get("removed") ?? { revision: 0, epoch: "" }, NOTE),
  changes: ({ store, head }) => store.changes("o", { ...head, revision: 0 }, 10),
  heads: ({ store }) => store.heads(["o", "p"]),
  organizations: ({ store }) => store.organizations(undefined, 10),
  read: ({ store }) => store.read("o", "label", ["x"]),
  objects: ({ store }) => store.list("o", { kind: "label", filter: {}, sort: "key", max: 1 }),
  changeSets: ({ store }) => store.changeSets("o", undefined, 1),
  changeSet: ({ store }) => store.changeSet("o", { revision: 1 }),
  history: ({ store }) => store.history("o", { kind: "label", key: ["x"] }, { max: 1 }),
  secret: ({ store }) => store.secret("x"),
  trimChanges: ({ store }) => store.trimChanges("o", { revisionsMax: 1 }),
  find: ({ store }) => store.tokens.find(HASH),
  put: ({ store }) => store.tokens.put(TOKEN),
  list: ({ store }) => store.tokens.list({ kind: "administrator" }, undefined, 10),
  delete: ({ store }) => store.tokens.delete(HASH),
  used: ({ store }) => store.tokens.used(HASH, 1),
  findItem: ({ store }) => store.items.find("session", "i"),
  listItems: ({ store }) => store.items.list({ kind: "session", owner: "x" }, undefined, 1),
  writeItems: ({ store }) => store.items.write((tx) => [tx.find("session", "i"), tx.put(ITEM), tx.delete("session", "j")]),
  trimItems: ({ store }) => store.items.trim(1, 1),
} satisfies Readonly<Record<string, (world: World) => Promise<unknown>>>;

type Name = keyof typeof ASKED;
const names = Object.keys(ASKED) as Name[];
const TOKENS: readonly string[] = ["find", "put", "list", "delete", "used"];
const ITEMS: Readonly<Record<string, string>> = { findItem: "find", listItems: "list", writeItems: "write", trimItems: "trim" };
const only = (name: Name, answer: unknown): Members => {
  const item = ITEMS[name];
  if (item !== undefined) return { items: { [item]: answer } } as Members;
  if (TOKENS.includes(name)) return { tokens: { [name]: answer } } as Members;
  return { [name === "objects" ? "list" : name]: answer } as Members;
};

describe("what a store answers", () => {
  it.each(names)("to %s comes through as it is", async (name) => {
    const [strict, plain] = [await world(), await world()];
    const told = await ASKED[name](strict);
    if (name === "write" || name === "create" || name === "secret") return;
    const through = { ...plain, store: plain.inner };
    const shape = (value: unknown) =>
      JSON.stringify(value).replaceAll(/"epoch":"\w+"|"(id|changeSet)":"[\w-]+"|"timeMs":\d+|"hash":\{[^}]*\}/g, "");
    expect(shape(told ?? null)).toBe(shape((await ASKED[name](through)) ?? null));
    expect(strict.failures).toEqual([]);
  });

  it.each(names)("to %s in no time is no answer, and is told", async (name) => {
    const hanging = name === "load" ? () => ({ [Symbol.asyncIterator]: () => ({ next: never, return: never }) }) : never;
    const one = await world(only(name, hanging));
    await expect(ASKED[name](one)).rejects.toMatchObject({ code: "not_answered" });
    expect(one.failures.map(({ code }) => code)).toEqual(["not_answered"]);
  });

  it.each(names.filter((name) => name !== "used" && name !== "load"))("to %s that is none is refused", async (name) => {
    for (const rubbish of [null, -1, "rubbish", {}, [null], Number.NaN]) {
      const one = await world(only(name, async () => rubbish));
      await expect(ASKED[name](one), JSON.stringify(rubbish)).rejects.toMatchObject({ code: "wrong_answer" });
    }
  });

  it("to another question is refused: another history, another token, an organization that was not asked about", async () => {
    const head = { revision: 1, epoch: "another" };
    const LABEL = { rec: { kind: "label", value: { id: "x" } }, revision: 1, life: 1 };
    const SET = { ...NOTE, period: 1, seq: 1, timeMs: 1, revision: 1, changeSet: "x", count: 1 };
    const cases: readonly (readonly [Name, unknown])[] = [
      ["changes", async () => ({ kind: "changes", head, sets: [] })],
      ["heads", async () => new Map([["q", head]])],
      ["read", async () => ({ head, object: { rec: { kind: "label", value: { id: "y" } }, revision: 1, life: 1 } })],
      ["objects", async () => ({ head, objects: [{ rec: { kind: "grant", value: {} }, revision: 1, life: 1 }] })],
      ["objects", async () => ({ head, objects: [LABEL, LABEL] })],
      ["changeSets", async () => [SET, SET]],
      ["changeSet", async () => ({ ...SET, revision: 2, changes: [] })],
      ["history", async () => [{ ...SET, changes: [{ kind: "label", key: ["y"], life: 1, before: null, after: null }] }]],
      ["secret", async () => new Uint8Array(31)],
      ["find", async () => ({ ...TOKEN, hash: new Uint8Array(32) })],
      ["list", async () => [{ ...TOKEN, kind: "principal" }]],
      ["findItem", async () => ({ ...ITEM, id: "j" })],
      ["findItem", async () => ({ ...ITEM, kind: "key" })],
      ["listItems", async () => [{ ...ITEM, owner: "y" }]],
      ["listItems", async () => [ITEM, ITEM]],
      ["remove", async () => ({ ...SET, requestId: "another" })],
      ["write", async () => ({ value: 1, head, applied: 1, changeSet: "x" })],
      ["create", async () => ({ ok: true, value: { value: 1, head, applied: 1, changeSet: "x" } })],
    ];
    for (const [name, answer] of cases) {
      await expect(ASKED[name](await world(only(name, answer))), name).rejects.toMatchObject({ code: "wrong_answer" });
    }
  });

  it("with changes that leave one out is refused", async () => {
    const { head } = await world();
    const sets = [{ revision: 2, id: "x", timeMs: 1, changes: [] }];
    const one = await world({ changes: async (_, after) => ({ kind: "changes", head: { ...after, revision: 2 }, sets }) });
    await expect(ASKED.changes({ ...one, head })).rejects.toMatchObject({ code: "wrong_answer" });
  });
});

describe("a failure of the store", () => {
  it("is passed on as it is, and told where it is no everyday one", async () => {
    for (const [code, told] of [
      ["damaged", 1],
      ["busy", 0],
      ["organization_unknown", 0],
    ] as const) {
      const one = await world({ heads: () => Promise.reject(new StoreError(code, "x")) });
      await expect(ASKED.heads(one)).rejects.toMatchObject({ code });
      expect(one.failures.length).toBe(told);
    }
  });

  it("that is thrown at once is a rejection all the same", async () => {
    const one = await world({
      heads() {
        throw new TypeError("a bug");
      },
    });
    await expect(ASKED.heads(one)).rejects.toThrow("a bug");
  });
});
