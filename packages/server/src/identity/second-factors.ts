/**
 * Second factors: a one-time password beside the password, and ten recovery codes for whoever lost what makes it.
 *
 * The secret is shown when it is made, and counts from the moment that a code of it was shown. A restore keeps it, with the account; it
 * ends recovery codes, of which some may have been used since.
 * Invariant: a code counts once: one of time never again for its step or an earlier one, a recovery code never again.
 */
import { randomBytes } from "node:crypto";
import type { JsonObject } from "@reeve/core";
import type { Item, Items, ItemTransaction } from "../store/index.ts";
import { ACCOUNT, RECOVERY_CODE } from "./kinds.ts";
import { secretId } from "./secrets.ts";
import { base32, newTotpSecret, totpStep, totpUri } from "./totp.ts";

export const RECOVERY_CODES = 10;
const RECOVERY_BYTES = 10;
const CODE = /^\d{6}$/;
const LISTED_MAX = 2 * RECOVERY_CODES;

export type Enrolment = { readonly secret: string; readonly uri: string };
/** Errors of all: those of the store. */
export type SecondFactors = {
  isOn(account: string): Promise<boolean>;
  /** A secret that waits to be confirmed, instead of an earlier one that does. `undefined`: the factor is on, or there is no account. */
  enrol(account: string): Promise<Enrolment | undefined>;
  /** Turns it on, and gives the recovery codes. */
  confirm(account: string, code: string): Promise<{ readonly codes: readonly string[] } | "not_enrolled" | "wrong_code">;
  /** Whether a code counts; then it counts no more. */
  use(account: string, code: string): Promise<boolean>;
  /** False where it was not on. */
  turnOff(account: string): Promise<boolean>;
};
type Totp = { readonly secret: string; readonly isOn: boolean; readonly lastStep: number };

export function createSecondFactors({ items, clock }: { readonly items: Items; readonly clock: () => number }): SecondFactors {
  return {
    isOn: async (account) => hasSecondFactor(await items.find(ACCOUNT, account)),
    enrol: (account) => {
      const secret = newTotpSecret();
      return items.write((tx) => {
        const item = tx.find(ACCOUNT, account);
        if (item === undefined || hasSecondFactor(item)) return undefined;
        keep(tx, item, { secret, isOn: false, lastStep: 0 });
        return { secret, uri: totpUri(secret, item.value.email as string) };
      });
    },
    confirm: (account, code) => {
      const codes = Array.from({ length: RECOVERY_CODES }, () => written(randomBytes(RECOVERY_BYTES)));
      return items.write((tx) => {
        const item = tx.find(ACCOUNT, account);
        const totp = totpOf(item);
        if (item === undefined || totp === undefined || totp.isOn) return "not_enrolled";
        const step = CODE.test(code) ? totpStep(totp.secret, code, clock()) : undefined;
        if (step === undefined) return "wrong_code";
        keep(tx, item, { ...totp, isOn: true, lastStep: step });
        endCodes(tx, account);
        for (const one of codes) tx.put({ kind: RECOVERY_CODE, id: codeId(account, one), owner: account, value: {} });
        return { codes };
      });
    },
    use: (account, code) => items.write((tx) => useIn(tx, { account, code, nowMs: clock() })),
    turnOff: (account) =>
      items.write((tx) => {
        const item = tx.find(ACCOUNT, account);
        if (item === undefined || !hasSecondFactor(item)) return false;
        keep(tx, item, undefined);
        endCodes(tx, account);
        return true;
      }),
  };
}

/** In groups of four, as people copy them. */
const written = (bytes: Buffer): string => (base32(bytes).match(/.{4}/g) ?? []).join("-");
const codeId = (account: string, code: string): string => secretId(`${account}\n${code}`);
/** Whether an account's item says that its second factor is on. */
export const hasSecondFactor = (account: Item | undefined): boolean => totpOf(account)?.isOn === true;
const totpOf = (item: Item | undefined): Totp | undefined => item?.value.totp as Totp | undefined;

function keep(tx: ItemTransaction, item: Item, totp: Totp | undefined): void {
  const { totp: _, ...rest } = item.value;
  const value: JsonObject = totp === undefined ? rest : { ...rest, totp };
  tx.put({ ...item, value });
}

function endCodes(tx: ItemTransaction, account: string): void {
  for (const { id } of tx.list({ kind: RECOVERY_CODE, owner: account }, undefined, LISTED_MAX)) tx.delete(RECOVERY_CODE, id);
}

type Using = { readonly account: string; readonly code: string; readonly nowMs: number };

function useIn(tx: ItemTransaction, { account, code, nowMs }: Using): boolean {
  const item = tx.find(ACCOUNT, account);
  const totp = totpOf(item);
  if (item === undefined || totp?.isOn !== true) return false;
  if (!CODE.test(code)) return tx.delete(RECOVERY_CODE, codeId(account, code.trim().toUpperCase()));
  const step = totpStep(totp.secret, code, nowMs);
  if (step === undefined || step <= totp.lastStep) return false;
  keep(tx, item, { ...totp, lastStep: step });
  return true;
}
