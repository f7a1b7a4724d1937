/** What every request about assets shares: who asks of which organization, and what it is answered where that is not done. */

import { AssetRefused, type Unanswered, type WriteRefused } from "../../app/index.ts";
import type { Exchange } from "../handlers.ts";
import { faultyBody, HttpProblem } from "../problem.ts";
import { faultyQuery, queryOf } from "../query.ts";
import { withinRecord } from "../validate.ts";
import { AT_LEAST, atLeastOf, REVISION_HEADER, unanswered } from "./at-least.ts";
import { askedBy, onceOf, reasonOf, refused } from "./writing.ts";

type Work = (exchange: Exchange) => Promise<unknown>;

/** What the engine refuses is a problem of the surface. */
export const refusing =
  (work: Work): Work =>
  async (exchange) => {
    try {
      return await work(exchange);
    } catch (error) {
      throw error instanceof AssetRefused ? problemOf(error) : error;
    }
  };

type Asking = { readonly caller: NonNullable<Exchange["caller"]>; readonly organization: string };

export function asking({ caller, request }: Exchange): Asking {
  if (caller === undefined) throw new HttpProblem("not_authenticated");
  return { caller, organization: (request.params as { readonly org: string }).org };
}
/** Of a write that says what it did, which is told once. */
export const writingEach = (exchange: Exchange) => ({ ...asking(exchange), ...askedBy(exchange), ...reasonOf(exchange) });
export const writing = (exchange: Exchange) => ({ ...writingEach(exchange), ...onceOf(exchange) });
export const atLeastIn = ({ request }: Exchange): string | undefined => atLeastOf(undefined, request.headers[AT_LEAST]);

export function needed(query: Readonly<Record<string, string>>): void {
  const lacking = Object.keys(query).filter((name) => query[name] === "");
  if (lacking.length > 0)
    throw faultyQuery(lacking.map((name) => ({ code: "required", pointer: `?${name}`, detail: `The query must say ${name}.` })));
}

export function pathIn({ request }: Exchange): string {
  const { path = "" } = queryOf(request.url, ["path"]);
  needed({ path });
  return path;
}

type Seen<T> = { readonly ok: true; readonly value: T; readonly revision: string } | { readonly ok: false; readonly error: Unanswered };

/** What was read, and the revision that it was read at. */
export function seen<T>({ reply }: Exchange, result: Seen<T>): T {
  if (!result.ok) throw unanswered(result.error);
  reply.header(REVISION_HEADER, result.revision);
  return result.value;
}

export function answered<T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WriteRefused }): T {
  if (result.ok) return result.value;
  const { error } = result;
  if (error.code !== "changes_refused") throw refused(error);
  throw refused({ ...error, faults: error.faults.map((fault) => ({ ...fault, pointer: withinRecord(fault.pointer) })) });
}

function problemOf({ code, detail, faults }: AssetRefused): HttpProblem {
  if (code !== "malformed_request") return new HttpProblem(code, { detail });
  return faults.some(({ pointer }) => pointer.startsWith("?")) ? faultyQuery(faults) : faultyBody(faults);
}
