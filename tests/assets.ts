/** An organization with a space, and people who ask about its assets. */
import { expect } from "vitest";
import { makeOrganization, type Organization, put } from "./organization.ts";
import type { Answer, Sent, Served } from "./serve.ts";

export const SPACE = "/spaces/apim";
export const ORDERS = `${SPACE}/apis/orders`;
export const FIRST = `${ORDERS}/versions/1.0`;
export const USERS = ["ann", "bob", "cy", "dee"] as const;

/** One person, or the server's administrator, over HTTP. */
export class Person {
  readonly #served: Served;
  readonly #base: string;
  readonly #token: string | undefined;
  constructor(served: Served, base: string, token?: string) {
    this.#served = served;
    this.#base = base;
    this.#token = token;
  }
  call(path: string, sent: Sent = {}): Promise<Answer> {
    return this.#served.call(this.#base + path, this.#token === undefined ? sent : { token: this.#token, ...sent });
  }
  get(path: string): Promise<Answer> {
    return this.call(`/node?path=${encodeURIComponent(path)}`);
  }
  make(path: string, more: object = {}): Promise<Answer> {
    return this.call("", { body: { path, ...more } });
  }
  edit(path: string, details: object, headers: Sent["headers"] = {}): Promise<Answer> {
    return this.call(`/node?path=${encodeURIComponent(path)}`, { method: "PUT", body: details, headers });
  }
  delete(path: string, headers: Sent["headers"] = {}): Promise<Answer> {
    return this.call(`/node?path=${encodeURIComponent(path)}`, { method: "DELETE", headers });
  }
  move(path: string, state: string): Promise<Answer> {
    return this.call("/state", { method: "PUT", body: { path, state } });
  }
  /** To another place. */
  relocate(path: string, to: string, headers: Sent["headers"] = {}): Promise<Answer> {
    return this.call("/move", { body: { path, to }, headers });
  }
  permissions(path: string, query = ""): Promise<Answer> {
    return this.call(`/permissions?path=${encodeURIComponent(path)}${query}`);
  }
  give(
    path: string,
    [id, access, appliesToAll = false]: readonly [string, string, boolean?],
    headers: Sent["headers"] = {},
  ): Promise<Answer> {
    const type = ["team", "members", "admins"].includes(id) ? "group" : "user";
    return this.call("/permissions", { method: "PUT", body: { path, principal: { type, id }, access, appliesToAll }, headers });
  }
  take(path: string, principal: string, reach?: string): Promise<Answer> {
    const query = new URLSearchParams({ path, principal, ...(reach === undefined ? {} : { reach }) });
    return this.call(`/permissions?${query}`, { method: "DELETE" });
  }
}

export type Space = { readonly one: Organization; readonly root: Person; readonly person: (id: string) => Promise<Person> };

/** `root` stands above; `boss` administers; `cy` is in `team`. */
export async function space(served: Served): Promise<Space> {
  const one = await makeOrganization(served, []);
  const base = `/v1/orgs/${one.id}`;
  const entitled = await served.call(`${base}/entitlements/api-management`, { method: "PUT" });
  expect(entitled.status, entitled.text).toBe(200);
  await one.writes([
    put("resource", { path: SPACE }),
    ...[...USERS, "boss"].map((id) => put("principal", { id, type: "user" })),
    put("principal", { id: "team", type: "group", name: "Team" }),
    put("membership", { group: "team", member: "cy" }),
    put("membership", { group: "admins", member: "boss" }),
  ]);
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = async (principal: string): Promise<string> =>
    (await served.call(`${base}/tokens`, { body: { principal, ceiling: "admin" } })).body.secret;
  return {
    one,
    root: new Person(served, `${base}/assets`),
    person: async (id) => {
      const token = tokens.get(id) ?? tokenOf(id);
      tokens.set(id, token);
      return new Person(served, `${base}/assets`, await token);
    },
  };
}

/** Status and code. */
export const said = ({ status, body }: Answer): readonly unknown[] => (body?.code === undefined ? [status] : [status, body.code]);
