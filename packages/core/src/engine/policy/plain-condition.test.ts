import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Condition, JsonObject } from "../../model/index.ts";
import { compileCondition, walkedRun } from "./condition.ts";
import { FAILED, MATCH_ALL, MATCH_ANY, type Outcome } from "./outcome.ts";
import { plainRun } from "./plain-condition.ts";
import { ABSENT, type View } from "./readers.ts";

type Seen = {
  readonly held: readonly string[];
  readonly labels: ReturnType<View["labels"]>;
  readonly sent: JsonObject;
  state: string | null;
};
const viewOf = ({ held, labels, sent, state }: Seen): View => ({
  action: "view",
  now: 1_000,
  subjectType: () => "user",
  subjectId: () => "ada",
  groups: () => ["g1"],
  roleIds: () => ["r1"],
  heldLabels: () => held,
  holdsLabel: (label) => held.includes(label),
  resourceType: () => "schemas",
  resourceId: () => "42",
  resourcePath: () => "/sandboxes/prod/schemas/42",
  sandbox: () => "prod",
  owner: () => null,
  resourceState: () => state,
  labels: () => labels,
  sent: (source) => sent[source] as JsonObject | undefined,
  stored: () => undefined,
});

const label = fc.constantFrom("core/C1", "core/C2", "custom/x", "core/");
const literal = fc.constantFrom<Condition>("a", "view", 1, "1", true, false, null);
const name = fc.constantFrom(
  "context.x",
  "context.y",
  "subject.properties.x",
  "attributes.a.b",
  "resource.state",
  "action.name",
  "subject",
);
const labelled: Condition[] = [];
for (const operator of [MATCH_ALL, MATCH_ANY])
  for (const prefix of ["core/", "", "custom/"])
    labelled.push({ [operator]: [{ var: "subject.roles.labels" }, prefix, { var: "resource.labels" }] });

/** Conditions that are plain: every form of a leaf, and what joins them. */
const { plain } = fc.letrec<{ plain: Condition }>((tie) => ({
  plain: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc
      .tuple(fc.constantFrom("===", "!=="), name, literal, fc.boolean(), fc.boolean())
      .map(([operator, of, value, isTurned, isList]): Condition => {
        const variable = { var: isList ? [of] : of };
        return { [operator]: isTurned ? [value, variable] : [variable, value] };
      }),
    fc.constantFrom(...labelled),
    tie("plain").map((part): Condition => ({ "!": [part] })),
    tie("plain").map((part): Condition => ({ "!": part })),
    fc
      .tuple(fc.constantFrom("and", "or"), fc.array(tie("plain"), { minLength: 1, maxLength: 3 }))
      .map(([operator, parts]): Condition => ({ [operator]: parts })),
  ),
}));
const value = fc.constantFrom<JsonObject[string]>("a", 1, "1", true, false, null, ["a"], { b: "a" }, { b: 1 });
const seen = fc.record({
  held: fc.uniqueArray(label),
  labels: fc.oneof(fc.uniqueArray(label), fc.constant(null), fc.constant<typeof ABSENT>(ABSENT)),
  sent: fc.record(
    {
      context: fc.record({ x: value, y: value }, { requiredKeys: [] }),
      "subject.properties": fc.record({ x: value }, { requiredKeys: [] }),
      attributes: fc.record({ a: value }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<JsonObject>,
  state: fc.constantFrom("a", null),
});

describe("a plain condition", () => {
  it("comes to what the library makes of it, whatever is seen", () => {
    const outcomes = new Map<Outcome, number>();
    fc.assert(
      fc.property(plain, fc.array(seen, { minLength: 1, maxLength: 8 }), (condition, views) => {
        const [run, walked] = [plainRun(condition), walkedRun(condition)];
        expect(run, JSON.stringify(condition)).toBeDefined();
        for (const view of views.map(viewOf)) {
          const outcome = run?.(view) as Outcome;
          expect(outcome, JSON.stringify(condition)).toBe(walked(view));
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        }
      }),
      { numRuns: 2_000 },
    );
    for (const outcome of [true, false, FAILED] as const) expect(outcomes.get(outcome), String(outcome)).toBeGreaterThan(500);
  });

  it.each<[Condition]>([
    [true],
    [null],
    ["view"],
    [{ and: [] }],
    [{ and: [{ "===": [{ var: "context.x" }, 1] }, true] }],
    [{ "===": [1, 1] }],
    [{ "===": [{ var: "context.x" }, { var: "context.y" }] }],
    [{ "===": [{ var: ["context.x", 1] }, 1] }],
    [{ "===": [{ var: "context.x" }, ["a"]] }],
    [{ "==": [{ var: "context.x" }, 1] }],
    [{ "!": [{ var: "context.x" }] }],
    [{ if: [true, true, false] }],
    [{ [MATCH_ALL]: [["core/C1"], "core/", { var: "resource.labels" }] }],
    [{ [MATCH_ALL]: [{ var: "subject.roles.labels" }, "core/", { var: "resource.properties.labels" }] }],
    [{ [MATCH_ALL]: [{ var: "subject.roles.labels" }, "core/", { var: ["resource.labels", []] }] }],
  ])("is not %j, which the library walks", (condition) => {
    expect(plainRun(condition)).toBeUndefined();
  });

  it("fails for a variable that is absent, also where it is not reached", () => {
    const condition: Condition = { or: [{ "===": [{ var: "action.name" }, "view"] }, { "===": [{ var: "context.x" }, 1] }] };
    const view = (sent: JsonObject): View => viewOf({ held: [], labels: [], sent, state: null });
    expect(compileCondition(condition).run(view({}))).toBe(FAILED);
    expect(compileCondition(condition).run(view({ context: { x: 2 } }))).toBe(true);
  });
});
