/**
 * Cross-origin requests (Fetch standard, CORS protocol): pages of the origins that were configured may call the API with a token.
 *
 * Origins are compared exactly and never answered as `*`; cookies and other credentials of the browser are never asked for, so that
 * a page can do nothing in its visitor's name that it has no token for.
 * Invariant: an origin that is not configured gets no header that would let its page read an answer.
 */
import { ROUTES, type Route } from "@reeve/contract";
import type { FastifyInstance } from "fastify";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
/** Those that some route reads. */
const SENT_HEADERS = [
  "authorization, content-type, accept, x-request-id, reeve-at-least",
  ...new Set(
    (Object.values(ROUTES) as readonly Route[]).flatMap(({ headers }) => Object.keys(headers ?? {}).map((name) => name.toLowerCase())),
  ),
].join(", ");
const READ_HEADERS = "x-request-id, reeve-revision, etag, location, allow, retry-after";
/** Browsers keep a preflight's answer this long, and some of them no longer. */
const KEPT_S = 600;
const NO_CONTENT = 204;

/** With no origin nothing is added, and OPTIONS is a method like any other. */
export function allowOrigins(server: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  const allowed = new Set(origins);
  server.addHook("onRequest", async (request, reply) => {
    // Said to everybody: what a cache kept for one origin must not answer another.
    reply.header("vary", "Origin");
    const { origin } = request.headers;
    if (origin === undefined || !allowed.has(origin)) return;
    reply.header("access-control-allow-origin", origin).header("access-control-expose-headers", READ_HEADERS);
    const wanted = request.headers["access-control-request-method"];
    if (request.method !== "OPTIONS" || wanted === undefined) return;
    const path = request.url.split("?")[0] as string;
    const methods = METHODS.filter((method) => server.findRoute({ method, url: path }) !== null);
    if (methods.length === 0) return;
    reply.header("access-control-allow-methods", methods.join(", ")).header("access-control-allow-headers", SENT_HEADERS);
    reply.header("access-control-max-age", String(KEPT_S));
    return reply.status(NO_CONTENT).send();
  });
}

/** Adds to `Vary` what is not in it yet. */
export function varied(before: unknown, name: string): string {
  const names = typeof before === "string" && before !== "" ? before.split(", ") : [];
  return names.some((one) => one.toLowerCase() === name.toLowerCase()) ? names.join(", ") : [...names, name].join(", ");
}
