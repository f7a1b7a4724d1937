/**
 * Strangers: what nobody who is known asked is paid for by its address.
 *
 * Open pages, and paths at which there is nothing, are paid for before anything is done for them. Where somebody says who he is, that is
 * looked at first, and paid for only where it is not so: else whoever shares an address with a guesser could be kept out by him.
 * Invariant: an answer that says that somebody is not known is always paid for, and who is known never pays here.
 */
import { OAUTH_ERRORS, PROBLEMS, ROUTES, type Route } from "@reeve/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { routeUrl } from "./handlers.ts";
import { problemAnswer } from "./problem.ts";
import { pay, type Rates, tooOften } from "./rates.ts";

/** Of a route beside the table that nobody has to be known for. */
export const OPEN = { config: { isOpen: true } } as const;
const UNKNOWN = 401;
const NOT_FOUND = 404;

const asksNoToken = ({ needs, bySession }: Route): boolean => needs === undefined && bySession !== true;

/** Whether the route itself says that it does not know somebody: he shows a secret in the body. */
function takesSecret(route: Route): boolean {
  const statuses: readonly Readonly<Record<string, { readonly status: number }>>[] = [PROBLEMS, OAUTH_ERRORS];
  const { problems = [], refuses = [] } = route;
  return asksNoToken(route) && [...problems, ...refuses].some((code) => statuses.some((one) => one[code]?.status === UNKNOWN));
}

/** Whether nobody has to be known for a route. */
export const isOpen = (route: Route): boolean => asksNoToken(route) && !takesSecret(route);

const WITH_SECRET: ReadonlySet<string> = new Set(
  (Object.values(ROUTES) as readonly Route[]).filter(takesSecret).map(({ path }) => routeUrl(path)),
);

export function boundStrangers(server: FastifyInstance, rates: Rates): void {
  server.addHook("onRequest", async (request) => {
    const { isOpen } = request.routeOptions.config as { readonly isOpen?: boolean };
    if (request.is404 || isOpen === true) pay("stranger", rates.stranger(request.ip));
  });
  server.addHook("onSend", async (request, reply, payload) => {
    const retryMs = isOfStranger(request, reply) ? rates.stranger(request.ip) : undefined;
    if (retryMs === undefined) return payload;
    const { code, about } = tooOften("stranger", retryMs);
    const { status, headers, body } = problemAnswer(code, about, request.id);
    reply.removeHeader("www-authenticate").status(status).headers(headers);
    return body;
  });
}

function isOfStranger({ routeOptions: { url = "" } }: FastifyRequest, { statusCode }: FastifyReply): boolean {
  // What is shown may be the whole of who somebody is, as the token of an invitation.
  return statusCode === UNKNOWN || (statusCode === NOT_FOUND && WITH_SECRET.has(url));
}
