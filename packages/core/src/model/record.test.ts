import { describe, expect, it } from "vitest";
import type { Rec } from "./nouns.ts";
import { keyOf, sameRecord } from "./record.ts";

const grant = (members: object = {}): Rec =>
  ({ kind: "grant", value: { principal: "ann", resource: "/a/1", access: "R", reach: "self", ...members } }) as Rec;
const resource = (properties: object): Rec => ({ kind: "resource", value: { path: "/a/1", properties } }) as Rec;

describe("the key of a record", () => {
  it("is its naming members in their order, none for the organization", () => {
    expect(keyOf(grant())).toEqual(["ann", "/a/1", "self"]);
    expect(keyOf({ kind: "link", value: { to: "/b/1", from: "/a/1", linkKind: "k" } })).toEqual(["/a/1", "k", "/b/1"]);
    expect(keyOf({ kind: "organization", value: { name: "x", tenantIds: [] } })).toEqual([]);
  });
});

describe("two records", () => {
  it("are the same whatever the order of their members", () => {
    expect(sameRecord(resource({ a: 1, b: { c: [1], d: null } }), resource({ b: { d: null, c: [1] }, a: 1 }))).toBe(true);
  });

  it("are the same when only who gave a grant, or when, differs", () => {
    expect(sameRecord(grant({ givenBy: "bob", givenAt: 1 }), grant())).toBe(true);
    expect(sameRecord(grant({ notAfter: 1 }), grant())).toBe(false);
    expect(sameRecord(resource({ givenBy: "bob" }), resource({}))).toBe(false);
  });

  it.each([
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: 1 }, { a: "1" }],
    [{ a: null }, {}],
    [{ a: [] }, { a: {} }],
    [
      { a: 1, b: 2 },
      { a: 1, c: 2 },
    ],
    [{ toString: 1 }, { valueOf: 1 }],
  ])("differ when their values do: %j and %j", (a, b) => {
    expect(sameRecord(resource(a), resource(b))).toBe(false);
  });

  it("differ when their kinds do", () => {
    const pair = { role: "r", principal: "ann" };
    expect(sameRecord({ kind: "assignment", value: pair }, { kind: "developer-access", value: pair })).toBe(false);
  });
});
