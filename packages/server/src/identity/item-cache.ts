/**
 * Items that every request needs, kept in memory: whether the client of an access token is there, and whether the token was revoked.
 *
 * One process writes to a store. It writes items through here, or ends them with the life of a principal, in a commit; both make
 * everything that is kept be forgotten before the writer is told that it is done. What is not there is kept too, for most tokens are
 * not revoked.
 * Invariant: `known` answers nothing that was put, replaced or deleted before it was asked.
 */
import type { Item, Items, Store } from "../store/index.ts";

const KEPT_MAX = 20_000;

/** As the store's, and `known`: the same as `find`, at once where it is kept. Only for ids that strangers cannot make up. */
export type KeptItems = Items & { known(kind: string, id: string): Item | undefined | Promise<Item | undefined> };

export function cachedItems(store: Pick<Store, "items" | "subscribe">): KeptItems {
  const { items } = store;
  const kept = new Map<string, Item | null>();
  let generation = 0;
  const forget = (): void => {
    generation++;
    kept.clear();
  };
  store.subscribe(forget);
  // A write that failed may still come to be; one that succeeds after it says that it has been decided. In between nothing is kept.
  let isUncertain = false;
  const changing = async <T>(change: Promise<T>): Promise<T> => {
    let isDone = false;
    try {
      const value = await change;
      isDone = true;
      return value;
    } finally {
      isUncertain = !isDone;
      forget();
    }
  };
  const read = async ({
    kind,
    id,
    key,
  }: {
    readonly kind: string;
    readonly id: string;
    readonly key: string;
  }): Promise<Item | undefined> => {
    const asked = generation;
    const found = await items.find(kind, id);
    // Another's item would speak for the wrong token.
    if (found !== undefined && (found.kind !== kind || found.id !== id)) throw new Error("the store found another item");
    // What was read while something changed may be older than the change.
    if (asked === generation && !isUncertain) {
      if (kept.size >= KEPT_MAX) kept.clear();
      kept.set(key, found ?? null);
    }
    return found;
  };
  return {
    known(kind, id) {
      const key = `${kind}\n${id}`;
      const found = kept.get(key);
      return found === undefined ? read({ kind, id, key }) : (found ?? undefined);
    },
    find: (kind, id) => items.find(kind, id),
    list: (filter, after, max) => items.list(filter, after, max),
    write: (work) => changing(items.write(work)),
    trim: (beforeMs, max) => changing(items.trim(beforeMs, max)),
  };
}
