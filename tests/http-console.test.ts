/**
 * The developer console over HTTP: Cloud Manager's rules C1 to C18 (developer access, projects, profiles, credentials), each by its number.
 *
 * Adam administers the organization. Dora has developer access to the roles logs and deploy, Luis to logs alone; Nora holds the role logs and
 * has no developer access; Keith administers the product.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BASE, makeOrganization, type Organization, put, remove } from "./organization.ts";
import { type Answer, type Sent, type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
let tokens: Map<string, string>;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());
beforeEach(async () => {
  const role = (id: string, more: object = {}) => put("role", { product: "files", id, name: id, sets: [{ set: "reading" }], ...more });
  const people = ["adam", "dora", "luis", "nora", "keith"];
  one = await makeOrganization(served, [
    ...BASE,
    put("product", { id: "other", boundedBy: "scopes", settings: {}, types: { shelves: { actions: { look: ["R"] } } } }),
    put("role", { product: "other", id: "foreign", name: "Foreign", sets: [] }),
    ...["logs", "deploy", "owner"].map((id) => role(id)),
    ...people.map((id) => put("principal", { id, type: "user" })),
    put("membership", { group: "admins", member: "adam" }),
    put("product-administrator", { product: "files", principal: "keith" }),
    put("assignment", { role: "logs", principal: "nora" }),
    ...[
      ["logs", "dora"],
      ["deploy", "dora"],
      ["foreign", "dora"],
      ["logs", "luis"],
    ].map(([id, principal]) => put("developer-access", { role: id, principal })),
  ]);
  tokens = new Map();
  for (const principal of people)
    tokens.set(principal, (await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal, ceiling: "admin" } })).body.secret);
});

const as = (who: string, path: string, sent: Sent = {}): Promise<Answer> =>
  served.call(`/v1/orgs/${one.id}${path}`, { ...sent, token: tokens.get(who) as string });
const codeOf = ({ status, body }: Answer): readonly [number, string] => [status, body?.code];
const DENIED = [403, "not_permitted"];
const make = (who: string, roles: readonly string[], more: object = {}): Promise<Answer> =>
  as(who, "/console/projects", { body: { name: "Bot", product: "files", roles, ...more } });
async function made(who: string, roles: readonly string[]): Promise<{ id: string; serviceAccount: string }> {
  const answer = await make(who, roles);
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}
const mayRead = async (account: string): Promise<boolean> =>
  (
    await served.call(`/v1/orgs/${one.id}/check`, {
      body: { subject: { type: "service-account", id: account }, action: { name: "read" }, resource: { path: "/folders/a" } },
    })
  ).body.decision;
const offeredTo = async (who: string, query = ""): Promise<readonly string[]> =>
  (await as(who, `/console/roles${query}`)).body.items.map(({ id }: { id: string }) => id);
const mayChange = async (who: string, id: string): Promise<boolean> => (await as(who, `/console/projects/${id}`)).body.mayChange;

describe("who may make a project", () => {
  it("is an administrator, or who has developer access to every role that it carries (C1, C2, C3)", async () => {
    expect((await make("adam", ["owner"])).status).toBe(201);
    expect((await make("dora", ["logs", "deploy"])).status).toBe(201);
    expect((await make("luis", ["logs"])).status).toBe(201);
    const before = await one.revision();
    for (const [who, roles] of [
      ["dora", ["owner"]],
      ["dora", ["logs", "owner"]],
      ["luis", ["deploy"]],
      ["luis", ["none"]],
      ["nora", ["logs"]],
      ["keith", ["logs"]],
    ] as const)
      expect(codeOf(await make(who, roles)), `${who} ${roles}`).toEqual(DENIED);
    expect(await one.revision()).toBe(before);
  });

  it("is offered these roles, and shown no other (C3, C13)", async () => {
    expect(await offeredTo("dora")).toEqual(["deploy", "foreign", "logs"]);
    expect(await offeredTo("dora", "?product=files")).toEqual(["deploy", "logs"]);
    expect(await offeredTo("luis")).toEqual(["logs"]);
    expect(await offeredTo("adam", "?product=files")).toEqual(["deploy", "logs", "owner", "reader"]);
    for (const who of ["nora", "keith"]) {
      for (const path of ["/console/roles", "/console/projects"]) expect(codeOf(await as(who, path)), `${who} ${path}`).toEqual(DENIED);
    }
  });

  it("reads them page by page", async () => {
    const found: string[] = [];
    for (let cursor = ""; ; ) {
      const { body } = await as("dora", `/console/roles?limit=1${cursor}`);
      found.push(...body.items.map(({ id }: { id: string }) => id));
      if (body.next === undefined) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(found).toEqual(["deploy", "foreign", "logs"]);
  });

  it("has nothing of the role by that, and who has the role may not (C5, C6)", async () => {
    expect(await one.may("dora", "read", "/folders/a")).toBe(false);
    expect(await one.may("nora", "read", "/folders/a")).toBe(true);
    expect(codeOf(await make("nora", ["logs"]))).toEqual(DENIED);
  });
});

describe("a project", () => {
  it("has a service account of its own with its roles, whoever made it (C7, C8)", async () => {
    const { id, serviceAccount } = await made("dora", ["logs"]);
    expect((await served.call(`/v1/orgs/${one.id}/principals/${serviceAccount}`)).body).toMatchObject({
      type: "service-account",
      active: true,
    });
    expect(await mayRead(serviceAccount)).toBe(true);
    await one.writes([remove("principal", { id: "dora" })]);
    expect(await mayRead(serviceAccount), "its maker left (C17)").toBe(true);
    expect((await as("adam", `/console/projects/${id}`)).body).toMatchObject({ roles: ["logs"], mayChange: true });
  });

  it("needs a role, of its product, once (C9)", async () => {
    for (const [roles, fault] of [
      [[], "empty /roles"],
      [["logs", "logs"], "not_allowed /roles/1"],
      [["foreign"], "not_allowed /roles/0"],
    ] as const) {
      const refused = await make("dora", roles);
      const faults = refused.body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`);
      expect([refused.status >= 400, faults], refused.text).toEqual([true, [fault]]);
    }
    const unknown = await make("adam", ["none"]);
    expect([unknown.status, unknown.body.errors[0].pointer]).toEqual([422, "/roles/0"]);
    const nowhere = await make("adam", ["logs"], { product: "none" });
    expect([nowhere.status, nowhere.body.errors[0].pointer]).toEqual([422, "/roles/0"]);
  });

  it("is changed, with what its account has, by who has access to all of its roles (C10, C11)", async () => {
    const { id, serviceAccount } = await made("dora", ["logs"]);
    const changed = await as("luis", `/console/projects/${id}`, { method: "PUT", body: { name: "Ours", roles: ["logs"] } });
    expect([changed.status, changed.body.name], changed.text).toEqual([200, "Ours"]);
    const wider = { method: "PUT", body: { name: "Ours", roles: ["logs", "deploy"] } };
    expect(codeOf(await as("luis", `/console/projects/${id}`, wider))).toEqual(DENIED);
    expect((await as("dora", `/console/projects/${id}`, wider)).status).toBe(200);
    const have = async () =>
      (await served.call(`/v1/orgs/${one.id}/assignments?principal=${serviceAccount}`)).body.items.map(
        ({ value }: { value: { role: string } }) => value.role,
      );
    expect(await have()).toEqual(["deploy", "logs"]);
    expect((await as("dora", `/console/projects/${id}`, { method: "PUT", body: { name: "Ours", roles: ["deploy"] } })).status).toBe(200);
    expect(await have()).toEqual(["deploy"]);
  });

  it("is shown only to others, its maker among them, and they come by none of its credentials (C11, C12, Q20)", async () => {
    const { id } = await made("dora", ["logs", "deploy"]);
    expect([await mayChange("dora", id), await mayChange("luis", id), await mayChange("adam", id)]).toEqual([true, false, true]);
    const credential = `/developer-projects/${id}/credential`;
    const secret = await as("dora", `${credential}/secrets`, { body: {} });
    expect(secret.status, secret.text).toBe(201);
    await one.writes([remove("developer-access", { role: "deploy", principal: "dora" })]);
    for (const who of ["luis", "dora"]) {
      expect(await mayChange(who, id)).toBe(false);
      for (const [path, sent] of [
        [`/console/projects/${id}`, { method: "PUT", body: { name: "Mine", roles: ["logs"] } }],
        [`/console/projects/${id}`, { method: "DELETE" }],
        [credential, {}],
        [credential, { method: "DELETE" }],
        [`${credential}/secrets`, { body: {} }],
        [`${credential}/secrets/${secret.body.id}`, { method: "DELETE" }],
      ] as const)
        expect(codeOf(await as(who, path, sent)), `${who} ${path}`).toEqual(DENIED);
    }
    for (const who of ["nora", "keith"]) expect(codeOf(await as(who, credential))).toEqual(DENIED);
  });

  it("is shown only, too, where its account was given more otherwise, itself or by a group (C11, C16)", async () => {
    const { id, serviceAccount } = await made("dora", ["logs"]);
    for (const [given, taken] of [
      [put("assignment", { role: "owner", principal: serviceAccount }), remove("assignment", { role: "owner", principal: serviceAccount })],
      [put("membership", { group: "team", member: serviceAccount }), remove("membership", { group: "team", member: serviceAccount })],
    ] as const) {
      await one.writes([put("assignment", { role: "owner", principal: "team" }), given]);
      expect(await mayChange("dora", id)).toBe(false);
      expect(codeOf(await as("dora", `/developer-projects/${id}/credential/secrets`, { body: {} }))).toEqual(DENIED);
      expect((await as("dora", `/console/projects/${id}`)).body.roles).toEqual(["logs", "owner"]);
      await one.writes([taken]);
      expect(await mayChange("dora", id)).toBe(true);
    }
  });

  it("is nobody's but an administrator's where its account administers the organization, by however many groups", async () => {
    const { id, serviceAccount } = await made("dora", ["logs"]);
    await one.writes([
      put("membership", { group: "team", member: serviceAccount }),
      put("membership", { group: "admins", member: "team" }),
    ]);
    expect([await mayChange("dora", id), await mayChange("adam", id)]).toEqual([false, true]);
    expect(codeOf(await as("dora", `/developer-projects/${id}/credential/secrets`, { body: {} }))).toEqual(DENIED);
    expect(codeOf(await as("dora", `/console/projects/${id}`, { method: "DELETE" }))).toEqual(DENIED);
  });

  it("carries what another project of its account names, which keeps it and its account (C11)", async () => {
    const { id, serviceAccount } = await made("dora", ["logs"]);
    const other = { id: "theirs", name: "Theirs", product: "files", serviceAccount };
    await one.writes([put("developer-project", { ...other, roles: ["owner"] })]);
    expect(await mayChange("dora", id)).toBe(false);
    expect(codeOf(await as("dora", `/developer-projects/${id}/credential/secrets`, { body: {} }))).toEqual(DENIED);
    await one.writes([
      put("developer-project", { ...other, roles: ["deploy"] }),
      put("assignment", { role: "deploy", principal: serviceAccount }),
    ]);
    expect((await as("dora", `/console/projects/${id}`, { method: "PUT", body: { name: "Ours", roles: ["logs"] } })).status).toBe(200);
    expect((await served.call(`/v1/orgs/${one.id}/assignments/deploy/${serviceAccount}`)).status).toBe(200);
    expect((await as("dora", `/console/projects/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await served.call(`/v1/orgs/${one.id}/principals/${serviceAccount}`)).status).toBe(200);
    expect((await served.call(`/v1/orgs/${one.id}/developer-projects/theirs`)).status).toBe(200);
  });

  it("ends for good, with its account, when its secrets are gone (C14)", async () => {
    const { id, serviceAccount } = await made("dora", ["logs"]);
    const credential = `/developer-projects/${id}/credential`;
    const secret = (await as("dora", `${credential}/secrets`, { body: {} })).body;
    expect(codeOf(await as("dora", `/console/projects/${id}`, { method: "DELETE" }))).toEqual([409, "project_has_secrets"]);
    expect((await as("dora", `${credential}/secrets/${secret.id}`, { method: "DELETE" })).status).toBe(204);
    expect((await as("dora", `/console/projects/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await served.call(`/v1/orgs/${one.id}/principals/${serviceAccount}`)).status).toBe(404);
    expect(codeOf(await as("dora", `/console/projects/${id}`))).toEqual([404, "object_not_found"]);
  });

  it("loses a role at once where it is taken or deleted, and an API that it no longer has (C18, Q22)", async () => {
    const { serviceAccount } = await made("dora", ["logs"]);
    await one.writes([remove("role", { id: "logs" })]);
    expect(await mayRead(serviceAccount)).toBe(false);
  });

  it("is changed on what was read, or not at all", async () => {
    const { id } = await made("dora", ["logs"]);
    const etag = (await as("dora", `/console/projects/${id}`)).headers.get("etag") as string;
    const body = { name: "Second", roles: ["logs"] };
    const first = await as("dora", `/console/projects/${id}`, { method: "PUT", body, headers: { "if-match": etag } });
    expect(first.status).toBe(200);
    const late = await as("dora", `/console/projects/${id}`, { method: "PUT", body, headers: { "if-match": etag } });
    expect(codeOf(late)).toEqual([412, "object_changed"]);
    const now = { "if-match": first.headers.get("etag") as string };
    expect((await as("dora", `/console/projects/${id}`, { method: "DELETE", headers: now })).status).toBe(204);
  });

  it("is no way to another's account, nor to more than a project (by the other routes)", async () => {
    await one.writes([put("principal", { id: "rich", type: "service-account" }), put("assignment", { role: "logs", principal: "rich" })]);
    const before = await one.revision();
    const project = { id: "p", name: "P", product: "files", roles: ["logs"], serviceAccount: "rich" };
    for (const [path, sent] of [
      ["/developer-projects", { body: project }],
      ["/developer-projects/p", { method: "PUT", body: project }],
      ["/principals", { body: { id: "x", type: "service-account" } }],
      ["/assignments", { body: { role: "logs", principal: "dora" } }],
      ["/assignments", { body: { role: "logs", principal: "rich" } }],
      ["/assignments/logs/rich", { method: "DELETE" }],
      ["/developer-access", { body: { role: "owner", principal: "dora" } }],
      ["/roles", { body: { product: "files", id: "mine", name: "Mine", sets: [] } }],
      ["/roles/logs", { method: "PUT", body: { product: "files", name: "Wider", sets: [] } }],
      ["/changes", { body: { changes: [put("developer-project", project)] } }],
    ] as const)
      expect(codeOf(await as("dora", path, sent)), path).toEqual(DENIED);
    expect(await one.revision()).toBe(before);
  });

  it("names in the history who did what (C15)", async () => {
    await made("dora", ["logs"]);
    const [last] = (await served.call(`/v1/orgs/${one.id}/change-sets?limit=1`)).body.items;
    expect(last).toMatchObject({ action: "developer-project.create", actor: { type: "user", id: "dora" } });
  });
});
