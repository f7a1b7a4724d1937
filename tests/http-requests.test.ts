/**
 * What holds for every route, whatever it is about: methods, paths, tokens, media types, bodies, request ids, and errors that are
 * always problems, each with the id of its request.
 */
import { PROBLEMS, ROUTES, type Route, type RouteId } from "@reeve/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { statusOf, World } from "./every-route.ts";
import { type Answer, DEMO, type Sent, type Served, serve, TOKEN } from "./serve.ts";

let served: Served;
let world: World;
beforeAll(async () => {
  served = await serve();
  world = await World.make(served);
});
afterAll(() => served?.close());

const routes = Object.values(ROUTES) as readonly Route[];
const guarded = routes.filter(({ needs }) => needs !== undefined);
const written = routes.filter(({ body }) => body !== undefined);
/** Those whose body is JSON: a document is read by whoever imports it. */
const posts = written.filter(({ takes }) => takes === undefined);
const places = [...Map.groupBy(routes, ({ path }) => path)].map(([path, at]) => ({ path, at }));
const urlOf = (route: Route): string => world.urlOf(route);
/** As whoever may: who is signed in where the route is about himself. */
async function sendTo(route: Route, sent: Sent): Promise<Answer> {
  if (route.bySession !== true) return served.call(urlOf(route), sent);
  const good = await world.signedIn(route.path);
  return served.call(good.path, { ...good.sent, ...sent, headers: { ...good.sent.headers, ...sent.headers } });
}
const CHECK = { subject: { type: "user", id: "ada" }, action: { name: "view" }, resource: { path: "/spaces/apim" } };

/** A problem is whole: its media type, status, code and title of the registry, and the request id everywhere. */
function expectProblem(answer: Answer, code: keyof typeof PROBLEMS): void {
  expect(answer.body, answer.text).toMatchObject({ code });
  expect(answer.status).toBe(PROBLEMS[code].status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  const requestId = answer.headers.get("x-request-id");
  expect(requestId).toMatch(/^[\x21-\x7e]{1,256}$/);
  expect(answer.body).toMatchObject({
    type: `urn:reeve:problem:${code}`,
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
    instance: `urn:reeve:request:${requestId}`,
    requestId,
  });
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer.headers.get("cache-control")).toBe("no-store");
}

describe("methods and paths", () => {
  it.each(places)("$path takes no other method and says which it takes", async ({ at }) => {
    const taken: readonly string[] = at.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));
    for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].filter((one) => !taken.includes(one))) {
      const headers = method === "GET" || method === "HEAD" ? {} : { "content-type": "application/json" };
      const answer = await served.call(urlOf(at[0] as Route), { method, headers });
      if (method === "HEAD") expect(answer.status).toBe(405);
      else expectProblem(answer, "method_not_allowed");
      expect(answer.headers.get("allow")?.split(", ").sort()).toEqual([...taken].sort());
    }
  });

  it("answers HEAD where it answers GET, without a body, and nowhere else", async () => {
    const me = await served.call("/v1/me", { method: "HEAD" });
    expect([me.status, me.text]).toEqual([200, ""]);
    expect((await served.call("/v1/me", { method: "HEAD", token: null })).status).toBe(401);
    expect((await served.call(`${DEMO}/check`, { method: "HEAD" })).status).toBe(405);
  });

  const UNKNOWN = [
    "/",
    "/v1",
    "/v1/",
    "/v1/me/",
    "/V1/me",
    "//v1/me",
    "/v1//me",
    "/v1/me;x=1",
    "/v1/me%2F",
    "/v1/orgs/",
    "/v2/me",
    "/v1/me%00",
  ];
  it.each([...UNKNOWN, `${DEMO}/check/`, `${DEMO}/check/batch/`, `${DEMO}/Check`, "/v1/orgs/a/b/check", "/__proto__", "/constructor"])(
    "finds nothing at GET %s",
    async (path) => {
      const answer = await served.call(path);
      expectProblem(answer, path === "/v1/orgs/" ? "organization_not_found" : "not_found");
    },
  );

  it.each(["/v1/orgs/%/check", "/v1/orgs/%ED%A0%80/check", "/v1/orgs/%C0%AF/check", "/%ff", `/v1/orgs/${"a".repeat(2_000)}/check`])(
    "answers with a problem to %.40s, which no router reads",
    async (path) => expectProblem(await served.call(path, { body: CHECK }), "not_found"),
  );

  it("reads an escaped organization as the organization", async () => {
    expect((await served.call("/v1/orgs/DEMO%40ReeveOrg/check", { body: CHECK })).body.decision).toBe(true);
  });

  it.each(["", "%00", "a%2Fb", "demo@reeveorg", "DEMO%2540ReeveOrg", "__proto__", "constructor", "..%2F", "%F0%9F%98%80", "a".repeat(129)])(
    "knows no organization %.20s",
    async (id) => {
      expectProblem(await served.call(`/v1/orgs/${id}/check`, { body: CHECK }), "organization_not_found");
      expectProblem(await served.call(`/v1/orgs/${id}/changes`, { body: { changes: [put()] } }), "organization_not_found");
    },
  );
});

const put = () => ({ put: { kind: "label", value: { id: "custom/x" } } });

describe("tokens", () => {
  const BAD = [
    "",
    "Bearer",
    "Bearer ",
    `Basic ${TOKEN}`,
    TOKEN,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN} x`,
    `Bearer ${TOKEN.slice(1)}`,
    `Token ${TOKEN}`,
  ];
  it.each(guarded)("$method $path asks for one, and tells nothing without it", async (route) => {
    for (const authorization of [undefined, ...BAD]) {
      const answer = await served.call(urlOf(route), {
        method: route.method,
        token: null,
        ...(authorization === undefined ? {} : { headers: { authorization } }),
      });
      expectProblem(answer, "not_authenticated");
      expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="reeve"');
      expect(answer.headers.get("reeve-revision")).toBeNull();
    }
  });

  it("does not say whether an organization exists before it knows who asks", async () => {
    const [known, unknown] = await Promise.all(
      [DEMO, "/v1/orgs/nobody"].map((org) => served.call(`${org}/check`, { body: CHECK, token: null })),
    );
    expect([known?.status, unknown?.status]).toEqual([401, 401]);
    expectProblem(await served.call("/v1/orgs/nobody/check", { body: CHECK }), "organization_not_found");
  });

  it("takes the scheme in any case, and more than one space", async () => {
    for (const scheme of ["bearer", "BEARER", "Bearer  "]) {
      const answer = await served.call("/v1/me", { token: null, headers: { authorization: `${scheme} ${TOKEN}` } });
      expect(answer.status).toBe(200);
    }
  });

  it("does not read the body of somebody who may not ask", async () => {
    const answer = await served.call(`${DEMO}/check`, { token: null, body: "{ no JSON at all" });
    expectProblem(answer, "not_authenticated");
  });

  it("asks nobody for the public catalogue, health and the API's description", async () => {
    for (const path of ["/operations", "/healthz", "/readyz", "/metrics", "/openapi.json"]) {
      expect((await served.call(path, { token: null })).status, path).toBe(200);
    }
  });

  it("keeps the token out of metrics, errors and the page", async () => {
    await served.call(`${DEMO}/check`, { body: { [TOKEN]: 1 } });
    for (const path of ["/metrics", "/operations", "/readyz", "/healthz"]) expect((await served.call(path)).text).not.toContain(TOKEN);
  });
});

describe("bodies", () => {
  it.each(posts)("$method $path takes application/json and nothing else", async (route) => {
    for (const type of [
      "text/plain",
      "text/html",
      "application/jsonp",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "x",
    ]) {
      const answer = await served.call(urlOf(route), { method: route.method, body: "{}", headers: { "content-type": type } });
      expectProblem(answer, "unsupported_media_type");
    }
    const longer = { method: route.method, body: "[]", headers: { "content-type": "Application/JSON; charset=utf-8" } };
    expectProblem(await sendTo(route, longer), "malformed_request");
  });

  it.each(posts)("$method $path refuses what is empty or no JSON", async (route) => {
    for (const body of [
      "",
      " ",
      "{",
      "{nope}",
      "[1,]",
      "{'a':1}",
      '{"a":1}x',
      "\u0000{}",
      "NaN",
      '{"a":\u0001}'.replace("\\u0001", "\u0001"),
    ]) {
      expectProblem(await sendTo(route, { method: route.method, body, headers: { "content-type": "application/json" } }), "malformed_json");
    }
    expectProblem(await sendTo(route, { method: route.method }), "malformed_request");
  });

  it.each(posts)("$method $path refuses JSON that is no object, by its place", async (route) => {
    for (const body of ["null", "[]", "1", '"x"', "true"]) {
      const answer = await sendTo(route, { method: route.method, body });
      expectProblem(answer, "malformed_request");
      expect(answer.body.errors).toMatchObject([{ code: "wrong_type", pointer: "", allowed: ["object"] }]);
    }
  });

  it.each(posts)("$method $path refuses a body of more than 4 MiB", async (route) => {
    const body = `{"subject":"${"x".repeat(4 * 1_024 * 1_024)}"}`;
    expectProblem(await sendTo(route, { method: route.method, body }), "body_too_large");
  });

  it.each(written.filter(({ takes }) => takes?.includes("application/json")))(
    "$method $path takes documents, as a text in UTF-8 of up to 32 MiB",
    async (route) => {
      const send = (body: string | Uint8Array | undefined, type?: string): Promise<Answer> =>
        served.call(urlOf(route), { method: route.method, body, headers: type === undefined ? {} : { "content-type": type } });
      for (const type of ["image/png", "multipart/form-data; boundary=x", "x"])
        expectProblem(await send("{}", type), "unsupported_media_type");
      for (const type of route.takes ?? []) expectProblem(await send("", type), "malformed_json");
      expectProblem(await send(undefined), "malformed_request");
      expectProblem(await send("x".repeat(32 * 1_024 * 1_024 + 1), "text/plain"), "body_too_large");
    },
  );

  it("refuses bytes that are no UTF-8 instead of repairing them", async () => {
    const text = JSON.stringify(CHECK).replace("ada", "\u0080ada");
    const body = Buffer.from(text, "latin1");
    const response = await fetch(`${served.url}${DEMO}/check`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body,
    });
    expect([response.status, (await response.json()).code]).toEqual([400, "malformed_json"]);
  });

  it("survives a body that is nested a hundred thousand deep", async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const check = await served.call(`${DEMO}/check`, { body: `${JSON.stringify(CHECK).slice(0, -1)},"context":{"x":${deep}}}` });
    expect([check.status, check.body?.decision ?? check.body?.code]).toEqual([400, "body_too_deep"]);
    const change = `{"changes":[{"put":{"kind":"principal","value":{"id":"x","type":"user","properties":{"x":${deep}}}}}]}`;
    const refused = await served.call(`${DEMO}/changes`, { body: change });
    expectProblem(refused, "body_too_deep");
    expect(refused.body.errors[0].code).toBe("too_deep");
  });
});

describe("revisions", () => {
  it.each(routes)("$method $path names the one of its answer where the contract says so, and nowhere else", async (route) => {
    const { path, sent } = await world.good(route.id as RouteId);
    const answer = await served.call(path, sent);
    expect(answer.status, answer.text).toBe(statusOf(route.id as RouteId));
    expect(answer.headers.has("reeve-revision")).toBe(route.revision !== undefined);
    if (route.revision !== undefined) expect(answer.headers.get("reeve-revision")).toMatch(/^.{1,200}\.\d{1,15}$/);
  });

  const asked = routes.filter(({ revision, needs }) => revision === "read" && needs !== undefined);
  it.each(asked)("$method $path is not answered at one of another history, nor at one that is none", async (route) => {
    const { path, sent } = await world.good(route.id as RouteId);
    const at = (revision: string): Promise<Answer> =>
      served.call(path, { ...sent, headers: { ...sent.headers, "reeve-at-least": revision } });
    expectProblem(await at("another.1"), "revision_of_another_history");
    expectProblem(await at("now"), "malformed_header");
  });
});

describe("queries", () => {
  // OAuth ignores parameters that it does not know (RFC 6749 §3.2); its own tests say what comes twice.
  const isStrict = ({ refuses, takesAnyQuery }: Route): boolean => refuses === undefined && takesAnyQuery === undefined;
  it.each(routes.filter((route) => route.query !== undefined && isStrict(route) && !/Table$/.test(route.id)))(
    "$method $path takes no name that it does not know, none twice, and no cursor of another question",
    async (route) => {
      const { path, sent } = await world.good(route.id as RouteId);
      const [bare = ""] = path.split("?");
      for (const query of [
        "nothing=1",
        "__proto__=1",
        "name=a&name=b",
        ...(route.query?.cursor === undefined ? [] : ["limit=0", "limit=501", "limit=x", "cursor=x"]),
      ]) {
        const answer = await served.call(`${bare}?${query}`, sent);
        expectProblem(answer, "malformed_request");
        expect(answer.body.errors[0].pointer).toBe(`?${query.split("=")[0]}`);
      }
    },
  );
});

describe("request ids", () => {
  it.each([...routes, { method: "GET", path: "/nothing" }, { method: "GET", path: "/v1/orgs/%/check" }])(
    "$method $path echoes the one that was sent, on errors too",
    async (route) => {
      const answer = await served.call(urlOf({ id: "", ...route } as Route), {
        token: null,
        method: route.method,
        headers: { "x-request-id": "a-1/b:2" },
      });
      expect(answer.headers.get("x-request-id")).toBe("a-1/b:2");
      const isOAuth = answer.body?.error !== undefined && "refuses" in route;
      if (answer.status >= 400 && !isOAuth)
        expect(answer.body).toMatchObject({ requestId: "a-1/b:2", instance: "urn:reeve:request:a-1/b:2" });
    },
  );

  it("makes one where none or a bad one was sent", async () => {
    const seen = new Set<string | null>();
    for (const id of [undefined, "", "a b", "x".repeat(257), "\u00e4", "a\tb"]) {
      const answer = await served.call("/v1/me", id === undefined ? {} : { headers: { "x-request-id": id } });
      const made = answer.headers.get("x-request-id");
      expect(made).toMatch(/^[0-9a-f-]{36}$/);
      seen.add(made);
    }
    expect(seen.size).toBe(6);
  });

  it("never echoes a line break", async () => {
    for (const ending of ["\r\n", "\n", "\r", "\r\n\t"]) {
      const answer = await served.raw(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: a${ending}x-evil: 1\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 (200|400) /);
      expect(answer).not.toMatch(/^x-evil/im);
    }
    const answer = await served.raw("GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: a%0d%0ax-evil: 1\r\nConnection: close\r\n\r\n");
    expect(answer).not.toMatch(/^x-evil/im);
  });
});

describe("what is no request", () => {
  const HOST = "Host: x\r\n";
  it.each([
    ["no HTTP at all", "hello\r\n\r\n"],
    ["a space in the path", `GET /v1/me x HTTP/1.1\r\n${HOST}\r\n`],
    ["two lengths", `POST ${DEMO}/check HTTP/1.1\r\n${HOST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`],
    ["a length and chunks", `POST ${DEMO}/check HTTP/1.1\r\n${HOST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["a header with a space before the colon", `GET /v1/me HTTP/1.1\r\n${HOST}Authorization : x\r\n\r\n`],
  ])("is answered with a problem: %s", async (_, text) => {
    const answer = await served.raw(text);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/^content-type: application\/problem\+json; charset=utf-8\r$/im);
    const id = /^x-request-id: (\S+)\r$/im.exec(answer)?.[1];
    expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4))).toMatchObject({
      code: "malformed_request",
      status: 400,
      requestId: id,
    });
    expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
  });

  it("says so of headers that are too large", async () => {
    const answer = await served.raw(`GET /v1/me HTTP/1.1\r\n${HOST}X: ${"x".repeat(100_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('"code":"headers_too_large"');
  });

  it("answers nothing to CONNECT and no page to TRACE", async () => {
    expect(await served.raw(`CONNECT /v1/me HTTP/1.1\r\n${HOST}\r\n`)).not.toMatch(/ 200 /);
    const trace = await served.raw(`TRACE /v1/me HTTP/1.1\r\n${HOST}X-Secret: echo\r\nConnection: close\r\n\r\n`);
    expect(trace).toMatch(/^HTTP\/1\.1 405 /);
    expect(trace).not.toContain("echo");
  });

  it("routes an absolute-form request line by its path alone, or not at all", async () => {
    const answer = await served.raw(`GET http://elsewhere/v1/me HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 (401|404) /);
  });
});
