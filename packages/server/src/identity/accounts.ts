/**
 * Accounts: e-mail addresses with their credentials, beside the organizations; and invitations, by which one becomes a person of one.
 *
 * A *person* links an account to a user of an organization: at most one user of each, and each user to one account. An invitation names
 * an address and a user; nothing is made or linked before somebody accepts it. Who administers an organization may see the link, and so
 * may accept in another's name: therefore a link sets a password only where there is no account yet, and an account that is there is
 * linked by its own password alone. So nobody obtains an account, nor anything of another organization, by inviting its address.
 * Invariant: an address has one account; a link counts once, for seven days, and not after a newer one for the same user.
 */
import { emailKey, type JsonObject } from "@reeve/core";
import { uuidv7 } from "uuidv7";
import type { AskedBy, AuditNote, Item, Items, ItemTransaction } from "../store/index.ts";
import {
  ACCOUNT,
  ACCOUNT_EMAIL,
  INVITATION,
  ISSUED_SUBJECT,
  ISSUED_USER,
  PASSWORD_RESET,
  PERSON,
  RECOVERY_CODE,
  SESSION,
} from "./kinds.ts";
import type { Passwords } from "./passwords.ts";
import { hasSecondFactor } from "./second-factors.ts";
import { isLive, newSecret, secretForm, secretId } from "./secrets.ts";

export const INVITATION_MS = 7 * 86_400_000;

/** `email`: absent where a trusted issuer signs it in, which is named then. */
export type Account = { readonly id: string; readonly email?: string; readonly issuer?: string };
/** One that has a password. */
export type Addressed = Account & { readonly email: string };
/** `createdMs`: epoch milliseconds; `secondFactor`: whether signing in takes a code too. */
export type AccountListed = Account & {
  readonly createdMs: number;
  readonly secondFactor: boolean;
  readonly persons: readonly Person[];
};
export type Person = { readonly org: string; readonly principal: string };
/** Times in epoch milliseconds. `id` names the invitation and lets nobody in. */
export type Invitation = Person & { readonly id: string; readonly email: string; readonly createdMs: number; readonly expiresMs: number };
type Asked = Person & { readonly email: string };
/** For the audit of the organization: who invites, or takes an invitation back. */
type By = { readonly by: AskedBy };
type Ending = Pick<AskedBy, "requestId"> & Partial<AskedBy>;
type Refused<Code extends string> = { readonly ok: false; readonly error: { readonly code: Code } };
type Result<T, Code extends string> = { readonly ok: true; readonly value: T } | Refused<Code>;
/** `principal_taken`: the user is another account's; `address_taken`: the address is another user's of the organization. */
export type Conflict = "principal_taken" | "address_taken";

/** Errors of all: those of the store. */
export type Accounts = {
  /** The user that an address is in an organization, or is invited to be. */
  principalOf(asked: { readonly org: string; readonly email: string }): Promise<string | undefined>;
  /** The address of a user of an organization, or by which he is invited. */
  addressOf(user: Person): Promise<string | undefined>;
  /** Why the address cannot be invited to be this user; `undefined`: it can. */
  conflict(asked: Asked): Promise<Conflict | undefined>;
  /** The token is told once; earlier ones for the same user end. `unknown_principal`: there is no such user. */
  invite(asked: Asked & By): Promise<Result<{ readonly token: string; readonly told: Invitation }, "unknown_principal">>;
  /** Ordered by id; those that expired lately among them. */
  invitations(asked: { readonly org: string; readonly after?: string; readonly max: number }): Promise<readonly Invitation[]>;
  /** False where the organization has no such invitation. */
  withdraw(org: string, id: string, by: AskedBy): Promise<boolean>;
  /** The invitation that a token is, if it counts now. */
  invited(token: string): Promise<Invitation | undefined>;
  /** Makes the account with this password, or links the one that has it. The audit of the organization tells that its user did. */
  accept(shown: {
    readonly token: string;
    readonly password: string;
    readonly requestId: string;
  }): Promise<Result<Account, "invitation_not_found" | "wrong_password" | "busy">>;
  /** The account of this address and password. Who is told nothing learns nothing, not even by the time that it took. */
  authenticate(shown: { readonly email: string; readonly password: string }): Promise<Account | undefined | "busy">;
  find(account: string): Promise<Account | undefined>;
  /** Ordered by id; or the one of an address. */
  list(asked: { readonly email?: string; readonly after?: string; readonly max: number }): Promise<readonly AccountListed[]>;
  /** Users that the account is, one of an organization at most; of one organization, or of all. */
  persons(account: string, org?: string): Promise<readonly Person[]>;
  /**
   * Ends an account with everything that it owns, as the audit of each of its organizations tells. `actor`: who did; absent: its user
   * himself. False where there is none.
   */
  end(account: string, by: Ending): Promise<boolean>;
};

const PREFIX = "rvi";
const TOKEN = secretForm(PREFIX);
/** Of one user, of one address in an organization: whoever invites more often ends earlier ones. */
const FOUND_MAX = 100;
/** Organizations that one account may be in. */
const PERSONS_MAX = 100;
const TRIES_MAX = 5;

type Given = { readonly items: Items; readonly passwords: Passwords; readonly clock: () => number };

export function createAccounts({ items, passwords, clock }: Given): Accounts {
  const byEmail = (email: string) => accountOf(items, email);
  const accept = acceptor({ items, passwords, clock });
  const persons: Accounts["persons"] = async (account, org) => {
    const filter = { kind: PERSON, owner: account, ...(org === undefined ? {} : { org }) };
    return (await items.list(filter, undefined, PERSONS_MAX)).flatMap(personOf);
  };
  return {
    async principalOf({ org, email }) {
      const account = await byEmail(email);
      const [person] = account === undefined ? [] : await items.list({ kind: PERSON, owner: account.id, org }, undefined, 1);
      const [invited] = await items.list({ kind: INVITATION, owner: emailKey(email), org }, undefined, 1);
      return person?.principal ?? invited?.principal;
    },
    async addressOf({ org, principal }) {
      const owner = (await items.find(PERSON, personId({ org, principal })))?.owner;
      const account = owner === undefined ? undefined : await items.find(ACCOUNT, owner);
      const [invited] = account === undefined ? await items.list({ kind: INVITATION, org, principal }, undefined, 1) : [];
      return (account === undefined ? undefined : toldAccount(account).email) ?? (invited && toldOf(invited).email);
    },
    async conflict({ org, principal, email }) {
      const account = await byEmail(email);
      const linked = await items.find(PERSON, personId({ org, principal }));
      if (linked !== undefined && linked.owner !== account?.id) return "principal_taken";
      const [person] = account === undefined ? [] : await items.list({ kind: PERSON, owner: account.id, org }, undefined, 1);
      return person === undefined || person.principal === principal ? undefined : "address_taken";
    },
    async invite({ by, ...asked }) {
      const token = newSecret(PREFIX);
      const item = invitationItem(token, asked, clock());
      const isMade = await items.write((tx) => {
        endInvitations(tx, asked);
        return tx.put(item) && tx.audit(asked.org, ofInvitation("invitation.create", item.id, by));
      });
      return isMade ? { ok: true, value: { token, told: toldOf(item) } } : { ok: false, error: { code: "unknown_principal" } };
    },
    invitations: async ({ org, after, max }) => (await items.list({ kind: INVITATION, org }, after, max)).map(toldOf),
    withdraw: (org, id, by) =>
      items.write((tx) => {
        const isTheirs = tx.find(INVITATION, id)?.org === org && tx.delete(INVITATION, id);
        return isTheirs && tx.audit(org, ofInvitation("invitation.withdraw", id, by));
      }),
    async invited(token) {
      const item = await invitationOf({ items, clock }, token);
      return item && toldOf(item);
    },
    accept,
    async authenticate({ email, password }) {
      const account = await byEmail(email);
      const verdict = await passwords.verify(account?.value.passwordHash as string | undefined, password);
      if (verdict === "busy") return "busy";
      return verdict === "same" && account !== undefined ? toldAccount(account) : undefined;
    },
    async find(account) {
      const item = await items.find(ACCOUNT, account);
      return item === undefined ? undefined : toldAccount(item);
    },
    async list({ email, after, max }) {
      const found = email === undefined ? await items.list({ kind: ACCOUNT }, after, max) : [await byEmail(email)];
      return Promise.all(
        found.flatMap((item) => (item === undefined ? [] : [item])).map(async (item) => listedAs(item, await persons(item.id))),
      );
    },
    persons,
    end: (account, by) => items.write((tx) => endIn(tx, account, by)),
  };
}

const personId = ({ org, principal }: Person): string => `${org}\n${principal}`;
/** The id of an invitation lets nobody in. */
const ofInvitation = (action: string, id: string, by: AskedBy): AuditNote => ({ ...by, action, target: `invitations/${id}` });
const byUser = ({ principal }: Pick<Person, "principal">, requestId: string): AskedBy => ({
  actor: { type: "user", id: principal },
  requestId,
});
const personOf = ({ org, principal }: Item): readonly Person[] =>
  org === undefined || principal === undefined ? [] : [{ org, principal }];
const toldAccount = ({ id, value: { email, issuer } }: Item): Account => ({
  id,
  ...(typeof email === "string" ? { email } : {}),
  ...(typeof issuer === "string" ? { issuer } : {}),
});
function listedAs(item: Item, persons: readonly Person[]): AccountListed {
  return { ...toldAccount(item), createdMs: item.value.createdMs as number, secondFactor: hasSecondFactor(item), persons };
}

async function accountOf(items: Items, email: string): Promise<Item | undefined> {
  const owner = (await items.find(ACCOUNT_EMAIL, emailKey(email)))?.owner;
  return owner === undefined ? undefined : items.find(ACCOUNT, owner);
}

/** The invitation of a token, if it counts now. */
async function invitationOf({ items, clock }: Pick<Given, "items" | "clock">, token: string): Promise<Item | undefined> {
  const item = TOKEN.test(token) ? await items.find(INVITATION, secretId(token)) : undefined;
  return isLive(item, clock()) ? item : undefined;
}

function invitationItem(token: string, { org, principal, email }: Asked, nowMs: number): Item {
  const value = { email, createdMs: nowMs };
  return { kind: INVITATION, id: secretId(token), org, principal, owner: emailKey(email), expiresMs: nowMs + INVITATION_MS, value };
}

function toldOf({ id, org = "", principal = "", expiresMs = 0, value }: Item): Invitation {
  const { email, createdMs } = value as { readonly email: string; readonly createdMs: number };
  return { id, org, principal, email, createdMs, expiresMs };
}

function endInvitations(tx: ItemTransaction, { org, principal }: Person): void {
  for (const { id } of tx.list({ kind: INVITATION, org, principal }, undefined, FOUND_MAX)) tx.delete(INVITATION, id);
}

/** Looks, compares or hashes, and writes where everything still stands as it was looked at; else it looks again. */
function acceptor({ items, passwords, clock }: Given): Accounts["accept"] {
  return async ({ token, password, requestId }) => {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const invitation = await invitationOf({ items, clock }, token);
      if (invitation === undefined) return { ok: false, error: { code: "invitation_not_found" } };
      const account = await accountOf(items, invitation.value.email as string);
      const shown = account === undefined ? await passwords.hash(password) : await passwords.verify(passwordOf(account), password);
      if (shown === "busy") return { ok: false, error: { code: "busy" } };
      if (shown === "other") return { ok: false, error: { code: "wrong_password" } };
      const made = account ?? newAccount(invitation.value.email as string, shown, clock());
      const done = await items.write((tx) => acceptIn(tx, { invitation, account: made, isNew: account === undefined, requestId }));
      if (done === "accepted") return { ok: true, value: toldAccount(made) };
      if (done === "not_found") return { ok: false, error: { code: "invitation_not_found" } };
    }
    return { ok: false, error: { code: "busy" } };
  };
}

const passwordOf = ({ value }: Item): string | undefined => value.passwordHash as string | undefined;

function newAccount(email: string, passwordHash: string, nowMs: number): Item {
  const value: JsonObject = { email, passwordHash, createdMs: nowMs };
  return { kind: ACCOUNT, id: uuidv7(), value };
}

type Accepting = { readonly invitation: Item; readonly account: Item; readonly isNew: boolean; readonly requestId: string };

function acceptIn(tx: ItemTransaction, { invitation, account, isNew, requestId }: Accepting): "accepted" | "not_found" | "stale" {
  const { org, principal, owner: key } = invitation;
  if (org === undefined || principal === undefined || key === undefined) return "not_found";
  if (tx.find(INVITATION, invitation.id) === undefined) return "not_found";
  const standing = tx.find(ACCOUNT_EMAIL, key)?.owner;
  // Another was made meanwhile, or this one ended or changed its password.
  if (standing !== (isNew ? undefined : account.id)) return "stale";
  const now = tx.find(ACCOUNT, account.id);
  if (!isNew && (now === undefined || passwordOf(now) !== passwordOf(account))) return "stale";
  endInvitations(tx, { org, principal });
  const linked = tx.find(PERSON, personId({ org, principal }));
  const [other] = tx.list({ kind: PERSON, owner: account.id, org }, undefined, 1);
  // Invited as two users, or the user was taken: whoever came first stays.
  if ((linked !== undefined && linked.owner !== account.id) || (other !== undefined && other.principal !== principal)) return "not_found";
  if (linked === undefined && tx.list({ kind: PERSON, owner: account.id }, undefined, PERSONS_MAX).length === PERSONS_MAX)
    return "not_found";
  if (isNew) {
    tx.put(account);
    tx.put({ kind: ACCOUNT_EMAIL, id: key, owner: account.id, value: {} });
  }
  const isLinked = tx.put({ kind: PERSON, id: personId({ org, principal }), org, principal, owner: account.id, value: {} });
  if (!isLinked) return "not_found";
  tx.audit(org, ofInvitation("invitation.accept", invitation.id, byUser({ principal }, requestId)));
  return "accepted";
}

/** Kinds of items that an account owns. */
const OWNED_MAX = 1_000;
const OWNED: readonly string[] = [PERSON, SESSION, RECOVERY_CODE, PASSWORD_RESET, ISSUED_SUBJECT, ISSUED_USER];

function endIn(tx: ItemTransaction, id: string, by: Ending): boolean {
  const account = tx.find(ACCOUNT, id);
  if (account === undefined) return false;
  for (const { org, principal } of tx.list({ kind: PERSON, owner: id }, undefined, OWNED_MAX).flatMap(personOf)) {
    const target = `principals/${encodeURIComponent(principal)}`;
    tx.audit(org, { ...byUser({ principal }, by.requestId), ...by, action: "account.end", target });
  }
  for (const kind of OWNED) for (const item of tx.list({ kind, owner: id }, undefined, OWNED_MAX)) tx.delete(kind, item.id);
  if (typeof account.value.email === "string") tx.delete(ACCOUNT_EMAIL, emailKey(account.value.email));
  return tx.delete(ACCOUNT, id);
}
