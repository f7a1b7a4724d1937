/**
 * What a newer version of a document changes, in lines: `+`, `-` and `~`, then what would be refused to everybody.
 *
 * Invariant: nothing is cut off, and unmapped mutations are told once more, with their places, at the end.
 */
import { type Output, paint, visible } from "../shell.ts";
import { findingLine, placeText } from "./finding-lines.ts";
import { shown } from "./plan-lines.ts";
import { type Alternatives, counted, operationName, ruleWords } from "./rule-words.ts";
import { type Differences, type Member, matters, type ToldOperation } from "./version-differences.ts";

/** `removed`: what becomes of what the newer version lacks. */
export type Naming = { readonly file: string; readonly removed?: string };

export function differenceLines(output: Output, differences: Differences, { file, removed = "" }: Naming): readonly string[] {
  const { about, added, changed, notes } = differences;
  return [
    ...about.map((member) => visible(`~ ${memberLine(member)}`)),
    ...added.map((one) => paint(output, "green", visible(`+ ${operationName(one)}: ${ruleWords(one.rule)}`))),
    ...differences.removed.map((one) => paint(output, "red", visible(`- ${operationName(one)}${removed}`))),
    ...changed.flatMap((one) => [visible(`~ ${operationName(one)}`), ...one.members.map((member) => visible(`    ${memberLine(member)}`))]),
    ...(notes.length === 0 ? [] : ["Worth knowing:", ...notes.map((note) => visible(`  ${findingLine(file, note)}`))]),
    ...unmappedLines(differences, file).map(visible),
  ];
}

function memberLine({ member, before, after }: Member): string {
  if (member === "rule") return `rule: ${ruleWords(before as Alternatives | undefined)} → ${ruleWords(after as Alternatives | undefined)}`;
  if (member === "orphan") return "is in the document again";
  return `${member}: ${shown(before)} → ${shown(after)}`;
}

function unmappedLines({ unmappedMutations }: Differences, file: string): readonly string[] {
  if (unmappedMutations.length === 0) return [];
  const line = (one: ToldOperation): string => `  ${one.at === undefined ? file : placeText(file, one.at)}: ${operationName(one)}`;
  return ["Without a rule, and changing something: refused to everybody until there is one:", ...unmappedMutations.map(line)];
}

/** The counts and what follows from them. */
export function endLines(differences: Differences): readonly string[] {
  const { added, removed, changed, about, unmappedMutations, unmappedBefore } = differences;
  const standing = unmappedBefore === 0 ? [] : [`${counted(unmappedBefore, "mutation")} had no rule before either.`];
  if (added.length + removed.length + changed.length + about.length === 0) return ["No differences.", ...standing];
  const unmapped = unmappedMutations.length === 0 ? "" : `; ${counted(unmappedMutations.length, "unmapped mutation")}`;
  const only = matters(differences) ? "" : " Only words differ: nothing that permissions depend on.";
  return [`${added.length} added, ${removed.length} removed, ${changed.length} changed${unmapped}.${only}`, ...standing];
}
