/**
 * Passwords: kept as argon2id hashes, in the PHC's string form, and compared at the same cost whether there is one to compare or not.
 *
 * A password has 12 characters (code points) or more and 1,024 bytes of UTF-8 or fewer; no other rule (NIST SP 800-63B §3.1.1.2). It is
 * normalized to NFC, as that page says: the same key on two keyboards gives the same text, and no two texts that look different become
 * one, as they would under NFKC. Parameters: 19 MiB, 2 passes, 1 lane (OWASP, Password Storage Cheat Sheet).
 * Invariant: never more than `RUNNING_MAX` hashes are made at once and `WAITING_MAX` wait; whoever comes then is refused, at no cost.
 */
import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { turns } from "./turns.ts";

export const PASSWORD_CHARACTERS_MIN = 12;
export const PASSWORD_BYTES_MAX = 1_024;
const RUNNING_MAX = 2;
const WAITING_MAX = 32;

export type PasswordFault = "too_short" | "too_long" | "malformed_text";
/** `busy`: too many hashes are being made. */
export type PasswordVerdict = "same" | "other" | "busy";
export type Passwords = {
  /** The hash of a password without faults; `busy` as above. */
  hash(password: string): Promise<string | "busy">;
  /** Whether this is the password of a hash. Without a hash, or with one that cannot be read: `other`, at the same cost. */
  verify(hash: string | undefined, password: string): Promise<PasswordVerdict>;
};

/** What keeps a text from being a password; `undefined`: nothing. */
export function passwordFault(password: string): PasswordFault | undefined {
  // Lone surrogates would all become the same bytes.
  if (!password.isWellFormed()) return "malformed_text";
  // Looked at first as it came: normalizing a text of megabytes costs more than refusing it.
  if (password.length > 4 * PASSWORD_BYTES_MAX) return "too_long";
  const normal = password.normalize("NFC");
  if (Buffer.byteLength(normal) > PASSWORD_BYTES_MAX) return "too_long";
  return [...normal].length < PASSWORD_CHARACTERS_MIN ? "too_short" : undefined;
}

export type PasswordCost = { readonly memoryKiB: number; readonly passes: number; readonly lanes: number };
export const PASSWORD_COST: PasswordCost = { memoryKiB: 19_456, passes: 2, lanes: 1 };
/** More than this is none of ours: a hash must not say how much memory is taken. */
const COST_MAX: PasswordCost = { memoryKiB: 65_536, passes: 8, lanes: 4 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

/** `cost`, `runningMax` and `waitingMax`: for tests. */
export function createPasswords({
  cost = PASSWORD_COST,
  runningMax = RUNNING_MAX,
  waitingMax = WAITING_MAX,
}: {
  readonly cost?: PasswordCost;
  readonly runningMax?: number;
  readonly waitingMax?: number;
} = {}): Passwords {
  const inTurn = turns({ runningMax, waitingMax });
  // Of a password that nobody knows: what is compared where there is no account.
  const nobodys: Read = { cost, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
  return {
    hash: async (password) => {
      const salt = randomBytes(SALT_BYTES);
      const hash = await inTurn(() => derive(password, { cost, salt }));
      return hash === "busy" ? hash : written({ cost, salt, hash });
    },
    async verify(kept, password) {
      const known = kept === undefined ? undefined : read(kept);
      const { cost: asked, salt, hash } = known ?? nobodys;
      const isPassword = passwordFault(password) === undefined;
      const shown = await inTurn(() => derive(isPassword ? password : "", { cost: asked, salt }));
      if (shown === "busy") return "busy";
      const isSame = timingSafeEqual(hash, shown);
      return isSame && isPassword && known !== undefined ? "same" : "other";
    },
  };
}

type Read = { readonly cost: PasswordCost; readonly salt: Buffer; readonly hash: Buffer };

function derive(password: string, { cost, salt }: Pick<Read, "cost" | "salt">): Promise<Buffer> {
  const { memoryKiB: memory, passes, lanes: parallelism } = cost;
  const message = Buffer.from(password.normalize("NFC"));
  return new Promise((resolve, reject) => {
    argon2("argon2id", { message, nonce: salt, parallelism, tagLength: HASH_BYTES, memory, passes }, (error, hash) =>
      error === null ? resolve(Buffer.from(hash)) : reject(error),
    );
  });
}

function written({ cost: { memoryKiB, passes, lanes }, salt, hash }: Read): string {
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${unpadded(salt)}$${unpadded(hash)}`;
}

const unpadded = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");

function read(text: string): Read | undefined {
  const [, m, t, p, salt, hash] = PHC.exec(text) ?? [];
  if (m === undefined || t === undefined || p === undefined || salt === undefined || hash === undefined) return undefined;
  const cost: PasswordCost = { memoryKiB: Number(m), passes: Number(t), lanes: Number(p) };
  const isBearable = cost.memoryKiB <= COST_MAX.memoryKiB && cost.passes <= COST_MAX.passes && cost.lanes <= COST_MAX.lanes;
  const isAny = cost.passes >= 1 && cost.lanes >= 1 && cost.memoryKiB >= 8 * cost.lanes;
  return isBearable && isAny ? { cost, salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64") } : undefined;
}
