/**
 * `x-authorization-catalogue`, at the root: the profiles, permissions and types that the rules of a document speak of.
 *
 * `profiles` are built-in roles (with `permissions`, the sets that they hold), `permissions` permission sets, `types` the resources
 * that scopes name, `defaults.read` the rule of reads that have none; `defaults.mutation` can only be `deny`, for an operation without a rule is
 * closed. `trailingSlashIsNone` says that a slash at the end of a request's path means nothing. `prerequisite` names the permission (or the action) that must be held on the enclosing resource of a type.
 */
import type { DescribedCatalogue, DescribedPair, DescribedPermission, DescribedProfile, DescribedType, NamedAt } from "./described.ts";
import { readRule } from "./extension.ts";
import { entriesOf, type Given, idOf, itemsOf, memberGiven, nameOf, namesOf, objectOf, textOf, trueOf } from "./extension-values.ts";
import type { Findings } from "./findings.ts";
import { under } from "./pointers.ts";

export const CATALOGUE_EXTENSION = "x-authorization-catalogue";

export function readCatalogue(given: Given, findings: Findings): DescribedCatalogue | undefined {
  const members = objectOf(given, ["profiles", "permissions", "types", "defaults", "prerequisite", "trailingSlashIsNone"], findings);
  if (members === undefined) return undefined;
  const list = (name: string): readonly Given[] => {
    const member = memberGiven(given, name);
    if (member.value === undefined) return [];
    return Array.isArray(member.value)
      ? member.value.map((value, index) => ({ value, pointer: under(member.pointer, index) }))
      : (itemsOf(member, findings) ?? []);
  };
  const profiles = list("profiles").flatMap((item) => readProfile(item, findings) ?? []);
  const permissions = list("permissions").flatMap((item) => readPermission(item, findings) ?? []);
  const types = Object.hasOwn(members, "types")
    ? entriesOf(memberGiven(given, "types"), findings).flatMap((entry) => readType(entry, findings) ?? [])
    : [];
  distinct(profiles, findings);
  distinct(permissions, findings);
  const readDefault = Object.hasOwn(members, "defaults") ? readDefaults(memberGiven(given, "defaults"), findings) : undefined;
  const prerequisite = Object.hasOwn(members, "prerequisite") ? readPrerequisite(memberGiven(given, "prerequisite"), findings) : undefined;
  const trailing = memberGiven(given, "trailingSlashIsNone");
  const trailingSlashIsNone = trailing.value === undefined ? undefined : trueOf(trailing, findings);
  return {
    at: findings.place(given.pointer),
    profiles,
    permissions,
    types,
    ...(trailingSlashIsNone === undefined ? {} : { trailingSlashIsNone }),
    ...(readDefault === undefined ? {} : { readDefault }),
    ...(prerequisite === undefined ? {} : { prerequisite }),
  };
}

/** An id made of a name: lower case, words joined by hyphens. */
export function idFrom(name: string): string {
  const text = name
    .normalize("NFKD")
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9._@:]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return text.slice(0, 128);
}

function distinct(entries: readonly { readonly id: string; readonly at: { readonly pointer: string } }[], findings: Findings): void {
  const seen = new Set<string>();
  for (const { id, at } of entries) {
    if (seen.has(id)) findings.fault("duplicate", at.pointer, { detail: `"${id}" stands here already.` });
    seen.add(id);
  }
}

type Identity = { readonly id: string; readonly name: string; readonly aliases?: readonly string[] };

/** One of id and name is enough. */
function readIdentity(given: Given, findings: Findings): Identity | undefined {
  const id = memberGiven(given, "id");
  const name = memberGiven(given, "name");
  const aliases = memberGiven(given, "aliases");
  if (id.value === undefined && name.value === undefined) {
    findings.fault("required", id.pointer, { detail: "An id or a name is missing here.", allowed: ["id", "name"] });
    return undefined;
  }
  const readName = name.value === undefined ? undefined : textOf(name, findings);
  const readId =
    id.value !== undefined
      ? idOf(id, findings)
      : readName === undefined
        ? undefined
        : idOf({ value: idFrom(readName), pointer: name.pointer }, findings);
  const others = aliases.value === undefined ? undefined : namesOf(aliases, 0, findings);
  if (readId === undefined || (name.value !== undefined && readName === undefined)) return undefined;
  const listed = others === undefined || others.length === 0 ? {} : { aliases: others.map((alias) => alias.name) };
  return { id: readId, name: readName ?? readId, ...listed };
}

function readProfile(given: Given, findings: Findings): DescribedProfile | undefined {
  const members = objectOf(given, ["id", "name", "aliases", "predefined", "permissions", "description"], findings);
  if (members === undefined) return undefined;
  if (Object.hasOwn(members, "predefined")) trueOf(memberGiven(given, "predefined"), findings);
  const identity = readIdentity(given, findings);
  const permissions = memberGiven(given, "permissions");
  const held = permissions.value === undefined ? undefined : manyNames(permissions, findings);
  if (identity === undefined) return undefined;
  return { at: findings.place(given.pointer), ...identity, ...(held === undefined ? {} : { permissions: held }) };
}

/** A profile may hold more permissions than a rule may name. */
function manyNames(given: Given, findings: Findings): readonly NamedAt[] | undefined {
  if (!Array.isArray(given.value)) return namesOf(given, 0, findings);
  return given.value.flatMap((value, index) => nameOf({ value, pointer: under(given.pointer, index) }, findings) ?? []);
}

const PERMISSION_MEMBERS = ["id", "name", "aliases", "description", "category", "organizationLevel", "scopes", "pairs"] as const;

function readPermission(given: Given, findings: Findings): DescribedPermission | undefined {
  const members = objectOf(given, PERMISSION_MEMBERS, findings);
  if (members === undefined) return undefined;
  const identity = readIdentity(given, findings);
  const has = (name: string): boolean => Object.hasOwn(members, name);
  const category = has("category") ? textOf(memberGiven(given, "category"), findings) : undefined;
  const listed = has("scopes") ? namesOf(memberGiven(given, "scopes"), 0, findings) : undefined;
  const scopes = listed?.filter(({ name }) => name !== "organization");
  const pairs = has("pairs")
    ? itemsOf(memberGiven(given, "pairs"), findings)?.flatMap((item) => readPair(item, findings) ?? [])
    : undefined;
  const marked = has("organizationLevel") && trueOf(memberGiven(given, "organizationLevel"), findings) === true;
  if (identity === undefined) return undefined;
  return {
    at: findings.place(given.pointer),
    ...identity,
    ...(category === undefined ? {} : { category }),
    ...(marked || (listed !== undefined && listed.length > 0 && scopes?.length === 0) ? { organizationLevel: true as const } : {}),
    ...(scopes === undefined ? {} : { scopes }),
    ...(pairs === undefined ? {} : { pairs }),
  };
}

function readPair(given: Given, findings: Findings): DescribedPair | undefined {
  if (objectOf(given, ["type", "actions"], findings) === undefined) return undefined;
  const type = nameOf(memberGiven(given, "type"), findings);
  const actions = namesOf(memberGiven(given, "actions"), 1, findings);
  return type === undefined || actions === undefined ? undefined : { type, actions: actions.map(({ name }) => name) };
}

function readType(entry: Given & { readonly name: string }, findings: Findings): DescribedType | undefined {
  const name = idOf({ value: entry.name, pointer: entry.pointer }, findings);
  const members = objectOf(entry, ["parents", "open", "uniqueIds", "actions"], findings);
  if (name === undefined || members === undefined) return undefined;
  const names = (member: string): readonly string[] | undefined =>
    Object.hasOwn(members, member) ? namesOf(memberGiven(entry, member), 0, findings)?.map((each) => each.name) : undefined;
  const flag = (member: string): boolean => {
    const given = memberGiven(entry, member);
    if (given.value === undefined || typeof given.value === "boolean") return given.value === true;
    findings.fault("wrong_type", given.pointer, { detail: "This must be true or false." });
    return false;
  };
  const parents = names("parents");
  return {
    name,
    at: findings.place(entry.pointer),
    ...(parents === undefined || parents.length === 0 ? {} : { parents }),
    open: flag("open"),
    uniqueIds: flag("uniqueIds"),
    actions: names("actions") ?? [],
  };
}

function readDefaults(given: Given, findings: Findings): DescribedCatalogue["readDefault"] {
  const members = objectOf(given, ["read", "mutation"], findings);
  if (members === undefined) return undefined;
  if (Object.hasOwn(members, "mutation") && members.mutation !== "deny") {
    const detail = "Operations that change something and have no rule are refused; this can only be deny.";
    findings.fault("not_allowed", under(given.pointer, "mutation"), { detail, allowed: ["deny"] });
  }
  const read = memberGiven(given, "read");
  if (read.value === undefined || read.value === "deny") return undefined;
  return objectOf(read, ["profiles", "permission", "anyRole", "rules"], findings) === undefined ? undefined : readRule(read, findings);
}

function readPrerequisite(given: Given, findings: Findings): DescribedCatalogue["prerequisite"] {
  const members = objectOf(given, ["permission", "action", "of"], findings);
  if (members === undefined) return undefined;
  const of = nameOf(memberGiven(given, "of"), findings);
  const permission = Object.hasOwn(members, "permission") ? nameOf(memberGiven(given, "permission"), findings) : undefined;
  const action = Object.hasOwn(members, "action") ? textOf(memberGiven(given, "action"), findings) : undefined;
  if (permission === undefined && action === undefined) {
    findings.fault("required", under(given.pointer, "permission"), {
      detail: "A permission or an action is missing here.",
      allowed: ["permission", "action"],
    });
  }
  if (of === undefined) return undefined;
  return {
    at: findings.place(given.pointer),
    of,
    ...(permission === undefined ? {} : { permission }),
    ...(action === undefined ? {} : { action }),
  };
}
