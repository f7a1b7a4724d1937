/** Entitlements over HTTP: an organization gets, renews and loses a product that ships, by the server's administrator and nobody else. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeOrganization, type Organization, put, remove } from "./organization.ts";
import { type Answer, type Sent, type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

const PRODUCT = "experience-platform";
const codeOf = ({ status, body }: Answer): readonly [number, string] => [status, body?.code];
const at = ({ id }: Organization, path: string, sent: Sent = {}): Promise<Answer> => served.call(`/v1/orgs/${id}${path}`, sent);
const bring = (one: Organization, product = PRODUCT, sent: Sent = {}) => at(one, `/entitlements/${product}`, { method: "PUT", ...sent });
const take = (one: Organization, product = PRODUCT, sent: Sent = {}) =>
  at(one, `/entitlements/${product}?confirm=${product}`, { method: "DELETE", ...sent });
/** By product: the state, and how many objects differ. */
const stateOf = async (one: Organization): Promise<Readonly<Record<string, string>>> => {
  const { body } = await at(one, "/entitlements");
  type Item = { readonly product: string; readonly state: string; readonly differing: number };
  return Object.fromEntries(body.items.map(({ product, state, differing }: Item) => [product, `${state} ${differing}`]));
};
/** A token of a user who administers the organization. */
async function administratorOf(one: Organization): Promise<string> {
  await one.writes([put("principal", { id: "ada", type: "user" }), put("membership", { group: "admins", member: "ada" })]);
  return (await at(one, "/tokens", { body: { principal: "ada", ceiling: "admin" } })).body.secret;
}

describe("an entitlement", () => {
  it("brings a product with what an organization begins with, as one revision, and tells so", async () => {
    const one = await makeOrganization(served, []);
    expect(await stateOf(one)).toEqual({ "cloud-manager": "absent 0", "api-management": "absent 0", [PRODUCT]: "absent 0" });
    const { status, body, headers } = await bring(one, PRODUCT, { headers: { "reeve-reason": "ordered" } });
    expect([status, body.applied]).toEqual([200, 116]);
    expect(headers.get("reeve-revision")).toBe(body.revision);
    const { reason, actor } = (await at(one, `/change-sets/${encodeURIComponent(body.changeSet)}`)).body;
    expect([reason, actor.type]).toEqual(["ordered", "administrator"]);
    expect((await stateOf(one))[PRODUCT]).toBe("as_shipped 0");
    expect((await at(one, "/labels?limit=500")).body.items).toHaveLength(20);
    expect((await at(one, "/sandboxes")).body.items.map(({ value }: { value: { path: string } }) => value.path)).toEqual([
      "/sandboxes/prod",
    ]);
    expect((await bring(one)).body).toMatchObject({ revision: body.revision, changeSet: null, applied: 0 });
  });

  it("brought again mends what is built in and keeps what is the organization's", async () => {
    const one = await makeOrganization(served, []);
    await bring(one);
    const role = (await at(one, "/roles/read-only")).body;
    const policy = (await at(one, "/policies/default-label-based-access-control-policy")).body;
    await one.writes([
      put("label", { id: "custom/mine" }),
      put("principal", { id: "ann", type: "user" }),
      put("assignment", { role: "read-only", principal: "ann" }),
      put("role", { ...role, sandboxes: [], labels: ["custom/mine"] }),
      put("policy", { ...policy, status: "active" }),
      put("role", { product: PRODUCT, id: "own", name: "Own", sets: [{ set: "view-segments" }] }),
      put("setting", { product: PRODUCT, name: "labelsFromOneRole", value: true }),
      put("resource", { path: "/sandboxes/prod", name: "Live" }),
    ]);
    expect((await stateOf(one))[PRODUCT]).toBe("as_shipped 0");
    const bent = { ...(await at(one, "/permission-sets/view-segments")).body, pairs: [] };
    await one.writes([put("permission-set", bent), put("role", { ...role, name: "Bent", sandboxes: [], labels: ["custom/mine"] })], {
      catalogue: true,
    });
    expect((await stateOf(one))[PRODUCT]).toBe("differs 2");
    expect((await bring(one)).body.applied).toBe(2);
    expect((await at(one, "/roles/read-only")).body).toEqual({ ...role, sandboxes: [], labels: ["custom/mine"] });
    expect((await at(one, "/policies/default-label-based-access-control-policy")).body.status).toBe("active");
    expect((await at(one, "/assignments?principal=ann")).body.items).toHaveLength(1);
    expect((await at(one, "/roles/own")).status).toBe(200);
    expect((await at(one, "/sandboxes/prod")).body.name).toBe("Live");
    expect((await at(one, "/settings")).body.items).toHaveLength(1);
  });

  it("may be an organization's from its first revision on", async () => {
    const made = await served.call("/v1/orgs", { body: { id: "Born@ReeveOrg", name: "Born", products: [PRODUCT, "cloud-manager"] } });
    expect([made.status, made.body.revision.split(".")[1]], made.text).toEqual([201, "1"]);
    const items = (await served.call("/v1/orgs/Born@ReeveOrg/entitlements")).body.items.map(({ state }: { state: string }) => state);
    expect(items).toEqual(["as_shipped", "absent", "as_shipped"]);
    for (const [products, fault] of [
      [["none"], "unknown_reference /products/0"],
      [[PRODUCT, "reeve"], "unknown_reference /products/1"],
      ["all", "wrong_type /products"],
      [[7], "wrong_type /products/0"],
    ] as const) {
      const refused = await served.call("/v1/orgs", { body: { id: "Unborn", name: "Unborn", products } });
      expect(codeOf(refused)).toEqual([400, "malformed_request"]);
      expect(refused.body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`)).toEqual([fault]);
      expect((await served.call("/v1/orgs/Unborn")).status).toBe(404);
    }
  });

  it("taken goes with everything of the product, said twice, as it can be looked at before; labels stay", async () => {
    const one = await makeOrganization(served, []);
    await bring(one);
    await one.writes([
      put("principal", { id: "ann", type: "user" }),
      put("assignment", { role: "read-only", principal: "ann" }),
      put("resource", { path: "/sandboxes/prod/segments/1" }),
    ]);
    expect(await one.may("ann", "read", "/sandboxes/prod/segments/1")).toBe(true);
    for (const query of ["", "?confirm=cloud-manager", "?confirm=Experience-Platform"])
      expect(codeOf(await at(one, `/entitlements/${PRODUCT}${query}`, { method: "DELETE" }))).toEqual([400, "malformed_request"]);
    const preview = await at(one, "/preview", { body: { changes: [remove("product", { id: PRODUCT })], catalogue: true } });
    expect([preview.status, preview.body.summary?.principalsThatLose]).toEqual([200, 1]);
    const taken = await take(one);
    expect([taken.status, taken.body.applied], taken.text).toEqual([200, preview.body.changes.length]);
    expect((await at(one, "/labels?limit=500")).body.items).toHaveLength(20);
    for (const collection of ["sandboxes", "resources", "policies", "permission-sets?product=experience-platform", "assignments"])
      expect((await at(one, `/${collection}`)).body.items, collection).toEqual([]);
    expect((await one.check(["ann", "read", "/sandboxes/prod/segments/1"])).body.context.reasons[0].code).toBe("unknown_type");
    expect(codeOf(await take(one))).toEqual([404, "product_not_found"]);
    expect((await bring(one)).status).toBe(200);
    expect((await at(one, "/assignments")).body.items).toEqual([]);
  });

  it("taken by mistake comes back with everything, when the server's administrator takes that back", async () => {
    const one = await makeOrganization(served, []);
    await bring(one);
    await one.writes([put("principal", { id: "ann", type: "user" }), put("assignment", { role: "read-only", principal: "ann" })]);
    const { changeSet } = (await take(one)).body;
    const back = await at(one, `/change-sets/${encodeURIComponent(changeSet)}/revert`, { body: { reason: "a slip" } });
    expect(back.status, back.text).toBe(200);
    expect((await stateOf(one))[PRODUCT]).toBe("as_shipped 0");
    expect(await one.may("ann", "read", "/sandboxes/prod/segments/1")).toBe(true);
  });

  it("of what does not ship is not found, and reeve itself is nobody's to bring or take", async () => {
    const one = await makeOrganization(served);
    for (const product of ["files", "none", "reeve", "__proto__"]) {
      expect(codeOf(await bring(one, product)), product).toEqual([404, "product_not_found"]);
      expect(codeOf(await take(one, product)), product).toEqual([404, "product_not_found"]);
    }
    const nowhere = await served.call(`/v1/orgs/Nowhere/entitlements/${PRODUCT}`, { method: "PUT" });
    expect(codeOf(nowhere)).toEqual([404, "organization_not_found"]);
    expect(codeOf(await served.call("/v1/orgs/Nowhere/entitlements"))).toEqual([404, "organization_not_found"]);
  });

  it("is refused whole where the organization has something of its own under a name that it needs", async () => {
    const one = await makeOrganization(served, [
      put("product", { id: "own", boundedBy: "none", settings: {}, types: { segments: { actions: {} } } }),
      put("role", { product: "own", id: "read-only", name: "Mine", sets: [] }),
    ]);
    const before = await one.revision();
    const refused = await bring(one);
    expect(codeOf(refused)).toEqual([422, "changes_refused"]);
    expect(refused.body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code}${pointer}`)).toEqual([
      "key_taken",
      "key_taken",
    ]);
    expect([await one.revision(), (await stateOf(one))[PRODUCT]]).toEqual([before, "absent 0"]);
  });
});

describe("an organization's own administrator", () => {
  it("sees what ships, and is given no way to get or to lose it", async () => {
    const one = await makeOrganization(served, []);
    const token = await administratorOf(one);
    expect((await at(one, "/entitlements", { token })).status).toBe(200);
    expect(codeOf(await bring(one, PRODUCT, { token }))).toEqual([403, "not_permitted"]);
    const product = (await served.call(`/v1/orgs/DEMO@ReeveOrg/products/${PRODUCT}`)).body;
    const changes = [put("product", product)];
    for (const catalogue of [false, true])
      for (const path of ["/changes", "/preview"]) {
        const refused = await at(one, path, { token, body: { changes, catalogue } });
        expect([refused.status, refused.body.errors[0].code]).toEqual([422, "not_entitled"]);
      }
    expect((await at(one, "/products", { token, body: product })).status).toBe(422);
    await bring(one);
    expect(codeOf(await take(one, PRODUCT, { token }))).toEqual([403, "not_permitted"]);
    const refused = await at(one, "/changes", { token, body: { changes: [remove("product", { id: PRODUCT })], catalogue: true } });
    expect([refused.status, refused.body.errors[0].code]).toEqual([422, "built_in"]);
    expect((await at(one, `/products/${PRODUCT}`, { token, method: "DELETE" })).status).toBe(422);
    const loose = await at(one, `/products/${PRODUCT}`, { token, method: "PUT", body: { ...product, adminMayAll: true } });
    expect([loose.status, loose.body.errors[0].pointer]).toEqual([422, "/adminMayAll"]);
    expect((await stateOf(one))[PRODUCT]).toBe("as_shipped 0");
  });

  it("takes back no change set that brought or took a product", async () => {
    const one = await makeOrganization(served, []);
    const token = await administratorOf(one);
    const back = async (changeSet: string) =>
      at(one, `/change-sets/${encodeURIComponent(changeSet)}/revert`, { token, body: { reason: "back" } });
    const brought = (await bring(one)).body.changeSet;
    expect((await back(brought)).status).toBe(422);
    const taken = (await take(one)).body.changeSet;
    expect((await back(taken)).status).toBe(422);
    expect((await stateOf(one))[PRODUCT]).toBe("absent 0");
  });

  it("changes sandboxes and labels of built-in roles, status and sandboxes of the built-in policy, and nothing else of them", async () => {
    const one = await makeOrganization(served, []);
    const token = await administratorOf(one);
    await bring(one);
    const role = (await at(one, "/roles/read-only")).body;
    const policy = (await at(one, "/policies/default-label-based-access-control-policy")).body;
    const put = (path: string, body: object) => at(one, path, { token, method: "PUT", body });
    const codes = (answer: Answer) =>
      answer.body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`);
    expect((await put("/sandboxes/dev", {})).status).toBe(201);
    expect((await put("/roles/read-only", { ...role, sandboxes: ["prod", "dev"], labels: ["core/C1"] })).status).toBe(200);
    expect((await put(`/policies/${policy.id}`, { ...policy, status: "active", sandboxes: ["dev"] })).status).toBe(200);
    expect(codes(await put("/roles/read-only", { ...role, name: "Mine", sets: [] }))).toEqual(["built_in /name", "built_in /sets"]);
    expect(codes(await put(`/policies/${policy.id}`, { ...policy, rules: [] }))).toEqual(["built_in /rules"]);
    for (const path of ["/roles/read-only", `/policies/${policy.id}`, "/sandboxes/prod"])
      expect(codes(await at(one, path, { token, method: "DELETE" })), path).toEqual(["built_in "]);
    for (const [path, code] of [
      ["/labels/core%2FMine", "built_in /id"],
      ["/labels/core%2FC1", "built_in /id"],
      ["/sandboxes/Prod", "malformed_id /path"],
      ["/sandboxes/a_b", "malformed_id /path"],
    ] as const)
      expect(codes(await put(path, { name: "x" })), path).toEqual([code]);
    expect((await put("/labels/custom%2Fmine", { name: "x" })).status).toBe(201);
    expect((await put("/labels/custom%2Fmine", { name: "y" })).status).toBe(200);
    expect(codes(await at(one, "/labels/custom%2Fmine", { token, method: "DELETE" }))).toEqual(["not_allowed "]);
  });
});
