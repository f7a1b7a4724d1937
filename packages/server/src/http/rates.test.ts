import { describe, expect, it } from "vitest";
import type { Caller } from "../identity/index.ts";
import { createRates, NO_RATES, type Rate, type Rates } from "./rates.ts";

const NONE: Rate = { perSecond: 0, burst: 1 };
let nowMs = 1_000_000;
const ratesOf = (rates: { readonly callers?: Rate; readonly strangers?: Rate; readonly keptMax?: number }): Rates =>
  createRates({ callers: NONE, strangers: NONE, clock: () => nowMs, ...rates });
const waits = (times: number, take: () => number | undefined): readonly (number | undefined)[] =>
  Array.from({ length: times }, () => {
    const ms = take();
    return ms === undefined ? undefined : Math.round(ms);
  });
const caller = (id: string, more: Partial<Caller> = {}): Caller => ({
  principal: { organization: "acme", type: "user", id },
  organizations: ["acme"],
  ceiling: "read",
  how: "token",
  ...more,
});

describe("a bucket", () => {
  it("lets a burst through, then one as often as it says, and tells how long to wait", () => {
    const rates = ratesOf({ strangers: { perSecond: 3, burst: 3 } });
    const take = () => rates.stranger("10.0.0.1");
    expect(waits(4, take)).toEqual([undefined, undefined, undefined, 333]);
    nowMs += 332;
    expect(waits(1, take)).toEqual([1]);
    nowMs += 2;
    expect(waits(2, take)).toEqual([undefined, 333]);
    nowMs += 60_000;
    expect(waits(4, take)).toEqual([undefined, undefined, undefined, 333]);
  });

  it("is not drained by who is refused: he waits no longer for asking again", () => {
    const rates = ratesOf({ strangers: { perSecond: 1, burst: 1 } });
    expect(waits(100, () => rates.stranger("10.0.0.1")).slice(1)).toEqual(Array.from({ length: 99 }, () => 1_000));
  });

  it("keeps nobody waiting for longer than a burst takes where the clock is set back, and nobody at all where it tells no time", () => {
    const rates = ratesOf({ strangers: { perSecond: 1, burst: 2 } });
    const take = () => rates.stranger("10.0.0.1");
    expect(waits(3, take)).toEqual([undefined, undefined, 1_000]);
    nowMs -= 3_600_000;
    expect(waits(3, take)).toEqual([undefined, undefined, 1_000]);
    const broken = createRates({
      callers: NONE,
      strangers: { perSecond: 1, burst: 1 },
      clock: () => {
        throw new Error("no time");
      },
    });
    expect(waits(5, () => broken.stranger("10.0.0.1"))).toEqual(Array.from({ length: 5 }, () => undefined));
  });

  it("is one of so many: the one that was quiet for longest makes room", () => {
    const rates = ratesOf({ strangers: { perSecond: 1, burst: 1 }, keptMax: 2 });
    const taken = (address: string) => rates.stranger(address) === undefined;
    expect(["10.0.0.1", "10.0.0.2", "10.0.0.3"].map(taken)).toEqual([true, true, true]);
    expect(["10.0.0.2", "10.0.0.3", "10.0.0.1"].map(taken)).toEqual([false, false, true]);
  });

  it("holds nothing where there is no bound", () => {
    for (const rates of [ratesOf({}), NO_RATES])
      expect([
        ...waits(2_000, () => rates.stranger("10.0.0.1")),
        ...waits(2_000, () => rates.caller(caller("ada"))),
        ...waits(2_000, () => rates.client("c")),
      ]).not.toContainEqual(expect.anything());
  });
});

describe("whose bucket it is", () => {
  it.each<[one: string, other: string, isSame: boolean]>([
    ["10.0.0.1", "10.0.0.1", true],
    ["10.0.0.1", "10.0.0.2", false],
    ["10.0.0.1", "::ffff:10.0.0.1", true],
    ["2001:db8::1", "2001:db8:0:0:ffff::2", true],
    ["2001:db8::1", "2001:db8:0:1::1", false],
  ])("%s and %s: the same is %s", (one, other, isSame) => {
    const rates = ratesOf({ strangers: { perSecond: 1, burst: 1 } });
    expect([rates.stranger(one), rates.stranger(other) === undefined]).toEqual([undefined, !isSame]);
  });

  it("is the principal's, whatever credential he shows, or the client's; never that of an address or of another organization", () => {
    const rates = ratesOf({ callers: { perSecond: 1, burst: 1 }, strangers: { perSecond: 1, burst: 1 } });
    const administrator: Caller = { organizations: "all", ceiling: "admin", how: "token" };
    const others: readonly Caller[] = [
      caller("ada"),
      caller("ben"),
      caller("ada", { principal: { organization: "other", type: "user", id: "ada" } }),
      caller("ada", { clientId: "gateway" }),
      administrator,
      { ...administrator, clientId: "pipeline" },
    ];
    expect(others.map((one) => rates.caller(one))).toEqual(others.map(() => undefined));
    expect(others.map((one) => rates.caller(one))).toEqual(others.map(() => 1_000 - 0.001));
    expect(rates.caller(caller("ada", { how: "session", ceiling: "admin" }))).toBeDefined();
    expect([rates.stranger("gateway"), rates.client("gateway")]).toEqual([undefined, undefined]);
  });
});
