/**
 * The one writer. Jobs wait until the end of the event loop's turn and run together, up to 64 in one transaction, each in a savepoint
 * of its own, so that many writers share one fsync and one that fails takes nothing of the others with it.
 *
 * Invariant: a job's promise resolves only after the COMMIT that holds it returned. After the disk refused something, nothing
 * more is written by this process: a failed fsync may have dropped pages, and a second one would say that all is well.
 */
import type Database from "better-sqlite3";
import { StoreError } from "../store-error.ts";
import { isStopping, meaningOf, sqliteCode } from "./connection.ts";

const GROUP_JOBS_MAX = 64;
const WAITING_JOBS_MAX = 16_384;

/** Places where a test may break or kill the process: after the last savepoint, and between COMMIT and the answers. */
export type Failpoint = (at: "commit" | "committed") => void;
/** `moved`: the organization whose head the job moved, if any. */
export type Done<T> = { readonly value: T; readonly moved?: string };

type Job = { readonly run: () => Done<unknown>; readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void };
type Ran = { readonly job: Job; readonly done?: Done<unknown>; readonly error?: unknown };

export class WriteQueue {
  readonly #db: Database.Database;
  readonly #wake: (orgs: Iterable<string>) => void;
  readonly #failpoint: Failpoint;
  readonly #begin: Database.Statement;
  readonly #commit: Database.Statement;
  readonly #save: Database.Statement;
  readonly #undo: Database.Statement;
  readonly #release: Database.Statement;
  readonly #waiting: Job[] = [];
  #scheduled = false;
  #stopped: StoreError | undefined;
  #drained: (() => void)[] = [];

  constructor(db: Database.Database, wake: (orgs: Iterable<string>) => void, failpoint: Failpoint = () => {}) {
    this.#db = db;
    this.#wake = wake;
    this.#failpoint = failpoint;
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
    this.#save = db.prepare("SAVEPOINT job");
    this.#undo = db.prepare("ROLLBACK TO job");
    this.#release = db.prepare("RELEASE job");
  }

  /** Why no more writes are taken; undefined while they are. */
  get stopped(): StoreError | undefined {
    return this.#stopped;
  }

  enqueue<T>(run: () => Done<T>): Promise<T> {
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped);
    if (this.#waiting.length >= WAITING_JOBS_MAX) {
      return Promise.reject(new StoreError("busy", `${WAITING_JOBS_MAX} writes are waiting already. Try again.`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ run, resolve: resolve as (value: unknown) => void, reject });
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
      for (const job of group) ran.push(this.#runJob(job));
      committing = true;
      this.#failpoint("commit");
      this.#commit.run();
    } catch (error) {
      this.#abandon(group, { error, committing });
      return;
    }
    this.#failpoint("committed");
    this.#answer(ran);
  }

  /** Throws when the whole transaction is lost. */
  #runJob(job: Job): Ran {
    this.#save.run();
    try {
      const done = job.run();
      this.#release.run();
      return { job, done };
    } catch (error) {
      // A full disk, or an error after which SQLite has rolled everything back, concerns the whole group.
      if (isStopping(error) || sqliteCode(error) === "SQLITE_FULL" || !this.#db.inTransaction) throw error;
      this.#undo.run();
      this.#release.run();
      return { job, error };
    }
  }

  #answer(ran: readonly Ran[]): void {
    const moved = new Set<string>();
    for (const { job, done, error } of ran) {
      if (done === undefined) job.reject(meaningOf(error));
      else job.resolve(done.value);
      if (done?.moved !== undefined) moved.add(done.moved);
    }
    this.#wake(moved);
  }

  #abandon(group: readonly Job[], { error, committing }: { error: unknown; committing: boolean }): void {
    let answer = meaningOf(error);
    if (isStopping(error)) {
      const told = answer instanceof Error ? answer.message : "";
      this.#stopped = new StoreError("writes_stopped", `No more writes are taken, because one broke: ${told}`, error);
      answer = committing
        ? new StoreError("commit_failed", `Whether the write was kept is known only after the next start. ${told}`, error)
        : this.#stopped;
    }
    try {
      if (this.#db.inTransaction) this.#db.exec("ROLLBACK");
    } catch (rollback) {
      this.#stopped ??= new StoreError("writes_stopped", "No more writes are taken, because one could not be rolled back.", rollback);
    }
    for (const job of group) job.reject(answer);
  }
}
