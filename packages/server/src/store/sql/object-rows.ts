/**
 * Whole organizations as they are read: where one stands, and its rows page by page, each held against its sum.
 *
 * Runs on the server's thread and on one beside it (`load-thread.ts`), so that nothing is imported here that a reader does not need.
 * Invariant: who reads to the end has read every object that the head counts, and nothing else; otherwise `damaged` is thrown.
 */
import type { Kind } from "@reeve/core";
import type Database from "better-sqlite3";
import type { Standing } from "../advance.ts";
import { EMPTY_TALLY, objectSum, rowSum, type Tally, withSum } from "../row-sum.ts";
import { damaged } from "./damaged.ts";

const PAGE_RECORDS_MAX = 5_000;

type HeadRow = {
  rev: number;
  epoch: string;
  audit_seq: number;
  audit_hash: Buffer;
  audit_period: number;
  life_seq: number;
  object_count: number;
  object_sum: number;
  sum: number;
};
/** Where the organization stands, on any connection. */
export const standingReader = (db: Database.Database): ((org: string) => Standing | undefined) => {
  const select = db.prepare<[string], HeadRow>(
    `SELECT rev, epoch, audit_seq, audit_hash, audit_period, life_seq, object_count, object_sum, sum FROM org_head WHERE org_id = ?`,
  );
  return (org) => {
    const row = select.get(org);
    if (row === undefined) return undefined;
    const standing: Standing = {
      org,
      head: { revision: row.rev, epoch: row.epoch },
      lifeSeq: row.life_seq,
      chain: { seq: row.audit_seq, hash: row.audit_hash, period: row.audit_period },
      tally: { objects: row.object_count, sum: row.object_sum },
    };
    if (rowSum(headColumns(standing)) !== row.sum) throw damaged(org);
    return standing;
  };
};

type HeadColumns = readonly [string, number, string, number, Uint8Array, number, number, number, number];

export const headColumns = ({ org, head, chain, lifeSeq, tally }: Standing): HeadColumns => [
  org,
  head.revision,
  head.epoch,
  chain.seq,
  chain.hash,
  chain.period,
  lifeSeq,
  tally.objects,
  tally.sum,
];

export type ObjectRow = [kind: Kind, k1: string, k2: string, k3: string, body: string, life: number, sum: number];
type Place = readonly [kind: string, k1: string, k2: string, k3: string];

/**
 * Kinds from inclusive (but for an object without a key) to exclusive, in the order of reading: resources before the grants that name
 * them, so that a plan finds them in the order in which they lie.
 */
const RANGES = [
  ["resource", "resource~"],
  ["", "resource"],
  ["resource~", "~"],
] as const;

/** The objects of an organization, in pages of which the last alone is not full. To be called inside one read transaction. Throws `damaged`. */
export function* checkedPages(db: Database.Database, standing: Standing): Generator<{ rows: readonly ObjectRow[]; isLast: boolean }> {
  const reading = new ObjectReading(standing);
  const select = db
    .prepare<[string, ...Place, string, number], ObjectRow>(
      `SELECT kind, k1, k2, k3, body, life, sum FROM object WHERE org_id = ? AND (kind, k1, k2, k3) > (?, ?, ?, ?) AND kind < ?
       ORDER BY kind, k1, k2, k3 LIMIT ?`,
    )
    .raw();
  let rows: ObjectRow[] = [];
  for (const [from, to] of RANGES) {
    let at: Place | undefined = [from, "", "", ""];
    while (at !== undefined) {
      const wanted: number = PAGE_RECORDS_MAX - rows.length;
      const found: ObjectRow[] = select.all(standing.org, ...at, to, wanted);
      for (const row of found) reading.check(row);
      rows = rows.length === 0 ? found : [...rows, ...found];
      const last: ObjectRow | undefined = found.length < wanted ? undefined : found.at(-1);
      at = last === undefined ? undefined : [last[0], last[1], last[2], last[3]];
      if (last === undefined) continue;
      yield { rows, isLast: false };
      rows = [];
    }
  }
  reading.end();
  yield { rows, isLast: true };
}

/**
 * Reads an organization's rows in one read transaction and holds them against their sums. After the last page `end` says whether
 * all of them were there.
 */
export class ObjectReading {
  readonly #standing: Standing;
  #tally: Tally = EMPTY_TALLY;

  constructor(standing: Standing) {
    this.#standing = standing;
  }

  /** Throws `damaged`. */
  check([kind, k1, k2, k3, body, life, sum]: ObjectRow): void {
    const { org } = this.#standing;
    // One bit makes a text a blob of the same bytes, which has the same sum and another place in the order.
    if (typeof kind !== "string" || typeof k1 !== "string" || typeof k2 !== "string" || typeof k3 !== "string") throw damaged(org);
    if (typeof body !== "string" || typeof life !== "number") throw damaged(org);
    if (objectSum(org, { kind, key: [k1, k2, k3], stored: { life, body } }) !== sum) throw damaged(org);
    this.#tally = withSum(this.#tally, sum);
  }

  /** Throws `damaged`. */
  end(): void {
    const { org, tally } = this.#standing;
    if (tally.objects !== this.#tally.objects || tally.sum !== this.#tally.sum) throw damaged(org);
  }
}
