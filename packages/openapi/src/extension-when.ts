/**
 * `when`, the shorthand for a condition: attributes and the values that they must have.
 *
 * `{ step.action: approval, step.status: [WAITING, RUNNING] }` becomes JSON Logic over `attributes.…`: a scalar means `===`, a list
 * means `in`, several members must all hold. Beside it stands `condition`, JSON Logic as the model has it.
 * Invariant: what comes out is a condition that core accepts, or a fault was told.
 */
import { type Condition, checkCondition } from "@reeve/core";
import { entriesOf, type Given } from "./extension-values.ts";
import type { Findings } from "./findings.ts";
import { isObject } from "./pointers.ts";

type Scalar = string | number | boolean | null;
const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));

const ATTRIBUTE = /^[A-Za-z_$][\w$-]*(?:\.[\w$-]+)*$/;

export function readWhen(given: Given, findings: Findings): Condition | undefined {
  const told = findings.faults.length;
  const parts: Condition[] = [];
  const entries = entriesOf(given, findings);
  for (const entry of entries) {
    const part = readPart(entry, findings);
    if (part !== undefined) parts.push(part);
  }
  if (entries.length === 0 && isObject(given.value)) {
    findings.fault("out_of_range", given.pointer, { detail: "At least one attribute must stand here, or the rule has no when." });
  }
  if (findings.faults.length > told || parts.length === 0) return undefined;
  return checked(parts.length === 1 ? (parts[0] as Condition) : { and: parts }, given, findings);
}

function readPart({ name, value, pointer }: Given & { readonly name: string }, findings: Findings): Condition | undefined {
  if (!ATTRIBUTE.test(name)) {
    const detail = `"${name.slice(0, 128)}" is no name of an attribute; JSON Logic is written under "condition".`;
    findings.fault("malformed_condition", pointer, { detail });
    return undefined;
  }
  const variable = { var: `attributes.${name}` };
  if (isScalar(value)) return { "===": [variable, value] };
  if (Array.isArray(value) && value.length > 0 && value.every(isScalar)) return { in: [variable, value] };
  findings.fault("malformed_condition", pointer, {
    detail: "An attribute is compared with a string, a number, true, false, null, or a list of these.",
  });
  return undefined;
}

export function readCondition(given: Given, findings: Findings): Condition | undefined {
  return checked(given.value as Condition, given, findings);
}

function checked(condition: Condition, { pointer }: Given, findings: Findings): Condition | undefined {
  const result = checkCondition(condition);
  if (result.length === 0) return condition;
  for (const fault of result) findings.fault("malformed_condition", `${pointer}${fault.pointer}`, { detail: fault.detail });
  return undefined;
}

/** The first words of the attributes that a condition reads: `step` of `attributes.step.action`. */
export function attributesOf(condition: Condition): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) walk(each);
    else if (isObject(value)) {
      for (const [operator, argument] of Object.entries(value)) {
        const name = operator === "var" ? (Array.isArray(argument) ? argument[0] : argument) : undefined;
        if (typeof name === "string" && name.startsWith("attributes.")) found.add(name.split(".")[1] as string);
        walk(argument);
      }
    }
  };
  walk(condition);
  return found;
}
