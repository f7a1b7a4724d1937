import { readFileSync } from "node:fs";
import { parseProductDocument } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { type PermissionTable, permissionTable } from "./model.ts";
import { EMPTY_QUERY, parseTableQuery, shownRows, tableQueryString } from "./query.ts";

const catalogue = new URL("../../../../catalogues/cloud-manager/product.json", import.meta.url);
const parsed = parseProductDocument(JSON.parse(readFileSync(catalogue, "utf8")));
const table = permissionTable(parsed.ok ? parsed.value : [], "cloud-manager") as PermissionTable;
const ids = (query: string) => shownRows(table, parseTableQuery(new URLSearchParams(query))).map(({ id }) => id);
const found = (search: string) => shownRows(table, { ...EMPTY_QUERY, search }).map(({ id }) => id);

describe("the query of the permission table", () => {
  it("asks nothing by default and shows every row", () => {
    expect(parseTableQuery([])).toEqual(EMPTY_QUERY);
    expect(ids("")).toHaveLength(113);
    expect(ids("product=cloud-manager&unheard=of")).toHaveLength(113);
  });

  it("finds text in the path, the operation and its other names, without regard to case", () => {
    expect(found("deletePipeline")).toEqual(["R45"]);
    expect(found("SSLCERTIFICATE")).toEqual(["R04"]);
    expect(found("newRelic")).toEqual(["R43", "R44"]);
    expect(found("nothing-is-called-so")).toEqual([]);
  });

  it("wants every word of a search, in any order", () => {
    expect(found("variables pipeline patch")).toEqual(["R51"]);
  });

  it("finds a row by its id, whole only", () => {
    expect(found("r45")).toEqual(["R45"]);
    expect(found("r4")).toEqual([]);
  });

  it("finds the rows that a call fits, with or without its method, query and trailing slash", () => {
    expect(found("DELETE /api/program/4/pipeline/10")).toEqual(["R45"]);
    expect(found("/api/program/4/pipeline/10")).toEqual(["R45", "G07", "R46"]);
    expect(found("PUT /api/program/4/pipeline/10/execution?pipelineExecutionMode=EMERGENCY")).toEqual(["R48"]);
    expect(found("/api/tenants/")).toEqual(["G39"]);
    expect(found("DELETE /api/tenants")).toEqual([]);
  });

  it("finds a part of a path, braces included", () => {
    expect(found("/{programId}/domainNames")).toEqual(["R19", "R20"]);
  });

  it("filters by profile, counting rows that any profile opens", () => {
    expect(ids("profile=developer&method=PUT")).toEqual(["R29"]);
    expect(ids("profile=developer&method=POST")).toEqual(["R33"]);
  });

  it("filters by permission, method and state, and combines them all", () => {
    expect(ids("permission=pipeline-edit")).toEqual(["R46", "R51"]);
    expect(ids("state=unmapped")).toHaveLength(15);
    expect(ids("state=orphan")).toHaveLength(7);
    expect(ids("state=read-default")).toHaveLength(41);
    expect(ids("state=not-configurable")).toEqual(["R01", "R21"]);
    expect(ids("profile=business-owner&permission=domain-name-manage&method=POST&state=orphan&search=verify")).toEqual(["R18"]);
  });

  it("shows nothing for a profile, permission, method or state that is not known", () => {
    for (const one of ["profile=nobody", "permission=program-acces", "method=FETCH", "state=unheard"]) expect(ids(one)).toEqual([]);
  });

  it("takes the first of repeated parameters, a method in any case, and cuts what is too long", () => {
    const query = parseTableQuery(
      new URLSearchParams([
        ["method", "delete"],
        ["method", "GET"],
        ["search", "x".repeat(9_999)],
      ]),
    );
    expect(query).toEqual({ ...EMPTY_QUERY, method: "DELETE", search: "x".repeat(256) });
  });

  it("is not led astray by names of the prototype", () => {
    expect(
      parseTableQuery([
        ["__proto__", "x"],
        ["constructor", "y"],
      ]),
    ).toEqual(EMPTY_QUERY);
  });

  it("is written into a link so that it reads back", () => {
    const query = { ...EMPTY_QUERY, search: "a&b=c #1 é", profile: "developer" };
    const text = tableQueryString(query, { product: "cloud-manager" });
    expect(text).toBe("?product=cloud-manager&search=a%26b%3Dc%20%231%20%C3%A9&profile=developer");
    expect(parseTableQuery(new URLSearchParams(text))).toEqual(query);
  });
});
