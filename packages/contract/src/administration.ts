/**
 * Administration of the native surface: what a write says and what is answered.
 *
 * Administration refuses members that it does not know. The values of a change are parsed by core, which names every fault.
 * Invariant: a write is all or none, and takes one revision.
 */
import { KINDS, LIMITS, WARNINGS } from "@reeve/core";
import { type Static, Type } from "typebox";
import { REVISION } from "./questions.ts";
import { reason } from "./texts.ts";

const Put = Type.Object(
  { kind: Type.String({ description: `One of: ${KINDS.join(", ")}.` }), value: Type.Unknown() },
  { additionalProperties: true },
);

/** A revision that an object must have been changed last by: its ETag without quotes. */
const ifMatch = Type.Optional(
  Type.Union([Type.String({ maxLength: 256, pattern: REVISION }), Type.Null()], {
    description: "Refuse (412) when the object was changed last by another revision; `null`: when it is there.",
  }),
);
export const Change = Type.Object(
  {
    put: Type.Optional(Put),
    delete: Type.Optional(
      Type.Object({ kind: Type.String() }, { additionalProperties: true, description: "The kind and the members of its key." }),
    ),
    ifMatch,
  },
  { title: "Change", additionalProperties: true, description: "`put`: the whole object; `delete`: its kind and key." },
);

export const ChangesRequest = Type.Object(
  {
    reason,
    ifRevision: Type.Optional(
      Type.String({ maxLength: 256, pattern: REVISION, description: "Refuse (412) when the organization stands at another revision." }),
    ),
    catalogue: Type.Optional(
      Type.Boolean({ description: "They come from a product's catalogue, which alone makes and changes what is built in." }),
    ),
    changes: Type.Array(Change, { minItems: 1, maxItems: LIMITS.changesMax }),
  },
  { title: "ChangesRequest", additionalProperties: false },
);
export type ChangesRequest = Static<typeof ChangesRequest>;

export const Warning = Type.Object(
  {
    code: Type.String({ description: `Stable: ${Object.keys(WARNINGS).join(", ")}.` }),
    pointer: Type.String({ description: "Where: an RFC 6901 JSON Pointer into the body." }),
    detail: Type.String(),
  },
  { title: "Warning" },
);
/** Beside what a write answers: it is done, and may be what nobody meant. */
export const WARNED = Type.Optional(
  Type.Array(Warning, { description: "It is done, and may be what nobody meant; absent where there is nothing to be warned of." }),
);

export const ChangesAnswer = Type.Object(
  {
    revision: Type.String(),
    changeSet: Type.Union([Type.String(), Type.Null()], { description: "Null where nothing was altered." }),
    applied: Type.Integer({ description: "Changes that altered something, those that a deletion brought about among them." }),
    warnings: WARNED,
  },
  { title: "ChangesAnswer" },
);
export type ChangesAnswer = Static<typeof ChangesAnswer>;

export const Me = Type.Object(
  {
    administrator: Type.Boolean(),
    principal: Type.Union([Type.Object({ organization: Type.String(), type: Type.String(), id: Type.String() }), Type.Null()]),
    organizations: Type.Union([Type.Literal("all"), Type.Array(Type.String())]),
    ceiling: Type.Union([Type.Literal("read"), Type.Literal("decide"), Type.Literal("admin")]),
    how: Type.Union([Type.Literal("token"), Type.Literal("access-token"), Type.Literal("session")]),
    clientId: Type.Union([Type.String(), Type.Null()]),
  },
  { title: "Me", description: "Who the caller is, and what the credential allows at most." },
);
export type Me = Static<typeof Me>;

export const OrganizationRequest = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: LIMITS.idCharactersMax, pattern: "^[A-Za-z0-9._@:-]+$" }),
    name: Type.String({ minLength: 1, maxLength: LIMITS.nameCharactersMax }),
    tenantIds: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: LIMITS.idCharactersMax }), { maxItems: LIMITS.tenantIdsMax }),
    ),
    products: Type.Optional(
      Type.Array(Type.String(), {
        maxItems: 64,
        uniqueItems: true,
        description: "Products that ship, which it has from its first revision on.",
      }),
    ),
  },
  { title: "OrganizationRequest", additionalProperties: false },
);
export type OrganizationRequest = Static<typeof OrganizationRequest>;
/** The last line of its audit, which is kept nowhere: whoever must be able to show it, keeps it. */
export const OrganizationDeleted = Type.Object(
  {
    id: Type.String(),
    revision: Type.String({ description: "Where it stood." }),
    time: Type.Integer({ description: "Epoch milliseconds." }),
    auditLines: Type.Integer({ description: "How many lines its audit had, this one among them." }),
    auditHash: Type.String({ description: "Hexadecimal SHA-256 over all of them." }),
  },
  { title: "OrganizationDeleted" },
);
export const OrganizationAnswer = Type.Object({ id: Type.String(), revision: Type.String() }, { title: "OrganizationAnswer" });
