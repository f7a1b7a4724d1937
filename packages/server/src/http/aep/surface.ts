/**
 * Adobe Experience Platform's access control API and its neighbours, labels and sandboxes: their routes as the contract's table has them, under their documented paths.
 *
 * Routes and mapping only: who may ask is the guard's, what is answered the engine's. Each service is a scope of its own, so that whatever
 * goes wrong below its path is told in its own shapes, what does not exist among them.
 * Invariant: every route of the table is served, with and without a slash at the end of collections, and no other.
 */
import { AEP_BASE, AEP_ROUTES, type AepRoute, type AepRouteId } from "@reeve/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { writeRevision } from "../../app/index.ts";
import type { Caller } from "../../identity/index.ts";
import { JSON_TYPE } from "../body.ts";
import { within } from "../deadline.ts";
import { routeUrl } from "../handlers.ts";
import { HttpProblem } from "../problem.ts";
import { type AccessOptions, effectivePolicies, listCategories, listPermissionSets, listProducts, reference } from "./access.ts";
import { type AepExchange, type AepGround, exchangeOf } from "./exchange.ts";
import { getCoreLabel, getCustomLabel, listCoreLabels, listCustomLabels, putCustomLabel } from "./labels.ts";
import { createPolicy, deletePolicy, getPolicy, listPolicies, type PolicyOptions, patchPolicy, putPolicy } from "./policies.ts";
import { bodyOf, refusalOf } from "./refusals.ts";
import { createRole, deleteRole, getRole, listRoles, listSubjects, patchRole, patchSubjects, putRole, type RoleOptions } from "./roles.ts";
import { createSandbox, deleteSandbox, getSandbox, listSandboxes, patchSandbox, type SandboxOptions } from "./sandboxes.ts";

export type AepOptions = AepGround &
  AccessOptions &
  RoleOptions &
  PolicyOptions &
  SandboxOptions & {
    /** Name of a file → what it says. */
    readonly documents: Readonly<Record<string, unknown>>;
  };
/** `onCaller`: told who asks, for the log. */
export type AepServing = {
  readonly isDraining: () => boolean;
  readonly answerMs: number;
  readonly onCaller: (request: FastifyRequest, caller: Caller, organization: string) => void;
};
type Handler = (exchange: AepExchange) => unknown;

function handlersOf(options: AepOptions): Readonly<Record<AepRouteId, Handler>> {
  return {
    reference: (exchange) => reference(options, exchange),
    effectivePolicies: (exchange) => effectivePolicies(options, exchange),
    listRoles: (exchange) => listRoles(options, exchange),
    createRole: (exchange) => createRole(options, exchange),
    getRole: (exchange) => getRole(options, exchange),
    patchRole: (exchange) => patchRole(options, exchange),
    putRole: (exchange) => putRole(options, exchange),
    deleteRole: (exchange) => deleteRole(options, exchange),
    listSubjects: (exchange) => listSubjects(options, exchange),
    patchSubjects: (exchange) => patchSubjects(options, exchange),
    listPolicies: (exchange) => listPolicies(options, exchange),
    createPolicy: (exchange) => createPolicy(options, exchange),
    getPolicy: (exchange) => getPolicy(options, exchange),
    putPolicy: (exchange) => putPolicy(options, exchange),
    patchPolicy: (exchange) => patchPolicy(options, exchange),
    deletePolicy: (exchange) => deletePolicy(options, exchange),
    listProducts: (exchange) => listProducts(options, exchange),
    listCategories: (exchange) => listCategories(options, exchange),
    listPermissionSets: (exchange) => listPermissionSets(options, exchange),
    listCoreLabels: (exchange) => listCoreLabels(options, exchange),
    getCoreLabel: (exchange) => getCoreLabel(options, exchange),
    listCustomLabels: (exchange) => listCustomLabels(options, exchange),
    getCustomLabel: (exchange) => getCustomLabel(options, exchange),
    putCustomLabel: (exchange) => putCustomLabel(options, exchange),
    listSandboxes: (exchange) => listSandboxes(options, exchange),
    createSandbox: (exchange) => createSandbox(options, exchange),
    getSandbox: (exchange) => getSandbox(options, exchange),
    patchSandbox: (exchange) => patchSandbox(options, exchange),
    deleteSandbox: (exchange) => deleteSandbox(options, exchange),
  };
}

/** Serves the surface. */
export function serveAep(server: FastifyInstance, options: AepOptions, serving: AepServing): void {
  const handlers = handlersOf(options);
  const ids = Object.keys(AEP_ROUTES) as AepRouteId[];
  for (const base of new Set(ids.map((id) => AEP_ROUTES[id].base))) {
    server.register(
      (scope, _given, done) => {
        scope.setErrorHandler(refuse);
        scope.setNotFoundHandler(() => {
          throw new HttpProblem("not_found");
        });
        for (const id of ids.filter((each) => AEP_ROUTES[each].base === base))
          serveRoute(scope, { options, serving, route: AEP_ROUTES[id], handle: handlers[id] });
        done();
      },
      { prefix: base },
    );
  }
  // What the surface is, for whoever would use it: of no organization.
  for (const [name, document] of Object.entries(options.documents)) server.get(`${AEP_BASE}/${name}`, async () => document);
}

type Served = { readonly options: AepOptions; readonly serving: AepServing; readonly route: AepRoute; readonly handle: Handler };
const NO_CONTENT = 204;
const REVISION = "reeve-revision";

function serveRoute(scope: FastifyInstance, { options, serving, route, handle }: Served): void {
  const exchanges = new WeakMap<FastifyRequest, AepExchange>();
  const look = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const exchange = await within(exchangeOf(options, { request, reply }, route), serving.answerMs);
    serving.onCaller(request, exchange.caller, exchange.organization);
    exchanges.set(request, exchange);
  };
  const url = routeUrl(route.path);
  for (const one of route.isCollection === true ? [url, `${url}/`] : [url]) {
    scope.route({
      method: route.method,
      url: one,
      // Before the body is read, and after: as on every route of the server.
      onRequest: async (request, reply) => {
        if (serving.isDraining()) throw new HttpProblem("draining");
        readAsJson(request, route);
        await look(request, reply);
      },
      preHandler: async (request, reply) => {
        if (route.method !== "GET") await look(request, reply);
      },
      handler: async (request, reply) => {
        const exchange = exchanges.get(request) as AepExchange;
        const answer = await within((async () => handle(exchange))(), serving.answerMs);
        if (answer === undefined) reply.status(NO_CONTENT);
        // A write has said the revision that it made; everything else is answered at this one or a later one.
        if (!reply.hasHeader(REVISION)) reply.header(REVISION, writeRevision(exchange.plan.at));
        return answer;
      },
    });
  }
}

/** Documents promise any media type for one body, and clients name one where there is no body. */
function readAsJson({ headers }: FastifyRequest, { takesAnyType, body }: AepRoute): void {
  const hasBody = headers["content-length"] !== undefined ? headers["content-length"] !== "0" : headers["transfer-encoding"] !== undefined;
  if (body === undefined && !hasBody) delete headers["content-type"];
  else if (takesAnyType === true && hasBody) headers["content-type"] = JSON_TYPE;
}

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = refusalOf(error);
  if (known === undefined) request.log.error({ err: error }, "a request crashed");
  const refusal = known ?? (refusalOf(new HttpProblem("internal_error")) as NonNullable<typeof known>);
  const { allow, retryMs } = refusal.about;
  if (allow !== undefined) reply.header("allow", allow.join(", "));
  if (retryMs !== undefined) reply.header("retry-after", String(Math.ceil(retryMs / 1_000)));
  return reply.status(refusal.status).type(JSON_TYPE).send(bodyOf(refusal, request.id));
}
