/** Roles over this surface. Source: the reference's role object, its envelopes and its answers. Mapping only: core says what a role may be. */
import { AEP_BASE, AEP_ROUTES, type AepNewRole, type AepRole, type AepRoleBody } from "@reeve/contract";
import { type Assignment, type Change, findRecord, type Plan, type Role } from "@reeve/core";
import { type Questions, writeRevision } from "../../app/index.ts";
import { type Validator, validator } from "../validate.ts";
import { type AepExchange, paramOf } from "./exchange.ts";
import type { Wire } from "./names.ts";
import { linksOf, linkTo, listed, type PageAsked, pageAsked, pageTold } from "./pages.ts";
import { type PatchOperation, patchedList, patchOf, textOf, textsOf, unknownPath, wrong } from "./patch.ts";
import { faulty } from "./refusals.ts";
import { areCredentials, isSubjectPath, SUBJECT_PATHS, subjectChanges, subjectOf } from "./subjects.ts";
import {
  type AepWriting,
  altered,
  audited,
  bodyIn,
  checkOrganization,
  described,
  isOurs,
  type Placing,
  PRODUCT,
  parsed,
  recordIn,
  type Standing,
  standing,
  standings,
  write,
} from "./writing.ts";

export type RoleOptions = AepWriting & {
  readonly newId: () => string;
  readonly clock: () => number;
  readonly wire: Wire;
  readonly questions: Pick<Questions, "plan">;
};

const validateNew: Validator<AepNewRole> = validator(AEP_ROUTES.createRole.body);
const validateBody: Validator<AepRoleBody> = validator(AEP_ROUTES.putRole.body);
const ROLE_PATHS: readonly string[] = [
  "/name",
  "/description",
  "/roleType",
  "/permissionSets",
  "/sandboxes",
  "/subjectAttributes",
  "/subjectAttributes/labels",
  ...SUBJECT_PATHS,
];

export async function listRoles(options: RoleOptions, exchange: AepExchange): Promise<object> {
  const { objects } = options;
  const asked = pageAsked(exchange, ["name"]);
  const page = await listed({ objects, organization: exchange.organization, kind: "role", filter: { product: PRODUCT } }, asked);
  const found = await standings(options, exchange, { kind: "role", found: page.objects });
  const items = found.map((one) => roleOf(one, exchange));
  const href = `${AEP_BASE}/administration/roles`;
  const links = { ...linksOf(href, asked, page.next), subjects: linkTo(`${href}/{ROLE_ID}/subjects`, true) };
  return { items, roles: items, _page: pageTold(asked, page), _links: links };
}

export async function getRole(options: RoleOptions, exchange: AepExchange): Promise<AepRole> {
  return roleOf(await standing(options, exchange, { kind: "role", id: paramOf(exchange, "roleId"), isOurs }), exchange);
}

export async function createRole(options: RoleOptions, exchange: AepExchange): Promise<AepRole> {
  const {
    name,
    description,
    roleType = "user-defined",
    permissionSets = [],
    sandboxes = [],
    subjectAttributes = {},
  } = ownBody(validateNew, exchange);
  const id = options.newId();
  const { labels = [] } = subjectAttributes;
  const made = { product: PRODUCT, id, name, type: roleType, sandboxes, labels, sets: setsOf(permissionSets, options.wire) };
  const value = parsed("role", { ...made, ...described(description) }, placed);
  await write(options, exchange, {
    action: "roles.create",
    make: (plan) => [...newLabels(plan, value), { put: { kind: "role", value } }],
    place: placed,
  });
  return roleOf(await standing(options, exchange, { kind: "role", id, isOurs }), exchange);
}

function ownBody<T extends object>(validate: Validator<T>, exchange: AepExchange): T {
  const body = bodyIn(validate, exchange);
  checkOrganization(exchange, body);
  return body;
}

export async function putRole(options: RoleOptions, exchange: AepExchange): Promise<AepRole> {
  const { name, description, roleType, id } = ownBody(validateBody, exchange) as AepRoleBody & { readonly id?: unknown };
  if (id !== undefined && id !== paramOf(exchange, "roleId")) throw faulty([wrong("/id", "The path of the request names another role.")]);
  return alter(options, exchange, {
    action: "roles.put",
    alter: (_plan, { description: _, ...role }) => [roleChange({ ...role, name, type: roleType, ...described(description) })],
  });
}

export async function patchRole(options: RoleOptions, exchange: AepExchange): Promise<AepRole> {
  const operations = patchOf(exchange.request.body);
  const subjects = operations.filter(isSubjectPath);
  const own = operations.filter((operation) => !isSubjectPath(operation));
  return alter(options, exchange, {
    action: "roles.patch",
    alter: (plan, role) => {
      const value = own.reduce((before: Role, operation) => patched(before, operation, options.wire), role);
      const changes = own.length === 0 ? [] : [...newLabels(plan, value), roleChange(value)];
      return subjects.length === 0 ? changes : [...changes, ...changesOfSubjects(options, { plan, role: role.id }, subjects)];
    },
  });
}

type Altering = { readonly action: string; readonly alter: (plan: Plan, role: Role) => readonly Change[] };

async function alter(options: RoleOptions, exchange: AepExchange, asked: Altering): Promise<AepRole> {
  const id = paramOf(exchange, "roleId");
  return roleOf(await altered(options, exchange, { kind: "role", id, ...asked, place: placed }), exchange);
}

export async function deleteRole(options: RoleOptions, exchange: AepExchange): Promise<undefined> {
  const id = paramOf(exchange, "roleId");
  await write(options, exchange, {
    action: "roles.delete",
    of: { kind: "role", key: [id] },
    make: (plan) => [{ delete: { kind: "role", key: [recordIn(plan, "role", id).id] } }],
  });
  return undefined;
}

export async function listSubjects(options: RoleOptions, exchange: AepExchange): Promise<object> {
  const asked = pageAsked(exchange, []);
  return subjectPage(options, exchange, asked);
}

export async function patchSubjects(options: RoleOptions, exchange: AepExchange): Promise<object | undefined> {
  const id = paramOf(exchange, "roleId");
  const operations = patchOf(exchange.request.body);
  const stranger = operations.find((operation) => !isSubjectPath(operation));
  if (stranger !== undefined) throw unknownPath(stranger, SUBJECT_PATHS);
  await write(options, exchange, {
    action: "roles.subjects",
    of: { kind: "role", key: [id] },
    make: (plan) => changesOfSubjects(options, { plan, role: recordIn(plan, "role", id).id }, operations),
    place: placed,
  });
  if (areCredentials(operations)) return undefined;
  // Whom the write made, only a plan after it knows.
  const plan = await options.questions.plan(exchange.organization, undefined);
  const after = "code" in plan ? exchange : { ...exchange, plan };
  const { items, ...page } = await subjectPage(options, after, pageAsked(exchange, []));
  return { subjects: items, ...page };
}

/** A page of who has a role, ordered by id. */
async function subjectPage({ objects }: RoleOptions, exchange: AepExchange, asked: PageAsked) {
  const { organization, plan } = exchange;
  const role = paramOf(exchange, "roleId");
  recordIn(plan, "role", role);
  const { limit, start = 0 } = asked;
  const query = { kind: "assignment", filter: { role }, sort: "key", max: limit + 1, skip: start } as const;
  const page = await objects.list(organization, query, writeRevision(plan.at));
  const found = "code" in page ? [] : page.objects;
  const items = found.slice(0, limit).map(({ rec }) => subjectOf(plan, rec.value as Assignment));
  const next = found.length > limit ? start + limit : null;
  return {
    items,
    _page: { start, limit, count: items.length, next },
    _links: linksOf(`${AEP_BASE}/administration/roles/${encodeURIComponent(role)}/subjects`, asked, next),
  };
}

function changesOfSubjects(
  { clock }: RoleOptions,
  at: { readonly plan: Plan; readonly role: string },
  operations: readonly PatchOperation[],
): readonly Change[] {
  return subjectChanges({ ...at, nowMs: clock() }, operations);
}

function roleOf({ value, etag, origin }: Standing<"role">, { asked }: AepExchange): AepRole {
  const { id, name, description = null, type, sets, sandboxes = [], labels = [] } = value;
  return {
    id,
    recordType: "role",
    imsOrgID: asked,
    imsOrgId: asked,
    name,
    description,
    roleType: type,
    permissionSets: sets.map(({ set }) => set),
    sandboxes: [...sandboxes],
    subjectAttributes: { labels: [...labels] },
    ...audited(origin),
    etag,
  };
}

const setsOf = (ids: readonly string[], { permissionOf }: Wire): Role["sets"] =>
  [...new Set(ids.map(permissionOf))].map((set) => ({ set }));

/** Custom labels that a role names and nobody made yet. */
function newLabels(plan: Plan, { labels = [] }: Role): readonly Change[] {
  return labels.flatMap((id): Change[] =>
    id.startsWith("custom/") && findRecord(plan, "label", [id]) === undefined ? [{ put: { kind: "label", value: { id } } }] : [],
  );
}

const roleChange = (value: Role): Change => ({ put: { kind: "role", value: parsed("role", value, placed) } });

const placed: Placing = (pointer) =>
  pointer
    .replace(/^\/sets\/(\d+)\/set/, "/permissionSets/$1")
    .replace(/^\/sets/, "/permissionSets")
    .replace(/^\/labels/, "/subjectAttributes/labels")
    .replace(/^\/type/, "/roleType");

function patched(role: Role, operation: PatchOperation, wire: Wire): Role {
  const [, member, index] = /^\/(permissionSets|sandboxes|subjectAttributes\/labels)(?:\/(-|\d+))?$/.exec(operation.path) ?? [];
  if (member === "permissionSets") {
    const ids = patchedList(
      role.sets.map(({ set }) => set),
      canonical(operation, wire),
      index,
    );
    return { ...role, sets: ids.map((set) => ({ set })) };
  }
  if (member === "sandboxes") return { ...role, sandboxes: patchedList(role.sandboxes ?? [], operation, index) };
  if (member !== undefined) return { ...role, labels: patchedList(role.labels ?? [], operation, index) };
  return patchedMember(role, operation);
}

/** The operation, of sets under their own ids. */
function canonical(operation: PatchOperation, { permissionOf }: Wire): PatchOperation {
  const given = textsOf(operation);
  if (given === undefined) return operation;
  return { ...operation, value: Array.isArray(operation.value) ? given.map(permissionOf) : permissionOf(given[0] as string) };
}

function patchedMember(role: Role, operation: PatchOperation): Role {
  const { op, path, value, pointer } = operation;
  const isRemoved = op === "remove";
  if (path === "/description") {
    const { description: _, ...rest } = role;
    if (isRemoved || value === null) return rest;
    return { ...rest, description: textOf(operation) };
  }
  if (path === "/subjectAttributes") {
    if (isRemoved) return { ...role, labels: [] };
    const { labels } = (typeof value === "object" && value !== null ? value : {}) as { readonly labels?: unknown };
    if (labels === undefined) throw faulty([wrong(`${pointer}/value`, "This is an object with `labels`.")]);
    return { ...role, labels: patchedList(role.labels ?? [], { ...operation, value: labels }, undefined) };
  }
  if (path !== "/name" && path !== "/roleType") throw unknownPath(operation, ROLE_PATHS);
  if (isRemoved) throw faulty([wrong(`${pointer}/op`, `A role is never without ${path.slice(1)}.`)]);
  return { ...role, [path === "/name" ? "name" : "type"]: textOf(operation) };
}
