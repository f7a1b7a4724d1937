/** Roles over Experience Platform's access control API: what the public documents show, by a client that knows nothing else. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AepClient, aepOrganization, clientOf } from "./aep-client.ts";
import type { Organization } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
let root: AepClient;
beforeAll(async () => {
  served = await serve();
  one = await aepOrganization(served);
  root = await clientOf(served, one);
});
afterAll(() => served?.close());

const ROLES = "/administration/roles";

describe("a role", () => {
  it("is made of a name alone, with 200 and every field of the documents", async () => {
    const answer = await root.call(ROLES, { body: { name: "Administrator Role" } });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      recordType: "role",
      imsOrgID: one.id,
      imsOrgId: one.id,
      name: "Administrator Role",
      description: null,
      roleType: "user-defined",
      permissionSets: [],
      sandboxes: [],
      subjectAttributes: { labels: [] },
      createdBy: "root",
      modifiedBy: "root",
    });
    expect(answer.body.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    expect(answer.body.createdAt).toBe(answer.body.modifiedAt);
    expect(Math.abs(Date.now() - answer.body.createdAt)).toBeLessThan(60_000);
    expect(answer.body.etag).toBe(answer.headers.get("etag"));
    expect((await root.call(`${ROLES}/${answer.body.id}`)).body).toEqual(answer.body);
    expect((await root.call(`${ROLES}/`, { body: { name: "Administrator Role" } })).status).toBe(200);
  });

  it("takes lists, labels and the names by which permissions were misspelt", async () => {
    const role = await root.role({
      description: "Two\nlines",
      roleType: "system-defined",
      permissionSets: ["manage-datasets", "manage-shemas", "manage-schemas"],
      sandboxes: ["prod"],
      subjectAttributes: { labels: ["core/S1", "custom/New"] },
    });
    expect(role).toMatchObject({
      description: "Two\nlines",
      roleType: "system-defined",
      permissionSets: ["manage-datasets", "manage-schemas"],
      sandboxes: ["prod"],
      subjectAttributes: { labels: ["core/S1", "custom/New"] },
    });
    expect((await served.call(`/v1/orgs/${one.id}/labels/custom%2FNew`)).status).toBe(200);
  });

  it.each([
    ["no name", {}, "/name"],
    ["a name that is no text", { name: 7 }, "/name"],
    ["an empty name", { name: "" }, "/name"],
    ["another type", { name: "x", roleType: "mine" }, "/roleType"],
    ["a permission set that is none", { name: "x", permissionSets: ["manage-datasets", "nope"] }, "/permissionSets/1"],
    ["a sandbox that is none", { name: "x", sandboxes: ["PROD"] }, "/sandboxes/0"],
    ["a label without a prefix", { name: "x", subjectAttributes: { labels: ["S1"] } }, "/subjectAttributes/labels/0"],
    ["a core label that is none", { name: "x", subjectAttributes: { labels: ["core/None"] } }, "/subjectAttributes/labels/0"],
    ["lists that are none", { name: "x", sandboxes: "prod" }, "/sandboxes"],
    ["a body that is none", [], ""],
  ])("is refused with %s: 400, with the place, and nothing is made", async (_, body, pointer) => {
    const before = await root.call(ROLES);
    const answer = await root.call(ROLES, { body });
    expect(answer.status, answer.text).toBe(400);
    expect(answer.body.errors.map((fault: { pointer: string }) => fault.pointer)).toContain(pointer);
    expect((await root.call(ROLES)).body).toEqual(before.body);
  });

  it("is replaced in its name, description and type alone", async () => {
    const role = await root.role({ description: "d", permissionSets: ["view-schemas"], sandboxes: ["prod"] });
    const path = `${ROLES}/${role.id}`;
    const put = await root.call(path, {
      method: "PUT",
      body: { name: "Other", description: null, roleType: "user-defined", sandboxes: [] },
    });
    expect(put.status, put.text).toBe(200);
    expect(put.body).toMatchObject({
      id: role.id,
      name: "Other",
      description: null,
      permissionSets: ["view-schemas"],
      sandboxes: ["prod"],
    });
    expect([put.body.createdAt, put.body.createdBy]).toEqual([role.createdAt, role.createdBy]);
    for (const member of ["name", "description", "roleType"]) {
      const { [member]: _, ...body } = { name: "x", description: "x", roleType: "user-defined" } as Record<string, string>;
      expect((await root.call(path, { method: "PUT", body })).status).toBe(400);
    }
  });

  it("is deleted with 204 and nothing else, its subjects with it; then it is 404", async () => {
    const role = await root.role({});
    await root.patch(`${ROLES}/${role.id}/subjects`, { op: "add", path: "/user", value: "ann" });
    const gone = await root.call(`${ROLES}/${role.id}`, { method: "DELETE", headers: { "content-type": "application/json" } });
    expect([gone.status, gone.text]).toEqual([204, ""]);
    for (const call of [
      root.call(`${ROLES}/${role.id}`),
      root.call(`${ROLES}/${role.id}`, { method: "DELETE" }),
      root.call(`${ROLES}/${role.id}/subjects`),
      root.patch(`${ROLES}/${role.id}`, { op: "replace", path: "/name", value: "x" }),
      root.patch(`${ROLES}/${role.id}/subjects`, { op: "add", path: "/user", value: "ann" }),
      root.call(`${ROLES}/${role.id}`, { method: "PUT", body: { name: "x", description: "", roleType: "user-defined" } }),
    ])
      expect((await call).status).toBe(404);
  });

  it("of another product is none of this surface", async () => {
    expect((await root.call(`${ROLES}/reeve-auditor`)).status).toBe(404);
    expect((await root.call(`${ROLES}/reeve-auditor`, { method: "DELETE" })).status).toBe(404);
  });
});

describe("a patch of a role", () => {
  const patched = async (operations: unknown, start: object = {}) => {
    const role = await root.role({
      permissionSets: ["view-schemas"],
      sandboxes: ["prod"],
      subjectAttributes: { labels: ["core/C1"] },
      ...start,
    });
    const answer = await root.patch(`${ROLES}/${role.id}`, operations);
    return { role, answer };
  };

  it.each([
    ["one operation", (one: object) => one],
    ["a list", (one: object) => [one]],
    ["operations", (one: object) => ({ operations: [one] })],
  ])("comes as %s", async (_, wrap) => {
    const { answer } = await patched(wrap({ op: "replace", path: "/description", value: "new" }));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body.description).toBe("new");
    expect(answer.body.modifiedAt).toBeGreaterThanOrEqual(answer.body.createdAt);
  });

  it.each([
    [{ op: "add", path: "/permissionSets", value: "manage-datasets" }, { permissionSets: ["view-schemas", "manage-datasets"] }],
    [
      { op: "add", path: "/permissionSets", value: ["manage-datasets", "view-schemas"] },
      { permissionSets: ["view-schemas", "manage-datasets"] },
    ],
    [{ op: "replace", path: "/permissionSets", value: ["manage-datasets"] }, { permissionSets: ["manage-datasets"] }],
    [{ op: "remove", path: "/permissionSets", value: "view-schemas" }, { permissionSets: [] }],
    [{ op: "remove", path: "/permissionSets" }, { permissionSets: [] }],
    [{ op: "add", path: "/permissionSets/-", value: "manage-datasets" }, { permissionSets: ["view-schemas", "manage-datasets"] }],
    [{ op: "add", path: "/permissionSets/0", value: "manage-datasets" }, { permissionSets: ["manage-datasets", "view-schemas"] }],
    [{ op: "replace", path: "/permissionSets/0", value: "manage-datasets" }, { permissionSets: ["manage-datasets"] }],
    [{ op: "remove", path: "/permissionSets/0" }, { permissionSets: [] }],
    [{ op: "add", path: "/sandboxes", value: "dev" }, { sandboxes: ["prod", "dev"] }],
    [{ op: "remove", path: "/sandboxes", value: ["prod"] }, { sandboxes: [] }],
    [{ op: "add", path: "/subjectAttributes/labels", value: "core/C2" }, { subjectAttributes: { labels: ["core/C1", "core/C2"] } }],
    [{ op: "replace", path: "/subjectAttributes", value: { labels: ["core/C2"] } }, { subjectAttributes: { labels: ["core/C2"] } }],
    [{ op: "replace", path: "/name", value: "Other" }, { name: "Other" }],
    [{ op: "add", path: "/roleType", value: "system-defined" }, { roleType: "system-defined" }],
    [{ op: "remove", path: "/description" }, { description: null }],
  ])("%j", async (operation, expected) => {
    const { answer } = await patched(operation, { description: "old" });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body).toMatchObject(expected);
  });

  it.each([
    ["an empty list", [], ""],
    ["no operation at all", { operations: [] }, "/operations"],
    ["an operation that is none", [7], "/0"],
    ["another op", { op: "move", path: "/name", value: "x" }, "/op"],
    ["a path that is none", { op: "add", path: "name", value: "x" }, "/path"],
    ["a path that the object has not", { op: "add", path: "/nope", value: "x" }, "/path"],
    ["a path of a prototype", { op: "add", path: "/__proto__", value: "x" }, "/path"],
    ["no value", [{ op: "add", path: "/name" }], "/0/value"],
    ["a value of another kind", { op: "add", path: "/sandboxes", value: 7 }, "/value"],
    ["a place that is none", { op: "remove", path: "/sandboxes/9" }, "/path"],
    ["a role without a name", { op: "remove", path: "/name" }, "/op"],
    ["an unknown sandbox", { op: "add", path: "/sandboxes", value: "nope" }, "/sandboxes/1"],
  ])("with %s is 400, and nothing is done", async (_, body, pointer) => {
    const good = { op: "replace", path: "/description", value: "done" };
    const { role, answer } = await patched(Array.isArray(body) && body.length > 0 ? [...body, good] : body);
    expect(answer.status, answer.text).toBe(400);
    expect(answer.body.errors[0].pointer).toBe(pointer);
    expect((await root.call(`${ROLES}/${role.id}`)).body).toEqual(role);
  });

  it("is done whole or not at all", async () => {
    const { role, answer } = await patched([
      { op: "replace", path: "/description", value: "done" },
      { op: "add", path: "/sandboxes", value: "nope" },
    ]);
    expect(answer.status).toBe(400);
    expect((await root.call(`${ROLES}/${role.id}`)).body.description).toBe(role.description);
  });

  it("among fifty at once is not lost", async () => {
    const role = await root.role({});
    const sets = (await root.call("/administration/products/4525859963018/permission-sets")).body["permission-sets"].slice(0, 50);
    const answers = await Promise.all(
      sets.map(({ id }: { id: string }) => root.patch(`${ROLES}/${role.id}`, { op: "add", path: "/permissionSets", value: id })),
    );
    expect(answers.map(({ status }) => status)).toEqual(sets.map(() => 200));
    const after = (await root.call(`${ROLES}/${role.id}`)).body.permissionSets;
    expect([...after].sort()).toEqual(sets.map(({ id }: { id: string }) => id).sort());
  });

  it("under the ETag of another state is 412, and 200 under its own", async () => {
    const role = await root.role({});
    const path = `${ROLES}/${role.id}`;
    const body = { op: "replace", path: "/name", value: "x" };
    expect((await root.patch(path, body, { "if-match": role.etag })).status).toBe(200);
    for (const tag of [role.etag, '"none.1"', '"x"']) expect((await root.patch(path, body, { "if-match": tag })).status).toBe(412);
    expect((await root.patch(path, body, { "if-match": "x" })).status).toBe(400);
    expect((await root.patch(path, body, { "if-match": "*" })).status).toBe(200);
    expect((await root.call(path, { method: "DELETE", headers: { "if-match": role.etag } })).status).toBe(412);
  });
});

describe("subjects", () => {
  const subjectsOf = async (id: string) =>
    (await root.call(`${ROLES}/${id}/subjects`)).body.items.map(
      ({ subjectType, subjectId }: Record<string, string>) => `${subjectType} ${subjectId}`,
    );

  it("are added and removed under each path, in every envelope; API credentials alone are answered 204", async () => {
    const { id } = await root.role({});
    const path = `${ROLES}/${id}/subjects`;
    const added = await root.patch(path, { op: "add", path: "/user", value: "ann" });
    expect(added.status).toBe(200);
    expect(added.body.subjects).toEqual([{ roleId: id, subjectType: "user", subjectId: "ann" }]);
    expect((await root.patch(path, [{ op: "add", path: "/api-integration", value: "root" }])).status).toBe(204);
    expect(
      (
        await root.patch(path, [
          { op: "add", path: "/ims-group", value: "team" },
          { op: "add", path: "/api-integration", value: "root" },
        ])
      ).status,
    ).toBe(200);
    expect((await root.patch(`${ROLES}/${id}`, { operations: [{ op: "add", path: "/subjects", value: "bob" }] })).status).toBe(200);
    expect(await subjectsOf(id)).toEqual(["user ann", "user bob", "api-integration root", "ims-group team"]);
    expect((await root.patch(path, { op: "add", path: "/user", value: "ann" })).status).toBe(200);
    expect((await root.patch(path, { op: "remove", path: "/user", value: "cy" })).status).toBe(200);
    expect((await root.patch(path, { op: "remove", path: "/user", value: "ann" })).status).toBe(200);
    expect(await subjectsOf(id)).toEqual(["user bob", "api-integration root", "ims-group team"]);
    expect((await root.patch(path, { op: "replace", path: "/user", value: ["cy", "ann"] })).status).toBe(200);
    expect(await subjectsOf(id)).toEqual(["user ann", "user cy", "api-integration root", "ims-group team"]);
    expect((await root.patch(path, { op: "remove", path: "/user" })).status).toBe(200);
    expect(await subjectsOf(id)).toEqual(["api-integration root", "ims-group team"]);
  });

  it("that nobody knows are listed, and count once they are there", async () => {
    const { id } = await root.role({ permissionSets: ["view-schemas"], sandboxes: ["prod"] });
    const user = "03Z07HFQCCUF3TUHAX274206@AdobeID";
    expect((await root.patch(`${ROLES}/${id}/subjects`, { op: "add", path: "/user", value: user })).status).toBe(200);
    expect(await subjectsOf(id)).toEqual([`user ${user}`]);
    const asked = { subject: { type: "user", id: user }, action: { name: "read" }, resource: { path: "/sandboxes/prod/schemas" } };
    const decided = async () => (await served.call(`/v1/orgs/${one.id}/check`, { body: asked })).body.decision;
    expect(await decided()).toBe(false);
    const put = await served.call(`/v1/orgs/${one.id}/principals/${user}`, { method: "PUT", body: { type: "user", active: true } });
    expect(put.status, put.text).toBe(200);
    expect(await decided()).toBe(true);
  });

  it.each([
    ["of another type than the path", { op: "add", path: "/user", value: "team" }, "/value"],
    ["that cannot be an id", { op: "add", path: "/user", value: ["ann", "a b"] }, "/value/1"],
    ["under a path that is none", { op: "add", path: "/users", value: "ann" }, "/path"],
  ])("%s are 400, and nobody is added", async (_, body, pointer) => {
    const { id } = await root.role({});
    const answer = await root.patch(`${ROLES}/${id}/subjects`, body);
    expect([answer.status, answer.body.errors[0].pointer], answer.text).toEqual([400, pointer]);
    expect(await subjectsOf(id)).toEqual([]);
  });

  it("of fifty patches at once are all there, in pages", async () => {
    const { id } = await root.role({});
    const ids = Array.from({ length: 50 }, (_, n) => `u${String(n).padStart(2, "0")}@AdobeID`);
    await Promise.all(ids.map((value) => root.patch(`${ROLES}/${id}/subjects`, { op: "add", path: "/user", value })));
    const found: string[] = [];
    for (let start: number | null = 0; start !== null; ) {
      const { body } = await root.call(`${ROLES}/${id}/subjects/?limit=20&start=${start}`);
      expect(body._page.count).toBe(body.items.length);
      found.push(...body.items.map(({ subjectId }: { subjectId: string }) => subjectId));
      start = body._page.next;
    }
    expect(found).toEqual(ids);
  });

  it("that are assigned for a time are not made lasting by being added again", async () => {
    const { id } = await root.role({});
    const soon = Date.now() + 60_000;
    await one.writes([{ put: { kind: "assignment", value: { role: id, principal: "ann", notAfter: soon } } }]);
    expect((await root.patch(`${ROLES}/${id}/subjects`, { op: "add", path: "/user", value: "ann" })).status).toBe(200);
    expect((await served.call(`/v1/orgs/${one.id}/assignments/${id}/ann`)).body.notAfter).toBe(soon);
    await one.writes([{ put: { kind: "assignment", value: { role: id, principal: "ann", notAfter: 5 } } }]);
    await root.patch(`${ROLES}/${id}/subjects`, { op: "add", path: "/user", value: "ann" });
    expect((await served.call(`/v1/orgs/${one.id}/assignments/${id}/ann`)).body.notAfter).toBeUndefined();
  });
});

describe("lists of roles", () => {
  it("come newest first, twenty a page, each page beginning where the one before says, with what `items` has under `roles` too", async () => {
    const mine = await aepOrganization(served);
    const client = await clientOf(served, mine);
    for (let n = 0; n < 45; n++) await client.role({ name: `Role ${n % 3}`, description: String(n) });
    const all: { id: string; name: string; description: string | null }[] = [];
    let path = ROLES;
    for (;;) {
      const { body } = await client.call(path);
      expect(body.roles).toEqual(body.items);
      expect(body._page).toMatchObject({ orderBy: "-createdAt", limit: 20, count: body.items.length });
      all.push(...body.items);
      if (body._page.next === null) {
        expect(body._links.next).toBeUndefined();
        break;
      }
      expect(body.items.length).toBe(20);
      path = body._links.next.href.replace("/data/foundation/access-control", "");
      expect(path).toContain(`start=${body._page.next}`);
      // What is made meanwhile shifts nothing.
      await client.role({ name: "late", description: "late" });
    }
    const own = all.filter(({ description }) => /^\d+$/.test(description ?? ""));
    expect(own.map(({ description }) => Number(description))).toEqual(Array.from({ length: 45 }, (_, n) => 44 - n));
    const named = await client.call(`${ROLES}?property=name==Role%201&limit=100&orderBy=createdAt`);
    expect(named.body.items.map(({ description }: { description: string }) => Number(description))).toEqual(
      Array.from({ length: 15 }, (_, n) => 3 * n + 1),
    );
    const names = (await client.call(`${ROLES}?orderBy=name&limit=100`)).body.items.map(({ name }: { name: string }) => name);
    expect(names).toEqual([...names].sort());
    // What the documents' page says that begins at the beginning, given back.
    for (const orderBy of ["createdAt", "-createdAt", "name"]) {
      const [first, told] = [
        await client.call(`${ROLES}?orderBy=${orderBy}&limit=3`),
        await client.call(`${ROLES}?orderBy=${orderBy}&limit=3&start=0`),
      ];
      expect(first.body._page.start).toBe(0);
      expect(told.body.items).toEqual(first.body.items);
    }
    expect((await client.call(`${ROLES}?orderBy=createdAt&limit=3&start=999999999`)).body.items).toEqual([]);
    expect((await client.call(`${ROLES}?start=999999999999999999&limit=1`)).body.items).toHaveLength(1);
  });

  it.each(["limit=0", "limit=-1", "limit=x", "limit=1&limit=2", "start=-1", "start=x", "orderBy=id", "property=nope==x", "property=name"])(
    "with %s are 400",
    async (query) => {
      const answer = await root.call(`${ROLES}?${query}`);
      expect(answer.status).toBe(400);
      expect(answer.body.errors[0].pointer).toBe(`?${query.split("=")[0]}`);
    },
  );
});
