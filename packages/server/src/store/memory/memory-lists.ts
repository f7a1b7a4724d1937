/** Lists, single objects, change sets and histories of the memory store: everything is looked at, filtered and sorted. */
import type { Key, Kind } from "@reeve/core";
import { type AuditRow, auditEvent, changeSetSummary, isWhole, ofObject } from "../audit-chain.ts";
import { isOfProjects } from "../audit-topic.ts";
import { recordOf } from "../delta.ts";
import {
  type AuditCursor,
  type AuditEvent,
  type AuditLinePage,
  type AuditPage,
  type ChangeSetSummary,
  type KeptObject,
  type ObjectPage,
  type ObjectQuery,
  type ObjectRead,
  type Origin,
  StoreError,
} from "../index.ts";
import { listedColumns } from "../listed.ts";
import { comparePlaces, isListed, listPlan, placeOfValues, positionOf } from "../listing.ts";
import { stampOf } from "../origin.ts";
import type { FindPerson } from "../person.ts";
import type { MemoryObject, MemoryOrganization } from "./memory-state.ts";

const keptObject = ({ kind, body, revision, life }: MemoryObject): KeptObject => ({ rec: recordOf(kind, body), revision, life });

export const readObject = ({ standing }: MemoryOrganization, object: MemoryObject | undefined): ObjectRead =>
  object === undefined ? { head: standing.head } : { head: standing.head, object: keptObject(object) };

/** Throws TypeError for a query that is none. */
export const listObjects = (organization: MemoryOrganization | undefined, query: ObjectQuery): ObjectPage | undefined => {
  const plan = listPlan(query);
  if (organization === undefined) return undefined;
  const { head } = organization.standing;
  const sign = plan.descending ? -1 : 1;
  const found = [...organization.objects.values()].flatMap((stored) => {
    if (stored.kind !== plan.kind) return [];
    const object = keptObject(stored);
    if (!isListed(plan, object, stored.key)) return [];
    const { name } = listedColumns(object.rec);
    const place = placeOfValues(plan.order, { key: stored.key, name, revision: stored.revision, life: stored.life });
    return plan.after !== undefined && sign * comparePlaces(place, plan.after) <= 0 ? [] : [{ object, key: stored.key, place }];
  });
  found.sort((a, b) => sign * comparePlaces(a.place, b.place));
  found.splice(0, plan.skip);
  const page = found.slice(0, plan.max);
  const last = page.at(-1);
  const objects = page.map(({ object }) => object);
  return found.length > page.length && last !== undefined
    ? { head, objects, next: positionOf(plan, last.object, last.key) }
    : { head, objects };
};

type History = { readonly audit: readonly AuditRow[]; readonly find: FindPerson };
type Body = Pick<AuditEvent, "changeSet" | "changes" | "reason">;
type RevisedRow = AuditRow & { readonly rev: number };

const newestFirst = ({ audit }: History, before = Number.POSITIVE_INFINITY): RevisedRow[] =>
  audit.filter((row): row is RevisedRow => row.rev !== null && row.rev < before).reverse();

export const changeSetsBefore = (history: History, before: number | undefined, max: number): readonly ChangeSetSummary[] =>
  newestFirst(history, before)
    .slice(0, max)
    .map((row) => {
      const { changeSet = "", changes, reason = null } = JSON.parse(row.body) as Body;
      return changeSetSummary({ ...row, id: changeSet, changes: changes.length, reason });
    });

/** Lines of the audit before a place, newest first, one by one. */
function* linesBefore({ audit }: History, before: AuditCursor | undefined): Iterable<AuditRow> {
  for (const row of [...audit].reverse()) {
    if (before === undefined || row.period < before.period || (row.period === before.period && row.seq < before.seq)) yield row;
  }
}

type Page<T> = { readonly found: readonly T[]; readonly next?: AuditCursor };

function pageOf<T>(rows: Iterable<AuditRow>, max: number, of: (row: AuditRow) => T): Page<T> {
  const found: T[] = [];
  let last: AuditRow | undefined;
  for (const row of rows) {
    if (found.length === max && last !== undefined) return { found, next: { period: last.period, seq: last.seq } };
    found.push(of(row));
    last = row;
  }
  return { found };
}

export const auditLinesOf = (history: History, before: AuditCursor | undefined, max: number): AuditLinePage => {
  const { found, ...next } = pageOf(linesBefore(history, before), max, (row) => {
    const { changeSet = null, changes, reason = null } = JSON.parse(row.body) as Body;
    return changeSetSummary({ ...row, id: changeSet, changes: changes.length, reason });
  });
  return { lines: found, ...next };
};

export const projectActivityOf = (history: History, before: AuditCursor | undefined, max: number): AuditPage => {
  const rows = [...linesBefore(history, before)].filter(({ target, body }) => isOfProjects({ target, ...(JSON.parse(body) as Body) }));
  const { found, ...next } = pageOf(rows, max, (row) => auditEvent(row, history.find));
  return { events: found, ...next };
};

export const changeSetOf = (history: History, which: { readonly id: string } | { readonly revision: number }): AuditEvent | undefined => {
  const row = newestFirst(history).find(({ rev, body }) =>
    "id" in which ? (JSON.parse(body) as Body).changeSet === which.id : rev === which.revision,
  );
  return row === undefined ? undefined : wholeEvent(row, history.find);
};

/** Throws `damaged`. */
const wholeEvent = (row: AuditRow, find: FindPerson): AuditEvent => {
  if (!isWhole(row)) throw new StoreError("damaged", `A line of the audit of ${JSON.stringify(row.org_id)} is not as it was written.`);
  return auditEvent(row, find);
};

export const historyOf = (
  history: History,
  { kind, key }: { readonly kind: Kind; readonly key: Key },
  { before, max }: { readonly before?: number; readonly max: number },
): readonly AuditEvent[] =>
  newestFirst(history, before)
    .filter(({ body }) => ofObject(JSON.parse(body), kind, key).changes.length > 0)
    .slice(0, max)
    .map((row) => ofObject(wholeEvent(row, history.find), kind, key));

export const originOf = (history: History, { kind, key, life, revision }: MemoryObject): Origin => {
  const events = newestFirst(history).map((row) => wholeEvent(row, history.find));
  const own = events.filter((event) => ofObject(event, kind, key).changes.some((change) => change.life === life));
  return {
    ...stampOf("created", own.at(-1)),
    ...stampOf(
      "changed",
      events.find((event) => event.revision === revision),
    ),
  };
};

/** The revision of the last line that speaks of the object. */
export const lastRevisionOf = (history: History, kind: Kind, key: Key): number | undefined =>
  newestFirst(history).find(({ body }) => ofObject(JSON.parse(body), kind, key).changes.length > 0)?.rev;
