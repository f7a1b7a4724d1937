import { describe, expect, it } from "vitest";
import { LIMITS } from "./limits.ts";
import { parseRecord } from "./parse.ts";

/** What is refused, as "code pointer"; nothing when the value is good. */
const faults = (kind: string, value: unknown): readonly string[] => {
  const read = parseRecord(kind, value);
  return read.ok ? [] : read.error.map((fault) => `${fault.code} ${fault.pointer}`);
};

const product = {
  id: "assets",
  boundedBy: "none",
  settings: { strict: { title: "Strict", default: false } },
  types: {
    organization: { actions: { create: [] } },
    spaces: { open: true, actions: { view: ["R"] } },
    apis: { parents: ["spaces"], uniqueIds: true, owner: "subtree", actions: { call: ["X", { bits: "RWX", when: { strict: true } }] } },
  },
};
const withType = (type: unknown) => faults("product", { ...product, types: { ...product.types, extra: type } });

describe("a product", () => {
  it("declares types, settings and what goes for all of them", () => {
    const whole = {
      ...product,
      name: "Assets",
      adminMayAll: true,
      readDefault: [{ anyRole: true }],
      prerequisite: { action: "view", of: "spaces" },
      trailingSlashIsNone: true,
      ignoredOverrideHeaders: ["X-HTTP-Method-Override"],
      labelInheritance: { parents: [["apis", "spaces"]], links: [{ kind: "uses", from: "apis", to: "apis" }] },
    };
    expect(parseRecord("product", whole)).toEqual({ ok: true, value: { kind: "product", value: whole } });
  });

  it.each([
    [{ boundedBy: "labels" }, "not_allowed /boundedBy"],
    [{ adminMayAll: false }, "not_allowed /adminMayAll"],
    [{ settings: { "a b": { title: "x", default: true } } }, "malformed_id /settings/a b"],
    [{ settings: { strict: { title: "x", default: "yes" } } }, "wrong_type /settings/strict/default"],
    [{ types: [] }, "wrong_type /types"],
    [{ readDefault: [{}] }, "required /readDefault/0"],
    [{ prerequisite: { action: "view", of: "programs" } }, "unknown_reference /prerequisite/of"],
    [{ prerequisite: { action: "edit", of: "spaces" } }, "unknown_reference /prerequisite/action"],
    [{ prerequisite: { action: "toString", of: "spaces" } }, "unknown_reference /prerequisite/action"],
    [{ ignoredOverrideHeaders: ["X HTTP"] }, "malformed_id /ignoredOverrideHeaders/0"],
    [{ labelInheritance: { parents: [["apis", "nope"]], links: [] } }, "unknown_reference /labelInheritance/parents/0/1"],
    [{ labelInheritance: { parents: [["apis"]], links: [] } }, "empty /labelInheritance/parents/0"],
    [
      { labelInheritance: { parents: [], links: [{ kind: "k", from: "nope", to: "apis" }] } },
      "unknown_reference /labelInheritance/links/0/from",
    ],
    [
      { labelInheritance: { parents: [], links: [{ kind: "k", from: "apis", to: "nope" }] } },
      "unknown_reference /labelInheritance/links/0/to",
    ],
    [{ permissionSets: [] }, "unknown_member /permissionSets"],
    [{ sandboxes: { always: ["prod"], max: 75 } }, "unknown_reference /sandboxes"],
    [{ sandboxes: { always: ["prod"], max: 0 } }, "out_of_range /sandboxes/max"],
    [{ sandboxes: { always: ["prod"], max: LIMITS.sandboxesMax + 1 } }, "out_of_range /sandboxes/max"],
    [{ sandboxes: { always: ["prod"], max: 1.5 } }, "wrong_type /sandboxes/max"],
    [{ sandboxes: { always: "prod", max: 75 } }, "wrong_type /sandboxes/always"],
    [{ sandboxes: { max: 75 } }, "required /sandboxes/always"],
    [{ labelsStay: false }, "not_allowed /labelsStay"],
  ])("is refused with %j", (members, fault) => {
    expect(faults("product", { ...product, ...members })).toContain(fault);
  });

  it("keeps sandboxes where it declares their type, and labels", () => {
    const types = { ...product.types, sandboxes: { actions: {} } };
    expect(faults("product", { ...product, types, sandboxes: { always: ["prod"], max: 75 }, labelsStay: true })).toEqual([]);
  });

  it("names no type or setting that it declares only by inheritance from JavaScript", () => {
    expect(withType({ parents: ["toString"], actions: {} })).toEqual(["unknown_reference /types/extra/parents/0"]);
    expect(withType({ actions: { a: [{ bits: "R", when: { valueOf: true } }] } })).toEqual([
      "unknown_reference /types/extra/actions/a/0/when/valueOf",
    ]);
  });
});

describe("a type of a product", () => {
  it("may lie under itself", () => {
    expect(withType({ parents: ["extra", "spaces"], actions: {} })).toEqual([]);
  });

  it.each([
    [{ parents: ["nope"], actions: {} }, "unknown_reference /types/extra/parents/0"],
    [{ parents: ["organization"], actions: {} }, "not_allowed /types/extra/parents/0"],
    [{ parents: [], actions: {} }, "empty /types/extra/parents"],
    [{ parents: ["spaces", "spaces"], actions: {} }, "duplicate /types/extra/parents/1"],
    [{ open: false, actions: {} }, "not_allowed /types/extra/open"],
    [{ owner: "all", actions: {} }, "not_allowed /types/extra/owner"],
    [{}, "required /types/extra/actions"],
    [{ actions: { view: "R" } }, "wrong_type /types/extra/actions/view"],
    [{ actions: { view: ["WX"] } }, "not_allowed /types/extra/actions/view/0"],
    [{ actions: { view: [{ bits: "RWXO", when: {} }] } }, "not_allowed /types/extra/actions/view/0/bits"],
    [{ actions: { view: [{ bits: "R", when: { other: true } }] } }, "unknown_reference /types/extra/actions/view/0/when/other"],
    [{ actions: { view: [{ bits: "R", when: { strict: 1 } }] } }, "wrong_type /types/extra/actions/view/0/when/strict"],
    [{ actions: { "": [] } }, "empty /types/extra/actions/"],
    [{ actions: { a: Array.from({ length: LIMITS.waysMax + 1 }, () => "R") } }, "too_many /types/extra/actions/a"],
  ])("is not %j", (type, fault) => {
    expect(withType(type)).toEqual([fault]);
  });

  it("has a name that can stand in a path and leads to no prototype", () => {
    const named = (name: string) => faults("product", { ...product, types: JSON.parse(`{${JSON.stringify(name)}:{"actions":{}}}`) });
    expect(named("a/b")).toEqual(["malformed_id /types/a~1b"]);
    expect(named("*")).toEqual(["malformed_id /types/*"]);
    expect(named("__proto__")).toEqual(["reserved /types/__proto__"]);
  });

  it("lies nowhere and is nobody's when it is the organization", () => {
    const types = { ...product.types, organization: { parents: ["spaces"], open: true, uniqueIds: true, owner: "self", actions: {} } };
    expect(faults("product", { ...product, types })).toEqual([
      "not_allowed /types/organization/parents",
      "not_allowed /types/organization/open",
      "not_allowed /types/organization/uniqueIds",
      "not_allowed /types/organization/owner",
    ]);
  });
});

describe("a setting", () => {
  it("is a yes or no of a product", () => {
    expect(faults("setting", { product: "assets", name: "strict", value: true })).toEqual([]);
    expect(faults("setting", { product: "assets", name: "strict", value: "true" })).toEqual(["wrong_type /value"]);
    expect(faults("setting", { product: "assets", value: false })).toEqual(["required /name"]);
  });
});
