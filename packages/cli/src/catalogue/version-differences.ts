/**
 * What a newer version of a document adds, removes and changes, against an older version or against what stands on a server: one shape
 * for both.
 *
 * Invariant: an operation that changes something, and that the newer version adds without a rule or takes its rule from, is among
 * `unmappedMutations`, whatever else is told of it.
 */
import type { Alternative, Operation } from "@reeve/core";
import { compareDocuments, type Described, type DescribedAlternative, type DescribedOperation, type Place } from "@reeve/openapi";
import type { Finding } from "./finding-lines.ts";
import type { Plan } from "./import-job.ts";
import { type Alternatives, isMutation } from "./rule-words.ts";

export type Member = { readonly member: string; readonly before: unknown; readonly after: unknown };
/** `at`: in the newer document; of what is removed, in the older one, where there is one. */
export type ToldOperation = {
  readonly method: string;
  readonly path: string;
  readonly id?: string;
  /** Absent: none. */
  readonly rule?: Alternatives;
  readonly at?: Pick<Place, "line" | "column">;
};
export type Differences = {
  /** Of the document or product as a whole. */
  readonly about: readonly Member[];
  readonly added: readonly ToldOperation[];
  readonly removed: readonly ToldOperation[];
  readonly changed: readonly (ToldOperation & { readonly members: readonly Member[] })[];
  readonly unmappedMutations: readonly ToldOperation[];
  /** Without a rule before and after: how many operations that change something. */
  readonly unmappedBefore: number;
  readonly notes: readonly Finding[];
};

/** What is too long to be told whole. */
const CHANGED = { before: "(as it was)", after: "(changed)" } as const;

/** Words for people: whoever may do what is the same with others. */
const ONLY_WORDS: readonly string[] = ["title", "version", "tags", "tag", "summary", "deprecated"];

/** Whether there is something that matters to permissions. */
export function matters({ about, added, removed, changed }: Differences): boolean {
  const members = [...about, ...changed.flatMap((one) => one.members)];
  return added.length + removed.length > 0 || members.some(({ member }) => !ONLY_WORDS.includes(member));
}

export function betweenDocuments(before: Described, after: Described): Differences {
  const { added, removed, changed, unmappedMutations, about } = compareDocuments(before, after);
  const isNew = new Set(unmappedMutations);
  return {
    about: about.map((member) =>
      member === "catalogue" ? { member, ...CHANGED } : { member, before: before[member], after: after[member] },
    ),
    added: added.map((one) => described(one, after)),
    removed: removed.map((one) => described(one, before)),
    changed: changed.map((pair) => ({
      ...described(pair.after, after),
      members: pair.aspects.map((aspect) => ({
        member: aspect,
        before: aspectOf(aspect, pair.before),
        after: aspectOf(aspect, pair.after),
      })),
    })),
    unmappedMutations: unmappedMutations.map((one) => described(one, after)),
    unmappedBefore: after.operations.filter((one) => isMutation(one) && one.rule === undefined && !isNew.has(one)).length,
    notes: after.notes,
  };
}

function described({ method, path, basePath, operationId, rule, at }: DescribedOperation, document: Described): ToldOperation {
  return {
    method,
    path: `${basePath ?? document.basePath ?? ""}${path}`,
    ...(operationId === undefined ? {} : { id: operationId }),
    ...(rule === undefined ? {} : { rule: rule.alternatives.map(plain) }),
    at: { line: at.line, column: at.column },
  };
}

/** As the model writes it, with the document's own names. */
function plain(alternative: DescribedAlternative): Alternative {
  const { when, product } = alternative;
  const more = { ...(when === undefined ? {} : { when }), ...(product === undefined ? {} : { product }) };
  if ("profiles" in alternative) return { roles: alternative.profiles.map(({ name }) => name), ...more };
  return "permission" in alternative ? { permission: alternative.permission.name, ...more } : { anyRole: true, ...more };
}

function aspectOf(aspect: string, operation: DescribedOperation): unknown {
  const { rule, scope, also, filter, parameters } = operation;
  switch (aspect) {
    case "rule":
      return rule?.alternatives.map(plain);
    case "scope":
      return {
        target: scope === undefined ? undefined : `/${scope.parts.map(({ type, parameter }) => `${type.name}/{${parameter}}`).join("/")}`,
        organizationParameter: scope?.organizationParameter,
        also: also?.map(({ type, ...one }) => ({ ...one, type: type.name })),
        filter: filter === undefined ? undefined : { ...filter, type: filter.type.name },
      };
    case "parameters":
      return parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    default:
      return (operation as unknown as Readonly<Record<string, unknown>>)[aspect];
  }
}

/** What an import of the newer document would do to what stands. Operations that it lacks would stay, as orphans. */
export function fromPlan({ catalogue, added, changed, orphaned, unmapped, notes }: Plan): Differences {
  const places = new Map(unmapped.map(({ id, at }) => [id, at]));
  const back = changed.filter(({ members }) => members.includes("orphan")).map(({ after }) => after);
  const isNew = new Set([...added.map(({ operation }) => operation), ...back].map(({ id }) => id));
  const mutations = unmapped.filter(isMutation);
  return {
    about: catalogue.map((put) => ({
      member: `${put.kind} ${put.id}`,
      ...(put.added ? { before: undefined, after: "(added)" } : CHANGED),
    })),
    added: added.map(({ operation, at }) => standing(operation, at)),
    removed: orphaned.map((operation) => standing(operation)),
    changed: changed.map(({ before, after, members, at }) => ({
      ...standing(after, at),
      members: members.map((member) => changedMember(member, before, after)),
    })),
    unmappedMutations: mutations
      .filter(({ id }) => isNew.has(id))
      .map(({ id, method, path }) => ({ method, path, id, at: placeOf(places.get(id)) })),
    unmappedBefore: mutations.filter(({ id }) => !isNew.has(id)).length,
    notes,
  };
}

const placeOf = (at: Place | undefined): Pick<Place, "line" | "column"> => ({ line: at?.line ?? 1, column: at?.column ?? 1 });

const standing = ({ method, path, id, alternatives }: Operation, at?: Place): ToldOperation => ({
  method,
  path,
  id,
  ...(alternatives === undefined ? {} : { rule: alternatives }),
  ...(at === undefined ? {} : { at: placeOf(at) }),
});

function changedMember(member: string, before: Operation, after: Operation): Member {
  const [from, to] = [before, after].map((version) => (version as Readonly<Record<string, unknown>>)[member]);
  return { member: member === "alternatives" ? "rule" : member, before: from, after: to };
}
