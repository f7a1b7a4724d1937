/**
 * What neighbours have: mapped operations whose paths have the same nouns in the same order.
 *
 * For a read one neighbour that reads is enough if all agree; for a change two that change are needed, and none may differ.
 */

import type { OperationReading } from "./suggest-reading.ts";
import { type Said, sameAlternatives } from "./suggest-rule.ts";

export function byNeighbours(reading: OperationReading, mapped: readonly OperationReading[]): Said | undefined {
  const key = nounsOf(reading);
  const near = mapped.filter(
    (other) => other.read === reading.read && other.operation.id !== reading.operation.id && nounsOf(other) === key,
  );
  const [first] = near;
  const alternatives = first?.operation.alternatives;
  if (first === undefined || alternatives === undefined || near.length < (reading.read ? 1 : 2)) return undefined;
  if (!near.every(({ operation }) => sameAlternatives(operation.alternatives ?? [], alternatives))) return undefined;
  if (!reading.read && (reading.verb === undefined || alternatives.some(({ when }) => when !== undefined))) return undefined;
  const told = near.slice(0, 3).map(({ operation }) => `${operation.method} ${operation.path}`);
  return { alternatives, confidence: "low", reason: `Its neighbours have this rule, all of them alike: ${told.join(", ")}.` };
}

const nounsOf = ({ chain }: OperationReading): string => chain.map(({ words }) => words.join(" ")).join("/");
