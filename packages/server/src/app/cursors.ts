/**
 * Cursors: where the next page of a list begins, opaque to clients and signed by the server.
 *
 * A cursor belongs to one question: the same route, organization and query. Its text is the position and 16 bytes of HMAC-SHA-256 over
 * both. Invariant: what is read back is a position that this server gave out for this very question, or it is none.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

const SIGNATURE_BYTES = 16;
/** Between texts, in which it is escaped. */
const BETWEEN = "&";

/** Texts, at least one. */
export type Position = readonly string[];
export type Cursors = {
  /** `question`: all that the answer depends on, but the cursor. */
  write(question: unknown, position: Position): string;
  /** `undefined`: none of ours, or one of another question. */
  read(question: unknown, cursor: string): Position | undefined;
};

export function createCursors(secret: Uint8Array): Cursors {
  const sign = (question: unknown, text: string): Buffer =>
    createHmac("sha256", secret)
      .update(JSON.stringify([question, text]))
      .digest()
      .subarray(0, SIGNATURE_BYTES);
  return {
    write(question, position) {
      const text = position.map(encodeURIComponent).join(BETWEEN);
      return Buffer.concat([sign(question, text), Buffer.from(text)]).toString("base64url");
    },
    read(question, cursor) {
      const bytes = Buffer.from(cursor, "base64url");
      if (bytes.length < SIGNATURE_BYTES || bytes.toString("base64url") !== cursor) return undefined;
      const text = bytes.subarray(SIGNATURE_BYTES).toString();
      return timingSafeEqual(sign(question, text), bytes.subarray(0, SIGNATURE_BYTES))
        ? text.split(BETWEEN).map(decodeURIComponent)
        : undefined;
    },
  };
}
