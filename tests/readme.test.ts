/**
 * The README and the page on configuration say what is so: their commands are run, their keys, defaults and codes compared.
 *
 * `npm ci && npm start` and `npm ci && npm test` are what continuous integration does on a clean clone; here their scripts must exist.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OTHER_KEYS, readConfig, SETTINGS, type Setting } from "@reeve/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, type Started, shell, startReeve } from "./cli-server.ts";
import { expectShown, stepsOf } from "./walked-page.ts";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const README = read("README.md");
const CONFIGURE = read("docs/how-to/configure.md");

const fences = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, body = ""]) => body);

/** The commands with what is shown below each. */
const sessions = stepsOf(README).flatMap((step) => ("command" in step && step.shown !== undefined ? [{ ...step, shown: step.shown }] : []));

let home: string;
let server: Started;
let environment: Readonly<Record<string, string>>;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "reeve-readme-"));
  const directory = { REEVE_DATA_DIR: join(home, ".reeve") };
  server = await startReeve({ environment: { ...directory, REEVE_DEMO: "on" } });
  environment = { ...directory, REEVE_URL: server.url };
});
afterAll(async () => {
  await server?.stop();
  rmSync(home, { recursive: true, force: true });
});

describe("the README", () => {
  it("shows an allow, a deny and the table", () => {
    expect(sessions.map(({ shown }) => shown[0]?.split(" ")[0])).toEqual(["ALLOW", "DENY", "#"]);
  });

  it.each(sessions)("shows what this prints: $command", async ({ command, shown }) => {
    const ended = await shell(command, { environment });
    expect([ended.code, ended.err]).toEqual([shown[0]?.startsWith("DENY") ? 1 : 0, ""]);
    expectShown(ended.out, shown);
  });

  it("shows the commands that `npm start` prints", () => {
    const flags = / --(url|token-file) \S+/g;
    const printed = server.words.split("\n").filter((line) => line.startsWith("  npm run"));
    expect(sessions.map(({ command }) => command)).toEqual(printed.map((line) => line.trim().replace(flags, "")));
  });

  it("names only scripts and files that are there", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const called = [...README.matchAll(/npm (?:run -s )?(start|test|reeve)\b/g)].map(([, name = ""]) => name);
    expect(new Set(called)).toEqual(new Set(["start", "test", "reeve"]));
    expect(called.filter((name) => scripts[name] === undefined)).toEqual([]);
    const links = [...README.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, path = ""]) => path);
    expect(links.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe("the configuration", () => {
  const settings: readonly Setting[] = Object.values(SETTINGS);

  it.each([
    ["README.md", README],
    ["docs/how-to/configure.md", CONFIGURE],
  ])("is named in %s as it is, and the whole of it is a link away", (_, text) => {
    const known = [...settings, ...OTHER_KEYS].map(({ key }) => key);
    const named = [...text.matchAll(/\bREEVE_[A-Z_]+/g)].map(([key]) => key);
    expect(named.filter((key) => !known.includes(key))).toEqual([]);
    expect(text).toContain("reference/configuration.md");
    for (const line of text.split("\n").filter((one) => /^\| `REEVE_/.test(one))) {
      const [, key = "", fallback = ""] = /^\| `(\w+)` \| `([^`]*)`/.exec(line) ?? [];
      if (key !== "") expect(settings.find((one) => one.key === key)?.default, line).toBe(fallback.replace(/^\.\//, ""));
    }
  });

  it("can be the file that the page shows", () => {
    const text = fences(CONFIGURE, "yaml")[0] ?? "";
    expect(readConfig({}, { name: "shown", directory: ROOT, text })).toMatchObject({ ok: true, value: { host: "0.0.0.0" } });
  });

  it("tells a fault as the page shows it, and the exit codes that the help shows", async () => {
    const ended = await shell("npm run -s reeve -- start", { environment: { REEVE_PORT: "many" } });
    expect(ended.code).toBe(2);
    expect(fences(CONFIGURE, "text")[0]).toBe(ended.err);
    const { out } = await shell("npm run -s reeve -- --help");
    const codes = [...CONFIGURE.matchAll(/^\| (\d) \| (.*) \|$/gm)].map(([, code, meaning]) => `  ${code}  ${meaning}`);
    expect(out).toContain(`Exit codes:\n${codes.join("\n")}\n`);
  });

  it("can be used as the page's script does", async () => {
    const script = (fences(CONFIGURE, "sh")[0] ?? "").replace("reeve check", "npm run -s reeve -- check");
    expect((await shell(script, { environment })).out.trim().split("\n").at(-1)).toBe("allowed");
  });
});
