/**
 * `reeve catalogue table`: which product profiles and permissions open each operation of a product, from a running server.
 */
import { type TableQuery, tableQueryString } from "@reeve/contract";
import { tell } from "../answer.ts";
import { type ConnectionOptions, connect } from "../connection.ts";
import { EXIT, type Exit } from "../exit.ts";
import { type Shell, visible } from "../shell.ts";

export const FORMATS = { markdown: "text/markdown", json: "application/json", html: "text/html" } as const;
export type TableOptions = ConnectionOptions &
  Partial<TableQuery> & { readonly product: string; readonly org?: string; readonly format: keyof typeof FORMATS };

/** With an organization its own table, which needs a token; without, the catalogue that ships. */
export async function catalogueTable(shell: Shell, options: TableOptions): Promise<Exit> {
  const { product, org, format } = options;
  const client = connect(options, shell, org === undefined);
  if (!client.ok) return tell(shell, client.error);
  const accept = FORMATS[format];
  const answer = await client.value.ask(
    org === undefined
      ? { route: "publicTable", accept, query: tableQueryString(options, { product }) }
      : { route: "organizationTable", accept, query: tableQueryString(options), parameters: { org, product } },
  );
  if (!answer.ok) return tell(shell, answer.error);
  const text = answer.value.endsWith("\n") ? answer.value : `${answer.value}\n`;
  shell.stdout.write(shell.stdout.isTerminal ? visible(text) : text);
  return EXIT.yes;
}
