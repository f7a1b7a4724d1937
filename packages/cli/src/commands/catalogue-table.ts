/**
 * `reeve catalogue table`: which product profiles and permissions open each operation of a product, from a running server.
 */
import { type PermissionTableJson, type TableQuery, tableQueryString } from "@reeve/contract";
import { tell } from "../answer.ts";
import type { Call, Client } from "../client.ts";
import { type ConnectionOptions, connect } from "../connection.ts";
import { didYouMean } from "../did-you-mean.ts";
import { toldTable } from "../entries.ts";
import { EXIT, type Exit, fail } from "../exit.ts";
import { type OutputOptions, print } from "../output.ts";
import { type Shell, visible, writeLines } from "../shell.ts";

export const FORMATS = { markdown: "text/markdown", json: "application/json", html: "text/html" } as const;
export type TableOptions = ConnectionOptions &
  OutputOptions &
  Partial<TableQuery> & { readonly product: string; readonly org?: string; readonly format: keyof typeof FORMATS };

/** With an organization its own table, which needs a token; without, the catalogue that ships. */
export async function catalogueTable(shell: Shell, options: TableOptions): Promise<Exit> {
  const { product, org, format, output } = options;
  const client = connect(options, shell, org === undefined);
  if (!client.ok) return tell(shell, client.error);
  const accept = output === undefined ? FORMATS[format] : FORMATS.json;
  const call: Call =
    org === undefined
      ? { route: "publicTable", accept, query: tableQueryString(options, { product }) }
      : { route: "organizationTable", accept, query: tableQueryString(options), parameters: { org, product } };
  const hints = await unknownNames(client.value, call, options);
  if (output !== undefined) return printForm(shell, { options, hints }, await client.value.askJson(call));
  const answer = await client.value.ask(call);
  if (!answer.ok) return tell(shell, answer.error);
  const text = answer.value.endsWith("\n") ? answer.value : `${answer.value}\n`;
  shell.stdout.write(shell.stdout.isTerminal ? visible(text) : text);
  writeLines(shell.stderr, hints);
  return EXIT.yes;
}

type Answer = Awaited<ReturnType<Client["askJson"]>>;

/** A profile or permission that nobody knows opens nothing, and the table alone would not say why. */
async function unknownNames(client: Client, call: Call, { profile, permission }: TableOptions): Promise<readonly string[]> {
  if (profile === undefined && permission === undefined) return [];
  const answer = await client.askJson({ ...call, accept: FORMATS.json });
  const { roles = [], permissions = [] } = answer.ok ? ((answer.value.value ?? {}) as Partial<PermissionTableJson>) : {};
  const hint = (noun: string, given: string | undefined, known: PermissionTableJson["roles"]): readonly string[] => {
    const names = known.flatMap(({ id, name, aliases }) => [id, name, ...aliases]);
    if (given === undefined || known.length === 0 || names.includes(given)) return [];
    return [`There is no ${noun} ${given}.${didYouMean(given, names)}`];
  };
  return [...hint("product profile", profile, roles), ...hint("permission", permission, permissions)];
}

function printForm(shell: Shell, { options, hints }: { options: TableOptions; hints: readonly string[] }, answer: Answer): Exit {
  if (!answer.ok) return tell(shell, answer.error);
  const { rows } = (answer.value.value ?? {}) as Partial<PermissionTableJson>;
  if (!Array.isArray(rows)) return tell(shell, fail(EXIT.cannotRun, "What answered there gave no table. Is it the right address?").error);
  const lines = (rows as PermissionTableJson["rows"]).map(({ id, method, path, rule, markers }) => [
    id,
    method,
    path,
    rule === undefined ? "" : [...rule.roles.map(entryWords), ...rule.anyRole.map(() => "any")].join(", "),
    rule === undefined ? "" : rule.permissions.map(entryWords).join(", "),
    markers.join(", "),
  ]);
  const table = { titles: ["ID", "METHOD", "PATH", "PROFILES", "PERMISSIONS", "MARKERS"], rows: lines };
  print(shell, options, { ...toldTable({ value: answer.value.value, table, notes: hints }), text: answer.value.text });
  return EXIT.yes;
}

const entryWords = ({ id, when }: { readonly id: string; readonly when?: string }): string => (when === undefined ? id : `${id} (${when})`);
