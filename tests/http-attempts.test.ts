/** Who fails to sign in often waits; whoever else comes, does not, and the right password waits too. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeOrganization, type Organization } from "./organization.ts";
import { address, join, PASSWORD, signIn, tokenIn } from "./people.ts";
import { type Answer, type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
let nowMs = Date.now();
beforeAll(async () => {
  served = await serve({ wiring: { clock: () => nowMs } });
  one = await makeOrganization(served);
});
afterAll(() => served?.close());

const tried = (email: string, password: string): Promise<Answer> => served.call("/session", { body: { email, password }, token: null });
const codes = async (email: string, times: number): Promise<string[]> => {
  const found: string[] = [];
  for (let n = 0; n < times; n++) found.push((await tried(email, `wrong password ${n}`)).body.code);
  return found;
};

it("After five failures the sixth waits, with Retry-After, whether there is an account or not", async () => {
  const email = address();
  await join(served, one, { email });
  const other = await signIn(served, email);
  for (const who of [email, address()]) {
    expect(await codes(who, 6)).toEqual([...Array.from({ length: 5 }, () => "sign_in_refused"), "too_many_attempts"]);
    const waiting = await tried(who, PASSWORD);
    expect([waiting.status, waiting.body.code, waiting.headers.get("retry-after")]).toEqual([429, "too_many_attempts", "1"]);
  }
  // Who is signed in stays so.
  expect((await other.call("/session")).status).toBe(200);
  nowMs += 1_000;
  expect(await codes(email, 2)).toEqual(["sign_in_refused", "too_many_attempts"]);
  expect((await tried(email, PASSWORD)).headers.get("retry-after")).toBe("2");
  nowMs += 2_000;
  await signIn(served, email);
  expect(await codes(email, 1)).toEqual(["sign_in_refused"]);
});

it("Tries at the password of an account by invitations to it are counted as sign-ins are", async () => {
  const email = address();
  await join(served, one, { email });
  const other = await makeOrganization(served);
  const token = tokenIn(await served.call(`/v1/orgs/${other.id}/invitations`, { body: { email } }));
  const accepted = (password: string) => served.call("/invitations/accept", { body: { token, password }, token: null });
  for (let n = 0; n < 5; n++) expect((await accepted(`wrong password ${n}`)).status).toBe(401);
  const waiting = await accepted(PASSWORD);
  expect([waiting.status, waiting.headers.get("retry-after")]).toEqual([429, "1"]);
  expect((await tried(email, PASSWORD)).status).toBe(429);
  nowMs += 1_000;
  expect((await accepted(PASSWORD)).status).toBe(200);
});

it("Who tries many accounts is slowed down as a whole", async () => {
  nowMs += 3_600_000;
  for (let n = 0; n < 50; n++) await tried(address(), PASSWORD);
  const email = address();
  expect((await tried(email, PASSWORD)).body.code).toBe("too_many_attempts");
});

it("More sign-ins at once than can be compared are refused, and may be tried again", async () => {
  nowMs += 3_600_000;
  const answers = await Promise.all(Array.from({ length: 48 }, () => tried(address(), PASSWORD)));
  const busy = answers.filter(({ status }) => status === 503);
  expect(busy.length).toBeGreaterThan(0);
  for (const { headers, body } of busy) expect([body.code, headers.get("retry-after")]).toEqual(["sign_in_busy", "1"]);
  expect(answers.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(34);
});
