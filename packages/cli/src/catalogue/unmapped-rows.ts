/**
 * Rows to be mapped: operations of a product without a rule, each with the rule that would fit it, and taking some of them over.
 *
 * Invariant: a rule is written only where still none stands, on the operation that was shown, and never by itself.
 */
import type { RouteId } from "@reeve/contract";
import { type Operation, type OperationRule, present, type Result } from "@reeve/core";
import type { Suggestion } from "@reeve/openapi";
import type { Place } from "../asked.ts";
import { EXIT, type Failure, fail } from "../exit.ts";
import { allListed } from "../pages.ts";
import { nearestObject } from "../probably-meant.ts";
import { isMutation, operationName, ruleWords } from "./rule-words.ts";

export type Row = {
  readonly operation: Operation;
  /** The one that changed the operation last. */
  readonly revision: string;
  readonly suggestion?: Suggestion;
};
/** What changes something first. `orphans`: how many without a rule are left out, for nobody calls them. */
export type Rows = { readonly revision: string; readonly rows: readonly Row[]; readonly orphans: number };

type Stored<T> = { readonly revision: string; readonly value: T };

/** Everything of one collection, of one product or of all. */
export async function storedOf<T>(
  { client, org }: Place,
  name: "operations" | "operation-rules" | "products",
  product?: string,
): Promise<Result<readonly Stored<T>[], Failure>> {
  const pages = await allListed<Stored<T>>(client, { route: `${name}.list` as RouteId, parameters: { org }, filter: present({ product }) });
  return pages.ok ? { ok: true, value: pages.value.entries } : pages;
}

export async function unmappedRows(place: Place, product: string): Promise<Result<Rows, Failure>> {
  const answer = await place.client.askJson({ route: "suggestRules", parameters: { org: place.org, product } });
  if (!answer.ok) return { ok: false, error: await withNearestProduct(answer.error, place, product) };
  const { revision, items } = answer.value.value as { readonly revision?: string; readonly items?: readonly Suggestion[] };
  if (revision === undefined || !Array.isArray(items)) return fail(EXIT.cannotRun, "What answered there gave no suggestions.");
  const operations = await storedOf<Operation>(place, "operations", product);
  if (!operations.ok) return operations;
  const rules = await storedOf<OperationRule>(place, "operation-rules", product);
  if (!rules.ok) return rules;
  const ruled = new Set(rules.value.map(({ value }) => value.operation));
  const suggested = new Map((items as readonly Suggestion[]).map((one) => [one.operation, one]));
  const unmapped = operations.value.filter(({ value }) => value.alternatives === undefined && !ruled.has(value.id));
  const rows = unmapped
    .filter(({ value }) => value.orphan !== true)
    .map(({ value, revision: changed }): Row => {
      const suggestion = suggested.get(value.id);
      return { operation: value, revision: changed, ...(suggestion === undefined ? {} : { suggestion }) };
    });
  const ordered = [...rows.filter(({ operation }) => isMutation(operation)), ...rows.filter(({ operation }) => !isMutation(operation))];
  return { ok: true, value: { revision, rows: ordered, orphans: unmapped.length - rows.length } };
}

async function withNearestProduct(failure: Failure, place: Place, product: string): Promise<Failure> {
  if (failure.problem?.code !== "product_not_found") return failure;
  const word = await nearestObject({ kind: "product", key: [product] }, place);
  return word === undefined ? failure : { ...failure, lines: [...failure.lines, `  Did you mean ${word}?`] };
}

/** The operation with what is suggested for its target; the same where that is what stands. */
export function targetOf({ operation, suggestion }: Row): Pick<Operation, "target" | "organizationParameter"> {
  const organizationParameter = suggestion?.organizationParameter ?? operation.organizationParameter;
  return { target: suggestion?.target ?? operation.target, ...(organizationParameter === undefined ? {} : { organizationParameter }) };
}

export function changesTarget(row: Row): boolean {
  const { target, organizationParameter } = targetOf(row);
  return target !== row.operation.target || organizationParameter !== row.operation.organizationParameter;
}

/** Whether there is anything to take over: a read that its product opens anyway needs no rule of its own. */
export const isTakable = (row: Row): boolean => row.suggestion?.kind === "rule" || (row.suggestion !== undefined && changesTarget(row));

export const suggestionWords = ({ suggestion }: Row): string => {
  if (suggestion === undefined) return "none";
  return suggestion.kind === "rule"
    ? ruleWords(suggestion.alternatives)
    : `none needed: the read default, ${ruleWords(suggestion.alternatives)}`;
};

export type Taken = { readonly revision: string; readonly changeSet: string | null };

/** Writes the rules and targets of these rows, all or none, as one change set. */
export async function takeOver({ client, org }: Place, rows: readonly Row[]): Promise<Result<Taken, Failure>> {
  const names = rows.slice(0, NAMED_MAX).map(({ operation }) => operationName(operation));
  const more = rows.length > NAMED_MAX ? ` and ${rows.length - NAMED_MAX} more` : "";
  const reason = `Takes over the suggested mapping of ${names.join(", ")}${more}.`;
  const body = { reason: reason.slice(0, REASON_CHARACTERS), changes: rows.flatMap(changesOf) };
  const answer = await client.askJson({ route: "writeChanges", parameters: { org }, body });
  if (!answer.ok) return answer;
  const taken = answer.value.value as Partial<Taken> | null;
  if (typeof taken?.revision === "string" && taken.changeSet !== undefined) return { ok: true, value: taken as Taken };
  return fail(EXIT.cannotRun, "What answered there did not say what was written. Is it the right address?");
}

const NAMED_MAX = 10;
const REASON_CHARACTERS = 1_000;

function changesOf(row: Row): readonly unknown[] {
  const { operation, revision, suggestion } = row;
  const { product, id } = operation;
  const rule = { product, operation: id, alternatives: suggestion?.alternatives };
  return [
    ...(suggestion?.kind === "rule" ? [{ put: { kind: "operation-rule", value: rule }, ifMatch: null }] : []),
    // With what stands before it, the operation has not changed since it was shown, whether it is altered or not.
    { put: { kind: "operation", value: { ...operation, ...targetOf(row) } }, ifMatch: revision },
  ];
}
