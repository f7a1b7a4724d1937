/** Servers that trust issuers, for tests: an organization of one that may make users, and another's that may not. */
import { expect } from "vitest";
import { Issuer } from "./issuer.ts";
import { BASE, Organization, put } from "./organization.ts";
import { type Answer, type Served, serve } from "./serve.ts";

const MAPPED = { groups: { eng: "team", chiefs: "admins", ghosts: "nowhere" }, roles: { read: "reader" } };

export type IssuerWorld = {
  readonly served: Served;
  /** Of the organization `Corp`; its principals are named by the claim `uid`. */
  readonly corp: Issuer;
  /** Of the organization `Other`, whose users exist or are invited. */
  readonly guests: Issuer;
  readonly one: Organization;
  readonly other: Organization;
  readonly logged: string[];
  aheadMs: number;
  close(): Promise<void>;
};

export async function issuerWorld(): Promise<IssuerWorld> {
  const [corp, guests] = [await Issuer.start(), await Issuer.start()];
  const issuers = [
    corp.entry("corp", "Corp", { ...MAPPED, people: "create", claims: { principal: "uid" } }),
    guests.entry("guests", "Other", { title: "Guests" }),
    { name: "machines", issuer: "https://machines.example.com", organization: "Corp", tokens: { audience: "x" } },
    { name: "nobody", issuer: "http://127.0.0.1:1", organization: "Corp", signIn: { clientId: "x" } },
  ];
  const logged: string[] = [];
  const world = { aheadMs: 0 };
  const served = await serve({
    environment: { REEVE_ISSUERS: JSON.stringify(issuers), REEVE_LOG_LEVEL: "warn" },
    wiring: { clock: () => Date.now() + world.aheadMs, log: { write: (line) => void logged.push(line) } },
  });
  const make = async (id: string): Promise<Organization> => {
    expect((await served.call("/v1/orgs", { body: { id, name: id } })).status).toBe(201);
    const made = new Organization(served, id);
    await made.writes([
      ...BASE,
      put("principal", { id: "hand-made", type: "group" }),
      put("membership", { group: "admins", member: "ann" }),
    ]);
    return made;
  };
  const close = async (): Promise<void> => {
    await served.close();
    await Promise.all([corp.close(), guests.close()]);
  };
  return Object.assign(world, { served, corp, guests, one: await make("Corp"), other: await make("Other"), logged, close });
}

let people = 0;
/** Claims of somebody new. */
export const person = (more: object = {}): { readonly sub: string; readonly uid: string } => {
  const n = ++people;
  return { sub: `sub-${n}`, uid: `user-${n}`, ...more };
};
/** Where a browser is sent. */
export const onward = (answer: Answer) => [answer.status, answer.headers.get("location")];
/** It is sent to sign in again, without a session, and its transaction is over. */
export function expectRefused(answer: Answer, code: string): void {
  expect(onward(answer), answer.text).toEqual([303, `/sign-in?refused=${code}`]);
  expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^reeve-sign-in=; .*Max-Age=0/)]);
}
