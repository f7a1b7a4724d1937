/** Organizations: which there are, where one stands, and the whole of one at one revision. */
import type { Rec } from "@reeve/core";
import { type Head, type OrganizationPage, type Page, type Store, StoreError } from "../store/index.ts";
import { notYet } from "./objects.ts";
import type { Unanswered } from "./plan-at.ts";

/** A whole organization: where it stands, and its records in the order of the store's load. Whoever stops early leaves the loop. */
export type Snapshot = { readonly head: Head; readonly pages: AsyncIterable<readonly Rec[]> };

export type Organizations = {
  head(organization: string): Promise<Head | undefined>;
  /** By id, after `after`. */
  list(after: string | undefined, max: number): Promise<OrganizationPage>;
  /** `atLeast` is the wire form of a revision. The pages throw where what is there is damaged: what came before is no whole. */
  snapshot(organization: string, atLeast: string | undefined): Promise<Snapshot | Unanswered>;
};

export function createOrganizations(store: Store): Organizations {
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
