/**
 * The toolkit of the parsers: readers of JSON that collect every fault of a value, each with its place.
 *
 * A *reader* takes a value and a *place* (where the value stands, and the list that collects faults) and gives the value read, or
 * `undefined`. Objects are read by their own members only; members that are not named are refused, and so are the names through
 * which JavaScript reaches a prototype. A *check* looks at members together; it sees those that could be read, and the raw object.
 * Invariant: whoever gives `undefined` has added a fault. Whether a value is good is told by the list alone.
 */

import { LIMITS } from "./limits.ts";
import type { Json, JsonObject } from "./nouns.ts";
import { FAULTS, type Fault, type FaultCode, fail, ok, type Result } from "./result.ts";

export type Place = { readonly faults: Fault[]; readonly pointer: string };
export type Reader<T> = (value: unknown, at: Place) => T | undefined;
export type RawObject = Readonly<Record<string, unknown>>;
export type Check<T> = (value: Partial<T>, at: Place, raw: RawObject) => void;

/** Names that lead to a prototype when they are used as a member. */
export const isPrototypeName = (name: string): boolean => name === "__proto__" || name === "constructor" || name === "prototype";

/** The place of a member or of an item. */
export function below(at: Place, token: string | number): Place {
  return { faults: at.faults, pointer: `${at.pointer}/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}` };
}

/** Adds a fault; gives `undefined`, so that a reader can return it. */
export function refuse(at: Place, code: FaultCode, facts: { detail?: string; allowed?: readonly string[] } = {}): undefined {
  const fault = { code, pointer: at.pointer, detail: facts.detail ?? FAULTS[code].message };
  at.faults.push(facts.allowed === undefined ? fault : { ...fault, allowed: facts.allowed });
  return undefined;
}

/** Reads a whole value: all of its faults, or what was read. */
export function readWhole<T>(read: Reader<T>, value: unknown, pointer: string): Result<T, readonly Fault[]> {
  const faults: Fault[] = [];
  const result = read(value, { faults, pointer });
  return faults.length > 0 || result === undefined ? fail(faults) : ok(result);
}

/** Two readers one after the other: the second judges what the first gave. */
export function refine<T>(read: Reader<T>, accepts: (value: T, at: Place) => boolean): Reader<T> {
  return (value, at) => {
    const result = read(value, at);
    return result !== undefined && accepts(result, at) ? result : undefined;
  };
}

export const readBoolean: Reader<boolean> = (value, at) =>
  typeof value === "boolean" ? value : refuse(at, "wrong_type", { detail: "This must be true or false." });

/** For members that are either absent or true. */
export const readTrue: Reader<true> = (value, at) => {
  if (value === true) return true;
  const detail = "This is true or absent.";
  return typeof value === "boolean" ? refuse(at, "not_allowed", { detail, allowed: ["true"] }) : refuse(at, "wrong_type", { detail });
};

export const readString: Reader<string> = (value, at) =>
  typeof value === "string" ? value : refuse(at, "wrong_type", { detail: "This must be a string." });

const CONTROL_OR_LONE_SURROGATE = /[\p{Cc}\p{Cs}]/u;

/** Non-empty well-formed Unicode without control characters, counted in code points. */
export function textReader(charactersMax: number): Reader<string> {
  return refine(readString, (text, at) => {
    if (text === "") refuse(at, "empty");
    else if (isLongerThan(text, charactersMax)) refuse(at, "too_long", { detail: `This text is longer than ${charactersMax} characters.` });
    else if (CONTROL_OR_LONE_SURROGATE.test(text)) refuse(at, "malformed_text");
    else return true;
    return false;
  });
}

/** Whether a text has more code points than that. */
export function isLongerThan(text: string, charactersMax: number): boolean {
  if (text.length <= charactersMax) return false;
  if (text.length > 2 * charactersMax) return true;
  let characters = 0;
  for (const _ of text) characters++;
  return characters > charactersMax;
}

/** One of a few words. */
export function oneOf<T extends string>(...words: readonly T[]): Reader<T> {
  return (value, at) => {
    const word = words.find((each) => each === value);
    if (word !== undefined) return word;
    const detail = `This must be one of: ${words.join(", ")}.`;
    return typeof value === "string" ? refuse(at, "not_allowed", { detail, allowed: words }) : refuse(at, "wrong_type", { detail });
  };
}

/** `min` and `max` are inclusive. `distinctBy`: what of two items must differ. */
export type ListBounds<T> = { readonly max: number; readonly min?: number; readonly distinctBy?: (item: T) => string };

/** A list. One that is too long is not looked into, so that faults stay in proportion. */
export function listOf<T>(read: Reader<T>, bounds: ListBounds<T>): Reader<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) return refuse(at, "wrong_type", { detail: "This must be a list." });
    if (value.length > bounds.max) return refuse(at, "too_many", { detail: `There are more than ${bounds.max} of these.` });
    if (value.length < (bounds.min ?? 0)) return refuse(at, "empty");
    const items: T[] = [];
    const seen = new Set<string>();
    for (let index = 0; index < value.length; index++) {
      const item = read(value[index], below(at, index));
      if (item === undefined) continue;
      const mark = bounds.distinctBy?.(item);
      if (mark !== undefined && seen.has(mark)) refuse(below(at, index), "duplicate");
      else items.push(item);
      if (mark !== undefined) seen.add(mark);
    }
    return items.length === value.length ? items : undefined;
  };
}

/** A list of different strings. */
export const setOf = (read: Reader<string>, max: number): Reader<readonly string[]> => listOf(read, { max, distinctBy: (text) => text });

function readObject(value: unknown, at: Place): RawObject | undefined {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as RawObject;
  return refuse(at, "wrong_type", { detail: "This must be an object." });
}

/** An object as a table of names. Entries that are faulty are left out of what is given. */
export function mapOf<T>(entries: {
  readonly name: Reader<string>;
  readonly read: Reader<T>;
  readonly max: number;
}): Reader<Readonly<Record<string, T>>> {
  return (value, at) => {
    const object = readObject(value, at);
    if (object === undefined) return undefined;
    const names = Object.keys(object);
    if (names.length > entries.max) return refuse(at, "too_many", { detail: `There are more than ${entries.max} of these.` });
    const table: Record<string, T> = {};
    for (const name of names) {
      const place = below(at, name);
      if (isPrototypeName(name)) refuse(place, "reserved");
      else if (entries.name(name, place) !== undefined) {
        const item = entries.read(object[name], place);
        if (item !== undefined) table[name] = item;
      }
    }
    return table;
  };
}

export type Presence = "required" | "optional" | "filled";
/** A member of an object; a *filled* one that is absent gets `fallback`. */
export type Member<T, P extends Presence = Presence> = { readonly presence: P; readonly read: Reader<T>; readonly fallback?: T };
export const required = <T>(read: Reader<T>): Member<T, "required"> => ({ presence: "required", read });
export const optional = <T>(read: Reader<T>): Member<T, "optional"> => ({ presence: "optional", read });
export const filled = <T>(read: Reader<T>, fallback: T): Member<T, "filled"> => ({ presence: "filled", read, fallback });

/** Exactly the members of `T`: an optional one is read as optional and no other is. */
export type Shape<T> = {
  readonly [K in keyof T]-?: T extends Record<K, T[K]> ? Member<T[K], "required" | "filled"> : Member<Exclude<T[K], undefined>, "optional">;
};

/** An object of exactly these members. */
export function objectOf<T extends object>(shape: Shape<T>, ...checks: readonly Check<T>[]): Reader<T> {
  const members = Object.entries(shape) as [string, Member<unknown>][];
  const names = members.map(([name]) => name);
  const known = new Set(names);
  return (value, at) => {
    const raw = readObject(value, at);
    if (raw === undefined) return undefined;
    const faultsBefore = at.faults.length;
    const result: Record<string, unknown> = {};
    for (const [name, member] of members) {
      const item = readMember(raw, name, { member, at });
      if (item !== undefined) result[name] = item;
    }
    for (const name of Object.keys(raw)) {
      if (isPrototypeName(name)) refuse(below(at, name), "reserved");
      else if (!known.has(name)) refuse(below(at, name), "unknown_member", { allowed: names });
    }
    for (const check of checks) check(result as Partial<T>, at, raw);
    return at.faults.length === faultsBefore ? (result as T) : undefined;
  };
}

function readMember(raw: RawObject, name: string, { member, at }: { member: Member<unknown>; at: Place }): unknown {
  const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
  if (value !== undefined) return member.read(value, below(at, name));
  if (member.presence === "required") return refuse(below(at, name), "required");
  return member.fallback;
}

/** JSON of bounded depth and size (bytes of its UTF-8 without white space). `refused`: names that the outermost object must not have. */
export function jsonObjectReader(bytesMax: number, refused: readonly string[] = []): Reader<JsonObject> {
  return (value, at) => {
    const object = readObject(value, at);
    if (object === undefined) return undefined;
    const faultsBefore = at.faults.length;
    for (const name of refused) if (Object.hasOwn(object, name)) refuse(below(at, name), "reserved");
    checkJson(object, at, 1);
    if (at.faults.length > faultsBefore) return undefined;
    if (utf8Bytes(JSON.stringify(object)) > bytesMax)
      return refuse(at, "too_large", { detail: `This value is larger than ${bytesMax} bytes.` });
    return object as JsonObject;
  };
}

function checkJson(value: unknown, at: Place, depth: number): void {
  if (value === null || typeof value === "boolean") return;
  if (typeof value === "string") {
    if (!value.isWellFormed()) refuse(at, "malformed_text");
  } else if (typeof value === "number") {
    if (!Number.isFinite(value)) refuse(at, "wrong_type", { detail: "JSON has no such number." });
  } else if (typeof value !== "object") {
    refuse(at, "wrong_type", { detail: "This is no JSON." });
  } else if (depth > LIMITS.jsonDepthMax) {
    refuse(at, "too_deep", { detail: `This is nested deeper than ${LIMITS.jsonDepthMax}.` });
  } else if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) checkJson(value[index] as Json, below(at, index), depth + 1);
  } else {
    for (const name of Object.keys(value)) {
      const place = below(at, name);
      if (isPrototypeName(name)) refuse(place, "reserved");
      else if (!name.isWellFormed()) refuse(place, "malformed_text");
      else checkJson((value as RawObject)[name], place, depth + 1);
    }
  }
}

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
