/** Slow, silent, broken and many clients, by real sockets, each beside a good client that is answered all the while. */
import { connect, type Socket } from "node:net";
import { setTimeout as rest } from "node:timers/promises";
import { ROUTES, type RouteId } from "@reeve/contract";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";
import { createHttpServer, type HttpOptions } from "./server.ts";

/** Short, and still long enough for a good client on a busy machine. */
const LIMITS = { headersMs: 700, requestMs: 1_000, answerMs: 700, readingMs: 400, idleMs: 4_000, keepAliveMs: 600 };
const LARGE = "x".repeat(8 * 1_024 * 1_024);
const HANGS = new Promise<never>(() => undefined);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listen(options: Partial<HttpOptions> = {}) {
  const metrics = createMetrics({ loaded: () => [] });
  let made = 0;
  const answers: Partial<Record<RouteId, () => unknown>> = { explain: () => HANGS, publicTable: () => LARGE };
  const server = createHttpServer({
    handlers: Object.fromEntries(
      Object.keys(ROUTES).map((id) => [id, answers[id as RouteId] ?? (() => ({ ok: true }))]),
    ) as unknown as HttpOptions["handlers"],
    authenticate: async () => ({ organizations: "all", ceiling: "admin", how: "token" }),
    guard: () => "permitted",
    readReference: () => "",
    logger: pino({ level: "silent" }),
    metrics,
    clock: () => 1,
    newId: () => `made-${++made}`,
    openApi: {},
    isDraining: () => false,
    readiness: async () => undefined,
    limits: LIMITS,
    ...options,
  });
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  closing.push(() => {
    server.server.closeAllConnections();
    return server.close();
  });
  return { url, server, metrics: () => metrics.text(false) };
}

type Client = { readonly socket: Socket; readonly text: () => string; readonly closed: Promise<number>; send(text: string): void };
async function client(url: string): Promise<Client> {
  const beganMs = performance.now();
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk) => {
    text += chunk;
  });
  socket.on("error", () => undefined);
  const closed = new Promise<number>((resolve) => socket.on("close", () => resolve(performance.now() - beganMs)));
  await new Promise((resolve) => socket.once("connect", resolve).once("close", resolve));
  closing.push(() => socket.destroy());
  return { socket, text: () => text, closed, send: (bytes) => void socket.write(bytes) };
}

/** Asks again and again while `work` goes on; how long the slowest answer took. */
async function whileAnswered(url: string, work: Promise<unknown>): Promise<number> {
  let isOver = false;
  void work.finally(() => {
    isOver = true;
  });
  let slowestMs = 0;
  while (!isOver) {
    const beganMs = performance.now();
    expect((await fetch(`${url}/v1/me`)).status).toBe(200);
    slowestMs = Math.max(slowestMs, performance.now() - beganMs);
    await rest(20);
  }
  await work;
  return slowestMs;
}

/** A server that is held answers nobody before the limits; one that is not answers in milliseconds. */
const GOOD_MS = 5_000;
const problemOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4)).code;
const HEAD = "POST /v1/orgs/a/changes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

describe("a client that is slow to send", () => {
  it.each([
    ["nothing at all", "", LIMITS.headersMs],
    ["half a request line", "GET /v1/", LIMITS.headersMs],
    ["headers that never end", "GET /v1/me HTTP/1.1\r\nHost: x\r\n", LIMITS.headersMs],
    ["a body that never ends", `${HEAD}Content-Length: 100\r\n\r\n{`, LIMITS.requestMs],
    ["chunks that never end", `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`, LIMITS.requestMs],
  ])("is told so after a while and closed: %s", async (_, text, limitMs) => {
    const { url } = await listen();
    const slow = await client(url);
    slow.send(text);
    expect(await whileAnswered(url, slow.closed)).toBeLessThan(GOOD_MS);
    expect(await slow.closed).toBeLessThan(limitMs + 10_000);
    expect(slow.text()).toMatch(/^HTTP\/1\.1 408 /);
    expect(problemOf(slow.text())).toBe("request_timeout");
  });

  it.each([
    ["headers", "GET /v1/me HTTP/1.1\r\nHost: x\r\nX: ", LIMITS.headersMs],
    ["a body", `${HEAD}Content-Length: 100000\r\n\r\n{`, LIMITS.requestMs],
  ])("gains nothing by sending a byte of %s now and then", async (_, text, limitMs) => {
    const { url } = await listen();
    const slow = await client(url);
    slow.send(text);
    const drip = setInterval(() => slow.send("x"), 25);
    expect(await whileAnswered(url, slow.closed)).toBeLessThan(GOOD_MS);
    clearInterval(drip);
    expect(await slow.closed).toBeLessThan(limitMs + 10_000);
  });

  it("is closed between two requests, and where it asks one after the other is not", async () => {
    const { url } = await listen();
    const one = await client(url);
    for (let asked = 1; asked <= 8; asked++) {
      one.send("GET /v1/me HTTP/1.1\r\nHost: x\r\n\r\n");
      await rest(100);
      expect(one.text().match(/HTTP\/1\.1 200 /g)).toHaveLength(asked);
    }
    expect(await one.closed).toBeLessThan(800 + LIMITS.keepAliveMs + 10_000);
  });
});

describe("a client that is slow to read", () => {
  it("is closed, whatever it asked for", async () => {
    const { url, metrics } = await listen();
    const slow = await client(url);
    slow.socket.pause();
    slow.send("GET /operations HTTP/1.1\r\nHost: x\r\n\r\n".repeat(8));
    const gone = async (): Promise<void> => {
      for (let tries = 0; tries < 100 && !(await metrics()).includes('closed_total{why="not_read"} 1'); tries++) await rest(50);
    };
    expect(await whileAnswered(url, gone())).toBeLessThan(GOOD_MS);
    expect(await metrics()).toContain('closed_total{why="not_read"} 1');
  });

  it("is closed where it takes a little now and then", async () => {
    const { url, metrics } = await listen();
    const slow = await client(url);
    slow.socket.pause();
    slow.send("GET /operations HTTP/1.1\r\nHost: x\r\n\r\n".repeat(8));
    const sipping = setInterval(() => {
      slow.socket.resume();
      setTimeout(() => slow.socket.pause(), 1);
    }, 200);
    for (let tries = 0; tries < 100 && !(await metrics()).includes('why="not_read"} 1'); tries++) await rest(50);
    clearInterval(sipping);
    expect(await metrics()).toContain('why="not_read"} 1');
  });

  it("that takes everything in time gets everything", async () => {
    const { url, metrics } = await listen({ limits: { ...LIMITS, readingMs: 2_000 } });
    const answer = await fetch(`${url}/operations`, { headers: { "accept-encoding": "identity" } });
    await rest(200);
    expect((await answer.text()).length).toBe(LARGE.length);
    expect(await metrics()).not.toContain("not_read");
  });
});

describe("an answer that is not ready", () => {
  it.each([
    ["a handler", {}],
    ["the look at who is calling", { authenticate: () => HANGS }],
  ])("is a problem after a while, where %s hangs", async (_, options) => {
    const { url } = await listen(options);
    const answer = await fetch(`${url}/v1/orgs/a/explain`, { method: "POST", body: "{}", headers: { "content-type": "application/json" } });
    expect([answer.status, (await answer.json()).code]).toEqual([504, "answer_timeout"]);
  });
});

describe("a readiness that hangs", () => {
  it("is a problem too", async () => {
    const { url } = await listen({ readiness: () => HANGS });
    expect((await fetch(`${url}/readyz`)).status).toBe(504);
  });
});

describe("connections", () => {
  it("beyond the bound are answered with a problem and closed; those that are there go on, and another may come when one goes", async () => {
    const { url, metrics } = await listen({ connections: { max: 3, perAddressMax: 10 }, limits: {} });
    const open = [await client(url), await client(url), await client(url)];
    const refused = await client(url);
    refused.send("GET /v1/me HTTP/1.1\r\nHost: x\r\n\r\n");
    await refused.closed;
    expect(refused.text()).toMatch(/^HTTP\/1\.1 503 /);
    expect(refused.text()).toMatch(/^connection: close\r$/im);
    expect(problemOf(refused.text())).toBe("too_many_connections");
    open[0]?.send("GET /v1/me HTTP/1.1\r\nHost: x\r\n\r\n");
    await rest(100);
    expect(open[0]?.text()).toMatch(/^HTTP\/1\.1 200 /);
    open[1]?.socket.destroy();
    await rest(100);
    expect((await fetch(`${url}/v1/me`, { headers: { connection: "close" } })).status).toBe(200);
    expect(await metrics()).toContain('closed_total{why="too_many"} 1');
  });

  it("of one address beyond its bound are refused too", async () => {
    const { url, metrics } = await listen({ connections: { max: 10, perAddressMax: 2 }, limits: {} });
    const open = [await client(url), await client(url)];
    const refused = await client(url);
    await refused.closed;
    expect(problemOf(refused.text())).toBe("too_many_connections");
    expect(await metrics()).toContain('closed_total{why="too_many_of_address"} 1');
    expect(open.map(({ text }) => text())).toEqual(["", ""]);
  });

  it("that are refused by the thousand leave nothing behind, and those that are there are answered", async () => {
    const { url, server } = await listen({ connections: { max: 20, perAddressMax: 20 }, limits: {} });
    const good = await client(url);
    const flood = Promise.all(Array.from({ length: 1_000 }, () => client(url)));
    for (let asked = 1; asked <= 10; asked++) {
      good.send("GET /v1/me HTTP/1.1\r\nHost: x\r\n\r\n");
      for (let tries = 0; tries < 100 && good.text().match(/HTTP\/1\.1 200 /g)?.length !== asked; tries++) await rest(10);
      expect(good.text().match(/HTTP\/1\.1 200 /g)).toHaveLength(asked);
    }
    await flood;
    await rest(700);
    const left = await new Promise<number>((resolve) => server.server.getConnections((_, count) => resolve(count)));
    expect(left).toBeLessThanOrEqual(20);
  });
});

describe("requests that are sent before the one before them is answered", () => {
  it("are answered in order, and beyond the bound with a problem, after which the connection is closed", async () => {
    const { url } = await listen({ limits: {} });
    const GET = "GET /v1/me HTTP/1.1\r\nHost: x\r\n\r\n";
    const within = await client(url);
    within.send(GET.repeat(64));
    for (let tries = 0; tries < 100 && within.text().match(/HTTP\/1\.1 200 /g)?.length !== 64; tries++) await rest(10);
    expect(within.text().match(/HTTP\/1\.1 200 /g)).toHaveLength(64);
    const beyond = await client(url);
    beyond.send(GET.repeat(1_000));
    await beyond.closed;
    expect(beyond.text().match(/HTTP\/1\.1 200 /g)).toHaveLength(65);
    expect(beyond.text()).toContain('"code":"too_many_requests"');
  });
});

describe("what is refused before it is a request", () => {
  const answerTo = async (text: string): Promise<string> => {
    const { url } = await listen();
    const one = await client(url);
    one.send(text);
    await one.closed;
    return one.text();
  };

  it.each([
    ["too many headers", `GET /v1/me HTTP/1.1\r\nHost: x\r\n${"A: b\r\n".repeat(100)}\r\n`, 431, "too_many_headers"],
    ["very many headers", `GET /v1/me HTTP/1.1\r\nHost: x\r\n${"A:b\r\n".repeat(2_500)}\r\n`, 431, "too_many_headers"],
    ["headers that are too large", `GET /v1/me HTTP/1.1\r\nHost: x\r\nA: ${"b".repeat(16 * 1_024)}\r\n\r\n`, 431, "headers_too_large"],
    ["a path that is too long", `GET /${"b".repeat(17 * 1_024)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, "headers_too_large"],
    ["no Host", "GET /v1/me HTTP/1.1\r\n\r\n", 400, "malformed_request"],
  ])("is a problem with a code: %s", async (...[, text, status, code]) => {
    const answer = await answerTo(text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(problemOf(answer)).toBe(code);
    expect(answer).toMatch(/^x-request-id: \S+\r$/im);
  });

  it("is not a request with as many headers as there may be, an old one without Host, or one with an expectation", async () => {
    for (const text of [
      `GET /v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${"A: b\r\n".repeat(98)}\r\n`,
      "GET /v1/me HTTP/1.0\r\n\r\n",
      "GET /v1/me HTTP/1.1\r\nHost: x\r\nExpect: the-unexpected\r\nConnection: close\r\n\r\n",
    ]) {
      expect(await answerTo(text)).toMatch(/^HTTP\/1\.1 200 /);
    }
  });
});
