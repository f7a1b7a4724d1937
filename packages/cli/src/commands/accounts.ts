/**
 * `reeve accounts`: addresses with their passwords, which stand above organizations; for the server's administrator.
 *
 * Invariant: a link by which somebody chooses a password is alone on stdout, once.
 */

import type { AccountListed, PasswordResetMade } from "@reeve/contract";
import { present } from "@reeve/core";
import { type AskOptions, askServer } from "../asked.ts";
import { done } from "../done.ts";
import { toldTable } from "../entries.ts";
import { EXIT, type Exit, fail } from "../exit.ts";
import { timeText } from "../history-words.ts";
import { allListed, cutNotes } from "../pages.ts";
import { type Shell, writeLines } from "../shell.ts";

type Options = Omit<AskOptions, "org">;
export type AccountsOptions = Options & { readonly email?: string; readonly limit?: number };

export function listAccounts(shell: Shell, { email, limit, ...options }: AccountsOptions): Promise<Exit> {
  return askServer(shell, options, async (client) => {
    const pages = await allListed<AccountListed>(client, { route: "listAccounts", filter: present({ email }), limit });
    if (!pages.ok) return pages;
    const items = pages.value.entries;
    const rows = items.map(({ id, email: of, issuer, created, secondFactor, organizations }) => [
      id,
      of ?? `(by ${issuer})`,
      timeText(created),
      secondFactor ? "yes" : "no",
      organizations.map(({ id: org, principal }) => `${principal} of ${org}`).join(", "),
    ]);
    const titles = ["ID", "E-MAIL", "MADE", "SECOND FACTOR", "USERS"];
    return { ok: true, value: toldTable({ value: { items }, table: { titles, rows }, notes: cutNotes(pages.value) }) };
  });
}

export function endAccount(shell: Shell, id: string, options: Options): Promise<Exit> {
  return askServer(shell, options, (client) =>
    done(client, { route: "deleteAccount", parameters: { id } }, `Account ${id} is ended, with its sessions. Its users stay.`),
  );
}

export function resetPassword(shell: Shell, email: string, options: Options): Promise<Exit> {
  return askServer(shell, options, async (client) => {
    const answer = await client.askJson({ route: "createPasswordReset", body: { email } });
    if (!answer.ok) return answer;
    const made = answer.value.value as PasswordResetMade | null;
    if (typeof made?.link !== "string") return fail(EXIT.cannotRun, "What answered there made no link. Is it the right address?");
    const { link, expires } = made;
    const notes = [`The link is shown this once: hand it to whoever holds the address. It counts once, until ${timeText(expires)}.`];
    return { ok: true, value: { ...answer.value, notes, table: (output) => writeLines(output, [link]) } };
  });
}
