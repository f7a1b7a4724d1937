/**
 * `reeve catalogue map`: operations of a product without a rule, the rule that would fit each and why; and taking them over row by row.
 *
 * Invariant: only what was named with `--take` or said yes to at the terminal is written.
 */
import { LIMITS, type Result } from "@reeve/core";
import { tell } from "../answer.ts";
import { type AskOptions, type Place, placeOf } from "../asked.ts";
import { thisCaller } from "../caller.ts";
import { counted, operationName } from "../catalogue/rule-words.ts";
import {
  changesTarget,
  isTakable,
  type Row,
  type Rows,
  suggestionWords,
  takeOver,
  targetOf,
  unmappedRows,
} from "../catalogue/unmapped-rows.ts";
import { didYouMean } from "../did-you-mean.ts";
import { toldTable } from "../entries.ts";
import { EXIT, type Exit, type Failure, fail } from "../exit.ts";
import { isTable } from "../files/told.ts";
import { print, type Told } from "../output.ts";
import { withSuggestion } from "../probably-meant.ts";
import { type Answers, type Shell, writeLines } from "../shell.ts";
import { askYesOrNo } from "../yes-or-no.ts";

export type CatalogueMapOptions = AskOptions & {
  readonly product: string;
  readonly take?: readonly string[];
  readonly interactive?: true;
};

export async function catalogueMap(shell: Shell, options: CatalogueMapOptions): Promise<Exit> {
  const { take, interactive, product } = options;
  if (interactive === true && (take !== undefined || !isTable(options))) {
    return tell(shell, fail(EXIT.usage, "--interactive goes neither with --take nor with --output.").error);
  }
  const answers = interactive === true ? shell.answers?.() : undefined;
  if (interactive === true && answers === undefined) {
    return tell(shell, fail(EXIT.usage, "Nobody is at a terminal to answer: name what is taken over with --take.").error);
  }
  try {
    const place = placeOf(shell, options);
    if (!place.ok) return tell(shell, place.error);
    const rows = await unmappedRows(place.value, product);
    if (!rows.ok) return tell(shell, await withSuggestion(rows.error, place.value));
    if (answers !== undefined) return await askRows(shell, place.value, { rows: rows.value.rows, answers });
    const told = take === undefined ? listed(rows.value) : await taken(place.value, rows.value, take);
    if (!told.ok) return tell(shell, told.error);
    print(shell, options, told.value);
    return EXIT.yes;
  } finally {
    answers?.close();
  }
}

function targetWords(row: Row): string {
  const { target, organizationParameter } = targetOf(row);
  const parameter = organizationParameter === undefined ? "" : ` (organization: {${organizationParameter}})`;
  return changesTarget(row) ? `${row.operation.target} → ${target}${parameter}` : target;
}

function listed({ revision, rows, orphans }: Rows): Result<Told, Failure> {
  const items = rows.map(({ operation, suggestion }) => {
    const { id, method, path, target } = operation;
    return { operation: id, method, path, target, suggestion: suggestion ?? null };
  });
  const table = {
    titles: ["OPERATION", "METHOD", "PATH", "SUGGESTION", "TARGET", "SURE", "WHY"],
    rows: rows.map((row) => {
      const { id, method, path } = row.operation;
      return [id, method, path, suggestionWords(row), targetWords(row), row.suggestion?.confidence, row.suggestion?.reason];
    }),
  };
  const takable = rows.filter(isTakable).length;
  const notes = [
    `${counted(rows.length, "operation")} without a rule; ${takable} could be taken over with --take OPERATION, or --interactive.`,
    ...(orphans === 0 ? [] : [`${counted(orphans, "orphan")} without a rule ${orphans === 1 ? "is" : "are"} not listed.`]),
  ];
  return { ok: true, value: toldTable({ value: { revision, items }, table, notes: rows.length === 0 ? notes.slice(1) : notes }) };
}

/** All that were named, or none. */
async function taken(place: Place, { rows }: Rows, names: readonly string[]): Promise<Result<Told, Failure>> {
  const chosen = chooseRows(rows, names);
  if (!chosen.ok) return chosen;
  const written = await takeOver(place, chosen.value);
  if (!written.ok) return written;
  const { revision, changeSet } = written.value;
  const value = { revision, changeSet, taken: chosen.value.map(({ operation, suggestion }) => ({ operation: operation.id, suggestion })) };
  const lines = [...chosen.value.map(takenLine), `  revision ${revision}, change set ${changeSet}`];
  return { ok: true, value: { value, table: (output) => writeLines(output, lines) } };
}

function takenLine(row: Row): string {
  const target = changesTarget(row) ? `, on ${targetOf(row).target}` : "";
  return `Taken over: ${operationName(row.operation)}: ${suggestionWords(row)}${target}`;
}

function chooseRows(rows: readonly Row[], names: readonly string[]): Result<readonly Row[], Failure> {
  const known = new Map(rows.map((row) => [row.operation.id, row]));
  const faults: string[] = [];
  const chosen = [...new Set(names)].flatMap((name) => {
    const row = known.get(name);
    if (row === undefined) faults.push(`No operation ${name} is without a rule.${didYouMean(name, known.keys())}`);
    else if (row.suggestion === undefined) faults.push(`For ${name} nothing is suggested: give it a rule by hand.`);
    else if (!isTakable(row)) faults.push(`${name} needs no rule: the product's read default opens it.`);
    else return [row];
    return [];
  });
  // Each may take two changes.
  if (chosen.length > LIMITS.changesMax / 2) faults.push(`At most ${LIMITS.changesMax / 2} are taken over at once.`);
  return faults.length === 0 ? { ok: true, value: chosen } : { ok: false, error: { exit: EXIT.usage, lines: faults } };
}

type Asking = { readonly rows: readonly Row[]; readonly answers: Answers };

/** Each yes is written at once, as a change set of its own, so that stopping loses nothing. */
async function askRows(shell: Shell, place: Place, { rows, answers }: Asking): Promise<Exit> {
  const asked = rows.filter(isTakable);
  let count = 0;
  for (const [index, row] of asked.entries()) {
    const { operation, suggestion } = row;
    writeLines(shell.stdout, [
      `${index + 1} of ${asked.length}: ${operationName(operation)} (${operation.id})${operation.summary === undefined ? "" : `: ${operation.summary}`}`,
      `  rule: ${suggestionWords(row)}`,
      `  target: ${targetWords(row)}`,
      `  why (${suggestion?.confidence}): ${suggestion?.reason}`,
    ]);
    const said = await askYesOrNo(answers, "Take it over? [y/N/q] ");
    if (said === "stop") break;
    if (said === "no") continue;
    const written = await takeOver(place, [row]);
    if (!written.ok) return tell(shell, written.error);
    count += 1;
  }
  const left = rows.length - asked.length;
  writeLines(shell.stdout, [
    `${count} of ${asked.length} taken over.`,
    ...(left === 0
      ? []
      : [
          `For ${counted(left, "operation")} without a rule there is nothing to take over: ${thisCaller().command} catalogue map lists them.`,
        ]),
  ]);
  return EXIT.yes;
}
