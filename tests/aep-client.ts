/**
 * An organization with Experience Platform's catalogue, and a client of its access control API: the headers that every request has, and
 * every answer held against the contract's schema of its route.
 */
import { readFileSync } from "node:fs";
import { AEP_BASE, AEP_ROUTES, AepError, AepGatewayError, type AepRoute } from "@reeve/contract";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";
import { makeOrganization, type Organization, put } from "./organization.ts";
import type { Answer, Sent, Served } from "./serve.ts";

const file = (name: string) => JSON.parse(readFileSync(new URL(`../catalogues/experience-platform/${name}`, import.meta.url), "utf8"));
export const WIRE = file("wire.json");
const ajv = new Ajv2020({ strict: false, allErrors: true });
const routes = Object.values(AEP_ROUTES) as readonly AepRoute[];
const compiled = new Map(routes.map((route) => [route.id, route.answer === undefined ? undefined : ajv.compile(route.answer)]));
const errors = [ajv.compile(AepGatewayError), ajv.compile(AepError)] as const;

/** A route whose template a path fits; the whole path, base and all. */
function routeOf(method: string, path: string): AepRoute | undefined {
  const plain = path.split("?")[0] as string;
  return routes.find((route) => {
    const template = (route.base + route.path).replaceAll(/\{\w+\}/g, "[^/]+");
    return route.method === method && new RegExp(`^${template}${route.isCollection === true ? "/?" : ""}$`).test(plain);
  });
}

export type AepSent = Omit<Sent, "token"> & { readonly without?: readonly string[] };
export class AepClient {
  readonly served: Served;
  readonly one: Pick<Organization, "id">;
  readonly token: string;
  readonly key: string;
  constructor(served: Served, one: Pick<Organization, "id">, credential: { readonly token: string; readonly key: string }) {
    this.served = served;
    this.one = one;
    this.token = credential.token;
    this.key = credential.key;
  }
  headers(): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${this.token}`, "x-api-key": this.key, "x-gw-ims-org-id": this.one.id };
  }
  /** `without`: headers that are not sent. */
  call(path: string, sent: AepSent = {}): Promise<Answer> {
    return this.at(AEP_BASE + path, sent);
  }
  /** The same of any service: `path` is whole. */
  async at(path: string, { headers = {}, without = [], ...sent }: AepSent = {}): Promise<Answer> {
    const all = Object.entries({ ...this.headers(), ...headers }).filter(([name]) => !without.includes(name));
    const answer = await this.served.call(path, { ...sent, headers: Object.fromEntries(all), token: null });
    expectFits(sent.method ?? (sent.body === undefined ? "GET" : "POST"), path, answer);
    return answer;
  }
  patch(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.call(path, { method: "PATCH", body, headers });
  }
  async made(path: string, body: object): Promise<Answer["body"]> {
    const answer = await this.call(path, { body });
    expect(answer.status, answer.text).toBe(200);
    return answer.body;
  }
  role(body: object): Promise<Answer["body"]> {
    return this.made("/administration/roles", { name: "A role", ...body });
  }
  policy(body: object): Promise<Answer["body"]> {
    return this.made("/administration/policies", { name: "A policy", rules: [], ...body });
  }
  effective(names: readonly string[], sandbox = "prod"): Promise<Answer> {
    return this.call("/acl/effective-policies", { body: names, headers: { "x-sandbox-name": sandbox } });
  }
}

/** Every answer has the shape that the contract promises. */
function expectFits(method: string, path: string, answer: Answer): void {
  if (answer.status === 204) {
    expect(answer.text).toBe("");
    return;
  }
  const route = routeOf(method, path);
  if (answer.status === 200 || (answer.status === 201 && route?.mayMake === true)) {
    const fits = compiled.get(route?.id ?? "");
    expect(fits?.(answer.body), `${method} ${path} ${answer.text} ${JSON.stringify(fits?.errors)}`).toBe(true);
    expect(answer.headers.get("reeve-revision")).toMatch(/^\w+\.\d+$/);
    return;
  }
  expect(answer.headers.get("content-type"), `${method} ${path}`).toMatch(/^application\/json/);
  expect(
    errors.some((fits) => fits(answer.body)),
    `${method} ${path} ${answer.text}`,
  ).toBe(true);
  if (answer.body.error_code !== undefined) expect(Number(answer.body.error_code.slice(0, 3))).toBe(answer.status);
  else expect(answer.body.status).toBe(answer.status);
}

export const USERS = ["ann", "bob", "cy"] as const;
let keys = 0;

/** An organization entitled to the product, with three users, a group and an administrator who is a service account. */
export async function aepOrganization(served: Served): Promise<Organization> {
  const one = await makeOrganization(served, []);
  const entitled = await served.call(`/v1/orgs/${one.id}/entitlements/experience-platform`, { method: "PUT" });
  expect(entitled.status, entitled.text).toBe(200);
  await one.writes([
    put("resource", { path: "/sandboxes/dev" }),
    ...USERS.map((id) => put("principal", { id, type: "user" })),
    put("principal", { id: "team", type: "group" }),
    put("membership", { group: "team", member: "cy" }),
    put("principal", { id: "root", type: "service-account" }),
    put("membership", { group: "admins", member: "root" }),
  ]);
  return one;
}

/** A client that stands for a principal. */
export async function clientOf(served: Served, one: Organization, principal = "root"): Promise<AepClient> {
  const key = `key-${++keys}`;
  const made = await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal, ceiling: "admin", clientId: key } });
  expect(made.status, made.text).toBe(201);
  return new AepClient(served, one, { token: made.body.secret, key });
}
