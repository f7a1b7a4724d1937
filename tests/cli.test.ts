/**
 * The command line against a server that it started itself: the first start, ways in, exit codes, signals, wrong configuration.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commandsOf, ROOT, reeve, shell, startReeve, stopAll } from "./cli-server.ts";
import { noteSkip, onPath } from "./require.ts";

let home: string;
let data: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "reeve-cli-"));
  data = join(home, ".reeve");
});
afterEach(async () => {
  await stopAll();
  rmSync(home, { recursive: true, force: true });
});

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const tokenFile = () => join(data, "admin-token");
const demo = () => ({ REEVE_DATA_DIR: data, REEVE_DEMO: "on" });
const firstLine = (text: string) => text.split("\n")[0];

describe("the first start", () => {
  it("says how to get in and what to try, and what it says works as it is", async () => {
    const { url, words, stop } = await startReeve({ directory: home });
    expect(words).toContain(`Data directory: ${data}`);
    expect(words).toContain(tokenFile());
    expect([modeOf(data), modeOf(tokenFile())]).toEqual(["700", "600"]);
    const secret = readFileSync(tokenFile(), "utf8").trim();
    expect(words).not.toContain(secret);

    const commands = commandsOf(words);
    const ends = [];
    for (const command of commands) ends.push(await shell(command));
    expect(ends.map(({ code, out }) => [code, firstLine(out)])).toEqual([
      [0, "ALLOW  An alternative of the operation's rule holds. (allowed_by_rule)"],
      [1, "DENY  Nothing gives this access. (no_access)"],
      [0, "# Cloud Manager: operations and permissions"],
    ]);
    expect(ends[1]?.out).toContain("missing: role deployment-manager");
    const page = new RegExp(`as a page: (${url}/operations\\S*)`).exec(words)?.[1] ?? "";
    expect((await fetch(page)).headers.get("content-type")).toContain("text/html");

    const { code, out } = await stop();
    expect(code).toBe(0);
    const log = out.trim().split("\n");
    expect(log.every((line) => typeof JSON.parse(line).level === "number")).toBe(true);
    expect(out).not.toContain(secret);
  });

  it("makes a token that later starts keep, and loads the demo once", async () => {
    await (await startReeve({ directory: home })).stop();
    const secret = readFileSync(tokenFile(), "utf8");
    const { url, words } = await startReeve({ directory: home });
    expect(readFileSync(tokenFile(), "utf8")).toBe(secret);
    expect(commandsOf(words)).toHaveLength(3);
    expect((await reeve(["whoami", "--url", url], { directory: home })).code).toBe(0);
  });

  it("loads no demo into a directory that was named", async () => {
    const { words } = await startReeve({ environment: { REEVE_DATA_DIR: data } });
    expect(commandsOf(words)).toEqual([]);
  });

  const script = onPath("script")[0];
  if (script === undefined) noteSkip("no `script`, which gives a program a terminal, is on this machine");
  it.skipIf(script === undefined)("shows the token once on a terminal, and keeps it in no file", async () => {
    const line = `exec ${process.execPath} ${join(ROOT, "tools/node.mjs")} ${join(ROOT, "packages/cli/src/main.ts")} start`;
    const typescript = join(home, "typescript");
    const pasted = shell(`exec script -qefc '${line}' ${typescript} </dev/null`, { directory: home, environment: { REEVE_PORT: "0" } });
    const screen = () => (existsSync(typescript) ? readFileSync(typescript, "utf8").replaceAll("\r", "") : "");
    for (let tries = 0; tries < 100 && !screen().includes("stops it."); tries++) await wait(100);
    const [, secret = ""] = /shown this once: (\S+)/.exec(screen()) ?? [];
    const exported = screen()
      .split("\n")
      .find((one) => one.startsWith("  export REEVE_TOKEN="));
    expect([secret.length, existsSync(tokenFile())]).toEqual([49, false]);
    const [allow = ""] = commandsOf(screen());
    expect(await shell(`${exported}\n${allow}`)).toMatchObject({ code: 0, out: expect.stringMatching(/^ALLOW/) });
    expect(screen()).not.toMatch(/"level":30/);
    process.kill(JSON.parse(readFileSync(join(data, "server.lock.json"), "utf8")).pid, "SIGINT");
    await pasted;
    expect((await startReeve({ directory: home })).words).not.toContain(secret);
  });
});

describe("exit codes", () => {
  it("are 0 for yes, 1 for no, 2 for usage, and 3 to 5 for what fails", async () => {
    const { url } = await startReeve({ environment: demo() });
    const environment = { REEVE_URL: url, REEVE_DATA_DIR: data, REEVE_ORG: "DEMO@ReeveOrg" };
    const resource = ["--subject", "user:hugo", "--action", "view", "--resource"];
    const ends = async (words: string[], more = {}) => (await reeve(words, { environment: { ...environment, ...more } })).code;
    expect(await ends(["check", "--subject", "user:ben", "--action", "view", "--resource", "/spaces/apim/apis/orders"])).toBe(0);
    expect(await ends(["check", ...resource, "/spaces/apim/apis/payments"])).toBe(1);
    expect(await ends(["why", "--json", ...resource, "/spaces/apim/apis/payments"])).toBe(1);
    expect(await ends(["check", ...resource, "/", "--at-least", "nonsense"])).toBe(2);
    expect(await ends(["check", "--subject", "hugo"])).toBe(2);
    expect(await ends(["whoami"], { REEVE_URL: "http://127.0.0.1:9" })).toBe(3);
    expect(await ends(["whoami"], { REEVE_TOKEN: "wrong" })).toBe(4);
    expect(await ends(["whoami"], { REEVE_DATA_DIR: home })).toBe(4);
    expect(await ends(["check", ...resource, "/", "--org", "NONE@x"])).toBe(5);
    expect(await ends(["catalogue", "table", "--product", "none"])).toBe(5);
  });
});

describe("the bootstrap token", () => {
  const token = "a-bootstrap-token-of-32-characters";

  it("is the administrator's, is kept in no file, and may be given again", async () => {
    const environment = { ...demo(), REEVE_BOOTSTRAP_TOKEN: token };
    const first = await startReeve({ environment });
    expect(first.words).not.toContain(token);
    expect(existsSync(tokenFile())).toBe(false);
    expect((await reeve(["whoami", "--url", first.url], { environment: { REEVE_TOKEN: token } })).code).toBe(0);
    await first.stop();
    await (await startReeve({ environment })).stop();
    const other = await reeve(["start"], { environment: { ...environment, REEVE_BOOTSTRAP_TOKEN: token.toUpperCase() } });
    expect([other.code, other.err]).toEqual([2, expect.stringContaining("REEVE_BOOTSTRAP_TOKEN")]);
    expect(other.err).not.toContain(token.toUpperCase());
  });

  it("has 32 characters or more", async () => {
    const { code, err } = await reeve(["start"], { environment: { REEVE_DATA_DIR: data, REEVE_BOOTSTRAP_TOKEN: "s".repeat(31) } });
    expect([code, err]).toEqual([2, expect.stringMatching(/^REEVE_BOOTSTRAP_TOKEN=.* is not allowed: allowed is 32 to 512/)]);
    expect(existsSync(data)).toBe(false);
    expect(await startReeve({ environment: { REEVE_DATA_DIR: data, REEVE_BOOTSTRAP_TOKEN: "s".repeat(32) } })).toBeDefined();
  });
});

describe("token reset", () => {
  it("needs the server stopped, ends the old token and makes a new one", async () => {
    const running = await startReeve({ environment: demo() });
    const environment = { REEVE_DATA_DIR: data };
    const old = readFileSync(tokenFile(), "utf8").trim();
    expect(await reeve(["token", "reset"], { environment })).toMatchObject({ code: 3, err: expect.stringContaining("Stop it") });
    await running.stop();

    const reset = await reeve(["token", "reset"], { environment });
    expect([reset.code, reset.out]).toEqual([0, expect.stringContaining(tokenFile())]);
    expect(modeOf(tokenFile())).toBe("600");
    const made = readFileSync(tokenFile(), "utf8").trim();
    expect(reset.out).not.toContain(made);

    const { url } = await startReeve({ environment: demo() });
    const whoami = (REEVE_TOKEN: string) => reeve(["whoami", "--url", url], { environment: { REEVE_TOKEN } });
    expect([(await whoami(old)).code, (await whoami(made)).code]).toEqual([4, 0]);
  });

  it("makes no data directory", async () => {
    expect(await reeve(["token", "reset"], { environment: { REEVE_DATA_DIR: data } })).toMatchObject({ code: 3 });
    expect(existsSync(data)).toBe(false);
  });
});

/** Sends half a request and holds the connection. */
async function halfRequest(url: string, token: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(`POST /v1/orgs/DEMO@ReeveOrg/check HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n`);
  socket.write("content-type: application/json\r\ncontent-length: 100\r\n\r\n{");
  await wait(300);
}

describe("signals", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("%s ends an idle server at once, with 0", async (name) => {
    const running = await startReeve({ environment: demo() });
    const beganMs = performance.now();
    running.signal(name);
    expect(await running.ended).toMatchObject({ code: 0, signal: null });
    expect(performance.now() - beganMs).toBeLessThan(5_000);
    expect(existsSync(join(data, "server.lock.json"))).toBe(false);
  });

  it("to npm end the server that `npm start` started", async () => {
    const { stop } = await startReeve({ environment: demo(), byNpm: true });
    expect(existsSync(join(data, "server.lock.json"))).toBe(true);
    // Its output is closed by whoever holds it last, which is the server.
    await stop();
    expect(existsSync(join(data, "server.lock.json"))).toBe(false);
  });

  it("close within 10 s where a client holds a request open", async () => {
    const running = await startReeve({ environment: demo() });
    await halfRequest(running.url, readFileSync(tokenFile(), "utf8").trim());
    const beganMs = performance.now();
    expect((await running.stop()).code).toBe(0);
    expect(performance.now() - beganMs).toBeLessThan(10_000);
  });

  it("end at once the second time, but not where one press arrives twice", async () => {
    const running = await startReeve({ environment: demo() });
    await halfRequest(running.url, readFileSync(tokenFile(), "utf8").trim());
    running.signal("SIGTERM");
    await wait(200);
    running.signal("SIGTERM");
    await wait(1_300);
    const beganMs = performance.now();
    running.signal("SIGTERM");
    expect((await running.ended).code).toBe(143);
    expect(performance.now() - beganMs).toBeLessThan(1_000);
  });
});

describe("a start that cannot be", () => {
  it("names every key, its value and what is allowed, and ends with 2", async () => {
    const environment = {
      REEVE_DATA_DIR: data,
      REEVE_PORT: "many",
      REEVE_LOG_LEVEL: "loud",
      REEVE_PROT: "1",
      REEVE_DATABASE_URL: "postgres://u:secret@h/d",
    };
    const { code, err, out } = await reeve(["start"], { environment });
    expect([code, out]).toEqual([2, ""]);
    expect(err.trim().split("\n").sort()).toEqual([
      "REEVE_DATABASE_URL=(not shown) is not allowed: allowed is nothing yet: PostgreSQL is not supported by this version; leave it unset",
      "REEVE_LOG_LEVEL=loud is not allowed: allowed is fatal, error, warn, info, debug, trace, silent",
      "REEVE_PORT=many is not allowed: allowed is a port from 0 to 65535; 0 takes a free one",
      expect.stringMatching(/^REEVE_PROT=1 is not allowed: allowed is a known key: REEVE_HOST, /),
    ]);
  });

  it("says who uses the directory, and ends with 3", async () => {
    await startReeve({ environment: demo() });
    const { code, err } = await reeve(["start"], { environment: { ...demo(), REEVE_PORT: "0" } });
    expect([code, err]).toEqual([
      3,
      expect.stringMatching(/^Another Reeve server \(process \d+ .*Stop it, or choose another data directory/),
    ]);
  });

  it("says that the port is in use, ends with 3, and leaves the token to be made by the start that succeeds", async () => {
    const other = await startReeve({ environment: { REEVE_DATA_DIR: join(home, "other") } });
    const environment = { ...demo(), REEVE_PORT: new URL(other.url).port };
    const { code, err } = await reeve(["start"], { environment });
    expect([code, err]).toEqual([3, expect.stringMatching(/is in use.*REEVE_PORT/)]);
    expect(existsSync(tokenFile())).toBe(false);
    const { words } = await startReeve({ environment: demo() });
    expect(words).toContain(tokenFile());
    expect((await shell(commandsOf(words)[0] ?? "")).code).toBe(0);
  });
});

describe("the command `reeve`", () => {
  const bin = join(ROOT, "packages/cli/bin/reeve.mjs");
  const older = [...onPath("node"), "/usr/local/bin/node", "/usr/bin/node"].find((node) => {
    const { status, stdout } = spawnSync(node, ["-p", "process.versions.node.split('.')[0]"], { encoding: "utf8" });
    return status === 0 && Number(stdout) < 24;
  });
  if (older === undefined) noteSkip("no Node.js older than 24 is on this machine");

  it("runs from the checkout without a flag", () => {
    const { status, stdout } = spawnSync(process.execPath, [bin, "--version"], { encoding: "utf8" });
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  });

  it.skipIf(older === undefined)("says under an older Node.js what it needs, and ends with 3", () => {
    const { status, stderr } = spawnSync(older ?? "", [bin, "whoami"], { encoding: "utf8" });
    expect([status, stderr]).toEqual([3, expect.stringContaining("Reeve needs Node.js 24 or later")]);
  });
});
