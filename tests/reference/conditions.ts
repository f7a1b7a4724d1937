/**
 * Conditions of the model's §9, evaluated naively: all of JSON Logic that the model admits, and its two label operators.
 *
 * Words: a condition is `true`, `false` or *fails*; inside, `undefined` is the value of an expression that failed.
 * Invariant: nothing is looked up but own members of plain objects.
 */
import type { Condition, Json, JsonObject } from "@reeve/core";

export type Truth = boolean | "fails";
/** What a condition sees. `labelsUnreadable`: labels were sent, and not as a list of strings. */
export type Environment = { readonly members: JsonObject; readonly labelsUnreadable: boolean };

const isScalar = (value: Json | undefined) => value === null || (value !== undefined && typeof value !== "object");
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
const isTrue = (value: Json): boolean => (isList(value) ? value.length > 0 : Boolean(value));
const isString = (value: Json): value is string => typeof value === "string";
export const isListOfStrings = (value: Json | undefined): value is readonly string[] => isList(value) && value.every(isString);
const argumentsOf = (argument: Json): readonly Json[] => (isList(argument) ? argument : [argument]);

type Operator = (operands: readonly Json[]) => Json | undefined;
function ofScalars(compare: (a: unknown, b: unknown) => boolean): Operator {
  return ([a, b]) => (isScalar(a) && isScalar(b) ? compare(a, b) : undefined);
}
function ofNumbers(compute: (a: number, b: number, c?: number) => Json): Operator {
  return (operands) => (operands.every((each) => typeof each === "number") ? compute(...(operands as [number, number])) : undefined);
}
function ofLabels(match: (labels: readonly string[], isHeld: (label: string) => boolean) => boolean): Operator {
  return ([subject, prefix, resource]) => {
    if (!isListOfStrings(subject) || typeof prefix !== "string" || !isListOfStrings(resource)) return undefined;
    const labels = resource.filter((label) => label.startsWith(prefix));
    return labels.length === 0 || match(labels, (label) => subject.includes(label));
  };
}

/** The operators that want all their operands; `var`, `if`, `and` and `or` do not. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  "===": ofScalars((a, b) => a === b),
  "!==": ofScalars((a, b) => a !== b),
  // biome-ignore lint/suspicious/noDoubleEquals: the operator means JavaScript's loose equality of scalars.
  "==": ofScalars((a, b) => a == b),
  // biome-ignore lint/suspicious/noDoubleEquals: as above.
  "!=": ofScalars((a, b) => a != b),
  "!": ([value = null]) => !isTrue(value),
  "!!": ([value = null]) => isTrue(value),
  "<": ofNumbers((a, b, c) => a < b && (c === undefined || b < c)),
  "<=": ofNumbers((a, b, c) => a <= b && (c === undefined || b <= c)),
  ">": ofNumbers((a, b) => a > b),
  ">=": ofNumbers((a, b) => a >= b),
  "+": ofNumbers((...numbers) => numbers.reduce<number>((sum, number) => sum + (number ?? 0), 0)),
  "-": ofNumbers((a, b) => (b === undefined ? -a : a - b)),
  in: ([item, container]) => {
    if (isList(container)) return isScalar(item) ? container.includes(item ?? null) : undefined;
    return typeof item === "string" && typeof container === "string" ? container.includes(item) : undefined;
  },
  "adobe.match_all_labels_by_prefix": ofLabels((labels, isHeld) => labels.every(isHeld)),
  "adobe.match_any_labels_by_prefix": ofLabels((labels, isHeld) => labels.some(isHeld)),
};

/** The arguments of every use of an operator whose name ends so, at any depth, in whichever branch. */
function uses(condition: Json, ending: string): readonly (readonly Json[])[] {
  if (condition === null || typeof condition !== "object") return [];
  const below = Object.values(condition).flatMap((part: Json) => uses(part, ending));
  const own = isList(condition) ? [] : Object.entries(condition).filter(([operator]) => operator.endsWith(ending));
  return [...own.map(([, argument]) => argumentsOf(argument)), ...below];
}
/** The prefixes that its label operators name; none: it has no label operators. */
export const labelPrefixes = (of: Condition): readonly string[] => uses(of, "_labels_by_prefix").map(([, prefix]) => String(prefix));
export const variables = (of: Condition) => uses(of, "var").map(([name, ...rest]) => ({ name: String(name), hasDefault: rest.length > 0 }));

/** The value of a variable; `undefined`: absent. `null` is a value. */
export function lookUp(name: string, members: JsonObject): Json | undefined {
  let value: Json = members;
  for (const member of name.split(".")) {
    if (value === null || typeof value !== "object" || isList(value) || !Object.hasOwn(value, member)) return undefined;
    value = value[member] ?? null;
  }
  return value;
}

/** True, false, or fails; no condition at all is true. */
export function truth(condition: Condition | undefined, { members, labelsUnreadable }: Environment): Truth {
  if (condition === undefined) return true;
  const named = variables(condition);
  if (named.some(({ name, hasDefault }) => !hasDefault && lookUp(name, members) === undefined)) return "fails";
  if (labelsUnreadable && named.some(({ name }) => name === "resource.labels")) return "fails";
  const value = evaluate(condition, members);
  return typeof value === "boolean" ? value : "fails";
}

function evaluate(rule: Json, members: JsonObject): Json | undefined {
  if (rule === null || typeof rule !== "object") return rule;
  const [operator, argument] = isList(rule) ? ["list", rule] : (Object.entries(rule)[0] ?? ["", null]);
  const [first = null, ...rest] = argumentsOf(argument);
  if (operator === "var") {
    const value = lookUp(String(first), members);
    return value === undefined && rest[0] !== undefined ? evaluate(rest[0], members) : value;
  }
  if (operator === "if" || operator === "and" || operator === "or") {
    // What decides ends it: operands after that are not looked at.
    const value = evaluate(first, members);
    if (value === undefined || rest.length === 0) return value;
    if (operator !== "if") return isTrue(value) === (operator === "or") ? value : evaluate({ [operator]: rest }, members);
    const [then = null, ...otherwise] = rest;
    return isTrue(value) ? evaluate(then, members) : otherwise.length === 0 ? null : evaluate({ if: otherwise }, members);
  }
  const operands = argumentsOf(argument).map((operand) => evaluate(operand, members));
  if (operands.includes(undefined)) return undefined;
  return operator === "list" ? (operands as Json[]) : OPERATORS[operator]?.(operands as Json[]);
}
