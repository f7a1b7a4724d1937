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
