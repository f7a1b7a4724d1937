/** Headers that every answer has, and the id of its request. */
import type { IncomingMessage } from "node:http";

export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

/** What goes on every answer, problems of every kind among them. */
export function headersOf(requestId: string): Readonly<Record<string, string>> {
  return { "x-request-id": requestId, ...COMMON_HEADERS };
}

const REQUEST_ID = /^[\x21-\x7e]{1,256}$/;

/** The client's own id of a request, or a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, "headers">, newId: () => string): string {
  const sent = headers["x-request-id"];
  return typeof sent === "string" && REQUEST_ID.test(sent) ? sent : newId();
}
