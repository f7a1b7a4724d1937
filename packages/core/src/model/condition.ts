/**
 * Conditions: the structure of JSON Logic over the operators of the model, checked before anything evaluates it.
 *
 * An *expression* is a scalar, a list of expressions, or an object of one member: an operator and its *arguments* (a list; a single
 * argument may stand without one). A *variable* names a member of what a decision shows to conditions; its name is a literal.
 * Invariant: a checked condition holds known operators with a right number of arguments, names members only, never a prototype's,
 * and is bounded in depth and size, so that evaluating it ends and cannot throw for its shape.
 */
import { LIMITS } from "./limits.ts";
import type { Condition } from "./nouns.ts";
import { below, isLongerThan, isPrototypeName, type Place, type Reader, refuse } from "./reader.ts";
import type { Fault } from "./result.ts";

export const MATCH_ALL_LABELS = "adobe.match_all_labels_by_prefix";
export const MATCH_ANY_LABELS = "adobe.match_any_labels_by_prefix";

/** Operator → how many arguments it takes, inclusive. The complete list. */
export const OPERATORS: ReadonlyMap<string, { readonly min: number; readonly max: number }> = new Map([
  ["var", { min: 1, max: 2 }],
  ["===", { min: 2, max: 2 }],
  ["!==", { min: 2, max: 2 }],
  ["==", { min: 2, max: 2 }],
  ["!=", { min: 2, max: 2 }],
  ["!", { min: 1, max: 1 }],
  ["!!", { min: 1, max: 1 }],
  ["and", { min: 1, max: Number.POSITIVE_INFINITY }],
  ["or", { min: 1, max: Number.POSITIVE_INFINITY }],
  ["if", { min: 2, max: Number.POSITIVE_INFINITY }],
  ["<", { min: 2, max: 3 }],
  ["<=", { min: 2, max: 3 }],
  [">", { min: 2, max: 2 }],
  [">=", { min: 2, max: 2 }],
  ["+", { min: 1, max: Number.POSITIVE_INFINITY }],
  ["-", { min: 1, max: 2 }],
  ["in", { min: 2, max: 2 }],
  [MATCH_ALL_LABELS, { min: 3, max: 3 }],
  [MATCH_ANY_LABELS, { min: 3, max: 3 }],
]);

/** Members that conditions may name; below those of `OPEN_VARIABLES` any own member. */
const VARIABLES: ReadonlySet<string> = new Set([
  "subject",
  "subject.type",
  "subject.id",
  "subject.groups",
  "subject.roles",
  "subject.roles.ids",
  "subject.roles.labels",
  "subject.properties",
  "action",
  "action.name",
  "action.properties",
  "resource",
  "resource.type",
  "resource.id",
  "resource.path",
  "resource.sandbox",
  "resource.owner",
  "resource.state",
  "resource.labels",
  "resource.properties",
  "context",
  "attributes",
]);
const OPEN_VARIABLES = ["subject.properties", "action.properties", "resource.properties", "context", "attributes"] as const;

/** All that is wrong with a condition. Empty: it may be evaluated. */
export function checkCondition(condition: unknown, pointer = ""): readonly Fault[] {
  const at: Place = { faults: [], pointer };
  // An absent condition is written by leaving it out; `null` would always fail, which no one who writes it means.
  if (condition === null) refuse(at, "malformed_condition", { detail: "A condition that is null says nothing: leave it out." });
  else checkExpression(condition, at, { nodes: 0, depth: 1 });
  return at.faults;
}

export const readCondition: Reader<Condition> = (value, at) => {
  const faults = checkCondition(value, at.pointer);
  if (faults.length === 0) return value as Condition;
  at.faults.push(...faults);
  return undefined;
};

/** `nodes`: seen so far, in the whole condition; `depth`: of the expression that is looked at. */
type Extent = { nodes: number; depth: number };

/** Counts a node. One fault for the whole condition, not one for each node too many. */
function isWithinSize(at: Place, extent: Extent): boolean {
  extent.nodes++;
  if (extent.nodes === LIMITS.conditionNodesMax + 1)
    refuse(at, "too_many", { detail: `A condition has at most ${LIMITS.conditionNodesMax} parts.` });
  return extent.nodes <= LIMITS.conditionNodesMax;
}

function checkExpression(value: unknown, at: Place, extent: Extent): void {
  if (!isWithinSize(at, extent)) return;
  if (typeof value === "string") checkText(value, at);
  else if (typeof value === "number") {
    if (!Number.isFinite(value)) refuse(at, "wrong_type", { detail: "JSON has no such number." });
  } else if (value === null || typeof value === "boolean") return;
  else if (typeof value !== "object") refuse(at, "wrong_type", { detail: "This is no JSON." });
  else if (extent.depth > LIMITS.conditionDepthMax)
    refuse(at, "too_deep", { detail: `A condition is nested at most ${LIMITS.conditionDepthMax} deep.` });
  else if (Array.isArray(value)) checkAll(value, at, extent);
  else checkOperation(value as Readonly<Record<string, unknown>>, at, extent);
}

function checkAll(values: readonly unknown[], at: Place, extent: Extent): void {
  extent.depth++;
  for (let index = 0; index < values.length && extent.nodes <= LIMITS.conditionNodesMax; index++) {
    checkExpression(values[index], below(at, index), extent);
  }
  extent.depth--;
}

function checkText(text: string, at: Place): boolean {
  if (isLongerThan(text, LIMITS.textCharactersMax))
    refuse(at, "too_long", { detail: `This text is longer than ${LIMITS.textCharactersMax} characters.` });
  else if (!text.isWellFormed()) refuse(at, "malformed_text");
  else return true;
  return false;
}

function checkOperation(operation: Readonly<Record<string, unknown>>, at: Place, extent: Extent): void {
  const names = Object.keys(operation);
  const name = names[0];
  if (name === undefined || names.length > 1) {
    refuse(at, "malformed_condition", { detail: "An object in a condition has exactly one member: an operator." });
    return;
  }
  const place = below(at, name);
  const bounds = OPERATORS.get(name);
  if (bounds === undefined) {
    refuse(place, isPrototypeName(name) ? "reserved" : "malformed_condition", {
      detail: "This is no operator of conditions.",
      allowed: [...OPERATORS.keys()],
    });
    return;
  }
  const given = operation[name];
  const list = Array.isArray(given) ? (given as readonly unknown[]) : [given];
  if (list.length < bounds.min || list.length > bounds.max)
    refuse(place, "malformed_condition", { detail: numberOfArguments(name, bounds) });
  const literal = literalArgument(name);
  const places = (index: number): Place => (Array.isArray(given) ? below(place, index) : place);
  if (literal !== undefined && literal < list.length) checkLiteral(name, list[literal], places(literal));
  extent.depth++;
  for (let index = 0; index < list.length && extent.nodes <= LIMITS.conditionNodesMax; index++) {
    if (index === literal) isWithinSize(places(index), extent);
    else if (name === "var") checkDefault(list[index], places(index), extent);
    else checkExpression(list[index], places(index), extent);
  }
  extent.depth--;
}

function numberOfArguments(name: string, { min, max }: { min: number; max: number }): string {
  const count = min === max ? `${min}` : max === Number.POSITIVE_INFINITY ? `${min} or more` : `${min} to ${max}`;
  return `The operator ${name} takes ${count} ${count === "1" ? "argument" : "arguments"}.`;
}

/** The argument that must be written out, because what the condition depends on is read from it before it is evaluated. */
function literalArgument(operator: string): number | undefined {
  if (operator === "var") return 0;
  return operator === MATCH_ALL_LABELS || operator === MATCH_ANY_LABELS ? 1 : undefined;
}

function checkLiteral(operator: string, value: unknown, at: Place): void {
  if (typeof value !== "string") {
    refuse(at, "malformed_condition", {
      detail: operator === "var" ? "The name of a variable is a literal string." : "The prefix is a literal string.",
    });
  } else if (checkText(value, at) && operator === "var") checkVariable(value, at);
}

function checkVariable(name: string, at: Place): void {
  const parts = name.split(".");
  if (parts.some(isPrototypeName)) refuse(at, "reserved", { detail: "A variable names own members, never a prototype's." });
  else if (!isVariable(name, parts))
    refuse(at, "malformed_condition", { detail: "This variable names no member.", allowed: [...VARIABLES] });
}

/** A default stands for the variable's value, so it is a value itself: nothing is computed for it. */
function checkDefault(value: unknown, at: Place, extent: Extent): void {
  const isScalar = (item: unknown): boolean => item === null || typeof item !== "object";
  if (isScalar(value) || (Array.isArray(value) && value.every(isScalar))) checkExpression(value, at, extent);
  else refuse(at, "malformed_condition", { detail: "The default of a variable is a literal: a scalar or a list of them." });
}

function isVariable(name: string, parts: readonly string[]): boolean {
  if (VARIABLES.has(name)) return true;
  return !parts.includes("") && OPEN_VARIABLES.some((open) => name.startsWith(`${open}.`));
}

/** A variable that a condition names; `hasDefault` when that place gives one. */
export type Variable = { readonly name: string; readonly hasDefault: boolean };

/** Every variable that a condition names, whichever branch does, once for each of (name, with or without a default). */
export function conditionVariables(condition: Condition): readonly Variable[] {
  const found = new Map<string, Variable>();
  eachOperation(condition, (operator, list) => {
    const name = list[0];
    if (operator !== "var" || typeof name !== "string") return;
    const variable = { name, hasDefault: list.length > 1 };
    found.set(`${variable.hasDefault} ${name}`, variable);
  });
  return [...found.values()];
}

/** The prefixes that the label operators of a condition name, each once. Empty: it uses none of them. */
export function labelPrefixes(condition: Condition): readonly string[] {
  const found = new Set<string>();
  eachOperation(condition, (operator, list) => {
    const prefix = list[1];
    if ((operator === MATCH_ALL_LABELS || operator === MATCH_ANY_LABELS) && typeof prefix === "string") found.add(prefix);
  });
  return [...found];
}

/** A list of its own instead of recursion, so that no depth of an unchecked condition can exhaust the stack. */
function eachOperation(condition: Condition, visit: (operator: string, list: readonly Condition[]) => void): void {
  const waiting: Condition[] = [condition];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (value === null || typeof value !== "object") continue;
    if (Array.isArray(value)) for (const item of value as readonly Condition[]) waiting.push(item);
    else {
      for (const [operator, given] of Object.entries(value as Readonly<Record<string, Condition>>)) {
        const list = Array.isArray(given) ? (given as readonly Condition[]) : [given];
        visit(operator, list);
        for (const item of list) waiting.push(item);
      }
    }
  }
}
