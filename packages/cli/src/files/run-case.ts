/**
 * Cases run: against files in this process, or against a server; and what came compared with what was expected.
 *
 * Invariant: a case passes only where there was a decision, and it is as expected in everything that the case says.
 */
import type { DecisionAnswer } from "@reeve/contract";
import { compiler, type Decision, decide, decideOperation, REASONS, type Rec, type Result } from "@reeve/core";
import { decisionOf } from "../answer.ts";
import type { Client } from "../client.ts";
import type { Failure } from "../exit.ts";
import { reasonLines } from "../words.ts";
import type { Case, Expected } from "./case-file.ts";

/** An answer in the words of the wire: its reason holds the evidence, or the facts and what is missing. */
type Came = { readonly allow: boolean; readonly reason: Readonly<Record<string, unknown>>; readonly filter?: unknown };
export type Outcome = {
  readonly title: string;
  readonly place: string;
  readonly passed: boolean;
  /** What was expected and did not come. */
  readonly unlike: readonly string[];
  readonly decision: "allow" | "deny";
  readonly code: string;
  /** The reason in words, and what is missing. */
  readonly why: readonly string[];
};
export type Asking = (one: Case) => Promise<Result<Came, Failure>>;

/** Decides by the records themselves. `nowMs`: the moment of cases that name none. */
export function askRecords(
  records: Iterable<Rec>,
  { organization, nowMs }: { readonly organization: string; readonly nowMs: number },
): Asking {
  const compiling = compiler(organization);
  compiling.add(records);
  const plan = compiling.finish();
  return async ({ asked, now = nowMs }) => {
    const decision = "request" in asked ? decide(plan, asked.request, now) : decideOperation(plan, asked.operation, now);
    return { ok: true, value: cameOf(decision) };
  };
}

function cameOf({ allow, code, evidence, facts, filter }: Decision): Came {
  const reason = { code, message: REASONS[code].message, ...(evidence ?? facts) };
  return { allow, reason, ...(filter === undefined ? {} : { filter }) };
}

/** Asks a server, whose clock counts. */
export function askServer(client: Client, org: string): Asking {
  return async ({ asked }) => {
    const answer = await client.askJson({ ...callOf(asked), parameters: { org } });
    if (!answer.ok) return answer;
    const decision = decisionOf(answer.value.value);
    return decision.ok ? { ok: true, value: answered(decision.value) } : decision;
  };
}

function callOf(asked: Case["asked"]): { readonly route: "check" | "checkOperation"; readonly body: unknown } {
  if ("request" in asked) {
    const { principal: subject, ...rest } = asked.request;
    return { route: "check", body: { subject, ...rest } };
  }
  const { principal: subject, ...rest } = asked.operation;
  return { route: "checkOperation", body: { subject, ...rest } };
}

function answered({ decision, context }: DecisionAnswer): Came {
  const { reasons, filter } = context;
  return { allow: decision, reason: (reasons[0] ?? {}) as Came["reason"], ...(filter === undefined ? {} : { filter }) };
}

export function outcomeOf({ title, place, expected }: Case, came: Came): Outcome {
  const { reason } = came;
  const unlike = unlikeOf(expected, came);
  const why = reasonLines(reason as unknown as Parameters<typeof reasonLines>[0]);
  const message = typeof reason.message === "string" ? [reason.message] : [];
  const code = String(reason.code);
  return { title, place, passed: unlike.length === 0, unlike, decision: came.allow ? "allow" : "deny", code, why: [...message, ...why] };
}

function unlikeOf(expected: Expected, { allow, reason, filter }: Came): readonly string[] {
  const unlike: string[] = [];
  const differs = (what: string, is: unknown): void => void unlike.push(`${what}, came ${JSON.stringify(is) ?? "nothing"}`);
  const decision = allow ? "allow" : "deny";
  if (decision !== expected.decision) unlike.push(`expected ${expected.decision}, came ${decision}`);
  if (expected.code !== undefined && expected.code !== reason.code) unlike.push(`expected code ${expected.code}, came ${reason.code}`);
  for (const name of ["evidence", "facts"] as const) {
    for (const [member, value] of Object.entries(expected[name] ?? {})) {
      if (!holds(reason[member], value)) differs(`expected ${name}.${member} ${JSON.stringify(value)}`, reason[member]);
    }
  }
  if (expected.filter !== undefined && !holds(filter, expected.filter))
    differs(`expected filter ${JSON.stringify(expected.filter)}`, filter);
  const missing = (reason.missing ?? []) as readonly Readonly<Record<string, unknown>>[];
  for (const one of expected.missing ?? []) {
    if (!missing.some((came) => holds(came, one))) differs(`expected missing ${JSON.stringify(one)}`, missing);
  }
  for (const kind of expected.notMissing ?? []) {
    if (missing.some((came) => came.kind === kind)) unlike.push(`expected nothing missing of kind ${kind}, but there is`);
  }
  return unlike;
}

/** Whether a value has all that is expected of it; objects may have more, lists not. */
function holds(value: unknown, expected: unknown): boolean {
  if (typeof expected !== "object" || expected === null) return value === expected;
  if (typeof value !== "object" || value === null || Array.isArray(value) !== Array.isArray(expected)) return false;
  if (Array.isArray(expected))
    return expected.length === (value as unknown[]).length && expected.every((one, index) => holds((value as unknown[])[index], one));
  return Object.entries(expected).every(
    ([name, one]) => Object.hasOwn(value, name) && holds((value as Readonly<Record<string, unknown>>)[name], one),
  );
}
