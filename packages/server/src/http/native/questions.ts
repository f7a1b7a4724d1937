/**
 * Questions of the native surface: bodies in AuthZEN's shape → questions, decisions → answers. Mapping only.
 *
 * Invariant: an item of a batch is answered as the single check would be; a faulty one is a deny that says what is wrong.
 */
import { answerOf, BatchRequest, CheckRequest, type DecisionAnswer, OperationCheckRequest } from "@reeve/contract";
import type { Decision, Fault, JsonObject, OperationRequest, Request, ResourceRef } from "@reeve/core";
import type { Question, Questions } from "../../app/index.ts";
import type { Metrics } from "../metrics.ts";
import { HttpProblem } from "../problem.ts";
import type { Exchange, Handlers } from "../server.ts";
import { type Validated, type Validator, validator } from "../validate.ts";
import { atLeastOf, unanswered } from "./at-least.ts";
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

export function questionHandlers({
  questions,
  metrics,
  newId,
}: QuestionOptions): Pick<Handlers, "check" | "checkBatch" | "checkOperation" | "explain"> {
  const told = (decision: Decision, revision: string): DecisionAnswer => {
    metrics.decided(decision.allow, decision.code);
    return answerOf(decision, { id: newId(), revision });
  };
  const one = async (exchange: Exchange, question: Question): Promise<DecisionAnswer> => {
    const answered = await questions.check(organizationOf(exchange), [question], atLeastOf(exchange));
    if (!answered.ok) throw unanswered(answered.error);
    exchange.reply.header("reeve-revision", answered.revision);
    return told(answered.value[0] as Decision, answered.revision);
  };
  return {
    check: (exchange) => one(exchange, { request: requestOf(accept(validateCheck(exchange.request.body))) }),
    checkOperation: (exchange) => one(exchange, operationOf(accept(validateOperation(exchange.request.body)))),
    async checkBatch(exchange) {
      const body = accept(validateBatch(exchange.request.body));
      const items = body.evaluations.map((item, index) => itemOfBatch(item, body, index));
      const asked = items.filter((item) => item.ok).map((item) => item.value);
      const answered = await questions.check(organizationOf(exchange), asked, atLeastOf(exchange));
      if (!answered.ok) throw unanswered(answered.error);
      exchange.reply.header("reeve-revision", answered.revision);
      let next = 0;
      const evaluations = items.map((item) =>
        item.ok
          ? told(answered.value[next++] as Decision, answered.revision)
          : faulty(item.error, { id: newId(), revision: answered.revision }),
      );
      return { evaluations };
    },
    async explain(exchange) {
      const item = itemOf(exchange.request.body, {}, "");
      if (!item.ok) throw new HttpProblem("malformed_request", { errors: [...item.error] as never });
      const answered = await questions.explain(organizationOf(exchange), item.value, atLeastOf(exchange));
      if (!answered.ok) throw unanswered(answered.error);
      exchange.reply.header("reeve-revision", answered.revision);
      const { decision, ...explanation } = answered.value;
      return { ...told(decision, answered.revision), explanation };
    },
  };
}

function organizationOf({ request }: Exchange): string {
  return (request.params as { readonly org: string }).org;
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
  if (!validated.ok) throw new HttpProblem("malformed_request", { errors: validated.error as never });
  return validated.value;
}

function itemOfBatch(item: unknown, defaults: JsonObject, index: number): Validated<Question> {
  const pointer = `/evaluations/${index}`;
  const isDated = typeof item === "object" && item !== null && Object.hasOwn(item, "atLeast");
  if (!isDated) return itemOf(item, defaults, pointer);
  // To answer it at an older revision than it asks for would be worse than not to answer.
  const detail = "A batch is answered at one revision: say atLeast beside evaluations.";
  return { ok: false, error: [{ code: "not_allowed", pointer: `${pointer}/atLeast`, detail }] };
}

/** A batch's item: an operation where it names a target, else a check; what it lacks the batch's own members give. */
function itemOf(item: unknown, defaults: JsonObject, pointer: string): Validated<Question> {
  if (typeof item !== "object" || item === null || Array.isArray(item)) {
    return { ok: false, error: [{ code: "wrong_type", pointer, detail: "This must be an object.", allowed: ["object"] }] };
  }
  if (Object.hasOwn(item, "target") || Object.hasOwn(item, "method")) {
    const validated = validateOperation({ ...pick(defaults, ["subject", "context"]), ...item }, pointer);
    return validated.ok ? { ok: true, value: operationOf(validated.value) } : validated;
  }
  const validated = validateCheck({ ...pick(defaults, ["subject", "action", "resource", "context"]), ...item }, pointer);
  return validated.ok ? { ok: true, value: { request: requestOf(validated.value) } } : validated;
}

function pick(from: JsonObject, members: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(from).filter(([member]) => members.includes(member)));
}

function requestOf({ subject, action, resource, context }: CheckBody): Request {
  return { principal: subject, action, resource: resourceOf(resource), ...(context === undefined ? {} : { context }) };
}

/** A path counts before type and id; `child` only beside a path. */
function resourceOf({ path, child, type, id, properties }: CheckBody["resource"]): ResourceRef {
  const sent = properties === undefined ? {} : { properties };
  if (path === undefined) return { type: type as string, id: id as string, ...sent };
  return child === undefined ? { path, ...sent } : { path, child, ...sent };
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

function faulty(errors: readonly Fault[], about: { readonly id: string; readonly revision: string }): DecisionAnswer {
  const message = errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(" ");
  return { decision: false, context: { ...about, reasons: [], error: { status: 400, message, errors: [...errors] } } };
}
