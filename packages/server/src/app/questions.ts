/**
 * Questions: check, batch, operation check, explain, lists, held and effective permissions, answered from the organization's plan.
 *
 * Invariant: an answer is taken at one revision, which it names; never at an older one than was asked for.
 */
import {
  type Decision,
  decideOperation,
  type EffectivePage,
  type EffectiveQuery,
  type Explanation,
  effective,
  explain,
  explainOperation,
  type HeldEntry,
  type HeldQuery,
  held,
  type Page as ListPage,
  type ListQuery,
  list,
  type OperationRequest,
  type Plan,
  product,
  type Request,
  type SpelledChecks,
  type Told,
  tell,
  tellSpelled,
  toldOf,
} from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import { planAt, type Unanswered } from "./plan-at.ts";

export type Question = { readonly request: Request } | { readonly operation: OperationRequest; readonly headers?: readonly string[] };
/** Headers by which some servers let a caller change the method after it was decided on. */
const OVERRIDE_HEADERS: ReadonlySet<string> = new Set(["x-http-method-override", "x-http-method", "x-method-override"]);

export type Questions = {
  /** The plan to answer from, at once where it is loaded; `atLeast` is the wire form of a revision. */
  plan(organization: string, atLeast: string | undefined): Plan | Unanswered | Promise<Plan | Unanswered>;
  /** Decides each question, all at one moment. */
  check(plan: Plan, questions: readonly Question[]): readonly Told[];
  /** The same of checks as they are spelled. */
  checkSpelled(plan: Plan, checks: SpelledChecks): readonly Told[];
  explain(plan: Plan, question: Question): Explanation;
  list(plan: Plan, query: ListQuery): ListPage;
  held(plan: Plan, query: HeldQuery): readonly HeldEntry[];
  effective(plan: Plan, query: EffectiveQuery): EffectivePage;
};

export function createQuestions(feed: Feed, clock: () => number): Questions {
  return {
    plan: (organization, atLeast) => planAt(feed, organization, atLeast),
    check(plan, questions) {
      const now = clock();
      return questions.map((question) => answer(plan, question, now));
    },
    checkSpelled: (plan, checks) => tellSpelled(plan, checks, clock()),
    list: (plan, query) => list(plan, query, clock()),
    held: (plan, query) => held(plan, query, clock()),
    effective: (plan, query) => effective(plan, query, clock()),
    explain(plan, question) {
      if ("request" in question) return explain(plan, question.request, clock());
      const refused = overrideOf(plan, question);
      return refused === undefined ? explainOperation(plan, question.operation, clock()) : { decision: refused, tried: [], rules: [] };
    },
  };
}

function answer(plan: Plan, question: Question, now: number): Told {
  if ("request" in question) return tell(plan, question.request, now);
  return toldOf(overrideOf(plan, question) ?? decideOperation(plan, question.operation, now));
}

/** A call with a method override header is refused, unless the product's backend does not read that header (model §4). */
function overrideOf(plan: Plan, question: Extract<Question, { readonly operation: OperationRequest }>): Decision | undefined {
  const ignored = product(plan, question.operation.product)?.ignoredOverrideHeaders?.map((name) => name.toLowerCase()) ?? [];
  const header = question.headers
    ?.map((name) => name.trim().toLowerCase())
    // Where headers become variables of an environment, `_` and `-` are one.
    .find((name) => OVERRIDE_HEADERS.has(name.replaceAll("_", "-")) && !ignored.includes(name));
  return header === undefined
    ? undefined
    : { allow: false, code: "method_override", facts: { parameter: header, product: question.operation.product } };
}
