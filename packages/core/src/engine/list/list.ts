/**
 * Lists: the resources, principals and actions for which check allows, and roles by what they hold.
 *
 * Candidates come from the reverse indexes and may be too many; each is decided by the same code as a check, which is what makes a
 * list equal the set of checks that allow. Entries are in byte order; a page begins after the last entry of the one before.
 * Invariant: complete at every page size: what check allows among the candidates' kind is in the list, and nothing else.
 */
import type { Condition, JsonObject, OperationRequest, Request, ResourceRef, Subject as SubjectRef } from "../../model/index.ts";
import { isRefusal, locate } from "../decide/place.ts";
import { isPreparedAllowed, prepareIn } from "../decide/prepare.ts";
import { decideCall } from "../operation/decide-operation.ts";
import type { Plan } from "../plan.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";
import { principalCandidates } from "./candidates.ts";
import { allowedResources, type ResourcesAsked } from "./list-resources.ts";
import { inOrder } from "./order.ts";

type Paging = {
  /** The last entry of the page before. */
  readonly after?: string;
  /** Entries a page; at least 1. */
  readonly max: number;
};
type Sent = { readonly context?: JsonObject };
export type ResourceQuery = Paging & ResourcesAsked & { readonly list: "resources" };
export type PrincipalQuery = Paging &
  Sent & {
    readonly list: "principals";
    /** The active principals of this kind. */
    readonly type: string;
    readonly ask:
      | { readonly action: Request["action"]; readonly resource: ResourceRef }
      | { readonly operation: Omit<OperationRequest, "principal"> };
  };
export type ActionQuery = Paging & Sent & { readonly list: "actions"; readonly principal: SubjectRef; readonly resource: ResourceRef };
/** Roles by what they hold: a query, no check. Every given member must fit. */
export type RoleQuery = Paging & {
  readonly list: "roles";
  readonly product?: string;
  readonly type?: string;
  readonly action?: string;
  readonly label?: string;
  readonly sandbox?: string;
};
export type ListQuery = ResourceQuery | PrincipalQuery | ActionQuery | RoleQuery;
/** `when`: the entry hangs on attributes; it is allowed where one of these conditions is true. */
export type Entry = { readonly id: string; readonly when?: readonly Condition[] };
export type Page = { readonly entries: readonly Entry[]; readonly next?: string };

/** One page of a list at `now`. Unknown names give an empty list. Source: model §5. */
export function list(plan: Plan, query: ListQuery, now: number): Page {
  const state = plan.state();
  switch (query.list) {
    case "resources":
      return pageOfRuns(allowedResources(state, query, now), query);
    case "principals":
      return pageOf(listPrincipals(state, query, now), query);
    case "actions":
      return pageOf(listActions(state, query, now), query);
    case "roles":
      return pageOf(listRoles(state, query), query);
  }
}

function pageOf(found: Iterable<Entry>, { max }: Paging): Page {
  const entries: Entry[] = [];
  for (const entry of found) {
    if (entries.length === max) return { entries, next: (entries[max - 1] as Entry).id };
    entries.push(entry);
  }
  return { entries };
}

function pageOfRuns(runs: Iterable<readonly string[]>, { max }: Paging): Page {
  const entries: Entry[] = [];
  for (const names of runs) {
    for (const id of names) {
      if (entries.length === max) return { entries, next: (entries[max - 1] as Entry).id };
      entries.push({ id });
    }
  }
  return { entries };
}

function* listPrincipals(state: State, query: PrincipalQuery, now: number): Iterable<Entry> {
  const { ask, type } = query;
  const named = new Map<string, number>();
  const candidates = "operation" in ask ? allPrincipals(state) : principalCandidates(state, ask);
  for (const id of candidates) {
    if (state.people.type(id) === type && state.people.isActive(id)) named.set(state.people.names.text(id), id);
  }
  const sent = query.context === undefined ? {} : { context: query.context };
  for (const name of inOrder([...named.keys()], query.after)) {
    const principal = { type, id: name };
    if ("operation" in ask) {
      const hanging: Condition[] = [];
      const decision = decideCall({ state, now }, { ...ask.operation, principal }, hanging);
      if (decision.allow) yield { id: name };
      else if (decision.code === "attribute_unavailable") yield { id: name, when: hanging };
      continue;
    }
    const prepared = prepareIn(state, { principal, action: ask.action, resource: ask.resource, ...sent });
    if (prepared !== undefined && isPreparedAllowed(state, prepared, now)) yield { id: name };
  }
}

function* allPrincipals(state: State): Iterable<number> {
  for (let id = 1; id <= state.people.names.last; id++) yield id;
}

function* listActions(state: State, query: ActionQuery, now: number): Iterable<Entry> {
  const place = locate(state, query.resource);
  if (isRefusal(place)) return;
  const names = place.node === ROOT ? state.catalogue.organizationActions.keys() : (place.type?.actions.keys() ?? []);
  const sent = query.context === undefined ? {} : { context: query.context };
  for (const name of inOrder([...names], query.after)) {
    const prepared = prepareIn(state, { principal: query.principal, action: { name }, resource: query.resource, ...sent });
    if (prepared !== undefined && isPreparedAllowed(state, prepared, now)) yield { id: name };
  }
}

function* listRoles(state: State, query: RoleQuery): Iterable<Entry> {
  const found: string[] = [];
  for (const { record } of state.roles.all()) {
    if (query.product !== undefined && record.product !== query.product) continue;
    if (query.label !== undefined && record.labels?.includes(query.label) !== true) continue;
    if (query.sandbox !== undefined && record.sandboxes?.includes(query.sandbox) !== true) continue;
    if ((query.type !== undefined || query.action !== undefined) && !holdsPair(state, record.sets, query)) continue;
    found.push(record.id);
  }
  for (const id of inOrder(found, query.after)) yield { id };
}

function holdsPair(state: State, sets: readonly { readonly set: string }[], query: RoleQuery): boolean {
  for (const { set } of sets) {
    for (const pair of state.catalogue.sets.get(set)?.pairs ?? []) {
      const fits = query.type === undefined || pair.type === query.type;
      if (fits && (query.action === undefined || pair.actions.includes(query.action))) return true;
    }
  }
  return false;
}
