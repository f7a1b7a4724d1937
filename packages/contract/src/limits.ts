/**
 * The limits of HTTP: how much may be sent, how long anything may take, and what is answered beyond.
 *
 * Limits of what bodies say are the model's (`LIMITS` of core). The server enforces these numbers, the OpenAPI document and the reference
 * page tell them. Invariant: every limit says what becomes of a request beyond it: a problem, or a connection that is closed.
 */
import { LIMITS } from "@reeve/core";
import type { ProblemCode } from "./problem.ts";

export type Limit = {
  readonly value: number;
  readonly unit: "bytes" | "levels" | "headers" | "requests" | "items" | "characters" | "ms";
  /** `undefined`: there is nobody to answer, the connection is closed. */
  readonly code: ProblemCode | undefined;
  /** What is limited. */
  readonly about: string;
};

export const HTTP_LIMITS = {
  bodyBytesMax: { value: 4 * 1_024 * 1_024, unit: "bytes", code: "body_too_large", about: "The body of a request, as it is sent." },
  documentBytesMax: { value: 32 * 1_024 * 1_024, unit: "bytes", code: "body_too_large", about: "An OpenAPI document that is imported." },
  formBytesMax: { value: 64 * 1_024, unit: "bytes", code: "body_too_large", about: "A form, such as a request for an access token." },
  jsonDepthMax: {
    value: LIMITS.jsonDepthMax,
    unit: "levels",
    code: "body_too_deep",
    about: "Lists and objects in one another, in properties, context or attributes.",
  },
  conditionDepthMax: {
    value: LIMITS.conditionDepthMax,
    unit: "levels",
    code: "body_too_deep",
    about: "Operations in one another in a condition.",
  },
  batchMax: { value: LIMITS.batchMax, unit: "items", code: "too_many_items", about: "Questions of a batch." },
  changesMax: { value: LIMITS.changesMax, unit: "items", code: "too_many_items", about: "Changes of a write." },
  headersBytesMax: { value: 16 * 1_024, unit: "bytes", code: "headers_too_large", about: "The request line and all headers together." },
  headersMax: { value: 100, unit: "headers", code: "too_many_headers", about: "Headers of a request." },
  parameterCharactersMax: {
    value: 1_024,
    unit: "characters",
    code: "not_found",
    about: "A name in the path, such as the organization; a longer one names nothing.",
  },
  pipelinedMax: {
    value: 64,
    unit: "requests",
    code: "too_many_requests",
    about: "Requests of a connection behind one that is not answered yet.",
  },
  headersMs: {
    value: 10_000,
    unit: "ms",
    code: "request_timeout",
    about: "From the connection, or a request's first byte, to the end of its headers.",
  },
  requestMs: { value: 30_000, unit: "ms", code: "request_timeout", about: "From a request's first byte to its last." },
  answerMs: {
    value: 40_000,
    unit: "ms",
    code: "answer_timeout",
    about: "From the end of the headers until the answer is ready. What was asked for may happen all the same.",
  },
  readingMs: {
    value: 60_000,
    unit: "ms",
    code: undefined,
    about: "From the moment an answer is ready until the client has taken all of it.",
  },
  idleMs: { value: 60_000, unit: "ms", code: undefined, about: "Nothing sent and nothing taken, in the midst of a request or an answer." },
  keepAliveMs: { value: 15_000, unit: "ms", code: undefined, about: "Between an answer and the next request of a connection." },
} as const satisfies Readonly<Record<string, Limit>>;
export type LimitName = keyof typeof HTTP_LIMITS;
