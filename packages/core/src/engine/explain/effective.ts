/**
 * Effective permissions: every registered resource and collection with the actions that check allows, and the source of each.
 *
 * Collections are listed below every registered resource for each type that may lie directly under it, and below `/`.
 * Invariant: an action stands here iff `decide` allows it, with the source that `decide` names.
 */
import { compareUtf8, type Evidence, formatPath, type JsonObject, parsePath, type Subject as SubjectRef } from "../../model/index.ts";
import { judge } from "../decide/decide.ts";
import { ask, isKnown } from "../decide/question.ts";
import type { Plan } from "../plan.ts";
import type { TypeInfo } from "../state/catalogue.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";

export type EffectiveQuery = {
  readonly principal: SubjectRef;
  /** Only what lies at or below this resource. */
  readonly below?: string;
  readonly context?: JsonObject;
  readonly after?: string;
  readonly max: number;
};
export type EffectiveEntry = {
  readonly path: string;
  readonly actions: readonly { readonly name: string; readonly source: Evidence["source"] }[];
};
export type EffectivePage = { readonly entries: readonly EffectiveEntry[]; readonly next?: string };

/** One page of effective permissions at `now`, by path. Unknown names give an empty one. Source: model §5. */
export function effective(plan: Plan, query: EffectiveQuery, now: number): EffectivePage {
  const state = plan.state();
  if (!isKnown(state, state.people.names.find(query.principal.id), query.principal.type)) return { entries: [] };
  const start = query.below === undefined ? ROOT : state.tree.find(query.below);
  if (start === 0) return { entries: [] };
  const { after } = query;
  const paths = [...pathsBelow(state, start)].filter((path) => after === undefined || compareUtf8(path, after) > 0).sort(compareUtf8);
  const entries: EffectiveEntry[] = [];
  for (const path of paths) {
    const actions = actionsAt(state, { query, path, now });
    if (actions.length === 0) continue;
    if (entries.length === query.max) return { entries, next: (entries[query.max - 1] as EffectiveEntry).path };
    entries.push({ path, actions });
  }
  return { entries };
}

function* pathsBelow(state: State, start: number): Iterable<string> {
  for (const node of state.tree.below(start)) {
    if (!state.tree.registered(node)) continue;
    const path = state.tree.path(node);
    yield path;
    const pairs = parsePath(path)?.pairs ?? [];
    for (const type of typesBelow(state, node)) yield formatPath(pairs, type.name);
  }
}

function* typesBelow(state: State, node: number): Iterable<TypeInfo> {
  if (node === ROOT) {
    yield* state.catalogue.roots();
    return;
  }
  const type = state.tree.type(node);
  for (const below of type?.product.types.values() ?? []) if (below.parents?.includes(type?.name ?? "") === true) yield below;
}

function actionsAt(state: State, at: { query: EffectiveQuery; path: string; now: number }): EffectiveEntry["actions"] {
  const { query, path, now } = at;
  const actions: { name: string; source: Evidence["source"] }[] = [];
  for (const name of actionNames(state, path)) {
    const sent = query.context === undefined ? {} : { context: query.context };
    const question = ask({ state, now }, { principal: query.principal, action: { name }, resource: { path }, ...sent });
    if ("allow" in question) continue;
    const decision = judge(question);
    if (decision.allow && decision.evidence !== undefined) actions.push({ name, source: decision.evidence.source });
  }
  return actions;
}

function actionNames(state: State, path: string): readonly string[] {
  if (path === "/") return [...state.catalogue.organizationActions.keys()].sort(compareUtf8);
  const parsed = parsePath(path);
  let type: TypeInfo | undefined;
  for (const [index, pair] of (parsed?.pairs ?? []).entries()) type = state.catalogue.resolve(type, index === 0, pair.type);
  if (parsed?.collection !== undefined) type = state.catalogue.resolve(type, parsed.pairs.length === 0, parsed.collection);
  return [...(type?.actions.keys() ?? [])].sort(compareUtf8);
}
