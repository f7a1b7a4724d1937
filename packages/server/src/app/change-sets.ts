/**
 * Change sets: every revision is one, with who, when, why, and all objects before and after. Taking one back is a new one.
 *
 * Invariant: a change set is taken back whole, and only while every object that it altered is as it left it, and every id that access is
 * given back to means whom it meant then.
 */
import { type Change, type Key, type Kind, objectName, parseRecord, type Rec, type Result } from "@reeve/core";
import type { AuditEvent, ChangeSetSummary, Store } from "../store/index.ts";
import type { Changes, Expected, Write, WriteRefused, WriteResult } from "./changes.ts";

export type ChangeSetPage = { readonly epoch: string; readonly items: readonly ChangeSetSummary[] };
export type Revert = Pick<Write, "organization" | "actor" | "requestId" | "reason"> & { readonly id: string };
export type RevertRefused =
  | Exclude<WriteRefused, { readonly code: "object_changed" }>
  | { readonly code: "change_set_not_found" }
  | { readonly code: "revert_conflict"; readonly objects: readonly ObjectName[] };
type ObjectName = { readonly kind: Kind; readonly key: Key };

export type ChangeSets = {
  /** Newest first, before the revision `before`. `undefined`: no such organization. */
  list(organization: string, page: { readonly before?: number; readonly max: number }): Promise<ChangeSetPage | undefined>;
  get(organization: string, id: string): Promise<{ readonly epoch: string; readonly event: AuditEvent } | undefined>;
  revert(asked: Revert): Promise<Extract<WriteResult, { readonly ok: true }> | { readonly ok: false; readonly error: RevertRefused }>;
};

export function createChangeSets(store: Store, changes: Changes): ChangeSets {
  const epochOf = async (organization: string): Promise<string | undefined> => (await store.heads([organization])).get(organization)?.epoch;
  return {
    async list(organization, { before, max }) {
      const epoch = await epochOf(organization);
      const items = await store.changeSets(organization, before, max);
      return epoch === undefined || items === undefined ? undefined : { epoch, items };
    },
    async get(organization, id) {
      const epoch = await epochOf(organization);
      const event = await store.changeSet(organization, { id });
      return epoch === undefined || event === undefined ? undefined : { epoch, event };
    },
    async revert({ id, ...asked }) {
      const event = await store.changeSet(asked.organization, { id });
      if (event?.revision === undefined) return { ok: false, error: { code: "change_set_not_found" } };
      const { revision } = event;
      const back = backwards(event);
      if (!back.ok) return { ok: false, error: { code: "revert_conflict", objects: back.error } };
      const aim: Backwards = { revision, event, changes: back.value };
      const [left, named] = [await asLeft(store, asked.organization, aim), await namedAgain(store, asked.organization, aim)];
      if (!left.ok) return { ok: false, error: { code: "revert_conflict", objects: left.error } };
      if (!named.ok) return { ok: false, error: { code: "revert_conflict", objects: named.error } };
      const result = await changes.write({
        ...asked,
        action: "change-set.revert",
        reason: asked.reason ?? `Takes back ${id}.`,
        changes: back.value,
        nothingElse: true,
        expected: [...left.value, ...named.value],
        // What was built in, brought or taken, is so again: the way back makes nothing that was not there.
        isCatalogue: true,
      });
      if (result.ok || result.error.code !== "object_changed") return result as never;
      return { ok: false, error: { code: "revert_conflict", objects: result.error.objects } };
    },
  };
}

/** Every object once, as it stood before the change set: the first that the set says of it. */
function touched({ changes }: AuditEvent): readonly AuditEvent["changes"][number][] {
  const first = new Map<string, AuditEvent["changes"][number]>();
  for (const change of changes) {
    const name = objectName(change);
    if (!first.has(name)) first.set(name, change);
  }
  return [...first.values()];
}

/**
 * The changes that lead back. What was made is deleted, the last one first, before anything is put: a deletion takes with it what names
 * its object, and what is put back must not go with it.
 */
function backwards(event: AuditEvent): Result<readonly Change[], readonly ObjectName[]> {
  const objects = touched(event);
  const changes: Change[] = [];
  const lost: ObjectName[] = [];
  for (const { kind, key, before } of [...objects].reverse()) if (before === null) changes.push({ delete: { kind, key } });
  for (const { kind, key, before } of objects) {
    if (before === null) continue;
    const parsed = parseRecord(kind, before);
    // What the audit keeps was a record, unless its person was erased since.
    if (parsed.ok) changes.push({ put: parsed.value });
    else lost.push({ kind, key });
  }
  return lost.length > 0 ? { ok: false, error: lost } : { ok: true, value: changes };
}

/** Whom and what a record that is put back gives access to, by id: an id may be another's by now. */
function namesOf(rec: Rec): readonly ObjectName[] {
  const principal = (id: string): ObjectName => ({ kind: "principal", key: [id] });
  const role = (id: string): ObjectName => ({ kind: "role", key: [id] });
  switch (rec.kind) {
    case "membership":
      return [principal(rec.value.group), principal(rec.value.member)];
    case "assignment":
    case "developer-access":
      return [role(rec.value.role), principal(rec.value.principal)];
    case "grant":
      return [principal(rec.value.principal), { kind: "resource", key: [rec.value.resource] }];
    case "product-administrator":
      return [principal(rec.value.principal), { kind: "product", key: [rec.value.product] }];
    case "developer-project":
      return [...rec.value.roles.map(role), principal(rec.value.serviceAccount)];
    case "resource":
      return rec.value.owner === undefined ? [] : [principal(rec.value.owner)];
    default:
      return [];
  }
}

type Backwards = { readonly revision: number; readonly event: AuditEvent; readonly changes: readonly Change[] };

/** What the change set altered, if it is as the set left it: nobody changed it since, or what was changed was taken back. */
async function asLeft(
  store: Store,
  organization: string,
  { revision, event }: Backwards,
): Promise<Result<readonly Expected[], readonly ObjectName[]>> {
  const standing: Expected[] = [];
  const others: ObjectName[] = [];
  // The last that the set says of an object is what it left.
  const left = new Map(event.changes.map((change) => [objectName(change), change]));
  for (const { kind, key, after } of left.values()) {
    const name = { kind, key };
    const [last] = await store.history(organization, name, { max: 1 });
    const at = last?.revision ?? revision;
    const found = last?.changes.at(-1)?.after ?? null;
    // Texts of the audit are canonical: equal values are equal texts.
    const isLeft =
      at === revision ||
      (JSON.stringify(found) === JSON.stringify(after) && !(await wasMadeAfter(store, organization, { name, revision })));
    if (isLeft) standing.push({ ...name, revision: at, last: true });
    else others.push(name);
  }
  return others.length > 0 ? { ok: false, error: others } : { ok: true, value: standing };
}

/** What is named by what is put back, as it must still stand; or those of it that were deleted since and made again. */
async function namedAgain(
  store: Store,
  organization: string,
  { revision, event, changes }: Backwards,
): Promise<Result<readonly Expected[], readonly ObjectName[]>> {
  const own = new Set(event.changes.map(objectName));
  const names = new Map(changes.flatMap((change) => ("put" in change ? namesOf(change.put) : [])).map((name) => [objectName(name), name]));
  const standing: Expected[] = [];
  const others: ObjectName[] = [];
  for (const [text, name] of names) {
    if (own.has(text)) continue;
    const [last] = await store.history(organization, name, { max: 1 });
    // What has no record, as the group of all members, is the same for ever.
    if (last?.revision === undefined) continue;
    const isOther = last.revision > revision && (await wasMadeAfter(store, organization, { name, revision }));
    if (isOther) others.push(name);
    else standing.push({ ...name, revision: last.revision, last: true });
  }
  return others.length > 0 ? { ok: false, error: others } : { ok: true, value: standing };
}

/** Whether an object, or what stood in its place, was made after a revision. */
async function wasMadeAfter(
  store: Store,
  organization: string,
  { name, revision }: { readonly name: ObjectName; readonly revision: number },
): Promise<boolean> {
  for (let before: number | undefined; ; ) {
    const page = await store.history(organization, name, { max: HISTORY_MAX, ...(before === undefined ? {} : { before }) });
    const since = page.filter((event) => (event.revision ?? 0) > revision);
    if (since.some((event) => event.changes.some((change) => change.before === null))) return true;
    if (since.length < HISTORY_MAX) return false;
    before = since.at(-1)?.revision;
  }
}
const HISTORY_MAX = 100;
