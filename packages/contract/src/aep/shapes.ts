/**
 * The wire of Adobe Experience Platform's access control API: what its public documents show, member for member, under its own names.
 *
 * Where documents differ, an answer has what each of them promises (`items` beside `roles`, `etag` beside `_etag`); what is taken is the
 * wider of them. Source: the public reference and guides of that API; docs/reference/experience-platform.md lists where we decided.
 * Invariant: an answer of the surface fits the schema of its route.
 */
import { LIMITS } from "@reeve/core";
import { type Static, type TSchema, Type } from "typebox";

/** Where the surface lies. */
export const AEP_BASE = "/data/foundation/access-control";

const text = Type.String();
const timeMs = Type.Integer({ description: "Epoch milliseconds." });
const nullableText = Type.Union([Type.String(), Type.Null()]);
const list = <T extends TSchema>(items: T, options: { readonly uniqueItems?: boolean; readonly description?: string } = {}) =>
  Type.Array(items, options);
const id = Type.String({ minLength: 1, maxLength: LIMITS.idCharactersMax });

const ActionsOfTypes = Type.Record(text, list(text, { uniqueItems: true }));
export const AepReference = Type.Object(
  { permissions: Type.Record(text, ActionsOfTypes), "resource-types": ActionsOfTypes },
  { title: "Reference", description: "Permission → resource type → actions, and resource type → actions." },
);
export type AepReference = Static<typeof AepReference>;

export const AepNames = Type.Array(Type.String(), {
  title: "Names",
  description: "`/permissions/{name}` and `/resource-types/{name}`, the leading slash or not; what is unknown is left out of the answer.",
});
export const AepEffectivePolicies = Type.Object(
  { policies: Type.Record(text, list(text, { uniqueItems: true })) },
  { title: "EffectivePolicies", description: "`*`: the permission is active. What is not active is left out." },
);
export type AepEffectivePolicies = Static<typeof AepEffectivePolicies>;

export const AepLink = Type.Object(
  { href: text, templated: Type.Boolean(), type: Type.Null(), method: Type.Null() },
  { title: "Link", description: "`templated`: whether `href` is a template." },
);
export const AepLinks = Type.Object(
  { self: AepLink, page: AepLink, next: Type.Optional(AepLink), subjects: Type.Optional(AepLink) },
  { title: "Links" },
);
export type AepLinks = Static<typeof AepLinks>;
export const AepPage = Type.Object(
  {
    orderBy: Type.Optional(text),
    start: Type.Optional(Type.Integer()),
    limit: Type.Integer(),
    count: Type.Integer({ description: "Items in this answer." }),
    next: Type.Optional(Type.Union([Type.Integer(), Type.Null()], { description: "`start` of the next page; null: this is the last." })),
    properties: Type.Optional(list(text)),
  },
  { title: "Page" },
);
export type AepPage = Static<typeof AepPage>;

const audited = { createdBy: text, createdAt: timeMs, modifiedBy: text, modifiedAt: timeMs };
const roleType = Type.Unsafe<"user-defined" | "system-defined">({ type: "string", enum: ["user-defined", "system-defined"] });
export const AepRole = Type.Object(
  {
    id,
    recordType: Type.Literal("role"),
    imsOrgID: text,
    imsOrgId: text,
    name: text,
    description: nullableText,
    roleType,
    permissionSets: list(text),
    sandboxes: list(text),
    subjectAttributes: Type.Object({ labels: list(text) }),
    ...audited,
    etag: nullableText,
  },
  { title: "Role" },
);
export type AepRole = Static<typeof AepRole>;
export const AepRolePage = Type.Object(
  { items: list(AepRole), roles: list(AepRole), _page: AepPage, _links: AepLinks },
  { title: "RolePage", description: "`roles` is the same list as `items`." },
);

const attributes = Type.Object({ labels: Type.Optional(list(text)) }, { description: "`labels`: such as `core/S1` and `custom/Mine`." });
export const AepNewRole = Type.Object(
  {
    name: text,
    description: Type.Optional(nullableText),
    roleType: Type.Optional(roleType),
    permissionSets: Type.Optional(list(text)),
    sandboxes: Type.Optional(list(text)),
    subjectAttributes: Type.Optional(attributes),
  },
  { title: "NewRole" },
);
export type AepNewRole = Static<typeof AepNewRole>;
export const AepRoleBody = Type.Object({ name: text, description: nullableText, roleType }, { title: "RoleBody" });
export type AepRoleBody = Static<typeof AepRoleBody>;

const Operation = Type.Object(
  {
    op: Type.Unsafe<"add" | "replace" | "remove">({ type: "string", enum: ["add", "replace", "remove"] }),
    path: Type.String({ description: "A JSON Pointer." }),
    value: Type.Optional(Type.Unknown()),
  },
  { title: "Operation" },
);
export type AepOperation = Static<typeof Operation>;
export const AepPatch = Type.Union([Operation, Type.Array(Operation), Type.Object({ operations: Type.Array(Operation) })], {
  title: "Patch",
  description: "One operation, a list of them, or an object that has the list. All of them are done, or none.",
});
export type AepPatch = Static<typeof AepPatch>;

const Subject = Type.Object({ roleId: text, subjectType: text, subjectId: text }, { title: "Subject" });
export type AepSubject = Static<typeof Subject>;
export const AepSubjectPage = Type.Object({ items: list(Subject), _page: AepPage, _links: AepLinks }, { title: "SubjectPage" });
export const AepSubjects = Type.Object({ subjects: list(Subject), _page: AepPage, _links: AepLinks }, { title: "Subjects" });

const RuleAnswer = Type.Object(
  {
    effect: Type.Unsafe<"Permit" | "Deny" | "Indeterminate">({ type: "string", enum: ["Permit", "Deny", "Indeterminate"] }),
    resource: text,
    condition: Type.Optional(nullableText),
    actions: list(text),
  },
  { title: "Rule" },
);
export type AepRule = Static<typeof RuleAnswer>;
const PolicyMembers = {
  id,
  recordType: Type.Literal("policy"),
  imsOrgId: text,
  imsOrgID: text,
  ...audited,
  name: text,
  description: nullableText,
  status: Type.Unsafe<"active" | "inactive">({ type: "string", enum: ["active", "inactive"] }),
  subjectCondition: nullableText,
  rules: list(RuleAnswer),
  parameters: Type.Object({ sandboxes: list(text), autoInclude: Type.Boolean() }),
  isDefault: Type.Boolean(),
  _etag: nullableText,
  etag: nullableText,
};
export const AepPolicy = Type.Object(PolicyMembers, { title: "Policy" });
export type AepPolicy = Static<typeof AepPolicy>;
export const AepPolicyFound = Type.Object(
  { ...PolicyMembers, policies: list(AepPolicy), items: list(AepPolicy) },
  { title: "PolicyFound", description: "The policy, and lists of it alone: documents show either." },
);
export const AepPolicyPage = Type.Object(
  { items: list(AepPolicy), policies: list(AepPolicy), _page: AepPage, _links: AepLinks },
  { title: "PolicyPage", description: "`policies` is the same list as `items`." },
);

const RuleBody = Type.Object(
  {
    effect: Type.String({ description: "Permit, Deny or Indeterminate, in any case." }),
    resource: Type.String({ description: "`/orgs/{ORG}/sandboxes/{name or *}/…`, the leading slash or not." }),
    condition: Type.Optional(Type.Union([text, Type.Null()], { description: "JSON Logic as a text." })),
    actions: list(text),
  },
  { title: "RuleBody" },
);
export type AepRuleBody = Static<typeof RuleBody>;
const ofPolicy = {
  id: Type.Optional(text),
  imsOrgId: Type.Optional(text),
  imsOrgID: Type.Optional(text),
  name: text,
  description: Type.Optional(nullableText),
  status: Type.Optional(Type.Unsafe<"active" | "inactive">({ type: "string", enum: ["active", "inactive"] })),
  subjectCondition: Type.Optional(nullableText),
  parameters: Type.Optional(Type.Object({ sandboxes: Type.Optional(list(text)), autoInclude: Type.Optional(Type.Boolean()) })),
};
export const AepPolicyBody = Type.Object(
  {
    ...ofPolicy,
    rules: Type.Array(RuleBody, { description: "One rule alone, or `{}` for none, is taken too." }),
  },
  { title: "PolicyBody" },
);
export type AepPolicyBody = Static<typeof AepPolicyBody>;

export const AepProducts = Type.Object({ products: list(Type.Object({ id: text, name: text, serviceCode: text })) }, { title: "Products" });
export type AepProducts = Static<typeof AepProducts>;
export const AepCategories = Type.Object({ categories: list(Type.Object({ name: text })) }, { title: "Categories" });
export type AepCategories = Static<typeof AepCategories>;
export const AepPermissionSets = Type.Object(
  {
    "permission-sets": list(
      Type.Object({
        id: text,
        name: text,
        category: text,
        permissions: list(Type.Object({ resource: text, actions: list(text) })),
      }),
    ),
  },
  { title: "PermissionSets" },
);
export type AepPermissionSets = Static<typeof AepPermissionSets>;

export const AepGatewayError = Type.Object(
  { error_code: Type.String({ description: "Six digits, of which three are the status." }), message: text },
  { title: "GatewayError", description: "Who asks is not known, or not of the organization." },
);
export type AepGatewayError = Static<typeof AepGatewayError>;
export const AepError = Type.Object(
  {
    type: text,
    status: Type.Integer(),
    title: text,
    detail: text,
    errors: Type.Optional(
      list(Type.Object({ code: text, pointer: text, detail: text, allowed: Type.Optional(list(text)) }), {
        description: "What is wrong with the body, each with its place.",
      }),
    ),
    requestId: text,
  },
  { title: "Error" },
);
export type AepError = Static<typeof AepError>;
