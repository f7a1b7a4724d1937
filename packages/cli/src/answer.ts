/**
 * Answers: a decision as it came over the wire, checked for its form, and printed.
 *
 * Invariant: what is no decision is never printed as one, and only `decision: true` ends with 0.
 */
import type { DecisionAnswer } from "@reeve/contract";
import type { Result } from "@reeve/core";
import { EXIT, type Exit, type Failure, fail } from "./exit.ts";
import { type Output, paint, type Shell, visible, writeLines } from "./shell.ts";
import { reasonLines } from "./words.ts";

/** A decision, or the failure that what came is none. */
export function decisionOf(value: unknown): Result<DecisionAnswer, Failure> {
  const answer = value as Partial<DecisionAnswer> | null;
  const reasons = answer?.context?.reasons;
  if (typeof answer?.decision === "boolean" && Array.isArray(reasons) && typeof answer.context?.revision === "string") {
    return { ok: true, value: answer as DecisionAnswer };
  }
  return fail(EXIT.cannotRun, "What answered there gave no decision. Is it the right address? (--url or REEVE_URL)");
}

export const exitOf = ({ decision }: DecisionAnswer): Exit => (decision ? EXIT.yes : EXIT.no);

/** The verdict, its reason in words, what speaks for it or is missing, and the revision. */
export function printDecision(output: Output, { decision, context }: DecisionAnswer): void {
  const verdict = decision ? paint(output, "green", "ALLOW") : paint(output, "red", "DENY");
  for (const [index, reason] of context.reasons.entries()) {
    output.write(`${index === 0 ? verdict : "also"}  ${visible(reason.message)} (${visible(reason.code)})\n`);
    writeLines(
      output,
      reasonLines(reason).map((line) => `  ${line}`),
    );
  }
  if (context.reasons.length === 0) output.write(`${verdict}\n`);
  const { filter } = context;
  if (filter !== undefined) writeLines(output, [`  the answer must be filtered: only ${filter.type} with ${filter.action}`]);
  writeLines(output, [`  revision ${context.revision}`]);
}

/** Tells a failure on stderr and gives its exit code. */
export function tell(shell: Shell, { exit, lines }: Failure): Exit {
  const [first = "", ...more] = lines;
  shell.stderr.write(`${paint(shell.stderr, "red", visible(first))}\n`);
  writeLines(shell.stderr, more);
  return exit;
}
