/**
 * The sweep of `fault-sweep.test.ts` with rubbish: no value, values of another kind, another organization's data, an older head, a page too
 * few, a page of another history, numbers below zero. `REEVE_SWEEP=whole` breaks each of the first forty passages of everything.
 */
import { expect, it } from "vitest";
import { expectComplete, expectSafe, sweep } from "./fault-sweep/outcome.ts";

const SIZE = process.env.REEVE_SWEEP === "whole" ? "whole" : "short";
const SWEEP_MS_MAX = 3_500_000;

it(`A server that is answered rubbish allows nothing that must be denied (REEVE_SWEEP=${SIZE})`, async () => {
  const report = await sweep(SIZE, SWEEP_MS_MAX);
  console.info(`${report.cases} cases, ${report.struck} struck`);
  expectSafe(report);
  expectComplete(report);
  expect(report.struck).toBeGreaterThan(report.cases * 0.9);
});
