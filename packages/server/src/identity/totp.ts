/**
 * One-time passwords by time (RFC 6238, over RFC 4226): SHA-1, 30 seconds, 6 digits, as every authenticator app makes them.
 *
 * Invariant: nothing is remembered here; that a code counts once is for whoever keeps the last step.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const STEP_MS = 30_000;
const DIGITS = 6;
const SECRET_BYTES = 20;
/** Steps before and after the present one whose code counts too: clocks differ. */
const WINDOW = 1;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A new secret of 160 bits, in base32 (RFC 4648 §6, without padding). */
export const newTotpSecret = (): string => base32(randomBytes(SECRET_BYTES));

/** What an authenticator app reads from a QR code. */
export function totpUri(secret: string, email: string): string {
  return `otpauth://totp/Reeve:${encodeURIComponent(email)}?secret=${secret}&issuer=Reeve&algorithm=SHA1&digits=${DIGITS}&period=30`;
}

/** The step whose code this is, around a time; `undefined`: it is none. */
export function totpStep(secret: string, code: string, nowMs: number): number | undefined {
  const now = Math.floor(nowMs / STEP_MS);
  let found: number | undefined;
  for (let step = Math.max(0, now - WINDOW); step <= now + WINDOW; step++) if (isSame(code, totpCode(secret, step))) found = step;
  return found;
}

/** The code of a step (RFC 4226 §5.3). */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", bytesOf(secret)).update(counter).digest();
  const at = (mac.at(-1) as number) & 0xf;
  const number = (mac.readUInt32BE(at) & 0x7fff_ffff) % 10 ** DIGITS;
  return String(number).padStart(DIGITS, "0");
}

/** Five bits a character; what is left of the last one is zero. */
export function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => ALPHABET[Number.parseInt(group.padEnd(5, "0"), 2)]).join("");
}

function bytesOf(text: string): Buffer {
  const bits = [...text].map((character) => ALPHABET.indexOf(character).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

function isSame(shown: string, right: string): boolean {
  const [one, other] = [Buffer.from(shown), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
