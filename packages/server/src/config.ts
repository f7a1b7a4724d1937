/**
 * Configuration: the environment and the file read once, checked whole, and frozen. The environment wins.
 *
 * Invariant: a server that started knows every setting; a value that is not allowed ends the start with its key, the value and what
 * is allowed, and where it stands. Secrets are never shown.
 */
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { type KnownPair, type PairFiles, readPair } from "./certificate.ts";
import type { Rate } from "./http/rates.ts";
import {
  CONFIG_BYTES_MAX,
  type ConfigFault,
  type ConfigText,
  type Given,
  type LOG_LEVELS,
  OTHER_KEYS,
  readConfigFile,
  SETTINGS,
  type Setting,
  type SettingName,
  shownUnknown,
  type Values,
  writePath,
} from "./settings/index.ts";

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
  /** An origin. Absent: the address that it listens on. */
  readonly publicUrl: string | undefined;
  readonly tokenAudience: string;
  /** Where letters are handed to; absent: no mail is sent. */
  readonly mail: { readonly url: string; readonly from: { readonly name: string; readonly address: string } } | undefined;
  /** Who besides this server may say who somebody is. */
  readonly issuers: NonNullable<Values["issuers"]>;
  /** Origins of pages that may call the API from a browser. */
  readonly corsOrigins: readonly string[];
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  readonly drainNoticeMs: number;
  readonly hasMetrics: boolean;
  /** Absent: it speaks HTTP in clear. */
  readonly tls: { readonly files: PairFiles; readonly pair: KnownPair } | undefined;
  /** Addresses and networks. */
  readonly trustedProxies: readonly string[];
  readonly callerRate: Rate;
  readonly strangerRate: Rate;
};
/** A setting as it stands: `value` without secrets; `from`: `default`, `environment`, or file and line; `over`: what lost against it. */
export type ConfigSource = {
  readonly place: string;
  readonly key: string;
  readonly value: string | undefined;
  readonly from: string;
  readonly over?: string;
};
export type Configured =
  | { readonly ok: true; readonly value: Config; readonly sources: readonly ConfigSource[]; readonly file?: string }
  | { readonly ok: false; readonly error: readonly ConfigFault[] };
type Environment = Readonly<Record<string, string | undefined>>;

const FILE = "reeve.config.yaml";
const entries = Object.entries(SETTINGS) as readonly (readonly [SettingName, Setting])[];
const KEYS: readonly string[] = [...entries.map(([, { key }]) => key), ...OTHER_KEYS.map(({ key }) => key)];

/** Reads the environment and the file that it names (REEVE_CONFIG), else `reeve.config.yaml` of the directory, if it is there. */
export function loadConfig(environment: Environment, directory: string = process.cwd()): Configured {
  const named = environment.REEVE_CONFIG === "" ? undefined : environment.REEVE_CONFIG;
  const path = resolve(directory, named ?? FILE);
  const found = readText(path, named ?? FILE);
  if ("text" in found) return readConfig(environment, found);
  if (found.why === "ENOENT" && named === undefined) return readConfig(environment);
  const fault = {
    key: "REEVE_CONFIG",
    value: named ?? FILE,
    allowed: `a file that can be read, in UTF-8, of 64 KiB at most (${found.why})`,
  };
  const rest = readConfig(environment);
  return { ok: false, error: [fault, ...(rest.ok ? [] : rest.error)] };
}

function readText(path: string, name: string): ConfigText | { readonly why: string } {
  try {
    const { size } = statSync(path);
    if (size > CONFIG_BYTES_MAX) return { why: `it has ${size} bytes` };
    const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
    return { name: basename(name), directory: dirname(path), text };
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    return { why: syscall === undefined ? "it is not UTF-8" : (code ?? syscall) };
  }
}

/** Reads the configuration. All faults together. `REEVE_*` keys that nobody knows are faults too: a misspelt one must not be silent. */
export function readConfig(environment: Environment, file?: ConfigText): Configured {
  const read = file === undefined ? { given: new Map(), faults: [] } : readConfigFile(file);
  const faults: ConfigFault[] = [...unknownKeys(environment), ...read.faults];
  const values: Partial<Record<SettingName, unknown>> = {};
  const sources: ConfigSource[] = [];
  for (const [name, setting] of entries) {
    const text = environment[setting.key] === "" ? undefined : environment[setting.key];
    const inFile = read.given.get(name);
    const parsedFile = inFile === undefined ? undefined : check(setting, inFile, faults);
    const parsed = text === undefined ? parsedFile : check(setting, { text }, faults);
    values[name] = parsed ?? (setting.default === undefined ? undefined : setting.parse(setting.default));
    const from = text !== undefined ? "environment" : (inFile?.from ?? "default");
    const used = text ?? inFile?.text ?? setting.default;
    sources.push({
      place: setting.place,
      key: setting.key,
      value: used !== undefined && setting.isSecret === true ? "(set, not shown)" : used,
      from,
      ...(text !== undefined && inFile !== undefined ? { over: inFile.from } : {}),
    });
  }
  const fromOf = (name: SettingName): string | undefined => sources.find(({ key }) => key === SETTINGS[name].key)?.from;
  const absolute: Absolute = (name) =>
    resolve(fromOf(name) === "environment" || file === undefined ? "" : file.directory, values[name] as string);
  const tls = tlsOf(values as Values, absolute, (name, allowed) => {
    const [value, from] = [(values[name] as string | undefined) ?? "", fromOf(name) ?? "default"];
    const isInFile = from !== "environment" && from !== "default";
    faults.push({ key: isInFile ? SETTINGS[name].place : SETTINGS[name].key, value, allowed, ...(isInFile ? { from } : {}) });
  });
  if (values.mailUrl !== undefined && values.mailFrom === undefined && faults.every(({ key }) => !ofSetting(SETTINGS.mailFrom, key)))
    faults.push({ key: SETTINGS.mailFrom.key, value: "(nothing)", allowed: SETTINGS.mailFrom.allowed });
  if (faults.length > 0) return { ok: false, error: faults };
  const isDefaultDirectory = fromOf("dataDirectory") === "default";
  const dataDirectory = isDefaultDirectory ? resolve(values.dataDirectory as string) : absolute("dataDirectory");
  const value = configOf(values as Values, { isDefaultDirectory, dataDirectory, tls });
  return { ok: true, value, sources, ...(file === undefined ? {} : { file: file.name }) };
}

/** A path as it is meant: from the working directory, or from the file that says it. */
type Absolute = (name: "dataDirectory" | "tlsCertificate" | "tlsKey") => string;

/** The certificate and its key, both or none, read and held against each other. */
function tlsOf(
  { tlsCertificate, tlsKey }: Values,
  absolute: Absolute,
  refuse: (name: "tlsCertificate" | "tlsKey", allowed: string) => void,
): Config["tls"] {
  if (tlsCertificate === undefined && tlsKey === undefined) return undefined;
  if (tlsCertificate === undefined) return void refuse("tlsCertificate", `${SETTINGS.tlsCertificate.allowed}: there is a key for one`);
  if (tlsKey === undefined) return void refuse("tlsKey", `${SETTINGS.tlsKey.allowed}: there is a certificate without`);
  const files = { certificate: absolute("tlsCertificate"), key: absolute("tlsKey") };
  const read = readPair(files);
  if (!read.ok) return void refuse(read.error.of, read.error.allowed);
  return { files, pair: read.value };
}

const ofSetting = ({ key, place }: Setting, named: string): boolean => named === key || named === place;

function unknownKeys(environment: Environment): readonly ConfigFault[] {
  return Object.keys(environment)
    .filter((key) => key.startsWith("REEVE_") && !KEYS.includes(key))
    .map((key) => ({ key, value: shownUnknown(key, environment[key] ?? ""), allowed: `a known key: ${KEYS.join(", ")}` }));
}

function check(setting: Setting, given: Pick<Given, "text"> & Partial<Given>, faults: ConfigFault[]): unknown {
  const { text, from } = given;
  const parsed = setting.parse(text);
  if (parsed !== undefined) return parsed;
  if (setting.faults !== undefined) {
    faults.push(...memberFaults(setting, given));
    return undefined;
  }
  const shown = setting === SETTINGS.databaseUrl ? "(not shown)" : `(${text.length} characters, not shown)`;
  const value = setting.isSecret === true ? shown : text;
  const key = from === undefined ? setting.key : setting.place;
  faults.push({ key, value, allowed: setting.allowed, ...(from === undefined ? {} : { from }) });
  return undefined;
}

/** What of a structure is not allowed, each by its own path; it may hold secrets, so nothing of it is shown. */
function memberFaults({ faults, key, place }: Setting, { text, fromOf }: Pick<Given, "text"> & Partial<Given>): readonly ConfigFault[] {
  return (faults?.(text) ?? []).map(({ path, allowed, isMissing }) => ({
    key: `${fromOf === undefined ? key : place}${writePath(path)}`,
    value: isMissing === true ? "(missing)" : "(not shown)",
    allowed,
    ...(fromOf === undefined ? {} : { from: fromOf(path) }),
  }));
}

function mailOf({ mailUrl: url, mailFrom: from }: Values): Config["mail"] {
  return url === undefined || from === undefined ? undefined : { url, from };
}

function configOf(values: Values, others: Pick<Config, "isDefaultDirectory" | "dataDirectory" | "tls">): Config {
  return Object.freeze({
    ...others,
    host: values.host as string,
    port: values.port as number,
    logLevel: values.logLevel as Config["logLevel"],
    bootstrapToken: values.bootstrapToken,
    demo: values.demo as Config["demo"],
    isCataloguePublic: values.publicCatalogue === "on",
    publicUrl: values.publicUrl,
    tokenAudience: values.tokenAudience as string,
    mail: mailOf(values),
    issuers: values.issuers ?? [],
    corsOrigins: values.corsOrigins ?? [],
    connectionsMax: values.connectionsMax as number,
    connectionsPerAddressMax: values.connectionsPerAddressMax as number,
    drainNoticeMs: (values.drainNotice as number) * 1_000,
    hasMetrics: values.metrics === "on",
    trustedProxies: values.trustedProxies ?? [],
    callerRate: { perSecond: values.callerRate as number, burst: values.callerBurst as number },
    strangerRate: { perSecond: values.strangerRate as number, burst: values.strangerBurst as number },
  });
}
