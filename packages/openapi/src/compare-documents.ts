/**
 * Two versions of a document: what the newer one adds, removes and changes, for a pipeline that lets no unmapped mutation through.
 *
 * Operations are the same when method and template are, whatever the parameters are called. Only the documents are looked at: a mapping that
 * an organization keeps is not known here.
 */
import { operationKey } from "./describe.ts";
import type { Described, DescribedAlternative, DescribedOperation, NamedAt } from "./described.ts";

/** What of an operation can differ. `rule`: alternatives; `scope`: scope, further targets and filter. */
export type OperationAspect = "path" | "operationId" | "parameters" | "tags" | "summary" | "deprecated" | "rule" | "scope";
export type ComparedOperation = {
  readonly before: DescribedOperation;
  readonly after: DescribedOperation;
  /** In this order: path (its parameters were renamed), operationId, parameters, tags, summary, deprecated, rule, scope. */
  readonly aspects: readonly OperationAspect[];
};
export type Comparison = {
  readonly added: readonly DescribedOperation[];
  readonly removed: readonly DescribedOperation[];
  readonly changed: readonly ComparedOperation[];
  /** Operations that change something and have no rule in the newer document: added ones, and those that had a rule and lost it. */
  readonly unmappedMutations: readonly DescribedOperation[];
  /** Title, version, base path or catalogue differ. */
  readonly about: readonly ("title" | "version" | "basePath" | "catalogue")[];
};

/** Each list in the order of the document that it comes from. A changed base path makes no operation another one. */
export function compareDocuments(before: Described, after: Described): Comparison {
  const older = byKey(before);
  const newer = byKey(after);
  const added = [...newer].filter(([key]) => !older.has(key)).map(([, operation]) => operation);
  const pairs = [...newer].flatMap(([key, operation]) => {
    const other = older.get(key);
    return other === undefined ? [] : [{ before: other, after: operation }];
  });
  const lost = pairs.filter((pair) => pair.before.rule !== undefined && pair.after.rule === undefined).map((pair) => pair.after);
  return {
    added,
    removed: [...older].filter(([key]) => !newer.has(key)).map(([, operation]) => operation),
    changed: pairs.map((pair) => ({ ...pair, aspects: differing(pair.before, pair.after) })).filter(({ aspects }) => aspects.length > 0),
    unmappedMutations: [...added, ...lost].filter(({ method, rule }) => rule === undefined && method !== "GET" && method !== "HEAD"),
    about: (["title", "version", "basePath", "catalogue"] as const).filter((name) => said(before[name]) !== said(after[name])),
  };
}

const byKey = ({ operations }: Described): ReadonlyMap<string, DescribedOperation> =>
  new Map(
    operations.map((operation) => [
      operationKey({ method: operation.method, path: `${operation.basePath ?? ""}${operation.path}` }),
      operation,
    ]),
  );

const ASPECTS: { readonly [A in OperationAspect]: (operation: DescribedOperation) => unknown } = {
  path: ({ path }) => path,
  operationId: ({ operationId }) => operationId,
  parameters: ({ parameters }) => parameters.map((parameter) => `${parameter.in} ${parameter.name}`).sort(),
  tags: ({ tags }) => tags,
  summary: ({ summary }) => summary,
  deprecated: ({ deprecated }) => deprecated,
  rule: ({ rule }) => rule?.alternatives.map(withoutPlaces),
  scope: ({ scope, also, filter }) => [scope, also, filter],
};

const differing = (before: DescribedOperation, after: DescribedOperation): readonly OperationAspect[] =>
  (Object.keys(ASPECTS) as OperationAspect[]).filter((aspect) => said(ASPECTS[aspect](before)) !== said(ASPECTS[aspect](after)));

/** What is said, wherever it stands in the text. */
const said = (value: unknown): string => JSON.stringify(value, (name, member: unknown) => (name === "at" ? undefined : member)) ?? "";

/** The order of profiles in an alternative means nothing. */
function withoutPlaces(alternative: DescribedAlternative): unknown {
  const names = (list: readonly NamedAt[]): readonly string[] => list.map(({ name }) => name).sort();
  return "profiles" in alternative ? { ...alternative, profiles: names(alternative.profiles) } : alternative;
}
