/** The catalogues as they are read when a server starts: those that ship, and faulty ones, each named with its file. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readCatalogues } from "./catalogues.ts";

// biome-ignore lint/suspicious/noExplicitAny: files are bent in every place.
const read = (name: string): any => JSON.parse(readFileSync(new URL(`../../../../catalogues/${name}.json`, import.meta.url), "utf8"));
const files = () => ({
  products: [
    { product: read("cloud-manager/product") },
    { product: read("experience-platform/product"), organization: read("experience-platform/organization") },
  ],
  wire: read("experience-platform/wire"),
  own: read("reeve/product"),
  demo: read("demo/organization"),
});
type Files = ReturnType<typeof files>;
/** The file that is refused, and its faults as `code pointer`. */
function refused(bend: (files: Files) => void): readonly [string, readonly string[]] {
  const bent = files();
  bend(bent);
  const result = readCatalogues(bent);
  if (result.ok) return ["none", []];
  return [result.error.file, [...new Set(result.error.faults.map(({ code, pointer }) => `${code} ${pointer}`))]];
}

describe("catalogues", () => {
  it("that ship are read: products, what organizations get with them, and what the wire says beside", () => {
    const result = readCatalogues(files());
    const catalogues = result.ok ? result.value : expect.fail(JSON.stringify(result.error));
    expect(catalogues.products).toEqual(["cloud-manager", "experience-platform"]);
    expect(catalogues.shipped("experience-platform")).toHaveLength(95);
    expect(catalogues.entitlement("experience-platform")).toHaveLength(116);
    expect(catalogues.entitlement("cloud-manager")).toEqual(catalogues.shipped("cloud-manager"));
    for (const none of ["reeve", "none", "__proto__"])
      expect([catalogues.shipped(none), catalogues.entitlement(none)]).toEqual([undefined, undefined]);
    expect(catalogues.wire.aliases.permissions["manage-shemas"]).toBe("manage-schemas");
  });

  it.each<[string, (files: Files) => void, readonly [string, readonly string[]]]>([
    [
      "a product without types",
      ({ products }) => delete products[1]?.product.types,
      ["experience-platform", expect.arrayContaining(["required /types"]) as never],
    ],
    ["a product that is none", ({ products }) => products.push({ product: null }), ["undefined", ["wrong_type "]]],
    [
      "what an organization begins with, without a list",
      ({ products }) => Object.assign(products[1] as object, { organization: {} }),
      ["experience-platform, organization", ["required /records"]],
    ],
    [
      "a label that is none in it",
      ({ products }) => products[1]?.organization.records.push({ kind: "label", value: { id: "C1" } }, null),
      ["experience-platform, organization", ["malformed_label /records/21/value/id", "unknown_kind /records/22/value"]],
    ],
    ["a demo that is none", (all) => Object.assign(all, { demo: [] }), ["DEMO@ReeveOrg", ["required /records"]]],
    [
      "no wire",
      (all) => Object.assign(all, { wire: null }),
      ["experience-platform, wire", expect.arrayContaining(["wrong_type /products"]) as never],
    ],
    ["a wire without a member", ({ wire }) => delete wire.aliases.actions, ["experience-platform, wire", ["wrong_type /aliases"]]],
    [
      "a wire that says where something comes from in other words",
      ({ wire }) => Object.assign(wire.provenance.types.classes, { name: "guessed" }),
      ["experience-platform, wire", ["wrong_type /provenance"]],
    ],
    [
      "a wire that lacks a category",
      ({ wire }) => wire.products[0].categories.shift(),
      ["experience-platform, wire", ["unknown_reference /products"]],
    ],
    [
      "a wire that names a permission set that the product lacks",
      ({ wire }) => Object.assign(wire.aliases.permissions, { other: "none" }),
      ["experience-platform, wire", ["unknown_reference /aliases/permissions"]],
    ],
    [
      "a product with a permission set of which the wire does not say where it comes from",
      ({ products }) => products[1]?.product.permissionSets.push({ id: "new", name: "New", category: "Alerts", pairs: [] }),
      ["experience-platform, wire", ["unknown_reference /provenance/permissionSets"]],
    ],
  ])("with %s are refused, with the file and the place", (_, bend, expected) => expect(refused(bend)).toEqual(expected));
});
