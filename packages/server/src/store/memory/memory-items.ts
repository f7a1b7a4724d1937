/**
 * The items of the memory store. Their values are kept as text, so that nobody's later change reaches into them.
 * Invariant: a write whose work throws leaves the items as they were: what it touched is put back.
 */
import type { AuditNote } from "../audit-note.ts";
import { canonical, compareUtf8 } from "../canonical.ts";
import {
  checkItem,
  type Item,
  type ItemFilter,
  type Items,
  type ItemTransaction,
  mayBeListed,
  type Noted,
  transactionOver,
  workOn,
} from "../items.ts";

/** `body`: the value, as canonical JSON. */
export type MemoryItem = Omit<Item, "value"> & { readonly body: string };

type Surroundings = {
  readonly checkOpen: () => void;
  /** Whether there is such an organization, and such a principal of it where one is named. */
  readonly exists: (org: string, principal?: string) => boolean;
  /** Adds a line to the audit of an organization that is there. */
  readonly note: (org: string, note: AuditNote) => void;
};

export class MemoryItems implements Items {
  /** By `nameOf`. */
  readonly #items: Map<string, MemoryItem>;
  readonly #checkOpen: () => void;
  readonly #exists: Surroundings["exists"];
  readonly #note: Surroundings["note"];

  constructor(items: Map<string, MemoryItem>, { checkOpen, exists, note }: Surroundings) {
    this.#items = items;
    this.#checkOpen = checkOpen;
    this.#exists = exists;
    this.#note = note;
  }

  async find(kind: string, id: string): Promise<Item | undefined> {
    this.#checkOpen();
    return findIn(this.#items, kind, id);
  }

  async list(filter: ItemFilter, after: string | undefined, max: number): Promise<readonly Item[]> {
    this.#checkOpen();
    return listIn(this.#items, filter, { after, max });
  }

  async write<T>(work: (tx: ItemTransaction) => T): Promise<T> {
    this.#checkOpen();
    // Work never runs inside the call: here as in the durable stores.
    await undefined;
    const tx = new MemoryItemTransaction(this.#items, this.#exists);
    try {
      const value = workOn(tx, work);
      for (const { org, note } of tx.noted) this.#note(org, note);
      return value;
    } catch (error) {
      tx.takeBack();
      throw error;
    }
  }

  async trim(beforeMs: number, max: number): Promise<number> {
    this.#checkOpen();
    const expired = [...this.#items].filter(([, { expiresMs }]) => expiresMs !== undefined && expiresMs < beforeMs);
    const oldest = expired.sort(([, a], [, b]) => (a.expiresMs ?? 0) - (b.expiresMs ?? 0)).slice(0, max);
    for (const [name] of oldest) this.#items.delete(name);
    return oldest.length;
  }

  /** Ends the items of a principal whose life ended; without `principal`, those of an organization that is no more. */
  end(org: string, principal?: string): void {
    for (const [name, item] of this.#items) {
      if (item.org === org && (principal === undefined || item.principal === principal)) this.#items.delete(name);
    }
  }
}

class MemoryItemTransaction implements ItemTransaction {
  readonly #items: Map<string, MemoryItem>;
  readonly #exists: Surroundings["exists"];
  readonly noted: Noted[] = [];
  /** What stood where this write was first. */
  readonly #before = new Map<string, MemoryItem | undefined>();
  #isOver = false;

  constructor(items: Map<string, MemoryItem>, exists: Surroundings["exists"]) {
    this.#items = items;
    this.#exists = exists;
  }

  find(kind: string, id: string): Item | undefined {
    this.#checkOpen();
    return findIn(this.#items, kind, id);
  }

  list(filter: ItemFilter, after: string | undefined, max: number): readonly Item[] {
    this.#checkOpen();
    return listIn(this.#items, filter, { after, max });
  }

  put(item: Item): boolean {
    this.#checkOpen();
    checkItem(item);
    const { value, ...rest } = item;
    const kept = { ...rest, body: canonical(value) };
    if (item.org !== undefined && !this.#exists(item.org, item.principal)) return false;
    this.#items.set(this.#touch(item.kind, item.id), kept);
    return true;
  }

  delete(kind: string, id: string): boolean {
    this.#checkOpen();
    return this.#items.delete(this.#touch(kind, id));
  }

  audit(org: string, note: AuditNote): boolean {
    this.#checkOpen();
    return this.#exists(org) && this.noted.push({ org, note }) > 0;
  }

  finish(): void {
    this.#isOver = true;
  }

  takeBack(): void {
    for (const [name, item] of this.#before) {
      if (item === undefined) this.#items.delete(name);
      else this.#items.set(name, item);
    }
  }

  #touch(kind: string, id: string): string {
    const name = nameOf(kind, id);
    if (!this.#before.has(name)) this.#before.set(name, this.#items.get(name));
    return name;
  }

  #checkOpen(): void {
    if (this.#isOver) throw transactionOver();
  }
}

/** Of one item only, as neither part of one holds NUL. */
const nameOf = (kind: string, id: string): string => `${kind}\0${id}`;

const findIn = (items: ReadonlyMap<string, MemoryItem>, kind: string, id: string): Item | undefined => {
  const item = items.get(nameOf(kind, id));
  return item === undefined ? undefined : itemOf(item);
};

const listIn = (
  items: ReadonlyMap<string, MemoryItem>,
  filter: ItemFilter,
  { after, max }: { readonly after: string | undefined; readonly max: number },
): readonly Item[] => {
  if (!mayBeListed(filter, after, max)) return [];
  const fitting = [...items.values()].filter(
    (item) =>
      item.kind === filter.kind &&
      (filter.org === undefined || item.org === filter.org) &&
      (filter.principal === undefined || item.principal === filter.principal) &&
      (filter.owner === undefined || item.owner === filter.owner) &&
      (after === undefined || compareUtf8(item.id, after) > 0),
  );
  return fitting
    .sort((a, b) => compareUtf8(a.id, b.id))
    .slice(0, max)
    .map(itemOf);
};

const itemOf = ({ body, ...rest }: MemoryItem): Item => ({ ...rest, value: JSON.parse(body) });
