/**
 * `reeve token list` and `reeve token revoke`: the tokens that are valid, without their secrets, and ending one.
 */
import type { RouteId, TokenAnswer } from "@reeve/contract";
import { present, type Result } from "@reeve/core";
import { tell } from "../answer.ts";
import { type AskOptions, askPlace, askServer } from "../asked.ts";
import type { Client } from "../client.ts";
import { connect, organizationOf } from "../connection.ts";
import { toldTable } from "../entries.ts";
import { EXIT, type Exit, type Failure } from "../exit.ts";
import { timeText } from "../history-words.ts";
import type { Told } from "../output.ts";
import { allListed, cutNotes } from "../pages.ts";
import { type Shell, writeLines } from "../shell.ts";

export type TokenListOptions = AskOptions & { readonly administrator?: true; readonly principal?: string; readonly limit?: number };
export type TokenRevokeOptions = AskOptions & { readonly administrator?: true };

export function tokenList(shell: Shell, options: TokenListOptions): Promise<Exit> {
  const { limit, principal } = options;
  if (options.administrator === true) {
    return askServer(shell, options, (client) => listTokens(client, { route: "listAdministratorTokens", parameters: {}, limit }));
  }
  return askPlace(shell, options, ({ client, org }) =>
    listTokens(client, { route: "listTokens", parameters: { org }, limit, ...present({ principal }) }),
  );
}

type Query = {
  readonly route: RouteId;
  readonly parameters: Readonly<Record<string, string>>;
  readonly limit: number | undefined;
  readonly principal?: string;
};

async function listTokens(client: Client, { route, parameters, limit, principal }: Query): Promise<Result<Told, Failure>> {
  const pages = await allListed<TokenAnswer>(client, { route, parameters, limit, filter: present({ principal }) });
  if (!pages.ok) return pages;
  const items = pages.value.entries;
  const rows = items.map(({ id, principal: of, name, ceiling, expires, lastUsed }) => [
    id,
    of,
    ceiling,
    name,
    timeText(expires),
    timeText(lastUsed),
  ]);
  const titles = ["ID", "PRINCIPAL", "AT MOST", "NAME", "EXPIRES", "LAST USED"];
  return { ok: true, value: toldTable({ value: { items }, table: { titles, rows }, notes: cutNotes(pages.value) }) };
}

export async function tokenRevoke(shell: Shell, id: string, options: TokenRevokeOptions): Promise<Exit> {
  const org = options.administrator === true ? undefined : organizationOf(options, shell);
  if (org?.ok === false) return tell(shell, org.error);
  const client = connect(options, shell);
  if (!client.ok) return tell(shell, client.error);
  const answer = await client.value.ask(
    org === undefined
      ? { route: "deleteAdministratorToken", parameters: { id } }
      : { route: "deleteToken", parameters: { org: org.value, id } },
  );
  if (!answer.ok) return tell(shell, answer.error);
  writeLines(shell.stdout, [`Token ${id} is ended: it lets nobody in any more.`]);
  return EXIT.yes;
}
