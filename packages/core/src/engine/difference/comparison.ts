/**
 * Comparison: what a principal's answers on two sides come to. Sums come first; names are found when somebody asks for them.
 *
 * Whom many are like is compared once, by words of 32 places; what is added to one principal is put right place by place.
 * Invariant: the sums are those of the names.
 */
import { compareUtf8 } from "../../model/index.ts";
import type { Answers, Principal, Rows } from "./answers.ts";
import type { Known } from "./changes.ts";
import { type Column, type Columns, partsOfColumn } from "./columns.ts";
import { type ComparedRows, comparedRows } from "./compared-rows.ts";
import type { Difference, PlacePossibility } from "./possibility.ts";
import { STEPS_A_TURN, sorted, type Turns } from "./turns.ts";

type Two<T> = { readonly before: T; readonly after: T };
type Counts = ReadonlyMap<Column, number>;
type Shared = { readonly gains: Columns; readonly loses: Columns; readonly counts: { readonly gains: Counts; readonly loses: Counts } };
/** Places of one principal that are not as those of whom he is like. */
type Exception = { readonly column: Column; readonly number: number; readonly is: "gains" | "loses" | "neither" };

/** Somebody who gains or loses something. */
export type FoundDifference = {
  readonly principal: Principal;
  /** Action → how often, at places. */
  readonly places: { readonly gains: ReadonlyMap<string, number>; readonly loses: ReadonlyMap<string, number> };
  readonly rows: ComparedRows;
  readonly gains: number;
  readonly loses: number;
  /** All of it by name. */
  told(): Turns<Difference>;
};

export class Comparison {
  readonly #known: Known;
  readonly #shared = new WeakMap<Columns, WeakMap<Columns, Shared>>();
  readonly #rows = new WeakMap<Rows, WeakMap<Rows, ComparedRows>>();

  constructor(known: Known) {
    this.#known = known;
  }

  /** `undefined`: nothing differs. */
  *of(principal: Principal, answers: Two<Answers>): Turns<FoundDifference | undefined> {
    const { before, after } = answers;
    const shared = keptIn(this.#shared, { first: before.shared, second: after.shared }, () => sharedOf(before.shared, after.shared));
    const rows = yield* this.#rowsOf(before.rows, after.rows);
    const exceptions = exceptionsOf(answers);
    const places = { gains: sums(shared, exceptions, "gains"), loses: sums(shared, exceptions, "loses") };
    const gains = total(places.gains) + rows.gains.length;
    const loses = total(places.loses) + rows.loses.length;
    if (gains + loses === 0) return undefined;
    const named = (is: "gains" | "loses"): Turns<readonly PlacePossibility[]> => this.#named(shared[is], exceptions, is);
    return {
      principal,
      places,
      rows,
      gains,
      loses,
      *told() {
        return {
          principal,
          gains: [...(yield* named("gains")), ...rows.gains],
          loses: [...(yield* named("loses")), ...rows.loses],
        };
      },
    };
  }

  *#rowsOf(before: Rows, after: Rows): Turns<ComparedRows> {
    const known = this.#rows.get(before)?.get(after);
    if (known !== undefined) return known;
    const found = yield* comparedRows(this.#known, { before, after });
    return keptIn(this.#rows, { first: before, second: after }, () => found);
  }

  *#named(shared: Columns, exceptions: readonly Exception[], is: "gains" | "loses"): Turns<readonly PlacePossibility[]> {
    const { paths } = this.#known.places;
    const found: PlacePossibility[] = [];
    const others = new Set(exceptions.map(({ column, number }) => `${number}\0${column}`));
    const note = (column: Column, number: number): void => {
      const { collection, action } = partsOfColumn(column);
      const path = paths[number] as string;
      found.push({ resource: collection === "" ? path : `${path === "/" ? "" : path}/${collection}`, action });
    };
    for (const column of shared.names()) {
      for (const number of shared.placesOf(column)) {
        if (others.size === 0 || !others.has(`${number}\0${column}`)) note(column, number);
        if (found.length % STEPS_A_TURN === 0) yield;
      }
    }
    for (const one of exceptions) if (one.is === is) note(one.column, one.number);
    return yield* sorted(found, (a, b) => compareUtf8(a.resource, b.resource) || compareUtf8(a.action, b.action));
  }
}

function keptIn<A extends object, B extends object, T>(
  kept: WeakMap<A, WeakMap<B, T>>,
  { first, second }: { readonly first: A; readonly second: B },
  make: () => T,
): T {
  const inner = kept.get(first) ?? new WeakMap<B, T>();
  kept.set(first, inner);
  let value = inner.get(second);
  if (value === undefined) {
    value = make();
    inner.set(second, value);
  }
  return value;
}

function sharedOf(before: Columns, after: Columns): Shared {
  const [gains, loses] = [after.without(before), before.without(after)];
  const counts = (columns: Columns): Counts => new Map([...columns.names()].map((column) => [column, columns.count(column)]));
  return { gains, loses, counts: { gains: counts(gains), loses: counts(loses) } };
}

/** What is added is counted where it stands on either side. */
function exceptionsOf({ before, after }: Two<Answers>): readonly Exception[] {
  const found: Exception[] = [];
  for (const column of new Set([...before.added.keys(), ...after.added.keys()])) {
    const [was, is] = [before.added.get(column), after.added.get(column)];
    for (const number of new Set([...(was ?? []), ...(is ?? [])])) {
      const [wasAllowed, isAllowed] = [
        was?.has(number) === true || before.shared.has(column, number),
        is?.has(number) === true || after.shared.has(column, number),
      ];
      found.push({ column, number, is: wasAllowed === isAllowed ? "neither" : isAllowed ? "gains" : "loses" });
    }
  }
  return found;
}

/** By action. */
function sums(shared: Shared, exceptions: readonly Exception[], of: "gains" | "loses"): ReadonlyMap<string, number> {
  const counts = new Map(shared.counts[of]);
  for (const { column, number, is } of exceptions) {
    const change = (is === of ? 1 : 0) - (shared[of].has(column, number) ? 1 : 0);
    if (change !== 0) counts.set(column, (counts.get(column) ?? 0) + change);
  }
  const byAction = new Map<string, number>();
  for (const [column, count] of counts) {
    const { action } = partsOfColumn(column);
    if (count > 0) byAction.set(action, (byAction.get(action) ?? 0) + count);
  }
  return byAction;
}

function total(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}
