/**
 * `reeve catalogue list`: the products of an organization, with how many operations each has, how many lack a rule, and how many are orphans.
 */
import type { Operation, OperationRule, Product, Result } from "@reeve/core";
import { type AskOptions, askPlace, type Place } from "../asked.ts";
import { isMutation } from "../catalogue/rule-words.ts";
import { storedOf } from "../catalogue/unmapped-rows.ts";
import { toldTable } from "../entries.ts";
import type { Exit, Failure } from "../exit.ts";
import type { Told } from "../output.ts";
import type { Shell } from "../shell.ts";

export type CatalogueListOptions = AskOptions;

/** `unmappedMutations` are refused to everybody; `unmappedReads` too, where the product has no read default. Orphans count by themselves. */
type Counts = {
  readonly id: string;
  readonly name?: string;
  readonly operations: number;
  readonly unmappedMutations: number;
  readonly unmappedReads: number;
  readonly orphans: number;
};

export function catalogueList(shell: Shell, options: CatalogueListOptions): Promise<Exit> {
  return askPlace(shell, options, listProducts);
}

async function listProducts(place: Place): Promise<Result<Told, Failure>> {
  const products = await storedOf<Product>(place, "products");
  if (!products.ok) return products;
  const operations = await storedOf<Operation>(place, "operations");
  if (!operations.ok) return operations;
  const rules = await storedOf<OperationRule>(place, "operation-rules");
  if (!rules.ok) return rules;
  const ruled = new Set(rules.value.map(({ value }) => nameOf(value.product, value.operation)));
  const byProduct = Map.groupBy(
    operations.value.map(({ value }) => value),
    ({ product }) => product,
  );
  const items = products.value.map(({ value }): Counts => {
    const all = byProduct.get(value.id) ?? [];
    const live = all.filter(({ orphan }) => orphan !== true);
    const unmapped = live.filter(({ product, id, alternatives }) => alternatives === undefined && !ruled.has(nameOf(product, id)));
    const mutations = unmapped.filter(isMutation).length;
    return {
      id: value.id,
      ...(value.name === undefined ? {} : { name: value.name }),
      operations: live.length,
      unmappedMutations: mutations,
      unmappedReads: unmapped.length - mutations,
      orphans: all.length - live.length,
    };
  });
  const rows = items.map((one) => [one.id, one.name, one.operations, one.unmappedMutations, one.unmappedReads, one.orphans]);
  const titles = ["PRODUCT", "NAME", "OPERATIONS", "UNMAPPED MUTATIONS", "UNMAPPED READS", "ORPHANS"];
  return { ok: true, value: toldTable({ value: { items }, table: { titles, rows }, notes: [] }) };
}

const nameOf = (product: string, operation: string): string => JSON.stringify([product, operation]);
