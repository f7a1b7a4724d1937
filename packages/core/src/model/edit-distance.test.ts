import { describe, expect, it } from "vitest";
import { editDistance } from "./edit-distance.ts";

describe("the edits between two words", () => {
  it.each([
    ["", "", 0],
    ["read", "read", 0],
    ["read", "reads", 1],
    ["reads", "read", 1],
    ["read", "road", 1],
    ["delte", "delete", 1],
    ["raed", "read", 1],
    ["ca", "abc", 3],
    ["", "read", 4],
    ["kitten", "sitting", 3],
  ])("of %s and %s are %i", (a, b, edits) => {
    expect(editDistance(a, b, 10)).toBe(edits);
    expect(editDistance(b, a, 10)).toBe(edits);
  });

  it("are more than the bound where the lengths alone say so", () => {
    expect(editDistance("read", "read something else", 2)).toBe(3);
  });
});
