/** Assets over HTTP: made, edited, given away, moved on, deleted and restored, by who may; and who sees what of it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FIRST, ORDERS, type Person, SPACE, type Space, said, space } from "./assets.ts";
import { put } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

type Ground = Space & { readonly ann: Person; readonly bob: Person; readonly cy: Person; readonly boss: Person };
/** `ann` may make APIs, and owns `orders`. */
async function ground(): Promise<Ground> {
  const made = await space(served);
  const [ann, bob, cy, boss] = await Promise.all(["ann", "bob", "cy", "boss"].map(made.person));
  expect((await made.root.give(SPACE, ["ann", "read_write"])).status).toBe(201);
  expect((await (ann as Person).make(ORDERS)).status).toBe(201);
  return { ...made, ann, bob, cy, boss } as Ground;
}

describe("making", () => {
  it("an API makes its first version, both owned by whoever made them", async () => {
    const { ann } = await ground();
    const answer = await ann.make(`${SPACE}/apis/carts`, {
      name: "Carts",
      properties: { tags: ["a"] },
      version: { id: "2", basePath: "/carts/v2" },
    });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.body).toMatchObject({
      path: `${SPACE}/apis/carts`,
      level: "apis",
      id: "carts",
      owner: "ann",
      name: "Carts",
      properties: { tags: ["a"] },
    });
    expect(answer.body.actions).toEqual([
      "view",
      "view_permissions",
      "call",
      "edit_details",
      "create_version",
      "delete",
      "edit_permissions",
      "transfer_ownership",
    ]);
    expect(answer.headers.get("etag")).toMatch(/^"[^"]+\.\d+"$/);
    expect((await ann.call(`/node?path=${encodeURIComponent(answer.body.path)}`)).body).toEqual(answer.body);
    const version = (await ann.get(`${SPACE}/apis/carts/versions/2`)).body;
    expect(version).toMatchObject({ level: "versions", owner: "ann", state: "unpublished", basePath: "/carts/v2" });
    expect((await ann.get(FIRST)).body.owner).toBe("ann");
  });

  it("is for who may create in what is above: 404 before 403", async () => {
    const { ann, bob, root } = await ground();
    expect(said(await bob.make(`${SPACE}/apis/x`))).toEqual([404, "asset_not_found"]);
    await root.give(SPACE, ["bob", "read_only"]);
    expect(said(await bob.make(`${SPACE}/apis/x`))).toEqual([403, "not_permitted"]);
    expect(said(await ann.make(`${SPACE}/proxies/x`))).toEqual([403, "not_permitted"]);
    expect(said(await ann.make(`${SPACE}/projects/x`))).toEqual([403, "not_permitted"]);
    expect(said(await ann.make("/spaces/other"))).toEqual([403, "not_permitted"]);
    expect((await root.make("/spaces/other")).status).toBe(201);
    expect((await root.make(`${SPACE}/proxies/x`, { owner: "bob" })).body).toMatchObject({
      level: "proxies",
      owner: "bob",
      state: "unpublished",
    });
    await root.give(SPACE, ["bob", "full_access"]);
    expect((await bob.make(`${SPACE}/projects/x`)).body).toMatchObject({ level: "projects", owner: "bob" });
    expect(said(await bob.make(ORDERS))).toEqual([409, "object_exists"]);
  });

  it.each([
    ["-x", "/path"],
    ["a|b", "/path"],
    ["a#b", "/path"],
    ["myshared", "/path"],
    ["é", "/path"],
    ["a%2Fb", "/path"],
    ["x".repeat(129), "/path"],
  ])("takes no name %s", async (name, pointer) => {
    const { ann } = await ground();
    const answer = await ann.make(`${SPACE}/apis/${name}`);
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer]);
  });

  it("names an owner where its maker is no user, and nobody else's where he is", async () => {
    const { ann, root } = await ground();
    expect((await root.make(`${SPACE}/apis/x`)).body.errors[0].pointer).toBe("/owner");
    expect(said(await root.make(`${SPACE}/apis/x`, { owner: "team" }))).toEqual([400, "unknown_principal"]);
    expect((await ann.make(`${SPACE}/apis/x`, { owner: "bob" })).body.errors[0]).toMatchObject({ pointer: "/owner", allowed: ["ann"] });
    expect((await ann.make(`${SPACE}/apis/x`, { owner: "ann" })).status).toBe(201);
  });

  it.each<[string, object, string]>([
    ["/spaces/apim/apis", {}, "/path"],
    ["/elsewhere/1", {}, "/path"],
    ["/spaces/apim/versions/1", {}, "/path"],
    [`${SPACE}/apis/x`, { basePath: "no slash" }, "/basePath"],
    [`${SPACE}/apis/x`, { properties: { labels: ["core/C1"] } }, "/properties/labels"],
    [`${SPACE}/apis/x`, { labels: ["core/C1"] }, "/labels"],
    [`${SPACE}/apis/x`, { state: "published" }, "/state"],
    [FIRST.replace("1.0", "3"), { version: {} }, "/version"],
    [`${SPACE}/apis/x`, { version: { document: [{ method: "get" }] } }, "/version/document/0/path"],
  ])("is refused for %s with %j", async (path, more, pointer) => {
    const { ann } = await ground();
    const answer = await ann.make(path, more);
    expect(answer.status, answer.text).toBe(400);
    expect(answer.body.errors.map((fault: { pointer: string }) => fault.pointer)).toContain(pointer);
    expect((await ann.get(`${SPACE}/apis/x`)).status).toBe(404);
  });

  it("two of one name at once makes one", async () => {
    const { ann } = await ground();
    const answers = await Promise.all([1, 2, 3].map(() => ann.make(`${SPACE}/apis/once`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });
});

describe("seeing", () => {
  it("is of what one may view, and of the names of what is above", async () => {
    const { ann, bob, root } = await ground();
    await ann.make(`${SPACE}/apis/carts`);
    await ann.give(FIRST, ["bob", "read_only"]);
    expect((await bob.get(FIRST)).body.actions).toEqual(["view", "view_permissions"]);
    expect(said(await bob.get(ORDERS))).toEqual([404, "asset_not_found"]);
    expect(said(await bob.get(`${SPACE}/apis/none`))).toEqual([404, "asset_not_found"]);
    const listed = (await bob.call("?level=versions")).body;
    expect(listed.items.map(({ path }: { path: string }) => path)).toEqual([FIRST]);
    expect(listed.ancestors).toEqual([
      { path: SPACE, name: "apim", stub: true },
      { path: ORDERS, name: "orders", stub: true },
    ]);
    expect((await bob.call("?level=apis")).body).toMatchObject({ items: [], ancestors: [] });
    expect((await root.call(`?level=apis&below=${encodeURIComponent(SPACE)}`)).body.items).toHaveLength(2);
    expect((await ann.call("?level=spaces")).body.items[0]).toMatchObject({ path: SPACE, id: "apim" });
  });

  it("goes on page by page", async () => {
    const { ann, root } = await ground();
    for (let i = 0; i < 5; i++) await ann.make(`${SPACE}/apis/n${i}`);
    for (const who of [ann, root]) {
      const paths: string[] = [];
      for (let next: string | undefined = ""; next !== undefined; ) {
        const { body }: Awaited<ReturnType<Person["call"]>> = await who.call(`?level=apis&limit=2${next === "" ? "" : `&cursor=${next}`}`);
        paths.push(...body.items.map(({ path }: { path: string }) => path));
        next = body.next;
      }
      expect(paths).toEqual([...Array.from({ length: 5 }, (_, i) => `${SPACE}/apis/n${i}`), ORDERS]);
    }
    expect((await ann.call("?level=nothing")).status).toBe(400);
  });
});

describe("editing", () => {
  it("replaces the details and nothing else, under the ETag that is named", async () => {
    const { ann, bob, one } = await ground();
    await one.writes([put("label", { id: "custom/x" })]);
    await one.writes([put("resource", { path: FIRST, owner: "ann", labels: ["custom/x"], basePath: "/o" })]);
    const before = await ann.get(FIRST);
    const answer = await ann.edit(FIRST, { name: "One", basePath: "/orders" }, { "if-match": before.headers.get("etag") as string });
    expect(answer.body).toMatchObject({ name: "One", basePath: "/orders", owner: "ann", labels: ["custom/x"] });
    expect(said(await ann.edit(FIRST, { name: "Two" }, { "if-match": before.headers.get("etag") as string }))).toEqual([
      412,
      "object_changed",
    ]);
    expect(said(await bob.edit(FIRST, { name: "Two" }))).toEqual([404, "asset_not_found"]);
    await ann.give(FIRST, ["bob", "read_execute"]);
    expect(said(await bob.edit(FIRST, { name: "Two" }))).toEqual([403, "not_permitted"]);
    await ann.give(FIRST, ["bob", "read_write"]);
    expect((await bob.edit(FIRST, {})).body.name).toBeUndefined();
  });

  it("leaves what is called of a published version, and all of a retired one", async () => {
    const { ann, root } = await ground();
    await ann.edit(FIRST, { basePath: "/o" });
    await root.move(FIRST, "published");
    expect((await ann.edit(FIRST, { basePath: "/o", name: "One" })).status).toBe(200);
    expect(said(await ann.edit(FIRST, { basePath: "/other" }))).toEqual([409, "asset_state"]);
    await root.move(FIRST, "deprecated");
    expect((await ann.edit(FIRST, { basePath: "/o2" })).status).toBe(200);
    await root.move(FIRST, "retired");
    expect(said(await ann.edit(FIRST, { basePath: "/o2", name: "Two" }))).toEqual([409, "asset_state"]);
    expect(said(await root.edit(FIRST, {}))).toEqual([409, "asset_state"]);
  });
});

describe("the life of a version", () => {
  it("goes by its moves, by who may publish and retire", async () => {
    const { ann, boss, root } = await ground();
    // The setting is off: not even the owner publishes.
    expect(said(await ann.move(FIRST, "published"))).toEqual([403, "not_permitted"]);
    expect(said(await ann.call("/settings", { method: "PUT", body: { fullAccessMayPublish: true } }))).toEqual([403, "not_permitted"]);
    expect((await boss.call("/settings", { method: "PUT", body: { fullAccessMayPublish: true } })).body).toEqual({
      fullAccessMayPublish: true,
      legacyPermissions: false,
    });
    expect((await ann.move(FIRST, "published")).body.state).toBe("published");
    expect((await ann.move(FIRST, "unpublished")).body.state).toBe("unpublished");
    expect(said(await ann.move(FIRST, "deprecated"))).toEqual([409, "asset_state"]);
    await ann.move(FIRST, "published");
    expect((await ann.move(FIRST, "deprecated")).body.state).toBe("deprecated");
    for (const state of ["published", "unpublished", "deprecated"])
      expect(said(await ann.move(FIRST, state))).toEqual([409, "asset_state"]);
    expect(said(await ann.move(FIRST, "retired"))).toEqual([403, "not_permitted"]);
    expect((await root.move(FIRST, "retired")).body.state).toBe("retired");
    expect((await boss.get(FIRST)).body.actions).not.toContain("call");
    expect((await root.move(ORDERS, "published")).body.errors[0].pointer).toBe("/path");
    expect((await root.move(FIRST, "gone")).body.errors[0].pointer).toBe("/state");
  });
});

describe("ownership", () => {
  it("goes to another user, who had entries; the owner before keeps full access, or nothing", async () => {
    const { ann, bob, boss, one } = await ground();
    await ann.give(ORDERS, ["bob", "read_only", true]);
    const to = (owner: string, more: object = {}) => ({ method: "PUT", body: { path: ORDERS, owner, ...more } }) as const;
    expect(said(await bob.call("/owner", to("bob")))).toEqual([403, "not_permitted"]);
    expect(said(await ann.call("/owner", to("team")))).toEqual([400, "unknown_principal"]);
    expect(said(await ann.call("/owner", to("nobody")))).toEqual([400, "unknown_principal"]);
    expect((await ann.call("/owner", to("bob"))).body.owner).toBe("bob");
    const rows = (await bob.permissions(ORDERS)).body.items;
    expect(
      rows.map((row: { principal: { id: string }; access: string; reach: string }) => [row.principal.id, row.access, row.reach]),
    ).toEqual(
      [
        ["bob", "owner", "subtree"],
        ["ann", "full_access", "self"],
        ["ann", "read_write", "self"],
      ].slice(0, 2),
    );
    expect(said(await ann.call("/owner", to("ann")))).toEqual([403, "not_permitted"]);
    // Who had given himself away sees nothing of it: he is told all the same that it is done.
    expect((await boss.call("/owner", to("cy", { retain: false }))).body.owner).toBe("cy");
    expect(said(await bob.get(ORDERS))).toEqual([404, "asset_not_found"]);
    expect((await one.refuses([{ delete: { kind: "principal", id: "cy" } }]))[0]).toContain("in_use");
  });
});

describe("deleting", () => {
  it("puts everything into the bin, and restoring brings everything back", async () => {
    const { ann, bob, boss, one } = await ground();
    await ann.edit(FIRST, { basePath: "/orders" });
    await ann.give(ORDERS, ["bob", "read_write", true]);
    await ann.give(FIRST, ["team", "read_only", true]);
    const before = [(await ann.get(FIRST)).body, (await ann.permissions(FIRST)).body];
    expect(said(await bob.delete(ORDERS))).toEqual([403, "not_permitted"]);
    const gone = await ann.delete(ORDERS);
    expect(gone.status, gone.text).toBe(200);
    expect(gone.body.until - Date.now()).toBeGreaterThan(29.9 * 86_400_000);
    for (const path of [ORDERS, FIRST]) expect(said(await boss.get(path))).toEqual([404, "asset_not_found"]);
    expect(said(await ann.call("/restore", { body: { id: gone.body.id } }))).toEqual([403, "not_permitted"]);
    expect(said(await bob.call("/restore", { body: { id: gone.body.id } }))).toEqual([404, "asset_not_found"]);
    const back = await boss.call("/restore", { body: { id: gone.body.id } });
    expect(back.body).toMatchObject({ path: ORDERS, owner: "ann" });
    expect([(await ann.get(FIRST)).body, (await ann.permissions(FIRST)).body]).toEqual(before);
    expect(said(await boss.call("/restore", { body: { id: gone.body.id } }))).toEqual([404, "asset_not_found"]);
    expect((await served.call(`/v1/orgs/${one.id}/bin`)).body.items).toEqual([]);
  });

  it("says what it did once: sent again it finds nothing, whatever key it has", async () => {
    const { ann, boss } = await ground();
    const once = { "idempotency-key": "again" };
    const first = await ann.delete(ORDERS, once);
    expect(said(await ann.delete(ORDERS, once))).toEqual([404, "asset_not_found"]);
    const { id } = first.body;
    expect((await boss.call("/restore", { body: { id }, headers: once })).body.path).toBe(ORDERS);
    expect(said(await boss.call("/restore", { body: { id }, headers: once }))).toEqual([404, "asset_not_found"]);
  });

  it("is refused of what is published or deprecated, and of what holds it", async () => {
    const { ann, root } = await ground();
    for (const state of ["published", "deprecated"]) {
      await root.move(FIRST, state);
      for (const path of [FIRST, ORDERS]) expect(said(await ann.delete(path))).toEqual([400, "asset_published"]);
    }
    await root.move(FIRST, "retired");
    expect((await ann.delete(ORDERS)).status).toBe(200);
    expect((await root.delete(SPACE)).status).toBe(400);
  });

  it("forgets in the bin who is deleted, and restoring asks for an owner", async () => {
    const { ann, bob, boss, root, one } = await ground();
    await ann.give(ORDERS, ["bob", "full_access", true]);
    const { id } = (await ann.delete(ORDERS)).body;
    await one.writes([{ delete: { kind: "principal", id: "ann" } }, { delete: { kind: "principal", id: "bob" } }]);
    await one.writes([put("principal", { id: "ann", type: "user" }), put("principal", { id: "bob", type: "user" })]);
    expect((await root.call("/restore", { body: { id } })).body.errors[0].pointer).toBe("/owner");
    expect((await boss.call("/restore", { body: { id } })).body.owner).toBe("boss");
    expect((await boss.permissions(ORDERS)).body.items).toHaveLength(1);
    expect((await bob.get(ORDERS)).status).toBe(401);
  });

  it("restores to where it was, while that is free and there", async () => {
    const { ann, boss } = await ground();
    const version = (await ann.delete(FIRST)).body.id;
    const api = (await ann.delete(ORDERS)).body.id;
    expect(said(await boss.call("/restore", { body: { id: version } }))).toEqual([409, "asset_state"]);
    await ann.make(ORDERS);
    expect(said(await boss.call("/restore", { body: { id: api } }))).toEqual([409, "object_exists"]);
    // It lay in the other one, and not in what is there now.
    expect(said(await boss.call("/restore", { body: { id: version } }))).toEqual([409, "asset_state"]);
    expect(said(await boss.call("/restore", { body: { id: "none" } }))).toEqual([404, "asset_not_found"]);
    await ann.delete(ORDERS);
    expect((await boss.call("/restore", { body: { id: api } })).status).toBe(200);
    expect((await boss.call("/restore", { body: { id: version } })).body.path).toBe(FIRST);
  });
});
