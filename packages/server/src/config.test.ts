/** Configuration: every key with what is allowed and what is not, and how a fault is told. */
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { type Config, LOG_LEVELS, readConfig } from "./config.ts";

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
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it("takes an empty value for none", () => {
    const keys = ["HOST", "PORT", "DATA_DIR", "LOG_LEVEL", "BOOTSTRAP_TOKEN", "DEMO", "DATABASE_URL", "PUBLIC_CATALOGUE"];
    expect(read(Object.fromEntries(keys.map((key) => [`REEVE_${key}`, ""])))).toEqual(read({}));
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
    ["REEVE_PROT", "7070", "7070", /a known key: REEVE_HOST, REEVE_PORT/],
    ["REEVE_", "1", "1", /a known key/],
  ])("refuses %s=%s with the key, the value and what is allowed", (...[key, value, shown, allowed]) => {
    expect(refuse({ [key]: value })).toEqual([{ key, value: shown, allowed: expect.stringMatching(allowed) }]);
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
