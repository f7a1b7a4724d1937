/**
 * No secret is where it does not belong: every route is walked on a server that logs everything, with good requests and with faulty ones
 * that carry secrets in every place where a client could put one; then everything that came out is searched, and all that was kept.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RouteId } from "@reeve/contract";
import { openSqliteStore, SETTINGS, type Setting } from "@reeve/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reeveInside } from "./cli-inside.ts";
import { type Ended, reeve, type Started, startReeve, stopAll } from "./cli-server.ts";
import { type Good, ROUTE_IDS, routeOf, World } from "./every-route.ts";
import { CLIENT } from "./issuer.ts";
import { PASSWORD } from "./people.ts";
import { noteSkip } from "./require.ts";
import { SecretSearch } from "./secret-search.ts";
import { asking, houseIssuer, type Sent, type Served, TOKEN } from "./serve.ts";

const HAS_PROC = existsSync("/proc/self/cmdline");
if (!HAS_PROC) noteSkip("no /proc, which tells what others see of a process, is on this machine");
const search = new SecretSearch();
const OPERATIONAL = ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/none"];
const PRIVATE_KEY = "private half of a signing key";
const home = mkdtempSync(join(tmpdir(), "reeve-secrets-"));
const data = join(home, "data");
const goods = new Map<RouteId, Good>();
let server: Started;
let served: Served;
let ended: Ended;
let processes: readonly { readonly cmdline: string; readonly environ: string; readonly isServer: boolean }[] = [];

beforeAll(async () => {
  search.add("bootstrap token", TOKEN);
  search.add("password", PASSWORD);
  search.add("secret at an issuer", CLIENT.clientSecret);
  const environment = {
    REEVE_DATA_DIR: data,
    REEVE_DEMO: "on",
    REEVE_LOG_LEVEL: "trace",
    REEVE_BOOTSTRAP_TOKEN: TOKEN,
    REEVE_STRANGERS_RATE: "0",
    REEVE_ISSUERS: JSON.stringify([(await houseIssuer()).entry("house", "DEMO@ReeveOrg", { people: "create" })]),
  };
  server = await startReeve({ environment });
  const { url } = server;
  const plain = asking(url);
  const call: Served["call"] = async (path, sent = {}) => {
    search.request(sent);
    const answer = await plain.call(path, sent);
    search.answer(`${sent.method ?? (sent.body === undefined ? "GET" : "POST")} ${path.split("?")[0]}`, answer);
    return answer;
  };
  const stop = async () => void (await server.stop());
  served = { url, token: TOKEN, directory: home, call, raw: plain.raw, stop, close: stop };
  const world = await World.make(served);
  for (const id of ROUTE_IDS) {
    const good = await world.good(id);
    goods.set(id, good);
    await call(good.path, good.sent);
  }
  for (const good of goods.values()) for (const { path, sent } of faultyOf(good)) await call(path, sent);
  for (const text of broken()) search.output("answer to what is no HTTP", await served.raw(text));
  for (const path of OPERATIONAL)
    for (const { path: faulty, sent } of [{ path, sent: {} }, ...faultyOf({ path, sent: {} })]) await call(faulty, sent);
  await walkCommands(world.one.id);
  for (const [id, { path, sent }] of goods) if (routeOf(id).method === "GET") await call(path, sent);
  if (HAS_PROC) processes = processesOf(data);
  ended = await server.stop();
  search.output("log", ended.out);
  search.output("words", ended.err);
  await readKept();
}, 240_000);
afterAll(async () => {
  await stopAll();
  rmSync(home, { recursive: true, force: true });
});

const SECRET_MEMBERS = ["password", "newPassword", "token", "code", "secret", "client_secret"];

/** The request with secrets that nobody has, wherever a client may put one, rightly or by mistake. */
function faultyOf({ path, sent }: Good): readonly Good[] {
  const mark = (place: string, form: { begin?: string; length?: number } = {}) => search.mark(`${place} of ${path.split("?")[0]}`, form);
  const shown = (headers: Readonly<Record<string, string>>): Good => ({
    path,
    sent: { ...sent, token: null, headers: { ...sent.headers, ...headers } },
  });
  const members = ["access_token", "client_secret", "token", "password", ...(path.startsWith("/sign-in/") ? ["code", "state"] : [])];
  const query = new URLSearchParams(members.map((name) => [name, mark(`query ${name}`)]));
  const basic = Buffer.from(`client:${mark("basic")}`).toString("base64");
  const bearers = [
    mark("bearer"),
    mark("bearer", { begin: "reeve_" }),
    mark("bearer", { length: 5_000 }),
    `eyJ${mark("jwt")}.eyJ${mark("jwt")}.${mark("jwt")}`,
  ];
  return [
    ...bearers.map((token) => shown({ authorization: `Bearer ${token}` })),
    shown({ authorization: `Basic ${basic}` }),
    shown({ authorization: mark("authorization") }),
    shown({ cookie: `reeve=${mark("cookie", { begin: "rvn_", length: 43 })}`, "reeve-csrf": mark("csrf") }),
    ...(sent.headers?.cookie === undefined ? [] : [{ path, sent: { ...sent, headers: { ...sent.headers, "reeve-csrf": mark("csrf") } } }]),
    { path: `${path}${path.includes("?") ? "&" : "?"}${query}`, sent },
    ...bodiesOf(sent, mark).map((body) => ({ path, sent: { ...sent, body } })),
  ];
}

type Mark = (place: string, form?: { readonly begin?: string; readonly length?: number }) => string;

function bodiesOf({ body }: Sent, mark: Mark): readonly unknown[] {
  if (typeof body === "string") {
    const filled = (value: (name: string) => string) =>
      SECRET_MEMBERS.reduce((text, name) => text.replace(new RegExp(`(^|&)${name}=[^&]*`), () => `&${name}=${value(name)}`), body);
    return [
      filled((name) => mark(name, { begin: "rvs_" })),
      filled((name) => mark(name, { length: 3_000 })),
      filled((name) => `%zz${mark(name)}`),
      `${body}&client_secret=${mark("second client_secret")}`,
      `"${mark("broken body")}`,
    ];
  }
  if (typeof body !== "object" || body === null) return [];
  const whole = (value: (name: string) => unknown) => ({
    ...body,
    ...Object.fromEntries(SECRET_MEMBERS.map((name) => [name, value(name)])),
  });
  const some = (value: (name: string) => unknown) =>
    SECRET_MEMBERS.flatMap((name) => (name in body ? [{ ...body, [name]: value(name) }] : []));
  return [
    whole((name) => mark(name)),
    ...some((name) => mark(name, { begin: "rvi_" })),
    ...some((name) => mark(name, { length: 5_000 })),
    ...some((name) => [mark(name)]),
    ...some((name) => ({ [name]: mark(name) })),
    `{"password": "${mark("broken body")}`,
    `${mark("broken body")}`,
    [mark("list")],
  ];
}

const broken = (): readonly string[] => [
  `GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${search.mark("broken headers")}\r\nno header\r\n\r\n`,
  `POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\nCookie: reeve=${search.mark("broken length")}\r\n\r\n`,
  `GET /v1/me?token=${search.mark("broken line")} HTTP/9.9\r\n\r\n`,
];

/** What the command line says, where it has secrets or is given wrong ones. */
async function walkCommands(org: string): Promise<void> {
  const environment = { REEVE_URL: server.url, REEVE_ORG: org, REEVE_DATA_DIR: data, REEVE_TOKEN: TOKEN };
  const wrong = {
    ...environment,
    REEVE_TOKEN: search.mark("token of the command line"),
    REEVE_CLIENT_SECRET: search.mark("REEVE_CLIENT_SECRET"),
  };
  const secrets = Object.values<Setting>(SETTINGS).filter(({ isSecret }) => isSecret === true);
  const refused = { ...environment, ...Object.fromEntries(secrets.map(({ key }) => [key, search.mark(key, { length: 20 })])) };
  const lines: readonly (readonly [words: string, environment: Readonly<Record<string, string>>])[] = [
    ...[
      "whoami",
      "token list",
      "invitations list",
      "projects list",
      "credentials list project0",
      "export -",
      "changes",
      "config show",
      "config check",
      "doctor",
    ].map((words) => [words, environment] as const),
    ...["whoami", "doctor", "access-token --client-id none", "config show"].map((words) => [words, wrong] as const),
    ...["config show", "config check", "start", "doctor"].map((words) => [words, refused] as const),
  ];
  for (const [words, of] of lines) {
    const { out, err } = await reeveInside(words.split(" "), { environment: of });
    search.output(`reeve ${words}`, out + err);
  }
}

/** The processes of the server: what others on the machine may see of them. */
function processesOf(directory: string): typeof processes {
  const { pid } = JSON.parse(readFileSync(join(directory, "server.lock.json"), "utf8")) as { readonly pid: number };
  const parents = new Map(
    readdirSync("/proc").flatMap((name) => {
      const stat = /^\d+$/.test(name) ? contentOf(`/proc/${name}/stat`) : "";
      const parent = /^\d+ \(.*\) \S (\d+)/s.exec(stat)?.[1];
      return parent === undefined ? [] : [[Number(name), Number(parent)] as const];
    }),
  );
  const below = [...parents].flatMap(([child, parent]) => (parent === pid ? [child] : []));
  return [...[pid, parents.get(pid) as number].map((one) => [one, true] as const), ...below.map((one) => [one, false] as const)].map(
    ([one, isServer]) => ({
      cmdline: contentOf(`/proc/${one}/cmdline`),
      environ: contentOf(`/proc/${one}/environ`),
      isServer,
    }),
  );
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** What lies on the disk, and what a backup takes of it. */
async function readKept(): Promise<void> {
  const store = openSqliteStore({ directory: data });
  for (const { value } of await store.items.list({ kind: "signing-key" }, undefined, 10)) {
    search.add(PRIVATE_KEY, (value.privateJwk as { readonly d: string }).d);
  }
  await store.close();
  const file = join(home, "backup.db");
  expect((await reeve(["backup", file], { environment: { REEVE_DATA_DIR: data } })).code).toBe(0);
  search.output("backup", readFileSync(file, "latin1"));
  for (const name of readdirSync(data)) search.output("data directory", readFileSync(join(data, name), "latin1"));
}

describe("secrets", () => {
  it("of every kind were told and sent, and everything was logged", () => {
    const kinds = search.kinds();
    const wanted = [
      "token",
      "client secret",
      "access token",
      "token of a link",
      "session cookie",
      "CSRF value",
      "secret of a second factor",
      "recovery code",
    ];
    for (const kind of [...wanted, "bootstrap token", "password", "secret at an issuer", "basic credential", PRIVATE_KEY])
      expect(kinds.get(kind), kind).toBeGreaterThan(0);
    expect(kinds.get("mark")).toBeGreaterThan(2_000);
    expect(ended.out.split("\n").length).toBeGreaterThan(1_500);
    expect(ended.out).toContain('"level":20');
  });

  it("stand in no log, no figure, no answer but the one that tells them, no record, and no word of the command line", () => {
    expect(
      search.leaks((what, where) => {
        if (where === "data directory" || where === "backup") return true;
        // A page of ours asks for it each time that it is loaded.
        return what === "CSRF value" && /^answer to (GET|POST) \/session$/.test(where);
      }),
    ).toEqual([]);
  });

  it("are found where they do stand", () => {
    const other = new SecretSearch();
    const answer = {
      status: 200,
      headers: new Headers({ "set-cookie": "reeve=rvn_cookie-of-a-session; Path=/" }),
      body: { link: "x#rvi_token-of-a-link" },
      text: "rvi_token-of-a-link",
    };
    other.answer("POST /x", answer);
    other.output("log", `${other.mark("password")} a%20b rvi_token-of-a-link`);
    other.add("password", "a password of hers");
    other.output("page", "?p=a%20password%20of%20hers; rvn_cookie-of-a-session");
    expect(other.leaks(() => false)).toEqual(["password in log", "password in page", "session cookie in page", "token of a link in log"]);
    expect(other.kindsIn("page")).toEqual(["session cookie"]);
  });

  it("are kept as hashes, but for what must be read again; of that a backup has second factors alone", () => {
    expect(search.kindsIn("data directory")).toEqual([PRIVATE_KEY, "secret of a second factor"]);
    expect(search.kindsIn("backup")).toEqual(["secret of a second factor"]);
  });

  it.skipIf(!HAS_PROC)("are no argument of a process", () => {
    expect(processes.filter(({ isServer }) => isServer)).toHaveLength(2);
    for (const { cmdline, isServer, environ } of processes) {
      expect(cmdline).not.toContain(TOKEN);
      expect(isServer || !environ.includes(TOKEN)).toBe(true);
    }
  });
});
