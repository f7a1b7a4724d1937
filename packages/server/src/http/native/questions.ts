/**
 * Questions of the native surface: bodies in AuthZEN's shape → questions, decisions → answers. Mapping only.
 *
 * Invariant: an item of a batch is answered as the single check would be; a faulty one is a deny that says what is wrong.
 */
import { type AnswerWriter, answerWriter, BatchRequest, CheckRequest, type DecisionAnswer, OperationCheckRequest } from "@reeve/contract";
import {
  type Fault,
  type JsonObject,
  LIMITS,
  type OperationRequest,
  type Plan,
  type Request,
  type ResourceRef,
  type Told,
  toldOf,
} from "@reeve/core";
import { type Question, type Questions, type Unanswered, writeRevision } from "../../app/index.ts";
import type { Exchange, Handlers } from "../handlers.ts";
import type { Metrics } from "../metrics.ts";
import { faultyBody } from "../problem.ts";
import { type Validated, type Validator, validator } from "../validate.ts";
import { AT_LEAST, atLeastOf, REVISION_HEADER, unanswered } from "./at-least.ts";
import { boundFaults } from "./bounds.ts";
import { readSpelled, type SpelledBody } from "./spelled.ts";

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
  /** The same of the text of a body, where that is enough; `undefined`: it must be parsed. Such a body asks for no revision. */
  spelled(id: QuestionId, body: SpelledBody): ((plan: Plan) => string) | undefined;
  /** The plan to answer from, at once where it is loaded. `header`: what was sent under `AT_LEAST`. */
  plan(organization: string, body: unknown, header: unknown): Plan | Promise<Plan>;
};

export function questionAnswers({ questions, metrics, newId }: QuestionOptions): QuestionAnswers {
  const writers = new WeakMap<Plan, AnswerWriter>();
  const writerOf = (plan: Plan): AnswerWriter => {
    const writer = answerWriter(writeRevision(plan.at));
    writers.set(plan, writer);
    return writer;
  };
  /** Writes what was decided on one plan, and counts it. */
  const teller = (plan: Plan, id: string): ((told: Told, item?: number) => string) => {
    const write = (writers.get(plan) ?? writerOf(plan))(id);
    return (told, item) => {
      metrics.decided(told.allow, told.code);
      return write(told, item);
    };
  };
  const one = (question: Question) => (plan: Plan) => {
    const [told] = questions.check(plan, [question]);
    return teller(plan, newId())(told as Told);
  };
  const read: QuestionAnswers["read"] = {
    check: (body) => one(plainCheck(body) ?? { request: requestOf(accept(validateCheck(body))) }),
    checkOperation: (body) => one(operationOf(accept(validateOperation(body)))),
    checkBatch(body) {
      const { evaluations, ...defaults } = accept(validateBatch(body));
      const items = itemsOfBatch(evaluations, defaults);
      const asked = items.filter((item): item is Question => !isFaulty(item));
      return (plan) => {
        const decisions = questions.check(plan, asked);
        const batch = newId();
        const tell = teller(plan, batch);
        let next = 0;
        return batchText(items.length, (index) => {
          const item = items[index] as Item;
          if (isFaulty(item)) return faulty(item, { id: `${batch}.${index}`, revision: writeRevision(plan.at) });
          return tell(decisions[next++] as Told, index);
        });
      };
    },
    explain(body) {
      const question = itemOf(body, NOTHING, "");
      if (isFaulty(question)) throw faultyBody(question);
      return (plan) => {
        const { decision, ...explanation } = questions.explain(plan, question);
        const answer = teller(plan, newId())(toldOf(decision));
        return `${answer.slice(0, -1)},"explanation":${JSON.stringify(explanation)}}`;
      };
    },
  };
  return {
    read,
    spelled(id, body) {
      if (id !== "check" && id !== "checkBatch") return undefined;
      const isBatch = id === "checkBatch";
      const checks = readSpelled(body, isBatch);
      if (checks === undefined) return undefined;
      return (plan) => {
        const told = questions.checkSpelled(plan, checks);
        const tell = teller(plan, newId());
        return isBatch ? batchText(told.length, (item) => tell(told[item] as Told, item)) : tell(told[0] as Told);
      };
    },
    plan(organization, body, header) {
      const plan = questions.plan(organization, atLeastOf(body, header));
      return plan instanceof Promise ? plan.then(answerable) : answerable(plan);
    },
  };
}

/** Put together one by one: it is copied once, when it is sent, and a list that is joined is copied twice. */
function batchText(count: number, answer: (item: number) => string): string {
  let text = '{"evaluations":[';
  for (let item = 0; item < count; item++) {
    if (item > 0) text += ",";
    text += answer(item);
  }
  return `${text}]}`;
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

/** A question, or every fault of what should be one. */
type Item = Question | readonly Fault[];

function isFaulty(item: Item): item is readonly Fault[] {
  return Array.isArray(item);
}

function itemsOfBatch(items: readonly unknown[], { subject, action, resource, context }: JsonObject): readonly Item[] {
  const defaults = { ofCheck: pick({ subject, action, resource, context }), ofOperation: pick({ subject, context }) };
  return items.map((item, index) => {
    const plain = defaults.ofCheck === undefined ? plainCheck(item) : undefined;
    if (plain !== undefined && (item as { readonly atLeast?: unknown }).atLeast === undefined) return plain;
    const pointer = `/evaluations/${index}`;
    const isDated = typeof item === "object" && item !== null && Object.hasOwn(item, "atLeast");
    if (!isDated) return itemOf(item, defaults, pointer);
    // To answer it at an older revision than it asks for would be worse than not to answer.
    const detail = "A batch is answered at one revision: say atLeast beside evaluations.";
    return [{ code: "not_allowed", pointer: `${pointer}/atLeast`, detail }];
  });
}

/** A batch's item: an operation where it names a target, else a check; what it lacks the batch's own members give. */
function itemOf(item: unknown, defaults: Defaults, pointer: string): Item {
  if (typeof item !== "object" || item === null || Array.isArray(item)) {
    return [{ code: "wrong_type", pointer, detail: "This must be an object.", allowed: ["object"] }];
  }
  if (Object.hasOwn(item, "target") || Object.hasOwn(item, "method")) {
    const validated = validateOperation(defaults.ofOperation === undefined ? item : { ...defaults.ofOperation, ...item }, pointer);
    return validated.ok ? operationOf(validated.value) : validated.error;
  }
  const validated = validateCheck(defaults.ofCheck === undefined ? item : { ...defaults.ofCheck, ...item }, pointer);
  return validated.ok ? { request: requestOf(validated.value) } : validated.error;
}

/** The members that are there; `undefined`: none. */
function pick(members: { readonly [member: string]: JsonObject[string] | undefined }): JsonObject | undefined {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : (Object.fromEntries(given) as JsonObject);
}

type PlainBody = { readonly [member in keyof (CheckBody & OperationBody)]?: unknown } & {
  readonly subject?: { readonly type?: unknown; readonly id?: unknown; readonly properties?: unknown } | null;
  readonly action?: { readonly name?: unknown; readonly properties?: unknown } | null;
  readonly resource?: { readonly [member in keyof CheckBody["resource"]]?: unknown } | null;
};

/**
 * Classes and no literals: of a place where many literals were alive at once, as a batch's are, V8 comes to make all in the old space.
 * There each keeps the question that it names until the next full collection, and copying those costs a twelfth of a batch.
 */
class PlainRequest {
  readonly principal: Request["principal"];
  readonly action: Request["action"];
  readonly resource: ResourceRef;
  constructor(principal: Request["principal"], action: Request["action"], resource: ResourceRef) {
    this.principal = principal;
    this.action = action;
    this.resource = resource;
  }
}
class PlainQuestion {
  readonly request: Request;
  constructor(request: Request) {
    this.request = request;
  }
}

/**
 * The question of a body as nearly all are: who, what, and a path, each of its right kind and length, with nothing beside that is looked
 * at. `undefined`: it is another one, or faulty, which the schema tells. Costs a tenth of that, and copies nothing.
 */
function plainCheck(body: unknown): Question | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { subject, action, resource, context, atLeast, target, method } = body as PlainBody;
  if (context !== undefined || atLeast !== undefined || target !== undefined || method !== undefined) return undefined;
  if (!isObject(subject) || !isName(subject.type) || !isName(subject.id) || subject.properties !== undefined) return undefined;
  if (!isObject(action) || !isName(action.name) || action.properties !== undefined) return undefined;
  if (!isObject(resource) || typeof resource.path !== "string" || resource.path.length > LIMITS.pathCharactersMax) return undefined;
  const { child, type, id, properties } = resource;
  if (child !== undefined || type !== undefined || id !== undefined || properties !== undefined) return undefined;
  return new PlainQuestion(new PlainRequest(subject as Request["principal"], action as Request["action"], resource as ResourceRef));
}

function isObject<T>(value: T | null | undefined): value is T {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As the schema's names, which counts characters: these are at least as many units. */
function isName(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= LIMITS.textCharactersMax;
}

function requestOf({ subject, action, resource, context }: CheckBody): Request {
  const request = { principal: subject, action, resource: resourceOf(resource) };
  return context === undefined ? request : { ...request, context };
}

export type ResourceBody = CheckBody["resource"];

/** A path counts before type and id; `child` only beside a path. */
export function resourceOf({ path, child, type, id, properties }: ResourceBody): ResourceRef {
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
