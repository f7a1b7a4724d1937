/**
 * Entitlements: which products that ship an organization has, and whether what it has of one is what ships.
 *
 * An organization gets a copy of its own, with what it begins with. Bringing a product again brings its parts to what ships and leaves what
 * the organization may change; taking it away takes everything of it. Which organization has what is the server's administrator's to say.
 * Invariant: each is one write, all or none.
 */
import { admit, type Change, product as productOf, type Rec } from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import type { Catalogues } from "./catalogues.ts";
import type { Changes, Write, WriteRefused, Written } from "./changes.ts";
import { planAt, type Unanswered } from "./plan-at.ts";
import { writeRevision } from "./revision.ts";

/** `differing`: how many objects are not as they ship, where the organization has the product. */
export type Entitlement = {
  readonly product: string;
  readonly name?: string;
  readonly state: "absent" | "as_shipped" | "differs";
  readonly differing: number;
};
type Asked = Pick<Write, "organization" | "actor" | "requestId" | "reason"> & { readonly product: string };
type Answer<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };
export type EntitlementRefused = WriteRefused | { readonly code: "product_not_found" };

export type Entitlements = {
  /** Of every product that ships. `atLeast` is the wire form of a revision. */
  list(
    organization: string,
    atLeast: string | undefined,
  ): Promise<Answer<{ readonly revision: string; readonly items: readonly Entitlement[] }, Unanswered>>;
  /** What an organization gets with these products, or the first that does not ship. */
  records(products: readonly string[]): Answer<readonly Rec[], { readonly index: number; readonly allowed: readonly string[] }>;
  /** Brings a product, or brings it to what ships. */
  bring(asked: Asked): Promise<Answer<Written, EntitlementRefused>>;
  /** Takes a product with everything of it. */
  take(asked: Asked): Promise<Answer<Written, EntitlementRefused>>;
};

export type EntitlementsOptions = { readonly feed: Feed; readonly changes: Changes; readonly catalogues: Catalogues };

const BRINGING = { catalogue: true, renewal: true } as const;
const NOT_FOUND = { ok: false, error: { code: "product_not_found" } } as const;
const putsOf = (records: readonly Rec[]): readonly Change[] => records.map((put) => ({ put }));

export function createEntitlements({ feed, changes, catalogues }: EntitlementsOptions): Entitlements {
  const recordsOf = (product: string): readonly Rec[] => catalogues.entitlement(product) ?? [];
  return {
    async list(organization, atLeast) {
      const plan = await planAt(feed, organization, atLeast);
      if ("code" in plan) return { ok: false, error: plan };
      const items = catalogues.products.map((product): Entitlement => {
        const records = recordsOf(product);
        const shipped = records.find((rec) => rec.kind === "product");
        const told = { product, ...(shipped?.value.name === undefined ? {} : { name: shipped.value.name }) };
        if (productOf(plan, product) === undefined) return { ...told, state: "absent", differing: 0 };
        const again = admit(plan, putsOf(records), BRINGING);
        const differing = again.ok ? again.value.changes.length : again.error.length;
        return { ...told, state: differing === 0 ? "as_shipped" : "differs", differing };
      });
      return { ok: true, value: { revision: writeRevision(plan.at), items } };
    },
    records(products) {
      const index = products.findIndex((product) => catalogues.entitlement(product) === undefined);
      if (index !== -1) return { ok: false, error: { index, allowed: catalogues.products } };
      return { ok: true, value: products.flatMap(recordsOf) };
    },
    async bring({ product, ...asked }) {
      const records = recordsOf(product);
      if (records.length === 0) return NOT_FOUND;
      return changes.write({ ...asked, changes: putsOf(records), isCatalogue: true, isRenewal: true, action: "entitlement.bring" });
    },
    async take({ product, ...asked }) {
      const plan = await feed.plan(asked.organization);
      if (plan === undefined) return { ok: false, error: { code: "organization_not_found" } };
      if (catalogues.entitlement(product) === undefined || productOf(plan, product) === undefined) return NOT_FOUND;
      const taken: Change = { delete: { kind: "product", key: [product] } };
      return changes.write({ ...asked, changes: [taken], isCatalogue: true, action: "entitlement.take" });
    },
  };
}
