/** Catalogues: permission tables, and imports of OpenAPI documents. */
import { type TSchema, Type } from "typebox";
import { ApplyImportRequest, DOCUMENT_TYPES, ImportJob, SuggestionsAnswer } from "../imports.ts";
import { WRITE_PROBLEMS } from "../objects.ts";
import { json, type Route } from "../route.ts";
import { PERMISSION_TABLE, TABLE_STATES } from "../table/index.ts";

const tag = "Catalogue";
const text = Type.String();
const ANY_TABLE: Route["answer"] = {
  status: 200,
  types: { "text/html": text, "text/markdown": text, "application/json": PERMISSION_TABLE },
};
const TABLE_QUERY: Readonly<Record<string, TSchema>> = {
  search: Type.String({ description: "Text in path or operation." }),
  profile: Type.String({ description: "Only what this product profile opens." }),
  permission: Type.String({ description: "Only what this permission opens." }),
  method: Type.String({ description: "Only this method." }),
  state: Type.String({ description: `One of ${TABLE_STATES.join(", ")}.` }),
};

export const CATALOGUE_ROUTES = {
  organizationTable: {
    id: "organizationTable",
    method: "GET",
    path: "/v1/orgs/{org}/products/{product}/operations",
    summary: "The permission table of a product as this organization enforces it.",
    tag,
    needs: "read",
    query: TABLE_QUERY,
    answer: ANY_TABLE,
    problems: ["product_not_found", "not_acceptable"],
    revision: "read",
  },
  publicTable: {
    id: "publicTable",
    method: "GET",
    path: "/operations",
    summary: "The permission table of a product that ships, of no organization.",
    tag,
    query: { product: Type.String({ default: "cloud-manager" }), ...TABLE_QUERY },
    answer: ANY_TABLE,
    problems: ["product_not_found", "not_acceptable"],
  },
  importDocument: {
    id: "importDocument",
    method: "POST",
    path: "/v1/orgs/{org}/products/{product}/imports",
    summary: "Read an OpenAPI document and say what its import would change; nothing is changed yet.",
    tag,
    needs: "admin",
    body: Type.String({ description: "The document, as it is: OpenAPI 2.0, 3.0 or 3.1, JSON or YAML." }),
    takes: DOCUMENT_TYPES,
    query: {
      name: Type.String({ description: "The product's name, where the import makes it; else the document's title." }),
      basePath: Type.String({ description: "Stands before every path; else that of the document's servers." }),
      source: Type.String({ description: "Where the document comes from: written into the operations that are added." }),
      partial: Type.String({ description: "`true`: the document describes a part of the product; what it lacks is no orphan." }),
    },
    answer: json(ImportJob, 202),
    tells: ["Location"],
    problems: ["organization_not_found", "too_many_imports"],
  },
  suggestRules: {
    id: "suggestRules",
    method: "GET",
    path: "/v1/orgs/{org}/products/{product}/suggestions",
    summary: "Rules that would fit the operations without one, each with its reason.",
    tag,
    needs: "read",
    answer: json(SuggestionsAnswer),
    revision: "read",
    problems: ["organization_not_found", "product_not_found", "revision_of_another_history", "revision_not_reached"],
  },
  getImport: {
    id: "getImport",
    method: "GET",
    path: "/v1/orgs/{org}/imports/{id}",
    summary: "How far an import is, what is wrong with its document, or what it would change.",
    tag,
    needs: "read",
    answer: json(ImportJob),
    problems: ["organization_not_found", "import_not_found"],
  },
  applyImport: {
    id: "applyImport",
    method: "POST",
    path: "/v1/orgs/{org}/imports/{id}/apply",
    summary: "Do what an import planned, all or none, as one revision.",
    tag,
    needs: "admin",
    body: ApplyImportRequest,
    answer: json(ImportJob),
    revision: "written",
    problems: [...WRITE_PROBLEMS, "import_not_found", "import_not_planned", "revision_conflict", "revision_of_another_history"],
  },
} as const satisfies Record<string, Route>;
