/**
 * Sessions: browsers in which an account is signed in, known by a secret in a cookie.
 *
 * The secret has 256 random bits, is in one cookie and kept as a hash, which is the session's id. A session ends after 12 hours in which
 * nobody asked, after seven days, when it is ended, and with its account. Its CSRF value is made of the secret: a page that cannot read
 * the cookie cannot know it. What a session stands for is looked up at each request: the account's user of the organization asked.
 * Invariant: what could change something counts only with the CSRF value and from the server's own pages, and never beside a token.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { JsonObject } from "@reeve/core";
import type { Item, Items, ItemTransaction } from "../store/index.ts";
import type { Accounts, Person } from "./accounts.ts";
import type { ActivePrincipals, Authenticate, Browser, Caller } from "./authenticate.ts";
import { ACCOUNT, SESSION } from "./kinds.ts";
import { noting } from "./noting.ts";
import { isLive, newSecret, secretForm, secretId } from "./secrets.ts";

export const SESSION_MS = 7 * 86_400_000;
export const IDLE_MS = 12 * 3_600_000;
/** Of one account: a new one ends the one that was quiet for longest. */
export const SESSIONS_MAX = 50;
const USER_AGENT_CHARACTERS_MAX = 128;
const SEEN_EVERY_MS = 5 * 60_000;
const PREFIX = "rvn";
const SECRET = secretForm(PREFIX);

/** Times in epoch milliseconds; `seenMs` to five minutes. `id` names the session and lets nobody in. */
export type Session = {
  readonly id: string;
  readonly account: string;
  readonly createdMs: number;
  readonly seenMs: number;
  readonly expiresMs: number;
  readonly address: string;
  readonly userAgent: string;
};
/** Where somebody signs in; `earlier`: the secret of a session that this browser had. */
export type Visit = { readonly address: string; readonly userAgent: string; readonly earlier?: string };

/** Errors of all: those of the store. */
export type Sessions = {
  /** The secret is told once. `undefined`: the account is not there. */
  start(account: string, visit: Visit): Promise<{ readonly secret: string; readonly told: Session } | undefined>;
  /** The session that a browser shows, if it counts for what it asks. */
  visit(browser: Browser): Promise<Session | undefined>;
  /** What a page of the session sends with what could change something. */
  csrf(secret: string): string;
  /** Users that the session's account is now: active ones. */
  users(session: Session, org?: string): Promise<readonly Person[]>;
  /** Of an account, the latest seen first. */
  list(account: string): Promise<readonly Session[]>;
  /** False where the account has no such session. */
  end(account: string, id: string): Promise<boolean>;
};

type Given = {
  readonly items: Items;
  readonly accounts: Pick<Accounts, "persons">;
  readonly principals: ActivePrincipals;
  readonly clock: () => number;
};

export function createSessions({ items, accounts, principals, clock }: Given): Sessions {
  const noteSeen = noting({ everyMs: SEEN_EVERY_MS, write: (id, nowMs) => items.write((tx) => noteIn(tx, id, nowMs)) });
  return {
    async start(account, { earlier, ...visit }) {
      const secret = newSecret(PREFIX);
      const item = sessionItem({ secret, account, visit, nowMs: clock() });
      const isMade = await items.write((tx) => {
        const old = earlier === undefined ? undefined : tx.find(SESSION, secretId(earlier));
        if (old !== undefined) tx.delete(SESSION, old.id);
        makeRoom(tx, account, clock());
        // Ended between the password and this.
        return tx.find(ACCOUNT, account) !== undefined && tx.put(item);
      });
      return isMade ? { secret, told: toldOf(item) } : undefined;
    },
    async visit({ session: secret, isUnsafe, csrf, isOwnOrigin }) {
      if (!SECRET.test(secret)) return undefined;
      if (isUnsafe && (!isOwnOrigin || !isSame(csrf ?? "", csrfOf(secret)))) return undefined;
      const item = await items.find(SESSION, secretId(secret));
      const nowMs = clock();
      if (!counts(item, nowMs)) return undefined;
      noteSeen(item.id, nowMs, seenOf(item));
      return toldOf(item);
    },
    csrf: csrfOf,
    async users({ account }, org) {
      const persons = await accounts.persons(account, org);
      const types = await Promise.all(persons.map(async (person) => principals(person.org, person.principal)));
      return persons.filter((_, index) => types[index] === "user");
    },
    async list(account) {
      const found = await items.list({ kind: SESSION, owner: account }, undefined, 2 * SESSIONS_MAX);
      const live = found.filter((item) => counts(item, clock())).map(toldOf);
      return live.sort((one, other) => other.seenMs - one.seenMs);
    },
    end: (account, id) => items.write((tx) => tx.find(SESSION, id)?.owner === account && tx.delete(SESSION, id)),
  };
}

const csrfOf = (secret: string): string => createHmac("sha256", secret).update("reeve csrf").digest("base64url");
const seenOf = ({ value }: Item): number => value.seenMs as number;

function isSame(shown: string, right: string): boolean {
  const [one, other] = [Buffer.from(shown), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function counts(item: Item | undefined, nowMs: number): item is Item {
  return isLive(item, nowMs) && nowMs < seenOf(item) + IDLE_MS;
}

type Starting = {
  readonly secret: string;
  readonly account: string;
  readonly visit: Omit<Visit, "earlier">;
  readonly nowMs: number;
};

function sessionItem({ secret, account, visit: { address, userAgent }, nowMs }: Starting): Item {
  const value: JsonObject = {
    createdMs: nowMs,
    seenMs: nowMs,
    address,
    userAgent: [...userAgent].slice(0, USER_AGENT_CHARACTERS_MAX).join(""),
  };
  return { kind: SESSION, id: secretId(secret), owner: account, expiresMs: nowMs + SESSION_MS, value };
}

function toldOf({ id, owner = "", expiresMs = 0, value }: Item): Session {
  const { createdMs, seenMs, address, userAgent } = value as Pick<Session, "createdMs" | "seenMs" | "address" | "userAgent">;
  return { id, account: owner, createdMs, seenMs, expiresMs: Math.min(expiresMs, seenMs + IDLE_MS), address, userAgent };
}

function makeRoom(tx: ItemTransaction, account: string, nowMs: number): void {
  const found = tx.list({ kind: SESSION, owner: account }, undefined, 2 * SESSIONS_MAX);
  const live = found.filter((item) => counts(item, nowMs)).sort((one, other) => seenOf(other) - seenOf(one));
  const kept = new Set(live.slice(0, SESSIONS_MAX - 1));
  for (const item of found) if (!kept.has(item)) tx.delete(SESSION, item.id);
}

/** What is gone meanwhile stays gone. */
function noteIn(tx: ItemTransaction, id: string, nowMs: number): void {
  const item = tx.find(SESSION, id);
  if (item !== undefined) tx.put({ ...item, value: { ...item.value, seenMs: Math.max(seenOf(item), nowMs) } });
}

/**
 * The way in for browsers beside that of tokens: who is signed in asks as the account's user of the organization that the path names. In
 * no other organization he is anybody: there he asks as what he is elsewhere, and the guard knows him not.
 */
export function sessionAuthenticator(authenticate: Authenticate, sessions: Pick<Sessions, "visit" | "users">): Authenticate {
  return (credential, nowMs) => {
    const { authorization, browser } = credential;
    return authorization !== undefined || browser === undefined ? authenticate(credential, nowMs) : callerOf(sessions, browser);
  };
}

async function callerOf(sessions: Pick<Sessions, "visit" | "users">, browser: Browser): Promise<Caller | undefined> {
  const session = await sessions.visit(browser);
  if (session === undefined) return undefined;
  const { organization } = browser;
  const there = organization === undefined ? [] : await sessions.users(session, organization);
  const users = there.length > 0 ? there : await sessions.users(session);
  const [first] = users;
  if (first === undefined) return undefined;
  const principal = { organization: first.org, type: "user", id: first.principal } as const;
  return { principal, organizations: users.map(({ org }) => org), ceiling: "admin", how: "session" };
}
