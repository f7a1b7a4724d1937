/**
 * Writing: changes are admitted against the newest plan and committed as one revision, in the same breath.
 *
 * Admission runs inside the store's work, under the organization's lock: the plan that it uses stands at the very head that the
 * commit moves. Writes that share a commit build on one another's plans; if one fails, those behind it are admitted again. On that plan
 * a principal who writes must be allowed to: a right that ended a moment before ends the write.
 * Invariant: what was answered as written is durable; what was refused left nothing.
 */
import {
  apply,
  type Change,
  compiler,
  isSuspended,
  type Key,
  type Kind,
  keyOf,
  objectName,
  type Plan,
  type Rec,
  type Warning,
} from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import { type Committed, type Head, ObjectChangedError, type Store, StoreError, type Transaction } from "../store/index.ts";
import { type Admission, type AdmissionRefused, admission } from "./admission.ts";
import { writeRefusal } from "./authority.ts";
import { type Authority, type Bearer, standsAbove } from "./bearer.ts";
import { readRevision, writeRevision } from "./revision.ts";
import { type StoreRefusal, storeRefusal } from "./store-refusal.ts";

/** An object and the revision that must have changed it last; `null`: it must not be there. `last`: be it put or deleted. */
export type Expected = { readonly kind: Kind; readonly key: Key; readonly revision: number | null; readonly last?: true };
/** The same write sent again: `key` says which it is, `fingerprint` what it says; SHA-256 both. */
export type Once = { readonly key: Uint8Array; readonly fingerprint: Uint8Array };

/**
 * Changes that depend on what is there: made, perhaps more than once, of the very plan that they alter. What it throws ends the write and
 * is thrown to whoever asked.
 */
export type MakeChanges = (plan: Plan) => readonly Change[];
/**
 * The same, made by who asks of that plan whether the actor may, thing by thing, and throws where he may not: he need not administer the
 * organization, nor hold an office.
 */
export type DecidedChanges = { readonly decided: MakeChanges };

export type Write = {
  readonly organization: string;
  readonly changes: readonly Change[] | MakeChanges | DecidedChanges;
  readonly expected?: readonly Expected[];
  readonly once?: Once;
  /** Refused where it would alter more than it names, as a deletion does that takes others with it. */
  readonly nothingElse?: true;
  /** What was asked for, as the audit tells it; absent: changes were written. */
  readonly action?: string;
  /** Wire form of the revision that the organization must stand at. */
  readonly ifRevision?: string;
  readonly reason?: string;
  /** Its grants say who gave them and when, as far as that is known. */
  readonly areDated?: true;
  /** From a product's catalogue: may make and change what is built in. */
  readonly isCatalogue?: boolean;
  /** Brings what ships: what an organization may change of it stays as it stands. */
  readonly isRenewal?: boolean;
  /** With the catalogue of Reeve's own administration. */
  readonly isOwn?: boolean;
  readonly actor: { readonly type: string; readonly id: string };
  readonly requestId: string;
};
/** `repeated`: it was done before, under its `once`. */
export type Written = {
  readonly revision: string;
  readonly changeSet: string | null;
  readonly applied: number;
  readonly repeated?: true;
  /** Absent: none. Pointers as those of faults. */
  readonly warnings?: readonly Warning[];
};
export type WriteRefused =
  | {
      readonly code:
        | "organization_not_found"
        | "malformed_revision"
        | "revision_of_another_history"
        | "revision_conflict"
        | "organization_exists"
        | "not_permitted"
        | "organization_suspended";
    }
  | StoreRefusal
  | AdmissionRefused
  | { readonly code: "object_changed"; readonly objects: readonly { readonly kind: Kind; readonly key: Key }[] }
  | { readonly code: "idempotency_key_reused" };
export type WriteResult = { readonly ok: true; readonly value: Written } | { readonly ok: false; readonly error: WriteRefused };

const TRIES_MAX = 20;
const WAIT_MS = 5_000;
/** Ends a store's work that may not commit; caught here and nowhere else. */
class Stop extends Error {
  readonly refused: WriteRefused | "stale";
  constructor(refused: WriteRefused | "stale") {
    super("stop");
    this.refused = refused;
  }
}

export type Creation = Omit<Write, "changes"> & {
  readonly changes: readonly Change[];
  readonly name: string;
  readonly tenantIds: readonly string[];
};

export type Changes = {
  /** Writes changes as one revision. What the caller did wrong and what the store cannot do are values. */
  write(write: Write): Promise<WriteResult>;
  /** Makes an organization, with its first records, as revision 1. */
  create(creation: Creation): Promise<WriteResult>;
};

/** `own`: the catalogue of Reeve's own administration, which every organization begins with. `shipped`: the products that ship. */
export type ChangesOptions = { readonly clock: () => number; readonly own: readonly Rec[]; readonly shipped: readonly string[] };
type Trying = Write & { readonly clock: () => number; readonly entitled: ReadonlySet<string> };

export function createChanges(store: Store, feed: Feed, { clock, own, shipped }: ChangesOptions): Changes {
  const products = new Set(shipped);
  return {
    async write(write) {
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        if ((await feed.plan(write.organization)) === undefined) return { ok: false, error: { code: "organization_not_found" } };
        const result = await tryWrite(store, feed, { ...write, clock, entitled: entitledFor(write.actor, products) });
        if (result !== "stale") return result;
      }
      return { ok: false, error: { code: "store_busy", detail: "Other writers moved the organization on each time. Try again." } };
    },
    async create(creation) {
      const ready = { ...creation, nowMs: clock(), isOwn: true };
      return create(store, feed, { ...ready, changes: [...own.map((put): Change => ({ put })), ...dated(ready)] });
    },
  };
}

/** Grants tell who gave them and when; whoever brings them from elsewhere says it himself. */
function dated({ changes, isCatalogue, areDated, actor, nowMs }: Ready): readonly Change[] {
  if (isCatalogue === true || areDated === true) return changes;
  const by = actor.type === "administrator" ? {} : { givenBy: actor.id };
  return changes.map((change): Change => {
    if (!("put" in change) || change.put.kind !== "grant" || change.put.value.givenAt !== undefined) return change;
    return { put: { kind: "grant", value: { ...by, ...change.put.value, givenAt: nowMs } } };
  });
}

/** A write whose changes are known, and when it is made. */
type Ready = Write & {
  readonly changes: readonly Change[];
  readonly isDecided?: boolean;
  readonly nowMs: number;
  readonly entitled?: ReadonlySet<string>;
};

function made(write: Trying, plan: Plan, nowMs: number): Ready {
  const isDecided = "decided" in write.changes;
  const make = "decided" in write.changes ? write.changes.decided : write.changes;
  const changes = typeof make === "function" ? make(plan) : make;
  return { ...write, nowMs, isDecided, changes: dated({ ...write, changes, nowMs }) };
}

/** Who makes the changes may throw: that ends the write at once, but where it is one that counts once. */
function madeOrThrown(
  asked: Trying,
  { plan, nowMs }: { readonly plan: Plan; readonly nowMs: number },
): Ready | { readonly error: unknown } {
  try {
    return made(asked, plan, nowMs);
  } catch (error) {
    if (asked.once === undefined || error instanceof Stop) throw error;
    return { error };
  }
}

/** One attempt. `stale`: the plan did not stand at the head; the feed has caught up since. */
async function tryWrite(store: Store, feed: Feed, asked: Trying): Promise<WriteResult | "stale"> {
  const { organization, clock } = asked;
  let offered: Plan | undefined;
  let unfit: WriteRefused | undefined;
  let warnings: readonly Warning[] = [];
  let thrown: { readonly error: unknown } | undefined;
  const withdraw = (): void => {
    if (offered !== undefined) feed.withdraw(organization, offered);
  };
  try {
    const committed = await store.write(organization, (tx) => {
      const plan = feed.at(organization, tx.head);
      if (plan === undefined) throw new Stop("stale");
      const ready = madeOrThrown(asked, { plan, nowMs: clock() });
      if ("error" in ready) {
        // It may have been done before: the store knows, and else is made to refuse by what can never be.
        thrown = ready;
        demand(asked, tx);
        return tx.expect(IMPOSSIBLE.kind, IMPOSSIBLE.key, IMPOSSIBLE.revision);
      }
      const write = ready;
      const { actor, nowMs } = write;
      const refusal = standsAbove(actor) ? undefined : refusalOn({ plan, bearer: actor, nowMs }, write);
      if (refusal !== undefined) throw new Stop({ code: refusal });
      demand(write, tx);
      ({ plan: offered, unfit, warnings = [] } = admittedOrUnfit(plan, write, tx));
      if (offered !== undefined) feed.offer(organization, offered);
    });
    // What ends as it began, such as a put and its delete, moves no head; nor does what was done before.
    if (committed.applied === 0 || committed.repeated === true) withdraw();
    else if (offered !== undefined) feed.take(organization, offered);
    // Where the history ended meanwhile. Durable is durable, whatever becomes of following it.
    await feed.reach(organization, committed.head, WAIT_MS).catch(() => false);
    return { ok: true, value: writtenOf(committed, warnings) };
  } catch (error) {
    withdraw();
    if (thrown !== undefined && error instanceof ObjectChangedError) throw thrown.error;
    if (!(error instanceof Stop)) return { ok: false, error: refusalOf(error, unfit) };
    if (error.refused !== "stale") return { ok: false, error: error.refused };
    const head = (await store.heads([organization])).get(organization);
    if (head !== undefined) await feed.reach(organization, head, WAIT_MS);
    return "stale";
  }
}

function refusalOn(at: Authority, { changes, isDecided }: Ready): ReturnType<typeof writeRefusal> {
  if (isDecided !== true) return writeRefusal(at, changes);
  return isSuspended(at.plan) ? "organization_suspended" : undefined;
}

function writtenOf({ head, changeSet, applied, repeated }: Committed<unknown>, warnings: readonly Warning[]): Written {
  const told = warnings.length === 0 ? {} : { warnings };
  const written = { revision: writeRevision(head), changeSet: changeSet ?? null, applied, ...told };
  return repeated === true ? { ...written, repeated } : written;
}

/** What a write demands of the objects as they stand, and that it be done once. */
function demand({ expected = [], once }: Write, tx: Transaction): void {
  if (once !== undefined) tx.once(once.key, once.fingerprint);
  for (const { kind, key, revision, last } of expected) {
    if (last === true && revision !== null) tx.expectLast(kind, key, revision);
    else tx.expect(kind, key, revision);
  }
}

/** Which organization has which product that ships is for who stands above organizations to say: nobody gives it himself. */
export const entitledFor = (bearer: Bearer, shipped: ReadonlySet<string>): ReadonlySet<string> => (standsAbove(bearer) ? NONE : shipped);
const NONE: ReadonlySet<string> = new Set();

/** Expected of a write that must not happen: no revision is this one. */
const IMPOSSIBLE = { kind: "organization", key: [], revision: Number.MAX_SAFE_INTEGER } as const;

/**
 * As `admitted`. What does not fit what is there may have been done before, or rest on what is no more; that is the better answer, and
 * the store knows it: where the write demands something, it is left to the store to refuse, by what can never be.
 */
function admittedOrUnfit(plan: Plan, write: Ready, tx: Transaction): Fitting & { readonly unfit?: WriteRefused } {
  const isDemanding = write.once !== undefined || (write.expected ?? []).length > 0;
  try {
    return admitted(plan, write, tx);
  } catch (error) {
    if (!isDemanding || !(error instanceof Stop) || error.refused === "stale") throw error;
    tx.expect(IMPOSSIBLE.kind, IMPOSSIBLE.key, IMPOSSIBLE.revision);
    return { unfit: error.refused };
  }
}

/** `plan`: after the write; absent where nothing is altered. */
type Fitting = { readonly plan?: Plan; readonly warnings?: Admission["warnings"] };

/** Admits a write on the plan at the head and records it. */
function admitted(plan: Plan, write: Ready, tx: Transaction): Fitting {
  if (write.ifRevision !== undefined) checkRevision(write.ifRevision, tx.head);
  const result = admission(plan, write, write.nowMs);
  if (!result.ok) throw new Stop(result.error);
  const { changes, warnings, suspends } = result.value;
  if (suspends && !standsAbove(write.actor)) throw new Stop({ code: "not_permitted" });
  if (changes.length === 0) return { warnings };
  if (write.nothingElse === true) checkNothingElse(write.changes, changes);
  for (const change of changes) {
    if ("put" in change) tx.put(change.put);
    else tx.delete(change.delete.kind, change.delete.key);
  }
  const { actor, requestId, reason, organization, action = "changes.write" } = write;
  tx.audit({ actor, requestId, action, target: organization, ...(reason === undefined ? {} : { reason }) });
  return { plan: apply(result.value.plan, [], { revision: tx.head.revision + 1, epoch: tx.head.epoch }), warnings };
}

function checkNothingElse(asked: readonly Change[], done: readonly Change[]): void {
  const nameOf = (change: Change): string =>
    objectName("put" in change ? { kind: change.put.kind, key: keyOf(change.put) } : change.delete);
  const named = new Set(asked.map(nameOf));
  const others = done.flatMap((change) => ("delete" in change && !named.has(nameOf(change)) ? [change.delete] : []));
  if (others.length > 0) throw new Stop({ code: "object_changed", objects: others });
}

function checkRevision(text: string, head: Head): void {
  const wanted = readRevision(text);
  if (wanted === undefined) throw new Stop({ code: "malformed_revision" });
  if (wanted.epoch !== head.epoch) throw new Stop({ code: "revision_of_another_history" });
  if (wanted.revision !== head.revision) throw new Stop({ code: "revision_conflict" });
}

async function create(store: Store, feed: Feed, write: Creation & Ready): Promise<WriteResult> {
  const { name, tenantIds, organization } = write;
  const changes: Change[] = [{ put: { kind: "organization", value: { name, tenantIds } } }, ...write.changes];
  let warnings: readonly Warning[] = [];
  try {
    const created = await store.create(organization, (tx) => {
      // Nobody builds on this plan: the organization is loaded when it is first asked.
      ({ warnings = [] } = admitted(compiler(organization).finish(tx.head), { ...write, changes }, tx));
    });
    if (!created.ok) return created;
    // Durable is durable: who asks first loads it, if it could not be loaded now.
    await feed.plan(organization).catch(() => undefined);
    return { ok: true, value: writtenOf(created.value, warnings) };
  } catch (error) {
    if (error instanceof Stop && error.refused !== "stale") return { ok: false, error: error.refused };
    return { ok: false, error: refusalOf(error) };
  }
}

/** What a failure of the store means to the caller; `unfit`: why the write could not have happened. Anything else is a bug, and crashes the request. */
function refusalOf(error: unknown, unfit?: WriteRefused): WriteRefused {
  if (error instanceof ObjectChangedError) {
    const objects = error.objects.filter(({ expected }) => expected !== IMPOSSIBLE.revision);
    return objects.length === 0 && unfit !== undefined ? unfit : { code: "object_changed", objects };
  }
  if (error instanceof StoreError && error.code === "key_reused") return { code: "idempotency_key_reused" };
  const refusal = storeRefusal(error);
  if (refusal === undefined) throw error;
  return refusal;
}
