/**
 * A running server for tests: the real one, on a free port of loopback, over a data directory of its own.
 *
 * Invariant: a test that used it leaves no port, no lock and no folder behind, whether it passed or not.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig, startServer, type Wiring } from "@reeve/server";
import { Issuer } from "./issuer.ts";

export const DEMO = "/v1/orgs/DEMO@ReeveOrg";
export const TOKEN = "the-administrator-of-the-tests-0123456789";

// biome-ignore lint/suspicious/noExplicitAny: bodies are looked into by tests that say what they expect.
type Body = any;
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: Body; readonly text: string };
export type Sent = {
  readonly method?: string;
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** `null`: without a token. */
  readonly token?: string | null;
};
export type Served = {
  readonly url: string;
  readonly token: string;
  readonly directory: string;
  /** Sends a request with the administrator's token; POST where there is a body. */
  call(path: string, sent?: Sent): Promise<Answer>;
  /** Sends bytes as they are, and gives everything that came back until the connection was closed. */
  raw(text: string, idleMs?: number): Promise<string>;
  /** Stops it and keeps its data, to be started again with `serve({ directory })`. */
  stop(): Promise<void>;
  close(): Promise<void>;
};

let shared: Promise<Issuer> | undefined;
/** An issuer that every server of this process trusts as `house`, for the demo organization. */
export function houseIssuer(): Promise<Issuer> {
  shared ??= Issuer.start();
  return shared;
}

/** Starts a server with the demo organization. `environment` counts over the defaults and `file`; `wiring` is given to the server. */
export async function serve({
  directory = mkdtempSync(join(tmpdir(), "reeve-served-")),
  environment = {},
  file,
  wiring = {},
}: {
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Text of a configuration file. */
  readonly file?: string;
  readonly wiring?: Partial<Wiring>;
} = {}): Promise<Served> {
  const given = {
    REEVE_PORT: "0",
    REEVE_DATA_DIR: join(directory, "data"),
    REEVE_DEMO: "on",
    REEVE_LOG_LEVEL: "fatal",
    REEVE_BOOTSTRAP_TOKEN: TOKEN,
    // A test asks as nobody as often as it likes, all from one address.
    REEVE_STRANGERS_RATE: "0",
    REEVE_ISSUERS: JSON.stringify([(await houseIssuer()).entry("house", "DEMO@ReeveOrg", { people: "create" })]),
    ...environment,
  };
  const config = readConfig(given, file === undefined ? undefined : { name: "reeve.config.yaml", directory, text: file });
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  const started = await startServer(config.value, wiring);
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  const { url } = started.value;
  const stop = () => started.value.close();
  return {
    url,
    token: TOKEN,
    directory,
    ...asking(url),
    stop,
    close: async () => {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What a test asks of the server at an address. */
export const asking = (url: string): Pick<Served, "call" | "raw"> => ({
  call: (path, sent = {}) => call(url, path, sent),
  raw: (text, idleMs) => raw(url, text, idleMs),
});

async function call(url: string, path: string, { method, body, headers = {}, token = TOKEN }: Sent): Promise<Answer> {
  const response = await fetch(url + path, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    // What it was answered is looked at, not where that leads.
    redirect: "manual",
  });
  const text = await response.text();
  const isJson = /^application\/(problem\+)?json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, text, body: isJson && text !== "" ? JSON.parse(text) : undefined };
}

function raw(url: string, text: string, idleMs = 5_000): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(text, "latin1"));
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("end", () => socket.end());
    socket.on("close", () => resolve(answer));
    socket.on("error", (error) => (answer === "" ? reject(error) : resolve(answer)));
    socket.setTimeout(idleMs, () => socket.destroy());
  });
}
