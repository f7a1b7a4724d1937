/**
 * `reeve revert`: takes a change set back by a new one; refused, with what stands in the way, where later changes do.
 */

import type { ChangesAnswer } from "@reeve/contract";
import { type AskOptions, askPlace } from "../asked.ts";
import { counted } from "../catalogue/rule-words.ts";
import { EXIT, type Exit, fail } from "../exit.ts";
import { warningLines } from "../files/told.ts";
import { type Shell, writeLines } from "../shell.ts";

export type RevertOptions = AskOptions & { readonly reason?: string };

export function revert(shell: Shell, id: string, options: RevertOptions): Promise<Exit> {
  return askPlace(shell, options, async ({ client, org }) => {
    const body = options.reason === undefined ? {} : { reason: options.reason };
    const answer = await client.askJson({ route: "revertChangeSet", parameters: { org, id }, body });
    if (!answer.ok) return answer;
    const { text, value } = answer.value;
    const made = value as ChangesAnswer | null;
    if (typeof made?.revision !== "string")
      return fail(EXIT.cannotRun, "What answered there did not say what it did. Is it the right address?");
    const lines =
      made.changeSet === null
        ? ["There was nothing to take back: everything is as it was before that change set."]
        : [`Taken back: ${counted(made.applied, "change")}, as change set ${made.changeSet}.`];
    return {
      ok: true,
      value: { value, text, table: (output) => writeLines(output, [...lines, `  revision ${made.revision}`]), notes: warningLines(made) },
    };
  });
}
