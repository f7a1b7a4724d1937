/** Passwords: hashes that tell nothing, comparisons that cost the same, and no more of them at once than the machine bears. */
import { describe, expect, it } from "vitest";
import { createPasswords, passwordFault } from "./passwords.ts";

const CHEAP = { memoryKiB: 64, passes: 1, lanes: 1 };
const RIGHT = "correct horse battery";

describe("a password", () => {
  it.each([
    ["x".repeat(12), undefined],
    ["x".repeat(11), "too_short"],
    ["", "too_short"],
    ["x".repeat(1_024), undefined],
    ["x".repeat(1_025), "too_long"],
    ["é".repeat(512), undefined],
    ["é".repeat(513), "too_long"],
    ["\u{1f600}".repeat(12), undefined],
    ["\u{1f600}".repeat(11), "too_short"],
    // One character each after composing.
    ["e\u0301".repeat(11), "too_short"],
    [`${"x".repeat(12)}\ud800`, "malformed_text"],
    [" ".repeat(12), undefined],
  ])("%# has 12 characters or more and 1,024 bytes or fewer, whatever they are", (text, fault) => {
    expect(passwordFault(text)).toBe(fault);
  });
});

describe("a hash", () => {
  it("is argon2id in the PHC's form, with the recommended cost and a salt of its own", async () => {
    const { hash, verify } = createPasswords();
    const [one, two] = await Promise.all([hash(RIGHT), hash(RIGHT)]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(two).not.toBe(one);
    expect(await verify(one, RIGHT)).toBe("same");
    expect(await verify(two, `${RIGHT} `)).toBe("other");
  });

  it("is the same for a text however its accents are composed, and another for what only looks compatible", async () => {
    const { hash, verify } = createPasswords({ cost: CHEAP });
    const kept = await hash("caf\u00e9 au lait \u2460");
    expect(await verify(kept, "cafe\u0301 au lait \u2460")).toBe("same");
    expect(await verify(kept, "caf\u00e9 au lait 1")).toBe("other");
  });

  it("of another cost is still understood, and one that is none or that would take too much is nobody's", async () => {
    const kept = (await createPasswords({ cost: CHEAP }).hash(RIGHT)) as string;
    const { verify } = createPasswords({ cost: { ...CHEAP, passes: 2 } });
    expect(await verify(kept, RIGHT)).toBe("same");
    for (const odd of [undefined, "", "x", kept.replace("argon2id", "argon2i"), kept.replace("m=64", "m=9999999"), kept.slice(0, -1)])
      expect(await verify(odd, RIGHT)).toBe("other");
  });

  it("is nobody's where what is shown is no password", async () => {
    const { hash, verify } = createPasswords({ cost: CHEAP });
    const kept = await hash("");
    expect(await verify(kept, "")).toBe("other");
  });
});

describe("many at once", () => {
  it("wait in a queue with a bound, and are refused beyond it; afterwards there is room again", async () => {
    const { verify } = createPasswords({ cost: CHEAP, runningMax: 1, waitingMax: 2 });
    const verdicts = await Promise.all(Array.from({ length: 5 }, () => verify(undefined, RIGHT)));
    expect(verdicts).toEqual(["other", "other", "other", "busy", "busy"]);
    expect(await verify(undefined, RIGHT)).toBe("other");
  });
});
