/**
 * Attempts to sign in: who fails often waits, longer each time, and nobody else with him.
 *
 * Counted in memory, for an account *from one network* (an IPv4 /24, an IPv6 /64) and for the network alone. So a stranger who tries an
 * account does not keep its owner out, who comes from elsewhere; and who tries many accounts is slowed down too, by a minute at most,
 * because others share his network. Wrong codes of a second factor are counted for the account alone, wherever they come from: only who knows
 * the password gets so far. Mails that are asked for are counted for the address alone and for the network, whether anything was sent or
 * not; who has them sent to another makes him wait for a further one, of which he has some by then. An attempt counts when it begins: many at once are as many as one after the other.
 * Invariant: a refused attempt costs nothing and counts for nothing; the counters never take more memory than `KEPT_MAX` of each kind.
 */
import { emailKey } from "@reeve/core";
import { hashToken } from "./secrets.ts";

/** `retryMs`: how long to wait. */
export type Begun =
  | { readonly ok: true; succeeded(): void; undo(): void }
  | { readonly ok: false; readonly error: { readonly code: "too_many_attempts"; readonly retryMs: number } };
export type Attempts = {
  begin(of: { readonly email: string; readonly address: string }): Begun;
  /** The same for a code of the second factor of an account whose password was right. */
  beginCode(account: string): Begun;
  /** The same for a mail that somebody asks for, which counts in any case. */
  beginMail(of: { readonly email: string; readonly address: string }): Begun;
};

type Rule = { readonly free: number; readonly delayMsMax: number; readonly forgottenMs: number };
const OF_ACCOUNT: Rule = { free: 5, delayMsMax: 15 * 60_000, forgottenMs: 60 * 60_000 };
const OF_NETWORK: Rule = { free: 50, delayMsMax: 60_000, forgottenMs: 15 * 60_000 };
const OF_CODES: Rule = { free: 20, delayMsMax: 15 * 60_000, forgottenMs: 24 * 60 * 60_000 };
const OF_MAILS: Rule = { free: 3, delayMsMax: 15 * 60_000, forgottenMs: 60 * 60_000 };
const FIRST_DELAY_MS = 1_000;
const KEPT_MAX = 100_000;

/** `keptMax`: for tests. */
export function createAttempts({ clock, keptMax = KEPT_MAX }: { readonly clock: () => number; readonly keptMax?: number }): Attempts {
  const ofAccounts = counters(OF_ACCOUNT, keptMax);
  const ofNetworks = counters(OF_NETWORK, keptMax);
  const ofCodes = counters(OF_CODES, keptMax);
  const ofMails = counters(OF_MAILS, keptMax);
  return {
    beginMail({ email, address }) {
      const nowMs = clock();
      const [mailbox, network] = [hashToken(emailKey(email)).toString("base64"), networkOf(address)];
      const retryMs = Math.max(ofMails.waitMs(mailbox, nowMs), ofNetworks.waitMs(network, nowMs));
      if (retryMs > 0) return { ok: false, error: { code: "too_many_attempts", retryMs } };
      ofMails.count(mailbox, nowMs);
      ofNetworks.count(network, nowMs);
      return { ok: true, succeeded: () => undefined, undo: () => undefined };
    },
    beginCode(account) {
      const nowMs = clock();
      const retryMs = ofCodes.waitMs(account, nowMs);
      if (retryMs > 0) return { ok: false, error: { code: "too_many_attempts", retryMs } };
      const undo = ofCodes.count(account, nowMs);
      return { ok: true, succeeded: () => ofCodes.forget(account), undo };
    },
    begin({ email, address }) {
      const nowMs = clock();
      const network = networkOf(address);
      const account = `${hashToken(emailKey(email)).toString("base64")} ${network}`;
      const retryMs = Math.max(ofAccounts.waitMs(account, nowMs), ofNetworks.waitMs(network, nowMs));
      if (retryMs > 0) return { ok: false, error: { code: "too_many_attempts", retryMs } };
      const undoneAccount = ofAccounts.count(account, nowMs);
      const undoNetwork = ofNetworks.count(network, nowMs);
      return {
        ok: true,
        succeeded() {
          ofAccounts.forget(account);
          undoNetwork();
        },
        undo() {
          undoneAccount();
          undoNetwork();
        },
      };
    },
  };
}

type Counter = { readonly failures: number; readonly lastMs: number };

function counters({ free, delayMsMax, forgottenMs }: Rule, keptMax: number) {
  const kept = new Map<string, Counter>();
  const find = (key: string, nowMs: number): Counter | undefined => {
    const found = kept.get(key);
    return found === undefined || nowMs - found.lastMs >= forgottenMs ? undefined : found;
  };
  const put = (key: string, counter: Counter): void => {
    // Put again, so that the first of them is the one that was quiet for longest.
    kept.delete(key);
    if (kept.size >= keptMax) kept.delete(kept.keys().next().value as string);
    kept.set(key, counter);
  };
  return {
    waitMs(key: string, nowMs: number): number {
      const found = find(key, nowMs);
      if (found === undefined || found.failures < free) return 0;
      const delayMs = Math.min(delayMsMax, FIRST_DELAY_MS * 2 ** (found.failures - free));
      return Math.max(0, found.lastMs + delayMs - nowMs);
    },
    /** Gives what takes it back. */
    count(key: string, nowMs: number): () => void {
      const before = find(key, nowMs);
      put(key, { failures: (before?.failures ?? 0) + 1, lastMs: nowMs });
      return () => {
        const now = kept.get(key);
        if (now === undefined) return;
        if (now.failures <= 1) kept.delete(key);
        else kept.set(key, { failures: now.failures - 1, lastMs: now.lastMs === nowMs ? (before?.lastMs ?? nowMs) : now.lastMs });
      };
    },
    forget: (key: string): void => void kept.delete(key),
  };
}

const IPV4 = /(?:^|:)(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/;
const NETWORK_GROUPS = 4;
const ALL_GROUPS = 8;

/** The network of an address: the first 24 bits of IPv4, mapped or not, the first 64 of IPv6. */
export function networkOf(address: string): string {
  const four = IPV4.exec(address)?.[1];
  if (four !== undefined) return four;
  const [left = "", right] = (address.split("%")[0] as string).split("::");
  const [before, after] = [groupsOf(left), groupsOf(right ?? "")];
  const zeros = right === undefined ? 0 : Math.max(0, ALL_GROUPS - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return groups.slice(0, NETWORK_GROUPS).join(":");
}

const groupsOf = (text: string): readonly string[] =>
  text === "" ? [] : text.split(":").map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""));
