import { describe, expect, it } from "vitest";
import { RolesBy } from "./roles-by.ts";

const rolesOf = (bits: Int32Array): readonly number[] =>
  [...bits].flatMap((word, at) =>
    Array.from({ length: 32 }, (_, bit) => (((word >>> bit) & 1) === 1 ? at * 32 + bit : -1)).filter((role) => role >= 0),
  );

describe("roles by what they hold", () => {
  it("are exactly those that were added and not removed since, whatever their numbers", () => {
    const by = new RolesBy<string>();
    for (const role of [0, 31, 32, 100]) by.add(role, ["a", "b"]);
    by.add(5, ["a"]);
    expect([rolesOf(by.of("a")), rolesOf(by.of("b")), rolesOf(by.of("c"))]).toEqual([[0, 5, 31, 32, 100], [0, 31, 32, 100], []]);
    by.remove(31, ["a"]);
    by.remove(100, ["a"]);
    expect([rolesOf(by.of("a")), rolesOf(by.of("b"))]).toEqual([
      [0, 5, 32],
      [0, 31, 32, 100],
    ]);
    for (const role of [0, 5, 32]) by.remove(role, ["a"]);
    expect(by.of("a")).toHaveLength(0);
    by.add(7, ["a", "a"]);
    expect(rolesOf(by.of("a"))).toEqual([7]);
  });

  it("take no notice of a role that is removed and never held it", () => {
    const by = new RolesBy<number>();
    by.add(3, [1]);
    by.remove(64, [1, 2]);
    expect([rolesOf(by.of(1)), rolesOf(by.of(2))]).toEqual([[3], []]);
  });
});
