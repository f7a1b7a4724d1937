/**
 * The table of settings: everything that can be configured, each with its key in the environment and its place in the file.
 *
 * Whoever reads, shows or documents the configuration walks this table; nothing about a setting is said anywhere else.
 * Invariant: every setting has both a key and a place; a value that `parse` lets through is one that the server can work with.
 */
import { isIP, isIPv4 } from "node:net";

import { readIssuers } from "./issuers.ts";
import type { MemberFault } from "./structure.ts";

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

export type Setting = {
  /** In the environment. */
  readonly key: string;
  /** In the file: names of members, from the top, with dots between. */
  readonly place: string;
  /** `list`: in the environment with commas between, in the file a sequence. `structure`: in the environment JSON, in the file YAML. */
  readonly type: "text" | "integer" | "choice" | "list" | "structure";
  readonly default: string | undefined;
  /** Ends the sentence "allowed is …". */
  readonly allowed: string;
  readonly isSecret?: true;
  readonly description: string;
  /** The value; `undefined`: it is not allowed. */
  readonly parse: (text: string) => unknown;
  /** Of a structure that `parse` refuses: which of its members are not allowed. */
  readonly faults?: (text: string) => readonly MemberFault[];
};

const TOKEN = /^[\x21-\x7e]{32,512}$/;
const HOST = /^[A-Za-z0-9.:_-]+$/;
const AUDIENCE = /^[\x21-\x7e]{1,256}$/;
const MAIL_CHARACTERS_MAX = 1_024;
const SENDER = /^(?:([^<>"\p{Cc}\p{Cs}]{1,128}?) +<([^\s<>@,;:"\p{Cc}]+@[^\s<>@,;:"\p{Cc}]+)>|([^\s<>@,;:"\p{Cc}]+@[^\s<>@,;:"\p{Cc}]+))$/u;
const ORIGIN_CHARACTERS_MAX = 256;
const ORIGINS_MAX = 64;

export const SETTINGS = {
  host: {
    key: "REEVE_HOST",
    place: "http.host",
    type: "text",
    default: "127.0.0.1",
    allowed: "a host name or an IP address to listen on, such as 127.0.0.1 or 0.0.0.0",
    description: "Where it listens. `0.0.0.0` is every address of the machine: set TLS, or put it in front.",
    parse: (text) => (HOST.test(text) ? text : undefined),
  },
  port: {
    key: "REEVE_PORT",
    place: "http.port",
    type: "integer",
    default: "7070",
    allowed: "a port from 0 to 65535; 0 takes a free one",
    description: "`0` takes a free port, which is printed.",
    parse: (text) => wholeNumber(text, { min: 0, max: 65_535 }),
  },
  dataDirectory: {
    key: "REEVE_DATA_DIR",
    place: "data.directory",
    type: "text",
    default: ".reeve",
    allowed: "a directory on a disk of this machine",
    description:
      "Made with mode 0700. One server at a time; a network file system is refused. Counted from the working directory; in the file, from the file's own.",
    parse: (text) => text,
  },
  logLevel: {
    key: "REEVE_LOG_LEVEL",
    place: "log.level",
    type: "choice",
    default: "info",
    allowed: LOG_LEVELS.join(", "),
    description: "The least level that is logged. Where nothing is set and stdout is a terminal: `warn`.",
    parse: (text) => oneOf(LOG_LEVELS, text),
  },
  bootstrapToken: {
    key: "REEVE_BOOTSTRAP_TOKEN",
    place: "administrator.bootstrapToken",
    type: "text",
    default: undefined,
    allowed: "32 to 512 visible ASCII characters without spaces",
    isSecret: true,
    description: "The administrator's token of a first start; without it one is made.",
    parse: (text) => (TOKEN.test(text) ? text : undefined),
  },
  demo: {
    key: "REEVE_DEMO",
    place: "data.demo",
    type: "choice",
    default: "auto",
    allowed: "on, off, auto",
    description: "Whether the demo organization is loaded; `auto`: into a default data directory that this start makes.",
    parse: (text) => oneOf(["on", "off", "auto"], text),
  },
  databaseUrl: {
    key: "REEVE_DATABASE_URL",
    place: "data.databaseUrl",
    type: "text",
    default: undefined,
    allowed: "nothing yet: PostgreSQL is not supported by this version; leave it unset",
    isSecret: true,
    description: "Refused until PostgreSQL is supported.",
    parse: (): string | undefined => undefined,
  },
  publicCatalogue: {
    key: "REEVE_PUBLIC_CATALOGUE",
    place: "http.publicCatalogue",
    type: "choice",
    default: "on",
    allowed: "on, off",
    description: "Whether `GET /operations` shows the catalogues that ship to everybody. They hold no organization's data.",
    parse: (text) => oneOf(["on", "off"], text),
  },
  publicUrl: {
    key: "REEVE_PUBLIC_URL",
    place: "http.publicUrl",
    type: "text",
    default: undefined,
    allowed: "an origin such as https://reeve.example.com; no path",
    description:
      "Under which address clients know this server: the issuer of access tokens, and where links lead. Without it the address that it listens on; changed, it ends the access tokens that were issued.",
    parse: readOrigin,
  },
  tokenAudience: {
    key: "REEVE_TOKEN_AUDIENCE",
    place: "identity.audience",
    type: "text",
    default: "reeve",
    allowed: "1 to 256 visible ASCII characters",
    description: "For whom access tokens are issued (`aud`). Changed, it ends the access tokens that were issued.",
    parse: (text) => (AUDIENCE.test(text) ? text : undefined),
  },
  mailUrl: {
    key: "REEVE_SMTP_URL",
    place: "mail.url",
    type: "text",
    default: undefined,
    allowed:
      "smtps://user:password@host:port (TLS, port 465), or smtp://… (STARTTLS, port 587); user and password percent-encoded, or neither",
    isSecret: true,
    description:
      "The mail server that invitations and links to reset a password are handed to. Without TLS nothing is sent, but to loopback. Unset: no mail is sent, and whoever invites is shown the link.",
    parse: readSmtpUrl,
  },
  mailFrom: {
    key: "REEVE_MAIL_FROM",
    place: "mail.from",
    type: "text",
    default: undefined,
    allowed: "an address such as reeve@example.com, or Reeve <reeve@example.com>; needed where mail.url (REEVE_SMTP_URL) is set",
    description: "Whom mails are from.",
    parse: readSender,
  },
  issuers: {
    key: "REEVE_ISSUERS",
    place: "identity.issuers",
    type: "structure",
    default: undefined,
    allowed: "a list of issuers, each with name, issuer, organization, and signIn, tokens or both; in the environment as JSON",
    isSecret: true,
    description:
      "Who besides this server may say who somebody is: OpenID providers by which people sign in, and issuers of access tokens. See the how-to.",
    parse: (text) => {
      const read = readIssuers(text);
      return read.ok ? read.value : undefined;
    },
    faults: (text) => {
      const read = readIssuers(text);
      return read.ok ? [] : read.faults;
    },
  },
  corsOrigins: {
    key: "REEVE_CORS_ORIGINS",
    place: "http.cors.origins",
    type: "list",
    default: undefined,
    allowed: "up to 64 origins as browsers send them, such as https://console.example.com; no path, no *",
    description: "Pages of these origins may call the API with a token from a browser. Compared exactly; none: no page may.",
    parse: readOrigins,
  },
  connectionsMax: {
    key: "REEVE_CONNECTIONS_MAX",
    place: "http.connections.max",
    type: "integer",
    default: "4096",
    allowed: "a whole number from 1 to 65536",
    description: "Connections at once. One more is answered 503 `too_many_connections` and closed.",
    parse: (text) => wholeNumber(text, { min: 1, max: 65_536 }),
  },
  connectionsPerAddressMax: {
    key: "REEVE_CONNECTIONS_PER_ADDRESS_MAX",
    place: "http.connections.perAddressMax",
    type: "integer",
    default: "1024",
    allowed: "a whole number from 1 to 65536",
    description: "The same for one address; one of `http.trustedProxies` may have them all.",
    parse: (text) => wholeNumber(text, { min: 1, max: 65_536 }),
  },
  tlsCertificate: {
    key: "REEVE_TLS_CERT",
    place: "http.tls.certificate",
    type: "text",
    default: undefined,
    allowed: "a file with a certificate in PEM, and behind it those that signed it",
    description:
      "With a key beside it the server speaks HTTPS (TLS 1.2 and 1.3) and nothing else. Files that change are taken within seconds; counted as `data.directory` is.",
    parse: (text) => text,
  },
  tlsKey: {
    key: "REEVE_TLS_KEY",
    place: "http.tls.key",
    type: "text",
    default: undefined,
    allowed: "a file with the certificate's private key in PEM, not encrypted",
    description: "The private key of `http.tls.certificate`, for the server's user alone.",
    parse: (text) => text,
  },
  trustedProxies: {
    key: "REEVE_TRUSTED_PROXIES",
    place: "http.trustedProxies",
    type: "list",
    default: undefined,
    allowed: "up to 64 addresses or networks, such as 10.0.0.7, 10.0.0.0/8 or fd00::/8",
    description:
      "Whose `X-Forwarded-For` and `X-Forwarded-Proto` count. Name proxies that set them themselves, and no network that clients are in; none: nobody's count.",
    parse: readNetworks,
  },
  callerRate: {
    key: "REEVE_RATE",
    place: "http.rate.perSecond",
    type: "integer",
    default: "0",
    allowed: "requests, a whole number from 0 to 1000000; 0: no bound",
    description: "How many requests a second whoever is known (a token, a client, a session) may send for long.",
    parse: (text) => wholeNumber(text, { min: 0, max: 1_000_000 }),
  },
  callerBurst: {
    key: "REEVE_RATE_BURST",
    place: "http.rate.burst",
    type: "integer",
    default: "1000",
    allowed: "requests, a whole number from 1 to 1000000",
    description: "How many of them at once.",
    parse: (text) => wholeNumber(text, { min: 1, max: 1_000_000 }),
  },
  strangerRate: {
    key: "REEVE_STRANGERS_RATE",
    place: "http.strangers.perSecond",
    type: "integer",
    default: "50",
    allowed: "requests, a whole number from 0 to 1000000; 0: no bound",
    description:
      "How many requests a second of an address (an IPv6 /64) from which nobody is known: public pages, and whatever is refused as not authenticated. A client may ask for as many access tokens. Who is known is not counted here.",
    parse: (text) => wholeNumber(text, { min: 0, max: 1_000_000 }),
  },
  strangerBurst: {
    key: "REEVE_STRANGERS_BURST",
    place: "http.strangers.burst",
    type: "integer",
    default: "500",
    allowed: "requests, a whole number from 1 to 1000000",
    description: "How many of them at once.",
    parse: (text) => wholeNumber(text, { min: 1, max: 1_000_000 }),
  },
  drainNotice: {
    key: "REEVE_DRAIN_NOTICE",
    place: "http.drainNotice",
    type: "integer",
    default: "0",
    allowed: "seconds, a whole number from 0 to 60",
    description: "How long a server that was told to stop goes on as before, but for `/readyz` saying no: what sends it requests notices.",
    parse: (text) => wholeNumber(text, { min: 0, max: 60 }),
  },
  metrics: {
    key: "REEVE_METRICS",
    place: "metrics",
    type: "choice",
    default: "on",
    allowed: "on, off",
    description: "Whether figures are counted, and told at `GET /metrics`.",
    parse: (text) => oneOf(["on", "off"], text),
  },
} as const satisfies Readonly<Record<string, Setting>>;
export type SettingName = keyof typeof SETTINGS;
type Parsed<Name extends SettingName> = Exclude<ReturnType<(typeof SETTINGS)[Name]["parse"]>, undefined>;
/** The value of every setting; `undefined` where nothing gave one. */
export type Values = { readonly [Name in SettingName]: Parsed<Name> | undefined };

/** Keys of the environment that are no settings of the server. The command line shares the environment. */
export const OTHER_KEYS = [
  { key: "REEVE_CONFIG", description: "The configuration file. Without it: `reeve.config.yaml` in the working directory, if it is there." },
  { key: "REEVE_URL", description: "The server that the command line asks (`http://127.0.0.1:7070`); `--url` counts over it." },
  { key: "REEVE_TOKEN", description: "The token that the command line sends; `--token-file` counts over it." },
  { key: "REEVE_CLIENT_SECRET", description: "The client secret of `access-token`; `--secret-file` counts over it." },
  { key: "REEVE_ORG", description: "The organization of `check` and `why`; `--org` counts over it." },
] as const;

function oneOf<const T extends string>(allowed: readonly T[], text: string): T | undefined {
  return allowed.find((one) => one === text);
}

function wholeNumber(text: string, { min, max }: { readonly min: number; readonly max: number }): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

/** Origins as RFC 6454 §6.2 writes them: what a browser sends, so that comparing is enough. */
function readOrigins(text: string): readonly string[] | undefined {
  const origins = text.split(",").map((origin) => origin.trim());
  return origins.length <= ORIGINS_MAX && origins.every(isOrigin) ? origins : undefined;
}

const isOrigin = (text: string): boolean => /^https?:\/\/[^*]+$/.test(text) && URL.parse(text)?.origin === text;

const NETWORKS_MAX = 64;

/** Addresses and networks; one of all addresses would have everybody's word count. */
function readNetworks(text: string): readonly string[] | undefined {
  const networks = text.split(",").map((network) => network.trim());
  return networks.length <= NETWORKS_MAX && networks.every(isNetwork) ? networks : undefined;
}

function isNetwork(text: string): boolean {
  const [address = "", bits, more] = text.split("/");
  if (isIP(address) === 0 || address.includes("%") || more !== undefined) return false;
  return bits === undefined || wholeNumber(bits, { min: 1, max: isIPv4(address) ? 32 : 128 }) !== undefined;
}

function readOrigin(text: string): string | undefined {
  return text.length <= ORIGIN_CHARACTERS_MAX && isOrigin(text) ? text : undefined;
}

function readSmtpUrl(text: string): string | undefined {
  const url = text.length <= MAIL_CHARACTERS_MAX ? URL.parse(text) : null;
  if (url === null || !/^smtps?:\/\//.test(text) || url.hostname === "" || url.search !== "" || url.hash !== "") return undefined;
  const isBare = url.pathname === "" || url.pathname === "/";
  return isBare && (url.username === "") === (url.password === "") && isDecodable(url.username) && isDecodable(url.password)
    ? text
    : undefined;
}

function isDecodable(text: string): boolean {
  try {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a command of SMTP ends where its line does.
    return !/[\u0000-\u001f\u007f]/.test(decodeURIComponent(text));
  } catch {
    return false;
  }
}

function readSender(text: string): { readonly name: string; readonly address: string } | undefined {
  if (text.length > MAIL_CHARACTERS_MAX) return undefined;
  const [, name = "", named, bare] = SENDER.exec(text) ?? [];
  const address = named ?? bare;
  return address === undefined ? undefined : { name: name.trim(), address };
}
