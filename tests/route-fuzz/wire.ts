/** A client that sends bytes as they are, one request after another on a connection that is kept as long as the server keeps it. */
import { connect, type Socket } from "node:net";

export type Heard = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer };
/** `closed`: the connection ended before a whole answer. */
export type Unheard = "hang" | "closed";

const HEAD_END = Buffer.from("\r\n\r\n");

export class Wire {
  readonly #port: number;
  readonly #waitMs: number;
  #socket: Socket | undefined;

  constructor(port: number, waitMs: number) {
    this.#port = port;
    this.#waitMs = waitMs;
  }

  async send(bytes: Buffer, isHead: boolean): Promise<Heard | Unheard> {
    const isKept = this.#socket !== undefined;
    const heard = await this.#once(bytes, isHead);
    // A kept connection may have been closed in between: that is everybody's right.
    return heard === "closed" && isKept ? this.#once(bytes, isHead) : heard;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #once(bytes: Buffer, isHead: boolean): Promise<Heard | Unheard> {
    this.#socket ??= connect(this.#port, "127.0.0.1").setNoDelay(true);
    const socket = this.#socket;
    return new Promise((resolve) => {
      let received = Buffer.alloc(0);
      const done = (heard: Heard | Unheard): void => {
        clearTimeout(late);
        socket.removeAllListeners("data").removeAllListeners("close").removeAllListeners("error");
        socket.on("error", () => undefined);
        const isKept = typeof heard === "object" && heard.headers["connection"]?.toLowerCase() !== "close" && !socket.destroyed;
        if (!isKept) this.close();
        resolve(heard);
      };
      const late = setTimeout(() => done("hang"), this.#waitMs);
      socket.on("data", (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        const heard = whole(received, isHead);
        if (heard !== undefined) done(heard);
      });
      socket.on("error", () => undefined);
      socket.on("close", () => done("closed"));
      socket.write(bytes);
    });
  }
}

/** The answer, once all of it is there; interim answers (1xx) are passed over. */
function whole(received: Buffer, isHead: boolean): Heard | undefined {
  const end = received.indexOf(HEAD_END);
  if (end === -1) return undefined;
  const [first = "", ...lines] = received.subarray(0, end).toString("latin1").split("\r\n");
  const status = Number(first.split(" ")[1]);
  const rest = received.subarray(end + HEAD_END.length);
  if (status < 200) return whole(rest, isHead);
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  if (!isHead && headers["transfer-encoding"] === "chunked") {
    const body = unchunked(rest);
    return body === undefined ? undefined : { status, headers, body };
  }
  const length = isHead || status === 204 ? 0 : Number(headers["content-length"] ?? Number.NaN);
  if (Number.isNaN(length)) throw new Error(`an answer without its length: ${first}`);
  return rest.length < length ? undefined : { status, headers, body: rest.subarray(0, length) };
}

/** A body that came in pieces, once its last one is there. */
function unchunked(bytes: Buffer): Buffer | undefined {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf("\r\n", at);
    if (end === -1) return undefined;
    const length = Number.parseInt(bytes.subarray(at, end).toString("latin1"), 16);
    const from = end + 2;
    if (bytes.length < from + length + 2) return undefined;
    if (length === 0) return Buffer.concat(pieces);
    pieces.push(bytes.subarray(from, from + length));
    at = from + length + 2;
  }
}
