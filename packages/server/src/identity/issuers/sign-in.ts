/**
 * Signing in by an issuer: OpenID Connect, authorization code with PKCE, state and nonce.
 *
 * Whoever begins goes to the issuer with a transaction in his browser, and comes back with a code, which is good for an ID token with this
 * transaction alone. Who its subject is here, and what his claims give him, is asked of `admit`.
 * Invariant: an ID token counts only with a signature by a key that the issuer publishes, for the client, with the nonce of the transaction.
 */
import type { JsonObject } from "@reeve/core";
import {
  AuthorizationResponseError,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientError,
  type Configuration,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  WWWAuthenticateChallengeError,
} from "openid-client";
import { IssuerUnavailable } from "./fetch.ts";
import { claimOf, type Issuer, type NoteIssuer, type Proven, subjectIn, textIn, valuesIn } from "./issuer.ts";
import type { Provider } from "./provider.ts";
import type { Transaction, Transactions } from "./transaction.ts";

/** `expired`: no transaction that counts; `denied`: the issuer says no; `not_proven`: what it says does not hold. */
export type NotProven = { readonly code: "expired" | "denied" | "not_proven"; readonly detail?: undefined };
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };
/** Whose account a subject that was proven signs in by; the reason why by none. */
export type Admit<Refused> = (proven: Proven, requestId: string) => Promise<Result<string, Refused>>;
export type Returned = {
  readonly name: string;
  /** Of the callback, as it was called. */
  readonly query: string;
  readonly transaction: string | undefined;
  readonly requestId: string;
};

export type IssuerSignIn<Refused> = {
  /** Where to send whoever begins, and what his browser must keep. `undefined`: no such issuer. Rejects with IssuerUnavailable. */
  begin(name: string, returnTo: string): Promise<{ readonly location: string; readonly transaction: string } | undefined>;
  /** The account that signs in, and the path to go on to. `undefined`: no such issuer. Rejects with IssuerUnavailable. */
  end(returned: Returned): Promise<Result<{ readonly account: string; readonly returnTo: string }, Refused | NotProven> | undefined>;
};

type Given<Refused> = {
  readonly providers: ReadonlyMap<Issuer, Provider>;
  readonly transactions: Transactions;
  readonly admit: Admit<Refused>;
  /** Origin of the server, as people reach it. */
  readonly origin: () => string;
  /** Told why somebody was not let in; nothing of what he or the issuer sent. */
  readonly note: NoteIssuer;
};

const SCOPES: readonly string[] = ["email", "profile"];

export function createIssuerSignIn<Refused extends { readonly code: string }>(given: Given<Refused>): IssuerSignIn<Refused> {
  const { providers, transactions, origin, note } = given;
  const named = new Map(
    [...providers].filter(([{ signIn }]) => signIn !== undefined).map(([one, its]) => [one.name, { issuer: one, its }]),
  );
  const callback = (name: string): string => `${origin()}/sign-in/${name}/callback`;
  return {
    async begin(name, returnTo) {
      const found = named.get(name);
      if (found === undefined) return undefined;
      const configuration = await found.its.configuration();
      const sent: Transaction = { issuer: name, state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier(), returnTo };
      const { href } = buildAuthorizationUrl(configuration, {
        redirect_uri: callback(name),
        scope: [...new Set(["openid", ...(found.issuer.signIn?.scopes ?? SCOPES)])].join(" "),
        state: sent.state,
        nonce: sent.nonce,
        code_challenge: await calculatePKCECodeChallenge(sent.verifier),
        code_challenge_method: "S256",
      });
      return { location: href, transaction: await transactions.write(sent) };
    },
    async end({ name, query, transaction, requestId }) {
      const found = named.get(name);
      if (found === undefined) return undefined;
      const { issuer, its } = found;
      const begun = transaction === undefined ? undefined : await transactions.take(transaction, name);
      if (begun === undefined) return { ok: false, error: { code: "expired" } };
      const proven = await provenBy(await its.configuration(), { issuer, begun, url: new URL(`${callback(name)}?${query}`) });
      if (!proven.ok) {
        note({ issuer: name, code: proven.error.code, why: proven.why });
        if (proven.error instanceof IssuerUnavailable) throw proven.error;
        return { ok: false, error: proven.error };
      }
      const admitted = await given.admit(proven.value, requestId);
      if (!admitted.ok) note({ issuer: name, code: admitted.error.code });
      return admitted.ok ? { ok: true, value: { account: admitted.value, returnTo: begun.returnTo } } : admitted;
    },
  };
}

type Coming = { readonly issuer: Issuer; readonly begun: Transaction; readonly url: URL };

type Unproven = { readonly ok: false; readonly error: NotProven | IssuerUnavailable; readonly why: string };

async function provenBy(configuration: Configuration, coming: Coming): Promise<{ readonly ok: true; readonly value: Proven } | Unproven> {
  const { issuer, begun, url } = coming;
  try {
    const answer = await authorizationCodeGrant(configuration, url, {
      pkceCodeVerifier: begun.verifier,
      expectedState: begun.state,
      expectedNonce: begun.nonce,
      idTokenExpected: true,
    });
    const told = (answer.claims() ?? {}) as JsonObject;
    const subject = subjectIn(told);
    if (subject === undefined) return not("not_proven", "there is no subject");
    const isWhole = USES.every((use) => Object.hasOwn(told, claimOf(issuer, use)));
    const { userinfo_endpoint: more } = configuration.serverMetadata();
    const asked = isWhole || more === undefined ? {} : await fetchUserInfo(configuration, answer.access_token, subject);
    return { ok: true, value: provenOf({ issuer, subject, told, asked: asked as JsonObject }) };
  } catch (error) {
    return whyNot(error);
  }
}

const USES = ["principal", "email", "name", "groups", "roles"] as const;

/** Of the ID token, and of what the issuer says where that says nothing. */
function provenOf({ issuer, subject, told, asked }: Proof): Proven {
  const all = { ...asked, ...told };
  const addressIn = (claims: JsonObject) => (claims.email_verified === true ? textIn(claims, claimOf(issuer, "email")) : undefined);
  return {
    issuer,
    subject,
    principal: textIn(all, claimOf(issuer, "principal")),
    email: addressIn(told) ?? addressIn(asked),
    name: textIn(all, claimOf(issuer, "name")),
    groups: valuesIn(all, claimOf(issuer, "groups")),
    roles: valuesIn(all, claimOf(issuer, "roles")),
  };
}
type Proof = { readonly issuer: Issuer; readonly subject: string; readonly told: JsonObject; readonly asked: JsonObject };

const not = (code: NotProven["code"], why: string): Unproven => ({ ok: false, error: { code }, why });

/** Throws what is none of the issuer's doing. */
function whyNot(error: unknown): Unproven {
  const cause = error instanceof Error ? error.cause : undefined;
  for (const one of [error, cause]) if (one instanceof IssuerUnavailable) return { ok: false, error: one, why: one.message };
  if (error instanceof AuthorizationResponseError) return not("denied", wordOf(error.error));
  if (error instanceof ResponseBodyError) return not("not_proven", wordOf(error.error));
  if (error instanceof WWWAuthenticateChallengeError) return not("not_proven", "the issuer asks for another authentication");
  if (error instanceof ClientError) return not("not_proven", `${error.message} (${error.code})`);
  throw error;
}

/** An error code of OAuth, which whoever calls back can make up. */
const wordOf = (code: string): string => (/^[\w.-]{1,64}$/.test(code) ? code : "an error without a name");
