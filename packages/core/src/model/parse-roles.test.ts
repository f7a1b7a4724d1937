import { describe, expect, it } from "vitest";
import { LIMITS } from "./limits.ts";
import { parseRecord } from "./parse.ts";

/** What is refused, as "code pointer"; nothing when the value is good. */
const faults = (kind: string, value: unknown): readonly string[] => {
  const read = parseRecord(kind, value);
  return read.ok ? [] : read.error.map((fault) => `${fault.code} ${fault.pointer}`);
};

const set = { product: "cm", id: "pipeline-delete", name: "Pipeline Delete", pairs: [{ type: "pipelines", actions: ["delete"] }] };
const role = { product: "cm", id: "r1", name: "Release", sets: [{ set: "pipeline-delete" }] };

describe("a permission set", () => {
  it("is pairs of a type and its actions", () => {
    const whole = { ...set, aliases: ["Delete Pipelines"], category: "Pipelines", organizationLevel: true, scopeTypes: ["programs"] };
    expect(parseRecord("permission-set", whole)).toEqual({ ok: true, value: { kind: "permission-set", value: whole } });
  });

  it("names a type once, and an action of it once", () => {
    const pair = set.pairs[0];
    expect(faults("permission-set", { ...set, pairs: [pair, pair] })).toEqual(["duplicate /pairs/1"]);
    expect(faults("permission-set", { ...set, pairs: [{ type: "pipelines", actions: ["a", "a"] }] })).toEqual([
      "duplicate /pairs/0/actions/1",
    ]);
  });

  it.each([
    [{ organizationLevel: false }, "not_allowed /organizationLevel"],
    [{ organizationLevel: "yes" }, "wrong_type /organizationLevel"],
    [{ pairs: [{ type: "a/b", actions: [] }] }, "malformed_id /pairs/0/type"],
    [{ pairs: [{ type: "a", actions: ["x\u0000"] }] }, "malformed_text /pairs/0/actions/0"],
    [{ pairs: [{ type: "a", actions: ["constructor"] }] }, "reserved /pairs/0/actions/0"],
    [{ pairs: [{ type: "a" }] }, "required /pairs/0/actions"],
    [{ aliases: Array.from({ length: LIMITS.aliasesMax + 1 }, (_, index) => `a${index}`) }, "too_many /aliases"],
    [{ scopeTypes: ["__proto__"] }, "reserved /scopeTypes/0"],
  ])("is refused with %j", (members, fault) => {
    expect(faults("permission-set", { ...set, ...members })).toEqual([fault]);
  });
});

describe("a role", () => {
  it("is user-defined unless it says otherwise", () => {
    expect(parseRecord("role", role)).toEqual({ ok: true, value: { kind: "role", value: { ...role, type: "user-defined" } } });
    expect(faults("role", { ...role, type: "system-defined", builtIn: true })).toEqual([]);
    expect(faults("role", { ...role, type: "default" })).toEqual(["not_allowed /type"]);
    expect(faults("role", { ...role, description: "What it is for.\n" })).toEqual([]);
    expect(faults("role", { ...role, description: 7 })).toEqual(["wrong_type /description"]);
  });

  it("is bounded by sandboxes, whose ids are any text, or by scopes", () => {
    expect(faults("role", { ...role, sandboxes: ["prod", "entwicklung / süd"] })).toEqual([]);
    expect(
      faults("role", {
        ...role,
        sets: [
          { set: "a", scope: [] },
          { set: "b", scope: ["/", "/programs/4", "/route/%2Fx"] },
        ],
      }),
    ).toEqual([]);
  });

  it("is never bounded by both, an empty list of sandboxes included", () => {
    const sets = [{ set: "a" }, { set: "b", scope: ["/programs/4"] }];
    expect(faults("role", { ...role, sandboxes: ["prod"], sets })).toEqual(["not_allowed /sets/1/scope"]);
    expect(faults("role", { ...role, sandboxes: [], sets })).toEqual(["not_allowed /sets/1/scope"]);
  });

  it.each(["programs/4", "/programs", "/programs/4/", "/programs/*", "/programs/a%2fb", "//x", "", "/programs/4/environments"])(
    "has no scope %j",
    (path) => {
      expect(faults("role", { ...role, sets: [{ set: "a", scope: [path] }] })).toEqual(["malformed_path /sets/0/scope/0"]);
    },
  );

  it("holds labels of the two families", () => {
    expect(faults("role", { ...role, labels: ["core/C1", "custom/any thing"] })).toEqual([]);
    expect(faults("role", { ...role, labels: ["C1", "core/", "Core/C1", "core/C1", "core/C1"] })).toEqual([
      "malformed_label /labels/0",
      "malformed_label /labels/1",
      "malformed_label /labels/2",
      "duplicate /labels/4",
    ]);
  });

  it("holds a set once", () => {
    expect(faults("role", { ...role, sets: [{ set: "a" }, { set: "a", scope: ["/x/1"] }] })).toEqual(["duplicate /sets/1"]);
  });
});

describe("an assignment", () => {
  it("gives a role to any principal, system groups included, for a time", () => {
    expect(faults("assignment", { role: "r1", principal: "members", notBefore: 1, notAfter: 2 })).toEqual([]);
    expect(faults("assignment", { role: "r1", principal: "ann", notBefore: 2, notAfter: 1 })).toEqual(["out_of_range /notAfter"]);
    expect(faults("assignment", { role: "r1" })).toEqual(["required /principal"]);
  });
});
