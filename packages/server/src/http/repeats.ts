/**
 * Repeats: a client that asks again over its connection sends the same head again, and only another body.
 *
 * Node's parser and its objects for a request and an answer cost more than a decision. So the head of a request that Node has parsed is
 * kept with what it meant. Bytes that arrive between two requests, begin with that very head but for the digits of its length, and end
 * where the body does, are a request that means the same: its body is answered at once, in the same tick, straight into the socket.
 * Everything else is handed to Node as it came: another head, a body in pieces, requests one behind the other, whatever must wait.
 * Invariant: Node's parser sees all bytes or none of a request, and none is answered here while Node has one that is not answered.
 */
import { isAscii } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** `undefined`: nothing was done, Node must be asked. */
export type Repeatable = { answer(body: RepeatedBody): RepeatedAnswer | undefined };
/** `text`: where all of it is ASCII. */
export type RepeatedBody = { readonly text: string | undefined; readonly bytes: Buffer; readonly socket: Socket };
/** An answer as it stands in HTTP. `written` is called when it is on its way; `isTaken`: nobody reads the bytes any more. */
export type RepeatedAnswer = { readonly bytes: Buffer; written(isTaken: boolean): void };

export type Repeats = {
  /** Follows a connection that Node listens to already. */
  follow(socket: Socket): void;
  /** Notes a request that Node has parsed, before anything else is done with it. */
  heard(request: IncomingMessage, response: ServerResponse): void;
};
export type RepeatsOptions = {
  /** What a request means, as long as its head stays as it is; `undefined`: it has to be looked at each time. */
  readonly learn: (request: IncomingMessage) => Repeatable | undefined;
  readonly keptMs: number;
  readonly idleMs: number;
};

/** A head that was parsed, around the digits of its length. */
type Head = { readonly before: string; readonly after: string; readonly meaning: Repeatable };
type Heard = { readonly request: IncomingMessage; readonly response: ServerResponse };
type Parse = (this: Socket, chunk: Buffer) => void;

/** Heads in a row that were learnt for nothing, after which a connection is Node's alone. */
const LEARNT_MAX = 16;
const LINE_END = "\r\n";
const END = LINE_END + LINE_END;
const LENGTH = /\r\ncontent-length:[ \t]*(\d{1,7})[ \t]*\r\n/i;

export function repeats(options: RepeatsOptions): Repeats {
  // Node tells of a request while it parses its bytes, so that one place is enough for all connections.
  const hearing: { last: Heard | undefined } = { last: undefined };
  return {
    follow(socket) {
      const [parse, another] = socket.listeners("data") as Parse[];
      if (parse === undefined || another !== undefined) return;
      follow(socket, parse, { ...options, hearing });
    },
    heard(request, response) {
      hearing.last = { request, response };
    },
  };
}

function follow(socket: Socket, parse: Parse, options: RepeatsOptions & { readonly hearing: { last: Heard | undefined } }): void {
  const { hearing, learn } = options;
  let head: Head | undefined;
  let last: ServerResponse | undefined;
  let learnt = 0;
  // An answer that is done is destroyed; one that is not must leave first.
  const isAnswered = (): boolean => last === undefined || last.destroyed;
  const take = (chunk: Buffer): void => {
    if (head !== undefined && isAnswered() && socket.writableLength === 0 && socket.writable && answerRepeat(socket, head, chunk)) {
      learnt = 0;
      if (socket.writableLength > 0) untilTaken(socket, isAnswered, options);
      return;
    }
    hearing.last = undefined;
    parse.call(socket, chunk);
    const heard = hearing.last as Heard | undefined;
    const text = heard === undefined ? undefined : headIn(chunk, heard.request);
    if (heard === undefined || text === undefined || ++learnt > LEARNT_MAX) {
      socket.removeListener("data", take);
      socket.on("data", parse);
      return;
    }
    last = heard.response;
    head = headOf(text, learn(heard.request));
  };
  socket.on("data", take);
  socket.removeListener("data", parse);
}

/**
 * The head of a request where a chunk that began between two requests is this one and no byte more; else `undefined`.
 *
 * Node has parsed the head and the length of the body, and has seen all of both, so that they are no more than the chunk. A head ends with
 * the first empty line or later: where what ends there, and has as many lines as Node found, makes the whole chunk with the length,
 * nothing else fits.
 */
function headIn(chunk: Buffer, { complete, headers, rawHeaders }: IncomingMessage): string | undefined {
  if (!complete || headers["transfer-encoding"] !== undefined) return undefined;
  const length = chunk.indexOf(END, 0, "latin1") + END.length;
  if (length < END.length || length + Number(headers["content-length"] ?? 0) !== chunk.length) return undefined;
  const head = chunk.toString("latin1", 0, length);
  // The line of the request, a line a header, the empty one, and what is behind it.
  return head.split(LINE_END).length === rawHeaders.length / 2 + 3 ? head : undefined;
}

function headOf(text: string, meaning: Repeatable | undefined): Head | undefined {
  const found = LENGTH.exec(text);
  if (meaning === undefined || found === null) return undefined;
  const at = found.index + found[0].indexOf(":") + 1;
  const digits = at + text.slice(at).search(/\d/);
  const end = digits + (found[1] as string).length;
  return { before: text.slice(0, digits), after: text.slice(end), meaning };
}

/** Answers a chunk that is a request with this head and nothing else; `false`: it is none, or must wait, and nothing was done. */
function answerRepeat(socket: Socket, { before, after, meaning }: Head, chunk: Buffer): boolean {
  const text = chunk.toString("latin1");
  if (!text.startsWith(before)) return false;
  let at = before.length;
  let length = 0;
  for (let digit = text.charCodeAt(at) - ZERO; digit >= 0 && digit <= 9; digit = text.charCodeAt(++at) - ZERO) length = 10 * length + digit;
  const digits = at - before.length;
  const bodyAt = at + after.length;
  if (digits === 0 || digits > DIGITS_MAX || bodyAt + length !== text.length || !text.startsWith(after, at)) return false;
  const body = text.slice(bodyAt);
  const bytes = chunk.subarray(bodyAt);
  const answer = meaning.answer({ text: isAscii(bytes) ? body : undefined, bytes, socket });
  if (answer === undefined) return false;
  socket.write(answer.bytes);
  answer.written(socket.writableLength === 0);
  return true;
}
const ZERO = 48;
/** Of the length of a body: more than a chunk has. */
const DIGITS_MAX = 7;

/** While a client does not take its answer, the time that counts is that of an answer, not the one between two requests. */
function untilTaken(socket: Socket, isAnswered: () => boolean, { idleMs, keptMs }: RepeatsOptions): void {
  socket.setTimeout(idleMs);
  socket.write("", () => {
    // Node has its own time for a request that it is answering.
    if (isAnswered()) socket.setTimeout(keptMs);
  });
}
