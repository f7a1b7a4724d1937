/**
 * What the command line ends with, and how a failure is told.
 *
 * A *failure* is everything but an answer: its exit code and the lines that say what is wrong and what to do. A deny is an answer.
 * Invariant: only a decision that allows, or a command that did its work, ends with 0.
 */
import type { Problem } from "@reeve/contract";

export const EXIT = { yes: 0, no: 1, usage: 2, cannotRun: 3, notPermitted: 4, notFound: 5, serverFailed: 6 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** For the help of every command. */
export const EXIT_CODES = `Exit codes:
  0  yes: allowed, or done
  1  no: denied
  2  the command line, the configuration or the request is wrong
  3  cannot run, or nothing answers there
  4  no valid token, or it does not permit this
  5  no such organization, product or place
  6  the server failed or is busy`;

export type Failure = { readonly exit: Exit; readonly lines: readonly string[] };
type Failed = { readonly ok: false; readonly error: Failure };

export function fail(exit: Exit, ...lines: readonly string[]): Failed {
  return { ok: false, error: { exit, lines } };
}

/** A problem of the server in lines: its code, its detail, each fault with its place, and the request's id. */
export function failureOf(problem: Problem): Failure {
  const { title, code, detail, errors = [], requestId, status } = problem;
  const faults = errors.map(({ pointer, code: fault, detail: told, allowed }) => {
    const choice = allowed === undefined || allowed.length === 0 ? "" : ` Allowed: ${allowed.join(", ")}.`;
    return `  ${pointer === "" ? "the whole body" : pointer}: ${told}${choice} (${fault})`;
  });
  return {
    exit: exitOf(status),
    lines: [`${title} (${code})${detail === undefined ? "" : `: ${detail}`}`, ...faults, `  request ${requestId}`],
  };
}

function exitOf(status: number): Exit {
  if (status >= 500) return EXIT.serverFailed;
  if (status === 401 || status === 403) return EXIT.notPermitted;
  return status === 404 ? EXIT.notFound : EXIT.usage;
}
