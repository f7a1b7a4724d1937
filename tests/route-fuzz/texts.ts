/**
 * Hostile JSON as text: a good value, or one made from a schema, in which something is replaced, doubled, nested or cut; with names and
 * numbers that other readers read otherwise.
 */

import type { Random } from "../reference/random.ts";
import { NOW } from "../reference/random-conditions.ts";

/** Names that mean something to JavaScript, or nothing to anybody. */
export const NAMES: readonly string[] = [
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__defineGetter__", "valueOf", "then", "length", "toJSON"],
  ...["", " ", "a", "ann", "var", "put", "delete", "kind", "value", "id", "atLeast", "\u0000", "\u202e", "é", "e\u0301", "\u{1f600}"],
];
/** Values as text: what JSON.stringify would never write among them. */
const VALUES: readonly string[] = [
  ...["null", "true", "false", "0", "-0", "-1", "1.5", "1e400", "-1e400", "1E-400", "9007199254740993", "18446744073709551616", "1e308"],
  ...['""', '"a"', '"ann"', '"/"', '"//"', '"/folders/a"', '"/folders/%2A"', '"/folders/%2f"', '"/folders/a/../b"', '"*"', '".."'],
  ...['"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"__proto__"', '"constructor"', '"\\u202e"', '"\\u212a"', "[]", "{}", "[[]]", "[null]"],
  ...['{"var":"__proto__.x"}', '{"var":["context.x",{"var":""}]}', '{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"a":1}}}'],
  ...[String(NOW), '"R"', '"RW"', '"all"', '"9007199254740993"', '{"then":1}', '{"toJSON":1}', '{"length":-1}'],
];
/** What is no JSON, or no text. */
const BROKEN: readonly ((text: string) => Buffer)[] = [
  (text) => Buffer.from(text.slice(0, Math.floor(text.length / 2))),
  (text) => Buffer.from(`${text}x`),
  (text) => Buffer.from(`\ufeff${text}`),
  (text) => Buffer.concat([Buffer.from(text), Buffer.from([0])]),
  (text) => Buffer.from(text.replaceAll('"', "'")),
  (text) => Buffer.from(`/* */${text}`),
  (text) => Buffer.from(text.replace(":", ":NaN,")),
  (text) => Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from(text.slice(-2))]),
  () => Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
  (text) => Buffer.from(text, "utf16le"),
  () => Buffer.alloc(0),
  () => Buffer.from(" \n\t"),
  () => Buffer.from("undefined"),
];

/** Writes a value as JSON, with accidents on the way; `rate`: how likely one is at each place. */
function write(random: Random, value: unknown, rate: number): string {
  if (random.chance(rate)) return accident(random, value, rate);
  if (Array.isArray(value)) return `[${value.map((item) => write(random, item, rate)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}:${write(random, inner, rate)}`);
  if (random.chance(rate)) members.push(`${JSON.stringify(random.pick(NAMES))}:${random.pick(VALUES)}`);
  // Twice the same name: some readers take the first, some the last.
  if (random.chance(rate) && members.length > 0) members.push(random.pick(members).replace(/:.*/s, `:${random.pick(VALUES)}`));
  if (random.chance(rate) && members.length > 0) members.splice(random.below(members.length), 1);
  return `{${members.join(",")}}`;
}

const DEPTHS: readonly number[] = [2, 8, 31, 32, 33, 64, 500, 5_000];
const LENGTHS: readonly number[] = [128, 129, 256, 257, 1_025, 5_000, 70_000];

function accident(random: Random, value: unknown, rate: number): string {
  return random.weighted<() => string>([
    [12, () => random.pick(VALUES)],
    [2, () => nested(random, random.pick(DEPTHS))],
    [2, () => JSON.stringify(random.pick(["x", "é", "\u{1f600}", "/a"]).repeat(random.pick(LENGTHS)))],
    [1, () => `[${Array.from({ length: random.pick([2, 33, 300, 1_001]) }, () => write(random, value, 0)).join(",")}]`],
    [1, () => `{${NAMES.map((name) => `${JSON.stringify(name)}:${random.pick(VALUES)}`).join(",")}}`],
    [1, () => (random.chance(0.5) ? JSON.stringify(JSON.stringify(value ?? null)) : write(random, [value], rate))],
  ])();
}

/** Lists, objects or operations of a condition in one another. */
function nested(random: Random, depth: number): string {
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"a":', "}"],
    ['{"!":', "}"],
    ['{"and":[true,', "]}"],
    ['{"var":', "}"],
  ] as const);
  return `${open.repeat(depth)}1${close.repeat(depth)}`;
}

/** A body that somebody hostile might send for this good one. */
export function hostileText(random: Random, good: unknown): Buffer {
  const text = write(random, good, random.pick([0, 0.01, 0.03, 0.1, 0.4]));
  return random.chance(0.05) ? random.pick(BROKEN)(text) : Buffer.from(text);
}

type Schema = { readonly [key: string]: unknown };

/** A value that a schema would take, or nearly: for routes of which nobody wrote a good body down. */
export function sample(random: Random, schema: unknown): unknown {
  const { anyOf, const: only, type, properties, items } = schema as Schema;
  if (Array.isArray(anyOf)) return sample(random, random.pick(anyOf));
  if (only !== undefined) return only;
  if (type === "object") {
    const members = Object.entries((properties ?? {}) as Schema).filter(() => random.chance(0.8));
    return Object.fromEntries(members.map(([name, inner]) => [name, sample(random, inner)]));
  }
  if (type === "array") return Array.from({ length: random.below(4) }, () => sample(random, items ?? {}));
  if (type === "string") return random.pick(["a", "ann", "files", "read", "/folders/a", "x".repeat(40), "Org@ReeveOrg"]);
  if (type === "integer" || type === "number") return random.pick([0, 1, NOW, -1, 1.5]);
  if (type === "boolean") return random.chance(0.5);
  if (type === "null") return null;
  return random.pick<unknown>([null, 1, "a", [], {}, { id: "ann", type: "user" }]);
}
