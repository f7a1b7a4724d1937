/**
 * Spelled checks: bodies as nearly all clients send them, read where they stand, without making objects or texts of them.
 *
 * Such a body is a check of subject, action and path, or a batch of these, with no other member, each member once, in any order and
 * with spaces wherever they may be. It is ASCII without escapes. Items that are spelled as the one before but for their names, which are
 * all of most batches, are only compared with it. Whatever else a body is, `JSON.parse` and the schema tell.
 * Invariant: what is read here is what they would have read; of what they would refuse, or read more in, nothing is read here.
 */
import { LIMITS, MARKS_A_CHECK, type SpelledChecks } from "@reeve/core";

/** A body of ASCII characters, twice. */
export type SpelledBody = { readonly text: string; readonly bytes: Buffer };

/** A body that is a check, or, where `isBatch`, one of several. */
export function readSpelled(body: SpelledBody, isBatch: boolean): SpelledChecks | undefined {
  const { text, bytes } = body;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const reader = new Reader(text, view);
  const end = isBatch ? reader.batch(0) : reader.check(0, 0);
  if (end === FAILED || reader.skip(end) !== text.length || !isPlain(view)) return undefined;
  return { text, view, marks: marks.slice(0, reader.count * MARKS_A_CHECK) };
}

/**
 * Whether ASCII characters hold neither a backslash nor a control character, which white space is too, so that texts end at the next
 * quote. Four at a time: what a subtraction borrows from the highest bit of a byte tells that there was less.
 */
function isPlain(view: DataView): boolean {
  const { byteLength } = view;
  let found = 0;
  let at = 0;
  for (; at + 4 <= byteLength; at += 4) found |= unplainIn(view.getInt32(at, true));
  for (; at < byteLength; at++) found |= unplainIn(view.getUint8(at) | SPACES_ABOVE);
  return found === 0;
}

function unplainIn(word: number): number {
  const slashes = word ^ BACKSLASHES;
  return (((word - SPACES) & ~word) | ((slashes - ONES) & ~slashes)) & HIGHEST;
}
const SPACES = 0x20202020;
const SPACES_ABOVE = 0x20202000;
const BACKSLASHES = 0x5c5c5c5c;
const ONES = 0x01010101;
const HIGHEST = 0x80808080;

/** Where the values of a check go among its marks, and how long they may be. */
type Member = { readonly name: string; readonly mark: number; readonly lengthMin: number; readonly lengthMax: number };
const named = (name: string, mark: number): Member => ({ name: `"${name}"`, mark, lengthMin: 1, lengthMax: LIMITS.textCharactersMax });
const CHECK: readonly { readonly name: string; readonly members: readonly Member[] }[] = [
  { name: '"subject"', members: [named("type", 0), named("id", 2)] },
  { name: '"action"', members: [named("name", 4)] },
  { name: '"resource"', members: [{ name: '"path"', mark: 6, lengthMin: 0, lengthMax: LIMITS.pathCharactersMax }] },
];
const MEMBERS = CHECK.flatMap(({ members }) => members);
type Span = { readonly from: number; readonly to: number };
const EVALUATIONS = '"evaluations"';

const FAILED = -1;
const [SPACE, QUOTE, COMMA, COLON] = [32, 34, 44, 58];
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [123, 125, 91, 93];

/** Of the body that is being read. */
const marks = new Int32Array(LIMITS.batchMax * MARKS_A_CHECK);

/** Each method reads one thing from a place on: it answers where that ends, or `FAILED`. */
class Reader {
  readonly #text: string;
  readonly #view: DataView;
  /** The members as they follow one another in the last check. */
  #order = MEMBERS;
  /** Checks that were read. */
  count = 0;

  constructor(text: string, view: DataView) {
    this.#text = text;
    this.#view = view;
  }

  batch(from: number): number {
    const first = this.#one(OPEN_LIST, this.#named(EVALUATIONS, this.#one(OPEN, from)));
    if (first === FAILED) return FAILED;
    let last: Span = { from: this.skip(first), to: this.check(first, 0) };
    for (let next = this.#one(COMMA, last.to); next !== FAILED; next = this.#one(COMMA, last.to)) {
      if (this.count === LIMITS.batchMax) return FAILED;
      const from = this.skip(next);
      const to = this.#alike(from, last);
      last = { from, to: to === FAILED ? this.check(from, this.count) : to };
    }
    const end = last.to;
    return this.#one(CLOSE, this.#one(CLOSE_LIST, end));
  }

  /** A check, as the one of that number. */
  check(from: number, index: number): number {
    const own = index * MARKS_A_CHECK;
    marks.fill(0, own, own + MARKS_A_CHECK);
    let at = this.#one(OPEN, from);
    for (let left = CHECK.length; left > 0 && at !== FAILED; left--) {
      if (left < CHECK.length) at = this.#one(COMMA, at);
      at = this.skip(at);
      const part = CHECK.find(({ name }) => at !== FAILED && this.#text.startsWith(name, at));
      at = part === undefined ? FAILED : this.#part(this.#named(part.name, at), own, part.members);
    }
    const end = this.#one(CLOSE, at);
    if (end === FAILED) return FAILED;
    this.count = index + 1;
    this.#order = MEMBERS.toSorted((a, b) => (marks[own + a.mark] as number) - (marks[own + b.mark] as number));
    return end;
  }

  /** A check that is the last one, byte by byte, but for the values. */
  #alike(start: number, last: Span): number {
    const own = this.count * MARKS_A_CHECK;
    let [from, at] = [last.from, start];
    for (const member of this.#order) {
      const { mark } = member;
      const until = marks[own - MARKS_A_CHECK + mark] as number;
      if (!this.#isRepeated(from, at, until - from)) return FAILED;
      at = this.#value(at + until - from, own + mark, member);
      if (at === FAILED) return FAILED;
      from = (marks[own - MARKS_A_CHECK + mark + 1] as number) + 1;
    }
    if (!this.#isRepeated(from, at, last.to - from)) return FAILED;
    this.count++;
    return at + last.to - from;
  }

  /** Whether as many bytes are the same at both places, of which the second one is behind the first. */
  #isRepeated(one: number, other: number, length: number): boolean {
    const view = this.#view;
    if (other + length > view.byteLength) return false;
    let i = 0;
    for (; i + 4 <= length; i += 4) if (view.getInt32(one + i, true) !== view.getInt32(other + i, true)) return false;
    for (; i < length; i++) if (view.getUint8(one + i) !== view.getUint8(other + i)) return false;
    return true;
  }

  /** An object of these members, each once. */
  #part(from: number, own: number, members: readonly Member[]): number {
    let at = this.#one(OPEN, from);
    for (let left = members.length; left > 0 && at !== FAILED; left--) {
      if (left < members.length) at = this.#one(COMMA, at);
      at = this.skip(at);
      const member = members.find(({ name }) => at !== FAILED && this.#text.startsWith(name, at));
      // What begins nowhere was not met yet.
      if (member === undefined || marks[own + member.mark] !== 0) return FAILED;
      at = this.#value(this.#one(QUOTE, this.#named(member.name, at)), own + member.mark, member);
    }
    return this.#one(CLOSE, at);
  }

  /** The rest of a text, with the quote behind it. */
  #value(from: number, mark: number, { lengthMin, lengthMax }: Member): number {
    if (from === FAILED) return FAILED;
    const end = this.#text.indexOf('"', from);
    if (end === FAILED || end - from < lengthMin || end - from > lengthMax) return FAILED;
    marks[mark] = from;
    marks[mark + 1] = end;
    return end + 1;
  }

  #named(name: string, from: number): number {
    const at = this.skip(from);
    return at !== FAILED && this.#text.startsWith(name, at) ? this.#one(COLON, at + name.length) : FAILED;
  }

  /** White space and a byte. */
  #one(byte: number, from: number): number {
    const at = this.skip(from);
    return at !== FAILED && this.#text.charCodeAt(at) === byte ? at + 1 : FAILED;
  }

  /** What is behind white space. */
  skip(from: number): number {
    let at = from;
    while (this.#text.charCodeAt(at) === SPACE) at++;
    return at;
  }
}
