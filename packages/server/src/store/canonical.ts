/**
 * Canonical JSON (RFC 8785): one text for one value, so that equal records have equal rows and a hash means something.
 * Members are sorted by UTF-16 code units, numbers and strings are written as ECMAScript does; absent (`undefined`) members are left out.
 * Invariant: the text is well-formed Unicode, because `JSON.stringify` escapes lone surrogates.
 */
import type { JsonObject } from "@reeve/core";

/** The canonical text of a JSON value. Throws TypeError for what JSON cannot hold: functions, non-finite numbers, big integers. */
export const canonical = (value: unknown): string => {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError("a number of a record is not finite");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object") throw new TypeError(`a record cannot hold a ${typeof value}`);
  return canonicalObject(value as JsonObject);
};

const canonicalObject = (value: JsonObject): string => {
  let text = "";
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member === undefined) continue;
    text += `${text === "" ? "{" : ","}${JSON.stringify(name)}:${canonical(member)}`;
  }
  return text === "" ? "{}" : `${text}}`;
};

/** Text that every database holds as it is: PostgreSQL has no NUL, and UTF-8 no lone surrogate. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes("\0");

/** The nearest storable text, for what is only shown: free text of audit events. */
export const toStorable = (text: string): string => text.toWellFormed().replaceAll("\0", "\u{fffd}");

/** Order of UTF-8 bytes, which is that of code points and differs from `<` where surrogates meet U+E000 to U+FFFF. */
export const compareUtf8 = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return surrogatesLast(left) - surrogatesLast(right);
  }
  return a.length - b.length;
};

const surrogatesLast = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);
