/**
 * One organization as it is followed: its newest plan, and the plans that writers of this process have offered.
 *
 * Invariant: a plan only ever moves to the revision that is next, or to one that its own writer knows to be committed.
 */
import { apply, compiler, type Plan } from "@reeve/core";
import { type ChangeSet, type Head, type Store, StoreError } from "../store/index.ts";

const SETS_MAX = 500;

export type Followed = { plan: Plan; offered: readonly Plan[] };

/** An organization as one load gives it; `undefined`: there is none. Throws what is no whole one. */
export async function snapshot(store: Store, organization: string, seed: number): Promise<Followed | undefined> {
  const compile = compiler(organization, { seed });
  let head: Head | undefined;
  let loaded = 0;
  let total: number | undefined;
  for await (const page of store.load(organization)) {
    head ??= page.head;
    if (total !== undefined || page.head.revision !== head.revision || page.head.epoch !== head.epoch) throw notWhole();
    compile.add(page.records);
    loaded += page.records.length;
    total = page.total;
  }
  if (head === undefined) return undefined;
  if (total !== loaded) throw notWhole();
  return { plan: compile.finish(head), offered: [] };
}

/** Moves the plan on to the head of the organization; `onMoved` after each step. False: no changes lead there. */
export async function lead(store: Store, organization: string, { one, onMoved }: { one: Followed; onMoved: () => void }): Promise<boolean> {
  for (;;) {
    const batch = await store.changes(organization, one.plan.at, SETS_MAX);
    if (batch.kind !== "changes" || batch.head.epoch !== one.plan.at.epoch) return false;
    if (!batch.sets.every((set) => follow(one, set))) return false;
    if (batch.sets.length > 0) onMoved();
    if (isPast(one.plan, batch.head)) return true;
    if (batch.sets.length === 0) throw new StoreError("wrong_answer", "The changes of an organization end before its head.");
  }
}

/** False: something is missing before this one. */
function follow(one: Followed, { revision, changes }: ChangeSet): boolean {
  // A writer of this process was there before.
  if (revision <= one.plan.at.revision) return true;
  if (revision !== one.plan.at.revision + 1) return false;
  const at: Head = { revision, epoch: one.plan.at.epoch };
  move(one, one.offered.find((plan) => isAt(plan, at)) ?? apply(one.plan, changes, at));
  return true;
}

export function move(one: Followed, plan: Plan): void {
  one.plan = plan;
  one.offered = one.offered.filter(({ at }) => at.revision > plan.at.revision);
}

export function isAt({ at }: Plan, head: Head): boolean {
  return at.revision === head.revision && at.epoch === head.epoch;
}

/** Whether a plan stands at the head or later. */
export function isPast(plan: Plan | undefined, head: Head): boolean {
  return plan !== undefined && plan.at.epoch === head.epoch && plan.at.revision >= head.revision;
}

function notWhole(): StoreError {
  return new StoreError("wrong_answer", "The pages of an organization are not those of one whole snapshot.");
}
