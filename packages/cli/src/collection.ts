/**
 * Collections on the command line: their names, the keys of their objects, and the columns under which objects are shown.
 *
 * Invariant: whatever the contract has a collection for can be named, by its plural, its singular or its kind.
 */
import { COLLECTIONS, type Collection, type CollectionName } from "@reeve/contract";
import type { Result } from "@reeve/core";
import { didYouMean } from "./did-you-mean.ts";
import { EXIT, type Failure, fail } from "./exit.ts";
import { timeText } from "./history-words.ts";
import type { Cell, Table } from "./table-text.ts";

export const COLLECTION_NAMES = Object.keys(COLLECTIONS) as readonly CollectionName[];
export type Named = { readonly name: CollectionName; readonly collection: Collection };

/** An object as people name it: by its kind and the members of its key. */
export type ObjectName = { readonly kind: string; readonly key: readonly string[] };

/** `roles`, `role`, `permission set` or `permission-set` → the collection. */
export function collectionOf(word: string, others: readonly string[] = []): Result<Named, Failure> {
  const wanted = word.replaceAll(" ", "-").toLowerCase();
  const name =
    COLLECTION_NAMES.find((one) => one === wanted) ?? COLLECTION_NAMES.find((one) => COLLECTIONS[one].one.replaceAll(" ", "-") === wanted);
  if (name !== undefined) return { ok: true, value: { name, collection: COLLECTIONS[name] } };
  const known = [...others, ...COLLECTION_NAMES];
  return fail(EXIT.usage, `There is no collection ${word}.${didYouMean(word, known)}`, `  There are: ${known.join(", ")}`);
}

/** The members of a key as a path needs them. */
export function keyParameters({ name, collection }: Named, key: readonly string[]): Result<Record<string, string>, Failure> {
  if (key.length === collection.key.length) {
    return { ok: true, value: Object.fromEntries(collection.key.map((member, at) => [member, key[at] as string])) };
  }
  const wanted = collection.key.map((member) => member.toUpperCase()).join(" ");
  return fail(EXIT.usage, `A ${collection.one} is named by ${wanted}: reeve get ${name} ${wanted}`);
}

type Value = Readonly<Record<string, unknown>>;

/** What a reader of a list wants to know beside key, name and filters. */
const MORE: Readonly<Partial<Record<CollectionName, readonly string[]>>> = {
  memberships: ["notBefore", "notAfter"],
  assignments: ["notBefore", "notAfter"],
  grants: ["access", "notBefore", "notAfter"],
  resources: ["owner", "labels"],
  settings: ["value"],
  operations: ["path"],
};
const TIMES = ["notBefore", "notAfter"];

/** Objects under the members of their key, their name, what they can be filtered by, and some more. */
export function objectTable({ name, collection }: Named, values: readonly Value[]): Table {
  const key = collection.under === undefined ? collection.key : ["path"];
  const wanted = [...new Set([...key, "name", ...collection.filters, ...(MORE[name] ?? [])])];
  const columns = wanted.filter((column) => key.includes(column) || values.some((value) => value[column] !== undefined));
  return {
    titles: columns.map(titleOf),
    rows: values.map((value) =>
      columns.map((column) => (TIMES.includes(column) ? timeText(value[column] as number | undefined) : cellOf(value[column]))),
    ),
  };
}

/** `serviceAccount` → `SERVICE ACCOUNT`. */
const titleOf = (member: string): string => member.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toUpperCase();

function cellOf(value: unknown): Cell {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
