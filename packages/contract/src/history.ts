/**
 * Change sets: what was changed together, by whom, when and why; what a change would do before it is made; and taking one back.
 *
 * Invariant: every revision of an organization is one change set, and every change of it tells before and after.
 */
import { LIMITS } from "@reeve/core";
import { Type } from "typebox";
import { Change, WARNED } from "./administration.ts";
import { ENTRIES_MAX, PAGE_USUAL } from "./route.ts";
import { reason } from "./texts.ts";

const summary = {
  id: Type.String(),
  revision: Type.String({ description: "The revision that it made." }),
  time: Type.Integer({ description: "Epoch milliseconds." }),
  actor: Type.Object({ type: Type.String(), id: Type.String() }),
  action: Type.String({ description: "What was asked for." }),
  reason: Type.Optional(Type.String()),
  requestId: Type.String(),
};
export const ChangeSetPage = Type.Object(
  {
    items: Type.Array(Type.Object({ ...summary, changes: Type.Integer({ description: "How many objects it altered." }) })),
    next: Type.Optional(Type.String()),
  },
  { title: "ChangeSetPage", description: "Newest first." },
);
export const ChangeSet = Type.Object(
  {
    ...summary,
    changes: Type.Array(
      Type.Object({
        kind: Type.String(),
        key: Type.Array(Type.String(), { description: "The members of its key, in their order." }),
        life: Type.Integer(),
        before: Type.Unknown({ description: "`null`: it was not there." }),
        after: Type.Unknown({ description: "`null`: it was deleted." }),
      }),
    ),
  },
  { title: "ChangeSet" },
);

export const RevertRequest = Type.Object({ reason }, { title: "RevertRequest", additionalProperties: false });

export const PreviewRequest = Type.Object(
  {
    changes: Type.Array(Change, { minItems: 1, maxItems: LIMITS.changesMax }),
    catalogue: Type.Optional(Type.Boolean({ description: "As in the write." })),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: ENTRIES_MAX, description: `Principals a page; ${PAGE_USUAL} where nothing is said.` }),
    ),
    cursor: Type.Optional(Type.String({ maxLength: 8_192, description: "`next` of the page before, with the same changes." })),
  },
  { title: "PreviewRequest", additionalProperties: false },
);

const Possibility = Type.Object(
  {
    resource: Type.Optional(Type.String()),
    action: Type.Optional(Type.String()),
    product: Type.Optional(Type.String()),
    operation: Type.Optional(Type.String({ description: "Method and path template." })),
  },
  { title: "Possibility", additionalProperties: true, description: "An action on a resource or collection, or an operation of a product." },
);
export const PreviewAnswer = Type.Object(
  {
    revision: Type.String({ description: "The one that was looked at: give it as `ifRevision` to the write." }),
    changes: Type.Array(Type.Unknown(), { description: "What would be written, what a deletion takes with it included." }),
    warnings: WARNED,
    summary: Type.Optional(
      Type.Object(
        {
          principalsThatGain: Type.Integer(),
          principalsThatLose: Type.Integer(),
          gains: Type.Integer(),
          losses: Type.Integer(),
        },
        { additionalProperties: true, description: "On the first page: of all of them." },
      ),
    ),
    entries: Type.Array(
      Type.Object({
        principal: Type.Object({ type: Type.String(), id: Type.String() }),
        gains: Type.Array(Possibility),
        loses: Type.Array(Possibility),
      }),
      {
        description:
          "By principal: what it may do after and not before, and the other way round. Who gains or loses more than fits a page goes on on the next one.",
      },
    ),
    next: Type.Optional(Type.String()),
  },
  { title: "PreviewAnswer" },
);
