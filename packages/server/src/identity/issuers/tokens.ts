/**
 * Access tokens of trusted issuers: JWTs that say who asks, of the issuer's organization, never what he may do.
 *
 * Which issuer's a token would be is read from it unverified, to choose the one entry by whose rules it is verified then. The signature of
 * a token that was seen lately is not computed again for as long as the same keys count; whom it stands for is looked up at each request.
 * Invariant: algorithm and keys are the configuration's, never the token's; what was made to sign somebody in is no access token.
 */

import type { JsonObject } from "@reeve/core";
import { compactVerify, errors, type JWSHeaderParameters } from "jose";
import { isShaped } from "../access-tokens.ts";
import type { ActivePrincipals, VerifyAccessToken } from "../authenticate.ts";
import { andThen, type Later } from "../later.ts";
import { hashToken } from "../secrets.ts";
import type { Identities } from "./identities.ts";
import { claimOf, type Issuer, subjectIn, textIn, valuesIn } from "./issuer.ts";
import type { KeySet, Provider } from "./provider.ts";

/** Of clocks that differ. None is let in after its end. */
const AHEAD_MS = 60_000;
/** Nobody but its issuer can end such a token: one that lives for longer is not taken. */
const LIFE_MS = 86_400_000;
const VERIFIED_MAX = 10_000;
const ALGORITHMS: readonly string[] = ["ES256", "ES384", "RS256", "PS256"];
const TYPES: readonly unknown[] = ["at+jwt", "application/at+jwt", "JWT", undefined];
/** `x5t`: names of a certificate, which nobody looks at. */
const HEADER: readonly string[] = ["alg", "typ", "kid", "x5t", "x5t#S256"];
/** Of ID tokens (OpenID Connect Core §2), logout tokens, and tokens that count only with a proof that nobody here asks for. */
const FOREIGN: readonly string[] = ["nonce", "at_hash", "c_hash", "events", "cnf"];

type Given = {
  readonly providers: ReadonlyMap<Issuer, Provider>;
  readonly identities: Pick<Identities, "principalOf">;
  readonly principals: ActivePrincipals;
  readonly clock: () => number;
};
type Verified = { readonly claims: JsonObject; readonly subject: string; readonly set: KeySet };

/** Rejects with IssuerUnavailable where the issuer's keys cannot be had. */
export function issuedTokens({ providers, identities, principals, clock }: Given): VerifyAccessToken {
  const trusted = new Map([...providers.keys()].filter(({ tokens }) => tokens !== undefined).map((one) => [one.issuer, one]));
  const verified = new Map<string, Verified>();
  const signed = async (token: string, key: string, issuer: Issuer): Promise<Verified | undefined> => {
    const one = await verifiedOf(token, issuer, providers.get(issuer) as Provider);
    if (one === undefined || !isTimely(one.claims, clock())) return undefined;
    if (verified.size >= VERIFIED_MAX) verified.delete(verified.keys().next().value as string);
    verified.set(key, one);
    return one;
  };
  const known = (token: string, issuer: Issuer): Later<Verified | undefined> => {
    const key = hashToken(token).toString("latin1");
    const one = verified.get(key);
    if (one === undefined || one.set !== providers.get(issuer)?.freshKeys()) return signed(token, key, issuer);
    return isTimely(one.claims, clock()) ? one : undefined;
  };
  const standing = (issuer: Issuer, { claims, subject }: Verified): ReturnType<VerifyAccessToken> => {
    const { organization: org } = issuer;
    const principal = identities.principalOf({ issuer, subject }, textIn(claims, claimOf(issuer, "principal")));
    return andThen(principal, (sub) => {
      if (sub === undefined) return undefined;
      return andThen(principals(org, sub), (type) => {
        if (type === undefined || type === "group") return undefined;
        return { org, sub, type, client_id: clientIn(claims), scope: textIn(claims, "scope") ?? "" };
      });
    });
  };
  return (token) => {
    const issuer = isShaped(token) ? trusted.get(issuerIn(token)) : undefined;
    if (issuer === undefined) return undefined;
    return andThen(known(token, issuer), (one) => (one === undefined ? undefined : standing(issuer, one)));
  };
}

/** A token of this server, or of an issuer that it trusts. */
export function eitherToken(issued: VerifyAccessToken, own: VerifyAccessToken): VerifyAccessToken {
  return (token) => andThen(issued(token), (granted) => granted ?? own(token));
}

/** The client that obtained it, as the log may have it. */
function clientIn(claims: JsonObject): string | undefined {
  const client = textIn(claims, "client_id") ?? textIn(claims, "azp");
  return client !== undefined && /^[\x21-\x7e]{1,256}$/.test(client) ? client : undefined;
}

/** Whose a token says to be; "" where it says nothing. */
const issuerIn = (token: string): string => textIn(jsonIn(token.split(".")[1] ?? "") ?? {}, "iss") ?? "";

function jsonIn(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

async function verifiedOf(token: string, issuer: Issuer, keys: Provider): Promise<Verified | undefined> {
  const header = headerOf(token, issuer);
  const found = header === undefined ? undefined : await keys.findKey(header);
  if (header === undefined || found === undefined) return undefined;
  try {
    const { payload } = await compactVerify(token, found.key, { algorithms: [header.alg as string] });
    const claims = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload)) as JsonObject;
    const subject = subjectIn(claims);
    return subject !== undefined && isOfIssuer(claims, issuer) ? { claims, subject, set: found.set } : undefined;
  } catch (error) {
    // Not signed by the issuer, by a key that is too weak, or no claims: which of them is nobody's business.
    if (error instanceof errors.JOSEError || error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** A header that says what those of access tokens say, and nothing else. */
function headerOf(token: string, { tokens }: Issuer): JWSHeaderParameters | undefined {
  const header = jsonIn(token.split(".")[0] ?? "");
  if (header === undefined || !Object.keys(header).every((name) => HEADER.includes(name))) return undefined;
  const { alg, typ, kid } = header;
  const isGood = typeof alg === "string" && (tokens?.algorithms ?? ALGORITHMS).includes(alg) && TYPES.includes(typ);
  return isGood && typeof kid === "string" ? { alg, kid } : undefined;
}

function isOfIssuer(claims: JsonObject, { issuer, tokens, signIn }: Issuer): boolean {
  if (tokens === undefined || claims.iss !== issuer || FOREIGN.some((name) => Object.hasOwn(claims, name))) return false;
  const audiences = valuesIn(claims, "aud");
  // What names the client by which people sign in may be an ID token.
  const isForClient = signIn !== undefined && signIn.clientId !== tokens.audience && audiences.includes(signIn.clientId);
  return audiences.includes(tokens.audience) && !isForClient;
}

function isTimely({ exp, nbf, iat }: JsonObject, nowMs: number): boolean {
  const isBegun = [nbf, iat].every((time) => time === undefined || (typeof time === "number" && time * 1_000 <= nowMs + AHEAD_MS));
  return isBegun && typeof exp === "number" && nowMs < exp * 1_000 && exp * 1_000 <= nowMs + LIFE_MS + AHEAD_MS;
}
