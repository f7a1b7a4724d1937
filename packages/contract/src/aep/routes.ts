/**
 * The table of the surface: what the server registers under `AEP_BASE`, and what its OpenAPI document says, are made from it.
 *
 * `for`: `self`, every active principal of the organization, about himself; `admins`, who administers it. A collection is also reached with
 * a slash at its end. Which organization is asked stands in a header.
 * Invariant: all nineteen operations of the public reference are here, and each has a schema for its body and its answer.
 */
import type { TSchema } from "typebox";
import {
  AepCategories,
  AepEffectivePolicies,
  AepNames,
  AepNewRole,
  AepPatch,
  AepPermissionSets,
  AepPolicy,
  AepPolicyBody,
  AepPolicyFound,
  AepPolicyPage,
  AepProducts,
  AepReference,
  AepRole,
  AepRoleBody,
  AepRolePage,
  AepSubjectPage,
  AepSubjects,
} from "./shapes.ts";

export type AepRoute = {
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `AEP_BASE`. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly for: "self" | "admins";
  readonly isCollection?: true;
  readonly isPaged?: true;
  /** `x-sandbox-name` must be sent. */
  readonly needsSandbox?: true;
  /** The media type of the body does not matter. */
  readonly takesAnyType?: true;
  readonly body?: TSchema;
  /** Absent: 204, without a body. */
  readonly answer?: TSchema;
  /** Answered 204 instead, in some cases. */
  readonly mayBeEmpty?: true;
  readonly writes?: true;
  /** The answer has an ETag; a write heeds `If-Match`. */
  readonly hasEtag?: true;
};

const ROLES = "/administration/roles";
const ROLE = `${ROLES}/{roleId}`;
const POLICIES = "/administration/policies";
const POLICY = `${POLICIES}/{policyId}`;
const PRODUCTS = "/administration/products";

const acl = { tag: "Access control", for: "self" } as const;
const roles = { tag: "Roles", for: "admins" } as const;
const policies = { tag: "Policies", for: "admins" } as const;
const products = { tag: "Products", for: "admins" } as const;

export const AEP_ROUTES = {
  reference: {
    ...acl,
    id: "reference",
    method: "GET",
    path: "/acl/reference",
    summary: "Permissions and resource types.",
    answer: AepReference,
  },
  effectivePolicies: {
    ...acl,
    id: "effectivePolicies",
    method: "POST",
    path: "/acl/effective-policies",
    summary: "Which of the named permissions and actions the caller has in a sandbox.",
    needsSandbox: true,
    takesAnyType: true,
    body: AepNames,
    answer: AepEffectivePolicies,
  },
  listRoles: {
    ...roles,
    id: "listRoles",
    method: "GET",
    path: ROLES,
    summary: "List roles.",
    isCollection: true,
    isPaged: true,
    answer: AepRolePage,
  },
  createRole: {
    ...roles,
    id: "createRole",
    method: "POST",
    path: ROLES,
    summary: "Make a role.",
    isCollection: true,
    writes: true,
    hasEtag: true,
    body: AepNewRole,
    answer: AepRole,
  },
  getRole: { ...roles, id: "getRole", method: "GET", path: ROLE, summary: "Read a role.", hasEtag: true, answer: AepRole },
  patchRole: {
    ...roles,
    id: "patchRole",
    method: "PATCH",
    path: ROLE,
    summary: "Change parts of a role.",
    writes: true,
    hasEtag: true,
    body: AepPatch,
    answer: AepRole,
  },
  putRole: {
    ...roles,
    id: "putRole",
    method: "PUT",
    path: ROLE,
    summary: "Give a role another name, description and type.",
    writes: true,
    hasEtag: true,
    body: AepRoleBody,
    answer: AepRole,
  },
  deleteRole: { ...roles, id: "deleteRole", method: "DELETE", path: ROLE, summary: "Delete a role.", writes: true, hasEtag: true },
  listSubjects: {
    ...roles,
    id: "listSubjects",
    method: "GET",
    path: `${ROLE}/subjects`,
    summary: "List who has a role.",
    isCollection: true,
    isPaged: true,
    answer: AepSubjectPage,
  },
  patchSubjects: {
    ...roles,
    id: "patchSubjects",
    method: "PATCH",
    path: `${ROLE}/subjects`,
    summary: "Change who has a role.",
    isCollection: true,
    writes: true,
    body: AepPatch,
    answer: AepSubjects,
    mayBeEmpty: true,
  },
  listPolicies: {
    ...policies,
    id: "listPolicies",
    method: "GET",
    path: POLICIES,
    summary: "List policies.",
    isCollection: true,
    isPaged: true,
    answer: AepPolicyPage,
  },
  createPolicy: {
    ...policies,
    id: "createPolicy",
    method: "POST",
    path: POLICIES,
    summary: "Make a policy.",
    isCollection: true,
    writes: true,
    hasEtag: true,
    body: AepPolicyBody,
    answer: AepPolicy,
  },
  getPolicy: {
    ...policies,
    id: "getPolicy",
    method: "GET",
    path: POLICY,
    summary: "Read a policy.",
    hasEtag: true,
    answer: AepPolicyFound,
  },
  putPolicy: {
    ...policies,
    id: "putPolicy",
    method: "PUT",
    path: POLICY,
    summary: "Put another policy in the place of one.",
    writes: true,
    hasEtag: true,
    body: AepPolicyBody,
    answer: AepPolicy,
  },
  patchPolicy: {
    ...policies,
    id: "patchPolicy",
    method: "PATCH",
    path: POLICY,
    summary: "Change parts of a policy.",
    writes: true,
    hasEtag: true,
    body: AepPatch,
    answer: AepPolicy,
  },
  deletePolicy: {
    ...policies,
    id: "deletePolicy",
    method: "DELETE",
    path: POLICY,
    summary: "Delete a policy.",
    writes: true,
    hasEtag: true,
  },
  listProducts: {
    ...products,
    id: "listProducts",
    method: "GET",
    path: PRODUCTS,
    summary: "Products that the organization is entitled to.",
    isCollection: true,
    answer: AepProducts,
  },
  listCategories: {
    ...products,
    id: "listCategories",
    method: "GET",
    path: `${PRODUCTS}/{productId}/categories`,
    summary: "Categories of a product's permission sets.",
    isCollection: true,
    answer: AepCategories,
  },
  listPermissionSets: {
    ...products,
    id: "listPermissionSets",
    method: "GET",
    path: `${PRODUCTS}/{productId}/permission-sets`,
    summary: "A product's permission sets.",
    isCollection: true,
    answer: AepPermissionSets,
  },
} as const satisfies Record<string, AepRoute>;
export type AepRouteId = keyof typeof AEP_ROUTES;
