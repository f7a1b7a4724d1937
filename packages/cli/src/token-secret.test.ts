import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Shell } from "./shell.ts";
import { handOver } from "./token-secret.ts";

const shell = (isTerminal: boolean): Shell => {
  const output = { isTerminal, hasColour: false, write: () => undefined };
  return { environment: {}, stdout: output, stderr: output };
};

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "reeve-secret-"));
  file = join(directory, "admin-token");
  writeFileSync(file, "an old one", { mode: 0o644 });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("handing over a secret", () => {
  it("writes it for its owner alone where stdout is no terminal, whatever lay there", async () => {
    expect(await handOver(shell(false), directory, "new")).toEqual({ secret: "new", path: file });
    expect(readFileSync(file, "utf8")).toBe("new\n");
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("leaves it to be shown on a terminal, and no file with an old one", async () => {
    expect(await handOver(shell(true), directory, "new")).toEqual({ secret: "new" });
    expect(existsSync(file)).toBe(false);
  });

  it("rejects where the directory cannot take it", async () => {
    await expect(handOver(shell(false), join(directory, "no"), "new")).rejects.toThrow("ENOENT");
  });
});
