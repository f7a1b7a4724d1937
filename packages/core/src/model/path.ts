/**
 * Resource paths: how a node of an organization's tree is written, and read back.
 *
 * A path is `/` (the organization) or a sequence of (collection, id) pairs, possibly ending with a collection. In an id `/` and
 * `%` are written `%2F` and `%25`, and an id that is `*` is written `%2A`; no other escape exists.
 * Invariant: one resource has exactly one spelling, so that two paths name the same resource iff their strings are equal.
 */
import { LIMITS } from "./limits.ts";

export type Pair = { readonly type: string; readonly id: string };
/** `collection`: the path ends with the type at that place instead of an id. */
export type ParsedPath = { readonly pairs: readonly Pair[]; readonly collection?: string };

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Whether `text` may be the id of a resource: 1 to 128 code points of well-formed Unicode without control characters. */
export function isId(text: string): boolean {
  return isIdLength(text) && text.isWellFormed() && !CONTROL.test(text);
}

function isIdLength(text: string): boolean {
  if (text.length === 0 || text.length > 2 * LIMITS.idCharactersMax) return false;
  if (text.length <= LIMITS.idCharactersMax) return true;
  let points = 0;
  for (const _ of text) points++;
  return points <= LIMITS.idCharactersMax;
}

/** Writes an id as a segment of a path. */
export function escapeId(id: string): string {
  if (id === "*") return "%2A";
  if (!id.includes("%") && !id.includes("/")) return id;
  return id.replaceAll("%", "%25").replaceAll("/", "%2F");
}

/** Reads a segment of a path as an id; `undefined` when it is no id's one spelling. */
export function unescapeId(segment: string): string | undefined {
  if (segment === "*") return undefined;
  if (segment === "%2A") return "*";
  if (!segment.includes("%")) return isId(segment) ? segment : undefined;
  if (/%(?!2F|25)/.test(segment)) return undefined;
  const id = segment.replaceAll("%2F", "/").replaceAll("%25", "%");
  return isId(id) ? id : undefined;
}

const TYPE = /^[A-Za-z0-9._@:-]{1,128}$/;

/** Whether `text` may be the name of a collection. */
export function isTypeName(text: string): boolean {
  return TYPE.test(text);
}

/** Reads a resource path of at most 16 pairs. `undefined`: this is no path. Types are names; whether they exist is not looked at. */
export function parsePath(text: string): ParsedPath | undefined {
  if (text === "/") return { pairs: [] };
  if (!text.startsWith("/") || text.length > 2 * LIMITS.pathCharactersMax) return undefined;
  const segments = text.slice(1).split("/");
  if (segments.length > 2 * LIMITS.pathPairsMax) return undefined;
  const pairs: Pair[] = [];
  for (let i = 0; i + 1 < segments.length; i += 2) {
    const type = segments[i] as string;
    const id = unescapeId(segments[i + 1] as string);
    if (id === undefined || !isTypeName(type)) return undefined;
    pairs.push({ type, id });
  }
  if (segments.length % 2 === 0) return { pairs };
  const collection = segments[segments.length - 1] as string;
  return isTypeName(collection) ? { pairs, collection } : undefined;
}

/** Writes pairs, and a collection at their end, as a path. */
export function formatPath(pairs: readonly Pair[], collection?: string): string {
  let text = "";
  for (const pair of pairs) text += `/${pair.type}/${escapeId(pair.id)}`;
  if (collection !== undefined) return `${text}/${collection}`;
  return text === "" ? "/" : text;
}

/** The path one pair shorter, or without the collection; of the organization itself: `undefined`. `path` is canonical. */
export function parentPath(path: string): string | undefined {
  if (path === "/") return undefined;
  const id = path.lastIndexOf("/");
  const type = path.lastIndexOf("/", id - 1);
  return type <= 0 ? "/" : path.slice(0, type);
}

/** Whether a path is another one or lies below it: a path has one spelling. */
export const isAtOrBelow = (path: string, above: string): boolean => path === above || path.startsWith(`${above}/`);

/** Byte order of UTF-8, the one order of the product. (JavaScript's `<` orders by UTF-16 units, which differs above U+FFFF.) */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates stand for code points above every other unit.
    const xHigh = x >= 0xd800 && x <= 0xdfff;
    const yHigh = y >= 0xd800 && y <= 0xdfff;
    if (xHigh !== yHigh) return xHigh ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}
