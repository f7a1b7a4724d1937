/**
 * The catalogues that ship, and the demo organization that shows them at work.
 *
 * They are data with their sources (`catalogues/`); an organization gets a copy of its own, so that it can map and import again.
 * Invariant: what is shown as shipped is what is copied into an organization: both are made from the same file.
 */
import { type Change, type Fault, keyOf, parseProductDocument, parseRecord, type Rec, sameRecord } from "@reeve/core";
import type { Store } from "../store/index.ts";
import type { Changes, WriteResult } from "./changes.ts";

export const DEMO_ORGANIZATION = "DEMO@ReeveOrg";

/** The files, as JSON values: the composition root reads them. */
export type CatalogueFiles = {
  readonly products: readonly unknown[];
  /** Of Reeve's own administration. */
  readonly own: unknown;
  readonly demo: unknown;
};
export type Catalogues = {
  /** The records of a product that ships; `undefined`: there is none. */
  shipped(product: string): readonly Rec[] | undefined;
  readonly products: readonly string[];
  /** Of Reeve's own administration: in every organization from its first revision on. */
  readonly own: readonly Rec[];
  /** Brings organizations of earlier versions to the own administration of this one; those in which it was refused, and why. */
  renewOwn(store: Store, changes: Changes): Promise<readonly NotRenewed[]>;
  /** Makes the demo organization; that it is there already is no fault. */
  createDemo(changes: Changes): Promise<WriteResult>;
};
export type NotRenewed = { readonly organization: string; readonly error: unknown };
export type CatalogueFault = { readonly file: string; readonly faults: readonly Fault[] };

/** Reads the catalogues; faults are those of the files and end the start. */
export function readCatalogues(
  files: CatalogueFiles,
): { readonly ok: true; readonly value: Catalogues } | { readonly ok: false; readonly error: CatalogueFault } {
  const shipped = new Map<string, readonly Rec[]>();
  for (const file of files.products) {
    const parsed = parseProductDocument(file);
    if (!parsed.ok) return { ok: false, error: { file: String((file as { id?: unknown } | null)?.id), faults: parsed.error } };
    const product = parsed.value.find((rec) => rec.kind === "product");
    if (product?.kind === "product") shipped.set(product.value.id, parsed.value);
  }
  const own = parseProductDocument(files.own);
  if (!own.ok) return { ok: false, error: { file: "reeve", faults: own.error } };
  const demo = parseDemo(files.demo);
  if (!demo.ok) return { ok: false, error: { file: DEMO_ORGANIZATION, faults: demo.error } };
  const products = [...shipped.keys()];
  return {
    ok: true,
    value: {
      shipped: (product) => shipped.get(product),
      products,
      own: own.value,
      renewOwn: (store, changes) => renewOwn(store, changes, own.value),
      createDemo: (changes) => createDemo(changes, [...shipped.values()], demo.value),
    },
  };
}

function parseDemo(
  file: unknown,
): { readonly ok: true; readonly value: readonly Rec[] } | { readonly ok: false; readonly error: readonly Fault[] } {
  const entries = (file as { records?: readonly { kind?: unknown; value?: unknown }[] } | null)?.records ?? [];
  const records: Rec[] = [];
  const faults: Fault[] = [];
  for (const [index, entry] of entries.entries()) {
    const parsed = parseRecord(String(entry.kind), entry.value, `/records/${index}/value`);
    if (parsed.ok) records.push(parsed.value);
    else faults.push(...parsed.error);
  }
  return faults.length > 0 ? { ok: false, error: faults } : { ok: true, value: records };
}

async function renewOwn(store: Store, changes: Changes, own: readonly Rec[]): Promise<readonly NotRenewed[]> {
  const refused: NotRenewed[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await store.organizations(cursor, ORGANIZATIONS_A_PAGE);
    for (const organization of page.ids) {
      // One that cannot be read keeps nobody else's from being served.
      const error = await renewed(organization, { store, changes, own }).catch((failure: unknown) => failure);
      if (error !== undefined) refused.push({ organization, error });
    }
    if (page.next === undefined) return refused;
    cursor = page.next;
  }
}

type Renewing = { readonly store: Store; readonly changes: Changes; readonly own: readonly Rec[] };

/** Why it was not; `undefined`: it is as it should be. */
async function renewed(organization: string, { store, changes, own }: Renewing): Promise<unknown> {
  if (await isNewest(store, organization, own)) return undefined;
  const result = await changes.write({
    organization,
    changes: own.map((put): Change => ({ put })),
    isOwn: true,
    action: "catalogue.renew",
    reason: "Reeve's own administration, as this version has it.",
    ...SERVER,
  });
  return result.ok ? undefined : result.error;
}

/** Whether an organization has the records as they are; asked of the store, so that none need be loaded. */
async function isNewest(store: Store, organization: string, own: readonly Rec[]): Promise<boolean> {
  for (const rec of own) {
    const found = await store.read(organization, rec.kind, keyOf(rec));
    if (found?.object === undefined || !sameRecord(found.object.rec, rec)) return false;
  }
  return true;
}
const ORGANIZATIONS_A_PAGE = 500;
const SERVER = { actor: { type: "server", id: "reeve" }, requestId: "start" };

async function createDemo(changes: Changes, products: readonly (readonly Rec[])[], records: readonly Rec[]): Promise<WriteResult> {
  const organization = records.find((rec) => rec.kind === "organization");
  if (organization?.kind !== "organization") return { ok: false, error: { code: "organization_not_found" } };
  const puts = [...products.flat(), ...records.filter((rec) => rec !== organization)].map((put): Change => ({ put }));
  return changes.create({
    organization: DEMO_ORGANIZATION,
    ...organization.value,
    changes: puts,
    isCatalogue: true,
    reason: "The demo organization of a first start.",
    ...SERVER,
  });
}
