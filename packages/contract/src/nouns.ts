/**
 * Schemas of everything that an organization holds, as clients write it and read it.
 *
 * They describe, for documents and clients; what is taken is judged by core's parsers alone, which name every fault. A member that is
 * absent says nothing: no default is filled into an answer but those that the parsers fill.
 * Invariant: a record that core's parsers gave fits its schema.
 */
import { type Kind, LIMITS, REACHES } from "@reeve/core";
import { type TSchema, Type } from "typebox";

const id = Type.String({ minLength: 1, maxLength: LIMITS.idCharactersMax });
const name = Type.String({ minLength: 1, maxLength: LIMITS.nameCharactersMax });
const description = Type.Optional(Type.String({ maxLength: LIMITS.textCharactersMax, description: "Shown, never decided on." }));
const path = Type.String({ minLength: 1, maxLength: LIMITS.pathCharactersMax, description: "A resource path; `/` is the organization." });
const time = Type.Integer({ minimum: 0, maximum: LIMITS.timeMsMax, description: "Epoch milliseconds." });
const aliases = Type.Optional(Type.Array(name, { maxItems: LIMITS.aliasesMax }));
const labels = Type.Optional(Type.Array(id, { maxItems: LIMITS.labelsMax }));
const properties = Type.Optional(Type.Record(Type.String(), Type.Unknown()));
const condition = Type.Unknown({ description: "JSON Logic." });
const actions = Type.Array(Type.String(), { maxItems: LIMITS.actionsMax });
const isTrue = Type.Optional(Type.Literal(true));
const window = {
  notBefore: Type.Optional({ ...time, description: "It counts from here on: epoch milliseconds, inclusive." }),
  notAfter: Type.Optional({ ...time, description: "It counts until here: epoch milliseconds, exclusive." }),
};
const object = <P extends Record<string, TSchema>>(title: string, members: P) =>
  Type.Object(members, { title, additionalProperties: false });
const one = (...values: readonly string[]) => Type.Union(values.map((value) => Type.Literal(value)));

const Alternative = Type.Object(
  {
    roles: Type.Optional(Type.Array(id)),
    permission: Type.Optional(id),
    anyRole: isTrue,
    when: Type.Optional(condition),
    product: Type.Optional(id),
  },
  { title: "Alternative", additionalProperties: false, description: "Exactly one of `roles`, `permission` and `anyRole`." },
);
const alternatives = Type.Array(Alternative, { maxItems: LIMITS.alternativesMax });
const Way = Type.Union([
  one("R", "W", "X", "RW", "RX", "RWX", "O"),
  Type.Object({ bits: Type.String(), when: Type.Record(Type.String(), Type.Boolean()) }, { additionalProperties: false }),
]);
const ResourceType = object("ResourceType", {
  parents: Type.Optional(Type.Array(Type.String())),
  open: isTrue,
  uniqueIds: isTrue,
  owner: Type.Optional(one("self", "subtree")),
  actions: Type.Record(Type.String(), Type.Array(Way, { maxItems: LIMITS.waysMax })),
});
const LabelInheritance = object("LabelInheritance", {
  parents: Type.Array(Type.Array(Type.String(), { minItems: 2, maxItems: 2 })),
  links: Type.Array(Type.Object({ kind: id, from: Type.String(), to: Type.String() }, { additionalProperties: false })),
});

/** By kind: the schema of a value. */
export const NOUNS = {
  organization: object("Organization", { name, tenantIds: Type.Array(id, { maxItems: LIMITS.tenantIdsMax }) }),
  product: object("Product", {
    id,
    name: Type.Optional(name),
    boundedBy: one("sandboxes", "scopes", "none"),
    adminMayAll: isTrue,
    settings: Type.Record(Type.String(), Type.Object({ title: Type.String(), default: Type.Boolean() }, { additionalProperties: false })),
    types: Type.Record(Type.String(), ResourceType),
    readDefault: Type.Optional(alternatives),
    prerequisite: Type.Optional(Type.Object({ action: Type.String(), of: Type.String() }, { additionalProperties: false })),
    trailingSlashIsNone: isTrue,
    ignoredOverrideHeaders: Type.Optional(Type.Array(Type.String())),
    labelInheritance: Type.Optional(LabelInheritance),
    sandboxes: Type.Optional(
      Type.Object(
        { always: Type.Array(id), max: Type.Integer({ minimum: 1, maximum: LIMITS.sandboxesMax }) },
        {
          additionalProperties: false,
          description: "Where an organization has the product: which are always there, how many there may be.",
        },
      ),
    ),
    labelsStay: isTrue,
  }),
  "permission-set": object("PermissionSet", {
    product: id,
    id,
    name,
    aliases,
    category: Type.Optional(name),
    organizationLevel: isTrue,
    scopeTypes: Type.Optional(Type.Array(Type.String())),
    pairs: Type.Array(Type.Object({ type: Type.String(), actions }, { additionalProperties: false })),
  }),
  label: object("Label", { id, name: Type.Optional(name), category: Type.Optional(name), description }),
  principal: object("Principal", {
    id,
    type: one("user", "group", "service-account"),
    name: Type.Optional(name),
    active: Type.Boolean({ default: true }),
    properties,
  }),
  membership: object("Membership", { group: id, member: id, ...window }),
  resource: object("ResourceRecord", {
    path,
    name: Type.Optional(name),
    owner: Type.Optional(id),
    state: Type.Optional(name),
    labels,
    properties,
    basePath: Type.Optional(Type.String()),
    document: Type.Optional(
      Type.Array(
        Type.Object(
          { method: Type.String(), path: Type.String(), alternatives: Type.Optional(alternatives) },
          { additionalProperties: false },
        ),
        { maxItems: LIMITS.documentOperationsMax },
      ),
    ),
  }),
  link: object("Link", { from: path, linkKind: id, to: path }),
  role: object("Role", {
    product: id,
    id,
    name,
    description,
    aliases,
    type: one("system-defined", "user-defined"),
    builtIn: isTrue,
    sandboxes: Type.Optional(Type.Array(id, { maxItems: LIMITS.sandboxesMax })),
    labels,
    sets: Type.Array(
      Type.Object(
        { set: id, scope: Type.Optional(Type.Array(path, { maxItems: LIMITS.scopeItemsMax, description: "Absent: the organization." })) },
        { additionalProperties: false },
      ),
      { maxItems: LIMITS.roleSetsMax },
    ),
  }),
  assignment: object("Assignment", { role: id, principal: id, ...window }),
  grant: object("Grant", {
    principal: id,
    resource: path,
    access: one("R", "RX", "RW", "RWX"),
    reach: one(...REACHES),
    ...window,
    givenBy: Type.Optional(id),
    givenAt: Type.Optional(time),
  }),
  policy: object("Policy", {
    id,
    name,
    description,
    product: Type.Optional(id),
    builtIn: isTrue,
    status: one("active", "inactive"),
    sandboxes: Type.Union([Type.Literal("all"), Type.Array(id, { maxItems: LIMITS.sandboxesMax })]),
    subjectCondition: Type.Optional(condition),
    rules: Type.Array(
      Type.Object(
        {
          effect: one("permit", "deny", "indeterminate"),
          resource: Type.String({ description: "A pattern: `*` stands for any one part, as the last one for one or more." }),
          condition: Type.Optional(condition),
          actions,
        },
        { additionalProperties: false },
      ),
      { maxItems: LIMITS.rulesMax },
    ),
    written: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "As a foreign surface wrote it: shown there while it says what the rest says, never decided on.",
      }),
    ),
  }),
  setting: object("Setting", { product: id, name: id, value: Type.Boolean() }),
  operation: object("Operation", {
    product: id,
    id,
    method: Type.String(),
    path: Type.String({ description: "A path template." }),
    names: Type.Array(name),
    target: Type.String({ description: "A resource path that holds the template's parameters; `/` is the organization." }),
    alternatives: Type.Optional(alternatives),
    also: Type.Optional(
      Type.Array(
        Type.Object({ name: Type.String(), type: Type.String(), from: Type.Optional(Type.String()) }, { additionalProperties: false }),
        { maxItems: LIMITS.furtherTargetsMax },
      ),
    ),
    organizationParameter: Type.Optional(Type.String()),
    filter: Type.Optional(Type.Object({ type: Type.String(), action: Type.String() }, { additionalProperties: false })),
    tag: Type.Optional(Type.String()),
    summary: Type.Optional(Type.String()),
    note: Type.Optional(Type.String()),
    orphan: isTrue,
    source: Type.Optional(Type.String()),
  }),
  "operation-rule": object("OperationRule", { product: id, operation: id, alternatives }),
  "product-administrator": object("ProductAdministrator", { product: id, principal: id }),
  "developer-access": object("DeveloperAccess", { role: id, principal: id }),
  "developer-project": object("DeveloperProject", { id, name, product: id, roles: Type.Array(id), serviceAccount: id }),
  binned: object("Binned", {
    id,
    path: Type.String({ description: "Of what was deleted for a while." }),
    deletedAt: Type.Integer({ description: "Epoch milliseconds." }),
    deletedBy: Type.Optional(id),
    within: Type.Optional(
      Type.String({ description: "The id of what it lay in, where that was deleted after it: it comes back after that." }),
    ),
    resources: Type.Array(Type.Unknown(), { maxItems: LIMITS.binnedMax, description: "It and what lay below it: as resources." }),
    grants: Type.Array(Type.Unknown(), { maxItems: LIMITS.binnedMax, description: "As grants." }),
    links: Type.Array(Type.Unknown(), { maxItems: LIMITS.binnedMax, description: "As links." }),
  }),
} as const satisfies Record<Kind, TSchema>;
