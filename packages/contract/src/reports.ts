/**
 * The wire of reports: who has access to what, who is in a group, which roles hold something, what somebody may do and by which role.
 *
 * As JSON in pages, as CSV whole. Everything in them is what check, held and effective permissions answer.
 */
import type { PrincipalType } from "@reeve/core";
import { type TSchema, Type } from "typebox";

const text = Type.String();
const name = Type.Optional(Type.String({ description: "Where the principal has one." }));
const page = <T extends TSchema>(item: T, title: string) =>
  Type.Object(
    { items: Type.Array(item), next: Type.Optional(Type.String()) },
    { title, description: "A page may hold fewer than were asked for and still have a next one." },
  );

export const AccessReport = page(
  Type.Object({
    id: text,
    name,
    access: Type.Array(
      Type.Object({
        path: Type.String({ description: "A resource, or the collection that stands for a type." }),
        actions: Type.Array(text),
      }),
      { description: "By path, those where there is an action." },
    ),
  }),
  "AccessReport",
);
export const GroupMembersReport = page(
  Type.Object({
    id: text,
    type: Type.Unsafe<PrincipalType>({ type: "string", enum: ["user", "group", "service-account"] }),
    name,
    active: Type.Boolean(),
    direct: Type.Boolean({ description: "In the group itself, whether or not through another one too." }),
    through: Type.Array(text, { description: "The groups that the principal is in itself and by which it is in this one." }),
  }),
  "GroupMembersReport",
);
export const RolesReport = page(
  Type.Object({
    id: text,
    name: text,
    product: text,
    description: Type.Optional(text),
    labels: Type.Array(text),
    sandboxes: Type.Array(text),
    created: Type.Optional(Type.Integer({ description: "Epoch milliseconds." })),
    createdBy: Type.Optional(Type.String({ description: "The id of who made it." })),
    modified: Type.Optional(Type.Integer({ description: "Epoch milliseconds." })),
  }),
  "RolesReport",
);
export const PermissionsReport = page(
  Type.Object({
    path: Type.String({ description: "A registered resource, or a collection." }),
    type: text,
    actions: Type.Array(
      Type.Object({
        name: text,
        source: Type.String({ description: "role, access, admin or policy." }),
        roles: Type.Array(text, { description: "Every role that gives it, where the source is a role." }),
      }),
    ),
  }),
  "PermissionsReport",
);
