/**
 * Authentication: a request's credential → the caller.
 *
 * A token is known by the SHA-256 of its secret; what the client sent is hashed and the hashes compared in constant time, so that
 * neither the store nor the clock tells a secret. Rights are not read here: `guard` asks what the caller may do.
 * An access token is verified (`access-tokens.ts`, `issuers/tokens.ts`); what looks like one and is none may still be a token of the
 * other sort.
 * Invariant: no caller without a valid credential; what a caller stands for is looked up at each request.
 */
import { timingSafeEqual } from "node:crypto";
import type { PrincipalType } from "@reeve/core";
import type { Token } from "../store/index.ts";
import { ADMINISTRATOR, FURTHER, PRINCIPAL } from "./kinds.ts";
import { noting } from "./noting.ts";
import { hashToken } from "./secrets.ts";
import type { KeptTokens } from "./token-cache.ts";

/** What a credential allows at most. */
export type Ceiling = "read" | "decide" | "admin";
export type Caller = {
  /** Absent: the server's administrator. */
  readonly principal?: { readonly organization: string; readonly type: PrincipalType; readonly id: string };
  readonly organizations: "all" | readonly string[];
  readonly ceiling: Ceiling;
  readonly how: "token" | "access-token" | "session";
  readonly clientId?: string;
};
/**
 * What a browser showed, that has the cookie of a session. `isOwnOrigin`: it names no page as asking, or one of the server's own.
 * `organization`: the one that is asked.
 */
export type Browser = {
  readonly session: string;
  readonly isUnsafe: boolean;
  readonly csrf: string | undefined;
  readonly isOwnOrigin: boolean;
  readonly organization?: string;
};
/**
 * What a client showed. `connection`: whatever stands for the connection that it came by, if it may ask again. `browser` counts only
 * where there is no `authorization`.
 */
export type Credential = { readonly authorization: string | undefined; readonly connection?: object; readonly browser?: Browser };
/** `undefined`: there is no valid credential. At once where the token is known already. */
export type Authenticate = (credential: Credential, nowMs: number) => Caller | undefined | Promise<Caller | undefined>;

const NOTED_EVERY_MS = 60_000;
const BEARER = /^Bearer +([\x21-\x7e]{1,4096})$/i;

/** What an active principal is; `undefined`: there is none, or an inactive one. At once where the organization is loaded already. */
export type ActivePrincipals = (organization: string, id: string) => PrincipalType | undefined | Promise<PrincipalType | undefined>;

/** Whom an access token that counts now stands for: an active user or service account; `undefined`: it is none. */
export type VerifyAccessToken = (token: string) => Granted | undefined | Promise<Granted | undefined>;
/** `type`: absent of this server's own tokens, which stand for service accounts. */
type Granted = {
  readonly org: string;
  readonly sub: string;
  readonly type?: "user" | "service-account";
  readonly client_id: string | undefined;
  readonly scope: string;
};

/** Makes the one way in: a token of the administrator, one that stands for an active principal, or an access token. */
export function authenticator(tokens: KeptTokens, principals: ActivePrincipals, verify?: VerifyAccessToken): Authenticate {
  const known = tokenAuthenticator(tokens, principals);
  return (credential, nowMs) => {
    // The text is looked at before anything is computed: most tokens are known by their hash.
    const token = verify === undefined ? undefined : ACCESS_TOKEN.exec(credential.authorization ?? "")?.[1];
    if (token === undefined) return known(credential, nowMs);
    const callerOf = (granted: Granted | undefined): ReturnType<Authenticate> =>
      granted === undefined ? known(credential, nowMs) : bearerOfAccess(granted);
    const granted = verify?.(token);
    return granted instanceof Promise ? granted.then(callerOf) : callerOf(granted);
  };
}

const ACCESS_TOKEN = /^Bearer +(eyJ[\w-]{1,4096}\.eyJ[\w-]{1,4096}\.[\w-]{1,4096})$/i;
const SCOPES: readonly (readonly [scope: string, ceiling: Ceiling])[] = [
  ["reeve.admin", "admin"],
  ["reeve.decide", "decide"],
  ["reeve.read", "read"],
];

/** A scope of ours lowers what the bearer may do at most; without one the rights of the principal alone count. */
function bearerOfAccess({ org, sub, type = "service-account", client_id, scope }: Granted): Caller {
  const scopes = scope.split(" ");
  const ceiling = SCOPES.find(([name]) => scopes.includes(name))?.[1] ?? "admin";
  const principal = { organization: org, type, id: sub };
  const clientId = client_id === undefined ? {} : { clientId: client_id };
  return { principal, organizations: [org], ceiling, how: "access-token", ...clientId };
}

function tokenAuthenticator(tokens: KeptTokens, principals: ActivePrincipals): Authenticate {
  const hashOf = hashing();
  const noteUse = noting({ everyMs: NOTED_EVERY_MS, write: (key, nowMs) => tokens.used(Buffer.from(key, "latin1"), nowMs) });
  return (credential, nowMs) => {
    const hashed = hashOf(credential);
    if (hashed === undefined) return undefined;
    const { hash, key } = hashed;
    const callerOf = (token: Token | undefined): Caller | undefined | Promise<Caller | undefined> => {
      if (token === undefined || !timingSafeEqual(token.hash, hash) || !isValid(token, nowMs)) return undefined;
      const told = bearerOf(token);
      if (told === undefined) return undefined;
      const { org, principal } = token;
      if (token.kind !== PRINCIPAL) {
        noteUse(key, nowMs);
        return { organizations: "all", ...told };
      }
      if (org === undefined || principal === undefined) return undefined;
      const standing = (type: PrincipalType | undefined): Caller | undefined => {
        // A group is nobody who could ask.
        if (type === undefined || type === "group") return undefined;
        noteUse(key, nowMs);
        return { principal: { organization: org, type, id: principal }, organizations: [org], ...told };
      };
      const type = principals(org, principal);
      return type instanceof Promise ? type.then(standing) : standing(type);
    };
    const token = tokens.find(hash);
    return token instanceof Promise ? token.then(callerOf) : callerOf(token);
  };
}

const CEILINGS: readonly Ceiling[] = ["read", "decide", "admin"];
const KINDS: readonly string[] = [ADMINISTRATOR, FURTHER, PRINCIPAL];

/** What every bearer of a token has; of a kind or a ceiling that nobody knows: nothing. */
function bearerOf({ kind, ceiling, clientId }: Token): Pick<Caller, "ceiling" | "how" | "clientId"> | undefined {
  const known = CEILINGS.find((one) => one === ceiling);
  if (known === undefined || !KINDS.includes(kind)) return undefined;
  return { ceiling: known, how: "token", ...(clientId === undefined ? {} : { clientId }) };
}

/** `key`: the hash as a text, to be found by. */
type Hashed = { readonly hash: Buffer; readonly key: string };

/** The hash of a bearer's secret; made once for a connection that shows the same one again. */
function hashing(): (credential: Credential) => Hashed | undefined {
  const shown = new WeakMap<object, { readonly authorization: string; readonly hashed: Hashed }>();
  return ({ authorization, connection }) => {
    if (authorization === undefined) return undefined;
    const known = connection === undefined ? undefined : shown.get(connection);
    if (known?.authorization === authorization) return known.hashed;
    const secret = BEARER.exec(authorization)?.[1];
    if (secret === undefined) return undefined;
    const hash = hashToken(secret);
    const hashed = { hash, key: hash.toString("latin1") };
    if (connection !== undefined) shown.set(connection, { authorization, hashed });
    return hashed;
  };
}

function isValid(token: Token, nowMs: number): boolean {
  return token.expiresMs === undefined || nowMs < token.expiresMs;
}
