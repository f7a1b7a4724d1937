/**
 * Connections: Node's own server with every limit set, so that nobody who is slow, silent or many can hold it.
 *
 * Node closes what does not send (headers, body, next request); what does not read is closed here, because Node waits for ever for a
 * client that takes a byte now and then. Connections beyond the bound are answered and closed before a byte of them is read.
 * Invariant: what this refuses reaches neither way of answering.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { headersOf, requestIdOf } from "./headers.ts";
import type { HttpLimits } from "./limits.ts";
import { HttpProblem, LINGER_MS, problemAnswer, rawProblem } from "./problem.ts";
import type { Repeats } from "./repeats.ts";

export type ConnectionBounds = { readonly max: number; readonly perAddressMax: number };
export type ConnectionOptions = {
  readonly limits: HttpLimits;
  readonly bounds: ConnectionBounds;
  readonly newId: () => string;
  /** A connection that was refused, or closed because its client did not read. */
  readonly onClosed: (why: ClosedFor) => void;
  /** Absent: every byte is parsed by Node. */
  readonly repeats?: Repeats | undefined;
};
export type ClosedFor = "too_many" | "too_many_of_address" | "not_read";

/** How often Node, and we, look for what is late. */
const CHECKING_MS = 1_000;
/** How many refused connections are kept at once so that their clients can read why. */
const LINGERING_MAX = 256;
/** How much longer a connection is kept than its client is told, so that a request that is on its way still finds it. */
export const KEPT_BUFFER_MS = 1_000;
/** The check of Node's own answers without a body: we say the same as a problem. */
const HOST_NEEDED = "1.1";

export function nodeServer(options: ConnectionOptions, answer: RequestListener): Server {
  const { limits, newId, repeats } = options;
  const checkingMs = Math.min(CHECKING_MS, limits.headersMs, limits.requestMs, limits.readingMs);
  const isTooFar = pipelining(limits.pipelinedMax);
  const listener: RequestListener = (request, response) => {
    const refused = isTooFar(response, request.socket) ? new HttpProblem("too_many_requests") : refusalOf(request, limits);
    if (refused === undefined) {
      repeats?.heard(request, response);
      return answer(request, response);
    }
    const requestId = requestIdOf(request, newId);
    const { status, headers, body } = problemAnswer(refused.code, refused.about, requestId);
    response.shouldKeepAlive = false;
    response.writeHead(status, { ...headersOf(requestId), ...headers, "content-length": Buffer.byteLength(body) });
    response.end(body);
  };
  const server = createServer(
    {
      maxHeaderSize: limits.headersBytesMax,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      keepAliveTimeoutBuffer: KEPT_BUFFER_MS,
      connectionsCheckingInterval: checkingMs,
      requireHostHeader: false,
      noDelay: true,
    },
    listener,
  );
  // Node would drop what is beyond, or say that the headers are too large; their bytes bound them until they are counted.
  server.maxHeadersCount = 0;
  // An expectation that nobody knows may be disregarded (RFC 9110 §10.1.1).
  server.on("checkExpectation", listener);
  boundConnections(server, options, checkingMs);
  return server.setTimeout(limits.idleMs);
}

/**
 * Whether too many requests of a connection wait for their answers. A kilobyte can hold a hundred, and all are begun at once.
 * A response without a socket stands behind another one.
 */
function pipelining(max: number): (response: ServerResponse, socket: Socket) => boolean {
  const waiting = new WeakMap<Socket, number>();
  return (response, socket) => {
    if (response.socket !== null) return false;
    const count = (waiting.get(socket) ?? 0) + 1;
    waiting.set(socket, count);
    response.once("close", () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    return count > max;
  };
}

/** What is wrong with a request before anybody looks at what it asks. */
function refusalOf({ rawHeaders, headers, httpVersion }: IncomingMessage, limits: HttpLimits): HttpProblem | undefined {
  if (rawHeaders.length > 2 * limits.headersMax) return new HttpProblem("too_many_headers");
  if (headers.host === undefined && httpVersion === HOST_NEEDED) {
    return new HttpProblem("malformed_request", { detail: "The header Host is missing." });
  }
  return undefined;
}

/** Stands between the listening socket and Node's parser: the listeners of `connection` are called for those that are let in. */
function boundConnections(server: Server, options: ConnectionOptions, checkingMs: number): void {
  const { limits, bounds, newId, onClosed, repeats } = options;
  const accept = server.listeners("connection");
  const open = new Set<Socket>();
  const ofAddress = new Map<string, number>();
  const refuse = refuser(newId);
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? "";
    const count = ofAddress.get(address) ?? 0;
    if (open.size >= bounds.max || count >= bounds.perAddressMax) {
      onClosed(open.size >= bounds.max ? "too_many" : "too_many_of_address");
      return refuse(socket);
    }
    open.add(socket);
    ofAddress.set(address, count + 1);
    socket.once("close", () => {
      open.delete(socket);
      const left = (ofAddress.get(address) ?? 1) - 1;
      if (left === 0) ofAddress.delete(address);
      else ofAddress.set(address, left);
    });
    for (const one of accept) one.call(server, socket);
    repeats?.follow(socket);
  });
  const closeUnread = unreadCloser(limits.readingMs, () => onClosed("not_read"));
  const checking = setInterval(() => closeUnread(open, performance.now()), checkingMs).unref();
  server.once("close", () => clearInterval(checking));
}

function refuser(newId: () => string): (socket: Socket) => void {
  let lingering = 0;
  return (socket) => {
    socket.on("error", () => undefined);
    if (lingering >= LINGERING_MAX) return void socket.destroy();
    lingering += 1;
    const late = setTimeout(() => socket.destroy(), LINGER_MS).unref();
    socket.once("close", () => {
      lingering -= 1;
      clearTimeout(late);
    });
    // What the client sends meanwhile is taken and dropped: unread, it would reset the connection before the answer is read.
    socket.resume();
    socket.once("end", () => socket.destroy());
    socket.end(rawProblem("too_many_connections", { requestId: newId() }));
  };
}

type Waiting = { readonly sinceMs: number; readonly bytes: number };

/** Closes sockets whose client did not take in time what was ready for it. */
function unreadCloser(readingMs: number, onClosed: () => void): (open: Iterable<Socket>, nowMs: number) => void {
  const waiting = new WeakMap<Socket, Waiting>();
  return (open, nowMs) => {
    for (const socket of open) {
      const mark = waiting.get(socket);
      const isTaken = mark === undefined || socket.bytesWritten - socket.writableLength >= mark.bytes;
      if (!isTaken && nowMs - mark.sinceMs > readingMs) {
        onClosed();
        socket.destroy();
      } else if (isTaken && socket.writableLength > 0) {
        waiting.set(socket, { sinceMs: nowMs, bytes: socket.bytesWritten });
      } else if (isTaken && mark !== undefined) {
        waiting.delete(socket);
      }
    }
  };
}
