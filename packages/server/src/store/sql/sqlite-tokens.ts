/** The tokens of the SQLite store: read on the reading connection, written through the one writer. */
import type Database from "better-sqlite3";
import { canonical } from "../canonical.ts";
import { checkToken } from "../check-token.ts";
import type { AuditNote, Token, TokenFilter, Tokens } from "../index.ts";
import { rowSum } from "../row-sum.ts";
import { StoreError } from "../store-error.ts";
import type { Connections } from "./sqlite-items.ts";

type TokenRow = {
  hash: Buffer;
  kind: string;
  org_id: string | null;
  principal: string | null;
  client_id: string | null;
  ceiling: string | null;
  name: string | null;
  created_ms: number;
  expires_ms: number | null;
  last_used_ms: number | null;
  sum: number;
};
export const sqliteTokens = (
  writer: Database.Database,
  reader: Database.Database,
  { enqueue, read, note: noteLines }: Connections,
): Tokens => {
  const find = reader.prepare<[Uint8Array], TokenRow>("SELECT * FROM api_token WHERE hash = ?");
  const list = reader.prepare<[Record<string, unknown>], TokenRow>(
    `SELECT * FROM api_token WHERE (:kind IS NULL OR kind = :kind) AND (:org IS NULL OR org_id = :org)
     AND (:principal IS NULL OR principal = :principal) AND hash > :after ORDER BY hash LIMIT :max`,
  );
  const put = writer.prepare(
    `INSERT OR REPLACE INTO api_token (hash, kind, org_id, principal, client_id, ceiling, name, created_ms, expires_ms, last_used_ms, sum)
     VALUES (:hash, :kind, :org_id, :principal, :client_id, :ceiling, :name, :created_ms, :expires_ms, :last_used_ms, :sum)`,
  );
  const principal = writer.prepare<[string, string]>(
    "SELECT 1 FROM object WHERE org_id = ? AND kind = 'principal' AND k1 = ? AND k2 = '' AND k3 = ''",
  );
  const remove = writer.prepare<[Uint8Array], { org_id: string | null }>("DELETE FROM api_token WHERE hash = ? RETURNING org_id");
  const used = writer.prepare("UPDATE api_token SET last_used_ms = :at WHERE hash = :hash AND coalesce(last_used_ms, 0) < :at");
  const noteOf = (org: string | null, note: AuditNote | undefined): void => {
    if (org !== null && note !== undefined) noteLines([{ org, note }]);
  };
  return {
    find: (hash) =>
      read(() => {
        const row = find.get(hash);
        return row === undefined ? undefined : tokenOf(row);
      }),
    put: async (token, replaced = [], note) => {
      checkToken(token);
      const row = rowOf(token);
      return enqueue(() => {
        if (row.org_id !== null && row.principal !== null && principal.get(row.org_id, row.principal) === undefined)
          return { value: false };
        for (const hash of replaced) remove.get(hash);
        put.run(row);
        noteOf(row.org_id, note);
        return { value: true };
      });
    },
    list: (filter: TokenFilter, after, max) =>
      read(() =>
        list
          .all({
            kind: filter.kind ?? null,
            org: filter.org ?? null,
            principal: filter.principal ?? null,
            after: after ?? new Uint8Array(),
            max,
          })
          .map(tokenOf),
      ),
    delete: (hash, note) =>
      enqueue(() => {
        const removed = remove.get(hash);
        if (removed !== undefined) noteOf(removed.org_id, note);
        return { value: removed !== undefined };
      }),
    used: async (hash, at) => {
      await enqueue(() => ({ value: used.run({ hash, at }).changes }));
    },
  };
};

const rowOf = (token: Token): TokenRow => {
  const row = columnsOf(token);
  return { ...row, sum: tokenSum(row) };
};

/** All columns but the latest use, which is noted alone. */
const tokenSum = (row: Omit<TokenRow, "sum">): number =>
  rowSum([row.hash, row.kind, row.org_id, row.principal, row.client_id, row.ceiling, row.name, row.created_ms, row.expires_ms]);

const columnsOf = (token: Token): Omit<TokenRow, "sum"> => ({
  hash: Buffer.from(token.hash),
  kind: token.kind,
  org_id: token.org ?? null,
  principal: token.principal ?? null,
  client_id: token.clientId ?? null,
  ceiling: token.ceiling === undefined ? null : canonical(token.ceiling),
  name: token.name ?? null,
  created_ms: token.createdMs,
  expires_ms: token.expiresMs ?? null,
  last_used_ms: token.lastUsedMs ?? null,
});

export const tokenDamaged = (): StoreError =>
  new StoreError("damaged", "A token is damaged on the disk: what is there is not what was written. Stop the server and restore a backup.");

/** Throws `damaged`. */
const tokenOf = (row: TokenRow): Token => {
  if (tokenSum(row) !== row.sum) throw tokenDamaged();
  return readToken(row);
};

const readToken = (row: TokenRow): Token => ({
  hash: Uint8Array.from(row.hash),
  kind: row.kind,
  ...(row.org_id === null ? {} : { org: row.org_id }),
  ...(row.principal === null ? {} : { principal: row.principal }),
  ...(row.client_id === null ? {} : { clientId: row.client_id }),
  ...(row.ceiling === null ? {} : { ceiling: JSON.parse(row.ceiling) }),
  ...(row.name === null ? {} : { name: row.name }),
  createdMs: row.created_ms,
  ...(row.expires_ms === null ? {} : { expiresMs: row.expires_ms }),
  ...(row.last_used_ms === null ? {} : { lastUsedMs: row.last_used_ms }),
});
