/**
 * Bodies: JSON in UTF-8, and nothing else, but documents and forms where a route takes them.
 *
 * Names such as `__proto__` are members like any other here: questions ignore them as they ignore whatever they do not know, and
 * administration refuses them by their place. Nobody behind this reads a member that is not an object's own.
 * Invariant: bytes that are no UTF-8 are refused, never repaired: two ids that differ must not become one.
 */
import { DOCUMENT_TYPES, FORM_TYPE } from "@reeve/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { HttpProblem } from "./problem.ts";

/** The media type of every body, as clients write it. */
export const JSON_TYPE = "application/json";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** What a body says. Throws `malformed_json`. */
export function readJson(body: Uint8Array): unknown {
  return readJsonText(readText(body));
}

/** The same of a text that is known to be well-formed. Throws `malformed_json`. */
export function readJsonText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpProblem("malformed_json");
  }
}

function readText(body: Uint8Array): string {
  if (body.length === 0) throw new HttpProblem("malformed_json", { detail: "The body is empty." });
  try {
    return decoder.decode(body);
  } catch {
    throw new HttpProblem("malformed_json", { detail: "The body is not UTF-8." });
  }
}

/** Routes that take documents read the text themselves, whose lines they tell of. */
export type BodyConfig = { readonly takes?: readonly string[] };

export function readBodies(server: FastifyInstance, formBytesMax: number): void {
  const takes = ({ routeOptions }: FastifyRequest): readonly string[] => (routeOptions.config as BodyConfig).takes ?? [];
  const refuseUntaken = (request: FastifyRequest, type: string): void => {
    const taken = takes(request);
    if (taken.includes(type)) return;
    throw new HttpProblem("unsupported_media_type", taken.includes(FORM_TYPE) ? { detail: `This takes ${FORM_TYPE}.` } : {});
  };
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(JSON_TYPE, { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) => {
    if (takes(request).length === 0) return readJson(body);
    refuseUntaken(request, JSON_TYPE);
    return readText(body);
  });
  for (const type of OTHER_TYPES) {
    server.addContentTypeParser(type, { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) => {
      refuseUntaken(request, type);
      return readText(body);
    });
  }
  const bounds = { parseAs: "buffer", bodyLimit: formBytesMax } as const;
  server.addContentTypeParser(FORM_TYPE, bounds, async (request: FastifyRequest, body: Buffer) => {
    refuseUntaken(request, FORM_TYPE);
    return readForm(body);
  });
}

/** A form's text; who reads it takes it apart. An empty one says nothing, and is one. Throws `malformed_request`. */
function readForm(body: Uint8Array): string {
  try {
    return decoder.decode(body);
  } catch {
    throw new HttpProblem("malformed_request", { detail: "The body is not UTF-8." });
  }
}

/** What documents come as, beside JSON. */
const OTHER_TYPES = DOCUMENT_TYPES.filter((type) => type !== JSON_TYPE);
