/**
 * A snapshot read without the engine: its records by kind, what is registered, who may ask, what types declare.
 *
 * Invariant: nothing here is asked of a plan, so that a list can be compared with what it should hold.
 */
import type { Nouns, Rec, Subject } from "@reeve/core";
import { offices } from "./offices.ts";
import { parsePath, typeAt } from "./paths.ts";

export type Records = readonly Rec[];
export const of = <K extends Rec["kind"]>(records: Records, kind: K): readonly Nouns[K][] =>
  records.filter((record) => record.kind === kind).map(({ value }) => value as Nouns[K]);

export type Registered = { readonly path: string; readonly parts: readonly string[]; readonly type: string };
/** The registered resources, `/` apart, as the records tell them. */
export function registered(records: Records): readonly Registered[] {
  const products = of(records, "product");
  const recorded = of(records, "resource").map(({ path }) => path);
  const named = [
    ...[...of(records, "grant"), ...offices(records)].map(({ resource }) => resource),
    ...of(records, "link").flatMap(({ from, to }) => [from, to]),
  ];
  return [...new Set([...recorded, ...named])].flatMap((path) => {
    const parts = parsePath(path) ?? [];
    const found = typeAt({ products }, parts);
    if (found === undefined || (found.declared.open !== true && !recorded.includes(path))) return [];
    return [{ path, parts: parts.map(String), type: found.type }];
  });
}
/** Every principal, the system groups, and two that are none. */
export const subjects = (records: Records): readonly Subject[] => [
  ...of(records, "principal").map(({ id, type }) => ({ id, type })),
  { id: "members", type: "group" },
  { id: "admins", type: "group" },
  { id: "nobody", type: "user" },
  { id: "g1", type: "user" },
];
/** Every action of every type. */
export function declared(records: Records): readonly { type: string; action: string }[] {
  return of(records, "product").flatMap(({ types }) =>
    Object.entries(types).flatMap(([type, { actions }]) => Object.keys(actions).map((action) => ({ type, action }))),
  );
}
