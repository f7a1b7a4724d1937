/**
 * Sums of differences: how many gain and lose how much, before anybody reads names.
 *
 * Invariant: every entry that was added is counted, and nothing else.
 */
import { compareUtf8, type JsonObject } from "../../model/index.ts";
import type { FoundDifference } from "./comparison.ts";
import { foundDifferences, type Plans } from "./difference.ts";
import { partsOfRow } from "./rows.ts";

export type Sums = { readonly gains: number; readonly losses: number };
/** Principals, and possibilities in all and by what they are: actions in byte order, operations by product and name. */
export type DifferenceSummary = Sums & {
  readonly principalsThatGain: number;
  readonly principalsThatLose: number;
  readonly byAction: readonly (Sums & { readonly action: string })[];
  readonly byOperation: readonly (Sums & { readonly product: string; readonly operation: string })[];
};

type Counted = { gains: number; losses: number };

/** Counts what `foundDifferences` finds, entry by entry, for whoever goes through it in slices; `undefined` adds nothing. */
export function differenceCounter(): { add(entry: FoundDifference | undefined): void; result(): DifferenceSummary } {
  const all = { gains: 0, losses: 0, principalsThatGain: 0, principalsThatLose: 0 };
  const actions = new Map<string, Counted>();
  const operations = new Map<string, Counted>();
  return {
    add(entry) {
      if (entry === undefined) return;
      all.gains += entry.gains;
      all.losses += entry.loses;
      if (entry.gains > 0) all.principalsThatGain++;
      if (entry.loses > 0) all.principalsThatLose++;
      for (const [action, count] of entry.places.gains) at(actions, action).gains += count;
      for (const [action, count] of entry.places.loses) at(actions, action).losses += count;
      for (const { product, operation } of entry.rows.gains) at(operations, `${product} ${operation}`).gains++;
      for (const { product, operation } of entry.rows.loses) at(operations, `${product} ${operation}`).losses++;
    },
    result() {
      const byAction = [...actions].map(([action, sums]) => ({ action, ...sums })).sort((a, b) => compareUtf8(a.action, b.action));
      const byOperation = [...operations].map(([row, sums]) => ({ ...partsOfRow(row), ...sums }));
      byOperation.sort((a, b) => compareUtf8(a.product, b.product) || compareUtf8(a.operation, b.operation));
      return { ...all, byAction, byOperation };
    },
  };
}

function at(sums: Map<string, Counted>, name: string): Counted {
  const known = sums.get(name) ?? { gains: 0, losses: 0 };
  sums.set(name, known);
  return known;
}

/** The complete counts of what differs at `now`, kept in no more memory than one chunk of principals. See `foundDifferences`. */
export function differenceSummary(plans: Plans, asked: { readonly context?: JsonObject }, now: number): DifferenceSummary {
  const counter = differenceCounter();
  for (const entry of foundDifferences(plans, asked, now)) counter.add(entry);
  return counter.result();
}
