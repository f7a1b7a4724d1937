/**
 * The request target of an operation, read once and strictly (model §4): what it means is what every backend sees, or it is refused.
 *
 * Origin-form, as on the request line. The path is cut at raw `/`, each segment decoded once. The query takes no part.
 * Invariant: two targets with equal segments are the same path to any reader that follows RFC 3986; whatever is not is `ambiguous`.
 */
import type { Ambiguity } from "../model/index.ts";

/** `segments` are decoded; `hasTrailingSlash`: the path ends with `/` and is not `/` alone. */
export type Target = { readonly segments: readonly string[]; readonly hasTrailingSlash: boolean };

/** RFC 3986 `pchar` and `/`, as a table by character code; `;` and `%` are looked at apart. */
const PLAIN = new Uint8Array(128);
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,=:@/") PLAIN[char.charCodeAt(0)] = 1;
const SLASH = 47;
const DOT = 46;
const QUESTION = 63;

/** Reads a target, or says why it can be read in more than one way: the first reason in the order of `AMBIGUITIES`. */
export function readTarget(target: string): Target | { readonly ambiguous: Ambiguity } {
  if (target.charCodeAt(0) !== SLASH) return { ambiguous: "not_origin_form" };
  const segments: string[] = [];
  let start = 1;
  for (let i = 1; ; i++) {
    const code = i < target.length ? target.charCodeAt(i) : QUESTION;
    if (code === SLASH || code === QUESTION) {
      if (i > start) {
        // What needs a second look gets it from the careful reader, which names the reason.
        if (target.charCodeAt(start) === DOT && isDots(target.slice(start, i))) return readCarefully(target);
        segments.push(target.slice(start, i));
      } else if (code === SLASH) return readCarefully(target);
      if (code === QUESTION) return isPlainQuery(target, i) ? { segments, hasTrailingSlash: i === start && i > 1 } : readCarefully(target);
      start = i + 1;
    } else if (code > 127 || PLAIN[code] !== 1) return readCarefully(target);
  }
}

function isDots(segment: string): boolean {
  return segment === "." || segment === "..";
}

/** The query takes no part in matching, but a control character or a fragment in it splits readers all the same. */
function isPlainQuery(target: string, from: number): boolean {
  for (let i = from; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code < 32 || code === 35 || code === 127) return false;
  }
  return true;
}

function readCarefully(target: string): Target | { readonly ambiguous: Ambiguity } {
  const ambiguous = whyAmbiguous(target);
  if (ambiguous !== undefined) return { ambiguous };
  const parts = pathOf(target).slice(1).split("/");
  const hasTrailingSlash = parts.length > 1 && parts[parts.length - 1] === "";
  if (parts[parts.length - 1] === "") parts.pop();
  return { segments: parts.map((part) => decodeURIComponent(part)), hasTrailingSlash };
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
