/**
 * What a call is about: the row's target, filled from the URL, and the further targets that the enforcement point resolved.
 *
 * Targets need not be registered: the inventory of an API lives in its backend. But an id that is registered elsewhere, a type
 * that nobody declares and a sandbox that does not exist are refused, in this order over all targets.
 * Invariant: a place that leaves here has a declared type, and none of its ids is registered under another parent.
 */
import { escapeId, isId, type OperationRequest, ORGANIZATION_TYPE, type Pair, parsePath } from "../model/index.ts";
import type { OperationInfo } from "./operations.ts";
import { misplaced, type Place, placeOf, placeOfPairs, type Refusal, refusalOfSandbox } from "./place.ts";
import type { State } from "./state.ts";
import { ROOT } from "./tree.ts";

/** `unsaid`: the row names a further target about which nothing was said. */
export type Targeted = { readonly target: Place; readonly further: readonly Place[]; readonly unsaid: boolean };

export function locateTarget(
  call: { readonly state: State; readonly request: OperationRequest },
  row: OperationInfo,
  values: readonly string[],
): Targeted | Refusal {
  const { state, request } = call;
  const also = row.record.also;
  const target = fill(state, row, values);
  if (also === undefined) return refusalOf(state, [target], false) ?? { target: target as Place, further: [], unsaid: false };
  const further: (Place | undefined)[] = [];
  let unsaid = false;
  let isOfOtherType = false;
  for (const { name, type } of also) {
    const given = request.targets !== undefined && Object.hasOwn(request.targets, name) ? request.targets[name] : undefined;
    if (given === undefined) unsaid = true;
    else if (given !== null) {
      const place = furtherTarget(state, given);
      further.push(place);
      isOfOtherType ||= place !== undefined && (place.type?.name ?? ORGANIZATION_TYPE) !== type;
    }
  }
  return refusalOf(state, [target, ...further], isOfOtherType) ?? { target: target as Place, further: further as Place[], unsaid };
}

/** The first refusal over all targets, a further one of another type than the row says among them: `wrong_parent`, then `unknown_type`, then `unknown_resource`. */
function refusalOf(state: State, places: readonly (Place | undefined)[], isOfOtherType: boolean): Refusal | undefined {
  for (const place of places) {
    const refusal = place?.type?.uniqueAbove === true ? misplaced(state, place) : undefined;
    if (refusal !== undefined) return refusal;
  }
  if (isOfOtherType) return { code: "unknown_type" };
  for (const place of places) {
    if (place === undefined || (place.type === undefined && !state.catalogue.declaresOrganization)) return { code: "unknown_type" };
  }
  for (const place of places) {
    const refusal = place === undefined ? undefined : refusalOfSandbox(state, place);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** The row's target with its parameters in their places; `undefined`: that is no path of declared types. */
function fill(state: State, row: OperationInfo, values: readonly string[]): Place | undefined {
  const { pairs, collection } = row.target;
  if (pairs.length === 0 && collection === undefined) return placeOf(state, ROOT);
  let path = "";
  for (const { type, id } of pairs) {
    const value = typeof id === "string" ? id : values[id];
    if (value === undefined || !isId(value)) return undefined;
    path += `/${type}/${escapeId(value)}`;
  }
  const node = collection === undefined ? state.tree.find(path) : 0;
  if (node !== 0) return known(state, node);
  const filled = pairs.map(({ type, id }): Pair => ({ type, id: typeof id === "string" ? id : (values[id] as string) }));
  return placeOfPairs(state, filled, collection);
}

function furtherTarget(state: State, path: string): Place | undefined {
  const node = typeof path === "string" ? state.tree.find(path) : 0;
  if (node !== 0) return known(state, node);
  const parsed = typeof path === "string" ? parsePath(path) : undefined;
  return parsed === undefined || parsed.collection !== undefined ? undefined : placeOfPairs(state, parsed.pairs);
}

function known(state: State, node: number): Place | undefined {
  const place = placeOf(state, node);
  return place.type === undefined && node !== ROOT ? undefined : place;
}
