/**
 * Passwords and the end of an account: changed by who is signed in and knows the one that counts, or by a link; every other session ends.
 * The server's administrator makes links and ends accounts; who administers an organization learns of neither.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeOrganization, type Organization, put } from "./organization.ts";
import { address, codeOf, join, PASSWORD, signIn } from "./people.ts";
import { type Answer, type Served, serve } from "./serve.ts";

const OTHER = "another long password";
const STEP_MS = 30_000;

let served: Served;
let one: Organization;
let nowMs = Math.floor(Date.now() / STEP_MS) * STEP_MS;
beforeAll(async () => {
  served = await serve({ wiring: { clock: () => nowMs } });
  one = await makeOrganization(served);
});
afterAll(() => served?.close());

async function person() {
  const email = address();
  const { body } = await join(served, one, { email });
  return { email, id: body.id as string, browser: await signIn(served, email) };
}
async function withFactor() {
  const made = await person();
  const { secret } = (await made.browser.call("/session/second-factor", { method: "POST" })).body;
  const confirmed = await made.browser.call("/session/second-factor/confirm", { body: { code: codeOf(secret, nowMs) } });
  return { ...made, codes: confirmed.body.recoveryCodes as string[] };
}
const tried = (email: string, password: string, code?: string): Promise<Answer> =>
  served.call("/session", { body: { email, password, ...(code === undefined ? {} : { code }) }, token: null });
const linked = async (email: string): Promise<string> =>
  (await served.call("/v1/password-resets", { body: { email } })).body.link.split("#")[1];
const reset = (token: string, password = OTHER): Promise<Answer> =>
  served.call("/password-resets/accept", { body: { token, password }, token: null });

describe("another password", () => {
  it("is chosen with the one that counts, and ends all other sessions and links", async () => {
    const { email, browser } = await person();
    const elsewhere = await signIn(served, email);
    const token = await linked(email);
    const done = await browser.call("/session/password", { body: { password: PASSWORD, newPassword: OTHER } });
    expect([done.status, done.text]).toEqual([204, ""]);
    expect([(await browser.call("/session")).status, (await elsewhere.call("/session")).status]).toEqual([200, 401]);
    expect([(await tried(email, PASSWORD)).status, (await tried(email, OTHER)).status]).toEqual([401, 201]);
    expect((await reset(token)).body.code).toBe("password_reset_not_found");
  });

  it("is not chosen with a wrong one, which counts as a failed sign-in", async () => {
    const { email, browser } = await person();
    const change = () => browser.call("/session/password", { body: { password: "a wrong password", newPassword: OTHER } });
    for (let n = 0; n < 5; n++) expect((await change()).body.code).toBe("sign_in_refused");
    expect((await change()).body.code).toBe("too_many_attempts");
    nowMs += 3_600_000;
    expect((await tried(email, PASSWORD)).status).toBe(201);
  });

  it.each([
    [{ password: PASSWORD, newPassword: "elevenchars" }, "/newPassword"],
    [{ password: PASSWORD, newPassword: "x".repeat(1_025) }, "/newPassword"],
    [{ password: PASSWORD, newPassword: "\ud800 lone surrogate" }, "/newPassword"],
    [{ password: PASSWORD }, ""],
    [{ password: PASSWORD, newPassword: 7 }, "/newPassword"],
    [{ password: PASSWORD, newPassword: OTHER, email: "x" }, "/email"],
  ])("that is none is refused by its place: %j", async (body, pointer) => {
    const { email, browser } = await person();
    const answer = await browser.call("/session/password", { body });
    expect([answer.status, answer.body.code]).toEqual([400, "malformed_request"]);
    expect(answer.body.errors[0].pointer.startsWith(pointer)).toBe(true);
    expect((await tried(email, PASSWORD)).status).toBe(201);
  });

  it("is nobody's to choose who is not signed in, or asks without the CSRF value or from elsewhere", async () => {
    const { email, browser } = await person();
    const body = { password: PASSWORD, newPassword: OTHER };
    const { cookie, csrf } = browser;
    for (const headers of [{}, { cookie }, { cookie, "reeve-csrf": csrf, origin: "https://evil.example" }])
      for (const path of ["/session/password", "/account/end"])
        expect((await served.call(path, { token: null, headers, body })).body.code).toBe("not_authenticated");
    expect((await tried(email, PASSWORD)).status).toBe(201);
  });

  it("of two that are chosen at once is one, and the session that chose it stays", async () => {
    const { email, browser } = await person();
    const other = await signIn(served, email);
    const [first, second] = await Promise.all([
      browser.call("/session/password", { body: { password: PASSWORD, newPassword: OTHER } }),
      other.call("/session/password", { body: { password: PASSWORD, newPassword: `${OTHER} 2` } }),
    ]);
    const statuses = [first.status, second.status].sort();
    expect(statuses[0]).toBe(204);
    expect(statuses[1]).toBe(401);
  });
});

describe("a link of the server's administrator", () => {
  it("is shown once, counts once, ends all sessions, and leaves the second factor on", async () => {
    const { email, browser, codes } = await withFactor();
    const made = await served.call("/v1/password-resets", { body: { email: email.toUpperCase() } });
    expect([made.status, made.headers.get("cache-control")]).toEqual([201, "no-store"]);
    expect(made.body).toEqual({ link: expect.stringMatching(/\/password#rvp_[\w-]{43}$/), expires: nowMs + 3_600_000 });
    const token = made.body.link.split("#")[1];
    expect((await reset(token)).body).toEqual({ id: expect.any(String), email });
    expect((await browser.call("/session")).status).toBe(401);
    expect((await tried(email, OTHER)).body.code).toBe("second_factor_needed");
    expect((await tried(email, OTHER, codes[0])).status).toBe(201);
    expect((await reset(token)).body.code).toBe("password_reset_not_found");
  });

  it("is not made for an address without an account, nor by whoever administers an organization", async () => {
    const { email } = await person();
    const unknown = await served.call("/v1/password-resets", { body: { email: "nobody@example.com" } });
    expect([unknown.status, unknown.body.code]).toEqual([404, "object_not_found"]);
    const administrator = address();
    await join(served, one, { email: administrator, id: "boss" });
    await one.writes([put("membership", { group: "admins", member: "boss" })]);
    const browser = await signIn(served, administrator);
    for (const answer of [
      await browser.call("/v1/password-resets", { body: { email } }),
      await browser.call(`/v1/accounts?email=${email}`),
      await browser.call("/v1/accounts/x", { method: "DELETE" }),
    ])
      expect([answer.status, answer.body.code]).toEqual([403, "not_permitted"]);
  });

  it.each(["", "rvp_", `rvp_${"x".repeat(43)}`, `rvi_${"x".repeat(43)}`, "x".repeat(5_000)])(
    "that is none changes nothing: %.20j",
    async (token) => {
      expect((await reset(token)).body.code).toBe("password_reset_not_found");
    },
  );

  it("is kept where the password is none, and where it was too short first", async () => {
    const { email } = await person();
    const token = await linked(email);
    expect((await reset(token, "short")).body.errors[0]).toMatchObject({ code: "out_of_range", pointer: "/password" });
    expect((await reset(token)).status).toBe(200);
  });

  it("of two who show it at once counts for one", async () => {
    const { email } = await person();
    const token = await linked(email);
    const answers = await Promise.all([reset(token), reset(token, `${OTHER} 2`)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404]);
  });

  it("counts no more than five at once: a sixth ends the oldest", async () => {
    const { email } = await person();
    const tokens: string[] = [];
    for (let n = 0; n < 6; n++) {
      nowMs += 1_000;
      tokens.push(await linked(email));
    }
    expect((await reset(tokens[0] as string)).status).toBe(404);
    expect((await reset(tokens[1] as string)).status).toBe(200);
  });
});

describe("accounts", () => {
  it("are listed in pages, and found by their address however it is spelled, with the users that they are", async () => {
    const { email, id } = await withFactor();
    const found = await served.call(`/v1/accounts?email=${encodeURIComponent(` ${email.toUpperCase()}`)}`);
    const [organization] = found.body.items[0].organizations;
    expect(found.body).toEqual({
      items: [
        { id, email, created: expect.any(Number), secondFactor: true, organizations: [{ id: one.id, principal: organization.principal }] },
      ],
    });
    expect((await served.call(`/v1/orgs/${one.id}/principals/${organization.principal}`)).status).toBe(200);
    expect((await served.call("/v1/accounts?email=nobody@example.com")).body).toEqual({ items: [] });
    const ids: string[] = [];
    for (let next: string | undefined = ""; next !== undefined; ) {
      const page: Answer = await served.call(`/v1/accounts?limit=3${next === "" ? "" : `&cursor=${encodeURIComponent(next)}`}`);
      ids.push(...page.body.items.map((item: { readonly id: string }) => item.id));
      next = page.body.next;
    }
    expect(ids).toContain(id);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  it("are ended by the server's administrator with sessions and factor; the user stays, and is invited anew", async () => {
    const { email, id, browser } = await withFactor();
    const { principal } = (await served.call(`/v1/accounts?email=${email}`)).body.items[0].organizations[0];
    const token = await linked(email);
    expect((await served.call(`/v1/accounts/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await served.call(`/v1/accounts/${id}`, { method: "DELETE" })).body.code).toBe("object_not_found");
    expect([(await browser.call("/session")).status, (await tried(email, PASSWORD)).status, (await reset(token)).status]).toEqual([
      401, 401, 404,
    ]);
    expect((await served.call(`/v1/orgs/${one.id}/principals/${principal}`)).status).toBe(200);
    await join(served, one, { email, id: principal });
    expect((await tried(email, PASSWORD)).status).toBe(201);
  });

  it("are ended by who they are, with the password, and a code where there is a second factor", async () => {
    const { email, browser, codes } = await withFactor();
    const end = (body: object) => browser.call("/account/end", { body });
    expect((await end({ password: "a wrong password", code: codes[0] as string })).body.code).toBe("sign_in_refused");
    expect((await end({ password: PASSWORD })).body.code).toBe("second_factor_needed");
    expect((await end({})).body.code).toBe("malformed_request");
    const done = await end({ password: PASSWORD, code: codes[0] as string });
    expect([done.status, done.headers.getSetCookie()]).toEqual([204, ["reeve=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"]]);
    expect([(await browser.call("/session")).status, (await tried(email, PASSWORD)).status]).toEqual([401, 401]);
  });
});
