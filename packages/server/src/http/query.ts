/** Queries of requests, as URLs say them. Invariant: what is not known, or is said twice, is refused. */

import type { Fault } from "@reeve/core";
import { HttpProblem } from "./problem.ts";

/** What stands behind the `?` of a URL. */
export function searchOf(url: string): URLSearchParams {
  const at = url.indexOf("?");
  return new URLSearchParams(at === -1 ? "" : url.slice(at + 1));
}

/** The query of a request: one value a name, all of them known. Throws for anything else. */
export function queryOf(url: string, known: readonly string[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = Object.create(null);
  const faults: Fault[] = [];
  for (const [name, value] of searchOf(url)) {
    const pointer = `?${name}`;
    if (!known.includes(name)) {
      faults.push({ code: "unknown_member", pointer, detail: `The query takes ${known.join(", ")}.`, allowed: [...known] });
    } else if (name in found) faults.push({ code: "duplicate", pointer, detail: "This is given once." });
    else found[name] = value;
  }
  if (faults.length > 0) throw faultyQuery(faults);
  return found;
}

export function faultyQuery(faults: readonly Fault[]): HttpProblem {
  return new HttpProblem("malformed_request", { errors: [...faults] as never });
}
