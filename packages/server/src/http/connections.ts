/**
 * Connections: Node's own server with every limit set, so that nobody who is slow, silent or many can hold it.
 *
 * Node closes what does not send (headers, body, next request); what does not read is closed here, because Node waits for ever for a
 * client that takes a byte now and then. Connections beyond the bound are answered and closed before a byte of them is read.
 * Invariant: what this refuses reaches neither way of answering.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { requestIdOf } from "./headers.ts";
import type { HttpLimits } from "./limits.ts";
import { HttpProblem, LINGER_MS, problemAnswer, type Raw, rawProblem } from "./problem.ts";
import type { Proxies } from "./proxies.ts";
import type { Repeats } from "./repeats.ts";
import { type Pair, secureServer } from "./tls.ts";

export type ConnectionBounds = { readonly max: number; readonly perAddressMax: number };
export type ConnectionOptions = Raw & {
  readonly limits: HttpLimits;
  readonly bounds: ConnectionBounds;
  /** Through which many clients come by one address. */
  readonly proxies: Proxies;
  /** Absent: HTTP in clear. */
  readonly pair?: Pair | undefined;
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
  const { limits, newId, headers: every, proxies, pair, repeats } = options;
  const checkingMs = Math.min(CHECKING_MS, limits.headersMs, limits.requestMs, limits.readingMs);
  const isTooFar = pipelining(limits.pipelinedMax);
  const listener: RequestListener = (request, response) => {
    proxies.settle(request);
    const refused = isTooFar(response, request.socket) ? tooFar(limits) : refusalOf(request, limits);
    if (refused === undefined) {
      repeats?.heard(request, response);
      return answer(request, response);
    }
    const requestId = requestIdOf(request, newId);
    const { status, headers, body } = problemAnswer(refused.code, refused.about, requestId);
    response.shouldKeepAlive = false;
    response.writeHead(status, { ...every.of(requestId), ...headers, "content-length": Buffer.byteLength(body) });
    response.end(body);
  };
  const http = {
    maxHeaderSize: limits.headersBytesMax,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    keepAliveTimeoutBuffer: KEPT_BUFFER_MS,
    connectionsCheckingInterval: checkingMs,
    requireHostHeader: false,
    noDelay: true,
  };
  const server = pair === undefined ? createServer(http, listener) : secureServer({ pair, handshakeMs: limits.headersMs, http }, listener);
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

function tooFar({ pipelinedMax }: HttpLimits): HttpProblem {
  return new HttpProblem("too_many_requests", { detail: `More than ${pipelinedMax} requests of this connection wait for their answers.` });
}

/** What is wrong with a request before anybody looks at what it asks. */
function refusalOf({ rawHeaders, headers, httpVersion }: IncomingMessage, limits: HttpLimits): HttpProblem | undefined {
  if (rawHeaders.length > 2 * limits.headersMax) return new HttpProblem("too_many_headers");
  if (headers.host === undefined && httpVersion === HOST_NEEDED) {
    return new HttpProblem("malformed_request", { detail: "The header Host is missing." });
  }
  return undefined;
}

/**
 * Stands between the listening socket and Node's parser, or TLS before it: the listeners of `connection` are called for those that are
 * let in. A trusted proxy brings many clients by its one address.
 */
function boundConnections(server: Server, options: ConnectionOptions, checkingMs: number): void {
  const { limits, bounds, proxies, pair, onClosed, repeats } = options;
  const accept = server.listeners("connection");
  let open = 0;
  const ofAddress = new Map<string, number>();
  // Before TLS there is nobody who could read an answer.
  const refuse = pair === undefined ? refuser(options) : (socket: Socket) => void socket.destroy();
  const spoken = new Set<Socket>();
  const follow = (socket: Socket): void => {
    spoken.add(socket);
    socket.once("close", () => spoken.delete(socket));
    repeats?.follow(socket);
  };
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? "";
    const count = ofAddress.get(address) ?? 0;
    const isFull = open >= bounds.max;
    if (isFull || (count >= bounds.perAddressMax && !proxies.isOne(address))) {
      onClosed(isFull ? "too_many" : "too_many_of_address");
      return refuse(socket);
    }
    open += 1;
    ofAddress.set(address, count + 1);
    socket.once("close", () => {
      open -= 1;
      const left = (ofAddress.get(address) ?? 1) - 1;
      if (left === 0) ofAddress.delete(address);
      else ofAddress.set(address, left);
    });
    for (const one of accept) one.call(server, socket);
    if (pair === undefined) follow(socket);
  });
  if (pair !== undefined) server.on("secureConnection", follow);
  const closeUnread = unreadCloser(limits.readingMs, () => onClosed("not_read"));
  const checking = setInterval(() => closeUnread(spoken, performance.now()), checkingMs).unref();
  server.once("close", () => clearInterval(checking));
}

function refuser(raw: Raw): (socket: Socket) => void {
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
    socket.end(rawProblem(raw, "too_many_connections"));
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
