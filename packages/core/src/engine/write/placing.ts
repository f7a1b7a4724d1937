/**
 * Placing: whether a resource, a grant or a link may register what it names, where it names it.
 *
 * Invariant: what is registered has a declared type, a parent that is registered or open, and, where ids are unique, one parent.
 */
import { type Fault, type FaultCode, LIMITS, type Nouns, type Pair, parsePath, SANDBOXES } from "../../model/index.ts";
import type { TypeInfo } from "../state/catalogue.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";
import { walk } from "./cycles.ts";

export function fault(code: FaultCode, pointer: string, detail: string): Fault {
  return { code, pointer, detail };
}

export function checkLabels(state: State, labels: readonly string[]): Fault[] {
  return labels.flatMap((label, index) =>
    state.labels.has(label) ? [] : [fault("unknown_reference", `/labels/${index}`, `The organization has no label ${label}.`)],
  );
}

type Found = { readonly type: TypeInfo | undefined; readonly pairs: readonly Pair[]; readonly node: number };

/** A path that a grant or link names: registered, or of an open type and registered by it. */
export function checkRegistration(state: State, path: string, pointer: string): Fault[] {
  const found = find(state, path, pointer);
  if (Array.isArray(found)) return found;
  const { node, type } = found as Found;
  if (node === ROOT || (node !== 0 && state.tree.registered(node))) return [];
  if (type?.open !== true) return [fault("unknown_reference", pointer, `${path} is not registered, and its type is not open.`)];
  return checkNew(state, found as Found, pointer);
}

/** Whether an unregistered path may be registered there. */
function checkNew(state: State, { pairs, type }: Found, pointer: string): Fault[] {
  const faults: Fault[] = [];
  const above = pairs.slice(0, -1);
  const types = state.typesOf(pairs) ?? [];
  const [top] = above;
  // Of open types or not: nothing is under a sandbox that is not there, or a new one of that name would not start empty.
  if (top?.type === SANDBOXES && !state.hasSandbox(top.id)) {
    faults.push(fault("parent_not_registered", pointer, `There is no sandbox ${top.id}.`));
  } else if (above.length > 0) {
    const parent = state.tree.findPairs(above);
    const isThere = parent !== 0 && state.tree.registered(parent);
    if (!isThere && types[above.length - 1]?.open !== true) {
      faults.push(fault("parent_not_registered", pointer, "The resource above it is not registered, and its type is not open."));
    }
  }
  for (const [index, pair] of pairs.entries()) {
    const one = types[index];
    const at = one?.uniqueIds === true ? state.tree.registeredAt(one, pair.id) : 0;
    if (at !== 0 && at !== state.tree.findPairs(pairs.slice(0, index + 1))) {
      faults.push(fault("wrong_parent", pointer, `${one?.name ?? type?.name} ${pair.id} is registered at ${state.tree.path(at)}.`));
    }
  }
  return faults;
}

function find(state: State, path: string, pointer: string): Found | Fault[] {
  const pairs = parsePath(path)?.pairs ?? [];
  const types = state.typesOf(pairs);
  if (types === undefined) return [fault("unknown_reference", pointer, `The organization declares no resource like ${path}.`)];
  return { type: types[types.length - 1], pairs, node: state.tree.find(path) };
}

export function checkResource(state: State, value: Nouns["resource"]): Fault[] {
  const found = find(state, value.path, "/path");
  if (Array.isArray(found)) return found;
  const { type, node } = found as Found;
  const faults = checkLabels(state, value.labels ?? []);
  if (type === undefined) return faults;
  if (node === 0 || !state.tree.registered(node)) faults.push(...checkNew(state, found as Found, "/path"));
  faults.push(...checkOwner(state, value, type), ...checkVersion(state, value, type));
  return faults;
}

/** Of a type that has owners: one user, always; of any other nobody. */
function checkOwner(state: State, value: Nouns["resource"], type: TypeInfo): Fault[] {
  if (type.owner === undefined) return value.owner === undefined ? [] : [fault("not_allowed", "/owner", `${type.name} have no owner.`)];
  if (value.owner === undefined) return [fault("required", "/owner", `${type.name} have an owner: a user.`)];
  const owner = state.people.names.find(value.owner);
  const is = owner === 0 ? undefined : state.people.type(owner);
  if (is === "user") return [];
  if (is === undefined) return [fault("unknown_reference", "/owner", `There is no user ${value.owner}.`)];
  return [fault("type_mismatch", "/owner", `${value.owner} is a ${is}, and an owner is a user.`)];
}

function checkVersion(state: State, value: Nouns["resource"], type: TypeInfo): Fault[] {
  const member = value.basePath !== undefined ? "/basePath" : value.document !== undefined ? "/document" : undefined;
  if (member === undefined) return [];
  if (!type.actions.has("call")) return [fault("not_allowed", member, `${type.name} are not called.`)];
  if (value.basePath === undefined) return [fault("required", "/basePath", "A document is matched below a base path.")];
  const faults: Fault[] = [];
  const segments = value.basePath.split("/").slice(1);
  for (const operations of state.operations.all()) {
    const taken = operations.basePaths.longest(segments);
    const holder = taken?.length === segments.length ? (taken.node.get("version") as number) : 0;
    if (holder !== 0 && state.tree.path(holder) !== value.path) {
      faults.push(fault("base_path_taken", "/basePath", `${state.tree.path(holder)} has this base path.`));
    }
  }
  const operation = [...(state.operations.find(type.product.id)?.records() ?? [])].find(({ path }) => beginsWith(path, segments));
  if (operation !== undefined)
    faults.push(fault("base_path_taken", "/basePath", `The template of operation ${operation.id} begins with it.`));
  return faults;
}

/** Whether a template begins with a base path, segment by segment. */
export function beginsWith(template: string, segments: readonly string[]): boolean {
  const own = template.split("/").slice(1);
  return segments.every((segment, index) => own[index] === segment || own[index]?.includes("{") === true);
}

/** Links are acyclic and at most 16 deep, whatever stands above or below their ends counting as their ends. */
export function checkLink(state: State, value: Nouns["link"]): Fault[] {
  const faults = [...checkRegistration(state, value.from, "/from"), ...checkRegistration(state, value.to, "/to")];
  if (faults.length > 0) return faults;
  const from = state.tree.find(value.from);
  const to = state.tree.find(value.to);
  const forth = walk(to, (node) => linked(state, node, "of"));
  if (from !== 0 && [...forth.reached].some((node) => state.tree.isAtOrAbove(node, from) || state.tree.isAtOrAbove(from, node))) {
    return [fault("would_cycle", "/to", `${value.to} leads back to ${value.from}.`)];
  }
  const back = from === 0 ? 0 : walk(from, (node) => linked(state, node, "to")).depth;
  if (forth.depth + 1 + back <= LIMITS.linkDepthMax) return [];
  return [fault("too_deep", "/to", `Links lead at most ${LIMITS.linkDepthMax} deep.`)];
}

/** The other ends of links at a node, and of those above and below it. */
function linked(state: State, node: number, direction: "of" | "to"): number[] {
  if (node === 0) return [];
  const ends: number[] = [];
  const add = (one: number): void => {
    if (direction === "to") ends.push(...state.links.to(one));
    else for (const { to } of state.links.of(one)) ends.push(to);
  };
  for (let one = state.tree.parent(node); one > ROOT; one = state.tree.parent(one)) add(one);
  for (const one of state.tree.below(node)) add(one);
  return ends;
}
