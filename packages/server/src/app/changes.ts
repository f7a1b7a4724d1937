/**
 * Writing: changes are admitted against the newest plan and committed as one revision, in the same breath.
 *
 * Admission runs inside the store's work, under the organization's lock: the plan that it uses stands at the very head that the
 * commit moves. Writes that share a commit build on one another's plans; if one fails, those behind it are admitted again.
 * Invariant: what was answered as written is durable; what was refused left nothing.
 */
import { admit, apply, type Change, compiler, type Fault, type Plan } from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import type { Head, Store, Transaction } from "../store/index.ts";
import { readRevision, writeRevision } from "./revision.ts";
import { type StoreRefusal, storeRefusal } from "./store-refusal.ts";

export type Write = {
  readonly organization: string;
  readonly changes: readonly Change[];
  /** Wire form of the revision that the organization must stand at. */
  readonly ifRevision?: string;
  readonly reason?: string;
  /** From a product's catalogue: may make and change what is built in. */
  readonly isCatalogue?: boolean;
  readonly actor: { readonly type: string; readonly id: string };
  readonly requestId: string;
};
export type Written = { readonly revision: string; readonly changeSet: string | null; readonly applied: number };
export type WriteRefused =
  | {
      readonly code:
        | "organization_not_found"
        | "malformed_revision"
        | "revision_of_another_history"
        | "revision_conflict"
        | "organization_exists";
    }
  | StoreRefusal
  | { readonly code: "changes_refused"; readonly faults: readonly Fault[] };
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

export type Creation = Write & { readonly name: string; readonly tenantIds: readonly string[] };

export type Changes = {
  /** Writes changes as one revision. What the caller did wrong and what the store cannot do are values. */
  write(write: Write): Promise<WriteResult>;
  /** Makes an organization, with its first records, as revision 1. */
  create(creation: Creation): Promise<WriteResult>;
};

export function createChanges(store: Store, feed: Feed): Changes {
  return {
    async write(write) {
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        if ((await feed.plan(write.organization)) === undefined) return { ok: false, error: { code: "organization_not_found" } };
        const result = await tryWrite(store, feed, write);
        if (result !== "stale") return result;
      }
      return { ok: false, error: { code: "store_busy", detail: "Other writers moved the organization on each time. Try again." } };
    },
    create: (creation) => create(store, feed, creation),
  };
}

/** One attempt. `stale`: the plan did not stand at the head; the feed has caught up since. */
async function tryWrite(store: Store, feed: Feed, write: Write): Promise<WriteResult | "stale"> {
  const { organization } = write;
  let offered: Plan | undefined;
  const withdraw = (): void => {
    if (offered !== undefined) feed.withdraw(organization, offered);
  };
  try {
    const committed = await store.write(organization, (tx) => {
      const plan = feed.at(organization, tx.head);
      if (plan === undefined) throw new Stop("stale");
      offered = admitted(plan, write, tx);
      if (offered !== undefined) feed.offer(organization, offered);
    });
    // What ends as it began, such as a put and its delete, moves no head.
    if (committed.applied === 0) withdraw();
    else if (offered !== undefined) feed.take(organization, offered);
    // Where the history ended meanwhile. Durable is durable, whatever becomes of following it.
    await feed.reach(organization, committed.head, WAIT_MS).catch(() => false);
    const { head, changeSet, applied } = committed;
    return { ok: true, value: { revision: writeRevision(head), changeSet: changeSet ?? null, applied } };
  } catch (error) {
    withdraw();
    if (!(error instanceof Stop)) return { ok: false, error: refusalOf(error) };
    if (error.refused !== "stale") return { ok: false, error: error.refused };
    const head = (await store.heads([organization])).get(organization);
    if (head !== undefined) await feed.reach(organization, head, WAIT_MS);
    return "stale";
  }
}

/** Admits a write on the plan at the head and records it; the plan after it, or `undefined` where nothing is altered. */
function admitted(plan: Plan, write: Write, tx: Transaction): Plan | undefined {
  if (write.ifRevision !== undefined) checkRevision(write.ifRevision, tx.head);
  const result = admit(plan, write.changes, { pointer: "/changes", catalogue: write.isCatalogue === true });
  if (!result.ok) throw new Stop({ code: "changes_refused", faults: result.error });
  if (result.value.changes.length === 0) return undefined;
  for (const change of result.value.changes) {
    if ("put" in change) tx.put(change.put);
    else tx.delete(change.delete.kind, change.delete.key);
  }
  const { actor, requestId, reason, organization } = write;
  tx.audit({ actor, requestId, action: "changes.write", target: organization, ...(reason === undefined ? {} : { reason }) });
  return apply(result.value.plan, [], { revision: tx.head.revision + 1, epoch: tx.head.epoch });
}

function checkRevision(text: string, head: Head): void {
  const wanted = readRevision(text);
  if (wanted === undefined) throw new Stop({ code: "malformed_revision" });
  if (wanted.epoch !== head.epoch) throw new Stop({ code: "revision_of_another_history" });
  if (wanted.revision !== head.revision) throw new Stop({ code: "revision_conflict" });
}

async function create(store: Store, feed: Feed, write: Creation): Promise<WriteResult> {
  const { name, tenantIds, organization } = write;
  const changes: Change[] = [{ put: { kind: "organization", value: { name, tenantIds } } }, ...write.changes];
  try {
    const created = await store.create(organization, (tx) => {
      // Nobody builds on this plan: the organization is loaded when it is first asked.
      admitted(compiler(organization).finish(tx.head), { ...write, changes }, tx);
    });
    if (!created.ok) return created;
    // Durable is durable: who asks first loads it, if it could not be loaded now.
    await feed.plan(organization).catch(() => undefined);
    const { head, changeSet, applied } = created.value;
    return { ok: true, value: { revision: writeRevision(head), changeSet: changeSet ?? null, applied } };
  } catch (error) {
    if (error instanceof Stop && error.refused !== "stale") return { ok: false, error: error.refused };
    return { ok: false, error: refusalOf(error) };
  }
}

/** What a failure of the store means to the caller. Anything else is a bug, and crashes the request. */
function refusalOf(error: unknown): StoreRefusal {
  const refusal = storeRefusal(error);
  if (refusal === undefined) throw error;
  return refusal;
}
