/**
 * Prepared requests: the names of a request turned into ids once, to be decided many times.
 *
 * What lists, batches and long-lived enforcement points use: the strings of a request cost more than its decision.
 * Invariant: a prepared request is decided as the request itself would be, as long as it is asked of the plan that prepared it.
 */
import type { Request } from "../../model/index.ts";
import type { Plan } from "../plan.ts";
import type { ActionInfo } from "../state/catalogue.ts";
import type { State } from "../state/state.ts";
import { ROOT } from "../state/tree.ts";
import { isRefusal, locate, type Place } from "./place.ts";
import { type Asked, actionAt, isAllowed, isKnown, type Question } from "./question.ts";

/** `node`: of a resource that has one, which says all of its place; else 0, and `place` says it. */
export type Prepared = {
  readonly principal: number;
  readonly node: number;
  readonly action: ActionInfo;
  readonly request: Asked;
  readonly place: Place | undefined;
};
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Turns a request's names into ids; `undefined`: it is refused before any source is looked at (see `decide` for the reason). */
export function prepare(plan: Plan, request: Request): Prepared | undefined {
  return prepareIn(plan.state(), request);
}

export function prepareIn(state: State, request: Asked): Prepared | undefined {
  const principal = state.people.names.find(request.principal.id);
  if (!isKnown(state, principal, request.principal.type)) return undefined;
  const place = locate(state, request.resource);
  if (isRefusal(place)) return undefined;
  const action = actionAt(state, place, request.action.name);
  if (action === undefined) return undefined;
  return { principal, node: place.node, action, request, place: place.node === 0 ? place : undefined };
}

/** The one question that is filled anew for each decision, so that deciding allocates nothing. */
const question = {} as Mutable<Question>;

/** The one place of a node that is filled anew for each decision. */
const known: Mutable<Place> = { kind: "resource", type: undefined, node: 0, above: 0, sandbox: 0, rest: [], registered: true };

/** Sandbox and registration are read only where something looks at them: a node's cold half costs a cache line. */
function placeAt(state: State, node: number, action: ActionInfo): Place {
  const isLookedAt = action.type.product.record.boundedBy === "sandboxes" || state.policies.concern(action.name);
  known.type = node === ROOT ? undefined : action.type;
  known.node = node;
  known.above = node;
  known.sandbox = isLookedAt ? state.tree.sandbox(node) : 0;
  known.registered = isLookedAt ? state.tree.registered(node) : true;
  return known;
}

/** Whether a prepared request is allowed at `now`: the verdict of `decide`, without reasons and without allocation. */
export function decidePrepared(plan: Plan, prepared: Prepared, now: number): boolean {
  return isPreparedAllowed(plan.state(), prepared, now);
}

export function isPreparedAllowed(state: State, prepared: Prepared, now: number): boolean {
  question.state = state;
  question.subject = state.people.subject(prepared.principal, now);
  question.place = prepared.place ?? placeAt(state, prepared.node, prepared.action);
  question.action = prepared.action;
  question.request = prepared.request;
  question.now = now;
  question.assumed = undefined;
  return isAllowed(question);
}
