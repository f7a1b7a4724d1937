/**
 * Offices: records that give a person something in Reeve's own product, as grants do.
 *
 * A product administrator may write on his product, who has developer access may use a role for developer projects: the engine decides
 * both as it decides every access, by grants that stand with these records and are no records themselves.
 * Invariant: below the two root types of offices there is no grant, resource or link but these, and no grant from above reaches there.
 */
import { escapeId, type Grant, type Key, type Kind } from "../../model/index.ts";

/** Root types of the product `reeve`: a product as somebody administers it, a role as somebody may give it to a project. */
export const ADMINISTERED_PRODUCTS = "reeve-products";
export const OFFERED_ROLES = "reeve-roles";

/** The grant that stands with a record; `undefined`: it is no office. */
export function grantOfOffice({ kind, key }: { readonly kind: Kind; readonly key: Key }): Grant | undefined {
  const [id = "", principal = ""] = key;
  if (kind === "product-administrator")
    return { principal, resource: `/${ADMINISTERED_PRODUCTS}/${escapeId(id)}`, access: "RW", reach: "self" };
  if (kind === "developer-access") return { principal, resource: `/${OFFERED_ROLES}/${escapeId(id)}`, access: "RX", reach: "self" };
  return undefined;
}

/** Whether a type's name is of offices. */
export function isTypeOfOffices(name: string): boolean {
  return name === ADMINISTERED_PRODUCTS || name === OFFERED_ROLES;
}

/** Whether a path lies where only offices give anything. */
export function isOfOffices(path: string): boolean {
  return path.startsWith(`/${ADMINISTERED_PRODUCTS}/`) || path.startsWith(`/${OFFERED_ROLES}/`);
}
