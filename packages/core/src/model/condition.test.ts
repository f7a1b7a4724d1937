import { describe, expect, it } from "vitest";
import { checkCondition, conditionVariables, labelPrefixes, OPERATORS } from "./condition.ts";
import { LIMITS } from "./limits.ts";
import type { Json } from "./nouns.ts";

const faults = (condition: unknown): readonly string[] => checkCondition(condition).map((fault) => `${fault.code} ${fault.pointer}`);
const nested = (depth: number): unknown => {
  let condition: unknown = true;
  for (let level = 0; level < depth; level++) condition = { "!": [condition] };
  return condition;
};

describe("the operators of a condition", () => {
  const argumentsOf = (count: number): readonly unknown[] => Array.from({ length: count }, () => 1);
  const withCount = (operator: string, count: number): unknown => {
    if (operator === "var")
      return { var: ["context.x", "y"].slice(0, count).concat(Array.from({ length: Math.max(0, count - 2) }, () => "z")) };
    if (operator.startsWith("adobe.")) return { [operator]: [[], "core/", [], []].slice(0, count) };
    return { [operator]: argumentsOf(count) };
  };

  it.each([...OPERATORS])("%s takes its smallest number of arguments and not one less", (operator, { min }) => {
    expect(faults(withCount(operator, min))).toEqual([]);
    expect(faults(withCount(operator, min - 1))).toContain(`malformed_condition /${operator}`);
  });

  it.each([...OPERATORS].filter(([, bounds]) => bounds.max < 10))(
    "%s takes its largest number of arguments and not one more",
    (operator, { max }) => {
      expect(faults(withCount(operator, max))).toEqual([]);
      expect(faults(withCount(operator, max + 1))).toContain(`malformed_condition /${operator}`);
    },
  );

  it("take a single argument without a list around it", () => {
    expect(faults({ "!": { var: "context.x" } })).toEqual([]);
    expect(faults({ and: true })).toEqual([]);
    expect(faults({ "===": 1 })).toEqual(["malformed_condition /==="]);
  });

  it.each(["map", "reduce", "cat", "log", "method", "missing", "*", "%", "min", "substr", "val", "exists", "try", "throw", "toString"])(
    "are a fixed list that %s is not of",
    (operator) => {
      expect(faults({ and: [true, { [operator]: [1, 2] }] })).toEqual([`malformed_condition /and/1/${operator}`]);
    },
  );

  it.each(["constructor", "prototype", "__proto__"])("are never %s", (name) => {
    expect(faults(JSON.parse(`{"${name}":[1]}`))).toEqual([`reserved /${name}`]);
  });

  it("stand alone in their object", () => {
    expect(faults({ "===": [1, 1], "!==": [1, 2] })).toEqual(["malformed_condition "]);
    expect(faults({ "!": [{}] })).toEqual(["malformed_condition /!/0"]);
  });

  it("are all examined, so that every fault of a condition is told at once, with pointers into it", () => {
    const condition = { and: [{ nope: 1 }, { if: [true, { var: "secret" }] }, { "<": [1] }] };
    expect(faults(condition)).toEqual([
      "malformed_condition /and/0/nope",
      "malformed_condition /and/1/if/1/var",
      "malformed_condition /and/2/<",
    ]);
    expect(checkCondition({ nope: 1 }, "/rules/0/condition").map((fault) => fault.pointer)).toEqual(["/rules/0/condition/nope"]);
  });
});

describe("the variables of a condition", () => {
  it.each([
    "subject",
    "subject.type",
    "subject.id",
    "subject.groups",
    "subject.roles",
    "subject.roles.ids",
    "subject.roles.labels",
    "subject.properties",
    "subject.properties.a.b",
    "action",
    "action.name",
    "action.properties.reason",
    "resource",
    "resource.type",
    "resource.id",
    "resource.path",
    "resource.sandbox",
    "resource.owner",
    "resource.state",
    "resource.labels",
    "resource.properties",
    "resource.properties.size",
    "context",
    "context.now",
    "attributes",
    "attributes.step.status",
  ])("may name %s", (name) => {
    expect(faults({ var: name })).toEqual([]);
    expect(faults({ var: [name, null] })).toEqual([]);
  });

  it.each([
    "",
    ".",
    "subject.name",
    "subject.type.x",
    "resource.parent",
    "action.id",
    "user",
    "context.",
    "context..x",
    ".context",
    "resource.labels.0",
    "Subject",
    "subject.propertiesx",
  ])("may not name '%s', which is no member", (name) => {
    expect(faults({ var: [name] })).toEqual(["malformed_condition /var/0"]);
  });

  it.each(["context.__proto__", "context.constructor.name", "subject.properties.a.prototype", "__proto__", "constructor"])(
    "never reach a prototype by %s",
    (name) => {
      expect(faults({ var: name })).toEqual(["reserved /var"]);
    },
  );

  it.each([[{ var: 1 }], [{ var: null }], [{ var: { "+": [1, 2] } }], [{ var: { var: "context.name" } }], [{ var: [["context"]] }]])(
    "have a literal name: %j",
    (condition) => {
      expect(faults(condition)[0]).toMatch(/^malformed_condition \/var/);
    },
  );

  it("have a default that is a literal", () => {
    expect(faults({ var: ["context.x", ["a", 1]] })).toEqual([]);
    expect(faults({ var: ["context.x", { var: "context.y" }] })).toEqual(["malformed_condition /var/1"]);
    expect(faults({ var: ["context.x", [["a"]]] })).toEqual(["malformed_condition /var/1"]);
  });

  it("are found in every branch, with and without a default", () => {
    const condition = {
      if: [{ var: "context.a" }, { "==": [{ var: ["context.b", 0] }, [{ var: ["context.c"] }]] }, { "!": { var: ["context.a", 1] } }],
    };
    expect(new Set(conditionVariables(condition).map(({ name, hasDefault }) => `${name} ${hasDefault}`))).toEqual(
      new Set(["context.a false", "context.b true", "context.c false", "context.a true"]),
    );
  });
});

describe("the label operators", () => {
  const match = (prefix: Json): Json => ({
    "adobe.match_all_labels_by_prefix": [{ var: "subject.roles.labels" }, prefix, { var: "resource.labels" }],
  });

  it("name a literal prefix", () => {
    expect(faults(match("core/"))).toEqual([]);
    expect(faults(match({ var: "context.prefix" }))).toEqual(["malformed_condition /adobe.match_all_labels_by_prefix/1"]);
    expect(faults(match(7))).toEqual(["malformed_condition /adobe.match_all_labels_by_prefix/1"]);
  });

  it("tell the prefixes of a condition, each once, and none for a condition without them", () => {
    const condition = { "!": [{ and: [match("core/"), match("custom/"), { "adobe.match_any_labels_by_prefix": [[], "core/", []] }] }] };
    expect(labelPrefixes(condition).toSorted()).toEqual(["core/", "custom/"]);
    expect(labelPrefixes({ "===": ["core/", "core/"] })).toEqual([]);
  });
});

describe("the bounds of a condition", () => {
  it("are a depth", () => {
    expect(faults(nested(LIMITS.conditionDepthMax))).toEqual([]);
    expect(faults(nested(LIMITS.conditionDepthMax + 1)).map((fault) => fault.split(" ")[0])).toEqual(["too_deep"]);
  });

  it("are a number of parts, refused once and not for every part too many", () => {
    const list = (length: number) => ({ in: ["x", Array.from({ length }, () => "y")] });
    expect(faults(list(LIMITS.conditionNodesMax - 3))).toEqual([]);
    expect(faults(list(LIMITS.conditionNodesMax - 2))).toHaveLength(1);
    expect(faults(list(LIMITS.conditionNodesMax * 3))).toHaveLength(1);
    const names = { and: Array.from({ length: LIMITS.conditionNodesMax }, () => ({ var: "context.x" })) };
    expect(faults(names)).toHaveLength(1);
  });

  it("are the length and form of its texts, and numbers that JSON has", () => {
    expect(faults({ "==": ["x".repeat(LIMITS.textCharactersMax + 1), "\ud800"] })).toEqual(["too_long /==/0", "malformed_text /==/1"]);
    expect(faults({ "==": [Number.NaN, undefined] })).toEqual(["wrong_type /==/0", "wrong_type /==/1"]);
  });

  it("hold for walks over an unchecked condition too: no depth exhausts the stack", () => {
    const deep = nested(100_000) as { "!": [boolean] };
    expect(conditionVariables(deep)).toEqual([]);
    expect(labelPrefixes(deep)).toEqual([]);
  });

  it("let a literal be a condition, but not null, which says nothing", () => {
    expect(faults(true)).toEqual([]);
    expect(faults(null)).toEqual(["malformed_condition "]);
  });
});
