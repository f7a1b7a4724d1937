import type { Condition } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { conditionWords } from "./condition-words.ts";

const action = { var: "attributes.step.action" };
const isWaiting = { "===": [{ var: "attributes.step.status" }, "WAITING"] };
const words: readonly (readonly [Condition, string])[] = [
  [true, "always"],
  [false, "never"],
  [isWaiting, "step.status is WAITING"],
  [{ and: [{ in: [action, ["approval", "deploy"]] }, isWaiting] }, "step.action is approval or deploy, and step.status is WAITING"],
  [{ in: [action, ["build"]] }, "step.action is build"],
  [{ in: [action, []] }, "step.action is one of nothing"],
  [{ in: [action, { var: "context.actions" }] }, "step.action is in context.actions"],
  [{ or: [{ and: [isWaiting, isWaiting] }, isWaiting] }, "(step.status is WAITING, and step.status is WAITING), or step.status is WAITING"],
  [{ "!": [isWaiting] }, "not (step.status is WAITING)"],
  [{ "!": { var: "resource.state" } }, "not resource.state"],
  [{ "!!": [{ var: "resource.owner" }] }, "resource.owner is given and not empty"],
  [{ "==": [{ var: "context.size" }, "3"] }, 'context.size is like "3"'],
  [{ "!=": [{ var: "context.size" }, 3] }, "context.size is not like 3"],
  [{ "!==": [{ var: "resource.state" }, "RETIRED"] }, "resource.state is not RETIRED"],
  [{ "<=": [1, { var: "context.size" }, 9] }, "1 <= context.size <= 9"],
  [{ "<": [{ "+": [{ var: "context.size" }, 1] }, 5] }, "(context.size + 1) < 5"],
  [{ "-": [{ var: "context.size" }] }, "-context.size"],
  [{ if: [isWaiting, true] }, "if step.status is WAITING then true else null"],
  [{ "===": [{ var: ["attributes.step.try", 1] }, 1] }, "step.try (1 if absent) is 1"],
  [
    { "adobe.match_all_labels_by_prefix": [{ var: "subject.roles.labels" }, "core/", { var: "resource.labels" }] },
    'every label of resource.labels that begins with "core/", if there is one, is among subject.roles.labels',
  ],
];

describe("a condition in words", () => {
  it.each(words)("%j", (condition, expected) => expect(conditionWords(condition)).toBe(expected));

  it("tells a variable from a text of the same letters", () => {
    expect(conditionWords({ "===": [action, "step.status"] })).toBe('step.action is "step.status"');
    expect(conditionWords({ "===": [action, { var: "attributes.step.status" }] })).toBe("step.action is step.status");
    expect(conditionWords({ "===": [{ var: "attributes.size" }, "subject"] })).toBe('attributes.size is "subject"');
    expect(conditionWords({ var: "attributes.resource.id" })).toBe("attributes.resource.id");
  });

  it("shows what it has no words for as JSON", () => {
    expect(conditionWords({ if: [true, 1, false, 2, 3] })).toBe('{"if":[true,1,false,2,3]}');
  });
});
