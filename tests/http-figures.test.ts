/** What operators see: figures at /metrics, the log of a real server, and notice before a server stops. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { SETTINGS } from "@reeve/server";
import { afterEach, describe, expect, it } from "vitest";
import { reeve, startReeve, stopAll } from "./cli-server.ts";
import { DEMO, type Served, serve } from "./serve.ts";

const CHECK = { subject: { type: "user", id: "ada" }, action: { name: "view" }, resource: { path: "/spaces/apim" } };
const PUT = { changes: [{ put: { kind: "label", value: { id: "custom/x" } } }] };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  await stopAll();
  for (const end of ends.splice(0)) await end();
});
async function served(environment: Readonly<Record<string, string>> = {}): Promise<Served> {
  const one = await serve({ environment });
  ends.push(() => one.close());
  return one;
}
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "reeve-figures-"));
  ends.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe("metrics", () => {
  it("count decisions by answer and reason, requests by route and status, and what the store did", async () => {
    const one = await served();
    await one.call(`${DEMO}/check`, { body: CHECK });
    await one.call(`${DEMO}/check`, { body: { ...CHECK, subject: { type: "user", id: "nobody" } } });
    await one.call(`${DEMO}/changes`, { body: PUT });
    const { text, headers } = await one.call("/metrics");
    expect(headers.get("content-type")).toMatch(/^text\/plain/);
    for (const line of [
      /^reeve_decisions_total\{decision="allow",code="\w+"\} 1$/m,
      /^reeve_decisions_total\{decision="deny",code="unknown_principal"\} 1$/m,
      /^reeve_http_request_seconds_count\{route="\/v1\/orgs\/:org\/check",status="200"\} 2$/m,
      /^reeve_store_seconds_count\{operation="write",ok="true"\} 1$/m,
      /^reeve_store_commit_writes_count 2$/m,
      /^reeve_store_writes_waiting 0$/m,
      /^reeve_store_takes_writes 1$/m,
      /^reeve_organizations_loaded 1$/m,
      /^reeve_plans_bytes [1-9]\d+$/m,
      /^reeve_process_resident_memory_bytes [1-9]\d+$/m,
      /^reeve_nodejs_eventloop_lag_p99_seconds /m,
      /^reeve_organization_revision\{organization="DEMO@ReeveOrg"\} 2$/m,
      /^reeve_organization_plan_bytes\{organization="DEMO@ReeveOrg"\} [1-9]\d+$/m,
    ]) {
      expect(text).toMatch(line);
    }
  });

  it("name no organization to anybody but the administrator, and nothing that a client made up to nobody", async () => {
    const one = await served();
    await one.call("/v1/orgs/made-up-by-a-client/check", { body: CHECK });
    await one.call(`${DEMO}/check`, { body: { ...CHECK, action: { name: "made-up-by-a-client" } } });
    for (const token of [null, "no-token-of-ours"]) expect((await one.call("/metrics", { token })).text).not.toContain("DEMO@ReeveOrg");
    expect((await one.call("/metrics")).text).not.toContain("made-up-by-a-client");
  });

  it("are not there where they are off", async () => {
    const one = await served({ REEVE_METRICS: "off" });
    expect((await one.call(`${DEMO}/check`, { body: CHECK })).body.decision).toBe(true);
    expect((await one.call(`${DEMO}/changes`, { body: PUT })).status).toBe(200);
    expect((await one.call("/metrics")).body).toMatchObject({ status: 404, code: "not_found" });
  });
});

describe("the log", () => {
  it("of a server that is told everything holds no secret, no address and nothing of what was asked about", async () => {
    const home = folder();
    const environment = { REEVE_DATA_DIR: join(home, "data"), REEVE_DEMO: "on", REEVE_LOG_LEVEL: "trace" };
    const running = await startReeve({ environment });
    const token = readFileSync(join(home, "data/admin-token"), "utf8").trim();
    const secret = "swordfish-swordfish";
    const call = (path: string, init: RequestInit = {}) =>
      fetch(running.url + path, {
        ...init,
        headers: {
          authorization: `Bearer ${token}`,
          cookie: secret,
          "x-api-key": secret,
          "content-type": "application/json",
          ...init.headers,
        },
      }).then((answer) => answer.text());
    const subject = { type: "user", id: secret, properties: { email: `${secret}@example.com` } };
    const body = JSON.stringify({ ...CHECK, subject, context: { password: secret } });
    for (const path of [`${DEMO}/check`, `${DEMO}/check?token=${secret}`, `${DEMO}/explain`, `/v1/orgs/${secret}/check`, `/${secret}`]) {
      await call(path, { method: "POST", body });
      await call(path, { method: "POST", body: `{"${secret}` });
      await call(path, { method: "POST", body, headers: { authorization: `Bearer ${secret}` } });
    }
    const principal = { kind: "principal", value: { id: secret, type: "user", properties: { email: `${secret}@example.com` } } };
    await call(`${DEMO}/changes`, { method: "POST", body: JSON.stringify({ reason: secret, changes: [{ put: principal }] }) });
    await call(`/operations?search=${secret}`);
    await call("/readyz");
    const { out } = await running.stop();
    const lines = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.filter(({ msg }) => msg === "request").length).toBeGreaterThan(8);
    expect(lines).toContainEqual(
      expect.objectContaining({
        method: "POST",
        route: "/v1/orgs/:org/changes",
        status: 200,
        caller: "administrator",
        organization: "DEMO@ReeveOrg",
      }),
    );
    for (const untold of [secret, token, "example.com", "127.0.0.1:", "remoteAddress"]) {
      expect(out.replace(/"Server listening at [^"]*"/g, ""), untold).not.toContain(untold);
    }
  });
});

describe("notice", () => {
  it("is given as long as configured: not ready, but answering as before; then it stops", async () => {
    const one = await serve({ environment: { REEVE_DRAIN_NOTICE: "1" } });
    ends.push(() => one.close());
    expect((await one.call("/readyz")).status).toBe(200);
    const beganMs = performance.now();
    const stopped = one.stop();
    await rest(50);
    const ready = await one.call("/readyz");
    expect([ready.status, ready.body]).toEqual([503, { status: "not ready", why: "draining" }]);
    expect((await one.call(`${DEMO}/check`, { body: CHECK })).body.decision).toBe(true);
    expect((await one.call(`${DEMO}/changes`, { body: PUT })).status).toBe(200);
    await stopped;
    expect(performance.now() - beganMs).toBeGreaterThan(950);
    await expect(one.call("/readyz")).rejects.toThrow();
  });
});

describe("reeve config", () => {
  it("shows every setting and where it comes from, secrets masked, and what a start would take", async () => {
    const home = folder();
    const secret = "swordfish-swordfish-swordfish-swordfish";
    writeFileSync(
      join(home, "reeve.config.yaml"),
      `http:\n  port: 0\n  host: 127.0.0.2\ndata: { directory: kept, demo: on }\nadministrator:\n  bootstrapToken: ${secret}\n`,
    );
    const where = { directory: home, environment: { REEVE_HOST: "127.0.0.1" } };
    expect(await reeve(["config", "check"], where)).toMatchObject({
      code: 0,
      out: `The configuration is good: the file is reeve.config.yaml; 5 of ${Object.keys(SETTINGS).length} settings are given.\n`,
    });
    const { code, out } = await reeve(["config", "show"], where);
    expect(code).toBe(0);
    expect(out).toMatch(/^http\.host +127\.0\.0\.1 +environment \(REEVE_HOST\), over reeve\.config\.yaml:3$/m);
    expect(out).toMatch(/^http\.port +0 +reeve\.config\.yaml:2$/m);
    expect(out).toMatch(/^log\.level +info +default$/m);
    expect(out).toMatch(/^administrator\.bootstrapToken +\(set, not shown\) +reeve\.config\.yaml:6$/m);
    expect(out).toMatch(/^data\.databaseUrl +\(not set\) +default$/m);
    const json = JSON.parse((await reeve(["config", "show", "--json"], where)).out);
    expect(json.settings).toContainEqual({ place: "data.directory", key: "REEVE_DATA_DIR", value: "kept", from: "reeve.config.yaml:4" });
    expect(out + JSON.stringify(json)).not.toContain(secret);

    const running = await startReeve({ directory: home, environment: { REEVE_HOST: "127.0.0.1", REEVE_PORT: "" } });
    expect(running.words).toContain(`Data directory: ${join(home, "kept")}`);
    expect((await fetch(`${running.url}/v1/me`, { headers: { authorization: `Bearer ${secret}` } })).status).toBe(200);
  });

  it("and a start tell every fault with file, line and key, and end with 2", async () => {
    const home = folder();
    writeFileSync(join(home, "reeve.config.yaml"), "http:\n  port: many\n  prot: 1\nlog: { level: loud }\n");
    const where = { directory: home, environment: { REEVE_METRICS: "perhaps" } };
    const ended = [await reeve(["config", "check"], where), await reeve(["config", "show"], where), await reeve(["start"], where)];
    for (const { code, out, err } of ended) {
      expect([code, out]).toEqual([2, ""]);
      expect(err.trim().split("\n").sort()).toEqual([
        "REEVE_METRICS=perhaps is not allowed: allowed is on, off",
        "reeve.config.yaml:2: http.port: many is not allowed: allowed is a port from 0 to 65535; 0 takes a free one",
        expect.stringMatching(/^reeve\.config\.yaml:3: http\.prot: 1 is not allowed: allowed is a known key: connections, cors,/),
        "reeve.config.yaml:4: log.level: loud is not allowed: allowed is fatal, error, warn, info, debug, trace, silent",
      ]);
    }
    const gone = await reeve(["config", "check"], { ...where, environment: { REEVE_CONFIG: "gone.yaml" } });
    expect([gone.code, gone.err]).toEqual([2, expect.stringMatching(/^REEVE_CONFIG=gone\.yaml is not allowed: .*ENOENT/)]);
  });
});
