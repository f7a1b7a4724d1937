/**
 * What a client of Experience Platform's access control API and its neighbours does while something breaks: all of their operations, as
 * who administers the organization, as who does not, and as an administrator of another one.
 *
 * Invariant: who may not administer is let in by no fault, and nobody is told of a permission that he does not hold.
 */
import { createHash } from "node:crypto";
import { AEP_BASE, AEP_LABELS_BASE, AEP_SANDBOXES_BASE } from "@reeve/contract";
import { put } from "../organization.ts";
import { type Client, faultsOf, type Sent, type Told } from "./client.ts";
import type { Around, Played } from "./scenario.ts";
import { BEGINNING, RICH } from "./world.ts";

const secretOf = (principal: string, org: string): string => `client_of_${principal}_${createHash("sha256").update(org).digest("hex")}`;
const KEY = "key";
const ROLES = `${AEP_BASE}/administration/roles`;
const POLICIES = `${AEP_BASE}/administration/policies`;
const PRODUCTS = `${AEP_BASE}/administration/products`;
const LABELS = `${AEP_LABELS_BASE}/labels`;
const SANDBOXES = `${AEP_SANDBOXES_BASE}/sandboxes`;

export async function playAccessControl(client: Client, around: Around): Promise<Played> {
  const { org, store } = around;
  const findings: string[] = [];
  for (const [principal, of] of [
    ["boss", org],
    ["ann", org],
    ["boss", RICH],
  ] as const) {
    const hash = new Uint8Array(createHash("sha256").update(secretOf(principal, of)).digest());
    await store.tokens.put({ hash, kind: "principal", org: of, principal, clientId: KEY, ceiling: "admin", createdMs: 1 });
  }
  const send = async (path: string, sent: Sent = {}): Promise<Told | undefined> => {
    const told = await client.ask(path, sent);
    findings.push(...faultsOf(path, sent, told));
    return told === "nothing" ? undefined : told;
  };
  const as =
    (principal: string, of = org) =>
    (path: string, { headers, ...sent }: Sent = {}): Promise<Told | undefined> => {
      const own = { authorization: `Bearer ${secretOf(principal, of)}`, "x-api-key": KEY, "x-gw-ims-org-id": org };
      return send(path, { ...sent, headers: { ...own, ...headers } });
    };
  await send(`/v1/orgs/${org}/entitlements/experience-platform`, { method: "PUT" });
  await send(`/v1/orgs/${org}/changes`, { body: { changes: [put("resource", { path: "/sandboxes/dev" })] } });
  await outsiders([as("ann"), as("boss", RICH)], findings);
  await administer(as("boss"));
  await keepNeighbours(as("boss"));
  for (const path of [`${LABELS}/custom`, SANDBOXES, `${SANDBOXES}/dev`]) await as("ann")(path);
  const told = await as("ann")(`${AEP_BASE}/acl/effective-policies`, {
    body: ["/permissions/view-schemas", "/permissions/manage-profiles"],
    headers: { "x-sandbox-name": "dev" },
  });
  if (told?.status === 200 && told.text.includes("manage-profiles")) findings.push("somebody is told of a permission that he has not");
  await outsiders([as("ann"), as("boss", RICH)], findings);
  return { findings, possible: BEGINNING, acknowledged: [] };
}

type Ask = (path: string, sent?: Sent) => Promise<Told | undefined>;

async function outsiders(asks: readonly Ask[], findings: string[]): Promise<void> {
  for (const ask of asks) {
    const written = [
      [ROLES, {}],
      [ROLES, { body: { name: "stolen" } }],
      [`${LABELS}/custom/Stolen`, { method: "PUT", body: {} }],
      [SANDBOXES, { body: { name: "stolen", title: "Stolen", type: "development" } }],
    ] as const;
    for (const [path, sent] of written) {
      const told = await ask(path, sent);
      if (told !== undefined && told.status < 400) findings.push(`who does not administer is let in: ${told.text.slice(0, 200)}`);
    }
  }
}

async function administer(ask: Ask): Promise<void> {
  await ask(`${AEP_BASE}/acl/reference`);
  for (const path of ["", "/4525859963018/categories", "/4525859963018/permission-sets"]) await ask(PRODUCTS + path);
  const role = await ask(ROLES, { body: { name: "Viewers", permissionSets: ["view-schemas"], sandboxes: ["dev"] } });
  const id = role?.body?.id ?? "none";
  await ask(`${ROLES}/${id}`);
  await ask(`${ROLES}/${id}`, { method: "PATCH", body: { op: "add", path: "/sandboxes", value: "prod" } });
  await ask(`${ROLES}/${id}`, { method: "PUT", body: { name: "Viewers", description: "", roleType: "user-defined" } });
  await ask(`${ROLES}/${id}/subjects`, { method: "PATCH", body: { op: "add", path: "/user", value: "ann" } });
  await ask(`${ROLES}/${id}/subjects`);
  for (const query of ["", "?orderBy=name"]) await ask(`${ROLES}${query}`);
  const policy = await ask(POLICIES, { body: { name: "Off", status: "inactive", rules: [] } });
  const path = `${POLICIES}/${policy?.body?.id ?? "none"}`;
  await ask(path);
  await ask(path, { method: "PATCH", body: { op: "replace", path: "/description", value: "d" } });
  await ask(path, { method: "PUT", body: { name: "Off", rules: [] } });
  await ask(POLICIES);
  await ask(path, { method: "DELETE" });
  const other = await ask(ROLES, { body: { name: "Short" } });
  await ask(`${ROLES}/${other?.body?.id ?? "none"}`, { method: "DELETE" });
}

async function keepNeighbours(ask: Ask): Promise<void> {
  for (const sort of ["core", "custom"]) await ask(`${LABELS}/${sort}`);
  await ask(`${LABELS}/core/C1`);
  await ask(`${LABELS}/custom/Mine`, { method: "PUT", body: { friendlyName: "Mine" } });
  await ask(`${LABELS}/custom/Mine`);
  await ask(SANDBOXES, { body: { name: "stage", title: "Staging", type: "development" } });
  await ask(SANDBOXES);
  await ask(`${SANDBOXES}/stage`);
  await ask(`${SANDBOXES}/stage`, { method: "PATCH", body: { title: "Stage" } });
  await ask(`${SANDBOXES}/stage`, { method: "DELETE" });
}
