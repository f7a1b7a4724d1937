/**
 * Questions: requests in which every name has become what it stands for, and whether anything opens them.
 *
 * Invariant: a question is about a known, active principal, a place that exists, and an action that its type declares.
 */
import {
  type Decision,
  type Facts as DecisionFacts,
  type JsonObject,
  ORGANIZATION_TYPE,
  type ReasonCode,
  type Request,
} from "../../model/index.ts";
import { Facts } from "../policy/facts.ts";
import type { RuleInfo } from "../policy/policies.ts";
import { firstDeny, firstPermit, matchingRules, matchingSiblings } from "../policy/rules.ts";
import type { ActionInfo } from "../state/catalogue.ts";
import type { Assumed, Subject } from "../state/people.ts";
import type { State } from "../state/state.ts";
import { isRefusal, locate, locatePath, type Place, type Refusal } from "./place.ts";
import { hasAccess, opensByRole } from "./sources.ts";

/**
 * A request; below the base path of a version, with the attributes of the call. `isPlain`: it is known that in the principal's id and the
 * path there is nothing that JSON escapes.
 */
export type Asked = Request & { readonly attributes?: JsonObject; readonly isPlain?: boolean };
/** When, and of which state, something is asked. `assumed`: one record outside its window that is counted all the same. */
export type Moment = {
  readonly state: State;
  readonly now: number;
  readonly assumed?: Assumed | undefined;
  /** What is missing is not asked for. */
  readonly isBrief?: boolean | undefined;
};
export type Question = {
  readonly state: State;
  readonly subject: Subject;
  readonly place: Place;
  readonly action: ActionInfo;
  readonly request: Asked;
  readonly now: number;
  readonly assumed: Assumed | undefined;
};
/** What the id of the principal and the path of a request stand for, 0: nothing, where that was found before. */
export type Found = { readonly principal: number; readonly node: number };
/** Turns the names of a request into what they stand for, or denies (steps 1 and 2). `found`: only of a request that names a path alone. */
export function ask(moment: Moment, request: Asked, found?: Found): Question | Decision {
  const { state, now, assumed } = moment;
  const principal = found === undefined ? state.people.names.find(request.principal.id) : found.principal;
  if (!isKnown(state, principal, request.principal.type)) return deny("unknown_principal", { principal: request.principal.id });
  const place = found === undefined ? locate(state, request.resource) : locatePath(state, request.resource.path as string, found.node);
  if (isRefusal(place)) return denyPlace(place);
  const action = actionAt(state, place, request.action.name);
  if (action === undefined) {
    return deny("unknown_action", { type: place.type?.name ?? ORGANIZATION_TYPE, action: request.action.name });
  }
  const subject = assumed === undefined ? state.people.subject(principal, now) : state.people.compute(principal, now, assumed);
  return { state, subject, place, action, request, now, assumed };
}

export function isKnown(state: State, principal: number, type: string): boolean {
  return principal !== 0 && state.people.isActive(principal) && state.people.type(principal) === type;
}

export function actionAt(state: State, place: Place, name: string): ActionInfo | undefined {
  return place.type === undefined ? state.catalogue.organizationActions.get(name) : place.type.actions.get(name);
}

export function deny(code: ReasonCode, facts: DecisionFacts): Decision {
  return { allow: false, code, facts };
}
export function denyPlace(refusal: Refusal): Decision {
  const { code, ...facts } = refusal;
  return { allow: false, code, facts };
}

/** Steps 3 to 5, the answer alone: `judge` without the words. Allocates nothing where no policy concerns the action. */
export function isAllowed(question: Question): boolean {
  return isAllowedUnder(rulesOf(question), question, isOpened);
}

/** The same, where it is known which rules match, and how to find whether a source other than Permit rules opens it. */
export function isAllowedUnder(rules: readonly RuleInfo[], question: Question, isOpen: (question: Question) => boolean): boolean {
  const facts = rules.length === 0 ? undefined : factsOf(question);
  if (facts !== undefined && firstDeny(rules, facts) !== undefined) return false;
  return isOpen(question) || (facts !== undefined && firstPermit(rules, facts) !== undefined);
}

/** Whether a source other than Permit rules opens it. */
export function isOpened(question: Question): boolean {
  if (opensByRole(question) || hasAccess(question)) return true;
  return question.subject.isAdmin && question.action.type.product.record.adminMayAll === true;
}

export function rulesOf(question: Question): readonly RuleInfo[] {
  return mayRulesMatch(question) ? matchingRules(question.state, question.place, question.action.name) : NO_RULES;
}

/** The rules of every sibling of a child; `undefined`: each has to be asked about, since one may be named by its id. */
export function rulesOfSiblings(child: Question): readonly RuleInfo[] | undefined {
  return mayRulesMatch(child) ? matchingSiblings(child.state, child.place, child.action.name) : NO_RULES;
}

function mayRulesMatch({ state, action }: Question): boolean {
  return !action.type.product.isApart && state.policies.concern(action.name);
}
const NO_RULES: readonly RuleInfo[] = Object.freeze([]);

export function factsOf(question: Question): Facts {
  return new Facts(question, question.place, question.action.name);
}
