/** Signing in by a trusted issuer: a browser is sent there, and comes back to a session. Mapping only. */
import { PROBLEMS, type ProblemCode } from "@reeve/contract";
import { type IssuerSignIn, type NotProven, TRANSACTION_MS } from "../../identity/index.ts";
import { cookieIn, setCookie } from "../browser.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { HttpProblem } from "../problem.ts";
import { faultyQuery, queryOf, searchOf } from "../query.ts";
import { type SessionOptions, startSession } from "./sessions.ts";

const SEE_OTHER = 303;
const ACCOUNT = "/account";
const SIGN_IN = "/sign-in";
const PATH_CHARACTERS_MAX = 2_048;

/** Why nobody was let in: a problem, or a code that the page of signing in has words for. */
export type RefusedByIssuer = { readonly code: string; readonly detail?: string };
export type IssuerOptions = Pick<SessionOptions, "sessions" | "site"> & { readonly issuers: IssuerSignIn<RefusedByIssuer> };
type IssuerRoute = "beginIssuerSignIn" | "endIssuerSignIn";

export function issuerHandlers(options: IssuerOptions): Pick<Handlers, IssuerRoute> {
  return {
    beginIssuerSignIn: (exchange) => begin(options, exchange),
    endIssuerSignIn: (exchange) => end(options, exchange),
  };
}

async function begin({ issuers, site }: IssuerOptions, { request, reply }: Exchange): Promise<""> {
  const { return: to } = queryOf(request.url, ["return"]);
  const begun = await issuers.begin(nameOf(request), returnTo(to));
  if (begun === undefined) throw new HttpProblem("issuer_not_found");
  const { location, transaction } = begun;
  reply.header("set-cookie", setCookie(site, { secret: transaction, ms: TRANSACTION_MS }, "sign-in"));
  return onward(reply, location);
}

async function end(options: IssuerOptions, exchange: Exchange): Promise<""> {
  const { request, reply } = exchange;
  const { issuers, site } = options;
  const done = await issuers.end({
    name: nameOf(request),
    query: searchOf(request.url).toString(),
    transaction: cookieIn(request.headers, site, "sign-in"),
    requestId: request.id,
  });
  if (done === undefined) throw new HttpProblem("issuer_not_found");
  reply.header("set-cookie", setCookie(site, undefined, "sign-in"));
  if (!done.ok) return refused(reply, done.error);
  await startSession(options, exchange, done.value.account);
  return onward(reply, done.value.returnTo);
}

const nameOf = ({ params }: Exchange["request"]): string => (params as { readonly name: string }).name;

function onward(reply: Exchange["reply"], location: string): "" {
  reply.status(SEE_OTHER).header("location", location);
  return "";
}

function refused(reply: Exchange["reply"], { code, detail }: RefusedByIssuer | NotProven): "" {
  if (Object.hasOwn(PROBLEMS, code)) throw new HttpProblem(code as ProblemCode, detail === undefined ? {} : { detail });
  return onward(reply, `${SIGN_IN}?refused=${code}`);
}

/** A path of this server, as a browser reads it: nothing that leads to another one. */
function returnTo(path = ACCOUNT): string {
  const isOurs = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(path) && path.length <= PATH_CHARACTERS_MAX;
  if (isOurs && URL.parse(path, ORIGIN)?.origin === ORIGIN) return path;
  const detail = `This must be a path of this server, of ${PATH_CHARACTERS_MAX} visible ASCII characters at most.`;
  throw faultyQuery([{ code: "not_allowed", pointer: "?return", detail }]);
}

const ORIGIN = "http://reeve.invalid";
