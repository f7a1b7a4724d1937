/**
 * `reeve check`: may this subject do this? ALLOW ends with 0, DENY with 1.
 */
import { decisionOf, exitOf, printDecision, tell } from "../answer.ts";
import { type ConnectionOptions, connect, organizationOf } from "../connection.ts";
import type { Exit } from "../exit.ts";
import { type OutputOptions, print } from "../output.ts";
import { meantByDeny, withSuggestion } from "../probably-meant.ts";
import { type QuestionOptions, questionOf, type RequestLine } from "../question.ts";
import { type Shell, writeLines } from "../shell.ts";

export type CheckOptions = QuestionOptions & ConnectionOptions & OutputOptions & { readonly org?: string };

export function check(shell: Shell, options: CheckOptions, line: RequestLine): Promise<Exit> {
  return ask(shell, { options, line });
}

type Asking = {
  readonly options: CheckOptions;
  readonly line: RequestLine;
  /** Asks for the explanation too, and tells it of the whole answer. */
  readonly explain?: (answer: unknown) => void;
};

/** Asks the server for a decision, prints it or the answer as it came, and ends as it says. */
export async function ask(shell: Shell, { options, line, explain }: Asking): Promise<Exit> {
  const question = questionOf(options, line);
  if (!question.ok) return tell(shell, question.error);
  const org = organizationOf(options, shell);
  if (!org.ok) return tell(shell, org.error);
  const client = connect(options, shell);
  if (!client.ok) return tell(shell, client.error);
  const { route, body } = question.value;
  const answer = await client.value.askJson({ route: explain === undefined ? route : "explain", body, parameters: { org: org.value } });
  if (!answer.ok) return tell(shell, await withSuggestion(answer.error, { client: client.value, org: org.value }));
  const decision = decisionOf(answer.value.value);
  if (!decision.ok) return tell(shell, decision.error);
  print(shell, options, {
    ...answer.value,
    table: (output) => {
      printDecision(output, decision.value);
      explain?.(answer.value.value);
    },
  });
  const hint = await meantByDeny(decision.value, question.value, { client: client.value, org: org.value });
  if (hint !== undefined) writeLines(shell.stderr, [`  ${hint}`]);
  return exitOf(decision.value);
}
