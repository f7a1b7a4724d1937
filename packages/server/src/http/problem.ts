/**
 * Problems over HTTP: the only place that builds `application/problem+json`.
 *
 * Invariant: no answer carries a stack, a statement of a database, or the existence of what the caller may not see; every one
 * carries the request id.
 */
import { PROBLEMS, type Problem, type ProblemCode, problem } from "@reeve/contract";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

type About = { readonly detail?: string; readonly errors?: Problem["errors"] };

/** Ends a request with a problem. Thrown by routes, caught by the handler below. */
export class HttpProblem extends Error {
  readonly code: ProblemCode;
  readonly about: About;
  constructor(code: ProblemCode, about: About = {}) {
    super(code);
    this.code = code;
    this.about = about;
  }
}

/** Fastify's own refusals, in our words. */
const FASTIFY_CODES: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "body_too_large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported_media_type",
  FST_ERR_CTP_EMPTY_JSON_BODY: "malformed_json",
  FST_ERR_CTP_INVALID_JSON_BODY: "malformed_json",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "malformed_request",
  FST_ERR_BAD_URL: "not_found",
  FST_ERR_MAX_PARAM_LENGTH: "not_found",
  FST_ERR_ASYNC_CONSTRAINT: "not_found",
};

export function handleProblems(server: FastifyInstance): void {
  server.setErrorHandler((error: FastifyError, request, reply) => {
    if (error instanceof HttpProblem) return send({ request, reply }, error.code, error.about);
    const code = FASTIFY_CODES[error.code] ?? (error instanceof SyntaxError && error.statusCode === 400 ? "malformed_json" : undefined);
    if (code !== undefined) return send({ request, reply }, code, code === "malformed_json" ? { detail: error.message } : {});
    request.log.error({ err: error }, "a request crashed");
    return send({ request, reply }, "internal_error", {});
  });
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0] as string;
    const allowed = (["GET", "POST", "PUT", "PATCH", "DELETE"] as const).filter(
      (method) => method !== request.method && server.findRoute({ method, url: path }) !== null,
    );
    if (allowed.length === 0) return send({ request, reply }, "not_found", { detail: `There is nothing at ${request.method} ${path}.` });
    reply.header("allow", allowed.join(", "));
    return send({ request, reply }, "method_not_allowed", { detail: `${path} takes ${allowed.join(", ")}.` });
  });
}

type At = { readonly request: FastifyRequest; readonly reply: FastifyReply };

function send({ request, reply }: At, code: ProblemCode, about: About): FastifyReply {
  if (code === "not_authenticated") reply.header("www-authenticate", 'Bearer realm="reeve"');
  return reply
    .status(PROBLEMS[code].status)
    .header("content-type", "application/problem+json; charset=utf-8")
    .send(JSON.stringify(problem(code, { requestId: request.id, ...about })));
}
