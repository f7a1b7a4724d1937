/**
 * The decision about an operation: which row a request is, what it is about, and whether one of the row's alternatives holds.
 *
 * Steps a to f of the model's §3. Grants, ownership, administration and Permit rules open no operation; a Deny rule closes it.
 * Invariant: what is not mapped, not declared or not given is a deny, with its reason.
 */
import type { Condition, Decision, Facts as DecisionFacts, Evidence, Missing, OperationRequest } from "../model/index.ts";
import {
  type AlternativeHold,
  type Asking,
  alternativeHolds,
  isEveryPrerequisiteHeld,
  missingOfAlternatives,
  ruleActions,
} from "./alternatives.ts";
import type { ProductInfo } from "./catalogue.ts";
import { denyNoAccess, judge } from "./decide.ts";
import { Facts } from "./facts.ts";
import { untimely } from "./missing.ts";
import { type AlternativeInfo, type DocumentRow, methodAt, type OperationInfo, type ProductOperations } from "./operations.ts";
import type { Assumed } from "./people.ts";
import type { Place } from "./place.ts";
import type { Plan } from "./plan.ts";
import { ask, deny, isKnown, type Moment } from "./question.ts";
import { firstDeny, matchingRules } from "./rules.ts";
import type { State } from "./state.ts";
import { readTarget, type Target } from "./target.ts";
import { locateTarget, type Targeted } from "./targeting.ts";

/**
 * Decides one call of an API at `now` (epoch milliseconds). Method override headers are the surface's affair. What is missing
 * is found when it is read, on this plan; the request must not be changed before. Source: model §3, §4.
 */
export function decideOperation(plan: Plan, request: OperationRequest, now: number): Decision {
  const brief = decideCall({ state: plan.state(), now, isBrief: true }, request);
  const { code } = brief;
  if (code !== "no_access" && code !== "attribute_unavailable") return brief;
  let facts: DecisionFacts | undefined;
  return {
    allow: false,
    code,
    get facts(): DecisionFacts {
      facts ??= decideCall({ state: plan.state(), now }, request).facts as DecisionFacts;
      return facts;
    },
  };
}

/** `hanging` collects the conditions of alternatives that hold but for attributes that were not given. */
export function decideCall(moment: Moment, request: OperationRequest, hanging?: Condition[]): Decision {
  const { state } = moment;
  const target = readTarget(request.target);
  if ("ambiguous" in target) return deny("ambiguous_path", { why: target.ambiguous });
  const product = state.catalogue.products.get(request.product);
  if (product === undefined) return deny("unknown_operation", { product: request.product });
  const operations = state.operations.find(product.id);
  if (operations === undefined) return unknownOperation(request);
  // Member by member: this is the hot path, and spreading costs more than the rest of it.
  const call: Call = { state, now: moment.now, assumed: moment.assumed, isBrief: moment.isBrief, request, product, hanging };
  if (operations.basePathCount > 0) {
    const version = operations.basePaths.longest(target.segments);
    if (version !== undefined) {
      const rest: Target = { segments: target.segments.slice(version.length), hasTrailingSlash: target.hasTrailingSlash };
      return decideVersion(call, version.node.methods.get("version") as number, rest);
    }
  }
  return decideRow(call, operations, target);
}

type Call = {
  readonly state: State;
  readonly request: OperationRequest;
  readonly now: number;
  readonly assumed?: Assumed | undefined;
  readonly product: ProductInfo;
  readonly hanging: Condition[] | undefined;
  readonly isBrief?: boolean | undefined;
};

function unknownOperation(request: OperationRequest): Decision {
  return deny("unknown_operation", { product: request.product });
}

function decideRow(call: Call, operations: ProductOperations, target: Target): Decision {
  const { state, request, product } = call;
  if (target.hasTrailingSlash && product.record.trailingSlashIsNone !== true) return unknownOperation(request);
  const matched = operations.routes.match(target.segments);
  const row = matched === undefined ? undefined : methodAt<OperationInfo>(matched.node, request.method);
  if (matched === undefined || row === undefined) return unknownOperation(request);
  const rule = row.own ?? row.published ?? (row.record.method === "GET" ? operations.readDefault : undefined);
  const named = { operation: row.record.id };
  if (rule === undefined) return deny("unmapped_operation", named);
  const places = locateTarget(call, row, matched.values);
  if ("code" in places) return deny(places.code, { ...named, ...(places.resource === undefined ? {} : { resource: places.resource }) });
  const parameter = row.record.organizationParameter;
  if (parameter !== undefined) {
    const value = matched.values[row.parameters.indexOf(parameter)];
    if (value === undefined || state.organization?.tenantIds.includes(value) !== true)
      return deny("wrong_organization", { ...named, parameter });
  }
  const subject = subjectOf(call);
  if (subject === undefined) return deny("unknown_principal", { principal: request.principal.id, ...named });
  const { now, assumed, isBrief, hanging } = call;
  const asking: Asking = { state, now, assumed, isBrief, request, product, hanging, subject, targeted: places };
  const denied = state.policies.isEmpty
    ? undefined
    : deniedByPolicy(asking, ruleActions(state, `${row.record.method} ${row.record.path}`, rule));
  if (denied !== undefined) return deny("denied_by_policy", { ...denied, ...named });
  return decideAlternatives(asking, row, rule);
}

function subjectOf(call: Call): Asking["subject"] | undefined {
  const { state, request, now, assumed } = call;
  const principal = state.people.names.find(request.principal.id);
  if (!isKnown(state, principal, request.principal.type)) return undefined;
  return assumed === undefined ? state.people.subject(principal, now) : state.people.compute(principal, now, assumed);
}

/** Step d: Deny rules for the target, then for each further target, under each of the actions. */
function deniedByPolicy(asking: Asking, actions: readonly string[]): DecisionFacts | undefined {
  const { state, product, targeted } = asking;
  if (!product.policiesApply) return undefined;
  const concerned = actions.filter((action) => state.policies.concern(action));
  if (concerned.length === 0) return undefined;
  let first: DecisionFacts | undefined;
  for (const place of [targeted.target, ...targeted.further]) {
    for (const action of concerned) {
      const rules = matchingRules(state, place, action);
      if (rules.length === 0) continue;
      first = firstDeny(rules, factsAt(asking, place, action));
      if (first !== undefined) return first;
    }
  }
  return undefined;
}

function factsAt(asking: Asking, place: Place, action: string): Facts {
  const { state, now, subject, request, product } = asking;
  const sent = { "subject.properties": request.principal.properties, context: request.context, attributes: request.attributes };
  return new Facts({ state, now, subject, subjectType: request.principal.type, sent, isTarget: true, product }, place, action);
}

/** Steps e and f. */
function decideAlternatives(asking: Asking, row: OperationInfo, rule: readonly AlternativeInfo[]): Decision {
  const { record } = row;
  const action = `${record.method} ${record.path}`;
  const facts = factsAt(asking, asking.targeted.target, action);
  const isHeld = isEveryPrerequisiteHeld(asking);
  let absent: Set<string> | undefined;
  for (let index = 0; isHeld && index < rule.length; index++) {
    const alternative = rule[index] as AlternativeInfo;
    const hold = alternativeHolds(asking, alternative, facts);
    if (hold === undefined) continue;
    if (hold.absent.length === 0) return allowed(record, index, hold);
    absent ??= new Set();
    for (const name of hold.absent) absent.add(name);
    asking.hanging?.push(alternative.record.when as Condition);
  }
  const missing = asking.isBrief === true ? [] : missingOfCall(asking, { row: record.id, rule, facts });
  if (absent !== undefined) return deny("attribute_unavailable", { operation: record.id, attributes: [...absent], missing });
  return deny("no_access", { operation: record.id, missing });
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function allowed({ id, filter }: OperationInfo["record"], alternative: number, hold: AlternativeHold): Decision {
  const { role, set, scope } = hold;
  const evidence: Mutable<Extract<Evidence, { readonly source: "rule" }>> = { source: "rule", operation: id, alternative, role };
  if (set !== undefined) evidence.set = set;
  if (scope !== undefined) evidence.scope = scope;
  const decision: Decision = { allow: true, code: "allowed_by_rule", evidence };
  return filter === undefined ? decision : { ...decision, filter };
}

function missingOfCall(asking: Asking, at: { row: string; rule: readonly AlternativeInfo[]; facts: Facts }): Missing[] {
  const missing = missingOfAlternatives(asking, at);
  if (asking.assumed !== undefined) return missing;
  // Grants open no operation: none of them is missing.
  for (const { assumed, missing: entry } of untimely(asking, [])) {
    if (decideCall({ ...asking, assumed }, asking.request).allow) missing.push(entry);
  }
  return missing;
}

/** A call below the base path of a registered version: `call` on it, then what its document says. */
function decideVersion(call: Call, version: number, rest: Target): Decision {
  const { state, request } = call;
  const path = state.tree.path(version);
  const document = state.documents.get(version);
  const { principal, context, attributes } = request;
  const sent = { ...(context === undefined ? {} : { context }), ...(attributes === undefined ? {} : { attributes }) };
  const question = ask(call, { principal, action: { name: "call" }, resource: { path }, ...sent });
  if ("allow" in question) return question;
  const decision = judge(question, (hits) =>
    call.isBrief === true
      ? deny("no_access", {})
      : denyNoAccess(question, hits, (assumed) => decideCall({ ...call, assumed }, request).allow),
  );
  if (!decision.allow) return decision;
  if (document === undefined) return decision;
  if (rest.hasTrailingSlash && call.product.record.trailingSlashIsNone !== true) return unknownOperation(request);
  const matched = document.match(rest.segments);
  const row = matched === undefined ? undefined : methodAt<DocumentRow>(matched.node, request.method);
  if (row === undefined) return unknownOperation(request);
  const targeted: Targeted = { target: question.place, further: [], unsaid: false };
  const asking: Asking = { ...call, subject: question.subject, targeted };
  const action = `${row.record.method} ${row.record.path}`;
  const denied = deniedByPolicy(asking, [action]);
  if (denied !== undefined) return deny("denied_by_policy", { ...denied, operation: action });
  if (row.alternatives === undefined) return decision;
  return decideDocumentRow(asking, row, row.alternatives);
}

function decideDocumentRow(asking: Asking, row: DocumentRow, alternatives: readonly AlternativeInfo[]): Decision {
  const action = `${row.record.method} ${row.record.path}`;
  const record = { id: action, method: row.record.method, path: row.record.path };
  return decideAlternatives(asking, { record } as OperationInfo, alternatives);
}
