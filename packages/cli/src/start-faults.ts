/**
 * Faults of a start: what keeps the server from running, in one sentence with its remedy.
 *
 * Invariant: what the operator can mend is told as a line; only a bug of ours reaches them as a stack.
 */
import { type Config, type ConfigFault, type ConfigSource, loadConfig, type StartFault, StoreError } from "@reeve/server";
import { EXIT, type Failure } from "./exit.ts";
import type { Shell } from "./shell.ts";

/** The configuration and where each value comes from, or a line for each fault of it. */
export type Configuration =
  | { readonly ok: true; readonly value: Config; readonly sources: readonly ConfigSource[]; readonly file?: string }
  | { readonly ok: false; readonly error: Failure };

export function configured(environment: Shell["environment"]): Configuration {
  const config = loadConfig(environment);
  if (config.ok) return config;
  return { ok: false, error: { exit: EXIT.usage, lines: config.error.map(configLine) } };
}

/** A fault of the file begins with file and line. */
export function configLine({ key, value, allowed, from }: ConfigFault): string {
  return from === undefined
    ? `${key}=${value} is not allowed: allowed is ${allowed}`
    : `${from}: ${key}: ${value} is not allowed: allowed is ${allowed}`;
}

/** A token that differs is a fault of the configuration; the others are of what was installed. */
export function startFailure({ code, detail }: StartFault): Failure {
  if (code === "bootstrap_token_differs") {
    return {
      exit: EXIT.usage,
      lines: [`REEVE_BOOTSTRAP_TOKEN=(not shown) is not allowed: allowed is the token of the first start, or none. ${detail}.`],
    };
  }
  const what = code === "catalogue_faulty" ? "A catalogue that ships has faults" : "The demo organization was refused";
  return { exit: EXIT.cannotRun, lines: [`${what}; install Reeve anew. ${detail}`] };
}

/** What the store, the system or the network said. `undefined`: a bug. */
export function systemFailure(error: unknown, { host, port, dataDirectory }: Config): Failure | undefined {
  if (error instanceof StoreError) return { exit: EXIT.cannotRun, lines: [storeLine(error, dataDirectory)] };
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return undefined;
  return { exit: EXIT.cannotRun, lines: [LISTENING[code]?.({ host, port }) ?? `The system refused: ${message}.`] };
}

/** The message names the remedy, but not the key of the environment by which a directory is chosen. */
function storeLine({ code, message }: StoreError, dataDirectory: string): string {
  const sentence = /[.!?)]$/.test(message) ? message : `${message}.`;
  if (code === "store_failed" || code === "damaged") return `${sentence} The data directory is ${dataDirectory}.`;
  return /data directory/.test(message) ? `${sentence} (REEVE_DATA_DIR)` : sentence;
}

type Address = Pick<Config, "host" | "port">;
const LISTENING: Readonly<Record<string, (address: Address) => string>> = {
  EADDRINUSE: ({ host, port }) =>
    `${host}:${port} is in use, by another Reeve or another program: stop it, or set REEVE_PORT to another port (0 takes a free one).`,
  EACCES: ({ host, port }) => `${host}:${port} may not be listened on by this user: set REEVE_PORT to a port above 1023.`,
  EADDRNOTAVAIL: ({ host }) => `${host} is no address of this machine: set REEVE_HOST to one, such as 127.0.0.1 or 0.0.0.0.`,
  ENOTFOUND: ({ host }) => `${host} is not known as a host: set REEVE_HOST to an address of this machine, such as 127.0.0.1 or 0.0.0.0.`,
  EAI_AGAIN: ({ host }) => `${host} could not be looked up: set REEVE_HOST to an address of this machine, such as 127.0.0.1 or 0.0.0.0.`,
};
