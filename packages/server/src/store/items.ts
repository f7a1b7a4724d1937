/**
 * Items: what identity keeps beside the organizations' records, such as accounts, sessions, clients, keys and revocations.
 *
 * Items are no records: no plan holds them, no revision counts them, no export and no audit has them; that somebody made or ended one is
 * noted in the audit of its organization by whoever did. A write of items is all or nothing, as one of records is. Kinds are identity's own; the store knows of them only which may outlive a restore.
 * Invariant: an item never outlives the organization or the principal that it names, nor meets the next life of that id.
 */
import type { JsonObject } from "@reeve/core";
import type { AuditNote } from "./audit-note.ts";
import { isStorable } from "./canonical.ts";

export type Item = {
  /** As identity names it: 1 to 64 characters. */
  readonly kind: string;
  /** Within its kind: 1 to 512 characters without NUL and lone surrogates. */
  readonly id: string;
  /** With `principal`: it ends with the life of that principal, as a token does; alone: with the organization. */
  readonly org?: string;
  /** Never without `org`. */
  readonly principal?: string;
  /** Id of what it belongs to, whatever that is; to be found by. As an id. */
  readonly owner?: string;
  /** Epoch ms. Data: `find` answers expired items too; `trim` forgets them. */
  readonly expiresMs?: number;
  readonly value: JsonObject;
};

/** Every member that is given must be equal. */
export type ItemFilter = { readonly kind: string; readonly org?: string; readonly principal?: string; readonly owner?: string };

/** Handed to the work of a write; valid only until it returns. It reads what is there now, with what the work did before. */
export interface ItemTransaction {
  /** `undefined` also for an id that no item can have. */
  find(kind: string, id: string): Item | undefined;
  /** Ordered by id (UTF-8 bytes), after `after`, at most `max` (1 or more). */
  list(filter: ItemFilter, after: string | undefined, max: number): readonly Item[];
  /**
   * Adds or replaces. False, and nothing is put, where its organization or its principal is not there.
   * Errors: TypeError for what is no item: a name of a wrong length, with NUL or a lone surrogate, a principal without organization.
   */
  put(item: Item): boolean;
  /** False if there was none. */
  delete(kind: string, id: string): boolean;
  /**
   * Adds a line to an organization's audit, of no revision: no head moves and nobody is woken. False, and nothing is added, where there is
   * no such organization.
   */
  audit(org: string, note: AuditNote): boolean;
}

/** The server's items. Errors of all: `damaged`, `store_closed`. */
export interface Items {
  find(kind: string, id: string): Promise<Item | undefined>;
  list(filter: ItemFilter, after: string | undefined, max: number): Promise<readonly Item[]>;
  /**
   * Runs `work` once, synchronously, on what is there now; all of it is durable when this resolves, or none. If `work` throws, nothing
   * was written and it rejects with that. Runs in the order of the calls, among the writes of organizations. Errors: as `Store.write`.
   */
  write<T>(work: (tx: ItemTransaction) => T): Promise<T>;
  /** Forgets items that expired before `beforeMs`, at most `max`, and gives their number. */
  trim(beforeMs: number, max: number): Promise<number>;
}

const KIND_CHARACTERS_MAX = 64;
const ID_CHARACTERS_MAX = 512;

/**
 * Kinds that a backup holds and a restore brings back. All others let somebody in, or keep somebody out, as things stood then: a session
 * that was ended since must not be valid again, and whoever reads a backup must not be able to sign.
 */
export const LASTING_KINDS: readonly string[] = ["account", "account-email", "client", "issued-subject", "issued-user", "person"];

/** Throws TypeError for what no store keeps. */
export const checkItem = ({ kind, id, org, principal, owner, expiresMs }: Item): void => {
  if (!isName(kind, KIND_CHARACTERS_MAX)) throw unfit("kind", KIND_CHARACTERS_MAX);
  if (!isName(id, ID_CHARACTERS_MAX)) throw unfit("id", ID_CHARACTERS_MAX);
  if (owner !== undefined && !isName(owner, ID_CHARACTERS_MAX)) throw unfit("owner", ID_CHARACTERS_MAX);
  for (const named of [org, principal]) if (named !== undefined && !isStorable(named)) throw new TypeError("no such id can be stored");
  if (principal !== undefined && org === undefined) throw new TypeError("an item of a principal names the organization too");
  if (expiresMs !== undefined && !Number.isSafeInteger(expiresMs)) throw new TypeError("an item expires at whole epoch milliseconds");
};

/** Whether there may be an item of that name. To ask for another is no fault: what callers show may be any text. */
export const mayBeItem = (kind: string, id: string): boolean => isName(kind, KIND_CHARACTERS_MAX) && isName(id, ID_CHARACTERS_MAX);

/** Whether items may fit the filter. Throws TypeError for a place in a list that no list gave, and for a page of nothing. */
export const mayBeListed = (filter: ItemFilter, after: string | undefined, max: number): boolean => {
  if (after !== undefined && !isStorable(after)) throw new TypeError("a list goes on after the id of an item");
  if (!Number.isSafeInteger(max) || max < 1) throw new TypeError("a page of a list has 1 item or more");
  return [filter.kind, filter.org, filter.principal, filter.owner].every((member) => member === undefined || isStorable(member));
};

/** A line for an organization's audit. */
export type Noted = { readonly org: string; readonly note: AuditNote };

/** Runs the work of a write. Throws what it throws, and TypeError when it is asynchronous. `finish` ends the transaction. */
export const workOn = <T>(tx: ItemTransaction & { finish(): void }, work: (tx: ItemTransaction) => T): T => {
  try {
    const value = work(tx);
    if (value instanceof Promise) throw new TypeError("the work of a write must be synchronous");
    return value;
  } finally {
    tx.finish();
  }
};

export const transactionOver = (): TypeError => new TypeError("the transaction is over");

const unfit = (member: string, charactersMax: number): TypeError =>
  new TypeError(`the ${member} of an item has 1 to ${charactersMax} characters without NUL and lone surrogates`);

/** Characters are code points: of UTF-16 there are at most twice as many. */
const isName = (text: string, charactersMax: number): boolean =>
  typeof text === "string" &&
  text !== "" &&
  text.length <= 2 * charactersMax &&
  isStorable(text) &&
  (text.length <= charactersMax || [...text].length <= charactersMax);
