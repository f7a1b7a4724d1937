/**
 * Plain conditions: comparisons of a variable with a literal, and label operators over what subject and resource have, each by
 * itself or joined by `and`, `or` and `!`. Most policies say no more than this, and without the library's walk it costs a fraction.
 *
 * Words: a *leaf* is a comparison or a label operator; it reads one variable, and fails by itself where that is absent.
 * Invariant: a plain condition comes to what the library makes of it (`plain-condition.test.ts` compares the two).
 */
import type { Condition, Json } from "../../model/index.ts";
import { FAILED, MATCH_ALL, MATCH_ANY, type Outcome, type Run } from "./outcome.ts";
import { ABSENT, mayBeAbsent, type Reader, readerOf } from "./readers.ts";

/** Of each leaf, in the order of evaluation: how the variable is read that it needs, if that may be absent. */
type Needed = (Reader | undefined)[];

/** How to run a condition directly; `undefined`: it is not plain. */
export function plainRun(condition: Condition): Run | undefined {
  const needed: Needed = [];
  const run = plain(condition, needed);
  if (run === undefined) return undefined;
  // The first leaf is always evaluated. Of the others, which may not be reached, every variable must be there all the same.
  const others = needed.slice(1).filter((read) => read !== undefined);
  if (others.length === 0) return run;
  return (view) => {
    for (const read of others) if (read(view) === ABSENT) return FAILED;
    return run(view);
  };
}

function plain(logic: Json, needed: Needed): Run | undefined {
  const { operator, args } = operationOf(logic);
  switch (operator) {
    case "===":
    case "!==":
      return comparison(args, operator === "===", needed);
    case MATCH_ALL:
    case MATCH_ANY:
      return labels(args, operator === MATCH_ALL, needed);
    case "!":
      return negated(plain(args[0] as Json, needed));
    case "and":
    case "or":
      return joined(args, operator === "or", needed);
    default:
      return undefined;
  }
}

function operationOf(logic: Json): { readonly operator: string | undefined; readonly args: readonly Json[] } {
  if (typeof logic !== "object" || logic === null || Array.isArray(logic)) return { operator: undefined, args: [] };
  const operator = Object.keys(logic)[0] as string;
  const given = (logic as { readonly [key: string]: Json })[operator] as Json;
  return { operator, args: Array.isArray(given) ? given : [given] };
}

/** The name of a variable without a default. */
function variableOf(logic: Json | undefined): string | undefined {
  const { operator, args } = operationOf(logic ?? null);
  return operator === "var" && args.length === 1 ? (args[0] as string) : undefined;
}

function comparison(args: readonly Json[], wanted: boolean, needed: Needed): Run | undefined {
  const isLiteralFirst = variableOf(args[0]) === undefined;
  const name = variableOf(args[isLiteralFirst ? 1 : 0]);
  const literal = args[isLiteralFirst ? 0 : 1];
  if (name === undefined || (typeof literal === "object" && literal !== null)) return undefined;
  const read = readerOf(name);
  needed.push(mayBeAbsent(name) ? read : undefined);
  return (view) => {
    const value = read(view);
    if (value === ABSENT || (typeof value === "object" && value !== null)) return FAILED;
    return (value === literal) === wanted;
  };
}

/** Whether the subject holds every label with the prefix that the resource carries, or any; true where it carries none. */
function labels(args: readonly Json[], every: boolean, needed: Needed): Run | undefined {
  const [held, prefix, carried] = args;
  if (variableOf(held) !== "subject.roles.labels" || variableOf(carried) !== "resource.labels" || typeof prefix !== "string")
    return undefined;
  needed.push((view) => view.labels());
  return (view) => {
    const told = view.labels();
    if (told === ABSENT || told === null) return FAILED;
    let some = false;
    for (let i = 0; i < told.length; i++) {
      const label = told[i] as string;
      if (!label.startsWith(prefix)) continue;
      if (view.holdsLabel(label) !== every) return !every;
      some = true;
    }
    return every || !some;
  };
}

function negated(run: Run | undefined): Run | undefined {
  if (run === undefined) return undefined;
  return (view) => {
    const outcome = run(view);
    return outcome === FAILED ? FAILED : !outcome;
  };
}

/** `and` and `or` stop at the first part whose outcome decides, or that fails. */
function joined(args: readonly Json[], deciding: boolean, needed: Needed): Run | undefined {
  const parts: Run[] = [];
  for (const arg of args) {
    const part = plain(arg, needed);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  if (parts.length === 0) return undefined;
  return (view) => {
    let outcome: Outcome = !deciding;
    for (let i = 0; i < parts.length && outcome === !deciding; i++) outcome = (parts[i] as Run)(view);
    return outcome;
  };
}
