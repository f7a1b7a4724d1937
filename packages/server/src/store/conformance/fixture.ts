/** What the suite's files share: opening a fixture for one test, and short ways to write and read records. */
import type { Grant, Principal, Rec } from "@reeve/core";
import { onTestFinished } from "vitest";
import type { AuditNote, Committed, Head, Store, Transaction } from "../index.ts";

export type Fixture = {
  /** Opens the store on the fixture's data; again only after it was closed. */
  open(options?: { readonly clock?: () => number }): Store;
  /** Sets columns of an audit line without touching its hash. */
  editAudit(line: { readonly org: string; readonly seq: number }, columns: Readonly<Record<string, string | number>>): void;
  /** The bodies of the audit's lines as they are stored, and what of persons stands apart. */
  auditBodies(org: string): readonly string[];
  /** Writes another body into every row of personal data. */
  editPersons(org: string, body: string): void;
  removeAudit(line: { readonly org: string; readonly seq: number }): void;
  /** As a restore does. */
  setEpoch(org: string, epoch: string): void;
  cleanUp(): void;
};
export type MakeFixture = () => Fixture;

export const NOTE: AuditNote = { actor: { type: "user", id: "ada" }, action: "test", target: "/", requestId: "r-1" };

/** A store that is closed and cleaned up when the test is over. */
export const opened = (make: MakeFixture, options?: { readonly clock?: () => number }): Store => openedFixture(make, options).store;

export const openedFixture = (make: MakeFixture, options?: { readonly clock?: () => number }): { store: Store; fixture: Fixture } => {
  const fixture = make();
  const store = fixture.open(options);
  onTestFinished(async () => {
    await store.close();
    fixture.cleanUp();
  });
  return { store, fixture };
};

export const create = async (store: Store, org: string, records: readonly Rec[] = []): Promise<Committed<void>> => {
  const creation = await store.create(org, (tx) => putAll(tx, records));
  if (!creation.ok) throw new Error(creation.error.code);
  return creation.value;
};

export const put = (store: Store, org: string, records: readonly Rec[]): Promise<Committed<void>> =>
  store.write(org, (tx) => putAll(tx, records));

export const remove = (store: Store, org: string, rec: { kind: Rec["kind"]; key: readonly string[] }): Promise<Committed<void>> =>
  store.write(org, (tx) => {
    tx.delete(rec.kind, rec.key);
    tx.audit(NOTE);
  });

const putAll = (tx: Transaction, records: readonly Rec[]): void => {
  for (const rec of records) tx.put(rec);
  tx.audit(NOTE);
};

/** The whole organization, or undefined if there is none. */
export const snapshot = async (store: Store, org: string): Promise<{ head: Head; records: Rec[] } | undefined> => {
  let found: { head: Head; records: Rec[] } | undefined;
  for await (const { head, records } of store.load(org)) {
    found ??= { head, records: [] };
    found.records.push(...records);
  }
  return found;
};

export const recordsOf = async (store: Store, org: string): Promise<Rec[]> => (await snapshot(store, org))?.records ?? [];

export const label = (id: string, name?: string): Rec => ({ kind: "label", value: name === undefined ? { id } : { id, name } });
export const principal = (id: string, more: Partial<Principal> = {}): Rec => ({
  kind: "principal",
  value: { id, type: "user", active: true, ...more },
});
export const grant = (more: Partial<Grant> = {}): Rec => ({
  kind: "grant",
  value: { principal: "ada", resource: "/spaces/a", access: "R", reach: "self", ...more },
});
