/**
 * What is done to a server while something breaks, by those who administer it: objects, change sets, tokens, lists of questions, with the
 * server's administrator's token and with tokens that stand for principals.
 *
 * Invariant: a token that is none, or whose principal may not, is let in by no fault; and nobody is told what another organization holds.
 */
import { createHash } from "node:crypto";
import type { Store } from "@reeve/server";
import { put, remove } from "../organization.ts";
import { type Client, faultsOf, type Sent, type Told } from "./client.ts";
import { type Around, type Played, REFUSED } from "./scenario.ts";
import { BEGINNING, MARK, OFFICES, RICH } from "./world.ts";

/** Whose token it is, and of which organization. */
const secretOf = (principal: string, org: string): string => `token_of_${principal}_${createHash("sha256").update(org).digest("hex")}`;
const hashOf = (secret: string): Uint8Array => new Uint8Array(createHash("sha256").update(secret).digest());

/** Gives every office of an organization a token, beside the server. */
export async function giveTokens(store: Store, org: string): Promise<void> {
  for (const principal of Object.keys(OFFICES)) {
    const hash = hashOf(secretOf(principal, org));
    await store.tokens.put({ hash, kind: "principal", org, principal, ceiling: "admin", createdMs: 1 });
  }
  // An administrator of the organization, who may do no more by this one than read.
  const hash = hashOf(secretOf("reading", org));
  await store.tokens.put({ hash, kind: "principal", org, principal: "boss", ceiling: "read", createdMs: 1 });
}

const QUESTION = { subject: { type: "user", id: "bob" }, action: { name: "read" }, resource: { path: "/folders/a" } };
const CUT_OFF_MS_MAX = 2_000;
type Need = "read" | "decide" | "admin";

export class Administration {
  readonly #client: Client;
  readonly #around: Around;
  readonly #at: string;
  readonly #findings: string[] = [];
  readonly #acknowledged: string[] = [];

  constructor(client: Client, around: Around) {
    this.#client = client;
    this.#around = around;
    this.#at = `/v1/orgs/${around.org}`;
  }

  async play(): Promise<Played> {
    const { store, org } = this.#around;
    await giveTokens(store, org);
    // First of all, when nothing of the organization is loaded yet.
    await this.#outsiders();
    await this.#objects();
    await this.#kept();
    await this.#developed();
    await this.#removed();
    await this.#entitled();
    await this.#wholes();
    await this.#changeSets();
    await this.#questions();
    await this.#tokens();
    await this.#outsiders();
    await this.#deprived();
    return { findings: this.#findings, possible: BEGINNING, acknowledged: this.#acknowledged };
  }

  /** Who may not, asks for everything that he may not. */
  async #outsiders(): Promise<void> {
    const { org } = this.#around;
    for (const [principal, rights] of Object.entries(OFFICES)) {
      for (const need of ["read", "decide", "admin"] as const) {
        if (!rights.includes(need)) await this.#outside(need, secretOf(principal, org), principal);
      }
    }
    await this.#outside("admin", secretOf("reading", org), "an administrator whose token may only read");
    for (const need of ["read", "decide"] as const) {
      await this.#outside(need, "no_token_of_anybody", "nobody");
      await this.#outside(need, secretOf("boss", RICH), "an administrator of another organization");
    }
    // He may, and is let in unless something broke.
    await this.#send(`${this.#at}/principals/fay`, { headers: bearer(secretOf("auditor", org)) });
    const me = await this.#send("/v1/me", { headers: bearer(secretOf("left", org)) });
    if (me?.status === 200) this.#findings.push("somebody who left is let in");
  }

  async #outside(need: Need, secret: string, who: string): Promise<void> {
    const headers = bearer(secret);
    const asked: Readonly<Record<Need, () => Promise<Told | undefined>>> = {
      read: () => this.#send(`${this.#at}/principals`, { headers }),
      decide: () => this.#send(`${this.#at}/check`, { body: QUESTION, headers }),
      admin: () => this.#send(`${this.#at}/labels/custom%2Fstolen`, { method: "PUT", body: {}, headers }),
    };
    const told = await asked[need]();
    if (told !== undefined && told.status < 400)
      this.#findings.push(`${who} is let in to ${need}: ${told.status} ${told.text.slice(0, 200)}`);
  }

  async #objects(): Promise<void> {
    const { org } = this.#around;
    const headers = { "idempotency-key": `made-${org}` };
    const made = { body: { id: "custom/made" }, headers };
    await this.#write(`${this.#at}/labels`, made);
    await this.#write(`${this.#at}/labels`, made);
    await this.#send(`${this.#at}/labels`, { body: { id: "custom/x" } });
    const label = `${this.#at}/labels/custom%2Fmade`;
    await this.#write(label, { method: "PUT", body: { name: "Made" }, headers: { "if-match": "*" } });
    await this.#send(label, { method: "PUT", body: {}, headers: { "if-match": '"another.1"' } });
    for (const path of [label, `${label}/history`, `${this.#at}/labels?limit=2`, `${this.#at}/grants`, `${this.#at}/principals/dan`]) {
      await this.#send(path);
    }
    await this.#write(label, { method: "DELETE" });
  }

  /** A product administrator keeps and sees the roles of his product, and none of another's. */
  async #kept(): Promise<void> {
    const headers = bearer(secretOf("keeper", this.#around.org));
    await this.#write(`${this.#at}/roles/kept`, { method: "PUT", body: { product: "files", name: "Kept", sets: [] }, headers });
    await this.#write(`${this.#at}/roles/reader/duplicate`, { method: "POST", headers });
    for (const path of ["/roles?product=files", "/roles/reader", "/roles/reader/history"])
      await this.#send(`${this.#at}${path}`, { headers });
    for (const path of ["/roles", "/roles?product=reeve", "/roles/reeve-auditor", "/roles/reeve-auditor/history"]) {
      const told = await this.#send(`${this.#at}${path}`, { headers });
      if (told?.status === 200) this.#findings.push(`a product administrator is shown ${path}`);
    }
    const copied = await this.#send(`${this.#at}/roles/reeve-auditor/duplicate`, { method: "POST", headers });
    if (copied !== undefined && copied.status < 400) this.#findings.push("a product administrator copied a role of another product");
    const stolen = { method: "PUT", body: {}, headers };
    const told = await this.#send(`${this.#at}/assignments/reeve-administrator/keeper`, stolen);
    if (told !== undefined && told.status < 400) this.#findings.push("a product administrator made himself one of all");
  }

  /** Who has developer access makes a project of what is offered to him, changes and ends it, and comes by no other role. */
  async #developed(): Promise<void> {
    const headers = bearer(secretOf("developer", this.#around.org));
    const projects = `${this.#at}/console/projects`;
    const body = { name: "Bot", product: "files", roles: ["reader"] };
    const made = await this.#write(projects, { body, headers });
    for (const path of [`${this.#at}/console/roles`, projects]) await this.#send(path, { headers });
    const stolen = await this.#send(projects, { body: { ...body, product: "reeve", roles: ["reeve-administrator"] }, headers });
    if (stolen !== undefined && stolen.status < 400) this.#findings.push("a developer made an administrator of all");
    const id = made?.status === 201 ? made.body.id : "none";
    const credential = `${this.#at}/developer-projects/${id}/credential`;
    for (const path of [`${projects}/${id}`, credential]) await this.#send(path, { headers });
    const secret = await this.#send(`${credential}/secrets`, { body: {}, headers });
    await this.#send(`${credential}/secrets/${secret?.body?.id ?? "none"}`, { method: "DELETE", headers });
    await this.#send(credential, { method: "DELETE", headers });
    await this.#write(`${projects}/${id}`, { method: "PUT", body: { name: "Our bot", roles: ["reader"] }, headers });
    await this.#write(`${projects}/${id}`, { method: "DELETE", headers });
    const log = `${this.#at}/console/activity`;
    await this.#send(`${log}?limit=2`);
    await this.#streamed(log, { headers: { accept: "text/csv" } });
    const peeked = await this.#send(log, { headers });
    if (peeked?.status === 200) this.#findings.push("a developer reads the activity log");
  }

  /** One that is there for it is deleted, and not another in its place; who may not deletes none. */
  async #removed(): Promise<void> {
    const id = `Gone-${this.#around.org}`;
    const made = await this.#send("/v1/orgs", { body: { id, name: "Gone" } });
    const at = `/v1/orgs/${id}`;
    await this.#send(`${at}/check`, { body: QUESTION });
    const query = (of: string, revision: string): string => `?${new URLSearchParams({ confirm: of, revision })}`;
    const stolen = { method: "DELETE", headers: bearer(secretOf("auditor", this.#around.org)) };
    const told = await this.#send(`${this.#at}${query(this.#around.org, made?.body?.revision ?? "a.1")}`, stolen);
    if (told !== undefined && told.status < 400) this.#findings.push("an auditor deleted an organization");
    const gone = await this.#send(`${at}${query(id, made?.body?.revision ?? "a.1")}`, { method: "DELETE" });
    const asked = await this.#send(`${at}/check`, { body: QUESTION });
    if (gone?.status === 200 && asked?.status === 200) this.#findings.push("an organization that was deleted answers");
  }

  /** One that is there for it gets a product that ships and loses it; its own administrator gives himself none. */
  async #entitled(): Promise<void> {
    const id = `Entitled-${this.#around.org}`;
    await this.#send("/v1/orgs", { body: { id, name: "Entitled", products: ["cloud-manager"] } });
    const of = (org: string, product: string): string => `/v1/orgs/${org}/entitlements/${product}`;
    await this.#send(of(id, "api-management"), { method: "PUT" });
    await this.#send(`/v1/orgs/${id}/entitlements`);
    await this.#send(`${of(id, "cloud-manager")}?confirm=cloud-manager`, { method: "DELETE" });
    const stolen = { method: "PUT", headers: bearer(secretOf("boss", this.#around.org)) };
    const told = await this.#send(of(this.#around.org, "api-management"), stolen);
    if (told !== undefined && told.status < 400) this.#findings.push("an administrator gave his own organization a product");
  }

  async #wholes(): Promise<void> {
    const whole = await this.#send(this.#at);
    if (whole?.status === 200) await this.#write(this.#at, { method: "PUT", body: whole.body });
    await this.#send("/v1/orgs?limit=1");
    const all = await this.#streamed(`${this.#at}/export`);
    const last = all?.text.trimEnd().split("\n").at(-1) ?? "";
    const records = (all?.text.split("\n").length ?? 0) - 3;
    if (last.includes('"end":true') && JSON.parse(last).records !== records)
      this.#findings.push("an export says that it is whole and is not");
  }

  /** One that breaks midway is cut off, which its reader sees: it has no end. Where it would hang it must be cut off too. */
  async #streamed(path: string, sent: Sent = {}): Promise<Told | undefined> {
    const beganMs = performance.now();
    const told = await this.#client.ask(path, sent);
    if (told !== "nothing") {
      this.#findings.push(...faultsOf(path, sent, told), ...this.#leaks(path, told));
      return told;
    }
    if (performance.now() - beganMs > CUT_OFF_MS_MAX && !this.#around.mayHang) this.#findings.push(`${path} hangs`);
    return undefined;
  }

  async #changeSets(): Promise<void> {
    const left = { group: "admins", member: "left" };
    const changes = [{ ...put("label", { id: "custom/back" }), ifMatch: null }, remove("membership", left)];
    const written = await this.#write(`${this.#at}/changes`, { body: { changes, reason: "to be taken back" } });
    await this.#send(`${this.#at}/change-sets?limit=3`);
    await this.#send(`${this.#at}/audit?limit=3`);
    const id = written?.body?.changeSet;
    const later = String(written?.body?.revision).replace(/\d+$/, "999");
    const early = await this.#send(`${this.#at}/export`, { headers: { "reeve-at-least": later } });
    if (early?.status === 200) this.#findings.push("an export is older than was asked for");
    if (typeof id === "string") {
      await this.#send(`${this.#at}/change-sets/${id}`);
      // Changed and taken back: the first set can be taken back all the same.
      const since = [
        put("label", { id: "custom/back", name: "Next" }),
        put("principal", { id: "left", type: "user", active: false, name: "L" }),
      ];
      const next = await this.#write(`${this.#at}/changes`, { body: { changes: since } });
      await this.#write(`${this.#at}/change-sets/${next?.body?.changeSet}/revert`, { body: {} });
      await this.#write(`${this.#at}/change-sets/${id}/revert`, { body: {} });
    }
    const grant = put("grant", { principal: "bob", resource: "/folders/a", access: "R", reach: "self" });
    await this.#send(`${this.#at}/preview`, { body: { changes: [grant] } });
  }

  async #questions(): Promise<void> {
    const { subject, action, resource } = QUESTION;
    const found = await this.#send(`${this.#at}/list/principals`, { body: { type: "user", action, resource } });
    const ids = found?.status === 200 ? found.body.entries.map(({ id }: { id: string }) => id) : [];
    for (const id of ["bob", "cat", "dan"]) if (ids.includes(id)) this.#findings.push(`${id} is listed, who must be denied`);
    await this.#send(`${this.#at}/held`, { body: { subject, place: "/" } });
    const effective = await this.#send(`${this.#at}/effective`, { body: { subject } });
    if (effective?.status === 200 && effective.body.entries.length > 0) this.#findings.push("bob is told to have something");
    await this.#reports();
  }

  async #reports(): Promise<void> {
    const reports = `${this.#at}/reports`;
    const access = await this.#send(`${reports}/access?path=/folders/a&action=read`);
    const ids = access?.status === 200 ? access.body.items.map(({ id }: { id: string }) => id) : [];
    if (ids.includes("bob")) this.#findings.push("bob is reported to have access, who must be denied");
    const permissions = await this.#send(`${reports}/permissions?user=bob`);
    if (permissions?.status === 200 && permissions.body.items.length > 0) this.#findings.push("bob is reported to have something");
    for (const path of ["group-members?group=members", "roles-by-label?type=folders"]) await this.#send(`${reports}/${path}`);
    await this.#streamed(`${reports}/group-members?group=members`, { headers: { accept: "text/csv" } });
  }

  async #tokens(): Promise<void> {
    const made = await this.#send(`${this.#at}/tokens`, { body: { principal: "outsider", ceiling: "admin" } });
    await this.#send("/v1/tokens");
    await this.#send(`${this.#at}/tokens?principal=outsider`);
    if (made?.status !== 201) return;
    const { secret, id } = made.body;
    await this.#outside("read", secret, "a new token of somebody without a right");
    const ended = await this.#send(`${this.#at}/tokens/${id}`, { method: "DELETE" });
    const me = await this.#send("/v1/me", { headers: bearer(secret) });
    if (ended?.status === 204 && me?.status === 200) this.#findings.push("a token that was ended lets somebody in");
  }

  /** A right that was taken away, as the answer said, is gone with the next request. */
  async #deprived(): Promise<void> {
    const secret = secretOf("boss", this.#around.org);
    const told = await this.#write(`${this.#at}/changes`, {
      body: { changes: [remove("membership", { group: "admins", member: "boss" })] },
    });
    if (told?.status !== 200) return;
    for (const need of ["read", "decide", "admin"] as const) await this.#outside(need, secret, "an administrator who is none any more");
  }

  /** A write, by the server's administrator. */
  async #write(path: string, sent: Sent): Promise<Told | undefined> {
    const told = await this.#send(path, sent);
    const revision = told?.body?.revision;
    if (told?.status === 200 && typeof revision === "string") this.#acknowledged.push(revision);
    if (told !== undefined && told.status >= 400 && told.status < 500 && REFUSED.includes(told.body?.code)) {
      this.#findings.push(`${path}: ${told.status} with ${told.body.code}`);
    }
    return told;
  }

  async #send(path: string, sent: Sent = {}): Promise<Told | undefined> {
    const told = await this.#client.ask(path, sent);
    this.#findings.push(...faultsOf(path, sent, told));
    if (told === "nothing") return undefined;
    this.#findings.push(...this.#leaks(path, told));
    return told;
  }

  #leaks(path: string, { text }: Told): readonly string[] {
    return text.includes(MARK) ? [`${path} tells what another organization holds: ${text.slice(0, 300)}`] : [];
  }
}

const bearer = (secret: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${secret}` });

const DOCUMENT = {
  openapi: "3.1.0",
  info: { title: "T", version: "1" },
  paths: { "/a": { get: { operationId: "a", responses: { 200: { description: "ok" } } } } },
};
const TOO_MANY = 429;
const IMPORT_MS_MAX = 3_000;

/** An import of a small document, from its text to its change set. */
export async function playImport(client: Client, { org }: Around): Promise<Played> {
  const findings: string[] = [];
  const acknowledged: string[] = [];
  const at = `/v1/orgs/${org}`;
  const send = async (path: string, sent: Sent = {}): Promise<Told | undefined> => {
    const told = await client.ask(path, sent);
    findings.push(...faultsOf(path, sent, told));
    return told === "nothing" ? undefined : told;
  };
  await send(`${at}/products/files/suggestions`);
  const deadlineMs = performance.now() + IMPORT_MS_MAX;
  const begin = () => send(`${at}/products/imported/imports`, { body: DOCUMENT });
  let begun = await begin();
  // Those of the cases before may still be read.
  while (begun?.status === TOO_MANY && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    begun = await begin();
  }
  const id = begun?.body?.id;
  while (typeof id === "string" && performance.now() < deadlineMs) {
    const job = await send(`${at}/imports/${id}`);
    if (job?.body?.state !== "running") break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (typeof id === "string") {
    const applied = await send(`${at}/imports/${id}/apply`, { body: {} });
    if (applied?.status === 200) acknowledged.push(applied.body.applied.revision);
  }
  return { findings, possible: BEGINNING, acknowledged };
}
