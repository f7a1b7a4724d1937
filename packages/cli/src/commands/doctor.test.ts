/** Every finding of the doctor, by breaking the thing for real and seeing it named. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Config, openSqliteStore, readConfig, startServer, VERSION } from "@reeve/server";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { FINDINGS, type Finding, type FindingCode } from "../doctor/findings.ts";
import { EXIT } from "../exit.ts";
import { type DoctorOptions, doctor, type Machine } from "./doctor.ts";

const TOKEN = "the-administrator-of-the-doctor-0123456789";
const seen = new Set<string>();
const ends: (() => unknown)[] = [];
let home: string;
let data: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "reeve-doctor-"));
  data = join(home, "data");
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  rmSync(home, { recursive: true, force: true });
});

type Asked = { readonly environment?: Record<string, string>; readonly options?: DoctorOptions; readonly machine?: Partial<Machine> };
type Report = { readonly exit: number; readonly codes: readonly FindingCode[]; readonly findings: readonly Finding[] };

async function examine({ environment = {}, options = {}, machine = {} }: Asked = {}): Promise<Report> {
  const printed: string[] = [];
  const output = { isTerminal: false, hasColour: false, write: (text: string) => void printed.push(text) };
  const all = { REEVE_DATA_DIR: data, REEVE_PORT: "1", ...environment };
  const usual: Machine = { nodeVersion: "24.0.0", nowMs: Date.now, freeBytes: () => 2 ** 40 };
  const shell = { environment: all, stdout: output, stderr: output };
  const exit = await doctor(shell, { output: "json", ...options }, { ...usual, ...machine });
  const { findings, ok } = JSON.parse(printed.join("")) as { findings: Finding[]; ok: boolean };
  expect(ok).toBe(exit === EXIT.yes);
  for (const { code, finding, remedy, severity } of findings) {
    seen.add(code);
    expect([FINDINGS[code].remedy, FINDINGS[code].severity]).toEqual([remedy, severity]);
    expect(finding).toMatch(/[.?]$/);
  }
  return { exit, codes: findings.map(({ code }) => code), findings };
}

const configOf = (more: Record<string, string> = {}): Config => {
  const base = { REEVE_DATA_DIR: data, REEVE_PORT: "0", REEVE_LOG_LEVEL: "silent", REEVE_BOOTSTRAP_TOKEN: TOKEN };
  const config = readConfig({ ...base, ...more });
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  return config.value;
};

/** A server over the data directory, with the demo unless it is told otherwise; and what asks it. */
async function started(more: Record<string, string> = { REEVE_DEMO: "on" }) {
  const running = await startServer(configOf(more));
  if (!running.ok) throw new Error(running.error.detail);
  ends.push(() => running.value.close());
  const { url } = running.value;
  const call = async (path: string, body: object): Promise<Record<string, string>> => {
    const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
    const response = await fetch(url + path, { method: "POST", body: JSON.stringify(body), headers });
    const text = await response.text();
    expect(response.ok, text).toBe(true);
    return JSON.parse(text);
  };
  const change = (...changes: object[]) => call("/v1/orgs/DEMO@ReeveOrg/changes", { changes });
  return { url, call, change, environment: { REEVE_URL: url, REEVE_TOKEN: TOKEN } };
}

/** A database that a server made, closed again. */
async function made(): Promise<string> {
  const store = openSqliteStore({ directory: data });
  await store.create("A@x", (tx) => {
    tx.put({ kind: "principal", value: { id: "ada", type: "user", active: true } });
    tx.audit({ actor: { type: "user", id: "ada" }, action: "test", target: "/", requestId: "r" });
  });
  await store.close();
  return join(data, "reeve.db");
}

/** The audit is append-only by triggers, which somebody who can write the file can take away and put back. */
async function altered(...statements: string[]): Promise<void> {
  const db = new DatabaseSync(await made());
  const triggers = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as { name: string; sql: string }[];
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  for (const statement of [...statements, ...triggers.map(({ sql }) => sql)]) db.exec(statement);
  db.close();
}

async function listening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  return server;
}
const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe("the installation", () => {
  it("is well before the first start, which it says", async () => {
    expect(await examine()).toMatchObject({ exit: EXIT.yes, codes: ["data_directory_missing", "server_not_running"] });
  });

  it("is told by weight, errors first, each with its code and what mends it", async () => {
    const printed: string[] = [];
    const output = { isTerminal: false, hasColour: false, write: (text: string) => void printed.push(text) };
    const shell = { environment: { REEVE_DATA_DIR: data, REEVE_PORT: "1" }, stdout: output, stderr: output };
    expect(await doctor(shell, {}, { nodeVersion: "22.0.0", nowMs: Date.now })).toBe(EXIT.no);
    expect(printed.join("")).toBe(
      [
        "error  node_too_old",
        "  This is Node.js 22.0.0; Reeve needs 24 or later.",
        `  → ${FINDINGS.node_too_old.remedy}`,
        "note  data_directory_missing",
        `  The data directory that is named is not there: ${data}.`,
        `  → ${FINDINGS.data_directory_missing.remedy}`,
        "note  server_not_running",
        "  No server runs at http://127.0.0.1:1.",
        `  → ${FINDINGS.server_not_running.remedy}`,
        "1 error, 0 warnings, 2 notes.",
        "",
      ].join("\n"),
    );
  });

  it("an old Node.js is an error", async () => {
    expect(await examine({ machine: { nodeVersion: "22.9.0" } })).toMatchObject({
      exit: EXIT.no,
      codes: ["node_too_old", expect.anything(), expect.anything()],
    });
  });

  it("settings that are unknown or not allowed are told all together, with what was meant", async () => {
    const { exit, findings } = await examine({ environment: { REEVE_PROT: "1", REEVE_DEMO: "maybe", REEVE_PORT: "" } });
    expect([exit, findings[0]]).toEqual([
      EXIT.no,
      expect.objectContaining({ code: "setting_unknown", finding: expect.stringContaining("Did you mean REEVE_PORT?") }),
    ]);
    expect(findings[1]).toMatchObject({ code: "setting_not_allowed", finding: expect.stringContaining("on, off, auto") });
  });

  it("settings that contradict each other, listen everywhere or hide the file's are told", async () => {
    const file = join(home, "reeve.config.yaml");
    writeFileSync(file, "http:\n  host: 127.0.0.1\n");
    const { codes, exit } = await examine({
      environment: { REEVE_CONFIG: file, REEVE_HOST: "0.0.0.0", REEVE_CONNECTIONS_MAX: "10" },
    });
    expect([exit, codes.slice(0, 3)]).toEqual([EXIT.yes, ["setting_overridden", "settings_contradict", "listens_everywhere"]]);
  });

  it("a public address that is missing, or in clear, is told where others than this machine ask", async () => {
    const codes = async (environment: Record<string, string>) =>
      (await examine({ environment })).codes.filter((code) => code.startsWith("public_url"));
    expect(await codes({ REEVE_HOST: "192.0.2.1" })).toEqual(["public_url_missing"]);
    expect(await codes({ REEVE_HOST: "192.0.2.1", REEVE_PUBLIC_URL: "http://reeve.example.com" })).toEqual(["public_url_in_clear"]);
    expect(await codes({ REEVE_HOST: "192.0.2.1", REEVE_PUBLIC_URL: "https://reeve.example.com" })).toEqual([]);
    expect(await codes({ REEVE_PUBLIC_URL: "http://127.0.0.1:7070" })).toEqual([]);
    expect(await codes({})).toEqual([]);
  });

  it("that no mail is sent is told where people are to reach it", async () => {
    const codes = async (environment: Record<string, string>) => (await examine({ environment })).codes;
    const site = { REEVE_PUBLIC_URL: "https://reeve.example.com" };
    expect(await codes(site)).toContain("mail_missing");
    expect(await codes({ ...site, REEVE_SMTP_URL: "smtps://mail.example.com:465", REEVE_MAIL_FROM: "reeve@example.com" })).not.toContain(
      "mail_missing",
    );
    expect(await codes({})).not.toContain("mail_missing");
  });

  it("a port that another program uses is named", async () => {
    const server = await listening((_request, response) => void response.writeHead(404).end());
    const { codes } = await examine({ environment: { REEVE_PORT: `${(server.address() as AddressInfo).port}` } });
    expect(codes).toEqual(["data_directory_missing", "port_in_use"]);
  });
});

describe("the data directory", () => {
  it("that others may enter, or that is none, is told", async () => {
    await made();
    chmodSync(data, 0o755);
    expect((await examine()).codes).toContain("data_directory_open");
    rmSync(data, { recursive: true });
    writeFileSync(data, "");
    expect(await examine()).toMatchObject({ exit: EXIT.no, codes: ["data_directory_unusable", "server_not_running"] });
  });

  it("that a server uses is told with its process", async () => {
    const { environment } = await started();
    const { findings } = await examine({ environment });
    expect(findings.find(({ code }) => code === "directory_in_use")?.finding).toContain(`process ${process.pid}`);
  });

  it("is left as it was, and a server may start while it is looked at", async () => {
    await made();
    expect((await examine()).codes).toEqual(["server_not_running"]);
    const store = openSqliteStore({ directory: data });
    await store.close();
  });

  it.each([
    ["database_newer", ["PRAGMA user_version = 99"]],
    [
      "database_older",
      ["DELETE FROM schema_migration WHERE version = (SELECT max(version) FROM schema_migration)", "PRAGMA user_version = 6"],
    ],
    ["data_damaged", ["UPDATE object SET body = replace(body, 'ada', 'eva')"]],
    ["data_damaged", ["INSERT INTO item (kind, id, value, sum) VALUES ('session', 'x', '{}', 0)"]],
    ["data_damaged", ["DROP INDEX IF EXISTS x", "ALTER TABLE change_set ADD COLUMN added TEXT"]],
    ["audit_broken", ["UPDATE audit_event SET actor_id = 'eva'"]],
  ] as const)("with %s is told", async (code, statements) => {
    await altered(...statements);
    const { codes, exit } = await examine();
    expect(codes).toContain(code);
    expect(exit).toBe(code === "database_older" ? EXIT.yes : EXIT.no);
  });

  it("with a file that is no database, or a restore that was cut off, is told", async () => {
    mkdirSync(data, { mode: 0o700 });
    writeFileSync(join(data, "reeve.db"), "no database".repeat(1_000));
    writeFileSync(join(data, "reeve.db.restoring"), "");
    expect((await examine()).codes).toEqual(["restore_unfinished", "database_of_another", "server_not_running"]);
  });

  it("that was written after this machine's time is told", async () => {
    await made();
    expect((await examine({ machine: { nowMs: () => Date.now() - 86_400_000 } })).codes).toContain("clock_behind");
  });

  it("with little room is told", async () => {
    await made();
    expect((await examine({ machine: { freeBytes: () => 2 ** 28 } })).codes).toContain("disk_low");
    expect(await examine({ machine: { freeBytes: () => 2 ** 20 } })).toMatchObject({
      exit: EXIT.no,
      codes: ["disk_nearly_full", "server_not_running"],
    });
  });
});

describe("the server", () => {
  it("that does not answer, or is none of ours, is an error where it was named", async () => {
    expect((await examine({ options: { url: "http://127.0.0.1:1" } })).codes).toContain("server_unreachable");
    const other = await listening((_request, response) => void response.end("hello"));
    expect(await examine({ environment: { REEVE_URL: urlOf(other) } })).toMatchObject({
      exit: EXIT.no,
      codes: ["data_directory_missing", "not_reeve"],
    });
  });

  it("that is not ready, of another version or of another time is told", async () => {
    const answers: Readonly<Record<string, [number, object]>> = {
      "/healthz": [200, { status: "ok" }],
      "/readyz": [503, { status: "not ready", why: "the store does not answer" }],
      "/openapi.json": [200, { info: { version: `${VERSION}-other` } }],
    };
    const odd = await listening((request, response) => {
      const [status, body] = answers[request.url ?? ""] ?? [404, {}];
      response.writeHead(status, { date: new Date(Date.now() + 3_600_000).toUTCString() }).end(JSON.stringify(body));
    });
    const { codes, findings } = await examine({ environment: { REEVE_URL: urlOf(odd), REEVE_TOKEN: "t" } });
    expect(codes).toEqual([
      "data_directory_missing",
      "clock_skew",
      "server_not_ready",
      "server_of_another_version",
      "keys_missing",
      "token_refused",
    ]);
    expect(findings[2]?.finding).toContain("the store does not answer");
  });

  it("takes no token, a wrong one, one in clear or one that allows little: each is told", async () => {
    const { url, call, environment } = await started();
    expect((await examine({ environment: { REEVE_URL: url } })).codes).toContain("token_missing");
    expect((await examine({ environment: { ...environment, REEVE_TOKEN: "wrong" } })).codes).toContain("token_refused");
    const elsewhere = url.replace("127.0.0.1", "0.0.0.0");
    expect((await examine({ environment: { ...environment, REEVE_URL: elsewhere } })).codes).toContain("token_in_clear");
    const { secret = "" } = await call("/v1/tokens", { ceiling: "read" });
    expect((await examine({ environment: { ...environment, REEVE_TOKEN: secret } })).codes).toContain("token_limited");
  });
});

describe("the organizations", () => {
  it("of the demo are well, but for what its published catalogue leaves open", async () => {
    const { environment } = await started();
    expect(await examine({ environment })).toMatchObject({
      exit: EXIT.yes,
      codes: ["directory_in_use", "mutations_unmapped", "operations_orphaned"],
    });
  });

  it("that are not there are told, with what was meant", async () => {
    const { environment } = await started({ REEVE_DEMO: "off" });
    expect((await examine({ environment })).codes).toContain("no_organization");
    const { findings } = await examine({ environment, options: { org: "NONE@x" } });
    expect(findings.at(-1)).toMatchObject({ code: "organization_missing" });
  });

  it("without an active administrator, with policies turned off or operations that nobody decided about are told", async () => {
    const { environment, call, change } = await started();
    await call("/v1/orgs", { id: "New@x", name: "New" });
    const operation = { product: "api-management", method: "POST", target: "/", names: [], id: "X1", path: "/api/new-thing" };
    const rules = [{ effect: "deny", resource: "/spaces/*", actions: ["call"] }];
    const policy = { id: "labels-must-match", name: "x", sandboxes: "all", rules };
    await change({ put: { kind: "operation", value: operation } }, { put: { kind: "policy", value: { ...policy, status: "inactive" } } });
    const { findings, exit } = await examine({ environment });
    const named = findings.map(({ code, finding }) => `${code} ${/api-management|labels-must-match/.exec(finding)?.[0] ?? ""}`.trim());
    expect(exit).toBe(EXIT.yes);
    expect(named).toEqual(
      expect.arrayContaining(["no_administrators", "policy_inactive labels-must-match", "mutations_unmapped api-management"]),
    );
  });
});

describe("what programs show", () => {
  const DAY_MS = 86_400_000;
  const soon = () => Date.now() + 3 * DAY_MS;
  const late = () => Date.now() + 300 * DAY_MS;

  it("and ends within 14 days is told, unless another lasts longer", async () => {
    const { environment, call } = await started();
    const org = "/v1/orgs/DEMO@ReeveOrg";
    const codes = async () => (await examine({ environment })).codes.filter((code) => code.endsWith("_ends"));
    const { id } = await call(`${org}/console/projects`, { name: "Nightly", product: "cloud-manager", roles: ["developer"] });
    const secrets = `${org}/developer-projects/${id}/credential/secrets`;
    await call(secrets, { expires: soon() });
    const { findings } = await examine({ environment });
    expect(findings.find(({ code }) => code === "client_secret_ends")?.finding).toContain(`${id} (Nightly) at 20`);
    await call(secrets, { expires: late() });
    expect(await codes()).toEqual([]);
    const { secret = "" } = await call(`${org}/tokens`, { principal: "ada", ceiling: "read", name: "pipe", expires: soon() });
    expect(await codes()).toEqual([]);
    await fetch(`${environment.REEVE_URL}/v1/me`, { headers: { authorization: `Bearer ${secret}` } });
    expect(await codes()).toEqual(["token_ends"]);
  });
});

afterAll(() => {
  // None can be brought about here: a network file system needs a second machine, a disk's refusal a broken disk, and a certificate
  // is made in tests/http-tls.test.ts, where it is told of.
  const elsewhere = ["network_file_system", "store_failed", "certificate_ends"];
  expect(Object.keys(FINDINGS).filter((code) => !seen.has(code) && !elsewhere.includes(code))).toEqual([]);
});
