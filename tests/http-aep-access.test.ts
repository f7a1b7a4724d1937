/** Who may ask Experience Platform's access control API, with which headers, and what exists: reference, effective policies, products. */
import { request } from "node:http";
import { AEP_BASE, AEP_ROUTES } from "@reeve/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AepClient, aepOrganization, clientOf, WIRE } from "./aep-client.ts";
import { type Organization, put } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
let other: Organization;
let root: AepClient;
let ann: AepClient;
beforeAll(async () => {
  served = await serve();
  [one, other] = [await aepOrganization(served), await aepOrganization(served)];
  [root, ann] = [await clientOf(served, one), await clientOf(served, one, "ann")];
});
afterAll(() => served?.close());

const PRODUCTS = "/administration/products";

describe("headers", () => {
  it.each([
    { name: "authorization", value: undefined, code: "403010" },
    { name: "authorization", value: "Bearer nobody", code: "401013" },
    { name: "x-api-key", value: undefined, code: "403000" },
    { name: "x-api-key", value: "another", code: "403003" },
    { name: "x-gw-ims-org-id", value: undefined, code: "400003" },
    { name: "x-gw-ims-org-id", value: "\t", code: "400003" },
    { name: "x-gw-ims-org-id", value: "x".repeat(200), code: "403027" },
    { name: "x-gw-ims-org-id", value: "NONE@AdobeOrg", code: "403025" },
  ])("$name: $value is $code", async ({ name, value, code }) => {
    for (const path of ["/acl/reference", "/administration/roles", PRODUCTS]) {
      const answer = await root.call(path, value === undefined ? { without: [name] } : { headers: { [name]: value } });
      expect([answer.status, answer.body.error_code], answer.text).toEqual([Number(code.slice(0, 3)), code]);
    }
  });

  it("of another organization, there or not, are the same 403", async () => {
    const asked = async (id: string) => {
      const answer = await root.call("/acl/reference", { headers: { "x-gw-ims-org-id": id } });
      return [answer.status, answer.text];
    };
    expect(await asked(other.id)).toEqual(await asked("NONE@AdobeOrg"));
  });

  it("may name the organization by one of its tenant ids, which is told back", async () => {
    const record = (await served.call(`/v1/orgs/${one.id}`)).body;
    await one.writes([put("organization", { name: record.name ?? "One", tenantIds: ["5555467B@AdobeOrg"] })]);
    const answer = await root.call("/administration/roles", { body: { name: "x" }, headers: { "x-gw-ims-org-id": "5555467B@AdobeOrg" } });
    expect([answer.status, answer.body.imsOrgID]).toEqual([200, "5555467B@AdobeOrg"]);
  });

  it.each(["authorization", "x-api-key", "x-gw-ims-org-id", "x-sandbox-name"])("%s sent twice is 400", async (name) => {
    const headers = { ...root.headers(), "x-sandbox-name": "prod" } as Record<string, string>;
    const pairs = [...Object.entries(headers), [name, headers[name] as string]].flat() as string[];
    const url = new URL(`${served.url}${AEP_BASE}/acl/reference`);
    const status = await new Promise((resolve, reject) => {
      const sent = request({ host: url.hostname, port: url.port, path: url.pathname, headers: ["host", url.host, ...pairs] }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on("error", reject);
      sent.end();
    });
    expect(status).toBe(400);
  });

  it("that are not understood change nothing: x-sandbox-name where it does not count", async () => {
    expect((await root.call("/administration/roles", { headers: { "x-sandbox-name": "NOPE" } })).status).toBe(200);
    expect((await root.call("/acl/reference", { headers: { "x-sandbox-name": "NOPE" } })).status).toBe(200);
  });
});

describe("callers", () => {
  it("who do not administer the organization ask about themselves, and administer nothing: 403, and nothing is changed", async () => {
    const role = await root.role({});
    const id = role.id as string;
    expect((await ann.call("/acl/reference")).status).toBe(200);
    expect((await ann.effective(["/permissions/view-schemas"])).status).toBe(200);
    const bodies: Readonly<Record<string, unknown>> = {
      POST: { name: "x", rules: [] },
      PUT: { name: "x" },
      PATCH: { op: "remove", path: "/description" },
    };
    for (const { method, path, for: whom } of Object.values(AEP_ROUTES)) {
      if (whom !== "admins") continue;
      const url = path.replace("{roleId}", id).replace("{policyId}", id).replace("{productId}", "4525859963018");
      const body = bodies[method];
      const answer = await ann.call(url, { method, ...(body === undefined ? {} : { body }) });
      expect([answer.status, answer.body.title], `${method} ${url}`).toEqual([403, "Forbidden"]);
    }
    expect((await root.call(`/administration/roles/${id}`)).body).toEqual(role);
  });

  it("whose token allows less, who became inactive, or whose token ended are refused at once", async () => {
    const made = await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal: "root", ceiling: "read", clientId: "low" } });
    const low = new AepClient(served, one, { token: made.body.secret, key: "low" });
    expect((await low.call("/administration/roles")).status).toBe(403);
    expect((await low.effective([])).status).toBe(200);
    const bob = await clientOf(served, one, "bob");
    await one.writes([put("membership", { group: "admins", member: "bob" })]);
    expect((await bob.call("/administration/roles")).status).toBe(200);
    await one.writes([{ delete: { kind: "membership", group: "admins", member: "bob" } }]);
    expect((await bob.call("/administration/roles")).status).toBe(403);
    await one.writes([put("principal", { id: "bob", type: "user", active: false })]);
    expect((await bob.call("/acl/reference")).body.error_code).toBe("401013");
    await one.writes([put("principal", { id: "bob", type: "user" })]);
    await served.call(`/v1/orgs/${one.id}/tokens/${made.body.id}`, { method: "DELETE" });
    expect((await low.effective([])).body.error_code).toBe("401013");
  });

  it("of two organizations do not see each other's", async () => {
    const stranger = await clientOf(served, other);
    const role = await root.role({ name: "Mine alone" });
    expect((await stranger.call(`/administration/roles/${role.id}`)).status).toBe(404);
    expect((await stranger.call("/administration/roles?limit=100")).text).not.toContain("Mine alone");
    const patch = await stranger.patch(`/administration/roles/${role.id}`, { op: "replace", path: "/name", value: "x" });
    expect(patch.status).toBe(404);
    expect((await root.call(`/administration/roles/${role.id}`)).body).toEqual(role);
  });
});

describe("what is not there", () => {
  it.each([
    ["GET", "/acl/nope", 404],
    ["GET", "/administration/roles/none", 404],
    ["GET", "/administration/policies/none", 404],
    ["GET", `${PRODUCTS}/none/categories`, 404],
    ["GET", `${PRODUCTS}/none/permission-sets/`, 404],
    ["POST", "/acl/reference", 405],
    ["DELETE", "/administration/roles", 405],
  ])("%s %s is %i in the shape of the service", async (method, path, status) => {
    const answer = await root.call(path, { method });
    expect([answer.status, answer.body.status], answer.text).toEqual([status, status]);
    if (status === 405) expect(answer.headers.get("allow")).toBeTruthy();
  });

  it("is the same for bodies that are none", async () => {
    const roles = "/administration/roles";
    expect((await root.call(roles, { method: "POST", body: "{" })).status).toBe(400);
    const typed = await root.call(roles, { method: "POST", body: "name=x", headers: { "content-type": "text/plain" } });
    expect([typed.status, typed.body.detail]).toEqual([400, "A valid content-type must be specified"]);
    expect((await root.call(roles, { method: "POST", body: JSON.stringify({ name: "x".repeat(20_000_000) }) })).status).toBe(413);
  });
});

describe("the reference", () => {
  it("has the documented permissions exactly, and the rest of the catalogue", async () => {
    const { body } = await ann.call("/acl/reference");
    const documented = WIRE.aclReference;
    expect(Object.keys(documented.permissions)).toHaveLength(13);
    for (const [name, types] of Object.entries(documented.permissions)) expect(body.permissions[name], name).toEqual(types);
    expect(body["resource-types"]).toMatchObject(documented["resource-types"]);
    expect(Object.keys(body.permissions)).toHaveLength(90);
    expect(Object.keys(body["resource-types"])).toHaveLength(79);
    for (const actions of Object.values(body["resource-types"]))
      expect([...(actions as string[])].sort()).toEqual(["delete", "read", "write"]);
  });
});

describe("effective policies", () => {
  beforeAll(async () => {
    const prod = await root.role({ permissionSets: ["manage-datasets", "view-schemas"], sandboxes: ["prod"] });
    const dev = await root.role({ permissionSets: ["manage-profiles"], sandboxes: ["dev"] });
    const everywhere = await root.role({ permissionSets: ["view-sandboxes", "manage-segments"], sandboxes: [] });
    for (const { id } of [prod, dev, everywhere])
      await root.patch(`/administration/roles/${id}/subjects`, { op: "add", path: "/user", value: "ann" });
  });
  const ASKED = ["/permissions/manage-datasets", "/resource-types/schemas", "resource-types/profiles", "/permissions/view-datasets"];
  const sorted = (policies: Readonly<Record<string, readonly string[]>>) =>
    Object.fromEntries(Object.entries(policies).map(([name, actions]) => [name, [...actions].sort()]));

  it("are united over the roles that hold the sandbox; what is not active is left out; keys as sent, with the slash", async () => {
    expect(sorted((await ann.effective(ASKED)).body.policies)).toEqual({
      "/permissions/manage-datasets": ["*"],
      "/resource-types/schemas": ["read"],
    });
    expect(sorted((await ann.effective(ASKED, "dev")).body.policies)).toEqual({
      "/resource-types/schemas": ["read"],
      "/resource-types/profiles": ["delete", "read", "write"],
    });
  });

  it("hold what is organization-level everywhere, and nothing else of a role without sandboxes", async () => {
    const names = ["/permissions/view-sandboxes", "/permissions/manage-segments"];
    for (const sandbox of ["prod", "dev"])
      expect((await ann.effective(names, sandbox)).body.policies).toEqual({ "/permissions/view-sandboxes": ["*"] });
  });

  it("know other names, and are silent about what nobody knows", async () => {
    const names = ["/resource-types/schema", "/permissions/manage-dataset", "/permissions/nope", "/resource-types/__proto__", "x", ""];
    expect(sorted((await ann.effective(names)).body.policies)).toEqual({
      "/resource-types/schema": ["read"],
      "/permissions/manage-dataset": ["*"],
    });
    expect((await ann.effective([])).body).toEqual({ policies: {} });
  });

  it("take any media type, with the slash and without", async () => {
    const headers = { "content-type": "text/plain", "x-sandbox-name": "prod" };
    const answer = await ann.call("/acl/effective-policies", { method: "POST", body: '["/permissions/manage-datasets"]', headers });
    expect(answer.body.policies).toEqual({ "/permissions/manage-datasets": ["*"] });
  });

  it("are nothing for an administrator who has no role", async () => {
    expect((await root.effective(ASKED)).body).toEqual({ policies: {} });
  });

  it.each([
    ["without a sandbox", undefined, 400],
    ["of an unknown sandbox", "nope", 404],
    ["of a sandbox in capitals", "PROD", 404],
  ])("%s are refused", async (_, sandbox, status) => {
    const headers = sandbox === undefined ? {} : { "x-sandbox-name": sandbox };
    expect((await ann.call("/acl/effective-policies", { body: [], headers })).status).toBe(status);
  });

  it.each([[{}], [[7]], ["x"], [null], [Array.from({ length: 1_001 }, () => "x")]])("for %j as names are 400", async (body) => {
    const answer = await ann.call("/acl/effective-policies", {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "x-sandbox-name": "prod", "content-type": "application/json" },
    });
    expect(answer.status).toBe(400);
  });
});

describe("products", () => {
  it("are those of the wire; categories come in the documented order", async () => {
    const { products } = (await root.call(`${PRODUCTS}/`)).body;
    expect(products).toEqual([
      { id: "4525859963018", name: "Adobe Experience Platform", serviceCode: "acp" },
      { id: "4525859963019", name: "Adobe Journey Optimizer", serviceCode: "ajo" },
    ]);
    const { categories } = (await root.call(`${PRODUCTS}/4525859963018/categories/`)).body;
    expect(categories.slice(0, 11).map(({ name }: { name: string }) => name)).toEqual([
      "Profile Management",
      "Data Ingestion",
      "Sandbox Administration",
      "Query Service",
      "Data Management",
      "Identity Management",
      "Data Modeling",
      "Data Science Workspace",
      "Dashboards",
      "Alerts",
      "Data Governance",
    ]);
  });

  it("list each permission set once, the two documented ones as documented", async () => {
    const sets = (await Promise.all(["4525859963018", "4525859963019"].map((id) => root.call(`${PRODUCTS}/${id}/permission-sets`)))).map(
      ({ body }) => body["permission-sets"],
    );
    expect(sets.flat()).toHaveLength(90);
    expect(new Set(sets.flat().map(({ id }) => id)).size).toBe(90);
    expect(sets[0].find(({ id }: { id: string }) => id === "view-schemas")).toEqual({
      id: "view-schemas",
      name: "View Schemas",
      category: "Data Modeling",
      permissions: [
        { resource: "schemas", actions: ["read"] },
        { resource: "schema-fields", actions: ["read"] },
        { resource: "sandboxes", actions: ["view"] },
      ],
    });
  });

  it("are none where the organization is not entitled", async () => {
    const bare = await served.call("/v1/orgs", { body: { id: "bare", name: "Bare", tenantIds: [] } });
    expect(bare.status, bare.text).toBe(201);
    const org = { id: "bare" };
    await served.call("/v1/orgs/bare/changes", {
      body: { changes: [put("principal", { id: "root", type: "user" }), put("membership", { group: "admins", member: "root" })] },
    });
    const made = await served.call("/v1/orgs/bare/tokens", { body: { principal: "root", ceiling: "admin", clientId: "k" } });
    const client = new AepClient(served, org, { token: made.body.secret, key: "k" });
    expect((await client.call(PRODUCTS)).body).toEqual({ products: [] });
    expect((await client.call(`${PRODUCTS}/4525859963018/categories`)).status).toBe(404);
    expect((await client.call("/administration/roles")).body.items).toEqual([]);
    expect((await client.call("/administration/roles", { body: { name: "x" } })).status).toBe(400);
    expect((await client.call("/acl/reference")).body).toMatchObject({ permissions: {} });
  });
});
