/**
 * Developer projects as the developer console has them: made by who has developer access, with a service account of their own.
 *
 * A project's service account is assigned the project's roles in the write that makes or changes it, so that what the project names and
 * what its account may do do not part. Others than who may change a project see it and no more. Source: Cloud Manager's C1 to C18.
 * Invariant: whether somebody may is decided on the plan that his write alters; here it is foreseen, and what he is shown is decided.
 */
import { type Change, type DeveloperProject, type Fault, findRecord, list, type Plan, projectsOf } from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import type { Caller } from "../identity/index.ts";
import { type Authority, mayIn } from "./bearer.ts";
import type { Changes, Write, WriteRefused, Written } from "./changes.ts";
import type { Credentials } from "./credentials.ts";
import { carriedRoles, isDeveloper, isOffered, mayChangeProject, offeredRoles } from "./developer-authority.ts";
import type { Objects } from "./objects.ts";
import { writeRevision } from "./revision.ts";

export type OfferedRole = { readonly id: string; readonly name: string; readonly product: string };
/** `roles`: all that it carries. `revision`: the wire form of the one that last changed it. */
export type ShownProject = DeveloperProject & { readonly mayChange: boolean; readonly revision: string };
/** Of what stands in a project's way, what no other write knows. */
export type ProjectRefused = { readonly code: "object_not_found" | "project_has_secrets" } | WriteRefused;
type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ProjectRefused };
type Paged<T> = { readonly items: readonly T[]; readonly next?: readonly string[] };
type Page = { readonly after?: readonly string[]; readonly max: number };
type Made = { readonly id: string; readonly written: Written };
export type AskedBy = { readonly caller: Caller; readonly organization: string };
type Writing = AskedBy & Pick<Write, "actor" | "requestId" | "reason">;
/** `revision`: the number of the one that must have changed the project last. */
type OnProject = Writing & { readonly id: string; readonly revision: number };

export type DeveloperProjects = {
  /** Roles that the caller may give to a project, in byte order of ids. A page may hold fewer than `max` and still have a next one. */
  offered(asked: AskedBy & Page & { readonly product?: string }): Promise<Answer<Paged<OfferedRole>>>;
  list(asked: AskedBy & Page): Promise<Answer<Paged<ShownProject>>>;
  read(asked: AskedBy & { readonly id: string }): Promise<Answer<ShownProject>>;
  /** Whether the caller may change a project, by the plan that answers at this moment: for who is about to do what no plan knows of. */
  mayChangeNow(asked: AskedBy & { readonly id: string }): boolean;
  create(asked: Writing & Pick<DeveloperProject, "name" | "product" | "roles">): Promise<Answer<Made>>;
  change(asked: OnProject & Pick<DeveloperProject, "name" | "roles">): Promise<Answer<Made>>;
  /** With its service account, unless another project has it too. */
  end(asked: OnProject): Promise<Answer<Written>>;
};

type Given = {
  readonly feed: Feed;
  readonly objects: Pick<Objects, "list" | "read">;
  readonly changes: Pick<Changes, "write">;
  readonly credentials: Pick<Credentials, "read">;
  readonly clock: () => number;
  readonly newId: () => string;
};
/** What a caller may, as one plan says. `isShown`: whether he is shown anything at all. */
type Rights = {
  readonly plan: Plan;
  isShown(): boolean;
  offered(page: { readonly after?: string; readonly max: number; readonly product?: string }): {
    readonly ids: readonly string[];
    readonly next?: string;
  };
  offers(role: string): boolean;
  mayChange(project: DeveloperProject): boolean;
};

const no = (code: "organization_not_found" | "not_permitted" | "object_not_found" | "project_has_secrets") =>
  ({ ok: false, error: { code } as ProjectRefused }) as const;

export function createDeveloperProjects(given: Given): DeveloperProjects {
  const { changes, newId } = given;
  return {
    offered: (asked) => withRights(given, asked, async (rights) => ({ ok: true, value: offeredPage(rights, asked) })),
    list: (asked) => withRights(given, asked, (rights) => listed(given, rights, asked)),
    read: (asked) => withRights(given, asked, (rights) => shown(given, rights, asked)),
    mayChangeNow({ caller, organization, id }) {
      const plan = given.feed.current(organization);
      const rec = plan?.organization === organization ? findRecord(plan, "developer-project", [id]) : undefined;
      if (plan === undefined || rec?.kind !== "developer-project") return false;
      return rightsOf(plan, caller, given.clock()).mayChange(rec.value);
    },
    create: (asked) =>
      withRights(given, asked, async ({ plan, offers }) => {
        const { name, product, roles, caller: _, ...write } = asked;
        if (!roles.every(offers)) return no("not_permitted");
        const faults = faultsOfRoles(plan, product, roles);
        if (faults.length > 0) return { ok: false, error: { code: "changes_refused", faults } };
        const [id, serviceAccount] = [newId(), newId()];
        const puts: Change[] = [
          { put: { kind: "principal", value: { id: serviceAccount, type: "service-account", name, active: true } } },
          { put: { kind: "developer-project", value: { id, name, product, roles, serviceAccount } } },
          ...assigned(serviceAccount, roles),
        ];
        const expected = [{ kind: "developer-project", key: [id], revision: null }] as const;
        const result = await changes.write({ ...write, changes: puts, expected, action: "developer-project.create" });
        return result.ok ? { ok: true, value: { id, written: result.value } } : result;
      }),
    change: (asked) => withRights(given, asked, (rights) => changed(given, rights, asked)),
    end: (asked) => withRights(given, asked, (rights) => ended(given, rights, asked)),
  };
}

async function withRights<T>(
  { feed, clock }: Given,
  { caller, organization }: AskedBy,
  work: (rights: Rights) => Promise<Answer<T>>,
): Promise<Answer<T>> {
  const plan = await feed.plan(organization);
  if (plan?.organization !== organization) return no("organization_not_found");
  const rights = rightsOf(plan, caller, clock());
  return rights.isShown() ? work(rights) : no("not_permitted");
}

/** Who has neither developer access nor reads or administers the organization is shown nothing (C13). */
function rightsOf(plan: Plan, { principal }: Caller, nowMs: number): Rights {
  const at: Authority | undefined = principal && { plan, bearer: principal, nowMs };
  const isAdministrator = at === undefined || mayIn(at, "admin");
  return {
    plan,
    isShown: () => isAdministrator || isDeveloper(at) || mayIn(at, "read"),
    offered: ({ product, ...page }) => (isAdministrator ? rolesOf(plan, { product, ...page }) : offeredRoles(at, page)),
    offers: (role) => isAdministrator || isOffered(at, role),
    mayChange: (project) => isAdministrator || mayChangeProject(at, project),
  };
}

function rolesOf(
  plan: Plan,
  { product, after, max }: { readonly product: string | undefined; readonly after?: string; readonly max: number },
) {
  const page = list(
    plan,
    { list: "roles", max, ...(product === undefined ? {} : { product }), ...(after === undefined ? {} : { after }) },
    0,
  );
  return { ids: page.entries.map(({ id }) => id), ...(page.next === undefined ? {} : { next: page.next }) };
}

function offeredPage({ plan, offered }: Rights, { after, max, product }: Page & { readonly product?: string }): Paged<OfferedRole> {
  const { ids, next } = offered({
    max,
    ...(after === undefined ? {} : { after: after[0] as string }),
    ...(product === undefined ? {} : { product }),
  });
  const items = ids.flatMap((id): OfferedRole[] => {
    const role = findRecord(plan, "role", [id]);
    if (role?.kind !== "role" || (product !== undefined && role.value.product !== product)) return [];
    return [{ id, name: role.value.name, product: role.value.product }];
  });
  return next === undefined ? { items } : { items, next: [next] };
}

async function listed(
  { objects }: Given,
  rights: Rights,
  { organization, after, max }: AskedBy & Page,
): Promise<Answer<Paged<ShownProject>>> {
  const query = { kind: "developer-project", filter: {}, sort: "key", max, ...(after === undefined ? {} : { after }) } as const;
  const page = await objects.list(organization, query, undefined);
  if ("code" in page) return no("organization_not_found");
  const items = page.objects.flatMap(({ rec, revision }) =>
    rec.kind === "developer-project" ? [told(rights, rec.value, writeRevision({ ...page.head, revision }))] : [],
  );
  return { ok: true, value: page.next === undefined ? { items } : { items, next: page.next } };
}

async function shown(
  { objects }: Given,
  rights: Rights,
  { organization, id }: AskedBy & { readonly id: string },
): Promise<Answer<ShownProject>> {
  const found = await objects.read({ organization, kind: "developer-project", key: [id] }, undefined);
  if ("code" in found) return no("organization_not_found");
  const { head, object } = found;
  if (object?.rec.kind !== "developer-project") return no("object_not_found");
  return { ok: true, value: told(rights, object.rec.value, writeRevision({ ...head, revision: object.revision })) };
}

function told({ plan, mayChange }: Rights, project: DeveloperProject, revision: string): ShownProject {
  return { ...project, roles: [...carriedRoles(plan, project)].sort(), mayChange: mayChange(project), revision };
}

/** What a role must be to be given to a project of the product. */
function faultsOfRoles(plan: Plan, product: string, roles: readonly string[]): readonly Fault[] {
  return roles.flatMap((id, index): Fault[] => {
    const pointer = `/roles/${index}`;
    if (roles.indexOf(id) !== index) return [{ code: "not_allowed", pointer, detail: `${id} is named twice.` }];
    const role = findRecord(plan, "role", [id]);
    if (role?.kind !== "role") return [{ code: "unknown_reference", pointer, detail: `There is no role ${id}.` }];
    if (role.value.product === product) return [];
    return [{ code: "not_allowed", pointer, detail: `${id} is a role of ${role.value.product}, and the project is of ${product}.` }];
  });
}

const assigned = (principal: string, roles: readonly string[]): Change[] =>
  roles.map((role): Change => ({ put: { kind: "assignment", value: { role, principal } } }));

type Standing = { readonly project: DeveloperProject; readonly expected: NonNullable<Write["expected"]> };

/** The project as it stands, if the caller may change it and it is as he says. */
async function standing({ objects }: Given, { mayChange }: Rights, { organization, id, revision }: OnProject): Promise<Answer<Standing>> {
  const name = { kind: "developer-project", key: [id] } as const;
  const found = await objects.read({ organization, ...name }, undefined);
  if ("code" in found) return no("organization_not_found");
  const rec = found.object?.rec;
  if (rec?.kind !== "developer-project") return no("object_not_found");
  if (!mayChange(rec.value)) return no("not_permitted");
  return { ok: true, value: { project: rec.value, expected: [{ ...name, revision }] } };
}

async function changed(given: Given, rights: Rights, asked: OnProject & Pick<DeveloperProject, "name" | "roles">): Promise<Answer<Made>> {
  const { name, roles, id, caller: _, revision: __, ...write } = asked;
  const found = await standing(given, rights, asked);
  if (!found.ok) return found;
  const { project, expected } = found.value;
  if (!roles.every(rights.offers)) return no("not_permitted");
  const faults = faultsOfRoles(rights.plan, project.product, roles);
  if (faults.length > 0) return { ok: false, error: { code: "changes_refused", faults } };
  const { serviceAccount } = project;
  const isAssigned = (role: string): boolean => findRecord(rights.plan, "assignment", [role, serviceAccount]) !== undefined;
  const kept = new Set([...roles, ...othersOf(rights.plan, project).flatMap((other) => other.roles)]);
  const gone = [...carriedRoles(rights.plan, project)].filter((role) => !kept.has(role) && isAssigned(role));
  const result = await given.changes.write({
    ...write,
    changes: [
      { put: { kind: "developer-project", value: { ...project, name, roles } } },
      ...gone.map((role): Change => ({ delete: { kind: "assignment", key: [role, serviceAccount] } })),
      ...assigned(
        serviceAccount,
        roles.filter((role) => !isAssigned(role)),
      ),
    ],
    expected,
    action: "developer-project.change",
  });
  return result.ok ? { ok: true, value: { id, written: result.value } } : result;
}

/** Other projects with the same service account. */
const othersOf = (plan: Plan, { id, serviceAccount }: DeveloperProject): readonly DeveloperProject[] =>
  projectsOf(plan, serviceAccount).filter((other) => other.id !== id);

async function ended(given: Given, rights: Rights, asked: OnProject): Promise<Answer<Written>> {
  const { id, caller: _, revision: __, ...write } = asked;
  const found = await standing(given, rights, asked);
  if (!found.ok) return found;
  const { project, expected } = found.value;
  const credential = await given.credentials.read({ organization: asked.organization, project: id });
  const isLive = ({ expiresMs }: { readonly expiresMs?: number }): boolean => expiresMs === undefined || given.clock() < expiresMs;
  if (credential.ok && credential.value.secrets.some(isLive)) return no("project_has_secrets");
  const isShared = othersOf(rights.plan, project).length > 0;
  const result = await given.changes.write({
    ...write,
    changes: [
      { delete: { kind: "developer-project", key: [id] } },
      ...(isShared ? [] : [{ delete: { kind: "principal", key: [project.serviceAccount] } } as const]),
    ],
    expected,
    action: "developer-project.end",
  });
  return result;
}
