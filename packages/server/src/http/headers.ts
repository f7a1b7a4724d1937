/** Headers that every answer has, and the id of its request; those of pages. */
import type { IncomingMessage } from "node:http";

/** What goes on every answer of a server, problems of every kind among them. */
export type AnswerHeaders = {
  /** Beside the request's id. */
  readonly common: Readonly<Record<string, string>>;
  /** The same, names and values in turn. */
  readonly listed: readonly string[];
  of(requestId: string): Readonly<Record<string, string>>;
};

const YEAR_SECONDS = 31_536_000;

/** `isSecure`: people reach the server by HTTPS, and browsers are told to use nothing else (RFC 6797). */
export function answerHeaders({ isSecure }: { readonly isSecure: boolean }): AnswerHeaders {
  const common = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    ...(isSecure ? { "strict-transport-security": `max-age=${YEAR_SECONDS}` } : {}),
  };
  return { common, listed: Object.entries(common).flat(), of: (requestId) => ({ "x-request-id": requestId, ...common }) };
}

/** What a page that says nothing else may do: nothing. */
const CONTENT_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
};

/** Headers of an answer beside those that it has, by its media type. */
export function pageHeaders(type: unknown, policy: unknown): Readonly<Record<string, string>> {
  if (typeof type !== "string" || !type.startsWith("text/html")) return {};
  return policy === undefined ? { ...PAGE_HEADERS, "content-security-policy": CONTENT_POLICY } : PAGE_HEADERS;
}

const REQUEST_ID = /^[\x21-\x7e]{1,256}$/;

/** The client's own id of a request, or a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, "headers">, newId: () => string): string {
  const sent = headers["x-request-id"];
  return typeof sent === "string" && REQUEST_ID.test(sent) ? sent : newId();
}
