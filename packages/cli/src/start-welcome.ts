/**
 * The welcome: what `reeve start` says once it listens. Where it listens, where the data is, how to get in, what to try.
 *
 * Invariant: the commands work as they are when pasted line by line into another terminal of this directory; a secret stands in
 * them only where it is shown anyway.
 */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { type Config, DEMO_ORGANIZATION, type Running, VERSION } from "@reeve/server";
import type { Caller } from "./caller.ts";
import { DEFAULT_URL, TOKEN_FILE } from "./connection.ts";
import type { Handed } from "./token-secret.ts";

export type Welcome = {
  readonly config: Config;
  readonly running: Pick<Running, "url" | "administrator" | "hasDemo">;
  /** The secret of a token that this start made. */
  readonly handed: Handed | undefined;
  readonly caller: Caller;
};
export function welcomeLines(welcome: Welcome): string[] {
  const { config, running } = welcome;
  return [
    `Reeve ${VERSION} listens on ${running.url}`,
    `Data directory: ${config.dataDirectory}`,
    ...tokenLines(welcome),
    ...(running.hasDemo ? tryLines(welcome) : []),
    "",
    "Ctrl+C or SIGTERM stops it.",
  ];
}

function tokenLines({ config, running, handed, caller }: Welcome): string[] {
  const file = join(config.dataDirectory, TOKEN_FILE);
  if (handed?.path !== undefined) return [`The administrator's token is in ${handed.path}, for its owner alone.`];
  if (handed !== undefined) return [`The administrator's token, shown this once: ${handed.secret}`];
  if (running.administrator.how === "given") return ["The administrator's token is the one that REEVE_BOOTSTRAP_TOKEN gave."];
  if (existsSync(file)) return [`The administrator's token is the one of the first start or the last reset; it is in ${file}.`];
  return [
    "The administrator's token is the one of the first start or the last reset.",
    `Is it lost? Stop the server and run: ${caller.command} token reset`,
  ];
}

function tryLines({ config, running, handed, caller }: Welcome): string[] {
  const call = (...parts: readonly string[]): string => ["  ", caller.command, ...parts].join(" ").replace(/^ +/, "  ");
  const url = running.url === DEFAULT_URL ? [] : ["--url", quoted(running.url)];
  const token = [...url, ...tokenOption(config, caller)];
  const ask = (principal: string): string =>
    call(
      ...["check", "--org", DEMO_ORGANIZATION, "--subject", `service-account:${principal}`, "--product", "cloud-manager"],
      ...[...token, "DELETE", "/api/program/4/pipeline/10"],
    );
  const table = config.isCataloguePublic ? url : ["--org", DEMO_ORGANIZATION, ...token];
  const page = config.isCataloguePublic ? `; as a page: ${running.url}/operations?product=cloud-manager` : "";
  return [
    "",
    `Try it on the demo organization ${DEMO_ORGANIZATION}, in another terminal:`,
    ...(caller.isElsewhere ? [`  cd ${quoted(caller.directory)}`] : []),
    ...exportLines({ config, running, handed }),
    "  # allowed: a deployment manager deletes a pipeline",
    ask("demo-deployment-manager"),
    "  # denied, and why: a developer does the same",
    ask("demo-developer"),
    `  # the permission table${page}`,
    call("catalogue", "table", "--product", "cloud-manager", "--search", "pipeline", ...table),
  ];
}

/** The command line finds the token of the default directory by itself. */
function tokenOption(config: Config, caller: Caller): string[] {
  const file = join(config.dataDirectory, TOKEN_FILE);
  if (!existsSync(file) || config.dataDirectory === join(caller.directory, ".reeve")) return [];
  const near = relative(caller.directory, file);
  return ["--token-file", quoted(near.startsWith("..") ? file : near)];
}

function exportLines({ config, running, handed }: Pick<Welcome, "config" | "running" | "handed">): string[] {
  if (handed !== undefined) return handed.path === undefined ? [`  export REEVE_TOKEN=${quoted(handed.secret)}`] : [];
  if (existsSync(join(config.dataDirectory, TOKEN_FILE))) return [];
  if (config.bootstrapToken !== undefined) return [`  export REEVE_TOKEN="$REEVE_BOOTSTRAP_TOKEN"`];
  return running.administrator.how === "made" ? [] : ["  # first: export REEVE_TOKEN=<the administrator's token>"];
}

/** As a POSIX shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
