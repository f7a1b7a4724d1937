/** HTTPS by real sockets: what is served, how a certificate is exchanged, what is refused at the start, and clients that are slow. */
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { connect as connectPlainly } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { readConfig, type Wiring } from "@reeve/server";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { environmentOf, makePair, type Pair, type PairFiles, writePair } from "./certificates.ts";
import { reeve, startReeve } from "./cli-server.ts";
import { DEMO, type Served, serve, TOKEN } from "./serve.ts";

const CHECK = JSON.stringify({ subject: { type: "user", id: "ada" }, action: { name: "view" }, resource: { path: "/spaces/apim" } });
const LOOK_MS = 25;

let directory: string;
let files: PairFiles;
let pair: Pair;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "reeve-tls-"));
  pair = makePair();
  files = writePair(directory, pair);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

type Logged = { readonly level: number; readonly msg: string; readonly fault?: string };
async function started(wiring: Partial<Wiring> = {}, environment: Readonly<Record<string, string>> = {}) {
  const log: Logged[] = [];
  const served = await serve({
    environment: { ...environmentOf(files), REEVE_LOG_LEVEL: "info", ...environment },
    wiring: { certificateMs: LOOK_MS, log: { write: (line) => void log.push(JSON.parse(line)) }, ...wiring },
  });
  onTestFinished(() => served.close());
  return { served, log, told: () => log.map(({ msg }) => msg).filter((msg) => msg.includes("certificate")) };
}

type Answer = { readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly text: string };
type Asked = { readonly body?: string; readonly agent?: Agent; readonly headers?: Readonly<Record<string, string>>; readonly ca?: string };
/** As any client does that trusts the certificate. */
function ask({ url }: Served, path: string, { body, agent, headers, ca = pair.certificate }: Asked = {}): Promise<Answer> {
  const json = body === undefined ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const sent = request(url + path, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${TOKEN}`, ...json, ...headers },
      ca,
      ...(agent === undefined ? { agent: false } : { agent }),
    });
    sent.on("error", reject).on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    sent.end(body);
  });
}

async function secure({ url }: Served, more: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port), rejectUnauthorized: false, ...more });
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  return socket;
}
/** Bytes of the certificate that a new connection is shown. */
async function shown(served: Served): Promise<string> {
  const socket = await secure(served);
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  return raw.toString("base64");
}
const inPem = ({ certificate }: Pair): string => certificate.replaceAll(/-----[A-Z ]+-----|\s/g, "");

async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await is()); tries++) {
    if (tries > 400) throw new Error("it does not come to be");
    await rest(LOOK_MS);
  }
}

describe("a server with a certificate", () => {
  it("speaks HTTP/1.1 over TLS 1.2 and 1.3, and nothing older and nothing in clear", async () => {
    const { served } = await started();
    expect(served.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const newest = await secure(served, { ALPNProtocols: ["h2", "http/1.1"] });
    expect([newest.getProtocol(), newest.alpnProtocol]).toEqual(["TLSv1.3", "http/1.1"]);
    expect((await secure(served, { maxVersion: "TLSv1.2" })).getProtocol()).toBe("TLSv1.2");
    await expect(secure(served, { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" })).rejects.toThrow();
    expect(await served.raw("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")).not.toContain("HTTP/1.1 2");
    expect((await ask(served, "/healthz")).status).toBe(200);
  });

  it("answers checks alike, first and again over the same connection", async () => {
    const { served } = await started();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const answers: Answer[] = [];
    for (let asked = 0; asked < 4; asked++) answers.push(await ask(served, `${DEMO}/check`, { body: CHECK, agent }));
    expect(answers.map(({ status, text }) => [status, JSON.parse(text).decision])).toEqual(Array.from({ length: 4 }, () => [200, true]));
  });

  it("is known by its HTTPS address: tokens' issuer, own pages, and a cookie that is sent over TLS alone", async () => {
    const { served } = await started();
    const described = JSON.parse((await ask(served, "/.well-known/oauth-authorization-server")).text);
    expect([described.issuer, described.token_endpoint]).toEqual([served.url, `${served.url}/ims/token/v3`]);
    const signIn = (origin: string) =>
      ask(served, "/session", { body: JSON.stringify({ email: "a@example.com", password: "x" }), headers: { origin } });
    expect((await signIn(served.url)).status).toBe(401);
    expect((await signIn(served.url.replace("https", "http"))).status).toBe(403);
    const cookie = { cookie: "__Host-reeve=x", authorization: "" };
    expect((await ask(served, "/session", { headers: cookie })).status).toBe(401);
  });

  it("goes on with what was there until certificate and key fit again, and keeps the connections that it has", async () => {
    const { served, log, told } = await started();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const check = () => ask(served, `${DEMO}/check`, { body: CHECK, agent, ca: pair.certificate });
    expect((await check()).status).toBe(200);
    const next = makePair();
    const taken = async () => /^reeve_tls_certificate_taken (\d)$/m.exec((await ask(served, "/metrics")).text)?.[1];
    expect(await taken()).toBe("1");
    writeFileSync(files.certificate, next.certificate);
    await until(() => told().length > 0);
    expect(await shown(served)).toBe(inPem(pair));
    expect([await taken(), log.find(({ fault }) => fault !== undefined)?.fault]).toEqual(["0", expect.stringContaining("another's")]);
    for (const half of ["", next.key.slice(0, 40), next.key.slice(0, -10)]) {
      writeFileSync(files.key, half);
      await rest(3 * LOOK_MS);
      expect(await shown(served)).toBe(inPem(pair));
    }
    writeFileSync(files.key, next.key);
    await until(async () => (await shown(served)) === inPem(next));
    expect((await check()).status).toBe(200);
    expect((await ask(served, "/healthz", { ca: next.certificate })).status).toBe(200);
    await expect(ask(served, "/healthz", { ca: pair.certificate })).rejects.toThrow();
    const toldNow = told();
    expect(toldNow.at(-1)).toBe("a new certificate is served");
    // Once a fault, however often it was looked at: another's key, and none.
    expect(toldNow.filter((msg) => msg.startsWith("the certificate's files")).length).toBe(2);
    rmSync(files.key);
    await until(() => told().length > toldNow.length);
    expect(await shown(served)).toBe(inPem(next));
  });

  it("tells of an expired certificate and serves it, for clients refuse it themselves", async () => {
    const untilMs = Date.now() - 3_600_000;
    writePair(directory, makePair({ untilMs }));
    const { served, told } = await started();
    expect(told()).toEqual(["the certificate has expired: clients will refuse it"]);
    await expect(ask(served, "/healthz")).rejects.toThrow();
    const socket = await secure(served);
    socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const text = (await socket.toArray()).join("");
    expect(text).toContain(`reeve_tls_certificate_expires_seconds ${Math.floor(untilMs / 1_000)}\n`);
  });
});

describe("the command line", () => {
  it("asks a server with a certificate of its own authority, which Node is told of; without that it says so", async () => {
    const environment = {
      ...environmentOf(files),
      REEVE_DATA_DIR: join(directory, "data"),
      REEVE_DEMO: "on",
      REEVE_BOOTSTRAP_TOKEN: TOKEN,
    };
    const running = await startReeve({ environment, directory });
    onTestFinished(() => void running.stop());
    expect(running.url).toMatch(/^https:/);
    const words = ["check", "--org", "DEMO@ReeveOrg", "--subject", "user:ada", "--action", "view", "--resource", "/spaces/apim"];
    const asking = { REEVE_URL: running.url, REEVE_TOKEN: TOKEN };
    const known = await reeve(words, { environment: { ...asking, NODE_EXTRA_CA_CERTS: files.certificate }, directory });
    expect([known.code, known.out, known.err]).toEqual([0, expect.stringMatching(/allowed/i), ""]);
    expect((await reeve(words, { environment: asking, directory })).code).toBe(3);
    const checked = await reeve(["config", "check"], { environment: environmentOf(files), directory });
    expect([checked.code, checked.out]).toEqual([0, expect.stringContaining("Certificate and key fit; it expires at 20")]);
    const refused = await reeve(["config", "check"], {
      environment: { ...environmentOf(files), REEVE_TLS_KEY: files.certificate },
      directory,
    });
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining("REEVE_TLS_KEY=")]);
    const found = await reeve(["doctor"], {
      environment: { ...environment, ...asking, NODE_EXTRA_CA_CERTS: files.certificate },
      directory,
    });
    expect(found.out).toContain("certificate_ends");
  });
});

describe("a pair that is none", () => {
  const faultOf = (environment: Readonly<Record<string, string>>) => {
    const config = readConfig(environment);
    return config.ok ? [] : config.error.map(({ key, value, allowed }) => `${key}=${value}: ${allowed}`);
  };
  const encrypted = (key: string): string =>
    createPrivateKey(key).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "p" }).toString();
  it.each<[what: string, pair: () => Partial<Pair>, key: string, why: RegExp]>([
    ["another's key", () => ({ key: makePair().key }), "REEVE_TLS_KEY", /not encrypted \(it is another's\)$/],
    ["an encrypted key", () => ({ key: encrypted(pair.key) }), "REEVE_TLS_KEY", /\(it is encrypted\)$/],
    ["no key", () => ({ key: "swordfish" }), "REEVE_TLS_KEY", /\(it is none\)$/],
    ["no certificate", () => ({ certificate: pair.key }), "REEVE_TLS_CERT", /\(it is none\)$/],
    ["a weak key", () => makePair({ kind: "weak" }), "REEVE_TLS_CERT", /TLS does not take it/],
    [
      "a broken one behind",
      () => ({ certificate: `${pair.certificate}${pair.certificate.slice(0, 200)}` }),
      "REEVE_TLS_CERT",
      /broken further/,
    ],
  ])("is refused with the setting and what is allowed: %s", (...[, other, key, why]) => {
    const written = writePair(directory, { ...pair, ...other() });
    expect(faultOf(environmentOf(written))).toEqual([expect.stringMatching(why)]);
    expect(faultOf(environmentOf(written))[0]).toContain(`${key}=${key === "REEVE_TLS_KEY" ? written.key : written.certificate}: `);
    expect(faultOf(environmentOf(written))[0]).not.toMatch(/BEGIN|swordfish/);
  });

  it("is refused where one of the two, or its file, is missing", () => {
    const { REEVE_TLS_CERT, REEVE_TLS_KEY } = environmentOf(files);
    expect(faultOf({ REEVE_TLS_CERT })).toEqual([expect.stringMatching(/^REEVE_TLS_KEY=: .*there is a certificate without$/)]);
    expect(faultOf({ REEVE_TLS_KEY })).toEqual([expect.stringMatching(/^REEVE_TLS_CERT=: .*there is a key for one$/)]);
    expect(faultOf({ REEVE_TLS_CERT, REEVE_TLS_KEY: `${REEVE_TLS_KEY}s` })).toEqual([expect.stringMatching(/\(ENOENT\)$/)]);
    expect(faultOf({ REEVE_TLS_CERT: directory, REEVE_TLS_KEY })).toEqual([expect.stringMatching(/no file of 1 MiB at most/)]);
  });
});

describe("clients that are slow or many", () => {
  const closed = (socket: { once(event: "close", heard: () => void): unknown }): Promise<void> =>
    new Promise((resolve) => socket.once("close", resolve));

  it("are closed where they do not begin, or do not end, the handshake", async () => {
    const { served } = await started({ limits: { headersMs: 500 } });
    for (const text of ["", "\x16\x03\x01"]) {
      const socket = connectPlainly(Number(new URL(served.url).port), "127.0.0.1");
      onTestFinished(() => void socket.destroy());
      socket.on("error", () => undefined).resume();
      socket.once("connect", () => socket.write(text, "latin1"));
      await closed(socket);
    }
    expect((await ask(served, "/healthz")).status).toBe(200);
  });

  it("are closed where they do not read, as without TLS", async () => {
    const { served } = await started({ limits: { readingMs: 400 } });
    const socket = await secure(served);
    socket.on("error", () => undefined).pause();
    socket.write("GET /operations HTTP/1.1\r\nHost: x\r\n\r\n".repeat(40));
    const figure = /^reeve_http_connections_closed_total\{why="not_read"\} 1$/m;
    await until(async () => figure.test((await ask(served, "/metrics")).text));
  });

  it("are told of a request that never ends, and of one that is no HTTP", async () => {
    const { served } = await started({ limits: { headersMs: 500 } });
    for (const [text, code] of [
      ["GET / HTTP/1.1\r\nX: ", "request_timeout"],
      ["no HTTP\r\n\r\n", "malformed_request"],
    ] as const) {
      const socket = await secure(served);
      socket.write(text);
      expect((await socket.toArray()).join("")).toContain(`"code":"${code}"`);
    }
  });

  it("are let in again when others have gone; beyond the bound they are closed before TLS begins", async () => {
    const { served } = await started({}, { REEVE_CONNECTIONS_MAX: "3", REEVE_CONNECTIONS_PER_ADDRESS_MAX: "3" });
    const all = [await secure(served), await secure(served), await secure(served)];
    await expect(secure(served)).rejects.toThrow();
    for (const socket of all) socket.destroy();
    await until(async () => (await secure(served).catch(() => undefined)) !== undefined);
  });
});
