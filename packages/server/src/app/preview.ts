/**
 * Previews: what changes would do, asked of the engine before anything is written. Who gains and who loses what, complete.
 *
 * The engine is asked in slices, so that a preview of a large organization keeps no check waiting.
 * Invariant: every page of a preview is of one revision; a preview alters nothing.
 */
import { setImmediate as othersFirst } from "node:timers/promises";
import { admit, type Change, type Difference, type DifferenceSummary, differenceCounter, differences, type Plans } from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import type { WriteRefused } from "./changes.ts";
import { planAt, type Unanswered } from "./plan-at.ts";
import { writeRevision } from "./revision.ts";

export type PreviewAsked = {
  readonly organization: string;
  readonly changes: readonly Change[];
  /** From a product's catalogue: may make and change what is built in. */
  readonly isCatalogue: boolean;
  /** Principals a page. */
  readonly max: number;
  /** The last principal of the page before, and the revision that it was of. */
  readonly after?: string;
  readonly revision?: string;
  /** Wire form of the revision that must have been reached. */
  readonly atLeast?: string;
};
export type Previewed = {
  readonly revision: string;
  /** What would be written. */
  readonly changes: readonly Change[];
  /** On the first page. */
  readonly summary?: DifferenceSummary;
  readonly entries: readonly Difference[];
  readonly next?: string;
};
export type PreviewRefused = WriteRefused | Unanswered | { readonly code: "preview_outdated" };
export type Preview = {
  of(
    asked: PreviewAsked,
  ): Promise<{ readonly ok: true; readonly value: Previewed } | { readonly ok: false; readonly error: PreviewRefused }>;
};

const SLICE_MS = 5;
/** Longer than this nobody waits for an answer. */
const PREVIEW_MS = 30_000;

const TOO_MUCH = `So many may gain or lose by these changes that asking for all of them takes more than ${PREVIEW_MS / 1_000} s: preview fewer at a time.`;

export function createPreview(feed: Feed, clock: () => number): Preview {
  return {
    async of({ organization, changes, isCatalogue, max, after, revision, atLeast }) {
      const plan = await planAt(feed, organization, atLeast);
      if ("code" in plan) return { ok: false, error: plan };
      const at = writeRevision(plan.at);
      if (revision !== undefined && revision !== at) return { ok: false, error: { code: "preview_outdated" } };
      const admitted = admit(plan, changes, { pointer: "/changes", catalogue: isCatalogue });
      if (!admitted.ok) return { ok: false, error: { code: "changes_refused", faults: admitted.error } };
      const plans = { before: plan, after: admitted.value.plan };
      const page = await pageOf(plans, after === undefined ? { max } : { max, after }, clock());
      if (page === undefined) return { ok: false, error: { code: "answer_timeout", detail: TOO_MUCH } };
      return { ok: true, value: { revision: at, changes: admitted.value.changes, ...page } };
    },
  };
}

type Page = Pick<Previewed, "summary" | "entries" | "next">;

/** One page; the first one goes through all principals, for its counts. `undefined`: it would take too long. */
async function pageOf(
  plans: Plans,
  { max, after }: { readonly max: number; readonly after?: string },
  now: number,
): Promise<Page | undefined> {
  const counter = after === undefined ? differenceCounter() : undefined;
  const entries: Difference[] = [];
  const named = new Set<string>();
  let next: string | undefined;
  const began = performance.now();
  // Admitting the changes took a slice already.
  let sliceEnd = began;
  for (const entry of differences(plans, after === undefined ? {} : { after }, now)) {
    if (performance.now() >= sliceEnd) {
      if (performance.now() - began > PREVIEW_MS) return undefined;
      await othersFirst();
      sliceEnd = performance.now() + SLICE_MS;
    }
    if (entry === undefined) continue;
    counter?.add(entry);
    if (next !== undefined) continue;
    if (named.size === max && !named.has(entry.principal.id)) {
      next = [...named].at(-1) as string;
      if (counter === undefined) break;
      continue;
    }
    named.add(entry.principal.id);
    entries.push(entry);
  }
  return { entries, ...(counter === undefined ? {} : { summary: counter.result() }), ...(next === undefined ? {} : { next }) };
}
