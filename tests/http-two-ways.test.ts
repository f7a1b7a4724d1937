/**
 * Checks have two ways through the server: a short one for plain requests, and the framework's; and who asks again over a connection with
 * the same head is answered without a look at it. Whoever asks can not tell which one answered. A query, which means nothing to these
 * routes, sends a request the long way.
 */
import { connect, type Socket } from "node:net";
import { ROUTES, type Route } from "@reeve/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GOOD, hostileBodies } from "./hostile-bodies.ts";
import { makeOrganization, type Organization, put } from "./organization.ts";
import { type Answer, type Sent, type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
beforeAll(async () => {
  served = await serve();
  one = await makeOrganization(served);
});
afterAll(() => served?.close());

const seed = Number(process.env["REEVE_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const HOT = (Object.values(ROUTES) as readonly Route[])
  .filter(({ isHot }) => isHot === true)
  .map(({ path }) => path.slice("/v1/orgs/{org}".length));
const LONG = "?the-long-way";

/** What can be compared: ids are new each time. */
function seen({ status, headers, text }: Answer): object {
  const told = [...headers].filter(([name]) => name !== "date").map(([name, value]) => `${name}: ${nameless(value)}`);
  return { status, headers: told.sort(), text: nameless(text) };
}
function nameless(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<id>").replaceAll(LONG, "");
}

async function bothWays(path: string, sent: Sent): Promise<Answer> {
  const short = await served.call(path, sent);
  const long = await served.call(path + LONG, sent);
  expect(seen({ ...short, headers: withoutLength(short) }), `${path} ${JSON.stringify(sent)}`).toEqual(
    seen({ ...long, headers: withoutLength(long) }),
  );
  return short;
}
/** Of a body with ids in it the length is that of the ids too: compared with the text. */
function withoutLength({ headers, text }: Answer): Headers {
  const others = new Headers(headers);
  if (others.has("content-length")) expect(Number(others.get("content-length"))).toBe(Buffer.byteLength(text));
  return others;
}

/** What a body is answered on a fresh connection, and what where another with the same head was answered before. Bytes, but for ids and time. */
async function askedTwice(path: string, body: string): Promise<readonly [string, string]> {
  const head = `POST ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${served.token}\r\ncontent-type: application/json\r\n`;
  const request = (text: string): string => `${head}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  const plain = JSON.stringify(GOOD[0]?.[1]);
  const [fresh] = await answersTo([request(body)]);
  const [, again] = await answersTo([request(plain), request(body)]);
  return [fresh as string, again as string];
}

/** Sends requests over one connection, each when the one before was answered; what is no request is done in its turn. */
async function answersTo(requests: readonly (string | (() => Promise<unknown>))[]): Promise<readonly string[]> {
  const socket = connect(Number(new URL(served.url).port), "127.0.0.1").setNoDelay();
  const answers: string[] = [];
  try {
    for (const request of requests) {
      if (typeof request !== "string") {
        await request();
        continue;
      }
      socket.write(request);
      let bytes = Buffer.alloc(0);
      while (!isWhole(bytes)) bytes = Buffer.concat([bytes, await nextOf(socket)]);
      answers.push(nameless(bytes.toString()).replace(/\r\nDate: [^\r]*/, ""));
    }
  } finally {
    socket.destroy();
  }
  return answers;
}
function nextOf(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.once("data", resolve).once("close", () => reject(new Error("closed without an answer")));
  });
}
function isWhole(bytes: Buffer): boolean {
  const at = bytes.indexOf("\r\n\r\n");
  return at !== -1 && bytes.length >= at + 4 + Number(/content-length: (\d+)/i.exec(bytes.toString("latin1", 0, at))?.[1]);
}

describe("the short way and the long way", () => {
  it("lead to the same answer for every good body", async () => {
    expect(HOT.length).toBeGreaterThan(0);
    for (const [path, body] of GOOD.filter(([route]) => HOT.includes(route))) {
      expect((await bothWays(`/v1/orgs/${one.id}${path}`, { body })).status).toBe(200);
    }
  });

  it(`lead to the same answer for every hostile body (REEVE_SEED=${seed})`, async () => {
    const statuses = new Set<number>();
    for (const { path, body } of hostileBodies(seed, 800, (route) => HOT.includes(route))) {
      statuses.add((await bothWays(`/v1/orgs/${one.id}${path}`, { body: JSON.stringify(body) })).status);
    }
    expect([...statuses].sort()).toEqual([200, 400]);
  });

  it("answer a request that comes again over its connection byte by byte as before", async () => {
    const paths = new Set(GOOD.filter(([route]) => HOT.includes(route)).map(([route]) => route));
    expect(paths.size).toBe(HOT.length);
    for (const path of paths) {
      const bodies = GOOD.filter(([route]) => route === path).map(([, body]) => JSON.stringify(body));
      const hostile = [...hostileBodies(seed, 200, (route) => route === path)].map(({ body }) => JSON.stringify(body));
      const again = ["{", "", ...bodies, ...hostile, '{"subject":{"type":"user","id":"\u00e9\u{1f600}"}}', ...bodies];
      for (const [index, body] of again.entries()) {
        const [first, second] = await askedTwice(`/v1/orgs/${one.id}${path}`, body);
        expect(second, `${path} ${index} ${body}`).toBe(first);
      }
    }
  });

  it("turn away whoever is of an organization that was suspended meanwhile, on a connection that has asked before", async () => {
    const own = await makeOrganization(served);
    const path = `/v1/orgs/${own.id}`;
    await own.writes([put("assignment", { role: "reeve-decision-point", principal: "ann" })]);
    const { secret } = (await served.call(`${path}/tokens`, { body: { principal: "ann", ceiling: "decide" } })).body;
    const suspend = (value: boolean) => () => own.writes([put("setting", { product: "reeve", name: "suspended", value })]);
    for (const route of HOT) {
      const body = JSON.stringify(GOOD.find(([at]) => at === route)?.[1]);
      const head = `POST ${path}${route} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${secret}\r\ncontent-type: application/json\r\n`;
      const ask = `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
      const answers = await answersTo([ask, ask, ask, suspend(true), ask, ask, suspend(false), ask]);
      const told = answers.map((answer) => /"code":"(organization_suspended)"/.exec(answer)?.[1] ?? answer.slice(9, 12));
      expect(told, route).toEqual(["200", "200", "200", "organization_suspended", "organization_suspended", "200"]);
    }
  });

  it.each<[what: string, sent: Sent, status: number]>([
    ["no JSON", { body: "{" }, 400],
    ["an empty body", { body: "", method: "POST" }, 400],
    ["no body", { method: "POST" }, 400],
    ["a body of another type", { body: "a=1", headers: { "content-type": "application/x-www-form-urlencoded" } }, 415],
    ["JSON by its longer name", { body: "{}", headers: { "content-type": "application/json; charset=utf-8" } }, 400],
    ["another character set", { body: "{}", headers: { "content-type": "application/json; charset=latin1" } }, 400],
    ["duplicate keys", { body: '{"subject":{"type":"user","id":"ann"},"subject":{"type":"user","id":"bob"}}' }, 400],
    ["a mark of the byte order", { body: "\ufeff{}" }, 400],
    ["a nesting of a hundred thousand", { body: `${"[".repeat(100_000)}${"]".repeat(100_000)}` }, 400],
    ["a body that is too large", { body: " ".repeat(4 * 1_024 * 1_024 + 1) }, 413],
    ["no token", { body: "{}", token: null }, 401],
    ["a wrong token", { body: "{}", token: "wrong" }, 401],
    ["a revision of another history", { body: JSON.stringify(GOOD[0]?.[1]), headers: { "reeve-at-least": "other.1" } }, 409],
    ["a revision that is none", { body: JSON.stringify(GOOD[0]?.[1]), headers: { "reeve-at-least": "now" } }, 400],
    ["a compressed body", { body: "{}", headers: { "content-encoding": "gzip" } }, 400],
  ])("lead to the same refusal of %s", async (_what, sent, status) => {
    expect((await bothWays(`/v1/orgs/${one.id}/check`, sent)).status).toBe(status);
  });

  it.each(["nobody", "DEMO%40ReeveOrg", "a%2Fb", "__proto__", "%", "x".repeat(300)])(
    "lead to the same answer for the organization %j",
    async (id) => {
      await bothWays(`/v1/orgs/${id}/check`, { body: GOOD[0]?.[1] });
    },
  );

  it("echo an id that the client gave", async () => {
    for (const path of [`/v1/orgs/${one.id}/check`, `/v1/orgs/${one.id}/check${LONG}`]) {
      const answer = await served.call(path, { body: GOOD[0]?.[1], headers: { "x-request-id": "mine" } });
      expect(answer.headers.get("x-request-id")).toBe("mine");
    }
  });

  it("count in the same metrics", async () => {
    const counted = async (): Promise<number> => {
      const { text } = await served.call("/metrics");
      return Number(/^reeve_http_request_seconds_count\{route="\/v1\/orgs\/:org\/check",status="200"\} (\d+)/m.exec(text)?.[1] ?? 0);
    };
    const before = await counted();
    await bothWays(`/v1/orgs/${one.id}/check`, { body: GOOD[0]?.[1] });
    expect(await counted()).toBe(before + 2);
  });
});
