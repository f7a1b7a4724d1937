/**
 * What is asked for from elsewhere and kept: its documents and its keys.
 *
 * It is *fresh* for a while; then it is asked for again, and where nothing newer can be had the old one counts for a bounded time. Nobody
 * is asked twice within a pause, be it that he answered, failed, or hangs. Invariant: nothing older than `FRESH_MS + STALE_MS` is given.
 */
import { ISSUER_AGAIN_MS } from "./fetch.ts";

export const FRESH_MS = 10 * 60_000;
export const STALE_MS = 60 * 60_000;

export type Kept<T> = {
  /** At once, if it is fresh. */
  fresh(): T | undefined;
  /** Rejects as `load` does where there is nothing that counts. */
  get(): Promise<T>;
  /** As `get`, and as new as may be asked for now. */
  renewed(): Promise<T>;
};

export function kept<T>({ load, clock }: { readonly load: () => Promise<T>; readonly clock: () => number }): Kept<T> {
  let known: { readonly value: T; readonly atMs: number } | undefined;
  let asked: { readonly answer: Promise<T>; readonly atMs: number } | undefined;
  const within = (ms: number): T | undefined => (known !== undefined && clock() - known.atMs < ms ? known.value : undefined);
  const asking = async (atMs: number): Promise<T> => {
    const value = await load();
    known = { value, atMs };
    return value;
  };
  const renewed = async (): Promise<T> => {
    const nowMs = clock();
    // A pause, and no lock: an answer that never comes is not waited for by whoever asks after it.
    if (asked === undefined || nowMs - asked.atMs >= ISSUER_AGAIN_MS) asked = { answer: asking(nowMs), atMs: nowMs };
    try {
      return await asked.answer;
    } catch (error) {
      const stale = within(FRESH_MS + STALE_MS);
      if (stale === undefined) throw error;
      return stale;
    }
  };
  const fresh = () => within(FRESH_MS);
  return { fresh, renewed, get: async () => fresh() ?? renewed() };
}
