import { describe, expect, it } from "vitest";
import { LIMITS } from "./limits.ts";
import { parseRecord } from "./parse.ts";

/** What is refused, as "code pointer"; nothing when the value is good. */
const faults = (kind: string, value: unknown): readonly string[] => {
  const read = parseRecord(kind, value);
  return read.ok ? [] : read.error.map((fault) => `${fault.code} ${fault.pointer}`);
};

const row = {
  product: "cm",
  id: "R29",
  method: "PUT",
  path: "/api/program/{programId}/environment/{environmentId}/reset",
  names: ["resetRde"],
  target: "/programs/{programId}/environments/{environmentId}",
};

describe("an operation", () => {
  it("is a method, a template, names and a target", () => {
    const whole = {
      ...row,
      alternatives: [
        { roles: ["developer"] },
        { permission: "rde-reset", when: { "==": [{ var: "attributes.step.status" }, "WAITING"] } },
        { anyRole: true },
      ],
      also: [{ name: "environment", type: "environments", from: "body.destEnvironmentId" }],
      organizationParameter: "programId",
      filter: { type: "programs", action: "access" },
      tag: "Environments",
      summary: "Reset",
      note: "alias",
      orphan: true,
      source: "sheet",
    };
    expect(parseRecord("operation", whole)).toEqual({ ok: true, value: { kind: "operation", value: whole } });
  });

  it("may have no name, no rule and the organization as target", () => {
    expect(faults("operation", { product: "cm", id: "x", method: "GET", path: "/", names: [], target: "/" })).toEqual([]);
  });

  it.each([
    [{ method: "get" }, "malformed_method /method"],
    [{ method: "" }, "malformed_method /method"],
    [{ path: "api" }, "malformed_template /path"],
    [{ path: "/api//x" }, "malformed_template /path"],
    [{ path: "/api/{a}/{a}" }, "malformed_template /path"],
    [{ target: "/programs" }, "malformed_path /target"],
    [{ target: "/programs/x{programId}" }, "malformed_path /target"],
    [{ target: "/programs/{tenantId}" }, "not_allowed /target"],
    [{ organizationParameter: "tenantId" }, "not_allowed /organizationParameter"],
    [{ organizationParameter: "a b" }, "malformed_id /organizationParameter"],
    [
      {
        also: [
          { name: "e", type: "environments" },
          { name: "e", type: "programs" },
        ],
      },
      "duplicate /also/1",
    ],
    [{ also: [{ name: "__proto__", type: "environments" }] }, "malformed_id /also/0/name"],
    [{ filter: { type: "programs" } }, "required /filter/action"],
    [{ orphan: false }, "not_allowed /orphan"],
    [{ names: [""] }, "empty /names/0"],
  ])("is refused with %j", (members, fault) => {
    expect(faults("operation", { ...row, ...members })).toEqual([fault]);
  });

  it("takes parameters of compound segments as ids of its target", () => {
    const compare = { ...row, path: "/compare/{base}...{head}", target: "/commits/{base}/commits/{head}" };
    expect(faults("operation", compare)).toEqual([]);
  });
});

describe("an alternative", () => {
  const withAlternative = (alternative: unknown) =>
    faults("operation-rule", { product: "cm", operation: "R29", alternatives: [alternative] });

  it("is roles, a permission or any role, with a condition and a product if need be", () => {
    for (const alternative of [{ roles: ["a"] }, { permission: "p", product: "other" }, { anyRole: true, when: { var: "attributes.x" } }]) {
      expect(withAlternative(alternative)).toEqual([]);
    }
  });

  it.each([
    [{}, "required /alternatives/0"],
    [{ when: true }, "required /alternatives/0"],
    [{ roles: ["a"], permission: "p" }, "not_allowed /alternatives/0"],
    [{ permission: "p", anyRole: true }, "not_allowed /alternatives/0"],
    [{ anyRole: false }, "not_allowed /alternatives/0/anyRole"],
    [{ roles: "a" }, "wrong_type /alternatives/0/roles"],
    [{ permission: "p", when: { var: "body.x" } }, "malformed_condition /alternatives/0/when/var"],
    [{ permission: "p", scope: ["/"] }, "unknown_member /alternatives/0/scope"],
  ])("is not %j", (alternative, fault) => {
    expect(withAlternative(alternative)).toEqual([fault]);
  });

  it("is one of a bounded list; an organization's rule may have none, which opens nothing", () => {
    expect(faults("operation-rule", { product: "cm", operation: "R29", alternatives: [] })).toEqual([]);
    expect(faults("operation-rule", { product: "cm", operation: "R29" })).toEqual(["required /alternatives"]);
    const many = Array.from({ length: LIMITS.alternativesMax + 1 }, () => ({ anyRole: true }));
    expect(faults("operation-rule", { product: "cm", operation: "R29", alternatives: many })).toEqual(["too_many /alternatives"]);
  });
});
