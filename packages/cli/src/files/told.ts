/**
 * What is told of files and differences: faults with their places, differences as lines, gains and losses, and progress.
 *
 * Invariant: nothing is cut off: every fault, every difference and everybody who gains or loses is told.
 */
import { keyOf, type Rec } from "@reeve/core";
import { EXIT, type Failure } from "../exit.ts";
import type { OutputOptions } from "../output.ts";
import { type Output, paint, type Shell, visible } from "../shell.ts";
import { type Difference, memberChanges, recordOf } from "./difference.ts";
import type { Preview, PreviewEntry, Warned } from "./remote.ts";
import type { FileFault } from "./yaml-source.ts";
import { flowText } from "./yaml-text.ts";

export const faultLine = ({ file, line, column, about, detail, code, allowed }: FileFault): string => {
  const choice = allowed === undefined || allowed.length === 0 ? "" : ` Allowed: ${allowed.join(", ")}.`;
  return `${file}:${line}:${column}: ${about === undefined ? "" : `${about}: `}${detail}${choice} (${code})`;
};

/** All faults of files, by place. */
export function faultsFailure(faults: readonly FileFault[]): Failure {
  const ordered = faults.toSorted((a, b) => (a.file === b.file ? a.offset - b.offset : a.file < b.file ? -1 : 1));
  const count = `${ordered.length} ${ordered.length === 1 ? "fault" : "faults"}; nothing was done.`;
  return { exit: EXIT.usage, lines: [count, ...ordered.map((fault) => `  ${faultLine(fault)}`)] };
}

/** Whether people read it: what is no table is for programs. */
export const isTable = ({ output }: OutputOptions): boolean => (output ?? "table") === "table";

const nameLine = (rec: Rec): string => [rec.kind, ...keyOf(rec)].join(" ");
const shown = (value: unknown): string => (value === undefined ? "(nothing)" : flowText(value));

/** `+`, `~` and `-`, the record, and of a changed one each member. */
export function differenceLines(output: Output, list: readonly Difference[]): string[] {
  return list.flatMap((one) => {
    const name = visible(nameLine(recordOf(one)));
    if (one.is === "added") return [paint(output, "green", `+ ${name}`)];
    if (one.is === "deleted") return [paint(output, "red", `- ${name}`)];
    const members = memberChanges(one.before, one.after);
    return [`~ ${name}`, ...members.map(({ member, before, after }) => visible(`    ${member}: ${shown(before)} → ${shown(after)}`))];
  });
}

export function countLine(list: readonly Difference[]): string {
  const count = (is: Difference["is"]): number => list.filter((one) => one.is === is).length;
  return `${count("added")} added, ${count("changed")} changed, ${count("deleted")} deleted`;
}

/** A difference as JSON and YAML tell it. */
export function differenceValue(one: Difference): unknown {
  const { kind } = recordOf(one);
  const key = keyOf(recordOf(one));
  if (one.is === "added") return { difference: one.is, kind, key, after: one.after.value };
  if (one.is === "deleted") return { difference: one.is, kind, key, before: one.before.value };
  return { difference: one.is, kind, key, members: memberChanges(one.before, one.after) };
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Who gains and who loses what: the counts, then everybody by name. */
export function previewLines(output: Output, { summary, entries }: Preview): string[] {
  const { principalsThatGain, principalsThatLose, gains, losses } = summary;
  if (gains + losses === 0) return ["Nobody gains or loses anything."];
  return [
    `${plural(principalsThatGain, "principal")} would gain (${plural(gains, "possibility").replace("ys", "ies")}), ` +
      `${principalsThatLose} would lose (${plural(losses, "possibility").replace("ys", "ies")}):`,
    ...entries.flatMap((entry) => entryLines(output, entry)),
  ];
}

function entryLines(output: Output, { principal, gains, loses }: PreviewEntry): string[] {
  const what = ({ resource, action, product, operation }: PreviewEntry["gains"][number]): string =>
    resource === undefined ? `${product}: ${operation}` : `${action} on ${resource}`;
  return [
    visible(`  ${principal.type}:${principal.id}`),
    ...gains.map((one) => paint(output, "green", visible(`    + ${what(one)}`))),
    ...loses.map((one) => paint(output, "red", visible(`    - ${what(one)}`))),
  ];
}

/** What the server warns of, in lines. */
export const warningLines = ({ warnings = [] }: Warned): string[] => warnings.map(({ code, detail }) => `Warning: ${detail} (${code})`);

export type Progress = { step(done: number, of: number): void; end(): void };

const BAR = 24;
const EVERY_MS = 5_000;

/** A bar on a terminal, a line now and then elsewhere, nothing where it is not wanted. */
export function progressOf({ stderr }: Shell, title: string, isQuiet: boolean): Progress {
  if (isQuiet) return { step: () => undefined, end: () => undefined };
  let shownAt = performance.now();
  let isDrawn = false;
  return {
    step(done, of) {
      if (stderr.isTerminal) {
        const full = of === 0 ? 0 : Math.min(BAR, Math.floor((BAR * done) / of));
        stderr.write(`\r${title} ${of === 0 ? done : `[${"#".repeat(full)}${".".repeat(BAR - full)}] ${done}/${of}`}`);
        isDrawn = true;
      } else if (performance.now() - shownAt >= EVERY_MS) {
        shownAt = performance.now();
        stderr.write(`${title}: ${done}${of === 0 ? "" : ` of ${of}`}\n`);
      }
    },
    end() {
      if (isDrawn) stderr.write(`\r${" ".repeat(title.length + BAR + 24)}\r`);
    },
  };
}
