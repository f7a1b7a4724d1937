import type { Rec } from "@reeve/core";
import { keyOf } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { canonical } from "../canonical.ts";
import type { ObjectRow } from "./object-rows.ts";
import { pack, recordOfRow, unpack } from "./packed-page.ts";

const NAME = 'a "b" \\ \u00e9\u{1f600}\ud800","principal":"';
const PLAIN = { principal: NAME, resource: `/spaces/${NAME}`, access: "RWX", reach: "children" } as const;
const RECORDS: readonly Rec[] = [
  { kind: "resource", value: { path: "/spaces/a", owner: NAME } },
  { kind: "grant", value: PLAIN },
  { kind: "grant", value: { ...PLAIN, access: "R", reach: "self" } },
  { kind: "grant", value: { ...PLAIN, givenBy: NAME, givenAt: 5 } },
  { kind: "grant", value: { ...PLAIN, notBefore: 1 } },
  { kind: "grant", value: { ...PLAIN, notAfter: 1 } },
  { kind: "organization", value: { name: NAME, tenantIds: [] } },
];

const rowOf = (rec: Rec): ObjectRow => {
  const [k1 = "", k2 = "", k3 = ""] = keyOf(rec);
  return [rec.kind, k1, k2, k3, canonical(rec.value), 1, 0];
};

describe("a packed page", () => {
  it("gives the records that its rows stand for, with who gave them, when, and their windows", () => {
    expect(unpack(pack(RECORDS.map(rowOf)))).toEqual(RECORDS);
    expect(RECORDS.map(rowOf).map(recordOfRow)).toEqual(RECORDS);
    expect(JSON.stringify(recordOfRow(rowOf(RECORDS[1] as Rec)).value)).toBe(canonical(PLAIN));
  });

  it("without rows gives no records", () => {
    expect(unpack(pack([]))).toEqual([]);
  });
});
