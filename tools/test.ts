/**
 * `npm test`: the check, then every test across packages that must pass on a fresh machine.
 *
 * Last come the skips with their reasons and, alone on a line, the counts; each step of the check that is not a test runner counts as
 * one test. Everything runs even when something failed before, so that one run tells all.
 */
import { check } from "./check.ts";
import { printTally, runSuite, sum } from "./suite.ts";

const checked = await check({ fix: false });
const across = await runSuite({ name: "tests across packages", sets: ["across"], live: true });
const tally = sum([checked, across.tally]);
printTally(tally);
process.exitCode = tally.failed === 0 ? 0 : 1;
