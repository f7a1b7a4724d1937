/**
 * The administrator's token: made on the first start, or given by the operator, and made anew by `reeve token reset`.
 *
 * Invariant: there is exactly one, and its secret is never stored: who starts the server or resets the token hands it over.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { type Store, StoreError } from "../store/index.ts";
import { hashToken } from "./authenticate.ts";

const KIND = "administrator";

/** `kept`: there is one already. `given`: the operator's was taken. `made`: here is the secret, for the last time. */
export type AdministratorToken =
  | { readonly ok: true; readonly how: "kept" | "given" }
  | { readonly ok: true; readonly how: "made"; readonly secret: string }
  | { readonly ok: false; readonly error: { readonly code: "bootstrap_token_differs" } };

/** Sees to it that there is an administrator's token. A bootstrap token counts only while there is none; a different one later is refused. */
export async function ensureAdministrator(store: Store, bootstrapToken: string | undefined, nowMs: number): Promise<AdministratorToken> {
  const [known] = await store.tokens.list({ kind: KIND }, undefined, 1);
  if (known !== undefined) {
    const differs = bootstrapToken !== undefined && !timingSafeEqual(known.hash, hashToken(bootstrapToken));
    return differs ? { ok: false, error: { code: "bootstrap_token_differs" } } : { ok: true, how: "kept" };
  }
  const secret = bootstrapToken ?? newSecret();
  const hash = hashToken(secret);
  await store.tokens.put({ hash, kind: KIND, ceiling: "admin", name: "administrator", createdMs: nowMs });
  if ((await store.tokens.list({ kind: KIND }, undefined, 2)).length !== 1) {
    await store.tokens.delete(hash);
    throw new StoreError("wrong_answer", "The store knew of no administrator's token, and then of more than the one that was made.");
  }
  return bootstrapToken === undefined ? { ok: true, how: "made", secret } : { ok: true, how: "given" };
}

/** Takes back a token that was made and that nobody will be told, so that the next start makes one. */
export async function withdrawAdministrator(store: Store, secret: string): Promise<void> {
  await store.tokens.delete(hashToken(secret));
}

/** Makes a new administrator's token; the old one is gone in the same transaction. Answers the secret. */
export async function resetAdministrator(store: Store, nowMs: number): Promise<string> {
  const known = await store.tokens.list({ kind: KIND }, undefined, 1_000);
  const secret = newSecret();
  const token = { hash: hashToken(secret), kind: KIND, ceiling: "admin", name: "administrator", createdMs: nowMs };
  await store.tokens.put(
    token,
    known.map(({ hash }) => hash),
  );
  return secret;
}

function newSecret(): string {
  return `reeve_${randomBytes(32).toString("base64url")}`;
}
