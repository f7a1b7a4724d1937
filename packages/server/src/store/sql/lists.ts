/**
 * Lists and single objects as SQLite reads them, on the reading connection.
 *
 * A list is a walk along one index from one place: its columns are those that are equal, then those of the order. Where classes are
 * united, each has a walk of its own, and the nearest of all their next objects is taken, page by page.
 * Invariant: every walk is bounded by the index and by its page, never by what it does not give; a damaged row that is met is told.
 */
import type { Key, Kind } from "@reeve/core";
import { KEY_MEMBERS } from "@reeve/core";
import type Database from "better-sqlite3";
import { compareUtf8 } from "../canonical.ts";
import { recordOf } from "../delta.ts";
import type { KeptObject, ObjectPage, ObjectQuery, ObjectRead } from "../index.ts";
import { listedColumns } from "../listed.ts";
import { type Column, comparePlaces, type ListPlan, listPlan, type Place, placeOfValues, positionOf } from "../listing.ts";
import { objectSum } from "../row-sum.ts";
import { damaged } from "./damaged.ts";
import { standingReader } from "./object-rows.ts";
import { columnsOf } from "./rows.ts";

type Row = {
  k1: string;
  k2: string;
  k3: string;
  life: number;
  rev: number;
  body: string;
  sum: number;
  name: string | null;
  class: string | null;
};
type Found = { readonly row: Row; readonly place: Place };
const COLUMNS = "k1, k2, k3, life, rev, body, sum, name, class";

type Statements = (sql: string) => Database.Statement<[Record<string, unknown>], Row>;

export type Lists = {
  readonly read: (org: string, kind: Kind, key: Key) => ObjectRead | undefined;
  /** Throws TypeError for a query that is none, and `damaged`. */
  readonly list: (org: string, query: ObjectQuery) => ObjectPage | undefined;
};

export const listReader = (db: Database.Database): Lists => {
  const standing = standingReader(db);
  const prepared = new Map<string, Database.Statement<[Record<string, unknown>], Row>>();
  const statements: Statements = (sql) => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const statement = db.prepare<[Record<string, unknown>], Row>(sql);
    prepared.set(sql, statement);
    return statement;
  };
  // `+`: as in `rows.ts`.
  const object = statements(`SELECT ${COLUMNS} FROM object WHERE org_id = :org AND kind = +:kind AND k1 = :k1 AND k2 = :k2 AND k3 = :k3`);
  const classes = db.prepare<[Record<string, unknown>], string>(CLASSES).pluck();
  return {
    read: db.transaction((org: string, kind: Kind, key: Key): ObjectRead | undefined => {
      const head = standing(org)?.head;
      if (head === undefined) return undefined;
      const [k1, k2, k3] = columnsOf(key);
      const row = object.get({ org, kind, k1, k2, k3 });
      return row === undefined ? { head } : { head, object: keptObject(row, { org, kind, revisionMax: head.revision }) };
    }),
    list: db.transaction((org: string, query: ObjectQuery): ObjectPage | undefined => {
      const plan = listPlan(query);
      const head = standing(org)?.head;
      if (head === undefined) return undefined;
      const fits = plan.classFits;
      const united = fits === undefined ? [undefined] : classes.all({ org, kind: plan.kind }).filter((each) => fits(each));
      const rows = plan.isEmpty ? [] : unite(new Walks(org, plan, statements), united);
      const objects = rows.slice(0, plan.max).map((row) => keptObject(row, { org, kind: plan.kind, revisionMax: head.revision }));
      const last = objects.at(-1);
      if (rows.length <= plan.max || last === undefined) return { head, objects };
      return { head, objects, next: positionOf(plan, last, keyOfRow(plan.kind, rows[plan.max - 1] as Row)) };
    }),
  };
};

/** A seek a class, along the index. */
export const CLASSES = `WITH RECURSIVE each(class) AS (
  SELECT min(class) FROM object INDEXED BY object_by_class WHERE org_id = :org AND kind = :kind AND class > ''
  UNION ALL
  SELECT (SELECT min(class) FROM object INDEXED BY object_by_class WHERE org_id = :org AND kind = :kind AND class > each.class)
  FROM each WHERE each.class IS NOT NULL
) SELECT class FROM each WHERE class IS NOT NULL`;

const keyOfRow = (kind: Kind, { k1, k2, k3 }: Row): Key => [k1, k2, k3].slice(0, KEY_MEMBERS[kind].length);

/** Throws `damaged`. The revision has no sum: a damaged one may refuse a write, and allows nothing. */
const keptObject = (row: Row, { org, kind, revisionMax }: { org: string; kind: Kind; revisionMax: number }): KeptObject => {
  const { k1, k2, k3, life, rev, body, sum } = row;
  if ([k1, k2, k3, body].some((text) => typeof text !== "string")) throw damaged(org);
  if (objectSum(org, { kind, key: [k1, k2, k3], stored: { life, body } }) !== sum) throw damaged(org);
  const rec = recordOf(kind, body);
  const listed = listedColumns(rec);
  if (listed.name !== row.name || listed.class !== row.class || rev < 1 || rev > revisionMax) throw damaged(org);
  return { rec, revision: rev, life };
};

/** The index that has the equal columns first and the order behind them; undefined: the primary key. `needs` is what a partial index is made of. */
export const indexOf = ({ kind, equal, order, classFits }: ListPlan): { readonly name: string; readonly needs: string } | undefined => {
  if (classFits !== undefined) {
    if (order[0] === "rev") return { name: "object_by_change", needs: "class IS NOT NULL" };
    // As below: a kind of ours.
    if (order[0] === "life") return { name: "object_by_life", needs: `class IS NOT NULL AND kind = '${kind}'` };
    const isByName = order[0] === "name" || equal.name !== undefined;
    return { name: isByName ? "object_by_name" : "object_by_class", needs: "class IS NOT NULL" };
  }
  if (equal.k3 !== undefined) return { name: "object_by_third", needs: "kind = 'link'" };
  const isBySecond = equal.k1 === undefined && (equal.k2 !== undefined || order[0] === "k2");
  if (!isBySecond) return undefined;
  // A kind of ours, never a caller's text: a value that is bound proves nothing of a partial index.
  return { name: "object_by_second", needs: `kind = '${kind}'` };
};

/** Where a walk begins: at the place before it, or at the bound of its range, whichever is nearer; two bounds at once would scan from the farther one. */
type Start = { readonly after: Place | undefined; readonly isBound: boolean };

const startOf = ({ range, descending }: ListPlan, after: Place | undefined): Start => {
  const bound = descending ? range?.to : range?.from;
  if (bound === undefined || after === undefined) return { after, isBound: bound !== undefined };
  const order = compareUtf8(String(after[0]), bound);
  const isInside = descending ? order < 0 : order >= 0;
  return isInside ? { after, isBound: false } : { after: undefined, isBound: true };
};

export const walkSql = (plan: ListPlan, start: Start): string => {
  const { equal, order, range, descending, classFits } = plan;
  const index = indexOf(plan);
  const [first = "k1"] = order;
  const terms = ["org_id = :org", "kind = :kind"];
  if (index !== undefined) terms.push(index.needs);
  if (classFits !== undefined) terms.push("class = :class");
  for (const column of Object.keys(equal)) terms.push(`${column} = :${column}`);
  const names = order.map((_, at) => `:after${at}`);
  if (start.after !== undefined) terms.push(`(${order.join(", ")}) ${descending ? "<" : ">"} (${names.join(", ")})`);
  if (range !== undefined && (!descending || start.isBound) && range.to !== undefined) terms.push(`${first} < :to`);
  if (range !== undefined && (descending || start.isBound)) terms.push(`${first} >= :from`);
  const by = order.map((column) => `${column}${descending ? " DESC" : ""}`).join(", ");
  const from = index === undefined ? "object" : `object INDEXED BY ${index.name}`;
  return `SELECT ${COLUMNS} FROM ${from} WHERE ${terms.join(" AND ")} ORDER BY ${by} LIMIT :max${plan.skip === 0 || start.after !== undefined ? "" : " OFFSET :skip"}`;
};

/** The next objects of a class behind a place. */
class Walks {
  readonly plan: ListPlan;
  readonly #org: string;
  readonly #statements: Statements;

  constructor(org: string, plan: ListPlan, statements: Statements) {
    this.#org = org;
    this.plan = plan;
    this.#statements = statements;
  }

  next({ after, max }: { readonly after: Place | undefined; readonly max: number }, ofClass: string | undefined): Found[] {
    const { kind, equal, range, order, skip } = this.plan;
    const start = startOf(this.plan, after);
    const given: Record<string, unknown> = { org: this.#org, kind, ...equal, max };
    // A walk that goes on behind a place has passed over what it should.
    if (skip !== 0 && start.after === undefined) given["skip"] = skip;
    if (ofClass !== undefined) given["class"] = ofClass;
    if (range !== undefined) Object.assign(given, { from: range.from, to: range.to ?? "" });
    for (const [at, value] of (start.after ?? []).entries()) given[`after${at}`] = value;
    return this.#statements(walkSql(this.plan, start))
      .all(given)
      .map((row) => ({ row, place: this.#placeOf(row, order) }));
  }

  #placeOf({ k1, k2, k3, name, rev, life }: Row, order: readonly Column[]): Place {
    return placeOfValues(order, { key: [k1, k2, k3], name, revision: rev, life });
  }
}

/** A walk along one class: what was read of it, how much of that was taken, and whether there is more. */
type Source = { readonly ofClass: string | undefined; found: readonly Found[]; taken: number; size: number; isEnded: boolean };

/** The first rows of all classes together, in the order of the list; one more than the page has, if there is one. */
const unite = (walks: Walks, classes: readonly (string | undefined)[]): Row[] => {
  const { max, after, descending } = walks.plan;
  const wanted = max + 1;
  // A class has its share of the page, most often; one that has more is asked again, for twice as many.
  const size = classes.length === 1 ? wanted : Math.ceil(wanted / Math.max(1, classes.length)) + 4;
  const sources: Source[] = classes.map((ofClass) => ({ ofClass, found: [], taken: 0, size, isEnded: false }));
  const fill = (source: Source, from: Place | undefined): boolean => {
    source.found = source.isEnded ? [] : walks.next({ after: from, max: source.size }, source.ofClass);
    source.taken = 0;
    source.isEnded = source.found.length < source.size;
    source.size *= 2;
    return source.found.length > 0;
  };
  const nearest = new Nearest(descending);
  for (const source of sources) if (fill(source, after)) nearest.add(source);
  const rows: Row[] = [];
  while (rows.length < wanted) {
    const source = nearest.take();
    const found = source?.found[source.taken];
    if (source === undefined || found === undefined) break;
    rows.push(found.row);
    source.taken += 1;
    if (source.taken < source.found.length || fill(source, found.place)) nearest.add(source);
  }
  return rows;
};

/** A heap of walks, the one with the nearest object on top. */
class Nearest {
  readonly #sources: Source[] = [];
  readonly #sign: 1 | -1;

  constructor(descending: boolean) {
    this.#sign = descending ? -1 : 1;
  }

  add(source: Source): void {
    const sources = this.#sources;
    let at = sources.push(source) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#isBefore(at, above)) return;
      this.#swap(at, above);
      at = above;
    }
  }

  take(): Source | undefined {
    const sources = this.#sources;
    const [top] = sources;
    const last = sources.pop();
    if (top === undefined || last === undefined || sources.length === 0) return top;
    sources[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < sources.length && this.#isBefore(left, least)) least = left;
      if (right < sources.length && this.#isBefore(right, least)) least = right;
      if (least === at) return top;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    return this.#sign * comparePlaces(this.#placeAt(a), this.#placeAt(b)) < 0;
  }

  #placeAt(at: number): Place {
    const source = this.#sources[at];
    return source?.found[source.taken]?.place ?? [];
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#sources[a], this.#sources[b]];
    if (one === undefined || other === undefined) return;
    this.#sources[a] = other;
    this.#sources[b] = one;
  }
}
