/**
 * Rates: how often somebody may ask, by whoever it is: a caller who is known, or an address from which nobody is.
 *
 * A bucket of `burst` requests that fills again with `perSecond`, told by one number: the moment at which it is full (GCRA). Who is known
 * is never counted by his address, so that nobody who shares it can keep him out; what an address pays for is what was asked by
 * nobody: open pages, and answers that say that somebody is not known.
 * Invariant: a kind of bucket never takes more memory than `KEPT_MAX` of them, and a clock that is set back makes nobody wait longer
 * than a burst takes.
 */
import { type Caller, networkOf } from "../identity/index.ts";
import { HttpProblem } from "./problem.ts";

/** `perSecond` 0: no bound. */
export type Rate = { readonly perSecond: number; readonly burst: number };
/** Each takes one, or answers how long to wait, in milliseconds. */
export type Rates = {
  caller(caller: Caller): number | undefined;
  /** An address from which nobody is known. */
  stranger(address: string): number | undefined;
  /** A client that showed its secret. */
  client(id: string): number | undefined;
};

const KEPT_MAX = 100_000;
/** Of sums of fractions. */
const ROUNDING_MS = 0.001;
const FREE = (): undefined => undefined;

export const NO_RATES: Rates = { caller: FREE, stranger: FREE, client: FREE };

const WHO = {
  caller: "Whoever this credential stands for asks too often.",
  stranger: "This address asks too often without a valid credential.",
  client: "This client asks for too many access tokens.",
} as const satisfies Readonly<Record<keyof Rates, string>>;

/** The problem of somebody who has to wait. */
export function tooOften(who: keyof Rates, retryMs: number): HttpProblem {
  return new HttpProblem("too_many_requests", { detail: WHO[who], retryMs });
}

/** Ends the request of somebody who has to wait. */
export function pay(who: keyof Rates, retryMs: number | undefined): void {
  if (retryMs !== undefined) throw tooOften(who, retryMs);
}

/** `keptMax`: for tests. */
export type RateOptions = { readonly callers: Rate; readonly strangers: Rate; readonly clock: () => number; readonly keptMax?: number };

export function createRates({ callers, strangers, clock, keptMax = KEPT_MAX }: RateOptions): Rates {
  const of = (rate: Rate) => (rate.perSecond === 0 ? FREE : steady(buckets(rate, clock, keptMax)));
  const [ofCaller, ofAddress, ofClient] = [of(callers), of(strangers), of(strangers)];
  return {
    caller: callers.perSecond === 0 ? FREE : (caller) => ofCaller(nameOf(caller)),
    stranger: (address) => ofAddress(partyOf(address)),
    client: ofClient,
  };
}

/** While nobody can tell the time nobody is refused for it. */
function steady(take: (name: string) => number | undefined): (name: string) => number | undefined {
  return (name) => {
    try {
      return take(name);
    } catch {
      return undefined;
    }
  };
}

function buckets({ perSecond, burst }: Rate, clock: () => number, keptMax: number): (name: string) => number | undefined {
  const everyMs = 1_000 / perSecond;
  const aheadMs = everyMs * (burst - 1) + ROUNDING_MS;
  const full = new Map<string, number>();
  return (name) => {
    const nowMs = clock();
    const knownMs = full.get(name) ?? 0;
    // Later than any that was put by this time: the clock was set back.
    const fullMs = knownMs > nowMs + aheadMs + everyMs ? nowMs : Math.max(knownMs, nowMs);
    if (fullMs > nowMs + aheadMs) return fullMs - nowMs - aheadMs;
    // Put again, so that the first of them is the one that was quiet for longest.
    full.delete(name);
    if (full.size >= keptMax) full.delete(full.keys().next().value as string);
    full.set(name, fullMs + everyMs);
    return undefined;
  };
}

/** One for a client, or else for the principal: who has many tokens asks no more often. */
function nameOf({ principal, clientId = "" }: Caller): string {
  return principal === undefined ? clientId : JSON.stringify([principal.organization, principal.id, clientId]);
}

/** An IPv4 address, mapped or not; of IPv6 the first 64 bits, of which whoever has one has all. */
function partyOf(address: string): string {
  return address.includes(".") ? address.slice(address.lastIndexOf(":") + 1) : networkOf(address);
}
