/**
 * Places: where in the tree a request's resource is, whether Reeve knows it or not.
 *
 * A place is a resource, a collection, or a *child* (one that has nothing of its own yet). What is registered is one look-up of
 * its path; what is not is found through the nearest node above it. Collections and children have a *fresh* last id.
 * Invariant: a place that `locate` made has a declared type, a registered or open resource, and no id that is registered elsewhere.
 */
import {
  escapeId,
  formatPath,
  isId,
  ORGANIZATION_TYPE,
  type Pair,
  type ParsedPath,
  parsePath,
  type ReasonCode,
  type ResourceRef,
  SANDBOXES,
} from "../../model/index.ts";
import type { TypeInfo } from "../state/catalogue.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";

export type Place = {
  kind: "resource" | "collection" | "child";
  /** Of `/`: undefined, since the action tells the product. */
  type: TypeInfo | undefined;
  /** The resource's own node, or 0 where nothing names it. */
  node: number;
  /** The nearest node at or above. */
  above: number;
  /** The sandbox at or above: a node, or 0. */
  sandbox: number;
  /** The pairs below `above`, without a fresh one. */
  rest: readonly Pair[];
  registered: boolean;
};
export type Refusal = { readonly code: ReasonCode; readonly resource?: string; readonly type?: string };

const NO_PAIRS: readonly Pair[] = [];

/** The place of a node that is there. No check of any kind: for lists, which check what they find. */
export function placeOf(state: State, node: number): Place {
  return {
    kind: "resource",
    type: state.tree.type(node),
    node,
    above: node,
    sandbox: state.tree.sandbox(node),
    rest: NO_PAIRS,
    registered: state.tree.registered(node),
  };
}

/** Finds the place that a request names, or says why it has none: `unknown_type`, `unknown_resource`, `wrong_parent`. */
export function locate(state: State, ref: ResourceRef): Place | Refusal {
  if (ref.type !== undefined) {
    const path = pathOfTypeAndId(state, ref as { type: string; id: string; properties?: { readonly sandbox?: unknown } });
    return path === undefined ? { code: "unknown_type", type: ref.type } : locatePath(state, path);
  }
  const path = ref.path as string;
  if (ref.child !== undefined) return locateFresh(state, { parent: parsePath(path), text: path, type: ref.child, kind: "child" });
  return locatePath(state, path);
}

/** The same of a path; `node`: what it was found to name. */
export function locatePath(state: State, path: string, node = state.tree.find(path)): Place | Refusal {
  if (node !== 0) {
    const place = placeOf(state, node);
    return refusalOf(state, place, path) ?? place;
  }
  const parsed = parsePath(path);
  if (parsed?.collection !== undefined) {
    return locateFresh(state, { parent: { pairs: parsed.pairs }, text: path, type: parsed.collection, kind: "collection" });
  }
  return parsed === undefined ? { code: "unknown_type", resource: path } : locatePairs(state, parsed.pairs, path);
}

/** Whether a registered node is where a request may name it: `locate` without the words. */
export function isPlaced(state: State, node: number): boolean {
  const { tree } = state;
  const type = tree.type(node);
  if (node === ROOT || type === undefined) return node === ROOT && state.catalogue.declaresOrganization;
  const sandbox = tree.sandbox(node);
  if (sandbox !== 0 && !tree.registered(sandbox)) return false;
  return !type.uniqueAbove || misplaced(state, placeOf(state, node)) === undefined;
}

function refusalOf(state: State, place: Place, text: string): Refusal | undefined {
  if (place.node === ROOT) return state.catalogue.declaresOrganization ? undefined : { code: "unknown_type", type: ORGANIZATION_TYPE };
  if (place.type === undefined) return { code: "unknown_type", resource: text };
  if (!place.registered && !place.type.open) return { code: "unknown_resource", resource: text };
  return refusalOfSandbox(state, place) ?? (place.type.uniqueAbove ? misplaced(state, place) : undefined);
}

/** A place by its pairs, registered or not; `undefined`: the catalogue does not allow it. Nothing else is checked. */
export function placeOfPairs(state: State, pairs: readonly Pair[], collection?: string): Place | undefined {
  const types = state.typesOf(pairs);
  if (types === undefined) return undefined;
  const last = types[types.length - 1];
  const type = collection === undefined ? last : state.catalogue.resolve(last, pairs.length === 0, collection);
  if (type === undefined) return undefined;
  const { above, depth } = nearest(state, pairs);
  const node = collection === undefined && depth === pairs.length ? above : 0;
  return {
    kind: collection === undefined ? "resource" : "collection",
    type,
    node,
    above,
    sandbox: state.tree.sandbox(above),
    rest: pairs.slice(depth),
    registered: node !== 0 && state.tree.registered(node),
  };
}

function locatePairs(state: State, pairs: readonly Pair[], text: string): Place | Refusal {
  const place = placeOfPairs(state, pairs);
  if (place === undefined) return { code: "unknown_type", resource: text };
  return refusalOf(state, place, text) ?? place;
}

function locateFresh(
  state: State,
  fresh: { parent: ParsedPath | undefined; text: string; type: string; kind: "collection" | "child" },
): Place | Refusal {
  const pairs = fresh.parent?.collection === undefined ? fresh.parent?.pairs : undefined;
  const collection = pairs === undefined ? undefined : placeOfPairs(state, pairs, fresh.type);
  if (pairs === undefined || collection === undefined) return { code: "unknown_type", resource: fresh.text, type: fresh.type };
  const place: Place = { ...collection, kind: fresh.kind };
  const parent = pairs.length === 0 ? undefined : placeOfPairs(state, pairs);
  return (parent === undefined ? undefined : refusalOf(state, parent, formatPath(pairs))) ?? place;
}

function nearest(state: State, pairs: readonly Pair[]): { above: number; depth: number } {
  for (let depth = pairs.length; depth > 0; depth--) {
    const node = state.tree.find(formatPath(pairs.slice(0, depth)));
    if (node !== 0) return { above: node, depth };
  }
  return { above: ROOT, depth: 0 };
}

/** Below a sandbox that does not exist nothing is decided. */
export function refusalOfSandbox(state: State, place: Place): Refusal | undefined {
  const { tree } = state;
  if (place.sandbox !== 0)
    return tree.registered(place.sandbox) ? undefined : { code: "unknown_resource", resource: tree.path(place.sandbox) };
  const first = place.above === ROOT ? place.rest[0] : undefined;
  return first?.type === SANDBOXES ? { code: "unknown_resource", resource: formatPath([first]) } : undefined;
}

/** An id of a type with unique ids that is registered under another parent (`wrong_parent`). */
export function misplaced(state: State, place: Place): Refusal | undefined {
  const tree = state.tree;
  for (let node = place.above; node !== ROOT; node = tree.parent(node)) {
    const type = tree.type(node);
    if (type?.uniqueIds === true && !tree.registered(node) && tree.registeredAt(type, tree.id(node)) !== 0) {
      return { code: "wrong_parent", resource: tree.path(node) };
    }
  }
  if (place.rest.length === 0) return undefined;
  let type = tree.type(place.above);
  for (const [index, pair] of place.rest.entries()) {
    type = state.catalogue.resolve(type, place.above === ROOT && index === 0, pair.type);
    if (type?.uniqueIds === true && tree.registeredAt(type, pair.id) !== 0)
      return { code: "wrong_parent", resource: pathOfPlace(state, place) };
  }
  return undefined;
}

/** The path that `{type, id}` names (model §2), or `undefined`: no such type, or no id. */
export function pathOfTypeAndId(
  state: State,
  ref: { readonly type: string; readonly id: string; readonly properties?: { readonly sandbox?: unknown } },
): string | undefined {
  const { type, id } = ref;
  if (type === ORGANIZATION_TYPE) return id === "/" ? "/" : undefined;
  if (state.catalogue.root(type) !== undefined) return isId(id) ? `/${type}/${escapeId(id)}` : undefined;
  const sandbox = ref.properties !== undefined && Object.hasOwn(ref.properties, "sandbox") ? ref.properties.sandbox : undefined;
  if (typeof sandbox === "string" && state.catalogue.underSandboxes(type) !== undefined) {
    return isId(id) && isId(sandbox) ? `/${SANDBOXES}/${escapeId(sandbox)}/${type}/${escapeId(id)}` : undefined;
  }
  const parsed = parsePath(id);
  if (parsed === undefined || parsed.collection !== undefined) return undefined;
  return parsed.pairs[parsed.pairs.length - 1]?.type === type ? id : undefined;
}

/** The pairs of a place, without a fresh one. */
export function pairsOf(state: State, place: Place): readonly Pair[] {
  const known = (parsePath(state.tree.path(place.above)) as ParsedPath).pairs;
  return place.rest.length === 0 ? known : [...known, ...place.rest];
}

/** The canonical path of a place; of a collection its own; of a child its parent's. */
export function pathOfPlace(state: State, place: Place): string {
  const collection = place.kind === "collection" ? (place.type as TypeInfo).name : undefined;
  return formatPath(pairsOf(state, place), collection);
}

export function isRefusal(found: Place | Refusal): found is Refusal {
  return "code" in found;
}
