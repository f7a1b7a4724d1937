/**
 * `reeve whoami`: what the token stands for, and what it allows at most.
 */
import type { Me } from "@reeve/contract";
import { tell } from "../answer.ts";
import { type ConnectionOptions, connect } from "../connection.ts";
import { EXIT, type Exit, fail } from "../exit.ts";
import { type OutputOptions, print } from "../output.ts";
import { type Shell, writeLines } from "../shell.ts";

export type WhoamiOptions = ConnectionOptions & OutputOptions;

export async function whoami(shell: Shell, options: WhoamiOptions): Promise<Exit> {
  const client = connect(options, shell);
  if (!client.ok) return tell(shell, client.error);
  const answer = await client.value.askJson({ route: "me" });
  if (!answer.ok) return tell(shell, answer.error);
  const me = answer.value.value as Me | null;
  if (typeof me?.administrator !== "boolean" || me.organizations === undefined) {
    return tell(shell, fail(EXIT.cannotRun, "What answered there did not say who you are. Is it the right address?").error);
  }
  print(shell, options, { ...answer.value, table: (output) => writeLines(output, meLines(me)) });
  return EXIT.yes;
}

function meLines({ administrator, principal, organizations, ceiling, how, clientId }: Me): string[] {
  const who = principal === null ? "nobody" : `${principal.type}:${principal.id} of ${principal.organization}`;
  return [
    administrator ? "The server's administrator" : who,
    `  organizations: ${organizations === "all" ? "all" : organizations.join(", ")}`,
    `  allows at most: ${ceiling}`,
    `  known by: ${how}${clientId === null ? "" : ` of ${clientId}`}`,
  ];
}
