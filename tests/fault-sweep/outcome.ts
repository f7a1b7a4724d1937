/**
 * The sweep, run in a process of its own, and what its report must say: everything that waits and everything that is wired was passed,
 * so that it was broken, but for what is named here with the reason.
 */
import { spawn } from "node:child_process";
import { expect } from "vitest";
import type { Report } from "./run.ts";
import { BY_CHANCE } from "./sites.ts";

const GATES = import.meta.resolve("./gates.ts");
const RUN = new URL("./run.ts", import.meta.url);

/** What no request and no start leads past. Whoever makes one of these come into use finds it here, and takes it out. */
const UNREACHED: Readonly<Record<string, string>> = {
  "identity/administrator.ts#ensureAdministrator+3": "a token is taken back only after the store lied once: a second fault",
  "app/guard.ts#createGuard": "who is known as a principal has had his organization loaded a moment before",
  "identity/turns.ts#turns": "the turn of a password: only where more than two are compared at once, http-attempts.test.ts",
  "main.ts#close": "the notice of a stop, in whole seconds: a timer of Node's",
  "items.trim": "retention, a minute after the start: retention.test.ts",
  "store.trimChanges": "retention, a minute after the start: retention.test.ts",
  "http/native/audit.ts#linesOf": "the second page of a CSV: more than 500 lines, http-activity.test.ts",
  "store.auditPage": "the audit from its beginning: routes show it from its end",
  "store.erasePerson": "no route erases yet",
  "store.verifyAudit": "no route verifies yet",
  "metrics.contentType": "no function",
  "wired.log": "no function; its only one is log.write",
  "wired.limits": "no function",
  "wired.storeMs": "no function",
  "wired.certificateMs": "no function",
  "wired.passwordCost": "no function",
};

export async function sweep(size: "thin" | "short" | "whole", timeoutMs: number): Promise<Report> {
  const env = { ...process.env, REEVE_SWEEP: size };
  const child = spawn(process.execPath, ["--conditions=source", "--import", GATES, RUN.pathname], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(code, "the sweep ends by itself").toBe(0);
  return JSON.parse(Buffer.concat(chunks).toString());
}

/** Nothing waits, and nothing is wired, that was not broken. */
export function expectComplete({ sites, ports, passed }: Report): void {
  const unreached = [...sites, ...ports].filter((key) => passed[key] === undefined && !BY_CHANCE.includes(key));
  expect(unreached.sort()).toEqual(Object.keys(UNREACHED).sort());
}

export function expectSafe({ findings }: Report): void {
  expect(findings).toEqual([]);
}
