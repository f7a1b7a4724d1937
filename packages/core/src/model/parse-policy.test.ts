import { describe, expect, it } from "vitest";
import { LIMITS } from "./limits.ts";
import { parseRecord } from "./parse.ts";

/** What is refused, as "code pointer"; nothing when the value is good. */
const faults = (kind: string, value: unknown): readonly string[] => {
  const read = parseRecord(kind, value);
  return read.ok ? [] : read.error.map((fault) => `${fault.code} ${fault.pointer}`);
};

const rule = { effect: "deny", resource: "/sandboxes/*", actions: ["read", "DELETE /api/program/{programId}"] };
const policy = { id: "p1", name: "Labels", status: "active", sandboxes: "all", rules: [rule] };

describe("a policy", () => {
  it("is rules in some or all sandboxes", () => {
    const whole = {
      ...policy,
      description: "",
      product: "aep",
      builtIn: true,
      sandboxes: ["prod"],
      subjectCondition: true,
      rules: [{ ...rule, condition: { var: "context.x" } }],
      written: { rules: [{ effect: "Deny" }] },
    };
    expect(parseRecord("policy", whole)).toEqual({ ok: true, value: { kind: "policy", value: whole } });
    expect(faults("policy", policy)).toEqual([]);
  });

  it.each([
    [{ status: "draft" }, "not_allowed /status"],
    [{ description: "\u0000" }, "malformed_text /description"],
    [{ written: [] }, "wrong_type /written"],
    [{ written: { rules: "x".repeat(LIMITS.writtenBytesMax) } }, "too_large /written"],
    [{ sandboxes: "prod" }, "not_allowed /sandboxes"],
    [{ sandboxes: ["prod", "prod"] }, "duplicate /sandboxes/1"],
    [{ sandboxes: null }, "wrong_type /sandboxes"],
    [{ builtIn: false }, "not_allowed /builtIn"],
    [{ subjectCondition: { nope: 1 } }, "malformed_condition /subjectCondition/nope"],
    [{ rules: [{ ...rule, effect: "allow" }] }, "not_allowed /rules/0/effect"],
    [{ rules: [{ ...rule, resource: "/orgs/ACME/sandboxes/*" }] }, "malformed_pattern /rules/0/resource"],
    [{ rules: [{ ...rule, resource: "/sandboxes/prod*" }] }, "malformed_pattern /rules/0/resource"],
    [{ rules: [{ ...rule, resource: 7 }] }, "wrong_type /rules/0/resource"],
    [{ rules: [{ ...rule, condition: { var: "user" } }] }, "malformed_condition /rules/0/condition/var"],
    [{ rules: [{ ...rule, actions: [""] }] }, "empty /rules/0/actions/0"],
    [{ rules: Array.from({ length: LIMITS.rulesMax + 1 }, () => rule) }, "too_many /rules"],
  ])("is refused with %j", (members, fault) => {
    expect(faults("policy", { ...policy, ...members })).toEqual([fault]);
  });

  it("tells every fault at once", () => {
    expect(faults("policy", { id: "p 1", rules: [{ effect: "permit", resource: "x", actions: [7] }, 3] })).toEqual([
      "malformed_id /id",
      "required /name",
      "required /status",
      "required /sandboxes",
      "malformed_pattern /rules/0/resource",
      "wrong_type /rules/0/actions/0",
      "wrong_type /rules/1",
    ]);
  });
});
