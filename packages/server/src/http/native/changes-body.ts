/**
 * The list of changes that a body holds: core's parser reads each, with what the change rests on (`ifMatch`) beside it.
 *
 * Invariant: every fault of every change is told at once, each with its place.
 */
import { type Change, type Fault, type Key, type Kind, keyOf, parseChange } from "@reeve/core";
import { type Expected, readRevision } from "../../app/index.ts";
import { faultyBody } from "../problem.ts";

/** An expectation as it was written: the revision, with its epoch, that must have changed the object last; `null`: it must not be there. */
export type Wanted = { readonly kind: Kind; readonly key: Key; readonly revision: string | null; readonly pointer: string };

/** Reads `changes` of a body whose other faults are given. Throws with all of them. */
export function readChangeList(
  value: unknown,
  others: readonly Fault[],
): { readonly changes: readonly Change[]; readonly wanted: readonly Wanted[] } {
  const faults: Fault[] = [...others];
  if (!isListed(value) || faults.some(({ pointer }) => pointer === "/changes")) throw faultyBody(faults);
  const changes: Change[] = [];
  const wanted: Wanted[] = [];
  for (const [index, given] of value.changes.entries()) {
    const pointer = `/changes/${index}`;
    const [change, ifMatch] = apart(given);
    const parsed = parseChange(change, pointer);
    const isMatchable = ifMatch === undefined || ifMatch === null || (typeof ifMatch === "string" && readRevision(ifMatch) !== undefined);
    if (!isMatchable) {
      const detail = "This must be a revision that this server gave out, <epoch>.<number>; or null: the object must not be there.";
      faults.push({ code: "not_allowed", pointer: `${pointer}/ifMatch`, detail });
    }
    if (!parsed.ok) faults.push(...parsed.error);
    else {
      changes.push(parsed.value);
      if (ifMatch !== undefined && isMatchable)
        wanted.push({ ...named(parsed.value), revision: ifMatch as string | null, pointer: `${pointer}/ifMatch` });
    }
  }
  if (faults.length > 0) throw faultyBody(faults);
  return { changes, wanted };
}

/** What is wanted, as the store can hold it against what is there. Of another history: never met. */
export function expectedOf(wanted: readonly Wanted[], epoch: string): readonly Expected[] {
  return wanted.map(({ kind, key, revision }): Expected => {
    const at = revision === null ? undefined : readRevision(revision);
    return { kind, key, revision: at === undefined ? null : at.epoch === epoch ? at.revision : NEVER };
  });
}
/** No object was changed last by the revision before the first. */
const NEVER = 0;

function apart(given: unknown): readonly [change: unknown, ifMatch: unknown] {
  if (typeof given !== "object" || given === null || Array.isArray(given) || !Object.hasOwn(given, "ifMatch")) return [given, undefined];
  const { ifMatch, ...change } = given as { readonly ifMatch: unknown };
  return [change, ifMatch];
}

const named = (change: Change): { readonly kind: Kind; readonly key: Key } =>
  "put" in change ? { kind: change.put.kind, key: keyOf(change.put) } : change.delete;

function isListed(value: unknown): value is { readonly changes: readonly unknown[] } {
  return typeof value === "object" && value !== null && Array.isArray((value as { readonly changes?: unknown }).changes);
}
