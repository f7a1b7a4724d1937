import { describe, expect, it } from "vitest";
import { compareDocuments } from "./compare-documents.ts";
import type { Described } from "./described.ts";
import { readDocument } from "./read-document.ts";

const responses = { 200: { description: "" } };
const document = (paths: unknown, more: Record<string, unknown> = {}): Described => {
  const read = readDocument(JSON.stringify({ openapi: "3.1.0", info: { title: "t", version: "1" }, paths, ...more }));
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
};
const keys = (operations: readonly { readonly method: string; readonly path: string }[]) =>
  operations.map(({ method, path }) => `${method} ${path}`);

describe("two versions of a document", () => {
  const before = document({
    "/a/{id}": { get: { operationId: "a", tags: ["x"], responses }, delete: { responses, "x-authorization": { profiles: ["P", "Q"] } } },
    "/gone": { get: { responses } },
  });

  it("that are equal have no differences, wherever things stand", () => {
    const moved = document({
      "/gone": { get: { responses } },
      "/a/{id}": { delete: { "x-authorization": { profiles: ["Q", "P"] }, responses }, get: { operationId: "a", tags: ["x"], responses } },
    });
    expect(compareDocuments(before, moved)).toEqual({ added: [], removed: [], changed: [], unmappedMutations: [], about: [] });
  });

  it("differ in what is added, removed and changed, each with what changed", () => {
    const after = document(
      {
        "/a/{key}": {
          get: {
            operationId: "b",
            tags: ["y"],
            summary: "s",
            deprecated: true,
            parameters: [{ name: "q", in: "query", schema: {} }],
            responses,
          },
          delete: { responses, "x-authorization": { profiles: ["P"], scope: {} } },
        },
        "/new": { get: { responses }, post: { responses }, put: { responses, "x-authorization": { anyRole: true } } },
      },
      { info: { title: "t", version: "2" }, servers: [{ url: "/v1" }] },
    );
    const said = compareDocuments(before, after);
    expect(keys(said.added)).toEqual(["GET /new", "POST /new", "PUT /new"]);
    expect(keys(said.removed)).toEqual(["GET /gone"]);
    expect(said.changed.map(({ aspects }) => aspects)).toEqual([
      ["path", "operationId", "parameters", "tags", "summary", "deprecated"],
      ["path", "rule", "scope"],
    ]);
    expect(keys(said.unmappedMutations)).toEqual(["POST /new"]);
    expect(said.about).toEqual(["version", "basePath"]);
  });

  it("of which the newer takes a rule away have an unmapped mutation", () => {
    const after = document({ "/a/{id}": { get: { operationId: "a", tags: ["x"], responses }, delete: { responses } } });
    expect(keys(compareDocuments(before, after).unmappedMutations)).toEqual(["DELETE /a/{id}"]);
  });
});
