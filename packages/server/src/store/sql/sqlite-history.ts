/** Change sets and the histories of objects as SQLite keeps them: found by revision, read from the lines of the audit. */
import type { Key, Kind } from "@reeve/core";
import type Database from "better-sqlite3";
import { type AuditRow, auditEvent, changeSetSummary, isWhole, ofObject, type SummaryRow } from "../audit-chain.ts";
import type { AuditEvent, ChangeSetSummary, Origin } from "../index.ts";
import { firstOfLife, stampOf } from "../origin.ts";
import { rowSum } from "../row-sum.ts";
import { damaged } from "./damaged.ts";
import { columnsOf, type KeyColumns } from "./rows.ts";
import { personFinder } from "./sqlite-audit.ts";

type Place = { rev: number; id: string; period: number; seq: number; changes: number; reason: string | null; sum: number };
type Named = { readonly id: string } | { readonly revision: number };

export type Histories = {
  readonly changeSets: (org: string, before: number, max: number) => readonly ChangeSetSummary[] | undefined;
  readonly changeSet: (org: string, which: Named) => AuditEvent | undefined;
  readonly history: (org: string, of: { kind: Kind; key: Key }, page: { before: number; max: number }) => readonly AuditEvent[];
  readonly origins: (org: string, kind: Kind, keys: readonly Key[]) => readonly (Origin | undefined)[];
};

const PLACE = "rev, id, period, seq, changes, reason, sum";

/** Each answer comes from one read transaction, and throws `damaged` for what is not as it was written. */
export const historyReader = (db: Database.Database): Histories => {
  const exists = db.prepare<[string]>("SELECT 1 FROM org_head WHERE org_id = ?");
  const sets = db.prepare<[string, number, number], Place & SummaryRow>(
    `SELECT rev, id, period, seq, changes, reason, change_set.sum, ts_ms, actor_type, actor_id, action, target, request_id, ip
     FROM change_set CROSS JOIN audit_event USING (org_id, period, seq, rev) WHERE org_id = ? AND rev < ? ORDER BY rev DESC LIMIT ?`,
  );
  const byRevision = db.prepare<[string, number], Place>(`SELECT ${PLACE} FROM change_set WHERE org_id = ? AND rev = ?`);
  const byId = db.prepare<[string, string], Place>(`SELECT ${PLACE} FROM change_set WHERE org_id = ? AND id = ?`);
  const line = db.prepare<[string, number, number], AuditRow>(
    `SELECT org_id, period, seq, ts_ms, actor_type, actor_id, action, target, request_id, ip, rev, body, prev_hash, hash
     FROM audit_event WHERE org_id = ? AND period = ? AND seq = ?`,
  );
  const current = db.prepare<[string, string, ...KeyColumns], { rev: number; life: number }>(
    "SELECT rev, life FROM object WHERE org_id = ? AND kind = ? AND k1 = ? AND k2 = ? AND k3 = ?",
  );
  const earlier = db
    .prepare<[string, string, ...KeyColumns, number, number], number>(
      `SELECT rev FROM object_change WHERE org_id = ? AND kind = ? AND k1 = ? AND k2 = ? AND k3 = ? AND rev < ? ORDER BY rev DESC LIMIT ?`,
    )
    .pluck();
  const person = personFinder(db);
  const eventAt = (org: string, place: Place | undefined): AuditEvent | undefined => {
    if (place === undefined) return undefined;
    checkPlace(org, place);
    const row = line.get(org, place.period, place.seq);
    // Retention may have taken the line; one that stands is whole, and the revision's.
    if (row === undefined) return undefined;
    if (row.rev !== place.rev || !isWhole(row)) throw damaged(org);
    return auditEvent(row, person(org));
  };
  return {
    changeSets: db.transaction((org: string, before: number, max: number): readonly ChangeSetSummary[] | undefined => {
      if (exists.get(org) === undefined) return undefined;
      return sets.all(org, before, max).map((row) => {
        checkPlace(org, row);
        return changeSetSummary(row);
      });
    }),
    changeSet: db.transaction((org: string, which: Named) =>
      eventAt(org, "id" in which ? byId.get(org, which.id) : byRevision.get(org, which.revision)),
    ),
    history: db.transaction((org: string, { kind, key }: { kind: Kind; key: Key }, { before, max }: { before: number; max: number }) => {
      const columns = columnsOf(key);
      const now = current.get(org, kind, ...columns)?.rev;
      const isNow = now !== undefined && now < before;
      const then = earlier.all(org, kind, ...columns, before, isNow ? max - 1 : max);
      const revisions = isNow ? [now, ...then] : then;
      return revisions.flatMap((revision) => {
        const event = eventAt(org, byRevision.get(org, revision));
        if (event === undefined) return [];
        const own = ofObject(event, kind, key);
        if (own.changes.length === 0) throw damaged(org);
        return [own];
      });
    }),
    origins: db.transaction((org: string, kind: Kind, keys: readonly Key[]) => {
      // One revision made many of them.
      const read = new Map<number, AuditEvent | undefined>();
      const at = (revision: number): AuditEvent | undefined => {
        if (!read.has(revision)) read.set(revision, eventAt(org, byRevision.get(org, revision)));
        return read.get(revision);
      };
      return keys.map((key): Origin | undefined => {
        const columns = columnsOf(key);
        const now = current.get(org, kind, ...columns);
        if (now === undefined) return undefined;
        const then = earlier.all(org, kind, ...columns, now.rev, Number.MAX_SAFE_INTEGER).reverse();
        const first = firstOfLife([...then, now.rev], now.life, (revision) => lifeAt(at(revision), kind, key));
        return { ...stampOf("created", first === undefined ? undefined : at(first)), ...stampOf("changed", at(now.rev)) };
      });
    }),
  };
};

const lifeAt = (event: AuditEvent | undefined, kind: Kind, key: Key): number | undefined =>
  event === undefined ? undefined : ofObject(event, kind, key).changes.at(-1)?.life;

const checkPlace = (org: string, { rev, id, period, seq, changes, reason, sum }: Place): void => {
  if (rowSum([org, rev, id, period, seq, changes, reason]) !== sum) throw damaged(org);
};
