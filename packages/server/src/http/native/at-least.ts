/**
 * The revision that a question asks for: `atLeast` in the body, else the header `Reeve-At-Least`.
 *
 * Invariant: what was asked for and is no revision of this organization is told as a fault of the place where it stood.
 */
import type { Unanswered } from "../../app/index.ts";
import { HttpProblem } from "../problem.ts";
import type { Exchange } from "../server.ts";

const HEADER = "reeve-at-least";
const DETAIL = "This must be a revision that this server gave out: <epoch>.<number>.";

export function atLeastOf(exchange: Exchange): string | undefined {
  const sent = inBody(exchange) ?? exchange.request.headers[HEADER];
  return typeof sent === "string" ? sent : undefined;
}

/** Why a question was not answered, as a problem. */
export function unanswered(exchange: Exchange, { code }: Unanswered): HttpProblem {
  if (code !== "malformed_revision") return new HttpProblem(code);
  if (inBody(exchange) === undefined) return new HttpProblem("malformed_header", { detail: `Reeve-At-Least: ${DETAIL}` });
  return new HttpProblem("malformed_request", { errors: [{ code: "not_allowed", pointer: "/atLeast", detail: DETAIL }] });
}

function inBody({ request }: Exchange): unknown {
  return (request.body as { readonly atLeast?: unknown } | null | undefined)?.atLeast;
}
