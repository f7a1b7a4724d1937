/**
 * What an issuer publishes of itself: its metadata (OpenID Connect Discovery) and its keys (RFC 7517).
 *
 * Invariant: metadata that names another issuer is none; a key is found by `kid` among those that the issuer publishes, and fits the
 * algorithm.
 */
import { createLocalJWKSet, errors, type FlattenedJWSInput, type JSONWebKeySet, type JWSHeaderParameters } from "jose";
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  None,
} from "openid-client";
import { type Ask, type Asking, asker, ISSUER_MS, IssuerUnavailable, mayBeAsked } from "./fetch.ts";
import type { Issuer, NoteIssuer } from "./issuer.ts";
import { kept } from "./kept.ts";

type Key = Awaited<ReturnType<KeySet>>;
/** Keys as they were published together. */
export type KeySet = ReturnType<typeof createLocalJWKSet>;
export type Provider = {
  /** How its client talks with it. Rejects with IssuerUnavailable. */
  configuration(): Promise<Configuration>;
  /** The keys that count now, at once; `undefined`: they must be asked for. */
  freshKeys(): KeySet | undefined;
  /** The key that a header names, with the set that it was found in. Unknown ones are asked for. Rejects with IssuerUnavailable. */
  findKey(header: JWSHeaderParameters): Promise<{ readonly key: Key; readonly set: KeySet } | undefined>;
};

const KEYS_MAX = 100;
const OK = 200;

export function provider(issuer: Issuer, { clock, note }: { readonly clock: () => number; readonly note: NoteIssuer }): Provider {
  const ask = asker(issuer.issuer);
  /** Told once for each time that it is asked, not for each who waits for it. */
  const noted = async <T>(load: Promise<T>): Promise<T> => {
    try {
      return await load;
    } catch (error) {
      if (error instanceof IssuerUnavailable) note({ issuer: issuer.name, code: error.code, why: error.message });
      throw error;
    }
  };
  const metadata = kept({ clock, load: () => noted(discovered(issuer, ask)) });
  const jwksUri = async (): Promise<string> => {
    const uri = issuer.tokens?.jwksUri ?? (await metadata.get()).serverMetadata().jwks_uri;
    if (uri === undefined) throw new IssuerUnavailable("the issuer names no keys");
    return uri;
  };
  const published = async () => keySet(await ask(await jwksUri(), { headers: { accept: "application/json" } }));
  const keys = kept({ clock, load: () => noted(published()) });
  return {
    configuration: () => metadata.get(),
    freshKeys: () => keys.fresh(),
    async findKey(header) {
      const known = await keys.get();
      const found = await keyIn(known, header);
      if (found !== undefined) return { key: found, set: known };
      const newer = await keys.renewed();
      const key = newer === known ? undefined : await keyIn(newer, header);
      return key && { key, set: newer };
    },
  };
}

async function discovered({ issuer, signIn }: Issuer, ask: Ask): Promise<Configuration> {
  const isPlain = issuer.startsWith("http:");
  const execute = [enableNonRepudiationChecks, ...(isPlain ? [allowInsecureRequests] : [])];
  const found = await discovery(new URL(issuer), signIn?.clientId ?? "none", undefined, authenticating(signIn?.clientSecret), {
    execute,
    timeout: ISSUER_MS / 1_000,
    [customFetch]: (url, { method, headers, body }) => ask(url, { method, headers, body } as Asking),
  }).catch((error: unknown) => {
    throw error instanceof IssuerUnavailable ? error : new IssuerUnavailable("the issuer's metadata is none", { cause: error });
  });
  // The library takes some providers at their word, whose metadata stand for many issuers.
  if (URL.parse(found.serverMetadata().issuer)?.href !== new URL(issuer).href)
    throw new IssuerUnavailable("the issuer's metadata is another's");
  const { authorization_endpoint: door } = found.serverMetadata();
  if (signIn !== undefined && !mayBeAsked(door ?? "", issuer))
    throw new IssuerUnavailable("the issuer names no https address to sign in at");
  return found;
}

/** As the provider takes it: in the header (RFC 6749 §2.3.1), unless it says that it takes the body alone. */
function authenticating(secret: string | undefined): ClientAuth {
  if (secret === undefined) return None();
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)];
  return (server, ...rest) => {
    const taken = server.token_endpoint_auth_methods_supported;
    const isPost = taken?.includes("client_secret_post") === true && !taken.includes("client_secret_basic");
    (isPost ? post : basic)(server, ...rest);
  };
}

async function keySet(answer: Response): Promise<KeySet> {
  if (answer.status !== OK) throw new IssuerUnavailable(`the issuer answers ${answer.status} for its keys`);
  try {
    const set = (await answer.json()) as JSONWebKeySet;
    if (set.keys.length > KEYS_MAX) throw new IssuerUnavailable(`the issuer publishes more than ${KEYS_MAX} keys`);
    return createLocalJWKSet(set);
  } catch (error) {
    throw error instanceof IssuerUnavailable ? error : new IssuerUnavailable("the issuer's keys are none", { cause: error });
  }
}

async function keyIn(set: KeySet, header: JWSHeaderParameters): Promise<Key | undefined> {
  try {
    return await set(header, {} as FlattenedJWSInput);
  } catch (error) {
    // None of that name and algorithm, several of it, or one that is no key.
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException) return undefined;
    throw error;
  }
}
