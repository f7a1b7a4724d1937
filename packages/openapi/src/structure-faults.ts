/**
 * Errors of the schema validator → faults in plain words.
 *
 * The validator tells of every branch that a value did not fit; a reader wants to know what is wrong with the one that was meant. So
 * the errors of the branches of a choice become one fault that names the ways, and errors that only repeat others are dropped.
 * Invariant: a value with errors has at least one fault.
 */
import type { ErrorObject } from "ajv";
import type { DocumentFaultCode } from "./faults.ts";
import { isObject, under } from "./pointers.ts";
import { nearest } from "./words-near.ts";

export type StructureFault = {
  readonly code: DocumentFaultCode;
  readonly pointer: string;
  readonly detail: string;
  readonly allowed?: readonly string[];
};

export function structureFaults(errors: readonly ErrorObject[]): readonly StructureFault[] {
  const faults = new Map<string, StructureFault>();
  for (const error of withoutBranches(errors)) {
    const fault = faultOf(error);
    const key = `${fault.code} ${fault.pointer} ${fault.detail}`;
    if (!faults.has(key)) faults.set(key, fault);
  }
  return [...faults.values()];
}

const CHOICES = new Set(["oneOf", "anyOf"]);
type Told = ErrorObject & { readonly ways?: readonly ErrorObject[] };

/** The errors of a choice's branches stand before the error of the choice itself. */
function withoutBranches(errors: readonly ErrorObject[]): readonly Told[] {
  const told: Told[] = [];
  for (const error of errors) {
    if (error.keyword === "if") continue;
    if (!CHOICES.has(error.keyword)) {
      told.push(error);
      continue;
    }
    const siblings = error.schemaPath.slice(0, error.schemaPath.lastIndexOf("/"));
    let start = told.length;
    while (start > 0 && isBranch(told[start - 1] as Told, { choice: error, siblings })) start--;
    const ways = told.splice(start);
    // Of branches that look deeper, what is deeper says more than that none fits.
    const deeper = ways.filter((way) => way.instancePath.length > error.instancePath.length && way.keyword !== "type");
    if (deeper.length > 0) told.push(...deeper);
    else told.push({ ...error, ways });
  }
  // A choice may be met after all while the whole is wrong elsewhere; then its branches' errors were not kept by the validator.
  return told.length > 0 ? told : errors;
}

function isBranch(error: ErrorObject, { choice, siblings }: { readonly choice: ErrorObject; readonly siblings: string }): boolean {
  if (!`${error.instancePath}/`.startsWith(`${choice.instancePath}/`)) return false;
  return error.schemaPath.startsWith(`${choice.schemaPath}/`) || !error.schemaPath.startsWith(`${siblings}/`);
}

function faultOf(error: Told): StructureFault {
  const pointer = error.instancePath;
  const { params, parentSchema } = error as { readonly params: Readonly<Record<string, unknown>>; readonly parentSchema?: unknown };
  switch (error.keyword) {
    case "required":
    case "dependentRequired":
      return {
        code: "required",
        pointer: under(pointer, `${params.missingProperty}`),
        detail: `"${params.missingProperty}" is missing here.`,
      };
    case "additionalProperties":
    case "unevaluatedProperties":
      return unknownMember(pointer, `${params.additionalProperty ?? params.unevaluatedProperty}`, parentSchema);
    case "type":
      return { code: "wrong_type", pointer, detail: `This must be ${kinds(params.type)}.`, allowed: [params.type].flat().map(String) };
    case "enum":
      return oneOfThese(pointer, (params.allowedValues as readonly unknown[]).map(String), error.data);
    case "const":
      return oneOfThese(pointer, [String(params.allowedValue)], error.data);
    case "pattern":
      return { code: "malformed", pointer, detail: `This is not written as it must be: ${params.pattern} is what fits.` };
    case "propertyNames":
      return {
        code: "malformed",
        pointer: under(pointer, `${params.propertyName}`),
        detail: `"${params.propertyName}" is no name that may stand here.`,
      };
    case "uniqueItems":
      return { code: "duplicate", pointer: under(pointer, Number(params.i)), detail: "This stands in the list already." };
    case "not":
      return { code: "not_allowed", pointer, detail: together(error.schema) };
    case "oneOf":
    case "anyOf":
      return noSuchForm(pointer, error);
    default:
      return bound(error);
  }
}

const NAMED: Readonly<Record<string, string>> = {
  object: "an object",
  array: "a list",
  string: "a string",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  null: "null",
};
const kinds = (type: unknown): string =>
  [type]
    .flat()
    .map((each) => NAMED[`${each}`] ?? `${each}`)
    .join(" or ");

function unknownMember(pointer: string, name: string, schema: unknown): StructureFault {
  const properties = isObject(schema) && isObject(schema.properties) ? Object.keys(schema.properties) : [];
  const allowed = properties.filter((each) => each !== "$ref");
  const near = nearest(name, allowed);
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  const begins = name.startsWith("/") || pointer !== "/paths" ? "" : " A path begins with a slash.";
  const detail = `"${name}" is not known here.${begins}${hint}`;
  return { code: "unknown_member", pointer: under(pointer, name), detail, ...(allowed.length === 0 ? {} : { allowed }) };
}

function oneOfThese(pointer: string, allowed: readonly string[], given: unknown): StructureFault {
  const near = typeof given === "string" ? nearest(given, allowed) : undefined;
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  return {
    code: "not_allowed",
    pointer,
    detail: `This must be ${allowed.length > 1 ? "one of " : ""}${allowed.join(", ")}.${hint}`,
    allowed,
  };
}

const listed = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

function together(schema: unknown): string {
  const names = isObject(schema) ? listed(schema.required) : [];
  if (names.length > 1) return `${names.join(" and ")} do not go together here.`;
  return names.length === 1 ? `${names[0]} does not go with what else stands here.` : "This is not allowed here.";
}

function noSuchForm(pointer: string, { ways = [] }: Told): StructureFault {
  const missing = ways.filter(({ keyword }) => keyword === "required").map(({ params }) => String(params.missingProperty));
  const names = [...new Set(missing)];
  if (names.length > 0) {
    return {
      code: "required",
      pointer: under(pointer, names[0] as string),
      detail: `One of these is missing here: ${names.join(", ")}.`,
      allowed: names,
    };
  }
  const types = ways.filter(({ keyword }) => keyword === "type").flatMap(({ params }) => listed([params.type].flat()));
  if (types.length > 0)
    return { code: "wrong_type", pointer, detail: `This must be ${kinds([...new Set(types)])}.`, allowed: [...new Set(types)] };
  return { code: "no_such_form", pointer, detail: "This fits none of the forms that it may have, or more than one." };
}

function bound({ instancePath, keyword, params, message }: ErrorObject): StructureFault {
  const limit = (params as { readonly limit?: unknown }).limit;
  const few = keyword.startsWith("min") ? "at least" : "at most";
  const detail = limit === undefined ? `This does not fit: ${message ?? keyword}.` : `There must be ${few} ${limit}.`;
  return { code: "out_of_range", pointer: instancePath, detail };
}
