/**
 * What is done with assets while something breaks: made, edited, given, taken, moved on, deleted and restored, by who administers, by an
 * owner, by who was given little, and by an administrator of another organization.
 *
 * Invariant: nobody is shown, or does, what nothing gave him; and what was taken away is gone.
 */
import { createHash } from "node:crypto";
import { put } from "../organization.ts";
import { type Client, faultsOf, type Sent, type Told } from "./client.ts";
import type { Around, Played } from "./scenario.ts";
import { BEGINNING, RICH } from "./world.ts";

const secretOf = (principal: string, org: string): string =>
  `asset_token_of_${principal}_${createHash("sha256").update(org).digest("hex")}`;
const SPACE = "/spaces/apim";
const API = `${SPACE}/apis/orders`;
const VERSION = `${API}/versions/1.0`;
const MOVED = `${SPACE}/apis/moved`;
const node = (path: string): string => `/node?path=${encodeURIComponent(path)}`;

type Ask = (path: string, sent?: Sent) => Promise<Told | undefined>;

export async function playAssets(client: Client, around: Around): Promise<Played> {
  const { org, store } = around;
  const findings: string[] = [];
  for (const [principal, of] of [
    ["boss", org],
    ["ann", org],
    ["bob", org],
    ["boss", RICH],
  ] as const) {
    const hash = new Uint8Array(createHash("sha256").update(secretOf(principal, of)).digest());
    await store.tokens.put({ hash, kind: "principal", org: of, principal, ceiling: "admin", createdMs: 1 });
  }
  const send = async (path: string, sent: Sent = {}): Promise<Told | undefined> => {
    const told = await client.ask(path, sent);
    findings.push(...faultsOf(path, sent, told));
    return told === "nothing" ? undefined : told;
  };
  const as =
    (principal: string, of = org): Ask =>
    (path, { headers, ...sent } = {}) =>
      send(`/v1/orgs/${org}/assets${path}`, { ...sent, headers: { authorization: `Bearer ${secretOf(principal, of)}`, ...headers } });
  const strangers = [as("bob"), as("boss", RICH)];
  await send(`/v1/orgs/${org}/entitlements/api-management`, { method: "PUT" });
  await send(`/v1/orgs/${org}/changes`, {
    body: { changes: [put("resource", { path: SPACE }), put("principal", { id: "leaver", type: "user" })] },
  });
  await nothing(strangers, findings);
  await administer(as("boss"));
  await own(as("ann"));
  await nothing(strangers, findings);
  await given({ boss: as("boss"), bob: as("bob") }, findings);
  await binned({ boss: as("boss"), ann: as("ann") });
  await nothing(strangers, findings);
  return { findings, possible: BEGINNING, acknowledged: [] };
}

/** To whom nobody gave anything. */
async function nothing(strangers: readonly Ask[], findings: string[]): Promise<void> {
  for (const ask of strangers) {
    const asked = [
      [node(API), {}],
      [`/permissions?path=${API}`, {}],
      [node(API), { method: "PUT", body: { name: "stolen" } }],
      ["/permissions", { method: "PUT", body: { path: API, principal: { type: "user", id: "bob" }, access: "full_access" } }],
      ["/owner", { method: "PUT", body: { path: API, owner: "bob" } }],
      ["/move", { body: { path: API, to: MOVED } }],
      ["/preview", { body: { move: { path: API, to: MOVED } } }],
      ["/departure", { body: { principal: "ann", owner: "bob" } }],
      [`/access?path=${API}`, {}],
      [`/principals?path=${API}`, {}],
      ["/settings", { method: "PUT", body: { fullAccessMayPublish: true } }],
    ] as const;
    for (const [path, sent] of asked) {
      const told = await ask(path, sent);
      if (told !== undefined && told.status < 400) findings.push(`an asset is open to a stranger: ${told.text.slice(0, 200)}`);
    }
    const listed = await ask("?level=apis");
    if (listed?.status === 200 && listed.body.items.length > 0) findings.push("an asset is listed for a stranger");
  }
}

const entry = (path: string, id: string, access = "read_only") => ({ path, principal: { type: "user", id }, access });

async function administer(ask: Ask): Promise<void> {
  await ask("", { body: { path: API, name: "Orders" } });
  await ask("/owner", { method: "PUT", body: { path: API, owner: "ann" } });
  await ask("/move", { body: { path: API, to: MOVED } });
  const back = await ask("/move", { body: { path: MOVED, to: API } });
  if (back?.status !== 200) await ask("/move", { body: { path: MOVED, to: API } });
  await ask("/settings");
  await ask("/settings", { method: "PUT", body: { legacyPermissions: false } });
  for (const state of ["published", "deprecated"]) await ask("/state", { method: "PUT", body: { path: VERSION, state } });
  await ask("?level=apis&limit=1");
}

async function own(ask: Ask): Promise<void> {
  await ask(node(API));
  await ask(node(API), { method: "PUT", body: { name: "O" }, headers: { "if-match": "*" } });
  await ask(`/permissions?path=${API}&q=a`);
  await ask(`/access?path=${API}&limit=1`);
  await ask(`/principals?path=${API}&q=a&limit=1`);
  await ask("/preview", { body: { entries: [entry(API, "cat")] } });
  await ask("/permissions", { method: "PUT", body: entry(API, "cat") });
  await ask("/permissions/batch", { body: { entries: [{ path: API, remove: "cat" }] } });
  const subtree = { path: API, entries: [{ principal: { type: "user", id: "cat" }, access: "read_only" }] };
  const preview = await ask("/permissions/subtree", { body: subtree });
  await ask("/permissions/subtree", { body: { ...subtree, revision: preview?.body?.revision ?? "none" } });
}

/** What is acknowledged as taken away opens nothing any more. */
async function given({ boss, bob }: { readonly boss: Ask; readonly bob: Ask }, findings: string[]): Promise<void> {
  await boss("/permissions", { method: "PUT", body: entry(API, "bob") });
  await bob(node(API));
  const stolen = await bob(node(API), { method: "PUT", body: { name: "stolen" } });
  if (stolen !== undefined && stolen.status < 400) findings.push("who may only look edits");
  const taken = await boss(`/permissions?path=${API}&principal=bob`, { method: "DELETE" });
  const after = await bob(node(API));
  if (taken?.status === 204 && after?.status === 200) findings.push("what was taken away still opens");
  if (taken?.status !== 204) await boss(`/permissions?path=${API}&principal=bob`, { method: "DELETE" });
}

async function binned({ boss, ann }: { readonly boss: Ask; readonly ann: Ask }): Promise<void> {
  await boss("/state", { method: "PUT", body: { path: VERSION, state: "retired" } });
  const gone = await ann(node(API), { method: "DELETE", headers: { "if-match": "*" } });
  await boss("/restore", { body: { id: gone?.body?.id ?? "none" } });
  await boss("/departure", { body: { principal: "leaver", owner: "boss" } });
}
