/**
 * Access tokens: signed JWTs (RFC 9068) that say who asks, never what he may do.
 *
 * A token names its issuer, audience, service account, organization, client and scopes. Verifying it takes the signature, by a key and
 * an algorithm of ours alone, then three looks: was it revoked, is its client there, is its service account active. The signature of a
 * token that was seen lately is not computed again; the looks are made at each request.
 * Invariant: nothing in a token's header chooses how it is verified but `kid`, and that only among our own keys.
 */
import { compactVerify, SignJWT } from "jose";
import { uuidv7 } from "uuidv7";
import type { ActivePrincipals } from "./authenticate.ts";
import type { Client } from "./clients.ts";
import type { KeptItems } from "./item-cache.ts";
import { CLIENT, REVOKED_TOKEN } from "./kinds.ts";
import { andThen, type Later } from "./later.ts";
import { hashToken } from "./secrets.ts";
import { ALGORITHM, type SigningKeys, TOKEN_SECONDS } from "./signing-keys.ts";

/** What a token says. Times in epoch seconds. */
export type Claims = {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly org: string;
  readonly client_id: string;
  readonly scope: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly jti: string;
};

/** Errors of all: those of the store. */
export type AccessTokens = {
  /** `expiresIn`: whole seconds that are left. `scope`: as `readScope` gives it. */
  issue(client: Client, scope: string): Promise<{ readonly token: string; readonly expiresIn: number }>;
  /** What a token says, if it is one of ours that counts now. At once where its signature and what it rests on are known. */
  verify(token: string): Later<Claims | undefined>;
  /** Ends a token of the client, which the audit tells; what is no valid token is none that could be ended. */
  revoke(token: string, client: Client, requestId: string): Promise<"done" | "foreign">;
};

type Given = {
  readonly keys: SigningKeys;
  readonly items: KeptItems;
  readonly clock: () => number;
  readonly principals: ActivePrincipals;
  /** Asked when it is needed: where a server listens is known late. */
  readonly issuer: () => string;
  readonly audience: string;
};

/** Longer than any that is issued; as long as a credential may be. */
const CHARACTERS_MAX = 4_096;
/** Clocks of several servers differ a little: a token may be from so far ahead. None is let in after its end. */
const AHEAD_SECONDS = 5;
const VERIFIED_MAX = 10_000;
const TYPE = "at+jwt";

type Verified = { readonly claims: Claims; readonly kid: string };

export function accessTokens(given: Given): AccessTokens {
  const { keys, items, clock, principals, issuer, audience } = given;
  const verified = new Map<string, Verified>();
  const keep = (key: string, one: Verified): void => {
    // The oldest one goes: a Map keeps the order in which they came.
    if (verified.size >= VERIFIED_MAX) verified.delete(verified.keys().next().value as string);
    verified.set(key, one);
  };
  const isTimely = ({ exp, nbf, iat }: Claims): boolean => {
    const nowMs = clock();
    return nowMs < exp * 1_000 && Math.max(nbf, iat) * 1_000 <= nowMs + AHEAD_SECONDS * 1_000;
  };
  /** By the signature and what it says alone. */
  const signed = async (token: string, key: string): Promise<Verified | undefined> => {
    const one = await verifiedOf(token, keys);
    const isOurs = one !== undefined && one.claims.iss === issuer() && one.claims.aud === audience;
    if (!isOurs || !isTimely(one.claims)) return undefined;
    keep(key, one);
    return one;
  };
  const ours = (token: string): Later<Verified | undefined> => {
    if (!isShaped(token)) return undefined;
    const key = hashToken(token).toString("latin1");
    const known = verified.get(key);
    if (known === undefined) return signed(token, key);
    if (isTimely(known.claims) && keys.isPublished(known.kid)) return known;
    verified.delete(key);
    return undefined;
  };
  return {
    async issue({ id, org, principal }, scope) {
      const { kid, sign } = await keys.current();
      const nowMs = clock();
      const iat = Math.floor(nowMs / 1_000);
      const exp = iat + TOKEN_SECONDS;
      const claims: Claims = { iss: issuer(), aud: audience, sub: principal, org, client_id: id, scope, iat, nbf: iat, exp, jti: uuidv7() };
      const token = await new SignJWT({ ...claims }).setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid }).sign(sign);
      return { token, expiresIn: Math.floor(exp - nowMs / 1_000) };
    },
    verify: (token) => andThen(ours(token), (one) => one && standing(one.claims, { items, principals })),
    async revoke(token, client, requestId) {
      const claims = (await ours(token))?.claims;
      // What is of another organization is none to this one.
      if (claims === undefined || claims.org !== client.org) return "done";
      if (claims.client_id !== client.id) return "foreign";
      const { jti: id, org, sub: principal, exp } = claims;
      // Where the principal is gone nothing is put, and the token is none any more.
      await items.write((tx) => {
        const isNew = tx.find(REVOKED_TOKEN, id) === undefined;
        const isPut = isNew && tx.put({ kind: REVOKED_TOKEN, id, org, principal, expiresMs: exp * 1_000, value: {} });
        const actor = { type: "service-account", id: principal };
        if (isPut) tx.audit(org, { actor, requestId, action: "access-token.revoke", target: `access-tokens/${id}` });
      });
      return "done";
    },
  };
}

/** The claims of a token that was not revoked, whose client is there and whose service account is active. */
function standing(claims: Claims, { items, principals }: Pick<Given, "items" | "principals">): Later<Claims | undefined> {
  const { jti, org, sub, client_id } = claims;
  return andThen(items.known(REVOKED_TOKEN, jti), (revoked) => {
    if (revoked !== undefined) return undefined;
    return andThen(items.known(CLIENT, client_id), (client) => {
      if (client?.org !== org || client.principal !== sub) return undefined;
      return andThen(principals(org, sub), (type) => (type === "service-account" ? claims : undefined));
    });
  });
}

const SHAPE = /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+$/;

/** Whether it can be one: three parts of base64url, of which two begin like an object of JSON. */
export function isShaped(token: string): boolean {
  return token.length <= CHARACTERS_MAX && SHAPE.test(token);
}

async function verifiedOf(token: string, keys: SigningKeys): Promise<Verified | undefined> {
  const kid = kidOf(token.slice(0, token.indexOf(".")));
  const key = kid === undefined ? undefined : await keys.find(kid);
  if (kid === undefined || key === undefined) return undefined;
  try {
    const { payload } = await compactVerify(token, key.verify, { algorithms: [ALGORITHM] });
    const claims = claimsOf(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload)));
    return claims && { claims, kid };
  } catch {
    // Not signed by us, or not what we sign: which of the two is nobody's business.
    return undefined;
  }
}

/** The key's name, of a header that says what ours say and nothing else. */
function kidOf(header: string): string | undefined {
  try {
    const { alg, typ, kid, ...others } = JSON.parse(Buffer.from(header, "base64url").toString("utf8"));
    const isOurs = alg === ALGORITHM && typ === TYPE && typeof kid === "string" && Object.keys(others).length === 0;
    return isOurs ? kid : undefined;
  } catch {
    return undefined;
  }
}

const TEXTS = ["iss", "aud", "sub", "org", "client_id", "scope", "jti"] as const;
const TIMES = ["iat", "nbf", "exp"] as const;

function claimsOf(value: Readonly<Record<string, unknown>>): Claims | undefined {
  const isWhole =
    TEXTS.every((name) => Object.hasOwn(value, name) && typeof value[name] === "string") &&
    TIMES.every((name) => Object.hasOwn(value, name) && Number.isSafeInteger(value[name]));
  const claims = value as unknown as Claims;
  return isWhole && claims.exp - claims.iat <= TOKEN_SECONDS ? claims : undefined;
}

const SCOPE_CHARACTERS_MAX = 512;
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Scopes in the form of RFC 6749 §3.3: one blank between, each once. Taken with commas or blanks between; `undefined`: this is no scope. */
export function readScope(text: string): string | undefined {
  if (text.length > SCOPE_CHARACTERS_MAX) return undefined;
  const scopes = [...new Set(text.split(/[ ,]+/).filter((scope) => scope !== ""))];
  return scopes.length > 0 && scopes.every((scope) => SCOPE.test(scope)) ? scopes.join(" ") : undefined;
}
