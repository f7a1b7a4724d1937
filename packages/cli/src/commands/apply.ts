/**
 * `reeve apply DIR`: what the files say is made to stand; what they do not name is left alone, unless `--prune` is given.
 *
 * What differs is found first, tried in this process, and written with the revision that it was compared with. Up to 1,000 changes
 * are one change set; more are several, in an order in which nobody holds more in between.
 * Invariant: where nothing differs nothing is sent; where something is refused it is told with its place in the files.
 */
import { readFileSync } from "node:fs";
import {
  differenceCounter,
  type FoundDifference,
  foundDifferences,
  KEY_MEMBERS,
  parseProductDocument,
  type Rec,
  type Result,
  warningsOf,
} from "@reeve/core";
import { tell } from "../answer.ts";
import { EXIT, type Exit, type Failure, fail } from "../exit.ts";
import {
  createOrganization,
  faultsByChange,
  type Preview,
  type PreviewEntry,
  previewOf,
  readExport,
  wireChange,
  writeChanges,
} from "../files/remote.ts";
import { SIZES, type Step, type Steps, stepsOf } from "../files/steps.ts";
import { countLine, differenceValue, isTable, previewLines, progressOf, warningLines } from "../files/told.ts";
import { type Compared, type Creator, changeFailure, compare, type WantedOptions } from "../files/wanted.ts";
import { type OutputOptions, print } from "../output.ts";
import { type Shell, writeLines } from "../shell.ts";
import { printDifferences, unnamedLines } from "./diff.ts";

export type ApplyOptions = WantedOptions &
  OutputOptions & {
    readonly dryRun?: true;
    readonly reason?: string;
    readonly yes?: true;
    readonly create?: true;
    /** Changes in one change set. */
    readonly maxChanges?: number;
  };

export async function apply(shell: Shell, path: string, options: ApplyOptions): Promise<Exit> {
  const isQuiet = options.quiet === true || !isTable(options);
  const compared = await compare(shell, { path, options, isQuiet, ...(options.create === true && { create: creator(options) }) });
  if (!compared.ok) return tell(shell, compared.error);
  const { value } = compared;
  if (value.list.length === 0) return ended(shell, value, { options, applied: 0, revision: value.revision, sets: 0 });
  const sizes = { ...SIZES, ...(options.maxChanges !== undefined && { changesMax: options.maxChanges }) };
  const steps = stepsOf({ organization: value.org, before: value.before, after: value.after, differences: value.list, sizes });
  if (!steps.ok) return tell(shell, changeFailure(value.read, steps.error));
  if (options.dryRun === true) return dryRun(shell, value, { options, steps: steps.value });
  if (value.list.some(({ is }) => is === "deleted") && options.yes !== true) {
    printDifferences(shell, value, options);
    return tell(shell, fail(EXIT.usage, "This deletes: nothing was done. Say --yes if it is meant, or see more with --dry-run.").error);
  }
  return write(shell, value, { options, steps: steps.value, isQuiet });
}

/** The organization as its file says; without one, by its id alone. In a dry run nothing is made. */
function creator(options: ApplyOptions): Creator {
  return async (client, org, read) => {
    const own = [...read.placed.values()].find(({ rec }) => rec.kind === "organization")?.rec;
    const named = own?.kind === "organization" ? own.value : { name: org, tenantIds: [] };
    const record = { kind: "organization" as const, value: named };
    if (options.dryRun === true) return { ok: true, value: { revision: "", records: [record, ...ownCatalogue()] } };
    const made = await createOrganization(client, { id: org, ...named });
    return made.ok ? readExport(client, org) : made;
  };
}

/** What every organization begins with: Reeve's own administration, as it ships. */
function ownCatalogue(): readonly Rec[] {
  const parsed = parseProductDocument(JSON.parse(readFileSync(OWN, "utf8")));
  return parsed.ok ? parsed.value : [];
}
const OWN = new URL("../../../../catalogues/reeve/product.json", import.meta.url);

type Planned = { readonly options: ApplyOptions; readonly steps: Steps; readonly isQuiet?: boolean };

async function dryRun(shell: Shell, compared: Compared, { options, steps }: Planned): Promise<Exit> {
  const [only, ...more] = steps.list;
  const isNew = compared.revision === "";
  const isOne = only !== undefined && more.length === 0;
  const preview = isNew ? undefined : isOne ? await previewOf(compared.client, compared.org, wireOf(only)) : previewHere(compared, steps);
  if (preview?.ok === false) return tell(shell, refusedFailure(compared, only as Step, preview.error));
  if (preview !== undefined) writeLines(shell.stderr, warningLines(preview.value));
  const { org, revision, list, unnamed } = compared;
  if (!isTable(options)) {
    const differences = list.map(differenceValue);
    const value = { organization: org, revision, differences, unnamed, changeSets: steps.list.length, preview: preview?.value ?? null };
    print(shell, options, { value, table: () => undefined });
    return EXIT.yes;
  }
  printDifferences(shell, compared, options);
  const lines = preview === undefined ? [UNPREVIEWED] : previewLines(shell.stdout, preview.value);
  shell.stdout.write([...lines, "Nothing was written."].map((line) => `${line}\n`).join(""));
  warn(shell, steps);
  return EXIT.yes;
}

const UNPREVIEWED = "The organization would be made; nobody is in it yet who could lose anything.";

/** More than one change set is no question that a server takes: what it exported is asked here, by the same engine. */
function previewHere({ revision }: Compared, { plans, list }: Steps): Result<Preview, Failure> {
  const counter = differenceCounter();
  const entries: PreviewEntry[] = [];
  for (const found of foundDifferences(plans, {}, Date.now())) {
    counter.add(found);
    if (found !== undefined) entries.push(toldOf(found));
  }
  const warnings = warningsOf(
    plans.after,
    list.flatMap((step) => step.changes.map(({ change }) => change)),
  );
  return { ok: true, value: { revision, changes: [], warnings, summary: counter.result(), entries } };
}

function toldOf(found: FoundDifference): PreviewEntry {
  const told = found.told();
  for (;;) {
    const { done, value } = told.next();
    if (done === true) return value;
  }
}

function warn({ stderr }: Shell, { caution }: Steps): void {
  if (caution === undefined) return;
  writeLines(stderr, [`Note: between the change sets somebody may hold what he holds neither before nor after: ${caution}.`]);
}

const wireOf = ({ changes }: Step): readonly unknown[] =>
  changes.map(({ change }) => wireChange(change, "delete" in change ? KEY_MEMBERS[change.delete.kind] : []));

async function write(shell: Shell, compared: Compared, { options, steps, isQuiet = false }: Planned): Promise<Exit> {
  const { org, client } = compared;
  const sets = steps.list.length;
  if (!isQuiet) warn(shell, steps);
  const progress = progressOf(shell, "Writing", isQuiet || sets === 1);
  let { revision } = compared;
  let applied = 0;
  for (const [index, step] of steps.list.entries()) {
    const reason = reasonOf(options.reason, index + 1, sets);
    const body = { changes: wireOf(step), catalogue: true as const, ifRevision: revision, ...(reason === undefined ? {} : { reason }) };
    const written = await writeChanges(client, org, body);
    if (!written.ok) {
      progress.end();
      return tell(shell, stopped(refusedFailure(compared, step, written.error), index, sets));
    }
    revision = written.value.revision;
    applied += written.value.applied;
    writeLines(shell.stderr, warningLines(written.value));
    progress.step(index + 1, sets);
    if (!isQuiet && sets > 1 && !shell.stderr.isTerminal)
      writeLines(shell.stderr, [`${index + 1}/${sets} ${step.title}: ${step.changes.length} changes, revision ${revision}`]);
  }
  progress.end();
  return ended(shell, compared, { options, applied, revision, sets });
}

/** One change set is called what it was meant for; of several each says which it is. */
function reasonOf(reason: string | undefined, number: number, of: number): string | undefined {
  if (of === 1) return reason;
  return `apply ${number}/${of}${reason === undefined ? "" : `: ${reason}`}`;
}

function stopped({ exit, lines }: Failure, done: number, of: number): Failure {
  if (done === 0) return { exit, lines };
  return { exit, lines: [...lines, `  ${done} of ${of} change sets were written. Run it again: it goes on where it stopped.`] };
}

function refusedFailure(compared: Compared, step: Step, failure: Failure): Failure {
  if (failure.problem?.code === "revision_conflict") {
    const lines = [
      "The organization has moved on since it was compared: somebody else wrote to it (revision_conflict).",
      `  compared was revision ${compared.revision}; see what differs now with reeve diff, and run it again.`,
    ];
    return { exit: EXIT.usage, lines };
  }
  const faults = faultsByChange(failure);
  if (faults === undefined) return failure;
  return changeFailure(
    compared.read,
    faults.flatMap(({ index, pointer, fault }) => {
      const of = step.changes[index]?.of;
      return of === undefined ? [] : [{ of, fault: { ...fault, pointer } }];
    }),
  );
}

type Ending = { readonly options: ApplyOptions; readonly applied: number; readonly revision: string; readonly sets: number };

function ended(shell: Shell, compared: Compared, { options, applied, revision, sets }: Ending): Exit {
  const { list, unnamed, org } = compared;
  const done =
    list.length === 0
      ? `Nothing differs from revision ${revision}: nothing was written.`
      : `Applied: ${countLine(list)}. ${sets === 1 ? "One change set" : `${sets} change sets`}, revision ${revision}.`;
  const value = { organization: org, revision, changeSets: sets, applied, unnamed };
  print(shell, options, { value, table: (output) => writeLines(output, [done, ...unnamedLines(compared)]) });
  return EXIT.yes;
}
