/**
 * The revision that a question asks for: `atLeast` in the body, else the header `Reeve-At-Least`.
 *
 * Invariant: what was asked for is answered at that revision or a later one, or not at all.
 */
import type { Unanswered } from "../../app/index.ts";
import { HttpProblem } from "../problem.ts";

export const AT_LEAST = "reeve-at-least";
/** The revision that an answer was taken at, or that a write made. */
export const REVISION_HEADER = "reeve-revision";

/** `header`: what was sent under `AT_LEAST`. */
export function atLeastOf(body: unknown, header: unknown): string | undefined {
  const inBody = (body as { readonly atLeast?: unknown } | null | undefined)?.atLeast;
  const sent = inBody ?? header;
  return typeof sent === "string" ? sent : undefined;
}

/** Why a question was not answered, as a problem. A revision in a body was looked at with the body: a malformed one stood in the header. */
export function unanswered({ code }: Unanswered): HttpProblem {
  if (code !== "malformed_revision") return new HttpProblem(code);
  return new HttpProblem("malformed_header", { detail: "Reeve-At-Least must be a revision that this server gave out: <epoch>.<number>." });
}
