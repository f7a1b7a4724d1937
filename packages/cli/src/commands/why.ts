/**
 * `reeve why`: the decision, every source that was tried, what it needed and what was found. Ends as `reeve check` does.
 */
import type { Explanation } from "@reeve/core";
import { decisionOf, exitOf, printDecision, tell } from "../answer.ts";
import { connect, organizationOf } from "../connection.ts";
import type { Exit } from "../exit.ts";
import { questionOf, type RequestLine } from "../question.ts";
import { paint, type Shell, writeLines } from "../shell.ts";
import { ruleLine, triedLines } from "../words.ts";
import type { CheckOptions } from "./check.ts";

type Told = Partial<Omit<Explanation, "decision">>;

export async function why(shell: Shell, options: CheckOptions, line: RequestLine): Promise<Exit> {
  const question = questionOf(options, line);
  if (!question.ok) return tell(shell, question.error);
  const org = organizationOf(options, shell);
  if (!org.ok) return tell(shell, org.error);
  const client = connect(options, shell);
  if (!client.ok) return tell(shell, client.error);
  const answer = await client.value.askJson({ route: "explain", body: question.value.body, parameters: { org: org.value } });
  if (!answer.ok) return tell(shell, answer.error);
  const decision = decisionOf(answer.value.value);
  if (!decision.ok) return tell(shell, decision.error);
  if (options.json === true) shell.stdout.write(`${answer.value.text}\n`);
  else {
    printDecision(shell.stdout, decision.value);
    printExplanation(shell, (answer.value.value as { readonly explanation?: Told }).explanation ?? {});
  }
  return exitOf(decision.value);
}

function printExplanation(shell: Shell, { resource, subject, tried = [], rules = [] }: Told): void {
  const part = (heading: string, lines: readonly string[]): void => {
    if (lines.length === 0) return;
    shell.stdout.write(`${paint(shell.stdout, "bold", heading)}\n`);
    writeLines(
      shell.stdout,
      lines.map((line) => `  ${line}`),
    );
  };
  const named = (ids: readonly string[]): string => (ids.length === 0 ? "none" : ids.join(", "));
  part("Resource", resource === undefined ? [] : [resource]);
  part(
    "Subject",
    subject === undefined
      ? []
      : [
          `groups: ${named(subject.groups)}`,
          `roles: ${named(subject.roles)}`,
          ...(subject.isAdmin ? ["an administrator of the organization"] : []),
        ],
  );
  part("Sources", tried.flatMap(triedLines));
  part("Rules of policies", rules.map(ruleLine));
}
