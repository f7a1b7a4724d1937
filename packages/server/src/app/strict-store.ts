/**
 * The store with somebody who holds it to its word: every answer comes in time, and is an answer to what was asked.
 *
 * A wrapper round the port. A connection that hangs must not hold the organization that it was asked about for ever, and one that gives
 * somebody the answer to another's question must not be believed: in both cases what was asked for fails, and the next one asks again.
 * Invariant: what comes out of here has the shape that the port promises and belongs to the question; everything else is a `StoreError`,
 * `not_answered` or `wrong_answer`.
 */
import { keyOf } from "@reeve/core";
import {
  type AuditCursor,
  type Committed,
  type Creation,
  type Head,
  type Item,
  type ItemFilter,
  type ItemTransaction,
  type KeptObject,
  type Origin,
  type Page,
  type Store,
  StoreError,
  type Token,
  type Transaction,
} from "../store/index.ts";

/** Everyday answers, nothing for the log. */
const ORDINARY: readonly StoreError["code"][] = ["organization_unknown", "busy", "store_closed", "object_changed", "key_reused"];
/** How long an answer of the store is waited for: a page of a load, a write, a token. Below what HTTP waits for an answer. */
export const STORE_MS = 30_000;

export type StrictOptions = {
  readonly waitMs?: number;
  /** Whatever is the store's fault, for the operator: who asked is told nothing of files and disks. */
  readonly onFailure: (error: StoreError) => void;
};

/** What is not asked for by the server yet (`auditPage`, `erasePerson`, `verifyAudit`) goes through as it is. */
export function strictStore(store: Store, { waitMs = STORE_MS, onFailure }: StrictOptions): Store {
  const told = (error: unknown): unknown => {
    if (error instanceof StoreError && !ORDINARY.includes(error.code)) onFailure(error);
    return error;
  };
  const answer = async <T>(work: () => Promise<T>, isAnswer: (value: T) => boolean): Promise<T> => {
    try {
      return believe(await within(work(), waitMs), isAnswer);
    } catch (error) {
      throw told(error);
    }
  };
  return {
    load: (org) => pages(store, org, { waitMs, told }),
    write: (org, work) => {
      const seen = watched(work);
      return answer(
        () => store.write(org, seen.work),
        (committed) => isNext(committed, seen.head()),
      );
    },
    create: (org, work) => {
      const seen = watched(work);
      return answer(
        () => store.create(org, seen.work),
        (created) => isCreation(created, seen.head()),
      );
    },
    remove: (org, at, note) =>
      answer(
        () => store.remove(org, at, note),
        (closing) =>
          closing === undefined || (closing.action === note.action && closing.requestId === note.requestId && isCount(closing.seq)),
      ),
    changes: (org, after, max) =>
      answer(
        () => store.changes(org, after, max),
        (batch) =>
          batch.kind === "reload" ||
          (batch.kind === "changes" && batch.head.epoch === after.epoch && isHead(batch.head) && areNext(batch.sets, after, max)),
      ),
    heads: (orgs) =>
      answer(
        () => store.heads(orgs),
        (heads) => heads instanceof Map && [...heads].every(([org, head]) => orgs.includes(org) && isHead(head)),
      ),
    organizations: (cursor, max) =>
      answer(
        () => store.organizations(cursor, max),
        ({ ids, next }) =>
          Array.isArray(ids) && ids.every((id) => typeof id === "string" && id !== cursor) && (next === undefined || next === ids.at(-1)),
      ),
    ...strictReads(store, answer),
    subscribe: (wake) => store.subscribe(wake),
    trimChanges: (org, keep) => answer(() => store.trimChanges(org, keep), isCount),
    ...strictAudit(store, answer),
    tokens: strictTokens(store, answer),
    items: strictItems(store, answer),
    auditPage: (org, after, max) => store.auditPage(org, after, max),
    erasePerson: (org, principal, note) => store.erasePerson(org, principal, note),
    verifyAudit: (org) => store.verifyAudit(org),
    health: () => store.health(),
    close: () => within(store.close(), waitMs),
  };
}

type Answer = <T>(work: () => Promise<T>, isAnswer: (value: T) => boolean) => Promise<T>;

/** Objects, change sets and the server's secrets. */
function strictReads(
  store: Store,
  answer: Answer,
): Pick<Store, "read" | "list" | "changeSets" | "changeSet" | "history" | "origins" | "secret"> {
  return {
    read: (org, kind, key) =>
      answer(
        () => store.read(org, kind, key),
        (found) => found === undefined || (isHead(found.head) && (found.object === undefined || isObject(found.object, { kind, key }))),
      ),
    list: (org, query) =>
      answer(
        () => store.list(org, query),
        (page) =>
          page === undefined ||
          (isHead(page.head) &&
            page.objects.length <= query.max &&
            page.objects.every((object) => isObject(object, query)) &&
            isPosition(page.next)),
      ),
    changeSets: (org, before, max) =>
      answer(
        () => store.changeSets(org, before, max),
        (sets) =>
          sets === undefined ||
          (sets.length <= max && sets.every(({ revision = 0, count }) => isEarlier(revision, before) && isCount(count))),
      ),
    changeSet: (org, which) =>
      answer(
        () => store.changeSet(org, which),
        (event) => event === undefined || ("id" in which ? event.changeSet === which.id : event.revision === which.revision),
      ),
    history: (org, of, page) =>
      answer(
        () => store.history(org, of, page),
        (events) =>
          events.length <= page.max &&
          events.every(({ revision = 0, changes }) => isEarlier(revision, page.before) && changes.every((change) => isNamed(change, of))),
      ),
    origins: (org, kind, keys) =>
      answer(
        () => store.origins(org, kind, keys),
        (origins) => Array.isArray(origins) && origins.length === keys.length && origins.every(isOrigin),
      ),
    secret: (name) =>
      answer(
        () => store.secret(name),
        (secret) => secret instanceof Uint8Array && secret.length === SECRET_BYTES,
      ),
  };
}

function strictAudit(store: Store, answer: Answer): Pick<Store, "auditLines" | "projectActivity"> {
  return {
    auditLines: (org, before, max) =>
      answer(
        () => store.auditLines(org, before, max),
        ({ lines, next }) => areOlder(lines, before, max) && isOlder(next, before) && lines.every(({ count }) => isCount(count)),
      ),
    projectActivity: (org, before, max) =>
      answer(
        () => store.projectActivity(org, before, max),
        ({ events, next }) =>
          areOlder(events, before, max) && isOlder(next, before) && events.every(({ changes }) => Array.isArray(changes)),
      ),
  };
}

/** Each before the one in front of it, and all of them before where the page begins. */
const areOlder = (found: readonly AuditCursor[], before: AuditCursor | undefined, max: number): boolean =>
  Array.isArray(found) && found.length <= max && found.every((one, at) => isOlder(one, at === 0 ? before : found[at - 1]));
const isOlder = (one: AuditCursor | undefined, before: AuditCursor | undefined): boolean =>
  one === undefined ||
  (isCount(one.period) && isCount(one.seq) && (before === undefined || one.period < before.period || one.seq < before.seq));

function strictTokens({ tokens }: Store, answer: Answer): Store["tokens"] {
  return {
    find: (hash) =>
      answer(
        () => tokens.find(hash),
        (token) => token === undefined || (isToken(token) && isSame(token.hash, hash)),
      ),
    put: (token, replaced, note) => answer(() => tokens.put(token, replaced, note), isYesOrNo),
    list: (filter, after, max) =>
      answer(
        () => tokens.list(filter, after, max),
        (listed) =>
          Array.isArray(listed) && listed.every((token) => isToken(token) && (filter.kind === undefined || token.kind === filter.kind)),
      ),
    delete: (hash, note) => answer(() => tokens.delete(hash, note), isYesOrNo),
    used: (hash, atMs) =>
      answer(
        () => tokens.used(hash, atMs),
        () => true,
      ),
  };
}

/** Sessions, clients and revocations: who is given another's is let in as another. What a write reads is held to its word too. */
function strictItems({ items }: Store, answer: Answer): Store["items"] {
  return {
    find: (kind, id) => answer(() => items.find(kind, id), isFound(kind, id)),
    list: (filter, after, max) => answer(() => items.list(filter, after, max), areListed(filter, after, max)),
    write: (work) => {
      const gave: unknown[] = [];
      const kept = (tx: ItemTransaction): ReturnType<typeof work> => {
        const value = work(strictItemTransaction(tx));
        gave.push(value);
        return value;
      };
      return answer(
        () => items.write(kept),
        (value) => gave.length === 1 && Object.is(gave[0], value),
      );
    },
    trim: (beforeMs, max) => answer(() => items.trim(beforeMs, max), isCount),
  };
}

const strictItemTransaction = (tx: ItemTransaction): ItemTransaction => ({
  find: (kind, id) => believe(tx.find(kind, id), isFound(kind, id)),
  list: (filter, after, max) => believe(tx.list(filter, after, max), areListed(filter, after, max)),
  put: (item) => believe(tx.put(item), isYesOrNo),
  delete: (kind, id) => believe(tx.delete(kind, id), isYesOrNo),
  audit: (org, note) => believe(tx.audit(org, note), isYesOrNo),
});

const SECRET_BYTES = 32;

type Name = { readonly kind: string; readonly key?: readonly string[] };
const isNamed = (one: Name, { kind, key }: Name): boolean =>
  one.kind === kind && (key === undefined || (one.key?.length === key.length && key.every((member, at) => one.key?.[at] === member)));
const isObject = ({ rec, revision, life }: KeptObject, named: Name): boolean =>
  isNamed({ kind: rec.kind, key: keyOf(rec) }, named) && isCount(revision) && revision > 0 && isCount(life);
const isPosition = (next: readonly unknown[] | undefined): boolean =>
  next === undefined || next.every((member) => typeof member === "string");
const isOrigin = (origin: Origin | undefined): boolean =>
  origin === undefined ||
  [origin.created, origin.changed].every(
    (stamp) => stamp === undefined || (isCount(stamp.revision) && isCount(stamp.timeMs) && typeof stamp.actor.id === "string"),
  );
const isEarlier = (revision: number, before: number | undefined): boolean =>
  isCount(revision) && (before === undefined || revision < before);

/** What `work` gives; rejects with `not_answered` after `waitMs`. */
async function within<T>(work: Promise<T>, waitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new StoreError("not_answered", `The store did not answer within ${waitMs} ms.`);
    timer = setTimeout(() => reject(error), waitMs).unref();
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function believe<T>(value: T, isAnswer: (value: T) => boolean): T {
  let isOne = false;
  try {
    isOne = isAnswer(value);
  } catch {
    // What cannot even be looked at is no answer.
  }
  if (!isOne) throw new StoreError("wrong_answer", "What the store answered is no answer to what it was asked.");
  return value;
}

type Reading = { readonly waitMs: number; readonly told: (error: unknown) => unknown };

async function* pages(store: Store, org: string, { waitMs, told }: Reading): AsyncIterable<Page> {
  let iterator: AsyncIterator<Page> | undefined;
  try {
    iterator = store.load(org)[Symbol.asyncIterator]();
    for (;;) {
      const { done, value } = believe(await within(iterator.next(), waitMs), isStep);
      if (done === true) return;
      yield value;
    }
  } catch (error) {
    throw told(error);
  } finally {
    // Not waited for: one that hangs in a page would hang in its end too.
    iterator?.return?.().catch(() => undefined);
  }
}

const isStep = ({ done, value }: IteratorResult<Page, unknown>): boolean =>
  done === true || (isHead(value.head) && Array.isArray(value.records) && (value.total === undefined || isCount(value.total)));

/** The work of a write, and the head that it saw. */
function watched<T>(work: (tx: Transaction) => T): { readonly work: (tx: Transaction) => T; readonly head: () => Head | undefined } {
  let head: Head | undefined;
  return {
    head: () => head,
    work(tx) {
      if (!isHead(tx.head)) throw new StoreError("wrong_answer", "The store gave no head to write at.");
      head = tx.head;
      return work(tx);
    },
  };
}

/** Whether a write stands where one that saw `before` must stand. */
function isNext({ head, applied, changeSet, repeated }: Committed<unknown>, before: Head | undefined): boolean {
  if (before === undefined || !isHead(head) || head.epoch !== before.epoch || !isCount(applied)) return false;
  // What was done before stands at or behind where this one would have begun.
  if (repeated === true) return head.revision <= before.revision;
  return applied === 0 ? head.revision === before.revision : head.revision === before.revision + 1 && typeof changeSet === "string";
}

function isCreation(created: Creation<unknown>, before: Head | undefined): boolean {
  if (!created.ok) return created.error.code === "organization_exists";
  return created.value.head.revision === 1 && before?.revision === 0 && created.value.head.epoch === before.epoch;
}

function areNext(sets: readonly { readonly revision: number; readonly changes: unknown }[], after: Head, max: number): boolean {
  return (
    Array.isArray(sets) &&
    sets.length <= max &&
    sets.every(
      ({ revision, changes }, index) => revision === after.revision + 1 + index && Array.isArray(changes) && changes.every(isChange),
    )
  );
}

const isChange = (change: object): boolean => "put" in change || "delete" in change;
const isHead = (head: Head): boolean => Number.isSafeInteger(head.revision) && head.revision >= 0 && typeof head.epoch === "string";
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isYesOrNo = (value: boolean): boolean => typeof value === "boolean";
const isToken = ({ hash, kind, createdMs }: Token): boolean =>
  hash instanceof Uint8Array && typeof kind === "string" && Number.isFinite(createdMs);
const isFound =
  (kind: string, id: string) =>
  (item: Item | undefined): boolean =>
    item === undefined || (isItem(item, { kind }) && item.id === id);
const areListed =
  (filter: ItemFilter, after: string | undefined, max: number) =>
  (items: readonly Item[]): boolean =>
    Array.isArray(items) && items.length <= max && items.every((item) => isItem(item, filter) && item.id !== after);
const isItem = (item: Item, filter: ItemFilter): boolean =>
  typeof item.id === "string" &&
  typeof item.value === "object" &&
  item.value !== null &&
  item.kind === filter.kind &&
  (["org", "principal", "owner"] as const).every((member) => filter[member] === undefined || item[member] === filter[member]);
const isSame = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && one.every((byte, at) => byte === other[at]);
