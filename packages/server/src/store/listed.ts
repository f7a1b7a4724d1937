/**
 * What lists can be filtered and sorted by, kind by kind. A field that stands here is served from an index, at any size; one that does
 * not is refused, never scanned for.
 *
 * `filters`: equality on the field's text. `sorts`: `key`, the key's members in their order; `name`, by name, then key; `changed`, by the
 * revision of the last change, then key; `created`, by life; the name of a key's second member: by that one, then the first. All orders are of UTF-8 bytes;
 * what has no name stands under the empty one. A kind's *class* is the text of its filter fields that have few values: a list is united
 * from those of the classes that fit. Invariant: class and name follow from the record alone, and every sort ends in the whole key.
 */
import type { Kind, Nouns, Rec } from "@reeve/core";
import { toStorable } from "./canonical.ts";

export type Listed = { readonly filters: readonly string[]; readonly sorts: readonly string[]; readonly below?: true };

const NAMED = ["key", "name", "changed"] as const;
const DATED = [...NAMED, "created"] as const;

/** The fields of every kind's list. The first sort is the usual one. */
export const LISTED = {
  organization: { filters: [], sorts: ["key"] },
  product: { filters: [], sorts: ["key", "name"] },
  "permission-set": { filters: ["product", "category"], sorts: ["key", "name"] },
  label: { filters: [], sorts: ["key", "name"] },
  principal: { filters: ["type", "active"], sorts: NAMED },
  membership: { filters: ["group", "member"], sorts: ["key", "member"] },
  resource: { filters: ["type", "state"], sorts: NAMED, below: true },
  link: { filters: ["from", "to"], sorts: ["key"] },
  role: { filters: ["product", "type", "builtIn"], sorts: DATED },
  assignment: { filters: ["role", "principal"], sorts: ["key", "principal"] },
  grant: { filters: ["principal", "resource"], sorts: ["key", "resource"] },
  policy: { filters: ["product", "status", "builtIn"], sorts: DATED },
  setting: { filters: ["product"], sorts: ["key"] },
  operation: { filters: ["product", "method"], sorts: NAMED },
  "operation-rule": { filters: ["product"], sorts: ["key"] },
  "product-administrator": { filters: ["product", "principal"], sorts: ["key"] },
  "developer-access": { filters: ["role", "principal"], sorts: ["key"] },
  "developer-project": { filters: ["product", "serviceAccount"], sorts: ["key"] },
  binned: { filters: [], sorts: ["key"] },
} as const satisfies Record<Kind, Listed>;

/** `class`: the values of `fields`, in their order; null where the record has none. `name`: what stands in the sorted column. */
type Columns<K extends Kind> = {
  readonly fields: readonly string[];
  readonly class: (value: Nouns[K]) => readonly (string | null)[];
  readonly name: (value: Nouns[K]) => string | undefined;
  /** The filter that is equality of the sorted column. */
  readonly nameFilter?: string;
};
const yesOrNo = (value: boolean | undefined): string => String(value === true);

const COLUMNS: { readonly [K in Kind]?: Columns<K> } = {
  product: { fields: [], class: () => [], name: ({ name }) => name },
  label: { fields: [], class: () => [], name: ({ name }) => name },
  "permission-set": {
    fields: ["product", "category"],
    class: ({ product, category }) => [product, category ?? null],
    name: ({ name }) => name,
  },
  principal: { fields: ["type", "active"], class: ({ type, active }) => [type, yesOrNo(active)], name: ({ name }) => name },
  resource: {
    fields: ["type", "state"],
    // The last collection of `/type/id/type/id`; the organization has none.
    class: ({ path, state }) => [path.split("/").at(-2) || null, state ?? null],
    name: ({ name }) => name,
  },
  role: {
    fields: ["product", "type", "builtIn"],
    class: ({ product, type, builtIn }) => [product, type, yesOrNo(builtIn)],
    name: ({ name }) => name,
  },
  policy: {
    fields: ["product", "status", "builtIn"],
    class: ({ product, status, builtIn }) => [product ?? null, status, yesOrNo(builtIn)],
    name: ({ name }) => name,
  },
  operation: { fields: ["product", "method"], class: ({ product, method }) => [product, method], name: ({ names }) => names[0] },
  // As many service accounts as projects: no class, but equality of the sorted column.
  "developer-project": {
    fields: ["product"],
    class: ({ product }) => [product],
    name: ({ serviceAccount }) => serviceAccount,
    nameFilter: "serviceAccount",
  },
};

const columnsOf = (kind: Kind): Columns<Kind> | undefined => COLUMNS[kind] as Columns<Kind> | undefined;

/** What a list of the kind has beside the key. Both are null in kinds that are listed by their keys alone. */
export type ListedColumns = { readonly class: string | null; readonly name: string | null };
const KEY_ALONE: ListedColumns = { class: null, name: null };

/** The kinds that have a class and a name; the others are listed by their keys alone. */
export const KINDS_WITH_CLASS = Object.keys(COLUMNS) as readonly Kind[];

/** The class as canonical text, and the name as every database holds it. */
export const listedColumns = ({ kind, value }: Rec): ListedColumns => {
  const columns = columnsOf(kind);
  if (columns === undefined) return KEY_ALONE;
  return { class: JSON.stringify(columns.class(value)), name: toStorable(columns.name(value) ?? "") };
};

/** The same of a record's stored value. Most kinds are not parsed for it. */
export const columnsOfBody = (kind: Kind, body: string): ListedColumns =>
  columnsOf(kind) === undefined ? KEY_ALONE : listedColumns({ kind, value: JSON.parse(body) } as Rec);

/** Where the field of a filter stands: in the class, in the sorted column, or in the key. */
export const filterPlace = (kind: Kind, field: string): "class" | "name" | "key" => {
  const columns = columnsOf(kind);
  if (columns?.fields.includes(field) === true) return "class";
  return columns?.nameFilter === field ? "name" : "key";
};

/** Whether a class has these values in these fields. */
export const classFits = (kind: Kind, text: string, filter: Readonly<Record<string, string>>): boolean => {
  const values = JSON.parse(text) as readonly (string | null)[];
  const fields = columnsOf(kind)?.fields ?? [];
  return fields.every((field, at) => filter[field] === undefined || filter[field] === values[at]);
};
