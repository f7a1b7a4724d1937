/** The limits of the server as it ships, by real sockets: each with its own code, and a good client that is answered all the while. */
import { connect, type Socket } from "node:net";
import { setTimeout as rest } from "node:timers/promises";
import { HTTP_LIMITS, PROBLEMS, type ProblemCode } from "@reeve/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { DEMO, type Served, serve, TOKEN } from "./serve.ts";

const CHECK = JSON.stringify({ subject: { type: "user", id: "ada" }, action: { name: "view" }, resource: { path: "/spaces/apim" } });
const BOUND = 300;

let served: Served;
beforeAll(async () => {
  served = await serve({ environment: { REEVE_CONNECTIONS_MAX: String(BOUND), REEVE_CONNECTIONS_PER_ADDRESS_MAX: String(BOUND) } });
});
afterAll(() => served?.close());

const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

/** Opens a connection and sends what it is given; nobody reads what comes back unless he asks. */
function open(text: string): Promise<Socket> {
  const socket = connect(Number(new URL(served.url).port), "127.0.0.1");
  sockets.add(socket);
  socket.on("error", () => undefined).pause();
  return new Promise((resolve) => {
    socket.once("close", () => resolve(socket));
    socket.once("connect", () => {
      socket.write(text);
      resolve(socket);
    });
  });
}

const ask = () => served.call(`${DEMO}/check`, { body: CHECK });
async function slowestOf(answers: number): Promise<number> {
  let slowestMs = 0;
  for (let asked = 0; asked < answers; asked++) {
    const beganMs = performance.now();
    expect((await ask()).body.decision).toBe(true);
    slowestMs = Math.max(slowestMs, performance.now() - beganMs);
  }
  return slowestMs;
}

const head = (path: string, more: string) => `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n${more}`;
const JSON_OF = (length: number) => `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

describe("slow clients, as many as may connect but a few", () => {
  const many = BOUND - 20;
  it.each([
    ["that send nothing", ""],
    ["that send headers without an end", head(`${DEMO}/check`, "X: ")],
    ["that send half a body", `${head(`${DEMO}/check`, JSON_OF(CHECK.length))}${CHECK.slice(0, 30)}`],
    ["that send half a body to write", `${head(`${DEMO}/changes`, JSON_OF(1_000_000))}{"changes":[`],
    ["that ask for pages and do not read", "GET /operations HTTP/1.1\r\nHost: x\r\n\r\n".repeat(4)],
  ])("keep no good client waiting: %s", async (_, text) => {
    await slowestOf(5);
    await Promise.all(Array.from({ length: many }, () => open(text)));
    // Pages are made one after another, and the good client waits its turn among them, not longer.
    expect(await slowestOf(20)).toBeLessThan(text.startsWith("GET /operations") ? 10_000 : 2_000);
  });

  it("are refused with a problem beyond the bound, and the places of those that go are free again", async () => {
    await slowestOf(1);
    await Promise.all(Array.from({ length: BOUND + 50 }, () => open("")));
    // On a machine that is busy a refusal waits its turn, too.
    const refused = await served.raw("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 20_000);
    expect(refused).toMatch(/^HTTP\/1\.1 503 /);
    expect(refused).toContain('"code":"too_many_connections"');
    for (const socket of sockets) socket.destroy();
    await rest(700);
    expect(await slowestOf(5)).toBeLessThan(2_000);
  });

  it("are closed when their time is over, with a problem", async () => {
    const beganMs = performance.now();
    const answers = await Promise.all(
      ["", "GET /", head(`${DEMO}/check`, "X: ")].map((text) => open(text).then((socket) => textOf(socket))),
    );
    expect(performance.now() - beganMs).toBeLessThan(HTTP_LIMITS.headersMs.value + 3_000);
    for (const answer of answers) expect(answer).toContain('"code":"request_timeout"');
  });
});

function textOf(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk) => {
    text += chunk;
  });
  socket.resume();
  return new Promise((resolve) => socket.once("close", () => resolve(text)));
}

describe("each limit has its own code", () => {
  const labels = (count: number) => Array.from({ length: count }, (_, at) => ({ put: { kind: "label", value: { id: `custom/n${at}` } } }));
  const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });
  const nots = (levels: number): object => (levels === 0 ? { "==": [1, 1] } : { "!": [nots(levels - 1)] });
  const policy = (condition: object) => ({
    changes: [{ put: { kind: "policy", value: { id: "p", rules: [{ effect: "deny", condition }] } } }],
  });
  it.each<[what: string, code: ProblemCode, path: string, body: unknown]>([
    ["the bytes of a body", "body_too_large", `${DEMO}/check`, `{"a":"${"x".repeat(HTTP_LIMITS.bodyBytesMax.value)}"}`],
    ["the depth of a context", "body_too_deep", `${DEMO}/check`, { ...JSON.parse(CHECK), context: nested(17) }],
    ["the depth of a condition", "body_too_deep", `${DEMO}/changes`, policy(nots(40))],
    ["the items of a batch", "too_many_items", `${DEMO}/check/batch`, { evaluations: labels(1_001) }],
    ["the items of a write", "too_many_items", `${DEMO}/changes`, { changes: labels(1_001) }],
  ])("%s", async (...[, code, path, body]) => {
    const answer = await served.call(path, { body });
    expect([answer.status, answer.body.code], answer.text).toEqual([PROBLEMS[code].status, code]);
  });

  it("the bytes and the number of headers, on every way", async () => {
    for (const [more, code] of [
      ["A: b\r\n".repeat(HTTP_LIMITS.headersMax.value), "too_many_headers"],
      [`A: ${"b".repeat(HTTP_LIMITS.headersBytesMax.value)}\r\n`, "headers_too_large"],
    ]) {
      const answer = await served.raw(`${head(`${DEMO}/check`, `${more}${JSON_OF(CHECK.length)}`)}${CHECK}`);
      expect(answer).toMatch(/^HTTP\/1\.1 431 /);
      expect(answer).toContain(`"code":"${code}"`);
      expect(answer).not.toContain("decision");
    }
  });
});
