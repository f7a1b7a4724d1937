/**
 * Parsers of what gives access to a product: permission sets, roles, their assignments.
 *
 * Invariant: a role is bounded by sandboxes or by scopes, never by both.
 */
import { LIMITS } from "./limits.ts";
import type { Assignment, PermissionSet, Role, RoleSet } from "./nouns.ts";
import { below, type Check, filled, listOf, objectOf, oneOf, optional, readTrue, refuse, required, type Shape, setOf } from "./reader.ts";
import {
  checkWindow,
  readActionName,
  readDescription,
  readId,
  readLabelId,
  readName,
  readResourceId,
  readResourcePath,
  readTypeName,
  VALIDITY,
} from "./words.ts";

export const PERMISSION_SET: Shape<PermissionSet> = {
  product: required(readId),
  id: required(readId),
  name: required(readName),
  aliases: optional(setOf(readName, LIMITS.aliasesMax)),
  category: optional(readName),
  organizationLevel: optional(readTrue),
  scopeTypes: optional(setOf(readTypeName, LIMITS.typesMax)),
  pairs: required(
    listOf(
      objectOf<PermissionSet["pairs"][number]>({
        type: required(readTypeName),
        actions: required(setOf(readActionName, LIMITS.actionsMax)),
      }),
      { max: LIMITS.permissionSetPairsMax, distinctBy: (pair) => pair.type },
    ),
  ),
};
export const readPermissionSet = objectOf(PERMISSION_SET);

const readRoleSet = objectOf<RoleSet>({
  set: required(readId),
  scope: optional(setOf(readResourcePath, LIMITS.scopeItemsMax)),
});

export const ROLE: Shape<Role> = {
  product: required(readId),
  id: required(readId),
  name: required(readName),
  description: optional(readDescription),
  aliases: optional(setOf(readName, LIMITS.aliasesMax)),
  type: filled(oneOf("system-defined", "user-defined"), "user-defined"),
  builtIn: optional(readTrue),
  sandboxes: optional(setOf(readResourceId, LIMITS.sandboxesMax)),
  labels: optional(setOf(readLabelId, LIMITS.labelsMax)),
  sets: required(listOf(readRoleSet, { max: LIMITS.roleSetsMax, distinctBy: (held) => held.set })),
};

/** An empty list of sandboxes bounds too: it is nowhere. */
export const checkBounds: Check<Pick<Role, "sandboxes" | "sets">> = ({ sandboxes, sets = [] }, at) => {
  if (sandboxes === undefined) return;
  sets.forEach((held, index) => {
    if (held.scope === undefined) return;
    refuse(below(below(below(at, "sets"), index), "scope"), "not_allowed", {
      detail: "A role is bounded by sandboxes or by scopes, never by both.",
    });
  });
};
export const readRole = objectOf(ROLE, checkBounds);

export const ASSIGNMENT: Shape<Assignment> = { role: required(readId), principal: required(readId), ...VALIDITY };
export const readAssignment = objectOf(ASSIGNMENT, checkWindow);
