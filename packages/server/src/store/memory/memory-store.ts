/**
 * The store that keeps everything in memory: for tests and for the bench. It means the same as the durable ones (one conformance
 * suite) and holds objects as canonical JSON like them, so that nobody's later mutation reaches into it.
 * Its state is an argument: a test may open it again, or spoil it as somebody with access to the disk could.
 */
import { randomBytes } from "node:crypto";
import { type Key, type Kind, objectName } from "@reeve/core";
import { advance, isLed, isSameHead, newStanding, noteAlone, type Outcome } from "../advance.ts";
import { auditEvent, ChainWalk } from "../audit-chain.ts";
import { compareUtf8, isStorable } from "../canonical.ts";
import { recordOf } from "../delta.ts";
import { ONCE_MS } from "../expectation.ts";
import {
  type AuditCursor,
  type AuditEvent,
  type AuditLinePage,
  type AuditNote,
  type AuditPage,
  type AuditVerdict,
  type ChangeBatch,
  type ChangeSetSummary,
  type Committed,
  type Creation,
  type Head,
  type Items,
  type ObjectPage,
  type ObjectQuery,
  type ObjectRead,
  type OrganizationPage,
  type Origin,
  type Page,
  type Retention,
  type Store,
  StoreError,
  type StoreHealth,
  type Tokens,
  type Transaction,
} from "../index.ts";
import type { FindPerson } from "../person.ts";
import { type Asked, record } from "../recorder.ts";
import { isSecretName, SECRET_BYTES } from "../secret-name.ts";
import { Subscribers } from "../subscribers.ts";
import { MemoryItems } from "./memory-items.ts";
import {
  auditLinesOf,
  changeSetOf,
  changeSetsBefore,
  historyOf,
  lastRevisionOf,
  listObjects,
  originOf,
  projectActivityOf,
  readObject,
} from "./memory-lists.ts";
import { emptyMemoryState, type MemoryObject, type MemoryOrganization, type MemoryState } from "./memory-state.ts";
import { MemoryTokens } from "./memory-tokens.ts";

export { emptyMemoryState, type MemoryState } from "./memory-state.ts";

export const PAGE_RECORDS_MAX = 5_000;

/** A store over `state`. `clock` gives epoch milliseconds. */
export const memoryStore = ({ clock = Date.now, state = emptyMemoryState() }: { clock?: () => number; state?: MemoryState } = {}): Store =>
  new MemoryStore(clock, state);

class MemoryStore implements Store {
  readonly tokens: Tokens;
  readonly items: Items;
  readonly #clock: () => number;
  readonly #organizations: Map<string, MemoryOrganization>;
  readonly #tokens: MemoryTokens;
  readonly #items: MemoryItems;
  readonly #secrets: Map<string, Uint8Array>;
  readonly #subscribers = new Subscribers();
  #closed = false;

  constructor(clock: () => number, state: MemoryState) {
    this.#clock = clock;
    this.#organizations = state.organizations;
    this.#secrets = state.secrets;
    const checkOpen = (): void => this.#checkOpen();
    const surroundings = {
      checkOpen,
      exists: (org: string, principal?: string) => this.#exists(org, principal),
      note: (org: string, note: AuditNote) => this.#note(org, note),
    };
    this.#tokens = new MemoryTokens(state.tokens, surroundings);
    this.#items = new MemoryItems(state.items, surroundings);
    this.tokens = this.#tokens;
    this.items = this.#items;
  }

  async *load(org: string): AsyncIterable<Page> {
    this.#checkOpen();
    const organization = this.#organizations.get(org);
    if (organization === undefined) return;
    const { head } = organization.standing;
    const objects = [...organization.objects.values()].sort(compareObjects);
    for (let from = 0; from === 0 || from < objects.length; from += PAGE_RECORDS_MAX) {
      this.#checkOpen();
      const records = objects.slice(from, from + PAGE_RECORDS_MAX).map(({ kind, body }) => recordOf(kind, body));
      yield { head, records, ...(from + PAGE_RECORDS_MAX < objects.length ? {} : { total: objects.length }) };
    }
  }

  async write<T>(org: string, work: (tx: Transaction) => T): Promise<Committed<T>> {
    this.#checkOpen();
    // Work never runs inside the call, here as in the durable stores, where writes wait in a queue.
    await undefined;
    const organization = this.#organizations.get(org);
    if (organization === undefined) throw organizationUnknown(org);
    return this.#commit(organization, work);
  }

  async create<T>(org: string, work: (tx: Transaction) => T): Promise<Creation<T>> {
    this.#checkOpen();
    if (org === "" || !isStorable(org)) throw new TypeError("an organization's id is text without NUL and lone surrogates");
    await undefined;
    if (this.#organizations.has(org)) return { ok: false, error: { code: "organization_exists" } };
    return {
      ok: true,
      value: this.#commit(
        { standing: newStanding(org), objects: new Map(), changes: [], audit: [], persons: new Map(), anchors: [], once: new Map() },
        work,
      ),
    };
  }

  #commit<T>(organization: MemoryOrganization, work: (tx: Transaction) => T): Committed<T> {
    const { org, head } = organization.standing;
    const stored = (kind: Asked["kind"], key: Asked["key"]) => organization.objects.get(objectName({ kind, key }));
    const outcome = advance(organization.standing, record(head, work), {
      stored,
      deletedAt: (kind, key) => lastRevisionOf(this.#historyOf(organization), kind, key),
      onceOf: (key) => organization.once.get(hex(key)),
      nowMs: this.#clock(),
    });
    if (outcome.once !== undefined) organization.once.set(hex(outcome.once.key), outcome.once);
    if (outcome.advance !== undefined) {
      this.#keep(organization, outcome.advance);
      this.#organizations.set(org, organization);
      queueMicrotask(() => this.#subscribers.wake([org]));
    }
    return outcome.committed;
  }

  #keep(organization: MemoryOrganization, next: NonNullable<Outcome<unknown>["advance"]>): void {
    for (const { kind, key, now } of next.rows) {
      if (now === undefined) organization.objects.delete(objectName({ kind, key }));
      else organization.objects.set(objectName({ kind, key }), { kind, key, ...now, revision: next.change.revision });
    }
    organization.changes.push(next.change);
    organization.audit.push(next.audit);
    for (const person of next.persons) organization.persons.set(person.digest, person);
    organization.standing = next.standing;
    for (const principal of next.endedPrincipals) {
      this.#tokens.end(next.standing.org, principal);
      this.#items.end(next.standing.org, principal);
    }
  }

  #exists(org: string, principal: string | undefined): boolean {
    const organization = this.#organizations.get(org);
    if (organization === undefined || principal === undefined) return organization !== undefined;
    return organization.objects.has(objectName({ kind: "principal", key: [principal] }));
  }

  async remove(org: string, at: Head, note: AuditNote): Promise<AuditEvent | undefined> {
    this.#checkOpen();
    await undefined;
    const organization = this.#organizations.get(org);
    if (organization === undefined) throw organizationUnknown(org);
    if (!isSameHead(organization.standing.head, at)) return undefined;
    const { audit } = noteAlone(organization.standing, note, this.#clock());
    this.#organizations.delete(org);
    this.#tokens.end(org);
    this.#items.end(org);
    queueMicrotask(() => this.#subscribers.wake([org]));
    return auditEvent(audit, () => undefined);
  }

  async changes(org: string, after: Head, max: number): Promise<ChangeBatch> {
    this.#checkOpen();
    const organization = this.#organizations.get(org);
    const kept = organization?.changes ?? [];
    const from = Math.max(0, after.revision + 1 - (kept[0]?.revision ?? 0));
    const rows = kept.slice(from, from + max);
    const revisions = rows.map(({ revision }) => revision);
    if (organization === undefined || !isLed(after, organization.standing.head, revisions)) return { kind: "reload" };
    const sets = rows.map(({ revision, id, timeMs, body }) => ({ revision, id, timeMs, changes: JSON.parse(body) }));
    return { kind: "changes", head: organization.standing.head, sets };
  }

  async heads(orgs: readonly string[]): Promise<ReadonlyMap<string, Head>> {
    this.#checkOpen();
    const heads = new Map<string, Head>();
    for (const org of orgs) {
      const head = this.#organizations.get(org)?.standing.head;
      if (head !== undefined) heads.set(org, head);
    }
    return heads;
  }

  async organizations(cursor: string | undefined, max: number): Promise<OrganizationPage> {
    this.#checkOpen();
    const all = [...this.#organizations.keys()].filter((org) => cursor === undefined || compareUtf8(org, cursor) > 0).sort(compareUtf8);
    const ids = all.slice(0, max);
    const last = ids.at(-1);
    return all.length > ids.length && last !== undefined ? { ids, next: last } : { ids };
  }

  async read(org: string, kind: Kind, key: Key): Promise<ObjectRead | undefined> {
    this.#checkOpen();
    const organization = this.#organizations.get(org);
    return organization === undefined ? undefined : readObject(organization, organization.objects.get(objectName({ kind, key })));
  }

  async list(org: string, query: ObjectQuery): Promise<ObjectPage | undefined> {
    this.#checkOpen();
    return listObjects(this.#organizations.get(org), query);
  }

  async changeSets(org: string, before: number | undefined, max: number): Promise<readonly ChangeSetSummary[] | undefined> {
    this.#checkOpen();
    const organization = this.#organizations.get(org);
    return organization === undefined ? undefined : changeSetsBefore(this.#historyOf(organization), before, max);
  }

  async changeSet(org: string, which: { readonly id: string } | { readonly revision: number }): Promise<AuditEvent | undefined> {
    this.#checkOpen();
    const organization = this.#organizations.get(org);
    return organization === undefined ? undefined : changeSetOf(this.#historyOf(organization), which);
  }

  async history(
    org: string,
    of: { readonly kind: Kind; readonly key: Key },
    page: { readonly before?: number; readonly max: number },
  ): Promise<readonly AuditEvent[]> {
    this.#checkOpen();
    const organization = this.#organizations.get(org);
    return organization === undefined ? [] : historyOf(this.#historyOf(organization), of, page);
  }

  async origins(org: string, kind: Kind, keys: readonly Key[]): Promise<readonly (Origin | undefined)[]> {
    this.#checkOpen();
    const organization = this.#organizations.get(org);
    return keys.map((key) => {
      const stored = organization?.objects.get(objectName({ kind, key }));
      return organization === undefined || stored === undefined ? undefined : originOf(this.#historyOf(organization), stored);
    });
  }

  #historyOf(organization: MemoryOrganization): Parameters<typeof historyOf>[0] {
    return { audit: organization.audit, find: (digest) => organization.persons.get(digest) };
  }

  async secret(name: string): Promise<Uint8Array> {
    this.#checkOpen();
    if (!isSecretName(name)) throw new TypeError(`${JSON.stringify(name)} is no name of a secret`);
    const known = this.#secrets.get(name) ?? Uint8Array.from(randomBytes(SECRET_BYTES));
    this.#secrets.set(name, known);
    return Uint8Array.from(known);
  }

  subscribe(wake: (org: string) => void): () => void {
    return this.#subscribers.add(wake);
  }

  async trimChanges(org: string, { revisionsMax, sinceMs = 0 }: Retention): Promise<number> {
    this.#checkOpen();
    const organization = this.#organizations.get(org);
    if (organization === undefined) return 0;
    const untilMs = this.#clock() - ONCE_MS;
    for (const [key, { timeMs }] of organization.once) if (timeMs <= untilMs) organization.once.delete(key);
    const before = organization.changes.length;
    const last = organization.standing.head.revision - revisionsMax;
    // From the first one that stays on, all stay: a clock that was set back must not leave a gap.
    const first = organization.changes.findIndex(({ revision, timeMs }) => revision > last && timeMs >= sinceMs);
    organization.changes = first === -1 ? [] : organization.changes.slice(first);
    return before - organization.changes.length;
  }

  async auditPage(org: string, after: AuditCursor | undefined, max: number): Promise<AuditPage> {
    this.#checkOpen();
    const rows = this.#organizations.get(org)?.audit ?? [];
    const rest = rows.filter(
      ({ period, seq }) => after === undefined || period > after.period || (period === after.period && seq > after.seq),
    );
    const events = rest.slice(0, max).map((row) => auditEvent(row, this.#personOf(org)));
    const last = events.at(-1);
    return rest.length > events.length && last !== undefined ? { events, next: { period: last.period, seq: last.seq } } : { events };
  }

  async auditLines(org: string, before: AuditCursor | undefined, max: number): Promise<AuditLinePage> {
    this.#checkOpen();
    const organization = this.#organizations.get(org);
    return organization === undefined ? { lines: [] } : auditLinesOf(this.#historyOf(organization), before, max);
  }

  async projectActivity(org: string, before: AuditCursor | undefined, max: number): Promise<AuditPage> {
    this.#checkOpen();
    const organization = this.#organizations.get(org);
    return organization === undefined ? { events: [] } : projectActivityOf(this.#historyOf(organization), before, max);
  }

  async erasePerson(org: string, principal: string, note: AuditNote): Promise<number> {
    this.#checkOpen();
    await undefined;
    const organization = this.#organizations.get(org);
    if (organization === undefined) throw organizationUnknown(org);
    const living = organization.objects.get(objectName({ kind: "principal", key: [principal] }))?.life;
    const erased = [...organization.persons.values()].filter((person) => person.principal === principal && person.life !== living);
    if (erased.length === 0) return 0;
    for (const { digest } of erased) organization.persons.delete(digest);
    this.#note(org, note);
    return erased.length;
  }

  /** A line of the audit that alters no record. */
  #note(org: string, note: AuditNote): void {
    const organization = this.#organizations.get(org);
    if (organization === undefined) throw organizationUnknown(org);
    const noted = noteAlone(organization.standing, note, this.#clock());
    organization.audit.push(noted.audit);
    organization.standing = noted.standing;
  }

  #personOf(org: string): FindPerson {
    return (digest) => this.#organizations.get(org)?.persons.get(digest);
  }

  async verifyAudit(org: string): Promise<AuditVerdict> {
    this.#checkOpen();
    const organization = this.#organizations.get(org);
    const walk = new ChainWalk(organization?.anchors ?? [], this.#personOf(org));
    organization?.audit.every((row) => walk.step(row));
    return walk.verdict(organization?.standing.chain);
  }

  health(): StoreHealth {
    return { writes: "taken" };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#subscribers.clear();
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreError("store_closed", "The store is closed.");
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const organizationUnknown = (org: string): StoreError =>
  new StoreError("organization_unknown", `There is no organization ${JSON.stringify(org)}.`);

const compareObjects = (a: MemoryObject, b: MemoryObject): number => {
  if (a.kind !== b.kind) return a.kind === "resource" ? -1 : b.kind === "resource" ? 1 : compareUtf8(a.kind, b.kind);
  for (const [at, part] of a.key.entries()) {
    const order = compareUtf8(part, b.key[at] ?? "");
    if (order !== 0) return order;
  }
  return 0;
};
