/** The log: which facts a line has, and that nothing a client or a store said by the way is among them. */
import { ROUTES, type RouteId } from "@reeve/contract";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Caller } from "../identity/index.ts";
import { createLogger, logRequest } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { createHttpServer, type HttpOptions } from "./server.ts";

const SECRET = "swordfish";
function logged(): { readonly lines: () => Record<string, unknown>[]; readonly logger: ReturnType<typeof createLogger> } {
  const written: string[] = [];
  const logger = createLogger("trace", { write: (line) => void written.push(line) });
  return { logger, lines: () => written.map((line) => JSON.parse(line)) };
}

const ADMINISTRATOR: Caller = { organizations: "all", ceiling: "admin", how: "token" };

describe("the line of a request", () => {
  it("names ids, the route's template, status, time, and what kind of caller it was", () => {
    const { logger, lines } = logged();
    const line = {
      requestId: "r-1",
      method: "POST",
      route: "/v1/orgs/:org/changes",
      status: 200,
      elapsedMs: 1.23456,
      organization: "acme",
    };
    logRequest(logger, { ...line, caller: { ...ADMINISTRATOR, clientId: "c-1" } });
    logRequest(logger, { ...line, caller: { ...ADMINISTRATOR, principal: { organization: "acme", type: "user", id: "ada@example.com" } } });
    expect(lines()).toMatchObject([
      {
        level: 30,
        msg: "request",
        requestId: "r-1",
        method: "POST",
        route: "/v1/orgs/:org/changes",
        status: 200,
        ms: 1.235,
        caller: "administrator",
        client: "c-1",
        organization: "acme",
      },
      { caller: "user" },
    ]);
    expect(Object.keys(lines()[0] ?? {}).sort()).toEqual(
      ["caller", "client", "level", "method", "ms", "msg", "organization", "pid", "requestId", "route", "status", "time"].sort(),
    );
    expect(JSON.stringify(lines())).not.toContain("ada@example.com");
  });

  it("names no organization that an unknown caller said, or that is not there; warns of faults of ours, and whispers of probes", () => {
    const { logger, lines } = logged();
    const line = { requestId: "r", method: "GET", route: "/healthz", status: 200, elapsedMs: 1, organization: SECRET };
    logRequest(logger, { ...line, status: 401 });
    logRequest(logger, { ...line, status: 404, caller: ADMINISTRATOR });
    logRequest(logger, { ...line, route: "/v1/me", status: 503 });
    expect(lines().map(({ level, organization }) => [level, organization])).toEqual([
      [20, undefined],
      [20, undefined],
      [40, undefined],
    ]);
  });
});

describe("a request full of secrets", () => {
  it("leaves none of them in the log, however it ends", async () => {
    const { logger, lines } = logged();
    let mode: "answer" | "crash" = "answer";
    const server = createHttpServer({
      handlers: Object.fromEntries(
        Object.keys(ROUTES).map((id) => [
          id as RouteId,
          () => {
            if (mode === "crash")
              throw Object.assign(new Error("it broke", { cause: { token: SECRET } }), { request: { body: SECRET }, code: "E_BROKE" });
            return { token: SECRET };
          },
        ]),
      ) as unknown as HttpOptions["handlers"],
      authenticate: async ({ authorization }) => (authorization === `Bearer ${SECRET}` ? ADMINISTRATOR : undefined),
      guard: () => "permitted",
      readReference: () => "",
      logger,
      metrics: createMetrics({ loaded: () => [] }),
      clock: () => 1,
      newId: () => "made",
      openApi: {},
      isDraining: () => false,
      readiness: async () => SECRET,
    });
    onTestFinished(() => server.close());
    const headers = {
      authorization: `Bearer ${SECRET}`,
      cookie: `session=${SECRET}`,
      "x-api-key": SECRET,
      referer: `https://x/?token=${SECRET}`,
      "user-agent": SECRET,
      "x-forwarded-for": SECRET,
    };
    for (mode of ["answer", "crash"] as const) {
      for (const url of [
        `/v1/orgs/acme/changes?token=${SECRET}`,
        `/v1/orgs/${SECRET}/nothing`,
        `/${SECRET}?${SECRET}`,
        `/%${SECRET}`,
        `/readyz?${SECRET}`,
        `/v1/me?${SECRET}`,
      ]) {
        for (const method of ["POST", "GET"] as const) {
          await server.inject({ method, url, headers, ...(method === "POST" ? { payload: { password: SECRET } } : {}) });
          await server.inject({ method, url, headers: { ...headers, authorization: `Basic ${SECRET}`, "content-type": SECRET } });
        }
      }
    }
    expect(lines().length).toBeGreaterThan(30);
    expect(lines().filter(({ msg }) => msg === "a request crashed")[0]).toMatchObject({
      err: { type: "Error", code: "E_BROKE", message: "it broke" },
      requestId: "made",
    });
    expect(JSON.stringify(lines())).not.toContain(SECRET);
  });
});
