/**
 * Transactions of signing in: what must be the same when a person comes back from an issuer as when he went.
 *
 * It is kept in a cookie of his browser, encrypted with a key of this server, so that strangers who begin and never come back cost nothing.
 * Invariant: a transaction counts for its issuer alone, for ten minutes, and once.
 */
import { EncryptJWT, errors, jwtDecrypt } from "jose";
import { uuidv7 } from "uuidv7";

export const TRANSACTION_MS = 10 * 60_000;
const USED_MAX = 10_000;
const ENCRYPTION = { alg: "dir", enc: "A256GCM" } as const;

/** `issuer`: its name. `returnTo`: a path of this server. */
export type Transaction = {
  readonly issuer: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
};
export type Transactions = {
  write(transaction: Transaction): Promise<string>;
  /** Takes it: a second time it is none. `undefined`: it is no transaction of this issuer that counts now. */
  take(text: string, issuer: string): Promise<Transaction | undefined>;
};

/** `secret`: 32 bytes. */
export function createTransactions({ secret, clock }: { readonly secret: Uint8Array; readonly clock: () => number }): Transactions {
  const used = new Set<string>();
  return {
    write: (transaction) =>
      new EncryptJWT({ ...transaction, jti: uuidv7() })
        .setProtectedHeader(ENCRYPTION)
        .setExpirationTime(new Date(clock() + TRANSACTION_MS))
        .encrypt(secret),
    async take(text, issuer) {
      const read = await readFrom(text, secret, clock());
      if (read === undefined || read.issuer !== issuer || used.has(read.jti)) return undefined;
      // The oldest one goes: what it would let in again, the issuer takes for used as well.
      if (used.size >= USED_MAX) used.delete(used.values().next().value as string);
      used.add(read.jti);
      return read;
    },
  };
}

async function readFrom(text: string, secret: Uint8Array, nowMs: number): Promise<(Transaction & { readonly jti: string }) | undefined> {
  try {
    const { payload } = await jwtDecrypt(text, secret, {
      currentDate: new Date(nowMs),
      requiredClaims: ["exp", "jti"],
      keyManagementAlgorithms: [ENCRYPTION.alg],
      contentEncryptionAlgorithms: [ENCRYPTION.enc],
    });
    // Only this server can have written it.
    return payload as unknown as Transaction & { readonly jti: string };
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}
