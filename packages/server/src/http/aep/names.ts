/**
 * Names of the wire: other spellings of types, permissions and actions, and the wire's product that a permission set is listed under.
 *
 * Invariant: a name that is no other name of something is itself.
 */
import type { WireCatalogue } from "../../app/index.ts";

type Names = Readonly<Record<string, string>>;
export type Wire = Pick<WireCatalogue, "products" | "permissionSets" | "aclReference"> & {
  readonly typeOf: (name: string) => string;
  readonly permissionOf: (name: string) => string;
  /** Without the prefix of the wire, in lower case. */
  readonly actionOf: (name: string) => string;
  readonly actionPrefix: string;
  /** The id of the product that a permission set is listed under; one of no known category is the first product's. */
  readonly productOf: (set: { readonly id: string; readonly category?: string }) => string;
};

export function wireOf({ products, permissionSetProducts, permissionSets, aclReference, aliases }: WireCatalogue): Wire {
  const { actionPrefix } = aliases;
  const lookUp = (names: Names, name: string): string | undefined => (Object.hasOwn(names, name) ? names[name] : undefined);
  return {
    products,
    permissionSets,
    aclReference,
    actionPrefix,
    typeOf: (name) => lookUp(aliases.types, name) ?? name,
    permissionOf: (name) => lookUp(aliases.permissions, name) ?? name,
    actionOf(name) {
      const lower = name.toLowerCase();
      const plain = lower.startsWith(actionPrefix) ? lower.slice(actionPrefix.length) : lower;
      return lookUp(aliases.actions, plain) ?? plain;
    },
    productOf({ id, category = "" }) {
      const own = lookUp(permissionSetProducts, id);
      return own ?? (products.find(({ categories }) => categories.includes(category)) ?? products[0])?.id ?? "";
    },
  };
}
