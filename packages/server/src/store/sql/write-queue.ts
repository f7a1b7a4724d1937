/**
 * The one writer. Jobs wait until the end of the event loop's turn and run together, up to 64 in one transaction, so that many writers
 * share one fsync. One that is refused takes nothing of the others with it: it runs in a savepoint of its own, or, being *careful*, has
 * written nothing when it fails.
 *
 * It also moves what the write-ahead log holds into the database file, after the answers, because a checkpoint that SQLite makes by
 * itself fails without a word.
 *
 * Invariant: a job's promise resolves only after the COMMIT that holds it returned, into a file that was in its place 20 ms ago. After the
 * disk refused something, nothing more is written by this process: a failed fsync may have dropped pages, and a second one would say that all is well.
 */
import type Database from "better-sqlite3";
import type { StoreHealth } from "../index.ts";
import { StoreError } from "../store-error.ts";
import { isStopping, meaningOf, sqliteCode } from "./connection.ts";

const GROUP_JOBS_MAX = 64;
const WAITING_JOBS_MAX = 16_384;
/**
 * 4 KiB each: how much of the log waits before it is moved into the file; and after how many commits somebody looks. The longer it waits, the
 * more of its pages were written again meanwhile and are moved once; and the longer everybody waits for it, 30 ms here.
 */
const LOG_PAGES_MAX = 4_000;
const LOG_COMMITS = 8;
/** Asking where a file lies costs a quarter of a commit. */
const PLACE_MS = 20;

/** Places where a test may break or kill the process: after the last savepoint, and between COMMIT and the answers. */
export type Failpoint = (at: "commit" | "committed") => void;
/** `moved`: the organization whose head the job moved, if any. `keep`: writes what a careful job worked out; it runs before the next job. */
export type Done<T> = { readonly value: T; readonly moved?: string; readonly keep?: () => void };

export type QueueOptions = {
  readonly wake: (orgs: Iterable<string>) => void;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** Why what was committed will not be found again: the file was taken away. */
  readonly misplaced: () => StoreError | undefined;
  /** Writes what the jobs of a group left until its end; and forgets it, where the group is lost. */
  readonly settle: () => void;
  readonly forget: () => void;
  readonly failpoint?: Failpoint | undefined;
};

type Job = {
  readonly run: () => Done<unknown>;
  readonly isCareful: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
};
type Ran = { readonly job: Job; readonly done?: Done<unknown>; readonly error?: unknown };

export class WriteQueue {
  readonly #db: Database.Database;
  readonly #options: QueueOptions;
  readonly #failpoint: Failpoint;
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;
  readonly #save: Database.Statement;
  readonly #undo: Database.Statement;
  readonly #release: Database.Statement;
  readonly #log: Database.Statement<[], { log: number; checkpointed: number }>;
  readonly #waiting: Job[] = [];
  #scheduled = false;
  #stopped: StoreError | undefined;
  #health: StoreHealth = { writes: "taken" };
  #commits = 0;
  #placedMs = Number.NEGATIVE_INFINITY;
  #drained: (() => void)[] = [];

  constructor(db: Database.Database, options: QueueOptions) {
    this.#db = db;
    this.#options = options;
    this.#failpoint = options.failpoint ?? (() => {});
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
    this.#save = db.prepare("SAVEPOINT job");
    this.#undo = db.prepare("ROLLBACK TO job");
    this.#release = db.prepare("RELEASE job");
    this.#log = db.prepare("PRAGMA wal_checkpoint(NOOP)");
  }

  /** Why no more writes are taken; undefined while they are. */
  get stopped(): StoreError | undefined {
    return this.#stopped;
  }

  get health(): StoreHealth {
    return this.#health;
  }

  /** A job that may write before it fails. */
  enqueue<T>(run: () => Done<T>): Promise<T> {
    return this.#add(run, false);
  }

  /** A job that only reads, and leaves writing to its `keep`. */
  enqueueCareful<T>(run: () => Done<T>): Promise<T> {
    return this.#add(run, true);
  }

  #add<T>(run: () => Done<T>, isCareful: boolean): Promise<T> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    if (this.#waiting.length >= WAITING_JOBS_MAX) {
      return Promise.reject(new StoreError("busy", `${WAITING_JOBS_MAX} writes are waiting already. Try again.`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, isCareful, resolve: resolve as (value: unknown) => void, reject });
      this.#schedule();
    });
  }

  /** Resolves when nothing waits any more. */
  drained(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#runGroup(this.#waiting.splice(0, GROUP_JOBS_MAX));
      if (this.#waiting.length > 0) this.#schedule();
      else for (const resolve of this.#drained.splice(0)) resolve();
    });
  }

  #runGroup(group: readonly Job[]): void {
    const ran: Ran[] = [];
    let committing = false;
    try {
      if (this.#stopped !== undefined) throw this.#stopped;
      this.#begin.run();
      for (const job of group) ran.push(job.isCareful ? this.#runCareful(job) : this.#runJob(job));
      this.#options.settle();
      committing = true;
      this.#failpoint("commit");
      this.#commit.run();
    } catch (error) {
      this.#abandon(group, { error, committing });
      return;
    }
    this.#failpoint("committed");
    const misplaced = this.#misplaced();
    if (misplaced !== undefined) {
      this.#lose(group, misplaced);
      return;
    }
    this.#health = { writes: "taken" };
    this.#answer(ran);
    this.#commits += 1;
    if (this.#commits % LOG_COMMITS === 0) this.#emptyLog();
  }

  #misplaced(): StoreError | undefined {
    const nowMs = performance.now();
    if (nowMs - this.#placedMs < PLACE_MS) return undefined;
    this.#placedMs = nowMs;
    return this.#options.misplaced();
  }

  /** Throws when the whole transaction is lost. */
  #runJob(job: Job): Ran {
    this.#save.run();
    try {
      const done = job.run();
      this.#release.run();
      return { job, done };
    } catch (error) {
      // So does an error after which SQLite has rolled everything back.
      if (concernsAll(error) || !this.#db.inTransaction) throw error;
      this.#undo.run();
      this.#release.run();
      return { job, error };
    }
  }

  /**
   * As `#runJob`, without the savepoint, for which SQLite copies every page that is about to change. What fails in `keep` is no refusal but
   * a fault, and the group is lost with it. Throws when the whole transaction is lost.
   */
  #runCareful(job: Job): Ran {
    let done: Done<unknown>;
    try {
      done = job.run();
    } catch (error) {
      if (concernsAll(error) || !this.#db.inTransaction) throw error;
      return { job, error };
    }
    done.keep?.();
    return { job, done };
  }

  #answer(ran: readonly Ran[]): void {
    const moved = new Set<string>();
    for (const { job, done, error } of ran) {
      if (done === undefined) job.reject(meaningOf(error));
      else job.resolve(done.value);
      if (done?.moved !== undefined) moved.add(done.moved);
    }
    this.#options.wake(moved);
  }

  /** Not while a write waits for its answer. A full disk leaves the log as it is, which holds everything. */
  #emptyLog(): void {
    try {
      const { log, checkpointed } = this.#log.get() ?? { log: 0, checkpointed: 0 };
      if (log - checkpointed >= LOG_PAGES_MAX) this.#db.pragma("wal_checkpoint(PASSIVE)");
    } catch (error) {
      if (isStopping(error)) this.#stop(error);
      else if (sqliteCode(error) === undefined) throw error;
    }
  }

  /** The commit went into a file that the next start will not find. */
  #lose(group: readonly Job[], misplaced: StoreError): void {
    this.#stop(misplaced);
    const lost = new StoreError("commit_failed", `The write is lost. ${misplaced.message}`, misplaced);
    for (const job of group) job.reject(lost);
  }

  #stop(error: unknown): StoreError {
    const meant = meaningOf(error);
    const told = meant instanceof Error ? meant.message : "";
    this.#stopped ??= new StoreError("writes_stopped", `No more writes are taken, because one broke: ${told}`, error);
    this.#health = { writes: "stopped", sinceMs: this.#options.clock(), why: this.#stopped };
    return this.#stopped;
  }

  #abandon(group: readonly Job[], { error, committing }: { error: unknown; committing: boolean }): void {
    this.#options.forget();
    let answer = meaningOf(error);
    if (isStopping(error)) {
      const told = answer instanceof Error ? answer.message : "";
      const stopped = this.#stop(error);
      answer = committing
        ? new StoreError("commit_failed", `Whether the write was kept is known only after the next start. ${told}`, error)
        : stopped;
    } else if (answer instanceof StoreError && this.#stopped === undefined) {
      this.#health = { writes: "refused", sinceMs: this.#options.clock(), why: answer };
    }
    try {
      if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
    } catch (rollback) {
      this.#stop(rollback);
    }
    for (const job of group) job.reject(answer);
  }
}

/** A full disk, or one that refuses, concerns the whole group. */
const concernsAll = (error: unknown): boolean => isStopping(error) || sqliteCode(error) === "SQLITE_FULL";
