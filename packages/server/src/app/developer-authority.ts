/**
 * What who has developer access may do: make developer projects that carry the roles that are offered to him, and change and end those
 * of which every role is.
 *
 * A project *carries* the roles that its record names and those that its service account was given otherwise, by another project too: who may
 * hand out the account's secrets must have access to all of them. One that administers the organization is nobody's to hand out. Source: the rules of Cloud Manager's developer console, C1 to C18.
 * Invariant: nobody comes by a credential of an account that carries a role which is not offered to him.
 */
import { ADMINS, type Change, type DeveloperProject, decide, findRecord, givenTo, list, type Plan, projectsOf } from "@reeve/core";
import { type Authority, principalOf } from "./bearer.ts";

const OFFER = { action: { name: "offer-role" }, type: "reeve-roles" } as const;

/** Whether some role is offered to a principal. */
export function isDeveloper(at: Authority): boolean {
  return offeredRoles(at, { max: 1 }).ids.length > 0;
}

export type OfferedPage = { readonly ids: readonly string[]; readonly next?: string };
/** Ids of roles that developer access offers to a principal, in byte order, after `after`. */
export function offeredRoles({ plan, bearer, nowMs }: Authority, page: { readonly after?: string; readonly max: number }): OfferedPage {
  const { entries, next } = list(plan, { list: "resources", principal: principalOf(bearer), ...OFFER, ...page }, nowMs);
  return { ids: entries.map((entry) => entry.id), ...(next === undefined ? {} : { next }) };
}

/** Whether a role is offered to a principal, by developer access or by administering the organization. */
export function isOffered({ plan, bearer, nowMs }: Authority, role: string): boolean {
  const resource = { type: OFFER.type, id: role };
  return decide(plan, { principal: principalOf(bearer), action: OFFER.action, resource }, nowMs).allow;
}

type Carrying = Pick<DeveloperProject, "roles" | "serviceAccount">;

/** All roles that a project carries. */
export function carriedRoles(plan: Plan, { roles, serviceAccount }: Carrying): ReadonlySet<string> {
  return new Set([...roles, ...givenTo(plan, serviceAccount).roles]);
}

/** Whether a principal may change a project, end it, and hand out its credentials: every role that it carries is offered to him. */
export function mayChangeProject(at: Authority, { roles, serviceAccount }: Carrying): boolean {
  const given = givenTo(at.plan, serviceAccount);
  const carried = [...roles, ...given.roles];
  // One that carries none any more is for who administers the organization.
  return !given.groups.has(ADMINS) && carried.length > 0 && carried.every((role) => isOffered(at, role));
}

/** Whether changes are of developer projects alone, with their service accounts and what these are assigned, and each is his to change. */
export function areOfProjects(at: Authority, changes: readonly Change[]): boolean {
  const projects = projectsIn(at.plan, changes);
  if (projects === undefined || projects.size === 0) return false;
  for (const { before, after } of projects.values()) {
    if (before !== undefined && !mayChangeProject(at, before)) return false;
    if (after !== undefined && !isMadeWell(at, { before, after, changes })) return false;
  }
  return changes.every((change) => isPartOf([...projects.values()], change, at.plan));
}

type Sides = { readonly before: DeveloperProject | undefined; readonly after: DeveloperProject | undefined };

/** The projects that changes put or delete, each once; `undefined`: one comes twice. */
function projectsIn(plan: Plan, changes: readonly Change[]): ReadonlyMap<string, Sides> | undefined {
  const found = new Map<string, Sides>();
  for (const change of changes) {
    const isPut = "put" in change;
    if ((isPut ? change.put.kind : change.delete.kind) !== "developer-project") continue;
    const after = isPut && change.put.kind === "developer-project" ? change.put.value : undefined;
    const id = after?.id ?? (isPut ? "" : (change.delete.key[0] as string));
    if (found.has(id)) return undefined;
    const before = findRecord(plan, "developer-project", [id]);
    found.set(id, { before: before?.kind === "developer-project" ? before.value : undefined, after });
  }
  return found;
}

/** It carries roles, all of them offered, and its account is the one that it had, or comes into being with it and has nothing else. */
function isMadeWell(
  at: Authority,
  { before, after, changes }: Sides & { readonly after: DeveloperProject; readonly changes: readonly Change[] },
): boolean {
  if (after.roles.length === 0 || !after.roles.every((role) => isOffered(at, role))) return false;
  if (before !== undefined) return before.serviceAccount === after.serviceAccount;
  const isThere = findRecord(at.plan, "principal", [after.serviceAccount]) !== undefined;
  return !isThere && changes.some((change) => madeAccount(change) === after.serviceAccount);
}

/** The id of the service account that a change makes. */
function madeAccount(change: Change): string | undefined {
  if (!("put" in change) || change.put.kind !== "principal" || change.put.value.type !== "service-account") return undefined;
  return change.put.value.id;
}

/** A project itself; an account that comes and goes with one; an assignment of a role that its project names then, or the end of one. */
function isPartOf(projects: readonly Sides[], change: Change, plan: Plan): boolean {
  if ("delete" in change) {
    const { kind, key } = change.delete;
    if (kind === "developer-project") return true;
    // With the last project that has it.
    if (kind === "principal")
      return (
        projectsOf(plan, key[0] as string).length === 1 &&
        projects.some(({ before, after }) => after === undefined && before?.serviceAccount === key[0])
      );
    return kind === "assignment" && projects.some(({ before }) => before?.serviceAccount === key[1]);
  }
  const { kind, value } = change.put;
  if (kind === "developer-project") return true;
  if (kind === "principal")
    return (
      madeAccount(change) === value.id &&
      findRecord(plan, "principal", [value.id]) === undefined &&
      projects.some(({ after }) => after?.serviceAccount === value.id)
    );
  return (
    kind === "assignment" && projects.some(({ after }) => after?.serviceAccount === value.principal && after.roles.includes(value.role))
  );
}
