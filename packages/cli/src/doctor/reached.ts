/**
 * The server as it is reached: whether Reeve answers there, is ready, keeps the same time and takes the token.
 */
import type { KeySet, Me } from "@reeve/contract";
import { VERSION } from "@reeve/server";
import type { Client } from "../client.ts";
import { isHere } from "../connection.ts";
import { type Finding, found } from "./findings.ts";

export type Reached = { readonly isReeve: boolean; readonly findings: readonly Finding[] };

const ANSWER_MS = 5_000;
const SKEW_MS_MAX = 30_000;

/** `isNamed`: somebody said that a server is there. */
export async function reach(
  url: string,
  { isNamed, nowMs }: { readonly isNamed: boolean; readonly nowMs: () => number },
): Promise<Reached> {
  const health = await get(`${url}/healthz`);
  if ("why" in health) {
    const finding = isNamed
      ? found("server_unreachable", `Nothing answers at ${url} (${health.why}).`)
      : found("server_not_running", `No server runs at ${url}.`);
    return { isReeve: false, findings: [finding] };
  }
  if (health.status !== 200 || (health.body as { status?: unknown } | undefined)?.status !== "ok") {
    return { isReeve: false, findings: [found("not_reeve", `What answers at ${url} is not Reeve (status ${health.status}).`)] };
  }
  return {
    isReeve: true,
    findings: [
      ...skewFindings(health.date, nowMs()),
      ...(await readyFindings(url)),
      ...(await versionFindings(url)),
      ...(await keyFindings(url)),
    ],
  };
}

type Got = { readonly status: number; readonly body: unknown; readonly date: string | null } | { readonly why: string };

async function get(url: string): Promise<Got> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS), redirect: "error" });
    const text = await response.text();
    return { status: response.status, body: parsed(text), date: response.headers.get("date") };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error);
    return { why: (cause as NodeJS.ErrnoException).code ?? cause.message };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function skewFindings(date: string | null, nowMs: number): readonly Finding[] {
  const skew = Date.parse(date ?? "") - nowMs;
  if (!(Math.abs(skew) > SKEW_MS_MAX)) return [];
  const seconds = Math.round(Math.abs(skew) / 1_000);
  return [found("clock_skew", `The server's clock is ${seconds} s ${skew > 0 ? "ahead of" : "behind"} this machine's.`)];
}

async function readyFindings(url: string): Promise<readonly Finding[]> {
  const ready = await get(`${url}/readyz`);
  if ("status" in ready && ready.status === 200) return [];
  const why = "why" in ready ? ready.why : ((ready.body as { why?: string } | undefined)?.why ?? `status ${ready.status}`);
  return [found("server_not_ready", `The server says that it is not ready: ${why}.`)];
}

async function versionFindings(url: string): Promise<readonly Finding[]> {
  const document = await get(`${url}/openapi.json`);
  const version = "body" in document ? (document.body as { info?: { version?: unknown } } | undefined)?.info?.version : undefined;
  if (typeof version !== "string" || version === VERSION) return [];
  return [found("server_of_another_version", `The server is Reeve ${version}, this is ${VERSION}.`)];
}

async function keyFindings(url: string): Promise<readonly Finding[]> {
  const set = await get(`${url}/.well-known/jwks.json`);
  const keys = "body" in set ? (set.body as Partial<KeySet> | undefined)?.keys : undefined;
  if (Array.isArray(keys) && keys.length > 0) return [];
  const why = "why" in set ? set.why : `status ${set.status}`;
  return [found("keys_missing", `The server tells no keys that verify access tokens (${why}).`)];
}

/** `me`: absent where the token was refused. */
export async function tokenReport(client: Client, url: string): Promise<{ readonly findings: readonly Finding[]; readonly me?: Me }> {
  const { protocol, hostname } = new URL(url);
  const clear = protocol === "http:" && !isHere(hostname) ? [found("token_in_clear", `The token goes to ${url} in clear.`)] : [];
  const answer = await client.askJson({ route: "me" });
  if (!answer.ok) return { findings: [...clear, found("token_refused", `The server does not take the token: ${answer.error.lines[0]}.`)] };
  const me = answer.value.value as Me;
  const limited = me.ceiling === "admin" ? [] : [found("token_limited", `The token allows ${me.ceiling} at most.`)];
  return { findings: [...clear, ...limited], me };
}
