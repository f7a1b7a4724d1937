/**
 * The administrator's token: made on the first start, or given by the operator, and made anew by `reeve token reset`.
 *
 * Invariant: there is exactly one of its own, and its secret is never stored: who starts the server or resets the token hands it over.
 */
import { timingSafeEqual } from "node:crypto";
import { type Store, StoreError, type Token } from "../store/index.ts";
import { ADMINISTRATOR, FURTHER } from "./kinds.ts";
import { hashToken, newSecret } from "./secrets.ts";

/** `kept`: there is one already. `given`: the operator's was taken. `made`: here is the secret, for the last time. */
export type AdministratorToken =
  | { readonly ok: true; readonly how: "kept" | "given" }
  | { readonly ok: true; readonly how: "made"; readonly secret: string }
  | { readonly ok: false; readonly error: { readonly code: "bootstrap_token_differs" } };

/** Sees to it that there is an administrator's token. A bootstrap token counts only while there is none; a different one later is refused. */
export async function ensureAdministrator(store: Store, bootstrapToken: string | undefined, nowMs: number): Promise<AdministratorToken> {
  const [known] = await store.tokens.list({ kind: ADMINISTRATOR }, undefined, 1);
  if (known !== undefined) {
    const differs = bootstrapToken !== undefined && !timingSafeEqual(known.hash, hashToken(bootstrapToken));
    return differs ? { ok: false, error: { code: "bootstrap_token_differs" } } : { ok: true, how: "kept" };
  }
  const secret = bootstrapToken ?? newSecret();
  const hash = hashToken(secret);
  await store.tokens.put({ hash, kind: ADMINISTRATOR, ceiling: "admin", name: "administrator", createdMs: nowMs });
  if ((await store.tokens.list({ kind: ADMINISTRATOR }, undefined, 2)).length !== 1) {
    await store.tokens.delete(hash);
    throw new StoreError("wrong_answer", "The store knew of no administrator's token, and then of more than the one that was made.");
  }
  return bootstrapToken === undefined ? { ok: true, how: "made", secret } : { ok: true, how: "given" };
}

/** Takes back a token that was made and that nobody will be told, so that the next start makes one. */
export async function withdrawAdministrator(store: Store, secret: string): Promise<void> {
  await store.tokens.delete(hashToken(secret));
}

/** Makes a new administrator's token; the old one and all further ones are gone in the same transaction. Answers the secret. */
export async function resetAdministrator(store: Store, nowMs: number): Promise<string> {
  const known = [...(await store.tokens.list({ kind: ADMINISTRATOR }, undefined, TOKENS_MAX)), ...(await allFurther(store))];
  const secret = newSecret();
  const token = { hash: hashToken(secret), kind: ADMINISTRATOR, ceiling: "admin", name: "administrator", createdMs: nowMs };
  await store.tokens.put(
    token,
    known.map(({ hash }) => hash),
  );
  return secret;
}

const TOKENS_MAX = 1_000;

async function allFurther(store: Store): Promise<readonly Token[]> {
  const found: Token[] = [];
  for (;;) {
    const page = await store.tokens.list({ kind: FURTHER }, found.at(-1)?.hash, TOKENS_MAX);
    found.push(...page);
    if (page.length < TOKENS_MAX) return found;
  }
}
