/**
 * Tokens that were found lately, kept in memory: every request shows one, and few ever change.
 *
 * One process writes to a store, and it writes tokens through here or ends them with the life of a principal, in a commit. Both make
 * everything that is kept be forgotten, before the writer is told that it is done.
 * Invariant: no token is answered that was changed or deleted before it was asked for.
 */
import type { Store, Token, Tokens } from "../store/index.ts";

const KEPT_MAX = 10_000;

/** As the store's, but what is known is found at once. */
export type KeptTokens = Omit<Tokens, "find"> & { find(hash: Uint8Array): Token | undefined | Promise<Token | undefined> };

export function cachedTokens(store: Pick<Store, "tokens" | "subscribe">): KeptTokens {
  const { tokens } = store;
  const kept = new Map<string, Token>();
  let generation = 0;
  const forget = (): void => {
    generation++;
    kept.clear();
  };
  store.subscribe(forget);
  const changing = async <T>(change: Promise<T>): Promise<T> => change.finally(forget);
  const read = async (hash: Uint8Array, key: string): Promise<Token | undefined> => {
    const asked = generation;
    const found = await tokens.find(hash);
    // Another's token would let its owner's caller in from now on.
    if (found !== undefined && Buffer.compare(found.hash, hash) !== 0) throw new Error("the store found another token");
    // What was read while something changed may be older than the change.
    if (found !== undefined && asked === generation && kept.size < KEPT_MAX) kept.set(key, found);
    return found;
  };
  return {
    find(hash) {
      const key = Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString("latin1");
      return kept.get(key) ?? read(hash, key);
    },
    put: (token, replaced, note) => changing(tokens.put(token, replaced, note)),
    delete: (hash, note) => changing(tokens.delete(hash, note)),
    list: (filter, after, max) => tokens.list(filter, after, max),
    used: async (hash, atMs) => tokens.used(hash, atMs),
  };
}
