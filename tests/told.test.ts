/**
 * Told is what is decided: what `tell` writes is what `decide` answers, letter by letter, on random organizations and questions, before and
 * after changes. REEVE_SEED remakes a run; it is printed.
 */
import { apply, compiler, decide, decideOperation, type Plan, tell, toldOf } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { cases } from "./reference/distribution.ts";
import { seeded } from "./reference/random.ts";
import { difference, step } from "./reference/random-changes.ts";
import type { Question } from "./reference/random-requests.ts";

const CASES = 6_000;
const seed = Number(process.env["REEVE_SEED"] ?? Date.now() % 2 ** 31);

/** What differs, told both ways. */
function compared(plan: Plan, { request, operation, now }: Question): void {
  const decision = request === undefined ? decideOperation(plan, operation, now) : decide(plan, request, now);
  const told = request === undefined ? toldOf(decision) : tell(plan, request, now);
  const { allow, code, evidence, facts, filter } = decision;
  const words = JSON.stringify(evidence ?? facts ?? {});
  expect({ ...told, members: `{${told.members}}` }).toEqual({ allow, code, members: words, ...(filter === undefined ? {} : { filter }) });
}

describe("what is told", () => {
  it(`is what is decided (REEVE_SEED=${seed})`, () => {
    const codes = new Set<string>();
    for (const { seed: one, world, records, questions } of cases(seed, CASES)) {
      const compiled = compiler("acme");
      compiled.add(records);
      const first = compiled.finish();
      for (const question of questions) {
        compared(first, question);
        if (question.request !== undefined) codes.add(decide(first, question.request, question.now).code);
      }
      const next = apply(first, difference(records, step(seeded(one), world, records)));
      for (const question of questions) compared(next, question);
      for (const question of questions) compared(first, question);
    }
    expect([...codes].sort()).toEqual(expect.arrayContaining(["allowed_by_access", "allowed_by_role", "denied_by_policy", "no_access"]));
  });

  it("escapes what JSON escapes", () => {
    const [id, half] = ['a"\\\n\u00e9\u{1f600}', "\ud800"];
    const records = compiler("acme");
    records.add([
      { kind: "organization", value: { name: "Acme", tenantIds: [] } },
      { kind: "principal", value: { type: "user", id, active: true } },
      { kind: "principal", value: { type: "user", id: half, active: true } },
      {
        kind: "product",
        value: {
          id: "p",
          name: "P",
          description: "",
          settings: {},
          types: { things: { actions: { read: ["R"] }, open: true } },
        },
      },
      ...[id, half].map((principal) => ({
        kind: "grant" as const,
        value: { principal, resource: "/things/a", access: "R" as const, reach: "self" as const },
      })),
    ] as never);
    const plan = records.finish();
    for (const one of [id, half]) {
      const request = { principal: { type: "user", id: one }, action: { name: "read" }, resource: { path: "/things/a" } };
      expect(decide(plan, request, 0).code).toBe("allowed_by_access");
      compared(plan, { request, now: 0 } as Question);
      compared(plan, { request: { ...request, resource: { path: `/things/${one}` } }, now: 0 } as Question);
    }
  });
});
