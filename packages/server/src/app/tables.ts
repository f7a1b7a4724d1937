/**
 * Permission tables: the records that a table of operations is made from, of an organization or as they ship.
 *
 * Invariant: a table is made from what is enforced, never from anything typed beside it.
 */
import { catalogueRecords, type Operation, type Rec } from "@reeve/core";
import { type Suggestion, suggest } from "@reeve/openapi";
import type { Feed } from "../feed/index.ts";
import { type AssetMatrix, assetMatrix } from "./assets/matrix.ts";
import { API_MANAGEMENT } from "./assets/node.ts";
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
  /** Who may what with an asset, by the catalogue that ships. */
  matrix(): AssetMatrix;
  /** Rules that would fit the operations among these records that have none. */
  suggestions(records: readonly Rec[]): readonly (Suggestion & Pick<Operation, "method" | "path">)[];
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
    matrix: () => assetMatrix(catalogues.shipped(API_MANAGEMENT) ?? []),
    suggestions,
  };
}

function suggestions(records: readonly Rec[]): ReturnType<Tables["suggestions"]> {
  const ruled = new Set(records.flatMap((rec) => (rec.kind === "operation-rule" ? [rec.value.operation] : [])));
  const unmapped = new Map<string, Operation>();
  for (const rec of records) {
    if (rec.kind === "operation" && rec.value.alternatives === undefined && !ruled.has(rec.value.id)) unmapped.set(rec.value.id, rec.value);
  }
  return suggest([...unmapped.values()], records).map((suggestion) => {
    const { method, path } = unmapped.get(suggestion.operation) as Operation;
    return { method, path, ...suggestion };
  });
}
