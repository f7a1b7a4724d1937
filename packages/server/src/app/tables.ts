/**
 * Permission tables: the records that a table of operations is made from, of an organization or as they ship.
 *
 * Invariant: a table is made from what is enforced, never from anything typed beside it.
 */
import { catalogueRecords, type Rec } from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import type { Catalogues } from "./catalogues.ts";
import { planAt, type Unanswered } from "./plan-at.ts";
import { writeRevision } from "./revision.ts";

export type TableRefused = Unanswered | { readonly code: "product_not_found" };
export type Tables = {
  /** Of a product that ships: no organization's data. */
  shipped(product: string): readonly Rec[] | undefined;
  /** Of a product as an organization enforces it; `atLeast` is the wire form of a revision. */
  ofOrganization(asked: {
    readonly organization: string;
    readonly product: string;
    readonly atLeast: string | undefined;
  }): Promise<
    | { readonly ok: true; readonly records: readonly Rec[]; readonly revision: string }
    | { readonly ok: false; readonly error: TableRefused }
  >;
};

export function createTables(feed: Feed, catalogues: Catalogues): Tables {
  return {
    shipped: (product) => catalogues.shipped(product),
    async ofOrganization({ organization, product, atLeast }) {
      const plan = await planAt(feed, organization, atLeast);
      if ("code" in plan) return { ok: false, error: plan };
      const records = [...catalogueRecords(plan, product)];
      if (records.length === 0) return { ok: false, error: { code: "product_not_found" } };
      return { ok: true, records, revision: writeRevision(plan.at) };
    },
  };
}
