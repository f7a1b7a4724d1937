/**
 * `reeve invitations list` and `reeve invitations withdraw`: invitations that were not accepted, without their links, and ending one.
 */
import type { InvitationAnswer } from "@reeve/contract";
import { type AskOptions, askPlace } from "../asked.ts";
import { done } from "../done.ts";
import { toldTable } from "../entries.ts";
import type { Exit } from "../exit.ts";
import { timeText } from "../history-words.ts";
import { allListed, cutNotes } from "../pages.ts";
import type { Shell } from "../shell.ts";

export function listInvitations(shell: Shell, options: AskOptions & { readonly limit?: number }): Promise<Exit> {
  return askPlace(shell, options, async ({ client, org }) => {
    const pages = await allListed<InvitationAnswer>(client, { route: "listInvitations", parameters: { org }, limit: options.limit });
    if (!pages.ok) return pages;
    const items = pages.value.entries;
    const rows = items.map(({ id, email, principal, created, expires }) => [id, email, principal, timeText(created), timeText(expires)]);
    const table = { titles: ["ID", "E-MAIL", "USER", "MADE", "EXPIRES"], rows };
    return { ok: true, value: toldTable({ value: { items }, table, notes: cutNotes(pages.value) }) };
  });
}

export function withdrawInvitation(shell: Shell, id: string, options: AskOptions): Promise<Exit> {
  return askPlace(shell, options, ({ client, org }) =>
    done(
      client,
      { route: "deleteInvitation", parameters: { org, id } },
      `Invitation ${id} is withdrawn: its link counts no more. The user stays.`,
    ),
  );
}
