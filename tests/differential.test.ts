/**
 * The engine against the reference evaluator on random organizations and questions, and a plan that was changed against one
 * compiled fresh: `reference/comparison.ts`, at the size of a test. The proof of the same name runs it at full size.
 *
 * REEVE_CASES is the number of questions: 20,000 by default. REEVE_SEED remakes a run; it is printed, and so is, on a failure,
 * the smallest valid set of records that still shows it.
 */
import * as core from "@reeve/core";
import { describe, expect, it } from "vitest";
import { compareAnswers, compareChanges, uneven } from "./reference/comparison.ts";
import { formatDistribution } from "./reference/distribution.ts";

const CASES = Number(process.env["REEVE_CASES"] ?? 20_000);
const SEED = Number(process.env["REEVE_SEED"] ?? Date.now() % 2 ** 31);
const TIMEOUT_MS = 60_000 + CASES * 5;

describe("engine and reference evaluator", () => {
  it(`agree on ${CASES} random questions (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    const { disagreement, distribution } = compareAnswers(core, { seed: SEED, cases: CASES });
    if (disagreement !== undefined || distribution === undefined) expect.fail(disagreement);
    console.log(`REEVE_SEED=${SEED}\n${formatDistribution(distribution)}`);
    if (CASES >= 10_000) expect(uneven(distribution)).toEqual([]);
  });

  it(`agree after every change, however the plan got there (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    const { disagreement } = compareChanges(core, { seed: SEED + 1_000_000, cases: CASES / 4 });
    if (disagreement !== undefined) expect.fail(disagreement);
  });
});
