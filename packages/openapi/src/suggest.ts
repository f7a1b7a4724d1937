/**
 * Suggested rules for operations that have none: by tag, path and verb against the permission sets of the product, and by what its
 * neighbours have. Somebody takes them over, row by row; nothing here writes.
 *
 * For an operation that changes something a suggestion must explain every word of what it is about: a permission set that speaks of certificates
 * says nothing of a kind of certificate that it does not name. Where two sets fit alike, or a word is left over, there is no suggestion.
 * Reads fall back to the product's read default, which is what they have without a rule anyway.
 */
import type { Alternative, Operation, PermissionSet, Product, Rec, Role } from "@reeve/core";
import { standingOf } from "./standing.ts";
import { directMatch, type Match, partMatch } from "./suggest-match.ts";
import { byNeighbours } from "./suggest-neighbours.ts";
import { type OperationReading, readOperation } from "./suggest-reading.ts";
import { type Confidence, type Said, sameAlternatives } from "./suggest-rule.ts";

export type Suggestion = {
  readonly product: string;
  /** Id of the operation. */
  readonly operation: string;
  /** `read-default`: leave it without a rule; the alternatives are what the product's read default gives. */
  readonly kind: "rule" | "read-default";
  readonly alternatives: readonly Alternative[];
  readonly target: string;
  readonly organizationParameter?: string;
  readonly confidence: Confidence;
  /** In plain words. */
  readonly reason: string;
};

/**
 * A suggestion for each operation for which there is one, in their order; `records` are the product's, with its mapped operations, which
 * serve as neighbours. Never a rule for an operation that changes something where it is in doubt.
 */
export function suggest(operations: readonly Operation[], records: Iterable<Rec>): readonly Suggestion[] {
  const all = [...records];
  const products = new Map(operations.map(({ product }) => [product, contextOf(all, product)]));
  return operations.flatMap((operation) => {
    const context = products.get(operation.product);
    return context === undefined ? [] : (suggestOne(operation, context) ?? []);
  });
}

type Context = {
  readonly product: Product;
  readonly sets: readonly PermissionSet[];
  readonly roles: readonly Role[];
  /** Operations with a rule. */
  readonly mapped: readonly OperationReading[];
};

function contextOf(records: readonly Rec[], id: string): Context | undefined {
  const { product, sets, roles, operations } = standingOf(records, id);
  if (product === undefined) return undefined;
  const mapped = operations
    .filter(({ alternatives }) => alternatives !== undefined)
    .map((operation) => readOperation(operation, product.types));
  return { product, sets, roles: roles.filter(({ builtIn }) => builtIn === true), mapped };
}

function suggestOne(operation: Operation, context: Context): Suggestion | undefined {
  const reading = readOperation(operation, context.product.types);
  const match = directMatch(reading, context.sets) ?? (reading.read ? undefined : partMatch(reading, context.sets));
  const said = match === undefined ? byNeighbours(reading, context.mapped) : fromMatch(match, context);
  if (!reading.read) return said === undefined ? undefined : suggestion(reading, said);
  const { readDefault } = context.product;
  if (readDefault === undefined) return said === undefined ? undefined : suggestion(reading, said);
  if (said !== undefined && !(match !== undefined && sameAlternatives(said.alternatives, readDefault))) return suggestion(reading, said);
  const reason = "It reads, and nothing names a permission of its own for it: the product's read default opens it.";
  return { ...suggestion(reading, { alternatives: readDefault, confidence: "medium", reason }), kind: "read-default" };
}

function suggestion({ operation, target, organizationParameter }: OperationReading, said: Said): Suggestion {
  return {
    product: operation.product,
    operation: operation.id,
    kind: "rule",
    ...said,
    target,
    ...(organizationParameter === undefined ? {} : { organizationParameter }),
  };
}

function fromMatch({ set, confidence, reason }: Match, { product, roles }: Context): Said {
  const holders = roles
    .filter((role) => role.sets.some((held) => held.set === set.id && wholly(held.scope, set, product)))
    .map(({ id }) => id);
  const named = holders.length === 0 ? "" : ` Built-in roles that hold it: ${holders.join(", ")}.`;
  return {
    alternatives: [...(holders.length === 0 ? [] : [{ roles: holders.sort() }]), { permission: set.id }],
    confidence,
    reason: `${reason}${named}`,
  };
}

/** A rule that names a role gives it everywhere, which is more than a role has that holds the set in some places only. */
const wholly = (scope: readonly string[] | undefined, set: PermissionSet, { boundedBy }: Product): boolean =>
  boundedBy === "sandboxes" ? set.organizationLevel === true : scope === undefined || scope.includes("/") || set.organizationLevel === true;
