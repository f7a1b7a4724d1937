/**
 * The nouns of the model as plain data: what an organization consists of.
 *
 * A *record* is one object of one organization: its kind and its value. A snapshot is a bag of records; their order means
 * nothing. A *key* names a record among those of its kind. Everything here is immutable data without behaviour; parsers
 * (`parse.ts`) make it from JSON, the engine compiles it. Access types are written as bits: `R`, `RX`, `RW`, `RWX`.
 * Resources and scopes are written as canonical paths (`path.ts`); times are epoch milliseconds.
 */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };
/** JSON Logic over the operators of the model's §9. */
export type Condition = Json;

/** Inclusive start and exclusive end, epoch milliseconds. Outside it the record does not count. */
export type Validity = { readonly notBefore?: number; readonly notAfter?: number };

export type PrincipalType = "user" | "group" | "service-account";

/** Singleton. `tenantIds` are the ids under which APIs know this organization. */
export type Organization = { readonly name: string; readonly tenantIds: readonly string[] };
export type Principal = {
  readonly id: string;
  readonly type: PrincipalType;
  readonly name?: string;
  readonly active: boolean;
  readonly properties?: JsonObject;
};
export type Membership = Validity & { readonly group: string; readonly member: string };

/** Bits that must be held, united over every grant and ownership that reaches. */
export type Bits = "R" | "W" | "X" | "RW" | "RX" | "RWX" | "O";
export type Way = Bits | { readonly bits: Bits; readonly when: Readonly<Record<string, boolean>> };
export type ResourceType = {
  readonly parents?: readonly string[];
  readonly open?: true;
  readonly uniqueIds?: true;
  readonly owner?: "self" | "subtree";
  readonly actions: Readonly<Record<string, readonly Way[]>>;
};
export type Alternative = ({ readonly roles: readonly string[] } | { readonly permission: string } | { readonly anyRole: true }) & {
  readonly when?: Condition;
  readonly product?: string;
};
export type LabelInheritance = {
  readonly parents: readonly (readonly [child: string, parent: string])[];
  readonly links: readonly { readonly kind: string; readonly from: string; readonly to: string }[];
};
/** A product without its parts: permission sets, roles, policies and operations are records of their own. */
export type Product = {
  readonly id: string;
  readonly name?: string;
  readonly boundedBy: "sandboxes" | "scopes" | "none";
  readonly adminMayAll?: true;
  readonly settings: Readonly<Record<string, { readonly title: string; readonly default: boolean }>>;
  readonly types: Readonly<Record<string, ResourceType>>;
  readonly readDefault?: readonly Alternative[];
  readonly prerequisite?: { readonly action: string; readonly of: string };
  readonly trailingSlashIsNone?: true;
  readonly ignoredOverrideHeaders?: readonly string[];
  readonly labelInheritance?: LabelInheritance;
  /** Where an organization has the product: sandboxes that are always there, and how many there may be. Names are of `a-z`, `0-9`, `-`. */
  readonly sandboxes?: { readonly always: readonly string[]; readonly max: number };
  /** Where an organization has the product: labels are never deleted, and those that begin with `core/` come with catalogues alone. */
  readonly labelsStay?: true;
};
export type PermissionSet = {
  readonly product: string;
  readonly id: string;
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly category?: string;
  readonly organizationLevel?: true;
  readonly scopeTypes?: readonly string[];
  readonly pairs: readonly { readonly type: string; readonly actions: readonly string[] }[];
};
/** A permission set in a role; `scope` only in products bounded by scopes. Absent: the organization. Empty: nowhere. */
export type RoleSet = { readonly set: string; readonly scope?: readonly string[] };
export type Role = {
  readonly product: string;
  readonly id: string;
  readonly name: string;
  /** Shown, never decided on. */
  readonly description?: string;
  readonly aliases?: readonly string[];
  readonly type: "system-defined" | "user-defined";
  readonly builtIn?: true;
  /** Only in products bounded by sandboxes: ids of sandboxes. Absent and empty: nowhere. */
  readonly sandboxes?: readonly string[];
  readonly labels?: readonly string[];
  readonly sets: readonly RoleSet[];
};
export type Assignment = Validity & { readonly role: string; readonly principal: string };
/** `category` and `description` are shown, never decided on. */
export type Label = { readonly id: string; readonly name?: string; readonly category?: string; readonly description?: string };
/** An operation of the document of a version: matched below the version's base path. */
export type DocumentOperation = { readonly method: string; readonly path: string; readonly alternatives?: readonly Alternative[] };
/** A registered resource. `basePath` and `document` only where the type declares the action `call`. */
export type Resource = {
  readonly path: string;
  readonly name?: string;
  readonly owner?: string;
  readonly state?: string;
  readonly labels?: readonly string[];
  readonly properties?: JsonObject;
  readonly basePath?: string;
  readonly document?: readonly DocumentOperation[];
};
export type Link = { readonly from: string; readonly linkKind: string; readonly to: string };
export type AccessType = "R" | "RX" | "RW" | "RWX";
export const REACHES = ["self", "subtree", "children"] as const;
export type Reach = (typeof REACHES)[number];
/** One slot for `self` or `subtree` and one for `children` per principal and resource. */
export type Grant = Validity & {
  readonly principal: string;
  readonly resource: string;
  readonly access: AccessType;
  readonly reach: Reach;
  readonly givenBy?: string;
  readonly givenAt?: number;
};
/**
 * A resource that was deleted for a while, with all that it and what lay below it had: not registered, and back with everything when it is
 * restored. Without an owner where he is gone.
 */
export type Binned = {
  readonly id: string;
  readonly path: string;
  readonly deletedAt: number;
  readonly deletedBy?: string;
  /** The id of what it lay in, where that was deleted after it: it belongs to that, and not to what is made there. */
  readonly within?: string;
  readonly resources: readonly Resource[];
  readonly grants: readonly Grant[];
  /** Of which one end at least lies there. */
  readonly links: readonly Link[];
};
export type PolicyRule = {
  readonly effect: "permit" | "deny" | "indeterminate";
  readonly resource: string;
  readonly condition?: Condition;
  readonly actions: readonly string[];
};
export type Policy = {
  readonly id: string;
  readonly name: string;
  /** Shown, never decided on. */
  readonly description?: string;
  readonly product?: string;
  readonly builtIn?: true;
  readonly status: "active" | "inactive";
  /** `all`: every sandbox, now and later (auto-include). A list: ids of sandboxes. */
  readonly sandboxes: "all" | readonly string[];
  readonly subjectCondition?: Condition;
  readonly rules: readonly PolicyRule[];
  /** As a foreign surface wrote it, in its words: shown there while it says what the rest says, never decided on. */
  readonly written?: JsonObject;
};
export type Setting = { readonly product: string; readonly name: string; readonly value: boolean };
/** `names`: the published name first. `target`: a resource path holding the template's parameters, `/` the organization. */
export type Operation = {
  readonly product: string;
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly names: readonly string[];
  readonly target: string;
  readonly alternatives?: readonly Alternative[];
  readonly also?: readonly { readonly name: string; readonly type: string; readonly from?: string }[];
  readonly organizationParameter?: string;
  readonly filter?: { readonly type: string; readonly action: string };
  /** Shown, never decided on. */
  readonly tag?: string;
  readonly summary?: string;
  readonly note?: string;
  readonly orphan?: true;
  readonly source?: string;
};
/** The organization's own rule of an operation, in place of the published one. */
export type OperationRule = { readonly product: string; readonly operation: string; readonly alternatives: readonly Alternative[] };
export type ProductAdministrator = { readonly product: string; readonly principal: string };
export type DeveloperAccess = { readonly role: string; readonly principal: string };
export type DeveloperProject = {
  readonly id: string;
  readonly name: string;
  readonly product: string;
  readonly roles: readonly string[];
  readonly serviceAccount: string;
};

/** Kind → value. The one list of what an organization can hold. */
export type Nouns = {
  organization: Organization;
  product: Product;
  "permission-set": PermissionSet;
  label: Label;
  principal: Principal;
  membership: Membership;
  resource: Resource;
  link: Link;
  role: Role;
  assignment: Assignment;
  grant: Grant;
  policy: Policy;
  setting: Setting;
  operation: Operation;
  "operation-rule": OperationRule;
  "product-administrator": ProductAdministrator;
  "developer-access": DeveloperAccess;
  "developer-project": DeveloperProject;
  binned: Binned;
};
export type Kind = keyof Nouns;
export type RecordOf<K extends Kind> = { readonly kind: K; readonly value: Nouns[K] };
/** One object of one organization. */
export type Rec = { [K in Kind]: RecordOf<K> }[Kind];

/** Members that name a record among those of its kind, in order. */
export const KEY_MEMBERS = {
  organization: [],
  product: ["id"],
  "permission-set": ["id"],
  label: ["id"],
  principal: ["id"],
  membership: ["group", "member"],
  resource: ["path"],
  link: ["from", "linkKind", "to"],
  role: ["id"],
  assignment: ["role", "principal"],
  grant: ["principal", "resource", "reach"],
  policy: ["id"],
  setting: ["product", "name"],
  operation: ["product", "id"],
  "operation-rule": ["product", "operation"],
  "product-administrator": ["product", "principal"],
  "developer-access": ["role", "principal"],
  "developer-project": ["id"],
  binned: ["id"],
} as const satisfies { [K in Kind]: readonly (keyof Nouns[K])[] };

/** A record's natural key: the values of `KEY_MEMBERS`, in their order. */
export type Key = readonly string[];
export type Change = { readonly put: Rec } | { readonly delete: { readonly kind: Kind; readonly key: Key } };

/** Every active user and service account, implicitly. */
export const MEMBERS = "members";
/** Organization administrators: direct members and those of groups within it. */
export const ADMINS = "admins";
/** Groups of every organization, without a record. */
export const SYSTEM_GROUPS: readonly string[] = [MEMBERS, ADMINS];
/** Reeve's own administration: no policy matches it. */
export const REEVE_PRODUCT = "reeve";
export const SANDBOXES = "sandboxes";
export const ORGANIZATION_TYPE = "organization";
