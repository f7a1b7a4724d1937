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
  return valuesOf(url, { known, repeated: [] }).single;
}

/** What a query may name: once, or several times. */
type Names = { readonly known: readonly string[]; readonly repeated: readonly string[] };

/** The same with names that may come several times, each of them there with its values in order. */
export function valuesOf(url: string, { known, repeated }: Names) {
  const single: Record<string, string> = Object.create(null);
  const all: Record<string, string[]> = Object.fromEntries(repeated.map((name) => [name, []]));
  const names = [...known, ...repeated];
  const faults: Fault[] = [];
  for (const [name, value] of searchOf(url)) {
    const pointer = `?${name}`;
    if (repeated.includes(name)) all[name]?.push(value);
    else if (!known.includes(name)) {
      faults.push({ code: "unknown_member", pointer, detail: `The query takes ${names.join(", ")}.`, allowed: names });
    } else if (name in single) faults.push({ code: "duplicate", pointer, detail: "This is given once." });
    else single[name] = value;
  }
  if (faults.length > 0) throw faultyQuery(faults);
  return { single: single as Readonly<Record<string, string>>, all: all as Readonly<Record<string, readonly string[]>> };
}

export function faultyQuery(faults: readonly Fault[]): HttpProblem {
  return new HttpProblem("malformed_request", { errors: [...faults] as never });
}
