/**
 * The request target of an operation, read once and strictly (model §4): what it means is what every backend sees, or it is refused.
 *
 * Origin-form, as on the request line. The path is cut at raw `/`, each segment decoded once. The query takes no part. Most targets
 * need no decoding: their segments are places in the text that was sent, and are cut out of it only where somebody wants one.
 * Invariant: two targets with equal segments are the same path to any reader that follows RFC 3986; whatever is not is `ambiguous`.
 */
import { type Ambiguity, isId, LIMITS } from "../../model/index.ts";

/** `segments` are decoded; `hasTrailingSlash`: the path ends with `/` and is not `/` alone. */
export type Target = { readonly segments: readonly string[]; readonly hasTrailingSlash: boolean };

/** RFC 3986 `pchar` as a table by character code; `;` and `%` are looked at apart. */
const PLAIN = new Uint8Array(128);
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,=:@") PLAIN[char.charCodeAt(0)] = 1;
const DOT = 46;
const SLASH = 47;
const QUESTION = 63;

const HASH_SEED = 0x811c9dc5 | 0;
const HASH_PRIME = 0x01000193;
/** The hash of a segment: FNV-1a over UTF-16 units. Who finds something by it compares the text all the same. */
export function hashOfSegment(text: string): number {
  let hash = HASH_SEED;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), HASH_PRIME);
  return hash;
}

/** The most segments that any template has below the longest base path: what has more matches nothing, and the rest is only counted. */
const CUT_MAX = 2 * LIMITS.pathSegmentsMax;

/** A path that was read: a text, where its segments lie in it, and the values that a template's parameters take of it. Made once, filled often. */
export class Path {
  /** Decoded; what stands behind the path takes no part. */
  text = "/";
  /** How many segments there are; of the first `CUT_MAX` it is known where. */
  count = 0;
  hasTrailingSlash = false;
  readonly starts: Int32Array = new Int32Array(CUT_MAX);
  readonly ends: Int32Array = new Int32Array(CUT_MAX);
  readonly hashes: Int32Array = new Int32Array(CUT_MAX);
  /** Where values begin and end, by the matcher of routes: see `take`. */
  readonly #values: number[] = [];
  valueCount = 0;
  #end = 1;
  /** For certain every value that a template can take of it may be the id of a resource. */
  isOfIds = true;

  /** Reads a target, or says why it can be read in more than one way: the first reason in the order of `AMBIGUITIES`. */
  read(target: string): Ambiguity | undefined {
    if (target.charCodeAt(0) !== SLASH) return "not_origin_form";
    const { length } = target;
    let start = 1;
    let hash = HASH_SEED;
    let i = 1;
    this.count = 0;
    for (; i < length; i++) {
      const code = target.charCodeAt(i);
      if (code < 128 && PLAIN[code] === 1) {
        hash = Math.imul(hash ^ code, HASH_PRIME);
        continue;
      }
      if (code !== SLASH) break;
      // What needs a second look gets it from the careful reader, which names the reason.
      if (i === start || (target.charCodeAt(start) === DOT && isDots(target.slice(start, i)))) return this.#readCarefully(target);
      this.#cut(start, i, hash);
      start = i + 1;
      hash = HASH_SEED;
    }
    if (i < length && !isPlainQuery(target, i)) return this.#readCarefully(target);
    this.hasTrailingSlash = i === start && i > 1;
    if (i > start) {
      if (target.charCodeAt(start) === DOT && isDots(target.slice(start, i))) return this.#readCarefully(target);
      this.#cut(start, i, hash);
    }
    this.text = target;
    this.#end = this.hasTrailingSlash ? i - 1 : i;
    // What was not decoded is printable ASCII, so that only its length can keep a value from being an id.
    this.isOfIds = this.#end <= LIMITS.idCharactersMax;
    return undefined;
  }

  #cut(start: number, end: number, hash: number): void {
    if (this.count < CUT_MAX) {
      this.starts[this.count] = start;
      this.ends[this.count] = end;
      this.hashes[this.count] = hash;
    }
    this.count++;
  }

  /** Takes decoded segments, none of them empty or with a `/` in it. */
  take(segments: readonly string[], hasTrailingSlash: boolean): void {
    let start = 1;
    this.count = 0;
    for (const segment of segments) {
      this.#cut(start, start + segment.length, hashOfSegment(segment));
      start += segment.length + 1;
    }
    this.text = `/${segments.join("/")}`;
    this.#end = this.text.length;
    this.hasTrailingSlash = hasTrailingSlash;
    this.isOfIds = false;
  }

  #readCarefully(target: string): Ambiguity | undefined {
    const ambiguous = whyAmbiguous(target);
    if (ambiguous !== undefined) return ambiguous;
    const parts = pathOf(target).slice(1).split("/");
    const hasTrailingSlash = parts.length > 1 && parts[parts.length - 1] === "";
    if (parts[parts.length - 1] === "") parts.pop();
    this.take(
      parts.map((part) => decodeURIComponent(part)),
      hasTrailingSlash,
    );
    return undefined;
  }

  segment(index: number): string {
    return this.text.slice(this.starts[index] as number, this.ends[index] as number);
  }
  /** All segments, however many. */
  segments(): string[] {
    return this.count === 0 ? [] : this.text.slice(1, this.#end).split("/");
  }

  /** Notes the value of the next parameter. */
  pushValue(from: number, to: number): void {
    const at = 2 * this.valueCount++;
    this.#values[at] = from;
    this.#values[at + 1] = to;
  }
  /** Takes back all values but the first `count`: their places. */
  cutValues(count: number): number[] {
    const values = this.#values.slice(2 * count, 2 * this.valueCount);
    this.valueCount = count;
    return values;
  }
  value(index: number): string {
    return this.text.slice(this.#values[2 * index] as number, this.#values[2 * index + 1] as number);
  }
  /** Whether a value may be the id of a resource. */
  isValueId(index: number): boolean {
    return this.isOfIds || isId(this.value(index));
  }
}

/** Reads a target, or says why it can be read in more than one way: the first reason in the order of `AMBIGUITIES`. */
export function readTarget(target: string): Target | { readonly ambiguous: Ambiguity } {
  const path = new Path();
  const ambiguous = path.read(target);
  return ambiguous === undefined ? { segments: path.segments(), hasTrailingSlash: path.hasTrailingSlash } : { ambiguous };
}

function isDots(segment: string): boolean {
  return segment === "." || segment === "..";
}

/** The query takes no part in matching, but a control character or a fragment in it splits readers all the same. */
function isPlainQuery(target: string, from: number): boolean {
  if (target.charCodeAt(from) !== QUESTION) return false;
  for (let i = from; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code < 32 || code === 35 || code === 127) return false;
  }
  return true;
}
function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query === -1 ? target : target.slice(0, query);
}

/** Each reason is asked of the whole target before the next one, so that the first of the list is the one named. */
function whyAmbiguous(target: string): Ambiguity | undefined {
  const path = pathOf(target);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
  if (/[\u0000-\u001f\u007f]/.test(target)) return "control_character";
  if (/%(?!00)(?:[01][0-9a-f]|7f)/i.test(path)) return "control_character";
  if (target.includes("#")) return "fragment";
  if (path.includes("\\") || /%5c/i.test(path)) return "backslash";
  if (/%2f|%00/i.test(path)) return "encoded_separator";
  if (path.includes("//")) return "empty_segment";
  if (path.includes(";")) return "path_parameter";
  if (/%(?![0-9a-f]{2})/i.test(path) || /[^\u0080-\uffff%A-Za-z0-9\-._~!$&'()*+,=:@/]/.test(path)) return "bad_escape";
  if (/[\u0080-\uffff]/.test(path) || !isUtf8(path)) return "invalid_utf8";
  const decoded = path.split("/").map((part) => decodeURIComponent(part));
  if (decoded.some((part) => /%[0-9a-f]{2}/i.test(part))) return "double_encoding";
  if (decoded.some(isDots)) return "dot_segment";
  return undefined;
}

function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
