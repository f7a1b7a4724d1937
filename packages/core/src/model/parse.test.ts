import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KEY_MEMBERS, type Kind } from "./nouns.ts";
import { KINDS, parseChange, parseRecord } from "./parse.ts";
import { parseProductDocument } from "./parse-product-document.ts";
import { keyOf, sameRecord } from "./record.ts";

const faults = (value: unknown, pointer?: string): readonly string[] => {
  const read = parseChange(value, pointer);
  return read.ok ? [] : read.error.map((fault) => `${fault.code} ${fault.pointer}`);
};

describe("a record", () => {
  it("is of a known kind, and a kind is never found by way of a prototype", () => {
    expect(KINDS.toSorted()).toEqual(Object.keys(KEY_MEMBERS).toSorted());
    for (const kind of ["", "toString", "__proto__", "Role"]) {
      expect(parseRecord(kind, {}, "/records/3")).toMatchObject({
        ok: false,
        error: [{ code: "unknown_kind", pointer: "/records/3", allowed: KINDS }],
      });
    }
  });

  it("is read by its own members only", () => {
    expect(parseRecord("label", Object.create({ id: "core/C1" })).ok).toBe(false);
    expect(parseRecord("label", JSON.parse('{"id":"core/C1","__proto__":{"name":"x"}}'))).toMatchObject({
      ok: false,
      error: [{ code: "reserved", pointer: "/__proto__" }],
    });
    expect(parseRecord("label", { id: "core/C1", constructor: 1 })).toMatchObject({
      ok: false,
      error: [{ code: "reserved", pointer: "/constructor" }],
    });
  });

  it("has pointers that are escaped as RFC 6901 wants", () => {
    expect(parseRecord("label", { id: "core/C1", "a/b~c": 1 })).toMatchObject({ ok: false, error: [{ pointer: "/a~1b~0c" }] });
  });

  it("names what would have been accepted", () => {
    expect(parseRecord("label", { id: "core/C1", title: "x" })).toMatchObject({
      ok: false,
      error: [{ code: "unknown_member", allowed: ["id", "name", "category", "description"] }],
    });
  });
});

describe("a change", () => {
  it("puts a record, with its defaults", () => {
    expect(parseChange({ put: { kind: "principal", value: { id: "ann", type: "user" } } })).toEqual({
      ok: true,
      value: { put: { kind: "principal", value: { id: "ann", type: "user", active: true } } },
    });
  });

  it("deletes a record by the members of its key", () => {
    expect(parseChange({ delete: { kind: "role", id: "r1" } })).toEqual({ ok: true, value: { delete: { kind: "role", key: ["r1"] } } });
    expect(parseChange({ delete: { reach: "self", resource: "/a/1", principal: "ann", kind: "grant" } })).toEqual({
      ok: true,
      value: { delete: { kind: "grant", key: ["ann", "/a/1", "self"] } },
    });
    expect(parseChange({ delete: { kind: "resource", path: "/" } })).toEqual({
      ok: true,
      value: { delete: { kind: "resource", key: ["/"] } },
    });
  });

  it.each([
    [{}, "required /0"],
    [7, "wrong_type /0"],
    [{ put: { kind: "label", value: { id: "core/a" } }, delete: { kind: "label", id: "core/a" } }, "not_allowed /0"],
    [{ put: 7 }, "wrong_type /0/put"],
    [{ put: { kind: "label" } }, "required /0/put/value"],
    [{ put: { value: {} } }, "required /0/put/kind"],
    [{ put: { kind: "x", value: {} } }, "unknown_kind /0/put/kind"],
    [{ put: { kind: 7, value: {} } }, "wrong_type /0/put/kind"],
    [{ put: { kind: "label", value: { id: "core/a" }, at: 1 } }, "unknown_member /0/put/at"],
    [{ put: { kind: "label", value: { id: "a" } } }, "malformed_label /0/put/value/id"],
    [{ delete: { kind: "x", id: "a" } }, "unknown_kind /0/delete/kind"],
    [{ delete: { id: "a" } }, "required /0/delete/kind"],
    [{ delete: [] }, "wrong_type /0/delete"],
    [{ delete: { kind: "role" } }, "required /0/delete/id"],
    [{ delete: { kind: "role", id: "a b" } }, "malformed_id /0/delete/id"],
    [{ delete: { kind: "role", id: "a", name: "x" } }, "unknown_member /0/delete/name"],
    [{ delete: { kind: "resource", path: "/a" } }, "malformed_path /0/delete/path"],
    [{ delete: { kind: "grant", principal: "a", resource: "/a/1", reach: "all" } }, "not_allowed /0/delete/reach"],
    [{ patch: {}, delete: { kind: "role", id: "a" } }, "unknown_member /0/patch"],
  ])("is not %j", (value, fault) => {
    expect(faults(value, "/0")).toEqual([fault]);
  });
});

const id = fc
  .stringMatching(/^[A-Za-z0-9._@:-]{1,20}$/)
  .filter((text) => !["members", "admins", "reeve", "constructor", "prototype", "__proto__"].includes(text));
const segment = fc.constantFrom("1", "x y", "%2F", "a%25", "%2A", "é");
const path = fc
  .array(fc.tuple(fc.constantFrom("apis", "programs"), segment), { minLength: 1, maxLength: 4 })
  .map((pairs) => pairs.map((pair) => `/${pair.join("/")}`).join(""));
const name = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));
const label = id.map((text) => `custom/${text}`);
const window = fc.constantFrom({}, { notBefore: 0 }, { notAfter: 5 }, { notBefore: 1, notAfter: 2 });
const set = (item: fc.Arbitrary<string>) => fc.uniqueArray(item, { maxLength: 4 });
const condition = fc.constantFrom<unknown>(
  true,
  { var: "context.x" },
  { "==": [{ var: ["attributes.a.b", [1]] }, null] },
  { in: ["a", ["a", "b"]] },
);
const properties = fc.dictionary(id, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 3 }).map((value) => {
  const { labels: _labels, sandbox: _sandbox, ...others } = value;
  // Reserved names are refused at every depth: here they are other ones.
  return JSON.parse(JSON.stringify(others).replaceAll(/(__proto__|constructor|prototype)/g, "other")) as object;
});
const record = <T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }, requiredKeys: (keyof T)[]) => fc.record(members, { requiredKeys });
const alternative = fc.oneof(
  fc.record({ roles: set(id) }),
  fc.record({ permission: id, when: condition }),
  fc.record({ anyRole: fc.constant(true), product: id }),
);
const pair = { product: id, principal: id };

/** Valid records, each complete: nothing is left to a default. */
const VALID: { readonly [K in Kind]: fc.Arbitrary<unknown> } = {
  organization: fc.record({ name, tenantIds: set(name) }),
  product: fc.record({
    id,
    boundedBy: fc.constantFrom("sandboxes", "scopes", "none"),
    settings: fc.constant({ s: { title: "S", default: true } }),
    types: fc
      .dictionary(id, fc.constant({ actions: { view: ["R", { bits: "O", when: { s: false } }] } }), { maxKeys: 3 })
      .map(({ organization: _none, ...types }) => types),
    readDefault: fc.array(alternative, { maxLength: 2 }),
  }),
  "permission-set": record(
    { product: id, id, name, aliases: set(name), scopeTypes: set(id), pairs: fc.constant([{ type: "a", actions: ["b"] }]) },
    ["product", "id", "name", "pairs"],
  ),
  label: record({ id: label, name }, ["id"]),
  principal: record({ id, type: fc.constantFrom("user", "group", "service-account"), name, active: fc.boolean(), properties }, [
    "id",
    "type",
    "active",
  ]),
  membership: fc.tuple(fc.record({ group: id, member: id }), window).map(([a, b]) => ({ ...a, ...b })),
  resource: record({ path, name, owner: id, state: name, labels: set(label), properties }, ["path"]),
  link: path.map((from) => ({ from: `/apis/from${from}`, linkKind: "uses", to: `/apis/to${from}` })),
  role: record(
    {
      product: id,
      id,
      name,
      type: fc.constantFrom("system-defined", "user-defined"),
      labels: set(label),
      sets: fc.uniqueArray(fc.record({ set: id, scope: set(path) }), { selector: (held) => held.set, maxLength: 3 }),
    },
    ["product", "id", "name", "type", "sets"],
  ),
  assignment: fc.tuple(fc.record({ role: id, principal: id }), window).map(([a, b]) => ({ ...a, ...b })),
  grant: fc
    .tuple(
      fc.record({
        principal: id,
        resource: path,
        access: fc.constantFrom("R", "RX", "RW", "RWX"),
        reach: fc.constantFrom("self", "subtree", "children"),
        givenBy: id,
      }),
      window,
    )
    .map(([a, b]) => ({ ...a, ...b })),
  binned: fc.tuple(id, path, id, label).map(([one, at, who, of]) => ({
    id: one,
    path: at,
    deletedAt: 5,
    deletedBy: who,
    resources: [{ path: at, owner: who, labels: [of] }, { path: `${at}/versions/1` }],
    grants: [{ principal: who, resource: at, access: "RX", reach: "children", givenAt: 3 }],
    links: [{ from: `${at}/versions/1`, linkKind: "uses", to: "/elsewhere/1" }],
  })),
  policy: record(
    {
      id,
      name,
      status: fc.constantFrom("active", "inactive"),
      sandboxes: fc.oneof(fc.constant("all"), set(name)),
      subjectCondition: condition,
      rules: fc.array(
        fc.record({
          effect: fc.constantFrom("permit", "deny", "indeterminate"),
          resource: path.map((text) => `${text}/*`),
          condition,
          actions: set(name),
        }),
        { maxLength: 3 },
      ),
    },
    ["id", "name", "status", "sandboxes", "rules"],
  ),
  setting: fc.record({ product: id, name: id, value: fc.boolean() }),
  operation: record(
    {
      product: id,
      id,
      method: fc.constantFrom("GET", "POST"),
      path: fc.constant("/a/{x}...{y}"),
      names: set(name),
      target: fc.constant("/apis/{x}"),
      alternatives: fc.array(alternative),
      summary: name,
    },
    ["product", "id", "method", "path", "names", "target"],
  ),
  "operation-rule": fc.record({ product: id, operation: id, alternatives: fc.array(alternative) }),
  "product-administrator": fc.record(pair),
  "developer-access": fc.record({ role: id, principal: id }),
  "developer-project": fc.record({ id, name, product: id, roles: set(id), serviceAccount: id }),
};

describe("every parser", () => {
  it.each(KINDS)("reads a valid %s as itself, and again after JSON", (kind) => {
    fc.assert(
      fc.property(VALID[kind], (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown;
        const read = parseRecord(kind, plain);
        if (!read.ok) throw new Error(JSON.stringify(read.error));
        expect(read.value).toEqual({ kind, value: plain });
        const again = parseRecord(kind, JSON.parse(JSON.stringify(read.value.value)));
        expect(again.ok && sameRecord(again.value, read.value)).toBe(true);
        const key = Object.fromEntries(KEY_MEMBERS[kind].map((member, index) => [member, keyOf(read.value)[index]]));
        expect(parseChange({ delete: { kind, ...key } })).toEqual({ ok: true, value: { delete: { kind, key: keyOf(read.value) } } });
      }),
      { numRuns: 60 },
    );
  });

  it("answers any JSON value, and never throws", () => {
    const words = fc.constantFrom(
      "put",
      "delete",
      "kind",
      "value",
      "id",
      "rules",
      "types",
      "condition",
      "var",
      "and",
      "__proto__",
      "constructor",
      "sets",
      "actions",
    );
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.jsonValue(),
        fc.constantFrom(...KINDS),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(words, tie("value"), { maxKeys: 5 }),
      ),
    })).value;
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), tree, (kind, value) => {
        for (const read of [
          parseRecord(kind, value),
          parseChange(value),
          parseChange({ put: { kind, value } }),
          parseProductDocument(value),
        ]) {
          if (!read.ok) expect(read.error.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("answers a valid record in which one place was replaced by any JSON value, and never throws", () => {
    const anyRecord = fc
      .constantFrom(...KINDS)
      .chain((kind) => VALID[kind].map((value) => ({ kind, value: value as Record<string, unknown> })));
    fc.assert(
      fc.property(anyRecord, fc.nat(), fc.jsonValue(), ({ kind, value }, place, other) => {
        const names = Object.keys(value);
        const read = parseRecord(kind, { ...value, [names[place % names.length] as string]: other });
        if (!read.ok) expect(read.error.length).toBeGreaterThan(0);
      }),
      { numRuns: 400 },
    );
  });
});
