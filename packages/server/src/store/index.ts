/**
 * The store port: what the server needs of anything that keeps organizations.
 *
 * Words: an organization's *head* is its revision and epoch; one *write* is all or nothing, takes one revision and leaves one
 * *change set* (its whole delta) and one *audit event*; a *life* is the span between an object's creation and its deletion, and
 * an id that is made again begins another. Nothing here knows of decisions, HTTP or caches: those are wrappers round the port.
 *
 * Invariant: records, change set and audit event of a revision commit together, and revisions of an organization are gapless,
 * so that a follower who saw revision n and is given n + 1 has missed nothing.
 */
import type { Change, Json, Key, Kind, Rec } from "@reeve/core";
import type { AuditNote } from "./audit-note.ts";
import type { Items } from "./items.ts";
import type { StoreError } from "./store-error.ts";

export type { AskedBy, AuditNote } from "./audit-note.ts";
export type { Item, ItemFilter, Items, ItemTransaction } from "./items.ts";
export { LISTED, type Listed } from "./listed.ts";
export { ObjectChangedError, StoreError } from "./store-error.ts";

/** Where an organization stands. Revisions count from 1, the creation; 0 is before it. The epoch changes when history does (restore, import). */
export type Head = { readonly revision: number; readonly epoch: string };

/**
 * Part of a snapshot. Every page of one load carries the same head and comes from the same read transaction. The last one, and no other,
 * says in `total` how many records all of them hold: without them all nothing may be decided, for one that denies may be missing.
 */
export type Page = { readonly head: Head; readonly records: readonly Rec[]; readonly total?: number };

/** Everything one revision altered, in the order in which it was asked; `id` names it in answers and in the audit. */
export type ChangeSet = { readonly revision: number; readonly id: string; readonly timeMs: number; readonly changes: readonly Change[] };

/** `head`: where the organization stood then; sets that end before it are followed by others. `reload`: the feed cannot lead from there to the head: another epoch, before the retained minimum, ahead of the head, or no such organization. */
export type ChangeBatch =
  | { readonly kind: "changes"; readonly head: Head; readonly sets: readonly ChangeSet[] }
  | { readonly kind: "reload" };

/**
 * Handed to the work of a write; valid only until it returns. It records and reads nothing, so that the same work runs on a store
 * that must be awaited. `head` is read under the organization's lock: work that was prepared against another head throws.
 * `put` replaces the whole object. One that leaves the stored record as it was (`sameRecord`) and a delete of what is not there
 * are dropped, and so are objects that end as they began. `audit` is called once; without it a write that alters something rejects.
 * Errors: TypeError for keys that no store can hold (NUL, lone surrogate, wrong number of members).
 */
export interface Transaction {
  readonly head: Head;
  put(rec: Rec): void;
  delete(kind: Kind, key: Key): void;
  audit(note: AuditNote): void;
  /**
   * The object must have been changed last at this revision (`null`: must not be there). Else the write rejects with `object_changed`,
   * which names them all (`ObjectChangedError`). Checked under the organization's lock, before anything is written.
   */
  expect(kind: Kind, key: Key, revision: number | null): void;
  /** The object must have been changed last, be it put or deleted, by this revision: for taking a change set back. Else as `expect`. */
  expectLast(kind: Kind, key: Key, revision: number): void;
  /**
   * A write with this key commits once: a later one with the same key and fingerprint alters nothing and resolves with what the first one
   * came to (`repeated`); with another fingerprint it rejects with `key_reused`. Kept 24 hours. Both SHA-256 (32 bytes).
   */
  once(key: Uint8Array, fingerprint: Uint8Array): void;
}

/**
 * `applied`: changes that altered something; 0: nothing was written, the head is as before and there is no change set. `repeated`: the
 * write had been made before under its key: `head` (as it stood then), `applied` and `changeSet` are those of that time, and `value` is of now.
 */
export type Committed<T> = {
  readonly value: T;
  readonly head: Head;
  readonly applied: number;
  readonly changeSet?: string;
  readonly repeated?: true;
};

export type Creation<T> =
  | { readonly ok: true; readonly value: Committed<T> }
  | { readonly ok: false; readonly error: { readonly code: "organization_exists" } };

/** An object as it stands. `revision`: the one that last changed it (its ETag). */
export type KeptObject = { readonly rec: Rec; readonly revision: number; readonly life: number };
/** `undefined` instead of these: no such organization. */
export type ObjectRead = { readonly head: Head; readonly object?: KeptObject };
/** Where a page ends: opaque to callers, a list of texts that travels in a signed cursor. */
export type ObjectPosition = readonly string[];
export type ObjectQuery = {
  readonly kind: Kind;
  /** Equality on named fields of `LISTED[kind].filters`; every one must fit. */
  readonly filter: Readonly<Record<string, string>>;
  /** Only objects whose name begins so (bytes; case counts); only with sort `name`. */
  readonly namePrefix?: string;
  /** Only resources below this path (kind resource, sort `key`). */
  readonly below?: string;
  /** One of `LISTED[kind].sorts`. */
  readonly sort: string;
  readonly descending?: boolean;
  readonly after?: ObjectPosition;
  /** How many objects are passed over from there: only in lists by key whose filters are members of it, without `after`. */
  readonly skip?: number;
  /** 1 to 1,000. */
  readonly max: number;
};
export type ObjectPage = { readonly head: Head; readonly objects: readonly KeptObject[]; readonly next?: ObjectPosition };

/** When something was done to an object, by whom, and the revision that it made. */
export type Stamp = Pick<AuditNote, "actor"> & { readonly revision: number; readonly timeMs: number };
/** `created`: of the object's present life; absent where the audit's retention took it. */
export type Origin = { readonly created?: Stamp; readonly changed?: Stamp };

export type OrganizationPage = { readonly ids: readonly string[]; readonly next?: string };

/**
 * What an audit event altered: `null` before a creation and after a deletion. A principal's `name` and `properties` are those of that
 * time; where they were erased, `person: "erased"` stands instead, and `"altered"` where somebody edited them behind the store's back.
 */
export type AuditedChange = { readonly kind: Kind; readonly key: Key; readonly life: number; readonly before: Json; readonly after: Json };

/** A line of an organization's change audit. `period` is yyyymm in UTC; `hash` closes the chain over this line and all before it. */
export type AuditEvent = AuditNote & {
  readonly period: number;
  readonly seq: number;
  readonly timeMs: number;
  /** Absent where the event altered no record. */
  readonly revision?: number;
  readonly changeSet?: string;
  readonly changes: readonly AuditedChange[];
  readonly hash: Uint8Array;
};
export type ChangeSetSummary = Omit<AuditEvent, "changes" | "hash"> & { readonly count: number };
export type AuditCursor = { readonly period: number; readonly seq: number };
/** A line without what it altered, but for how much; `revision` and `changeSet` are absent where it altered no record. */
export type AuditLinePage = { readonly lines: readonly ChangeSetSummary[]; readonly next?: AuditCursor };
export type AuditPage = { readonly events: readonly AuditEvent[]; readonly next?: AuditCursor };

/**
 * What verifying a chain found. `seq` is the first line that does not fit. `gap`: lines are missing or out of order; `link`: a line does
 * not continue the one before; `content`: a line was edited; `tail`: the chain does not end where the head says;
 * `anchor`: a kept anchor contradicts it. Somebody who rewrites the whole chain and the head is not seen.
 */
export type AuditVerdict =
  | { readonly ok: true; readonly events: number; readonly last: { readonly seq: number; readonly hash: Uint8Array } }
  | { readonly ok: false; readonly seq: number; readonly why: "gap" | "link" | "content" | "tail" | "anchor" };

/**
 * A bearer of rights, known by the SHA-256 of its secret (32 bytes) and by nothing else. `kind: "administrator"` is the administrator's
 * own. `ceiling`: what the bearer may do at most, as identity writes it. A token of a principal ends with the principal's life.
 */
export type Token = {
  readonly hash: Uint8Array;
  readonly kind: string;
  readonly org?: string;
  readonly principal?: string;
  readonly clientId?: string;
  readonly ceiling?: Json;
  readonly name?: string;
  readonly createdMs: number;
  readonly expiresMs?: number;
  readonly lastUsedMs?: number;
};
export type TokenFilter = { readonly kind?: string; readonly org?: string; readonly principal?: string };

/** The server's tokens. Expiry is data: `find` answers expired tokens too. */
export interface Tokens {
  find(hash: Uint8Array): Promise<Token | undefined>;
  /**
   * Adds the token, or replaces the one of its hash; those of `replaced` go in the same transaction. False, and nothing is done, when
   * its principal is not there: the next life of that id must not find a token waiting. `note`: of a token of an organization, for its
   * audit, in the same transaction. Errors: TypeError for a text with NUL or a lone surrogate.
   */
  put(token: Token, replaced?: readonly Uint8Array[], note?: AuditNote): Promise<boolean>;
  /** Ordered by hash; `after` is the last hash of the page before. Every member of the filter must be equal. */
  list(filter: TokenFilter, after: Uint8Array | undefined, max: number): Promise<readonly Token[]>;
  /** False if there was none. `note`: as in `put`. */
  delete(hash: Uint8Array, note?: AuditNote): Promise<boolean>;
  /** Notes a use; earlier than the noted one, or of a token that is gone, it does nothing. A durable write: callers note a use now and then, not each. */
  used(hash: Uint8Array, atMs: number): Promise<void>;
}

/**
 * Whether writes are taken. `refused`: the last one was not, for a full disk or another's lock, and the next one may be again.
 * `stopped`: one broke on the disk; reading goes on, and only a new start takes writes. `why` names the remedy.
 */
export type StoreHealth =
  | { readonly writes: "taken" }
  | { readonly writes: "refused" | "stopped"; readonly sinceMs: number; readonly why: StoreError };

/** Which change sets are kept: the last `revisionsMax`, of these the ones made at `sinceMs` or later. */
export type Retention = { readonly revisionsMax: number; readonly sinceMs?: number };

/** All failures but `organization_exists` reject or throw with a `StoreError`; its codes say what the operator can do. */
export interface Store {
  /**
   * The whole organization, at most 5,000 records a page: resources, then the other kinds; ordered by kind, then key, each by UTF-8 bytes. An
   * existing organization gives at least one page, an unknown one gives none. The snapshot is that of the first `next()`. Leave the loop by `break` or
   * `return`, so that the read transaction ends. Errors: `damaged`, on the last page too: nothing that was given before may be used then.
   */
  load(org: string): AsyncIterable<Page>;
  /**
   * Runs `work` once, synchronously, and commits what it recorded as one revision. Resolves after the data is durable.
   * If `work` throws, nothing is written and the promise rejects with that error. Writes of a store run one after another, in the order of the calls.
   * Errors: `organization_unknown`, `busy`, `disk_full`, `commit_failed` (outcome unknown until the next start), `writes_stopped`, `store_closed`.
   */
  write<T>(org: string, work: (tx: Transaction) => T): Promise<Committed<T>>;
  /**
   * As `write`, on an organization that comes to be with it: `tx.head` is revision 0 of a new random epoch, the creation is revision 1,
   * even when it puts nothing, and always needs its audit event. Errors also: TypeError for an id that is empty or not storable.
   */
  create<T>(org: string, work: (tx: Transaction) => T): Promise<Creation<T>>;
  /**
   * Deletes an organization whole: its records, history, audit, tokens and items, as if it had never been. One that is made under the id
   * later is another, of another epoch. Resolves with the closing line of its audit, which says `note` and is kept nowhere: whoever must
   * keep it, does. `undefined`, and nothing is done, where the organization does not stand at `at`. Takes as long as there are rows, and
   * other writes wait. Errors: as `write`.
   */
  remove(org: string, at: Head, note: AuditNote): Promise<AuditEvent | undefined>;
  /** The change sets after `after`, oldest first, gapless, at most `max` (1 or more). No sets: `after` is the head. */
  changes(org: string, after: Head, max: number): Promise<ChangeBatch>;
  /** Heads of those of `orgs` that exist. */
  heads(orgs: readonly string[]): Promise<ReadonlyMap<string, Head>>;
  /** Ids after `cursor` by UTF-8 bytes, at most `max`. `next` is absent on the last page. */
  organizations(cursor: string | undefined, max: number): Promise<OrganizationPage>;
  read(org: string, kind: Kind, key: Key): Promise<ObjectRead | undefined>;
  /** A page of the objects of a kind. Errors: TypeError for a filter, sort or position that `LISTED` does not have; `damaged`. */
  list(org: string, query: ObjectQuery): Promise<ObjectPage | undefined>;
  /** Newest first, before `before` (a revision), at most `max`. */
  changeSets(org: string, before: number | undefined, max: number): Promise<readonly ChangeSetSummary[] | undefined>;
  /** By id or by revision. Names of people joined as in `auditPage`. */
  changeSet(org: string, which: { readonly id: string } | { readonly revision: number }): Promise<AuditEvent | undefined>;
  /** What befell one object, newest first, through all of its lives, before `before` (a revision): events with only its own changes. */
  history(
    org: string,
    of: { readonly kind: Kind; readonly key: Key },
    page: { readonly before?: number; readonly max: number },
  ): Promise<readonly AuditEvent[]>;
  /** How objects of a kind came to be and to be as they are, one for each key; `undefined` for one that is not there. */
  origins(org: string, kind: Kind, keys: readonly Key[]): Promise<readonly (Origin | undefined)[]>;
  /** A secret of the server, made once and kept, 32 bytes; for signing cursors. Never in the audit of a backup or in logs. */
  secret(name: string): Promise<Uint8Array>;
  /** `wake` is called after a commit that moved the organization's head, or removed it; it is a hint, `changes` is the truth. Returns the way to stop it. */
  subscribe(wake: (org: string) => void): () => void;
  /** Forgets the change sets that are not to be kept and gives their number; followers behind them reload. */
  trimChanges(org: string, keep: Retention): Promise<number>;
  readonly tokens: Tokens;
  readonly items: Items;
  /** Audit events after `after`, oldest first, at most `max`. */
  auditPage(org: string, after: AuditCursor | undefined, max: number): Promise<AuditPage>;
  /** Lines of the audit before `before`, newest first, at most `max`. */
  auditLines(org: string, before: AuditCursor | undefined, max: number): Promise<AuditLinePage>;
  /** The same of developer projects and their credentials alone, whole. A page may hold fewer than `max` and still have a next one. */
  projectActivity(org: string, before: AuditCursor | undefined, max: number): Promise<AuditPage>;
  /**
   * Erases from the audit what a principal was called and its properties, of every life of the id that has ended, and notes it in the
   * audit; the chain still holds. The number of places: 0, and nothing is noted, where there was nothing. Change sets keep what they
   * carry until they are trimmed, backups for as long as they are kept. Errors: as `write`.
   */
  erasePerson(org: string, principal: string, note: AuditNote): Promise<number>;
  /** Walks the whole chain of one snapshot. An unknown organization has an empty chain. */
  verifyAudit(org: string): Promise<AuditVerdict>;
  /** At once, without touching the disk; of a closed store too. */
  health(): StoreHealth;
  /** Finishes the writes already asked for, then lets go of everything. Later calls reject with `store_closed`; closing again waits for the first. */
  close(): Promise<void>;
}
