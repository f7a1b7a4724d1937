/** A second factor: enrolled by who is signed in, asked for at each sign-in, each code good once, and recovery codes beside it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeOrganization, type Organization } from "./organization.ts";
import { address, codeOf as codeAt, join, PASSWORD, signIn } from "./people.ts";
import { type Answer, type Served, serve } from "./serve.ts";

const STEP_MS = 30_000;
const codeOf = (secret: string, steps = 0): string => codeAt(secret, nowMs + steps * STEP_MS);
const PATH = "/session/second-factor";

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
  await join(served, one, { email });
  return { email, browser: await signIn(served, email) };
}
async function enrolled() {
  const { email, browser } = await person();
  const { secret } = (await browser.call(PATH, { method: "POST" })).body;
  const confirmed = await browser.call(`${PATH}/confirm`, { body: { code: codeOf(secret) } });
  expect([confirmed.status, confirmed.headers.get("cache-control")]).toEqual([200, "no-store"]);
  nowMs += STEP_MS;
  return { email, browser, secret: secret as string, codes: confirmed.body.recoveryCodes as string[] };
}
const tried = (email: string, code?: string, password = PASSWORD): Promise<Answer> =>
  served.call("/session", { body: { email, password, ...(code === undefined ? {} : { code }) }, token: null });
const codeAnswered = async (answer: Promise<Answer>) => (await answer).body?.code ?? (await answer).status;

it("It is enrolled by a secret that is shown once, and on when a code of it was shown", async () => {
  const { email, browser } = await person();
  const made = await browser.call(PATH, { method: "POST" });
  expect([made.status, made.headers.get("cache-control")]).toEqual([201, "no-store"]);
  const { secret, uri } = made.body;
  expect(uri).toBe(`otpauth://totp/Reeve:${encodeURIComponent(email)}?secret=${secret}&issuer=Reeve&algorithm=SHA1&digits=6&period=30`);
  expect(await codeAnswered(browser.call(`${PATH}/confirm`, { body: { code: "000000" } }))).toBe("sign_in_refused");
  expect(await codeAnswered(browser.call(`${PATH}/confirm`, { body: {} }))).toBe("malformed_request");
  expect((await tried(email)).status).toBe(201);
  const confirmed = await browser.call(`${PATH}/confirm`, { body: { code: codeOf(secret) } });
  expect(confirmed.body.recoveryCodes).toHaveLength(10);
  expect(await codeAnswered(browser.call(`${PATH}/confirm`, { body: { code: codeOf(secret) } }))).toBe("object_not_found");
  expect(await codeAnswered(browser.call(PATH, { method: "POST" }))).toBe("second_factor_on");
});

it("It is asked for when the password is right, and each code counts once", async () => {
  const { email, secret } = await enrolled();
  expect(await codeAnswered(tried(email))).toBe("second_factor_needed");
  expect(await codeAnswered(tried(email, "123456", "a wrong password"))).toBe("sign_in_refused");
  expect(await codeAnswered(tried(email, undefined, "a wrong password"))).toBe("sign_in_refused");
  const answer = await tried(email, codeOf(secret));
  expect([answer.status, answer.body.account.email]).toEqual([201, email]);
  expect(await codeAnswered(tried(email, codeOf(secret)))).toBe("sign_in_refused");
  expect(await codeAnswered(tried(email, codeOf(secret, 1)))).toBe(201);
  expect(await codeAnswered(tried(email, codeOf(secret, 2)))).toBe("sign_in_refused");
});

it("Recovery codes stand in for a code, once each", async () => {
  const { email, codes } = await enrolled();
  expect(await codeAnswered(tried(email, codes[0]))).toBe(201);
  expect(await codeAnswered(tried(email, codes[0]))).toBe("sign_in_refused");
  expect(await codeAnswered(tried(email, codes[1]?.toLowerCase()))).toBe(201);
});

it("Wrong codes are counted as wrong passwords are", async () => {
  const { email, secret } = await enrolled();
  for (let n = 0; n < 5; n++) expect(await codeAnswered(tried(email, `9999-${n}`))).toBe("sign_in_refused");
  expect(await codeAnswered(tried(email, codeOf(secret)))).toBe("too_many_attempts");
});

it("It is turned off with the password and a code, and by nobody else", async () => {
  const { email, browser, secret, codes } = await enrolled();
  const off = (body: object) => browser.call(`${PATH}/end`, { body });
  expect(await codeAnswered(off({ password: PASSWORD }))).toBe("malformed_request");
  expect(await codeAnswered(off({ password: "a wrong password", code: codeOf(secret) }))).toBe("sign_in_refused");
  expect(await codeAnswered(off({ password: PASSWORD, code: "000000" }))).toBe("sign_in_refused");
  expect((await off({ password: PASSWORD, code: codeOf(secret) })).status).toBe(204);
  expect(await codeAnswered(off({ password: PASSWORD, code: codes[0] as string }))).toBe("object_not_found");
  expect((await tried(email)).status).toBe(201);
});

it("Nobody who is not signed in, or asks without the CSRF value, comes near it", async () => {
  const { browser } = await person();
  for (const [path, body] of [
    [PATH, undefined],
    [`${PATH}/confirm`, { code: "123456" }],
    [`${PATH}/end`, { password: PASSWORD, code: "123456" }],
  ] as const) {
    const sent = { method: "POST", token: null, ...(body === undefined ? {} : { body }) };
    expect(await codeAnswered(served.call(path, sent))).toBe("not_authenticated");
    expect(await codeAnswered(served.call(path, { ...sent, headers: { cookie: browser.cookie } }))).toBe("not_authenticated");
    expect(await codeAnswered(served.call(path, { method: "POST", ...(body === undefined ? {} : { body }) }))).toBe("not_authenticated");
  }
});
