/** Requests that come again over a connection: told from everything else byte by byte, and answered as Node would have it. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as rest } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type RepeatedBody, repeats } from "./repeats.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const answerOf = (who: string, body: string): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(who + body)}\r\n\r\n${who}${body}`;
/** A request with a body; `more`: lines of its head. */
const post = (body: string, more = "", path = "/hot"): string =>
  `POST ${path} HTTP/1.1\r\nhost: a\r\n${more}Content-Length: ${Buffer.byteLength(body)}\r\nx: 1\r\n\r\n${body}`;

/** A server that answers with who answered, `node:` or `again:`, and the body. */
async function listen(
  answer = ({ bytes }: RepeatedBody): string | undefined => answerOf("again:", bytes.toString()),
  { delayMs = 0, keptMs = 5_000, idleMs = 5_000 } = {},
) {
  const learn = (request: IncomingMessage) =>
    request.url !== "/hot"
      ? undefined
      : {
          answer(body: RepeatedBody) {
            const told = answer(body);
            return told === undefined ? undefined : { bytes: Buffer.from(told), written: () => undefined };
          },
        };
  const kept = repeats({ learn, keptMs, idleMs });
  const server: Server = createServer(async (request, response) => {
    kept.heard(request, response);
    let body = "";
    for await (const chunk of request) body += chunk;
    if (delayMs > 0) await rest(delayMs);
    response.end(`node:${body}`);
  });
  server.on("connection", (socket) => kept.follow(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").setNoDelay();
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  socket.on("error", () => undefined);
  closing.push(() => socket.destroy());
  return {
    /** Sends pieces, each by itself, and tells who answered what. */
    async send(...pieces: string[]): Promise<readonly string[]> {
      text = "";
      for (const piece of pieces) {
        socket.write(piece);
        await rest(40);
      }
      await rest(delayMs * pieces.length);
      return [...text.matchAll(/(?:node|again):[^H]*/g)].map(([told]) => told.replaceAll(/\r\n.*/gs, ""));
    },
    socket,
    isOpen: () => !socket.destroyed && socket.readable,
  };
}

describe("a request over a connection", () => {
  it("is Node's the first time, and answered at once where its head comes again with any body", async () => {
    const { send } = await listen();
    expect(await send(post("a"))).toEqual(["node:a"]);
    expect(await send(post("b"))).toEqual(["again:b"]);
    expect(await send(post("x".repeat(1_000)), post("é ü"), post(""))).toEqual([`again:${"x".repeat(1_000)}`, "again:é ü", "again:"]);
  });

  it.each<[what: string, again: string, body: string]>([
    ["another header", post("b", "y: 2\r\n"), "b"],
    ["another path", post("b", "", "/cold"), "b"],
    ["a header in other letters", post("b").replace("x: 1", "X: 1"), "b"],
    ["a length with a sign of more", post("b").replace("Content-Length: 1", "Content-Length: 00000001"), "b"],
  ])("is Node's where it comes with %s", async (_what, again, body) => {
    const { send } = await listen();
    await send(post("a"));
    expect(await send(again)).toEqual([`node:${body}`]);
  });

  it("is Node's where it comes in pieces, or several at once, and so is what follows", async () => {
    const pieces = await listen();
    await pieces.send(post("a"));
    const again = post("bbbb");
    expect(await pieces.send(again.slice(0, 10), again.slice(10))).toEqual(["node:bbbb"]);
    expect(await pieces.send(post("c"))).toEqual(["node:c"]);
    const several = await listen();
    await several.send(post("a"));
    expect(await several.send(post("b") + post("c"))).toEqual(["node:b", "node:c"]);
    expect(await several.send(post("d"))).toEqual(["node:d"]);
  });

  it("is not taken from the body of another one", async () => {
    const { send } = await listen();
    await send(post("a"));
    const inner = post("inner");
    const whole = post(`${inner}-`, "y: 2\r\n");
    const at = whole.length - inner.length - 1;
    const told = await send(whole.slice(0, at), inner, "-");
    expect(told.filter((one) => one.startsWith("again:"))).toEqual([]);
  });

  it("waits for the answer to the one before", async () => {
    const { send } = await listen(({ bytes }) => (bytes.toString() === "slow" ? undefined : answerOf("again:", bytes.toString())), {
      delayMs: 120,
    });
    await send(post("a"));
    expect(await send(post("slow"), post("b"))).toEqual(["node:slow", "node:b"]);
    expect(await send(post("c"))).toEqual(["again:c"]);
  });

  it("has as long to be taken as any answer, and then as long until the next as any other", async () => {
    const large = "x".repeat(16 * 1_024 * 1_024);
    const { send, socket, isOpen } = await listen(() => answerOf("again:", large), { keptMs: 300, idleMs: 3_000 });
    await send(post("a"));
    socket.pause();
    await send(post("b"));
    await rest(900);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    let bytes = 0;
    socket.on("data", (text) => {
      bytes += text.length;
    });
    const beganMs = performance.now();
    socket.resume();
    await closed;
    expect(bytes).toBeGreaterThan(large.length);
    expect(isOpen()).toBe(false);
    expect(performance.now() - beganMs).toBeLessThan(2_500);
  });

  it("is Node's where what should answer it does not", async () => {
    const { send } = await listen(({ bytes }) => (bytes.toString() === "b" ? undefined : answerOf("again:", bytes.toString())));
    await send(post("a"));
    expect(await send(post("b"))).toEqual(["node:b"]);
    expect(await send(post("c"))).toEqual(["again:c"]);
  });

  it("is refused by Node where it is none, after others were answered", async () => {
    const { send, isOpen } = await listen();
    await send(post("a"), post("b"));
    await send(post("c").replace("Content-Length: 1", "Content-Length: 1x"));
    expect(isOpen()).toBe(false);
  });

  it("with an empty line before it, or after its head, is never counted short", async () => {
    for (const odd of [`\r\n\r\n${post("a")}`, post("a").replace("\r\nx: 1", "\nx: 1")]) {
      const { send } = await listen();
      await send(odd);
      const told = await send(post("b"));
      expect(told.filter((one) => one.startsWith("again:"))).toEqual([]);
    }
  });
});
