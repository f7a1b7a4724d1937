/** Organizations: which there are, where one stands, and the whole of one at one revision. */
import type { Rec } from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import { type AuditEvent, type Head, type OrganizationPage, type Page, type Store, StoreError } from "../store/index.ts";
import type { Write } from "./changes.ts";
import { notYet } from "./objects.ts";
import type { Unanswered } from "./plan-at.ts";
import { readRevision } from "./revision.ts";
import { type StoreRefusal, storeRefusal } from "./store-refusal.ts";

/** A whole organization: where it stands, and its records in the order of the store's load. Whoever stops early leaves the loop. */
export type Snapshot = { readonly head: Head; readonly pages: AsyncIterable<readonly Rec[]> };

export type Organizations = {
  head(organization: string): Promise<Head | undefined>;
  /** By id, after `after`. */
  list(after: string | undefined, max: number): Promise<OrganizationPage>;
  /** `atLeast` is the wire form of a revision. The pages throw where what is there is damaged: what came before is no whole. */
  snapshot(organization: string, atLeast: string | undefined): Promise<Snapshot | Unanswered>;
  /** Deletes one whole, if it still stands at `revision` (wire form); nobody is answered from it any more. The closing line of its audit. */
  remove(
    asked: Removal,
  ): Promise<{ readonly ok: true; readonly value: AuditEvent } | { readonly ok: false; readonly error: RemovalRefused }>;
};
export type Removal = Pick<Write, "organization" | "actor" | "requestId" | "reason"> & { readonly revision: string };
export type RemovalRefused =
  | { readonly code: "organization_not_found" | "malformed_revision" | "revision_of_another_history" | "revision_conflict" }
  | StoreRefusal;

export function createOrganizations(store: Store, feed: Pick<Feed, "forget">): Organizations {
  return {
    head: async (organization) => (await store.heads([organization])).get(organization),
    list: (after, max) => store.organizations(after, max),
    async snapshot(organization, atLeast) {
      const reading = store.load(organization)[Symbol.asyncIterator]();
      const first = await reading.next();
      if (first.done === true) return { code: "organization_not_found" };
      const { head } = first.value;
      const older = notYet(head, atLeast);
      // Looked at, not believed: another organization's would be told as this one's.
      const isOther = (await store.heads([organization])).get(organization)?.epoch !== head.epoch;
      if (isOther || older !== undefined) await reading.return?.();
      if (isOther) throw notWhole();
      if (older !== undefined) return older;
      return { head, pages: pagesFrom(first.value, reading) };
    },
    async remove({ organization, revision, actor, requestId, reason }) {
      const head = (await store.heads([organization])).get(organization);
      const wanted = readRevision(revision);
      if (head === undefined) return { ok: false, error: { code: "organization_not_found" } };
      if (wanted === undefined) return { ok: false, error: { code: "malformed_revision" } };
      if (wanted.epoch !== head.epoch) return { ok: false, error: { code: "revision_of_another_history" } };
      const note = { actor, requestId, action: "organization.delete", target: organization, ...(reason === undefined ? {} : { reason }) };
      try {
        const closing = await store.remove(organization, wanted, note);
        return closing === undefined ? { ok: false, error: { code: "revision_conflict" } } : { ok: true, value: closing };
      } catch (error) {
        const refusal = storeRefusal(error);
        if (refusal === undefined) throw error;
        return { ok: false, error: refusal };
      } finally {
        // Whatever became of it: who asks next loads what is there.
        feed.forget(organization, wanted.epoch);
      }
    },
  };
}

/** The rest of a reading, which is let go of when whoever reads stops. */
async function* pagesFrom(first: Page, reading: AsyncIterator<Page>): AsyncIterable<readonly Rec[]> {
  try {
    let [page, isWhole, records]: [Page, boolean, number] = [first, false, 0];
    for (;;) {
      records += page.records.length;
      isWhole = page.total !== undefined;
      const isOfFirst = page.head.epoch === first.head.epoch && page.head.revision === first.head.revision;
      if (!isOfFirst || (isWhole && page.total !== records)) throw notWhole();
      yield page.records;
      const next = await reading.next();
      if (next.done === true) break;
      page = next.value;
    }
    if (!isWhole) throw notWhole();
  } finally {
    await reading.return?.();
  }
}

const notWhole = (): StoreError => new StoreError("wrong_answer", "The store gave something else than the whole organization.");
