/** Attempts: who fails waits, longer each time; whoever comes from elsewhere does not. */
import { describe, expect, it } from "vitest";
import { type Begun, createAttempts, networkOf } from "./attempts.ts";

const MINUTE_MS = 60_000;

function world(keptMax?: number) {
  let nowMs = 1_000_000;
  const attempts = createAttempts({ clock: () => nowMs, ...(keptMax === undefined ? {} : { keptMax }) });
  const begin = (email = "ada@x", address = "192.0.2.1"): Begun => attempts.begin({ email, address });
  /** 0: let in. */
  const waitMs = (email?: string, address?: string): number => {
    const begun = begin(email, address);
    if (!begun.ok) return begun.error.retryMs;
    begun.undo();
    return 0;
  };
  const fail = (times: number, email?: string, address?: string): void => {
    for (let n = 0; n < times; n++) expect(begin(email, address).ok).toBe(true);
  };
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { begin, waitMs, fail, pass };
}

describe("failed attempts", () => {
  it("are five without a delay, then one after 1, 2, 4 … seconds, at most 15 minutes", () => {
    const { fail, waitMs, pass } = world();
    fail(5);
    const waits: number[] = [];
    for (let n = 0; n < 12; n++) {
      waits.push(waitMs());
      pass(waitMs());
      fail(1);
    }
    expect(waits.map((ms) => ms / 1_000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  });

  it("that are refused count for nothing, and an hour of quiet forgets all", () => {
    const { fail, waitMs, pass } = world();
    fail(5);
    for (let n = 0; n < 100; n++) expect(waitMs()).toBe(1_000);
    pass(60 * MINUTE_MS);
    fail(5);
    expect(waitMs()).toBe(1_000);
  });

  it("of a stranger keep nobody out who comes from another network, nor another account in the same", () => {
    const { fail, waitMs } = world();
    fail(5);
    expect(waitMs("ada@x", "192.0.2.255")).toBe(1_000);
    expect(waitMs(" ADA@X", "192.0.2.1")).toBe(1_000);
    expect(waitMs("ada@x", "192.0.3.1")).toBe(0);
    expect(waitMs("bob@x", "192.0.2.1")).toBe(0);
  });

  it("of many accounts slow their network down, by a minute at most", () => {
    const { fail, waitMs, pass } = world();
    for (let n = 0; n < 50; n++) fail(1, `${n}@x`);
    expect(waitMs("new@x")).toBe(1_000);
    expect(waitMs("new@x", "198.51.100.1")).toBe(0);
    for (let n = 0; n < 20; n++) {
      pass(waitMs("new@x"));
      fail(1, `more${n}@x`);
    }
    expect(waitMs("new@x")).toBe(MINUTE_MS);
    pass(15 * MINUTE_MS);
    expect(waitMs("new@x")).toBe(0);
  });

  it("begun at once are as many as one after the other", () => {
    const { begin } = world();
    expect(Array.from({ length: 8 }, () => begin().ok)).toEqual([true, true, true, true, true, false, false, false]);
  });
});

describe("a success", () => {
  it("forgets the failures of the account from that network, and is none of the network", () => {
    const { begin, fail, waitMs } = world();
    for (let n = 0; n < 49; n++) fail(1, `${n}@x`, "192.0.2.1");
    for (let n = 0; n < 10; n++) {
      const begun = begin();
      if (begun.ok) begun.succeeded();
    }
    expect(waitMs()).toBe(0);
    fail(1);
    expect(waitMs()).toBe(1_000);
  });

  it("of one's own account does not forget what one did to others", () => {
    const { begin, fail, waitMs, pass } = world();
    fail(5, "victim@x");
    pass(1_000);
    const begun = begin("mine@x");
    if (begun.ok) begun.succeeded();
    fail(1, "victim@x");
    expect(waitMs("victim@x")).toBe(2_000);
  });
});

it("Wrong codes of a second factor are 20 without a delay, then wait for the account, wherever they come from", () => {
  const attempts = createAttempts({ clock: () => 1 });
  const begun = Array.from({ length: 21 }, () => attempts.beginCode("a"));
  expect(begun.map(({ ok }) => ok)).toEqual([...Array.from({ length: 20 }, () => true), false]);
  expect(attempts.beginCode("b").ok).toBe(true);
  for (const one of begun.slice(0, 1)) if (one.ok) one.succeeded();
  expect(attempts.beginCode("a").ok).toBe(true);
});

it("Mails are three without a delay, for the address however it is spelled and wherever it is asked for, and keep nobody from signing in", () => {
  let nowMs = 1;
  const attempts = createAttempts({ clock: () => nowMs });
  const ask = (email: string, address = "192.0.2.1") => attempts.beginMail({ email, address });
  const begun = ["ada@x", "Ada@X ", "ada@x"].map((email, n) => ask(email, `192.0.${n}.1`));
  for (const one of begun) {
    if (!one.ok) throw new Error("refused");
    // That it came to something, or to nothing, gives no further one.
    one.succeeded();
    one.undo();
  }
  expect(ask("ada@x", "198.51.100.1")).toEqual({ ok: false, error: { code: "too_many_attempts", retryMs: 1_000 } });
  expect(ask("bob@x").ok).toBe(true);
  expect(attempts.begin({ email: "ada@x", address: "192.0.2.1" }).ok).toBe(true);
  nowMs += 1_000;
  expect(ask("ada@x").ok).toBe(true);
  expect(ask("ada@x").ok).toBe(false);
});

it("No more counters are kept than there is room for: the quietest goes first", () => {
  const { fail, waitMs } = world(3);
  fail(5, "ada@x", "10.0.0.1");
  for (let n = 1; n <= 2; n++) fail(1, "x@x", `10.0.${n}.1`);
  expect(waitMs("ada@x", "10.0.0.1")).toBe(1_000);
  fail(1, "x@x", "10.0.3.1");
  expect(waitMs("ada@x", "10.0.0.1")).toBe(0);
});

it.each([
  ["192.0.2.7", "192.0.2"],
  ["::ffff:192.0.2.7", "192.0.2"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:0DB8:0001:0002::1", "2001:db8:1:2"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  ["fe80::1%eth0", "fe80:0:0:0"],
  ["1::2:3:4:5:6:7", "1:0:2:3"],
])("The network of %s is %s", (address, network) => expect(networkOf(address)).toBe(network));
