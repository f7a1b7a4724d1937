/**
 * Questions of the native surface: bodies in AuthZEN's shape → questions, decisions → answers. Mapping only.
 *
 * Invariant: an item of a batch is answered as the single check would be; a faulty one is a deny that says what is wrong.
 */
import { BatchRequest, CheckRequest, type DecisionAnswer, OperationCheckRequest, writeAnswer } from "@reeve/contract";
import type { Decision, Fault, JsonObject, OperationRequest, Plan, Request, ResourceRef } from "@reeve/core";
import { type Question, type Questions, type Unanswered, writeRevision } from "../../app/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import type { Metrics } from "../metrics.ts";
import { faultyBody } from "../problem.ts";
import { type Validated, type Validator, validator } from "../validate.ts";
import { AT_LEAST, atLeastOf, REVISION_HEADER, unanswered } from "./at-least.ts";
import { boundFaults } from "./bounds.ts";

const validateCheck = bounded(validator<CheckBody>(CheckRequest));
const validateOperation = bounded(validator<OperationBody>(OperationCheckRequest));
const validateBatch = validator<BatchBody>(BatchRequest);

type Sent = { readonly properties?: JsonObject };
type CheckBody = {
  readonly subject: { readonly type: string; readonly id: string } & Sent;
  readonly action: { readonly name: string } & Sent;
  readonly resource: { readonly path?: string; readonly child?: string; readonly type?: string; readonly id?: string } & Sent;
  readonly context?: JsonObject;
  readonly atLeast?: string;
};
type OperationBody = Omit<OperationRequest, "principal"> & {
  readonly subject: CheckBody["subject"];
  readonly headers?: JsonObject;
  readonly atLeast?: string;
};
type BatchBody = { readonly evaluations: readonly unknown[]; readonly atLeast?: string } & JsonObject;

export type QuestionOptions = { readonly questions: Questions; readonly metrics: Metrics; readonly newId: () => string };

type About = { readonly id: string; readonly revision: string };
/** The media type of answers. */
export const JSON_ANSWER = "application/json; charset=utf-8";

export type QuestionId = "check" | "checkBatch" | "checkOperation" | "explain";
/** What answers questions, whichever way they came. All of it throws, or rejects with, an `HttpProblem`. */
export type QuestionAnswers = {
  /** Reads the body of a question; what comes of it answers from a plan, as JSON. */
  readonly read: { readonly [id in QuestionId]: (body: unknown) => (plan: Plan) => string };
  /** The plan to answer from, at once where it is loaded. `header`: what was sent under `AT_LEAST`. */
  plan(organization: string, body: unknown, header: unknown): Plan | Promise<Plan>;
};

export function questionAnswers({ questions, metrics, newId }: QuestionOptions): QuestionAnswers {
  const told = (decision: Decision, about: About): string => {
    metrics.decided(decision.allow, decision.code);
    return writeAnswer(decision, about);
  };
  const one = (question: Question) => (plan: Plan) =>
    told(questions.check(plan, [question])[0] as Decision, { id: newId(), revision: writeRevision(plan.at) });
  const read: QuestionAnswers["read"] = {
    check: (body) => one({ request: requestOf(accept(validateCheck(body))) }),
    checkOperation: (body) => one(operationOf(accept(validateOperation(body)))),
    checkBatch(body) {
      const { evaluations, ...defaults } = accept(validateBatch(body));
      const items = itemsOfBatch(evaluations, defaults);
      const asked = items.filter((item) => item.ok).map((item) => item.value);
      return (plan) => {
        const decisions = questions.check(plan, asked);
        const [batch, revision] = [newId(), writeRevision(plan.at)];
        let next = 0;
        const answers = items.map((item, index) => {
          const about = { id: `${batch}.${index}`, revision };
          return item.ok ? told(decisions[next++] as Decision, about) : faulty(item.error, about);
        });
        return `{"evaluations":[${answers.join(",")}]}`;
      };
    },
    explain(body) {
      const question = accept(itemOf(body, NOTHING, ""));
      return (plan) => {
        const { decision, ...explanation } = questions.explain(plan, question);
        const answer = told(decision, { id: newId(), revision: writeRevision(plan.at) });
        return `${answer.slice(0, -1)},"explanation":${JSON.stringify(explanation)}}`;
      };
    },
  };
  return {
    read,
    plan(organization, body, header) {
      const plan = questions.plan(organization, atLeastOf(body, header));
      return plan instanceof Promise ? plan.then(answerable) : answerable(plan);
    },
  };
}

function answerable(plan: Plan | Unanswered): Plan {
  if ("code" in plan) throw unanswered(plan);
  return plan;
}

/** The same as handlers of the framework. */
export function questionHandlers({ read, plan }: QuestionAnswers): Pick<Handlers, QuestionId> {
  const handler =
    (id: QuestionId) =>
    async ({ request, reply }: Exchange): Promise<string> => {
      const answer = read[id](request.body);
      const { org } = request.params as { readonly org: string };
      const found = await plan(org, request.body, request.headers[AT_LEAST]);
      reply.headers({ [REVISION_HEADER]: writeRevision(found.at), "content-type": JSON_ANSWER });
      return answer(found);
    };
  return {
    check: handler("check"),
    checkBatch: handler("checkBatch"),
    checkOperation: handler("checkOperation"),
    explain: handler("explain"),
  };
}

/** A validator that looks at the bounds of what is sent along too. */
function bounded<T>(validate: Validator<T>): Validator<T> {
  return (value, pointer = "") => {
    const validated = validate(value, pointer);
    const faults = typeof value === "object" && value !== null ? boundFaults(value, pointer) : [];
    if (faults.length === 0) return validated;
    return { ok: false, error: validated.ok ? faults : [...validated.error, ...faults] };
  };
}

function accept<T>(validated: Validated<T>): T {
  if (!validated.ok) throw faultyBody(validated.error);
  return validated.value;
}

/** What a batch says for items that do not: for checks, and for operations. */
type Defaults = { readonly ofCheck: JsonObject | undefined; readonly ofOperation: JsonObject | undefined };
const NOTHING: Defaults = { ofCheck: undefined, ofOperation: undefined };

function itemsOfBatch(items: readonly unknown[], { subject, action, resource, context }: JsonObject): readonly Validated<Question>[] {
  const defaults = { ofCheck: pick({ subject, action, resource, context }), ofOperation: pick({ subject, context }) };
  return items.map((item, index) => {
    const pointer = `/evaluations/${index}`;
    const isDated = typeof item === "object" && item !== null && Object.hasOwn(item, "atLeast");
    if (!isDated) return itemOf(item, defaults, pointer);
    // To answer it at an older revision than it asks for would be worse than not to answer.
    const detail = "A batch is answered at one revision: say atLeast beside evaluations.";
    return { ok: false, error: [{ code: "not_allowed", pointer: `${pointer}/atLeast`, detail }] };
  });
}

/** A batch's item: an operation where it names a target, else a check; what it lacks the batch's own members give. */
function itemOf(item: unknown, defaults: Defaults, pointer: string): Validated<Question> {
  if (typeof item !== "object" || item === null || Array.isArray(item)) {
    return { ok: false, error: [{ code: "wrong_type", pointer, detail: "This must be an object.", allowed: ["object"] }] };
  }
  if (Object.hasOwn(item, "target") || Object.hasOwn(item, "method")) {
    const validated = validateOperation(defaults.ofOperation === undefined ? item : { ...defaults.ofOperation, ...item }, pointer);
    return validated.ok ? { ok: true, value: operationOf(validated.value) } : validated;
  }
  const validated = validateCheck(defaults.ofCheck === undefined ? item : { ...defaults.ofCheck, ...item }, pointer);
  return validated.ok ? { ok: true, value: { request: requestOf(validated.value) } } : validated;
}

/** The members that are there; `undefined`: none. */
function pick(members: { readonly [member: string]: JsonObject[string] | undefined }): JsonObject | undefined {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : (Object.fromEntries(given) as JsonObject);
}

function requestOf({ subject, action, resource, context }: CheckBody): Request {
  const request = { principal: subject, action, resource: resourceOf(resource) };
  return context === undefined ? request : { ...request, context };
}

/** A path counts before type and id; `child` only beside a path. */
function resourceOf({ path, child, type, id, properties }: CheckBody["resource"]): ResourceRef {
  const named = path === undefined ? { type: type as string, id: id as string } : child === undefined ? { path } : { path, child };
  return properties === undefined ? named : { ...named, properties };
}

function operationOf({ subject, product, method, target, attributes, targets, context, headers }: OperationBody): Question {
  const sent = {
    ...(attributes === undefined ? {} : { attributes }),
    ...(targets === undefined ? {} : { targets }),
    ...(context === undefined ? {} : { context }),
  };
  const operation: OperationRequest = { principal: subject, product, method, target, ...sent };
  return { operation, ...(headers === undefined ? {} : { headers: Object.keys(headers) }) };
}

function faulty(errors: readonly Fault[], about: About): string {
  const message = errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(" ");
  const answer: DecisionAnswer = {
    decision: false,
    context: { ...about, reasons: [], error: { status: 400, message, errors: [...errors] } },
  };
  return JSON.stringify(answer);
}
