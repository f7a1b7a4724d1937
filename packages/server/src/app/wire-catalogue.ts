/**
 * What Experience Platform's own surface says beside the product that decides: names and ids of its two products, the order of
 * categories, lists that its documents give otherwise than the catalogue, other spellings, and where each fact comes from.
 *
 * Nothing here is decided on.
 * Invariant: every permission set, type and category that it names is the catalogue's, and of each it says where it comes from.
 */
import type { Fault, Rec } from "@reeve/core";

type Table<T> = Readonly<Record<string, T>>;
type ResourceActions = { readonly resource: string; readonly actions: readonly string[] };
export type WireCatalogue = {
  /** Categories in the order in which they are listed. */
  readonly products: readonly {
    readonly id: string;
    readonly name: string;
    readonly serviceCode: string;
    readonly categories: readonly string[];
  }[];
  /** Permission set → its product, where that is not its category's. */
  readonly permissionSetProducts: Table<string>;
  /** Permission set → what is listed of it, where that is not what it gives. */
  readonly permissionSets: Table<readonly ResourceActions[]>;
  /** Told as it is documented; everything else that the catalogue has is told beside it. */
  readonly aclReference: { readonly permissions: Table<Table<readonly string[]>>; readonly "resource-types": Table<readonly string[]> };
  /** Other spelling → name. */
  readonly aliases: {
    readonly types: Table<string>;
    readonly permissions: Table<string>;
    readonly actions: Table<string>;
    readonly actionPrefix: string;
  };
  /** Fact by fact, `documented` or `derived`. */
  readonly provenance: {
    readonly products: Table<Table<string>>;
    readonly permissionSets: Table<Table<string>>;
    readonly types: Table<Table<string>>;
  };
};

type Is = (value: unknown) => boolean;
const isText: Is = (value) => typeof value === "string" && value !== "";
const isOrigin: Is = (value) => value === "documented" || value === "derived";
const isListOf =
  (is: Is): Is =>
  (value) =>
    Array.isArray(value) && value.every(is);
const isTableOf =
  (is: Is): Is =>
  (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(is);
const isObjectOf =
  (members: Table<Is>): Is =>
  (value) =>
    isTableOf(() => true)(value) && Object.entries(members).every(([name, is]) => is((value as Table<unknown>)[name]));

const isTexts = isListOf(isText);
const MEMBERS: Table<Is> = {
  products: isListOf(isObjectOf({ id: isText, name: isText, serviceCode: isText, categories: isTexts })),
  permissionSetProducts: isTableOf(isText),
  permissionSets: isTableOf(isListOf(isObjectOf({ resource: isText, actions: isTexts }))),
  aclReference: isObjectOf({ permissions: isTableOf(isTableOf(isTexts)), "resource-types": isTableOf(isTexts) }),
  aliases: isObjectOf({ types: isTableOf(isText), permissions: isTableOf(isText), actions: isTableOf(isText), actionPrefix: isText }),
  provenance: isObjectOf({
    products: isTableOf(isTableOf(isOrigin)),
    permissionSets: isTableOf(isTableOf(isOrigin)),
    types: isTableOf(isTableOf(isOrigin)),
  }),
};

type Read = { readonly ok: true; readonly value: WireCatalogue } | { readonly ok: false; readonly error: readonly Fault[] };

/** Reads the file beside the records of the product that it is about. */
export function readWireCatalogue(file: unknown, product: readonly Rec[]): Read {
  const misshapen = Object.entries(MEMBERS).flatMap(([name, is]): Fault[] =>
    is((file as Table<unknown> | null)?.[name]) ? [] : [{ code: "wrong_type", pointer: `/${name}`, detail: "This is not of its form." }],
  );
  if (misshapen.length > 0) return { ok: false, error: misshapen };
  const wire = file as WireCatalogue;
  const faults = unknownNames(wire, product);
  return faults.length > 0 ? { ok: false, error: faults } : { ok: true, value: wire };
}

function unknownNames(wire: WireCatalogue, product: readonly Rec[]): Fault[] {
  const sets = product.flatMap((rec) => (rec.kind === "permission-set" ? [rec.value] : []));
  const types = product.flatMap((rec) => (rec.kind === "product" ? Object.keys(rec.value.types) : []));
  const ids = sets.map(({ id }) => id);
  const { aclReference, aliases, provenance, products } = wire;
  const named: readonly (readonly [pointer: string, names: readonly string[], known: readonly string[]])[] = [
    ["/permissionSetProducts", Object.keys(wire.permissionSetProducts), ids],
    ["/permissionSets", Object.keys(wire.permissionSets), ids],
    ["/permissionSets", Object.values(wire.permissionSets).flatMap((list) => list.map(({ resource }) => resource)), types],
    ["/aclReference/permissions", Object.keys(aclReference.permissions), ids],
    ["/aclReference/permissions", Object.values(aclReference.permissions).flatMap(Object.keys), types],
    ["/aclReference/resource-types", Object.keys(aclReference["resource-types"]), types],
    ["/aliases/permissions", Object.values(aliases.permissions), ids],
    ["/aliases/types", Object.values(aliases.types), types],
    ["/products", sets.map(({ category = "" }) => category), products.flatMap(({ categories }) => categories)],
    ["/provenance/products", products.map(({ id }) => id), Object.keys(provenance.products)],
    ["/provenance/permissionSets", ids, Object.keys(provenance.permissionSets)],
    ["/provenance/types", types, Object.keys(provenance.types)],
  ];
  return named.flatMap(([pointer, names, known]) =>
    names
      .filter((name) => !known.includes(name))
      .map((name): Fault => ({ code: "unknown_reference", pointer, detail: `Between this and the catalogue ${name} is missing.` })),
  );
}
