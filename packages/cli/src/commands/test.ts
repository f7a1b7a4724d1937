/**
 * `reeve test FILE…`: cases run against the files of an organization, or against a server. Ends with 1 when one of them fails.
 *
 * Invariant: with a fault in any file of cases none is run; what a server refuses to answer fails nothing, it ends the run.
 */

import type { Result } from "@reeve/core";
import { tell } from "../answer.ts";
import { type ConnectionOptions, connect, organizationOf } from "../connection.ts";
import { EXIT, type Exit, type Failure, fail } from "../exit.ts";
import { type Case, casesOf } from "../files/case-file.ts";
import { readAt } from "../files/directory.ts";
import { type Asking, askRecords, askServer, type Outcome, outcomeOf } from "../files/run-case.ts";
import { faultsFailure, isTable } from "../files/told.ts";
import { readWanted } from "../files/wanted.ts";
import { type OutputOptions, print } from "../output.ts";
import { paint, type Shell, visible, writeLines } from "../shell.ts";

export type TestOptions = ConnectionOptions & OutputOptions & { readonly org?: string; readonly against?: string };
type Suite = { readonly file: string; readonly cases: readonly Case[] };

export async function test(shell: Shell, files: readonly string[], options: TestOptions): Promise<Exit> {
  const suites = readSuites(files);
  if (!suites.ok) return tell(shell, suites.error);
  const asking = askingOf(shell, options, suites.value);
  if (!asking.ok) return tell(shell, asking.error);
  const told: { readonly file: string; readonly outcomes: Outcome[] }[] = [];
  for (const { file, cases } of suites.value) {
    const outcomes: Outcome[] = [];
    for (const one of cases) {
      const came = await asking.value(one);
      if (!came.ok) return tell(shell, { ...came.error, lines: [...came.error.lines, `  asked by ${one.place}: ${one.title}`] });
      outcomes.push(outcomeOf(one, came.value));
    }
    told.push({ file, outcomes });
    if (isTable(options)) printSuite(shell, file, outcomes);
  }
  const all = told.flatMap(({ outcomes }) => outcomes);
  const failed = all.filter(({ passed }) => !passed).length;
  const value = { passed: all.length - failed, failed, files: told };
  print(shell, options, { value, table: (output) => writeLines(output, [`${all.length - failed} passed, ${failed} failed.`]) });
  return failed === 0 ? EXIT.yes : EXIT.no;
}

function readSuites(files: readonly string[]): Result<readonly Suite[], Failure> {
  const suites: Suite[] = [];
  const faults = [];
  for (const path of files) {
    const sources = readAt(path);
    if (!sources.ok) return sources;
    for (const source of sources.value) {
      suites.push({ file: source.file, cases: casesOf(source) });
      faults.push(...source.faults);
    }
  }
  return faults.length > 0 ? { ok: false, error: faultsFailure(faults) } : { ok: true, value: suites };
}

function askingOf(shell: Shell, options: TestOptions, suites: readonly Suite[]): Result<Asking, Failure> {
  if (options.against !== undefined) {
    const read = readWanted(options.against);
    if (!read.ok) return read;
    const records = [...read.value.placed.values()].map(({ rec }) => rec);
    return { ok: true, value: askRecords(records, { organization: options.org ?? "files", nowMs: Date.now() }) };
  }
  const dated = suites.flatMap(({ cases }) => cases).find(({ now }) => now !== undefined);
  if (dated !== undefined)
    return fail(EXIT.usage, `${dated.place}: a server answers as of its own clock; cases with \`now\` are run --against files.`);
  const org = organizationOf(options, shell);
  if (!org.ok) return org;
  const client = connect(options, shell);
  return client.ok ? { ok: true, value: askServer(client.value, org.value) } : client;
}

function printSuite({ stdout }: Shell, file: string, outcomes: readonly Outcome[]): void {
  stdout.write(`${paint(stdout, "bold", visible(file))}\n`);
  for (const { passed, title, place, unlike, why, code } of outcomes) {
    const mark = passed ? paint(stdout, "green", "ok  ") : paint(stdout, "red", "FAIL");
    stdout.write(`  ${mark}  ${visible(title)}\n`);
    if (passed) continue;
    writeLines(stdout, [`        ${place}`, ...unlike.map((line) => `        ${line}`), `        because: ${why[0] ?? ""} (${code})`]);
    writeLines(
      stdout,
      why.slice(1).map((line) => `          ${line}`),
    );
  }
}
