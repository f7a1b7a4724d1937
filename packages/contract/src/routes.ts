/**
 * The table of routes of the native surface: what the server registers and what the OpenAPI document says are made from it.
 *
 * Paths are written as OpenAPI templates. `needs`: what a caller must be allowed at least; absent: nobody is asked.
 * Invariant: a route that is not in this table does not exist, and one that is has a schema for its body and its answer.
 */
import { type TSchema, Type } from "typebox";
import { ChangesAnswer, ChangesRequest, Me, OrganizationAnswer, OrganizationRequest } from "./administration.ts";
import { BatchAnswer, BatchRequest, CheckRequest, DecisionAnswer, ExplainAnswer, OperationCheckRequest } from "./questions.ts";
import { PERMISSION_TABLE, TABLE_STATES } from "./table/index.ts";

export type Need = "read" | "decide" | "admin";
export type Route = {
  readonly id: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly needs?: Need;
  /** Asked so often that the server answers it without its framework, where the request is as plain as clients send it. */
  readonly isHot?: true;
  readonly body?: TSchema;
  readonly query?: Readonly<Record<string, TSchema>>;
  readonly answer: { readonly status: number; readonly types: Readonly<Record<string, TSchema>> };
  /** The answer names its revision (`Reeve-Revision`); one that is only read may be asked for by `Reeve-At-Least`. */
  readonly revision?: "read" | "written";
  /** Problem codes beyond those that every route may answer. */
  readonly problems?: readonly string[];
};

const json = (schema: TSchema, status = 200): Route["answer"] => ({ status, types: { "application/json": schema } });
const text = Type.String();
const ANY_TABLE: Route["answer"] = {
  status: 200,
  types: { "text/html": text, "text/markdown": text, "application/json": PERMISSION_TABLE },
};
const TABLE_QUERY = {
  search: Type.String({ description: "Text in path or operation." }),
  profile: Type.String({ description: "Only what this product profile opens." }),
  permission: Type.String({ description: "Only what this permission opens." }),
  method: Type.String({ description: "Only this method." }),
  state: Type.String({ description: `One of ${TABLE_STATES.join(", ")}.` }),
};

export const ROUTES = {
  check: {
    id: "check",
    method: "POST",
    path: "/v1/orgs/{org}/check",
    summary: "May this subject do this to this resource?",
    tag: "Questions",
    needs: "decide",
    isHot: true,
    body: CheckRequest,
    answer: json(DecisionAnswer),
    revision: "read",
  },
  checkBatch: {
    id: "checkBatch",
    method: "POST",
    path: "/v1/orgs/{org}/check/batch",
    summary: "The same for up to 1,000 requests at one revision.",
    tag: "Questions",
    needs: "decide",
    isHot: true,
    body: BatchRequest,
    answer: json(BatchAnswer),
    revision: "read",
    problems: ["too_many_items"],
  },
  checkOperation: {
    id: "checkOperation",
    method: "POST",
    path: "/v1/orgs/{org}/operations/check",
    summary: "May this subject call this operation of an API?",
    tag: "Questions",
    needs: "decide",
    isHot: true,
    body: OperationCheckRequest,
    answer: json(DecisionAnswer),
    revision: "read",
  },
  explain: {
    id: "explain",
    method: "POST",
    path: "/v1/orgs/{org}/explain",
    summary: "The decision, every source that was tried, what was needed and what was found.",
    tag: "Questions",
    needs: "decide",
    body: Type.Union([CheckRequest, OperationCheckRequest]),
    answer: json(ExplainAnswer),
    revision: "read",
  },
  writeChanges: {
    id: "writeChanges",
    method: "POST",
    path: "/v1/orgs/{org}/changes",
    summary: "Write up to 1,000 changes, all or none, as one revision.",
    tag: "Administration",
    needs: "admin",
    body: ChangesRequest,
    answer: json(ChangesAnswer),
    revision: "written",
    problems: [
      "organization_not_found",
      "too_many_items",
      "changes_refused",
      "revision_conflict",
      "revision_of_another_history",
      "store_busy",
      "store_stopped",
      "write_uncertain",
      "disk_full",
    ],
  },
  createOrganization: {
    id: "createOrganization",
    method: "POST",
    path: "/v1/orgs",
    summary: "Make an organization.",
    tag: "Administration",
    needs: "admin",
    body: OrganizationRequest,
    answer: json(OrganizationAnswer, 201),
    revision: "written",
    problems: ["organization_exists", "store_busy", "store_stopped", "write_uncertain", "disk_full"],
  },
  organizationTable: {
    id: "organizationTable",
    method: "GET",
    path: "/v1/orgs/{org}/products/{product}/operations",
    summary: "The permission table of a product as this organization enforces it.",
    tag: "Catalogue",
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
    tag: "Catalogue",
    query: { product: Type.String({ default: "cloud-manager" }), ...TABLE_QUERY },
    answer: ANY_TABLE,
    problems: ["product_not_found", "not_acceptable"],
  },
  me: {
    id: "me",
    method: "GET",
    path: "/v1/me",
    summary: "Who am I to Reeve?",
    tag: "Identity",
    needs: "read",
    answer: json(Me),
  },
} as const satisfies Record<string, Route>;
export type RouteId = keyof typeof ROUTES;
