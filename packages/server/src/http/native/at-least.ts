/**
 * The revision that a question asks for: `atLeast` in the body, else the header `Reeve-At-Least`.
 *
 * Invariant: what was asked for is answered at that revision or a later one, or not at all.
 */
import type { Unanswered } from "../../app/index.ts";
import { HttpProblem } from "../problem.ts";
import type { Exchange } from "../server.ts";

const HEADER = "reeve-at-least";

export function atLeastOf(exchange: Exchange): string | undefined {
  const inBody = (exchange.request.body as { readonly atLeast?: unknown } | null | undefined)?.atLeast;
  const sent = inBody ?? exchange.request.headers[HEADER];
  return typeof sent === "string" ? sent : undefined;
}

/** Why a question was not answered, as a problem. A revision in a body was looked at with the body: a malformed one stood in the header. */
export function unanswered({ code }: Unanswered): HttpProblem {
  if (code !== "malformed_revision") return new HttpProblem(code);
  return new HttpProblem("malformed_header", { detail: "Reeve-At-Least must be a revision that this server gave out: <epoch>.<number>." });
}
