/** People for tests: invited, with a password, signed in as a browser is. */
import { createHmac } from "node:crypto";
import { expect } from "vitest";
import type { Organization } from "./organization.ts";
import type { Answer, Sent, Served } from "./serve.ts";

export const PASSWORD = "correct horse battery";

/** A browser that is signed in: its cookie, and what it sends with every unsafe request. */
export type Browser = {
  readonly id: string;
  readonly cookie: string;
  readonly csrf: string;
  /** As `Served.call` does, without a token, with the cookie and the CSRF value. */
  call(path: string, sent?: Sent): Promise<Answer>;
};

let next = 0;
export const address = (): string => `person${++next}@example.com`;

/** The token of an invitation, out of its link. */
export const tokenIn = ({ body }: Answer): string => body.link.split("#")[1];

/** Invites an address to be a user of an organization, and accepts. */
export async function join(
  served: Served,
  one: Pick<Organization, "id">,
  body: { readonly email: string; readonly id?: string; readonly groups?: readonly string[] },
): Promise<Answer> {
  const invited = await served.call(`/v1/orgs/${one.id}/invitations`, { body });
  expect(invited.status, invited.text).toBe(201);
  const accepted = await served.call("/invitations/accept", { body: { token: tokenIn(invited), password: PASSWORD }, token: null });
  expect(accepted.status, accepted.text).toBe(200);
  return accepted;
}

export function cookieIn(answer: Answer): string {
  const [cookie = ""] = answer.headers.getSetCookie();
  return cookie.split(";")[0] as string;
}

/** Signs in; `headers`: what else the browser sends. */
export async function signIn(served: Served, email: string, headers: Readonly<Record<string, string>> = {}): Promise<Browser> {
  const answer = await served.call("/session", { body: { email, password: PASSWORD }, token: null, headers });
  expect(answer.status, answer.text).toBe(201);
  const [cookie, { id, csrf }] = [cookieIn(answer), answer.body];
  return {
    id,
    cookie,
    csrf,
    call: (path, sent = {}) => served.call(path, { token: null, ...sent, headers: { cookie, "reeve-csrf": csrf, ...sent.headers } }),
  };
}

/** As an authenticator app makes it (RFC 6238). */
export function codeOf(secret: string, nowMs = Date.now()): string {
  const bits = [...secret].map((one) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(one).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(nowMs / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const number = mac.readUInt32BE((mac.at(-1) as number) & 0xf) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}
