/** Assets that move: under another name, to another parent, with everything that they have; by who may, and while others act. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FIRST, ORDERS, type Person, SPACE, type Space, said, space } from "./assets.ts";
import { put } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

const OTHER = "/spaces/other";
const SALES = `${SPACE}/apis/sales`;
const MOVED = `${OTHER}/apis/orders`;
type Ground = Space & { readonly ann: Person; readonly bob: Person; readonly cy: Person; readonly boss: Person };
/** `ann` may make APIs in both spaces, and owns `orders`. */
async function ground(): Promise<Ground> {
  const made = await space(served);
  const [ann, bob, cy, boss] = await Promise.all(["ann", "bob", "cy", "boss"].map(made.person));
  await made.root.make(OTHER);
  for (const path of [SPACE, OTHER]) expect((await made.root.give(path, ["ann", "read_write"])).status).toBe(201);
  expect((await (ann as Person).make(ORDERS, { name: "Orders" })).status).toBe(201);
  return { ...made, ann, bob, cy, boss } as Ground;
}

type Row = { readonly principal: { readonly id: string }; readonly access: string; readonly reach: string; readonly givenBy?: string };
const rowsOf = async (who: Person, path: string): Promise<readonly unknown[]> =>
  (await who.permissions(path)).body.items.map(({ principal, access, reach, givenBy }: Row) => [principal.id, access, reach, givenBy]);

describe("an asset that moves", () => {
  it("takes along all that it has and all that is below it", async () => {
    const { ann, boss, one } = await ground();
    await one.writes([put("label", { id: "custom/x" }), put("resource", { path: FIRST, owner: "ann", labels: ["custom/x"] })]);
    await ann.edit(FIRST, { name: "One", basePath: "/orders", document: [{ method: "GET", path: "/all" }], properties: { a: 1 } });
    await ann.give(ORDERS, ["bob", "read_write", true]);
    await ann.give(FIRST, ["team", "read_execute", true]);
    await ann.give(FIRST, ["bob", "read_only"]);
    const before = await Promise.all([ORDERS, FIRST].map(async (path) => [(await ann.get(path)).body, await rowsOf(boss, path)]));
    const answer = await ann.relocate(ORDERS, MOVED);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers.get("etag")).toMatch(/^"[^"]+\.\d+"$/);
    expect(answer.body).toMatchObject({ path: MOVED, id: "orders", owner: "ann", name: "Orders" });
    const there = (path: string): string => path.replace(ORDERS, MOVED);
    for (const [index, path] of [ORDERS, FIRST].entries()) {
      const [asset, rows] = before[index] as [object, unknown];
      expect((await ann.get(there(path))).body).toEqual({ ...asset, path: there(path) });
      expect(await rowsOf(boss, there(path))).toEqual(rows);
      expect(said(await boss.get(path))).toEqual([404, "asset_not_found"]);
    }
    // Nothing is left where it was: what is made there has nothing of it.
    await ann.make(ORDERS);
    expect(await rowsOf(boss, FIRST)).toEqual([
      ["ann", "owner", "self", undefined],
      ["ann", "owner", "subtree", undefined],
    ]);
    const calls = { subject: { type: "user", id: "cy" }, product: "api-management", method: "GET", target: "/orders/all" };
    const called = await served.call(`/v1/orgs/${one.id}/operations/check`, { body: calls });
    expect(called.body.decision, called.text).toBe(true);
  });

  it("is reached by what lies above its new place, and no more by what lay above the old one", async () => {
    const { ann, bob, cy, root } = await ground();
    await root.give(SPACE, ["bob", "read_only", true]);
    await root.give(OTHER, ["team", "read_only", true]);
    expect([(await bob.get(FIRST)).status, (await cy.get(FIRST)).status]).toEqual([200, 404]);
    await ann.relocate(ORDERS, MOVED);
    const first = `${MOVED}/versions/1.0`;
    expect([(await bob.get(first)).status, (await cy.get(first)).status]).toEqual([404, 200]);
  });

  it("takes along what was deleted from below it, and leaves what lay there before it", async () => {
    const { ann, boss } = await ground();
    const older = (await ann.delete(ORDERS)).body.id;
    await ann.make(ORDERS);
    await ann.make(`${ORDERS}/versions/2`);
    const below = (await ann.delete(`${ORDERS}/versions/2`)).body.id;
    await ann.relocate(ORDERS, MOVED);
    expect((await boss.call("/restore", { body: { id: below } })).body.path).toBe(`${MOVED}/versions/2`);
    expect((await boss.call("/restore", { body: { id: older } })).body.path).toBe(ORDERS);
  });

  it("leaves in the bin what lay at its path before it, with its links, which follow what moves at their other end", async () => {
    const { ann, boss, one } = await ground();
    await ann.make(SALES);
    const link = (from: string, to: string) => put("link", { from, linkKind: "uses", to });
    await one.writes([link(FIRST, SALES), link(ORDERS, `${SALES}/versions/1.0`)]);
    const { id } = (await ann.delete(ORDERS)).body;
    await ann.make(ORDERS);
    expect((await ann.relocate(FIRST, `${SALES}/versions/2.0`)).status).toBe(200);
    const sold = `${OTHER}/apis/sold`;
    expect((await ann.relocate(SALES, sold)).status).toBe(200);
    await ann.delete(ORDERS);
    expect((await boss.call("/restore", { body: { id } })).body.path).toBe(ORDERS);
    expect((await ann.get(FIRST)).status).toBe(200);
    const links = (await served.call(`/v1/orgs/${one.id}/links`)).body.items;
    expect(links.map(({ value }: { value: { from: string; to: string } }) => [value.from, value.to])).toEqual([
      [ORDERS, `${sold}/versions/1.0`],
      [FIRST, sold],
    ]);
  });

  it("may be a version that comes to another API, without what was given for all versions of the old one", async () => {
    const { ann, cy } = await ground();
    await ann.make(SALES);
    await ann.make(`${ORDERS}/versions/2`);
    await ann.give(FIRST, ["team", "read_only", true]);
    expect((await cy.get(`${ORDERS}/versions/2`)).status).toBe(200);
    expect((await ann.relocate(`${ORDERS}/versions/2`, `${SALES}/versions/2`)).status).toBe(200);
    expect((await cy.get(`${SALES}/versions/2`)).status).toBe(404);
    expect((await cy.get(FIRST)).status).toBe(200);
  });

  it("is moved under the ETag and the revision that are named", async () => {
    const { ann, one } = await ground();
    const etag = (await ann.get(ORDERS)).headers.get("etag") as string;
    await ann.edit(ORDERS, { name: "Changed" });
    expect(said(await ann.relocate(ORDERS, SALES, { "if-match": etag }))).toEqual([412, "object_changed"]);
    const body = {
      path: ORDERS,
      to: SALES,
      ifRevision: (await ann.call("/preview", { body: { move: { path: ORDERS, to: SALES } } })).body.revision,
    };
    await one.writes([put("principal", { id: "new", type: "user" })]);
    expect(said(await ann.call("/move", { body }))).toEqual([412, "revision_conflict"]);
    expect((await ann.relocate(ORDERS, SALES, { "if-match": (await ann.get(ORDERS)).headers.get("etag") as string })).status).toBe(200);
  });
});

describe("moving", () => {
  it("is for the owner, who may make it there, and for administrators", async () => {
    const { ann, bob, boss, root } = await ground();
    expect(said(await bob.relocate(ORDERS, SALES))).toEqual([404, "asset_not_found"]);
    await ann.give(ORDERS, ["bob", "full_access", true]);
    await root.give(SPACE, ["bob", "full_access"]);
    expect(said(await bob.relocate(ORDERS, SALES))).toEqual([403, "not_permitted"]);
    await root.take(OTHER, "ann");
    expect(said(await ann.relocate(ORDERS, MOVED))).toEqual([404, "asset_not_found"]);
    await root.give(OTHER, ["ann", "read_only"]);
    expect(said(await ann.relocate(ORDERS, MOVED))).toEqual([403, "not_permitted"]);
    expect((await boss.relocate(ORDERS, MOVED)).status).toBe(200);
    // Who owns it and does not see the space may not give it another name there.
    expect((await root.take(OTHER, "ann")).status).toBe(204);
    expect(said(await ann.relocate(MOVED, `${OTHER}/apis/sales`))).toEqual([404, "asset_not_found"]);
    expect((await ann.get(MOVED)).status).toBe(200);
  });

  it("leaves what is published or deprecated where it is, and what a Deny rule keeps", async () => {
    const { ann, root, one } = await ground();
    for (const state of ["published", "deprecated"]) {
      await root.move(FIRST, state);
      expect(said(await ann.relocate(FIRST, `${ORDERS}/versions/2`))).toEqual([409, "asset_state"]);
      expect(said(await ann.relocate(ORDERS, SALES))).toEqual([409, "asset_state"]);
    }
    await root.move(FIRST, "retired");
    const rules = [{ effect: "deny", resource: "/spaces/*/apis/*/versions/*", actions: ["delete"] }];
    const keep = { id: "keep", name: "Keep", product: "api-management", status: "active", sandboxes: "all", rules };
    await one.writes([put("policy", keep)]);
    for (const [path, to] of [
      [ORDERS, SALES],
      [FIRST, `${ORDERS}/versions/2`],
    ] as const)
      expect(said(await ann.relocate(path, to))).toEqual([403, "not_permitted"]);
    await one.writes([{ delete: { kind: "policy", id: "keep" } }]);
    expect((await ann.relocate(ORDERS, SALES)).status).toBe(200);
    // Retired it stays, wherever it is.
    expect((await root.get(`${SALES}/versions/1.0`)).body.state).toBe("retired");
  });

  it.each<[string, string, readonly [number, string?]]>([
    [SPACE, "/spaces/else", [400, "/path"]],
    [ORDERS, `${SPACE}/proxies/orders`, [400, "/to"]],
    [ORDERS, `${SPACE}/apis`, [400, "/to"]],
    [ORDERS, `${ORDERS}/versions`, [400, "/to"]],
    [ORDERS, `${SPACE}/apis/-x`, [400, "/to"]],
    [ORDERS, "nowhere", [400, "/to"]],
    [FIRST, `${SPACE}/versions/1.0`, [400, "/to"]],
    [FIRST, `${SPACE}/apis/none/versions/1.0`, [404]],
    [ORDERS, ORDERS, [409]],
  ])("%s to %s is refused with %j", async (path, to, [status, pointer]) => {
    const { boss } = await ground();
    const answer = await boss.relocate(path, to);
    expect(answer.status, answer.text).toBe(status);
    if (pointer !== undefined) expect(answer.body.errors[0].pointer).toBe(pointer);
    expect((await boss.get(path)).status).toBe(200);
  });
});

describe("a move and others at once", () => {
  it("is in every list once, where it is or where it was", async () => {
    const { ann, boss } = await ground();
    await ann.make(SALES);
    const seen = new Set<string>();
    const lister = (async () => {
      for (let i = 0; i < 60; i++) {
        const listed = (await boss.call("?level=versions")).body.items.map(({ path }: { path: string }) => path);
        expect(listed.filter((path: string) => path.endsWith("/orders/versions/1.0"))).toHaveLength(1);
        expect(listed).toHaveLength(2);
        for (const path of listed) seen.add(path);
      }
    })();
    for (let i = 0; i < 10; i++) {
      expect((await ann.relocate(ORDERS, MOVED)).status).toBe(200);
      expect((await ann.relocate(MOVED, ORDERS)).status).toBe(200);
    }
    await lister;
    expect(seen.size).toBeGreaterThan(2);
  });

  it("loses no entry that is given meanwhile: it is there, or it was told that it is not", async () => {
    const { ann, boss, one } = await ground();
    const people = Array.from({ length: 30 }, (_, i) => `p${i}`);
    await one.writes(people.map((id) => put("principal", { id, type: "user" })));
    const giving = Promise.all(
      people.map(async (id, i) => [id, await boss.give(i % 2 === 0 ? ORDERS : MOVED, [id, "read_only"])] as const),
    );
    const moves = (async () => {
      for (let i = 0; i < 4; i++)
        expect((await ann.relocate(...((i % 2 === 0 ? [ORDERS, MOVED] : [MOVED, ORDERS]) as [string, string]))).status).toBe(200);
    })();
    const given = (await giving).filter(([, { status }]) => status === 201).map(([id]) => id);
    await moves;
    const rows = (await boss.permissions(ORDERS, "&limit=100")).body.items.map((row: Row) => row.principal.id);
    expect(rows.filter((id: string) => people.includes(id)).sort()).toEqual(given.sort());
  });

  it("of one asset to two places ends in one of them", async () => {
    const { ann, boss } = await ground();
    const answers = await Promise.all([
      ann.relocate(ORDERS, MOVED),
      boss.relocate(ORDERS, SALES),
      ann.relocate(ORDERS, `${SPACE}/apis/third`),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    expect((await boss.call("?level=versions")).body.items).toHaveLength(1);
  });

  it("sent twice under one key is done once", async () => {
    const { ann } = await ground();
    const once = { "idempotency-key": "move-1" };
    const [first, second] = [await ann.relocate(ORDERS, SALES, once), await ann.relocate(ORDERS, SALES, once)];
    expect([first.status, second.status, second.body.path]).toEqual([200, 200, SALES]);
  });
});
