/** Cursors: what was given out is read back, for the question that it was given out for, and nothing else is. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCursors } from "./cursors.ts";

const cursors = createCursors(new Uint8Array(32).fill(7));
const position = fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 4 });
const QUESTION = ["roles", "acme", { product: "p" }];

describe("a cursor", () => {
  it("leads back to where it was made, whatever the texts of the place", () => {
    fc.assert(
      fc.property(position, (place) => {
        expect(cursors.read(QUESTION, cursors.write(QUESTION, place))).toEqual(place);
      }),
    );
  });

  it("is none of another question, another server, or with one character altered", () => {
    const cursor = cursors.write(QUESTION, ["a", "b"]);
    for (const other of [["roles", "acme", {}], ["roles", "other", { product: "p" }], ["policies", "acme", { product: "p" }], undefined]) {
      expect(cursors.read(other, cursor)).toBeUndefined();
    }
    expect(createCursors(new Uint8Array(32).fill(8)).read(QUESTION, cursor)).toBeUndefined();
    for (let at = 0; at < cursor.length; at++) {
      const altered = `${cursor.slice(0, at)}${cursor[at] === "A" ? "B" : "A"}${cursor.slice(at + 1)}`;
      expect(cursors.read(QUESTION, altered)).toBeUndefined();
    }
  });

  it.each(["", "x", "====", "é", "A".repeat(21), "A".repeat(10_000)])("is not %j", (text) => {
    expect(cursors.read(QUESTION, text)).toBeUndefined();
  });
});
