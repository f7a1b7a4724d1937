/**
 * Records compared: their keys, and whether two say the same.
 *
 * Invariant: two records that are the same have one key, and putting one over the other changes no answer.
 */
import { KEY_MEMBERS, type Key, type Kind, type Rec } from "./nouns.ts";

/** The values of the members that name a record among those of its kind, in the order of `KEY_MEMBERS`. */
export function keyOf(rec: Rec): Key {
  const members: readonly string[] = KEY_MEMBERS[rec.kind];
  const value = rec.value as Readonly<Record<string, unknown>>;
  return members.map((name) => value[name] as string);
}

/** A text that no two objects share, of whatever kinds: JSON quotes what a plain join would confuse. For maps and sets. */
export function objectName({ kind, key }: { readonly kind: Kind; readonly key: Key }): string {
  return JSON.stringify([kind, ...key]);
}

/** Who gave a grant and when: what a record tells and no decision reads. */
const TOLD_ONLY: Readonly<Partial<Record<Rec["kind"], readonly string[]>>> = { grant: ["givenBy", "givenAt"] };

/** Whether two records say the same: equal values, whatever the order of members, leaving out who gave and when. */
export function sameRecord(a: Rec, b: Rec): boolean {
  if (a === b) return true;
  return a.kind === b.kind && sameObject(a.value, b.value, TOLD_ONLY[a.kind] ?? []);
}

/** The members of two records of one kind that differ; one that is undefined is absent. */
export function differingMembers(a: Rec, b: Rec): readonly string[] {
  const names = new Set([...Object.keys(a.value), ...Object.keys(b.value)]);
  return [...names].filter((name) => !sameValue(member(a.value, name), member(b.value, name)));
}

function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  }
  return sameObject(a, b, []);
}

/** A member that is undefined is absent. */
function sameObject(a: object, b: object, leftOut: readonly string[]): boolean {
  const names = (object: object): string[] =>
    Object.keys(object).filter((name) => !leftOut.includes(name) && member(object, name) !== undefined);
  const ofA = names(a);
  return ofA.length === names(b).length && ofA.every((name) => Object.hasOwn(b, name) && sameValue(member(a, name), member(b, name)));
}

const member = (object: object, name: string): unknown => (object as Readonly<Record<string, unknown>>)[name];
