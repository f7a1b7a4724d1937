/**
 * Bodies: JSON in UTF-8, and nothing else.
 *
 * Names such as `__proto__` are members like any other here: questions ignore them as they ignore whatever they do not know, and
 * administration refuses them by their place. Nobody behind this reads a member that is not an object's own.
 * Invariant: bytes that are no UTF-8 are refused, never repaired: two ids that differ must not become one.
 */
import type { FastifyInstance } from "fastify";
import { HttpProblem } from "./problem.ts";

/** The media type of every body, as clients write it. */
export const JSON_TYPE = "application/json";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** What a body says. Throws `malformed_json`. */
export function readJson(body: Uint8Array): unknown {
  if (body.length === 0) throw new HttpProblem("malformed_json", { detail: "The body is empty." });
  let text: string;
  try {
    text = decoder.decode(body);
  } catch {
    throw new HttpProblem("malformed_json", { detail: "The body is not UTF-8." });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpProblem("malformed_json");
  }
}

export function readBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(JSON_TYPE, { parseAs: "buffer" }, async (_request: unknown, body: Buffer) => readJson(body));
}
