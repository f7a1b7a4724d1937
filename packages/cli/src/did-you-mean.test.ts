import { describe, expect, it } from "vitest";
import { didYouMean, nearest } from "./did-you-mean.ts";

describe("did you mean", () => {
  it.each([
    ["rols", ["roles", "rules", "links"], "roles"],
    ["pirncipals", ["principals", "policies"], "principals"],
    ["VIEW", ["view", "delete"], "view"],
    ["deploy-manager", ["deployment-manager", "business-owner"], "deployment-manager"],
    ["DEMO@Reeveorg", ["DEMO@ReeveOrg"], "DEMO@ReeveOrg"],
    ["vew", ["new", "view"], "new"],
  ])("takes %s for the nearest known word", (given, known, meant) => {
    expect(nearest(given, known)).toBe(meant);
  });

  it.each([
    ["x", ["y"]],
    ["cat", ["dog"]],
    ["abcdef", []],
    ["short", ["something-quite-different"]],
    ["same", ["same"]],
    ["", ["a"]],
  ])("says nothing where nothing is near %s", (given, known) => {
    expect([nearest(given, known), didYouMean(given, known)]).toEqual([undefined, ""]);
  });

  it("is told as a question", () => {
    expect(didYouMean("rols", ["roles"])).toBe(" Did you mean roles?");
  });
});
