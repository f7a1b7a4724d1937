/**
 * `reeve catalogue list`: the products of an organization and those that ship, with how many operations each has, how many lack a rule, and
 * how many are orphans.
 */
import type { Operation, OperationRule, Product, Result } from "@reeve/core";
import { type AskOptions, askPlace, type Place } from "../asked.ts";
import { isMutation } from "../catalogue/rule-words.ts";
import { storedOf } from "../catalogue/unmapped-rows.ts";
import { toldTable } from "../entries.ts";
import { EXIT, type Exit, type Failure, fail } from "../exit.ts";
import type { Told } from "../output.ts";
import type { Shell } from "../shell.ts";

export type CatalogueListOptions = AskOptions;

/** `unmappedMutations` are refused to everybody; `unmappedReads` too, where the product has no read default. Orphans count by themselves. */
type Counts = {
  readonly id: string;
  readonly name?: string;
  /** Of a product that ships: whether the organization has it, and as it ships. */
  readonly ships?: Shipped["state"];
  readonly operations: number;
  readonly unmappedMutations: number;
  readonly unmappedReads: number;
  readonly orphans: number;
};

type Shipped = { readonly product: string; readonly name?: string; readonly state: "absent" | "as_shipped" | "differs" };
const SHIPS: Readonly<Record<Shipped["state"], string>> = { absent: "not added", as_shipped: "as it ships", differs: "differs" };

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
  const shipped = await shippedOf(place);
  if (!shipped.ok) return shipped;
  const ruled = new Set(rules.value.map(({ value }) => nameOf(value.product, value.operation)));
  const byProduct = Map.groupBy(
    operations.value.map(({ value }) => value),
    ({ product }) => product,
  );
  const has = products.value.map(({ value }): Counts => {
    const ships = shipped.value.find(({ product }) => product === value.id)?.state;
    const all = byProduct.get(value.id) ?? [];
    const live = all.filter(({ orphan }) => orphan !== true);
    const unmapped = live.filter(({ product, id, alternatives }) => alternatives === undefined && !ruled.has(nameOf(product, id)));
    const mutations = unmapped.filter(isMutation).length;
    return {
      id: value.id,
      ...(value.name === undefined ? {} : { name: value.name }),
      ...(ships === undefined ? {} : { ships }),
      operations: live.length,
      unmappedMutations: mutations,
      unmappedReads: unmapped.length - mutations,
      orphans: all.length - live.length,
    };
  });
  const lacks = shipped.value.flatMap(({ product, name, state }) =>
    state === "absent" ? [{ id: product, ...(name === undefined ? {} : { name }), ships: state, ...NONE }] : [],
  );
  const items = [...has, ...lacks];
  const rows = items.map(({ ships, ...one }) => {
    const counts = [one.operations, one.unmappedMutations, one.unmappedReads, one.orphans];
    return [one.id, one.name, ...(ships === "absent" ? counts.map(() => undefined) : counts), ships && SHIPS[ships]];
  });
  const titles = ["PRODUCT", "NAME", "OPERATIONS", "UNMAPPED MUTATIONS", "UNMAPPED READS", "ORPHANS", "SHIPS"];
  return { ok: true, value: toldTable({ value: { items }, table: { titles, rows }, notes: [] }) };
}

const NONE = { operations: 0, unmappedMutations: 0, unmappedReads: 0, orphans: 0 };

async function shippedOf({ client, org }: Place): Promise<Result<readonly Shipped[], Failure>> {
  const answer = await client.askJson({ route: "listEntitlements", parameters: { org } });
  if (!answer.ok) return answer;
  const { items } = (answer.value.value ?? {}) as { readonly items?: readonly Shipped[] };
  return Array.isArray(items) ? { ok: true, value: items } : fail(EXIT.cannotRun, "What answered there gave no list of what ships.");
}

const nameOf = (product: string, operation: string): string => JSON.stringify([product, operation]);
