/**
 * The import of a document into a product, as a plan: what is added, changed and orphaned, what stands in the way, and the changes that do it.
 *
 * Operations are keyed by method and template, whatever the parameters are called. A *mapping* (alternatives, target, further targets,
 * filter) that stands is kept, unless the document itself says otherwise by its extension. An *orphan* is an operation that the document
 * does not have: it stays, is marked, and is still enforced.
 * Invariant: with a problem there are no changes; importing the same document again changes nothing.
 */
import { type Alternative, type Change, type Operation, parseRecord, parseTemplate, type Rec, sameRecord } from "@reeve/core";
import { operationKey } from "./describe.ts";
import type { Described, DescribedOperation } from "./described.ts";
import type { DocumentNote, ImportProblem, OnProgress, Place } from "./faults.ts";
import { type CataloguePlan, planCatalogue } from "./import-catalogue.ts";
import { type ImportedOperation, importOperation } from "./import-operation.ts";
import { Names, Problems } from "./names.ts";
import { giveIds } from "./operation-id.ts";
import { type Standing, standingOf } from "./standing.ts";

/** What an import is asked for. */
export type ImportSettings = {
  /** Id of the product; one that does not stand is made. */
  readonly product: string;
  /** Its name when it is made; the document's title if absent. */
  readonly name?: string;
  /** Stands before every path that has no servers of its own; the document's if absent, and none where its servers disagree. */
  readonly basePath?: string;
  /** Written into the operations that are added: where they come from. */
  readonly source?: string;
  /** The document describes a part of the product only: nothing is orphaned. */
  readonly partial?: true;
};
export type ImportOptions = ImportSettings & { readonly onProgress?: OnProgress };

export type AddedOperation = { readonly operation: Operation; readonly at: Place };
/** `members`: those that differ, by name. `orphan` among them: the operation is back. */
export type ChangedOperation = {
  readonly before: Operation;
  readonly after: Operation;
  readonly members: readonly string[];
  readonly at: Place;
};
export type UnmappedOperation = {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary?: string;
  /** `read`: GET or HEAD. */
  readonly effect: "read" | "mutation";
  /** The product's read default opens it; without, it is refused. */
  readonly opensByDefault: boolean;
  readonly at: Place;
};
export type ImportPlan = {
  readonly product: { readonly id: string; readonly made: boolean };
  /** Kinds and ids of the product, its permission sets and its built-in roles that are put. */
  readonly catalogue: readonly { readonly kind: "product" | "permission-set" | "role"; readonly id: string; readonly added: boolean }[];
  readonly added: readonly AddedOperation[];
  readonly changed: readonly ChangedOperation[];
  /** Ids. */
  readonly unchanged: readonly string[];
  /** Newly marked; those that were orphans before are in `stillOrphaned`, by id. */
  readonly orphaned: readonly Operation[];
  readonly stillOrphaned: readonly string[];
  /** Operations of the document without a rule after the import, the organization's own rules counted. */
  readonly unmapped: readonly UnmappedOperation[];
  readonly problems: readonly ImportProblem[];
  readonly notes: readonly DocumentNote[];
  readonly changes: readonly Change[];
};

/**
 * What importing a document into a product would do. `records` are those that stand, of any kinds; with all of an organization's, ids of
 * other products' permission sets and roles are kept clear of. Built-in roles come with it, so that the changes are admitted as a
 * catalogue's. Problems carry their lines; codes are those of `IMPORT_PROBLEMS`.
 */
export function planImport(described: Described, records: Iterable<Rec>, options: ImportOptions): ImportPlan {
  const problems = new Problems();
  const standing = standingOf(records, options.product);
  options.onProgress?.({ stage: "plan", fraction: 0 });
  const catalogue = planCatalogue({ described, standing, problems }, { product: options.product, name: options.name ?? described.title });
  const imported = importOperations({ described, standing, catalogue, problems }, options);
  const kept = new Set(imported.flatMap(({ before }) => (before === undefined ? [] : [before.id])));
  const missing = standing.operations.filter(({ id }) => !kept.has(id));
  const orphaned =
    options.partial === true ? [] : missing.filter(({ orphan }) => orphan !== true).map((one): Operation => ({ ...one, orphan: true }));
  const moved = imported.filter(({ before, after }) => before === undefined || !same(before, after));
  const put: readonly Rec[] = [
    ...catalogue.put,
    ...[...moved.map(({ after }) => after), ...orphaned].map((value): Rec => ({ kind: "operation", value })),
  ];
  checkRecords(put, { imported, problems });
  options.onProgress?.({ stage: "plan", fraction: 1 });
  return {
    product: { id: options.product, made: standing.product === undefined },
    catalogue: catalogue.put.flatMap((rec) => describePut(rec, standing)),
    added: imported.flatMap(({ before, after, at }) => (before === undefined ? [{ operation: after, at }] : [])),
    changed: moved.flatMap(({ before, after, at }) =>
      before === undefined ? [] : [{ before, after, members: differing(before, after), at }],
    ),
    unchanged: imported.flatMap(({ before, after }) => (before !== undefined && same(before, after) ? [after.id] : [])),
    orphaned,
    stillOrphaned: missing.filter(({ orphan }) => orphan === true).map(({ id }) => id),
    unmapped: imported.flatMap((one) => unmapped(one, { standing, readDefault: catalogue.product.readDefault })),
    problems: problems.list,
    notes: described.notes,
    changes: problems.list.length > 0 ? [] : put.map((rec): Change => ({ put: rec })),
  };
}

const same = (before: Operation, after: Operation): boolean =>
  sameRecord({ kind: "operation", value: before }, { kind: "operation", value: after });

const differing = (before: Operation, after: Operation): readonly string[] => {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof Operation>;
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
};

type Reading = {
  readonly described: Described;
  readonly standing: Standing;
  readonly catalogue: CataloguePlan;
  readonly problems: Problems;
};

function importOperations({ described, standing, catalogue, problems }: Reading, options: ImportOptions): readonly ImportedOperation[] {
  const known = new Map(standing.operations.map((operation) => [operationKey(operation), operation]));
  const base = basePathFor(described, options, problems);
  const placed = described.operations.flatMap((operation) => placeOperation(operation, base, problems));
  const fresh = placed.filter(({ key }) => !known.has(key));
  const ids = giveIds(
    fresh.map(({ operation, path }) => ({ ...operation, path })),
    standing.operations.map(({ id }) => id),
  );
  const idOf = new Map(fresh.map(({ key }, index) => [key, ids[index] as string]));
  const names = new Names(catalogue, problems);
  return placed.map(({ operation, key, path }, index) => {
    if (index % 256 === 0) options.onProgress?.({ stage: "plan", fraction: index / placed.length });
    const before = known.get(key);
    const id = before?.id ?? (idOf.get(key) as string);
    return importOperation({ operation, path, id, before }, { product: catalogue.product, names, problems, source: options.source });
  });
}

type Placed = { readonly operation: DescribedOperation; readonly path: string; readonly key: string };

const START: Place = { pointer: "", line: 1, column: 1 };

function basePathFor(described: Described, options: ImportOptions, problems: Problems): string {
  const given = options.basePath ?? described.basePath ?? "";
  const base = given.replace(/\/+$/, "");
  if (base === "" || parseTemplate(base)?.parameters.length === 0) return base;
  problems.add("base_path", START, {
    detail: `"${given.slice(0, 200)}" is no base path: it begins with a slash and has plain segments only.`,
  });
  return "";
}

function placeOperation(operation: DescribedOperation, base: string, problems: Problems): readonly Placed[] {
  const before = operation.basePath ?? base;
  const path = operation.path === "/" && before !== "" ? before : `${before}${operation.path}`;
  if (parseTemplate(path) !== undefined) return [{ operation, path, key: operationKey({ method: operation.method, path }) }];
  problems.add("unsupported_template", operation.at, { detail: `Requests cannot be matched with "${path.slice(0, 200)}".` });
  return [];
}

/** Whatever a document says, no record is written that core would not read back. */
function checkRecords(
  put: readonly Rec[],
  { imported, problems }: { readonly imported: readonly ImportedOperation[]; readonly problems: Problems },
): void {
  const places = new Map(imported.map(({ after, at }) => [after.id, at]));
  for (const { kind, value } of put) {
    const read = parseRecord(kind, value);
    if (read.ok) continue;
    const at = (kind === "operation" ? places.get(value.id) : undefined) ?? START;
    for (const { pointer, detail } of read.error) problems.add("refused", at, { detail: `${kind}${pointer}: ${detail}` });
  }
}

function describePut({ kind, value }: Rec, { product, sets, roles }: Standing): ImportPlan["catalogue"] {
  if (kind !== "product" && kind !== "permission-set" && kind !== "role") return [];
  const before = kind === "product" ? product : (kind === "role" ? roles : sets).find(({ id }) => id === value.id);
  return [{ kind, id: value.id, added: before === undefined }];
}

type Mapped = { readonly standing: Standing; readonly readDefault: readonly Alternative[] | undefined };

function unmapped({ after, at }: ImportedOperation, { standing, readDefault }: Mapped): readonly UnmappedOperation[] {
  if (after.alternatives !== undefined || standing.ruled.has(after.id)) return [];
  const { id, method, path, summary } = after;
  const effect = method === "GET" || method === "HEAD" ? "read" : "mutation";
  const opensByDefault = effect === "read" && readDefault !== undefined;
  return [{ id, method, path, ...(summary === undefined ? {} : { summary }), effect, opensByDefault, at }];
}
