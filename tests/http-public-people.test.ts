/** Users and groups by the public API of API Management's clients. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ORDERS, type Space, space } from "./assets.ts";
import { makeOrganization, put } from "./organization.ts";
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
  boss = (await served.call(`/v1/orgs/${at.one.id}/tokens`, { body: { principal: "boss", ceiling: "admin" } })).body.secret;
});

const BASE = "/api/1/rest/public";
const call = (path: string, sent: Sent = {}): Promise<Answer> => served.call(BASE + path, { token: boss, ...sent });

describe("groups", () => {
  const DONE = { response_map: {}, http_status_code: 200 };
  const groups = (path = "", sent: Sent = {}) => call(`/groups/${at.one.id}${path}`, sent);
  const make = (name: string, members?: readonly string[], token = boss) =>
    call("/groups", { token, body: { organization: at.one.id, name, ...(members === undefined ? {} : { members }) } });
  const members = async (name: string) => (await groups(`/${encodeURIComponent(name)}`)).body.members;
  const alter = (name: string, body: object, method: "PATCH" | "PUT" = "PATCH") => groups(`/${encodeURIComponent(name)}`, { method, body });

  it("are made, told, altered and deleted by their names, with users by their addresses", async () => {
    await join(served, at.one, { email: "dev2@example.com", id: "dev" });
    expect((await make("API Team", ["DEV2@example.com", "ann", "ann"])).body).toEqual(DONE);
    expect((await groups()).body).toEqual({ groups: ["admins", "members", "API Team", "Team"] });
    expect((await groups("/API%20Team")).body).toEqual({ name: "API Team", members: ["ann", "dev2@example.com"] });
    expect((await alter("API Team", { add_user: "bob" })).body).toEqual(DONE);
    expect((await alter("API Team", { remove_user: "dev2@example.com" })).body).toEqual(DONE);
    expect(await members("API Team")).toEqual(["ann", "bob"]);
    expect((await alter("API Team", { members: ["cy", "bob"] }, "PUT")).body).toEqual(DONE);
    expect(await members("API Team")).toEqual(["bob", "cy"]);
    expect((await groups("/API%20Team", { method: "DELETE" })).body).toEqual(DONE);
    expect((await groups("/API%20Team")).status).toBe(404);
    expect((await groups()).body).toEqual({ groups: ["admins", "members", "Team"] });
  });

  it("made again have nothing of those that were deleted", async () => {
    await make("Again", ["bob"]);
    await at.root.call("/permissions", {
      method: "PUT",
      body: { path: ORDERS, principal: { type: "group", id: "Again" }, access: "read_only", appliesToAll: true },
    });
    const bob = await at.person("bob");
    expect((await bob.get(ORDERS)).status).toBe(200);
    await groups("/Again", { method: "DELETE" });
    await make("Again", ["bob"]);
    expect((await bob.get(ORDERS)).status).toBe(404);
  });

  it("of administrators are altered so, and never left empty", async () => {
    expect(await members("admins")).toEqual(["boss"]);
    expect((await alter("admins", { add_user: "ann" })).status).toBe(200);
    expect(await members("admins")).toEqual(["ann", "boss"]);
    expect((await alter("admins", { members: ["ann"] }, "PUT")).status).toBe(200);
    const { status, body } = await call(`/groups/${at.one.id}/admins`, {
      method: "PUT",
      body: { members: [] },
      token: (await served.call(`/v1/orgs/${at.one.id}/tokens`, { body: { principal: "ann", ceiling: "admin" } })).body.secret,
    });
    expect([status, body.code]).toEqual([409, "last_administrator"]);
    expect((await groups("/admins")).status).toBe(403);
  });

  it("of the system stay, and everybody is in members", async () => {
    expect(await members("members")).toEqual(["ann", "bob", "boss", "cy", "dee"]);
    for (const name of ["admins", "members"]) {
      const { status, body } = await groups(`/${name}`, { method: "DELETE" });
      expect([status, body.code]).toEqual([409, "system_group"]);
      expect((await make(name)).status).toBe(409);
    }
    expect((await alter("members", { add_user: "ann" })).status).toBe(409);
    expect((await alter("members", { members: [] }, "PUT")).status).toBe(409);
  });

  it("keep the groups that are in them, and what is given for a time", async () => {
    const soon = Date.now() + 3_600_000;
    await make("Mixed", ["bob"]);
    await at.one.writes([
      put("membership", { group: "Mixed", member: "team" }),
      put("membership", { group: "Mixed", member: "ann", notAfter: soon }),
      put("membership", { group: "Mixed", member: "dee", notAfter: 1_000 }),
    ]);
    expect(await members("Mixed")).toEqual(["ann", "bob"]);
    const refused = await alter("Mixed", { members: ["ann"] }, "PUT");
    expect([refused.status, refused.body.code]).toEqual([409, "nested_group"]);
    expect(await members("Mixed")).toEqual(["ann", "bob"]);
    await at.one.writes([{ delete: { kind: "membership", group: "Mixed", member: "team" } }]);
    expect((await alter("Mixed", { members: ["ann", "dee"] }, "PUT")).status).toBe(200);
    expect(await members("Mixed")).toEqual(["ann", "dee"]);
    const kept = await served.call(`/v1/orgs/${at.one.id}/memberships?group=Mixed`);
    expect(kept.text).toContain(`"member":"ann","notAfter":${soon}`);
  });

  it.each<[string, () => Promise<Answer>, number]>([
    ["a name", () => make("Ops/Night"), 400],
    ["a name that is long", () => make("x".repeat(129)), 400],
    ["a name that is free", () => make("Team"), 409],
    ["a name whose id is free", () => make("ann"), 409],
    ["members", () => make("Ops", ["nobody@example.com"]), 400],
    ["members that are users", () => make("Ops", ["team"]), 400],
    ["one change", () => alter("Team", { add_user: "ann", remove_user: "cy" }), 400],
    ["some change", () => alter("Team", {}), 400],
    ["a user who is in it", () => alter("Team", { remove_user: "ann" }), 404],
    ["a list", () => alter("Team", { members: "ann" }, "PUT"), 400],
    ["a group", () => alter("Nothing", { add_user: "ann" }), 404],
    ["an organization", () => call("/groups/Nowhere"), 404],
  ])("are left as they were by what is no good: %s", async (_what, ask, status) => {
    const answer = await ask();
    expect(answer.status, answer.text).toBe(status);
    expect(answer.body.message.length).toBeGreaterThan(5);
    expect((await groups()).body.groups).toEqual(["admins", "members", "Team"]);
    expect(await members("Team")).toEqual(["cy"]);
  });

  it("are for administrators", async () => {
    const ann = (await served.call(`/v1/orgs/${at.one.id}/tokens`, { body: { principal: "ann", ceiling: "admin" } })).body.secret;
    expect((await make("Ops", [], ann)).status).toBe(403);
    const asked = [
      {},
      { method: "PUT", body: { members: [] } },
      { method: "PATCH", body: { add_user: "ann" } },
      { method: "DELETE" },
    ] as const;
    for (const sent of asked) {
      expect((await groups("/Team", { ...sent, token: ann })).status).toBe(403);
      expect((await groups("/Team", { ...sent, token: null })).status).toBe(401);
    }
    expect(await members("Team")).toEqual(["cy"]);
  });

  it("of one name that two make at once are one", async () => {
    const done = await Promise.all([make("Race", ["ann"]), make("Race", ["bob"])]);
    expect(done.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });
});

describe("users", () => {
  const DONE = { response_map: {}, http_status_code: 200 };
  const make = (email: string, more: object = {}, token = boss) =>
    call("/users", { token, body: { email, first_name: "Ada", last_name: "van Dyk", organization: at.one.id, ...more } });
  const user = (email: string, sent: Sent = {}) => call(`/users/${encodeURIComponent(email)}`, sent);
  /** As the person does who got the link. */
  const accept = ({ body }: Answer) =>
    served.call("/invitations/accept", {
      token: null,
      body: { token: body.response_map.invitation.split("#")[1], password: PASSWORD },
    });
  const membersOf = async (group: string) => (await call(`/groups/${at.one.id}/${group}`)).body.members;

  it("are invited with a link, told, altered and deleted, with their accounts", async () => {
    const made = await make("ada@example.com", { administrator: true, ui_access: true, create_home_directory: false });
    expect(made.status, made.text).toBe(200);
    expect((await accept(made)).status).toBe(200);
    expect((await user("ADA@example.com")).body).toEqual({
      email: "ada@example.com",
      first_name: "Ada",
      last_name: "van Dyk",
      allow_password_login: true,
      password_expired: false,
      organizations: [{ id: at.one.id, name: expect.any(String), administrator: true }],
      ui_access: true,
      service_account: false,
    });
    expect(await membersOf("admins")).toContain("ada@example.com");
    expect((await user("ada@example.com", { method: "PUT", body: { last_name: "Dyk" } })).body).toEqual(DONE);
    expect((await user("ada@example.com")).body).toMatchObject({ first_name: "Ada", last_name: "Dyk" });
    expect((await user("ada@example.com", { method: "DELETE" })).body).toEqual(DONE);
    expect((await user("ada@example.com")).status).toBe(404);
    const listed = await served.call("/v1/accounts?email=ada@example.com");
    expect(listed.body.items).toEqual([]);
  });

  it("administer as long as they are in admins, themselves or by a group", async () => {
    const administers = async (email: string) => (await user(email)).body.organizations[0].administrator;
    await at.one.writes([
      put("membership", { group: "admins", member: "team" }),
      put("membership", { group: "admins", member: "ann", notAfter: 1_000 }),
    ]);
    expect([await administers("boss"), await administers("cy"), await administers("ann"), await administers("bob")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("of another organization are invited too, and stay there when they go here", async () => {
    const other = await space(served);
    await join(served, other.one, { email: "both@example.com", id: "both" });
    const put = await call(`/users/both@example.com/org/${at.one.id}`, { method: "PUT" });
    expect(put.status, put.text).toBe(200);
    expect((await accept(put)).status).toBe(200);
    expect((await user("both@example.com")).body.organizations).toHaveLength(1);
    expect((await call(`/users/both@example.com/org/${at.one.id}`, { method: "PUT" })).status).toBe(409);
    expect((await user("both@example.com", { method: "DELETE" })).status).toBe(200);
    const { items } = (await served.call("/v1/accounts?email=both@example.com")).body;
    expect(items[0].organizations).toEqual([{ id: other.one.id, principal: "both" }]);
    expect((await call(`/users/both@example.com/org/${other.one.id}`, { method: "PUT" })).status).toBe(404);
  });

  it("that are programs are service accounts, and have no password", async () => {
    expect((await make("robot@example.com", { utility: true })).body).toEqual(DONE);
    expect((await user("robot@example.com")).body).toMatchObject({
      email: "robot@example.com",
      service_account: true,
      allow_password_login: false,
      ui_access: false,
    });
    expect((await make("robot@example.com", { utility: true })).status).toBe(409);
    expect((await user("robot@example.com", { method: "PUT", body: { utility: false } })).status).toBe(400);
    expect((await user("robot@example.com", { method: "DELETE" })).status).toBe(200);
  });

  it("who own assets leave them to whom takes them out", async () => {
    expect((await user("ann", { method: "DELETE" })).body).toEqual(DONE);
    expect((await at.root.get(ORDERS)).body.owner).toBe("boss");
    expect((await user("ann")).status).toBe(404);
    // A program owns nothing.
    await at.root.call("/owner", { method: "PUT", body: { path: ORDERS, owner: "bob", retain: false } });
    await at.one.writes([
      put("principal", { id: "robot", type: "service-account" }),
      put("membership", { group: "admins", member: "robot" }),
    ]);
    const token = (await served.call(`/v1/orgs/${at.one.id}/tokens`, { body: { principal: "robot", ceiling: "admin" } })).body.secret;
    const refused = await user("bob", { method: "DELETE", token });
    expect([refused.status, refused.body.message]).toEqual([400, expect.stringContaining("name another user")]);
    expect((await user("bob")).status).toBe(200);
  });

  it("are taken out where there are no assets, too", async () => {
    const bare = await makeOrganization(served, []);
    await bare.writes([
      ...["ann", "chief"].map((id) => put("principal", { id, type: "user" })),
      put("membership", { group: "admins", member: "chief" }),
    ]);
    const token = (await served.call(`/v1/orgs/${bare.id}/tokens`, { body: { principal: "chief", ceiling: "admin" } })).body.secret;
    expect((await user("ann", { method: "DELETE", token })).body).toEqual(DONE);
    expect((await user("ann", { token })).status).toBe(404);
  });

  it("who are the last administrator stay", async () => {
    const token = (await served.call(`/v1/orgs/${at.one.id}/tokens`, { body: { principal: "boss", ceiling: "admin" } })).body.secret;
    const { status, body } = await user("boss", { method: "DELETE", token });
    expect([status, body.code]).toEqual([409, "last_administrator"]);
    expect(await membersOf("admins")).toEqual(["boss"]);
  });

  it.each<[string, () => Promise<Answer>, number]>([
    ["an address", () => make("nothing"), 400],
    ["no password", () => make("new@example.com", { allow_password_login: false }), 400],
    ["a program with a password", () => make("new@example.com", { utility: true, allow_password_login: true }), 400],
    ["one who is there", () => make("ann"), 409],
    ["an id of a program", () => make("new one@example.com", { utility: true }), 400],
    ["a kind", () => make("new@example.com", { utility: "yes" }), 400],
    ["a name", () => make("new@example.com", { first_name: "A\u0000" }), 400],
    ["a name of a program", () => make("new@example.com", { utility: true, last_name: "\ud800" }), 400],
    ["a name that is long", () => user("ann", { method: "PUT", body: { first_name: "x".repeat(200), last_name: "y".repeat(200) } }), 400],
    ["a password's end", () => user("ann", { method: "PUT", body: { revoke_old_password: true } }), 400],
    ["nobody", () => user("nobody@example.com", { method: "PUT", body: {} }), 404],
    ["a group", () => user("team", { method: "DELETE" }), 404],
    ["an organization", () => call("/users/new@example.com/org/Nowhere", { method: "PUT" }), 404],
  ])("are left as they were by what is no good: %s", async (_what, ask, status) => {
    const answer = await ask();
    expect(answer.status, answer.text).toBe(status);
    expect(answer.body.message.length).toBeGreaterThan(5);
    expect(await membersOf("members")).toEqual(["ann", "bob", "boss", "cy", "dee"]);
  });

  it("are for administrators of one organization", async () => {
    const ann = (await served.call(`/v1/orgs/${at.one.id}/tokens`, { body: { principal: "ann", ceiling: "admin" } })).body.secret;
    expect((await make("new@example.com", {}, ann)).status).toBe(403);
    for (const sent of [{}, { method: "PUT", body: {} }, { method: "DELETE" }] as const) {
      expect((await user("bob", { ...sent, token: ann })).status).toBe(403);
      expect((await user("bob", { ...sent, token: null })).status).toBe(401);
    }
    // The server's administrator is of none.
    const { status, body } = await served.call(`${BASE}/users/bob`);
    expect([status, body.message]).toEqual([403, expect.stringContaining("one organization")]);
    expect(await membersOf("members")).toHaveLength(5);
  });
});
