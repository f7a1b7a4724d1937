/**
 * Parameters of OAuth requests: forms in bodies, where allowed the query, and the client's credentials.
 *
 * Invariant: a parameter that is said twice is refused, wherever it is said: two readers must not see two clients in one request.
 */
import { OAUTH_ERRORS, type OAuthError, type OAuthErrorCode } from "@reeve/contract";
import type { Exchange } from "../handlers.ts";

/** Ends a request with an error of OAuth. Thrown by readers, answered by `refusing`. */
export class OAuthRefusal extends Error {
  readonly code: OAuthErrorCode;
  constructor(code: OAuthErrorCode, description: string) {
    super(description);
    this.code = code;
  }
}

/** The answer of `work`, or the refusal that it threw. */
export async function refusing<T>({ request, reply }: Exchange, work: () => Promise<T>): Promise<T | OAuthError> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OAuthRefusal)) throw error;
    reply.status(OAUTH_ERRORS[error.code].status);
    // RFC 6749 §5.2: who tried the header is told which scheme it takes.
    if (error.code === "invalid_client" && request.headers.authorization !== undefined)
      reply.header("www-authenticate", 'Basic realm="reeve"');
    return { error: error.code, error_description: error.message };
  }
}

export type Parameters = ReadonlyMap<string, string>;

/** Those of the body, and of the query where it counts. Empty ones are none (RFC 6749 §3.2). */
export function parametersOf({ request }: Exchange, mayBeInQuery: boolean): Parameters {
  const body = typeof request.body === "string" ? request.body : "";
  const query = mayBeInQuery ? request.url.split("?").slice(1).join("?") : "";
  const found = new Map<string, string>();
  for (const [name, value] of [...new URLSearchParams(body), ...new URLSearchParams(query)]) {
    if (found.has(name)) throw new OAuthRefusal("invalid_request", "A parameter comes twice.");
    found.set(name, value);
  }
  return new Map([...found].filter(([, value]) => value !== ""));
}

export function required(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined) throw new OAuthRefusal("invalid_request", `${name} is missing.`);
  return value;
}

export type Shown = { readonly id: string; readonly secret: string };

/** What the client shows of itself: two parameters, or a Basic header (RFC 6749 §2.3.1), and not both. */
export function clientShown({ request }: Exchange, parameters: Parameters): Shown {
  const { authorization } = request.headers;
  if (authorization === undefined) return { id: required(parameters, "client_id"), secret: required(parameters, "client_secret") };
  if (parameters.has("client_secret")) throw new OAuthRefusal("invalid_request", "The client authenticates in two ways.");
  const shown = readBasic(authorization);
  if (shown === undefined) throw unknownClient();
  const named = parameters.get("client_id");
  if (named !== undefined && named !== shown.id) throw new OAuthRefusal("invalid_request", "Two clients are named.");
  return shown;
}

/** One for all: that there is no such client is told nobody. */
export const unknownClient = (): OAuthRefusal => new OAuthRefusal("invalid_client", "There is no such client with this secret.");

const BASIC = /^Basic +([A-Za-z0-9+/]{1,2048}={0,2})$/i;

function readBasic(authorization: string): Shown | undefined {
  const encoded = BASIC.exec(authorization)?.[1];
  const text = encoded === undefined ? "" : Buffer.from(encoded, "base64").toString("utf8");
  const at = text.indexOf(":");
  if (at < 0) return undefined;
  try {
    return { id: decoded(text.slice(0, at)), secret: decoded(text.slice(at + 1)) };
  } catch {
    return undefined;
  }
}

/** Both are forms' values before they are joined. */
const decoded = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));
