/**
 * The client: one call of Reeve's HTTP interface over `fetch`.
 *
 * Paths come from the contract's table of routes. What is no good answer is a failure that says what to do about it.
 * Invariant: the token goes to the address that was named and to no other: redirects are not followed.
 */
import { type Problem, ROUTES, type Route, type RouteId } from "@reeve/contract";
import type { Result } from "@reeve/core";
import { thisCaller } from "./caller.ts";
import { EXIT, type Failure, fail, failureOf } from "./exit.ts";

export type Call = {
  readonly route: RouteId;
  /** What stands in the route's template. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** `?…`, or empty. */
  readonly query?: string;
  readonly body?: unknown;
  /** A media type; JSON unless it is said. */
  readonly accept?: string;
};
export type Client = {
  /** The body of a good answer, as it came. */
  ask(call: Call): Promise<Result<string, Failure>>;
  /** The same, parsed. */
  askJson(call: Call): Promise<Result<{ readonly text: string; readonly value: unknown }, Failure>>;
};
/** `from`: where the token was found, for the message when it is refused. */
export type Token = { readonly secret: string; readonly from: string };
export type ClientOptions = { readonly url: string; readonly token?: Token; readonly fetch?: typeof fetch };

const ANSWER_MS = 30_000;

export function createClient({ url, token, fetch: call = fetch }: ClientOptions): Client {
  const ask: Client["ask"] = async ({ route, parameters = {}, query = "", body, accept = "application/json" }) => {
    const { method, path }: Route = ROUTES[route];
    const odd = Object.values(parameters).find((value) => /^\.{0,2}$/.test(value));
    // Percent-encoding leaves dots alone, and a URL resolves them: the call would go elsewhere.
    if (odd !== undefined) return fail(EXIT.usage, `${JSON.stringify(odd)} is no id.`);
    const target = url + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? "")) + query;
    const headers = {
      accept,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token.secret}` }),
    };
    try {
      const signal = AbortSignal.timeout(ANSWER_MS);
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await call(target, { method, headers, signal, redirect: "error", ...sent });
      const text = await response.text();
      return response.ok ? { ok: true, value: text } : refused({ response, text, url, token });
    } catch (error) {
      return fail(EXIT.cannotRun, unreachable(url, error));
    }
  };
  return {
    ask,
    async askJson(request) {
      const answer = await ask(request);
      if (!answer.ok) return answer;
      try {
        return { ok: true, value: { text: answer.value, value: JSON.parse(answer.value) as unknown } };
      } catch {
        return fail(EXIT.cannotRun, `${url} answered, but not as Reeve does. Is it the right address? (--url or REEVE_URL)`);
      }
    },
  };
}

type Refusal = { readonly response: Response; readonly text: string; readonly url: string; readonly token: Token | undefined };

function refused({ response, text, url, token }: Refusal): { readonly ok: false; readonly error: Failure } {
  const problem = problemOf(response, text);
  if (problem === undefined) {
    return fail(EXIT.cannotRun, `${url} answered ${response.status}, but not as Reeve does. Is it the right address? (--url or REEVE_URL)`);
  }
  const { exit, lines } = failureOf(problem);
  const about = problem.code === "not_authenticated" && token !== undefined ? [`  the token came from ${token.from}`] : [];
  return { ok: false, error: { exit, lines: [...lines, ...about] } };
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
