/**
 * `npm run prove`: the long proofs, the `.prove.ts` files of tests/: random organizations against the reference evaluator, planted faults,
 * `kill -9` under load.
 *
 * `REEVE_PROVE=ci` (the default) or `long` sets the sizes, which the proofs read from the environment; a size that is set already is
 * kept. Invariant: a proof prints its seed, so that what failed once can be run again.
 */
import { printTally, runSuite } from "./suite.ts";

/**
 * Names are said in words: `REEVE_SEED` where the random ones begin, `REEVE_CASES` random decisions, `REEVE_FAULT_CASES` for each planted
 * fault, `REEVE_KILLS` runs of `kill -9`, `REEVE_FUZZ` hostile requests a route, `REEVE_SWEEP` how much of the server is broken, one at a time.
 */
const SIZES = {
  // One seed, so that a change is judged by the same organizations as the one before it; the long run draws its own.
  ci: {
    REEVE_SEED: "20261121",
    REEVE_CASES: "1000000",
    REEVE_FAULT_CASES: "100000",
    REEVE_KILLS: "50",
    REEVE_FUZZ: "1000",
  },
  long: { REEVE_CASES: "1000000000", REEVE_FAULT_CASES: "100000", REEVE_KILLS: "1000", REEVE_FUZZ: "100000", REEVE_SWEEP: "whole" },
} as const;

const size = process.env.REEVE_PROVE ?? "ci";
if (size !== "ci" && size !== "long") {
  console.error(`REEVE_PROVE is "${size}"; allowed: ${Object.keys(SIZES).join(", ")}`);
  process.exit(2);
}
const given = Object.entries(SIZES[size]).filter(([name]) => process.env[name] === undefined);
const outcome = await runSuite({ name: "proofs", sets: ["prove"], live: true, env: { REEVE_PROVE: size, ...Object.fromEntries(given) } });
printTally(outcome.tally);
// No proof is no pass: a renamed folder must not turn the proofs off in silence.
process.exitCode = outcome.tally.failed === 0 && outcome.tally.passed > 0 ? 0 : 1;
