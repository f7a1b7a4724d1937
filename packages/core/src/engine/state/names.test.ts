import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashText, Names } from "./names.ts";

/** Names beside a Map, which is what they must be like. */
function both(seed: number) {
  const [names, map] = [new Names(seed), new Map<string, number>()];
  return {
    names,
    map,
    add(text: string): void {
      const id = names.add(text);
      expect(id, "an id is made once and kept").toBe(map.get(text) ?? id);
      map.set(text, id);
    },
    remove(text: string): void {
      const id = map.get(text);
      if (id === undefined) return;
      names.remove(id);
      map.delete(text);
    },
    check(unknown: readonly string[]): void {
      expect(new Set(map.values()).size, "no id stands for two texts").toBe(map.size);
      for (const [text, id] of map) {
        expect(names.find(text)).toBe(id);
        expect(names.text(id)).toBe(text);
        expect(names.length(id)).toBe(text.length);
      }
      for (const text of unknown) if (!map.has(text)) expect(names.find(text)).toBe(0);
    },
  };
}

/** Texts of all planes, of unpaired surrogates too, of which many share a beginning, an end or a length. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "",
    "a",
    "A",
    "á",
    "a\u0301",
    "\u00e1",
    "a\u0000",
    "\ud800",
    "\udc00",
    "\ud83d\ude00",
    "ÿ",
    "Ā",
    "\u0161",
    "a",
    "__proto__",
    "constructor",
  ),
  fc.array(fc.constantFrom("a", "b", "€", "\u0100"), { maxLength: 4 }).map((units) => units.join("")),
);
const step = fc.record({ text, isAdded: fc.boolean() });

describe("names", () => {
  it("are like a map from texts to ids, whatever is added and removed, in all of Unicode", () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 200 }), (seed, steps) => {
        const one = both(seed);
        for (const { text: each, isAdded } of steps) isAdded ? one.add(each) : one.remove(each);
        one.check(steps.map((each) => each.text));
      }),
    );
  });

  it("have ids from 1 on without gaps, and use those of removed texts again", () => {
    const one = both(7);
    for (let i = 0; i < 1_000; i++) one.add(`name ${i}`);
    expect(one.names.last).toBe(1_000);
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 1_000; i += 2) one.remove(`name ${i}`);
      for (let i = 0; i < 1_000; i += 2) one.add(`name ${i}`);
    }
    expect(one.names.last).toBe(1_000);
    one.check([]);
  });

  it("hold a bounded number of bytes when the same amount comes and goes", () => {
    const one = both(7);
    for (let i = 0; i < 2_000; i++) one.add(`name ${String(i).padStart(5, "0")}`);
    const before = one.names.bytes;
    for (let i = 2_000; i < 30_000; i++) {
      one.remove(`name ${String(i - 2_000).padStart(5, "0")}`);
      one.add(`name ${String(i).padStart(5, "0")}`);
    }
    // The index may have grown once, for the slots of what went.
    expect(one.names.bytes).toBeLessThan(2 * before);
    one.check(["name 00000"]);
  });

  it("of one hash are never taken for one another", () => {
    const seed = 12;
    const byHash = new Map<number, string>();
    const pairs: [string, string][] = [];
    for (let i = 0; pairs.length < 3; i++) {
      const made = `/programs/${i.toString(36)}`;
      const other = byHash.get(hashText(made, seed));
      if (other !== undefined) pairs.push([other, made]);
      byHash.set(hashText(made, seed), made);
    }
    const one = both(seed);
    for (const [first, second] of pairs) {
      one.add(first);
      expect(one.names.find(second), `${second} is not there yet`).toBe(0);
      one.add(second);
      one.check([]);
      one.remove(first);
      expect(one.names.find(first)).toBe(0);
      one.check([first]);
      one.add(first);
      one.check([]);
    }
  });

  it("hold 100,000 texts, and texts as long as a path may be", () => {
    const one = both(3);
    one.add("/");
    for (const unit of ["a", "€", "\u{1f600}"]) for (const length of [127, 128, 4_096, 8_191]) one.add(unit.repeat(length).slice(0, 8_192));
    for (let i = 0; i < 100_000; i++) one.names.add(`/sandboxes/prod/schemas/${i}`);
    for (const i of [0, 1, 54_321, 99_999])
      expect(one.names.text(one.names.find(`/sandboxes/prod/schemas/${i}`))).toBe(`/sandboxes/prod/schemas/${i}`);
    expect(one.names.find("/sandboxes/prod/schemas/100000")).toBe(0);
    one.check([]);
  });

  it("are found as they are spelled in bytes, wherever they stand", () => {
    const one = both(5);
    const texts = [
      "",
      "a",
      "ab",
      "abc",
      "abcd",
      "abcde",
      "/sandboxes/prod",
      "/sandboxes/prod/schemas/1",
      "x".repeat(4_096),
      "\t\u007f",
      "aé",
      "a€",
    ];
    for (const text of texts) one.add(text);
    for (const text of [...texts, "b", "abce", "/sandboxes/prof", "x".repeat(4_095)]) {
      for (let from = 0; from < 5; from++) {
        const bytes = Buffer.from(`${"/".repeat(from)}${text}"`);
        const spelling = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), from, to: bytes.length - 1 };
        const isAscii = bytes.length === from + text.length + 1;
        expect(one.names.findSpelled(spelling), `${text} from ${from}`).toBe(isAscii ? one.names.find(text) : 0);
      }
    }
  });

  it("hash differently from different seeds, so that nobody can prepare names that collide", () => {
    const texts = Array.from({ length: 100 }, (_, i) => `name ${i}`);
    expect(texts.filter((each) => hashText(each, 1) === hashText(each, 2))).toEqual([]);
  });
});
