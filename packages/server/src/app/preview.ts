/**
 * Previews: what changes would do, asked of the engine before anything is written. Who gains and who loses what, complete.
 *
 * The engine is asked in slices, so that a preview of a large organization keeps no check waiting.
 * Invariant: every page of a preview is of one revision; a preview alters nothing.
 */
import { setImmediate as othersFirst } from "node:timers/promises";
import {
  type Change,
  type Difference,
  type DifferenceSummary,
  differenceCounter,
  type FoundDifference,
  foundDifferences,
  type Plans,
  type Warning,
} from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import { type InTurn, turns } from "../identity/index.ts";
import { type Admission, admission } from "./admission.ts";
import { writeRefusal } from "./authority.ts";
import { type Bearer, standsAbove } from "./bearer.ts";
import { type DecidedChanges, entitledFor, type WriteRefused } from "./changes.ts";
import { planAt, type Unanswered } from "./plan-at.ts";
import { writeRevision } from "./revision.ts";

/** Behind this principal, or from the beginning, with so many possibilities told already. */
export type PreviewPosition = { readonly principal?: string; readonly told: number };
export type PreviewAsked = {
  readonly organization: string;
  readonly changes: readonly Change[] | DecidedChanges;
  /** From a product's catalogue: may make and change what is built in. */
  readonly isCatalogue: boolean;
  readonly actor: Bearer;
  /** Principals a page. */
  readonly max: number;
  /** Where the page before ended, and the revision that it was of. */
  readonly after?: PreviewPosition;
  readonly revision?: string;
  /** Wire form of the revision that must have been reached. */
  readonly atLeast?: string;
  /** Whether nobody waits for it any more. */
  readonly isGone?: () => boolean;
};
export type Previewed = {
  readonly revision: string;
  /** What would be written. */
  readonly changes: readonly Change[];
  /** Absent: none. */
  readonly warnings?: readonly Warning[];
  /** On the first page. */
  readonly summary?: DifferenceSummary;
  readonly entries: readonly Difference[];
  readonly next?: PreviewPosition;
};
export type PreviewRefused = WriteRefused | Unanswered | { readonly code: "preview_outdated" | "too_many_requests" };
export type Preview = {
  of(
    asked: PreviewAsked,
  ): Promise<{ readonly ok: true; readonly value: Previewed } | { readonly ok: false; readonly error: PreviewRefused }>;
};

const SLICE_MS = 5;
/** More names than these are no page: an answer is put into words at once. */
const POSSIBILITIES_A_PAGE = 10_000;
/** Of one who asks. */
const WAITING_MAX = 8;
/** Longer than this nobody waits for an answer. */
const PREVIEW_MS = 30_000;

const TOO_MUCH = `So many may gain or lose by these changes that asking for all of them takes more than ${PREVIEW_MS / 1_000} s. Nothing is told rather than a part: preview fewer changes at a time, or a policy whose pattern names fewer resources.`;

/** `shipped`: the products that ship. */
export type PreviewOptions = { readonly feed: Feed; readonly clock: () => number; readonly shipped: readonly string[] };

export function createPreview(options: PreviewOptions): Preview {
  const inTurn = turnsOfEach();
  return {
    async of(asked) {
      const { organization, actor, atLeast, isGone = () => false } = asked;
      const reached = await planAt(options.feed, organization, atLeast);
      if ("code" in reached) return { ok: false, error: reached };
      const told = await inTurn(JSON.stringify([organization, actor]), async () => (isGone() ? LATE : pageAsked(options, asked)));
      return told === "busy" ? { ok: false, error: { code: "too_many_requests" } } : told;
    },
  };
}

const LATE = { ok: false, error: { code: "answer_timeout", detail: TOO_MUCH } } as const;

/** Of the plan that stands when its turn comes. */
async function pageAsked({ feed, clock, shipped }: PreviewOptions, asked: PreviewAsked): ReturnType<Preview["of"]> {
  const { organization, changes: wanted, isCatalogue, actor, max, after, revision, isGone = () => false } = asked;
  const plan = await planAt(feed, organization, undefined);
  if ("code" in plan) return { ok: false, error: plan };
  const at = writeRevision(plan.at);
  if (revision !== undefined && revision !== at) return { ok: false, error: { code: "preview_outdated" } };
  const changes = "decided" in wanted ? wanted.decided(plan) : wanted;
  // Who may not write it is not told what it would do.
  const nowMs = clock();
  const refusal = standsAbove(actor) || "decided" in wanted ? undefined : writeRefusal({ plan, bearer: actor, nowMs }, changes);
  if (refusal !== undefined) return { ok: false, error: { code: refusal } };
  const admitted = admission(plan, { changes, isCatalogue, entitled: entitledFor(actor, new Set(shipped)) }, nowMs);
  if (!admitted.ok) return admitted;
  const plans = { before: plan, after: admitted.value.plan };
  const page = await pageOf(plans, { ...(after === undefined ? { max } : { max, after }), isGone }, clock());
  if (page === undefined) return LATE;
  return { ok: true, value: { revision: at, changes: admitted.value.changes, ...warned(admitted.value), ...page } };
}

const warned = ({ warnings }: Admission): Pick<Previewed, "warnings"> => (warnings.length === 0 ? {} : { warnings });

type Page = Pick<Previewed, "summary" | "entries" | "next">;
type PageAsked = { readonly max: number; readonly after?: PreviewPosition };

/** One at a time for each who asks: a preview takes what others leave, and several of one would take it several times. */
function turnsOfEach(): <T>(who: string, work: () => Promise<T>) => Promise<T | "busy"> {
  const turnsOf = new Map<string, { readonly inTurn: InTurn; count: number }>();
  return async (who, work) => {
    const own = turnsOf.get(who) ?? { inTurn: turns({ runningMax: 1, waitingMax: WAITING_MAX }), count: 0 };
    own.count++;
    turnsOf.set(who, own);
    try {
      return await own.inTurn(work);
    } finally {
      if (--own.count === 0) turnsOf.delete(who);
    }
  };
}

/** Goes through what the engine finds, slice by slice. `false`: it would take too long, or nobody waits for it. */
async function inSlices<T>(found: Iterable<T>, isGone: () => boolean, each: (one: T) => "more" | "enough"): Promise<boolean> {
  const began = performance.now();
  // Admitting the changes took a slice already.
  let sliceEnd = began;
  for (const one of found) {
    if (performance.now() >= sliceEnd) {
      if (performance.now() - began > PREVIEW_MS || isGone()) return false;
      await othersFirst();
      sliceEnd = performance.now() + SLICE_MS;
    }
    if (each(one) === "enough") return true;
  }
  return true;
}

/** One page; the first one goes through all principals, for its counts. `undefined`: it would take too long. */
async function pageOf(
  plans: Plans,
  { isGone, ...asked }: PageAsked & { readonly isGone: () => boolean },
  now: number,
): Promise<Page | undefined> {
  const counter = asked.after === undefined ? differenceCounter() : undefined;
  const page = new PageOfNames(asked);
  const isDone = await inSlices(foundAndTold(plans, { page, now }), isGone, (one) => {
    counter?.add(one);
    return page.isFull && counter === undefined ? "enough" : "more";
  });
  if (!isDone) return undefined;
  const { entries, next } = page;
  return { entries, ...(counter === undefined ? {} : { summary: counter.result() }), ...(next === undefined ? {} : { next }) };
}

/** Everybody who is found; on the way the page takes the names that it has room for. */
function* foundAndTold(
  plans: Plans,
  { page, now }: { readonly page: PageOfNames; readonly now: number },
): Generator<FoundDifference | undefined, void> {
  const { principal } = page.from;
  for (const found of foundDifferences(plans, principal === undefined ? {} : { after: principal }, now)) {
    if (found !== undefined && page.wants(found)) page.take(yield* found.told());
    yield found;
  }
}

/** The entries of one page, as far as their names fit it: who gains or loses more than that goes on on the next one. */
class PageOfNames {
  readonly entries: Difference[] = [];
  readonly from: PreviewPosition;
  next: PreviewPosition | undefined;
  readonly #max: number;
  readonly #named = new Set<string>();
  #room = POSSIBILITIES_A_PAGE;
  /** Of what comes next, how much was told on pages before. */
  #toSkip: number;
  /** The last principal of whom all is told, and how much of those behind. */
  #last: PreviewPosition;

  constructor({ max, after }: PageAsked) {
    this.#max = max;
    this.from = after ?? { told: 0 };
    this.#toSkip = this.from.told;
    this.#last = this.from;
  }

  get isFull(): boolean {
    return this.next !== undefined;
  }

  /** Whether it has room for some of these names; on the way notes where the next page begins. */
  wants({ principal: { id }, gains, loses }: FoundDifference): boolean {
    if (this.isFull) return false;
    const count = gains + loses;
    if (this.#toSkip >= count) {
      this.#toSkip -= count;
      return false;
    }
    // Who shares his id with one before is told on the same page.
    const isNew = !this.#named.has(id);
    if (isNew) this.#last = this.#named.size === 0 ? this.from : { principal: [...this.#named].at(-1) as string, told: 0 };
    if (this.#room === 0 || (isNew && this.#named.size === this.#max)) {
      this.next = this.#last;
      return false;
    }
    this.#named.add(id);
    return true;
  }

  take({ principal, gains, loses }: Difference): void {
    const skipped = this.#toSkip;
    const wanted = skipped + this.#room;
    this.#toSkip = 0;
    const told = {
      gains: gains.slice(skipped, wanted),
      loses: loses.slice(Math.max(0, skipped - gains.length), Math.max(0, wanted - gains.length)),
    };
    const count = told.gains.length + told.loses.length;
    this.entries.push({ principal, ...told });
    this.#room -= count;
    this.#last = { ...this.#last, told: this.#last.told + count };
    if (skipped + count < gains.length + loses.length) this.next = this.#last;
  }
}
