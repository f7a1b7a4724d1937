/**
 * ACL management and projects of the public API: spaces and projects by path, users and groups by their names.
 *
 * The space `apim` and what lies in it is read here and changed in Reeve's own API alone (D-23). Source: the sheet's §3.2, D-24, D-37.
 */
import { type AclRequest, AclRequest as AclSchema, type NewProjectRequest, NewProjectRequest as ProjectSchema } from "@reeve/contract";
import { ADMINS, findRecord, formatPath, MEMBERS, type Plan } from "@reeve/core";
import type { FastifyRequest } from "fastify";
import type { Assets, Objects } from "../../app/index.ts";
import type { Accounts } from "../../identity/index.ts";
import { askedBy } from "../asked.ts";
import { queryOf } from "../query.ts";
import { validator } from "../validate.ts";
import type { Asking } from "./caller.ts";
import { faulty, NamedRefusal } from "./refusals.ts";

export type AclGround = {
  readonly assets: Assets;
  readonly objects: Pick<Objects, "list">;
  readonly accounts: Pick<Accounts, "principalOf">;
};
type At = Asking & { readonly request: FastifyRequest; readonly parts: readonly string[] };
type Subject = { readonly type: "user" | "service-account" | "group"; readonly id: string };

const APIM = "apim";
const ACCESS = { R: "read_only", RX: "read_execute", RW: "read_write", RWX: "full_access" } as const;
const ROWS = 500;

const validateAcl = validator<AclRequest>(AclSchema);
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
export async function getAcl({ assets }: AclGround, { parts, plan, ...asking }: At): Promise<object> {
  const path = pathOf(plan, parts);
  const acl: object[] = [];
  for (let after: readonly string[] | undefined; ; ) {
    const page = await assets.permissions({ ...asking, path, max: ROWS, ...(after === undefined ? {} : { after }) });
    if (!page.ok) throw new NamedRefusal(404, "The organization is not there.");
    for (const { principal, access, perms, reach, origin } of page.value.items) {
      if (access === "owner" || (reach === "children" && origin === "self")) continue;
      acl.push({ subject_type: principal.type === "group" ? "GROUP" : "USER", subject: principal.id, perms, inherit: reach !== "self" });
    }
    after = page.value.next;
    if (after === undefined) return { success: { acl } };
  }
}

export async function postAcl(ground: AclGround, at: At): Promise<undefined> {
  refuseApim(at.parts);
  const body = bodyIn(validateAcl, at.request);
  const path = pathOf(at.plan, at.parts);
  const principal = await subjectOf(ground, at, { kind: body.grant_type, name: body.grantee });
  const entry = { path, principal, access: accessOf(body.permission_list), appliesToAll: body.inherit === true };
  answered(await ground.assets.alter({ ...writing(at), entries: [entry] }));
  return undefined;
}

/** All that the grantee has there. */
export async function deleteAcl(ground: AclGround, at: At): Promise<undefined> {
  refuseApim(at.parts);
  const { grant_type: kind, grantee } = queryOf(at.request.url, ["grant_type", "grantee"]);
  if ((kind !== "USER" && kind !== "GROUP") || grantee === undefined)
    throw new NamedRefusal(400, "The query says grant_type, USER or GROUP, and grantee.");
  const path = pathOf(at.plan, at.parts);
  const { id } = await subjectOf(ground, at, { kind, name: grantee });
  const reaches = findReaches(at.plan, { principal: id, resource: path });
  if (reaches.length === 0) answered(await ground.assets.alter({ ...writing(at), entries: [{ path, principal: id }] }));
  answered(await ground.assets.alter({ ...writing(at), entries: reaches.map((reach) => ({ path, principal: id, reach })) }));
  return undefined;
}

function findReaches(plan: Plan, { principal, resource }: { readonly principal: string; readonly resource: string }) {
  return (["self", "subtree", "children"] as const).filter(
    (reach) => findRecord(plan, "grant", [principal, resource, reach]) !== undefined,
  );
}

export async function postProject(ground: AclGround, at: At): Promise<object> {
  const { permissions = [] } = bodyIn(validateProject, at.request);
  const [space, name] = at.parts;
  if (space === undefined || name === undefined || at.parts.length > 2) throw nowhere(at.parts);
  const path = formatPath([
    { type: "spaces", id: space },
    { type: "projects", id: name },
  ]);
  const subjects = await Promise.all(permissions.map(({ subject_type: kind, subject }) => subjectOf(ground, at, { kind, name: subject })));
  const entries = permissions.map(({ perms, inherit }, index) => ({
    path,
    principal: subjects[index] as Subject,
    access: accessOf(perms),
    appliesToAll: inherit === true,
  }));
  answered(await ground.assets.create({ ...writing(at), asset: { path } }));
  if (entries.length > 0) answered(await ground.assets.alter({ ...writing(at), entries }));
  const made = await ground.assets.read({ caller: at.caller, organization: at.organization, path });
  const owner = made.ok ? made.value.record.owner : undefined;
  return { name, owner, updated_by: at.caller.principal?.id ?? null, path: `/${[at.organization, ...at.parts].join("/")}` };
}

type Sought = { readonly kind: "USER" | "GROUP"; readonly name: string };

/** A user or service account by its id or its address, a group by its id or its name. */
async function subjectOf({ objects, accounts }: AclGround, { plan, organization }: At, { kind, name }: Sought): Promise<Subject> {
  const wanted = kind === "USER" ? name.trim() : name;
  if (kind === "GROUP" && (wanted === MEMBERS || wanted === ADMINS)) return { type: "group", id: wanted };
  const byAddress =
    kind === "USER" ? await accounts.principalOf({ org: organization, email: wanted }) : await groupNamed(objects, organization, wanted);
  for (const id of [wanted, byAddress]) {
    const rec = id === undefined ? undefined : findRecord(plan, "principal", [id]);
    if (rec?.kind === "principal" && (rec.value.type === "group") === (kind === "GROUP")) return { type: rec.value.type, id: rec.value.id };
  }
  throw new NamedRefusal(400, `The organization has no ${kind === "USER" ? "user" : "group"} ${name}.`, "unknown_principal");
}

async function groupNamed(objects: AclGround["objects"], organization: string, name: string): Promise<string | undefined> {
  const query = { kind: "principal", filter: { type: "group" }, sort: "name", namePrefix: name, max: ROWS } as const;
  const page = await objects.list(organization, query, undefined);
  const values = "code" in page ? [] : page.objects.map(({ rec }) => rec.value as { readonly id: string; readonly name?: string });
  return values.find((one) => one.name === name)?.id;
}

/** In any order, repeated or not: `R`, `RX`, `RW` or `RWX`. */
function accessOf(perms: readonly string[]): (typeof ACCESS)[keyof typeof ACCESS] {
  const bits = ["R", "W", "X"].filter((bit) => perms.includes(bit)).join("");
  const isKnown = perms.every((bit) => ["R", "W", "X"].includes(bit)) && Object.hasOwn(ACCESS, bits);
  if (isKnown) return ACCESS[bits as keyof typeof ACCESS];
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
    | { readonly ok: false; readonly error: { readonly code: string; readonly faults?: readonly { readonly detail: string }[] } },
): T {
  if (result.ok) return result.value;
  const { code, faults = [] } = result.error;
  if (code === "changes_refused") throw new NamedRefusal(400, faults[0]?.detail ?? "This does not fit what is there.", code);
  throw new NamedRefusal(code === "not_permitted" ? 403 : 503, `The write was refused: ${code}.`, code);
}
