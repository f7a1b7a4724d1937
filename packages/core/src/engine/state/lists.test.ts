import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Heads, PackedLists, sliceFrom } from "./lists.ts";

const unsigned = (entry: number): number => entry >>> 0;
const inOrder = (entries: Iterable<number>): number[] => [...entries].sort((a, b) => unsigned(a) - unsigned(b));

/** A list beside a set. */
function check(lists: PackedLists, owner: number, set: ReadonlySet<number>): void {
  const expected = inOrder(set);
  expect(lists.entries(owner)).toEqual(expected);
  expect(lists.count(owner)).toBe(set.size);
  const runs: number[] = [];
  lists.visit(owner, (entries, from, to) => {
    expect(to, "no run is empty").toBeGreaterThan(from);
    for (let i = from; i < to; i++) runs.push(entries[i] as number);
  });
  expect(runs).toEqual(expected);
}
function checkAtLeast(lists: PackedLists, owner: number, { set, wanted }: { set: ReadonlySet<number>; wanted: number }): void {
  const first = inOrder(set).find((entry) => unsigned(entry) >= unsigned(wanted));
  expect(lists.atLeast(owner, wanted)).toBe(first ?? -1);
}

/** Lists whose first entries lie beside their heads, in rows of somebody else's with other integers before and behind. */
function besideHeads(inline: number): PackedLists {
  const [owners, width] = [600, inline + 4];
  const rows = new Int32Array(owners * width).fill(-7);
  for (let owner = 0; owner < owners; owner++) rows.fill(0, owner * width + 1, owner * width + 3);
  return new PackedLists({
    inline,
    reserve: () => undefined,
    has: (owner) => owner < owners,
    row: () => rows,
    at: (owner) => owner * width + 1,
    bytes: rows.byteLength,
  });
}
const kinds: readonly (() => PackedLists)[] = [() => new PackedLists(), () => besideHeads(0), () => besideHeads(1), () => besideHeads(6)];

/** -1 is no entry: it says that there is none. */
const entry = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: -40, max: -2 }),
  fc.integer().filter((one) => one !== -1),
);
const step = fc.record({ owner: fc.constantFrom(0, 1, 2, 31, 32, 500), entry, isInserted: fc.boolean() });

describe("packed lists", () => {
  it("are like sorted sets of unsigned entries, each owner's its own", () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.array(step, { maxLength: 300 }), entry, (make, steps, wanted) => {
        const [lists, sets] = [make(), new Map<number, Set<number>>()];
        for (const { owner, entry: one, isInserted } of steps) {
          const set = sets.get(owner) ?? new Set();
          sets.set(owner, set);
          expect(isInserted ? lists.insert(owner, one) : lists.remove(owner, one)).toBe(isInserted !== set.has(one));
          if (isInserted) set.add(one);
          else set.delete(one);
        }
        for (const [owner, set] of sets) {
          check(lists, owner, set);
          checkAtLeast(lists, owner, { set, wanted });
        }
        check(lists, 77, new Set());
        expect(lists.atLeast(77, wanted)).toBe(-1);
        expect(lists.remove(77, wanted)).toBe(false);
      }),
    );
  });

  it("stay so while they grow from slices to blocks and shrink to nothing again", { timeout: 60_000 }, () => {
    const orders = fc.constantFrom<(i: number) => number>(
      (i) => i,
      (i) => 5_000 - i,
      (i) => Math.imul(i, 0x9e3779b1),
      (i) => (i % 2 === 0 ? i : -2 - i),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.constantFrom(511, 512, 513, 1_500, 5_000),
        fc.tuple(orders, orders),
        (make, size, [grown, shrunk]) => {
          const lists = make();
          // A neighbour on both sides, which must not be touched.
          for (const owner of [4, 6]) for (let i = 0; i < 700; i++) lists.insert(owner, i * 3);
          for (let round = 0; round < 2; round++) {
            const set = new Set<number>();
            for (let i = 0; i < size; i++) {
              lists.insert(5, grown(i));
              set.add(grown(i));
              if ((i & (i + 1)) === 0 || i === size - 1) check(lists, 5, set);
            }
            for (const wanted of [0, 1, 4_999, 5_000, -1, -5_000, 0x7fffffff, -0x80000000]) checkAtLeast(lists, 5, { set, wanted });
            for (const one of [...set].sort((a, b) => shrunk(a) - shrunk(b))) {
              expect(lists.remove(5, one)).toBe(true);
              expect(lists.remove(5, one)).toBe(false);
              set.delete(one);
              if ((set.size & (set.size + 1)) === 0) check(lists, 5, set);
            }
            check(lists, 5, new Set());
            expect(lists.atLeast(5, 0)).toBe(-1);
          }
          for (const owner of [4, 6]) expect(lists.entries(owner)).toEqual(Array.from({ length: 700 }, (_, i) => i * 3));
        },
      ),
      { numRuns: 12 },
    );
  });

  it("order the entries of the largest ids above all others", () => {
    const lists = new PackedLists();
    const entries = [0x7fffffff, -0x80000000, -2, 0, 1, -3].map((one) => one | 0);
    for (const one of entries) lists.insert(1, one);
    expect(lists.entries(1)).toEqual([0, 1, 0x7fffffff, -0x80000000, -3, -2]);
    expect(lists.atLeast(1, -0x80000000)).toBe(-0x80000000);
    expect(lists.atLeast(1, 2)).toBe(0x7fffffff);
  });

  it("use the room of what is gone again", () => {
    const lists = new PackedLists();
    for (let owner = 1; owner <= 200; owner++) for (let i = 0; i < 20; i++) lists.insert(owner, i);
    const before = lists.bytes;
    for (let round = 0; round < 20; round++) {
      for (let owner = 1; owner <= 200; owner++) for (let i = 0; i < 20; i++) lists.remove(owner, i);
      for (let owner = 1; owner <= 200; owner++) for (let i = 0; i < 20; i++) lists.insert(owner, i);
    }
    expect(lists.bytes).toBe(before);
  });

  it("may have their heads in somebody else's rows, from which a short list is read without a call", () => {
    const rows = new Int32Array(10 * 4).fill(0);
    const heads: Heads = {
      inline: 0,
      reserve: () => undefined,
      has: (owner) => owner < 10,
      row: () => rows,
      at: (owner) => owner * 4 + 2,
      bytes: 0,
    };
    const lists = new PackedLists(heads);
    for (const one of [9, 3, 5]) lists.insert(7, one);
    lists.insert(8, 4);
    const [place, info] = [rows[7 * 4 + 2] as number, rows[7 * 4 + 3] as number];
    const from = sliceFrom(place);
    expect([...lists.sliceChunk(place).subarray(from, from + (info >> 5))]).toEqual([3, 5, 9]);
    for (let i = 0; i < 1_000; i++) lists.insert(7, i);
    expect(rows[7 * 4 + 2], "a long list has no place").toBeLessThan(0);
    expect(lists.entries(8)).toEqual([4]);
    expect(lists.count(9)).toBe(0);
    expect(lists.count(99)).toBe(0);
  });
});
