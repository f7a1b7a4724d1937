import { describe, expect, it } from "vitest";
import { missingWords, reasonLines, ruleLine, triedLines } from "./words.ts";

const reason = (told: object) => reasonLines({ code: "c", message: "m", ...told } as Parameters<typeof reasonLines>[0]);

describe("the words of an answer", () => {
  it.each([
    [{ source: "role", role: "r", set: "s", scope: "/programs/4" }, "by role r, which holds permission s on /programs/4"],
    [{ source: "admin" }, "by being an administrator of the organization"],
    [{ source: "policy", policy: "p", rule: 2 }, "by rules[2] of policy p"],
    [{ source: "rule", operation: "R45", alternative: 0, role: "r" }, "by role r (operation R45, alternatives[0])"],
    [
      { source: "rule", operation: "R45", alternative: 1, role: "r", set: "s", scope: "/programs/4" },
      "by role r, which holds permission s on /programs/4 (operation R45, alternatives[1])",
    ],
    [
      {
        source: "access",
        bits: "RW",
        from: [{ grant: { principal: "g", resource: "/spaces/a", access: "RW", reach: "subtree" } }, { ownerOf: "/spaces/a/apis/b" }],
      },
      "by access RW: grant of RW on /spaces/a (subtree) to g; ownership of /spaces/a/apis/b",
    ],
  ])("tell what opened it: %j", (told, line) => {
    expect(reason(told)).toEqual([line]);
  });

  it("tell facts, the policy that denies, and what is missing", () => {
    expect(reason({ policy: "p", rule: 0, conditionFailed: true })).toEqual([
      "by rules[0] of policy p",
      "a condition that cannot be evaluated counts as a match of a Deny rule",
    ]);
    expect(reason({ operation: "R49", attributes: ["step.action"], missing: [{ kind: "permission", set: "s" }] })).toEqual([
      "operation: R49",
      "attributes: step.action",
      "missing: permission s",
    ]);
  });

  it.each([
    [{ kind: "role", roles: ["a", "b"], row: "R1", alternative: 0 }, "one of the roles a, b (operation R1, alternatives[0])"],
    [{ kind: "role", sandbox: "prod", policy: "p", rule: 1 }, "a role in sandbox prod (rules[1] of policy p)"],
    [{ kind: "permission", action: "view", sets: ["a", "b"] }, "one of the permissions a, b (for view)"],
    [{ kind: "scope", role: "r", set: "s", resource: "/programs/5" }, "role r holds permission s, but not on /programs/5"],
    [{ kind: "sandbox", role: "r", sandbox: "dev" }, "role r holds it, but not in sandbox dev"],
    [{ kind: "access", bits: "RX", resource: "/spaces/a" }, "access RX on /spaces/a"],
    [{ kind: "prerequisite", action: "view", resource: "/programs/4" }, "the prerequisite view, needed for /programs/4"],
    [{ kind: "condition", attributes: ["step.action"] }, "the attributes step.action, which were not given"],
    [{ kind: "expired", group: "g", member: "m", notAfter: 0 }, "the membership of m in g ended at 1970-01-01T00:00:00.000Z"],
    [
      { kind: "not_yet", role: "r", principal: "p", notBefore: 1e3 },
      "the assignment of role r to p begins only at 1970-01-01T00:00:01.000Z",
    ],
    [{ kind: "expired", principal: "p", resource: "/a/b", notAfter: 8.64e15 + 1 }, "the grant on /a/b to p ended at 8640000000000001"],
  ] as const)("tell what is missing: %j", (missing, words) => {
    expect(missingWords(missing)).toBe(words);
  });

  it("tell what was tried, and access that falls short as what it is", () => {
    const grant = { principal: "g", resource: "/spaces/a", access: "R", reach: "children" } as const;
    expect(
      triedLines({
        source: "access",
        opened: false,
        needed: { ways: ["RWX"] },
        found: [{ source: "access", bits: "RWX", from: [{ grant }] }],
      }),
    ).toEqual(["grants and ownership: no; needed: access RWX", "  found: grant of R on /spaces/a (children) to g"]);
    expect(triedLines({ source: "role", opened: false, needed: { type: "apis", action: "view", prerequisite: false }, found: [] })).toEqual(
      ["roles: no; needed: apis/view, a prerequisite that is not held"],
    );
    expect(
      ruleLine({
        policy: "p",
        rule: 1,
        effect: "deny",
        coversSandbox: false,
        subjectCondition: "true",
        condition: "failed",
        matched: false,
      }),
    ).toBe("rules[1] of policy p (deny): does not match; subject condition true, condition failed, not for this sandbox");
  });
});
