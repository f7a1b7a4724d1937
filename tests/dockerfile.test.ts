/**
 * The Dockerfile: a linter finds nothing, and what its instructions make of an empty directory is a server that starts, without the
 * packages of development, as somebody who is not root where this machine lets us.
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { SETTINGS } from "@reeve/server";
import { validate } from "dockerfile-utils";
import { describe, expect, it, onTestFinished } from "vitest";
import { ROOT } from "./cli-server.ts";

const text = readFileSync(join(ROOT, "Dockerfile"), "utf8");
const instructions = text
  .split("\n")
  .filter((line) => /^[A-Z]+ /.test(line))
  .map((line) => ({ name: line.split(" ")[0] as string, rest: line.slice(line.indexOf(" ") + 1) }));
const last = (name: string): string => instructions.findLast((one) => one.name === name)?.rest ?? "";
const environment = Object.fromEntries(
  instructions
    .filter(({ name }) => name === "ENV")
    .flatMap(({ rest }) => rest.split(" ").map((pair) => pair.split("=") as [string, string])),
);
/** Files of the repository that a COPY takes, and where it puts them. */
const copies = instructions
  .filter(({ name, rest }) => name === "COPY" && !rest.startsWith("--from"))
  .map(({ rest }) => ({ from: rest.split(" ").slice(0, -1), to: rest.split(" ").at(-1) as string }));
const NOBODY = 65_534;

describe("the Dockerfile", () => {
  it("has no finding of a linter", () => {
    const findings = validate(text, { instructionJSONInSingleQuotes: 2, deprecatedMaintainer: 2, emptyContinuationLine: 2 });
    expect(findings.map(({ message }) => message)).toEqual([]);
  });

  it("runs as nobody special, keeps its data in a volume, and listens where it says", () => {
    expect(last("USER")).toBe("node:node".split(":")[0]);
    expect(JSON.parse(last("VOLUME"))).toEqual([environment.REEVE_DATA_DIR]);
    expect(last("EXPOSE")).toBe(SETTINGS.port.default);
    expect(text).toContain(`process.env.REEVE_PORT ?? ${SETTINGS.port.default}`);
    const known = Object.values(SETTINGS).map(({ key }) => key as string);
    expect(Object.keys(environment).filter((key) => key.startsWith("REEVE_") && !known.includes(key))).toEqual([]);
  });

  it("installs every package of the workspace", () => {
    const { workspaces } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const copied = copies.flatMap(({ from }) => from).filter((path) => /^packages\/\w+\/package\.json$/.test(path));
    expect(copied.map(dirname)).toEqual(workspaces);
    for (const path of copies.flatMap(({ from }) => from)) expect(existsSync(join(ROOT, path)), path).toBe(true);
  });

  it("makes a server that starts and answers, with nothing but the packages that run", async () => {
    const directory = mkdtempSync(join(tmpdir(), "reeve-image-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    chmodSync(directory, 0o755);
    for (const { from, to } of copies) {
      for (const path of from) {
        const target = to.endsWith("/") ? join(directory, to, basename(path)) : join(directory, to);
        mkdirSync(dirname(target), { recursive: true });
        cpSync(join(ROOT, path), target, { recursive: true, filter: (one) => !/(node_modules|dist|\.test\.ts)$/.test(one) });
      }
    }
    const install = (instructions.find(({ name, rest }) => name === "RUN" && rest.startsWith("npm ci"))?.rest ?? "").split(
      " && ",
    )[0] as string;
    const npm = spawnSync("sh", ["-c", `${install} --prefer-offline`], { cwd: directory, encoding: "utf8" });
    expect(npm.status, npm.stderr).toBe(0);
    expect(existsSync(join(directory, "node_modules/vitest"))).toBe(false);
    const data = mkdtempSync(join(tmpdir(), "reeve-image-data-"));
    onTestFinished(() => rmSync(data, { recursive: true, force: true }));
    chmodSync(data, 0o777);
    const isRoot = process.getuid?.() === 0;
    const [, ...words] = [...JSON.parse(last("ENTRYPOINT")), ...JSON.parse(last("CMD"))];
    const child = spawn(process.execPath, words, {
      cwd: directory,
      env: { PATH: process.env.PATH, ...environment, REEVE_DATA_DIR: join(data, "inner"), REEVE_PORT: "0", REEVE_HOST: "127.0.0.1" },
      stdio: ["ignore", "ignore", "pipe"],
      // A group of its own: the launcher starts another process, which is ended with it.
      detached: true,
      ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    });
    onTestFinished(() => void process.kill(-(child.pid as number), "SIGKILL"));
    let told = "";
    for await (const chunk of child.stderr as AsyncIterable<Buffer>) {
      told += chunk.toString();
      if (/http:\/\/[\w.:]+/.test(told)) break;
    }
    const url = /http:\/\/[\w.:]+/.exec(told)?.[0];
    expect((await fetch(`${url}/readyz`)).status, told).toBe(200);
  });
});
