/**
 * What is done to a server while something breaks: everything that can be asked, two writes that matter, and the rest of the routes.
 *
 * It knows at each moment who may be allowed: what was acknowledged counts, what was refused does not, and where the answer said that it
 * is not known, either may be.
 * Invariant: an allow that no possible state explains is a finding, and so is an answer that never comes.
 */

import type { Store } from "@reeve/server";
import { BASE, put, remove } from "../organization.ts";
import { type Client, faultsOf, type Sent, type Told } from "./client.ts";
import type { Beside } from "./ports.ts";
import { addLabel, BEGINNING, PEOPLE, type Person, throwOutFay } from "./world.ts";

/** `undefined`: either. */
type Possible = Record<Person, boolean | undefined>;
export type Played = {
  readonly findings: readonly string[];
  readonly possible: Readonly<Possible>;
  /** Revisions that were acknowledged. */
  readonly acknowledged: readonly string[];
};

/** Nothing was written where one of these was told. */
export const REFUSED: readonly string[] = ["store_busy", "store_stopped", "disk_full"];
const HANGS = 504;
const OPERATION = { subject: { type: "user", id: "bob" }, product: "files", method: "GET", target: "/f/a" };
const question = (id: string) => ({ subject: { type: "user", id }, action: { name: "read" }, resource: { path: "/folders/a" } });

/** `mayHang`: what is broken is waited for without a bound. `store`: as a writer beside the server sees it. `crowd`: more connections than may be. */
export type Around = {
  readonly org: string;
  readonly mayHang: boolean;
  readonly store: Store;
  readonly beside: Beside;
  /** As the server tells the time. */
  readonly now: () => number;
  readonly crowd: () => Promise<void>;
};

export class Scenario {
  readonly #client: Client;
  readonly #org: string;
  readonly #around: Around;
  readonly #possible: Possible = { ...BEGINNING };
  readonly #findings: string[] = [];
  readonly #acknowledged: string[] = [];

  constructor(client: Client, around: Around) {
    this.#client = client;
    this.#org = around.org;
    this.#around = around;
  }

  async play(): Promise<Played> {
    await this.#repeated();
    await this.#ask("");
    await this.#ask("?the-long-way");
    await this.#others();
    await this.#clients();
    await this.#otherWriters();
    await this.#write("eve", [put("grant", { principal: "eve", resource: "/folders/a", access: "R", reach: "self" })], true);
    await this.#ask("");
    await this.#write("ann", [remove("grant", { principal: "ann", resource: "/folders/a", reach: "self" })], false);
    await this.#ask("");
    await this.#refusals();
    await this.#ask("?the-long-way");
    return { findings: this.#findings, possible: this.#possible, acknowledged: this.#acknowledged };
  }

  /** The very same head again on its connection, while whose token it is has been forgotten. */
  async #repeated(): Promise<void> {
    const { org, store } = this.#around;
    for (const label of ["custom/first", "custom/second"]) {
      const told = await this.#send(`/v1/orgs/${org}/check`, { body: question("bob") });
      if (told?.status === 200) this.#judge("bob", told.body.decision, "a repeated check");
      await addLabel(store, org, label);
    }
    await this.#send(`/v1/orgs/${org}/check`, { body: question("bob") });
  }

  /** Every question about everybody; nobody is allowed who must not be. */
  async #ask(query: string): Promise<void> {
    const at = `/v1/orgs/${this.#org}`;
    for (const id of PEOPLE) {
      const told = await this.#send(`${at}/check${query}`, { body: question(id) });
      if (told?.status === 200) this.#judge(id, told.body.decision, `check${query}`);
      // Whatever hangs for one hangs for all: the others would only take their time.
      if (told?.status === HANGS) return;
    }
    const batch = await this.#send(`${at}/check/batch${query}`, { body: { evaluations: PEOPLE.map(question) } });
    if (batch?.status === 200)
      for (const [index, id] of PEOPLE.entries()) this.#judge(id, batch.body.evaluations[index]?.decision, "batch");
    const explained = await this.#send(`${at}/explain`, { body: question("bob") });
    if (explained?.status === 200) this.#judge("bob", explained.body.decision, "explain");
    const called = await this.#send(`${at}/operations/check${query}`, { body: OPERATION });
    if (called?.status === 200 && called.body.decision !== false) this.#findings.push("an operation was allowed");
  }

  /** The rest of the routes, and an answer at a revision. */
  async #others(): Promise<void> {
    const at = `/v1/orgs/${this.#org}`;
    const first = await this.#send(`${at}/check`, { body: question("bob") });
    const atLeast = first?.body?.context?.revision;
    if (typeof atLeast === "string") {
      await this.#send(`${at}/check`, { body: question("bob"), headers: { "reeve-at-least": atLeast } });
    }
    const created = await this.#send("/v1/orgs", { body: { id: `New-${this.#org}`, name: "New" } });
    if (created?.status === 201) this.#acknowledged.push(`New-${this.#org}`);
    for (const path of [`${at}/products/files/operations`, "/operations", "/v1/me", "/metrics", "/openapi.json"]) await this.#send(path);
    await this.#send("/operations", { headers: { "accept-encoding": "br", accept: "text/html" } });
    for (const path of ["/readyz", "/healthz"]) {
      const told = await this.#send(path);
      if (told !== undefined && ![200, 503].includes(told.status) && path === "/healthz") this.#findings.push("/healthz fails");
    }
  }

  /** A client obtains a token, is let in by it, ends it, and is not let in by it any more; then its secret and the client end. */
  async #clients(): Promise<void> {
    const at = `/v1/orgs/${this.#org}/developer-projects/shop/credential`;
    const made = await this.#send(`${at}/secrets`, { body: {} });
    for (const path of [at, "/ims/keys", "/.well-known/oauth-authorization-server"]) await this.#send(path);
    if (made?.status !== 201) return;
    const { clientId, secret, id } = made.body;
    const headers = {
      authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    };
    const given = await this.#send("/ims/token/v3", { body: "grant_type=client_credentials&scope=openid", headers });
    const token = given?.body?.access_token;
    if (typeof token === "string") {
      const bearer = { headers: { authorization: `Bearer ${token}` } };
      const me = await this.#send("/v1/me", bearer);
      if (me?.status === 200 && me.body.principal?.id !== "bot") this.#findings.push("an access token stands for another");
      for (const label of ["custom/third", "custom/fourth"]) {
        await this.#send("/v1/me", bearer);
        await addLabel(this.#around.store, this.#around.org, label);
      }
      await this.#send("/ims/introspect", { body: `token=${token}`, headers });
      const ended = await this.#send("/ims/revoke", { body: `token=${token}`, headers });
      const again = await this.#send("/v1/me", bearer);
      if (ended?.status === 200 && again?.status === 200) this.#findings.push("an access token that was ended lets somebody in");
    }
    const deleted = await this.#send(`${at}/secrets/${id}`, { method: "DELETE" });
    const refused = await this.#send("/ims/token/v2", { body: "grant_type=client_credentials&scope=openid", headers });
    if (deleted?.status === 204 && refused?.status === 200) this.#findings.push("a secret that was deleted obtains a token");
    await this.#send(at, { method: "DELETE" });
  }

  /** Others write to the store: just before the server does, unheard, and for so long that no changes lead to where it stands. */
  async #otherWriters(): Promise<void> {
    const { store, beside, org } = this.#around;
    beside.beforeWrite = () => addLabel(store, org, "custom/beside");
    await this.#send(`/v1/orgs/${org}/changes`, { body: { changes: [put("label", { id: "custom/mine" })] } });
    beside.losesWakes = true;
    const atLeast = await throwOutFay(store, org);
    // Who does not say how new an answer must be may get one from before what the server has not heard of.
    this.#possible.fay = undefined;
    const told = await this.#send(`/v1/orgs/${org}/check`, { body: { ...question("fay"), atLeast } });
    if (told?.status === 200 && told.body.decision !== false) this.#findings.push("an answer is older than was asked for");
    await addLabel(store, org, "custom/lost1");
    await addLabel(store, org, "custom/lost2");
    beside.losesWakes = false;
    await store.trimChanges(org, { revisionsMax: 1 });
    await addLabel(store, org, "custom/heard");
    await this.#ask("");
    await this.#around.crowd();
  }

  /** A write after which `id` may, or may not. */
  async #write(id: Person, changes: readonly object[], may: boolean): Promise<void> {
    const told = await this.#send(`/v1/orgs/${this.#org}/changes`, { body: { changes } });
    if (told?.status === 200) {
      this.#possible[id] = may;
      this.#acknowledged.push(told.body.revision);
    } else if (told === undefined || (told.status >= 500 && !REFUSED.includes(told.body?.code))) {
      this.#possible[id] = undefined;
    }
  }

  /** Writes that must not be taken, and one that alters nothing. */
  async #refusals(): Promise<void> {
    const at = `/v1/orgs/${this.#org}/changes`;
    const idle = [put("label", { id: "custom/idle" }), remove("label", { id: "custom/idle" })];
    await this.#send(at, { body: { changes: idle } });
    const wrong = [
      { body: { changes: [put("grant", { principal: "bob", resource: "/nowhere/x", access: "R", reach: "self" })] } },
      { body: { changes: BASE.slice(3, 4), ifRevision: "another.1" } },
    ];
    for (const sent of wrong) {
      const told = await this.#send(at, sent);
      if (told?.status === 200) this.#findings.push(`a write was taken that must be refused: ${JSON.stringify(sent)}`);
    }
  }

  #judge(id: Person, decision: unknown, where: string): void {
    if (typeof decision !== "boolean") this.#findings.push(`${where} answers no decision about ${id}: ${JSON.stringify(decision)}`);
    if (decision === true && this.#possible[id] === false) this.#findings.push(`${where} allows ${id}, who must be denied`);
  }

  async #send(path: string, sent: Sent = {}): Promise<Told | undefined> {
    const told = await this.#client.ask(path, sent);
    this.#findings.push(...faultsOf(path, sent, told));
    return told === "nothing" ? undefined : told;
  }
}
