/**
 * The permission table as Markdown (GitHub's flavour): the same words and rows as the page, for a terminal or a repository.
 *
 * Invariant: text of a catalogue can neither leave its cell nor become markup.
 */
import type { PermissionTable, TableRow, TableRule } from "./model.ts";
import { EMPTY_QUERY, shownRows, type TableQuery } from "./query.ts";
import { anyWords, besidesOf, countWords, entryWords, leadWords, noPermissionWords, noProfileWords, sectionsOf } from "./words.ts";

/** The table as Markdown, with the rows that fit the query. Ends with a line feed. */
export function tableMarkdown(table: PermissionTable, query: TableQuery = EMPTY_QUERY): string {
  const rows = shownRows(table, query);
  const lines = [`# ${plain(table.title)}: operations and permissions`, "", plain(leadWords(table)), ""];
  for (const { heading, lead, points } of sectionsOf(table)) {
    lines.push(`## ${plain(heading)}`, "", plain(lead), "", ...points.map(({ term, text }) => `- **${plain(term)}.** ${plain(text)}`), "");
  }
  lines.push("## Operations", "", `${countWords(rows.length, table.rows.length)}.`, "");
  if (rows.length > 0) {
    lines.push("| Operation | Product profiles | Permission | Method | Path |", "| --- | --- | --- | --- | --- |");
    for (const row of rows) lines.push(`| ${cellsOf(row).join(" | ")} |`);
  }
  return `${lines.join("\n").trimEnd()}\n`;
}

function cellsOf(row: TableRow): readonly string[] {
  const { id, method, path, name, otherNames, markers, rule, note, published } = row;
  const isOwn = rule?.from === "own";
  const before = (words: string) => (isOwn ? [`Published: ${words}`] : []);
  const profiles = [profileWords(rule), ...before(profileWords(published)), ...(note === undefined ? [] : [`*${plain(note)}*`])];
  const permissions = [permissionWords(rule), ...before(permissionWords(published)), ...besidesOf(row).map(plain)];
  return [
    lines([
      `${code(name)} (${plain(id)})`,
      ...otherNames.map((other) => `also ${code(other)}`),
      ...markers.map((marker) => `**${marker}**`),
    ]),
    lines(profiles),
    lines(permissions),
    plain(method),
    code(path),
  ];
}

function profileWords(rule: TableRule | undefined): string {
  const none = noProfileWords(rule);
  if (rule === undefined || none !== undefined) return plain(none ?? "");
  return [...rule.roles.map(entryWords), ...rule.anyRole.map(anyWords)].map(plain).join(", ");
}

function permissionWords(rule: TableRule | undefined): string {
  const none = noPermissionWords(rule);
  if (rule === undefined || none !== undefined) return plain(none ?? "");
  return lines(rule.permissions.map(entryWords).map(plain));
}

const lines = (texts: readonly string[]): string => texts.join("<br>");

/** Text without markup, on one line. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]<>|~#]/g, "\\$&")
    .replace(/&(?=[#\w])/g, "&amp;");
}

/** A code span whose fence is longer than any in the text. A bar ends a cell even in code. */
function code(text: string): string {
  const line = text.replace(/\s+/g, " ").replace(/\|/g, "\\|");
  const fence = "`".repeat(1 + Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)));
  return line.includes("`") ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}
