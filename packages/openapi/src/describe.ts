/**
 * A checked document → its operations, in document order.
 *
 * An operation has the parameters of its path item and its own, which win. Webhooks and callbacks are calls that the API makes, not
 * ones that it takes: they are no operations here. A path that requests cannot be matched with is left out with a note; nobody can call it,
 * for what no template knows is refused.
 * Invariant: no two operations have one method and templates that differ only in the names of parameters.
 */
import { parseTemplate, templateShape } from "@reeve/core";
import { basePathOf } from "./base-path.ts";
import type { DescribedOperation, DescribedParameter } from "./described.ts";
import { EXTENSION, type Extension, readExtension, withDefault } from "./extension.ts";
import type { OnProgress } from "./faults.ts";
import type { Findings } from "./findings.ts";
import { DOCUMENT_LIMITS } from "./limits.ts";
import { isObject, memberOf, type RawObject, under } from "./pointers.ts";
import { resolve } from "./references.ts";
import { noteOverlaps } from "./template-overlaps.ts";

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"] as const;

export type Reading = { readonly document: RawObject; readonly findings: Findings; readonly onProgress: OnProgress };
type Item = {
  readonly path: string;
  readonly pointer: string;
  readonly value: RawObject;
  readonly pathParameters: readonly string[];
  readonly extension: Extension;
  readonly parameters: readonly DescribedParameter[];
  readonly basePath: string | undefined;
};

export function describeOperations({ document, findings, onProgress }: Reading): {
  readonly operations: readonly DescribedOperation[];
  readonly trailingSlash: boolean;
} {
  const paths = memberOf(document, "paths");
  const entries = Object.entries(isObject(paths) ? paths : {}).filter(([path]) => path.startsWith("/"));
  const operations: DescribedOperation[] = [];
  let trailingSlash = false;
  for (const [index, [written, value]] of entries.entries()) {
    if (index % 64 === 0) onProgress({ stage: "operations", fraction: index / entries.length });
    trailingSlash ||= written.length > 1 && written.endsWith("/");
    const item = readItem({ document, findings, onProgress }, written, value);
    if (item === undefined) continue;
    for (const [name, operation] of Object.entries(item.value)) {
      if (!METHODS.includes(name as (typeof METHODS)[number]) || !isObject(operation)) continue;
      operations.push(describe(document, { item, name, value: operation }, findings));
    }
  }
  if (operations.length > DOCUMENT_LIMITS.operationsMax) {
    findings.fault("too_many", "/paths", {
      detail: `A document has at most ${DOCUMENT_LIMITS.operationsMax} operations; this one has ${operations.length}.`,
    });
  }
  if (operations.length === 0) findings.note("no_operations", "/paths", { detail: "The document has no operations." });
  checkDistinct(operations, findings);
  noteRepeatedNames(operations, findings);
  noteOverlaps(operations, findings);
  return { operations, trailingSlash };
}

function readItem({ document, findings }: Reading, written: string, value: unknown): Item | undefined {
  const pointer = under("/paths", written);
  const path = written.length > 1 ? written.replace(/\/+$/, "") || "/" : written;
  const template = parseTemplate(path);
  if (template === undefined) {
    const detail = `Requests cannot be matched with "${written.slice(0, 200)}": empty or dot segments, ? # % \\, or parameters that touch, repeat or have unusual names. Its operations are left out, and so refused.`;
    findings.note("unsupported_template", pointer, { detail });
    return undefined;
  }
  if (path !== written)
    findings.note("trailing_slash", pointer, { detail: `"${written.slice(0, 200)}" is read without the slash at its end.` });
  const resolved = resolve(document, { value, pointer }, findings);
  if (resolved === undefined) return undefined;
  // What stands beside a reference counts too, and wins.
  const merged = resolved.pointer === pointer || !isObject(value) ? resolved.value : { ...resolved.value, ...value };
  const extensionAt = Object.hasOwn(isObject(value) ? value : {}, EXTENSION) ? pointer : resolved.pointer;
  const given = { value: memberOf(merged, EXTENSION), pointer: under(extensionAt, EXTENSION) };
  return {
    path,
    pointer: resolved.pointer,
    value: merged,
    pathParameters: template.parameters,
    extension: given.value === undefined ? {} : readExtension(given, template.parameters, findings),
    parameters: readParameters(
      document,
      { value: memberOf(merged, "parameters"), pointer: under(resolved.pointer, "parameters") },
      findings,
    ),
    basePath: memberOf(merged, "servers") === undefined ? undefined : basePathOf(merged, resolved.pointer, findings),
  };
}

type Member = { readonly item: Item; readonly name: string; readonly value: RawObject };

function describe(document: RawObject, { item, name, value }: Member, findings: Findings): DescribedOperation {
  const pointer = under(item.pointer, name);
  const own = readParameters(document, { value: value.parameters, pointer: under(pointer, "parameters") }, findings);
  const parameters = [...item.parameters.filter((each) => !own.some((one) => one.name === each.name && one.in === each.in)), ...own];
  noteParameters(parameters, { item, pointer }, findings);
  const given = { value: value[EXTENSION], pointer: under(pointer, EXTENSION) };
  const extension = given.value === undefined ? {} : readExtension(given, item.pathParameters, findings);
  const basePath = value.servers === undefined ? item.basePath : basePathOf(value, pointer, findings);
  const { operationId, summary, tags } = value;
  return {
    at: findings.place(pointer),
    method: name.toUpperCase(),
    path: item.path,
    ...(basePath === undefined ? {} : { basePath }),
    ...(typeof operationId === "string" && operationId !== "" ? { operationId } : {}),
    tags: Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === "string") : [],
    ...(typeof summary === "string" && summary !== "" ? { summary } : {}),
    deprecated: value.deprecated === true,
    parameters,
    ...withDefault(extension, item.extension),
  };
}

function readParameters(
  document: RawObject,
  { value, pointer }: { readonly value: unknown; readonly pointer: string },
  findings: Findings,
): readonly DescribedParameter[] {
  const parameters: DescribedParameter[] = [];
  const seen = new Set<string>();
  for (const [index, given] of (Array.isArray(value) ? value : []).entries()) {
    const place = under(pointer, index);
    const parameter = resolve(document, { value: given, pointer: place }, findings)?.value;
    const { name, in: where } = parameter ?? {};
    if (typeof name !== "string" || typeof where !== "string") continue;
    if (seen.has(`${where} ${name}`))
      findings.fault("duplicate", place, { detail: `The ${where} parameter "${name}" stands here already.` });
    seen.add(`${where} ${name}`);
    parameters.push({ name, in: where });
  }
  return parameters;
}

function noteParameters(
  parameters: readonly DescribedParameter[],
  { item, pointer }: { readonly item: Item; readonly pointer: string },
  findings: Findings,
): void {
  const declared = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
  for (const name of item.pathParameters) {
    if (!declared.includes(name))
      findings.note("undeclared_parameter", pointer, { detail: `The path has {${name}}, which the operation does not declare.` });
  }
  for (const name of declared) {
    if (item.pathParameters.includes(name)) continue;
    findings.note("unused_parameter", pointer, {
      detail: `"${name}" is declared as a path parameter, and the path has none of this name.`,
      allowed: item.pathParameters,
    });
  }
}

/** Equal for operations that fit the same requests. */
export function operationKey({ method, path }: { readonly method: string; readonly path: string }): string {
  const template = parseTemplate(path);
  return `${method} ${template === undefined ? path : templateShape(template)}`;
}

function checkDistinct(operations: readonly DescribedOperation[], findings: Findings): void {
  const seen = new Map<string, DescribedOperation>();
  for (const operation of operations) {
    const key = operationKey({ method: operation.method, path: `${operation.basePath ?? ""}${operation.path}` });
    const other = seen.get(key);
    if (other === undefined) seen.set(key, operation);
    else {
      const detail = `${operation.method} ${operation.path} fits the same requests as ${other.method} ${other.path}.`;
      findings.fault("duplicate_operation", operation.at.pointer, { detail });
    }
  }
}

function noteRepeatedNames(operations: readonly DescribedOperation[], findings: Findings): void {
  const seen = new Set<string>();
  for (const { operationId, at } of operations) {
    if (operationId === undefined) continue;
    if (seen.has(operationId))
      findings.note("repeated_name", under(at.pointer, "operationId"), {
        detail: `Another operation is called ${operationId}; method and path tell them apart.`,
      });
    seen.add(operationId);
  }
}
