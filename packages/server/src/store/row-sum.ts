/**
 * Sums over rows: how a store knows that what it reads is what it wrote. A database file notices a damaged structure, not a damaged
 * value, and a flipped bit in a grant is another grant.
 *
 * Every row carries the CRC-32 of its columns, and the organization's head carries how many objects there are and the exclusive or of
 * their sums, its *tally*: a row that is lost, doubled or moved does not fit. Sums find accidents; against people there is the audit's chain.
 * Invariant: the texts that are summed up are stored in databases, so they never change.
 */
import { crc32 } from "node:zlib";
import type { Key, Kind } from "@reeve/core";
import type { FinalRow, StoredObject } from "./delta.ts";

/** How many objects an organization has, and the exclusive or of their sums. */
export type Tally = { readonly objects: number; readonly sum: number };
export const EMPTY_TALLY: Tally = { objects: 0, sum: 0 };

/** The sum of an object's row. No column holds NUL: keys are refused with it, bodies are JSON. */
export const objectSum = (org: string, { kind, key, stored }: { kind: Kind; key: Key; stored: StoredObject }): number =>
  crc32(`${org}\0${kind}\0${key[0] ?? ""}\0${key[1] ?? ""}\0${key[2] ?? ""}\0${stored.life}\0${stored.body}`) >>> 0;

/** The sum of a row of any other table: its columns in the order of the table. */
export const rowSum = (columns: readonly (string | number | Uint8Array | null)[]): number =>
  crc32(JSON.stringify(columns.map((column) => (column instanceof Uint8Array ? Buffer.from(column).toString("hex") : column)))) >>> 0;

export const withSum = (tally: Tally, sum: number): Tally => ({ objects: tally.objects + 1, sum: (tally.sum ^ sum) >>> 0 });

/** The tally after the rows of a write took the place of those before. */
export const tallyAfter = (tally: Tally, org: string, rows: readonly FinalRow[]): Tally => {
  let { objects, sum } = tally;
  for (const { kind, key, initially, now } of rows) {
    if (initially !== undefined) {
      objects -= 1;
      sum ^= objectSum(org, { kind, key, stored: initially });
    }
    if (now !== undefined) {
      objects += 1;
      sum ^= objectSum(org, { kind, key, stored: now });
    }
  }
  return { objects, sum: sum >>> 0 };
};
