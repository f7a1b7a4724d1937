/**
 * Faults of bodies: what a JSON Schema validator found, in the words of the model and all together.
 *
 * Invariant: every fault names its place by a JSON Pointer and, where that is a short list, what is allowed.
 */
import { FAULTS, type Fault } from "@reeve/core";

/** One finding of a JSON Schema validator (Ajv's shape). */
export type Finding = {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly message?: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
};

const CODES: Readonly<Record<string, Fault["code"]>> = {
  type: "wrong_type",
  required: "required",
  dependentRequired: "required",
  additionalProperties: "unknown_member",
  enum: "not_allowed",
  const: "not_allowed",
  maxItems: "too_many",
  minItems: "empty",
  minLength: "empty",
  maxLength: "too_long",
  minimum: "out_of_range",
  maximum: "out_of_range",
  anyOf: "required",
};

/** By the member whose text does not fit. */
const PATTERN_CODES: Readonly<Record<string, Fault["code"]>> = { id: "malformed_id", name: "malformed_text", reason: "malformed_text" };
const REVISIONS = ["atLeast", "ifRevision"];

/** Turns a validator's findings into faults; `pointer` is put before each. */
export function faultsOf(findings: readonly Finding[], pointer = ""): Fault[] {
  // Of a choice only the choice is told: what each of its branches lacks says nothing.
  const choices = findings.filter((finding) => finding.keyword === "anyOf").map((finding) => finding.schemaPath);
  const told = findings.filter((finding) => !choices.some((choice) => finding.schemaPath.startsWith(`${choice}/`)));
  return told.map((finding) => faultOf(finding, pointer));
}

function faultOf(finding: Finding, before: string): Fault {
  const { keyword, params } = finding;
  const member = params.missingProperty ?? params.additionalProperty;
  const pointer = `${before}${finding.instancePath}${member === undefined ? "" : `/${String(member).replaceAll("~", "~0").replaceAll("/", "~1")}`}`;
  const place = finding.instancePath.slice(finding.instancePath.lastIndexOf("/") + 1);
  const code = (keyword === "pattern" ? PATTERN_CODES[place] : CODES[keyword]) ?? "not_allowed";
  if (keyword === "anyOf" && place === "resource") {
    return {
      code,
      pointer,
      detail: "A resource is named by path, by path and child, or by type and id.",
      allowed: ["path", "path, child", "type, id"],
    };
  }
  if (keyword === "type") {
    const allowed = [params.type].flat().map(String);
    return { code, pointer, detail: `This must be of type ${allowed.join(" or ")}.`, allowed };
  }
  if (typeof params.limit === "number") return { code, pointer, detail: `${FAULTS[code].message} (${keyword} ${params.limit})` };
  if (keyword === "pattern" && REVISIONS.includes(place)) {
    return { code, pointer, detail: "This must be a revision that this server gave out.", allowed: ["<epoch>.<number>"] };
  }
  const detail = member === undefined ? FAULTS[code].message : `The member ${String(member)} ${wordOf(keyword)}.`;
  return { code, pointer, detail, ...(keyword === "enum" ? { allowed: params.allowedValues as string[] } : {}) };
}

function wordOf(keyword: string): string {
  return keyword === "additionalProperties" ? "is not known here" : "is required";
}
