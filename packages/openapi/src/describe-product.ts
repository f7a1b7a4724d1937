/**
 * A product → an OpenAPI document that says everything of it that an import reads back: the way out, and the proof of the way in.
 *
 * The document is 3.1 and has no responses beyond a default one, for Reeve knows none. What the extension has no words for (settings,
 * policies, notes, sources, roles that are not built in) is not in it.
 * Invariant: importing it into an organization without the product gives the same operations, types, permission sets and built-in roles.
 */
import { type Alternative, type JsonObject, type Operation, type Product, parsePath, parseTemplate, type Rec } from "@reeve/core";
import { type Standing, standingOf } from "./standing.ts";

type Writable = Record<string, unknown>;

/** `undefined`: the records have no such product. Orphans are left out: a document does not have them. */
export function describeProduct(records: Iterable<Rec>, product: string): JsonObject | undefined {
  const standing = standingOf(records, product);
  if (standing.product === undefined) return undefined;
  const paths: Record<string, Writable> = {};
  for (const operation of standing.operations) {
    if (operation.orphan === true) continue;
    const item = paths[operation.path] ?? {};
    paths[operation.path] = item;
    item[operation.method.toLowerCase()] = describeOperation(operation);
  }
  return {
    openapi: "3.1.0",
    info: { title: standing.product.name ?? product, version: "1" },
    paths,
    "x-authorization-catalogue": describeCatalogue(standing.product, standing),
  } as JsonObject;
}

function describeOperation(operation: Operation): Writable {
  const parameters = parseTemplate(operation.path)?.parameters ?? [];
  const [operationId] = operation.names;
  return {
    ...(operationId === undefined ? {} : { operationId }),
    ...(operation.tag === undefined ? {} : { tags: [operation.tag] }),
    ...(operation.summary === undefined ? {} : { summary: operation.summary }),
    ...(parameters.length === 0
      ? {}
      : { parameters: parameters.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } })) }),
    responses: { default: { description: "" } },
    "x-authorization": describeRule(operation),
  };
}

function describeRule({ target, alternatives, also, organizationParameter, filter }: Operation): Writable {
  const scope: Writable = organizationParameter === undefined ? {} : { organization: organizationParameter };
  for (const { type, id } of parsePath(target)?.pairs ?? []) scope[type] = id.replace(/^\{(.*)\}$/, "$1");
  return {
    ...(alternatives === undefined ? {} : { rules: alternatives.map(describeAlternative) }),
    scope,
    ...(also === undefined ? {} : { also: Object.fromEntries(also.map(({ name, ...further }) => [name, further])) }),
    ...(filter === undefined ? {} : { filter }),
  };
}

function describeAlternative(alternative: Alternative): Writable {
  const { when, product } = alternative;
  const more = { ...(when === undefined ? {} : { condition: when }), ...(product === undefined ? {} : { product }) };
  if ("roles" in alternative) return { profiles: alternative.roles, ...more };
  return "permission" in alternative ? { permission: alternative.permission, ...more } : { anyRole: true, ...more };
}

function describeCatalogue(product: Product, { sets, roles }: Standing): Writable {
  const { readDefault, prerequisite } = product;
  const types = Object.entries(product.types).map(([name, { parents, open, uniqueIds, actions }]) => [
    name,
    {
      ...(parents === undefined ? {} : { parents }),
      ...(open === true ? { open } : {}),
      ...(uniqueIds === true ? { uniqueIds } : {}),
      actions: Object.keys(actions),
    },
  ]);
  return {
    types: Object.fromEntries(types),
    permissions: sets.map(({ product: _product, scopeTypes, ...set }) => ({
      ...set,
      ...(scopeTypes === undefined ? {} : { scopes: scopeTypes }),
    })),
    profiles: roles
      .filter(({ builtIn }) => builtIn === true)
      .map(({ id, name, aliases, sets: held }) => ({
        id,
        name,
        ...(aliases === undefined ? {} : { aliases }),
        predefined: true,
        permissions: held.map(({ set }) => set),
      })),
    ...(readDefault === undefined ? {} : { defaults: { read: { rules: readDefault.map(describeAlternative) }, mutation: "deny" } }),
    ...(prerequisite === undefined ? {} : { prerequisite }),
    ...(product.trailingSlashIsNone === true ? { trailingSlashIsNone: true } : {}),
  };
}
