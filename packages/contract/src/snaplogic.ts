/**
 * The public API of API Management's clients: what they send. Source: the sheet of API Management's permissions, §3.
 *
 * Members beside those that are known are passed over, as clients of a newer API may send more.
 */
import { LIMITS } from "@reeve/core";
import { type Static, Type } from "typebox";

export const SNAPLOGIC_BASE = "/api/1/rest/public";
const text = Type.String({ minLength: 1, maxLength: LIMITS.nameCharactersMax });
const perms = Type.Array(Type.String(), { maxItems: 16 });
const kind = Type.Unsafe<"USER" | "GROUP">({ type: "string", enum: ["USER", "GROUP"] });
const VERSIONS_MAX = 1_000;

export const AclRequest = Type.Object({ grant_type: kind, grantee: text, permission_list: perms, inherit: Type.Optional(Type.Boolean()) });
export type AclRequest = Static<typeof AclRequest>;
export const NewProjectRequest = Type.Object({
  permissions: Type.Optional(
    Type.Array(Type.Object({ subject_type: kind, subject: text, perms, inherit: Type.Optional(Type.Boolean()) }), { maxItems: 100 }),
  ),
});
export type NewProjectRequest = Static<typeof NewProjectRequest>;
const path = Type.String({ minLength: 1, maxLength: LIMITS.pathCharactersMax });
const named = Type.Array(Type.Object({ path }), { minItems: 1, maxItems: VERSIONS_MAX });
export const PublishRequest = Type.Object({ org_name: text, versions_info: named });
export type PublishRequest = Static<typeof PublishRequest>;
export const DeprecateRequest = Type.Object({ org_name: text, version_infos: named });
export type DeprecateRequest = Static<typeof DeprecateRequest>;
export const RetireRequest = Type.Object({ org_name: text, version_paths: Type.Array(path, { minItems: 1, maxItems: VERSIONS_MAX }) });
export type RetireRequest = Static<typeof RetireRequest>;

const member = Type.String({ minLength: 1, maxLength: LIMITS.nameCharactersMax });
const members = Type.Array(member, { maxItems: LIMITS.changesMax });
export const NewGroupRequest = Type.Object({ organization: text, name: text, members: Type.Optional(members) });
export type NewGroupRequest = Static<typeof NewGroupRequest>;
export const GroupMembersRequest = Type.Object({ members });
export type GroupMembersRequest = Static<typeof GroupMembersRequest>;
export const GroupChangeRequest = Type.Object({ add_user: Type.Optional(member), remove_user: Type.Optional(member) });
export type GroupChangeRequest = Static<typeof GroupChangeRequest>;
export const TaskOwnerRequest = Type.Object({ asset_path: path, asset_type: Type.Literal("Job"), project_path: path, new_owner: text });
export type TaskOwnerRequest = Static<typeof TaskOwnerRequest>;

const email = Type.String({ minLength: 3, maxLength: LIMITS.nameCharactersMax });
const flag = Type.Optional(Type.Boolean());
const names = { first_name: Type.Optional(text), last_name: Type.Optional(text) };
export const NewUserRequest = Type.Object({
  email,
  ...names,
  organization: text,
  administrator: flag,
  allow_password_login: flag,
  utility: flag,
});
export type NewUserRequest = Static<typeof NewUserRequest>;
export const UserRequest = Type.Object({ ...names, allow_password_login: flag, revoke_old_password: flag, utility: flag });
export type UserRequest = Static<typeof UserRequest>;
