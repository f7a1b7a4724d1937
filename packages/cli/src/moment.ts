/**
 * Moments on the command line: a time, or how long from now.
 *
 * Invariant: a time without a zone is none, for it would be anybody's.
 */
import type { Result } from "@reeve/core";
import { EXIT, type Failure, fail } from "./exit.ts";

export const EXPIRES = [
  "--expires <when>",
  "from then on it is none: 2027-01-31T12:00:00Z, or 12h or 90d from now (default: never)",
] as const;
const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What `--expires` says, in epoch milliseconds; undefined where it was not given. */
export function expiresOf(text: string | undefined, nowMs: number): Result<number | undefined, Failure> {
  const value = text === undefined ? undefined : momentOf(text, nowMs);
  if (text === undefined || value !== undefined) return { ok: true, value };
  return fail(EXIT.usage, `--expires ${text} is not allowed: allowed is a time such as 2027-01-31T12:00:00Z, or 12h or 90d.`);
}

/** A date without a time is its beginning in UTC. */
function momentOf(text: string, nowMs: number): number | undefined {
  const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs + Number(count) * (UNITS_MS[unit] as number);
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
