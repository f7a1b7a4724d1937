/**
 * The sweep of `fault-sweep.test.ts` with rubbish: no value, values of another kind, another organization's data, an older head, a page too
 * few, a page of another history, numbers below zero. It takes a quarter of an hour, so that the long run alone has it, or who asks for it:
 * `REEVE_SWEEP=short`; `whole` breaks each of the first forty passages of everything. Every push breaks everything once, without rubbish.
 */
import { expect, it } from "vitest";
import { expectComplete, expectSafe, sweep } from "./fault-sweep/outcome.ts";
import { noteSkip } from "./require.ts";

const SIZE = process.env.REEVE_SWEEP === "whole" ? "whole" : "short";
const isAsked = process.env.REEVE_SWEEP !== undefined;
const SWEEP_MS_MAX = 3_500_000;

if (!isAsked) noteSkip("it takes a quarter of an hour: REEVE_PROVE=long, or REEVE_SWEEP=short npm run prove");
it.skipIf(!isAsked)(`A server that is answered rubbish allows nothing that must be denied (REEVE_SWEEP=${SIZE})`, async () => {
  const report = await sweep(SIZE, SWEEP_MS_MAX);
  console.info(`${report.cases} cases, ${report.struck} struck`);
  expectSafe(report);
  expectComplete(report);
  expect(report.struck).toBeGreaterThan(report.cases * 0.9);
});
