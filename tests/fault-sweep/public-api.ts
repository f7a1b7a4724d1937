/**
 * What a client of API Management's public API does while something breaks: as an administrator by a token, as a program and as a person by
 * Basic, and as who administers another organization.
 *
 * Invariant: nobody is given anything by a stranger or a wrong password; and what was taken away is gone.
 */
import { createHash } from "node:crypto";
import { put } from "../organization.ts";
import { PASSWORD } from "../people.ts";
import { type Client, faultsOf, type Sent, type Told } from "./client.ts";
import type { Around, Played } from "./scenario.ts";
import { BEGINNING, RICH } from "./world.ts";

const BASE = "/api/1/rest/public";
const NETWORK_MS = 61_000;
const secretOf = (org: string): string => `public_token_${createHash("sha256").update(org).digest("hex")}`;
const basic = (name: string, password: string): string => `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;

type Ask = (path: string, sent?: Sent) => Promise<Told | undefined>;

export async function playPublicApi(client: Client, { org, store, beside }: Around): Promise<Played> {
  const findings: string[] = [];
  for (const one of [org, RICH]) {
    const hash = new Uint8Array(createHash("sha256").update(secretOf(one)).digest());
    await store.tokens.put({ hash, kind: "principal", org: one, principal: "boss", ceiling: "admin", createdMs: 1 });
  }
  const send = async (path: string, sent: Sent = {}): Promise<Told | undefined> => {
    const told = await client.ask(path, sent);
    // Entries are given with a status alone.
    findings.push(...faultsOf(path, path.includes("/assetapi/acl/") ? {} : sent, told));
    return told === "nothing" ? undefined : told;
  };
  const as =
    (authorization: string): Ask =>
    (path, sent = {}) =>
      send(BASE + path, { ...sent, headers: { authorization } });
  const boss = as(`Bearer ${secretOf(org)}`);
  await send(`/v1/orgs/${org}/entitlements/api-management`, { method: "PUT" });
  const spaces = ["apim", "Projects"].map((id) => put("resource", { path: `/spaces/${id}` }));
  await send(`/v1/orgs/${org}/changes`, { body: { changes: spaces } });
  await projects(boss, org);
  await groups(boss, org);
  const email = `public-${org}@example.com`;
  await users(boss, { org, email, tokenOf: () => /#(\S+)/.exec(beside.mails.get(email) ?? "")?.[1] ?? "none", send });
  await versions(boss, { org, send });
  const program = await programOf(org, send);
  // All cases come from one network.
  beside.aheadMs += NETWORK_MS;
  for (const known of [program, basic(email, PASSWORD)]) await as(known)(`/groups/${org}`);
  await boss(`/users/${email}`, { method: "DELETE" });
  const strangers = [as(`Bearer ${secretOf(RICH)}`), as(basic(email, "nobody chose this one")), as("Basic x")];
  for (const ask of strangers) {
    const stolen = await ask(`/groups/${org}/admins`, { method: "PATCH", body: { add_user: "bob" } });
    if (stolen !== undefined && stolen.status < 400) findings.push("a stranger makes an administrator");
  }
  return { findings, possible: BEGINNING, acknowledged: [] };
}

async function projects(boss: Ask, org: string): Promise<void> {
  const entries = [
    { perms: ["R"], inherit: true, subject_type: "USER", subject: "ann" },
    { perms: ["R", "W"], subject_type: "GROUP", subject: "admins" },
  ];
  await boss(`/assetapi/project/${org}/Projects/Orders`, { body: { permissions: entries } });
  const acl = `/assetapi/acl/${org}/Projects/Orders`;
  await boss(acl, { body: { grant_type: "USER", grantee: "bob", permission_list: ["R"], inherit: false } });
  await boss(acl);
  for (const grantee of ["bob", "bob"]) await boss(`${acl}?grant_type=USER&grantee=${grantee}`, { method: "DELETE" });
  const project_path = `/${org}/Projects/Orders/`;
  await boss("/assetapi/update/owner", {
    body: { asset_path: `${project_path}task`, asset_type: "Job", project_path, new_owner: "ann" },
  });
}

async function groups(boss: Ask, org: string): Promise<void> {
  const at = `/groups/${org}`;
  await boss("/groups", { body: { organization: org, name: "Public", members: ["ann"] } });
  await boss(at);
  await boss(`${at}/Public`);
  await boss(`${at}/Public`, { method: "PATCH", body: { add_user: "bob" } });
  await boss(`${at}/Public`, { method: "PUT", body: { members: ["bob"] } });
  await boss(`${at}/Public`, { method: "DELETE" });
}

type Joining = { readonly org: string; readonly email: string; readonly tokenOf: () => string; readonly send: Ask };

async function users(boss: Ask, { org, email, tokenOf, send }: Joining): Promise<void> {
  await boss("/users", { body: { email, first_name: "A", last_name: "B", organization: org, administrator: true } });
  await send("/invitations/accept", { isAnonymous: true, body: { token: tokenOf(), password: PASSWORD } });
  await boss("/users", { body: { email: `robot-${org}@example.com`, organization: org, utility: true } });
  await boss(`/users/${email}`);
  await boss(`/users/${email}`, { method: "PUT", body: { first_name: "C" } });
  await boss(`/users/late-${email}/org/${org}`, { method: "PUT" });
}

async function versions(boss: Ask, { org, send }: Pick<Joining, "org" | "send">): Promise<void> {
  await send(`/v1/orgs/${org}/assets`, { body: { path: "/spaces/apim/apis/public", owner: "ann" } });
  const path = "public/1.0";
  await boss("/apim/publish_versions", { body: { org_name: org, versions_info: [{ path }] } });
  await boss("/apim/deprecate_versions", { body: { org_name: org, version_infos: [{ path }] } });
  await boss("/apim/retire_versions", { body: { org_name: org, version_paths: [path] } });
  await boss(`/apim/${org}/apim/${path}`, { method: "DELETE" });
  await boss(`/apim/${org}/apim/public`, { method: "DELETE" });
}

/** A program that administers. */
async function programOf(org: string, send: Ask): Promise<string> {
  const changes = [
    put("principal", { id: "public-bot", type: "service-account" }),
    put("membership", { group: "admins", member: "public-bot" }),
    put("developer-project", { id: "public", name: "P", product: "api-management", roles: [], serviceAccount: "public-bot" }),
  ];
  await send(`/v1/orgs/${org}/changes`, { body: { changes } });
  const made = await send(`/v1/orgs/${org}/developer-projects/public/credential/secrets`, { body: {} });
  return basic(made?.body?.clientId ?? "none", made?.body?.secret ?? "none");
}
