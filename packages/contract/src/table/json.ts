/**
 * The permission table as JSON, and the schema of that form, from which the API's description is made.
 *
 * Invariant: `tableJson` gives what `PERMISSION_TABLE` describes, the table as it is with the rows that fit the query; a member added
 * to the table that the schema lacks does not compile.
 */
import { type Static, type TSchema, Type } from "typebox";
import type { PermissionTable } from "./model.ts";
import { EMPTY_QUERY, shownRows, type TableQuery } from "./query.ts";

const text = (description: string) => Type.String({ description });
const count = (description: string) => Type.Integer({ minimum: 0, description });
const list = <T extends TSchema>(items: T, description: string) => Type.Immutable(Type.Array(items, { description }));
const closed = { additionalProperties: false };

const WHEN = Type.Optional(text("The condition under which it counts, in words."));
const OTHER_PRODUCT = Type.Optional(text("The product that it belongs to, where that is another."));

const ENTRY = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    when: WHEN,
    product: OTHER_PRODUCT,
    unknown: Type.Optional(Type.Literal(true, { description: "No such record: it opens nothing." })),
  },
  { ...closed, title: "PermissionTableEntry" },
);
const RULE = Type.Object(
  {
    from: Type.Union([Type.Literal("own"), Type.Literal("published"), Type.Literal("read default")]),
    roles: list(ENTRY, "Predefined product profiles that open it; one is enough."),
    permissions: list(ENTRY, "Permissions that open it when a custom profile holds them; one is enough."),
    anyRole: list(Type.Object({ when: WHEN, product: OTHER_PRODUCT }, closed), "Any product profile is enough."),
    configurable: Type.Boolean({ description: "Whether a custom profile can open it." }),
  },
  { ...closed, title: "PermissionTableRule" },
);
const ROW = Type.Object(
  {
    id: Type.String(),
    method: Type.String(),
    path: text("The path template."),
    name: text("The published name."),
    otherNames: list(Type.String(), "Further names of the same operation."),
    rule: Type.Optional(RULE),
    published: Type.Optional(RULE),
    markers: list(
      Type.Union([Type.Literal("unmapped"), Type.Literal("orphan"), Type.Literal("read default"), Type.Literal("own rule")]),
      "What is special about the row.",
    ),
    target: text("The resource that the call is about, with the path's parameters."),
    also: list(
      Type.Object({ name: Type.String(), type: Type.String(), from: Type.Optional(Type.String()) }, closed),
      "Further resources that a permission must cover.",
    ),
    organizationParameter: Type.Optional(text("The parameter that must name the organization.")),
    filter: Type.Optional(
      Type.Object(
        { type: Type.String(), action: Type.String(), permissions: list(Type.String(), "Permissions that give the action, by name.") },
        { ...closed, description: "The answer is a list, and holds only what the caller may see." },
      ),
    ),
    tag: Type.Optional(Type.String()),
    summary: Type.Optional(Type.String()),
    note: Type.Optional(Type.String()),
    source: Type.Optional(Type.String()),
  },
  { ...closed, title: "PermissionTableRow" },
);
const ROLE = {
  id: Type.String(),
  name: Type.String(),
  aliases: list(Type.String(), "Further names."),
  operations: count("How many operations it opens."),
};

/** The JSON form of the permission table, as a JSON Schema (draft 2020-12). */
export const PERMISSION_TABLE = Type.Object(
  {
    product: Type.String(),
    title: Type.String(),
    boundedBy: Type.Union([Type.Literal("sandboxes"), Type.Literal("scopes"), Type.Literal("none")]),
    roles: list(Type.Object(ROLE, closed), "The product's predefined profiles, by name."),
    permissions: list(Type.Object({ ...ROLE, category: Type.Optional(Type.String()) }, closed), "The product's permissions, by name."),
    readDefault: Type.Optional(RULE),
    prerequisite: Type.Optional(
      Type.Object(
        { action: Type.String(), of: Type.String(), permissions: list(Type.String(), "Permissions that give it, by name.") },
        { ...closed, description: "Needed besides the rule, on the nearest resource of that type." },
      ),
    ),
    summary: Type.Object(
      {
        operations: count("All operations, shown or not."),
        mapped: count("With a rule of their own."),
        readDefault: count("Open by the read default."),
        unmapped: count("Without a rule: refused."),
        orphans: count("With a rule, unknown to the API's description."),
        ownRules: count("With a rule of the organization's own."),
      },
      closed,
    ),
    rows: list(ROW, "The operations that fit the query, by path, then method."),
  },
  { ...closed, title: "PermissionTable", description: "Which product profiles and permissions open each operation of a product." },
);
export type PermissionTableJson = Static<typeof PERMISSION_TABLE>;

/** The table as JSON, with the rows that fit the query; the counts are of the whole table. */
export function tableJson(table: PermissionTable, query: TableQuery = EMPTY_QUERY): PermissionTableJson {
  return { ...table, rows: shownRows(table, query) };
}
