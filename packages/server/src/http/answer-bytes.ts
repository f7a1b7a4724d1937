/**
 * Bytes of answers: head and body side by side, as they go into a socket.
 *
 * To measure a text, to put it after another and to have it copied once more costs as much as several decisions. So bodies are encoded
 * once, into room that is kept, and heads, which tell their length, are put before them.
 * Invariant: the room of an answer is written again only after all of it was taken.
 */
const HEAD_MAX = 1_024;
/** Larger answers get room of their own. */
const BODY_MAX = 1 << 18;
const encoder = new TextEncoder();

export class AnswerBytes {
  #room: Room | undefined;

  /** An answer of which `headOf` tells the head, by the bytes of its body. */
  write(body: string, headOf: (length: number) => string): Buffer {
    this.#room ??= new Room();
    return this.#room.write(body, headOf) ?? Buffer.from(headOf(Buffer.byteLength(body)) + body);
  }
  /** What was written last is still on its way. */
  giveAway(): void {
    this.#room = undefined;
  }
}

class Room {
  readonly #bytes = Buffer.allocUnsafeSlow(HEAD_MAX + BODY_MAX);
  readonly #body = this.#bytes.subarray(HEAD_MAX);

  write(body: string, headOf: (length: number) => string): Buffer | undefined {
    const { read, written } = encoder.encodeInto(body, this.#body);
    if (read < body.length) return undefined;
    const head = headOf(written);
    const from = HEAD_MAX - head.length;
    if (from < 0) return undefined;
    this.#bytes.write(head, from, "latin1");
    return this.#bytes.subarray(from, HEAD_MAX + written);
  }
}
