/** Policies over Experience Platform's access control API: as they were sent, and as the engine decides by them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AepClient, aepOrganization, clientOf } from "./aep-client.ts";
import { type Organization, put } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
let root: AepClient;
beforeAll(async () => {
  served = await serve();
  one = await aepOrganization(served);
  root = await clientOf(served, one);
  const role = await root.role({
    name: "Segments",
    permissionSets: ["manage-segments", "view-schemas"],
    sandboxes: ["prod", "dev"],
    subjectAttributes: { labels: ["core/C1"] },
  });
  await root.patch(`/administration/roles/${role.id}/subjects`, { op: "add", path: "/user", value: "ann" });
});
afterAll(() => served?.close());

const POLICIES = "/administration/policies";
const ANY_CORE =
  '{"or":[{"adobe.match_any_labels_by_prefix":[{"var":"subject.roles.labels"},"core/",{"var":"resource.labels"}]},{"!":[{"adobe.match_all_labels_by_prefix":[{"var":"subject.roles.labels"},"core/",{"var":"resource.labels"}]}]}]}';
const rule = (more: object = {}) => ({
  effect: "Deny",
  resource: `/orgs/${one.id}/sandboxes/*/segments/*`,
  actions: ["com.adobe.action.write"],
  ...more,
});
/** Whether a user may do something to a resource with these labels. */
const may = async (
  action: string,
  path: string,
  { labels = [], id = "ann" }: { readonly labels?: readonly string[]; readonly id?: string } = {},
) => {
  const body = { subject: { type: "user", id }, action: { name: action }, resource: { path, properties: { labels } } };
  return (await served.call(`/v1/orgs/${one.id}/check`, { body })).body.decision as boolean;
};
/** For the time of a test: other tests decide too. */
const during = async (body: object, work: (policy: { readonly id: string; readonly etag: string }) => Promise<void>) => {
  const policy = await root.policy(body);
  await work(policy);
  expect((await root.call(`${POLICIES}/${policy.id}`, { method: "DELETE" })).status).toBe(204);
};

describe("a policy", () => {
  it("is made with 200, active and in all sandboxes, and given back as it was sent", async () => {
    const body = {
      name: "acme-integration-policy",
      description: "Policy for ACME",
      imsOrgId: one.id,
      rules: [{ effect: "permit", resource: `orgs/${one.id}/sandboxes/*`, condition: ANY_CORE, actions: ["com.adobe.action.read"] }],
    };
    const answer = await root.call(POLICIES, { body });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject({
      imsOrgId: one.id,
      imsOrgID: one.id,
      recordType: "policy",
      createdBy: "root",
      modifiedBy: "root",
      name: "acme-integration-policy",
      description: "Policy for ACME",
      status: "active",
      subjectCondition: null,
      rules: [{ ...body.rules[0], effect: "Permit" }],
      parameters: { autoInclude: true },
      isDefault: false,
    });
    expect([...answer.body.parameters.sandboxes].sort()).toEqual(["dev", "prod"]);
    expect([answer.body._etag, answer.body.etag]).toEqual([answer.headers.get("etag"), answer.headers.get("etag")]);
    const got = await root.call(`${POLICIES}/${answer.body.id}`);
    const { policies, items, ...bare } = got.body;
    expect([bare, policies, items]).toEqual([answer.body, [answer.body], [answer.body]]);
    expect((await root.call(`${POLICIES}/${answer.body.id}`, { method: "DELETE" })).status).toBe(204);
    expect((await root.call(`${POLICIES}/${answer.body.id}`)).status).toBe(404);
  });

  it("takes one rule alone, and {} for none", async () => {
    expect((await root.policy({ rules: rule({ effect: "INDETERMINATE" }) })).rules).toEqual([rule({ effect: "Indeterminate" })]);
    expect((await root.policy({ rules: {}, status: "inactive" })).rules).toEqual([]);
  });

  it.each([
    ["no name", (body: object) => ({ ...body, name: undefined }), "/name"],
    ["no rules", (body: object) => ({ ...body, rules: undefined }), "/rules"],
    ["another status", (body: object) => ({ ...body, status: "on" }), "/status"],
    ["an unknown sandbox", (body: object) => ({ ...body, parameters: { sandboxes: ["nope"] } }), "/parameters/sandboxes/0"],
    [
      "a list beside auto-include",
      (body: object) => ({ ...body, parameters: { sandboxes: ["dev"], autoInclude: true } }),
      "/parameters/sandboxes",
    ],
    ["another effect", (body: object) => ({ ...body, rules: [rule({ effect: "Allow" })] }), "/rules/0/effect"],
    ["no actions", (body: object) => ({ ...body, rules: [rule(), rule({ actions: [] })] }), "/rules/1/actions"],
    [
      "a resource elsewhere",
      (body: object) => ({ ...body, rules: [rule({ resource: `/orgs/${one.id}/programs/1` })] }),
      "/rules/0/resource",
    ],
    [
      "a resource without an organization",
      (body: object) => ({ ...body, rules: [rule({ resource: "/sandboxes/*" })] }),
      "/rules/0/resource",
    ],
    ["half a *", (body: object) => ({ ...body, rules: [rule({ resource: `/orgs/${one.id}/sandboxes/pr*` })] }), "/rules/0/resource"],
    ["a condition that is no text", (body: object) => ({ ...body, rules: [rule({ condition: { "!": [true] } })] }), "/rules/0/condition"],
    ["a condition that is no JSON", (body: object) => ({ ...body, rules: [rule({ condition: '{"or": [' })] }), "/rules/0/condition"],
    ["an unknown operator", (body: object) => ({ ...body, rules: [rule({ condition: '{"map":[1]}' })] }), "/rules/0/condition"],
    ["a prototype", (body: object) => ({ ...body, rules: [rule({ condition: '{"var":"__proto__.x"}' })] }), "/rules/0/condition"],
    [
      "an operator of a prototype",
      (body: object) => ({ ...body, rules: [rule({ condition: '{"constructor":[1]}' })] }),
      "/rules/0/condition",
    ],
    [
      "too deep a condition",
      (body: object) => ({ ...body, rules: [rule({ condition: `${'{"!":['.repeat(40)}true${"]}".repeat(40)}` })] }),
      "/rules/0/condition",
    ],
    ["a condition of the subject that is none", (body: object) => ({ ...body, subjectCondition: "{" }), "/subjectCondition"],
  ])("is refused with %s: 400 with the place, and nothing is made", async (_, alter, pointer) => {
    const before = (await root.call(POLICIES)).body;
    const answer = await root.call(POLICIES, { body: alter({ name: "x", rules: [rule()] }) });
    expect(answer.status, answer.text).toBe(400);
    expect(answer.body.errors.map((fault: { pointer: string }) => fault.pointer)).toContain(pointer);
    expect((await root.call(POLICIES)).body).toEqual(before);
  });

  it("tells where a condition breaks", async () => {
    const told = async (condition: string) =>
      (await root.call(POLICIES, { body: { name: "x", rules: [rule({ condition })] } })).body.errors[0].detail;
    expect(await told('{"!": nope}')).toMatch(/^Line 1, column 7: /);
    expect(await told('{"or":\n  [true, {"map": [1]}]}')).toMatch(/^Line 2, column 11: .*operator/);
    expect(await told('{"!": [true], "!": [false]}')).toMatch(/^Line 1, column 15: /);
  });

  it("of another organization in its body is 403", async () => {
    const answer = await root.call(POLICIES, { body: { name: "x", imsOrgId: "OTHER@AdobeOrg", rules: [] } });
    expect(answer.status).toBe(403);
  });

  it("is put whole: what is absent keeps its value, but for the description", async () => {
    const policy = await root.policy({
      description: "d",
      status: "inactive",
      subjectCondition: '{"var":"subject.roles.ids"}',
      parameters: { sandboxes: ["dev"] },
    });
    const path = `${POLICIES}/${policy.id}`;
    const answer = await root.call(path, { method: "PUT", body: { name: "New", rules: [rule()] } });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject({
      name: "New",
      description: null,
      status: "inactive",
      subjectCondition: '{"var":"subject.roles.ids"}',
      parameters: { sandboxes: ["dev"], autoInclude: false },
      rules: [rule()],
    });
    const { policies: _, items: __, ...own } = (await root.call(path)).body;
    expect((await root.call(path, { method: "PUT", body: own })).body).toEqual({ ...own });
    expect((await root.call(path, { method: "PUT", body: { ...own, id: "other" } })).status).toBe(400);
  });

  it.each([
    [{ op: "replace", path: "/status", value: "active" }, { status: "active" }],
    [{ op: "replace", path: "/description", value: "new" }, { description: "new" }],
    [{ op: "remove", path: "/description" }, { description: null }],
    [{ op: "add", path: "/subjectCondition", value: '{"==":[1,1]}' }, { subjectCondition: '{"==":[1,1]}' }],
    [{ op: "remove", path: "/rules/0" }, { rules: [] }],
    [{ op: "remove", path: "/rules" }, { rules: [] }],
  ])("is patched by %j", async (operation, expected) => {
    const policy = await root.policy({ rules: [rule({ actions: ["none"] })], status: "inactive", description: "d" });
    for (const body of [operation, [operation], { operations: [operation] }].slice(0, operation.path === "/rules/0" ? 1 : 3)) {
      const answer = await root.patch(`${POLICIES}/${policy.id}`, body);
      expect(answer.status, answer.text).toBe(200);
      expect(answer.body).toMatchObject(expected);
    }
  });

  it("has rules added, replaced and removed by their places", async () => {
    const { id } = await root.policy({ status: "inactive", rules: [rule()] });
    const second = rule({ actions: ["read"] });
    const patched = async (body: object) => (await root.patch(`${POLICIES}/${id}`, body)).body.rules;
    expect(await patched({ op: "add", path: "/rules/-", value: second })).toEqual([rule(), second]);
    expect(await patched({ op: "add", path: "/rules", value: [second] })).toEqual([rule(), second, second]);
    expect(await patched({ op: "replace", path: "/rules/0", value: second })).toEqual([second, second, second]);
    expect(await patched({ op: "replace", path: "/rules", value: rule() })).toEqual([rule()]);
    expect((await root.patch(`${POLICIES}/${id}`, { op: "remove", path: "/rules/1" })).status).toBe(400);
    expect((await root.patch(`${POLICIES}/${id}`, { op: "add", path: "/rules/-", value: rule({ effect: "no" }) })).status).toBe(400);
    expect((await root.patch(`${POLICIES}/${id}`, { op: "replace", path: "/id", value: "x" })).status).toBe(400);
    expect((await root.call(`${POLICIES}/${id}`)).body.rules).toEqual([rule()]);
  });

  it("lists sandboxes only while auto-include is off, beginning with all of that moment", async () => {
    const { id } = await root.policy({ status: "inactive" });
    const path = `${POLICIES}/${id}`;
    expect((await root.patch(path, { op: "remove", path: "/parameters/sandboxes", value: "dev" })).status).toBe(400);
    const off = await root.patch(path, { op: "replace", path: "/parameters/autoInclude", value: false });
    expect(off.body.parameters).toEqual({ autoInclude: false, sandboxes: ["dev", "prod"] });
    const less = await root.patch(path, { op: "remove", path: "/parameters/sandboxes", value: "dev" });
    expect(less.body.parameters).toEqual({ autoInclude: false, sandboxes: ["prod"] });
    await one.writes([put("resource", { path: "/sandboxes/late" })]);
    expect((await root.call(path)).body.parameters.sandboxes).toEqual(["prod"]);
    const on = await root.patch(path, { op: "replace", path: "/parameters/autoInclude", value: true });
    expect(on.body.parameters).toEqual({ autoInclude: true, sandboxes: ["dev", "late", "prod"] });
    expect((await root.patch(path, { op: "replace", path: "/parameters/autoInclude", value: "no" })).status).toBe(400);
  });
});

describe("the default policy", () => {
  const find = async () => {
    const { body } = await root.call(`${POLICIES}?property=name==Default-Label-Based-Access-Control-Policy`);
    expect(body.items).toHaveLength(1);
    return body.items[0];
  };

  it("is there, inactive, for all sandboxes; only its status and its sandboxes change: else 403", async () => {
    const policy = await find();
    expect(policy).toMatchObject({ isDefault: true, status: "inactive", parameters: { autoInclude: true } });
    const path = `${POLICIES}/${policy.id}`;
    for (const answer of [
      await root.call(path, { method: "DELETE" }),
      await root.patch(path, { op: "replace", path: "/name", value: "Mine" }),
      await root.patch(path, { op: "add", path: "/rules/-", value: rule() }),
      await root.call(path, { method: "PUT", body: { name: "Mine", rules: [] } }),
    ])
      expect([answer.status, answer.body.title]).toEqual([403, "Forbidden"]);
    expect(await find()).toEqual(policy);
  });

  it("activated, hides what has labels from who lacks one of them, at once", async () => {
    const { id } = await find();
    const path = "/sandboxes/prod/segments/7";
    expect(await may("read", path, { labels: ["core/C1", "core/I2"] })).toBe(true);
    expect((await root.patch(`${POLICIES}/${id}`, { op: "replace", path: "/status", value: "active" })).status).toBe(200);
    expect(await may("read", path, { labels: ["core/C1", "core/I2"] })).toBe(false);
    expect(await may("read", path, { labels: ["core/C1"] })).toBe(true);
    expect(await may("read", path)).toBe(true);
    expect(await may("read", path, { labels: ["custom/Mine"] })).toBe(false);
    expect((await root.patch(`${POLICIES}/${id}`, { op: "replace", path: "/status", value: "inactive" })).status).toBe(200);
    expect(await may("read", path, { labels: ["core/C1", "core/I2"] })).toBe(true);
  });
});

describe("what rules mean", () => {
  const SEGMENT = "/sandboxes/prod/segments/7";

  it("is seen by a check at once, under the revision that the write told", async () => {
    expect(await may("write", SEGMENT)).toBe(true);
    await during({ rules: [rule()] }, async () => {
      expect(await may("write", SEGMENT)).toBe(false);
      expect(await may("read", SEGMENT)).toBe(true);
    });
    expect(await may("write", SEGMENT)).toBe(true);
  });

  it.each(["com.adobe.action.write", "write", "WRITE", "com.adobe.action.create", "edit", "update"])("by %s is writing", async (action) => {
    await during({ rules: [rule({ actions: [action] })] }, async () => {
      expect(await may("write", SEGMENT)).toBe(false);
      expect(await may("delete", SEGMENT)).toBe(true);
    });
  });

  it("covers looking by either word, and other names of types", async () => {
    for (const action of ["view", "com.adobe.action.read"])
      await during({ rules: [rule({ actions: [action], resource: `/orgs/${one.id}/sandboxes/*/segment/*` })] }, async () => {
        expect(await may("read", SEGMENT)).toBe(false);
      });
  });

  it("is nothing in the rule of another organization, which is kept", async () => {
    const stranger = rule({ resource: "/orgs/OTHER@AdobeOrg/sandboxes/*" });
    await during({ rules: [stranger] }, async ({ id }) => {
      expect(await may("write", SEGMENT)).toBe(true);
      expect((await root.call(`${POLICIES}/${id}`)).body.rules).toEqual([stranger]);
    });
  });

  it("is nothing in a policy that is inactive, or in other sandboxes", async () => {
    await during({ rules: [rule()], status: "inactive" }, async () => expect(await may("write", SEGMENT)).toBe(true));
    await during({ rules: [rule()], parameters: { sandboxes: ["dev"] } }, async () => {
      expect(await may("write", SEGMENT)).toBe(true);
      expect(await may("write", "/sandboxes/dev/segments/7")).toBe(false);
    });
  });

  it("permits what no role gives, to who has a role in the sandbox", async () => {
    const permit = rule({ effect: "Permit", resource: `/orgs/${one.id}/sandboxes/*/datasets/*`, actions: ["read"] });
    expect(await may("read", "/sandboxes/prod/datasets/1")).toBe(false);
    await during({ rules: [permit] }, async () => {
      expect(await may("read", "/sandboxes/prod/datasets/1")).toBe(true);
      expect(await may("read", "/sandboxes/prod/datasets/1", { id: "bob" })).toBe(false);
    });
  });

  it("that is changed natively is shown as it is then, never as it once was written", async () => {
    await during({ rules: [rule()] }, async ({ id }) => {
      const native = (await served.call(`/v1/orgs/${one.id}/policies/${id}`)).body;
      const altered = { ...native, rules: [{ ...native.rules[0], actions: ["delete"] }] };
      const answer = await served.call(`/v1/orgs/${one.id}/policies/${id}`, { method: "PUT", body: altered });
      expect(answer.status, answer.text).toBe(200);
      expect((await root.call(`${POLICIES}/${id}`)).body.rules).toEqual([rule({ actions: ["com.adobe.action.delete"] })]);
      await served.call(`/v1/orgs/${one.id}/policies/${id}`, { method: "PUT", body: { ...altered, written: { rules: 7 } } });
      expect((await root.call(`${POLICIES}/${id}`)).body.rules).toEqual([rule({ actions: ["com.adobe.action.delete"] })]);
    });
  });
});

describe("lists of policies", () => {
  it("are filtered by name and status", async () => {
    await during({ name: "Only one", status: "inactive" }, async ({ id }) => {
      const ids = async (query: string) =>
        (await root.call(`${POLICIES}/?${query}`)).body.policies.map((policy: { id: string }) => policy.id);
      expect(await ids("property=name==Only%20one")).toEqual([id]);
      expect(await ids("property=name==Only%20one&property=status==inactive")).toEqual([id]);
      expect(await ids("property=name==Only%20one,status==active")).toEqual([]);
      const { body } = await root.call(`${POLICIES}?property=status==inactive&limit=100`);
      expect(body._page.properties).toEqual(["status==inactive"]);
      expect(new Set(body.items.map(({ status }: { status: string }) => status))).toEqual(new Set(["inactive"]));
    });
  });
});
