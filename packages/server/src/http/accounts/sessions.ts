/** Signing in, and the sessions that come of it: each person's own. Mapping only. */
import { type SessionAnswer, type SessionListed, SignInRequest } from "@reeve/contract";
import {
  type Account,
  type Accounts,
  SESSION_MS,
  type SecondFactors,
  type Session,
  type Sessions,
  type SignIn,
} from "../../identity/index.ts";
import { browserOf, isOwnOrigin, type Site, setCookie } from "../browser.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import { logEvent } from "../log.ts";
import { HttpProblem } from "../problem.ts";
import { validator, validBody } from "../validate.ts";
import { unknownPerson } from "./unknown-person.ts";

const validateSignIn = validator<SignInRequest>(SignInRequest);
const CREATED = 201;
const NO_CONTENT = 204;

export type SessionOptions = {
  readonly accounts: Accounts;
  readonly signIn: SignIn;
  readonly sessions: Sessions;
  readonly factors: SecondFactors;
  readonly site: Site;
};
type SessionRoute = "signIn" | "getSession" | "endSession" | "listSessions" | "deleteSession";

export function sessionHandlers(options: SessionOptions): Pick<Handlers, SessionRoute> {
  return {
    signIn: (exchange) => signIn(options, exchange),
    getSession: (exchange) => read(options, exchange),
    endSession: async (exchange) => {
      const { session } = await visitOf(options, exchange);
      return end(options, exchange, { session, id: session.id });
    },
    listSessions: (exchange) => list(options, exchange),
    deleteSession: async (exchange) => {
      const { session } = await visitOf(options, exchange);
      const { id } = exchange.request.params as { readonly id: string };
      return end(options, exchange, { session, id });
    },
  };
}

/** Who is signed in, and asks from a page of ours. Throws where nobody is. */
export type Visited = { readonly account: Account; readonly session: Session; readonly secret: string };
export async function visitOf({ accounts, sessions, site }: SessionOptions, { request }: Exchange): Promise<Visited> {
  const browser = request.headers.authorization === undefined ? browserOf(request, site) : undefined;
  const session = browser === undefined ? undefined : await sessions.visit(browser);
  const account = session === undefined ? undefined : await accounts.find(session.account);
  if (browser === undefined || session === undefined || account === undefined) throw new HttpProblem("not_authenticated");
  return { account, session, secret: browser.session };
}

async function signIn(options: SessionOptions, { request, reply }: Exchange): Promise<SessionAnswer> {
  const { site } = options;
  // Else a page could sign its visitor in as somebody else.
  if (!isOwnOrigin(request.headers, site)) throw new HttpProblem("foreign_origin");
  const shown = validBody(validateSignIn, { request });
  const done = await options.signIn.signIn({ ...shown, address: request.ip });
  if (!done.ok) throw unknownPerson(done.error);
  const account = done.value;
  const { secret, told } = await startSession(options, { request, reply }, account.id);
  const answer = await answerOf(options, { account, session: told, secret });
  reply.status(CREATED);
  return answer;
}

/** Starts a session of an account in the browser that asks; one that it had ends. Throws where the account is gone. */
export async function startSession(
  { sessions, site }: Pick<SessionOptions, "sessions" | "site">,
  { request, reply }: Pick<Exchange, "request" | "reply">,
  account: string,
): Promise<{ readonly secret: string; readonly told: Session }> {
  const earlier = browserOf(request, site)?.session;
  const visit = { address: request.ip, userAgent: request.headers["user-agent"] ?? "", ...(earlier === undefined ? {} : { earlier }) };
  const made = await sessions.start(account, visit);
  if (made === undefined) throw new HttpProblem("sign_in_refused");
  logEvent(request.log, "session.start", { account });
  reply.headers({ "set-cookie": setCookie(site, { secret: made.secret, ms: SESSION_MS }), "cache-control": "no-store" });
  return made;
}

async function read(options: SessionOptions, exchange: Exchange): Promise<SessionAnswer> {
  const answer = await answerOf(options, await visitOf(options, exchange));
  exchange.reply.header("cache-control", "no-store");
  return answer;
}

async function answerOf({ sessions, factors }: SessionOptions, { account, session, secret }: Visited): Promise<SessionAnswer> {
  const users = await sessions.users(session);
  return {
    id: session.id,
    account,
    secondFactor: await factors.isOn(account.id),
    csrf: sessions.csrf(secret),
    created: session.createdMs,
    expires: session.expiresMs,
    organizations: users.map(({ org, principal }) => ({ id: org, principal })),
  };
}

async function list(options: SessionOptions, exchange: Exchange): Promise<{ readonly items: readonly SessionListed[] }> {
  const { session } = await visitOf(options, exchange);
  const found = await options.sessions.list(session.account);
  return { items: found.map((one) => listed(one, one.id === session.id)) };
}

function listed({ id, createdMs, seenMs, expiresMs, address, userAgent }: Session, isCurrent: boolean): SessionListed {
  return { id, current: isCurrent, created: createdMs, lastSeen: seenMs, expires: expiresMs, address, userAgent };
}

type Ending = { readonly session: Session; readonly id: string };

async function end({ sessions, site }: SessionOptions, { request, reply }: Exchange, { session, id }: Ending): Promise<undefined> {
  if (!(await sessions.end(session.account, id))) throw new HttpProblem("object_not_found", { detail: "There is no such session." });
  logEvent(request.log, "session.end", { account: session.account });
  if (id === session.id) reply.header("set-cookie", setCookie(site));
  reply.status(NO_CONTENT);
  return undefined;
}
