/**
 * Reports: who has access, who is in a group, which roles hold something, what somebody may do and by which role.
 *
 * Made of the engine's own questions at one revision and one moment, in *slices*: before each one others have their turn, so that no
 * report, however long, holds the server up, and what is kept in memory is a slice and the ids of who is asked about.
 * Invariant: the rows of all slices are complete, in the order of their keys, and each says what a single check would.
 */
import { setImmediate } from "node:timers/promises";
import {
  compareUtf8,
  decide,
  effective,
  type Fault,
  findRecord,
  formatPath,
  type GroupMember,
  groupMembers,
  held,
  list,
  MEMBERS,
  ORGANIZATION_TYPE,
  type Plan,
  type Principal,
  parsePath,
  type Role,
  SANDBOXES,
  SYSTEM_GROUPS,
} from "@reeve/core";
import type { Objects } from "./objects.ts";
import { isFaulty, type PlaceAsked, placesOf, type ReportPlace, unknown, unknownActions, unknownSandboxes } from "./report-places.ts";

export type AccessRow = { readonly id: string; readonly name?: string; readonly access: readonly ReportPlace[] };
export type MemberRow = GroupMember & { readonly direct: boolean };
export type RoleRow = Pick<Role, "id" | "name" | "product" | "description"> & {
  readonly labels: readonly string[];
  readonly sandboxes: readonly string[];
  readonly created?: number;
  readonly createdBy?: string;
  readonly modified?: number;
};
export type PermissionRow = {
  readonly path: string;
  readonly type: string;
  readonly actions: readonly { readonly name: string; readonly source: string; readonly roles: readonly string[] }[];
};
/** `reached`: the key up to which everything was looked at; rows may be none. */
export type Slice<Row> = { readonly rows: readonly Row[]; readonly reached: string };
/** Slices behind a key, or from the beginning. */
export type Report<Row> = (after?: string) => AsyncIterable<Slice<Row>>;
export type Reported<Row> = { readonly ok: true; readonly value: Report<Row> } | { readonly ok: false; readonly error: readonly Fault[] };

export type AccessAsked = PlaceAsked & { readonly group?: string };
export type RolesAsked = {
  readonly labels: readonly string[];
  readonly type?: string;
  readonly actions: readonly string[];
  readonly sandboxes: readonly string[];
};
export type Reports = {
  access(plan: Plan, asked: AccessAsked): Reported<AccessRow>;
  groupMembers(plan: Plan, asked: { readonly group?: string }): Reported<MemberRow>;
  rolesByLabel(plan: Plan, asked: RolesAsked): Reported<RoleRow>;
  permissions(plan: Plan, asked: { readonly user?: string; readonly sandbox?: string }): Reported<PermissionRow>;
};

/** Places and actions that one report of access may be about. */
const CHECKS_MAX = 200;
/** Checks, or rows, in a slice: some milliseconds. */
const SLICE = 1_000;
const ROLE_SLICE = 200;

export function createReports({ objects, clock }: { readonly objects: Pick<Objects, "origins">; readonly clock: () => number }): Reports {
  return {
    access(plan, asked) {
      const places = placesOf(plan, asked);
      const faults = [...(isFaulty(places) ? places : []), ...(asked.group === undefined ? [] : unknownGroup(plan, asked.group))];
      if (isFaulty(places) || faults.length > 0) return refused(faults);
      const checks = places.reduce((sum, { actions }) => sum + actions.length, 0);
      if (checks > CHECKS_MAX) {
        const detail = `These are ${checks} actions at ${places.length} places: name sandboxes and actions, at most ${CHECKS_MAX} together.`;
        return refused([{ code: "too_many", pointer: places.length > 1 ? "?sandbox" : "?action", detail }]);
      }
      return reported((after) => access({ plan, places, group: asked.group ?? MEMBERS, now: clock() }, after));
    },
    groupMembers(plan, { group }) {
      const faults = group === undefined ? [missing("group")] : unknownGroup(plan, group);
      return faults.length > 0 ? refused(faults) : reported((after) => members({ plan, group: group as string, now: clock() }, after));
    },
    rolesByLabel(plan, asked) {
      const faults = [
        ...asked.labels.flatMap((label) =>
          findRecord(plan, "label", [label]) === undefined ? [unknown("?label", `There is no label ${JSON.stringify(label)}.`)] : [],
        ),
        ...unknownActions(plan, asked),
        ...unknownSandboxes(plan, asked.sandboxes),
      ];
      return faults.length > 0 ? refused(faults) : reported((after) => roles({ plan, objects, asked }, after));
    },
    permissions(plan, { user, sandbox }) {
      const principal = user === undefined ? undefined : principalOf(plan, user);
      const faults = [
        ...(user === undefined ? [missing("user")] : principal === undefined ? [unknown("?user", "There is no such principal.")] : []),
        ...(sandbox === undefined ? [] : unknownSandboxes(plan, [sandbox])),
      ];
      if (principal === undefined || faults.length > 0) return refused(faults);
      const below = sandbox === undefined ? {} : { below: formatPath([{ type: SANDBOXES, id: sandbox }]) };
      return reported((after) => permissions({ plan, principal, ...below, now: clock() }, after));
    },
  };
}

const reported = <Row>(value: Report<Row>): Reported<Row> => ({ ok: true, value });
const refused = (error: readonly Fault[]): { readonly ok: false; readonly error: readonly Fault[] } => ({ ok: false, error });
const missing = (name: string): Fault => ({ code: "required", pointer: `?${name}`, detail: "The query must name one." });

function principalOf(plan: Plan, id: string): Principal | undefined {
  return findRecord(plan, "principal", [id])?.value as Principal | undefined;
}

/** The system groups have no record. */
function unknownGroup(plan: Plan, group: string): readonly Fault[] {
  const isKnown = SYSTEM_GROUPS.includes(group) || principalOf(plan, group)?.type === "group";
  return isKnown ? [] : [unknown("?group", "There is no such group.")];
}

type AccessOf = { readonly plan: Plan; readonly places: readonly ReportPlace[]; readonly group: string; readonly now: number };

async function* access({ plan, places, group, now }: AccessOf, after?: string): AsyncIterable<Slice<AccessRow>> {
  const { ids, told } = groupMembers(plan, groupAsked(group, after), now);
  const checks = places.reduce((sum, { actions }) => sum + actions.length, 0);
  for await (const some of inSlices(ids, Math.max(1, Math.floor(SLICE / Math.max(1, checks))))) {
    const users = told(some).filter(({ type, active }) => type === "user" && active);
    const rows = users.flatMap(({ id, name }): AccessRow[] => {
      const principal = { type: "user", id } as const;
      const found = places.flatMap(({ path, actions }): ReportPlace[] => {
        const allowed = actions.filter((action) => decide(plan, { principal, action: { name: action }, resource: { path } }, now).allow);
        return allowed.length === 0 ? [] : [{ path, actions: allowed }];
      });
      return found.length === 0 ? [] : [{ id, ...(name === undefined ? {} : { name }), access: found }];
    });
    yield { rows, reached: some.at(-1) as string };
  }
}

const groupAsked = (group: string, after: string | undefined) => (after === undefined ? { group } : { group, after });

/** Others have their turn before each. */
async function* inSlices<T>(all: readonly T[], length: number): AsyncIterable<readonly T[]> {
  for (let from = 0; from < all.length; from += length) {
    await setImmediate();
    yield all.slice(from, from + length);
  }
}

type MembersOf = { readonly plan: Plan; readonly group: string; readonly now: number };

async function* members({ plan, group, now }: MembersOf, after?: string): AsyncIterable<Slice<MemberRow>> {
  const { ids, told } = groupMembers(plan, groupAsked(group, after), now);
  for await (const some of inSlices(ids, SLICE)) {
    yield { rows: told(some).map((member) => ({ ...member, direct: member.through.includes(group) })), reached: some.at(-1) as string };
  }
}

type RolesOf = { readonly plan: Plan; readonly objects: Pick<Objects, "origins">; readonly asked: RolesAsked };

async function* roles({ plan, objects, asked }: RolesOf, after?: string): AsyncIterable<Slice<RoleRow>> {
  const found = holding(plan, asked).filter(({ id }) => after === undefined || compareUtf8(id, after) > 0);
  for await (const some of inSlices(found, ROLE_SLICE)) {
    const origins = await objects.origins(
      plan.organization,
      "role",
      some.map(({ id }) => [id]),
    );
    const rows = some.map(({ id, name, product, description, labels = [], sandboxes = [] }, index): RoleRow => {
      const { created, changed } = origins[index] ?? {};
      return {
        id,
        name,
        product,
        ...(description === undefined ? {} : { description }),
        labels,
        sandboxes,
        ...(created === undefined ? {} : { created: created.timeMs, createdBy: created.actor.id }),
        ...(changed === undefined ? {} : { modified: changed.timeMs }),
      };
    });
    yield { rows, reached: (some.at(-1) as Role).id };
  }
}

/** The roles that have all that is asked for, by id. */
function holding(plan: Plan, { labels, type, actions, sandboxes }: RolesAsked): readonly Role[] {
  const ofType = type === undefined ? {} : { type };
  const asked = actions.length === 0 ? [ofType] : actions.map((action) => ({ ...ofType, action }));
  const ids = asked.map((one) => list(plan, { list: "roles", ...one, max: Number.MAX_SAFE_INTEGER }, 0).entries.map(({ id }) => id));
  const [first = [], ...others] = ids;
  const inOthers = others.map((one) => new Set(one));
  return first
    .filter((id) => inOthers.every((one) => one.has(id)))
    .flatMap((id) => {
      const role = findRecord(plan, "role", [id])?.value as Role | undefined;
      const has = (own: readonly string[] = [], all: readonly string[]): boolean => all.every((one) => own.includes(one));
      return role !== undefined && has(role.labels, labels) && has(role.sandboxes, sandboxes) ? [role] : [];
    });
}

type PermissionsOf = { readonly plan: Plan; readonly principal: Principal; readonly below?: string; readonly now: number };

async function* permissions({ plan, principal, below, now }: PermissionsOf, after?: string): AsyncIterable<Slice<PermissionRow>> {
  const asked = { principal: { type: principal.type, id: principal.id }, ...(below === undefined ? {} : { below }), max: SLICE };
  for (let from = after; ; ) {
    await setImmediate();
    const { entries, next } = effective(plan, { ...asked, ...(from === undefined ? {} : { after: from }) }, now);
    const rows = entries.map(({ path, actions }): PermissionRow => {
      const { type, place } = heldAt(path);
      const isByRole = actions.some(({ source }) => source === "role");
      const sets = isByRole ? held(plan, { principal: asked.principal, place }, now) : [];
      const giving = (action: string): readonly string[] =>
        sets.flatMap(({ pairs, roles }) => (pairs.some((pair) => pair.type === type && pair.actions.includes(action)) ? roles : []));
      return {
        path,
        type,
        actions: actions.map(({ name, source }) => ({
          name,
          source,
          roles: source === "role" ? [...new Set(giving(name))].sort(compareUtf8) : [],
        })),
      };
    });
    if (rows.length > 0) yield { rows, reached: (rows.at(-1) as PermissionRow).path };
    if (next === undefined) return;
    from = next;
  }
}

/** What lies at a path, and where that is held: a collection where it lies. */
function heldAt(path: string): { readonly type: string; readonly place: string } {
  const { pairs, collection } = parsePath(path) ?? { pairs: [] };
  return { type: collection ?? pairs.at(-1)?.type ?? ORGANIZATION_TYPE, place: formatPath(pairs) };
}
