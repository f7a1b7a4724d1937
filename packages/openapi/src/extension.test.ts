import { describe, expect, it } from "vitest";
import { readDocument } from "./read-document.ts";

const read = (extension: unknown, more: { readonly item?: unknown; readonly catalogue?: unknown } = {}) =>
  readDocument(
    JSON.stringify({
      openapi: "3.1.0",
      info: { title: "t", version: "1" },
      paths: {
        "/programs/{p}/pipelines/{q}": {
          ...(more.item === undefined ? {} : { "x-authorization": more.item }),
          delete: {
            parameters: ["p", "q"].map((name) => ({ name, in: "path", required: true, schema: {} })),
            responses: { 200: { description: "" } },
            ...(extension === undefined ? {} : { "x-authorization": extension }),
          },
        },
      },
      ...(more.catalogue === undefined ? {} : { "x-authorization-catalogue": more.catalogue }),
    }),
  );

/** Values without the places at which their names stand. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (name, member: unknown) => (name === "at" ? undefined : member)) ?? "null");
const operationOf = (extension: unknown, item?: unknown) => {
  const result = read(extension, { item });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return plain(result.value.operations[0]) as Record<string, unknown>;
};
const faultsOf = (extension: unknown, catalogue?: unknown) => {
  const result = read(extension, { catalogue });
  const base = "/paths/~1programs~1{p}~1pipelines~1{q}/delete/x-authorization";
  return result.ok
    ? []
    : result.error.map(({ code, pointer }) => `${code} ${pointer.replace(base, "").replace("/x-authorization-catalogue", "C")}`);
};

describe("x-authorization", () => {
  it("says who by profiles, permissions and any role, and what by its scope", () => {
    const { rule, scope } = operationOf({
      profiles: ["Manager"],
      permission: { anyOf: ["Delete", "Purge"] },
      anyRole: true,
      scope: { program: "p", pipeline: "{q}", organization: "p" },
    });
    expect(rule).toEqual({
      alternatives: [
        { profiles: [{ name: "Manager" }] },
        { permission: { name: "Delete" } },
        { permission: { name: "Purge" } },
        { anyRole: true },
      ],
    });
    expect(scope).toEqual({
      parts: [
        { type: { name: "program" }, parameter: "p" },
        { type: { name: "pipeline" }, parameter: "q" },
      ],
      organizationParameter: "p",
    });
  });

  it("turns when into JSON Logic: a scalar is ===, a list is in, several are and", () => {
    const { rule } = operationOf({
      rules: [
        { when: { "step.action": "approval" }, permission: "A" },
        { when: { "step.action": ["a", "b"], "step.status": "WAITING" }, profiles: ["P"] },
        { condition: { "!": [{ var: "attributes.x" }] }, anyRole: true },
      ],
      attributes: { step: { from: "upstream" }, x: {} },
    });
    expect(rule).toEqual({
      alternatives: [
        { permission: { name: "A" }, when: { "===": [{ var: "attributes.step.action" }, "approval"] } },
        {
          profiles: [{ name: "P" }],
          when: {
            and: [{ in: [{ var: "attributes.step.action" }, ["a", "b"]] }, { "===": [{ var: "attributes.step.status" }, "WAITING"] }],
          },
        },
        { anyRole: true, when: { "!": [{ var: "attributes.x" }] } },
      ],
    });
  });

  it("has further targets, by type or by name, and a filter", () => {
    expect(
      operationOf({
        also: { environment: "body.env", source: { type: "pipeline", from: "query.s" } },
        filter: { type: "program", action: "access" },
      }),
    ).toMatchObject({
      also: [
        { name: "environment", type: { name: "environment" }, from: "body.env" },
        { name: "source", type: { name: "pipeline" }, from: "query.s" },
      ],
      filter: { type: { name: "program" }, action: "access" },
    });
  });

  it("of a path item is the default of its operations, member by member, a rule as a whole", () => {
    const item = { scope: { program: "p" }, profiles: ["A"], permission: "B" };
    expect(operationOf(undefined, item)).toMatchObject({ scope: { parts: [{ parameter: "p" }] }, rule: { alternatives: [{}, {}] } });
    expect(operationOf({ anyRole: true }, item)).toMatchObject({
      scope: { parts: [{ parameter: "p" }] },
      rule: { alternatives: [{ anyRole: true }] },
    });
  });

  it("without a rule leaves the operation without one, and with an empty list closes it", () => {
    expect(operationOf({ scope: {} }).rule).toBeUndefined();
    expect(operationOf({ rules: [] }).rule).toEqual({ alternatives: [] });
  });

  it("notes conditions on attributes that nobody declares", () => {
    const result = read({ rules: [{ when: { step: 1 }, anyRole: true }], attributes: { stop: {} } });
    expect(result.ok && result.value.notes.map(({ code }) => code)).toEqual(["undeclared_attribute"]);
  });

  it.each([
    [5, "wrong_type "],
    [{ permision: "x" }, "unknown_member /permision"],
    [{ profiles: "x" }, "wrong_type /profiles"],
    [{ profiles: [] }, "out_of_range /profiles"],
    [{ profiles: ["a", "a"] }, "duplicate /profiles/1"],
    [{ profiles: [""] }, "malformed /profiles/0"],
    [{ permission: { any: ["x"] } }, "unknown_member /permission/any"],
    [{ permission: 5 }, "wrong_type /permission"],
    [{ anyRole: "yes" }, "not_allowed /anyRole"],
    [{ rules: {} }, "wrong_type /rules"],
    [{ rules: [{}] }, "required /rules/0"],
    [{ rules: [{ when: {}, anyRole: true }] }, "out_of_range /rules/0/when"],
    [{ rules: [{ when: { a: {} }, anyRole: true }] }, "malformed_condition /rules/0/when/a"],
    [{ rules: [{ when: { "===": [1, 1] }, anyRole: true }] }, "malformed_condition /rules/0/when/==="],
    [{ rules: [{ when: { a: 1 }, condition: true, anyRole: true }] }, "not_allowed /rules/0/condition"],
    [{ rules: [{ condition: { nope: [] }, anyRole: true }] }, "malformed_condition /rules/0/condition/nope"],
    [{ scope: { program: "z" } }, "unknown_parameter /scope/program"],
    [{ scope: { "a b": "p" } }, "malformed /scope/a b"],
    [{ also: { env: 5 } }, "wrong_type /also/env"],
    [{ also: { env: {} } }, "wrong_type /also/env/type"],
    [{ filter: { type: "a" } }, "wrong_type /filter/action"],
    [{ attributes: 5 }, "wrong_type /attributes"],
    [{ profiles: Array.from({ length: 65 }, (_, index) => `p${index}`) }, "too_many /profiles"],
  ])("that is malformed is a fault at its place: %j", (extension, fault) => {
    expect(faultsOf(extension)).toContain(fault);
  });

  it("tells all of its faults at once, with what was meant", () => {
    const result = read({ permision: "x", scope: { program: "P" }, rules: [{ when: { a: {} }, anyRole: true }] });
    expect(result.ok ? [] : result.error.map(({ detail }) => detail).join(" ")).toMatch(/"permission".*/);
    expect(result.ok ? 0 : result.error.length).toBe(3);
  });
});

describe("x-authorization-catalogue", () => {
  it("has profiles, permissions, types, defaults and a prerequisite; an id is made from a name", () => {
    const result = read(undefined, {
      catalogue: {
        profiles: [{ name: "Business Owner", predefined: true, permissions: ["Program Access"] }],
        permissions: [
          { name: "Program Access", scopes: ["organization", "program"] },
          { id: "x", scopes: ["organization"] },
        ],
        types: { program: { open: true, actions: ["access"] } },
        defaults: { read: { permission: "Program Access" }, mutation: "deny" },
        prerequisite: { permission: "Program Access", of: "program" },
      },
    });
    expect(result.ok && plain(result.value.catalogue)).toEqual({
      profiles: [{ id: "business-owner", name: "Business Owner", permissions: [{ name: "Program Access" }] }],
      permissions: [
        { id: "program-access", name: "Program Access", scopes: [{ name: "program" }] },
        { id: "x", name: "x", organizationLevel: true, scopes: [] },
      ],
      types: [{ name: "program", open: true, uniqueIds: false, actions: ["access"] }],
      readDefault: { alternatives: [{ permission: { name: "Program Access" } }] },
      prerequisite: { of: { name: "program" }, permission: { name: "Program Access" } },
    });
  });

  it.each([
    [[], "wrong_type C"],
    [{ profile: [] }, "unknown_member C/profile"],
    [{ profiles: {} }, "wrong_type C/profiles"],
    [{ profiles: [{}] }, "required C/profiles/0/id"],
    [{ profiles: [{ id: "a b" }] }, "malformed C/profiles/0/id"],
    [{ profiles: [{ id: "a", predefined: false }] }, "not_allowed C/profiles/0/predefined"],
    [{ permissions: [{ id: "a" }, { id: "a" }] }, "duplicate C/permissions/1"],
    [{ permissions: [{ id: "a", pairs: [{ type: "t", actions: [] }] }] }, "out_of_range C/permissions/0/pairs/0/actions"],
    [{ types: { t: { open: 1 } } }, "wrong_type C/types/t/open"],
    [{ defaults: { mutation: "allow" } }, "not_allowed C/defaults/mutation"],
    [{ prerequisite: { of: "t" } }, "required C/prerequisite/permission"],
  ])("that is malformed is a fault at its place: %j", (catalogue, fault) => {
    expect(faultsOf(undefined, catalogue)).toContain(fault);
  });
});
