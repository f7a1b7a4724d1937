/**
 * The world of a sweep: a store in memory in which one organization holds what is asked about, and another one everything that would
 * allow what must be denied, were its data ever taken for the first one's.
 */
import { compiler, decide, type Plan, parseProductDocument, parseRecord, type Rec } from "@reeve/core";
import { memoryStore, type Store, WIRING } from "@reeve/server";
import { BASE } from "../organization.ts";

export const RICH = "Rich@ReeveOrg";
export const CALM = "Calm@ReeveOrg";
/** Of the issuer that is trusted. */
export const ISSUED = "Issued@ReeveOrg";
export const PEOPLE = ["ann", "bob", "cat", "dan", "eve", "fay"] as const;
export type Person = (typeof PEOPLE)[number];
/** Who may read in an organization as it begins: ann and fay. Bob's grant ended in 1970, cat is denied by a policy, dan is nobody here. */
export const BEGINNING: Readonly<Record<Person, boolean>> = { ann: true, bob: false, cat: false, dan: false, eve: false, fay: true };

const value = (kind: string, of: object): Rec => {
  const parsed = parseRecord(kind, of);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
};
const user = (id: string): Rec => value("principal", { id, type: "user" });
const grant = (principal: string, more: object = {}): Rec =>
  value("grant", { principal, resource: "/folders/a", access: "R", reach: "self", ...more });

/** Only the rich organization holds what is named so. */
export const MARK = "rich-people-only";
/** Who administers an organization, and what he may by that: an office with nothing, and one who left, among them. */
export const OFFICES: Readonly<Record<string, readonly string[]>> = {
  boss: ["read", "decide", "admin"],
  auditor: ["read", "decide"],
  asker: ["decide"],
  keeper: [],
  developer: [],
  outsider: [],
  left: [],
};
const own = parseProductDocument(WIRING.readCatalogue("reeve/product.json"));
if (!own.ok) throw new Error(JSON.stringify(own.error));

const base: readonly Rec[] = BASE.map((change) => (change as { readonly put: { readonly kind: string; readonly value: object } }).put)
  .map((put) => value(put.kind, put.value))
  .concat(value("organization", { name: "O", tenantIds: [] }), own.value);
const offices: readonly Rec[] = Object.keys(OFFICES).map((id) => value("principal", { id, type: "user", active: id !== "left" }));
const poorOffices: readonly Rec[] = [
  ...offices,
  value("membership", { group: "admins", member: "boss" }),
  value("membership", { group: "admins", member: "left" }),
  value("assignment", { role: "reeve-auditor", principal: "auditor" }),
  value("assignment", { role: "reeve-decision-point", principal: "asker" }),
  value("product-administrator", { product: "files", principal: "keeper" }),
  value("developer-access", { role: "reader", principal: "developer" }),
];
/** There everybody may everything. */
const richOffices: readonly Rec[] = Object.keys(OFFICES).flatMap((id) => [
  value("principal", { id, type: "user", name: MARK }),
  value("membership", { group: "admins", member: id }),
]);
const poor: readonly Rec[] = [
  ...base,
  ...poorOffices,
  ...["cat", "eve", "fay"].map(user),
  grant("ann"),
  grant("fay"),
  grant("bob", { notBefore: 0, notAfter: 1 }),
  grant("cat"),
  value("principal", { id: "bot", type: "service-account" }),
  value("membership", { group: "admins", member: "bot" }),
  value("developer-project", { id: "shop", name: "Shop", product: "files", roles: ["reader"], serviceAccount: "bot" }),
  value("policy", {
    id: "not-cat",
    name: "Not Cat",
    status: "active",
    sandboxes: "all",
    rules: [{ effect: "deny", resource: "/folders/*", actions: ["read"], condition: { "===": [{ var: "subject.id" }, "cat"] } }],
  }),
];
const rich: readonly Rec[] = [
  ...base,
  ...richOffices,
  value("label", { id: `custom/${MARK}` }),
  value("principal", { id: "dan", type: "user", name: MARK }),
  ...["cat", "eve", "fay"].map(user),
  ...PEOPLE.map((id) => grant(id, { access: "RW", reach: "subtree" })),
];

export async function newWorld(): Promise<Store> {
  const store = memoryStore();
  await make(store, CALM, poor);
  await make(store, RICH, rich);
  await make(store, ISSUED, poor);
  // As many revisions as an organization has in the midst of its case, so that its changes are the next ones of any.
  for (const id of ["x1", "x2", "x3", "x4"]) await store.write(RICH, putting([value("label", { id: `custom/${id}` }), ...rich]));
  return store;
}

export const addPoor = (store: Store, org: string): Promise<unknown> => make(store, org, poor);
/** One in which Reeve's own administration is of an earlier version. */
export const addEarly = (store: Store): Promise<unknown> =>
  make(store, "Early@ReeveOrg", [
    value("organization", { name: "Early", tenantIds: [] }),
    value("product", { id: "reeve", boundedBy: "none", settings: {}, types: { organization: { actions: {} } } }),
  ]);

async function make(store: Store, org: string, records: readonly Rec[]): Promise<void> {
  await store.create(org, putting(records));
}

const NOTE = { actor: { type: "server", id: "sweep" }, action: "test", target: "/", requestId: "r" };
const putting =
  (records: readonly Rec[]): Parameters<Store["write"]>[1] =>
  (tx) => {
    for (const rec of records) tx.put(rec);
    tx.audit(NOTE);
  };

/** What is really there, read without the server. */
export async function truthOf(
  store: Store,
  org: string,
): Promise<{ readonly may: Readonly<Record<Person, boolean>>; readonly revision: number } | undefined> {
  const compile = compiler(org);
  let revision: number | undefined;
  for await (const page of store.load(org)) {
    revision = page.head.revision;
    compile.add(page.records);
  }
  if (revision === undefined) return undefined;
  const plan: Plan = compile.finish();
  const may = Object.fromEntries(
    PEOPLE.map((id) => [
      id,
      decide(plan, { principal: { type: "user", id }, action: { name: "read" }, resource: { path: "/folders/a" } }, Date.now()).allow,
    ]),
  ) as Record<Person, boolean>;
  return { may, revision };
}

/** Writes beside the server; the revision, as the wire has it. */
export const addLabel = (store: Store, org: string, id: string): Promise<string> =>
  writeBeside(store, org, putting([value("label", { id })]));

/** Takes fay's grant away, beside the server. */
export const throwOutFay = (store: Store, org: string): Promise<string> =>
  writeBeside(store, org, (tx) => {
    tx.delete("grant", ["fay", "/folders/a", "self"]);
    tx.audit(NOTE);
  });

async function writeBeside(store: Store, org: string, work: Parameters<Store["write"]>[1]): Promise<string> {
  const { head } = await store.write(org, work);
  return `${head.epoch}.${head.revision}`;
}
