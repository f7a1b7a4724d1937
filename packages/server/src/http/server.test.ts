/** The server itself: the routes of the contract and no others, who is let through to them, and draining. */
import { FORM_TYPE, ROUTES, type Route, type RouteId } from "@reeve/contract";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Caller } from "../identity/index.ts";
import type { Exchange } from "./handlers.ts";
import { createMetrics } from "./metrics.ts";
import { HttpProblem } from "./problem.ts";
import { createHttpServer, type HttpOptions } from "./server.ts";

const ids = Object.keys(ROUTES) as RouteId[];
const REFERENCE = [
  "GET /docs",
  "GET /docs/experience-platform",
  "GET /docs/start.js",
  "GET /docs/swagger-ui-bundle.js",
  "GET /docs/swagger-ui.css",
  "GET /docs/visitor.css",
];
const PAGES = ["/sign-in", "/invitation", "/password", "/account"].map((path) => `GET ${path}`);
const OPERATIONAL = ["GET /healthz", "GET /metrics", "GET /openapi.json", "GET /readyz", ...REFERENCE, ...PAGES];
const CEILINGS = ["read", "decide", "admin"];

type Options = Partial<HttpOptions> & { readonly answer?: (id: RouteId, exchange: Exchange) => unknown };
function serverOf({ answer = (id) => ({ answered: id }), ...options }: Options = {}) {
  let made = 0;
  const server = createHttpServer({
    handlers: Object.fromEntries(ids.map((id) => [id, (exchange: Exchange) => answer(id, exchange)])) as unknown as HttpOptions["handlers"],
    authenticate: async () => undefined,
    // The ceiling alone: what a principal may do is the engine's to say.
    guard: ({ ceiling, organizations }, { needs, organization }) =>
      organization !== undefined && organizations !== "all" && !organizations.includes(organization)
        ? { code: "organization_not_found" }
        : CEILINGS.indexOf(ceiling) < CEILINGS.indexOf(needs)
          ? { code: "not_permitted" }
          : "permitted",
    readReference: (name) => `/* ${name} */`,
    logger: pino({ level: "silent" }),
    metrics: createMetrics({ loaded: () => [] }),
    clock: () => 1,
    newId: () => `made-${++made}`,
    openApi: { openapi: "3.1.0" },
    isDraining: () => false,
    readiness: async () => undefined,
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}
const caller = (more: Partial<Caller> = {}): Caller => ({ organizations: "all", ceiling: "admin", how: "token", ...more });
const requestOf = ({ method, path, takes = [] }: Route) => ({
  method,
  url: path.replace("{org}", "acme").replaceAll(/\{\w+\}/g, "files"),
  ...(takes.includes(FORM_TYPE)
    ? { payload: "a=1", headers: { "content-type": FORM_TYPE } }
    : method === "POST" || method === "PUT"
      ? { payload: {} }
      : {}),
});

/** Of one place two routes may call a parameter by two names. */
const nameless = (path: string): string => path.replaceAll(/\{\w*\}/g, "{}");

/** Every registered route, read from the tree that Fastify prints. */
function registered(tree: string): string[] {
  const path: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const [, indent = "", part = "", methods = ""] = /^(.*?)[├└]── (\S*) \((.*)\)$/.exec(line) ?? [];
    if (part === "") return [];
    path.splice(indent.length / 4);
    path.push(part);
    const url = nameless(path.join("").replaceAll(/:\w+(?:\|:\w+)*/g, "{}"));
    return methods.split(", ").map((method) => `${method} ${url}`);
  });
}

describe("the routes", () => {
  it("are those of the contract, four for operators, the reference page's and those of pages for people, each under its own method; a GET is a HEAD too", async () => {
    const server = serverOf();
    await server.ready();
    const described = [
      ...(Object.values(ROUTES) as readonly Route[]).map(({ method, path }) => `${method} ${nameless(path)}`),
      ...OPERATIONAL,
    ];
    const heads = described.filter((line) => line.startsWith("GET ")).map((line) => line.replace("GET ", "HEAD "));
    expect(registered(server.printRoutes({ commonPrefix: false })).sort()).toEqual([...described, ...heads].sort());
  });

  it("lead to the handler of their id, with their parameters and their caller", async () => {
    const known = caller();
    const seen: Exchange[] = [];
    const server = serverOf({
      authenticate: async () => known,
      answer: (id, exchange) => {
        seen.push(exchange);
        return { answered: id };
      },
    });
    for (const id of ids) {
      const answer = await server.inject(requestOf(ROUTES[id]));
      expect([answer.statusCode, answer.json()]).toEqual([200, { answered: id }]);
      const exchange = seen.at(-1);
      expect(exchange?.caller).toBe("needs" in ROUTES[id] ? known : undefined);
      if (ROUTES[id].path.includes("{org}")) expect(exchange?.request.params).toMatchObject({ org: "acme" });
    }
  });
});

describe("a caller", () => {
  const statusFor = async (known: Caller | undefined, id: RouteId): Promise<number> =>
    (await serverOf({ authenticate: async () => known }).inject(requestOf(ROUTES[id]))).statusCode;

  it.each(ids.filter((id) => "needs" in ROUTES[id]))("of %s is let in by the need of the route", async (id) => {
    const route: Route = ROUTES[id];
    const order = ["read", "decide", "admin"] as const;
    expect(await statusFor(undefined, id)).toBe(401);
    for (const ceiling of order) {
      const isEnough = order.indexOf(ceiling) >= order.indexOf(route.needs ?? "read");
      expect(await statusFor(caller({ ceiling }), id), ceiling).toBe(isEnough ? 200 : 403);
    }
    const elsewhere = await statusFor(caller({ organizations: ["other"] }), id);
    expect(elsewhere).toBe(route.path.includes("{org}") ? 404 : 200);
  });

  it("whose credential cannot be looked up is no caller: the request fails, and reaches no handler", async () => {
    let handled = 0;
    const server = serverOf({ authenticate: async () => Promise.reject(new Error("no store")), answer: () => ({ handled: ++handled }) });
    for (const id of ids.filter((one) => "needs" in ROUTES[one])) {
      const answer = await server.inject(requestOf(ROUTES[id]));
      expect([answer.statusCode, answer.json().code]).toEqual([500, "internal_error"]);
    }
    expect(handled).toBe(0);
  });
});

describe("a server that drains", () => {
  it("refuses what is new, lets health be asked, and says that it is not ready", async () => {
    const server = serverOf({ isDraining: () => true, readiness: async () => "draining", authenticate: async () => caller() });
    for (const id of ids) {
      const answer = await server.inject(requestOf(ROUTES[id]));
      expect([answer.statusCode, answer.json().code], id).toEqual([503, "draining"]);
    }
    expect((await server.inject("/healthz")).statusCode).toBe(200);
    const ready = await server.inject("/readyz");
    expect([ready.statusCode, ready.json()]).toEqual([503, { status: "not ready", why: "draining" }]);
  });
});

describe("metrics", () => {
  it("count requests by the route's own template, never by what was sent", async () => {
    const server = serverOf({ authenticate: async () => caller() });
    await server.inject(requestOf(ROUTES.check));
    await server.inject({ method: "GET", url: "/secret-path-of-a-client?token=secret" });
    await server.inject({ method: "POST", url: "/v1/orgs/secret-organization/check", payload: {} });
    const { payload } = await server.inject("/metrics");
    expect(payload).toContain('reeve_http_request_seconds_count{route="/v1/orgs/:org/check",status="200"} 2');
    expect(payload).not.toContain("secret");
  });
});

describe("a crash", () => {
  it("tells nothing but that something failed, and whose request it was", async () => {
    const server = serverOf({
      authenticate: async () => caller(),
      answer: () => {
        throw new Error("SQLITE_CORRUPT: select secret from tokens at /var/lib/reeve/store.db");
      },
    });
    const answer = await server.inject({ ...requestOf(ROUTES.check), headers: { "x-request-id": "mine" } });
    expect(answer.statusCode).toBe(500);
    expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
    expect(answer.json()).toEqual({
      type: "urn:reeve:problem:internal_error",
      title: "Something failed on our side",
      status: 500,
      instance: "urn:reeve:request:mine",
      code: "internal_error",
      requestId: "mine",
    });
  });

  it("that carries a status of its own is a crash all the same", async () => {
    for (const error of [
      Object.assign(new Error("x"), { statusCode: 200 }),
      Object.assign(new SyntaxError("x"), { statusCode: 400 }),
      "text",
      null,
    ]) {
      const server = serverOf({
        authenticate: async () => caller(),
        answer: () => {
          throw error;
        },
      });
      const answer = await server.inject(requestOf(ROUTES.check));
      expect([answer.statusCode, answer.json().code]).toEqual([500, "internal_error"]);
    }
  });

  it("is no crash where a handler says what is wrong", async () => {
    const server = serverOf({
      authenticate: async () => caller(),
      answer: () => {
        throw new HttpProblem("disk_full", { detail: "Free space." });
      },
    });
    const answer = await server.inject(requestOf(ROUTES.check));
    expect([answer.statusCode, answer.json()]).toMatchObject([507, { code: "disk_full", detail: "Free space." }]);
  });
});
