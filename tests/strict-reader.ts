/**
 * A strict reader of request targets, for tests: what a reader that follows RFC 3986 and the model's §4 sees, found byte by byte and
 * without the engine. Beside it lenient readers, each of which does one of the things by which a backend may see another path.
 *
 * Invariant: a target that reads as segments has exactly one canonical spelling.
 */
import type { Ambiguity } from "@reeve/core";

/** `slash`: the path ends with `/` after a segment. */
export type Read = { readonly why: Ambiguity } | { readonly segments: readonly string[]; readonly slash: boolean };

const ORDER: readonly Ambiguity[] = [
  "not_origin_form",
  "control_character",
  "fragment",
  "backslash",
  "encoded_separator",
  "empty_segment",
  "path_parameter",
  "bad_escape",
  "invalid_utf8",
  "double_encoding",
  "dot_segment",
];
const isHex = (unit: string | undefined): boolean => unit !== undefined && "0123456789abcdefABCDEF".includes(unit) && unit.length === 1;
const isPchar = (unit: string): boolean =>
  (unit >= "a" && unit <= "z") || (unit >= "A" && unit <= "Z") || (unit >= "0" && unit <= "9") || "-._~!$&'()*+,=:@".includes(unit);
const isControl = (byte: number): boolean => byte < 0x20 || byte === 0x7f;

/** Reads a target once, from left to right. */
export function readStrictly(target: string): Read {
  if (target[0] !== "/") return { why: "not_origin_form" };
  const found = new Set<Ambiguity>();
  const segments: number[][] = [[]];
  let isQuery = false;
  for (let at = 1; at < target.length; at++) {
    const unit = target[at] as string;
    if (isControl(unit.charCodeAt(0))) found.add("control_character");
    else if (unit === "#") {
      found.add("fragment");
      // What stands behind it no rule about the path may overlook: go on as in the path.
    } else if (isQuery) continue;
    else if (unit === "?") isQuery = true;
    else at += takeOfPath(target, at, { segments, found });
  }
  for (const [place, bytes] of segments.entries()) {
    if (bytes.length === 0 && place < segments.length - 1) found.add("empty_segment");
  }
  const texts = segments.map((bytes) => textOf(bytes, found));
  for (const text of texts) {
    for (let at = 0; at < text.length; at++) {
      if (text[at] === "%" && isHex(text[at + 1]) && isHex(text[at + 2])) found.add("double_encoding");
    }
    if (text === "." || text === "..") found.add("dot_segment");
  }
  const why = ORDER.find((one) => found.has(one));
  if (why !== undefined) return { why };
  const slash = texts.length > 1 && texts.at(-1) === "";
  return { segments: texts.at(-1) === "" ? texts.slice(0, -1) : texts, slash };
}

/** Takes what stands at a place of the path; gives how many further units belong to it. */
function takeOfPath(target: string, at: number, to: { readonly segments: number[][]; readonly found: Set<Ambiguity> }): number {
  const { segments, found } = to;
  const unit = target[at] as string;
  const last = segments.at(-1) as number[];
  if (unit === "/") segments.push([]);
  else if (unit === "%" && isHex(target[at + 1]) && isHex(target[at + 2])) {
    const byte = Number.parseInt(target.slice(at + 1, at + 3), 16);
    if (byte === 0x2f || byte === 0) found.add("encoded_separator");
    else if (byte === 0x5c) found.add("backslash");
    else if (isControl(byte)) found.add("control_character");
    last.push(byte);
    return 2;
  } else {
    if (unit === "\\") found.add("backslash");
    else if (unit === ";") found.add("path_parameter");
    else if (unit.charCodeAt(0) > 127) found.add("invalid_utf8");
    else if (!isPchar(unit)) found.add("bad_escape");
    // Refused or not, something stands here.
    last.push(unit.charCodeAt(0) & 0x7f);
  }
  return 0;
}

function textOf(bytes: readonly number[], found: Set<Ambiguity>): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    found.add("invalid_utf8");
    return "";
  }
}

/** The one spelling of segments: what a path may hold raw is raw, all else is escaped in upper case. */
export function writeCanonically(segments: readonly string[], slash: boolean): string {
  const written = (text: string): string =>
    [...new TextEncoder().encode(text)]
      .map((byte) => {
        const unit = String.fromCharCode(byte);
        return byte < 128 && isPchar(unit) ? unit : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
      })
      .join("");
  return `/${segments.map(written).join("/")}${slash ? "/" : ""}`;
}

const decodeLoosely = (text: string): string => {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
};
const withoutDots = (path: string): string => {
  const kept: string[] = [];
  for (const segment of path.split("/").slice(1)) {
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
  }
  return `/${kept.join("/")}`;
};
/** Overlong forms as a careless decoder reads them. */
const withoutOverlong = (path: string): string =>
  path
    .replace(/%c0%ae|%e0%80%ae|%f0%80%80%ae/gi, ".")
    .replace(/%c0%af|%e0%80%af|%f0%80%80%af/gi, "/")
    .replace(/%c1%9c/gi, "\\");

/** What some server, proxy or framework has been seen to do to a path before it routed it. */
const LENIENT: readonly ((path: string) => string)[] = [
  decodeLoosely,
  withoutDots,
  withoutOverlong,
  (path) => path.split("?")[0] as string,
  (path) => path.replace(/#.*$/s, ""),
  (path) => path.split("\0")[0] as string,
  (path) => path.replaceAll("\\", "/"),
  (path) => path.replaceAll(/\/+/g, "/"),
  (path) => path.replaceAll(/;[^/]*/g, ""),
  (path) => [...path].filter((unit) => unit > " " && unit !== "\u007f").join(""),
  (path) => path.replace(/^[a-z]+:\/\/[^/]*/i, ""),
  (path) => (path.length > 1 ? path.replace(/\/$/, "") : path),
];

/** Every path that those readers, one after the other in any order and more than once, can make of a target; at most `max`. */
export function lenientReadings(target: string, max = 400): ReadonlySet<string> {
  // No reader takes the query for a part of the path.
  const seen = new Set([target.split("?")[0] as string]);
  for (const path of seen) {
    for (const read of LENIENT) if (seen.size < max) seen.add(read(path));
  }
  return seen;
}
