/**
 * The HTTP server: Fastify with the routes of the contract's table, who may call them, and what goes on every answer.
 *
 * Invariant: a route of the table is registered with its need; no request reaches a use case without a caller that `guard` let pass.
 */
import type { RequestListener, Server } from "node:http";
import { ROUTES, type Route, type RouteId } from "@reeve/contract";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import { isMember, type Offices } from "../app/index.ts";
import type { Caller, Sessions } from "../identity/index.ts";
import { weightsOf } from "./accept.ts";
import { type AepOptions, type AepServing, serveAep } from "./aep/surface.ts";
import { JSON_TYPE, readBodies } from "./body.ts";
import { browserOf, type Site } from "./browser.ts";
import { compressLargeAnswers } from "./compress.ts";
import { type ConnectionBounds, type ConnectionOptions, KEPT_BUFFER_MS, nodeServer } from "./connections.ts";
import { allowOrigins } from "./cors.ts";
import { within } from "./deadline.ts";
import { type Handlers, routeUrl } from "./handlers.ts";
import { answerHeaders, pageHeaders, requestIdOf } from "./headers.ts";
import type { HotOptions } from "./hot-routes.ts";
import { HTTP_LIMITS, type HttpLimits } from "./limits.ts";
import { logRequest } from "./log.ts";
import { NO_METRICS } from "./metrics.ts";
import type { QuestionAnswers } from "./native/questions.ts";
import { type PageOptions, servePages, toSignIn } from "./pages/serve.ts";
import { answerClientError, answerFrameworkError, HttpProblem, handleProblems } from "./problem.ts";
import { type Proxies, trustedProxies } from "./proxies.ts";
import { NO_RATES, pay, type Rates } from "./rates.ts";
import { serveReference } from "./reference.ts";
import { repeats } from "./repeats.ts";
import { shortWay } from "./short-way.ts";
import { type PublicOptions, servePublic } from "./snaplogic/surface.ts";
import { boundStrangers, isOpen, OPEN } from "./strangers.ts";
import type { Pair } from "./tls.ts";

export type HttpOptions = Omit<HotOptions, "answers" | "limits" | "rates" | "headers"> & {
  /** Absent: nobody holds an office. */
  readonly offices?: Pick<Offices, "hold">;
  readonly handlers: Handlers;
  /** What the hot routes are answered with where the framework is not needed; absent: it always is. */
  readonly answers?: QuestionAnswers;
  readonly openApi: unknown;
  /** A file of the library that makes the reference page. */
  readonly readReference: (name: string) => string;
  /** `undefined`: ready; else why not. */
  readonly readiness: () => Promise<string | undefined>;
  /** Absent: none is refused. */
  readonly connections?: ConnectionBounds;
  /** Origins of pages that may call the API; absent: none. */
  readonly origins?: readonly string[];
  /** Experience Platform's access control API; absent: it is not served. */
  readonly aep?: AepOptions;
  /** How people reach the server; absent: nobody signs in. */
  readonly site?: Site;
  /** Sessions of browsers; absent: nobody is signed in. */
  readonly sessions?: Pick<Sessions, "visit">;
  /** Other servers that sign people in; absent: none. */
  readonly issuers?: PageOptions["issuers"];
  /** For tests; else those of the contract. */
  /** The public API of API Management's clients. */
  readonly publicApi?: PublicOptions;
  readonly limits?: Partial<HttpLimits>;
  /** Absent: everybody may ask as often as he likes. */
  readonly rates?: Rates;
  /** Whose word about clients counts; absent: nobody's. */
  readonly proxies?: Proxies;
  /** Absent: HTTP in clear. */
  readonly pair?: Pair | undefined;
};

const NOT_READY = 503;

export function createHttpServer(given: HttpOptions): FastifyInstance {
  const limits: HttpLimits = { ...HTTP_LIMITS, ...given.limits };
  const headers = answerHeaders({ isSecure: given.site?.isSecure === true });
  const rates = given.rates ?? NO_RATES;
  const proxies = given.proxies ?? trustedProxies([]);
  const options: Whole = { ...given, limits, headers, rates, proxies };
  const server = Fastify({
    loggerInstance: options.logger,
    // One line a request is written below, with nothing in it that a client made up.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    bodyLimit: limits.bodyBytesMax,
    genReqId: (request) => requestIdOf(request, options.newId),
    routerOptions: { maxParamLength: limits.parameterCharactersMax },
    serverFactory: (longWay) => bothWays(options, longWay),
    trustProxy: (address) => proxies.isOne(address),
    forceCloseConnections: "idle",
    // Our routes say it themselves, as a problem.
    return503OnClosing: false,
    frameworkErrors: answerFrameworkError(headers),
    clientErrorHandler: answerClientError(options),
  });
  server.addHook("onRequest", async (request, reply) => {
    reply.headers(headers.of(request.id));
  });
  allowOrigins(server, options.origins ?? []);
  readBodies(server, limits.formBytesMax);
  boundStrangers(server, rates);
  handleProblems(server);
  server.addHook("onSend", async (_request, reply) => {
    reply.headers(pageHeaders(reply.getHeader("content-type"), reply.getHeader("content-security-policy")));
  });
  compressLargeAnswers(server, limits.answerMs);
  server.addHook("onResponse", async (request, reply) => noteAnswer(options, request, reply));
  registerOperational(server, options);
  const visited = { isSignedIn: signedIn(options), answerMs: limits.answerMs };
  serveReference(server, { ...visited, readReference: options.readReference });
  servePages(server, { ...visited, issuers: options.issuers ?? [] });
  for (const id of Object.keys(ROUTES) as RouteId[]) registerRoute(server, options, id);
  if (options.aep !== undefined) {
    const onCaller: AepServing["onCaller"] = (request, caller, organization) => {
      // Looked at twice where there is a body, and counted once.
      if (!callers.has(request)) pay("caller", rates.caller(caller));
      callers.set(request, { caller, organization });
    };
    serveAep(server, options.aep, { isDraining: options.isDraining, answerMs: limits.answerMs, onCaller });
  }
  if (options.publicApi !== undefined) {
    servePublic(server, options.publicApi, {
      isDraining: options.isDraining,
      answerMs: limits.answerMs,
      onCaller: (request, { caller, organization }) => {
        pay("caller", rates.caller(caller));
        callers.set(request, { caller, organization });
      },
    });
  }
  return server;
}

type Whole = HttpOptions & Pick<HotOptions, "limits" | "headers" | "rates"> & { readonly proxies: Proxies };

/** Node's own server, with its limits; hot routes take the short way, unless a browser's page asks, whose answer needs more headers. */
function bothWays({ answers, ...options }: Whole, longWay: RequestListener): Server {
  const short = answers === undefined ? undefined : shortWay({ ...options, answers });
  const { keepAliveMs, idleMs } = options.limits;
  const repeated = short && repeats({ learn: short.learn, keptMs: keepAliveMs + KEPT_BUFFER_MS, idleMs });
  const knowsOrigins = (options.origins ?? []).length > 0;
  const { connections: bounds = { max: Number.POSITIVE_INFINITY, perAddressMax: Number.POSITIVE_INFINITY }, metrics } = options;
  const onClosed: ConnectionOptions["onClosed"] = (why) => metrics.closed(why);
  return nodeServer({ ...options, bounds, onClosed, repeats: repeated }, (request, response) => {
    const isOfPage = knowsOrigins && request.headers.origin !== undefined;
    if (isOfPage || short?.takes(request, response) !== true) longWay(request, response);
  });
}

function noteAnswer({ metrics, logger }: HttpOptions, request: FastifyRequest, { statusCode, elapsedTime }: FastifyReply): void {
  const route = request.routeOptions.url ?? "unknown";
  metrics.observe(route, statusCode, elapsedTime);
  const known = callers.get(request);
  const organization = known?.organization ?? (request.params as { readonly org?: string } | undefined)?.org;
  const line = { requestId: request.id, method: request.method, route, status: statusCode, elapsedMs: elapsedTime };
  logRequest(logger, { ...line, caller: known?.caller, organization });
}

type Needed = NonNullable<Route["needs"]>;

function registerRoute(server: FastifyInstance, options: Whole, id: RouteId): void {
  const { answerMs } = options.limits;
  const { method, path, needs, takes, byOffice, byMember, above, answer }: Route = ROUTES[id];
  const asked = needs === undefined ? undefined : { needs, byOffice, byMember, above: above === true };
  server.route({
    method,
    url: routeUrl(path),
    config: { ...(takes === undefined ? {} : { takes }), isOpen: isOpen(ROUTES[id]) },
    ...(takes?.includes(JSON_TYPE) ? { bodyLimit: options.limits.documentBytesMax } : {}),
    // Before the body is read: who may not ask need not be listened to.
    onRequest: async (request, reply) => {
      if (options.isDraining()) throw new HttpProblem("draining");
      if (asked === undefined) return;
      try {
        callers.set(request, await permitted(options, request, { ...asked, isCounted: true }));
      } catch (error) {
        if (PAGE_TYPE in answer.types && isUnknown(error) && isOfPerson(request)) return toSignIn(request, reply);
        throw error;
      }
    },
    // And after: who sent it slowly may have lost his right meanwhile, and must not do what he began with it.
    preHandler: async (request) => {
      if (asked !== undefined && method !== "GET") callers.set(request, await permitted(options, request, asked));
    },
    handler: async (request, reply) =>
      within(options.handlers[id]({ request, reply, caller: undefined, ...callers.get(request) }), answerMs),
  });
}

const PAGE_TYPE = "text/html";
const isUnknown = (error: unknown): boolean => error instanceof HttpProblem && error.code === "not_authenticated";
/** Whether a person in a browser asks for a page: programs name no HTML, or show a token. */
const isOfPerson = ({ headers: { accept = "", authorization } }: FastifyRequest): boolean =>
  authorization === undefined && weightsOf(accept).some(({ name, weight }) => name === PAGE_TYPE && weight > 0);

/** Whether a browser shows a session that counts. */
function signedIn({ site, sessions }: HttpOptions): (request: FastifyRequest) => Promise<boolean> {
  return async (request) => {
    const browser = site === undefined ? undefined : browserOf(request, site);
    return browser !== undefined && (await sessions?.visit(browser)) !== undefined;
  };
}

/** `isCounted`: as a request of its caller's. */
type Asked = {
  readonly needs: Needed;
  readonly byOffice: true | undefined;
  readonly byMember: true | undefined;
  readonly above: boolean;
  readonly isCounted?: true;
};
/** `organization`: the one that is asked, where no path names it. */
type Permitted = { readonly caller: Caller; readonly byOffice?: true; readonly organization?: string };

/** Who asks, if he may now. Throws where he may not, or where it is not known in time. */
async function permitted(
  { authenticate, guard, offices, clock, site, rates, limits: { answerMs } }: Whole,
  request: FastifyRequest,
  { needs, byOffice, byMember, above, isCounted }: Asked,
): Promise<Permitted> {
  const browser = site === undefined ? undefined : browserOf(request, site);
  const shown = { authorization: request.headers.authorization, ...(browser === undefined ? {} : { browser }) };
  const caller = await within(authenticate(shown, clock()), answerMs);
  if (caller === undefined) throw new HttpProblem("not_authenticated");
  if (isCounted === true) pay("caller", rates.caller(caller));
  const organization = (request.params as { readonly org?: string }).org;
  const verdict = await within(guard(caller, { needs, above, ...(organization === undefined ? {} : { organization }) }), answerMs);
  if (verdict === "permitted") return { caller };
  const isOfMember = byMember === true && organization !== undefined && isMember(caller, { organization, needs });
  if (verdict.code === "not_permitted" && isOfMember) return { caller };
  const mayHold = verdict.code === "not_permitted" && byOffice === true && offices !== undefined && organization !== undefined;
  if (mayHold && (await within(offices.hold(caller, { organization, needs }), answerMs))) return { caller, byOffice };
  throw new HttpProblem(verdict.code);
}

const callers = new WeakMap<FastifyRequest, Permitted>();

function registerOperational(server: FastifyInstance, options: Whole): void {
  const { metrics } = options;
  const { answerMs } = options.limits;
  server.get("/healthz", async () => ({ status: "ok" }));
  server.get("/readyz", async (_request, reply) => {
    const why = await within(options.readiness(), answerMs);
    return why === undefined ? { status: "ready" } : reply.status(NOT_READY).send({ status: "not ready", why });
  });
  if (metrics !== NO_METRICS) {
    server.get("/metrics", OPEN, async (request, reply) => {
      const caller = await within(options.authenticate({ authorization: request.headers.authorization }, options.clock()), answerMs);
      const isDetailed = caller?.organizations === "all" && options.guard(caller, { needs: "admin" }) === "permitted";
      reply.header("content-type", metrics.contentType);
      return within(metrics.text(isDetailed), answerMs);
    });
  }
  server.get("/openapi.json", OPEN, async () => options.openApi);
}
