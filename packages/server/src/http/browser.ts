/**
 * Browsers: the cookie of a session, that of signing in by an issuer, and what tells whether a page of ours asks.
 *
 * Over TLS the cookie of a session is `__Host-reeve`: Secure, of this host alone, for all paths. A server that people reach by plain HTTP on loopback
 * has none of that; there it is `reeve`. Elsewhere plain HTTP gets the Secure cookie too, which browsers then refuse to keep.
 * Invariant: a cookie that comes twice is none: another page of the domain may have set one of them.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { FastifyRequest } from "fastify";
import type { Browser } from "../identity/index.ts";

/**
 * How people reach the server. `isPlain`: by plain HTTP, from the same machine. `isSecure`: by HTTPS, and not only from there. `origin`: the
 * one that is configured; absent: what the request's `Host` says, by `scheme` or by a trusted proxy's word.
 */
export type Site = { readonly isPlain: boolean; readonly isSecure: boolean; readonly scheme: "http" | "https"; readonly origin?: string };

const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "::1", "[::1]"];

/** As it is configured, or as it listens. */
export function siteOf(server: { readonly publicUrl: string | undefined; readonly host: string; readonly isTls: boolean }): Site {
  const { publicUrl, host, isTls } = server;
  const { origin, protocol, hostname } =
    publicUrl === undefined ? { protocol: isTls ? "https:" : "http:", hostname: host } : new URL(publicUrl);
  const [isSecure, isNear] = [protocol === "https:", LOOPBACK.includes(hostname)];
  const scheme = isTls ? "https" : "http";
  // Of loopback HTTPS alone would be asked of every server of the machine.
  return { isPlain: !isSecure && isNear, isSecure: isSecure && !isNear, scheme, ...(origin === undefined ? {} : { origin }) };
}

type Cookie = "session" | "sign-in";

const nameOf = ({ isPlain }: Site, cookie: Cookie): string => `${isPlain ? "" : "__Host-"}reeve${cookie === "session" ? "" : `-${cookie}`}`;
const SAFE: readonly string[] = ["GET", "HEAD", "OPTIONS"];

/** What a browser shows, if it has the cookie of a session. */
export function browserOf(
  { headers, method, params }: Pick<FastifyRequest, "headers" | "method" | "params">,
  site: Site,
): Browser | undefined {
  const session = cookieIn(headers, site, "session");
  if (session === undefined) return undefined;
  const organization = (params as { readonly org?: string } | undefined)?.org;
  const csrf = headers["reeve-csrf"];
  return {
    session,
    isUnsafe: !SAFE.includes(method),
    csrf: typeof csrf === "string" ? csrf : undefined,
    isOwnOrigin: isOwnOrigin(headers, site),
    ...(organization === undefined ? {} : { organization }),
  };
}

/** Whether no page asks, or one of the server's own. */
export function isOwnOrigin({ origin, host, "x-forwarded-proto": forwarded }: IncomingHttpHeaders, site: Site): boolean {
  return origin === undefined || origin === (site.origin ?? `${forwarded ?? site.scheme}://${host}`);
}

/** A cookie that keeps a secret, or ends where there is none. */
export function setCookie(site: Site, kept?: { readonly secret: string; readonly ms: number }, cookie: Cookie = "session"): string {
  const seconds = kept === undefined ? 0 : Math.floor(kept.ms / 1_000);
  const secure = site.isPlain ? "" : "; Secure";
  return `${nameOf(site, cookie)}=${kept?.secret ?? ""}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}

/** The secret that a cookie of ours keeps. */
export function cookieIn({ cookie: header }: IncomingHttpHeaders, site: Site, cookie: Cookie): string | undefined {
  if (header === undefined) return undefined;
  const name = nameOf(site, cookie);
  const found = header.split(";").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at !== -1 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}
