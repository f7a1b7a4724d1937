/** Headers of security on every answer: all routes, all kinds of answers, with and without HTTPS; pages have more. */
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ROUTE_IDS, routeOf, statusOf, World } from "./every-route.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
let world: World;
beforeAll(async () => {
  served = await serve({ environment: { REEVE_PUBLIC_URL: "https://reeve.example" } });
  world = await World.make(served);
});
afterAll(() => served?.close());

const HSTS = "max-age=31536000";
type Told = { readonly status: number; readonly headers: Headers };

function expectHeaders({ status, headers }: Told, at: string, hsts: string | null = HSTS): void {
  const found = Object.fromEntries(
    ["x-content-type-options", "referrer-policy", "strict-transport-security"].map((name) => [name, headers.get(name)]),
  );
  expect(found, `${at}: ${status}`).toEqual({
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "strict-transport-security": hsts,
  });
  expect(headers.get("cache-control"), at).toMatch(/^(no-store|public, max-age=300|max-age=3600)$/);
  for (const name of ["server", "x-powered-by"]) expect(headers.has(name), at).toBe(false);
  if (headers.get("content-type")?.startsWith("text/html") === true) expectPage(headers, at);
}

function expectPage(headers: Headers, at: string): void {
  const policy = headers.get("content-security-policy") ?? "";
  for (const part of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action "])
    expect(policy, at).toContain(part);
  for (const script of /script-src ([^;]*)/.exec(policy)?.[1]?.split(" ") ?? [])
    expect(script, at).toMatch(/^'(self|none|nonce-.{16,}|sha256-.{43}=)'$/);
  expect([headers.get("cross-origin-opener-policy"), headers.get("cross-origin-resource-policy")], at).toEqual([
    "same-origin",
    "same-origin",
  ]);
  expect(headers.get("permissions-policy"), at).toContain("camera=()");
}

describe("every answer has the headers of security", () => {
  it.each(ROUTE_IDS)("of %s: a good one, one to nobody, one to a stranger's organization, one of a broken body", async (id) => {
    const { path, sent } = await world.good(id);
    const good = await served.call(path, sent);
    expect([statusOf(id), 201], good.text).toContain(good.status);
    expectHeaders(good, `${id}, good`);
    const { token: _, headers: __, ...bare } = sent;
    expectHeaders(await served.call(path, { ...bare, token: null }), `${id}, nobody`);
    expectHeaders(await served.call(path, { ...sent, token: "wrong" }), `${id}, wrong token`);
    expectHeaders(await served.call(path.replace(world.one.id, "NOBODY@ReeveOrg"), sent), `${id}, another organization`);
    if (routeOf(id).method === "POST") expectHeaders(await served.call(path, { ...sent, body: "{" }), `${id}, broken`);
    expectHeaders(await served.call(`${path.split("?")[0]}/x/y/z`, { ...sent, method: "PATCH" }), `${id}, other method`);
  });

  it.each([
    "/",
    "/docs",
    "/docs/start.js",
    "/sign-in",
    "/invitation",
    "/password",
    "/account",
    "/openapi.json",
    "/metrics",
    "/healthz",
    "/readyz",
    "/%",
    "/nothing",
  ])("of %s", async (path) => {
    expectHeaders(await served.call(path), path);
    expectHeaders(await served.call(path, { method: "HEAD" }), path);
    expectHeaders(await served.call(path, { method: "DELETE" }), path);
  });

  it("and the table's page, with what its script needs", async () => {
    for (const path of ["/operations?product=cloud-manager", `/v1/orgs/${world.one.id}/products/desk/operations`]) {
      const answer = await served.call(path, { headers: { accept: "text/html" } });
      expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expectHeaders(answer, path);
    }
  });

  it("where there is no request, or none that could be read", async () => {
    const bounded = await serve({ environment: { REEVE_PUBLIC_URL: "https://reeve.example", REEVE_CONNECTIONS_MAX: "1" } });
    onTestFinished(() => bounded.close());
    for (const text of ["no HTTP\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", `GET / HTTP/1.1\r\nHost: a\r\nA: ${"b".repeat(20_000)}\r\n\r\n`])
      expectHeaders(toldIn(await served.raw(text)), text.slice(0, 20));
    const first = connect(Number(new URL(bounded.url).port), "127.0.0.1");
    onTestFinished(() => void first.destroy());
    await new Promise((resolve) => first.once("connect", resolve));
    const refused = toldIn(await bounded.raw("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    expect(refused.status).toBe(503);
    expectHeaders(refused, "too many connections");
  });
});

function toldIn(text: string): Told {
  const [first = "", ...lines] = (text.split("\r\n\r\n")[0] as string).split("\r\n");
  return { status: Number(first.split(" ")[1]), headers: new Headers(lines.map((line) => line.split(": ") as [string, string])) };
}

describe("browsers are told to use HTTPS alone", () => {
  it.each([
    ["never over plain HTTP", {}],
    ["never for loopback, of which that would be said for every server of the machine", { REEVE_PUBLIC_URL: "https://localhost:7070" }],
    ["never where people come by plain HTTP", { REEVE_PUBLIC_URL: "http://reeve.example" }],
  ])("%s", async (_, environment) => {
    const plain = await serve({ environment: environment as Readonly<Record<string, string>> });
    onTestFinished(() => plain.close());
    for (const path of ["/healthz", "/docs", "/nothing", "/v1/me"]) expectHeaders(await plain.call(path), path, null);
  });
});
