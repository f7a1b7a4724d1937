/** What somebody might do with little access to assets to have more, to learn what he may not know, or to hold others up. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FIRST, ORDERS, type Person, SPACE, type Space, said, space } from "./assets.ts";
import { put } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

type Ground = Space & { readonly ann: Person; readonly bob: Person; readonly boss: Person };
/** `ann` owns `orders`, whose version is called under `/orders`; `bob` may make APIs. */
async function ground(): Promise<Ground> {
  const made = await space(served);
  const [ann, bob, boss] = await Promise.all(["ann", "bob", "boss"].map(made.person));
  for (const id of ["ann", "bob"]) await made.root.give(SPACE, [id, "read_write"]);
  await (ann as Person).make(ORDERS, { version: { basePath: "/orders" } });
  return { ...made, ann, bob, boss } as Ground;
}
const mayCall = async ({ one }: Ground, id: string, target: string): Promise<boolean> => {
  const body = { subject: { type: "user", id }, product: "api-management", method: "GET", target };
  return (await served.call(`/v1/orgs/${one.id}/operations/check`, { body })).body.decision;
};
const MINE = `${SPACE}/apis/mine`;

describe("a base path", () => {
  it("is nobody's to take, whole, below or above another one", async () => {
    const at = await ground();
    expect(await mayCall(at, "ann", "/orders/admin/keys")).toBe(true);
    for (const basePath of ["/orders", "/orders/admin"]) {
      const refused = await at.bob.make(MINE, { version: { basePath } });
      expect(said(refused)).toEqual([409, "base_path_taken"]);
      expect(refused.body.detail).not.toContain("apis/orders");
    }
    await at.bob.make(MINE, { version: { basePath: "/mine/v1" } });
    expect(said(await at.ann.make(`${SPACE}/apis/other`, { version: { basePath: "/mine" } }))).toEqual([409, "base_path_taken"]);
    expect(said(await at.bob.edit(`${MINE}/versions/1.0`, { basePath: "/orders/x" }))).toEqual([409, "base_path_taken"]);
    expect([await mayCall(at, "bob", "/orders/admin/keys"), await mayCall(at, "ann", "/orders/admin/keys")]).toEqual([false, true]);
    expect((await at.bob.edit(`${MINE}/versions/1.0`, { basePath: "/minestuff" })).status).toBe(200);
    expect((await at.boss.make(`${SPACE}/apis/admin`, { version: { basePath: "/orders/admin" } })).status).toBe(201);
  });

  it("is changed and dropped by owners alone", async () => {
    const at = await ground();
    await at.ann.give(FIRST, ["bob", "read_write"]);
    expect(said(await at.bob.edit(FIRST, {}))).toEqual([403, "not_permitted"]);
    expect((await at.bob.edit(FIRST, { basePath: "/orders", name: "One" })).status).toBe(200);
    expect((await at.ann.edit(FIRST, { basePath: "/orders/v1" })).status).toBe(200);
  });

  it("is a version's or a proxy's, and stays with what lies in the bin", async () => {
    const at = await ground();
    expect((await at.ann.edit(ORDERS, { basePath: "/api" })).body.errors[0].pointer).toBe("/basePath");
    for (const state of ["published", "deprecated", "retired"]) await at.root.move(FIRST, state);
    expect(await mayCall(at, "ann", "/orders/1")).toBe(false);
    await at.ann.delete(FIRST);
    expect(said(await at.ann.make(FIRST, { basePath: "/orders" }))).toEqual([409, "base_path_taken"]);
    expect(await mayCall(at, "ann", "/orders/1")).toBe(false);
  });
});

describe("deleting", () => {
  it("tells of nothing that is hidden, and takes along nothing that a Deny rule keeps", async () => {
    const at = await ground();
    await at.root.move(FIRST, "published");
    await at.ann.give(ORDERS, ["bob", "full_access"]);
    const refused = await at.bob.delete(ORDERS);
    expect([...said(refused), refused.body.detail]).toEqual([400, "asset_published", expect.not.stringContaining("1.0")]);
    await at.root.move(FIRST, "unpublished");
    const rules = [{ effect: "deny", resource: `${FIRST}`, actions: ["delete"], condition: { "===": [{ var: "subject.id" }, "bob"] } }];
    await at.one.writes([put("policy", { id: "keep", name: "Keep", status: "active", sandboxes: "all", rules })]);
    expect(said(await at.bob.delete(ORDERS))).toEqual([403, "not_permitted"]);
    expect((await at.ann.delete(ORDERS)).status).toBe(200);
  });

  it("keeps no more than the bin holds", async () => {
    const at = await ground();
    const document = Array.from({ length: 4_000 }, (_, n) => ({ method: "GET", path: `/${"x".repeat(100)}/${n}` }));
    let refused = 0;
    for (let n = 0; n < 18 && refused === 0; n++) {
      expect((await at.ann.make(`${SPACE}/apis/big${n}`, { version: { basePath: `/big${n}`, document } })).status).toBe(201);
      const gone = await at.ann.delete(`${SPACE}/apis/big${n}`);
      if (gone.status !== 200) refused = gone.status;
    }
    expect(refused).toBe(413);
    const before = performance.now();
    await at.one.writes(["dee", "cy"].map((id) => ({ delete: { kind: "principal", id } })));
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});

describe("a write that is sent again with its key", () => {
  it("is answered as done, and done once", async () => {
    const at = await ground();
    const headers = (key: string) => ({ "idempotency-key": key });
    const make = () => at.bob.call("", { body: { path: MINE }, headers: headers("a") });
    const [first, again] = [await make(), await make()];
    expect([first.status, again.status, again.body.path]).toEqual([201, 201, MINE]);
    const many = await Promise.all(Array.from({ length: 8 }, () => at.bob.call("", { body: { path: `${MINE}2` }, headers: headers("b") })));
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([201]));
    const move = () => at.root.call("/state", { method: "PUT", body: { path: FIRST, state: "published" }, headers: headers("c") });
    expect([(await move()).status, (await move()).status]).toEqual([200, 200]);
    const away = () => at.ann.call("/owner", { method: "PUT", body: { path: ORDERS, owner: "bob" }, headers: headers("d") });
    expect([(await away()).status, (await away()).status]).toEqual([200, 200]);
    const other = await at.bob.call("", { body: { path: `${MINE}3` }, headers: headers("a") });
    expect(said(other)).toEqual([422, "idempotency_key_reused"]);
    const wrong = () => at.bob.call("", { body: { path: MINE }, headers: headers("e") });
    expect([said(await wrong()), said(await wrong())]).toEqual([
      [409, "object_exists"],
      [409, "object_exists"],
    ]);
  });
});

describe("a write whose writer sees no more of it", () => {
  it("is answered as done", async () => {
    const at = await ground();
    const away = await at.ann.call("/owner", { method: "PUT", body: { path: ORDERS, owner: "dee", retain: false } });
    expect([away.status, away.body]).toEqual([200, { path: ORDERS, level: "apis", id: "orders", actions: [] }]);
    expect((await at.root.get(ORDERS)).body.owner).toBe("dee");
    expect((await at.ann.get(ORDERS)).status).toBe(404);
  });

  it("leaves nothing to who gives it away without retaining anything", async () => {
    const at = await ground();
    await at.one.writes([put("grant", { principal: "ann", resource: ORDERS, access: "RWX", reach: "subtree" })]);
    await at.ann.call("/owner", { method: "PUT", body: { path: ORDERS, owner: "dee", retain: false } });
    expect((await at.ann.get(ORDERS)).status).toBe(404);
  });
});

describe("many entries", () => {
  it("are looked at one after the other", async () => {
    const at = await ground();
    const give = { path: ORDERS, principal: { type: "user", id: "dee" }, access: "read_only" };
    const batch = (entries: readonly object[]) => at.ann.call("/permissions/batch", { body: { entries } });
    expect(
      (await batch([give, { ...give, access: "read_write" }, { path: ORDERS, remove: "dee" }])).body.items.map(
        ({ is }: { is: string }) => is,
      ),
    ).toEqual(["made", "replaced", "removed"]);
    expect(said(await batch([give, { path: ORDERS, remove: "dee" }, { path: ORDERS, remove: "dee" }]))).toEqual([404, "asset_not_found"]);
    expect((await at.ann.permissions(ORDERS)).body.items).toHaveLength(1);
  });

  it("tell nobody how many there are that he may not edit", async () => {
    const at = await ground();
    for (let n = 0; n < 60; n++) await at.ann.make(`${SPACE}/apis/n${n}`);
    const entries = Array.from({ length: 100 }, () => ({ principal: { type: "user", id: "dee" }, access: "read_only" }));
    const refused = await at.bob.call("/permissions/subtree", { body: { path: SPACE, entries } });
    expect([...said(refused), refused.body.detail]).toEqual([403, "scope_exceeds_own_access", expect.not.stringMatching(/\d{2}/)]);
  });

  it("for all versions are written on the list that is shown", async () => {
    const at = await ground();
    const old = (await at.ann.permissions(FIRST)).headers.get("etag") as string;
    expect((await at.ann.give(FIRST, ["dee", "read_only", true], { "if-match": old })).status).toBe(201);
    expect(said(await at.ann.give(FIRST, ["dee", "read_write", true], { "if-match": old }))).toEqual([412, "object_changed"]);
  });
});
