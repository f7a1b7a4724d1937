/**
 * The catalogue of a document → the product with its permission sets and built-in roles.
 *
 * Without a catalogue a product that stands is left as it is, and a new one has no permission sets: every operation of it is refused until
 * somebody maps it. A catalogue adds to what stands and changes what it names, member by member: what it does not say is kept, and
 * nothing is taken away. A permission without `pairs` gives one action, called as the permission, on the innermost type of its scopes.
 */
import { ORGANIZATION_TYPE, type PermissionSet, type Product, type Rec, type Role, sameRecord } from "@reeve/core";
import type { Described, DescribedPermission, DescribedProfile, NamedAt } from "./described.ts";
import { resolveAlternatives } from "./import-rule.ts";
import { checkNameSpaces, declareActions, typesOf } from "./import-types.ts";
import { type Catalogue, Names, type Problems, typeNamed } from "./names.ts";
import type { Standing } from "./standing.ts";

export type CatalogueOptions = { readonly product: string; readonly name: string };
export type CataloguePlan = Catalogue & { readonly put: readonly Rec[] };
type Reading = { readonly described: Described; readonly standing: Standing; readonly problems: Problems };

export function planCatalogue(reading: Reading, { product: id, name }: CatalogueOptions): CataloguePlan {
  const { described, standing, problems } = reading;
  const before = standing.product;
  if (before !== undefined && described.catalogue === undefined)
    return { product: before, sets: standing.sets, roles: standing.roles, put: [] };
  const types = typesOf(described, before?.types ?? {}, problems);
  const ids = { sets: idOf(id, standing.taken.sets), roles: idOf(id, standing.taken.roles) };
  const sets = mergeSets(reading, { product: id, types, idOf: ids.sets });
  declareActions(types, sets);
  checkNameSpaces(types, reading);
  const bare: Product = { ...(before ?? newProduct({ id, name, described })), types };
  const roles = mergeRoles(reading, { product: bare, sets, idOf: ids.roles });
  const product = withDefaults(reading, { product: bare, sets, roles });
  const put: Rec[] = [
    { kind: "product", value: product },
    ...sets.map((value): Rec => ({ kind: "permission-set", value })),
    ...roles.map((value): Rec => ({ kind: "role", value })),
  ];
  return { product, sets, roles, put: put.filter((rec) => !stands(standing, rec)) };
}

function stands({ product, sets, roles }: Standing, rec: Rec): boolean {
  const before = [...(product === undefined ? [] : [product]), ...sets, ...roles].some(
    (value) => "id" in rec.value && value.id === rec.value.id && sameRecord({ kind: rec.kind, value } as Rec, rec),
  );
  return before;
}

/** Ids of sets and of roles are one name space in an organization: where another product has one, the product's own id stands before it. */
const idOf =
  (product: string, taken: ReadonlySet<string>) =>
  (id: string): string =>
    taken.has(id) ? `${product}:${id}`.slice(0, 128) : id;

const newProduct = ({ id, name, described }: { readonly id: string; readonly name: string; readonly described: Described }): Product => ({
  id,
  ...(name === "" ? {} : { name }),
  boundedBy: "scopes",
  settings: {},
  types: {},
  ...(described.trailingSlash ? { trailingSlashIsNone: true } : {}),
});

type SetContext = { readonly product: string; readonly types: Product["types"]; readonly idOf: (id: string) => string };

function mergeSets({ described, standing, problems }: Reading, context: SetContext): readonly PermissionSet[] {
  const merged = new Map(standing.sets.map((set) => [set.id, set]));
  for (const permission of described.catalogue?.permissions ?? []) {
    const id = context.idOf(permission.id);
    merged.set(id, mergeSet(permission, merged.get(id), { ...context, id, problems }));
  }
  return [...merged.values()];
}

function mergeSet(
  permission: DescribedPermission,
  before: PermissionSet | undefined,
  { product, types, id, problems }: SetContext & { readonly id: string; readonly problems: Problems },
): PermissionSet {
  const resolve = ({ name, at }: NamedAt): readonly string[] => {
    const type = typeNamed(types, name);
    if (type !== undefined) return [type];
    problems.add("unknown_type", at, { detail: `${product} has no type "${name}".`, allowed: Object.keys(types) });
    return [];
  };
  const scopeTypes = permission.scopes?.flatMap(resolve);
  const said = permission.pairs?.flatMap(({ type, actions }) => resolve(type).map((name) => ({ type: name, actions })));
  const pairs = said ?? before?.pairs ?? [{ type: scopeTypes?.at(-1) ?? ORGANIZATION_TYPE, actions: [id] }];
  return {
    ...before,
    product,
    id,
    name: permission.name,
    ...(permission.aliases === undefined ? {} : { aliases: permission.aliases }),
    ...(permission.category === undefined ? {} : { category: permission.category }),
    ...(permission.organizationLevel === true ? { organizationLevel: true as const } : {}),
    ...(scopeTypes === undefined ? {} : { scopeTypes }),
    pairs,
  };
}

type RoleContext = { readonly product: Product; readonly sets: readonly PermissionSet[]; readonly idOf: (id: string) => string };

function mergeRoles({ described, standing, problems }: Reading, { product, sets, idOf }: RoleContext): readonly Role[] {
  const merged = new Map(standing.roles.map((role) => [role.id, role]));
  const names = new Names({ product, sets, roles: [] }, problems);
  for (const profile of described.catalogue?.profiles ?? []) {
    const id = idOf(profile.id);
    const before = merged.get(id);
    if (before !== undefined && before.builtIn !== true) {
      problems.add("id_taken", profile.at, { detail: `${product.id} has a role "${id}" that is not built in.` });
    } else merged.set(id, mergeRole(profile, before, { product: product.id, id, names }));
  }
  return [...merged.values()];
}

function mergeRole(
  profile: DescribedProfile,
  before: Role | undefined,
  { product, id, names }: { product: string; id: string; names: Names },
): Role {
  const held = profile.permissions?.flatMap((named) => names.permission(named) ?? []);
  const sets =
    held === undefined ? (before?.sets ?? []) : [...new Set(held)].map((set) => before?.sets.find((one) => one.set === set) ?? { set });
  return {
    ...before,
    product,
    id,
    name: profile.name,
    ...(profile.aliases === undefined ? {} : { aliases: profile.aliases }),
    type: "system-defined",
    builtIn: true,
    sets,
  };
}

function withDefaults({ described, problems }: Reading, { product, sets, roles }: Catalogue): Product {
  const { readDefault, prerequisite, trailingSlashIsNone } = described.catalogue ?? {};
  const names = new Names({ product, sets, roles }, problems);
  const alternatives = readDefault === undefined ? undefined : resolveAlternatives(readDefault, names);
  const required = prerequisite === undefined ? undefined : resolvePrerequisite(prerequisite, { sets, names }, problems);
  return {
    ...product,
    ...(alternatives === undefined ? {} : { readDefault: alternatives }),
    ...(required === undefined ? {} : { prerequisite: required }),
    ...(trailingSlashIsNone === undefined ? {} : { trailingSlashIsNone }),
  };
}

type Prerequisite = NonNullable<NonNullable<Described["catalogue"]>["prerequisite"]>;

function resolvePrerequisite(
  { at, permission, action, of }: Prerequisite,
  { sets, names }: { readonly sets: readonly PermissionSet[]; readonly names: Names },
  problems: Problems,
): Product["prerequisite"] {
  const type = names.type(of);
  if (type === undefined) return undefined;
  if (action !== undefined) return { action, of: type };
  const id = permission === undefined ? undefined : names.permission(permission);
  if (id === undefined) return undefined;
  const given = sets.find((set) => set.id === id)?.pairs.find((pair) => pair.type === type)?.actions[0];
  if (given !== undefined) return { action: given, of: type };
  return problems.add("wrong_scope", at, { detail: `The permission set ${id} gives no action on ${type}.` });
}
