/**
 * The words that records are made of, as readers: ids, names, labels, paths, times.
 *
 * An *id* is a plain one (`A-Z a-z 0-9 . _ @ : -`); a *resource id* is any well-formed Unicode. A *window* is the time in which a
 * record counts. Lengths are in characters (code points).
 * Invariant: nothing is normalised; what was read is what was written.
 */
import { LIMITS } from "./limits.ts";
import { MEMBERS, SYSTEM_GROUPS, type Validity } from "./nouns.ts";
import { isId, isTypeName, parsePath } from "./path.ts";
import {
  below,
  type Check,
  isLongerThan,
  isPrototypeName,
  type Member,
  optional,
  type Reader,
  readString,
  refine,
  refuse,
  textReader,
} from "./reader.ts";

const ID = /^[A-Za-z0-9._@:-]{1,128}$/;

/** An id of anything but a resource. */
export const readId: Reader<string> = refine(readString, (text, at) => {
  if (isPrototypeName(text)) refuse(at, "reserved");
  else if (text === "") refuse(at, "empty");
  else if (!ID.test(text)) refuse(at, text.length > LIMITS.idCharactersMax ? "too_long" : "malformed_id");
  else return true;
  return false;
});

/** An id that is none of these reserved ones. */
export function idExcept(reserved: readonly string[], detail: string): Reader<string> {
  return refine(readId, (text, at) => {
    if (!reserved.includes(text)) return true;
    refuse(at, "reserved", { detail });
    return false;
  });
}

/** The id of a principal that has a record: system groups have none. */
export const readPrincipalRecordId = idExcept(SYSTEM_GROUPS, "This is a system group: it always exists and has no record.");
/** A group that memberships name. */
export const readGroupId = idExcept([MEMBERS], "Every active user and service account is a member already; nobody is put into this group.");

export const readName = textReader(LIMITS.nameCharactersMax);
export const readText = textReader(LIMITS.textCharactersMax);
const NO_PROSE = /[^\P{Cc}\n\r\t]|\p{Cs}/u;
/** A description: well-formed Unicode with lines and tabs, perhaps empty. */
export const readDescription: Reader<string> = refine(readString, (text, at) => {
  if (isLongerThan(text, LIMITS.textCharactersMax))
    refuse(at, "too_long", { detail: `This text is longer than ${LIMITS.textCharactersMax} characters.` });
  else if (NO_PROSE.test(text)) refuse(at, "malformed_text");
  else return true;
  return false;
});
export const readActionName = refine(textReader(LIMITS.idCharactersMax), (text, at) => {
  if (!isPrototypeName(text)) return true;
  refuse(at, "reserved");
  return false;
});

/** The id of a resource as it is, without escapes: that of a sandbox, or a tenant's. */
export const readResourceId: Reader<string> = refine(textReader(LIMITS.idCharactersMax), (text, at) => {
  if (isId(text)) return true;
  refuse(at, "malformed_id");
  return false;
});

/** The name of a type: what stands as a collection in paths. */
export const readTypeName: Reader<string> = refine(readString, (text, at) => {
  if (isPrototypeName(text)) refuse(at, "reserved");
  else if (!isTypeName(text)) refuse(at, "malformed_id");
  else return true;
  return false;
});

const LABEL = /^(?:core|custom)\/./su;

export const readLabelId: Reader<string> = refine(textReader(LIMITS.idCharactersMax), (text, at) => {
  if (LABEL.test(text)) return true;
  refuse(at, "malformed_label");
  return false;
});

/** The path of a resource, `/` included, no collection. */
export const readResourcePath: Reader<string> = refine(readString, (text, at) => {
  const path = parsePath(text);
  if (path === undefined) refuse(at, "malformed_path");
  else if (path.collection !== undefined)
    refuse(at, "malformed_path", { detail: "This path ends with a collection; it must name a resource." });
  else return true;
  return false;
});

/** The path of a resource below the organization. */
export const readPathBelowOrganization: Reader<string> = refine(readResourcePath, (text, at) => {
  if (text !== "/") return true;
  refuse(at, "not_allowed", { detail: "This cannot be the organization itself." });
  return false;
});

/** Epoch milliseconds, from 0. */
export const readTime: Reader<number> = (value, at) => {
  if (typeof value !== "number" || !Number.isInteger(value))
    return refuse(at, "wrong_type", { detail: "This must be a time: whole epoch milliseconds." });
  return value >= 0 && value <= LIMITS.timeMsMax
    ? value
    : refuse(at, "out_of_range", { detail: `A time is from 0 to ${LIMITS.timeMsMax} ms.` });
};

export const VALIDITY: { readonly notBefore: Member<number, "optional">; readonly notAfter: Member<number, "optional"> } = {
  notBefore: optional(readTime),
  notAfter: optional(readTime),
};

export const checkWindow: Check<Validity> = ({ notBefore, notAfter }, at) => {
  if (notBefore === undefined || notAfter === undefined || notBefore < notAfter) return;
  refuse(below(at, "notAfter"), "out_of_range", { detail: "notBefore must be earlier than notAfter." });
};
