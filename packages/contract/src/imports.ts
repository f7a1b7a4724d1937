/**
 * Imports of OpenAPI documents: a job that reads a document and says what it would change, and then does it when it is told to.
 */
import { Type } from "typebox";
import { reason } from "./texts.ts";

const place = {
  pointer: Type.String({ description: "Where in the document: an RFC 6901 JSON Pointer." }),
  line: Type.Integer(),
  column: Type.Integer(),
};
const Finding = Type.Object(
  { code: Type.String(), detail: Type.String(), ...place, allowed: Type.Optional(Type.Array(Type.String())) },
  { title: "Finding", description: "Something in a document, with its line and column." },
);
const findings = Type.Array(Finding);

export const ImportPlan = Type.Object(
  {
    product: Type.Object({ id: Type.String(), made: Type.Boolean({ description: "The product comes to be with the import." }) }),
    catalogue: Type.Array(Type.Unknown(), { description: "The product, permission sets and built-in roles that are put." }),
    added: Type.Array(Type.Unknown()),
    changed: Type.Array(Type.Unknown(), { description: "With before, after, and which members differ." }),
    unchanged: Type.Integer(),
    orphaned: Type.Array(Type.Unknown(), {
      description: "Operations that the document no longer has: they stay, are marked, and are still enforced.",
    }),
    unmapped: Type.Array(Type.Unknown(), { description: "Operations without a rule: a mutation among them is refused to everybody." }),
    problems: Type.Array(Finding, { description: "What stands in the way: with any, nothing is imported." }),
    notes: Type.Array(Finding, { description: "Worth knowing; refuses nothing." }),
    changes: Type.Integer({ description: "How many objects would be put." }),
  },
  { title: "ImportPlan" },
);

export const ImportJob = Type.Object(
  {
    id: Type.String(),
    product: Type.String(),
    state: Type.Union(
      ["running", "planned", "refused", "failed", "applied"].map((state) => Type.Literal(state)),
      {
        description:
          "`planned`: it waits to be applied. `refused`: the document has faults. `failed`: it could not be read in time or memory.",
      },
    ),
    progress: Type.Object({ stage: Type.String(), fraction: Type.Number({ minimum: 0, maximum: 1 }) }),
    revision: Type.Optional(Type.String({ description: "The one that the plan was made at, and must still stand at." })),
    faults: Type.Optional(findings),
    plan: Type.Optional(ImportPlan),
    applied: Type.Optional(
      Type.Object({ revision: Type.String(), changeSet: Type.Union([Type.String(), Type.Null()]), applied: Type.Integer() }),
    ),
  },
  { title: "ImportJob" },
);

export const ApplyImportRequest = Type.Object({ reason }, { title: "ApplyImportRequest", additionalProperties: false });

export const SuggestionsAnswer = Type.Object(
  {
    revision: Type.String(),
    items: Type.Array(
      Type.Object({
        operation: Type.String({ description: "Id of the operation that has no rule." }),
        method: Type.String(),
        path: Type.String(),
        kind: Type.String({ description: "`rule`, or `read-default`: what the product opens for reads is what it needs." }),
        alternatives: Type.Array(Type.Unknown()),
        target: Type.String(),
        organizationParameter: Type.Optional(Type.String()),
        confidence: Type.String({ description: "high, medium or low." }),
        reason: Type.String({ description: "Why, in words." }),
      }),
    ),
  },
  { title: "SuggestionsAnswer", description: "Nothing of it is done by itself." },
);

/** Media types of documents. */
export const DOCUMENT_TYPES: readonly string[] = ["application/json", "application/yaml", "text/yaml", "text/plain"];
