/**
 * What the tests of the laws have in common: random organizations one after the other, plans of them, canonical dumps, orders.
 *
 * REEVE_CASES scales how many organizations a law is tried on (20,000 is the default size), REEVE_SEED remakes a run.
 * Invariant: whatever fails names the seed of its organization.
 */
import { type Change, compiler, type Decision, decide, decideOperation, type Plan, type PlanOptions, type Rec, records } from "@reeve/core";
import { expect } from "vitest";
import { type Case, cases, QUESTIONS } from "./distribution.ts";
import type { Random } from "./random.ts";
import type { Question } from "./random-requests.ts";

export const SEED = Number(process.env["REEVE_SEED"] ?? Date.now() % 2 ** 30);
const SCALE = Number(process.env["REEVE_CASES"] ?? 20_000) / 20_000;
export const TIMEOUT_MS = 60_000 + SCALE * 120_000;

/** `count` organizations at the default size; `law` keeps the organizations of different laws apart. */
export const organizations = (law: number, count: number): Generator<Case> =>
  cases((SEED + law * 10_000_019) >>> 0, Math.ceil(count * SCALE) * QUESTIONS);

export function planOf(of: Iterable<Rec>, options?: PlanOptions): Plan {
  const compiled = compiler("acme", options);
  compiled.add(of);
  return compiled.finish();
}

export const ask = (plan: Plan, { request, operation, now }: Question): Decision =>
  request === undefined ? decideOperation(plan, operation, now) : decide(plan, request, now);

/** Fails with the seed and what was asked. */
export function failAt(seed: number, what: string, about?: unknown): never {
  return expect.fail(`organization of seed ${seed}: ${what}${about === undefined ? "" : `\n  ${JSON.stringify(about)}`}`);
}
/** Compares as texts first, because a message for each of many comparisons would cost more than all of them. */
export function same(actual: unknown, expected: unknown, at: { seed: number; what: string; about?: unknown }): void {
  if (JSON.stringify(actual) === JSON.stringify(expected)) return;
  expect(actual, `organization of seed ${at.seed}: ${at.what}\n  ${JSON.stringify(at.about)}`).toEqual(expected);
}

/** A value as a text that knows no order of members. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== "object" || member === null || Array.isArray(member)) return member;
    // Pairs, because an object would lose a member of the name `__proto__`.
    return Object.keys(member)
      .sort()
      .filter((name) => (member as Record<string, unknown>)[name] !== undefined)
      .map((name) => [name, (member as Record<string, unknown>)[name]]);
  });
}
/** A record without what a plan does not keep: who gave a grant, and when. */
export function told(record: Rec): Rec {
  if (record.kind !== "grant") return record;
  const { givenBy: _, givenAt: __, ...grant } = record.value;
  return { kind: "grant", value: grant };
}
export const dumpOf = (of: Iterable<Rec>): readonly string[] => [...of].map((record) => canonical(told(record))).sort();
export const dump = (plan: Plan): readonly string[] => dumpOf(records(plan));

/** The same in an order of chance. */
export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const left = [...list];
  for (let i = left.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [left[i], left[j]] = [left[j] as T, left[i] as T];
  }
  return left;
}

export function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) frozen(member);
  }
  return value;
}

export const put = (record: Rec): Change => ({ put: record });

/** The order of UTF-8 bytes. */
export const inBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const PAGE_SIZES = [1, 2, 3, 1000];

/** Every page in turn, which must be full but for the last one, and name its last entry where more is to come. */
export function pages<T>(
  ask: (paging: { max: number; after?: string }) => { entries: readonly T[]; next?: string },
  of_: (entry: T) => string,
  at: { readonly seed: number; readonly what: string; readonly about?: unknown },
): T[] {
  const wholes = PAGE_SIZES.map((max) => {
    const all: T[] = [];
    for (let after: string | undefined, turns = 0; turns < 10_000; turns++) {
      const page = ask({ max, ...(after === undefined ? {} : { after }) });
      all.push(...page.entries);
      const last = page.entries.at(-1);
      if (page.entries.length > max) failAt(at.seed, `a page of ${max} holds ${page.entries.length}: ${at.what}`, at.about);
      if (page.next === undefined) return all;
      if (page.entries.length < max || last === undefined || page.next !== of_(last))
        failAt(at.seed, `a page of ${max} breaks off: ${at.what}`, at.about);
      after = page.next;
    }
    return failAt(at.seed, `pages of ${max} do not end: ${at.what}`, at.about);
  });
  for (const whole of wholes) same(whole, wholes[0], { ...at, what: `${at.what}, another page size` });
  return wholes[0] as T[];
}
