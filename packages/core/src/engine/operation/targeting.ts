/**
 * What a call is about: the row's target, filled from the URL, and the further targets that the enforcement point resolved.
 *
 * Targets need not be registered: the inventory of an API lives in its backend. But an id that is registered elsewhere, a type
 * that nobody declares and a sandbox that does not exist are refused, in this order over all targets. What the catalogue says of a
 * row's target is found once; where nothing can refuse it, the place itself is looked for only if an alternative asks for it.
 * Invariant: a place that leaves here has a declared type, and none of its ids is registered under another parent.
 */
import { escapeId, isId, type OperationRequest, ORGANIZATION_TYPE, type Pair, parsePath, SANDBOXES } from "../../model/index.ts";
import { misplaced, type Place, placeOf, placeOfPairs, type Refusal, refusalOfSandbox } from "../decide/place.ts";
import type { Spot } from "../decide/sources.ts";
import type { ProductInfo } from "../state/catalogue.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";
import type { OperationInfo, TargetPair, TypedTarget } from "./operations.ts";
import type { Path } from "./target.ts";

/** `spot`: where the target's scopes are looked for. `unsaid`: the row names a further target about which nothing was said. */
export type Targeted = { readonly target: Place; readonly spot: Spot; readonly further: readonly Place[]; readonly unsaid: boolean };
type Call = { readonly state: State; readonly request: OperationRequest; readonly product: ProductInfo };

const NONE: readonly Place[] = Object.freeze([]);

export function targetedAt(target: Place): Targeted {
  return { target, spot: target, further: NONE, unsaid: false };
}

/** A target that nothing refuses, found when it is asked for. */
class LateTarget implements Targeted {
  readonly further = NONE;
  readonly unsaid = false;
  readonly #state: State;
  readonly #row: OperationInfo;
  readonly #path: Path;
  #spot: Nearest | undefined;
  #place: Place | undefined;

  constructor(state: State, row: OperationInfo, path: Path) {
    this.#state = state;
    this.#row = row;
    this.#path = path;
  }
  get spot(): Nearest {
    this.#spot ??= nearest(this.#state, this.#row, this.#path);
    return this.#spot;
  }
  get target(): Place {
    this.#place ??= placeAt(this.#row, this.#path, { state: this.#state, ...this.spot });
    return this.#place;
  }
}

/** The targets of a call. `path`: as it was matched; it must stay so until the target has been asked for. */
export function locateTarget(call: Call, row: OperationInfo, path: Path): Targeted | Refusal {
  const { state, request, product } = call;
  if (row.certainFor === product && path.isOfIds) return new LateTarget(state, row, path);
  const { also } = row;
  const target = typedTarget(call, row).isDeclared && isEveryId(row, path) ? fill(state, row, path) : undefined;
  if (also === undefined) return refusalOf(state, [target], false) ?? targetedAt(target as Place);
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
  return refusalOf(state, [target, ...further], isOfOtherType) ?? { ...targetedAt(target as Place), further: further as Place[], unsaid };
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

/** What the catalogue says of a row's target. A catalogue that has changed has other infos of its products. */
function typedTarget({ state, product }: Call, row: OperationInfo): TypedTarget {
  if (row.typed?.product === product) return row.typed;
  const { pairs, collection } = row.target;
  const above = state.typesOf(pairs);
  const last = above?.[above.length - 1];
  const type = collection === undefined ? last : state.catalogue.resolve(last, pairs.length === 0, collection);
  const isOrganization = pairs.length === 0 && collection === undefined;
  const isDeclared = above !== undefined && (type !== undefined || isOrganization);
  const mayBeRefused = isOrganization ? !state.catalogue.declaresOrganization : type?.uniqueAbove !== false || pairs[0]?.type === SANDBOXES;
  row.typed = { product, type, isDeclared };
  const mayBeId = ({ id }: TargetPair): boolean => (typeof id === "string" ? isId(id) : id >= 0);
  row.certainFor = isDeclared && !mayBeRefused && row.also === undefined && pairs.every(mayBeId) ? product : undefined;
  return row.typed;
}

function isEveryId({ target }: OperationInfo, path: Path): boolean {
  for (const { id } of target.pairs) {
    if (typeof id === "string" ? !isId(id) : id < 0 || !path.isValueId(id)) return false;
  }
  return true;
}

/** The row's target with its parameters in their places, all of them ids, of types that are declared. */
function fill(state: State, row: OperationInfo, path: Path): Place {
  return placeAt(row, path, { state, ...nearest(state, row, path) });
}

/** `depth`: how many of the target's pairs have a node. */
type Nearest = Spot & { readonly depth: number };

/** The nearest node at or above the target. Down from the root: above a path that something names every path has a node. */
function nearest(state: State, { target }: OperationInfo, path: Path): Nearest {
  const { pairs } = target;
  let above = ROOT;
  let depth = 0;
  for (let text = ""; depth < pairs.length; depth++) {
    const { id, spelled } = pairs[depth] as TargetPair;
    text += typeof id === "string" ? spelled : spelled + escapeId(path.value(id));
    const node = state.tree.find(text);
    if (node === 0) break;
    above = node;
  }
  return { above, sandbox: state.tree.sandbox(above), depth };
}

function placeAt({ target, typed }: OperationInfo, path: Path, near: Nearest & { readonly state: State }): Place {
  const { pairs, collection } = target;
  const { state, above, sandbox, depth } = near;
  if (depth === pairs.length && collection === undefined) return placeOf(state, above);
  const rest = pairs.slice(depth).map(({ type, id }): Pair => ({ type, id: typeof id === "string" ? id : path.value(id) }));
  const kind = collection === undefined ? "resource" : "collection";
  return { kind, type: typed?.type, node: 0, above, sandbox, rest, registered: false };
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
