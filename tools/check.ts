/**
 * `npm run check`: everything that can be said about the code without starting the product, in about a minute.
 *
 * Types, Biome, the walls between the rooms, tidy, knip, the unit tests and the golden files: two at a time, the longest first.
 * With `--fix` Biome writes what it can first. Prints a line a step; the output of a step only when it failed. Ends with 1 when any did.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { inLanes, ROOT, report, runStep, type Step } from "./steps.ts";
import { asTally, runSuite, type SuiteOutcome, sum, type Tally } from "./suite.ts";

const ROOM_FOLDERS = ["packages", "tests", "tools", "catalogues", "bench"];
const BIOME = "node_modules/@biomejs/biome/bin/biome";

const steps: readonly Step[] = [
  { name: "types", program: "node_modules/typescript/bin/tsc", args: ["-b"] },
  { name: "biome", program: BIOME, args: ["check", "--error-on-warnings", "."] },
  { name: "walls", program: "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs", args: wallArguments() },
  { name: "tidy", program: "tools/tidy.ts", args: [] },
  { name: "knip", program: "node_modules/knip/bin/knip.js", args: ["--no-config-hints"] },
];

function wallArguments(): readonly string[] {
  const config = ".dependency-cruiser.mjs";
  const folders = ROOM_FOLDERS.filter((folder) => existsSync(join(ROOT, folder)));
  return ["--config", config, "--output-type", "err-long", config, "vitest.config.ts", ...folders];
}

/** Runs every step; what failed and what was skipped, counted. */
export async function check({ fix }: { readonly fix: boolean }): Promise<Tally> {
  if (fix) report(await runStep({ name: "biome writes", program: BIOME, args: ["check", "--write", "."] }));
  const [types, ...others] = steps.map((step) => async () => {
    const outcome = await runStep(step);
    report(outcome);
    return asTally(outcome);
  });
  return sum(await inLanes(2, [types!, unitTests, ...others]));
}

async function unitTests(): Promise<Tally> {
  const outcome: SuiteOutcome = await runSuite({ name: "unit tests and golden files", sets: ["unit", "golden"] });
  report(outcome);
  return outcome.tally;
}

if (import.meta.main) {
  const tally = await check({ fix: process.argv.includes("--fix") });
  for (const { file, title, why } of tally.skips) console.log(`skipped: ${file}: ${title}: ${why}`);
  console.log(tally.failed === 0 ? "check: all well" : "check: failed");
  process.exitCode = tally.failed === 0 ? 0 : 1;
}
