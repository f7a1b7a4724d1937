/** Configuration: every key with what is allowed and what is not, the file beside the environment, and how a fault is told. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Config, loadConfig, readConfig } from "./config.ts";
import { LOG_LEVELS, SETTINGS, type Setting } from "./settings/index.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
function read(environment: Readonly<Record<string, string | undefined>>): Config {
  const result = readConfig(environment);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
function refuse(environment: Readonly<Record<string, string>>) {
  const result = readConfig(environment);
  return result.ok ? [] : result.error;
}

const all: readonly Setting[] = Object.values(SETTINGS);

describe("readConfig", () => {
  it("has a default for every key, and is frozen", () => {
    const config = read({});
    expect(config).toEqual({
      host: "127.0.0.1",
      port: 7070,
      dataDirectory: resolve(".reeve"),
      isDefaultDirectory: true,
      logLevel: "info",
      bootstrapToken: undefined,
      demo: "auto",
      isCataloguePublic: true,
      publicUrl: undefined,
      tokenAudience: "reeve",
      issuers: [],
      corsOrigins: [],
      connectionsMax: 4_096,
      connectionsPerAddressMax: 1_024,
      drainNoticeMs: 0,
      hasMetrics: true,
      tls: undefined,
      trustedProxies: [],
      callerRate: { perSecond: 0, burst: 1_000 },
      strangerRate: { perSecond: 50, burst: 500 },
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it("takes an empty value for none", () => {
    expect(read(Object.fromEntries(all.map(({ key }) => [key, ""])))).toEqual(read({}));
  });

  it("looks at nothing but its own keys", () => {
    expect(read({ PATH: "x", PORT: "1", HOST: "elsewhere", reeve_port: "1", NOT_REEVE_PORT: "1" })).toEqual(read({}));
    expect(read({ REEVE_URL: "http://elsewhere", REEVE_TOKEN: "x" })).toEqual(read({}));
  });

  it.each([
    ["REEVE_HOST", "0.0.0.0", { host: "0.0.0.0" }],
    ["REEVE_HOST", "::1", { host: "::1" }],
    ["REEVE_HOST", "reeve.internal", { host: "reeve.internal" }],
    ["REEVE_PORT", "0", { port: 0 }],
    ["REEVE_PORT", "65535", { port: 65_535 }],
    ["REEVE_DATA_DIR", "/var/lib/reeve", { dataDirectory: resolve("/var/lib/reeve"), isDefaultDirectory: false }],
    ["REEVE_DATA_DIR", "here", { dataDirectory: resolve("here"), isDefaultDirectory: false }],
    ["REEVE_DATA_DIR", ".reeve", { dataDirectory: resolve(".reeve"), isDefaultDirectory: false }],
    ...LOG_LEVELS.map((level) => ["REEVE_LOG_LEVEL", level, { logLevel: level }] as const),
    ["REEVE_BOOTSTRAP_TOKEN", TOKEN, { bootstrapToken: TOKEN }],
    ["REEVE_BOOTSTRAP_TOKEN", "!".repeat(512), { bootstrapToken: "!".repeat(512) }],
    ["REEVE_DEMO", "on", { demo: "on" }],
    ["REEVE_DEMO", "off", { demo: "off" }],
    ["REEVE_DEMO", "auto", { demo: "auto" }],
    ["REEVE_PUBLIC_CATALOGUE", "on", { isCataloguePublic: true }],
    ["REEVE_PUBLIC_CATALOGUE", "off", { isCataloguePublic: false }],
    ["REEVE_PUBLIC_URL", "http://localhost:7070", { publicUrl: "http://localhost:7070" }],
    ["REEVE_TOKEN_AUDIENCE", "https://api.example", { tokenAudience: "https://api.example" }],
    ["REEVE_CORS_ORIGINS", "https://a.example", { corsOrigins: ["https://a.example"] }],
    ["REEVE_CORS_ORIGINS", "https://a.example, http://localhost:3000", { corsOrigins: ["https://a.example", "http://localhost:3000"] }],
    ["REEVE_CONNECTIONS_MAX", "1", { connectionsMax: 1 }],
    ["REEVE_CONNECTIONS_PER_ADDRESS_MAX", "65536", { connectionsPerAddressMax: 65_536 }],
    ["REEVE_DRAIN_NOTICE", "60", { drainNoticeMs: 60_000 }],
    ["REEVE_METRICS", "off", { hasMetrics: false }],
    ["REEVE_TRUSTED_PROXIES", "10.0.0.7, fd00::/8", { trustedProxies: ["10.0.0.7", "fd00::/8"] }],
    ["REEVE_RATE", "5", { callerRate: { perSecond: 5, burst: 1_000 } }],
    ["REEVE_RATE_BURST", "1", { callerRate: { perSecond: 0, burst: 1 } }],
    ["REEVE_STRANGERS_RATE", "0", { strangerRate: { perSecond: 0, burst: 500 } }],
    ["REEVE_STRANGERS_BURST", "1000000", { strangerRate: { perSecond: 50, burst: 1_000_000 } }],
  ] as const)("takes %s=%s", (key, value, expected) => {
    expect(read({ [key]: value })).toEqual({ ...read({}), ...expected });
  });

  it.each([
    ["REEVE_HOST", "a b", "a b", /host name or an IP address/],
    ["REEVE_HOST", "http://x", "http://x", /host name or an IP address/],
    ["REEVE_PORT", "-1", "-1", /from 0 to 65535/],
    ["REEVE_PORT", "65536", "65536", /from 0 to 65535/],
    ["REEVE_PORT", "7070x", "7070x", /from 0 to 65535/],
    ["REEVE_PORT", "1e3", "1e3", /from 0 to 65535/],
    ["REEVE_PORT", " 80", " 80", /from 0 to 65535/],
    ["REEVE_PORT", "0x50", "0x50", /from 0 to 65535/],
    ["REEVE_LOG_LEVEL", "INFO", "INFO", /fatal, error, warn, info, debug, trace, silent/],
    ["REEVE_LOG_LEVEL", "verbose", "verbose", /fatal, error/],
    ["REEVE_BOOTSTRAP_TOKEN", TOKEN.slice(1), "(31 characters, not shown)", /32 to 512 visible ASCII/],
    ["REEVE_BOOTSTRAP_TOKEN", "x".repeat(513), "(513 characters, not shown)", /32 to 512/],
    ["REEVE_BOOTSTRAP_TOKEN", `${TOKEN} `, "(33 characters, not shown)", /without spaces/],
    ["REEVE_BOOTSTRAP_TOKEN", `${TOKEN}\u00e4`, "(33 characters, not shown)", /visible ASCII/],
    ["REEVE_DEMO", "yes", "yes", /^on, off, auto$/],
    ["REEVE_DEMO", "true", "true", /^on, off, auto$/],
    ["REEVE_PUBLIC_CATALOGUE", "auto", "auto", /^on, off$/],
    ["REEVE_DATABASE_URL", "postgres://u:secret@db/reeve", "(not shown)", /not supported/],
    ["REEVE_PUBLIC_URL", "https://a.example/reeve", "https://a.example/reeve", /no path/],
    ["REEVE_PUBLIC_URL", "a.example", "a.example", /no path/],
    ["REEVE_PUBLIC_URL", `https://${"a".repeat(250)}.example`, `https://${"a".repeat(250)}.example`, /no path/],
    ["REEVE_TOKEN_AUDIENCE", "a b", "a b", /visible ASCII/],
    ["REEVE_CORS_ORIGINS", "*", "*", /no path, no \*/],
    ["REEVE_CORS_ORIGINS", "https://*.example", "https://*.example", /origins as browsers/],
    ["REEVE_CORS_ORIGINS", "https://a.example/", "https://a.example/", /origins as browsers/],
    ["REEVE_CORS_ORIGINS", "https://A.example", "https://A.example", /origins as browsers/],
    ["REEVE_CORS_ORIGINS", "https://a.example:443", "https://a.example:443", /origins as browsers/],
    ["REEVE_CORS_ORIGINS", "null", "null", /origins as browsers/],
    ["REEVE_CORS_ORIGINS", "https://a.example,", "https://a.example,", /origins as browsers/],
    ["REEVE_CONNECTIONS_MAX", "0", "0", /from 1 to 65536/],
    ["REEVE_DRAIN_NOTICE", "61", "61", /from 0 to 60/],
    ["REEVE_METRICS", "false", "false", /^on, off$/],
    ["REEVE_TRUSTED_PROXIES", "0.0.0.0/0", "0.0.0.0/0", /addresses or networks/],
    ["REEVE_TRUSTED_PROXIES", "10.0.0.0/33", "10.0.0.0/33", /addresses or networks/],
    ["REEVE_TRUSTED_PROXIES", "10.0.0.0/8/8", "10.0.0.0/8/8", /addresses or networks/],
    ["REEVE_TRUSTED_PROXIES", "::/0", "::/0", /addresses or networks/],
    ["REEVE_TRUSTED_PROXIES", "fe80::1%eth0", "fe80::1%eth0", /addresses or networks/],
    ["REEVE_TRUSTED_PROXIES", "proxy.internal", "proxy.internal", /addresses or networks/],
    ["REEVE_TRUSTED_PROXIES", "true", "true", /addresses or networks/],
    ["REEVE_RATE", "-1", "-1", /0 to 1000000/],
    ["REEVE_RATE_BURST", "0", "0", /1 to 1000000/],
    ["REEVE_STRANGERS_RATE", "many", "many", /0 to 1000000/],
    ["REEVE_STRANGERS_BURST", "0", "0", /1 to 1000000/],
    ...[
      "mail.example.com",
      "http://mail.example.com",
      "smtp:mail.example.com",
      "smtp://mail.example.com/inbox",
      "smtp://mail.example.com?tls=no",
      "smtp://user@mail.example.com",
      "smtp://:secret@mail.example.com",
      "smtp://u:%zz@mail.example.com",
      "smtp://u%0d%0a:p@mail.example.com",
      "smtp://mail.example.com:x",
    ].map((url) => ["REEVE_SMTP_URL", url, `(${url.length} characters, not shown)`, /^smtps:/] as const),
    ...["reeve", "a@b, c@d", "Reeve <a@b", "Re\neve <a@b>", "a b@c", "<>"].map(
      (from) => ["REEVE_MAIL_FROM", from, from, /an address such as/] as const,
    ),
    ["REEVE_PROT", "7070", "7070", /a known key: REEVE_HOST, REEVE_PORT/],
    ["REEVE_", "1", "1", /a known key/],
  ])("refuses %s=%s with the key, the value and what is allowed", (...[key, value, shown, allowed]) => {
    expect(refuse({ [String(key)]: String(value) })).toEqual([{ key, value: shown, allowed: expect.stringMatching(allowed) }]);
  });

  it("takes a mail server together with whom mails are from, or neither", () => {
    expect(read({ REEVE_SMTP_URL: "smtp://[::1]:2525", REEVE_MAIL_FROM: "reeve@example.com" }).mail).toEqual({
      url: "smtp://[::1]:2525",
      from: { name: "", address: "reeve@example.com" },
    });
    expect(read({ REEVE_MAIL_FROM: "reeve@example.com" }).mail).toBeUndefined();
    expect(refuse({ REEVE_SMTP_URL: "smtp://mail.example.com" })).toEqual([
      { key: "REEVE_MAIL_FROM", value: "(nothing)", allowed: expect.stringContaining("needed where mail.url") },
    ]);
    expect(refuse({ REEVE_SMTP_URL: "smtp://mail.example.com", REEVE_MAIL_FROM: "x" })).toHaveLength(1);
  });

  it("tells all faults at once", () => {
    const faults = refuse({
      REEVE_PORT: "x",
      REEVE_DEMO: "x",
      REEVE_LOG_LEVEL: "x",
      REEVE_HOST: "/",
      REEVE_TYPO: "x",
      REEVE_DATABASE_URL: "x",
    });
    expect(faults.map(({ key }) => key).sort()).toEqual(
      ["REEVE_DATABASE_URL", "REEVE_DEMO", "REEVE_HOST", "REEVE_LOG_LEVEL", "REEVE_PORT", "REEVE_TYPO"].sort(),
    );
  });

  it("never shows a secret, not even one under a misspelt key", () => {
    const secret = "swordfish-swordfish-swordfish";
    const told = JSON.stringify(
      refuse({
        REEVE_BOOTSTRAP_TOKEN: secret,
        REEVE_BOOTSTRAP_TOKENS: secret,
        REEVE_ADMIN_PASSWORD: secret,
        REEVE_DATABASE_URL: `postgres://u:${secret}@db`,
        REEVE_BOOTSTRAP_TKEN: secret,
        REEVE_DATABASE_URI: `postgres://u:${secret}@db`,
      }),
    );
    expect(told).not.toContain(secret);
  });
});

const file = (text: string) => ({ name: "reeve.config.yaml", directory: "/etc/reeve", text });
const faultsOf = (text: string, environment: Readonly<Record<string, string>> = {}) => {
  const result = readConfig(environment, file(text));
  return result.ok ? [] : result.error.map(({ from, key, value }) => `${from ?? "environment"} ${key} ${value}`);
};

const WHOLE = `# everything
http:
  host: 0.0.0.0
  port: 8080
  publicCatalogue: off
  publicUrl: https://reeve.example.com
  cors:
    origins:
      - https://a.example
      - https://b.example
  connections: { max: 10, perAddressMax: 5 }
  drainNotice: 5
  trustedProxies: [10.0.0.0/8, "::1"]
  rate: { perSecond: 7, burst: 8 }
  strangers: { perSecond: 9, burst: 10 }
data: { directory: kept, demo: on }
log: { level: debug }
metrics: off
mail: { url: "smtps://u:p%40ss@mail.example.com", from: "Reeve <reeve@example.com>" }
identity:
  audience: api
  issuers:
    - name: corp
      issuer: https://id.example.com
      organization: ACME
      signIn: { clientId: reeve, clientSecret: kept-secret }
      groups: { engineers: team }
administrator:
  bootstrapToken: ${TOKEN}
`;

describe("the file", () => {
  it("has a place for every setting", () => {
    const result = readConfig({}, file(WHOLE));
    expect(result).toMatchObject({
      ok: true,
      file: "reeve.config.yaml",
      value: {
        host: "0.0.0.0",
        port: 8_080,
        dataDirectory: "/etc/reeve/kept",
        isDefaultDirectory: false,
        logLevel: "debug",
        bootstrapToken: TOKEN,
        demo: "on",
        isCataloguePublic: false,
        publicUrl: "https://reeve.example.com",
        tokenAudience: "api",
        mail: { url: "smtps://u:p%40ss@mail.example.com", from: { name: "Reeve", address: "reeve@example.com" } },
        issuers: [
          {
            name: "corp",
            issuer: "https://id.example.com",
            organization: "ACME",
            signIn: { clientId: "reeve", clientSecret: "kept-secret" },
            groups: new Map([["engineers", "team"]]),
          },
        ],
        corsOrigins: ["https://a.example", "https://b.example"],
        connectionsMax: 10,
        connectionsPerAddressMax: 5,
        drainNoticeMs: 5_000,
        hasMetrics: false,
        trustedProxies: ["10.0.0.0/8", "::1"],
        callerRate: { perSecond: 7, burst: 8 },
        strangerRate: { perSecond: 9, burst: 10 },
      },
    });
    const untold = result.ok ? result.sources.filter(({ from }) => from === "default").map(({ place }) => place) : [];
    // Those two are files that would be read: tests/http-tls.test.ts has them in a configuration.
    expect(untold).toEqual(["data.databaseUrl", "http.tls.certificate", "http.tls.key"]);
    expect(faultsOf("http: { tls: { certificate: a.crt, key: a.key } }")).toEqual(["reeve.config.yaml:1 http.tls.certificate a.crt"]);
    expect(faultsOf("data: { databaseUrl: postgres://u:p@db }")).toEqual(["reeve.config.yaml:1 data.databaseUrl (not shown)"]);
  });

  it("yields to the environment, setting by setting, and each says where it comes from", () => {
    const result = readConfig({ REEVE_PORT: "9090", REEVE_DEMO: "off", REEVE_HOST: "" }, file("http:\n  host: ::1\n  port: 8080\n"));
    expect(result).toMatchObject({ ok: true, value: { host: "::1", port: 9_090, demo: "off", logLevel: "info" } });
    const told = result.ok ? Object.fromEntries(result.sources.map(({ place, from, over }) => [place, [from, over]])) : {};
    expect(told).toMatchObject({
      "http.host": ["reeve.config.yaml:2", undefined],
      "http.port": ["environment", "reeve.config.yaml:3"],
      "data.demo": ["environment", undefined],
      "log.level": ["default", undefined],
    });
  });

  it("may say nothing, or leave settings unset", () => {
    for (const text of ["", "# nothing\n", "http:\nlog: {}\n", "http: { port: null }\nmetrics: ~\n", 'log: { level: "" }', "{}"]) {
      expect(readConfig({}, file(text)), text).toMatchObject({ ok: true, value: read({}) });
    }
  });

  it.each([
    ["http:\n  port: many\n  host: 'a b'\nlog:\n  level: loud", ["2 http.port many", "3 http.host a b", "5 log.level loud"]],
    ["http:\n  prot: 1\nlogs:\n  level: info", ["2 http.prot 1", "3 logs (not shown)"]],
    ["http: 1", ["1 http (not shown)"]],
    ["- a", ["1 the file (no single value)"]],
    ["http:\n  port: [1]", ["2 http.port (no single value)"]],
    ["http:\n  port: 0x50", ["2 http.port 0x50"]],
    ["http:\n  cors:\n    origins: https://a.example", ["3 http.cors.origins (not shown)"]],
    ["http: { cors: { origins: [1] } }", ["1 http.cors.origins (no single value)"]],
    ["metrics: true", ["1 metrics true"]],
    ["metrics: on\nmetrics: off", ["2 the file duplicate_key"]],
    ["http: {\n", ["2 the file bad_indent"]],
    ["a: &x on\nmetrics: *x", ["1 a on", "2 metrics (no single value)"]],
    ["<<: { metrics: off }", ["1 << (not shown)"]],
    ["__proto__: { metrics: off }\nconstructor: x", ["1 __proto__ (not shown)", "2 constructor x"]],
    ["metrics: on\n---\nmetrics: off", ["2 the file multiple_docs"]],
  ])("is refused with file, line and place, all at once: %j", (text, expected) => {
    expect(faultsOf(text).sort()).toEqual(expected.map((line) => `reeve.config.yaml:${line}`).sort());
  });

  it("and the environment tell their faults together, even where the environment wins", () => {
    expect(faultsOf("http: { port: many }\nmetrics: maybe", { REEVE_PORT: "80", REEVE_DEMO: "perhaps" })).toEqual([
      "reeve.config.yaml:1 http.port many",
      "environment REEVE_DEMO perhaps",
      "reeve.config.yaml:2 metrics maybe",
    ]);
  });

  it("never shows a secret, right, wrong, misspelt or in YAML that is none", () => {
    const secret = "swordfish-swordfish";
    const texts = [
      `administrator: { bootstrapToken: ${secret} }`,
      `administrator: { bootstrapTokn: ${secret} }`,
      `bootstrapToken: ${secret}`,
      `administrator: ${secret}`,
      secret,
      `administrator: { bootstrapToken: *${secret} }`,
      `administrator: { bootstrapToken: "${secret}`,
      `administrator:\n  - ${secret}: ${secret}\n bad`,
      `%${secret}\n---\nx`,
      `data: { databaseUrl: postgres://u:${secret}@db }`,
    ];
    for (const text of texts) {
      const result = readConfig({}, file(text));
      expect(result.ok, text).toBe(false);
      expect(JSON.stringify(result)).not.toContain(secret);
    }
    const good = readConfig({}, file(`administrator: { bootstrapToken: ${TOKEN} }`));
    expect(good.ok ? JSON.stringify(good.sources) : TOKEN).not.toContain(TOKEN);
  });
});

describe("loadConfig", () => {
  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), "reeve-config-"));
    onTestFinished(() => rmSync(made, { recursive: true, force: true }));
    return made;
  };

  it("reads reeve.config.yaml of the working directory if it is there, or the file that is named, whose paths are its own", () => {
    const [here, there] = [folder(), folder()];
    expect(loadConfig({}, here)).toMatchObject({ ok: true, value: { port: 7_070 } });
    writeFileSync(join(here, "reeve.config.yaml"), "http: { port: 1 }");
    writeFileSync(join(there, "other.yaml"), "http: { port: 2 }\ndata: { directory: data }");
    expect(loadConfig({}, here)).toMatchObject({ ok: true, file: "reeve.config.yaml", value: { port: 1 } });
    const named = loadConfig({ REEVE_CONFIG: join(there, "other.yaml") }, here);
    expect(named).toMatchObject({ ok: true, file: "other.yaml", value: { port: 2, dataDirectory: join(there, "data") } });
    expect(loadConfig({ REEVE_CONFIG: "", REEVE_PORT: "3" }, here)).toMatchObject({ ok: true, value: { port: 3 } });
  });

  it("refuses a file that is named and cannot be read, and says why, with every other fault", () => {
    const here = folder();
    mkdirSync(join(here, "folder"));
    writeFileSync(join(here, "large"), "#".repeat(65_537));
    writeFileSync(join(here, "latin"), Buffer.from([0x23, 0xe4]));
    for (const [name, why] of Object.entries({ missing: "ENOENT", folder: "EISDIR", large: "65537 bytes", latin: "not UTF-8" })) {
      const result = loadConfig({ REEVE_CONFIG: name, REEVE_PORT: "x" }, here);
      const faults = result.ok ? [] : result.error;
      expect(faults.map(({ key }) => key)).toEqual(["REEVE_CONFIG", "REEVE_PORT"]);
      expect(faults[0]).toMatchObject({ value: name, allowed: expect.stringContaining(why) });
    }
    writeFileSync(join(here, "reeve.config.yaml"), Buffer.from([0xff]));
    expect(loadConfig({}, here)).toMatchObject({ ok: false, error: [{ key: "REEVE_CONFIG", value: "reeve.config.yaml" }] });
  });
});
