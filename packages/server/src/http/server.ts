/**
 * The HTTP server: Fastify with the routes of the contract's table, who may call them, and what goes on every answer.
 *
 * Invariant: a route of the table is registered with its need; no request reaches a use case without a caller that `guard` let pass.
 */
import { ROUTES, type Route, type RouteId } from "@reeve/contract";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { guard } from "../app/index.ts";
import type { Authenticate, Caller } from "../identity/index.ts";
import { readBodies } from "./body.ts";
import { headersOf } from "./headers.ts";
import { HTTP_LIMITS } from "./limits.ts";
import type { Metrics } from "./metrics.ts";
import { answerClientError, answerFrameworkError, HttpProblem, handleProblems } from "./problem.ts";

export type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly caller: Caller | undefined };
/** What answers a route of the table; what it returns is sent. */
export type Handlers = { readonly [id in RouteId]: (exchange: Exchange) => unknown };
export type HttpOptions = {
  readonly handlers: Handlers;
  readonly authenticate: Authenticate;
  readonly logger: FastifyBaseLogger;
  readonly metrics: Metrics;
  readonly clock: () => number;
  readonly newId: () => string;
  readonly openApi: unknown;
  /** The server is shutting down: what has begun is answered, nothing new is begun. */
  readonly isDraining: () => boolean;
  /** `undefined`: ready; else why not. */
  readonly readiness: () => Promise<string | undefined>;
};

const REQUEST_ID = /^[\x21-\x7e]{1,256}$/;

export function createHttpServer(options: HttpOptions): FastifyInstance {
  const server = Fastify({
    loggerInstance: options.logger,
    bodyLimit: HTTP_LIMITS.bodyBytesMax,
    genReqId: (request) => {
      const sent = request.headers["x-request-id"];
      return typeof sent === "string" && REQUEST_ID.test(sent) ? sent : options.newId();
    },
    routerOptions: { maxParamLength: HTTP_LIMITS.parameterCharactersMax },
    requestTimeout: HTTP_LIMITS.requestMs,
    connectionTimeout: HTTP_LIMITS.connectionMs,
    keepAliveTimeout: HTTP_LIMITS.keepAliveMs,
    forceCloseConnections: "idle",
    // Our routes say it themselves, as a problem.
    return503OnClosing: false,
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerClientError(options.newId),
  });
  server.addHook("onRequest", async (request, reply) => {
    reply.headers(headersOf(request.id));
  });
  readBodies(server);
  handleProblems(server);
  server.addHook("onResponse", async (request, reply) => {
    options.metrics.observe(request.routeOptions.url ?? "unknown", reply.statusCode, reply.elapsedTime);
  });
  registerOperational(server, options);
  for (const id of Object.keys(ROUTES) as RouteId[]) registerRoute(server, options, id);
  return server;
}

function registerRoute(server: FastifyInstance, options: HttpOptions, id: RouteId): void {
  const { method, path, needs }: Route = ROUTES[id];
  server.route({
    method,
    url: path.replaceAll(/\{(\w+)\}/g, ":$1"),
    // Before the body is read: who may not ask need not be listened to.
    onRequest: async (request) => {
      if (options.isDraining()) throw new HttpProblem("draining");
      if (needs === undefined) return;
      const caller = await options.authenticate({ authorization: request.headers.authorization }, options.clock());
      if (caller === undefined) throw new HttpProblem("not_authenticated");
      const organization = (request.params as { readonly org?: string }).org;
      const refused = guard(caller, { needs, ...(organization === undefined ? {} : { organization }) });
      if (refused !== undefined) throw new HttpProblem(refused.code);
      callers.set(request, caller);
    },
    handler: async (request, reply) => options.handlers[id]({ request, reply, caller: callers.get(request) }),
  });
}

const callers = new WeakMap<FastifyRequest, Caller>();

function registerOperational(server: FastifyInstance, options: HttpOptions): void {
  server.get("/healthz", { logLevel: "warn" }, async () => ({ status: "ok" }));
  server.get("/readyz", { logLevel: "warn" }, async (_request, reply) => {
    const why = await options.readiness();
    return why === undefined ? { status: "ready" } : reply.status(HTTP_LIMITS.notReadyStatus).send({ status: "not ready", why });
  });
  server.get("/metrics", { logLevel: "warn" }, async (_request, reply) => {
    reply.header("content-type", options.metrics.contentType);
    return options.metrics.text();
  });
  server.get("/openapi.json", async () => options.openApi);
}
