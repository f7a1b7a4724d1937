/**
 * Questions: check, batch, operation check and explain, answered from the organization's plan.
 *
 * Invariant: an answer is taken at one revision, which it names; never at an older one than was asked for.
 */
import {
  type Decision,
  decide,
  decideOperation,
  type Explanation,
  explain,
  explainOperation,
  type OperationRequest,
  type Plan,
  product,
  type Request,
} from "@reeve/core";
import type { Feed } from "../feed/index.ts";
import { planAt, type Unanswered } from "./plan-at.ts";
import { writeRevision } from "./revision.ts";

export type Question = { readonly request: Request } | { readonly operation: OperationRequest; readonly headers?: readonly string[] };
export type Answered<T> =
  | { readonly ok: true; readonly value: T; readonly revision: string }
  | { readonly ok: false; readonly error: Unanswered };

/** Headers by which some servers let a caller change the method after it was decided on. */
const OVERRIDE_HEADERS: ReadonlySet<string> = new Set(["x-http-method-override", "x-http-method", "x-method-override"]);

export type Questions = {
  /** Decides each question at one revision; `atLeast` is the wire form of a revision. */
  check(organization: string, questions: readonly Question[], atLeast: string | undefined): Promise<Answered<readonly Decision[]>>;
  explain(organization: string, question: Question, atLeast: string | undefined): Promise<Answered<Explanation>>;
};

export function createQuestions(feed: Feed, clock: () => number): Questions {
  return {
    async check(organization, questions, atLeast) {
      const plan = await planAt(feed, organization, atLeast);
      if ("code" in plan) return { ok: false, error: plan };
      const now = clock();
      return { ok: true, value: questions.map((question) => answer(plan, question, now)), revision: writeRevision(plan.at) };
    },
    async explain(organization, question, atLeast) {
      const plan = await planAt(feed, organization, atLeast);
      if ("code" in plan) return { ok: false, error: plan };
      const now = clock();
      const refused = "operation" in question ? overrideOf(plan, question) : undefined;
      const value =
        refused !== undefined
          ? { decision: refused, tried: [], rules: [] }
          : "operation" in question
            ? explainOperation(plan, question.operation, now)
            : explain(plan, question.request, now);
      return { ok: true, value, revision: writeRevision(plan.at) };
    },
  };
}

function answer(plan: Plan, question: Question, now: number): Decision {
  if ("request" in question) return decide(plan, question.request, now);
  return overrideOf(plan, question) ?? decideOperation(plan, question.operation, now);
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
