/**
 * Whether a permission set is the one for an operation.
 *
 * Every word of the set's object is spoken of by the operation (path, tag or name), and every word of the operation's own nouns is among the
 * object, types of the product aside: so nothing special hides behind a general permission. The verb is covered.
 */
import { ORGANIZATION_TYPE, type PermissionSet } from "@reeve/core";
import { sameWords } from "./nouns.ts";
import { type Link, type OperationReading, readingsOf, type SetReading } from "./suggest-reading.ts";
import { covers, ORGANIZATION_NOUNS, PART_NOUNS } from "./verbs.ts";

export type Match = { readonly set: PermissionSet; readonly confidence: "high" | "medium" | "low"; readonly reason: string };
type Fit = { readonly set: PermissionSet; readonly reading: SetReading; readonly exact: boolean; readonly part: boolean };

export function directMatch(reading: OperationReading, sets: readonly PermissionSet[]): Match | undefined {
  const { verb } = reading;
  if (verb === undefined || reading.chain.length === 0) return undefined;
  const fits: Fit[] = [];
  for (const set of sets.filter((each) => isAbout(each, reading.chain))) {
    for (const each of readingsOf(set)) {
      if (!each.verbs.some((permitted) => covers(permitted, verb)) || !each.object.every((word) => reading.words.has(word))) continue;
      const whole = speaksOf(reading.chain, each.object);
      const part = !whole && each.verbs.includes("manage") && isPartOf(reading.chain, each.object, sets);
      if (whole || part) fits.push({ set, reading: each, exact: each.verbs.includes(verb), part });
    }
  }
  const best = bestOf(fits);
  if (best === undefined) return undefined;
  const object = best.reading.object.join(" ");
  const covered = best.exact ? `to ${verb} it` : `to ${best.reading.verbs.join(" or ")} it, which covers "${verb}"`;
  const about = best.part ? `a part of a "${object}"` : `"${object}"`;
  return {
    set: best.set,
    confidence: best.exact && !best.part ? "high" : "medium",
    reason: `Path, tag and name speak of ${about}, and the permission "${best.set.name}" is ${covered}.`,
  };
}

/** The set gives actions on the innermost resource that the path names, or on what its last noun names. */
function isAbout({ pairs }: PermissionSet, chain: readonly Link[]): boolean {
  const innermost = chain.findLast(({ type }) => type !== undefined)?.type ?? ORGANIZATION_TYPE;
  const head = chain.at(-1)?.words.join(" ") ?? "";
  return pairs.some(({ type }) => type === innermost || sameWords(type, head));
}

/** The last noun is the object's, and so is every noun before it that is no type. */
function speaksOf(chain: readonly Link[], object: readonly string[]): boolean {
  const head = chain.at(-1);
  if (head === undefined || !within(head.words, object)) return false;
  return chain.slice(0, -1).every((link) => isPlace(link) || within(link.words, object));
}

const within = (words: readonly string[], object: readonly string[]): boolean => words.every((word) => object.includes(word));
const isPlace = ({ type, words }: Link): boolean => type !== undefined || words.every((word) => ORGANIZATION_NOUNS.has(word));

/** Who manages a thing manages what it consists of, unless some permission speaks of that. */
function isPartOf(chain: readonly Link[], object: readonly string[], sets: readonly PermissionSet[]): boolean {
  const index = chain.findIndex((link) => link.parameter !== undefined && link.type === undefined && within(link.words, object));
  if (index < 0 || !chain.slice(0, index).every((link) => isPlace(link) || within(link.words, object))) return false;
  const parts = chain.slice(index + 1);
  const words = new Set(parts.flatMap((link) => link.words));
  return (
    parts.length === 1 &&
    !sets.some((set) => readingsOf(set).some((reading) => reading.object.some((word) => words.has(word) && !object.includes(word))))
  );
}

/** The most words, then the very verb; several sets that are equally good are none. */
function bestOf(fits: readonly Fit[]): Fit | undefined {
  const rank = ({ reading, exact, part }: Fit): number => (exact ? 1_000 : 0) + (part ? 0 : 500) + Math.min(reading.object.length, 99);
  const best = Math.max(...fits.map(rank));
  const top = fits.filter((fit) => rank(fit) === best);
  return new Set(top.map(({ set }) => set.id)).size === 1 ? top[0] : undefined;
}

const CHANGES = ["create", "edit", "delete", "enable", "disable"];

/** Settings, variables and configuration of a resource belong to it: who may edit it may change them. */
export function partMatch(reading: OperationReading, sets: readonly PermissionSet[]): Match | undefined {
  const head = reading.chain.at(-1);
  const owner = reading.chain.at(-2);
  if (head === undefined || head.type !== undefined || owner?.type === undefined || !CHANGES.includes(reading.verb ?? "")) return undefined;
  const named = head.words.some((word) => PART_NOUNS.has(word)) || [...reading.nameWords].some((word) => PART_NOUNS.has(word));
  if (!named || !reading.chain.slice(0, -2).every(isPlace)) return undefined;
  const editing = sets.filter(
    (set) =>
      set.pairs.some(({ type }) => type === owner.type) &&
      readingsOf(set).some(
        ({ object, verbs }) => verbs.includes("edit") && object.length === owner.words.length && within(object, owner.words),
      ),
  );
  const [set] = editing;
  if (set === undefined || editing.length > 1) return undefined;
  const reason = `It changes what belongs to one ${owner.words.join(" ")}, and no permission is for that alone: "${set.name}" is to edit it.`;
  return { set, confidence: "low", reason };
}
