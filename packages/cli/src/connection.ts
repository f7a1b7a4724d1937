/**
 * The connection: which server, which organization and which token a command uses, from its options and the environment.
 *
 * Invariant: a token that was only lying there (`admin-token` of the data directory) is sent to this machine alone; elsewhere
 * a token goes only when it was named.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Result } from "@reeve/core";
import { thisCaller } from "./caller.ts";
import { type Client, createClient, type Token } from "./client.ts";
import { EXIT, type Failure, fail } from "./exit.ts";
import type { Shell } from "./shell.ts";

export type ConnectionOptions = { readonly url?: string; readonly tokenFile?: string };
export const DEFAULT_URL = "http://127.0.0.1:7070";
/** In the data directory: the administrator's token, where it was shown on no terminal. */
export const TOKEN_FILE = "admin-token";
const DEFAULT_DIRECTORY = ".reeve";

/** A client for the server that is meant. `anonymous`: no token is looked for. */
export function connect(options: ConnectionOptions, shell: Shell, anonymous = false): Result<Client, Failure> {
  const url = addressOf(options.url ?? setting(shell, "REEVE_URL") ?? DEFAULT_URL);
  if (!url.ok) return url;
  if (anonymous) return { ok: true, value: createClient({ url: url.value.text }) };
  const token = findToken(options, shell, url.value.isHere);
  return token.ok ? { ok: true, value: createClient({ url: url.value.text, token: token.value }) } : token;
}

/** The organization: `--org`, else REEVE_ORG. None is assumed: the same question has another answer in another one. */
export function organizationOf(options: { readonly org?: string }, shell: Shell): Result<string, Failure> {
  const org = options.org ?? setting(shell, "REEVE_ORG");
  if (org !== undefined && org !== "") return { ok: true, value: org };
  return fail(EXIT.usage, "Which organization? Name it with --org or REEVE_ORG; the demo is DEMO@ReeveOrg.");
}

function addressOf(text: string): Result<{ readonly text: string; readonly isHere: boolean }, Failure> {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "" || url.username !== "") {
    return fail(EXIT.usage, `${JSON.stringify(text)} is no address of a server: allowed is http://host:port or https://host:port.`);
  }
  return { ok: true, value: { text: url.href.replace(/\/+$/, ""), isHere: isHere(url.hostname) } };
}

/** Whether a host is this machine, as a URL names it or a server listens. */
export const isHere = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);

function findToken({ tokenFile }: ConnectionOptions, shell: Shell, isHere: boolean): Result<Token, Failure> {
  if (tokenFile !== undefined) {
    const read = readToken(tokenFile);
    return typeof read === "string" ? checked(read, tokenFile) : fail(EXIT.usage, `${tokenFile} cannot be read: ${read.why}.`);
  }
  const given = setting(shell, "REEVE_TOKEN");
  if (given !== undefined) return checked(given, "REEVE_TOKEN");
  const path = join(resolve(setting(shell, "REEVE_DATA_DIR") ?? DEFAULT_DIRECTORY), TOKEN_FILE);
  const kept = isHere ? readToken(path) : { why: "it is used for a server on this machine only" };
  if (typeof kept === "string") return checked(kept, path);
  return fail(
    EXIT.notPermitted,
    "A token is needed: set REEVE_TOKEN, or name a file that holds it with --token-file.",
    `  ${path} was not used: ${kept.why}.`,
    `  The administrator's token was told at the server's first start. Is it lost, make a new one: ${thisCaller().command} token reset`,
  );
}

function readToken(path: string): string | { readonly why: string } {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { why: code === "ENOENT" ? "it is not there" : (code ?? String(error)) };
  }
}

function checked(secret: string, from: string): Result<Token, Failure> {
  if (/^[\x21-\x7e]{1,4096}$/.test(secret)) return { ok: true, value: { secret, from } };
  return fail(EXIT.usage, `What ${from} holds is no token: allowed are 1 to 4096 visible ASCII characters without spaces.`);
}

/** A variable that is set to nothing counts as unset, as for the server. */
function setting({ environment }: Shell, name: string): string | undefined {
  return environment[name] === "" ? undefined : environment[name];
}
