/** Shutting down: what has begun is answered, nothing new is begun, and the data is closed in order. */
import { connect, type Socket } from "node:net";
import { setTimeout as rest } from "node:timers/promises";
import { expect, it } from "vitest";
import { DEMO, serve, TOKEN } from "./serve.ts";

const CHECK = JSON.stringify({ subject: { type: "user", id: "ada" }, action: { name: "view" }, resource: { path: "/spaces/apim" } });
const head = (path: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

async function open(
  url: string,
): Promise<{ socket: Socket; received: () => string; until: (pattern: RegExp) => Promise<string>; ended: Promise<unknown> }> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  const ended = new Promise((resolve) => socket.on("close", resolve));
  await new Promise<void>((resolve, reject) => socket.on("connect", resolve).on("error", reject));
  const until = async (pattern: RegExp): Promise<string> => {
    for (let tries = 0; tries < 200 && !pattern.test(text); tries++) await rest(10);
    expect(text).toMatch(pattern);
    return text;
  };
  return { socket, received: () => text, until, ended };
}

it("A server that is stopped answers what it has begun, refuses what comes after, and takes no new connection", async () => {
  const served = await serve();
  const [busy, idle] = [await open(served.url), await open(served.url)];
  busy.socket.write(head(`${DEMO}/check`, CHECK.length) + CHECK.slice(0, 20));
  idle.socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  await idle.until(/"ok"/);
  await rest(100);
  const began = performance.now();
  const stopped = served.stop();
  await idle.ended;
  await expect(open(served.url)).rejects.toMatchObject({ code: "ECONNREFUSED" });

  busy.socket.write(CHECK.slice(20));
  const first = await busy.until(/"decision":true/);
  expect(first).toMatch(/^HTTP\/1\.1 200 /);
  busy.socket.write(head(`${DEMO}/check`, CHECK.length) + CHECK);
  const second = await Promise.race([busy.until(/"code":"draining"/), busy.ended.then(() => busy.received())]);
  expect(second.match(/^HTTP\/1\.1 200 /gm)).toHaveLength(1);
  await busy.ended;
  await stopped;
  expect(performance.now() - began).toBeLessThan(10_000);
  await served.close();
});

it("A server that is stopped waits no longer than ten seconds for a client that never ends its request", { timeout: 20_000 }, async () => {
  const served = await serve();
  const stuck = await open(served.url);
  stuck.socket.on("error", () => undefined);
  stuck.socket.write(head(`${DEMO}/check`, 1_000));
  await rest(100);
  const began = performance.now();
  await served.stop();
  expect(performance.now() - began).toBeLessThan(10_000);
  await stuck.ended;
  await served.close();
});
