/**
 * Conditions, compiled: JSON Logic run by json-logic-engine over our own strict operators (model §9).
 *
 * Every distinct text has an engine of its own: a shared one falls back to slow interpretation after some hundred texts. The
 * library walks the logic; each operator, `var` included, is ours, so that no coercion, prototype or code generator has a say.
 * Invariant: a run ends in true, false or `FAILED`; it never throws, and an absent variable fails it before anything is evaluated.
 */
import { LogicEngine } from "json-logic-engine";
import type { Condition, Json } from "../../model/index.ts";
import { FAILED, MATCH_ALL, MATCH_ANY, type Outcome, type Run } from "./outcome.ts";
import { plainRun } from "./plain-condition.ts";
import { ABSENT, mayBeAbsent, type Reader, readerOf, type View } from "./readers.ts";

/** What an operator throws that meets a kind of value which it does not take. One object: throwing it costs no stack. */
const REFUSED = Object.freeze({ refused: true });

type Value = Json | undefined;
type Logic = unknown;

export type Compiled = {
  /** Runs it over the view of one request. */
  readonly run: Run;
  /** What it came to when it was asked last, of whose facts: several rules of one decision may have it. */
  readonly last: { mark: object | undefined; effect: "deny" | "permit" | undefined; outcome: Outcome };
  /** Names of attributes that it reads, with or without default. */
  readonly attributes: readonly { readonly name: string; readonly read: Reader }[];
  /** Prefixes that its label operators name; empty: it has none. */
  readonly labelPrefixes: readonly string[];
};

export class Conditions {
  readonly #compiled = new Map<string, { condition: Compiled; uses: number }>();

  use(condition: Condition): Compiled {
    const text = JSON.stringify(condition);
    const kept = this.#compiled.get(text);
    if (kept !== undefined) {
      kept.uses++;
      return kept.condition;
    }
    const compiled = compileCondition(condition);
    this.#compiled.set(text, { condition: compiled, uses: 1 });
    return compiled;
  }
  release(condition: Condition): void {
    const text = JSON.stringify(condition);
    const kept = this.#compiled.get(text);
    if (kept !== undefined && --kept.uses === 0) this.#compiled.delete(text);
  }
}

export function compileCondition(condition: Condition): Compiled {
  const found: Found = { required: [], attributes: new Map(), labelPrefixes: [] };
  const logic = rewrite(condition, found);
  const attributes = [...found.attributes].map(([name, read]) => ({ name, read }));
  const last: Compiled["last"] = { mark: undefined, effect: undefined, outcome: FAILED };
  return { attributes, labelPrefixes: found.labelPrefixes, last, run: plainRun(condition) ?? walked(logic, found.required) };
}

/** Any condition at all, walked by the library: what a plain one is measured against. */
export function walkedRun(condition: Condition): Run {
  const found: Found = { required: [], attributes: new Map(), labelPrefixes: [] };
  return walked(rewrite(condition, found), found.required);
}

function walked(logic: Logic, required: readonly Reader[]): Run {
  if (typeof logic !== "object" || logic === null) {
    const outcome = typeof logic === "boolean" ? logic : FAILED;
    return () => outcome;
  }
  const engine = new LogicEngine({}, { disableInline: true, permissive: false });
  engine.methods = OPERATORS;
  return (view) => {
    for (const read of required) if (read(view) === ABSENT) return FAILED;
    try {
      const value = engine.run(logic, view);
      return value === true || value === false ? value : FAILED;
    } catch {
      return FAILED;
    }
  };
}

type Found = { required: Reader[]; attributes: Map<string, Reader>; labelPrefixes: string[] };

/** Puts every operator's arguments into a list, and a reader in the place of every variable's name. */
function rewrite(logic: Json, found: Found): Logic {
  if (Array.isArray(logic)) return logic.map((item) => rewrite(item as Json, found));
  if (typeof logic !== "object" || logic === null) return logic;
  const operator = Object.keys(logic)[0] as string;
  const given = (logic as { readonly [key: string]: Json })[operator] as Json;
  const args: readonly Json[] = Array.isArray(given) ? (given as readonly Json[]) : [given];
  if (operator === "var") {
    const name = String(args[0]);
    const read = readerOf(name);
    if (name.startsWith("attributes.")) found.attributes.set(name.slice("attributes.".length), read);
    // Sent labels that are no labels fail every condition that names them, default or not.
    if ((args.length < 2 || name === "resource.labels") && mayBeAbsent(name)) found.required.push(read);
    return { var: [read, args.length < 2 ? null : args[1]] };
  }
  if ((operator === MATCH_ALL || operator === MATCH_ANY) && typeof args[1] === "string") found.labelPrefixes.push(args[1]);
  return { [operator]: args.map((item) => rewrite(item, found)) };
}

function isTrue(value: Value): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function scalar(value: Value): string | number | boolean | null {
  if (typeof value === "object" && value !== null) throw REFUSED;
  return value as string | number | boolean | null;
}

function number(value: Value): number {
  if (typeof value !== "number") throw REFUSED;
  return value;
}

function strings(value: Value): readonly string[] {
  if (!Array.isArray(value)) throw REFUSED;
  for (const item of value) if (typeof item !== "string") throw REFUSED;
  return value as readonly string[];
}

function ordered(args: readonly Value[], holds: (a: number, b: number) => boolean): boolean {
  const numbers = args.map(number);
  for (let i = 0; i + 1 < numbers.length; i++) if (!holds(numbers[i] as number, numbers[i + 1] as number)) return false;
  return true;
}

/** The label operators. `prefix` is a literal string: the parser saw to it. */
function matchLabels(args: readonly Value[], every: boolean): boolean {
  const held = strings(args[0]);
  const prefix = args[1];
  const labels = strings(args[2]);
  if (typeof prefix !== "string") throw REFUSED;
  let some = false;
  let among = false;
  for (const label of labels) {
    if (!label.startsWith(prefix)) continue;
    some = true;
    if (held.includes(label)) among = true;
    else if (every) return false;
  }
  return every || !some || among;
}

function isIn(args: readonly Value[]): boolean {
  const value = scalar(args[0]);
  const within = args[1];
  if (typeof within === "string") {
    if (typeof value !== "string") throw REFUSED;
    return within.includes(value);
  }
  if (!Array.isArray(within)) throw REFUSED;
  return within.includes(value);
}

function looselyEqual(args: readonly Value[]): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: JSON Logic's `==` is JavaScript's, over scalars only.
  return scalar(args[0]) == scalar(args[1]);
}

type Lazy = { run(logic: Logic, data: View): Value };
const eager = (method: (args: readonly Value[]) => Value) => ({ method, lazy: false });
const lazy = (method: (...call: readonly [args: readonly Logic[], view: View, above: unknown, engine: Lazy]) => Value) => ({
  method,
  lazy: true,
});
const evaluate = (logic: Logic, view: View, engine: Lazy): Value =>
  typeof logic === "object" && logic !== null ? engine.run(logic, view) : (logic as Value);

const OPERATORS = {
  var: lazy((args, view) => {
    const value = (args[0] as Reader)(view);
    return value === ABSENT ? (args[1] as Value) : (value as Value);
  }),
  "===": eager((args) => scalar(args[0]) === scalar(args[1])),
  "!==": eager((args) => scalar(args[0]) !== scalar(args[1])),
  "==": eager((args) => looselyEqual(args)),
  "!=": eager((args) => !looselyEqual(args)),
  "!": eager((args) => !isTrue(args[0])),
  "!!": eager((args) => isTrue(args[0])),
  and: lazy((...[args, view, , engine]) => {
    let value: Value = null;
    for (const arg of args) {
      value = evaluate(arg, view, engine);
      if (!isTrue(value)) return value;
    }
    return value;
  }),
  or: lazy((...[args, view, , engine]) => {
    let value: Value = null;
    for (const arg of args) {
      value = evaluate(arg, view, engine);
      if (isTrue(value)) return value;
    }
    return value;
  }),
  if: lazy((...[args, view, , engine]) => {
    let i = 0;
    for (; i + 1 < args.length; i += 2) if (isTrue(evaluate(args[i], view, engine))) return evaluate(args[i + 1], view, engine);
    return i < args.length ? evaluate(args[i], view, engine) : null;
  }),
  "<": eager((args) => ordered(args, (a, b) => a < b)),
  "<=": eager((args) => ordered(args, (a, b) => a <= b)),
  ">": eager((args) => ordered(args, (a, b) => a > b)),
  ">=": eager((args) => ordered(args, (a, b) => a >= b)),
  "+": eager((args) => args.reduce((sum: number, value) => sum + number(value), 0)),
  "-": eager((args) => (args.length === 1 ? -number(args[0]) : number(args[0]) - number(args[1]))),
  in: eager((args) => isIn(args)),
  [MATCH_ALL]: eager((args) => matchLabels(args, true)),
  [MATCH_ANY]: eager((args) => matchLabels(args, false)),
};
