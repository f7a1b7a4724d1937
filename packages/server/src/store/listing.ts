/**
 * A list's query, worked out: which columns are equal to what, in which order the rest comes, and after which values a page begins.
 * The same for every store: one makes statements of it, another filters and sorts by it.
 *
 * Words: an object's *columns* are those of its key (k1 to k3), its `name`, the `rev`ision of its last change, and its `life`.
 * Invariant: the order begins where the equal columns end and ends in the whole key, so that no two objects stand at one place.
 */
import { KEY_MEMBERS, type Key, type Kind } from "@reeve/core";
import { compareUtf8, isStorable, toStorable } from "./canonical.ts";
import type { KeptObject, ObjectPosition, ObjectQuery } from "./index.ts";
import { classFits, filterPlace, LISTED, type Listed, listedColumns } from "./listed.ts";

export const LIST_MAX = 1_000;

type KeyColumn = "k1" | "k2" | "k3";
export type Column = KeyColumn | "name" | "rev" | "life";
/** Values of the ordered columns. */
export type Place = readonly (string | number)[];
export type ListPlan = {
  readonly kind: Kind;
  readonly max: number;
  readonly descending: boolean;
  readonly equal: Readonly<Partial<Record<KeyColumn | "name", string>>>;
  readonly order: readonly Column[];
  /** The classes to unite; undefined: the class does not matter. */
  readonly classFits: ((text: string) => boolean) | undefined;
  /** Bounds of the first ordered column: from (inclusive) to (exclusive). */
  readonly range: { readonly from: string; readonly to: string | undefined } | undefined;
  readonly after: Place | undefined;
  readonly skip: number;
  /** What no store can hold was asked for: nothing fits. */
  readonly isEmpty: boolean;
};

const KEY_COLUMNS = ["k1", "k2", "k3"] as const;

/** Throws TypeError for what `LISTED` does not have, and for a position that is none of such a list. */
export const listPlan = (query: ObjectQuery): ListPlan => {
  check(query);
  const { kind, filter, max } = query;
  const members: readonly string[] = KEY_MEMBERS[kind];
  const fields = Object.keys(filter);
  const equal: Partial<Record<KeyColumn | "name", string>> = {};
  for (const field of fields) {
    const place = filterPlace(kind, field);
    if (place === "name") equal.name = toStorable(filter[field] ?? "");
    if (place === "key") equal[keyColumn(members.indexOf(field))] = filter[field] ?? "";
  }
  const order = orderOf(query, equal);
  const skip = query.skip ?? 0;
  const ofClasses = equal.name !== undefined || order[0] === "name" || isCounted(order);
  return {
    kind,
    max,
    descending: query.descending === true,
    equal,
    order,
    classFits:
      ofClasses || fields.some((field) => filterPlace(kind, field) === "class") ? (text) => classFits(kind, text, filter) : undefined,
    range: rangeOf(query),
    after: query.after === undefined ? undefined : placeOf(query, { order, position: query.after }),
    skip,
    isEmpty: !Object.values(equal).every(isStorable) || !isStorable(query.below ?? ""),
  };
};

/** Whether a number comes first in the order. */
const isCounted = ([first]: readonly Column[]): boolean => first === "rev" || first === "life";

const check = ({ kind, filter, sort, namePrefix, below, max, after, skip = 0 }: ObjectQuery): void => {
  const listed: Listed | undefined = Object.hasOwn(LISTED, kind) ? LISTED[kind] : undefined;
  if (listed === undefined) throw new TypeError(`no kind ${kind}`);
  if (!listed.sorts.includes(sort)) throw new TypeError(`a list of ${kind} is not sorted by ${sort}`);
  for (const [field, value] of Object.entries(filter)) {
    if (!listed.filters.includes(field) || typeof value !== "string") throw new TypeError(`a list of ${kind} is not filtered by ${field}`);
  }
  if (namePrefix !== undefined && sort !== "name") throw new TypeError("the beginning of names needs the sort by name");
  if (below !== undefined && (listed.below !== true || sort !== "key")) throw new TypeError("`below` is for resources by key");
  const isOfKey = sort !== "name" && sort !== "changed" && Object.keys(filter).every((field) => filterPlace(kind, field) === "key");
  if (skip !== 0 && !(isOfKey && after === undefined && Number.isSafeInteger(skip) && skip > 0))
    throw new TypeError("objects are passed over in lists by key alone");
  if (!Number.isSafeInteger(max) || max < 1 || max > LIST_MAX) throw new TypeError(`a page has 1 to ${LIST_MAX} objects`);
};

const keyColumn = (at: number): KeyColumn => KEY_COLUMNS[at] ?? "k1";

const orderOf = ({ kind, sort }: ObjectQuery, equal: ListPlan["equal"]): readonly Column[] => {
  const members: readonly string[] = KEY_MEMBERS[kind];
  const key: readonly KeyColumn[] = KEY_COLUMNS.slice(0, Math.max(1, members.length));
  if (sort === "name") return ["name", ...key];
  if (sort === "changed") return ["rev", ...key];
  if (sort === "created") return ["life", ...key];
  const first = sort === "key" ? [] : [keyColumn(members.indexOf(sort))];
  const free = [...first, ...key.filter((column) => !first.includes(column))].filter((column) => equal[column] === undefined);
  // The whole key is given: one object, in whatever order.
  return free.length === 0 ? key : free;
};

const rangeOf = ({ namePrefix, below }: ObjectQuery): ListPlan["range"] => {
  if (namePrefix !== undefined && namePrefix !== "") return beginning(toStorable(namePrefix));
  return below === undefined ? undefined : beginning(below === "/" ? "/" : `${below}/`, below === "/");
};

/** The texts that begin so: up to the next text of the same length, or without end. `isLonger`: the text itself is none of them. */
const beginning = (text: string, isLonger = false): { from: string; to: string | undefined } => {
  const points = [...text];
  let to: string | undefined;
  while (to === undefined && points.length > 0) {
    const last = points.pop()?.codePointAt(0) ?? 0;
    if (last < 0x10ffff) to = points.join("") + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
  }
  // No storable text lies between a text and itself with the least character behind it.
  return { from: isLonger ? `${text}\u0001` : text, to };
};

/** What stands in the columns of an object. */
type Values = { readonly key: Key; readonly name: string | null; readonly revision: number; readonly life: number };

const textOf = (column: Column, { key, name, revision, life }: Values): string | number => {
  if (column === "name") return name ?? "";
  if (column === "rev") return revision;
  if (column === "life") return life;
  return key[KEY_COLUMNS.indexOf(column)] ?? "";
};

export const placeOfValues = (order: readonly Column[], values: Values): Place => order.map((column) => textOf(column, values));

/** Where an object stands in its list, as texts: what the sort has beside the key, then the key. */
export const positionOf = ({ order }: ListPlan, { rec, revision, life }: KeptObject, key: Key): ObjectPosition => {
  if (isCounted(order)) return [`${order[0] === "rev" ? revision : life}`, ...key];
  return order[0] === "name" ? [listedColumns(rec).name ?? "", ...key] : key;
};

const placeOf = ({ kind }: ObjectQuery, { order, position }: { order: readonly Column[]; position: ObjectPosition }): Place => {
  const own = isCounted(order) || order[0] === "name" ? 1 : 0;
  if (position.length !== KEY_MEMBERS[kind].length + own || !position.every((text) => typeof text === "string" && isStorable(text))) {
    throw new TypeError(`a place in another list than this one of ${kind}`);
  }
  const [first = ""] = position;
  if (isCounted(order) && !/^[1-9]\d{0,15}$/.test(first)) throw new TypeError(`a place in another list than this one of ${kind}`);
  return placeOfValues(order, { key: position.slice(own), name: first, revision: Number(first), life: Number(first) });
};

/** The order of two places of one list, ascending. */
export const comparePlaces = (a: Place, b: Place): number => {
  for (const [at, left] of a.entries()) {
    const right = b[at];
    const order = typeof left === "number" ? left - Number(right) : compareUtf8(left, String(right));
    if (order !== 0) return order;
  }
  return 0;
};

/** Whether the list has the object, wherever it stands. */
export const isListed = (plan: ListPlan, object: KeptObject, key: Key): boolean => {
  if (plan.isEmpty || object.rec.kind !== plan.kind) return false;
  const columns = listedColumns(object.rec);
  if (plan.classFits?.(columns.class ?? "[]") === false) return false;
  const values = { key, name: columns.name, revision: object.revision, life: object.life };
  for (const [column, text] of Object.entries(plan.equal)) if (textOf(column as Column, values) !== text) return false;
  const first = String(textOf(plan.order[0] ?? "k1", values));
  if (plan.range === undefined) return true;
  return compareUtf8(first, plan.range.from) >= 0 && (plan.range.to === undefined || compareUtf8(first, plan.range.to) < 0);
};
