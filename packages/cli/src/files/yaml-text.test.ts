import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { blockText, entryText, flowText } from "./yaml-text.ts";

const ODD = [
  "yes",
  "No",
  "on",
  "~",
  "null",
  "010",
  "0x1F",
  "1:30",
  "2026-01-01",
  "1e3",
  "=",
  "<<",
  " a",
  "a ",
  "- a",
  "a: b",
  "a #b",
  "",
  "{a}",
  "%a",
  "@a",
];
const text = fc.oneof(fc.constantFrom(...ODD), fc.string({ unit: "binary" }), fc.constantFrom("\u2028", "\u0085", "\ufeff", "a\nb", "\t"));
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => !Object.is(one, -0)),
  fc.integer(),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("any")),
    fc.dictionary(text, tie("any")),
  ),
})).any;
const names = (given: object): boolean => !JSON.stringify(given).includes("__proto__");

describe("values as YAML", () => {
  it.each(["1.2", "1.1"] as const)("say the same to a reader of YAML %s, in a block and on one line", (version) => {
    fc.assert(
      fc.property(fc.dictionary(text, value, { minKeys: 1 }).filter(names), (given) => {
        const plain = JSON.parse(JSON.stringify(given)) as object;
        expect(parse(blockText(plain, 0), { version })).toEqual(plain);
        expect(parse(flowText(plain), { version })).toEqual(plain);
      }),
    );
  });

  it("mark keys that are longer than a key may be", () => {
    const long = { ["k".repeat(2_000)]: { a: ["x"] } };
    expect(parse(blockText(long, 0))).toEqual(long);
    expect(parse(flowText(long))).toEqual(long);
  });

  it("stand on one line where they fit, else in a block", () => {
    expect(entryText("a", { b: ["c", 1], d: "/x/{id}" }, 0)).toBe('a: { b: [c, 1], d: "/x/{id}" }');
    expect(entryText("a", { b: "x".repeat(120), d: "/x/{id}" }, 0)).toBe(`a:\n  b: ${"x".repeat(120)}\n  d: /x/{id}`);
  });
});
