import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "@reeve/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callerOf } from "./caller.ts";
import { type Welcome, welcomeLines } from "./start-welcome.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "reeve-welcome-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const KEPT: Welcome["running"] = { url: "http://127.0.0.1:7070", administrator: { ok: true, how: "kept" }, hasDemo: true };
const MADE: Welcome["running"] = { ...KEPT, administrator: { ok: true, how: "made", secret: "s3cret" } };

function told(welcome: Partial<Welcome>, environment: Record<string, string> = {}): string[] {
  const config = readConfig({ REEVE_DATA_DIR: join(directory, ".reeve"), ...environment });
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  const caller = { command: "npm run -s reeve --", directory, isElsewhere: false };
  return welcomeLines({ config: config.value, running: KEPT, handed: undefined, caller, ...welcome });
}
const commands = (lines: readonly string[]) => lines.filter((line) => line.startsWith("  npm run"));

describe("the welcome", () => {
  it("says where it listens, where the data is, and three commands", () => {
    const lines = told({ running: MADE, handed: { secret: "s3cret", path: join(directory, ".reeve/admin-token") } });
    expect(lines[0]).toMatch(/^Reeve \d+\.\d+\.\d+ listens on http:\/\/127\.0\.0\.1:7070$/);
    expect(lines[1]).toBe(`Data directory: ${join(directory, ".reeve")}`);
    expect(lines[2]).toContain(join(directory, ".reeve/admin-token"));
    expect(commands(lines)).toHaveLength(3);
    expect(lines.join()).not.toContain("s3cret");
  });

  it("shows a secret that was handed over nowhere else, and exports it for the commands", () => {
    const lines = told({ running: MADE, handed: { secret: "s3cret" } });
    expect(lines[2]).toBe("The administrator's token, shown this once: s3cret");
    expect(lines).toContain("  export REEVE_TOKEN=s3cret");
    expect(commands(lines).join()).not.toContain("s3cret");
  });

  it("says how to get in with a token that is there already", () => {
    expect(told({}).slice(2, 4)).toEqual([
      expect.stringContaining("first start or the last reset"),
      expect.stringContaining("npm run -s reeve -- token reset"),
    ]);
    const given = told({ running: { ...KEPT, administrator: { ok: true, how: "given" } } }, { REEVE_BOOTSTRAP_TOKEN: "x".repeat(32) });
    expect(given[2]).toContain("REEVE_BOOTSTRAP_TOKEN");
    expect(given).toContain('  export REEVE_TOKEN="$REEVE_BOOTSTRAP_TOKEN"');
    expect(given.join()).not.toContain("xxx");
  });

  it("names address, directory and folder in the commands only where they are not found by themselves", () => {
    writeFileSync(join(directory, "admin-token"), "t");
    const lines = told(
      {
        running: { ...KEPT, url: "http://127.0.0.1:9" },
        caller: { command: "npm run -s reeve --", directory: "/it's here", isElsewhere: true },
      },
      { REEVE_DATA_DIR: directory },
    );
    expect(lines).toContain(String.raw`  cd '/it'\''s here'`);
    expect(commands(lines)[0]).toContain(`--url http://127.0.0.1:9 --token-file ${join(directory, "admin-token")} DELETE`);
    expect(commands(told({})).join()).not.toMatch(/--url|--token-file/);
  });

  it("asks the organization's table where the public one is off, and nothing without the demo", () => {
    expect(commands(told({}, { REEVE_PUBLIC_CATALOGUE: "off" }))[2]).toContain("--org DEMO@ReeveOrg");
    expect(commands(told({ running: { ...KEPT, hasDemo: false } }))).toEqual([]);
  });
});

describe("the caller", () => {
  it("is npm in the checkout's top folder, or `reeve` where it was started so", () => {
    const caller = callerOf({ script: "packages/cli/src/main.ts", directory });
    expect(caller).toMatchObject({ command: "npm run -s reeve --", isElsewhere: true });
    expect(callerOf({ script: "packages/cli/src/main.ts", directory: caller.directory }).isElsewhere).toBe(false);
    expect(callerOf({ script: "/usr/bin/reeve", directory })).toEqual({ command: "reeve", directory, isElsewhere: false });
  });
});
