/**
 * Configuration: the environment read once, checked whole, and frozen.
 *
 * Invariant: a server that started knows every setting; a value that is not allowed ends the start with its key, the value and what
 * is allowed. Secrets are never shown.
 */
import { resolve } from "node:path";

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type Config = {
  readonly host: string;
  readonly port: number;
  /** Absolute. */
  readonly dataDirectory: string;
  /** The directory was not named: the start that makes it loads the demo organization. */
  readonly isDefaultDirectory: boolean;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly bootstrapToken: string | undefined;
  readonly demo: "on" | "off" | "auto";
  readonly isCataloguePublic: boolean;
};
export type ConfigFault = { readonly key: string; readonly value: string; readonly allowed: string };
type Environment = Readonly<Record<string, string | undefined>>;

const TOKEN_LENGTH_MIN = 32;
const TOKEN_LENGTH_MAX = 512;

/** Reads the configuration. All faults together. `REEVE_*` keys that nobody knows are faults too: a misspelt one must not be silent. */
export function readConfig(
  environment: Environment,
): { readonly ok: true; readonly value: Config } | { readonly ok: false; readonly error: readonly ConfigFault[] } {
  const faults: ConfigFault[] = [];
  const refuse = (key: string, value: string, allowed: string): void => {
    faults.push({ key, value, allowed });
  };
  const value = (key: string): string | undefined => (environment[key] === "" ? undefined : environment[key]);
  for (const key of Object.keys(environment)) {
    if (!key.startsWith("REEVE_") || KEYS.includes(key)) continue;
    // A misspelt REEVE_BOOTSTRAP_TOKEN holds the token all the same.
    const given = environment[key] ?? "";
    const shown = /TOK|SECRET|PASS|KEY|URL|URI/i.test(key) || !/^[\w.:-]{0,15}$/.test(given) ? "(not shown)" : given;
    refuse(key, shown, `a known key: ${KEYS.join(", ")}`);
  }
  const host = value("REEVE_HOST") ?? "127.0.0.1";
  if (!/^[A-Za-z0-9.:_-]+$/.test(host))
    refuse("REEVE_HOST", host, "a host name or an IP address to listen on, such as 127.0.0.1 or 0.0.0.0");
  const portText = value("REEVE_PORT") ?? "7070";
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : Number.NaN;
  if (!(port >= 0 && port <= 65_535)) refuse("REEVE_PORT", portText, "a port from 0 to 65535; 0 takes a free one");
  const logLevel = value("REEVE_LOG_LEVEL") ?? "info";
  if (!isOneOf(LOG_LEVELS, logLevel)) refuse("REEVE_LOG_LEVEL", logLevel, LOG_LEVELS.join(", "));
  const demo = value("REEVE_DEMO") ?? "auto";
  if (!isOneOf(["on", "off", "auto"] as const, demo)) refuse("REEVE_DEMO", demo, "on, off, auto");
  const publicCatalogue = value("REEVE_PUBLIC_CATALOGUE") ?? "on";
  if (!isOneOf(["on", "off"] as const, publicCatalogue)) refuse("REEVE_PUBLIC_CATALOGUE", publicCatalogue, "on, off");
  const bootstrapToken = value("REEVE_BOOTSTRAP_TOKEN");
  if (bootstrapToken !== undefined && !isToken(bootstrapToken)) {
    refuse(
      "REEVE_BOOTSTRAP_TOKEN",
      `(${bootstrapToken.length} characters, not shown)`,
      "32 to 512 visible ASCII characters without spaces",
    );
  }
  const databaseUrl = value("REEVE_DATABASE_URL");
  if (databaseUrl !== undefined)
    refuse("REEVE_DATABASE_URL", "(not shown)", "nothing yet: PostgreSQL is not supported by this version; leave it unset");
  if (faults.length > 0) return { ok: false, error: faults };
  const directory = value("REEVE_DATA_DIR");
  return {
    ok: true,
    value: Object.freeze({
      host,
      port,
      dataDirectory: resolve(directory ?? ".reeve"),
      isDefaultDirectory: directory === undefined,
      logLevel: logLevel as Config["logLevel"],
      bootstrapToken,
      demo: demo as Config["demo"],
      isCataloguePublic: publicCatalogue === "on",
    }),
  };
}

const KEYS: readonly string[] = [
  "REEVE_HOST",
  "REEVE_PORT",
  "REEVE_DATA_DIR",
  "REEVE_LOG_LEVEL",
  "REEVE_BOOTSTRAP_TOKEN",
  "REEVE_DEMO",
  "REEVE_DATABASE_URL",
  "REEVE_PUBLIC_CATALOGUE",
  // Read by the command line, which shares the environment.
  "REEVE_URL",
  "REEVE_TOKEN",
  "REEVE_ORG",
];

function isOneOf<T extends string>(allowed: readonly T[], value: string): value is T {
  return (allowed as readonly string[]).includes(value);
}

function isToken(text: string): boolean {
  return text.length >= TOKEN_LENGTH_MIN && text.length <= TOKEN_LENGTH_MAX && /^[\x21-\x7e]+$/.test(text);
}
