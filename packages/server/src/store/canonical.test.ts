import fc from "fast-check";
import { expect, it } from "vitest";
import { canonical, compareUtf8 } from "./canonical.ts";

it("writes one text for one value, whatever the order of its members", () => {
  expect(canonical({ b: [1, { d: null, c: "\u2028" }], a: -0, e: 1e21, absent: undefined })).toBe(
    '{"a":0,"b":[1,{"c":"\u2028","d":null}],"e":1e+21}',
  );
});

it("is JSON of the same value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it("keeps members that are named like a prototype's", () => {
  const text = '{"__proto__":{"x":1},"constructor":2}';
  expect(canonical(JSON.parse(text))).toBe(text);
});

it("is well-formed text even where strings are not", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }), (text) => canonical(text).isWellFormed()),
  );
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, [undefined]])("refuses %s", (value) => {
  expect(() => canonical(value)).toThrow(TypeError);
});

it("orders text by its UTF-8 bytes", () => {
  const text = fc.string({ unit: "binary", maxLength: 6 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
    { numRuns: 1_000 },
  );
});
