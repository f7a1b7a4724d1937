/** The keys of writes that commit once, as SQLite keeps them. */
import type Database from "better-sqlite3";
import type { OnceRow } from "../expectation.ts";
import { rowSum } from "../row-sum.ts";
import { damaged } from "./damaged.ts";

type Row = {
  key: Buffer;
  fingerprint: Buffer;
  rev: number;
  change_set: string | null;
  applied: number;
  ts_ms: number;
  sum: number;
};

export class OnceRows {
  readonly #get: Database.Statement<[string, Uint8Array], Row>;
  readonly #put: Database.Statement;
  readonly #trim: Database.Statement;

  constructor(db: Database.Database) {
    this.#get = db.prepare("SELECT key, fingerprint, rev, change_set, applied, ts_ms, sum FROM once_key WHERE org_id = ? AND key = ?");
    this.#put = db.prepare(
      "INSERT OR REPLACE INTO once_key (org_id, key, fingerprint, rev, change_set, applied, ts_ms, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#trim = db.prepare(
      `DELETE FROM once_key WHERE (org_id, key) IN
       (SELECT org_id, key FROM once_key INDEXED BY once_key_by_time WHERE org_id = ? AND ts_ms <= ? ORDER BY ts_ms LIMIT ?)`,
    );
  }

  /** Throws `damaged`. */
  of(org: string, key: Uint8Array): OnceRow | undefined {
    const row = this.#get.get(org, key);
    if (row === undefined) return undefined;
    const { fingerprint, rev, change_set, applied, ts_ms, sum } = row;
    if (rowSum([org, row.key, fingerprint, rev, change_set, applied, ts_ms]) !== sum) throw damaged(org);
    return { key: row.key, fingerprint, revision: rev, changeSet: change_set ?? undefined, applied, timeMs: ts_ms };
  }

  /** In the place of an expired one. */
  put(org: string, { key, fingerprint, revision, changeSet, applied, timeMs }: OnceRow): void {
    const columns = [org, key, fingerprint, revision, changeSet ?? null, applied, timeMs];
    this.#put.run(...columns, rowSum(columns));
  }

  /** Removes at most `max` of those noted at `untilMs` or before; how many. */
  trim(org: string, untilMs: number, max: number): number {
    return this.#trim.run(org, untilMs, max).changes;
  }
}
