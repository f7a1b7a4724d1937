/**
 * The items of the SQLite store: read on the reading connection, written through the one writer, where a write's own reads are made too.
 * Invariant: every row that is read fits its sum, and a write of which one statement failed is undone, even where its work caught that.
 */
import type Database from "better-sqlite3";
import type { AuditNote } from "../audit-note.ts";
import { canonical } from "../canonical.ts";
import {
  checkItem,
  type Item,
  type ItemFilter,
  type Items,
  type ItemTransaction,
  LASTING_KINDS,
  mayBeItem,
  mayBeListed,
  type Noted,
  transactionOver,
  workOn,
} from "../items.ts";
import { rowSum } from "../row-sum.ts";
import { StoreError } from "../store-error.ts";
import type { Done } from "./write-queue.ts";

type ItemRow = {
  kind: string;
  id: string;
  org_id: string | null;
  principal: string | null;
  owner: string | null;
  expires_ms: number | null;
  value: string;
  sum: number;
};
export type Connections = {
  /** Runs a job on the writer. */
  readonly enqueue: <T>(job: () => Done<T>) => Promise<T>;
  /** Runs a read; failures come out as StoreErrors. */
  readonly read: <T>(job: () => T) => Promise<T>;
  /** Adds lines to audits of organizations that are there: the last thing that a job does. */
  readonly note: (lines: readonly Noted[]) => void;
};

/** All columns but the sum, in the order of the table: what is summed up. */
export const ITEM_COLUMNS = ["kind", "id", "org_id", "principal", "owner", "expires_ms", "value"] as const;

export const sqliteItems = (writer: Database.Database, reader: Database.Database, { enqueue, read, note }: Connections): Items => {
  const reads = itemReads(reader);
  const rows = new ItemRows(writer);
  return {
    find: (kind, id) => read(() => reads.find(kind, id)),
    list: (filter, after, max) => read(() => reads.list(filter, after, max)),
    write: (work) =>
      enqueue(() => {
        const tx = new SqliteItemTransaction(rows);
        const value = workOn(tx, work);
        if (tx.failure !== undefined) throw tx.failure.error;
        note(tx.noted);
        return { value };
      }),
    trim: (beforeMs, max) => enqueue(() => ({ value: rows.trim(beforeMs, max) })),
  };
};

export const listSql = (filter: ItemFilter): string => {
  const { org, principal, owner } = filter;
  const terms = [
    org === undefined ? "" : " AND org_id = :org",
    principal === undefined ? "" : " AND principal = :principal",
    owner === undefined ? "" : " AND owner = :owner",
  ];
  return `SELECT * FROM item${indexOf(filter)} WHERE kind = :kind${terms.join("")} AND id > :after ORDER BY id LIMIT :max`;
};

/** Named, for SQLite would rather walk along the whole kind by the primary key. */
const indexOf = ({ org, principal, owner }: ItemFilter): string => {
  if (owner !== undefined) return " INDEXED BY item_by_owner";
  if (org === undefined) return "";
  return principal === undefined ? " INDEXED BY item_by_organization" : " INDEXED BY item_by_principal";
};

type ItemReads = Pick<ItemTransaction, "find" | "list">;

const itemReads = (db: Database.Database): ItemReads => {
  const find = db.prepare<[string, string], ItemRow>("SELECT * FROM item WHERE kind = ? AND id = ?");
  const lists = new Map<string, Database.Statement<[Record<string, unknown>], ItemRow>>();
  // A statement for each set of members, so that each goes by its index.
  const listBy = (filter: ItemFilter): Database.Statement<[Record<string, unknown>], ItemRow> => {
    const sql = listSql(filter);
    const known = lists.get(sql) ?? db.prepare(sql);
    lists.set(sql, known);
    return known;
  };
  return {
    find: (kind, id) => {
      const row = mayBeItem(kind, id) ? find.get(kind, id) : undefined;
      return row === undefined ? undefined : itemOf(row);
    },
    list: (filter, after, max) => {
      if (!mayBeListed(filter, after, max)) return [];
      const { kind, org, principal, owner } = filter;
      const members = Object.entries({ kind, org, principal, owner, after: after ?? "", max }).filter(([, member]) => member !== undefined);
      return listBy(filter).all(Object.fromEntries(members)).map(itemOf);
    },
  };
};

/** The statements of writes. */
class ItemRows {
  readonly reads: ItemReads;
  readonly #put: Database.Statement;
  readonly #delete: Database.Statement;
  readonly #organization: Database.Statement<[string]>;
  readonly #principal: Database.Statement<[string, string]>;
  readonly #expired: Database.Statement<[number, number], ItemRow>;

  constructor(db: Database.Database) {
    this.reads = itemReads(db);
    this.#put = db.prepare(
      `INSERT OR REPLACE INTO item (kind, id, org_id, principal, owner, expires_ms, value, sum)
       VALUES (:kind, :id, :org_id, :principal, :owner, :expires_ms, :value, :sum)`,
    );
    this.#delete = db.prepare("DELETE FROM item WHERE kind = ? AND id = ?");
    this.#organization = db.prepare("SELECT 1 FROM org_head WHERE org_id = ?");
    this.#principal = db.prepare("SELECT 1 FROM object WHERE org_id = ? AND kind = 'principal' AND k1 = ? AND k2 = '' AND k3 = ''");
    this.#expired = db.prepare("SELECT * FROM item WHERE expires_ms < ? ORDER BY expires_ms LIMIT ?");
  }

  put(row: ItemRow): boolean {
    const { org_id: org, principal } = row;
    if (org !== null && !this.hasOrganization(org)) return false;
    if (org !== null && principal !== null && this.#principal.get(org, principal) === undefined) return false;
    this.#put.run(row);
    return true;
  }

  hasOrganization(org: string): boolean {
    return this.#organization.get(org) !== undefined;
  }

  delete(kind: string, id: string): boolean {
    return this.#delete.run(kind, id).changes > 0;
  }

  /** Looks at what it forgets: a damaged time must not make a revocation be forgotten. Throws `damaged`. */
  trim(beforeMs: number, max: number): number {
    const expired = this.#expired.all(beforeMs, max).map(itemOf);
    for (const { kind, id } of expired) this.delete(kind, id);
    return expired.length;
  }
}

class SqliteItemTransaction implements ItemTransaction {
  readonly #rows: ItemRows;
  #isOver = false;
  readonly noted: Noted[] = [];
  /** The first statement that failed. */
  failure: { readonly error: unknown } | undefined;

  constructor(rows: ItemRows) {
    this.#rows = rows;
  }

  find(kind: string, id: string): Item | undefined {
    return this.#run(() => this.#rows.reads.find(kind, id));
  }

  list(filter: ItemFilter, after: string | undefined, max: number): readonly Item[] {
    return this.#run(() => this.#rows.reads.list(filter, after, max));
  }

  put(item: Item): boolean {
    return this.#run(() => this.#rows.put(rowOf(item)));
  }

  delete(kind: string, id: string): boolean {
    return this.#run(() => mayBeItem(kind, id) && this.#rows.delete(kind, id));
  }

  audit(org: string, note: AuditNote): boolean {
    return this.#run(() => this.#rows.hasOrganization(org) && this.noted.push({ org, note }) > 0);
  }

  finish(): void {
    this.#isOver = true;
  }

  #run<T>(statement: () => T): T {
    if (this.#isOver) throw transactionOver();
    try {
      return statement();
    } catch (error) {
      if (!(error instanceof TypeError)) this.failure ??= { error };
      throw error;
    }
  }
}

const rowOf = (item: Item): ItemRow => {
  checkItem(item);
  const row = {
    kind: item.kind,
    id: item.id,
    org_id: item.org ?? null,
    principal: item.principal ?? null,
    owner: item.owner ?? null,
    expires_ms: item.expiresMs ?? null,
    value: canonical(item.value),
  };
  return { ...row, sum: rowSum(ITEM_COLUMNS.map((column) => row[column])) };
};

/** Throws `damaged`. */
const itemOf = (row: ItemRow): Item => {
  if (rowSum(ITEM_COLUMNS.map((column) => row[column])) !== row.sum) throw itemDamaged();
  return {
    kind: row.kind,
    id: row.id,
    ...(row.org_id === null ? {} : { org: row.org_id }),
    ...(row.principal === null ? {} : { principal: row.principal }),
    ...(row.owner === null ? {} : { owner: row.owner }),
    ...(row.expires_ms === null ? {} : { expiresMs: row.expires_ms }),
    value: JSON.parse(row.value),
  };
};

export const itemDamaged = (): StoreError =>
  new StoreError(
    "damaged",
    "Something of identity's is damaged on the disk: what is there is not what was written. Stop the server and restore a backup.",
  );

/** Removes from a file, bytes and all, the items that no backup holds. */
export const removePassingItems = (db: Database.Database): void => {
  // A backup may be made of a schema of before there were any.
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'item'").get() === undefined) return;
  db.pragma("secure_delete = ON");
  db.prepare("DELETE FROM item WHERE kind NOT IN (SELECT value FROM json_each(?))").run(JSON.stringify(LASTING_KINDS));
};
