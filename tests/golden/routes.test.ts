/**
 * Who gets past the door of which route: every route for every kind of caller, as it was last looked at by a human. Each caller sends a
 * body that is none of the route's, so that a 400 says: let in, and found to have asked nothing. A route that is new or guarded otherwise
 * shows here. That nobody who is turned away leaves a trace is the matter of `http-denials.test.ts`.
 */
import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FORM_TYPE, ROUTES, type Route } from "@reeve/contract";
import { openSqliteStore } from "@reeve/server";
import { afterAll, beforeAll, expect, it } from "vitest";
import { World } from "../every-route.ts";
import { makeOrganization, type Organization, put } from "../organization.ts";
import { address, join as joinAs, signIn } from "../people.ts";
import { type Sent, type Served, serve } from "../serve.ts";

/** Principals of the organization, by what their roles in the product `reeve` let them do. */
const PRINCIPALS = {
  "no role": [],
  "decision point": [put("assignment", { role: "reeve-decision-point", principal: "caller1" })],
  auditor: [put("assignment", { role: "reeve-auditor", principal: "caller2" })],
  administrator: [put("membership", { group: "admins", member: "caller3" })],
  "product administrator": [put("product-administrator", { product: "desk", principal: "caller4" })],
  developer: [put("developer-access", { role: "clerk", principal: "caller5" })],
} as const;
/** In a browser: as a page of ours asks, and as another site's page would have it ask. */
const SIGNED_IN = ["administrator, signed in", "the same by a foreign page"];
/** Asks the same of his own organization. */
const OF_SUSPENDED = "administrator of a suspended organization";
const CALLERS = [
  "nobody",
  "no token of ours",
  "an expired token",
  ...Object.keys(PRINCIPALS),
  OF_SUSPENDED,
  "the server's administrator",
  ...SIGNED_IN,
];
const SECRET = "the_token_of_the_administrator__________";
const EXPIRED = "an_expired_token________________________";
const OPERATIONAL: readonly Route[] = [
  "/healthz",
  "/readyz",
  "/metrics",
  "/openapi.json",
  "/docs",
  "/sign-in",
  "/invitation",
  "/password",
  "/account",
].map((path) => ({ id: path, method: "GET", path }) as Route);

let served: Served;
let world: World;
let suspended: Organization;
/** What each caller sends. */
let shown: readonly Sent[];
beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "reeve-routes-"));
  const first = await serve({ directory, environment: { REEVE_BOOTSTRAP_TOKEN: SECRET } });
  await first.stop();
  const store = openSqliteStore({ directory: join(directory, "data") });
  const hash = createHash("sha256").update(EXPIRED).digest();
  await store.tokens.put({ hash, kind: "administrator", ceiling: "admin", createdMs: 1, expiresMs: 2 });
  await store.close();
  const again = await serve({ directory, environment: { REEVE_BOOTSTRAP_TOKEN: "" } });
  served = { ...again, call: (path, sent) => again.call(path, { token: SECRET, ...sent }) };
  world = await World.make(served);
  const callers = Object.keys(PRINCIPALS).map((_, index) => `caller${index}`);
  await world.one.writes([...callers.map((id) => put("principal", { id, type: "user" })), ...Object.values(PRINCIPALS).flat()]);
  const made = await Promise.all(callers.map((principal) => tokenOf(world.one.id, principal)));
  suspended = await makeOrganization(served);
  await suspended.writes([put("membership", { group: "admins", member: "ann" })]);
  made.push(await tokenOf(suspended.id, "ann"));
  await suspended.writes([put("setting", { product: "reeve", name: "suspended", value: true })]);
  const tokens = [null, "no_token_of_ours________________________", EXPIRED, ...made, SECRET];
  const email = address();
  await joinAs(served, world.one, { email, id: "caller3" });
  const browser = (await signIn(served, email)).cookie;
  const csrf = (await served.call("/session", { token: null, headers: { cookie: browser } })).body.csrf;
  shown = [
    ...tokens.map((token) => ({ token })),
    { token: null, headers: { cookie: browser, "reeve-csrf": csrf } },
    { token: null, headers: { cookie: browser, origin: "https://other.example" } },
  ];
});
afterAll(() => served?.close());

async function tokenOf(org: string, principal: string): Promise<string> {
  return (await served.call(`/v1/orgs/${org}/tokens`, { body: { principal, ceiling: "admin" } })).body.secret;
}

async function statusesOf(route: Route): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (const [index, sent] of shown.entries()) {
    const path = CALLERS[index] === OF_SUSPENDED ? nothingAt(route).replace(world.one.id, suspended.id) : nothingAt(route);
    const body = route.body === undefined ? {} : { body: route.takes === undefined ? [] : "" };
    // A form shows a client of its own; who is without one is refused by the route, whatever his token.
    const isForm = route.takes?.includes(FORM_TYPE) ?? false;
    const ofForm = { token: null, headers: { "content-type": FORM_TYPE } };
    statuses.push((await served.call(path, { method: route.method, ...(isForm ? ofForm : sent), ...body })).status);
  }
  return statuses;
}
/** A deletion finds nothing to delete: 404 says that it was let in. */
const nothingAt = (route: Route): string =>
  route.method === "DELETE" && route.path.endsWith("}") ? `${world.urlOf(route)}-none` : world.urlOf(route);

it("Every route is open to whom it was agreed to be open", async () => {
  const lines: string[] = [];
  for (const route of [...(Object.values(ROUTES) as readonly Route[]), ...OPERATIONAL]) {
    lines.push(`| ${route.method} ${route.path} | ${(await statusesOf(route)).join(" | ")} |`);
  }
  const head = `| Route | ${CALLERS.join(" | ")} |\n|---${"|---".repeat(CALLERS.length)}|\n`;
  await expect(`${head}${lines.join("\n")}\n`).toMatchFileSnapshot("./routes.md");
});
