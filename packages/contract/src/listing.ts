/**
 * Questions beyond the single check: lists of what check allows, what is held, and effective permissions.
 *
 * Bodies in the words of `questions.ts`. Every list is complete, sorted by bytes and comes in pages: `next` of one page is the `cursor`
 * of the next, with the same question.
 */
import { LIMITS, type PrincipalType } from "@reeve/core";
import { type TSchema, Type } from "typebox";
import { Action, OperationCheckRequest, REVISION, Resource, Subject } from "./questions.ts";
import { ENTRIES_MAX, PAGE_USUAL } from "./route.ts";

const name = Type.String({ minLength: 1, maxLength: LIMITS.textCharactersMax });
const path = Type.String({ maxLength: 2 * LIMITS.pathCharactersMax });
const context = Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: "Values that conditions read." }));
const atLeast = Type.Optional(Type.String({ maxLength: 256, pattern: REVISION, description: "Answer at this revision or a later one." }));
const paging = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: ENTRIES_MAX, description: `Entries a page; ${PAGE_USUAL} where nothing is said.` }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 8_192, description: "`next` of the page before." })),
};
const question = <P extends Record<string, TSchema>>(title: string, members: P) =>
  Type.Object({ ...members, context, atLeast, ...paging }, { title });
const answer = (title: string, entry: TSchema) =>
  Type.Object(
    { revision: Type.String(), entries: Type.Array(entry), next: Type.Optional(Type.String({ description: "Absent on the last page." })) },
    { title },
  );

export const ListResourcesRequest = question("ListResourcesRequest", {
  subject: Subject,
  action: Action,
  type: Type.String({ minLength: 1, maxLength: LIMITS.textCharactersMax, description: "Registered resources of this type." }),
  product: Type.Optional(
    Type.String({ minLength: 1, maxLength: LIMITS.textCharactersMax, description: "Where two products have the type." }),
  ),
  below: Type.Optional(path),
});
export const ListPrincipalsRequest = question("ListPrincipalsRequest", {
  type: Type.Unsafe<PrincipalType>({
    type: "string",
    enum: ["user", "group", "service-account"],
    description: "Active principals of this kind.",
  }),
  action: Type.Optional(Action),
  resource: Type.Optional(Resource),
  operation: Type.Optional(
    Type.Omit(OperationCheckRequest, ["subject", "atLeast", "context"], { description: "In place of action and resource." }),
  ),
});
export const ListActionsRequest = question("ListActionsRequest", { subject: Subject, resource: Resource });
export const ListRolesRequest = Type.Object(
  {
    product: Type.Optional(name),
    type: Type.Optional(name),
    action: Type.Optional(name),
    label: Type.Optional(name),
    sandbox: Type.Optional(name),
    atLeast,
    ...paging,
  },
  { title: "ListRolesRequest", description: "Roles by what they hold; every given member must fit." },
);
export const ListAnswer = answer(
  "ListAnswer",
  Type.Object({
    id: Type.String({ description: "A path, an id or a name." }),
    when: Type.Optional(
      Type.Array(Type.Unknown(), { description: "It hangs on attributes: allowed where one of these conditions is true." }),
    ),
  }),
);

export const HeldRequest = Type.Object(
  { subject: Subject, place: path, product: Type.Optional(name), atLeast },
  { title: "HeldRequest", description: "Permission sets that the subject's roles give at a place: a sandbox, an item of a scope, or `/`." },
);
export const HeldAnswer = Type.Object(
  {
    revision: Type.String(),
    entries: Type.Array(
      Type.Object({
        set: Type.String(),
        roles: Type.Array(Type.String()),
        pairs: Type.Array(Type.Object({ type: Type.String(), actions: Type.Array(Type.String()) })),
      }),
    ),
  },
  { title: "HeldAnswer" },
);

export const EffectiveRequest = question("EffectiveRequest", { subject: Subject, below: Type.Optional(path) });
export const EffectiveAnswer = answer(
  "EffectiveAnswer",
  Type.Object({
    path: Type.String(),
    actions: Type.Array(Type.Object({ name: Type.String(), source: Type.String({ description: "role, access, admin or policy." }) })),
  }),
);
