/**
 * What the command line ends with, and how a failure is told.
 *
 * A *failure* is everything but an answer: its exit code and the lines that say what is wrong and what to do. A deny is an answer.
 * Invariant: only a decision that allows, or a command that did its work, ends with 0.
 */
import type { Problem } from "@reeve/contract";
import { didYouMean } from "./did-you-mean.ts";

export const EXIT = { yes: 0, no: 1, usage: 2, cannotRun: 3, notPermitted: 4, notFound: 5, serverFailed: 6, unmapped: 7 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** For the help of every command. */
export const EXIT_CODES = `Exit codes:
  0  yes: allowed, or done
  1  no: denied
  2  the command line, the configuration or the request is wrong
  3  cannot run, or nothing answers there
  4  no valid token, or it does not permit this
  5  no such organization, product or place
  6  the server failed or is busy
  7  catalogue diff: what changes something would have no rule`;

/** `problem`: what the server answered, where it did. */
export type Failure = { readonly exit: Exit; readonly lines: readonly string[]; readonly problem?: Problem };
type Failed = { readonly ok: false; readonly error: Failure };

export function fail(exit: Exit, ...lines: readonly string[]): Failed {
  return { ok: false, error: { exit, lines } };
}

/** A problem of the server in lines: its code, its detail, each fault with its place, what to do, and the request's id. */
export function failureOf(problem: Problem, body?: unknown): Failure {
  const { title, code, detail, errors = [], requestId, status } = problem;
  const faults = errors.map(({ pointer, code: fault, detail: told, allowed = [] }) => {
    const choice = allowed.length === 0 ? "" : `${meantAt(body, pointer, allowed)} Allowed: ${listed(allowed)}.`;
    return `  ${pointer === "" ? "the whole body" : pointer}: ${told}${choice} (${fault})`;
  });
  const remedy = REMEDIES[code];
  return {
    exit: exitOfStatus(status),
    lines: [
      `${title} (${code})${detail === undefined ? "" : `: ${detail}`}`,
      ...faults,
      ...(remedy === undefined ? [] : [`  ${remedy}`]),
      `  request ${requestId}`,
    ],
  };
}

/** By code of a problem, where the next step is not plain. */
const REMEDIES: Readonly<Record<string, string>> = {
  revision_conflict: "Somebody wrote in between: look at what is there now, and do it again.",
  object_changed: "Somebody changed the object in between: read it again, and do it again.",
  object_exists: "Choose another id, or change the one that is there.",
  revert_conflict: "Take those later change sets back first, newest first (reeve changes), or change the objects named above by hand.",
  preview_outdated: "Somebody wrote in between: ask again.",
  revision_of_another_history: "The data was restored since: leave --at-least out.",
  store_busy: "Try again in a moment.",
  too_many_imports: "Try again when they are read.",
  write_uncertain: "Look at what is there (reeve changes) before doing it again.",
};

const LISTED_MAX = 25;

function listed(allowed: readonly string[]): string {
  const more = allowed.length - LISTED_MAX;
  return allowed.slice(0, LISTED_MAX).join(", ") + (more > 0 ? `, and ${more} more` : "");
}

/** Of what is allowed, what was probably meant by what stands at that place of the body. */
function meantAt(body: unknown, pointer: string, allowed: readonly string[]): string {
  const parts = pointer.split("/").slice(1);
  let value = body;
  for (const part of parts) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  }
  return typeof value === "string" ? didYouMean(value, allowed) : "";
}

export function exitOfStatus(status: number): Exit {
  if (status >= 500) return EXIT.serverFailed;
  if (status === 401 || status === 403) return EXIT.notPermitted;
  return status === 404 ? EXIT.notFound : EXIT.usage;
}
