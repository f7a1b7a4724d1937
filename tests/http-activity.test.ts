/**
 * Who altered what: the audit over HTTP, with what is no record; the activity log of the developer console, as pages and as CSV; and the
 * log's events, of what belongs to no organization. No secret is in any of them.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectIn } from "./oauth-client.ts";
import { makeOrganization, type Organization, put, remove } from "./organization.ts";
import { address, codeOf, join, PASSWORD, signIn, tokenIn } from "./people.ts";
import { type Answer, type Served, serve } from "./serve.ts";

const lines: string[] = [];
let served: Served;
beforeAll(async () => {
  const log = { write: (line: string) => void lines.push(line) };
  served = await serve({ environment: { REEVE_LOG_LEVEL: "info" }, wiring: { log } });
});
afterAll(() => served?.close());

type Line = { readonly action: string; readonly target: string; readonly actor: { readonly type: string; readonly id: string } };
const at = (one: Pick<Organization, "id">, path: string) => `/v1/orgs/${encodeURIComponent(one.id)}${path}`;
const auditOf = async (one: Pick<Organization, "id">): Promise<readonly Line[]> =>
  (await served.call(at(one, "/audit?limit=500"))).body.items;
const latest = async (one: Pick<Organization, "id">, count: number) =>
  (await auditOf(one)).slice(0, count).map(({ action, target, actor }) => [action, target, `${actor.type}:${actor.id}`]);
const events = () => lines.filter((line) => line.includes('"event":')).map((line) => JSON.parse(line));

describe("the audit", () => {
  it("tells of clients and their secrets, and of access tokens that were revoked, once each", async () => {
    const project = await projectIn(served);
    const { one, path } = project;
    const [first, second] = [await project.secret(), await project.secret({ name: "next" })];
    const token = await project.token(first);
    const jti = JSON.parse(Buffer.from(token.split(".")[1] as string, "base64url").toString()).jti;
    const shown = { client_id: first.clientId, client_secret: first.secret, token };
    for (const _ of [1, 2]) expect((await project.form("/ims/revoke", shown)).status).toBe(200);
    for (const status of [204, 404]) expect((await served.call(`${path}/secrets/${first.id}`, { method: "DELETE" })).status).toBe(status);
    for (const status of [204, 404]) expect((await served.call(path, { method: "DELETE" })).status).toBe(status);
    const credential = "developer-projects/shop/credential";
    const by = "administrator:administrator";
    expect(await latest(one, 6)).toEqual([
      ["client.delete", credential, by],
      ["client-secret.delete", `${credential}/secrets/${first.id}`, by],
      ["access-token.revoke", `access-tokens/${jti}`, "service-account:bot"],
      ["client-secret.create", `${credential}/secrets/${second.id}`, by],
      ["client-secret.create", `${credential}/secrets/${first.id}`, by],
      ["client.create", credential, by],
    ]);
    const text = (await served.call(at(one, "/audit"))).text + (await served.call(at(one, "/console/activity"))).text;
    for (const secret of [first.secret, second.secret, token]) expect(text).not.toContain(secret);
  });

  it("tells of tokens, and of invitations that were made, withdrawn and accepted, with who did it and by which request", async () => {
    const one = await makeOrganization(served);
    await one.writes([put("membership", { group: "admins", member: "ann" })]);
    const headers = { "x-request-id": "who-asked" };
    const made = await served.call(at(one, "/tokens"), { body: { principal: "ann", ceiling: "admin" }, headers });
    const token = made.body.secret;
    const second = await served.call(at(one, "/tokens"), { body: { principal: "bob", ceiling: "read" }, token });
    await served.call(at(one, `/tokens/${second.body.id}`), { method: "DELETE", token });
    const email = address();
    const gone = await served.call(at(one, "/invitations"), { body: { email: address(), id: "bob" }, token });
    await served.call(at(one, `/invitations/${gone.body.id}`), { method: "DELETE", token });
    const invited = await served.call(at(one, "/invitations"), { body: { email, id: "bob" }, token });
    const accepted = { token: tokenIn(invited), password: PASSWORD };
    expect((await served.call("/invitations/accept", { body: accepted, token: null })).status).toBe(200);
    expect(await latest(one, 7)).toEqual([
      ["invitation.accept", `invitations/${invited.body.id}`, "user:bob"],
      ["invitation.create", `invitations/${invited.body.id}`, "user:ann"],
      ["invitation.withdraw", `invitations/${gone.body.id}`, "user:ann"],
      ["invitation.create", `invitations/${gone.body.id}`, "user:ann"],
      ["token.end", `tokens/${second.body.id}`, "user:ann"],
      ["token.create", `tokens/${second.body.id}`, "user:ann"],
      ["token.create", `tokens/${made.body.id}`, "administrator:administrator"],
    ]);
    const all = await served.call(at(one, "/audit?limit=500"));
    expect(all.body.items[6]).toEqual({
      time: expect.any(Number),
      actor: { type: "administrator", id: "administrator" },
      action: "token.create",
      target: `tokens/${made.body.id}`,
      requestId: "who-asked",
      changes: 0,
    });
    for (const secret of [token, second.body.secret, tokenIn(invited), email, PASSWORD]) expect(all.text).not.toContain(secret);
  });

  it("has every write with its change set, in pages, newest first; refused ones leave no line", async () => {
    const one = await makeOrganization(served);
    const written = await one.writes([put("label", { id: "custom/y" }), put("label", { id: "custom/z" })], { reason: "why" });
    await one.refuses([remove("label", { id: "custom/none" })]);
    const first = await served.call(at(one, "/audit?limit=1"));
    expect(first.body.items).toEqual([
      {
        time: expect.any(Number),
        actor: { type: "administrator", id: "administrator" },
        action: "changes.write",
        target: one.id,
        reason: "why",
        requestId: expect.any(String),
        revision: written.revision,
        changeSet: written.changeSet,
        changes: 2,
      },
    ]);
    const rest = await served.call(at(one, `/audit?limit=500&cursor=${first.body.next}`));
    expect(rest.body.items).toHaveLength(2);
    expect(rest.body.next).toBeUndefined();
    for (const query of ["limit=0", "cursor=x", "more=1"]) expect((await served.call(at(one, `/audit?${query}`))).status).toBe(400);
    expect((await served.call(at({ id: "Nowhere" }, "/audit"))).body.code).toBe("organization_not_found");
  });
});

describe("the activity log of the developer console", () => {
  const filled = async (): Promise<Organization> => {
    const one = await makeOrganization(served);
    const body = { name: '=HYPERLINK("x"), of us', product: "files", roles: ["reader"] };
    const made = await served.call(at(one, "/console/projects"), { body });
    const { id } = made.body;
    const secrets = at(one, `/developer-projects/${id}/credential/secrets`);
    const { body: secret } = await served.call(secrets, { body: {} });
    await one.writes([put("label", { id: "custom/y" })]);
    await served.call(at(one, `/console/projects/${id}`), { method: "PUT", body: { name: "Bot", roles: ["reader"] } });
    await served.call(`${secrets}/${secret.id}`, { method: "DELETE" });
    await served.call(at(one, `/console/projects/${id}`), { method: "DELETE", headers: { "reeve-reason": "over" } });
    return one;
  };
  const told = ({ body }: Answer) =>
    body.items.map(({ action, projects }: { action: string; projects: readonly { name?: string; change?: string }[] }) => [
      action,
      ...projects.map(({ name, change }) => [name, change].filter((one) => one !== undefined).join(" ")),
    ]);

  it("tells who did what to which project and credential, and of nothing else, in pages", async () => {
    const one = await filled();
    const whole = await served.call(at(one, "/console/activity"));
    const expected = [
      ["developer-project.end", "Bot ended"],
      ["client-secret.delete", ""],
      ["developer-project.change", "Bot changed"],
      ["client-secret.create", ""],
      ["client.create", ""],
      ["developer-project.create", '=HYPERLINK("x"), of us made'],
    ];
    expect(told(whole)).toEqual(expected);
    expect(new Set(whole.body.items.flatMap(({ projects }: { projects: { id: string }[] }) => projects.map(({ id }) => id))).size).toBe(1);
    const pages = [];
    for (let cursor = ""; cursor !== undefined; ) {
      const page = await served.call(at(one, `/console/activity?limit=4${cursor && `&cursor=${cursor}`}`));
      pages.push(...told(page));
      cursor = page.body.next;
    }
    expect(pages).toEqual(expected);
  });

  it("comes whole as CSV that no spreadsheet takes for formulas", async () => {
    const one = await filled();
    const answer = await served.call(at(one, "/console/activity"), { headers: { accept: "text/csv" } });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/csv; charset=utf-8; header=present"]);
    expect(answer.headers.get("vary")).toContain("Accept");
    const rows = answer.text.split("\r\n");
    expect(rows[0]).toBe("time,actor_type,actor,action,project,project_name,change,target,reason,request,change_set");
    expect(rows).toHaveLength(8);
    expect(rows.at(-1)).toBe("");
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
    expect(rows[1]).toMatch(
      new RegExp(`^${time},administrator,administrator,developer-project\\.end,[0-9a-f-]{36},Bot,ended,${one.id},over,`),
    );
    expect(rows[6]).toContain(`,developer-project.create,`);
    expect(rows[6]).toContain(`,"'=HYPERLINK(""x""), of us",made,`);
    const call = (accept: string, query = "") => served.call(at(one, `/console/activity${query}`), { headers: { accept } });
    expect((await call("text/html")).body.code).toBe("not_acceptable");
    expect((await call("text/csv, application/json;q=0.5")).text).toBe(answer.text);
    expect((await call("*/*")).body.items).toHaveLength(6);
    expect((await call("text/csv", "?limit=1")).status).toBe(400);
  });

  it("has more than a page of it as CSV, each line once", async () => {
    const one = await makeOrganization(served);
    const project = (n: number) =>
      put("developer-project", { id: `p${n}`, name: `N${n}`, product: "files", roles: [], serviceAccount: "bot" });
    await one.writes([put("principal", { id: "bot", type: "service-account" })]);
    await one.writes(Array.from({ length: 600 }, (_, n) => project(n)));
    for (let n = 0; n < 520; n++)
      await one.writes([put("developer-project", { ...(project(n) as { put: { value: object } }).put.value, name: "M" })]);
    const { text } = await served.call(at(one, "/console/activity"), { headers: { accept: "text/csv" } });
    expect(text.split("\r\n")).toHaveLength(1 + 520 + 600 + 1);
    expect(text.split("\r\n").filter((row) => row.includes(",changed,"))).toHaveLength(520);
  });

  it("is shown to who reads the organization, and to no developer, nor to another's administrator", async () => {
    const one = await filled();
    await one.writes([
      put("developer-access", { role: "reader", principal: "ann" }),
      put("assignment", { role: "reeve-auditor", principal: "bob" }),
    ]);
    const tokenOf = async (principal: string) =>
      (await served.call(at(one, "/tokens"), { body: { principal, ceiling: "admin" } })).body.secret;
    const asked = async (token: string) => {
      const { status, body } = await served.call(at(one, "/console/activity"), { token });
      return [status, body.code];
    };
    expect(await asked(await tokenOf("bob"))).toEqual([200, undefined]);
    expect(await asked(await tokenOf("ann"))).toEqual([403, "not_permitted"]);
    expect((await served.call(at({ id: "Nowhere" }, "/console/activity"))).body.code).toBe("organization_not_found");
  });
});

describe("the log's events", () => {
  it("tell of sessions, second factors, the administrator's tokens and signing keys, by ids that let nobody in", async () => {
    const one = await makeOrganization(served);
    const email = address();
    await join(served, one, { email });
    lines.length = 0;
    const NEXT = "another long password";
    const browser = await signIn(served, email);
    const { body: account } = await browser.call("/session");
    const { body: enrolled } = await browser.call("/session/second-factor", { method: "POST" });
    const code = codeOf(enrolled.secret);
    const { body: confirmed } = await browser.call("/session/second-factor/confirm", { body: { code } });
    const [recovery] = confirmed.recoveryCodes;
    await browser.call("/session/second-factor/end", { body: { password: PASSWORD, code: recovery } });
    await browser.call("/session/password", { body: { password: PASSWORD, newPassword: NEXT } });
    await browser.call("/session", { method: "DELETE" });
    const reset = await served.call("/v1/password-resets", { body: { email } });
    const token = reset.body.link.split("#")[1];
    await served.call("/password-resets/accept", { body: { token, password: NEXT }, token: null });
    const made = await served.call("/v1/tokens", { body: { ceiling: "read" } });
    await served.call(`/v1/tokens/${made.body.id}`, { method: "DELETE" });
    const id = account.account.id;
    const [start, ...rest] = events();
    expect(start).toMatchObject({
      level: 30,
      event: "session.start",
      account: id,
      requestId: expect.any(String),
      msg: "event",
    });
    expect(rest.map(({ event, account: of, id: what }) => [event, of, what])).toEqual([
      ["second-factor.on", id, undefined],
      ["second-factor.off", id, undefined],
      ["password.change", id, undefined],
      ["session.end", id, undefined],
      ["password-reset.create", id, undefined],
      ["password.reset", id, undefined],
      ["administrator-token.create", undefined, made.body.id],
      ["administrator-token.end", undefined, made.body.id],
    ]);
    const secrets = [
      browser.cookie.split("=")[1],
      browser.csrf,
      email,
      enrolled.secret,
      code,
      recovery,
      made.body.secret,
      token,
      PASSWORD,
      NEXT,
    ];
    for (const secret of secrets) expect(lines.join()).not.toContain(secret);
    expect((await auditOf(one)).map(({ action }) => action)).not.toContain("session.start");
  });

  it("tell of an account that ended, and the audits of its organizations who ended it", async () => {
    const [one, two] = [await makeOrganization(served), await makeOrganization(served)];
    const [mine, theirs] = [address(), address()];
    await join(served, one, { email: mine, id: "ann" });
    await join(served, two, { email: mine, id: "bob" });
    await join(served, one, { email: theirs, id: "bob" });
    lines.length = 0;
    const browser = await signIn(served, mine);
    const { account } = (await browser.call("/session")).body;
    expect((await browser.call("/account/end", { body: { password: PASSWORD } })).status).toBe(204);
    const [other] = (await served.call(`/v1/accounts?email=${theirs}`)).body.items;
    expect((await served.call(`/v1/accounts/${other.id}`, { method: "DELETE" })).status).toBe(204);
    expect(events().map(({ event, account: of }) => [event, of])).toEqual([
      ["session.start", account.id],
      ["account.end", account.id],
      ["account.end", other.id],
    ]);
    expect(await latest(one, 2)).toEqual([
      ["account.end", "principals/bob", "administrator:administrator"],
      ["account.end", "principals/ann", "user:ann"],
    ]);
    expect(await latest(two, 1)).toEqual([["account.end", "principals/bob", "user:bob"]]);
  });

  it("tell of a signing key once, when it is made", async () => {
    const own: string[] = [];
    const fresh = await serve({
      environment: { REEVE_LOG_LEVEL: "info" },
      wiring: { log: { write: (line: string) => void own.push(line) } },
    });
    const { body } = await fresh.call("/ims/keys");
    await fresh.call("/ims/keys");
    await fresh.close();
    const made = own.filter((line) => line.includes("signing-key.create")).map((line) => JSON.parse(line));
    expect(made).toMatchObject([{ event: "signing-key.create", id: body.keys[0].kid }]);
  });
});
