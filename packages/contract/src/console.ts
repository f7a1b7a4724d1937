/**
 * The developer console: which roles somebody may give to a developer project, and the projects themselves.
 *
 * Source: the rules of Cloud Manager's developer console. Who administers products gives developer access; who has it makes projects.
 */
import { LIMITS } from "@reeve/core";
import { type Static, Type } from "typebox";

const ID = { minLength: 1, maxLength: LIMITS.idCharactersMax };
const name = Type.String({ minLength: 1, maxLength: LIMITS.nameCharactersMax });
const roles = Type.Array(Type.String(ID), {
  minItems: 1,
  maxItems: LIMITS.roleSetsMax,
  description: "What its service account may do: roles of the product, all of them offered to the caller.",
});

export const ProjectRequest = Type.Object(
  { name, product: Type.String(ID), roles },
  { title: "NewConsoleProject", additionalProperties: false },
);
export type ProjectRequest = Static<typeof ProjectRequest>;
export const ProjectChange = Type.Object({ name, roles }, { title: "ConsoleProjectBody", additionalProperties: false });
export type ProjectChange = Static<typeof ProjectChange>;

export const ProjectAnswer = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    product: Type.String(),
    roles: Type.Array(Type.String(), { description: "Those that it names, and what else its service account is assigned." }),
    serviceAccount: Type.String(),
    mayChange: Type.Boolean({ description: "Whether the caller may change and end it, and hand out its secrets; else it is shown only." }),
  },
  { title: "ConsoleProject" },
);
export type ProjectAnswer = Static<typeof ProjectAnswer>;
export const ProjectPage = Type.Object(
  { items: Type.Array(ProjectAnswer), next: Type.Optional(Type.String()) },
  { title: "ConsoleProjectPage" },
);
export const OfferedRole = Type.Object({ id: Type.String(), name: Type.String(), product: Type.String() }, { title: "OfferedRole" });
export type OfferedRole = Static<typeof OfferedRole>;
export const OfferedRolePage = Type.Object(
  { items: Type.Array(OfferedRole), next: Type.Optional(Type.String()) },
  { title: "OfferedRolePage" },
);
