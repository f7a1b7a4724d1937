/**
 * The engine against the reference evaluator at full size (`reference/comparison.ts`): REEVE_CASES questions, 1,000,000 by default,
 * in two processes. The distribution must be even enough, or the agreement proves little.
 *
 * REEVE_SEED remakes a run: the first process begins with it, the second far above.
 */
import { describe, expect, it } from "vitest";
import { type Comparison, compare, type Outcome, together, uneven } from "./reference/comparison.ts";
import { formatDistribution } from "./reference/distribution.ts";

const CASES = Number(process.env["REEVE_CASES"] ?? 1_000_000);
const SEED = Number(process.env["REEVE_SEED"] ?? Date.now() % 2 ** 30);
const PROCESSES = 2;
/** Organizations of two processes have no seed in common below this many. */
const APART = 2 ** 30;
const TIMEOUT_MS = 120_000 + CASES * 5;

const inProcesses = (mode: Comparison["mode"], cases: number): Promise<Outcome[]> =>
  Promise.all(
    Array.from({ length: PROCESSES }, (_, i) => {
      return compare({ mode, seed: (SEED + i * APART) >>> 0, cases: Math.ceil(cases / PROCESSES) });
    }),
  );
const disagreements = (outcomes: readonly Outcome[]): readonly string[] => outcomes.flatMap(({ disagreement }) => disagreement ?? []);

describe("engine and reference evaluator", () => {
  it(`agree on ${CASES} random questions (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, async () => {
    const outcomes = await inProcesses("answers", CASES);
    if (disagreements(outcomes).length > 0) expect.fail(disagreements(outcomes).join("\n\n"));
    const distribution = together(outcomes.flatMap((outcome) => outcome.distribution ?? []));
    console.log(`REEVE_SEED=${SEED}\n${formatDistribution(distribution)}`);
    expect(distribution.cases).toBeGreaterThanOrEqual(CASES);
    if (CASES >= 10_000) expect(uneven(distribution)).toEqual([]);
  });

  it(`agree after every change, however the plan got there (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, async () => {
    const outcomes = await inProcesses("changes", CASES / 4);
    if (disagreements(outcomes).length > 0) expect.fail(disagreements(outcomes).join("\n\n"));
  });
});
