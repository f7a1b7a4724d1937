/**
 * Readers of the values that the extensions are made of. Each tells its faults and answers `undefined` when it has told one.
 *
 * Invariant: a name that was read is well-formed text of 1 to 256 characters.
 */

import type { NamedAt } from "./described.ts";
import type { Findings } from "./findings.ts";
import { DOCUMENT_LIMITS } from "./limits.ts";
import { isObject, type RawObject, under } from "./pointers.ts";
import { nearest } from "./words-near.ts";

/** A value and where it stands. */
export type Given = { readonly value: unknown; readonly pointer: string };
export const memberGiven = ({ value, pointer }: Given, name: string): Given => ({
  value: isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined,
  pointer: under(pointer, name),
});

/** An object with none but these members; members `x-…` are anybody's. */
export function objectOf(given: Given, members: readonly string[], findings: Findings): RawObject | undefined {
  if (!isObject(given.value)) return wrongType(given, "an object", findings);
  for (const name of Object.keys(given.value)) {
    if (members.includes(name) || name.startsWith("x-")) continue;
    const near = nearest(name, members);
    const detail = `"${name.slice(0, 128)}" is not known here.${near === undefined ? "" : ` Did you mean "${near}"?`}`;
    findings.fault("unknown_member", under(given.pointer, name), { detail, allowed: members });
  }
  return given.value;
}

export function wrongType({ pointer }: Given, what: string, findings: Findings): undefined {
  findings.fault("wrong_type", pointer, { detail: `This must be ${what}.` });
  return undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

export function textOf(given: Given, findings: Findings): string | undefined {
  const { value, pointer } = given;
  if (typeof value !== "string") return wrongType(given, "a string", findings);
  if (value === "" || value.length > 256 || CONTROL.test(value) || !value.isWellFormed()) {
    findings.fault("malformed", pointer, { detail: "A name has 1 to 256 characters and no control characters." });
    return undefined;
  }
  return value;
}

export function nameOf(given: Given, findings: Findings): NamedAt | undefined {
  const name = textOf(given, findings);
  return name === undefined ? undefined : { name, at: findings.place(given.pointer) };
}

/** Items of a list of at most 64. */
export function itemsOf(given: Given, findings: Findings): readonly Given[] | undefined {
  const { value, pointer } = given;
  if (!Array.isArray(value)) return wrongType(given, "a list", findings);
  if (value.length > DOCUMENT_LIMITS.namesMax) {
    findings.fault("too_many", pointer, { detail: `At most ${DOCUMENT_LIMITS.namesMax} may stand here.` });
    return undefined;
  }
  return value.map((item, index) => ({ value: item, pointer: under(pointer, index) }));
}

/** Different names in a list; an empty one is a fault where `min` is 1. */
export function namesOf(given: Given, min: 0 | 1, findings: Findings): readonly NamedAt[] | undefined {
  const items = itemsOf(given, findings);
  if (items === undefined) return undefined;
  if (items.length < min) {
    findings.fault("out_of_range", given.pointer, { detail: "At least one name must stand here." });
    return undefined;
  }
  const seen = new Set<string>();
  const names: NamedAt[] = [];
  for (const item of items) {
    const read = nameOf(item, findings);
    if (read === undefined) continue;
    if (seen.has(read.name)) findings.fault("duplicate", item.pointer, { detail: `"${read.name}" stands in the list already.` });
    else names.push(read);
    seen.add(read.name);
  }
  return names;
}

/** The members of an object of at most 64, each a value with its name. */
export function entriesOf(given: Given, findings: Findings): readonly (Given & { readonly name: string })[] {
  if (!isObject(given.value)) {
    wrongType(given, "an object", findings);
    return [];
  }
  const entries = Object.entries(given.value);
  if (entries.length > DOCUMENT_LIMITS.namesMax) {
    findings.fault("too_many", given.pointer, { detail: `At most ${DOCUMENT_LIMITS.namesMax} may stand here.` });
    return [];
  }
  return entries.map(([name, value]) => ({ name, value, pointer: under(given.pointer, name) }));
}

export function trueOf(given: Given, findings: Findings): true | undefined {
  if (given.value === true) return true;
  findings.fault("not_allowed", given.pointer, { detail: "This is true, or it is left out.", allowed: ["true"] });
  return undefined;
}

const NAME = /^[A-Za-z0-9._@:-]{1,128}$/;

/** A word of the model: an id, the name of a type, a parameter. */
export function idOf(given: Given, findings: Findings): string | undefined {
  const text = textOf(given, findings);
  if (text === undefined) return undefined;
  if (NAME.test(text) && !RESERVED.has(text)) return text;
  findings.fault("malformed", given.pointer, { detail: "An id is 1 to 128 of A-Z a-z 0-9 . _ @ : - and no reserved word." });
  return undefined;
}

const RESERVED = new Set(["__proto__", "constructor", "prototype"]);
export const isPlainId = (text: string): boolean => NAME.test(text) && !RESERVED.has(text);
