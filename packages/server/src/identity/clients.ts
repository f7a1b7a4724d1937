/**
 * Clients: OAuth clients of service accounts, one each, and their secrets, two at most, so that one can be exchanged for the next.
 *
 * A client id is an API key and no secret; a client secret has 256 random bits, is told once and kept as a hash. Who shows a wrong
 * secret and who names no client hear the same, after the same time: of a client that is there and one that is not both are looked up,
 * whoever is asked for, and a refusal waits for longer than all of it takes. Clients and secrets end with the life of their service
 * account.
 * Invariant: a client never has more than two valid secrets, and one that was deleted never counts again.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { JsonObject } from "@reeve/core";
import { uuidv7 } from "uuidv7";
import type { AuditNote, Item, Items, ItemTransaction } from "../store/index.ts";
import type { ActivePrincipals } from "./authenticate.ts";
import { CLIENT, CLIENT_SECRET } from "./kinds.ts";
import { noting } from "./noting.ts";
import { hashToken, newSecret } from "./secrets.ts";

/** Valid secrets of a client. */
export const SECRETS_MAX = 2;

export type Client = { readonly id: string; readonly org: string; readonly principal: string };
/** Times in epoch milliseconds; `lastUsedMs` to the minute. Never the secret. */
export type ClientSecret = {
  readonly id: string;
  readonly name?: string;
  readonly createdMs: number;
  readonly expiresMs?: number;
  readonly lastUsedMs?: number;
};
export type SecretAsked = { readonly name?: string; readonly expiresMs?: number };
/** For the audit of the client's organization: who asks, and the address of the credential. */
export type OfCredential = Omit<AuditNote, "action">;
export type SecretMade =
  | { readonly ok: true; readonly value: { readonly secret: string; readonly told: ClientSecret } }
  | { readonly ok: false; readonly error: { readonly code: "too_many_secrets" | "unknown_client" | "not_permitted" } };
type Of = { readonly org: string; readonly principal: string };

/** Errors of all: those of the store. */
export type Clients = {
  /** The client id of a service account; made where it has none. `undefined`: there is no such principal. */
  createClient(of: Of, at: OfCredential): Promise<string | undefined>;
  /** The client id of a service account, if it has one. */
  clientOf(of: Of): Promise<string | undefined>;
  /** False where there was none. Its secrets go with it, and with the next request its access tokens. */
  deleteClient(of: Of, at: OfCredential): Promise<boolean>;
  /** `isAllowed` is asked at the moment in which the secret is kept: a right that ended a moment before ends it. */
  addSecret(client: string, asked: SecretAsked & { readonly isAllowed?: () => boolean }, at: OfCredential): Promise<SecretMade>;
  /** Ordered by when they were made; those that expired lately among them. */
  secrets(client: string): Promise<readonly ClientSecret[]>;
  /** False where that client has no such secret. */
  deleteSecret(client: string, secret: string, at: OfCredential): Promise<boolean>;
  /** `undefined`: no such client, not its secret, one that expired, or a service account that is not active. */
  authenticateClient(id: string, secret: string): Promise<Client | undefined>;
};

const NOTED_EVERY_MS = 60_000;
/** Those that expired stay until the next one is made. */
const LISTED_MAX = 2 * SECRETS_MAX;
const NO_HASH = Buffer.alloc(32);
const CLIENT_ID = /^[0-9a-f]{32}$/;
const SECRET = /^[\x21-\x7e]{1,512}$/;

type Given = { readonly items: Items; readonly clock: () => number; readonly principals: ActivePrincipals };

export function createClients({ items, clock, principals }: Given): Clients {
  const noteUse = noting({ everyMs: NOTED_EVERY_MS, write: (id, nowMs) => items.write((tx) => noteIn(tx, id, nowMs)) });
  const lookUp = (id: string) => Promise.all([items.find(CLIENT, id), items.list(secretsOf(id), undefined, LISTED_MAX)]);
  return {
    createClient: (of, at) => items.write((tx) => clientIn(tx, of) ?? makeIn(tx, of, { at, nowMs: clock() })),
    clientOf: async (of) => (await items.list(clientsOf(of), undefined, 1))[0]?.id,
    deleteClient: (of, at) => items.write((tx) => deleteIn(tx, of, at)),
    addSecret: (client, { isAllowed = () => true, ...asked }, at) => {
      const secret = newSecret("rvs");
      return items.write((tx) =>
        isAllowed() ? addIn(tx, { client, secret, asked, at, nowMs: clock() }) : { ok: false, error: { code: "not_permitted" } },
      );
    },
    secrets: async (client) => (await items.list(secretsOf(client), undefined, LISTED_MAX)).map(told),
    deleteSecret: (client, secret, at) =>
      items.write((tx) => {
        const item = tx.find(CLIENT_SECRET, secret);
        if (item?.owner !== client || !tx.delete(CLIENT_SECRET, secret)) return false;
        tx.audit(item.org as string, ofSecret("client-secret.delete", secret, at));
        return true;
      }),
    async authenticateClient(id, secret) {
      // Begun before anything is looked up: what that takes cannot be seen in when this ends.
      const waited = new Promise<undefined>((resolve) => setTimeout(resolve, REFUSED_MS, undefined));
      const nowMs = clock();
      const asked = CLIENT_ID.test(id) ? id : NOBODY;
      const [client, kept] = await lookUp(asked);
      await lookUp(client === undefined ? DECOY : NOBODY);
      const shown = hashToken(SECRET.test(secret) ? secret : "");
      // Every place is compared, whether there is a secret in it or not: the time tells nothing.
      const fitting = Array.from({ length: LISTED_MAX }, (_, at) => fits(kept[at], { shown, nowMs })).indexOf(true);
      const used = kept[fitting];
      if (client?.org === undefined || client.principal === undefined || used === undefined) return waited;
      if ((await principals(client.org, client.principal)) !== "service-account") return waited;
      noteUse(used.id, nowMs);
      return { id: client.id, org: client.org, principal: client.principal };
    },
  };
}

/** A hundred times what looking takes. */
const REFUSED_MS = 5;
const SECRET_BYTES = 32;
const CLIENT_ID_BYTES = 16;
/** An id that no client has: looked for like any other. */
const NOBODY = "0".repeat(32);
/** The id of a client that is there with a secret, and that nobody is: of no organization. The first secret of anybody brings it along. */
const DECOY = "f".repeat(32);

const clientsOf = ({ org, principal }: Of) => ({ kind: CLIENT, org, principal });
const secretsOf = (owner: string) => ({ kind: CLIENT_SECRET, owner });
const isLive = ({ expiresMs }: Item, nowMs: number): boolean => expiresMs === undefined || nowMs < expiresMs;

function fits(item: Item | undefined, { shown, nowMs }: { readonly shown: Buffer; readonly nowMs: number }): boolean {
  const hash = item === undefined ? NO_HASH : Buffer.from(item.value.hash as string, "hex");
  const isSame = timingSafeEqual(hash.length === shown.length ? hash : NO_HASH, shown);
  return isSame && item !== undefined && isLive(item, nowMs);
}

function told({ id, value, expiresMs }: Item): ClientSecret {
  const { name, createdMs, lastUsedMs } = value as { readonly name?: string; readonly createdMs: number; readonly lastUsedMs?: number };
  return {
    id,
    createdMs,
    ...(name === undefined ? {} : { name }),
    ...(expiresMs === undefined ? {} : { expiresMs }),
    ...(lastUsedMs === undefined ? {} : { lastUsedMs }),
  };
}

function keepDecoy(tx: ItemTransaction, nowMs: number): void {
  if (tx.find(CLIENT_SECRET, DECOY) !== undefined) return;
  tx.put({ kind: CLIENT, id: DECOY, value: { createdMs: nowMs } });
  const hash = randomBytes(SECRET_BYTES).toString("hex");
  tx.put({ kind: CLIENT_SECRET, id: DECOY, owner: DECOY, value: { hash, createdMs: nowMs, name: "nobody's" } });
}

const clientIn = (tx: ItemTransaction, of: Of): string | undefined => tx.list(clientsOf(of), undefined, 1)[0]?.id;

const ofSecret = (action: string, secret: string, at: OfCredential): AuditNote => ({
  ...at,
  action,
  target: `${at.target}/secrets/${secret}`,
});

type Making = { readonly at: OfCredential; readonly nowMs: number };

function makeIn(tx: ItemTransaction, { org, principal }: Of, { at, nowMs }: Making): string | undefined {
  const id = randomBytes(CLIENT_ID_BYTES).toString("hex");
  if (!tx.put({ kind: CLIENT, id, org, principal, value: { createdMs: nowMs } })) return undefined;
  tx.audit(org, { ...at, action: "client.create" });
  return id;
}

function deleteIn(tx: ItemTransaction, of: Of, at: OfCredential): boolean {
  const id = clientIn(tx, of);
  if (id === undefined) return false;
  for (const secret of tx.list(secretsOf(id), undefined, LISTED_MAX)) tx.delete(CLIENT_SECRET, secret.id);
  tx.audit(of.org, { ...at, action: "client.delete" });
  return tx.delete(CLIENT, id);
}

type Adding = Making & { readonly client: string; readonly secret: string; readonly asked: SecretAsked };

function addIn(tx: ItemTransaction, { client, secret, asked, at, nowMs }: Adding): SecretMade {
  const owner = tx.find(CLIENT, client);
  if (owner?.org === undefined || owner.principal === undefined) return { ok: false, error: { code: "unknown_client" } };
  const kept = tx.list(secretsOf(client), undefined, LISTED_MAX);
  if (kept.filter((item) => isLive(item, nowMs)).length >= SECRETS_MAX) return { ok: false, error: { code: "too_many_secrets" } };
  for (const item of kept) if (!isLive(item, nowMs)) tx.delete(CLIENT_SECRET, item.id);
  keepDecoy(tx, nowMs);
  const { name, expiresMs } = asked;
  const value: JsonObject = { hash: hashToken(secret).toString("hex"), createdMs: nowMs, ...(name === undefined ? {} : { name }) };
  const item: Item = {
    kind: CLIENT_SECRET,
    id: uuidv7(),
    owner: client,
    org: owner.org,
    principal: owner.principal,
    value,
    ...(expiresMs === undefined ? {} : { expiresMs }),
  };
  if (!tx.put(item)) return { ok: false, error: { code: "unknown_client" } };
  tx.audit(owner.org, ofSecret("client-secret.create", item.id, at));
  return { ok: true, value: { secret, told: told(item) } };
}

/** What is gone meanwhile stays gone. */
function noteIn(tx: ItemTransaction, id: string, nowMs: number): void {
  const item = tx.find(CLIENT_SECRET, id);
  if (item !== undefined) tx.put({ ...item, value: { ...item.value, lastUsedMs: nowMs } });
}
