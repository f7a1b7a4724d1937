/**
 * Questions and answers of the native surface, in AuthZEN's words and shape, so that one client serves both.
 *
 * The schemas here validate what comes in and make the OpenAPI document. Questions ignore members that they do not know.
 * Invariant: what a schema lets through the engine can decide; a deny is an answer and never an error.
 */
import { LIMITS, REASONS, type ReasonCode, type Told } from "@reeve/core";
import { type Static, Type } from "typebox";

const properties = Type.Record(Type.String(), Type.Unknown(), {
  description: "Values that conditions read; sent ones count over stored ones.",
});
const name = Type.String({ minLength: 1, maxLength: LIMITS.textCharactersMax });
const path = Type.String({ maxLength: 2 * LIMITS.pathCharactersMax });

export const Subject = Type.Object(
  { type: name, id: name, properties: Type.Optional(properties) },
  { title: "Subject", description: "Who asks: a `user`, a `service-account` or a `group`." },
);
export const Action = Type.Object({ name, properties: Type.Optional(properties) }, { title: "Action" });
/** One of three forms; see `anyOf`. */
export const Resource = Type.Object(
  {
    path: Type.Optional(path),
    child: Type.Optional(name),
    type: Type.Optional(name),
    id: Type.Optional(Type.String({ minLength: 1, maxLength: 2 * LIMITS.pathCharactersMax })),
    properties: Type.Optional(properties),
  },
  {
    title: "Resource",
    description: "By `path`; or by `type` and `id`; or, of type `child`, one below `path` that has nothing of its own yet.",
    anyOf: [{ required: ["path"] }, { required: ["type", "id"] }],
    // Left out, it would be another question: may it be done to the resource itself?
    dependentRequired: { child: ["path"] },
  },
);
/** The wire form of a revision: opaque to clients. */
export const REVISION = String.raw`^.{1,200}\.\d{1,15}$`;
const atLeast = Type.Optional(Type.String({ maxLength: 256, pattern: REVISION, description: "Answer at this revision or a later one." }));

export const CheckRequest = Type.Object(
  { subject: Subject, action: Action, resource: Resource, context: Type.Optional(properties), atLeast },
  { title: "CheckRequest" },
);
export type CheckRequest = Static<typeof CheckRequest>;

export const OperationCheckRequest = Type.Object(
  {
    subject: Subject,
    product: name,
    method: Type.String({ minLength: 1, maxLength: 64, description: "As on the request line; compared exactly." }),
    target: Type.String({ maxLength: LIMITS.targetCharactersMax, description: "Origin-form, as on the request line." }),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: "Headers of the call: only names of method overrides are looked for." }),
    ),
    attributes: Type.Optional(properties),
    targets: Type.Optional(
      Type.Record(Type.String(), Type.Unsafe<string | null>({ type: ["string", "null"] }), {
        description: "Further targets by name: a path; `null` where the request names none.",
      }),
    ),
    context: Type.Optional(properties),
    atLeast,
  },
  { title: "OperationCheckRequest" },
);
export type OperationCheckRequest = Static<typeof OperationCheckRequest>;

/**
 * Items are validated one by one: a faulty one is a deny of its own. Subject, action, resource and context stand for items without.
 * All are answered at one revision, so that an `atLeast` in an item is a fault of the item.
 */
export const BatchRequest = Type.Object(
  {
    evaluations: Type.Array(Type.Unknown(), { minItems: 1, maxItems: LIMITS.batchMax }),
    subject: Type.Optional(Type.Unknown()),
    action: Type.Optional(Type.Unknown()),
    resource: Type.Optional(Type.Unknown()),
    context: Type.Optional(Type.Unknown()),
    atLeast,
  },
  { title: "BatchRequest" },
);
export type BatchRequest = Static<typeof BatchRequest>;

export const Reason = Type.Object(
  { code: Type.String({ description: "Stable code." }), message: Type.String() },
  { title: "Reason", additionalProperties: true, description: "The code, its message, and the facts of this decision." },
);
export const DecisionAnswer = Type.Object(
  {
    decision: Type.Boolean(),
    context: Type.Object({
      id: Type.String({ description: "Id of this decision." }),
      revision: Type.String({ description: "The revision that it was taken at; compare only for equality, send back as `atLeast`." }),
      reasons: Type.Array(Reason),
      filter: Type.Optional(
        Type.Object(
          { type: Type.String(), action: Type.String() },
          { description: "Filter the listed resources by this before answering." },
        ),
      ),
      error: Type.Optional(
        Type.Object({ status: Type.Integer(), message: Type.String(), errors: Type.Optional(Type.Array(Type.Unknown())) }),
      ),
    }),
  },
  { title: "DecisionAnswer" },
);
export type DecisionAnswer = Static<typeof DecisionAnswer>;
export const BatchAnswer = Type.Object({ evaluations: Type.Array(DecisionAnswer) }, { title: "BatchAnswer" });
export const ExplainAnswer = Type.Object(
  { decision: Type.Boolean(), context: DecisionAnswer.properties.context, explanation: Type.Object({}, { additionalProperties: true }) },
  { title: "ExplainAnswer" },
);

/** Writes decisions: those of a request under its id, those of a batch under the batch's id and their number. */
export type AnswerWriter = (id: string) => (told: Told, item?: number) => string;

/**
 * Writes decisions of one revision as JSON: code and message of the reason, with the evidence or the facts beside them. Written piece by
 * piece, since making an object of it first costs more than the decision. `DecisionAnswer` tells the shape.
 */
export function answerWriter(revision: string): AnswerWriter {
  const reasons = new Map<ReasonCode, string>();
  const reasonOf = (code: ReasonCode): string => {
    // Joined, a text is one piece: the pieces of pieces would be visited at every answer.
    const text = ['","revision":', JSON.stringify(revision), ',"reasons":[{', REASON_TEXTS[code]].join("");
    reasons.set(code, text);
    return text;
  };
  return (id) => {
    const quoted = JSON.stringify(id).slice(1, -1);
    // Of a batch all begin alike: joined once, for the same reason.
    let [allowed, denied] = ["", ""];
    return ({ allow, code, members, filter }, item) => {
      let text: string;
      if (item === undefined) text = (allow ? ALLOWED : DENIED) + quoted;
      else {
        if (allowed === "") [allowed, denied] = [[ALLOWED, quoted, "."].join(""), [DENIED, quoted, "."].join("")];
        text = (allow ? allowed : denied) + String(item);
      }
      text += reasons.get(code) ?? reasonOf(code);
      if (members !== "") text = `${text},${members}`;
      return filter === undefined ? `${text}}]}}` : `${text}}],"filter":${JSON.stringify(filter)}}}`;
    };
  };
}
const ALLOWED = '{"decision":true,"context":{"id":"';
const DENIED = '{"decision":false,"context":{"id":"';

/** By code: the members that are always the same. */
const REASON_TEXTS = Object.fromEntries(
  Object.entries(REASONS).map(([code, { message }]) => [code, `"code":${JSON.stringify(code)},"message":${JSON.stringify(message)}`]),
) as Readonly<Record<ReasonCode, string>>;
