/**
 * The embedded store: one SQLite file in the data directory, one server process at a time.
 *
 * One connection writes (group commit), one answers short reads, and each load or audit walk has one of its own for its length, because
 * its read transaction spans many turns of the event loop and nothing else may be held back in its snapshot.
 * Invariant: whatever this store acknowledged is on disk (WAL, synchronous FULL), and what it refused left nothing.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import type { Key, Kind } from "@reeve/core";
import type Database from "better-sqlite3";
import { advance as advanced, isLed, isSameHead, newStanding, noteAlone, type Outcome, type Standing } from "../advance.ts";
import { auditEvent } from "../audit-chain.ts";
import { isStorable } from "../canonical.ts";
import {
  type AuditCursor,
  type AuditEvent,
  type AuditLinePage,
  type AuditNote,
  type AuditPage,
  type AuditVerdict,
  type ChangeBatch,
  type ChangeSetSummary,
  type Committed,
  type Creation,
  type Head,
  type Items,
  type ObjectPage,
  type ObjectQuery,
  type ObjectRead,
  type OrganizationPage,
  type Origin,
  type Page,
  type Retention,
  type Store,
  StoreError,
  type StoreHealth,
  type Tokens,
  type Transaction,
} from "../index.ts";
import type { Noted } from "../items.ts";
import { record } from "../recorder.ts";
import { Subscribers } from "../subscribers.ts";
import { meaning, openReader } from "./connection.ts";
import { type Lists, listReader } from "./lists.ts";
import { loadBeside } from "./load-thread.ts";
import { checkedPages, standingReader } from "./object-rows.ts";
import { type OpenedDatabase, openDatabase, type SqliteOptions } from "./open.ts";
import { recordOfRow } from "./packed-page.ts";
import { organizationRemover } from "./removal.ts";
import { type ChangeReader, changeReader, changeSetOf, OrganizationRows } from "./rows.ts";
import { secretMaker, secretReader } from "./secrets.ts";
import { auditReads, walkChain } from "./sqlite-audit.ts";
import { type Histories, historyReader } from "./sqlite-history.ts";
import { type Connections, sqliteItems } from "./sqlite-items.ts";
import { sqliteTokens } from "./sqlite-tokens.ts";
import { type TimeNote, timeNote } from "./time-note.ts";
import { type Done, WriteQueue } from "./write-queue.ts";

/** From how many objects on an organization is read by a thread of its own, which takes a tenth of a second to begin. */
const THREAD_FROM = 100_000;
const TRIM_ROWS_MAX = 1_000;

export type { SqliteOptions } from "./open.ts";

/**
 * Opens the store of a data directory, making both if they are not there; a file of an older schema is copied and brought up to date.
 * Throws StoreError: `locked`, `newer_database`, `not_a_store`, `damaged`, `directory_unusable`, `network_file_system`, `clock_behind`,
 * `restore_unfinished`, `disk_full`, `store_failed`.
 */
export const openSqliteStore = (options: SqliteOptions): Store => {
  const opened = openDatabase(options);
  try {
    return meaning(() => new SqliteStore(opened, options));
  } catch (error) {
    opened.close({ clean: false });
    throw error;
  }
};

class SqliteStore implements Store {
  readonly tokens: Tokens;
  readonly items: Items;
  readonly #opened: OpenedDatabase;
  readonly #clock: () => number;
  readonly #queue: WriteQueue;
  readonly #rows: OrganizationRows;
  readonly #removeOrganization: ReturnType<typeof organizationRemover>;
  readonly #noteTime: TimeNote;
  readonly #subscribers = new Subscribers();
  readonly #snapshots = new Set<Database.Database>();
  readonly #threads = new Set<Worker>();
  readonly #threadFrom: number;
  readonly #standing: (org: string) => Standing | undefined;
  readonly #changesAfter: ChangeReader;
  readonly #heads: Database.Statement<[string], Head & { org: string }>;
  readonly #ids: Database.Statement<[string, number], string>;
  readonly #auditReads: ReturnType<typeof auditReads>;
  readonly #lists: Lists;
  readonly #histories: Histories;
  readonly #secret: ReturnType<typeof secretReader>;
  readonly #makeSecret: ReturnType<typeof secretMaker>;
  #closing: Promise<void> | undefined;

  constructor(opened: OpenedDatabase, { clock = Date.now, failpoint, threadFrom = THREAD_FROM }: SqliteOptions) {
    this.#opened = opened;
    this.#clock = clock;
    const { writer, reader } = opened;
    const { misplaced } = opened;
    const rows = new OrganizationRows(writer);
    const group = { settle: () => rows.settleHeads(), forget: () => rows.forgetHeads() };
    this.#queue = new WriteQueue(writer, { wake: (orgs) => this.#subscribers.wake(orgs), clock, misplaced, failpoint, ...group });
    this.#rows = rows;
    this.#removeOrganization = organizationRemover(writer);
    this.#noteTime = timeNote(writer);
    this.#threadFrom = threadFrom;
    this.#standing = standingReader(reader);
    this.#changesAfter = changeReader(reader);
    this.#heads = reader.prepare(
      "SELECT org_id AS org, rev AS revision, epoch FROM org_head WHERE org_id IN (SELECT value FROM json_each(?))",
    );
    this.#ids = reader.prepare<[string, number], string>("SELECT org_id FROM org_head WHERE org_id > ? ORDER BY org_id LIMIT ?").pluck();
    this.#auditReads = auditReads(reader);
    this.#lists = listReader(reader);
    this.#histories = historyReader(reader);
    this.#secret = secretReader(reader);
    this.#makeSecret = secretMaker(writer);
    const connections: Connections = {
      enqueue: (job) => this.#enqueue(job),
      read: (job) => this.#read(job),
      note: (lines) => this.#note(lines),
    };
    this.tokens = sqliteTokens(writer, reader, connections);
    this.items = sqliteItems(writer, reader, connections);
  }

  async *load(org: string): AsyncIterable<Page> {
    this.#checkOpen();
    const standing = meaning(() => this.#standing(org));
    const isLarge = (standing?.tally.objects ?? 0) >= this.#threadFrom;
    yield* isLarge ? loadBeside({ path: this.#opened.path, org }, this.#threads) : this.#loadHere(org);
  }

  async *#loadHere(org: string): AsyncIterable<Page> {
    const db = this.#openSnapshot();
    try {
      const standing = meaning(() => standingReader(db)(org));
      if (standing === undefined) return;
      const { head } = standing;
      const pages = checkedPages(db, standing);
      let total = 0;
      for (;;) {
        const { value } = meaning(() => pages.next());
        if (value === undefined) return;
        const { rows, isLast } = value;
        total += rows.length;
        yield { head, records: rows.map(recordOfRow), ...(isLast ? { total } : {}) };
        if (isLast) return;
        await this.#pause();
      }
    } finally {
      this.#closeSnapshot(db);
    }
  }

  write<T>(org: string, work: (tx: Transaction) => T): Promise<Committed<T>> {
    return this.#enqueueCareful(() => {
      const standing = this.#rows.standing(org);
      if (standing === undefined) throw organizationUnknown(org);
      const { committed, ...rest } = this.#workOut(standing, work);
      return { value: committed, ...rest };
    });
  }

  async create<T>(org: string, work: (tx: Transaction) => T): Promise<Creation<T>> {
    if (org === "" || !isStorable(org)) throw new TypeError("an organization's id is text without NUL and lone surrogates");
    return this.#enqueueCareful((): Done<Creation<T>> => {
      if (this.#rows.standing(org) !== undefined) return { value: { ok: false, error: { code: "organization_exists" } } };
      const { committed, ...rest } = this.#workOut(newStanding(org), work);
      return { value: { ok: true, value: committed }, ...rest };
    });
  }

  #workOut<T>(standing: Standing, work: (tx: Transaction) => T): { committed: Committed<T>; moved?: string; keep: () => void } {
    const { org, head } = standing;
    const nowMs = this.#clock();
    const { committed, advance, once }: Outcome<T> = advanced(standing, record(head, work), {
      stored: (kind, key) => this.#rows.stored(org, kind, key),
      deletedAt: (kind, key) => this.#rows.deletedAt(org, kind, key),
      onceOf: (key) => this.#rows.onceOf(org, key),
      nowMs,
    });
    const keep = (): void => {
      if (once !== undefined) this.#rows.keepOnce(org, once);
      if (advance === undefined) return;
      this.#rows.keep(advance);
      this.#noteTime(nowMs);
    };
    return { committed, keep, ...(advance === undefined ? {} : { moved: org }) };
  }

  remove(org: string, at: Head, note: AuditNote): Promise<AuditEvent | undefined> {
    return this.#enqueue((): Done<AuditEvent | undefined> => {
      const standing = this.#rows.standing(org);
      if (standing === undefined) throw organizationUnknown(org);
      if (!isSameHead(standing.head, at)) return { value: undefined };
      const { audit } = noteAlone(standing, note, this.#clock());
      this.#removeOrganization(org);
      this.#rows.forgetHead(org);
      return { value: auditEvent(audit, () => undefined), moved: org };
    });
  }

  changes(org: string, after: Head, max: number): Promise<ChangeBatch> {
    return this.#read(() => {
      const { head, rows } = this.#changesAfter(org, after.revision, max);
      const revisions = rows.map(({ rev }) => rev);
      if (head === undefined || !isLed(after, head, revisions)) return { kind: "reload" };
      const sets = rows.flatMap((row) => changeSetOf(org, row) ?? []);
      // Change sets are a copy: a damaged one hurts nobody who loads the organization, which has sums of its own.
      return sets.length === rows.length ? { kind: "changes", head, sets } : { kind: "reload" };
    });
  }

  heads(orgs: readonly string[]): Promise<ReadonlyMap<string, Head>> {
    return this.#read(() => {
      const rows = this.#heads.all(JSON.stringify(orgs.filter(isStorable)));
      return new Map(rows.map(({ org, revision, epoch }) => [org, { revision, epoch }]));
    });
  }

  organizations(cursor: string | undefined, max: number): Promise<OrganizationPage> {
    return this.#read(() => {
      const found = this.#ids.all(cursor ?? "", max + 1);
      const ids = found.slice(0, max);
      const last = ids.at(-1);
      return found.length > max && last !== undefined ? { ids, next: last } : { ids };
    });
  }

  read(org: string, kind: Kind, key: Key): Promise<ObjectRead | undefined> {
    return this.#read(() => this.#lists.read(org, kind, key));
  }

  list(org: string, query: ObjectQuery): Promise<ObjectPage | undefined> {
    return this.#read(() => this.#lists.list(org, query));
  }

  changeSets(org: string, before: number | undefined, max: number): Promise<readonly ChangeSetSummary[] | undefined> {
    return this.#read(() => this.#histories.changeSets(org, before ?? Number.MAX_SAFE_INTEGER, max));
  }

  changeSet(org: string, which: { readonly id: string } | { readonly revision: number }): Promise<AuditEvent | undefined> {
    return this.#read(() => this.#histories.changeSet(org, which));
  }

  history(
    org: string,
    of: { readonly kind: Kind; readonly key: Key },
    { before = Number.MAX_SAFE_INTEGER, max }: { readonly before?: number; readonly max: number },
  ): Promise<readonly AuditEvent[]> {
    return this.#read(() => this.#histories.history(org, of, { before, max }));
  }

  origins(org: string, kind: Kind, keys: readonly Key[]): Promise<readonly (Origin | undefined)[]> {
    return this.#read(() => this.#histories.origins(org, kind, keys));
  }

  async secret(name: string): Promise<Uint8Array> {
    const known = await this.#read(() => this.#secret(name));
    return known ?? this.#enqueue(() => ({ value: this.#makeSecret(name) }));
  }

  subscribe(wake: (org: string) => void): () => void {
    return this.#subscribers.add(wake);
  }

  async trimChanges(org: string, keep: Retention): Promise<number> {
    let trimmed = 0;
    for (;;) {
      const [step, keys] = await this.#enqueue(() => ({
        value: [this.#rows.trim(org, keep, TRIM_ROWS_MAX), this.#rows.trimOnce(org, this.#clock(), TRIM_ROWS_MAX)] as const,
      }));
      trimmed += step;
      if (step < TRIM_ROWS_MAX && keys < TRIM_ROWS_MAX) return trimmed;
    }
  }

  auditPage(org: string, after: AuditCursor | undefined, max: number): Promise<AuditPage> {
    return this.#read(() => this.#auditReads.page(org, after, max));
  }

  auditLines(org: string, before: AuditCursor | undefined, max: number): Promise<AuditLinePage> {
    return this.#read(() => this.#auditReads.lines(org, before, max));
  }

  projectActivity(org: string, before: AuditCursor | undefined, max: number): Promise<AuditPage> {
    return this.#read(() => this.#auditReads.ofProjects(org, before, max));
  }

  erasePerson(org: string, principal: string, note: AuditNote): Promise<number> {
    return this.#enqueue(() => {
      const standing = this.#rows.standing(org);
      if (standing === undefined) throw organizationUnknown(org);
      const living = this.#rows.stored(org, "principal", [principal])?.life ?? 0;
      const erased = this.#rows.erasePersons(org, principal, living);
      if (erased === 0) return { value: 0 };
      this.#note([{ org, note }]);
      return { value: erased };
    });
  }

  /** Lines of audits that alter no record. To be called last in a job, as it moves heads. */
  #note(lines: readonly Noted[]): void {
    const moved = new Map<string, Standing>();
    for (const { org, note } of lines) {
      const from = moved.get(org) ?? this.#rows.standing(org);
      if (from === undefined) throw organizationUnknown(org);
      const { standing, audit } = noteAlone(from, note, this.#clock());
      this.#rows.addAudit(audit);
      moved.set(org, standing);
    }
    for (const standing of moved.values()) this.#rows.moveHead(standing);
  }

  async verifyAudit(org: string): Promise<AuditVerdict> {
    const db = this.#openSnapshot();
    try {
      return await walkChain(db, org, () => this.#pause());
    } finally {
      this.#closeSnapshot(db);
    }
  }

  health(): StoreHealth {
    return this.#queue.health;
  }

  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    await this.#queue.drained();
    this.#subscribers.clear();
    for (const db of this.#snapshots) this.#closeSnapshot(db);
    await Promise.all([...this.#threads].map((thread) => thread.terminate()));
    this.#opened.close({ clean: this.#queue.stopped === undefined });
  }

  #enqueue<T>(job: () => Done<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(storeClosed());
    return this.#queue.enqueue(job);
  }

  #enqueueCareful<T>(job: () => Done<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(storeClosed());
    return this.#queue.enqueueCareful(job);
  }

  async #read<T>(job: () => T): Promise<T> {
    this.#checkOpen();
    return meaning(job);
  }

  async #pause(): Promise<void> {
    await turn();
    this.#checkOpen();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw storeClosed();
  }

  /** A connection inside a read transaction. Its snapshot is taken by the first read. */
  #openSnapshot(): Database.Database {
    this.#checkOpen();
    return meaning(() => {
      const db = openReader(this.#opened.path);
      this.#snapshots.add(db);
      db.exec("BEGIN");
      return db;
    });
  }

  #closeSnapshot(db: Database.Database): void {
    this.#snapshots.delete(db);
    db.close();
  }
}

const organizationUnknown = (org: string): StoreError =>
  new StoreError("organization_unknown", `There is no organization ${JSON.stringify(org)}.`);

const storeClosed = (): StoreError => new StoreError("store_closed", "The store is closed.");
