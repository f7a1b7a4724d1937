/**
 * Another password of an account: by the one that counts, or by a link that was sent to its address.
 *
 * A link's token has 256 random bits, is kept as a hash, counts once and for an hour. Who asks for one in another's name ends nobody's
 * earlier link, and makes nothing but a mail. A second factor stays as it is: who reads the mail has one of the two.
 * Invariant: with another password every session ends but the one that changed it, and so does every link.
 */
import { emailKey } from "@reeve/core";
import type { Item, Items, ItemTransaction } from "../store/index.ts";
import type { Addressed } from "./accounts.ts";
import { ACCOUNT, ACCOUNT_EMAIL, PASSWORD_RESET, SESSION } from "./kinds.ts";
import type { Passwords } from "./passwords.ts";
import { isLive, newSecret, secretForm, secretId } from "./secrets.ts";

export const RESET_MS = 60 * 60_000;
/** Links of an account that count at once: a further one ends the oldest. */
const RESETS_MAX = 5;
const PREFIX = "rvp";
const TOKEN = secretForm(PREFIX);
const LISTED_MAX = 1_000;

/** `expiresMs`: epoch milliseconds. */
export type ResetLink = { readonly account: Addressed; readonly token: string; readonly expiresMs: number };
type Refused<Code extends string> = { readonly ok: false; readonly error: { readonly code: Code } };
type Result<Code extends string> = { readonly ok: true; readonly value: Addressed } | Refused<Code>;
type Change = { readonly account: string; readonly password: string; readonly newPassword: string; readonly session: string };

/** Errors of all: those of the store. */
export type PasswordChanges = {
  /** `session`: the one that stays. */
  change(asked: Change): Promise<Result<"wrong_password" | "busy">>;
  /** The token is told once. `undefined`: no account has this address. */
  reset(email: string): Promise<ResetLink | undefined>;
  /** Whose password a token changes, if it counts now. */
  resetting(token: string): Promise<Addressed | undefined>;
  accept(token: string, password: string): Promise<Result<"password_reset_not_found" | "busy">>;
};

type Given = { readonly items: Items; readonly passwords: Passwords; readonly clock: () => number };

export function createPasswordChanges({ items, passwords, clock }: Given): PasswordChanges {
  const resetting = async (token: string): Promise<Addressed | undefined> => {
    const item = TOKEN.test(token) ? await items.find(PASSWORD_RESET, secretId(token)) : undefined;
    const account = isLive(item, clock()) ? await items.find(ACCOUNT, item.owner as string) : undefined;
    return account === undefined ? undefined : toldOf(account);
  };
  return {
    async change({ account, password, newPassword, session }) {
      const standing = await items.find(ACCOUNT, account);
      const verdict = await passwords.verify(hashIn(standing), password);
      if (verdict !== "same") return refusal(verdict === "busy" ? "busy" : "wrong_password");
      const hash = await passwords.hash(newPassword);
      if (hash === "busy") return refusal("busy");
      const changed = await items.write((tx) => {
        const item = tx.find(ACCOUNT, account);
        // Changed meanwhile: what was shown is no more the password.
        if (item === undefined || hashIn(item) !== hashIn(standing)) return undefined;
        return setIn(tx, item, { hash, session });
      });
      return changed === undefined ? refusal("wrong_password") : { ok: true, value: changed };
    },
    async reset(email) {
      const key = await items.find(ACCOUNT_EMAIL, emailKey(email));
      if (key?.owner === undefined) return undefined;
      const { owner } = key;
      const token = newSecret(PREFIX);
      const expiresMs = clock() + RESET_MS;
      const made = await items.write((tx) => {
        const account = tx.find(ACCOUNT, owner);
        if (account === undefined) return undefined;
        makeRoom(tx, owner);
        tx.put({ kind: PASSWORD_RESET, id: secretId(token), owner, expiresMs, value: {} });
        return toldOf(account);
      });
      return made === undefined ? undefined : { account: made, token, expiresMs };
    },
    resetting,
    async accept(token, password) {
      if ((await resetting(token)) === undefined) return refusal("password_reset_not_found");
      const hash = await passwords.hash(password);
      if (hash === "busy") return refusal("busy");
      const changed = await items.write((tx) => {
        // Used, or the account ended, since it was looked at.
        const item = tx.find(PASSWORD_RESET, secretId(token));
        const account = item?.owner === undefined ? undefined : tx.find(ACCOUNT, item.owner);
        return account === undefined ? undefined : setIn(tx, account, { hash });
      });
      return changed === undefined ? refusal("password_reset_not_found") : { ok: true, value: changed };
    },
  };
}

const refusal = <Code extends string>(code: Code): Refused<Code> => ({ ok: false, error: { code } });
const toldOf = ({ id, value }: Item): Addressed => ({ id, email: value.email as string });
const hashIn = (item: Item | undefined): string | undefined => item?.value.passwordHash as string | undefined;

function setIn(tx: ItemTransaction, account: Item, { hash, session }: { readonly hash: string; readonly session?: string }): Addressed {
  tx.put({ ...account, value: { ...account.value, passwordHash: hash } });
  for (const kind of [SESSION, PASSWORD_RESET])
    for (const { id } of tx.list({ kind, owner: account.id }, undefined, LISTED_MAX)) if (id !== session) tx.delete(kind, id);
  return toldOf(account);
}

function makeRoom(tx: ItemTransaction, owner: string): void {
  const found = [...tx.list({ kind: PASSWORD_RESET, owner }, undefined, LISTED_MAX)];
  found.sort((one, other) => (one.expiresMs ?? 0) - (other.expiresMs ?? 0));
  for (const { id } of found.slice(0, Math.max(0, found.length - RESETS_MAX + 1))) tx.delete(PASSWORD_RESET, id);
}
