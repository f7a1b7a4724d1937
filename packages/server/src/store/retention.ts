/**
 * Retention: change sets are a copy for followers, and are kept as long as one may be behind and no longer. The last 100,000 revisions of
 * the last seven days stay; a follower that was away for longer loads the organization anew. The audit is another matter and stays.
 *
 * Items that expired go too, a day later.
 * Invariant: at most one sweep at a time, in steps that let other writes between them.
 */
import type { Store } from "./index.ts";

export const REVISIONS_MAX = 100_000;
export const AGE_MS_MAX = 7 * 24 * 3_600_000;
const EVERY_MS = 3_600_000;
const FIRST_MS = 60_000;
const ORGANIZATIONS_MAX = 1_000;
const EXPIRED_MS = 24 * 3_600_000;
const ITEMS_MAX = 1_000;

export type RetentionJob = {
  /** Sweeps now, or waits for the sweep that is under way; how many change sets went. */
  sweep(): Promise<number>;
  /** No further sweep begins; the one that is under way ends first. */
  stop(): Promise<void>;
};

/** Sweeps a minute after the start and then every hour, without keeping the process alive. `onError`: the next sweep tries again. */
export const startRetention = (
  store: Store,
  { clock, onError }: { readonly clock: () => number; readonly onError: (error: unknown) => void },
): RetentionJob => {
  let isStopped = false;
  let running: Promise<number> | undefined;
  const sweep = (): Promise<number> => {
    running ??= sweepAll(store, { clock, isStopped: () => isStopped }).finally(() => {
      running = undefined;
    });
    return running;
  };
  const inTheBackground = (): void => void sweep().catch(onError);
  const first = setTimeout(inTheBackground, FIRST_MS).unref();
  const timer = setInterval(inTheBackground, EVERY_MS).unref();
  return {
    sweep,
    async stop() {
      isStopped = true;
      clearTimeout(first);
      clearInterval(timer);
      await running?.catch(() => undefined);
    },
  };
};

const sweepAll = async (store: Store, { clock, isStopped }: { clock: () => number; isStopped: () => boolean }): Promise<number> => {
  const sinceMs = clock() - AGE_MS_MAX;
  let trimmed = 0;
  let cursor: string | undefined;
  do {
    const page = await store.organizations(cursor, ORGANIZATIONS_MAX);
    for (const org of page.ids) {
      if (isStopped()) return trimmed;
      trimmed += await store.trimChanges(org, { revisionsMax: REVISIONS_MAX, sinceMs });
    }
    cursor = page.next;
  } while (cursor !== undefined);
  while (!isStopped() && (await store.items.trim(clock() - EXPIRED_MS, ITEMS_MAX)) === ITEMS_MAX);
  return trimmed;
};
