/**
 * Bodies: JSON in UTF-8, and nothing else.
 *
 * Names such as `__proto__` are members like any other here: questions ignore them as they ignore whatever they do not know, and
 * administration refuses them by their place. Nobody behind this reads a member that is not an object's own.
 * Invariant: bytes that are no UTF-8 are refused, never repaired: two ids that differ must not become one.
 */
import type { FastifyInstance } from "fastify";
import { HttpProblem } from "./problem.ts";

export function readBodies(server: FastifyInstance): void {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const parseJson = server.getDefaultJsonParser("ignore", "ignore");
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body: Buffer, done) => {
    if (body.length === 0) return done(new HttpProblem("malformed_json", { detail: "The body is empty." }));
    let text: string;
    try {
      text = decoder.decode(body);
    } catch {
      return done(new HttpProblem("malformed_json", { detail: "The body is not UTF-8." }));
    }
    return void parseJson(request, text, (error, value) => (error === null ? done(null, value) : done(new HttpProblem("malformed_json"))));
  });
}
