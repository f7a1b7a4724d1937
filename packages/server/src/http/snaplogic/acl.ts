/**
 * ACL management and projects of the public API: spaces and projects by path, users and groups by their names.
 *
 * The space `apim` and what lies in it is read here and changed in Reeve's own API alone (D-23). Source: the sheet's §3.2, D-24, D-37.
 */
import {
  type AclRequest,
  AclRequest as AclSchema,
  type NewProjectRequest,
  PROBLEMS,
  type ProblemCode,
  NewProjectRequest as ProjectSchema,
  type TaskOwnerRequest,
  TaskOwnerRequest as TaskOwnerSchema,
} from "@reeve/contract";
import { type Fault, findRecord, formatPath, type Plan } from "@reeve/core";
import type { FastifyRequest } from "fastify";
import { type Access, type Assets, accessOf, reachesOf } from "../../app/index.ts";
import { askedBy } from "../asked.ts";
import { queryOf } from "../query.ts";
import { validator } from "../validate.ts";
import type { Asking } from "./caller.ts";
import { type Naming, principalNamed, type Subject, shownNames } from "./principals.ts";
import { faulty, NamedRefusal } from "./refusals.ts";

export type AclGround = Naming & { readonly assets: Assets };
type At = Asking & { readonly request: FastifyRequest; readonly parts: readonly string[] };

/** What is answered by a status alone, without a body. */
export const STATUS_ALONE: unique symbol = Symbol("a status alone");

const APIM = "apim";
const ROWS = 500;

const validateAcl = validator<AclRequest>(AclSchema);
const validateOwner = validator<TaskOwnerRequest>(TaskOwnerSchema);
const validateProject = validator<NewProjectRequest>(ProjectSchema);

/** `/{space}`, `/{space}/{project}`, and below `apim` its APIs, proxies and versions. */
function pathOf(plan: Plan, [space, one, other, ...more]: readonly string[]): string {
  const root = { type: "spaces", id: space ?? "" };
  if (space === undefined || space === "" || more.length > 0 || (other !== undefined && space !== APIM))
    throw nowhere([space, one, other, ...more]);
  if (one === undefined) return formatPath([root]);
  if (space !== APIM) return formatPath([root, { type: "projects", id: one }]);
  const api = [root, { type: "apis", id: one }];
  if (other !== undefined) return formatPath([...api, { type: "versions", id: other }]);
  const proxy = formatPath([root, { type: "proxies", id: one }]);
  return findRecord(plan, "resource", [proxy]) === undefined ? formatPath(api) : proxy;
}

const nowhere = (parts: readonly (string | undefined)[]): NamedRefusal =>
  new NamedRefusal(404, `There is nothing at /${parts.filter((part) => part !== undefined).join("/")}.`);

function refuseApim([space]: readonly string[]): void {
  if (space === APIM)
    throw new NamedRefusal(403, "The permissions of /apim cannot be altered through the public API.", "apim_acl_not_public");
}

/** Every entry that reaches the path. One for all versions reads as inherited on these, and does not stand on the API. */
export async function getAcl(ground: AclGround, { parts, ...asking }: At): Promise<object> {
  const path = pathOf(asking.plan, parts);
  const acl: object[] = [];
  for (let after: readonly string[] | undefined; ; ) {
    const page = await ground.assets.permissions({ ...asking, path, max: ROWS, ...(after === undefined ? {} : { after }) });
    if (!page.ok) throw new NamedRefusal(404, "The organization is not there.");
    const rows = page.value.items.filter(({ access, reach, origin }) => access !== "owner" && (reach !== "children" || origin !== "self"));
    const subjects = await shownNames(
      ground,
      asking,
      rows.map(({ principal }) => principal.id),
    );
    for (const [index, { principal, perms, reach }] of rows.entries()) {
      const subject_type = principal.type === "group" ? "GROUP" : "USER";
      acl.push({ subject_type, subject: subjects[index], perms, inherit: reach !== "self" });
    }
    after = page.value.next;
    if (after === undefined) return { success: { acl } };
  }
}

export async function postAcl(ground: AclGround, at: At): Promise<typeof STATUS_ALONE> {
  refuseApim(at.parts);
  const body = bodyIn(validateAcl, at.request);
  const path = pathOf(at.plan, at.parts);
  const principal = await principalNamed(ground, at, { kind: body.grant_type, name: body.grantee });
  const entry = { path, principal, access: accessIn(body.permission_list), appliesToAll: body.inherit === true };
  answered(await ground.assets.alter({ ...writing(at), entries: [entry] }));
  return STATUS_ALONE;
}

/** All that the grantee has there. */
export async function deleteAcl(ground: AclGround, at: At): Promise<typeof STATUS_ALONE> {
  refuseApim(at.parts);
  const { grant_type: kind, grantee } = queryOf(at.request.url, ["grant_type", "grantee"]);
  if ((kind !== "USER" && kind !== "GROUP") || grantee === undefined)
    throw new NamedRefusal(400, "The query says grant_type, USER or GROUP, and grantee.");
  const path = pathOf(at.plan, at.parts);
  const { id } = await principalNamed(ground, at, { kind, name: grantee });
  const reaches = reachesOf(at.plan, { principal: id, path });
  if (reaches.length === 0) answered(await ground.assets.alter({ ...writing(at), entries: [{ path, principal: id }] }));
  answered(await ground.assets.alter({ ...writing(at), entries: reaches.map((reach) => ({ path, principal: id, reach })) }));
  return STATUS_ALONE;
}

/** The organization that a body names, and who is to own the project that the path of a task lies in: all its tasks are its owner's. */
export function ownerAsked(request: FastifyRequest): TaskOwnerRequest & { readonly parts: readonly string[] } {
  const body = bodyIn(validateOwner, request);
  const [before, org = "", space = "", project = "", ...more] = body.project_path.replace(/\/$/, "").split("/");
  const isProject = before === "" && org !== "" && space !== "" && project !== "" && more.length === 0;
  const [first, second, third, task = "", ...rest] = body.asset_path.slice(1).split("/");
  const isWithin = first === org && second === space && third === project && task !== "" && rest.length === 0;
  if (isProject && isWithin && body.asset_path.startsWith("/")) return { ...body, parts: [org, space, project] };
  throw new NamedRefusal(400, "project_path is /organization/space/project/, and asset_path a task in it.");
}

/** Reeve keeps no tasks: the owner of a project is the one that changes. */
export async function postOwner(
  ground: AclGround,
  { asked, ...at }: Omit<At, "parts"> & { readonly asked: ReturnType<typeof ownerAsked> },
): Promise<object> {
  const [, space = "", project = ""] = asked.parts;
  if (space === APIM) throw new NamedRefusal(404, `There is no project ${asked.project_path}.`);
  const path = pathOf(at.plan, [space, project]);
  const { id } = await principalNamed(ground, at, { kind: "USER", name: asked.new_owner });
  answered(await ground.assets.transfer({ ...writing(at), path, owner: id, retain: false }));
  return { success: [asked.asset_path], failed: [] };
}

export async function postProject(ground: AclGround, at: At): Promise<object> {
  refuseApim(at.parts);
  const { permissions = [] } = bodyIn(validateProject, at.request);
  const [space, name] = at.parts;
  if (space === undefined || name === undefined || at.parts.length > 2) throw nowhere(at.parts);
  const path = formatPath([
    { type: "spaces", id: space },
    { type: "projects", id: name },
  ]);
  const subjects = await Promise.all(
    permissions.map(({ subject_type: kind, subject }) => principalNamed(ground, at, { kind, name: subject })),
  );
  const entries = permissions.map(({ perms, inherit }, index) => ({
    path,
    principal: subjects[index] as Subject,
    access: accessIn(perms),
    appliesToAll: inherit === true,
  }));
  answered(await ground.assets.create({ ...writing(at), asset: { path }, entries }));
  const made = await ground.assets.read({ caller: at.caller, organization: at.organization, path });
  const owner = made.ok ? made.value.record.owner : undefined;
  return { name, owner, updated_by: at.caller.principal?.id ?? null, path: `/${[at.organization, ...at.parts].join("/")}` };
}

/** In any order, repeated or not: `R`, `RX`, `RW` or `RWX`. */
function accessIn(perms: readonly string[]): Access {
  const bits = ["R", "W", "X"].filter((bit) => perms.includes(bit)).join("");
  const access = perms.every((bit) => ["R", "W", "X"].includes(bit)) ? accessOf(bits) : undefined;
  if (access !== undefined) return access;
  throw new NamedRefusal(400, "A list of permissions is R, R and X, R and W, or all three.", "invalid_permission_list");
}

export function bodyIn<T>(validate: ReturnType<typeof validator<T>>, { body }: FastifyRequest): T {
  const validated = validate(body);
  if (!validated.ok) throw faulty(validated.error);
  return validated.value;
}

export const writing = ({ caller, organization, request }: Omit<At, "parts" | "plan">) => ({
  caller,
  organization,
  ...askedBy({ caller, request }),
});

export function answered<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: { readonly code: string; readonly faults?: readonly Fault[]; readonly detail?: string } },
): T {
  if (result.ok) return result.value;
  const { code, faults: [fault] = [], detail } = result.error;
  if (code === "changes_refused") throw new NamedRefusal(400, fault?.detail ?? "This does not fit what is there.", code);
  const problem = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code as ProblemCode] : PROBLEMS.internal_error;
  throw new NamedRefusal(problem.status, detail ?? fault?.detail ?? problem.title, code);
}
