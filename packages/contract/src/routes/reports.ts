/** Reports: what a permission manager shows, from the engine's own questions. */
import { type TSchema, Type } from "typebox";
import { AccessReport, GroupMembersReport, PermissionsReport, RolesReport } from "../reports.ts";
import { PAGING, type Route } from "../route.ts";

const REPORTS = "/v1/orgs/{org}/reports";
const text = (description: string) => Type.String({ description });
const texts = (description: string) => Type.Array(Type.String(), { description: `${description} May be given several times.` });
const report = { method: "GET", tag: "Reports", needs: "read", revision: "read", problems: ["not_acceptable"] } as const;
const answer = (items: TSchema): Route["answer"] => ({ status: 200, types: { "application/json": items, "text/csv": Type.String() } });

export const REPORT_ROUTES = {
  reportAccess: {
    ...report,
    id: "reportAccess",
    path: `${REPORTS}/access`,
    summary: "The active users whom check allows actions on a type of resources or on one resource; as CSV all of them.",
    query: {
      type: text("A type at the top or in sandboxes: access to all of it. This or `path`."),
      path: text("A resource, or a collection for all in it."),
      action: texts("Absent: every action of the type."),
      sandbox: texts("Of a type in sandboxes; absent: every sandbox."),
      group: text("Only who is in this group."),
      ...PAGING,
    },
    answer: answer(AccessReport),
  },
  reportGroupMembers: {
    ...report,
    id: "reportGroupMembers",
    path: `${REPORTS}/group-members`,
    summary: "Who is in a group at this moment, directly or through others; as CSV all of them.",
    query: { group: text("Required."), ...PAGING },
    answer: answer(GroupMembersReport),
  },
  reportRolesByLabel: {
    ...report,
    id: "reportRolesByLabel",
    path: `${REPORTS}/roles-by-label`,
    summary: "Roles that have all of the labels, actions and sandboxes that are given; as CSV all of them.",
    query: {
      label: texts("A label of the role."),
      type: text("A type of which the role holds each action, or, where none is given, any."),
      action: texts("An action that the role holds."),
      sandbox: texts("A sandbox of the role."),
      ...PAGING,
    },
    answer: answer(RolesReport),
  },
  reportPermissions: {
    ...report,
    id: "reportPermissions",
    path: `${REPORTS}/permissions`,
    summary: "Effective permissions of a principal, each with the roles that give it; as CSV all of them.",
    query: { user: text("The id of a principal. Required."), sandbox: text("Only in this sandbox."), ...PAGING },
    answer: answer(PermissionsReport),
  },
} as const satisfies Record<string, Route>;
