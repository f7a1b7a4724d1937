/**
 * Secrets that let in whoever shows them: 256 random bits behind a prefix that says what they are for.
 *
 * Invariant: a secret is told once and kept as a hash; of what is kept nobody can make it again.
 */
import { hash as digest, randomBytes } from "node:crypto";
import type { Item } from "../store/index.ts";

const SECRET_BYTES = 32;

/** `prefix`: absent of a token of the API. */
export function newSecret(prefix = "reeve"): string {
  return `${prefix}_${randomBytes(SECRET_BYTES).toString("base64url")}`;
}

/** What `newSecret` makes. */
export function secretForm(prefix: string): RegExp {
  return new RegExp(`^${prefix}_[\\w-]{43}$`);
}

export function hashToken(secret: string): Buffer {
  return digest("sha256", secret, "buffer");
}

/** The id of the item that is kept for a secret. */
export const secretId = (secret: string): string => hashToken(secret).toString("hex");

/** Whether an item that ends by itself counts still; one without an end never does. */
export const isLive = (item: Item | undefined, nowMs: number): item is Item => item?.expiresMs !== undefined && nowMs < item.expiresMs;
