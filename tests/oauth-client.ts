/**
 * An organization with a developer project, and what its client does: shows its secret, obtains access tokens, asks with them.
 */
import { expect } from "vitest";
import { BASE, makeOrganization, type Organization, put } from "./organization.ts";
import type { Answer, Served } from "./serve.ts";

export const FORM = "application/x-www-form-urlencoded";
export type Shown = { readonly clientId: string; readonly secret: string; readonly id: string };
type Parameters = Readonly<Record<string, string>> | readonly (readonly [string, string])[];

/** An organization of its own whose project's service account `bot` administers it. */
export async function projectIn(served: Served): Promise<Project> {
  const one = await makeOrganization(served, [
    ...BASE,
    put("principal", { id: "bot", type: "service-account" }),
    put("membership", { group: "admins", member: "bot" }),
    // Else it would be the last one, which cannot be taken away.
    put("membership", { group: "admins", member: "ann" }),
    put("developer-project", { id: "shop", name: "Shop", product: "files", roles: ["reader"], serviceAccount: "bot" }),
  ]);
  return new Project(served, one);
}

export class Project {
  readonly served: Served;
  readonly one: Organization;
  readonly path: string;
  constructor(served: Served, one: Organization) {
    this.served = served;
    this.one = one;
    this.path = `/v1/orgs/${one.id}/developer-projects/shop/credential`;
  }
  /** Makes a secret. */
  async secret(body: object = {}): Promise<Shown> {
    const made = await this.served.call(`${this.path}/secrets`, { body });
    expect(made.status, made.text).toBe(201);
    return made.body;
  }
  /** Posts a form, without a token. */
  form(path: string, parameters: Parameters, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const body = new URLSearchParams(parameters as Record<string, string>).toString();
    return this.served.call(path, { method: "POST", body, headers: { "content-type": FORM, ...headers }, token: null });
  }
  grant({ clientId, secret }: Shown, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
    return { grant_type: "client_credentials", client_id: clientId, client_secret: secret, scope: "openid,AdobeID", ...more };
  }
  async token(shown: Shown, scope = "openid"): Promise<string> {
    const answer = await this.form("/ims/token/v3", this.grant(shown, { scope }));
    expect(answer.status, answer.text).toBe(200);
    return answer.body.access_token;
  }
  /** Status of a request that needs what a ceiling of `needs` allows. */
  async asks(token: string, needs: "read" | "decide" | "admin" = "read"): Promise<number> {
    const org = `/v1/orgs/${this.one.id}`;
    const check = { subject: { type: "user", id: "ann" }, action: { name: "read" }, resource: { path: "/folders/a" } };
    if (needs === "decide") return (await this.served.call(`${org}/check`, { token, body: check })).status;
    if (needs === "admin") return (await this.served.call(`${org}/tokens`, { token })).status;
    return (await this.served.call(`${org}/principals`, { token })).status;
  }
}

export const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] as string, "base64url").toString());
export const headerOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[0] as string, "base64url").toString());
