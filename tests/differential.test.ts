/**
 * The engine against the reference evaluator (`reference/evaluate.ts`) on random organizations and questions, and a plan that
 * was changed against one compiled fresh (the model's laws 3 and 6).
 *
 * REEVE_CASES is the number of questions: 20,000 by default, 1,000,000 for the proof. REEVE_SEED remakes a run; it is printed,
 * and so is, on a failure, the smallest valid set of records that still shows it.
 */
import { apply, compiler, type Decision, decide, decideOperation, type Evidence, type Missing, type Plan, type Rec } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { answer, cases, formatDistribution, QUESTIONS, Tally } from "./reference/distribution.ts";
import { reference, type Verdict } from "./reference/evaluate.ts";
import { seeded } from "./reference/random.ts";
import { difference, step } from "./reference/random-changes.ts";
import type { Question } from "./reference/random-requests.ts";
import { faults } from "./reference/validity.ts";

const CASES = Number(process.env["REEVE_CASES"] ?? 20_000);
const SEED = Number(process.env["REEVE_SEED"] ?? Date.now() % 2 ** 31);
const TIMEOUT_MS = 60_000 + CASES * 5;
/** Of the codes of decisions, `method_override` is the surface's. */
const CODES = [
  ...["allowed_by_role", "allowed_by_access", "allowed_by_admin", "allowed_by_policy", "allowed_by_rule"],
  ...["unknown_principal", "unknown_type", "unknown_resource", "wrong_parent", "unknown_action", "denied_by_policy", "no_access"],
  ...["ambiguous_path", "unknown_operation", "unmapped_operation", "wrong_organization", "attribute_unavailable"],
];

function plan(records: readonly Rec[]): Plan {
  const compiled = compiler("acme");
  compiled.add(records);
  return compiled.finish();
}
const ask = (of: Plan, { request, operation, now }: Question): Decision =>
  request === undefined ? decideOperation(of, operation, now) : decide(of, request, now);

/** The part of a decision that has one right answer, as a text. */
function essence(decision: Decision | Verdict): string {
  const { allow, code, facts = {}, filter } = decision;
  const evidence = decision.evidence as Partial<Record<string, unknown>> | undefined;
  const named: { readonly [source in Evidence["source"]]: readonly string[] } = {
    role: ["role", "set"],
    access: ["bits"],
    admin: [],
    policy: ["policy", "rule"],
    rule: ["operation", "alternative"],
  };
  const told = evidence && ["source", ...named[evidence["source"] as Evidence["source"]]].map((name) => [name, evidence[name]]);
  if (allow) return JSON.stringify({ code, told, filter });
  if (code === "denied_by_policy") return JSON.stringify({ code, policy: facts.policy, rule: facts.rule });
  if (code === "ambiguous_path") return JSON.stringify({ code, why: facts.why });
  const late = (facts.missing ?? []).filter(({ kind }) => kind === "expired" || kind === "not_yet").map(recordOf);
  return JSON.stringify({ allow, code, late: late.toSorted() });
}
/** Which record an entry of `missing` speaks of: its kind is told by its key's members. */
function recordOf({ kind, group, member, role, principal, resource, reach }: Missing): string {
  const key = group !== undefined ? { group, member } : reach !== undefined ? { principal, resource, reach } : { role, principal };
  return JSON.stringify({ kind, ...key });
}

/** Leaves records out one by one as long as the organization stays valid and the two still disagree. */
function smallest(records: readonly Rec[], disagrees: (left: readonly Rec[]) => boolean): readonly Rec[] {
  let left = records;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const one of left) {
      const without = left.filter((record) => record !== one);
      if (faults(without).length > 0 || !disagrees(without)) continue;
      left = without;
      isSmaller = true;
    }
  }
  return left;
}

function report(seed: number, records: readonly Rec[], question: Question): string {
  const both = (of: readonly Rec[]) => ({ engine: essence(ask(plan(of), question)), reference: essence(answer(reference(of), question)) });
  const disagrees = (of: readonly Rec[]): boolean => {
    const { engine, reference: expected } = both(of);
    return engine !== expected;
  };
  const least = disagrees(records) ? smallest(records, disagrees) : records;
  const lines = least.map((record) => `  ${JSON.stringify(record)}`).join("\n");
  return `organization of seed ${seed}\nrecords\n${lines}\nquestion\n  ${JSON.stringify(question)}\n${JSON.stringify(both(least), undefined, 1)}`;
}

describe("engine and reference evaluator", () => {
  it(`agree on ${CASES} random questions (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    const tally = new Tally();
    for (const { seed, records, questions } of cases(SEED, CASES)) {
      const [compiled, expected] = [plan(records), reference(records)];
      for (const question of questions) {
        const verdict = answer(expected, question);
        tally.add(verdict);
        if (essence(ask(compiled, question)) !== essence(verdict)) expect.fail(report(seed, records, question));
      }
    }
    const result = tally.result();
    console.log(`REEVE_SEED=${SEED}\n${formatDistribution(result)}`);
    // Below some 10,000 cases chance alone moves the shares too far.
    if (CASES < 10_000) return;
    expect(result.allows / result.cases).toBeGreaterThan(0.3);
    expect(result.allows / result.cases).toBeLessThan(0.7);
    for (const code of CODES) expect((result.codes.get(code) ?? 0) / result.cases, code).toBeGreaterThanOrEqual(0.01);
  });

  it(`agree after every change, however the plan got there (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    const perStep = 4;
    const steps = 6;
    for (const { seed, world, records, questions } of cases(SEED + 1_000_000, Math.ceil(CASES / (perStep * steps)) * QUESTIONS * 0.25)) {
      const random = seeded(seed ^ 0x5eed);
      const first = plan(records);
      const before = questions.map((question) => essence(ask(first, question)));
      let [changed, now] = [first, records];
      for (let i = 0; i < steps; i++) {
        // One write or a few at once.
        let next = now;
        for (let writes = random.chance(0.7) ? 1 : 3; writes > 0; writes--) next = step(random, world, next);
        const changes = difference(now, next);
        [changed, now] = [apply(changed, changes), next];
        const [fresh, expected] = [plan(now), reference(now)];
        for (let asked = 0; asked < perStep; asked++) {
          const question = random.pick(questions);
          const [applied, compiled, wanted] = [
            essence(ask(changed, question)),
            essence(ask(fresh, question)),
            essence(answer(expected, question)),
          ];
          if (compiled !== wanted) expect.fail(report(seed, now, question));
          if (applied !== wanted)
            expect.fail(`after step ${i} with ${JSON.stringify(changes)} a changed plan says ${applied}\n${report(seed, now, question)}`);
        }
      }
      // What was asked of the first plan still gets its answers.
      expect(questions.map((question) => essence(ask(first, question)))).toEqual(before);
    }
  });
});
