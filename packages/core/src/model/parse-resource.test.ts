import { describe, expect, it } from "vitest";
import { LIMITS } from "./limits.ts";
import { parseRecord } from "./parse.ts";

/** What is refused, as "code pointer"; nothing when the value is good. */
const faults = (kind: string, value: unknown): readonly string[] => {
  const read = parseRecord(kind, value);
  return read.ok ? [] : read.error.map((fault) => `${fault.code} ${fault.pointer}`);
};

const nestedList = (depth: number): unknown => (depth === 0 ? 1 : [nestedList(depth - 1)]);

describe("a resource", () => {
  it("is a path and what belongs to it", () => {
    const whole = {
      path: "/spaces/apim/apis/orders/versions/1.0",
      name: "Orders 1.0",
      owner: "ann",
      state: "published",
      labels: ["core/C1"],
      properties: { tier: "gold", limits: { perMinute: 10 }, note: "line\nbreak" },
      basePath: "/orders/v1",
      document: [
        { method: "GET", path: "/items/{id}" },
        { method: "POST", path: "/items", alternatives: [{ permission: "p", product: "cm" }] },
      ],
    };
    expect(parseRecord("resource", whole)).toEqual({ ok: true, value: { kind: "resource", value: whole } });
  });

  it.each(["spaces/apim", "/spaces", "/spaces/apim/", "/spaces/*", "/a b/x", "", 7])("has no path %j", (path) => {
    expect(faults("resource", { path })).toEqual([typeof path === "number" ? "wrong_type /path" : "malformed_path /path"]);
  });

  it("may be the organization, which nobody owns or calls", () => {
    expect(faults("resource", { path: "/", labels: ["core/C1"], properties: {} })).toEqual([]);
    expect(faults("resource", { path: "/", owner: "ann", basePath: "/x", document: [] })).toEqual([
      "not_allowed /owner",
      "not_allowed /basePath",
      "not_allowed /document",
    ]);
  });

  it.each([
    [{ properties: { labels: [] } }, "reserved /properties/labels"],
    [{ properties: { sandbox: "prod" } }, "reserved /properties/sandbox"],
    [{ properties: JSON.parse('{"a":{"__proto__":1}}') }, "reserved /properties/a/__proto__"],
    [{ properties: JSON.parse('{"constructor":1}') }, "reserved /properties/constructor"],
    [{ properties: [] }, "wrong_type /properties"],
    [{ properties: { a: "\udc00" } }, "malformed_text /properties/a"],
    [{ properties: { a: Number.POSITIVE_INFINITY } }, "wrong_type /properties/a"],
    [{ properties: { a: undefined } }, "wrong_type /properties/a"],
    [{ properties: { a: "x".repeat(LIMITS.propertiesBytesMax) } }, "too_large /properties"],
    [{ owner: "a group" }, "malformed_id /owner"],
    [{ state: "" }, "empty /state"],
    [{ labels: ["secret"] }, "malformed_label /labels/0"],
    [{ basePath: "/" }, "malformed_template /basePath"],
    [{ basePath: "/orders/" }, "malformed_template /basePath"],
    [{ basePath: "/orders/{v}" }, "malformed_template /basePath"],
    [{ document: [{ method: "get", path: "/x" }] }, "malformed_method /document/0/method"],
    [{ document: [{ method: "GET", path: "x" }] }, "malformed_template /document/0/path"],
    [{ document: [{ method: "GET", path: "/x", alternatives: [{}] }] }, "required /document/0/alternatives/0"],
    [
      {
        document: [
          { method: "GET", path: "/x/{a}" },
          { method: "GET", path: "/x/{b}" },
        ],
      },
      "ambiguous_template /document/1",
    ],
  ])("is refused with %j", (members, fault) => {
    expect(faults("resource", { path: "/apis/1", ...members })).toEqual([fault]);
  });

  it("has properties of bounded depth, and bytes counted as UTF-8", () => {
    const withProperty = (a: unknown) => faults("resource", { path: "/apis/1", properties: { a } });
    expect(withProperty(nestedList(LIMITS.jsonDepthMax - 1))).toEqual([]);
    expect(withProperty(nestedList(LIMITS.jsonDepthMax)).map((fault) => fault.split(" ")[0])).toEqual(["too_deep"]);
    const frame = '{"a":""}'.length;
    expect(withProperty("é".repeat((LIMITS.propertiesBytesMax - frame) / 2))).toEqual([]);
    expect(withProperty("é".repeat((LIMITS.propertiesBytesMax - frame) / 2 + 1))).toEqual(["too_large /properties"]);
  });
});

describe("a label", () => {
  it("is core or custom and a name", () => {
    expect(faults("label", { id: "core/C1", name: "Contract" })).toEqual([]);
    expect(faults("label", { id: "core/C1", category: "Contract", description: "Two\nlines." })).toEqual([]);
    expect(faults("label", { id: "core/C1", description: "\u0007" })).toEqual(["malformed_text /description"]);
    expect(faults("label", { id: "core/C1", description: "x".repeat(LIMITS.textCharactersMax + 1) })).toEqual(["too_long /description"]);
    expect(faults("label", { id: "custom/ä" })).toEqual([]);
    expect(faults("label", { id: "C1" })).toEqual(["malformed_label /id"]);
    expect(faults("label", { id: `custom/${"x".repeat(122)}` })).toEqual(["too_long /id"]);
    expect(faults("label", { id: "custom/\n" })).toEqual(["malformed_text /id"]);
  });
});

describe("a link", () => {
  const link = (from: unknown, to: unknown) => faults("link", { from, linkKind: "schema", to });

  it("joins two resources", () => {
    expect(link("/sandboxes/p/datasets/1", "/sandboxes/p/schemas/1")).toEqual([]);
    expect(link("/a/1", "/a/11")).toEqual([]);
  });

  it("joins none to itself, to what is above or below it, or to the organization or a collection", () => {
    expect(link("/a/1", "/a/1")).toEqual(["not_allowed /to"]);
    expect(link("/a/1", "/a/1/b/2")).toEqual(["not_allowed /to"]);
    expect(link("/a/1/b/2", "/a/1")).toEqual(["not_allowed /to"]);
    expect(link("/", "/a/1")).toEqual(["not_allowed /from"]);
    expect(link("/a/1", "/")).toEqual(["not_allowed /to"]);
    expect(link("/a", "/b/1/c")).toEqual(["malformed_path /from", "malformed_path /to"]);
  });

  it("has a kind", () => {
    expect(faults("link", { from: "/a/1", to: "/b/1" })).toEqual(["required /linkKind"]);
  });
});

describe("a grant", () => {
  const grant = { principal: "ann", resource: "/apis/1", access: "RW", reach: "subtree" };

  it("gives an access type with a reach, for a time", () => {
    const whole = { ...grant, notBefore: 1, notAfter: 2, givenBy: "bob", givenAt: 0 };
    expect(parseRecord("grant", whole)).toEqual({ ok: true, value: { kind: "grant", value: whole } });
    for (const access of ["R", "RX", "RW", "RWX"]) expect(faults("grant", { ...grant, access })).toEqual([]);
    for (const reach of ["self", "subtree", "children"]) expect(faults("grant", { ...grant, reach })).toEqual([]);
    expect(faults("grant", { ...grant, resource: "/", principal: "members" })).toEqual([]);
  });

  it("never gives ownership", () => {
    const read = parseRecord("grant", { ...grant, access: "RWXO" });
    expect(read).toMatchObject({
      ok: false,
      error: [{ code: "not_allowed", pointer: "/access", detail: expect.stringContaining("ownership") }],
    });
  });

  it.each([
    [{ access: "XR" }, "not_allowed /access"],
    [{ access: "W" }, "not_allowed /access"],
    [{ access: "Read Only" }, "not_allowed /access"],
    [{ access: ["R"] }, "wrong_type /access"],
    [{ reach: "all" }, "not_allowed /reach"],
    [{ resource: "/apis" }, "malformed_path /resource"],
    [{ notBefore: 3, notAfter: 3 }, "out_of_range /notAfter"],
    [{ givenAt: "now" }, "wrong_type /givenAt"],
    [{ note: "x" }, "unknown_member /note"],
  ])("is refused with %j", (members, fault) => {
    expect(faults("grant", { ...grant, ...members })).toEqual([fault]);
  });
});

describe("what lies in the bin", () => {
  const whole = {
    id: "b",
    path: "/apis/orders",
    deletedAt: 5,
    resources: [{ path: "/apis/orders", owner: "ann" }],
    grants: [{ principal: "ann", resource: "/apis/orders", access: "R", reach: "self" }],
    links: [{ from: "/apis/orders", linkKind: "uses", to: "/apis/carts" }],
  };

  it("is a resource and what it and those below it had", () => {
    expect(parseRecord("binned", whole)).toEqual({ ok: true, value: { kind: "binned", value: whole } });
  });

  it.each<[object, string]>([
    [{ resources: [] }, "empty /resources"],
    [{ resources: [{ path: "/apis/ordersmore" }] }, "not_allowed /resources/0"],
    [{ grants: [{ ...whole.grants[0], resource: "/apis/carts" }] }, "not_allowed /grants/0"],
    [{ grants: [whole.grants[0], { ...whole.grants[0], reach: "subtree" }] }, "duplicate /grants/1"],
    [{ links: [{ from: "/apis/a", linkKind: "uses", to: "/apis/carts" }] }, "not_allowed /links/0"],
    [{ path: "/" }, "not_allowed /path"],
    [{ deletedAt: -1 }, "out_of_range /deletedAt"],
    [{ more: 1 }, "unknown_member /more"],
  ])("is refused with %j", (more, told) => {
    expect(faults("binned", { ...whole, ...more })).toContain(told);
  });
});
