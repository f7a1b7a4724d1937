/**
 * TLS: Node's own HTTPS server, for a pair of certificate and key that can be exchanged while it runs.
 *
 * TLS 1.2 and 1.3, HTTP/1.1 alone. Invariant: a connection keeps the pair that it began with; a new one gets the newest.
 */
import type { RequestListener, Server, ServerOptions } from "node:http";
import { createServer, type Server as SecureServer } from "node:https";
import type { SecureContextOptions } from "node:tls";

/** In PEM; `certificate`: behind the server's own those that signed it. */
export type Pair = { readonly certificate: string; readonly key: string };

export function secured({ certificate, key }: Pair): SecureContextOptions {
  return { cert: certificate, key, minVersion: "TLSv1.2" };
}

export type SecureOptions = { readonly pair: Pair; readonly handshakeMs: number; readonly http: ServerOptions };

export function secureServer({ pair, handshakeMs, http }: SecureOptions, listener: RequestListener): SecureServer {
  return createServer({ ...http, ...secured(pair), ALPNProtocols: ["http/1.1"], handshakeTimeout: handshakeMs }, listener);
}

/** New connections of a server that speaks TLS get this pair. */
export function exchangePair(server: Server, pair: Pair): void {
  (server as SecureServer).setSecureContext(secured(pair));
}
