/** Lists that come as JSON in pages or as CSV whole, as the client accepts. Invariant: a client that accepts neither is told so. */
import { formOf } from "../accept.ts";
import { varied } from "../cors.ts";
import type { Exchange } from "../handlers.ts";
import { HttpProblem } from "../problem.ts";

const FORMS = ["application/json", "text/csv"] as const;

export function isCsvAsked({ request, reply }: Exchange): boolean {
  const form = formOf(request.headers.accept, FORMS);
  if (form === undefined) throw new HttpProblem("not_acceptable", { detail: `This answer comes as ${FORMS.join(", ")}.` });
  reply.header("vary", varied(reply.getHeader("vary"), "Accept"));
  return form === "text/csv";
}

/** Says that the answer is a CSV file of this name. */
export function asCsv({ reply }: Exchange, name: string): void {
  reply.headers({
    "content-type": "text/csv; charset=utf-8; header=present",
    "content-disposition": `attachment; filename="${name}.csv"`,
  });
}
