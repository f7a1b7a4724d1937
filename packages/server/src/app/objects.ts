/**
 * Objects as they stand: read one, list a kind in pages, and what befell one. All of it comes from the store, beside the writer.
 *
 * Invariant: what is answered was committed, at the revision that the answer names or a later one than was asked for.
 */
import type { Key, Kind } from "@reeve/core";
import {
  type AuditEvent,
  type Head,
  type KeptObject,
  type ObjectPage,
  type ObjectQuery,
  type Origin,
  type Store,
  StoreError,
} from "../store/index.ts";
import type { Unanswered } from "./plan-at.ts";
import { readRevision } from "./revision.ts";

export type { KeptObject, Origin };

export type ObjectRef = { readonly organization: string; readonly kind: Kind; readonly key: Key };
/** Where an organization stands, and the object there; `object` is absent where there is none. */
export type Found = { readonly head: Head; readonly object?: KeptObject };

export type Objects = {
  /** `atLeast` is the wire form of a revision. */
  read(ref: ObjectRef, atLeast: string | undefined): Promise<Found | Unanswered>;
  list(organization: string, query: ObjectQuery, atLeast: string | undefined): Promise<ObjectPage | Unanswered>;
  /** How objects of a kind came to be and to be as they are, one for each key. */
  origins(organization: string, kind: Kind, keys: readonly Key[]): Promise<readonly (Origin | undefined)[]>;
  /** Newest first; of an object that never was: nothing. */
  history(ref: ObjectRef, page: { readonly before?: number; readonly max: number }): Promise<HistoryOf | Unanswered>;
};
export type HistoryOf = { readonly epoch: string; readonly events: readonly AuditEvent[] };

export function createObjects(store: Store): Objects {
  return {
    async read({ organization, kind, key }, atLeast) {
      const found = await ofIts(store, organization, store.read(organization, kind, key));
      return found === undefined ? NO_ORGANIZATION : (notYet(found.head, atLeast) ?? found);
    },
    async list(organization, query, atLeast) {
      const page = await ofIts(store, organization, store.list(organization, query));
      return page === undefined ? NO_ORGANIZATION : (notYet(page.head, atLeast) ?? page);
    },
    origins: (organization, kind, keys) => store.origins(organization, kind, keys),
    async history({ organization, kind, key }, page) {
      const head = (await store.heads([organization])).get(organization);
      if (head === undefined) return NO_ORGANIZATION;
      return { epoch: head.epoch, events: await store.history(organization, { kind, key }, page) };
    },
  };
}

/** What was read is told only if it is the organization's own: its epoch is nobody else's. Looked at, not believed. */
async function ofIts<T extends { readonly head: Head }>(
  store: Store,
  organization: string,
  reading: Promise<T | undefined>,
): Promise<T | undefined> {
  const [found, heads] = await Promise.all([reading, store.heads([organization])]);
  if (found !== undefined && found.head.epoch !== heads.get(organization)?.epoch) {
    throw new StoreError("wrong_answer", "The store gave what is of another organization.");
  }
  return found;
}

const NO_ORGANIZATION: Unanswered = { code: "organization_not_found" };

/** The store stands at its newest revision: there is none to wait for. */
export function notYet(head: Head, atLeast: string | undefined): Unanswered | undefined {
  if (atLeast === undefined) return undefined;
  const wanted = readRevision(atLeast);
  if (wanted === undefined) return { code: "malformed_revision" };
  if (wanted.epoch !== head.epoch) return { code: "revision_of_another_history" };
  return wanted.revision > head.revision ? { code: "revision_not_reached" } : undefined;
}
