/**
 * The types of a product, as the scopes of a document imply them.
 *
 * The document's own `types` say most; the scopes of operations say what lies in what, from the outside in; the scopes of permissions
 * say which types there are, and, where no operation tells, that each lies in the one before it. Types that an import makes are *open*: their
 * inventory lives in the API.
 * Invariant: what stands is kept; types and actions are only added.
 */
import { ORGANIZATION_TYPE, type PermissionSet, type Product, type ResourceType } from "@reeve/core";
import type { Described, NamedAt } from "./described.ts";
import { isPlainId } from "./extension-values.ts";
import type { Place } from "./faults.ts";
import { type Problems, typeNamed } from "./names.ts";
import type { Standing } from "./standing.ts";

type Types = Record<string, ResourceType>;

export function typesOf(described: Described, standing: Product["types"], problems: Problems): Types {
  const types: Types = { ...standing };
  types[ORGANIZATION_TYPE] ??= { actions: {} };
  for (const { name, parents, open, uniqueIds, actions } of described.catalogue?.types ?? []) {
    const own = types[name];
    const placed = parents === undefined ? {} : { parents };
    const plain =
      name === ORGANIZATION_TYPE
        ? {}
        : { ...placed, ...(open ? { open: true as const } : {}), ...(uniqueIds ? { uniqueIds: true as const } : {}) };
    types[name] = withActions({ ...plain, ...own, actions: own?.actions ?? {} }, actions);
  }
  for (const { scope } of described.operations) addChain(types, scope?.parts.map(({ type }) => type) ?? [], problems);
  for (const { scopes = [] } of described.catalogue?.permissions ?? []) {
    if (scopes.some(({ name }) => typeNamed(types, name) === undefined)) addChain(types, scopes, problems);
  }
  return types;
}

/** Each lies in the one before; the first is a root. Types that are known stay where they are. */
function addChain(types: Types, chain: readonly NamedAt[], problems: Problems): void {
  let above: string | undefined;
  for (const { name, at } of chain) {
    const known = typeNamed(types, name);
    if (known === undefined && !isPlainId(name)) problems.add("unknown_type", at, { detail: `"${name}" can be no name of a type.` });
    else if (known === undefined) types[name] = { ...(above === undefined ? {} : { parents: [above] }), open: true, actions: {} };
    above = known ?? name;
  }
}

const withActions = (type: ResourceType, actions: readonly string[]): ResourceType => {
  const added = actions.filter((action) => !Object.hasOwn(type.actions, action));
  if (added.length === 0) return type;
  return { ...type, actions: { ...type.actions, ...Object.fromEntries(added.map((action) => [action, []])) } };
};

/** Every action that a permission set gives is declared by its type. */
export function declareActions(types: Types, sets: readonly PermissionSet[]): void {
  for (const { type, actions } of sets.flatMap(({ pairs }) => pairs)) {
    const declared = Object.hasOwn(types, type) ? types[type] : undefined;
    if (declared !== undefined) types[type] = withActions(declared, actions);
  }
}

const START: Place = { pointer: "", line: 1, column: 1 };

/** Root types, and actions on the organization, are one name space in an organization: a problem for each that another product has. */
export function checkNameSpaces(types: Types, { described, standing, problems }: Checked): void {
  const before = standing.product?.types ?? {};
  for (const [name, type] of Object.entries(types)) {
    const owner =
      name === ORGANIZATION_TYPE || type.parents !== undefined || before[name] !== undefined ? undefined : standing.taken.roots.get(name);
    if (owner === undefined) continue;
    problems.add("id_taken", placeOf(described, name), {
      detail: `The product ${owner} has a root type "${name}" already: give this one another name.`,
    });
  }
  for (const action of Object.keys(types[ORGANIZATION_TYPE]?.actions ?? {})) {
    const owner = before[ORGANIZATION_TYPE]?.actions[action] === undefined ? standing.taken.actions.get(action) : undefined;
    if (owner === undefined) continue;
    problems.add("id_taken", START, { detail: `The product ${owner} has an action "${action}" on the organization already.` });
  }
}

type Checked = { readonly described: Described; readonly standing: Standing; readonly problems: Problems };

/** Where a document names a type first. */
function placeOf({ catalogue, operations }: Described, type: string): Place {
  const named = [
    ...(catalogue?.types ?? []),
    ...operations.flatMap(({ scope }) => (scope?.parts ?? []).map(({ type: part }) => part)),
    ...(catalogue?.permissions ?? []).flatMap(({ scopes = [] }) => scopes),
  ];
  return named.find(({ name }) => name === type)?.at ?? START;
}
