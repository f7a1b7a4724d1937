/**
 * The client: one call of Reeve's HTTP interface over `fetch`.
 *
 * Paths come from the contract's table of routes. What is no good answer is a failure that says what to do about it.
 * Invariant: the token goes to the address that was named and to no other: redirects are not followed.
 */
import { setImmediate } from "node:timers/promises";
import { OAUTH_ERRORS, type OAuthError, type Problem, ROUTES, type Route, type RouteId } from "@reeve/contract";
import type { Result } from "@reeve/core";
import { thisCaller } from "./caller.ts";
import { EXIT, exitOfStatus, type Failure, fail, failureOf } from "./exit.ts";

export type Call = {
  readonly route: RouteId;
  /** What stands in the route's template. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** `?…`, or empty. */
  readonly query?: string;
  readonly body?: unknown;
  /** Sent as it is, in place of a body in JSON. */
  readonly text?: { readonly type: string; readonly body: string };
  /** Why; kept in the audit. */
  readonly reason?: string | undefined;
  /** The `etag` of the version that is to be changed. */
  readonly ifMatch?: string | undefined;
  /** A media type; JSON unless it is said. */
  readonly accept?: string;
};
/** `etag`: which version of an object it is, where it is one. */
export type Answered = { readonly text: string; readonly value: unknown; readonly etag?: string };
export type Client = {
  /** The body of a good answer, as it came. */
  ask(call: Call): Promise<Result<string, Failure>>;
  /** The same, parsed. */
  askJson(call: Call): Promise<Result<Answered, Failure>>;
  /** The body of a good answer as it comes, in chunks; an answer may take as long as something comes. */
  askChunks(call: Call, take: (text: string) => void): Promise<Result<undefined, Failure>>;
};
/** `from`: where the token was found, for the message when it is refused. */
export type Token = { readonly secret: string; readonly from: string };
export type ClientOptions = { readonly url: string; readonly token?: Token; readonly fetch?: typeof fetch };

const ANSWER_MS = 30_000;
/** A long text may take a while on its way: more than this is asked of no connection. */
const BYTES_PER_MS = 50;

export function createClient({ url, token, fetch: call = fetch }: ClientOptions): Client {
  const send = async <T>(
    { route, parameters = {}, query = "", body, text, reason, ifMatch, accept = "application/json" }: Call,
    read: Reading<T>,
  ): Promise<Result<T, Failure>> => {
    const { method, path }: Route = ROUTES[route];
    const odd = Object.values(parameters).find((value) => /^\.{0,2}$/.test(value));
    // Percent-encoding leaves dots alone, and a URL resolves them: the call would go elsewhere.
    if (odd !== undefined) return fail(EXIT.usage, `${JSON.stringify(odd)} is no id.`);
    const target = url + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? "")) + query;
    const headers = {
      accept,
      ...(reason === undefined ? {} : { "reeve-reason": encodeURIComponent(reason) }),
      ...(ifMatch === undefined ? {} : { "if-match": ifMatch }),
      ...(text === undefined ? {} : { "content-type": text.type }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token.secret}` }),
    };
    // What was computed before may have taken long: a connection that the server closed meanwhile is seen to be closed first.
    await setImmediate();
    await setImmediate();
    const patience = patienceOf(ANSWER_MS + (text?.body.length ?? 0) / BYTES_PER_MS);
    try {
      const sent = text !== undefined ? { body: text.body } : body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await call(target, { method, headers, signal: patience.signal, redirect: "error", ...sent });
      if (response.ok) return { ok: true, value: await read(response, patience.renew) };
      return refused({ response, text: await response.text(), url, token, body });
    } catch (error) {
      return fail(EXIT.cannotRun, unreachable(url, error));
    } finally {
      patience.end();
    }
  };
  const ask: Client["ask"] = (request) => send(request, (response) => response.text());
  return {
    ask,
    askChunks: (request, take) => send(request, (response, renew) => readChunks(response, { take, renew })),
    async askJson(request) {
      const answer = await send(request, async (response) => ({ text: await response.text(), etag: response.headers.get("etag") }));
      if (!answer.ok) return answer;
      const { text, etag } = answer.value;
      try {
        return { ok: true, value: { text, value: JSON.parse(text) as unknown, ...(etag === null ? {} : { etag }) } };
      } catch {
        return fail(EXIT.cannotRun, `${url} answered, but not as Reeve does. Is it the right address? (--url or REEVE_URL)`);
      }
    },
  };
}

type Reading<T> = (response: Response, renew: () => void) => Promise<T>;

/** A signal that ends a call in which nothing came for as long. */
function patienceOf(ms: number): { readonly signal: AbortSignal; renew(): void; end(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException("nothing came", "TimeoutError")), ms);
  return { signal: controller.signal, renew: () => void timer.refresh(), end: () => clearTimeout(timer) };
}

async function readChunks(response: Response, { take, renew }: { take(text: string): void; renew(): void }): Promise<undefined> {
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    renew();
    take(decoder.decode(chunk, { stream: true }));
  }
  take(decoder.decode());
  return undefined;
}

type Refusal = {
  readonly response: Response;
  readonly text: string;
  readonly url: string;
  readonly token: Token | undefined;
  readonly body: unknown;
};

function refused({ response, text, url, token, body }: Refusal): { readonly ok: false; readonly error: Failure } {
  const problem = problemOf(response, text);
  if (problem === undefined) {
    const oauth = oauthErrorOf(text);
    if (oauth !== undefined) return fail(exitOfStatus(response.status), `${oauth.error_description} (${oauth.error})`);
    return fail(EXIT.cannotRun, `${url} answered ${response.status}, but not as Reeve does. Is it the right address? (--url or REEVE_URL)`);
  }
  const { exit, lines } = failureOf(problem, body);
  const about = problem.code === "not_authenticated" && token !== undefined ? [`  the token came from ${token.from}`] : [];
  return { ok: false, error: { exit, lines: [...lines, ...about], problem } };
}

/** As RFC 6749 §5.2 has it, where who asks shows a client secret. */
function oauthErrorOf(text: string): OAuthError | undefined {
  try {
    const body = JSON.parse(text) as Partial<OAuthError> | null;
    const isKnown = Object.hasOwn(OAUTH_ERRORS, body?.error ?? "") && typeof body?.error_description === "string";
    return isKnown ? (body as OAuthError) : undefined;
  } catch {
    return undefined;
  }
}

function problemOf(response: Response, text: string): Problem | undefined {
  if (!response.headers.get("content-type")?.startsWith("application/problem+json")) return undefined;
  try {
    const body = JSON.parse(text) as Partial<Problem> | null;
    return typeof body?.code === "string" && typeof body.title === "string" ? { ...(body as Problem), status: response.status } : undefined;
  } catch {
    return undefined;
  }
}

function unreachable(url: string, error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && cause.name === "TimeoutError") return `${url} did not answer within ${ANSWER_MS / 1_000} s.`;
  const why = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause);
  return `Nothing answers at ${url} (${why}). Start a server: ${thisCaller().command} start. Or name another: --url or REEVE_URL.`;
}
