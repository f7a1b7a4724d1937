/**
 * Sums of differences: how many gain and lose how much, before anybody reads names.
 *
 * Invariant: every entry that was added is counted, and nothing else.
 */
import { compareUtf8, type JsonObject } from "../../model/index.ts";
import { type Difference, differences, type Plans, type Possibility } from "./difference.ts";
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

/** Counts what `differences` tells, entry by entry, for whoever goes through it in slices; `undefined` adds nothing. */
export function differenceCounter(): { add(entry: Difference | undefined): void; result(): DifferenceSummary } {
  const all = { gains: 0, losses: 0, principalsThatGain: 0, principalsThatLose: 0 };
  const actions = new Map<string, Counted>();
  const operations = new Map<string, Counted>();
  const count = (possibility: Possibility, side: "gains" | "losses"): void => {
    all[side]++;
    if ("action" in possibility) at(actions, possibility.action)[side]++;
    else at(operations, `${possibility.product} ${possibility.operation}`)[side]++;
  };
  return {
    add(entry) {
      if (entry === undefined) return;
      if (entry.gains.length > 0) all.principalsThatGain++;
      if (entry.loses.length > 0) all.principalsThatLose++;
      for (const one of entry.gains) count(one, "gains");
      for (const one of entry.loses) count(one, "losses");
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

/** The complete counts of what differs at `now`, kept in no more memory than one chunk of principals. See `differences`. */
export function differenceSummary(plans: Plans, asked: { readonly context?: JsonObject }, now: number): DifferenceSummary {
  const counter = differenceCounter();
  for (const entry of differences(plans, asked, now)) counter.add(entry);
  return counter.result();
}
