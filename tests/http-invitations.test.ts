/**
 * People are invited: a link makes an account, or links the one that the address has, and tells nobody anything of other organizations.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeOrganization, type Organization, put } from "./organization.ts";
import { type Answer, type Served, serve } from "./serve.ts";

const [MINE, OTHER] = ["correct horse battery", "another long password"];
const DAY_MS = 86_400_000;

let served: Served;
let nowMs = Date.now();
beforeAll(async () => {
  served = await serve({ wiring: { clock: () => nowMs } });
});
afterAll(() => served?.close());

let next = 0;
const address = () => `person${++next}@example.com`;
const invite = (one: Organization, body: object, token?: string): Promise<Answer> =>
  served.call(`/v1/orgs/${one.id}/invitations`, { body, ...(token === undefined ? {} : { token }) });
const tokenIn = ({ body }: Answer): string => body.link.split("#")[1];
const accept = (token: string, password: string): Promise<Answer> =>
  served.call("/invitations/accept", { body: { token, password }, token: null });
const listed = async (one: Organization): Promise<{ readonly id: string }[]> =>
  (await served.call(`/v1/orgs/${one.id}/invitations?limit=500`)).body.items;

describe("an invitation", () => {
  it("makes the user and his memberships in the organization's own history, and shows its link once", async () => {
    const one = await makeOrganization(served);
    const email = address();
    const answer = await invite(one, { email: ` ${email} `, id: "eve", name: "Eve", groups: ["team", "admins"] });
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([201, "no-store"]);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      principal: "eve",
      email,
      created: nowMs,
      expires: nowMs + 7 * DAY_MS,
      link: expect.stringMatching(/\/invitation#rvi_[\w-]{43}$/),
    });
    expect(answer.headers.get("location")).toBe(`/v1/orgs/${encodeURIComponent(one.id)}/invitations/${answer.body.id}`);
    const { body: user } = await served.call(`/v1/orgs/${one.id}/principals/eve`);
    expect(user).toMatchObject({ id: "eve", type: "user", name: "Eve", active: true });
    expect((await served.call(`/v1/orgs/${one.id}/memberships/admins/eve`)).status).toBe(200);
    const history = await served.call(`/v1/orgs/${one.id}/change-sets?limit=1`);
    expect(history.body.items[0]).toMatchObject({ actor: { type: "administrator" } });
    const { link: _, ...told } = answer.body;
    expect(await listed(one)).toEqual([told]);
    expect(JSON.stringify(history.body)).not.toContain(email);
  });

  it("again for the same address is for the same user, ends the earlier link, and alters nothing", async () => {
    const one = await makeOrganization(served);
    const email = address();
    const first = await invite(one, { email });
    const revision = await one.revision();
    const second = await invite(one, { email: email.toUpperCase() });
    expect(second.body.principal).toBe(first.body.principal);
    expect(await one.revision()).toBe(revision);
    expect(await listed(one)).toHaveLength(1);
    expect((await accept(tokenIn(first), MINE)).body.code).toBe("invitation_not_found");
    expect((await accept(tokenIn(second), MINE)).body).toEqual({ id: expect.any(String), email: email.toUpperCase() });
    expect(await listed(one)).toEqual([]);
  });

  it("of a user who is there already makes nothing but the link", async () => {
    const one = await makeOrganization(served);
    const answer = await invite(one, { email: address(), id: "ann", groups: ["team"] });
    expect(answer.body.principal).toBe("ann");
    expect((await served.call(`/v1/orgs/${one.id}/memberships/team/ann`)).status).toBe(200);
  });

  it("is refused with every fault where it stands", async () => {
    const one = await makeOrganization(served);
    const email = address();
    await accept(tokenIn(await invite(one, { email, id: "ann" })), MINE);
    const faults = async (body: object) => {
      const { status, body: problem } = await invite(one, body);
      return [status, ...problem.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`)];
    };
    expect(await faults({})).toEqual([400, "required /email"]);
    expect(await faults({ email: "a@b", name: "\ud800" })).toEqual([400, "malformed_text /name"]);
    expect(await faults({ email: "x", more: 1 })).toEqual([400, "unknown_member /more"]);
    expect(await faults({ email: "x" })).toEqual([400, "malformed_email /email"]);
    expect(await faults({ email: "a@b", id: "admins" })).toEqual([400, "reserved /id"]);
    expect(await faults({ email: "a@b", id: "team" })).toEqual([400, "type_mismatch /id"]);
    expect(await faults({ email: "a@b", groups: ["team", "nowhere"] })).toEqual([422, "unknown_reference /groups/1"]);
    expect(await faults({ email: "a@b", id: "ann" })).toEqual([422, "key_taken /id"]);
    expect(await faults({ email, id: "bob" })).toEqual([422, "key_taken /email"]);
  });

  it("is withdrawn by its own organization alone", async () => {
    const [one, two] = [await makeOrganization(served), await makeOrganization(served)];
    const made = await invite(one, { email: address() });
    const end = (org: Organization) => served.call(`/v1/orgs/${org.id}/invitations/${made.body.id}`, { method: "DELETE" });
    expect((await end(two)).body.code).toBe("object_not_found");
    expect([(await end(one)).status, (await end(one)).status]).toEqual([204, 404]);
    expect((await accept(tokenIn(made), MINE)).status).toBe(404);
  });

  it("is listed in pages", async () => {
    const one = await makeOrganization(served);
    for (let n = 0; n < 3; n++) await invite(one, { email: address() });
    const path = `/v1/orgs/${one.id}/invitations`;
    const first = await served.call(`${path}?limit=2`);
    const second = await served.call(`${path}?limit=2&cursor=${first.body.next}`);
    expect([...first.body.items, ...second.body.items]).toEqual(await listed(one));
    expect(second.body.next).toBeUndefined();
    expect((await served.call(`${path}?limit=0`)).status).toBe(400);
  });

  it("counts no more after seven days, nor after its user was deleted", async () => {
    const one = await makeOrganization(served);
    const [late, deleted] = [await invite(one, { email: address() }), await invite(one, { email: address(), id: "gone" })];
    await served.call(`/v1/orgs/${one.id}/principals/gone`, { method: "DELETE" });
    expect((await accept(tokenIn(deleted), MINE)).status).toBe(404);
    nowMs += 7 * DAY_MS;
    expect((await accept(tokenIn(late), MINE)).status).toBe(404);
  });
});

describe("accepting", () => {
  it("takes a password of 12 characters to 1,024 bytes, and a refused one leaves the link", async () => {
    const one = await makeOrganization(served);
    const token = tokenIn(await invite(one, { email: address() }));
    for (const [password, code] of [
      ["too short", "out_of_range"],
      ["x".repeat(1_025), "too_long"],
      [`${MINE}\ud800`, "malformed_text"],
    ]) {
      const answer = await accept(token, password as string);
      expect([answer.status, answer.body.code, answer.body.errors[0].code]).toEqual([400, "malformed_request", code]);
      expect(answer.text).not.toContain(password);
    }
    expect((await accept(token, MINE)).status).toBe(200);
    expect((await accept(token, MINE)).status).toBe(404);
    expect((await served.call("/invitations/accept", { body: {}, token: null })).status).toBe(400);
  });

  it("in another organization takes the account's own password, whoever holds the link", async () => {
    const [one, two] = [await makeOrganization(served), await makeOrganization(served)];
    const email = address();
    await accept(tokenIn(await invite(one, { email })), MINE);
    const invited = await invite(two, { email });
    const stranger = await invite(two, { email: address() });
    // Who invites hears the same, whether there is an account or not.
    expect(Object.keys(invited.body)).toEqual(Object.keys(stranger.body));
    const refused = await accept(tokenIn(invited), OTHER);
    expect([refused.status, refused.body.code]).toEqual([401, "sign_in_refused"]);
    expect((await accept(tokenIn(invited), MINE)).status).toBe(200);
  });

  it("is no way for an administrator into what is not his: his link makes an account of one organization", async () => {
    const [one, two] = [await makeOrganization(served), await makeOrganization(served)];
    const email = address();
    const [mine, theirs] = [await invite(one, { email }), await invite(two, { email })];
    expect((await accept(tokenIn(mine), OTHER)).status).toBe(200);
    expect((await accept(tokenIn(theirs), MINE)).status).toBe(401);
    expect(await listed(two)).toHaveLength(1);
  });
});

describe("an invitation with offices", () => {
  it("gives them in the write that makes the user, each refused at its place", async () => {
    const one = await makeOrganization(served);
    const path = `/v1/orgs/${one.id}`;
    const answer = await invite(one, { email: address(), id: "eve", productAdministrator: ["files"], developerAccess: ["reader"] });
    expect(answer.status, answer.text).toBe(201);
    expect((await served.call(`${path}/product-administrators/files/eve`)).status).toBe(200);
    expect((await served.call(`${path}/developer-access/reader/eve`)).status).toBe(200);
    const { items } = (await served.call(`${path}/change-sets?limit=1`)).body;
    expect(items[0]).toMatchObject({ action: "invitations.create", changes: 3 });
    const refused = await invite(one, { email: address(), productAdministrator: ["files", "none"], developerAccess: ["none"] });
    const faults = refused.body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`);
    expect([refused.status, ...faults.sort()]).toEqual([
      422,
      "not_entitled /productAdministrator/1",
      "unknown_reference /developerAccess/0",
    ]);
    expect((await invite(one, { email: address(), developerAccess: "reader" })).body.errors[0].pointer).toBe("/developerAccess");
  });
});

describe("a product administrator", () => {
  const office = async (): Promise<{ readonly one: Organization; readonly token: string; readonly path: string }> => {
    const one = await makeOrganization(served);
    await one.writes([
      put("product-administrator", { product: "files", principal: "ann" }),
      put("product", { id: "other", boundedBy: "none", settings: {}, types: {} }),
      put("role", { product: "other", id: "foreign", name: "Foreign", sets: [] }),
      put("membership", { group: "admins", member: "bob" }),
    ]);
    const path = `/v1/orgs/${one.id}`;
    const { body } = await served.call(`${path}/tokens`, { body: { principal: "ann", ceiling: "admin" } });
    return { one, token: body.secret, path };
  };
  const told = ({ status, body }: Answer): readonly [number, string] => [status, body?.code];

  it("gives developer access to roles of his product by an address, and so makes a user, who is nothing else", async () => {
    const { one, token, path } = await office();
    const email = address();
    const made = await invite(one, { email, name: "Eve", developerAccess: ["reader"] }, token);
    expect([made.status, Object.keys(made.body).sort()]).toEqual([201, ["created", "email", "expires", "id", "link", "principal"]]);
    expect((await served.call(`${path}/principals/${made.body.principal}`)).body).toMatchObject({
      type: "user",
      name: "Eve",
      active: true,
    });
    expect((await served.call(`${path}/developer-access/reader/${made.body.principal}`)).status).toBe(200);
    expect((await accept(tokenIn(made), MINE)).status).toBe(200);
    const { items } = (await served.call(`${path}/change-sets?limit=1`)).body;
    expect(items[0].actor).toMatchObject({ type: "user", id: "ann" });
  });

  it("is given no link to anybody who is here already or was invited by another, and changes nothing of theirs but the access", async () => {
    const { one, token, path } = await office();
    const [known, invited] = [address(), address()];
    await accept(tokenIn(await invite(one, { email: known, id: "kim", groups: ["admins"] })), MINE);
    const first = await invite(one, { email: invited, id: "ida", groups: ["admins"] });
    for (const [email, principal] of [
      [known, "kim"],
      [invited, "ida"],
    ] as const) {
      const answer = await invite(one, { email: email.toUpperCase(), developerAccess: ["reader"] }, token);
      expect([answer.status, answer.body]).toEqual([201, { principal, email: email.toUpperCase() }]);
      expect(answer.headers.has("location")).toBe(false);
      expect((await served.call(`${path}/developer-access/reader/${principal}`)).status).toBe(200);
      // And again, where nothing is left to be written.
      expect((await invite(one, { email, developerAccess: ["reader"] }, token)).body).toEqual({ principal, email });
    }
    expect((await accept(tokenIn(first), OTHER)).status).toBe(200);
  });

  it("gives nothing else by it, and is told nothing of addresses that he may not ask about", async () => {
    const { one, token, path } = await office();
    const known = address();
    await accept(tokenIn(await invite(one, { email: known, id: "kim" })), MINE);
    const before = await one.revision();
    const email = address();
    const tries = [
      { email },
      { email, developerAccess: [] },
      { email, developerAccess: ["foreign"] },
      { email, developerAccess: ["reader", "foreign"] },
      { email, developerAccess: ["none"] },
      { email, developerAccess: ["reeve-auditor"] },
      { email, developerAccess: ["reader"], groups: ["admins"] },
      { email, developerAccess: ["reader"], groups: ["team"] },
      { email, developerAccess: ["reader"], productAdministrator: ["files"] },
      { email, developerAccess: ["reader"], id: "eve" },
      { email, developerAccess: ["reader"], id: "bob" },
      { email, developerAccess: ["reader"], id: "team" },
      { email: known },
      { email: known, developerAccess: ["foreign"] },
      { email: known, groups: ["team"] },
    ];
    for (const body of tries) expect(told(await invite(one, body, token)), JSON.stringify(body)).toEqual([403, "not_permitted"]);
    expect(await one.revision()).toBe(before);
    expect(await listed(one)).toEqual([]);
    for (const sent of [{}, { method: "DELETE" }])
      expect(told(await served.call(`${path}/invitations${"method" in sent ? "/x" : ""}`, { ...sent, token }))).toEqual([
        403,
        "not_permitted",
      ]);
    // Who has developer access himself gives it to nobody.
    await one.writes([put("developer-access", { role: "reader", principal: "kim" })]);
    const { body: dev } = await served.call(`${path}/tokens`, { body: { principal: "kim", ceiling: "admin" } });
    for (const to of [email, known]) {
      expect(told(await invite(one, { email: to, developerAccess: ["reader"] }, dev.secret))).toEqual([403, "not_permitted"]);
    }
  });
});

it("A member who does not administer invites nobody", async () => {
  const one = await makeOrganization(served);
  await one.writes([put("assignment", { role: "reeve-auditor", principal: "ann" })]);
  const { body } = await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal: "ann", ceiling: "admin" } });
  expect((await invite(one, { email: address() }, body.secret)).body.code).toBe("not_permitted");
  expect((await served.call(`/v1/orgs/${one.id}/principals?limit=500`)).body.items).toHaveLength(3);
});
