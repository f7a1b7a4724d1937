/**
 * `reeve orgs delete`: ends an organization with everything that it holds. Nothing brings it back but its export.
 *
 * Invariant: it goes as it was exported, or not at all; and only where its id was typed once more.
 */
import type { Result } from "@reeve/core";
import { tell } from "../answer.ts";
import { type AskOptions, askServer } from "../asked.ts";
import { EXIT, type Exit, type Failure, fail } from "../exit.ts";
import { withSuggestion } from "../probably-meant.ts";
import { type Shell, writeLines } from "../shell.ts";

export type OrgsDeleteOptions = Omit<AskOptions, "org"> & {
  readonly revision: string;
  readonly confirm?: string;
  readonly reason?: string;
};

export async function orgsDelete(shell: Shell, org: string, options: OrgsDeleteOptions): Promise<Exit> {
  const confirm = await confirmed(shell, org, options.confirm);
  if (!confirm.ok) return tell(shell, confirm.error);
  return askServer(shell, options, async (client) => {
    const { revision, reason } = options;
    const query = `?${new URLSearchParams({ confirm: confirm.value, revision })}`;
    const answer = await client.askJson({ route: "deleteOrganization", parameters: { org }, query, reason });
    if (!answer.ok) return { ok: false, error: await withSuggestion(answer.error, { client, org }) };
    return {
      ok: true,
      value: { ...answer.value, table: (output) => writeLines(output, [`${org} is deleted, with everything that it held.`]) },
    };
  });
}

async function confirmed(shell: Shell, org: string, given: string | undefined): Promise<Result<string, Failure>> {
  const answers = given === undefined ? shell.answers?.() : undefined;
  const typed =
    answers === undefined ? given : await answers.ask(`This deletes ${org} with everything that it holds. Type its id to go on: `);
  answers?.close();
  if (typed === org) return { ok: true, value: typed };
  if (typed === undefined) return fail(EXIT.usage, `Nothing was deleted: say --confirm ${org}, or answer at a terminal.`);
  return fail(EXIT.usage, `Nothing was deleted: ${JSON.stringify(typed)} is not ${JSON.stringify(org)}.`);
}
