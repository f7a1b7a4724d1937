/**
 * The plan of an import in lines: what is added, changed and orphaned, and what has no rule.
 *
 * Invariant: nothing is cut off; what is refused to everybody stands before what is merely worth knowing.
 */
import type { Operation } from "@reeve/core";
import type { UnmappedOperation } from "@reeve/openapi";
import { flowText } from "../files/yaml-text.ts";
import { type Output, paint, visible } from "../shell.ts";
import { findingLine, placeText } from "./finding-lines.ts";
import type { Plan } from "./import-job.ts";
import { counted, isMutation, operationName, ruleWords } from "./rule-words.ts";

type Told = { readonly file: string; readonly plan: Plan };

export function planLines(output: Output, { file, plan }: Told): readonly string[] {
  return [
    ...catalogueLines(plan),
    ...plan.added.map(({ operation }) => paint(output, "green", visible(`+ ${operationName(operation)}${addedWords(operation, plan)}`))),
    ...plan.changed.flatMap(({ before, after, members }) => [
      visible(`~ ${operationName(after)}`),
      ...members.map((member) => visible(`    ${memberLine(member, { before, after })}`)),
    ]),
    ...plan.orphaned.map((operation) =>
      paint(output, "red", visible(`- ${operationName(operation)}: not in the document; it stays, as an orphan, and is enforced`)),
    ),
    ...unmappedLines({ file, plan }).map(visible),
    ...section(
      "Worth knowing:",
      plan.notes.map((note) => findingLine(file, note)),
    ).map(visible),
  ];
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];

function catalogueLines({ catalogue }: Plan): readonly string[] {
  return catalogue.map(({ kind, id, added }) =>
    visible(`${added ? "+" : "~"} ${kind === "role" ? "built-in role" : kind.replace("-", " ")} ${id}`),
  );
}

/** Rules are not told where some of what they name is wrong: they would look narrower than they are meant. */
function addedWords({ alternatives, target }: Operation, { problems }: Plan): string {
  return problems.length > 0 ? "" : `: ${ruleWords(alternatives)}${target === "/" ? "" : `, on ${target}`}`;
}

type Versions = { readonly before: Operation; readonly after: Operation };

export function memberLine(member: string, { before, after }: Versions): string {
  if (member === "alternatives") return `rule: ${ruleWords(before.alternatives)} → ${ruleWords(after.alternatives)}`;
  if (member === "orphan") return "is in the document again";
  const [from, to] = [before, after].map((version) => (version as Readonly<Record<string, unknown>>)[member]);
  return `${member}: ${shown(from)} → ${shown(to)}`;
}

export const shown = (value: unknown): string => (value === undefined ? "(nothing)" : flowText(value));

function unmappedLines({ file, plan: { unmapped } }: Told): readonly string[] {
  const line = (one: UnmappedOperation): string => `${placeText(file, one.at)}: ${operationName(one)}`;
  const mutations = unmapped.filter(isMutation);
  const reads = unmapped.filter((one) => !isMutation(one) && !one.opensByDefault);
  const open = unmapped.filter(({ opensByDefault }) => opensByDefault);
  return [
    ...section("Without a rule, and changing something: refused to everybody until there is one:", mutations.map(line)),
    ...section("Without a rule, and only reading: refused to everybody until there is one:", reads.map(line)),
    ...section("Without a rule, and only reading: opened by the product's read default:", open.map(line)),
  ];
}

/** The counts, in one line. */
export function planCounts({ added, changed, unchanged, orphaned, unmapped }: Plan): string {
  const mutations = unmapped.filter(isMutation).length;
  const rules =
    unmapped.length === 0
      ? "all have a rule"
      : `${counted(mutations, "mutation")} and ${counted(unmapped.length - mutations, "read")} without a rule`;
  return `${added.length} added, ${changed.length} changed, ${unchanged} unchanged, ${orphaned.length} orphaned; ${rules}.`;
}
