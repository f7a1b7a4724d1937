/**
 * `reeve invite EMAIL`: makes a user of the organization where need be, and a link by which whoever holds the address gets in.
 *
 * Invariant: the link is in what this prints and nowhere else: it alone on stdout, everything else on stderr.
 */

import type { InvitationMade, InvitationRequest } from "@reeve/contract";
import { present } from "@reeve/core";
import { type AskOptions, askPlace } from "../asked.ts";
import { EXIT, type Exit, fail } from "../exit.ts";
import { timeText } from "../history-words.ts";
import { type Shell, writeLines } from "../shell.ts";

export type InviteOptions = AskOptions &
  Omit<InvitationRequest, "email" | "groups"> & { readonly group?: readonly string[]; readonly reason?: string };
const NO_LINK = "The address is a user here already, or invited to be one: no link was made.";

export function invite(shell: Shell, email: string, options: InviteOptions): Promise<Exit> {
  return askPlace(shell, options, async ({ client, org }) => {
    const { id, name, group: groups, productAdministrator, developerAccess, reason } = options;
    const body = { email, ...present({ id, name, groups, productAdministrator, developerAccess }) };
    const answer = await client.askJson({ route: "createInvitation", parameters: { org }, body, reason });
    if (!answer.ok) return answer;
    const made = answer.value.value as InvitationMade | null;
    if (typeof made?.principal !== "string") {
      return fail(EXIT.cannotRun, "What answered there did not say whom it invited. Is it the right address?");
    }
    const { link } = made;
    const notes = [`${made.email} is invited to ${org}, as user ${made.principal}.`, linkNote(made)];
    return { ok: true, value: { ...answer.value, notes, table: (output) => writeLines(output, link === undefined ? [] : [link]) } };
  });
}

function linkNote({ id, link, expires }: InvitationMade): string {
  if (id === undefined) return NO_LINK;
  const how = link === undefined ? "The link was sent by mail." : "The link is shown this once: hand it to whoever holds the address.";
  return `${how} It counts once, until ${timeText(expires)} (invitation ${id}).`;
}
