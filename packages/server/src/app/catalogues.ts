/**
 * The catalogues that ship, and the demo organization that shows them at work.
 *
 * They are data with their sources (`catalogues/`); an organization gets a copy of its own, so that it can map and import again.
 * Invariant: what is shown as shipped is what is copied into an organization: both are made from the same file.
 */
import { type Change, type Fault, keyOf, objectName, parseProductDocument, parseRecord, type Rec, sameRecord } from "@reeve/core";
import type { Store } from "../store/index.ts";
import type { Changes, WriteResult } from "./changes.ts";
import { readWireCatalogue, type WireCatalogue } from "./wire-catalogue.ts";

export const DEMO_ORGANIZATION = "DEMO@ReeveOrg";
export const EXPERIENCE_PLATFORM = "experience-platform";

/** The files, as JSON values: the composition root reads them. */
export type CatalogueFiles = {
  /** `organization`: what an organization begins with that gets the product, and keeps as its own. */
  readonly products: readonly { readonly product: unknown; readonly organization?: unknown }[];
  /** What Experience Platform's own surface says beside its product. */
  readonly wire: unknown;
  /** Of Reeve's own administration. */
  readonly own: unknown;
  readonly demo: unknown;
};
export type Catalogues = {
  /** The records of a product that ships; `undefined`: there is none. */
  shipped(product: string): readonly Rec[] | undefined;
  readonly products: readonly string[];
  /** Everything that an organization gets with a product that ships: its records, and those that it keeps as its own. */
  entitlement(product: string): readonly Rec[] | undefined;
  readonly wire: WireCatalogue;
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
  const entitlements = new Map<string, readonly Rec[]>();
  for (const { product: file, organization } of files.products) {
    const name = String((file as { id?: unknown } | null)?.id);
    const parsed = parseProductDocument(file);
    if (!parsed.ok) return { ok: false, error: { file: name, faults: parsed.error } };
    const begun = parseRecords(organization ?? { records: [] });
    if (!begun.ok) return { ok: false, error: { file: `${name}, organization`, faults: begun.error } };
    shipped.set(name, parsed.value);
    entitlements.set(name, [...parsed.value, ...begun.value]);
  }
  const own = parseProductDocument(files.own);
  if (!own.ok) return { ok: false, error: { file: "reeve", faults: own.error } };
  const demo = parseRecords(files.demo);
  if (!demo.ok) return { ok: false, error: { file: DEMO_ORGANIZATION, faults: demo.error } };
  const wire = readWireCatalogue(files.wire, shipped.get(EXPERIENCE_PLATFORM) ?? []);
  if (!wire.ok) return { ok: false, error: { file: `${EXPERIENCE_PLATFORM}, wire`, faults: wire.error } };
  return {
    ok: true,
    value: {
      shipped: (product) => shipped.get(product),
      products: [...shipped.keys()],
      entitlement: (product) => entitlements.get(product),
      wire: wire.value,
      own: own.value,
      renewOwn: (store, changes) => renewOwn(store, changes, own.value),
      createDemo: (changes) => createDemo(changes, [...entitlements.values()], demo.value),
    },
  };
}

function parseRecords(
  file: unknown,
): { readonly ok: true; readonly value: readonly Rec[] } | { readonly ok: false; readonly error: readonly Fault[] } {
  const entries = (file as { records?: unknown } | null)?.records;
  if (!Array.isArray(entries))
    return { ok: false, error: [{ code: "required", pointer: "/records", detail: "This is a list of records." }] };
  const records: Rec[] = [];
  const faults: Fault[] = [];
  for (const [index, entry] of entries.entries()) {
    const parsed = parseRecord(String(entry?.kind), entry?.value, `/records/${index}/value`);
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
  const own = records.filter((rec) => rec !== organization);
  const named = new Set(own.map((rec) => objectName({ kind: rec.kind, key: keyOf(rec) })));
  // What the demo says of what comes with a product counts.
  const shipped = products.flat().filter((rec) => !named.has(objectName({ kind: rec.kind, key: keyOf(rec) })));
  const puts = [...shipped, ...own].map((put): Change => ({ put }));
  return changes.create({
    organization: DEMO_ORGANIZATION,
    ...organization.value,
    changes: puts,
    isCatalogue: true,
    reason: "The demo organization of a first start.",
    ...SERVER,
  });
}
