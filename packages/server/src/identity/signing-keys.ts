/**
 * Signing keys: ES256 pairs by which this server signs access tokens, made at first use and rotated.
 *
 * A key *signs* for 30 days. The next one is made, and published, a day before it signs, so that who verifies has it in time; the old
 * one stays published until the last token that it signed has expired. The private half is in the store and in this process alone.
 * Invariant: the key that signs was published before any token of it was given out.
 */
import type { JsonObject } from "@reeve/core";
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import type { Item, Items } from "../store/index.ts";
import { SIGNING_KEY } from "./kinds.ts";

/** How long a token is valid at most: so long an old key is needed. */
export const TOKEN_SECONDS = 86_400;
/** The one algorithm that signs and verifies. */
export const ALGORITHM = "ES256";
const DAY_MS = 86_400_000;
const SIGNS_MS = 30 * DAY_MS;
const KEYS_MAX = 100;
/** An unknown key may be one that another process made: looked for anew, but not for every forged token. */
const LOOK_AGAIN_MS = 5_000;

export type SigningKey = { readonly kid: string; readonly sign: CryptoKey; readonly verify: CryptoKey };
export type PublicKey = { readonly kty: string; readonly crv: string; readonly x: string; readonly y: string } & {
  readonly kid: string;
  readonly use: "sig";
  readonly alg: typeof ALGORITHM;
};
/** Errors of all: those of the store. */
export type SigningKeys = {
  /** The one that signs now; made where there is none. */
  current(): Promise<SigningKey>;
  /** One that is published now. */
  find(kid: string): Promise<SigningKey | undefined>;
  /** Whether a key that was found is published still. */
  isPublished(kid: string): boolean;
  /** RFC 7517. */
  jwks(): Promise<{ readonly keys: readonly PublicKey[] }>;
};

type Known = SigningKey & { readonly publicKey: PublicKey; readonly signsFromMs: number; readonly publishedUntilMs: number };
/** `onMade`: told of each key that this process made, by its name. */
type Given = { readonly items: Items; readonly clock: () => number; readonly onMade?: (kid: string) => void };

export function signingKeys({ items, clock, onMade = () => undefined }: Given): SigningKeys {
  let known: readonly Known[] = [];
  let readMs = Number.NEGATIVE_INFINITY;
  const read = async (nowMs: number): Promise<void> => {
    known = await Promise.all((await items.list({ kind: SIGNING_KEY }, undefined, KEYS_MAX)).map(readKey));
    readMs = nowMs;
  };
  const published = (nowMs: number): readonly Known[] => known.filter(({ publishedUntilMs }) => nowMs < publishedUntilMs);
  /** Sees to it that one signs now, and that the next one is there in its time. */
  const ready = async (nowMs: number): Promise<Known> => {
    const found = signing(known, nowMs);
    if (found !== undefined && !lacksNext(known, nowMs)) return found;
    // Nobody waits for another's attempt, which may hang: who asks at once makes a pair each, of which the store takes one.
    const kid = await make(items, nowMs);
    if (kid !== undefined) onMade(kid);
    await read(nowMs);
    const made = signing(known, nowMs);
    if (made === undefined) throw new Error("there is no signing key for this time");
    return made;
  };
  return {
    current: () => ready(clock()),
    async find(kid) {
      const nowMs = clock();
      const look = (): Known | undefined => published(nowMs).find((key) => key.kid === kid);
      const found = look();
      if (found !== undefined || Math.abs(nowMs - readMs) < LOOK_AGAIN_MS) return found;
      await read(nowMs);
      return look();
    },
    isPublished: (kid) => published(clock()).some((key) => key.kid === kid),
    async jwks() {
      const nowMs = clock();
      await ready(nowMs);
      return { keys: published(nowMs).map(({ publicKey }) => publicKey) };
    },
  };
}

type Span = { readonly signsFromMs: number };

/** Of those that may sign by now the newest. */
function signing<K extends Span>(keys: readonly K[], nowMs: number): K | undefined {
  return keys
    .filter(({ signsFromMs }) => signsFromMs <= nowMs && nowMs < signsFromMs + SIGNS_MS)
    .sort((one, other) => other.signsFromMs - one.signsFromMs)[0];
}

function lacksNext(keys: readonly Span[], nowMs: number): boolean {
  const lastMs = Math.max(...keys.map(({ signsFromMs }) => signsFromMs));
  return lastMs <= nowMs && nowMs >= lastMs + SIGNS_MS - DAY_MS;
}

/** Makes the key that is needed: one that signs at once where none does, else the one that follows. Looked at again under the store's lock. Its name, where it was made. */
async function make(items: Items, nowMs: number): Promise<string | undefined> {
  const pair = await generateKeyPair(ALGORITHM, { extractable: true });
  const [privateJwk, publicJwk] = await Promise.all([exportJWK(pair.privateKey), exportJWK(pair.publicKey)]);
  const kid = await calculateJwkThumbprint(publicJwk);
  return items.write((tx) => {
    const spans = tx.list({ kind: SIGNING_KEY }, undefined, KEYS_MAX).map(spanOf);
    const now = signing(spans, nowMs);
    if (now !== undefined && !lacksNext(spans, nowMs)) return undefined;
    const signsFromMs = now === undefined ? nowMs : now.signsFromMs + SIGNS_MS;
    const publishedUntilMs = signsFromMs + SIGNS_MS + TOKEN_SECONDS * 1_000;
    const value = { createdMs: nowMs, signsFromMs, privateJwk: { ...privateJwk } as JsonObject };
    return tx.put({ kind: SIGNING_KEY, id: kid, expiresMs: publishedUntilMs, value }) ? kid : undefined;
  });
}

const spanOf = ({ value }: Item): Span => ({ signsFromMs: value.signsFromMs as number });

async function readKey(item: Item): Promise<Known> {
  const { d, ...publicJwk } = item.value.privateJwk as unknown as JWK & Pick<PublicKey, "kty" | "crv" | "x" | "y">;
  const { kty, crv, x, y } = publicJwk;
  const [sign, verify] = await Promise.all([
    importJWK({ ...publicJwk, ...(d === undefined ? {} : { d }) }, ALGORITHM),
    importJWK(publicJwk, ALGORITHM),
  ]);
  return {
    kid: item.id,
    sign: sign as CryptoKey,
    verify: verify as CryptoKey,
    publicKey: { kty, crv, x, y, kid: item.id, use: "sig", alg: ALGORITHM },
    ...spanOf(item),
    publishedUntilMs: item.expiresMs ?? 0,
  };
}
