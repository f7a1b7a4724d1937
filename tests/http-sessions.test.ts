/**
 * Signing in: a browser's session asks as the account's user of each organization, with his rights at that moment, and only for pages of
 * ours.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeOrganization, type Organization, put } from "./organization.ts";
import { address, cookieIn, join, PASSWORD, signIn } from "./people.ts";
import { type Served, serve } from "./serve.ts";

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];

let served: Served;
let nowMs = Date.now();
beforeAll(async () => {
  served = await serve({ wiring: { clock: () => nowMs } });
});
afterAll(() => served?.close());

/** An organization with an administrator who is signed in. */
async function world() {
  const one = await makeOrganization(served);
  const email = address();
  await join(served, one, { email, id: "ann" });
  // One of two, of whom either may go.
  await one.writes(["ann", "bob"].map((member) => put("membership", { group: "admins", member })));
  return { one, email, path: `/v1/orgs/${one.id}`, browser: await signIn(served, email) };
}
const label = (n: number) => ({ body: { changes: [put("label", { id: `custom/l${n}` })] } });
const deactivated = (one: Organization) => one.writes([put("principal", { id: "ann", type: "user", active: false })]);

describe("signing in", () => {
  it("gives a cookie that scripts and other sites cannot use, and says who is signed in", async () => {
    const { one, email } = await world();
    const answer = await served.call("/session", { body: { email: ` ${email.toUpperCase()}`, password: PASSWORD }, token: null });
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([201, "no-store"]);
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^reeve=rvn_[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Lax$/),
    ]);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      account: { id: expect.any(String), email },
      secondFactor: false,
      csrf: expect.stringMatching(/^[\w-]{43}$/),
      created: nowMs,
      expires: nowMs + 12 * HOUR_MS,
      organizations: [{ id: one.id, principal: "ann" }],
    });
    expect(answer.text).not.toContain(cookieIn(answer).split("=")[1]);
  });

  it("over TLS gives a Secure cookie of this host alone", async () => {
    const tls = await serve({ environment: { REEVE_PUBLIC_URL: "https://reeve.example" } });
    try {
      const one = await makeOrganization(tls);
      const email = address();
      await join(tls, one, { email });
      const answer = await tls.call("/session", { body: { email, password: PASSWORD }, token: null });
      const [cookie = ""] = answer.headers.getSetCookie();
      expect(cookie).toMatch(/^__Host-reeve=rvn_[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/);
      const sent = { headers: { cookie: cookie.split(";")[0] as string, "reeve-csrf": answer.body.csrf }, token: null, method: "DELETE" };
      const of = (origin: string) => ({ ...sent, headers: { ...sent.headers, origin } });
      expect((await tls.call("/session", of(tls.url))).status).toBe(401);
      expect((await tls.call("/session", of("https://reeve.example"))).status).toBe(204);
    } finally {
      await tls.close();
    }
  });

  it("with a wrong password, an unknown address or anything else that is none is refused alike", async () => {
    const { email } = await world();
    const answers = await Promise.all(
      [
        { email, password: `${PASSWORD}.` },
        { email: address(), password: PASSWORD },
        { email: "nobody", password: "" },
      ].map((body) => served.call("/session", { body, token: null })),
    );
    for (const { status, headers, body } of answers) {
      expect([status, body.code, headers.has("set-cookie")]).toEqual([401, "sign_in_refused", false]);
      expect(Object.keys(body).sort()).toEqual(["code", "instance", "requestId", "status", "title", "type"]);
    }
    expect((await served.call("/session", { body: { email }, token: null })).status).toBe(400);
    const form = { body: `email=${email}`, headers: { "content-type": "application/x-www-form-urlencoded" }, token: null };
    expect((await served.call("/session", form)).status).toBe(415);
  });

  it("from another origin's page is refused: nobody is signed in by a page that he visits", async () => {
    const { email } = await world();
    const sent = (origin: string) => ({ body: { email, password: PASSWORD }, token: null, headers: { origin } });
    for (const origin of ["https://evil.example", "null", served.url.replace("http:", "https:")])
      expect((await served.call("/session", sent(origin))).body.code).toBe("foreign_origin");
    expect((await served.call("/session", sent(served.url))).status).toBe(201);
  });

  it("again in the same browser ends the session that it had", async () => {
    const { email, browser } = await world();
    const again = await signIn(served, email, { cookie: browser.cookie });
    expect(again.cookie).not.toBe(browser.cookie);
    expect([(await browser.call("/session")).status, (await again.call("/session")).status]).toEqual([401, 200]);
  });
});

describe("a session", () => {
  it("asks as the account's user of the organization that the path names, and is nobody in others", async () => {
    const { one, email, path, browser } = await world();
    const other = await makeOrganization(served);
    expect((await browser.call("/v1/me")).body).toMatchObject({ how: "session", organizations: [one.id] });
    expect((await browser.call(`${path}/changes`, label(1))).status).toBe(200);
    const change = await browser.call(`${path}/change-sets?limit=1`);
    expect(change.body.items[0].actor).toEqual({ type: "user", id: "ann" });
    expect((await browser.call(`/v1/orgs/${other.id}`)).body.code).toBe("organization_not_found");
    await join(served, other, { email, id: "bob" });
    expect((await browser.call(`/v1/orgs/${other.id}`)).body.code).toBe("not_permitted");
    expect((await browser.call("/v1/orgs")).body.items).toEqual([{ id: one.id }, { id: other.id }]);
    expect((await browser.call("/session")).body.organizations).toHaveLength(2);
    expect((await browser.call("/v1/orgs", { body: { id: "Mine@ReeveOrg", name: "Mine" } })).body.code).toBe("not_permitted");
    expect((await browser.call("/v1/tokens", { body: { ceiling: "admin" } })).body.code).toBe("not_permitted");
  });

  it("asks for decisions too", async () => {
    const { path, browser } = await world();
    const question = { subject: { type: "user", id: "ann" }, action: { name: "read" }, resource: { path: "/folders/a" } };
    expect((await browser.call(`${path}/check`, { body: question })).body).toMatchObject({ decision: false });
    const bare = { body: question, token: null, headers: { cookie: browser.cookie } };
    expect((await served.call(`${path}/check`, bare)).status).toBe(401);
  });

  it("changes nothing without its own CSRF value, nor from another origin's page", async () => {
    const { one, path, browser } = await world();
    const other = (await world()).browser;
    const revision = await one.revision();
    const denied = [
      {},
      { "reeve-csrf": "" },
      { "reeve-csrf": other.csrf },
      { "reeve-csrf": browser.csrf, origin: "https://evil.example" },
      { "reeve-csrf": browser.csrf, origin: "null" },
    ];
    for (const headers of denied) {
      const answer = await served.call(`${path}/changes`, { ...label(2), token: null, headers: { cookie: browser.cookie, ...headers } });
      expect([answer.status, answer.body.code]).toEqual([401, "not_authenticated"]);
      const out = { method: "DELETE", token: null, headers: { cookie: browser.cookie, ...headers } };
      expect((await served.call("/session", out)).status).toBe(401);
    }
    expect(await one.revision()).toBe(revision);
    expect((await browser.call(`${path}/changes`, { ...label(2), headers: { origin: served.url } })).status).toBe(200);
    // Reading changes nothing, and no other page can read the answer.
    expect((await served.call(path, { token: null, headers: { cookie: browser.cookie } })).status).toBe(200);
  });

  it("does not count beside a token, nor where its cookie comes twice or is none", async () => {
    const { path, browser } = await world();
    expect((await browser.call(path, { headers: { authorization: "Bearer none" } })).status).toBe(401);
    expect((await browser.call("/session", { headers: { authorization: `Bearer ${served.token}` } })).status).toBe(401);
    const value = browser.cookie.split("=")[1] as string;
    for (const cookie of [
      `${browser.cookie}; ${browser.cookie}`,
      `__Host-${browser.cookie}`,
      "reeve=",
      `reeve=${value}x`,
      `reeve="${value}"`,
      value,
    ])
      expect((await browser.call(path, { headers: { cookie } })).status, cookie).toBe(401);
    expect((await browser.call(path, { headers: { cookie: `a=b; ${browser.cookie} ;c` } })).status).toBe(200);
  });

  it("ends after 12 hours without a request, and after seven days in any case", async () => {
    const { path, browser } = await world();
    nowMs += 12 * HOUR_MS - 1;
    expect((await browser.call(path)).status).toBe(200);
    await expect.poll(async () => (await browser.call("/sessions")).body.items[0].lastSeen).toBe(nowMs);
    nowMs += 12 * HOUR_MS;
    expect((await browser.call(path)).status).toBe(401);
    const long = await world();
    for (let hours = 0; hours < 7 * 24 - 11; hours += 11) {
      nowMs += 11 * HOUR_MS;
      expect((await long.browser.call(long.path)).status).toBe(200);
      await expect.poll(async () => (await long.browser.call("/sessions")).body.items[0].lastSeen).toBe(nowMs);
    }
    nowMs += DAY_MS - 11 * HOUR_MS;
    expect((await long.browser.call(long.path)).status).toBe(401);
  });

  it("is stopped by the next request when its user is deactivated or deleted, and loses what rights he loses", async () => {
    const { one, path, browser } = await world();
    await served.call(`${path}/memberships/admins/ann`, { method: "DELETE" });
    expect((await browser.call(path)).body.code).toBe("not_permitted");
    await deactivated(one);
    expect((await browser.call(path)).status).toBe(401);
    expect((await browser.call("/session")).body.organizations).toEqual([]);
    const second = await world();
    await served.call(`${second.path}/principals/ann`, { method: "DELETE" });
    await second.one.writes([put("principal", { id: "ann", type: "user" }), put("membership", { group: "admins", member: "ann" })]);
    expect((await second.browser.call(second.path)).status).toBe(401);
  });

  it("goes on after a new start of the server", async () => {
    const first = await serve();
    const one = await makeOrganization(first);
    const email = address();
    await join(first, one, { email });
    const browser = await signIn(first, email);
    await first.stop();
    const again = await serve({ directory: first.directory });
    const answer = await again.call("/session", { token: null, headers: { cookie: browser.cookie } });
    await again.close();
    expect([answer.status, answer.body.csrf]).toEqual([200, browser.csrf]);
  });
});

describe("the sessions of an account", () => {
  it("are listed with where they come from, the latest first, and ended one by one", async () => {
    const { email, browser } = await world();
    nowMs += 60_000;
    const other = await signIn(served, email, { "user-agent": `Browser ${"x".repeat(200)}` });
    const { items } = (await browser.call("/sessions")).body;
    expect(items.map(({ id, current }: { id: string; current: boolean }) => [id, current])).toEqual([
      [other.id, false],
      [browser.id, true],
    ]);
    expect(items[0]).toMatchObject({ created: nowMs, lastSeen: nowMs, address: "127.0.0.1" });
    expect(items[0].userAgent).toBe(`Browser ${"x".repeat(120)}`);
    expect((await browser.call(`/sessions/${other.id}`, { method: "DELETE" })).status).toBe(204);
    expect((await other.call("/session")).status).toBe(401);
    expect((await browser.call(`/sessions/${other.id}`, { method: "DELETE" })).status).toBe(404);
  });

  it("are nobody else's", async () => {
    const [one, two] = [await world(), await world()];
    expect((await one.browser.call(`/sessions/${two.browser.id}`, { method: "DELETE" })).body.code).toBe("object_not_found");
    expect((await two.browser.call("/session")).status).toBe(200);
    expect((await served.call("/sessions")).status).toBe(401);
  });

  it("end by signing out, which takes the cookie away", async () => {
    const { browser } = await world();
    const out = await browser.call("/session", { method: "DELETE" });
    expect([out.status, out.headers.getSetCookie()]).toEqual([204, ["reeve=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"]]);
    expect((await browser.call("/session")).status).toBe(401);
  });
});

it("No secret of a person is in the log", async () => {
  const lines: string[] = [];
  const log = { write: (line: string) => void lines.push(line) };
  const loud = await serve({ environment: { REEVE_LOG_LEVEL: "trace" }, wiring: { log } as never });
  const one = await makeOrganization(loud);
  const email = address();
  await join(loud, one, { email });
  const browser = await signIn(loud, email);
  await browser.call(`/v1/orgs/${one.id}/changes`, label(1));
  await browser.call("/sessions");
  await loud.close();
  const text = lines.join("");
  expect(text).toContain("/session");
  for (const secret of [PASSWORD, email, browser.cookie.split("=")[1] as string, browser.csrf, browser.id, "rvi_", "argon2"])
    expect(text).not.toContain(secret);
});
