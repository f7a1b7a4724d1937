/** A log that nobody takes: its disk is full, or whoever reads it has stopped. The server answers all the same, and ends when it is told to. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ROOT } from "./cli-server.ts";
import { CHECK } from "./hostile-bodies.ts";
import { DEMO, TOKEN } from "./serve.ts";

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "reeve-log-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
};

/** A server that tells everything to `stdout`. */
async function startWith(stdout: number | "pipe"): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const environment = { REEVE_PORT: "0", REEVE_DATA_DIR: join(folder(), "data"), REEVE_LOG_LEVEL: "trace", REEVE_DEMO: "on" };
  const child = spawn(process.execPath, [join(ROOT, "tools/node.mjs"), join(ROOT, "packages/cli/src/main.ts"), "start"], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment, REEVE_BOOTSTRAP_TOKEN: TOKEN },
    stdio: ["ignore", stdout, "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let words = "";
  for await (const text of child.stderr as AsyncIterable<Buffer>) {
    words += text.toString();
    const url = /http:\/\/[\w.:]+/.exec(words)?.[0];
    if (url !== undefined) return { child, url };
  }
  throw new Error(`it ended: ${words}`);
}

async function answers(url: string, count: number): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json", "x-request-id": "x".repeat(200) };
  for (let asked = 0; asked < count; asked++) {
    const answer = await fetch(`${url}${DEMO}/check`, {
      method: "POST",
      headers,
      body: JSON.stringify(CHECK),
      signal: AbortSignal.timeout(5_000),
    });
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  }
}
const ended = (child: ChildProcess): Promise<unknown> => new Promise((resolve) => child.once("exit", resolve));

describe("a server whose log is not taken", () => {
  it("because it cannot be written answers, and ends when it is told to", async () => {
    const file = join(folder(), "log");
    writeFileSync(file, "");
    const descriptor = openSync(file, "r");
    const { child, url } = await startWith(descriptor);
    closeSync(descriptor);
    await answers(url, 50);
    child.kill("SIGTERM");
    expect(await ended(child)).toBe(0);
  });

  it("because its reader has stopped answers, and ends when the reader is gone", async () => {
    const { child, url } = await startWith("pipe");
    child.stdout?.pause();
    await answers(url, 1_000);
    child.kill("SIGTERM");
    child.stdout?.destroy();
    expect(await ended(child)).toBe(0);
  });
});
