/**
 * Differences: what principals may do by one plan and not by another, whose organization is the same.
 *
 * Both sides are asked by the engine's own checks, principal by principal in byte order, about all that the records that differ
 * can touch (`touched.ts`). Sides take turns chunk by chunk, for each turn costs what the changes between the plans cost.
 * Invariant: what is told is what asking every principal about every place, action and operation on both sides would tell.
 */
import { compareUtf8, type JsonObject } from "../../model/index.ts";
import type { Plan } from "../plan.ts";
import type { Answers, Asks, Principal } from "./answers.ts";
import { changesOf } from "./changes.ts";
import { Comparison, type FoundDifference } from "./comparison.ts";
import type { Difference } from "./possibility.ts";
import { Side } from "./side.ts";

/** One organization, before some changes and after them. */
export type Plans = { readonly before: Plan; readonly after: Plan };
export type DifferencesAsked = {
  /** Only behind this principal. */
  readonly after?: string;
  /** Only this principal. */
  readonly principal?: string;
  readonly context?: JsonObject;
};
export type DifferenceQuery = DifferencesAsked & {
  /** Principals a page; at least 1. */
  readonly max: number;
};
/** `next`: more may follow behind this principal. */
export type DifferencePage = { readonly entries: readonly Difference[]; readonly next?: string };

/** A turn of a side ends with so many principals, or bytes of answers. */
const CHUNK_PRINCIPALS = 512;
const CHUNK_BYTES = 32 << 20;

/**
 * Every difference at `now`, by principal. Yields `undefined` where it stops on the way: whoever goes through it may stop there for as
 * long as it likes, and other plans may be asked or made meanwhile. Principals are active users, service accounts and
 * groups, the system groups among them; places are the resources that are registered on either side, with their collections, as
 * `effective` enumerates them; operations are the rows of all products, without attributes, each further target named none. Targets of operations are the places that the
 * records of either side name, registered or not, and fresh ones below each. What the document of a version adds below its base path is not told. Source: model §5, simulate.
 */
export function* differences(plans: Plans, asked: DifferencesAsked, now: number): Generator<Difference | undefined, void> {
  for (const found of foundDifferences(plans, asked, now)) yield found === undefined ? undefined : yield* found.told();
}

/** The same, with everybody's sums alone until somebody asks for what they are sums of. */
export function* foundDifferences(plans: Plans, asked: DifferencesAsked, now: number): Generator<FoundDifference | undefined, void> {
  const known = yield* changesOf(plans);
  if (known === undefined) return;
  const moment = { now, context: asked.context };
  const sides = {
    before: new Side(plans.before, moment, { ...known, strangers: known.strangers.before }),
    after: new Side(plans.after, moment, { ...known, strangers: known.strangers.after }),
  };
  const comparison = new Comparison(known);
  const principals = known.principals.filter(
    ({ id }) => (asked.principal ?? id) === id && (asked.after === undefined || compareUtf8(id, asked.after) > 0),
  );
  for (let i = 0; i < principals.length; ) {
    const chunk: { readonly principal: Principal; readonly asks: Asks; readonly before: Answers }[] = [];
    for (let bytes = 0; i < principals.length && chunk.length < CHUNK_PRINCIPALS && bytes < CHUNK_BYTES; i++) {
      const principal = principals[i] as Principal;
      const asks = known.asksOf(principal.id);
      const before = yield* sides.before.ask(principal, asks);
      chunk.push({ principal, asks, before });
      bytes += before.shared.bytes;
      yield undefined;
    }
    for (const { principal, asks, before } of chunk) {
      const after = yield* sides.after.ask(principal, asks);
      yield yield* comparison.of(principal, { before, after });
    }
  }
}

/** One page of differences at `now`. Where an id names principals of two types, both stand on one page. See `differences`. */
export function difference(plans: Plans, query: DifferenceQuery, now: number): DifferencePage {
  const { max, ...asked } = query;
  const entries: Difference[] = [];
  let last: string | undefined;
  let count = 0;
  for (const entry of differences(plans, asked, now)) {
    if (entry === undefined) continue;
    if (entry.principal.id !== last) {
      if (count === max) return { entries, next: last as string };
      count++;
      last = entry.principal.id;
    }
    entries.push(entry);
  }
  return { entries };
}
