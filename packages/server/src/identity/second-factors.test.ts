/** Second factors: codes of time and recovery codes, each counted once. */
import { describe, expect, it } from "vitest";
import { memoryStore } from "../store/memory/memory-store.ts";
import { ACCOUNT } from "./kinds.ts";
import { createSecondFactors } from "./second-factors.ts";
import { base32, totpCode, totpStep } from "./totp.ts";

describe("codes of time", () => {
  // RFC 6238 Appendix B, of whose 8 digits the last 6 are those of a code of 6.
  const secret = base32(Buffer.from("12345678901234567890"));
  it.each([
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
    [20_000_000_000, "353130"],
  ])("at second %d the code is %s, as RFC 6238 says", (seconds, code) => {
    expect(totpCode(secret, Math.floor(seconds / 30))).toBe(code);
    expect(totpStep(secret, code, seconds * 1_000)).toBe(Math.floor(seconds / 30));
  });

  it("count for one step before and after", () => {
    const at = (step: number) => totpStep(secret, totpCode(secret, step), 1_000 * 30_000);
    expect([998, 999, 1_000, 1_001, 1_002].map(at)).toEqual([undefined, 999, 1_000, 1_001, undefined]);
    for (const odd of ["", "12345", "1234567", "abcdef"]) expect(totpStep(secret, odd, 0)).toBeUndefined();
  });
});

async function world() {
  const store = memoryStore();
  let nowMs = 1_700_000_000_000;
  await store.items.write((tx) => tx.put({ kind: ACCOUNT, id: "a", value: { email: "ada@x", passwordHash: "h" } }));
  const factors = createSecondFactors({ items: store.items, clock: () => nowMs });
  const codeOf = (secret: string): string => totpCode(secret, Math.floor(nowMs / 30_000));
  const turnOn = async () => {
    const secret = (await factors.enrol("a"))?.secret as string;
    const done = await factors.confirm("a", codeOf(secret));
    if (typeof done === "string") throw new Error(done);
    return { secret, codes: done.codes };
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { store, factors, codeOf, turnOn, pass };
}

describe("a second factor", () => {
  it("is on when a code of its secret was shown, and not before", async () => {
    const { factors, codeOf } = await world();
    expect(await factors.confirm("a", "123456")).toBe("not_enrolled");
    const first = await factors.enrol("a");
    const second = await factors.enrol("a");
    expect(second?.uri).toBe(`otpauth://totp/Reeve:ada%40x?secret=${second?.secret}&issuer=Reeve&algorithm=SHA1&digits=6&period=30`);
    expect(await factors.confirm("a", codeOf(first?.secret as string))).toBe("wrong_code");
    expect([await factors.isOn("a"), await factors.use("a", codeOf(second?.secret as string))]).toEqual([false, false]);
    expect(await factors.confirm("a", codeOf(second?.secret as string))).toEqual({ codes: expect.any(Array) });
    expect([await factors.isOn("a"), await factors.enrol("a")]).toEqual([true, undefined]);
    expect([await factors.isOn("b"), await factors.enrol("b")]).toEqual([false, undefined]);
  });

  it("takes each code once, and none of an earlier step", async () => {
    const { factors, codeOf, turnOn, pass } = await world();
    const { secret } = await turnOn();
    expect(await factors.use("a", codeOf(secret))).toBe(false);
    const before = codeOf(secret);
    pass(30_000);
    const code = codeOf(secret);
    expect(await Promise.all([factors.use("a", code), factors.use("a", code)])).toEqual([true, false]);
    expect(await factors.use("a", before)).toBe(false);
  });

  it("has ten recovery codes, each good once, kept as hashes", async () => {
    const { store, factors, turnOn } = await world();
    const { codes } = await turnOn();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
    const kept = JSON.stringify(await store.items.list({ kind: "recovery-code", owner: "a" }, undefined, 100));
    for (const code of codes) expect(kept).not.toContain(code);
    const [one, two] = codes as [string, string];
    expect([await factors.use("a", ` ${one.toLowerCase()} `), await factors.use("a", one)]).toEqual([true, false]);
    expect(await factors.use("b", two)).toBe(false);
    expect(await factors.turnOff("a")).toBe(true);
    expect([await factors.use("a", two), await factors.turnOff("a"), await factors.isOn("a")]).toEqual([false, false, false]);
    expect((await store.items.find(ACCOUNT, "a"))?.value).toEqual({ email: "ada@x", passwordHash: "h" });
  });
});
