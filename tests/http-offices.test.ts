/** Product administrators over HTTP: they keep and see what is of their product, and nothing else of the organization. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE, makeOrganization, type Organization, put, remove } from "./organization.ts";
import { type Answer, type Sent, type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
const tokens = new Map<string, string>();
beforeAll(async () => {
  served = await serve();
  one = await makeOrganization(served, [
    ...BASE,
    put("product", { id: "other", boundedBy: "scopes", settings: {}, types: { shelves: { actions: { look: ["R"] } } } }),
    put("role", { product: "other", id: "foreign", name: "Foreign", sets: [] }),
    put("principal", { id: "keeper", type: "user" }),
    put("principal", { id: "reeves", type: "user" }),
    put("product-administrator", { product: "files", principal: "keeper" }),
    put("product-administrator", { product: "reeve", principal: "reeves" }),
  ]);
  await one.writes([put("role", { product: "files", id: "manager", name: "Manager", type: "system-defined", builtIn: true, sets: [] })], {
    catalogue: true,
  });
  for (const principal of ["keeper", "reeves", "ann"]) {
    const made = await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal, ceiling: "admin" } });
    tokens.set(principal, made.body.secret);
  }
  const low = await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal: "keeper", ceiling: "decide" } });
  tokens.set("keeper, to read", low.body.secret);
});
afterAll(() => served?.close());

const as = (who: string, path: string, sent: Sent = {}): Promise<Answer> =>
  served.call(`/v1/orgs/${one.id}${path}`, { ...sent, token: tokens.get(who) as string });
const codeOf = ({ status, body }: Answer): readonly [number, string] => [status, body?.code];
const DENIED = [403, "not_permitted"];
const role = (id: string, product = "files") => ({
  body: { product, id, name: id, sets: product === "files" ? [{ set: "reading" }] : [] },
});

describe("a product administrator", () => {
  it("makes, changes and deletes roles of the product, and gives and takes them", async () => {
    expect((await as("keeper", "/roles", role("mine"))).status).toBe(201);
    expect((await as("keeper", "/roles/mine", { method: "PUT", ...role("mine") })).status).toBe(200);
    expect((await as("keeper", "/assignments", { body: { role: "mine", principal: "ann" } })).status).toBe(201);
    expect(await one.may("ann", "read", "/folders/a")).toBe(true);
    expect((await as("keeper", "/developer-access", { body: { role: "mine", principal: "bob" } })).status).toBe(201);
    expect((await as("keeper", "/developer-access/mine/bob", { method: "DELETE" })).status).toBe(204);
    expect((await as("keeper", "/assignments/mine/ann", { method: "DELETE" })).status).toBe(204);
    expect(await one.may("ann", "read", "/folders/a")).toBe(false);
    expect((await as("keeper", "/roles/mine", { method: "DELETE" })).status).toBe(204);
    const [last] = (await served.call(`/v1/orgs/${one.id}/change-sets?limit=1`)).body.items;
    expect(last.actor).toMatchObject({ type: "user", id: "keeper" });
  });

  it("sees them, one by one and by product, with what befell them", async () => {
    expect((await as("keeper", "/roles/reader")).body).toMatchObject({ id: "reader", product: "files" });
    const listed = (await as("keeper", "/roles?product=files")).body.items.map(({ value }: { value: { id: string } }) => value.id);
    expect(listed).toEqual(["manager", "reader"]);
    expect((await as("keeper", "/assignments?role=reader")).status).toBe(200);
    expect((await as("keeper", "/developer-access?role=reader")).status).toBe(200);
    expect((await as("keeper", "/roles/reader/history")).body.items.length).toBe(1);
  });

  it("sees nothing else: no other product's, no unknown, no whole list, and is told how to ask", async () => {
    for (const path of ["/roles/foreign", "/roles/none", "/roles/foreign/history", "/roles?product=other", "/roles?product=reeve"])
      expect(codeOf(await as("keeper", path)), path).toEqual(DENIED);
    for (const path of ["/assignments?role=foreign", "/assignments?role=none", "/assignments?principal=ann", "/assignments/foreign/ann"])
      expect(codeOf(await as("keeper", path)), path).toEqual(DENIED);
    expect((await as("keeper", "/roles")).body.detail).toContain("`product`");
    expect((await as("keeper", "/assignments")).body.detail).toContain("`role`");
    for (const path of ["/principals", "/principals/ann", "/grants", "/policies", "/change-sets", "/export", "/tokens", "/roles/reader/x"])
      expect((await as("keeper", path)).status, path).not.toBe(200);
    const question = { subject: { type: "user", id: "ann" }, action: { name: "read" }, resource: { path: "/folders/a" } };
    expect(codeOf(await as("keeper", "/check", { body: question }))).toEqual(DENIED);
  });

  it("is shown what a change of the product would do, before it is made; of nothing else", async () => {
    const preview = (changes: readonly unknown[]) => as("keeper", "/preview", { body: { changes } });
    const told = await preview([put("assignment", { role: "reader", principal: "ann" })]);
    expect(told.status, told.text).toBe(200);
    expect(JSON.stringify(told.body.entries)).toContain('"ann"');
    expect(await one.may("ann", "read", "/folders/a")).toBe(false);
    for (const changes of [
      [put("assignment", { role: "foreign", principal: "ann" })],
      [put("assignment", { role: "reader", principal: "ann" }), put("membership", { group: "admins", member: "keeper" })],
    ])
      expect(codeOf(await preview(changes))).toEqual(DENIED);
  });

  it("writes nothing else: no other product's, nothing built in, nobody's own administration", async () => {
    const before = await one.revision();
    const refused: readonly (readonly [string, Sent])[] = [
      ["/roles", role("theirs", "other")],
      ["/roles", role("reeves-own", "reeve")],
      ["/roles/foreign", { method: "PUT", ...role("foreign", "files") }],
      ["/roles/foreign", { method: "DELETE" }],
      ["/roles/none", { method: "DELETE" }],
      ["/roles/manager", { method: "DELETE" }],
      ["/roles/manager", { method: "PUT", ...role("manager") }],
      ["/roles", { body: { ...role("made").body, builtIn: true } }],
      ["/assignments", { body: { role: "foreign", principal: "ann" } }],
      ["/assignments", { body: { role: "manager", principal: "keeper" } }],
      ["/assignments", { body: { role: "reeve-administrator", principal: "keeper" } }],
      ["/assignments", { body: { role: "none", principal: "ann" } }],
      ["/developer-access", { body: { role: "foreign", principal: "keeper" } }],
      ["/developer-access", { body: { role: "reeve-administrator", principal: "keeper" } }],
      ["/product-administrators", { body: { product: "other", principal: "keeper" } }],
      ["/memberships", { body: { group: "admins", member: "keeper" } }],
      ["/principals", { body: { id: "new", type: "user" } }],
      ["/changes", { body: { changes: [put("role", role("mine").body)] } }],
      ["/changes", { body: { changes: [remove("role", { id: "reader" })] } }],
      ["/tokens", { body: { principal: "keeper", ceiling: "admin" } }],
    ];
    for (const [path, sent] of refused) expect(codeOf(await as("keeper", path, sent)), `${path} ${JSON.stringify(sent)}`).toEqual(DENIED);
    expect(await one.revision()).toBe(before);
  });

  it("is not told of earlier lives of an id, nor by a precondition whether something is there", async () => {
    await one.writes([
      put("role", { product: "other", id: "reused", name: "Theirs", sets: [] }),
      put("assignment", { role: "reused", principal: "bob" }),
    ]);
    await one.writes([remove("role", { id: "reused" })]);
    expect((await as("keeper", "/roles", role("reused"))).status).toBe(201);
    const { items } = (await as("keeper", "/roles/reused/history")).body;
    expect(items.map(({ after }: { after: { product: string } }) => after.product)).toEqual(["files"]);
    expect((await served.call(`/v1/orgs/${one.id}/roles/reused/history`)).body.items.length).toBe(3);
    expect((await as("keeper", "/assignments", { body: { role: "reused", principal: "bob" } })).status).toBe(201);
    expect((await as("keeper", "/assignments/reused/bob/history")).body.items.length).toBe(1);
    for (const tag of ["*", '"x.1"']) {
      for (const path of [
        "/roles/foreign",
        "/roles/none",
        "/assignments/reeve-administrator/ann",
        "/assignments/reeve-administrator/none",
      ]) {
        const sent = { method: "PUT", body: {}, headers: { "if-match": tag } };
        const named = path.startsWith("/roles") ? { ...sent, ...role("x", "other") } : sent;
        const told = await as("keeper", path, {
          ...named,
          body: path.startsWith("/roles") ? { product: "other", name: "X", sets: [] } : {},
        });
        expect(codeOf(told), `${path} ${tag}`).toEqual(DENIED);
      }
    }
  });

  it("does no more than the token may, and nothing of Reeve's own product, and nobody else does any of it", async () => {
    expect((await as("keeper, to read", "/roles?product=files")).status).toBe(200);
    expect(codeOf(await as("keeper, to read", "/roles", role("low")))).toEqual(DENIED);
    for (const who of ["reeves", "ann"]) {
      for (const path of ["/roles?product=reeve", "/roles?product=files", "/roles/reader", "/roles/reeve-auditor"])
        expect(codeOf(await as(who, path)), `${who} ${path}`).toEqual(DENIED);
      expect(codeOf(await as(who, "/roles", role("low")))).toEqual(DENIED);
      expect(codeOf(await as(who, "/assignments", { body: { role: "reeve-administrator", principal: who } }))).toEqual(DENIED);
    }
  });

  it("stops with the office", async () => {
    await one.writes([remove("product-administrator", { product: "files", principal: "keeper" })]);
    expect(codeOf(await as("keeper", "/roles?product=files"))).toEqual(DENIED);
    expect(codeOf(await as("keeper", "/roles", role("late")))).toEqual(DENIED);
    await one.writes([put("product-administrator", { product: "files", principal: "keeper" })]);
  });
});
