/**
 * Labels: a resource's own, and those that its parent and its links hand down, found when asked and never copied.
 *
 * A *spot* is a path with its node, if it has one: what hands labels down need not
 * be registered itself. The walk visits each spot once, so that it ends on any data.
 * Invariant: the effective labels of a spot are the own labels of all spots that it takes from, itself included, in byte order.
 */
import { compareUtf8, escapeId, type Pair, type ParsedPath, parentPath, parsePath } from "../../model/index.ts";
import type { Place } from "../decide/place.ts";
import type { TypeInfo } from "./catalogue.ts";
import type { State } from "./state.ts";
import { ROOT } from "./tree.ts";

/** Stands for the id of a child in a path; no id can hold it. */
const FRESH = "\u0000";

type Spot = { readonly node: number; readonly type: TypeInfo; readonly path: string };

/** Labels that a resource is known to carry: its own and inherited ones. Of a child only inherited ones exist. */
export function effectiveLabels(state: State, place: Place): readonly string[] {
  const type = place.type;
  if (type === undefined) return ownLabels(state, place.node);
  if (type.labelParents.size === 0 && !mayTakeByLinks(state, type)) return ownLabels(state, place.node);
  const found = new Set<string>();
  const seen = new Set<string>();
  const spots: Spot[] = [spotOfPlace(state, place)];
  for (let spot = spots.pop(); spot !== undefined; spot = spots.pop()) {
    if (seen.has(spot.path)) continue;
    seen.add(spot.path);
    for (const label of ownLabels(state, spot.node)) found.add(label);
    if (spot.type.labelParents.size > 0) addParent(state, spot, spots);
    if (mayTakeByLinks(state, spot.type)) addLinked(state, spot, spots);
  }
  return [...found].sort(compareUtf8);
}

function ownLabels(state: State, node: number): readonly string[] {
  if (node === 0 || !state.tree.hasExtra(node)) return [];
  return state.resources.get(node)?.labels ?? [];
}

function mayTakeByLinks(state: State, type: TypeInfo): boolean {
  if (state.links.size === 0) return false;
  return type.product.record.labelInheritance?.links.some((row) => row.from === type.name) === true;
}

function spotOfPlace(state: State, place: Place): Spot {
  const type = place.type as TypeInfo;
  let path = state.tree.path(place.above);
  for (const pair of place.rest) path = below(path, `/${pair.type}/${escapeId(pair.id)}`);
  if (place.kind === "child") path = below(path, `/${type.name}/${FRESH}`);
  return { node: place.node, type, path };
}

function below(path: string, rest: string): string {
  return path === "/" ? rest : path + rest;
}

function addParent(state: State, spot: Spot, spots: Spot[]): void {
  const path = parentPath(spot.path);
  const parent = path === undefined || path === "/" ? undefined : spotAt(state, path);
  if (parent !== undefined && spot.type.labelParents.has(parent.type.name)) spots.push(parent);
}

function addLinked(state: State, spot: Spot, spots: Spot[]): void {
  const rows = spot.type.product.record.labelInheritance?.links ?? [];
  for (let path: string | undefined = spot.path; path !== undefined && path !== "/"; path = parentPath(path)) {
    const holder = state.tree.find(path);
    if (holder === 0) continue;
    for (const { link } of state.links.of(holder)) {
      for (const row of rows) {
        if (row.kind !== link.linkKind || row.from !== spot.type.name) continue;
        const other = spotAt(state, link.to + spot.path.slice(path.length));
        if (other?.type.name === row.to) spots.push(other);
      }
    }
  }
}

function spotAt(state: State, path: string): Spot | undefined {
  const node = state.tree.find(path);
  if (node !== 0) {
    const type = node === ROOT ? undefined : state.tree.type(node);
    return type === undefined ? undefined : { node, type, path };
  }
  const fresh = path.endsWith(FRESH);
  const parsed = parsePath(fresh ? path.slice(0, -2) : path);
  const pairs = parsed === undefined ? undefined : withFresh(parsed, fresh);
  const types = pairs === undefined ? undefined : state.typesOf(pairs);
  const type = types?.[types.length - 1];
  // A spot need not be registered: labels are handed on through it.
  return type === undefined ? undefined : { node: 0, type, path };
}

function withFresh(parsed: ParsedPath, fresh: boolean): readonly Pair[] | undefined {
  if (fresh !== (parsed.collection !== undefined)) return undefined;
  return parsed.collection === undefined ? parsed.pairs : [...parsed.pairs, { type: parsed.collection, id: FRESH }];
}
