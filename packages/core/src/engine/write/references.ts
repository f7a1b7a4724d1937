/**
 * References: what a record may name, checked against the plan that it joins.
 *
 * One check a kind. Pointers are relative to the record's value.
 * Invariant: a record that passes names only what exists, fits the catalogue, and closes no cycle.
 */
import {
  type Alternative,
  type Fault,
  KEY_MEMBERS,
  type Nouns,
  ORGANIZATION_TYPE,
  parsePath,
  REEVE_PRODUCT,
  type Rec,
  SANDBOXES,
} from "../../model/index.ts";
import { isOfOffices, isTypeOfOffices } from "../state/offices.ts";
import type { State } from "../state/state.ts";
import { checkMembership } from "./cycles.ts";
import { checkLabels, checkLink, checkRegistration, checkResource, fault } from "./placing.ts";

/** Faults of a put; `before`: the record that stands in its place. */
export function checkPut(state: State, rec: Rec, before: Rec | undefined): readonly Fault[] {
  switch (rec.kind) {
    case "product":
      return checkProduct(state, rec.value);
    case "permission-set":
      return [...checkSet(state, rec.value), ...sameProduct(before, rec)];
    case "principal":
      return before?.kind === "principal" && before.value.type !== rec.value.type
        ? [
            fault(
              "type_mismatch",
              "/type",
              `${rec.value.id} is a ${before.value.type}; users, groups and service accounts share their ids.`,
            ),
          ]
        : [];
    case "membership":
      return [
        ...principal(state, rec.value.group, { pointer: "/group", type: "group" }),
        ...principal(state, rec.value.member, "/member"),
        ...checkMembership(state, rec.value),
      ];
    case "resource":
      return [...notOfOffices(rec.value.path, "/path"), ...checkResource(state, rec.value)];
    case "link":
      return [...notOfOffices(rec.value.from, "/from"), ...notOfOffices(rec.value.to, "/to"), ...checkLink(state, rec.value)];
    case "role":
      return [...checkRole(state, rec.value), ...sameProduct(before, rec)];
    case "assignment":
      return [...role(state, rec.value.role, "/role"), ...principal(state, rec.value.principal, "/principal")];
    case "grant":
      return [
        ...principal(state, rec.value.principal, "/principal"),
        ...notOfOffices(rec.value.resource, "/resource"),
        ...checkRegistration(state, rec.value.resource, "/resource"),
      ];
    case "policy":
      return checkPolicy(state, rec.value);
    case "setting":
      return checkSetting(state, rec.value);
    case "operation":
      return checkOperation(state, rec.value);
    case "operation-rule":
      return checkRule(state, rec.value);
    case "product-administrator":
      return [...product(state, rec.value.product), ...principal(state, rec.value.principal, { pointer: "/principal", type: "user" })];
    case "developer-access":
      return [...role(state, rec.value.role, "/role"), ...principal(state, rec.value.principal, { pointer: "/principal", type: "user" })];
    case "developer-project":
      return checkDeveloperProject(state, rec.value);
    case "binned":
      return checkBinned(state, rec.value);
    default:
      return [];
  }
}

function notOfOffices(path: string, pointer: string): Fault[] {
  if (!isOfOffices(path)) return [];
  return [fault("built_in", pointer, "What is here comes with product administrators and developer access alone.")];
}

function sameProduct(before: Rec | undefined, rec: Rec): Fault[] {
  if (before === undefined || !("product" in before.value) || !("product" in rec.value) || before.value.product === rec.value.product)
    return [];
  const id = (KEY_MEMBERS[rec.kind] as readonly string[]).includes("id") && "id" in rec.value ? rec.value.id : "";
  return [fault("key_taken", "/id", `${rec.kind} ${id} belongs to product ${before.value.product}.`)];
}

function product(state: State, id: string, pointer = "/product"): Fault[] {
  return state.catalogue.record(id) === undefined ? [fault("not_entitled", pointer, `The organization has no product ${id}.`)] : [];
}

function role(state: State, id: string, pointer: string): Fault[] {
  return state.roles.at(state.roles.find(id)) === undefined ? [fault("unknown_reference", pointer, `There is no role ${id}.`)] : [];
}

function principal(state: State, id: string, at: string | { readonly pointer: string; readonly type: string }): Fault[] {
  const { pointer, type } = typeof at === "string" ? { pointer: at, type: undefined } : at;
  const found = state.people.names.find(id);
  const is = found === 0 ? undefined : state.people.type(found);
  if (is === undefined) return [fault("unknown_reference", pointer, `There is no principal ${id}.`)];
  return type === undefined || is === type ? [] : [fault("type_mismatch", pointer, `${id} is a ${is}, and this takes a ${type}.`)];
}

function checkProduct(state: State, value: Nouns["product"]): Fault[] {
  const faults: Fault[] = [];
  for (const name of value.id === REEVE_PRODUCT ? [] : Object.keys(value.types)) {
    if (isTypeOfOffices(name)) faults.push(fault("built_in", `/types/${name}`, "Types of this name are of Reeve's own product."));
  }
  const rootsOf = (one: Nouns["product"]): string[] =>
    Object.entries(one.types).flatMap(([name, type]) =>
      name !== ORGANIZATION_TYPE && (type.parents === undefined || type.parents.includes(SANDBOXES)) ? [name] : [],
    );
  for (const other of state.catalogue.recordsOfProducts()) {
    if (other.id === value.id) continue;
    const taken = new Set(rootsOf(other));
    for (const name of rootsOf(value)) {
      if (taken.has(name)) faults.push(fault("key_taken", `/types/${name}`, `Product ${other.id} declares the root type ${name}.`));
    }
    const actions = Object.keys(other.types[ORGANIZATION_TYPE]?.actions ?? {});
    for (const name of Object.keys(value.types[ORGANIZATION_TYPE]?.actions ?? {})) {
      if (!actions.includes(name)) continue;
      faults.push(
        fault("key_taken", `/types/${ORGANIZATION_TYPE}/actions/${name}`, `Product ${other.id} declares this action of the organization.`),
      );
    }
  }
  return faults;
}

function checkSet(state: State, value: Nouns["permission-set"]): Fault[] {
  const declared = state.catalogue.record(value.product);
  if (declared === undefined) return product(state, value.product);
  const faults: Fault[] = [];
  for (const [index, pair] of value.pairs.entries()) {
    const type = Object.hasOwn(declared.types, pair.type) ? declared.types[pair.type] : undefined;
    if (type === undefined)
      faults.push(fault("unknown_reference", `/pairs/${index}/type`, `${value.product} declares no type ${pair.type}.`));
    for (const [at, action] of pair.actions.entries()) {
      if (type === undefined || Object.hasOwn(type.actions, action)) continue;
      faults.push(fault("unknown_reference", `/pairs/${index}/actions/${at}`, `${pair.type} declares no action ${action}.`));
    }
  }
  for (const [index, type] of (value.scopeTypes ?? []).entries()) {
    if (Object.hasOwn(declared.types, type)) continue;
    faults.push(fault("unknown_reference", `/scopeTypes/${index}`, `${value.product} declares no type ${type}.`));
  }
  return faults;
}

function checkRole(state: State, value: Nouns["role"]): Fault[] {
  const declared = state.catalogue.record(value.product);
  if (declared === undefined) return product(state, value.product);
  const faults: Fault[] = [];
  if (value.sandboxes !== undefined && declared.boundedBy !== "sandboxes") {
    faults.push(fault("not_allowed", "/sandboxes", `Roles of ${value.product} are bounded by ${declared.boundedBy}.`));
  }
  faults.push(...checkSandboxes(state, value.sandboxes ?? [], "/sandboxes"), ...checkLabels(state, value.labels ?? []));
  for (const [index, held] of value.sets.entries()) {
    const set = state.catalogue.sets.get(held.set);
    if (set === undefined || set.product !== value.product) {
      faults.push(fault("unknown_reference", `/sets/${index}/set`, `${value.product} has no permission set ${held.set}.`));
    } else if (held.scope !== undefined)
      faults.push(...checkScope(state, { declared, set, scope: held.scope, pointer: `/sets/${index}/scope` }));
  }
  return faults;
}

function checkScope(
  state: State,
  at: { declared: Nouns["product"]; set: Nouns["permission-set"]; scope: readonly string[]; pointer: string },
): Fault[] {
  const { declared, set, scope, pointer } = at;
  if (declared.boundedBy !== "scopes")
    return [fault("not_allowed", pointer, `Roles of ${declared.id} are bounded by ${declared.boundedBy}.`)];
  const faults: Fault[] = [];
  for (const [index, item] of scope.entries()) {
    if (item === "/") continue;
    const types = state.typesOf(parsePath(item)?.pairs ?? []);
    const type = types?.[types.length - 1];
    if (type === undefined || type.product.id !== declared.id) {
      faults.push(fault("unknown_reference", `${pointer}/${index}`, `${declared.id} has no resource like ${item}.`));
    } else if (set.organizationLevel === true || set.scopeTypes?.includes(type.name) === false) {
      const allowed = set.organizationLevel === true ? ["/"] : ["/", ...(set.scopeTypes ?? [])];
      faults.push({ ...fault("not_allowed", `${pointer}/${index}`, `${set.name} is not scoped to ${type.name}.`), allowed });
    }
  }
  return faults;
}

function checkSandboxes(state: State, names: readonly string[], pointer: string): Fault[] {
  return names.flatMap((name, index) =>
    state.hasSandbox(name) ? [] : [fault("unknown_reference", `${pointer}/${index}`, `There is no sandbox ${name}.`)],
  );
}

function checkPolicy(state: State, value: Nouns["policy"]): Fault[] {
  const faults = value.product === undefined ? [] : product(state, value.product);
  return value.sandboxes === "all" ? faults : [...faults, ...checkSandboxes(state, value.sandboxes, "/sandboxes")];
}

function checkSetting(state: State, value: Nouns["setting"]): Fault[] {
  const declared = state.catalogue.record(value.product);
  if (declared === undefined) return product(state, value.product);
  if (Object.hasOwn(declared.settings, value.name)) return [];
  return [
    {
      ...fault("unknown_reference", "/name", `${value.product} declares no setting ${value.name}.`),
      allowed: Object.keys(declared.settings),
    },
  ];
}

function checkOperation(state: State, value: Nouns["operation"]): Fault[] {
  const declared = state.catalogue.record(value.product);
  if (declared === undefined) return product(state, value.product);
  const operations = state.operations.of(value.product);
  const faults = checkAlternatives(state, value.alternatives ?? [], { product: value.product, pointer: "/alternatives" });
  const taken = operations.at(value.method, value.path);
  if (taken !== undefined && taken.record.id !== value.id) {
    faults.push(
      fault("ambiguous_template", "/path", `Operation ${taken.record.id} has this method, and a template that differs only in names.`),
    );
  }
  const basePath = operations.basePathOf(value.path);
  if (basePath !== undefined) faults.push(fault("base_path_taken", "/path", `A registered version has the base path ${basePath}.`));
  if (!isDeclared(state, value.target))
    faults.push(fault("unknown_reference", "/target", `The organization declares no resource like ${value.target}.`));
  for (const [index, { type }] of (value.also ?? []).entries()) {
    if (![...state.catalogue.products.values()].some((one) => one.types.has(type)))
      faults.push(fault("unknown_reference", `/also/${index}/type`, `No product declares a type ${type}.`));
  }
  if (value.filter !== undefined && declared.types[value.filter.type]?.actions[value.filter.action] === undefined) {
    faults.push(fault("unknown_reference", "/filter", `${value.product} declares no ${value.filter.type}: ${value.filter.action}.`));
  }
  return faults;
}

/** Whether the catalogue allows the collections of a target template, in their order. */
function isDeclared(state: State, target: string): boolean {
  if (target === "/") return state.catalogue.declaresOrganization;
  const types = target
    .slice(1)
    .split("/")
    .filter((_, index) => index % 2 === 0)
    .map((type) => ({ type }));
  return state.typesOf(types) !== undefined;
}

function checkRule(state: State, value: Nouns["operation-rule"]): Fault[] {
  const faults = checkAlternatives(state, value.alternatives, { product: value.product, pointer: "/alternatives" });
  if (state.operations.find(value.product)?.get(value.operation) !== undefined) return faults;
  return [fault("unknown_reference", "/operation", `${value.product} has no operation ${value.operation}.`), ...faults];
}

/** The alternatives of read defaults and documents, which name sets and roles that a write puts after them. */
export function checkInTheEnd(state: State, rec: Rec): readonly Fault[] {
  if (rec.kind === "product")
    return checkAlternatives(state, rec.value.readDefault ?? [], { product: rec.value.id, pointer: "/readDefault" });
  if (rec.kind !== "resource") return [];
  const product = state.tree.type(state.tree.find(rec.value.path))?.product.id ?? "";
  return (rec.value.document ?? []).flatMap(({ alternatives = [] }, index) =>
    checkAlternatives(state, alternatives, { product, pointer: `/document/${index}/alternatives` }),
  );
}

function checkAlternatives(state: State, alternatives: readonly Alternative[], at: { product: string; pointer: string }): Fault[] {
  const faults: Fault[] = [];
  for (const [index, one] of alternatives.entries()) {
    const pointer = `${at.pointer}/${index}`;
    const of = one.product ?? at.product;
    faults.push(...product(state, of, `${pointer}/product`));
    if ("permission" in one && state.catalogue.sets.get(one.permission)?.product !== of) {
      faults.push(fault("unknown_reference", `${pointer}/permission`, `${of} has no permission set ${one.permission}.`));
    }
    if (!("roles" in one)) continue;
    for (const [place, id] of one.roles.entries()) {
      const record = state.roles.at(state.roles.find(id))?.record;
      if (record?.product !== of) faults.push(fault("unknown_reference", `${pointer}/roles/${place}`, `${of} has no role ${id}.`));
      else if (record.builtIn !== true) {
        faults.push(
          fault("not_allowed", `${pointer}/roles/${place}`, `${id} is not built in: a rule opens to roles of one's own by a permission.`),
        );
      }
    }
  }
  return faults;
}

/** What lies in the bin names who and what is there: the rest is looked at when it comes back. */
function checkBinned(state: State, { path, resources, grants }: Nouns["binned"]): Fault[] {
  const types = state.typesOf(parsePath(path)?.pairs ?? []);
  if (types === undefined) return [fault("unknown_reference", "/path", `The organization declares no resource like ${path}.`)];
  const ofResources = resources.flatMap(({ owner, labels = [] }, index) => [
    ...(owner === undefined ? [] : principal(state, owner, { pointer: `/resources/${index}/owner`, type: "user" })),
    ...checkLabels(state, labels).map((found) => ({ ...found, pointer: `/resources/${index}${found.pointer}` })),
  ]);
  return [...ofResources, ...grants.flatMap((grant, index) => principal(state, grant.principal, `/grants/${index}/principal`))];
}

function checkDeveloperProject(state: State, value: Nouns["developer-project"]): Fault[] {
  const roles = value.roles.flatMap((id, index) => role(state, id, `/roles/${index}`));
  return [
    ...product(state, value.product),
    ...roles,
    ...principal(state, value.serviceAccount, { pointer: "/serviceAccount", type: "service-account" }),
  ];
}
