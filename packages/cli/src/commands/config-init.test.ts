import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig, SETTINGS } from "@reeve/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EXIT } from "../exit.ts";
import { configTemplate, init } from "./config-init.ts";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "reeve-init-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function run(directory: string) {
  const printed: string[] = [];
  const output = { isTerminal: false, hasColour: false, write: (text: string) => void printed.push(text) };
  return { exit: init({ environment: {}, stdout: output, stderr: output }, directory), printed: printed.join("") };
}

describe("init", () => {
  it("writes a file in which nothing is set, for its owner alone, and says what to do next", () => {
    const directory = join(home, "a/b");
    const { exit, printed } = run(directory);
    expect([exit, statSync(join(directory, "reeve.config.yaml")).mode & 0o777]).toEqual([EXIT.yes, 0o600]);
    expect(printed).toContain(`REEVE_CONFIG=${join(directory, "reeve.config.yaml")} `);
    for (const step of ["config check", "start", "doctor"]) expect(printed).toContain(step);
    const config = loadConfig({}, directory);
    expect(config.ok && config.sources.filter(({ from }) => from !== "default")).toEqual([]);
  });

  it("has every setting, and each of its lines can be taken as it stands", () => {
    const lines = configTemplate().split("\n").slice(2);
    const uncommented = lines.map((line) => line.replace(/^# /, "")).join("\n");
    writeFileSync(join(home, "reeve.config.yaml"), uncommented);
    const config = loadConfig({}, home);
    expect(config).toMatchObject({ ok: true });
    const given = config.ok ? config.sources.filter(({ from }) => from.startsWith("reeve.config.yaml:")).map(({ place }) => place) : [];
    const withDefault = Object.values(SETTINGS).filter((setting) => setting.default !== undefined);
    expect(given).toEqual(withDefault.map(({ place }) => place));
    for (const { key, place } of Object.values(SETTINGS)) {
      expect(configTemplate()).toContain(`(${key})`);
      expect(uncommented).toMatch(new RegExp(`^ *${place.split(".").at(-1)}:`, "m"));
    }
  });

  it("leaves a file that is there as it is, and says what it cannot write", () => {
    writeFileSync(join(home, "reeve.config.yaml"), "mine");
    expect(run(home)).toMatchObject({ exit: EXIT.usage, printed: expect.stringContaining("is left as it is") });
    expect(readFileSync(join(home, "reeve.config.yaml"), "utf8")).toBe("mine");
    expect(run(join(home, "reeve.config.yaml"))).toMatchObject({ exit: EXIT.cannotRun });
  });
});
