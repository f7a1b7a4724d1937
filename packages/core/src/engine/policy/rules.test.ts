import { describe, expect, it } from "vitest";
import { compileCondition } from "./condition.ts";
import { Facts } from "./facts.ts";
import type { Outcome } from "./outcome.ts";
import { outcomeOf } from "./rules.ts";

const CONDITION = { "===": [{ var: "context.network" }, "outside"] };
const LABELS = { "adobe.match_all_labels_by_prefix": [{ var: "subject.roles.labels" }, "core/", { var: "resource.labels" }] };

/** The condition, and how often it was evaluated. */
function counted(condition: typeof CONDITION | typeof LABELS) {
  const compiled = compileCondition(condition as never);
  const runs: Outcome[] = [];
  const run: typeof compiled.run = (view) => {
    const outcome = compiled.run(view);
    runs.push(outcome);
    return outcome;
  };
  return { condition: { ...compiled, run }, runs };
}
function facts(network: string, more: object = {}): Facts {
  return new Facts({ request: { context: { network } }, ...more } as never, { kind: "child", sandbox: 0 } as never, "read");
}

describe("a condition that several rules have", () => {
  it("is evaluated once a decision", () => {
    const { condition, runs } = counted(CONDITION);
    const one = facts("outside");
    expect([outcomeOf(condition, one, "deny"), outcomeOf(condition, one, "deny"), outcomeOf(condition, one, "permit")]).toEqual([
      true,
      true,
      true,
    ]);
    expect(runs).toEqual([true]);
  });

  it("is evaluated anew for every other decision, in whatever order they ask", () => {
    const { condition, runs } = counted(CONDITION);
    const [outside, inside] = [facts("outside"), facts("inside")];
    const asked = [outside, inside, outside, facts("inside")].map((one) => outcomeOf(condition, one, "deny"));
    expect(asked).toEqual([true, false, true, false]);
    expect(runs).toEqual(asked);
  });

  it("is evaluated for Deny and for Permit, where each role is asked for its labels alone", () => {
    const roles = [{ record: { labels: ["core/C1"] } }, { record: { labels: [] } }];
    const state = { catalogue: { labelsFromOneRole: true }, roles: { at: (index: number) => roles[index] } };
    const one = facts("outside", { state });
    Object.assign(one, {
      roles: () => [0, 1],
      labels: () => ["core/C1"],
      holdsLabel: (label: string) => one.roleLabels?.includes(label) === true,
    });
    const { condition, runs } = counted(LABELS);
    const asked = (["deny", "permit", "permit", "deny"] as const).map((effect) => outcomeOf(condition, one, effect));
    expect(asked).toEqual([false, true, true, false]);
    expect(runs.length).toBe(3 * roles.length);
  });
});
