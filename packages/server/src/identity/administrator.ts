/**
 * The administrator's token: made on the first start, or given by the operator, and made anew by `reeve token reset`.
 *
 * Invariant: there is exactly one; its secret is shown once, or lies in one file that only its owner reads, and is never stored.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Store } from "../store/index.ts";
import { hashToken } from "./authenticate.ts";

const KIND = "administrator";
export const TOKEN_FILE = "admin-token";

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
  await store.tokens.put({ hash: hashToken(secret), kind: KIND, ceiling: "admin", name: "administrator", createdMs: nowMs });
  return bootstrapToken === undefined ? { ok: true, how: "made", secret } : { ok: true, how: "given" };
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

/** Puts the secret where only its owner reads it; answers the path. */
export async function keepSecret(directory: string, secret: string): Promise<string> {
  const path = join(directory, TOKEN_FILE);
  // Made anew, so that the mode is ours whatever lay there.
  await rm(path, { force: true });
  await writeFile(path, `${secret}\n`, { mode: 0o600, flag: "wx" });
  return path;
}

function newSecret(): string {
  return `reeve_${randomBytes(32).toString("base64url")}`;
}
