/** The public API of API Management's clients, asked by a plain client: its paths, bodies, envelopes and both ways to say who one is. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FIRST, ORDERS, type Space, space } from "./assets.ts";
import { put } from "./organization.ts";
import { join, PASSWORD } from "./people.ts";
import { type Answer, type Sent, type Served, serve } from "./serve.ts";

let served: Served;
let at: Space;
let boss: string;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());
beforeEach(async () => {
  at = await space(served);
  await at.root.make(ORDERS, { owner: "ann" });
  await at.one.writes([put("resource", { path: "/spaces/Projects" })]);
  boss = (await served.call(`/v1/orgs/${at.one.id}/tokens`, { body: { principal: "boss", ceiling: "admin" } })).body.secret;
});

const BASE = "/api/1/rest/public";
const call = (path: string, sent: Sent = {}): Promise<Answer> => served.call(BASE + path, { token: boss, ...sent });
const acl = (path: string, sent: Sent = {}): Promise<Answer> => call(`/assetapi/acl/${at.one.id}${path}`, sent);
const entry = (grantee: string, permission_list: readonly string[], more: object = {}) => ({
  grant_type: "USER",
  grantee,
  permission_list,
  inherit: false,
  ...more,
});
const project = (name: string, permissions: readonly object[] = []) =>
  call(`/assetapi/project/${at.one.id}/Projects/${name}`, { body: { permissions } });
const subjects = async (path: string) =>
  (await acl(path)).body.success.acl.map(
    (row: { subject: string; perms: readonly string[]; inherit: boolean }) => `${row.subject} ${row.perms.join("")} ${row.inherit}`,
  );

describe("ACL management", () => {
  it("gives, replaces, tells and takes on spaces and projects", async () => {
    const made = await project("Orders", [{ perms: ["R"], inherit: true, subject_type: "USER", subject: "ann" }]);
    expect(made.body).toMatchObject({ name: "Orders", owner: "boss", updated_by: "boss" });
    expect(await subjects("/Projects/Orders")).toEqual(["ann R true"]);
    const given = await acl("/Projects/Orders", { body: entry("bob", ["X", "R", "R"]) });
    expect([given.status, given.text]).toEqual([200, ""]);
    await acl("/Projects/Orders", { body: entry("ann", ["R", "W", "X"]) });
    await acl("/Projects", { body: { ...entry("team", ["W", "R"]), grant_type: "GROUP", inherit: true } });
    expect(await subjects("/Projects/Orders")).toEqual(["ann RWX false", "bob RX false", "Team RW true"]);
    expect(await subjects("/Projects")).toEqual(["Team RW true"]);
    // By the group's name, too.
    const taken = await acl("/Projects?grant_type=GROUP&grantee=Team", { method: "DELETE" });
    expect([taken.status, taken.text]).toEqual([200, ""]);
    expect(await subjects("/Projects")).toEqual([]);
    const missing = await acl("/Projects/Orders?grant_type=USER&grantee=dee", { method: "DELETE" });
    expect([missing.status, missing.body.message]).toEqual([404, expect.stringContaining("no entry")]);
  });

  it("reads /apim and what lies in it, and changes nothing there", async () => {
    await at.root.give(FIRST, ["bob", "read_execute", true]);
    await at.root.give(ORDERS, ["cy", "read_only"]);
    expect(await subjects("/apim/orders/1.0")).toEqual(["bob RX true"]);
    expect(await subjects("/apim/orders")).toEqual(["cy R false"]);
    for (const sent of [{ body: entry("dee", ["R"]) }, { method: "DELETE" }] as const) {
      const refused = await acl("/apim/orders?grant_type=USER&grantee=bob", sent);
      expect([refused.status, refused.body.code]).toEqual([403, "apim_acl_not_public"]);
    }
    expect(await subjects("/apim/orders")).toEqual(["cy R false"]);
  });

  it.each<[string, object, number]>([
    ["bits", entry("bob", ["W"]), 400],
    ["bits", entry("bob", []), 400],
    ["bits", entry("bob", ["R", "Q"]), 400],
    ["a grantee", entry("nobody", ["R"]), 400],
    ["a grantee of that kind", entry("team", ["R"]), 400],
    ["a kind", { ...entry("bob", ["R"]), grant_type: "ROBOT" }, 400],
    ["the owner", entry("boss", ["R"]), 409],
  ])("refuses what is no good: %s", async (_what, body, status) => {
    await project("Orders");
    const answer = await acl("/Projects/Orders", { body });
    expect(answer.status, answer.text).toBe(status);
    expect(answer.body.message.length).toBeGreaterThan(5);
    expect(await subjects("/Projects/Orders")).toEqual([]);
  });

  it("is for administrators of the organization that is named, and by exact paths", async () => {
    const ann = (await served.call(`/v1/orgs/${at.one.id}/tokens`, { body: { principal: "ann", ceiling: "admin" } })).body.secret;
    expect((await acl("/apim/orders", { token: ann })).status).toBe(403);
    expect((await acl("/apim/orders", { token: null })).status).toBe(401);
    expect((await acl("/apim/Orders")).status).toBe(404);
    expect((await acl("/apim/orders/1.0/more")).status).toBe(404);
    expect((await acl("/nowhere")).status).toBe(404);
    const other = await space(served);
    expect((await call(`/assetapi/acl/${other.one.id}/apim`)).status).toBe(404);
    expect((await call("/assetapi/acl/Nowhere/apim")).status).toBe(404);
    expect((await call("/assetapi/other")).status).toBe(404);
  });
});

describe("ACL management of people with addresses", () => {
  it("takes and tells users by their addresses and groups by their names", async () => {
    await join(served, at.one, { email: "Dev@Example.com", id: "dev" });
    await project("Orders");
    for (const grantee of [" dev@example.COM ", "dev"]) {
      expect((await acl("/Projects/Orders", { body: entry(grantee, ["R", "X"]) })).status).toBe(200);
      expect(await subjects("/Projects/Orders")).toEqual(["Dev@Example.com RX false"]);
    }
    await acl("/Projects/Orders", { body: { ...entry("Team", ["R"]), grant_type: "GROUP" } });
    expect(await subjects("/Projects/Orders")).toEqual(["Dev@Example.com RX false", "Team R false"]);
    expect((await acl("/Projects/Orders", { body: { ...entry("team(Group)", ["R"]), grant_type: "GROUP" } })).status).toBe(400);
  });

  it("gives nothing to a name that could be two", async () => {
    await project("Orders");
    await at.one.writes([
      put("principal", { id: "twin1", type: "group", name: "Twins" }),
      put("principal", { id: "twin2", type: "group", name: "Twins" }),
      put("principal", { id: "Team", type: "group", name: "Others" }),
    ]);
    for (const grantee of ["Twins", "Team"]) {
      const { status, body } = await acl("/Projects/Orders", { body: { ...entry(grantee, ["R"]), grant_type: "GROUP" } });
      expect([status, body.code]).toEqual([409, "ambiguous_principal"]);
    }
    expect(await subjects("/Projects/Orders")).toEqual([]);
    expect((await acl("/Projects/Orders", { body: { ...entry("twin2", ["R"]), grant_type: "GROUP" } })).status).toBe(200);
  });
});

describe("owners", () => {
  const owner = (project: string, more: object = {}) => {
    const project_path = `/${at.one.id}/Projects/${project}/`;
    const body = { asset_path: `${project_path}task`, asset_type: "Job", project_path, new_owner: "ann", ...more };
    return call("/assetapi/update/owner", { body });
  };
  const ownerOf = async (project: string) => (await at.root.get(`/spaces/Projects/projects/${project}`)).body.owner;

  it("of a project change with those of its tasks", async () => {
    await project("Orders");
    expect((await owner("Orders")).body).toEqual({ success: [`/${at.one.id}/Projects/Orders/task`], failed: [] });
    expect(await ownerOf("Orders")).toBe("ann");
  });

  it.each<[string, object, number]>([
    ["a type", { asset_type: "job" }, 400],
    ["a user", { new_owner: "nobody" }, 400],
    ["a path in the project", { asset_path: "/elsewhere/Projects/Orders/task" }, 400],
    ["a task", { asset_path: "/" }, 400],
  ])("stay where what is said is no good: %s", async (_what, more, status) => {
    await project("Orders");
    expect((await owner("Orders", more)).status).toBe(status);
    expect(await ownerOf("Orders")).toBe("boss");
  });

  it("are of projects that are there, and changed by administrators", async () => {
    expect((await owner("Nowhere")).status).toBe(404);
    await project("Orders");
    const ann = (await served.call(`/v1/orgs/${at.one.id}/tokens`, { body: { principal: "ann", ceiling: "admin" } })).body.secret;
    const project_path = `/${at.one.id}/Projects/Orders/`;
    const body = { asset_path: `${project_path}x`, asset_type: "Job", project_path, new_owner: "ann" };
    expect((await call("/assetapi/update/owner", { body, token: ann })).status).toBe(403);
    expect(await ownerOf("Orders")).toBe("boss");
  });
});

describe("who asks", () => {
  const basic = (name: string, password: string) => ({
    token: null,
    headers: { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` },
  });

  it("is a person by address and password", async () => {
    const { body } = await join(served, at.one, { email: "chief@example.com", groups: ["admins"] });
    expect(body.email).toBe("chief@example.com");
    expect((await acl("/apim/orders", basic("chief@example.com", PASSWORD))).status).toBe(200);
    const wrong = await acl("/apim/orders", basic("chief@example.com", "not the password"));
    expect([wrong.status, wrong.headers.get("www-authenticate")]).toEqual([401, expect.stringContaining("Basic")]);
    expect((await acl("/apim/orders", basic("nobody@example.com", PASSWORD))).status).toBe(401);
    await join(served, at.one, { email: "clerk@example.com" });
    expect((await acl("/apim/orders", basic("clerk@example.com", PASSWORD))).status).toBe(403);
  });

  it("is a program by client id and secret, or a token as some documents print it", async () => {
    await at.one.writes([
      put("principal", { id: "bot", type: "service-account" }),
      put("membership", { group: "admins", member: "bot" }),
      put("developer-project", { id: "p", name: "P", product: "api-management", roles: [], serviceAccount: "bot" }),
    ]);
    const { body } = await served.call(`/v1/orgs/${at.one.id}/developer-projects/p/credential/secrets`, { body: {} });
    expect((await acl("/apim/orders", basic(body.clientId, body.secret))).status).toBe(200);
    expect((await acl("/apim/orders", basic(body.clientId, "wrong"))).status).toBe(401);
    expect((await acl("/apim/orders", { token: null, headers: { authorization: `Bearer Token ${boss}` } })).status).toBe(200);
  });
});

describe("the life of versions", () => {
  const versions = (name: string, body: object) => call(`/apim/${name}`, { body: { org_name: at.one.id, ...body } });

  it("goes by batches, of which some may fail", async () => {
    await at.root.make(`${ORDERS}/versions/2.0`, { owner: "ann" });
    const published = await versions("publish_versions", {
      versions_info: [
        { path: "orders/1.0", publish_info: { contact_email: "a@b" }, auto_approve: true },
        { path: "orders/9" },
        { path: "orders" },
      ],
    });
    expect(published.body).toMatchObject({
      http_status_code: 200,
      response_map: { successful_versions: [`/${at.one.id}/apim/orders/1.0`] },
    });
    expect(published.body.response_map.unsuccessful_versions).toHaveLength(2);
    expect(
      (await versions("retire_versions", { version_paths: ["orders/1.0"] })).body.response_map.unsuccessful_versions[0].reason,
    ).toContain("published");
    await versions("deprecate_versions", { version_infos: [{ path: "orders/1.0", message: "use 2.0" }] });
    expect((await versions("retire_versions", { version_paths: ["orders/1.0"] })).body.response_map.successful_versions).toHaveLength(1);
    expect((await at.root.get(FIRST)).body.state).toBe("retired");
    expect((await versions("publish_versions", { versions_info: [] })).status).toBe(400);
  });

  it("ends by deleting, but of what is published", async () => {
    await at.root.move(FIRST, "published");
    const kept = await call(`/apim/${at.one.id}/apim/orders/1.0?force=true`, { method: "DELETE" });
    expect([kept.status, kept.body.message]).toEqual([400, expect.stringContaining("Unpublish it first")]);
    expect((await call(`/apim/${at.one.id}/apim/orders?soft_delete=true`, { method: "DELETE" })).status).toBe(400);
    await at.root.move(FIRST, "unpublished");
    const gone = await call(`/apim/${at.one.id}/apim/orders/1.0?force=true`, { method: "DELETE" });
    expect(gone.body).toEqual({
      response_map: { success: { success: { disabled_jobs: [], deleted_plexes: [], path: `/${at.one.id}/apim/orders/1.0` } } },
      http_status_code: 200,
    });
    const none = await call(`/apim/${at.one.id}/apim/orders/1.0`, { method: "DELETE" });
    expect([none.status, none.body.message]).toEqual([404, expect.stringContaining("1.0")]);
    expect((await call(`/apim/${at.one.id}/apim/orders`, { method: "DELETE" })).status).toBe(200);
  });
});
