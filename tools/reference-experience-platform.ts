/** docs/reference/experience-platform-catalogue.md: what the catalogue says, and of each part whether the public documents say it or it was derived. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { code, codes, MADE, row, table } from "./markdown.ts";
import { ROOT } from "./steps.ts";

type Pairs = readonly { readonly type: string; readonly actions: readonly string[] }[];
type Product = {
  readonly types: Readonly<Record<string, { readonly actions: object }>>;
  readonly permissionSets: readonly {
    readonly id: string;
    readonly name: string;
    readonly category?: string;
    readonly organizationLevel?: true;
    readonly pairs: Pairs;
  }[];
  readonly roles: readonly { readonly id: string; readonly name: string; readonly description: string }[];
};
type Said = Readonly<Record<string, Readonly<Record<string, string>>>>;
type Wire = {
  readonly products: readonly { readonly id: string; readonly name: string; readonly serviceCode: string }[];
  readonly provenance: { readonly products: Said; readonly permissionSets: Said; readonly types: Said };
};

const read = (name: string) => JSON.parse(readFileSync(join(ROOT, "catalogues/experience-platform", name), "utf8"));

export function experiencePlatformPage(): string {
  const [{ types, permissionSets, roles }, { products, provenance }]: [Product, Wire] = [read("product.json"), read("wire.json")];
  const said = (of: Said, id: string, fact: string): string => of[id]?.[fact] ?? "derived";
  const ofProducts = products.map(({ id, name, serviceCode }) =>
    row(name, code(id), code(serviceCode), ...["id", "name", "serviceCode"].map((fact) => said(provenance.products, id, fact))),
  );
  const ofSets = permissionSets.map(({ id, name, category = "", organizationLevel, pairs }) => {
    const where = organizationLevel === true ? `${category} (organization)` : category;
    const gives = pairs.map(({ type, actions }) => `${code(type)}: ${actions.join(", ")}`).join("; ");
    return row(code(id), name, where, gives, said(provenance.permissionSets, id, "id"), said(provenance.permissionSets, id, "mapping"));
  });
  const ofTypes = Object.entries(types).map(([name, { actions }]) =>
    row(code(name), codes(Object.keys(actions)), said(provenance.types, name, "name"), said(provenance.types, name, "actions")),
  );
  return `# The catalogue of Experience Platform

${MADE} Facts with their sources: \`catalogues/experience-platform/SOURCES.md\`. How it is served: [Experience Platform access control](experience-platform.md).

*Documented*: the public documents say it. *Derived*: they name it without saying it exactly, or say nothing, and it follows from what they say of its like.

## Products

${table(["Product", "Id", "Service code", "The id is", "The name is", "The code is"], ofProducts)}

## Permission sets

${table(["Id", "Name", "Category", "Gives", "The id is", "What it gives is"], ofSets)}

*(organization)*: it counts in the whole organization, whatever sandboxes its role has.

## Resource types

${table(["Type", "Actions", "The name is", "The actions are"], ofTypes)}

## Built-in roles

${table(
  ["Id", "Name", "What it is"],
  roles.map(({ id, name, description }) => row(code(id), name, description)),
)}
`;
}
