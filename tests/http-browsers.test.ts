/** What browsers and large answers need: origins that may call, and answers that are compressed, on every route. */

import { request } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { ROUTES, type Route } from "@reeve/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEMO, type Served, serve, TOKEN } from "./serve.ts";

const ORIGIN = "https://console.example";
const CHECK = { subject: { type: "user", id: "ada" }, action: { name: "view" }, resource: { path: "/spaces/apim" } };
const urlOf = ({ path }: Route): string => path.replace("{org}", "DEMO@ReeveOrg").replace("{product}", "cloud-manager");
const routes = Object.values(ROUTES) as readonly Route[];

let closed: Served;
let open: Served;
beforeAll(async () => {
  closed = await serve();
  open = await serve({ environment: { REEVE_CORS_ORIGINS: `https://other.example,${ORIGIN}` } });
});
afterAll(async () => {
  await closed?.close();
  await open?.close();
});

type Raw = { readonly status: number; readonly headers: Readonly<Record<string, string | string[] | undefined>>; readonly bytes: Buffer };
/** As `fetch`, but nothing is decoded, and any header may be sent. */
function raw(
  served: Served,
  path: string,
  { method = "GET", headers = {}, body = "" }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const sent = request(served.url + path, { method, headers: { authorization: `Bearer ${TOKEN}`, ...headers } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes: Buffer.concat(chunks) }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
const corsOf = ({ headers }: Raw) => Object.keys(headers).filter((name) => name.startsWith("access-control-"));
const post = (more: Record<string, string>) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...more },
  body: JSON.stringify(CHECK),
});

describe("another origin", () => {
  it.each(routes)("is told nothing by $method $path unless it is configured, exactly as it is written", async (route) => {
    const method = { method: route.method };
    for (const origin of [ORIGIN, "null", "https://evil.example"]) {
      expect(corsOf(await raw(closed, urlOf(route), { ...method, headers: { origin } }))).toEqual([]);
    }
    const near = [
      `${ORIGIN}.evil.example`,
      `${ORIGIN}:443`,
      "http://console.example",
      "https://Console.example",
      "https://xconsole.example",
      `${ORIGIN}/`,
      "*",
      "null",
    ];
    for (const origin of near) expect(corsOf(await raw(open, urlOf(route), { ...method, headers: { origin } })), origin).toEqual([]);
    const allowed = await raw(open, urlOf(route), { ...method, headers: { origin: ORIGIN } });
    expect(allowed.headers["access-control-allow-origin"]).toBe(ORIGIN);
    expect(allowed.headers["access-control-allow-credentials"]).toBeUndefined();
    expect(String(allowed.headers.vary)).toContain("Origin");
  });

  it("that is configured reads checks, their revision, and problems", async () => {
    const check = await raw(open, `${DEMO}/check`, post({ origin: ORIGIN }));
    expect([check.status, check.headers["access-control-allow-origin"]]).toEqual([200, ORIGIN]);
    expect(check.headers["access-control-expose-headers"]).toContain("reeve-revision");
    expect(JSON.parse(check.bytes.toString()).decision).toBe(true);
    for (const [path, more, status] of [
      [`${DEMO}/check`, { authorization: "Bearer none" }, 401],
      ["/nothing", {}, 404],
      ["/v1/orgs/%/check", {}, 404],
    ] as const) {
      const problem = await raw(open, path, { headers: { origin: ORIGIN, ...more }, method: path.endsWith("check") ? "POST" : "GET" });
      expect(problem.status).toBe(status);
      if (path !== "/v1/orgs/%/check") expect(problem.headers["access-control-allow-origin"]).toBe(ORIGIN);
    }
  });

  it.each(routes)("asks before it sends $method $path, and is told what it may", async (route) => {
    const preflight = (served: Served, headers: Record<string, string>) =>
      raw(served, urlOf(route), { method: "OPTIONS", headers: { authorization: "", ...headers } });
    const asked = {
      origin: ORIGIN,
      "access-control-request-method": route.method,
      "access-control-request-headers": "authorization,content-type",
    };
    const here = routes.filter(({ path }) => path === route.path).map(({ method }) => method);
    const told = await preflight(open, asked);
    expect([told.status, told.bytes.length]).toEqual([204, 0]);
    expect(told.headers).toMatchObject({
      "access-control-allow-origin": ORIGIN,
      "access-control-max-age": "600",
    });
    const listed = (name: string): readonly string[] => String(told.headers[name]).split(", ");
    expect([...listed("access-control-allow-methods")].sort()).toEqual([...here].sort());
    const sent = ["authorization", "content-type", ...Object.keys(route.headers ?? {}).map((name) => name.toLowerCase())];
    expect(listed("access-control-allow-headers")).toEqual(expect.arrayContaining(sent));
    const read = ["x-request-id", "reeve-revision", ...(route.tells ?? []).map((name) => name.toLowerCase())];
    expect(listed("access-control-expose-headers")).toEqual(expect.arrayContaining(read));
    for (const answer of [await preflight(closed, asked), await preflight(open, { ...asked, origin: "https://evil.example" })]) {
      expect([answer.status, corsOf(answer)]).toEqual([405, []]);
    }
    expect((await raw(open, "/nothing", { method: "OPTIONS", headers: asked })).status).toBe(404);
  });
});

describe("large answers", () => {
  const TABLE = "/operations?product=cloud-manager";
  it.each([
    ["br", "br, gzip", brotliDecompressSync],
    ["gzip", "gzip", gunzipSync],
    ["br", "*", brotliDecompressSync],
    ["gzip", "br;q=0.5, gzip", gunzipSync],
    ["gzip", "br;q=0, *", gunzipSync],
  ] as const)("are compressed by %s for who takes %s, and are the same", async (encoding, accept, decompress) => {
    const accepts = { accept: "text/markdown" };
    const plain = await raw(closed, TABLE, { headers: accepts });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.headers.vary).toBe("Accept, Accept-Encoding");
    const small = await raw(closed, TABLE, { headers: { ...accepts, "accept-encoding": accept } });
    expect([small.status, small.headers["content-encoding"], small.headers.vary]).toEqual([200, encoding, "Accept, Accept-Encoding"]);
    expect(Number(small.headers["content-length"])).toBe(small.bytes.length);
    expect(small.bytes.length).toBeLessThan(plain.bytes.length / 2);
    expect(decompress(small.bytes).equals(plain.bytes)).toBe(true);
  });

  it.each(["", "identity", "deflate", "br;q=0, gzip;q=0", "gzip;q=nonsense", "identity;q=1, gzip;q=0.1"])(
    "leave as they are for who takes %j",
    async (accept) => {
      const answer = await raw(closed, TABLE, { headers: { accept: "text/markdown", "accept-encoding": accept } });
      expect([answer.status, answer.headers["content-encoding"]]).toEqual([200, undefined]);
      expect(answer.bytes.toString()).toMatch(/^# Cloud Manager/);
    },
  );

  it("and nothing else are compressed: no check, no problem, no health", async () => {
    const accept = { "accept-encoding": "br, gzip" };
    for (const answer of [
      await raw(closed, `${DEMO}/check`, post(accept)),
      await raw(closed, "/nothing", { headers: accept }),
      await raw(closed, "/healthz", { headers: accept }),
      await raw(closed, "/v1/me", { headers: accept }),
    ]) {
      expect(answer.headers["content-encoding"]).toBeUndefined();
      expect(() => JSON.parse(answer.bytes.toString())).not.toThrow();
    }
  });

  it("have the same headers for HEAD, and no body", async () => {
    const answer = await raw(closed, TABLE, { method: "HEAD", headers: { "accept-encoding": "br" } });
    expect([answer.status, answer.headers["content-encoding"], answer.bytes.length]).toEqual([200, "br", 0]);
  });
});
