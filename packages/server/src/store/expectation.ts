/**
 * What a write expects before it happens: objects that nobody changed since, and not to have happened before under its key.
 * Both are looked at under the organization's lock, the key first: a write that is sent again finds its own changes in its way.
 *
 * Invariant: a key is noted in the transaction of its write, so that the note and the changes are there together or not at all.
 */
import type { Key, Kind } from "@reeve/core";
import type { Committed, Head } from "./index.ts";
import { type ChangedObject, ObjectChangedError, StoreError } from "./store-error.ts";

/** How long a key is kept. */
export const ONCE_MS = 24 * 3_600_000;

/** `last`: by whatever its last change was, a deletion too; else it must be there. `revision` null: it must not be there. */
export type Expectation = { readonly kind: Kind; readonly key: Key; readonly revision: number | null; readonly last: boolean };
/** The key and the fingerprint of a write that commits once, 32 bytes each. */
export type Once = { readonly key: Uint8Array; readonly fingerprint: Uint8Array };
/** What a write under a key came to; no `changeSet`: it altered nothing. */
export type OnceRow = Once & {
  readonly revision: number;
  readonly changeSet: string | undefined;
  readonly applied: number;
  readonly timeMs: number;
};

/** An object that is there, by the revision that changed it last. */
export type ChangedAt = (kind: Kind, key: Key) => { readonly revision: number } | undefined;

/** The revision that deleted an object which is not there; undefined: it never was. */
export type DeletedAt = (kind: Kind, key: Key) => number | undefined;

/** Throws ObjectChangedError. */
export const checkExpectations = (
  expected: readonly Expectation[],
  { stored, deletedAt }: { readonly stored: ChangedAt; readonly deletedAt: DeletedAt },
): void => {
  const changed = expected.flatMap(({ kind, key, revision, last }): ChangedObject[] => {
    const found = stored(kind, key)?.revision ?? (last ? deletedAt(kind, key) : undefined) ?? null;
    return found === revision ? [] : [{ kind, key, expected: revision, found }];
  });
  if (changed.length > 0) throw new ObjectChangedError(changed);
};

/**
 * What the write came to the first time, if this is not the first. In the history of today: whatever is stored under a key is in the
 * organization, be it restored or not. Throws `key_reused`.
 */
export const repeatedOf = <T>(
  { value, once }: { readonly value: T; readonly once: Once | undefined },
  { row, head, nowMs }: { readonly row: OnceRow | undefined; readonly head: Head; readonly nowMs: number },
): Committed<T> | undefined => {
  if (once === undefined || row === undefined || hasExpired(row, nowMs)) return undefined;
  if (Buffer.compare(row.fingerprint, once.fingerprint) !== 0) {
    throw new StoreError("key_reused", "Another write was made with this key in the last 24 hours. Choose another key.");
  }
  const { revision, applied, changeSet } = row;
  const told = { value, head: { revision, epoch: head.epoch }, applied, repeated: true } as const;
  return changeSet === undefined ? told : { ...told, changeSet };
};

/** A clock that was set back keeps a key for longer. */
const hasExpired = ({ timeMs }: OnceRow, nowMs: number): boolean => timeMs <= nowMs - ONCE_MS;

/** The note of a write under a key. */
export const onceRow = (once: Once, { head, changeSet, applied }: Committed<unknown>, timeMs: number): OnceRow => ({
  ...once,
  revision: head.revision,
  changeSet,
  applied,
  timeMs,
});
