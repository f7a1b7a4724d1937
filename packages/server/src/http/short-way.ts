/**
 * The short way: checks that arrive as plainly as clients send them are answered without the framework, which costs more than they do.
 *
 * Which routes, with which needs and limits, comes from the contract's table; who may ask, what bodies mean, and every problem, from the
 * same functions as on the long way. Whatever is not plain (an escape or a query in the URL, a body of unknown length, another
 * media type, a cookie instead of a token) goes the long way.
 * Invariant: a request is answered alike on both ways; the way itself can be seen by nobody.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { writeRevision } from "../app/index.ts";
import type { Authenticate, Caller } from "../identity/index.ts";
import { JSON_TYPE, readJson } from "./body.ts";
import { within } from "./deadline.ts";
import { requestIdOf } from "./headers.ts";
import { type HotOptions, type HotRoute, hotRoutes } from "./hot-routes.ts";
import { logRequest } from "./log.ts";
import { AT_LEAST, REVISION_HEADER } from "./native/at-least.ts";
import { JSON_ANSWER } from "./native/questions.ts";
import { HttpProblem, problemAnswer, problemOf } from "./problem.ts";
import { addressOf } from "./proxies.ts";
import { pay, tooOften } from "./rates.ts";
import { isRepeatable, repeatable } from "./repeated-check.ts";
import type { Repeatable } from "./repeats.ts";

export type ShortWay = {
  /** Takes a request and answers it, or leaves it alone and says so. */
  takes(request: IncomingMessage, response: ServerResponse): boolean;
  /** What answers others with the same head, one that this way would take. */
  learn(request: IncomingMessage): Repeatable | undefined;
};

type Taken = { readonly route: HotRoute; readonly organization: string; readonly requestId: string; readonly length: number };
type Exchange = Taken & {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly started: number;
  /** Once it is known. */
  caller: Caller | undefined;
};

/** Organizations whose ids stand in a URL as they are. */
const PLAIN = /^[A-Za-z0-9@._-]{1,256}$/;

export function shortWay(options: HotOptions): ShortWay {
  const routes = hotRoutes();
  return {
    takes(request, response) {
      const taken = take(routes, request, options);
      if (taken === undefined) return false;
      serve({ ...taken, request, response, started: performance.now(), caller: undefined }, options);
      return true;
    },
    learn(request) {
      const taken = take(routes, request, options);
      if (taken === undefined || !isRepeatable(request)) return undefined;
      return repeatable({ ...taken, authorization: request.headers.authorization }, options);
    },
  };
}

/** A plain request of a hot route: JSON of a known length within the limit, to an organization whose id needs no escape. */
function take(routes: readonly HotRoute[], request: IncomingMessage, { newId, limits }: HotOptions): Taken | undefined {
  const { method, url = "", headers } = request;
  if (method !== "POST" || headers["content-type"] !== JSON_TYPE) return undefined;
  // Who shows no token may be signed in, which the long way looks up.
  if (headers.authorization === undefined && headers.cookie !== undefined) return undefined;
  const length = headers["content-length"];
  if (length === undefined || headers["transfer-encoding"] !== undefined || Number(length) > limits.bodyBytesMax) return undefined;
  for (const route of routes) {
    if (!url.startsWith(route.prefix) || !url.endsWith(route.suffix)) continue;
    const organization = url.slice(route.prefix.length, -route.suffix.length);
    if (PLAIN.test(organization)) return { route, organization, requestId: requestIdOf(request, newId), length: Number(length) };
  }
  return undefined;
}

/**
 * Who asks, then what, then the answer: one after the other, and each at once where nothing must be waited for. What a step came to is
 * looked at by the next one: that something ended is never enough.
 */
function serve(exchange: Exchange, options: HotOptions): void {
  const { request, route, organization } = exchange;
  const step = <T>(work: () => T | Promise<T>, next: (result: T) => void): void => {
    const failed = (error: unknown): void => failAlone(exchange, options, error);
    const proceed = (result: T): void => {
      try {
        next(result);
      } catch (error) {
        failed(error);
      }
    };
    try {
      const result = within(work(), options.limits.answerMs);
      if (result instanceof Promise) result.then(proceed, failed);
      else proceed(result);
    } catch (error) {
      failed(error);
    }
  };
  const tell = (body: unknown): void => {
    const question = options.answers.read[route.id](body);
    step(
      () => options.answers.plan(organization, body, request.headers[AT_LEAST]),
      (plan) => {
        const headers = [REVISION_HEADER, writeRevision(plan.at), "content-type", JSON_ANSWER];
        end(exchange, options, { status: 200, headers, body: question(plan) });
      },
    );
  };
  const permit = (next: () => void): void =>
    step(
      () => callerOf(exchange, options),
      (caller) => {
        if (caller === undefined) throw new HttpProblem("not_authenticated");
        if (exchange.caller === undefined) pay("caller", options.rates.caller(caller));
        exchange.caller = caller;
        step(
          () => options.guard(caller, { needs: route.needs, organization }),
          (verdict) => {
            if (verdict !== "permitted") throw new HttpProblem(verdict.code);
            next();
          },
        );
      },
    );
  const parse = (bytes: Buffer): void =>
    step(
      () => readJson(bytes),
      (body) => permit(() => tell(body)),
    );
  const begin = (): void => {
    if (options.isDraining()) throw new HttpProblem("draining");
    // Before the body is read: who may not ask need not be listened to. And after: who sends it slowly may have lost his right meanwhile.
    permit(() => readBody(exchange, parse));
  };
  step(begin, () => undefined);
}

function callerOf({ request }: Exchange, { authenticate, clock }: HotOptions): ReturnType<Authenticate> {
  return authenticate({ authorization: request.headers.authorization, connection: request.socket }, clock());
}

/** The body, whole. A client that goes away before is answered nothing: nobody is there. */
function readBody({ request, length }: Exchange, next: (bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => next(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length)));
}

/** What fails after an answer has left, or fails to say that something failed, ends the connection and nothing else. */
function failAlone(exchange: Exchange, options: HotOptions, error: unknown): void {
  try {
    if (exchange.response.headersSent) throw error;
    fail(exchange, options, error);
  } catch (err) {
    options.logger.error({ err, requestId: exchange.requestId }, "a request crashed beside its answer");
    exchange.response.destroy();
  }
}

function fail(exchange: Exchange, options: HotOptions, error: unknown): void {
  const known = problemOf(error);
  if (known === undefined) options.logger.error({ err: error, requestId: exchange.requestId }, "a request crashed");
  const retryMs = known?.code === "not_authenticated" ? options.rates.stranger(addressOf(exchange.request)) : undefined;
  const { code, about } = retryMs === undefined ? (known ?? new HttpProblem("internal_error")) : tooOften("stranger", retryMs);
  // As the framework does: who sends no JSON may have lost his place in the stream.
  if (code === "malformed_json") exchange.response.shouldKeepAlive = false;
  const { headers, ...answer } = problemAnswer(code, about, exchange.requestId);
  end(exchange, options, { ...answer, headers: Object.entries(headers).flat() });
}

/** `headers`: names and values in turn, beside those of every answer. */
type Answer = { readonly status: number; readonly headers: readonly string[]; readonly body: string };

function end(exchange: Exchange, options: HotOptions, { status, headers, body }: Answer): void {
  const { response, requestId, route, organization, caller } = exchange;
  if (options.isDraining()) response.shouldKeepAlive = false;
  const length = Buffer.byteLength(body);
  response.writeHead(status, [...options.headers.listed, "x-request-id", requestId, ...headers, "content-length", String(length)]);
  response.end(body);
  const elapsedMs = performance.now() - exchange.started;
  options.metrics.observe(route.url, status, elapsedMs);
  logRequest(options.logger, { requestId, method: "POST", route: route.url, status, elapsedMs, caller, organization });
}
