/**
 * Parser of policies: rules that permit or deny by pattern, condition and action.
 *
 * Invariant: a pattern that was read has one meaning: `*` stands for whole parts only, and it begins below the organization.
 */
import { readCondition } from "./condition.ts";
import { LIMITS } from "./limits.ts";
import type { Policy, PolicyRule } from "./nouns.ts";
import {
  jsonObjectReader,
  listOf,
  objectOf,
  oneOf,
  optional,
  type Reader,
  readString,
  readTrue,
  refine,
  refuse,
  required,
  type Shape,
  setOf,
} from "./reader.ts";
import { parsePattern } from "./template.ts";
import { readDescription, readId, readName, readResourceId, readText } from "./words.ts";

const readPattern = refine(readString, (text, at) => {
  if (parsePattern(text) !== undefined) return true;
  refuse(at, "malformed_pattern", {
    detail: "A pattern is the parts of a path below the organization (never /orgs), with * alone in the place of a part.",
  });
  return false;
});

const readRule = objectOf<PolicyRule>({
  effect: required(oneOf("permit", "deny", "indeterminate")),
  resource: required(readPattern),
  condition: optional(readCondition),
  // Longer than an action of a type: a rule may name an operation, method and template.
  actions: required(setOf(readText, LIMITS.actionsMax)),
});

const readSandboxList = setOf(readResourceId, LIMITS.sandboxesMax);
const readSandboxes: Reader<"all" | readonly string[]> = (value, at) => {
  if (value === "all") return "all";
  if (typeof value === "string") return refuse(at, "not_allowed", { detail: "This is a list of sandboxes, or all.", allowed: ["all"] });
  return readSandboxList(value, at);
};

export const POLICY: Shape<Policy> = {
  id: required(readId),
  name: required(readName),
  description: optional(readDescription),
  product: optional(readId),
  builtIn: optional(readTrue),
  status: required(oneOf("active", "inactive")),
  sandboxes: required(readSandboxes),
  subjectCondition: optional(readCondition),
  rules: required(listOf(readRule, { max: LIMITS.rulesMax })),
  written: optional(jsonObjectReader(LIMITS.writtenBytesMax)),
};
export const readPolicy = objectOf(POLICY);
