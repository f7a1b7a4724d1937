/**
 * The log: JSON lines of pino, one for every request.
 *
 * A line names what we name ourselves (route template, status, kind of caller) and ids; never a URL, a header, a body or an address,
 * which hold what clients should not have put there.
 * Invariant: no object of a request is ever logged; of an error only its kind, code, message and stack.
 */
import { ROUTES, type Route } from "@reeve/contract";
import type { FastifyBaseLogger } from "fastify";
import { type DestinationStream, type Logger, pino } from "pino";
import type { Caller } from "../identity/index.ts";
import { routeUrl } from "./handlers.ts";

/** `destination`: for tests; else stdout. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const nothing = (): undefined => undefined;
  const options = { level, base: { pid: process.pid }, serializers: { err: errorFacts, error: errorFacts, req: nothing, res: nothing } };
  return destination === undefined ? pino(options) : pino(options, destination);
}

export type RequestLine = {
  readonly requestId: string;
  readonly method: string;
  /** The template; `unknown`: there is no such route. */
  readonly route: string;
  readonly status: number;
  readonly elapsedMs: number;
  readonly caller?: Caller | undefined;
  /** As the path named it: told only of callers whom we know, where it was found. */
  readonly organization?: string | undefined;
};

const SERVER_FAULT = 500;

/** The line of a request that was answered; of what is asked all the time (probes, checks) only where it is looked for. */
export function logRequest(logger: FastifyBaseLogger, line: RequestLine): void {
  const level = line.status >= SERVER_FAULT ? "warn" : isProbe(line) || isCheck(line) ? "debug" : "info";
  // Where nobody looks for it, not even the line is made.
  if (level === "debug" && logger.level !== "debug" && logger.level !== "trace") return;
  const { requestId, method, route, status, elapsedMs, organization } = line;
  // Whatever is no caller is none: the line must be written.
  const caller = line.caller ?? undefined;
  // What is refused may name an organization that is none, and is then whatever the client wrote.
  const isRefused = status >= BAD_REQUEST && status < SERVER_FAULT;
  logger[level](
    {
      requestId,
      method,
      route,
      status,
      ms: Math.round(elapsedMs * 1_000) / 1_000,
      caller: caller === undefined ? undefined : (caller.principal?.type ?? "administrator"),
      client: caller?.clientId,
      organization: caller === undefined || isRefused ? undefined : organization,
    },
    "request",
  );
}

/**
 * What befell what is of no organization, whose audit would tell it. Stable: whoever watches the log looks for these.
 * Those of people are told with the account, those of the administrator's tokens and of signing keys with their id.
 */
export type LoggedEvent =
  | "session.start"
  | "session.end"
  | "second-factor.on"
  | "second-factor.off"
  | "password.change"
  | "password.reset"
  | "password-reset.create"
  | "account.end"
  | "administrator-token.create"
  | "administrator-token.end"
  | "signing-key.create";

/** `logger`: that of the request, where there is one, which tells its id. `id`: one that lets nobody in. */
export function logEvent(
  logger: Pick<FastifyBaseLogger, "info">,
  event: LoggedEvent,
  about: { readonly id?: string; readonly account?: string },
): void {
  logger.info({ event, ...about }, "event");
}

/** What machines ask every few seconds. */
function isProbe({ route }: RequestLine): boolean {
  return route === "/healthz" || route === "/readyz" || route === "/metrics";
}

/** Checks that were answered: the metrics count them, and a line each would cost more than they do. */
function isCheck({ route, status }: RequestLine): boolean {
  return status < BAD_REQUEST && CHECKS.has(route);
}
const BAD_REQUEST = 400;
const CHECKS: ReadonlySet<string> = new Set(
  (Object.values(ROUTES) as readonly Route[]).filter(({ isHot }) => isHot === true).map(({ path }) => routeUrl(path)),
);

const CAUSES_MAX = 4;

function errorFacts(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, stack, code, cause } = error as NodeJS.ErrnoException;
  return {
    type: name,
    ...(typeof code === "string" ? { code } : {}),
    message,
    stack,
    ...(cause === undefined || depth >= CAUSES_MAX ? {} : { cause: errorFacts(cause, depth + 1) }),
  };
}
