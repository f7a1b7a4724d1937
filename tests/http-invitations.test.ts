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

it("A member who does not administer invites nobody", async () => {
  const one = await makeOrganization(served);
  await one.writes([put("assignment", { role: "reeve-auditor", principal: "ann" })]);
  const { body } = await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal: "ann", ceiling: "admin" } });
  expect((await invite(one, { email: address() }, body.secret)).body.code).toBe("not_permitted");
  expect((await served.call(`/v1/orgs/${one.id}/principals?limit=500`)).body.items).toHaveLength(3);
});
