/**
 * Authentication: a request's credential → the caller.
 *
 * A token is known by the SHA-256 of its secret; what the client sent is hashed and the hashes compared in constant time, so that
 * neither the store nor the clock tells a secret. Rights are not read here: `guard` asks what the caller may do.
 * Invariant: no caller without a valid credential; what a caller stands for is looked up at each request.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { PrincipalType } from "@reeve/core";
import type { Store, Token } from "../store/index.ts";

/** What a credential allows at most. */
export type Ceiling = "read" | "decide" | "admin";
export type Caller = {
  /** Absent: the server's administrator. */
  readonly principal?: { readonly organization: string; readonly type: PrincipalType; readonly id: string };
  readonly organizations: "all" | readonly string[];
  readonly ceiling: Ceiling;
  readonly how: "token";
  readonly clientId?: string;
};
/** `undefined`: there is no valid credential. */
export type Authenticate = (credential: { readonly authorization: string | undefined }, nowMs: number) => Promise<Caller | undefined>;

const NOTED_EVERY_MS = 60_000;
const BEARER = /^Bearer +([\x21-\x7e]{1,4096})$/i;

export function hashToken(secret: string): Buffer {
  return createHash("sha256").update(secret, "utf8").digest();
}

/** Makes the one way in. For now only the administrator passes: principals' tokens come with identity proper. */
export function authenticator(store: Store): Authenticate {
  const notedMs = new Map<string, number>();
  return async ({ authorization }, nowMs) => {
    const secret = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
    if (secret === undefined) return undefined;
    const hash = hashToken(secret);
    const token = await store.tokens.find(hash);
    if (token === undefined || !timingSafeEqual(token.hash, hash) || !isValid(token, nowMs)) return undefined;
    if (token.kind !== "administrator") return undefined;
    const key = hash.toString("base64");
    if (nowMs - (notedMs.get(key) ?? 0) >= NOTED_EVERY_MS) {
      notedMs.set(key, nowMs);
      // A use that could not be noted must not keep the caller waiting, nor out.
      void store.tokens.used(hash, nowMs).catch(() => notedMs.delete(key));
    }
    return { organizations: "all", ceiling: "admin", how: "token", ...(token.clientId === undefined ? {} : { clientId: token.clientId }) };
  };
}

function isValid(token: Token, nowMs: number): boolean {
  return token.expiresMs === undefined || nowMs < token.expiresMs;
}
