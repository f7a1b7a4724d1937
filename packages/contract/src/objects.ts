/**
 * Collections: every kind of object under a path of its own, and the routes that list, make, read, put and delete one.
 *
 * The path of an object ends with the members of its key, percent-encoded each. Its ETag is the revision that last changed it.
 * `filters` and `sorts` are the fields that lists take; what does not stand here is refused, never scanned for.
 * Invariant: every kind of record has a collection, so that whatever an organization holds can be reached over HTTP.
 */
import { KEY_MEMBERS, type Kind } from "@reeve/core";
import { type TSchema, Type } from "typebox";
import { WARNED } from "./administration.ts";
import { NOUNS } from "./nouns.ts";
import type { ProblemCode } from "./problem.ts";
import { json, PAGING, type Route } from "./route.ts";

export type Collection = {
  readonly kind: Kind;
  /** What one object is called. */
  readonly one: string;
  /** Members of the key, as they stand in the path. */
  readonly key: readonly string[];
  /** Equality, by name; `true`: true or false. */
  readonly filters: readonly string[];
  readonly sorts: readonly string[];
  /** Lists take `name`, the beginning of a name, sorted by it. */
  readonly byName?: true;
  /** Lists take `below`, a path, sorted by key. */
  readonly below?: true;
  /** What is written may be answered with warnings beside it. */
  readonly isWarned?: true;
  /** Kept, product by product, by product administrators too. */
  readonly byOffice?: true;
  /** Members that all objects of this collection have, of the kind's that are there. */
  readonly only?: Readonly<Record<string, string>>;
  /** The collection holds the resources directly below this path; their ids stand in its path. */
  readonly under?: { readonly path: string; readonly type: string };
};

const NAMED = ["key", "name", "changed"];
const DATED = [...NAMED, "created"];
const collection = (kind: Exclude<Kind, "organization">, one: string, fields: Omit<Collection, "kind" | "one" | "key">): Collection => ({
  kind,
  one,
  key: KEY_MEMBERS[kind],
  ...fields,
});

/** Segment of the path → the collection. */
export const COLLECTIONS = {
  principals: collection("principal", "principal", { filters: ["type", "active"], sorts: NAMED, byName: true }),
  groups: collection("principal", "group", { filters: ["active"], sorts: NAMED, byName: true, only: { type: "group" } }),
  memberships: collection("membership", "membership", { filters: ["group", "member"], sorts: ["key", "member"] }),
  products: collection("product", "product", { filters: [], sorts: ["key", "name"], byName: true }),
  "permission-sets": collection("permission-set", "permission set", {
    filters: ["product", "category"],
    sorts: ["key", "name"],
    byName: true,
  }),
  roles: collection("role", "role", { filters: ["product", "type", "builtIn"], sorts: DATED, byName: true, byOffice: true }),
  assignments: collection("assignment", "assignment", {
    filters: ["role", "principal"],
    sorts: ["key", "principal"],
    byOffice: true,
    isWarned: true,
  }),
  labels: collection("label", "label", { filters: [], sorts: ["key", "name"], byName: true }),
  resources: collection("resource", "resource", { filters: ["type", "state"], sorts: NAMED, byName: true, below: true }),
  sandboxes: {
    ...collection("resource", "sandbox", { filters: ["state"], sorts: NAMED, byName: true }),
    key: ["id"],
    under: { path: "/sandboxes/", type: "sandboxes" },
  },
  links: collection("link", "link", { filters: ["from", "to"], sorts: ["key"] }),
  grants: collection("grant", "grant", { filters: ["principal", "resource"], sorts: ["key", "resource"] }),
  policies: collection("policy", "policy", { filters: ["product", "status", "builtIn"], sorts: DATED, byName: true }),
  settings: collection("setting", "setting", { filters: ["product"], sorts: ["key"] }),
  operations: collection("operation", "operation", { filters: ["product", "method"], sorts: NAMED, byName: true }),
  "operation-rules": collection("operation-rule", "operation rule", { filters: ["product"], sorts: ["key"] }),
  "product-administrators": collection("product-administrator", "product administrator", {
    filters: ["product", "principal"],
    sorts: ["key"],
  }),
  "developer-access": collection("developer-access", "developer access", {
    filters: ["role", "principal"],
    sorts: ["key"],
    byOffice: true,
  }),
  bin: collection("binned", "deleted asset", { filters: [], sorts: ["key"] }),
  "developer-projects": collection("developer-project", "developer project", { filters: ["product", "serviceAccount"], sorts: ["key"] }),
} as const satisfies Record<string, Collection>;
export type CollectionName = keyof typeof COLLECTIONS;

/** Whether an object of the collection that comes without an id is given one. */
export const takesIds = ({ kind, key, under }: Collection): boolean =>
  key.length === 1 && key[0] === "id" && under === undefined && kind !== "label";

/** What a write may be refused for, whatever it writes. */
export const WRITE_PROBLEMS: readonly ProblemCode[] = [
  "organization_not_found",
  "changes_refused",
  "last_administrator",
  "store_busy",
  "store_stopped",
  "write_uncertain",
  "disk_full",
];
const READ_PROBLEMS: readonly ProblemCode[] = ["organization_not_found", "revision_of_another_history", "revision_not_reached"];

export type ObjectVerb = "list" | "create" | "get" | "put" | "delete" | "history";
export type ObjectRouteId = `${CollectionName}.${ObjectVerb}`;

/** Headers that make a write conditional, safe to send again, or give its reason. */
export const IF_MATCH = {
  "If-Match": Type.String({ description: "The ETag that the object must have; `*`: it must be there. Else 412." }),
};
export const IF_NONE_MATCH = { "If-None-Match": Type.String({ description: "`*`: the object must not be there. Else 412." }) };
/** Writes whose body is an object have no other place for it. */
export const REASON = {
  "Reeve-Reason": Type.String({ maxLength: 2_048, description: "Why; kept in the audit. What is no visible ASCII is percent-encoded." }),
};
export const IDEMPOTENCY_KEY = {
  "Idempotency-Key": Type.String({
    minLength: 1,
    maxLength: 255,
    description: "Sent again within 24 hours with the same request, it is answered as before and done once.",
  }),
};

function listAnswer(name: string, value: TSchema): TSchema {
  return Type.Object(
    {
      items: Type.Array(Type.Object({ revision: Type.String({ description: "The one that last changed it: its ETag." }), value })),
      next: Type.Optional(Type.String({ description: "Where the next page begins; absent on the last one." })),
    },
    { title: `${titleOf(name)}Page` },
  );
}

/** What befell an object. */
export const HistoryPage = Type.Object(
  {
    items: Type.Array(
      Type.Object({
        revision: Type.String(),
        changeSet: Type.String(),
        time: Type.Integer({ description: "Epoch milliseconds." }),
        actor: Type.Object({ type: Type.String(), id: Type.String() }),
        reason: Type.Optional(Type.String()),
        life: Type.Integer({ description: "Which life of the id: made again, an object begins another." }),
        before: Type.Unknown({ description: "`null`: it was not there." }),
        after: Type.Unknown({ description: "`null`: it was deleted." }),
      }),
    ),
    next: Type.Optional(Type.String()),
  },
  { title: "HistoryPage", description: "Newest first." },
);

const titleOf = (name: string): string => name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

function queryOf({ filters, sorts, byName, below }: Collection): Record<string, TSchema> {
  return {
    ...Object.fromEntries(filters.map((field) => [field, Type.String({ description: `Only with this ${field}.` })])),
    ...(byName === true ? { name: Type.String({ description: "Only with a name that begins so; sorted by name." }) } : {}),
    ...(below === true ? { below: Type.String({ description: "Only below this path; sorted by key." }) } : {}),
    sort: Type.String({ description: `One of ${sorts.map((sort) => `${sort}, -${sort}`).join(", ")}; with \`-\` descending.` }),
    ...PAGING,
  };
}

/** Members that the parsers fill in where they are left out. */
const FILLED: Partial<Readonly<Record<Kind, readonly string[]>>> = { principal: ["active"], role: ["type"] };

/** What may be sent: an object whose members need not all be there. */
function bodyOf({ kind, only }: Collection, title: string, known: readonly string[]): TSchema {
  const { required, ...schema } = NOUNS[kind];
  const needless = [...(FILLED[kind] ?? []), ...Object.keys(only ?? {}), ...known];
  return Type.Unsafe({ ...schema, title, required: required.filter((member) => !needless.includes(member)) });
}

type Naming = { readonly name: CollectionName; readonly path: string; readonly value: TSchema };

function readRoutes({ name, path, value }: Naming): Readonly<Record<"list" | "get" | "history", Route>> {
  const { one, byOffice }: Collection = COLLECTIONS[name];
  const base = { tag: TAG, method: "GET", needs: "read", ...(byOffice === true ? { byOffice } : {}) } as const;
  return {
    list: {
      ...base,
      id: `${name}.list`,
      path: `/v1/orgs/{org}/${name}`,
      summary: `List ${name.replaceAll("-", " ")}, in pages.`,
      query: queryOf(COLLECTIONS[name]),
      answer: json(listAnswer(name, value)),
      revision: "read",
      problems: READ_PROBLEMS,
    },
    get: {
      ...base,
      id: `${name}.get`,
      path,
      summary: `Read a ${one}.`,
      answer: json(value),
      revision: "read",
      tells: ["ETag"],
      problems: [...READ_PROBLEMS, "object_not_found"],
    },
    history: {
      ...base,
      id: `${name}.history`,
      path: `${path}/history`,
      summary: `What befell a ${one}, with before and after, newest first.`,
      query: PAGING,
      answer: json(HistoryPage),
      problems: ["organization_not_found"],
    },
  };
}

function withWarnings({ properties, ...value }: TSchema & { readonly title?: string; readonly properties?: object }): TSchema {
  return Type.Unsafe({ ...value, title: `${value.title}Written`, properties: { ...properties, warnings: WARNED } });
}

function writeRoutes({ name, path, value }: Naming): Readonly<Record<"create" | "put" | "delete", Route>> {
  const collection: Collection = COLLECTIONS[name];
  const { one, kind, byOffice, isWarned } = collection;
  const written = isWarned === true ? withWarnings(value) : value;
  const title = titleOf(one.replaceAll(" ", "-"));
  const base = { tag: TAG, needs: "admin", revision: "written", ...(byOffice === true ? { byOffice } : {}) } as const;
  return {
    create: {
      ...base,
      id: `${name}.create`,
      method: "POST",
      path: `/v1/orgs/{org}/${name}`,
      summary: `Make a ${one}${takesIds(collection) ? "; without an id it gets one" : ""}.`,
      body: bodyOf(collection, `New${title}`, takesIds(collection) ? ["id"] : []),
      headers: { ...IDEMPOTENCY_KEY, ...REASON },
      answer: json(written, 201),
      tells: ["ETag", "Location"],
      problems: [...WRITE_PROBLEMS, "object_exists", "idempotency_key_reused"],
    },
    put: {
      ...base,
      id: `${name}.put`,
      method: "PUT",
      path,
      summary: `Make a ${one} or put another in its place.`,
      body: bodyOf(collection, `${title}Body`, KEY_MEMBERS[kind]),
      headers: { ...IF_MATCH, ...IF_NONE_MATCH, ...REASON },
      answer: json(written),
      mayMake: true,
      tells: ["ETag"],
      problems: [...WRITE_PROBLEMS, "object_changed", "object_exists"],
    },
    delete: {
      ...base,
      id: `${name}.delete`,
      method: "DELETE",
      path,
      summary: `Delete a ${one}, and whatever names it.`,
      headers: { ...IF_MATCH, ...REASON },
      answer: { status: 204, types: {} },
      problems: [...WRITE_PROBLEMS, "object_not_found", "object_changed"],
    },
  };
}

const TAG = "Objects";

function routesOf(name: CollectionName): readonly Route[] {
  const { kind, key }: Collection = COLLECTIONS[name];
  const path = `/v1/orgs/{org}/${name}/${key.map((member) => `{${member}}`).join("/")}`;
  const naming = { name, path, value: NOUNS[kind] };
  return [...Object.values(readRoutes(naming)), ...Object.values(writeRoutes(naming))];
}

export const OBJECT_ROUTES = Object.fromEntries(
  (Object.keys(COLLECTIONS) as CollectionName[]).flatMap(routesOf).map((route) => [route.id, route]),
) as Readonly<Record<ObjectRouteId, Route>>;
