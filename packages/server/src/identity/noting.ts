/**
 * Uses, noted now and then: when a secret was last shown, to some minutes, without a write for each request.
 *
 * Invariant: a use that could not be noted keeps nobody waiting, nor out; what is remembered is bounded.
 */

/** `write`: may reject, and is asked for again at the next use then. */
type Noting = { readonly everyMs: number; readonly write: (key: string, nowMs: number) => Promise<unknown> };
/** `knownMs`: when it was noted last, where that is known. */
export type NoteUse = (key: string, nowMs: number, knownMs?: number) => void;

const REMEMBERED_MAX = 100_000;

export function noting({ everyMs, write }: Noting): NoteUse {
  const notedMs = new Map<string, number>();
  return (key, nowMs, knownMs = 0) => {
    if (nowMs - Math.max(knownMs, notedMs.get(key) ?? 0) < everyMs) return;
    if (notedMs.size >= REMEMBERED_MAX) notedMs.clear();
    notedMs.set(key, nowMs);
    void write(key, nowMs).catch(() => notedMs.delete(key));
  };
}
