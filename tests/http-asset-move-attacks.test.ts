/** What somebody might do with moves, previews and lists of holders to have more, to learn what he may not know, or to hold others up. */
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
/** `ann` and `bob` may make APIs in both spaces; `ann` owns `orders`. */
async function ground(): Promise<Ground> {
  const made = await space(served);
  const [ann, bob, cy, boss] = await Promise.all(["ann", "bob", "cy", "boss"].map(made.person));
  await made.root.make(OTHER);
  for (const path of [SPACE, OTHER]) for (const id of ["ann", "bob"]) await made.root.give(path, [id, "read_write"]);
  expect((await (ann as Person).make(ORDERS)).status).toBe(201);
  return { ...made, ann, bob, cy, boss } as Ground;
}
const denies = ({ one }: Ground, rules: readonly (readonly [resource: string, ...actions: string[]])[]) =>
  one.writes([
    put("policy", {
      id: "deny",
      name: "Deny",
      product: "api-management",
      status: "active",
      sandboxes: "all",
      rules: rules.map(([resource, ...actions]) => ({ effect: "deny", resource, actions })),
    }),
  ]);

describe("what lies in the bin", () => {
  it("goes along with what it lay in, and with nothing that is made or moved there later", async () => {
    const { ann, bob, boss } = await ground();
    const bobs = `${SPACE}/apis/bobs`;
    await bob.make(bobs);
    await bob.make(`${bobs}/versions/2`, { basePath: "/bobs" });
    const version = (await bob.delete(`${bobs}/versions/2`)).body.id;
    const api = (await bob.delete(bobs)).body.id;
    for (const [from, to] of [
      [ORDERS, bobs],
      [bobs, MOVED],
    ] as const)
      expect((await ann.relocate(from, to)).status).toBe(200);
    const early = await boss.call("/restore", { body: { id: version } });
    expect(said(early)).toEqual([409, "asset_state"]);
    expect((await ann.make(bobs)).status).toBe(201);
    expect(said(await boss.call("/restore", { body: { id: version } }))).toEqual([409, "asset_state"]);
    await ann.delete(bobs);
    expect((await boss.call("/restore", { body: { id: api } })).body).toMatchObject({ path: bobs, owner: "bob" });
    expect((await boss.call("/restore", { body: { id: version } })).body).toMatchObject({ path: `${bobs}/versions/2`, owner: "bob" });
    expect(said(await ann.get(`${bobs}/versions/2`))).toEqual([404, "asset_not_found"]);
  });

  it("comes back without a link that leads nowhere any more", async () => {
    const { ann, boss, one } = await ground();
    await ann.make(SALES);
    await one.writes([put("link", { from: FIRST, linkKind: "uses", to: SALES })]);
    const { id } = (await ann.delete(SALES)).body;
    await ann.make(SALES);
    expect((await ann.relocate(FIRST, `${SALES}/versions/2`)).status).toBe(200);
    await ann.delete(SALES);
    expect((await boss.call("/restore", { body: { id } })).status).toBe(200);
    expect((await ann.get(SALES)).status).toBe(200);
  });
});

describe("who moves", () => {
  it("does not move what a Deny rule keeps, below too, nor out of what it forbids him", async () => {
    const at = await ground();
    const { ann, boss } = at;
    for (const action of ["transfer_ownership", "edit_permissions"]) {
      await denies(at, [["/spaces/*/apis/*/versions/*", action]]);
      expect(said(await ann.relocate(ORDERS, MOVED))).toEqual([403, "not_permitted"]);
    }
    await denies(at, [[FIRST, "call"]]);
    expect(said(await ann.relocate(ORDERS, SALES))).toEqual([403, "not_permitted"]);
    expect(said(await ann.relocate(FIRST, `${ORDERS}/versions/2`))).toEqual([403, "not_permitted"]);
    await denies(at, [["/spaces/*/apis/*/versions/*", "call"]]);
    expect((await ann.relocate(ORDERS, SALES)).status).toBe(200);
    await denies(at, [[`${SALES}/versions/1.0`, "call"]]);
    expect((await boss.relocate(SALES, ORDERS)).status).toBe(200);
  });

  it("takes nothing out of what is another's, and no name that he might not give", async () => {
    const { ann, bob } = await ground();
    await bob.make(SALES);
    const mine = `${ORDERS}/versions/2`;
    await ann.make(mine);
    await ann.call("/owner", { method: "PUT", body: { path: mine, owner: "bob", retain: false } });
    await ann.give(ORDERS, ["bob", "read_only"]);
    expect(said(await bob.relocate(mine, `${SALES}/versions/2`))).toEqual([403, "not_permitted"]);
    for (const name of ["1.0", "9"]) expect(said(await bob.relocate(mine, `${ORDERS}/versions/${name}`))).toEqual([403, "not_permitted"]);
    await ann.give(ORDERS, ["bob", "read_write"]);
    expect((await bob.relocate(mine, `${ORDERS}/versions/9`)).status).toBe(200);
  });

  it("is not told what he may not view stands against it", async () => {
    const { ann, bob, one } = await ground();
    await ann.make(SALES);
    await bob.make(`${SPACE}/apis/secret`);
    const link = (from: string, to: string) => put("link", { from, linkKind: "uses", to });
    await one.writes([link(FIRST, `${SPACE}/apis/secret`), link(`${SPACE}/apis/secret`, SALES)]);
    const move = { path: FIRST, to: `${SALES}/versions/2` };
    for (const answer of [await ann.call("/move", { body: move }), await ann.call("/preview", { body: { move } })]) {
      expect([answer.status, answer.body.code]).toEqual([409, "asset_state"]);
      expect(answer.text).not.toContain("secret");
    }
  });

  it("moves no more than a thousand assets, nor entries, at a time", async () => {
    const { boss, one } = await ground();
    for (let from = 0; from < 1_000; from += 500)
      await one.writes(Array.from({ length: 500 }, (_, i) => put("resource", { path: `${ORDERS}/versions/v${from + i}`, owner: "ann" })));
    expect(said(await boss.relocate(ORDERS, MOVED))).toEqual([413, "too_many_items"]);
    const document = Array.from({ length: 1_000 }, (_, i) => ({ method: "GET", path: `/${i}/${"x".repeat(900)}` }));
    await one.writes([put("resource", { path: SALES, owner: "ann" })]);
    for (let i = 0; i < 10; i++)
      await one.writes([put("resource", { path: `${SALES}/versions/${i}`, owner: "ann", basePath: `/long/${i}`, document })]);
    expect(said(await boss.relocate(SALES, `${OTHER}/apis/sales`))).toEqual([413, "too_many_items"]);
  });

  it("is never told to have given what others gave, whatever happens at once", async () => {
    const { ann, boss } = await ground();
    for (let turn = 0; turn < 10; turn++) {
      const [from, to] = turn % 2 === 0 ? [ORDERS, MOVED] : [MOVED, ORDERS];
      const [given, moved] = await Promise.all([
        boss.give(from, ["bob", turn % 3 === 0 ? "read_only" : "read_write"]),
        ann.relocate(from, to),
      ]);
      expect(moved.status).toBe(200);
      if (given.status < 300) {
        const row = (await boss.permissions(to)).body.items.find(({ principal }: { principal: { id: string } }) => principal.id === "bob");
        expect(row).toMatchObject({ givenBy: "boss" });
      }
    }
  });
});

describe("who asks", () => {
  it("learns by a preview of nothing that he may not view", async () => {
    const at = await ground();
    const { ann, bob, boss } = at;
    await boss.call("/settings", { method: "PUT", body: { fullAccessMayPublish: true } });
    await ann.make(`${ORDERS}/versions/secret`);
    await ann.give(ORDERS, ["bob", "full_access"]);
    await ann.give(ORDERS, ["team", "read_only", true]);
    const remove = { body: { entries: [{ path: ORDERS, remove: "team" }] } };
    const told = await bob.call("/preview", remove);
    expect(said(told)).toEqual([403, "scope_exceeds_own_access"]);
    expect(told.text).not.toContain("secret");
    expect((await ann.call("/preview", remove)).status).toBe(200);
    await denies(at, [[`${ORDERS}/versions/secret`, "view"]]);
    const move = { move: { path: ORDERS, to: MOVED } };
    const cover = { path: ORDERS, entries: [{ principal: { type: "user", id: "cy" }, access: "read_only" }] };
    for (const answer of [await ann.call("/preview", { body: move }), await ann.call("/permissions/subtree", { body: cover })]) {
      expect(said(answer)).toEqual([403, "scope_exceeds_own_access"]);
      expect(answer.text).not.toContain("secret");
    }
  });

  it("who has access may read the organization, without any of his own", async () => {
    const { cy, one } = await ground();
    const path = `/access?path=${encodeURIComponent(ORDERS)}`;
    expect(said(await cy.call(path))).toEqual([404, "asset_not_found"]);
    await one.writes([put("assignment", { role: "reeve-auditor", principal: "cy" })]);
    expect((await cy.call(path)).body.items.map(({ principal }: { principal: { id: string } }) => principal.id)).toEqual(["ann", "boss"]);
    expect(said(await cy.call(`/access?path=${encodeURIComponent(SALES)}`))).toEqual([404, "asset_not_found"]);
  });
});
