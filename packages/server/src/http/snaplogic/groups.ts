/**
 * Groups of the public API, by their names, and who is in them, by addresses. Source: the sheet's §3.4, D-20, D-22.
 *
 * Reeve's groups may be in groups: only users and service accounts that are in one themselves are shown and set here, and a list that would
 * drop a group out of a group is refused. The system's groups stay; everybody is in `members`, and nobody is put there or taken out.
 */
import {
  GroupChangeRequest as ChangeSchema,
  type GroupChangeRequest,
  type GroupMembersRequest,
  GroupMembersRequest as MembersSchema,
  type NewGroupRequest,
  NewGroupRequest as NewSchema,
} from "@reeve/contract";
import { ADMINS, type Change, type GroupMember, groupMembers, MEMBERS, type Membership, memberships, type Plan } from "@reeve/core";
import type { FastifyRequest } from "fastify";
import type { Changes } from "../../app/index.ts";
import { validator } from "../validate.ts";
import { answered, bodyIn, writing } from "./acl.ts";
import type { Asking } from "./caller.ts";
import { findPrincipal, groupNames, type Naming, principalIn, principalNamed, type Subject, shownNames } from "./principals.ts";
import { NamedRefusal } from "./refusals.ts";

export type GroupGround = Naming & { readonly changes: Pick<Changes, "write">; readonly clock: () => number };
type At = Asking & { readonly request: FastifyRequest };
type Named = At & { readonly group: string };

const validateNew = validator<NewGroupRequest>(NewSchema);
const validateMembers = validator<GroupMembersRequest>(MembersSchema);
const validateChange = validator<GroupChangeRequest>(ChangeSchema);

const DONE = { response_map: {}, http_status_code: 200 };
const NAME = /^[A-Za-z0-9_-](?:[A-Za-z0-9 _-]{0,126}[A-Za-z0-9_-])?$/;
/** An id has no spaces, and a name no colons: no two names have one id. */
const idOf = (name: string): string => name.replaceAll(" ", ":");

export const newGroupIn = (request: FastifyRequest): NewGroupRequest => bodyIn(validateNew, request);

export async function postGroup(ground: GroupGround, at: At): Promise<object> {
  const { name, members = [] } = newGroupIn(at.request);
  if (!NAME.test(name))
    throw new NamedRefusal(400, "The name of a group is of 1 to 128 letters (A to Z), digits, spaces inside, dashes and underscores.");
  const taken = new NamedRefusal(409, `The organization has a principal ${name} already.`, "already_exists");
  if ((await findPrincipal(ground, at, { kind: "GROUP", name })) !== undefined) throw taken;
  const ids = await idsOf(ground, at, members);
  const id = idOf(name);
  await write(ground, at, (plan) => {
    if (principalIn(plan, id) !== undefined) throw taken;
    const value = { id, type: "group", name, active: true } as const;
    return [{ put: { kind: "principal", value } }, ...ids.map((member) => put({ group: id, member }))];
  });
  return DONE;
}

export const getGroups = async (ground: GroupGround, { organization }: At): Promise<object> => ({
  groups: await groupNames(ground, organization),
});

export async function getGroup(ground: GroupGround, at: Named): Promise<object> {
  const { id } = await groupOf(ground, at);
  const { plan } = at;
  const ids = membersIn(plan, id, ground.clock());
  const name = principalIn(plan, id)?.name ?? id;
  return { name, members: await shownNames(ground, at, ids) };
}

export async function patchGroup(ground: GroupGround, at: Named): Promise<object> {
  const { add_user: added, remove_user: removed } = bodyIn(validateChange, at.request);
  const name = added ?? removed;
  if (name === undefined || (added !== undefined && removed !== undefined))
    throw new NamedRefusal(400, "The body says one of add_user and remove_user.");
  const { id: group } = await alterableGroup(ground, at);
  const { id: member } = await principalNamed(ground, at, { kind: "USER", name });
  await write(ground, at, (plan) => {
    const standing = memberships(plan, group).find((one) => one.member === member);
    if (added !== undefined) return [put({ group, member })];
    if (standing === undefined) throw new NamedRefusal(404, `${name} is not in the group ${at.group}.`);
    return [take(standing)];
  });
  return DONE;
}

export async function putGroup(ground: GroupGround, at: Named): Promise<object> {
  const { members } = bodyIn(validateMembers, at.request);
  const { id: group } = await alterableGroup(ground, at);
  const wanted = new Set(await idsOf(ground, at, members));
  await write(ground, at, (plan) => {
    const counting = new Set(membersIn(plan, group, ground.clock()));
    const dropped = memberships(plan, group).filter(({ member }) => !wanted.has(member));
    const nested = dropped.find(({ member }) => principalIn(plan, member)?.type === "group");
    if (nested !== undefined)
      throw new NamedRefusal(409, `The group ${nested.member} is in ${at.group}, which a list of users would drop.`, "nested_group");
    // Who is in it for a time stays so; whose time is over is put in as if he had not been.
    const missing = [...wanted].filter((member) => !counting.has(member));
    return [...dropped.map(take), ...missing.map((member) => put({ group, member }))];
  });
  return DONE;
}

export async function deleteGroup(ground: GroupGround, at: Named): Promise<object> {
  const { id } = await groupOf(ground, at);
  if (id === ADMINS || id === MEMBERS) throw new NamedRefusal(409, `${id} is a group of the system: it is always there.`, "system_group");
  await write(ground, at, (plan) => {
    if (principalIn(plan, id) === undefined) throw noGroup(at.group);
    return [{ delete: { kind: "principal", key: [id] } }];
  });
  return DONE;
}

const put = (value: Membership): Change => ({ put: { kind: "membership", value } });
const take = ({ group, member }: Membership): Change => ({ delete: { kind: "membership", key: [group, member] } });
const noGroup = (name: string): NamedRefusal => new NamedRefusal(404, `The organization has no group ${name}.`);

async function groupOf(ground: GroupGround, at: Named): Promise<Subject> {
  const found = await findPrincipal(ground, at, { kind: "GROUP", name: at.group });
  if (found === undefined) throw noGroup(at.group);
  return found;
}

async function alterableGroup(ground: GroupGround, at: Named): Promise<Subject> {
  const group = await groupOf(ground, at);
  if (group.id !== MEMBERS) return group;
  throw new NamedRefusal(409, "Every active user and service account is in members: it cannot be altered.", "system_group");
}

async function idsOf(ground: GroupGround, at: At, names: readonly string[]): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (const name of names) ids.add((await principalNamed(ground, at, { kind: "USER", name })).id);
  return [...ids];
}

/** The users and service accounts that are in a group themselves now, in the order of ids. */
function membersIn(plan: Plan, group: string, nowMs: number): readonly string[] {
  const { ids, told } = groupMembers(plan, { group }, nowMs);
  const isIn = ({ active, through }: GroupMember): boolean => (group === MEMBERS ? active : through.includes(group));
  return told(ids).flatMap((one) => (one.type !== "group" && isIn(one) ? [one.id] : []));
}

async function write(ground: GroupGround, at: At, changes: (plan: Plan) => readonly Change[]): Promise<void> {
  answered(await ground.changes.write({ ...writing(at), changes }));
}
