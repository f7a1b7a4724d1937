/**
 * `reeve why`: the decision, every source that was tried, what it needed and what was found. Ends as `reeve check` does.
 */
import type { Explanation } from "@reeve/core";
import type { Exit } from "../exit.ts";
import type { RequestLine } from "../question.ts";
import { paint, type Shell, writeLines } from "../shell.ts";
import { ruleLine, triedLines } from "../words.ts";
import { ask, type CheckOptions } from "./check.ts";

type Told = Partial<Omit<Explanation, "decision">>;

export function why(shell: Shell, options: CheckOptions, line: RequestLine): Promise<Exit> {
  const explain = (answer: unknown): void => printExplanation(shell, (answer as { readonly explanation?: Told }).explanation ?? {});
  return ask(shell, { options, line, explain });
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
