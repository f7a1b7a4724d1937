/**
 * Told is what is decided: what `tell` writes is what `decide` answers, letter by letter, on random organizations and questions, before and
 * after changes. REEVE_SEED remakes a run; it is printed.
 */
import { isDeepStrictEqual } from "node:util";
import { apply, compiler, decide, decideOperation, type Plan, type Request, tell, tellSpelled, toldOf } from "@reeve/core";
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

/** The same of checks as they are spelled, all at once, beside what each is told by itself. */
function comparedSpelled(plan: Plan, questions: readonly Question[]): number {
  const plain = questions.flatMap(({ request, now }) => (request !== undefined && isPlain(request) ? [{ request, now }] : []));
  if (plain.length === 0) return 0;
  const text = plain.map(({ request }) => wordsOf(request).join('"')).join('"');
  const marks: number[] = [];
  for (const word of text.split('"')) {
    const from = marks.length === 0 ? 0 : (marks.at(-1) as number) + 1;
    marks.push(from, from + word.length);
  }
  const view = new DataView(new TextEncoder().encode(text).buffer);
  const now = (plain[0] as Question).now;
  const told = tellSpelled(plan, { text, view, marks: Int32Array.from(marks) }, now);
  expect(told).toEqual(plain.map(({ request }) => tell(plan, request, now)));
  return told.length;
}

function wordsOf({ principal, action, resource }: Request): readonly string[] {
  return [principal.type, principal.id, action.name, resource.path ?? ""];
}
/** Of ASCII characters of which JSON escapes none, with a path and nothing that is sent along. */
function isPlain(request: Request): boolean {
  const { principal, action, resource } = request;
  const bare: Request = {
    principal: { type: principal.type, id: principal.id },
    action: { name: action.name },
    resource: { path: resource.path ?? "" },
  };
  return isDeepStrictEqual(request, bare) && wordsOf(request).every((word) => /^[ !#-[\]-\x7f]*$/.test(word));
}

describe("what is told", () => {
  it(`is what is decided (REEVE_SEED=${seed})`, () => {
    const codes = new Set<string>();
    let spelled = 0;
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
      spelled += comparedSpelled(next, questions);
      for (const question of questions) compared(first, question);
      spelled += comparedSpelled(first, questions);
    }
    expect(spelled).toBeGreaterThan(500);
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
