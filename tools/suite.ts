/**
 * A suite: vitest run on some of the sets of `vitest.config.ts`, and what came of it, counted.
 *
 * Counted are tests, and files that broke before their first test. A skip carries the reason that `tests/require.ts` noted for its
 * file. Invariant: a run that did not finish counts as at least one failure, so that nothing passes by dying early.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type Outcome, ROOT, runStep } from "./steps.ts";

export type Skip = { readonly file: string; readonly title: string; readonly why: string };
export type Tally = { readonly passed: number; readonly failed: number; readonly skips: readonly Skip[] };
export type SuiteOutcome = Outcome & { readonly tally: Tally };

type VitestReport = {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
};
type Note = { readonly file: string; readonly why: string };

export type SuiteRequest = {
  readonly name: string;
  /** Names of the sets in vitest.config.ts. */
  readonly sets: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Show progress as it comes. */
  readonly live?: boolean;
};

/** Runs the sets and counts. A set without a test file is empty, not a failure. */
export async function runSuite(request: SuiteRequest): Promise<SuiteOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "reeve-suite-"));
  const [reportFile, skipsFile] = [join(folder, "report.json"), join(folder, "skips")];
  try {
    const args = ["run", "--passWithNoTests", ...request.sets.flatMap((set) => ["--project", set])];
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
    const env = { ...request.env, REEVE_SKIPS: skipsFile };
    const program = "node_modules/vitest/vitest.mjs";
    const outcome = await runStep({ name: request.name, program, args: [...args, ...reporters], env }, request.live);
    const tally = count(readReport(reportFile), readNotes(skipsFile));
    return { ...outcome, tally: outcome.ok || tally.failed > 0 ? tally : { ...tally, failed: 1 } };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The sum of several tallies. */
export function sum(tallies: readonly Tally[]): Tally {
  const add = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  return { passed: add((tally) => tally.passed), failed: add((tally) => tally.failed), skips: tallies.flatMap((tally) => tally.skips) };
}

/** A step of another kind counts as one test. */
export function asTally(outcome: Outcome): Tally {
  return { passed: outcome.ok ? 1 : 0, failed: outcome.ok ? 0 : 1, skips: [] };
}

/** Prints what was skipped and why, then, alone on the last line, the counts. */
export function printTally(tally: Tally): void {
  if (tally.skips.length > 0) console.log("\nSkipped:");
  for (const { file, title, why } of tally.skips) console.log(`  ${file}: ${title}: ${why}`);
  console.log(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skips.length} skipped`);
}

/** What vitest reported, counted; exported for its test. */
export function count(report: VitestReport, notes: readonly Note[]): Tally {
  let [passed, failed] = [0, 0];
  const skips: Skip[] = [];
  for (const { name, status, assertionResults } of report.testResults) {
    const file = relative(ROOT, name);
    const why = notes.find((note) => note.file === name)?.why ?? "no reason noted";
    const failedHere = assertionResults.filter((test) => test.status === "failed").length;
    passed += assertionResults.filter((test) => test.status === "passed").length;
    failed += status === "failed" ? Math.max(1, failedHere) : failedHere;
    for (const test of assertionResults) {
      if (test.status !== "passed" && test.status !== "failed") skips.push({ file, title: test.fullName, why });
    }
  }
  return { passed, failed, skips };
}

function readReport(file: string): VitestReport {
  const text = readIfThere(file);
  return text === "" ? { testResults: [] } : JSON.parse(text);
}

function readNotes(file: string): readonly Note[] {
  const lines = readIfThere(file).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
