/** What a client of the access control API might send to have a Deny lost, a Permit widened or the server held up; and what it is told. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AepClient, aepOrganization, clientOf } from "./aep-client.ts";
import { type Organization, put } from "./organization.ts";
import { type Answer, type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
let root: AepClient;
beforeAll(async () => {
  served = await serve();
  one = await aepOrganization(served);
  root = await clientOf(served, one);
  const role = await root.role({ name: "Segments", permissionSets: ["manage-segments", "manage-dule-labels"], sandboxes: ["prod", "dev"] });
  await root.patch(`/administration/roles/${role.id}/subjects`, { op: "add", path: "/user", value: "ann" });
  const bare = await root.role({ name: "Bare", sandboxes: ["prod"] });
  await root.patch(`/administration/roles/${bare.id}/subjects`, { op: "add", path: "/user", value: "bob" });
});
afterAll(() => served?.close());

const POLICIES = "/administration/policies";
const SEGMENT = "/sandboxes/prod/segments/1";
const may = async (id: string, action: string, path = SEGMENT): Promise<boolean> => {
  const body = { subject: { type: "user", id }, action: { name: action }, resource: { path, properties: { labels: [] } } };
  return (await served.call(`/v1/orgs/${one.id}/check`, { body })).body.decision;
};
const rule = (more: object = {}) => ({
  effect: "Deny",
  resource: `/orgs/${one.id}/sandboxes/*`,
  actions: ["com.adobe.action.read"],
  ...more,
});
const harmless = () => rule({ resource: `/orgs/${one.id}/sandboxes/dev/segments/zzz`, actions: ["delete"] });
const remove = (id: string) => root.call(`${POLICIES}/${id}`, { method: "DELETE" });
const fillers = (count: number): string[] => Array.from({ length: count }, (_, n) => `a${n}`);
const faultsOf = ({ status, body }: Answer): readonly unknown[] => [
  status,
  ...(body.errors ?? []).map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`),
];
let made = 0;
/** A policy that was written natively, for the time of a test. */
async function native(policy: object, work: (id: string) => Promise<void>): Promise<void> {
  const id = `native-${++made}`;
  await one.writes([put("policy", { id, name: id, product: "experience-platform", status: "active", sandboxes: "all", ...policy })]);
  await work(id);
  expect((await remove(id)).status).toBe(204);
}
const touch = (id: string): Promise<Answer> => root.patch(`${POLICIES}/${id}`, { op: "add", path: "/rules/-", value: harmless() });

describe("actions of a rule", () => {
  it("are all of those that are shown: too many are refused, counted as they are meant", async () => {
    const { id } = await root.policy({ rules: [rule()] });
    expect(await may("ann", "read")).toBe(false);
    for (const actions of [[...fillers(256), "read"], [...fillers(255), "read"], fillers(5_000)]) {
      expect(faultsOf(await root.call(POLICIES, { body: { name: "P", rules: [rule({ actions })] } }))).toEqual([
        400,
        "too_many /rules/0/actions",
      ]);
      const answer = await root.patch(`${POLICIES}/${id}`, { op: "replace", path: "/rules/0", value: rule({ actions }) });
      expect(faultsOf(answer)).toEqual([400, "too_many /value/0/actions"]);
    }
    expect(await may("ann", "read")).toBe(false);
    const whole = await root.call(`${POLICIES}/${id}`, {
      method: "PUT",
      body: { name: "P", rules: [rule({ actions: [...fillers(254), "read"] })] },
    });
    expect([whole.status, await may("ann", "read")]).toEqual([200, false]);
    await remove(id);
  });

  it.each(["COM.ADOBE.ACTION.WRITE", "Com.Adobe.Action.write", "WRITE", "com.adobe.action.Edit"])(
    "deny in any case: %s",
    async (action) => {
      const { id } = await root.policy({ rules: [rule({ actions: [action] })] });
      expect(await may("ann", "write")).toBe(false);
      await remove(id);
    },
  );

  it.each(["*", "com.adobe.action.*", " write", "com.adobe.action.", ""])("that name nothing are refused: %j", async (action) => {
    const answer = await root.call(POLICIES, { body: { name: "P", rules: [rule({ actions: ["read", action] })] } });
    expect(faultsOf(answer)).toEqual([400, "not_allowed /rules/0/actions/1"]);
  });
});

describe("a rule that a patch does not name", () => {
  const ids = Array.from({ length: 300 }, (_, n) => "x".repeat(240) + n);

  it("keeps a condition that is longer than this surface takes", async () => {
    const rules = [{ effect: "permit", resource: "/sandboxes/prod/*", actions: ["read"], condition: { in: [{ var: "subject.id" }, ids] } }];
    await native({ rules, subjectCondition: { in: [{ var: "subject.id" }, ids] } }, async (id) => {
      expect(await may("bob", "read")).toBe(false);
      expect((await touch(id)).status).toBe(200);
      expect(await may("bob", "read")).toBe(false);
      const answer = await root.call(`${POLICIES}/${id}`, { method: "PUT", body: { name: "P", rules: [] } });
      expect(answer.body.subjectCondition).toContain(ids[7]);
    });
  });

  it.each(["/*", "/sandboxes/prod/segments/*", "/*/prod/segments/*"])("denies as before, whatever it is about: %s", async (resource) => {
    await native({ rules: [{ effect: "deny", resource, actions: ["read"] }] }, async (id) => {
      expect(await may("ann", "read")).toBe(false);
      expect((await touch(id)).status).toBe(200);
      expect(await may("ann", "read")).toBe(false);
      const { body } = await served.call(`/v1/orgs/${one.id}/policies/${id}`);
      expect(body.rules[0]).toEqual({ effect: "deny", resource, actions: ["read"] });
    });
  });

  it("permits no more than before, patched or sent back as it is shown", async () => {
    const rules = [{ effect: "permit", resource: "/sandboxes/prod/*", actions: ["read"], condition: true }];
    await native({ rules }, async (id) => {
      const path = "/sandboxes/prod";
      expect([await may("bob", "read"), await may("bob", "view", path)]).toEqual([true, false]);
      expect((await touch(id)).status).toBe(200);
      expect(await may("bob", "view", path)).toBe(false);
      const shown = (await root.call(`${POLICIES}/${id}`)).body;
      expect((await root.call(`${POLICIES}/${id}`, { method: "PUT", body: { name: "P", rules: shown.rules } })).status).toBe(200);
      expect((await served.call(`/v1/orgs/${one.id}/policies/${id}`)).body.rules[0].actions).toEqual(["read"]);
    });
  });

  it("denies every action that it names, though it names as many as there may be", async () => {
    await native({ rules: [{ effect: "deny", resource: "/sandboxes/*", actions: ["read", ...fillers(254), "write"] }] }, async (id) => {
      expect((await touch(id)).status).toBe(200);
      expect([await may("ann", "read"), await may("ann", "write")]).toEqual([false, false]);
    });
  });

  it("is shown as it was sent, also when the organization is no longer known by the id in it", async () => {
    const { name, tenantIds } = (await served.call(`/v1/orgs/${one.id}`)).body;
    const known = (ids: readonly string[]) => one.writes([put("organization", { name, tenantIds: ids })]);
    await known(["EARLY@AdobeOrg"]);
    const sent = rule({ resource: "/orgs/EARLY@AdobeOrg/sandboxes/*", actions: ["com.adobe.action.write"] });
    const { id } = await root.policy({ rules: [sent] });
    await known(tenantIds ?? []);
    expect((await root.call(`${POLICIES}/${id}`)).body.rules).toEqual([sent]);
    expect(await may("ann", "write")).toBe(false);
    await remove(id);
  });
});

describe("a text of a native writer", () => {
  it("is not shown where it cannot be read, or means another thing", async () => {
    const written = {
      rules: [{ effect: "Deny", resource: `/orgs/${one.id}/sandboxes/*`, actions: ["read"], condition: "{" }],
      subjectCondition: "{",
    };
    await native({ rules: [{ effect: "permit", resource: "/sandboxes/*", actions: ["read"] }], written }, async (id) => {
      const { rules, subjectCondition } = (await root.call(`${POLICIES}/${id}`)).body;
      expect([rules[0].effect, rules[0].condition, subjectCondition]).toEqual(["Permit", undefined, null]);
    });
  });
});

describe("one place of the rules", () => {
  it.each<[unknown]>([[{}], [[]], [[rule, rule]]])("takes one rule, and nothing else: %j", async (value) => {
    const { id } = await root.policy({ rules: [rule()] });
    const given = Array.isArray(value) && value.length === 2 ? [rule(), rule()] : value;
    expect(faultsOf(await root.patch(`${POLICIES}/${id}`, { op: "replace", path: "/rules/0", value: given }))).toEqual([
      400,
      "wrong_type /value",
    ]);
    expect(await may("ann", "read")).toBe(false);
    await remove(id);
  });

  it.each(["constructor", "__proto__", "CONSTRUCTOR", "toString"])("has an effect, which %s is not", async (effect) => {
    expect(faultsOf(await root.call(POLICIES, { body: { name: "P", rules: [rule({ effect })] } }))).toEqual([
      400,
      "not_allowed /rules/0/effect",
    ]);
  });

  it("is about things, not about a collection by itself", async () => {
    const resource = `/orgs/${one.id}/sandboxes/prod/segments`;
    expect(faultsOf(await root.call(POLICIES, { body: { name: "P", rules: [rule({ resource })] } }))).toEqual([
      400,
      "malformed_pattern /rules/0/resource",
    ]);
  });
});

describe("subjects", () => {
  it("are named: null is nobody, and takes the role from nobody", async () => {
    const { id } = await root.role({ name: "R" });
    await root.patch(`/administration/roles/${id}/subjects`, { op: "add", path: "/user", value: "ann" });
    for (const op of ["add", "replace"]) {
      const answer = await root.patch(`/administration/roles/${id}/subjects`, { op, path: "/user", value: null });
      expect(faultsOf(answer)).toEqual([400, "wrong_type /value"]);
    }
    expect((await root.call(`/administration/roles/${id}/subjects`)).body.items).toHaveLength(1);
  });

  it("that the patch made are told under their own types", async () => {
    const { id } = await root.role({ name: "R" });
    const { body } = await root.patch(`/administration/roles/${id}/subjects`, [
      { op: "add", path: "/ims-group", value: "12345" },
      { op: "add", path: "/api-integration", value: "t2@techacct.adobe.com" },
    ]);
    const told = body.subjects.map(({ subjectId, subjectType }: { subjectId: string; subjectType: string }) => [subjectId, subjectType]);
    expect(told).toEqual([
      ["12345", "ims-group"],
      ["t2@techacct.adobe.com", "api-integration"],
    ]);
  });

  it("change under the ETag that is named, or not at all", async () => {
    const { id, etag } = await root.role({ name: "R" });
    const path = `/administration/roles/${id}/subjects`;
    const add = { op: "add", path: "/user", value: "ann" };
    expect((await root.patch(path, add, { "if-match": '"stale.1"' })).status).toBe(412);
    expect((await root.patch(path, add, { "if-match": "stale" })).status).toBe(400);
    expect((await root.patch(path, add, { "if-match": "" })).status).toBe(400);
    expect((await root.call(path)).body.items).toEqual([]);
    expect((await root.patch(path, add, { "if-match": etag })).status).toBe(200);
  });

  it("are looked at all together a few times in one patch", async () => {
    const { id } = await root.role({ name: "R" });
    const operations = Array.from({ length: 17 }, () => ({ op: "replace", path: "/user", value: ["ann"] }));
    expect(faultsOf(await root.patch(`/administration/roles/${id}/subjects`, operations))).toEqual([400, "not_allowed /16/op"]);
  });
});

describe("a role", () => {
  it.each([["imsOrgId"], ["imsOrgID"]])("of another organization by its %s is not taken", async (member) => {
    expect((await root.call("/administration/roles", { body: { name: "R", [member]: "X@AdobeOrg" } })).status).toBe(403);
    const { id } = await root.role({ name: "R", [member]: one.id });
    const body = { name: "S", description: null, roleType: "user-defined", [member]: "X@AdobeOrg" };
    expect((await root.call(`/administration/roles/${id}`, { method: "PUT", body })).status).toBe(403);
    const named = { name: "S", description: null, roleType: "user-defined", id: "another" };
    expect(faultsOf(await root.call(`/administration/roles/${id}`, { method: "PUT", body: named }))).toEqual([400, "not_allowed /id"]);
  });

  it("with very many labels is refused before anybody waits for it", async () => {
    const { id } = await root.role({ name: "R" });
    const names = (prefix: string): string[] => Array.from({ length: 30_000 }, (_, n) => `custom/${prefix}${n}`);
    const answer = await root.patch(`/administration/roles/${id}`, [{ op: "add", path: "/subjectAttributes/labels", value: names("a") }]);
    expect(faultsOf(answer)).toEqual([400, "too_many /0/value"]);
  });

  it("lists where subjects are", async () => {
    expect((await root.call("/administration/roles")).body._links.subjects.href).toContain("/administration/roles/{ROLE_ID}/subjects");
  });
});

describe("a permission set with a name of every object", () => {
  it("is listed as what it is", async () => {
    const two = await aepOrganization(served);
    const pairs = [{ type: "segments", actions: ["read"] }];
    await two.writes([put("permission-set", { product: "experience-platform", id: "toString", name: "S", pairs })]);
    const client = await clientOf(served, two);
    const { body, status } = await client.call("/administration/products/4525859963018/permission-sets");
    expect(status).toBe(200);
    expect(body["permission-sets"].find(({ id }: { id: string }) => id === "toString").permissions).toEqual([
      { resource: "segments", actions: ["read"] },
    ]);
    expect((await client.call("/acl/reference")).body.permissions.toString).toEqual({ segments: ["read"] });
  });
});

describe("who may write labels", () => {
  it("may while the default policy is active, too: a label carries none", async () => {
    const two = await aepOrganization(served);
    const admin = await clientOf(served, two);
    const role = await admin.role({ name: "Labels", permissionSets: ["manage-dule-labels"], sandboxes: ["prod"] });
    await admin.patch(`/administration/roles/${role.id}/subjects`, { op: "add", path: "/user", value: "ann" });
    const policy = `${POLICIES}/default-label-based-access-control-policy`;
    expect((await admin.patch(policy, { op: "replace", path: "/status", value: "active" })).status).toBe(200);
    const ann = await clientOf(served, two, "ann");
    const write = (client: AepClient) =>
      client.at("/data/foundation/dulepolicy/labels/custom/N1", {
        method: "PUT",
        body: { name: "N1", category: "Custom", friendlyName: "N", description: "d" },
        headers: { "x-sandbox-name": "prod" },
      });
    expect((await write(ann)).status).toBe(201);
    expect((await write(await clientOf(served, two, "bob"))).status).toBe(403);
  });
});
