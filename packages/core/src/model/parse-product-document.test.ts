import { describe, expect, it } from "vitest";
import { parseRecord } from "./parse.ts";
import { parseProductDocument } from "./parse-product-document.ts";

const document = {
  id: "cm",
  boundedBy: "scopes",
  settings: {},
  types: { programs: { open: true, actions: { access: [] } } },
  permissionSets: [{ id: "program-access", name: "Program Access", pairs: [{ type: "programs", actions: ["access"] }] }],
  roles: [{ id: "developer", name: "Developer", sets: [{ set: "program-access" }] }],
  policies: [{ id: "p", name: "P", status: "active", sandboxes: "all", rules: [] }],
  operations: [{ id: "G02", method: "GET", path: "/api/program/{id}", names: ["getProgram"], target: "/programs/{id}" }],
};
const faults = (value: unknown): readonly string[] => {
  const read = parseProductDocument(value);
  return read.ok ? [] : read.error.map((fault) => `${fault.code} ${fault.pointer}`);
};

describe("a product document", () => {
  it("becomes the product and its parts, which belong to it and are built in", () => {
    const { permissionSets, roles, policies, operations, ...product } = document;
    const read = parseProductDocument(document);
    expect(read).toEqual({
      ok: true,
      value: [
        { kind: "product", value: product },
        { kind: "permission-set", value: { ...permissionSets[0], product: "cm" } },
        { kind: "role", value: { ...roles[0], product: "cm", type: "system-defined", builtIn: true } },
        { kind: "policy", value: { ...policies[0], product: "cm", builtIn: true } },
        { kind: "operation", value: { ...operations[0], product: "cm" } },
      ],
    });
    for (const record of read.ok ? read.value : []) expect(parseRecord(record.kind, record.value)).toEqual({ ok: true, value: record });
  });

  it("does not write what it implies", () => {
    const implied = { product: "cm", builtIn: true, type: "user-defined" };
    expect(faults({ ...document, roles: [{ ...document.roles[0], ...implied }] })).toEqual([
      "unknown_member /roles/0/product",
      "unknown_member /roles/0/builtIn",
      "unknown_member /roles/0/type",
    ]);
    expect(faults({ ...document, operations: [{ ...document.operations[0], product: "cm" }] })).toEqual([
      "unknown_member /operations/0/product",
    ]);
  });

  it("has no two parts of one kind with one id", () => {
    expect(faults({ ...document, operations: [...document.operations, ...document.operations] })).toEqual(["duplicate /operations/1"]);
  });

  it("keeps the rules that go for its parts alone", () => {
    expect(faults({ ...document, roles: [{ ...document.roles[0], sandboxes: [], sets: [{ set: "a", scope: [] }] }] })).toEqual([
      "not_allowed /roles/0/sets/0/scope",
    ]);
    expect(faults({ ...document, operations: [{ ...document.operations[0], target: "/programs/{other}" }] })).toEqual([
      "not_allowed /operations/0/target",
    ]);
  });

  it("tells all of its faults at once, those of its parts and those between its declarations", () => {
    expect(
      faults({
        id: "a b",
        boundedBy: "none",
        settings: {},
        types: { a: { parents: ["b"], open: 1, actions: {} } },
        roles: [{}],
        policies: 3,
        extra: 1,
      }),
    ).toEqual([
      "malformed_id /id",
      "wrong_type /types/a/open",
      "required /permissionSets",
      "required /roles/0/id",
      "required /roles/0/name",
      "required /roles/0/sets",
      "wrong_type /policies",
      "required /operations",
      "unknown_member /extra",
      "unknown_reference /types/a/parents/0",
    ]);
  });

  it.each([null, 7, "x", [], undefined])("is not %j", (value) => {
    expect(faults(value)).toEqual(["wrong_type "]);
  });
});
