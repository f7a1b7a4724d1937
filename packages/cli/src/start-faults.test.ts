import { readConfig, StoreError } from "@reeve/server";
import { describe, expect, it } from "vitest";
import { configured, startFailure, systemFailure } from "./start-faults.ts";

const read = readConfig({ REEVE_DATA_DIR: "/data", REEVE_PORT: "80" });
if (!read.ok) throw new Error("the test's own configuration");
const config = read.value;
const systemError = (code: string) => Object.assign(new Error(`listen ${code}`), { code, syscall: "listen" });

describe("the faults of a start", () => {
  it("name each key with its value and what is allowed, and no secret", () => {
    const faults = configured({ REEVE_PORT: "x", REEVE_PROT: "1", REEVE_BOOTSTRAP_TOKEN: "short", REEVE_BOTSTRAP_TOKEN: "a-secret" });
    expect(faults).toMatchObject({ ok: false, error: { exit: 2 } });
    const lines = faults.ok ? [] : faults.error.lines;
    expect(lines).toContain("REEVE_PORT=x is not allowed: allowed is a port from 0 to 65535; 0 takes a free one");
    expect(lines).toHaveLength(4);
    expect(lines.join("\n")).not.toMatch(/=short|a-secret/);
  });

  it("of a token that differs are of the configuration", () => {
    const failure = startFailure({ code: "bootstrap_token_differs", detail: "Unset it" });
    expect(failure).toEqual({ exit: 2, lines: [expect.stringMatching(/^REEVE_BOOTSTRAP_TOKEN=.* is not allowed: allowed is/)] });
    expect(startFailure({ code: "demo_refused", detail: "x" }).exit).toBe(3);
  });

  it.each([
    ["EADDRINUSE", /127\.0\.0\.1:80 is in use.*REEVE_PORT/],
    ["EACCES", /REEVE_PORT/],
    ["EADDRNOTAVAIL", /REEVE_HOST/],
    ["ENOTFOUND", /REEVE_HOST/],
    ["EIO", /The system refused: listen EIO/],
  ])("of listening name the remedy: %s", (code, words) => {
    expect(systemFailure(systemError(code), config)).toEqual({ exit: 3, lines: [expect.stringMatching(words)] });
  });

  it("of the store are told in its own words", () => {
    const locked = new StoreError("locked", "Another Reeve server uses /data. Stop it, or choose another data directory.");
    expect(systemFailure(locked, config)).toEqual({ exit: 3, lines: [`${locked.message} (REEVE_DATA_DIR)`] });
    expect(systemFailure(new StoreError("damaged", "It is damaged"), config)?.lines).toEqual([
      "It is damaged. The data directory is /data.",
    ]);
  });

  it("leave a bug to be seen as one", () => {
    expect(systemFailure(new TypeError("x is undefined"), config)).toBeUndefined();
  });
});
