/**
 * Rows: the operations of the catalogue as they are asked about when two plans are compared.
 *
 * A *spot* is a target that a row can have: a place that the organization's records name and whose path fits the row's target,
 * or a *fresh* one, which nothing names, from some place on that fits the target's beginning.
 * Invariant: the spots of a row depend on the places alone, so that both sides are asked about the same.
 */
import { escapeId } from "../../model/index.ts";
import { concernedActions } from "../operation/alternatives.ts";
import type { AlternativeInfo, OperationInfo, ProductOperations, TargetTemplate } from "../operation/operations.ts";
import { readTemplate } from "../operation/route.ts";
import type { State } from "../state/state.ts";
import type { NamedPlaces } from "./named-places.ts";

/** The id of what nothing names. */
export const FRESH = "~any~";

/** `place`: a resource, or for a fresh one the collection from which on its ids are fresh. `ids`: those that are named. */
export type Spot = { readonly place: string; readonly ids: readonly string[] };

/** Product and name: what tells rows apart. No id of a product holds a space. */
export function rowName({ record, name }: OperationInfo): string {
  return `${record.product} ${name}`;
}
export function partsOfRow(row: string): { readonly product: string; readonly operation: string } {
  const space = row.indexOf(" ");
  return { product: row.slice(0, space), operation: row.slice(space + 1) };
}

/** Whether calls reach the row: of two with one template the last written does. */
export function isRow(operations: ProductOperations, row: OperationInfo): boolean {
  return operations.at(row.record.method, row.record.path) === row;
}

export function ruleOf(row: OperationInfo, operations: ProductOperations): readonly AlternativeInfo[] | undefined {
  return row.own ?? row.published ?? (row.record.method === "GET" ? operations.readDefault : undefined);
}

/** Whether something besides roles, scopes and sandboxes has a say: a condition or a policy. */
export function isConditional(state: State, row: OperationInfo, operations: ProductOperations): boolean {
  const rule = ruleOf(row, operations) ?? [];
  return rule.some(({ when }) => when !== undefined) || concernedActions(state, row.name, rule).length > 0;
}

/** Whether two targets with the same scopes above them may be answered differently, so that each has to be asked about. */
export function isEachAsked(state: State, row: OperationInfo, operations: ProductOperations): boolean {
  const rule = ruleOf(row, operations) ?? [];
  const { pairs } = row.target;
  const ids = pairs.map(({ id }) => id).filter((id) => typeof id === "number");
  const types = state.typesOf(pairs);
  return (
    operations.basePathCount > 0 ||
    concernedActions(state, row.name, rule).length > 0 ||
    rule.some(({ record }) => record.when !== undefined && JSON.stringify(record.when).includes('"resource')) ||
    types?.[types.length - 1]?.uniqueAbove === true ||
    new Set(ids).size < ids.length ||
    (row.organizationParameter !== undefined && ids.includes(row.organizationParameter))
  );
}

/** In the place of an id; no literal one is written so. */
const PARAMETER = "{}";

/** Tells rows with the same spots. */
export function templateName({ pairs }: TargetTemplate): string {
  return pairs.map(({ type, id }) => `/${type}/${typeof id === "string" ? escapeId(id) : PARAMETER}`).join("");
}

/** The spots of a target by their places, and how many lie at or below each place. */
export type Spots = { readonly at: ReadonlyMap<string, Spot>; readonly counts: ReadonlyMap<string, number> };

/** Every spot of a target, by `templateName`. */
export function spotsOf(named: NamedPlaces, template: string): Spots {
  const segments = template.split("/").slice(1);
  const at = new Map<string, Spot>();
  const types = segments.filter((_, i) => i % 2 === 0);
  const fits = (ids: readonly string[]): boolean =>
    ids.every((id, i) => segments[2 * i + 1] === PARAMETER || segments[2 * i + 1] === escapeId(id));
  for (let depth = 0; depth <= types.length; depth++) {
    const next = types[depth];
    for (const { path, ids } of named.of(types.slice(0, depth))) {
      if (!fits(ids)) continue;
      const place = next === undefined ? path : path === "/" ? `/${next}` : `${path}/${next}`;
      at.set(place, { place, ids });
    }
  }
  return { at, counts: countsOf(at.keys()) };
}

/** The resource above a resource or a collection; of the organization: `undefined`. */
export function placeAbove(place: string): string | undefined {
  if (place === "/") return undefined;
  const last = place.lastIndexOf("/");
  // Of a collection the number of slashes is odd.
  const above = isCollection(place) ? last : place.lastIndexOf("/", last - 1);
  return above <= 0 ? "/" : place.slice(0, above);
}

function isCollection(place: string): boolean {
  let slashes = 0;
  for (let i = 0; i < place.length; i++) if (place.charCodeAt(i) === SLASH) slashes++;
  return slashes % 2 === 1;
}
const SLASH = 47;

/** How many of some places lie at or below each place. */
export function countsOf(places: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const place of places) {
    for (let at: string | undefined = place; at !== undefined; at = placeAbove(at)) counts.set(at, (counts.get(at) ?? 0) + 1);
  }
  return counts;
}

/** The request line's path of a call; `undefined`: none has this target. */
export function targetOf(row: OperationInfo, ids: readonly string[], tenant: string): string | undefined {
  const { segments, parameters } = readTemplate(row.record.path);
  const values = new Map<string, string>();
  for (const [i, { id }] of row.target.pairs.entries()) {
    if (typeof id === "string" || id < 0) continue;
    const [name, value] = [parameters[id] as string, ids[i] ?? FRESH];
    if ((values.get(name) ?? value) !== value || !value.isWellFormed()) return undefined;
    values.set(name, value);
  }
  const parameter = row.organizationParameter ?? -1;
  const fill = (name: string): string =>
    encodeURIComponent(values.get(name) ?? (parameter !== -1 && parameters[parameter] === name ? tenant : FRESH));
  const texts = segments.map((segment) => {
    if ("literal" in segment) return encodeURIComponent(segment.literal);
    if ("parameter" in segment) return fill(segment.parameter);
    const names = segment.parameters;
    return segment.fixed.map((text, i) => encodeURIComponent(text) + (i < names.length ? fill(names[i] as string) : "")).join("");
  });
  return `/${texts.join("/")}`;
}
