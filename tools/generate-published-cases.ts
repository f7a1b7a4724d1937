/**
 * Makes `packages/core/src/cases/published-table.yaml` from `published-rows.json`: every row of the published permission
 * table asked for every built-in profile. The rows are a transcript of the table (method, path, profiles, note), and not of
 * the catalogue that ships: the cases would prove nothing if they were made from what they test.
 *
 * Run it after a change of the rows; the cases' test fails while the committed file is not what this makes.
 */
import { readFileSync, writeFileSync } from "node:fs";

type Row = {
  row: string;
  method: string;
  path: string;
  profiles: string[];
  /** The note under the profiles: this profile only while the attributes have these values. */
  note?: { profile: string; onlyWhen: Record<string, string> };
};
type Table = { profiles: Record<string, string>; rows: Row[] };

const VALUES: Readonly<Record<string, string>> = { programId: "4", environmentId: "3", pipelineId: "10", tenantId: "1" };
const OTHER_VALUE = "77";

const HEAD = `# Made by tools/generate-published-cases.ts from published-rows.json. Do not edit.
about: Every row of the published permission table, asked for each of the four built-in profiles.
organization:
  catalogue: cloud-manager
  records:
    - { kind: organization, value: { name: Cases, tenantIds: ["1"] } }
`;

/** Writes the cases of a table as the text of a case file. */
export function publishedCases(table: Table): string {
  const principals = Object.entries(table.profiles).flatMap(([id, name]) => [
    `    - { kind: principal, value: { id: holds-${id}, type: service-account, name: ${name}, active: true } }`,
    `    - { kind: assignment, value: { role: ${id}, principal: holds-${id} } }`,
  ]);
  const cases = table.rows.flatMap((row) => Object.entries(table.profiles).map(([id, name]) => publishedCase(row, id, name)));
  return `${HEAD}${principals.join("\n")}\nnow: 2026-01-15T12:00:00Z\nproduct: cloud-manager\ncases:\n${cases.join("\n")}\n`;
}

function publishedCase(row: Row, profile: string, name: string): string {
  const allow = row.profiles.includes(profile);
  const note = row.note?.profile === profile ? row.note : undefined;
  const target = row.path.replaceAll(/\{([^}]*)\}/g, (_, parameter: string) => VALUES[parameter] ?? OTHER_VALUE);
  const when =
    note === undefined
      ? ""
      : `, when ${Object.entries(note.onlyWhen)
          .map((entry) => entry.join(" is "))
          .join(" and ")}`;
  const attributes = note === undefined ? "" : `, attributes: ${attributesOf(note.onlyWhen)}`;
  return [
    `  - title: "${row.row}: ${name} ${allow ? "may" : "may not"} ${row.method} ${row.path}${when}"`,
    `    ask: { principal: service-account holds-${profile}, operation: ${row.method} ${target}${attributes} }`,
    `    expect: { decision: ${allow ? "allow, code: allowed_by_rule" : "deny, code: no_access"} }`,
  ].join("\n");
}

/** `{"step.status": "WAITING"}` as a nested YAML mapping. */
function attributesOf(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => name.split(".").reduceRight((inner, part) => `{ ${part}: ${inner} }`, value))
    .join(", ");
}

if (import.meta.main) {
  const cases = new URL("../packages/core/src/cases/", import.meta.url);
  const table = JSON.parse(readFileSync(new URL("published-rows.json", cases), "utf8")) as Table;
  writeFileSync(new URL("published-table.yaml", cases), publishedCases(table));
}
