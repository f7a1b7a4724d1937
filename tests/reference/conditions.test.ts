/** The reference evaluator's conditions against the clauses of the model's §9 that are easily got wrong. */
import type { Condition, JsonObject } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { truth } from "./conditions.ts";

describe("conditions", () => {
  const seen = (condition: Condition, members: JsonObject = { context: { a: null, list: [] } }) =>
    truth(condition, { members, labelsUnreadable: false });
  it("fail for what is absent before anything is evaluated, and take null for a value", () => {
    expect(seen({ or: [true, { var: "context.b" }] })).toBe("fails");
    expect(seen({ "===": [{ var: ["context.a", 1] }, null] })).toBe(true);
    expect(seen({ "===": [{ var: ["context.b", 1] }, 1] })).toBe(true);
    expect(seen({ "!!": [{ var: ["context.constructor", false] }] })).toBe(false);
  });
  it("stop early, want truths, and refuse kinds that an operator does not take", () => {
    expect(seen({ or: [true, { "<": ["a", 1] }] })).toBe(true);
    expect(seen({ and: [{ "<": ["a", 1] }, false] })).toBe("fails");
    expect(seen({ or: [false, 1] })).toBe("fails");
    expect(seen({ "!": [{ var: "context.list" }] })).toBe(true);
    expect(seen({ if: [false, true] })).toBe("fails");
    expect(seen({ if: [false, { "+": ["x"] }, true, { "<": [1, 2, 2] }, true] })).toBe(false);
    expect(seen({ in: [1, "1"] })).toBe("fails");
    expect(seen({ in: [1, ["1"]] })).toBe(false);
    expect(seen({ "==": [null, 0] })).toBe(false);
    expect(seen({ "==": [{ var: "context.list" }, ""] })).toBe("fails");
  });
});
