/**
 * Problems over HTTP: the only place that builds `application/problem+json`.
 *
 * Invariant: no answer carries a stack, a statement of a database, or the existence of what the caller may not see; every one
 * carries the request id.
 */
import { PROBLEMS, type Problem, type ProblemCode, problem } from "@reeve/contract";
import type { Fault } from "@reeve/core";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, FastifyServerOptions } from "fastify";
import { storeRefusal } from "../app/index.ts";
import { IssuerUnavailable } from "../identity/index.ts";
import type { AnswerHeaders } from "./headers.ts";

/** `allow`: the methods that the path takes. `retryMs`: when it may be tried again. */
type About = {
  readonly detail?: string;
  readonly errors?: Problem["errors"];
  readonly allow?: readonly string[];
  readonly retryMs?: number;
};

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

/** The problem that an error is; `undefined`: a bug. What the store, an issuer or the framework could not do is told in our words, never in its own. */
export function problemOf(error: unknown): HttpProblem | undefined {
  // Of a code that is none nothing can be told.
  if (error instanceof HttpProblem) return Object.hasOwn(PROBLEMS, error.code) ? error : undefined;
  if (error instanceof IssuerUnavailable) return new HttpProblem(error.code, { retryMs: error.retryMs });
  const refusal = storeRefusal(error);
  if (refusal !== undefined) return new HttpProblem(refusal.code, refusal.detail === undefined ? {} : { detail: refusal.detail });
  const refused = (error as Partial<FastifyError> | null | undefined)?.code ?? "";
  const code = Object.hasOwn(FASTIFY_CODES, refused) ? FASTIFY_CODES[refused] : undefined;
  return code === undefined ? undefined : new HttpProblem(code, detailOf(refused));
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

/** Every way in which a request can end badly, answered as a problem. */
export function handleProblems(server: FastifyInstance): void {
  server.setErrorHandler((error, request, reply) => {
    const known = problemOf(error);
    if (known !== undefined) return send({ request, reply }, known.code, known.about);
    request.log.error({ err: error }, "a request crashed");
    return send({ request, reply }, "internal_error", {});
  });
  // Before the body is read: what nobody takes need not be listened to.
  server.addHook("onRequest", async (request) => {
    if (request.is404) throw nothingAt(server, request);
  });
  server.setNotFoundHandler((request) => {
    throw nothingAt(server, request);
  });
}

function nothingAt(server: FastifyInstance, request: FastifyRequest): HttpProblem {
  const path = request.url.split("?")[0] as string;
  const allow = METHODS.filter((method) => method !== request.method && server.findRoute({ method, url: path }) !== null);
  if (allow.length === 0) return new HttpProblem("not_found", { detail: `There is nothing at ${request.method} ${path}.` });
  return new HttpProblem("method_not_allowed", { detail: `${path} takes ${allow.join(", ")}.`, allow });
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;

function detailOf(code: string): About {
  if (code === "FST_ERR_CTP_EMPTY_JSON_BODY") return { detail: "The body is empty." };
  return code === "FST_ERR_BAD_URL" ? { detail: "The path holds an escape that is none, or no UTF-8." } : {};
}

/** What Fastify refuses before any route or hook has seen it. */
export function answerFrameworkError(headers: AnswerHeaders): NonNullable<FastifyServerOptions["frameworkErrors"]> {
  return (error, request, reply) => {
    const at = { request, reply } as unknown as At;
    void at.reply.headers(headers.of(request.id));
    void send(at, FASTIFY_CODES[error.code] ?? "internal_error", detailOf(error.code));
  };
}

/** What Node refuses before it is a request: no well-formed HTTP, headers that are too large, a request that never ended. */
export function answerClientError({ newId, headers }: Raw): NonNullable<FastifyServerOptions["clientErrorHandler"]> {
  return (error, socket) => {
    // What is no fault of HTTP is one of the connection, or of TLS before there was one: nobody could read an answer.
    if (!/^(HPE_|ERR_HTTP_)/.test(error.code) || !socket.writable) return void socket.destroy();
    const code: ProblemCode =
      error.code === "HPE_HEADER_OVERFLOW"
        ? "headers_too_large"
        : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
          ? "request_timeout"
          : "malformed_request";
    const about = code === "malformed_request" ? { detail: "This is no well-formed HTTP/1.1 request." } : {};
    // The client may still be sending: closed at once, the connection would be reset before the answer is read.
    const late = setTimeout(() => socket.destroy(), LINGER_MS).unref();
    socket.once("close", () => clearTimeout(late));
    socket.end(rawProblem({ newId, headers }, code, about));
  };
}

/** What an answer is made of where there is no request. */
export type Raw = { readonly newId: () => string; readonly headers: AnswerHeaders };

/** How long a connection is kept after its last answer. */
export const LINGER_MS = 500;

/** A problem as bytes of HTTP/1.1 that end their connection, for where there is no request to answer. */
export function rawProblem({ newId, headers: every }: Raw, code: ProblemCode, about: { readonly detail?: string } = {}): string {
  const requestId = newId();
  const body = JSON.stringify(problem(code, { requestId, ...about }));
  const headers = {
    ...every.of(requestId),
    "content-type": MEDIA_TYPE,
    "content-length": Buffer.byteLength(body),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${PROBLEMS[code].status} ${PROBLEMS[code].title}\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** Faults of a body. One that is too large to be looked at whole is a problem of its own. */
export function faultyBody(faults: readonly Fault[]): HttpProblem {
  const errors = [...faults] as never;
  if (faults.some(({ code, pointer }) => code === "too_many" && LISTS.includes(pointer)))
    return new HttpProblem("too_many_items", { errors });
  return new HttpProblem(faults.some(({ code }) => code === "too_deep") ? "body_too_deep" : "malformed_request", { errors });
}

/** The lists that a body is about: questions, changes. */
const LISTS: readonly string[] = ["/evaluations", "/changes"];

type At = { readonly request: FastifyRequest; readonly reply: FastifyReply };
const MEDIA_TYPE = "application/problem+json; charset=utf-8";

/** A problem as it is answered, beside the headers of every answer. */
export type ProblemAnswer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };

export function problemAnswer(code: ProblemCode, { allow, retryMs, ...about }: About, requestId: string): ProblemAnswer {
  const headers = {
    ...(code === "not_authenticated" ? { "www-authenticate": 'Bearer realm="reeve"' } : {}),
    ...(retryMs === undefined ? {} : { "retry-after": String(Math.ceil(retryMs / 1_000)) }),
    ...(allow === undefined ? {} : { allow: allow.join(", ") }),
    "content-type": MEDIA_TYPE,
  };
  return { status: PROBLEMS[code].status, headers, body: JSON.stringify(problem(code, { requestId, ...about })) };
}

function send({ request, reply }: At, code: ProblemCode, about: About): FastifyReply {
  const { status, headers, body } = problemAnswer(code, about, request.id);
  return reply.status(status).headers(headers).send(body);
}
