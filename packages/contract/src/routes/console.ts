/** The developer console: offered roles and developer projects. */
import { Type } from "typebox";
import { ActivityPage } from "../audit.ts";
import { OfferedRolePage, ProjectAnswer, ProjectChange, ProjectPage, ProjectRequest } from "../console.ts";
import { IF_MATCH, REASON, WRITE_PROBLEMS } from "../objects.ts";
import { json, PAGING, type Route } from "../route.ts";

const tag = "Developer console";
const PROJECTS = "/v1/orgs/{org}/console/projects";
const read = { method: "GET", tag, needs: "read", byOffice: true } as const;
const write = { tag, needs: "admin", byOffice: true, revision: "written" } as const;

export const CONSOLE_ROUTES = {
  listOfferedRoles: {
    ...read,
    id: "listOfferedRoles",
    path: "/v1/orgs/{org}/console/roles",
    summary: "The roles that the caller may give to a developer project; others are not listed.",
    query: { product: Type.String({ description: "Only of this product." }), ...PAGING },
    answer: json(OfferedRolePage),
    problems: ["organization_not_found"],
  },
  listProjects: {
    ...read,
    id: "listProjects",
    path: PROJECTS,
    summary: "Developer projects, and which of them the caller may change.",
    query: PAGING,
    answer: json(ProjectPage),
    problems: ["organization_not_found"],
  },
  getProject: {
    ...read,
    id: "getProject",
    path: `${PROJECTS}/{id}`,
    summary: "Read a developer project.",
    answer: json(ProjectAnswer),
    tells: ["ETag"],
    problems: ["organization_not_found", "object_not_found"],
  },
  listActivity: {
    id: "listActivity",
    method: "GET",
    path: "/v1/orgs/{org}/console/activity",
    summary: "What was done to developer projects and their credentials, newest first; as CSV all of it.",
    tag,
    needs: "read",
    query: PAGING,
    answer: { status: 200, types: { "application/json": ActivityPage, "text/csv": Type.String() } },
    problems: ["organization_not_found", "not_acceptable"],
  },
  createProject: {
    ...write,
    id: "createProject",
    method: "POST",
    path: PROJECTS,
    summary: "Make a developer project, with a service account of its own that has its roles.",
    body: ProjectRequest,
    headers: REASON,
    answer: json(ProjectAnswer, 201),
    tells: ["ETag", "Location"],
    problems: WRITE_PROBLEMS,
  },
  putProject: {
    ...write,
    id: "putProject",
    method: "PUT",
    path: `${PROJECTS}/{id}`,
    summary: "Change a developer project's name and roles, and with these what its service account has.",
    body: ProjectChange,
    headers: { ...IF_MATCH, ...REASON },
    answer: json(ProjectAnswer),
    tells: ["ETag"],
    problems: [...WRITE_PROBLEMS, "object_not_found", "object_changed"],
  },
  deleteProject: {
    ...write,
    id: "deleteProject",
    method: "DELETE",
    path: `${PROJECTS}/{id}`,
    summary: "End a developer project and its service account, for good; its secrets must have been deleted before.",
    headers: { ...IF_MATCH, ...REASON },
    answer: { status: 204, types: {} },
    problems: [...WRITE_PROBLEMS, "object_not_found", "object_changed", "project_has_secrets"],
  },
} as const satisfies Record<string, Route>;
