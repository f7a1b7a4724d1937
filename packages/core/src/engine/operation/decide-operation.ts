/**
 * The decision about an operation: which row a request is, what it is about, and whether one of the row's alternatives holds.
 *
 * Steps a to f of the model's §3. Grants, ownership, administration and Permit rules open no operation; a Deny rule closes it.
 * Invariant: what is not mapped, not declared or not given is a deny, with its reason.
 */
import type { Condition, Decision, Evidence, Facts, Missing, OperationRequest } from "../../model/index.ts";
import { denyNoAccess, judge } from "../decide/decide.ts";
import { LateDeny } from "../decide/late-deny.ts";
import { ask, deny, isKnown, type Moment } from "../decide/question.ts";
import { untimely } from "../explain/missing.ts";
import type { Plan } from "../plan.ts";
import { firstDeny, matchingRules } from "../policy/rules.ts";
import type { ProductInfo } from "../state/catalogue.ts";
import type { Assumed } from "../state/people.ts";
import type { State } from "../state/state.ts";
import {
  type AlternativeHold,
  type Asking,
  concernedActions,
  conditionHolds,
  factsAt,
  heldBy,
  isEveryPrerequisiteHeld,
  missingOfAlternatives,
} from "./alternatives.ts";
import { type AlternativeInfo, type DocumentRow, methodAt, type OperationInfo, type ProductOperations } from "./operations.ts";
import { Path } from "./target.ts";
import { locateTarget, targetedAt } from "./targeting.ts";

/**
 * Decides one call of an API at `now` (epoch milliseconds). Method override headers are the surface's affair. What is missing
 * is found when it is read, on this plan; the request must not be changed before. Source: model §3, §4.
 */
export function decideOperation(plan: Plan, request: OperationRequest, now: number): Decision {
  const brief = decideCall({ state: plan.state(), now, isBrief: true }, request);
  const { code } = brief;
  if (code !== "no_access" && code !== "attribute_unavailable") return brief;
  return new LateDeny(code, factsLater(plan, request, now));
}

/** Apart, because what is kept for later is kept by every call of the function that keeps it. */
function factsLater(plan: Plan, request: OperationRequest, now: number): () => Facts {
  return () => decideCall({ state: plan.state(), now }, request).facts as Facts;
}

/** The path of the call that is being decided. A call decided meanwhile, for what is missing, is the same one and reads the same. */
const path = new Path();

/** `hanging` collects the conditions of alternatives that hold but for attributes that were not given. */
export function decideCall(moment: Moment, request: OperationRequest, hanging?: Condition[]): Decision {
  const { state, now, assumed, isBrief } = moment;
  const ambiguous = path.read(request.target);
  if (ambiguous !== undefined) return deny("ambiguous_path", { why: ambiguous });
  const product = state.catalogue.products.get(request.product);
  const operations = product === undefined ? undefined : state.operations.find(product.id);
  if (product === undefined || operations === undefined) return unknownOperation(request);
  // Member by member: this is the hot path, and spreading costs more than the rest of it.
  const call: Call = { state, now, assumed, isBrief, request, product, hanging };
  const version = operations.basePathCount === 0 ? undefined : operations.basePaths.longestOf(path);
  return version === undefined ? decideRow(call, operations) : decideVersion(call, version.node.get("version") as number, version.length);
}

type Call = {
  readonly state: State;
  readonly request: OperationRequest;
  readonly now: number;
  readonly assumed: Assumed | undefined;
  readonly product: ProductInfo;
  readonly hanging: Condition[] | undefined;
  readonly isBrief: boolean | undefined;
};

function unknownOperation(request: OperationRequest): Decision {
  return deny("unknown_operation", { product: request.product });
}

function decideRow(call: Call, operations: ProductOperations): Decision {
  const { state, request, product, now, assumed, isBrief, hanging } = call;
  if (path.hasTrailingSlash && product.record.trailingSlashIsNone !== true) return unknownOperation(request);
  const node = operations.routes.match(path);
  const row = node === undefined ? undefined : methodAt<OperationInfo>(node, request.method);
  if (row === undefined) return unknownOperation(request);
  const rule = row.own ?? row.published ?? (row.record.method === "GET" ? operations.readDefault : undefined);
  const operation = row.id;
  if (rule === undefined) return deny("unmapped_operation", { operation });
  const targeted = locateTarget(call, row, path);
  if ("code" in targeted) {
    const { code, resource } = targeted;
    return deny(code, resource === undefined ? { operation } : { operation, resource });
  }
  const parameter = row.organizationParameter;
  if (parameter !== undefined) {
    const tenant = parameter === -1 ? undefined : path.value(parameter);
    if (tenant === undefined || state.organization?.tenantIds.includes(tenant) !== true)
      return deny("wrong_organization", { operation, parameter: row.record.organizationParameter as string });
  }
  const subject = subjectOf(call);
  if (subject === undefined) return deny("unknown_principal", { principal: request.principal.id, operation });
  const asking: Asking = { state, now, assumed, isBrief, request, product, hanging, subject, targeted, action: row.name };
  if (!state.policies.isEmpty) {
    const denied = deniedByPolicy(asking, concernedActions(state, row.name, rule));
    if (denied !== undefined) return deny("denied_by_policy", { ...denied, operation });
  }
  return decideAlternatives(asking, row, rule);
}

function subjectOf(call: Call): Asking["subject"] | undefined {
  const { state, request, now, assumed } = call;
  const principal = state.people.names.find(request.principal.id);
  if (!isKnown(state, principal, request.principal.type)) return undefined;
  return assumed === undefined ? state.people.subject(principal, now) : state.people.compute(principal, now, assumed);
}

/** Step d: Deny rules for the target, then for each further target, under each of the actions. */
function deniedByPolicy(asking: Asking, actions: readonly string[]): Facts | undefined {
  const { state, product, targeted } = asking;
  if (product.isApart || actions.length === 0) return undefined;
  for (const place of [targeted.target, ...targeted.further]) {
    for (const action of actions) {
      const rules = matchingRules(state, place, action);
      const denied = rules.length === 0 ? undefined : firstDeny(rules, factsAt(asking, place, action));
      if (denied !== undefined) return denied;
    }
  }
  return undefined;
}

/** What an operation's decision says of its row. */
type Row = Pick<OperationInfo, "id" | "filter">;

/** Steps e and f. */
function decideAlternatives(asking: Asking, row: Row, rule: readonly AlternativeInfo[]): Decision {
  const isHeld = isEveryPrerequisiteHeld(asking);
  let absent: Set<string> | undefined;
  for (let index = 0; isHeld && index < rule.length; index++) {
    const alternative = rule[index] as AlternativeInfo;
    const hold = heldBy(asking, alternative);
    if (hold === undefined) continue;
    const { when } = alternative;
    const outcome = when === undefined || conditionHolds(asking, when);
    if (outcome === true) return allowed(row, index, hold);
    if (outcome === false) continue;
    absent ??= new Set();
    for (const name of outcome) absent.add(name);
    asking.hanging?.push(alternative.record.when as Condition);
  }
  if (asking.isBrief === true) return absent === undefined ? NO_ACCESS : UNAVAILABLE;
  const missing = missingOfCall(asking, row.id, rule);
  if (absent !== undefined) return deny("attribute_unavailable", { operation: row.id, attributes: [...absent], missing });
  return deny("no_access", { operation: row.id, missing });
}
/** Denies without their facts, for who asks briefly. */
const NO_ACCESS: Decision = Object.freeze({ allow: false, code: "no_access" });
const UNAVAILABLE: Decision = Object.freeze({ allow: false, code: "attribute_unavailable" });

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function allowed({ id, filter }: Row, alternative: number, { role, set, scope }: AlternativeHold): Decision {
  const evidence: Mutable<Extract<Evidence, { readonly source: "rule" }>> = { source: "rule", operation: id, alternative, role };
  if (set !== undefined) evidence.set = set;
  if (scope !== undefined) evidence.scope = scope;
  const decision: Decision = { allow: true, code: "allowed_by_rule", evidence };
  return filter === undefined ? decision : { ...decision, filter };
}

function missingOfCall(asking: Asking, row: string, rule: readonly AlternativeInfo[]): Missing[] {
  const missing = missingOfAlternatives(asking, row, rule);
  if (asking.assumed !== undefined) return missing;
  // Grants open no operation: none of them is missing.
  for (const { assumed, missing: entry } of untimely(asking, [])) {
    if (decideCall({ ...asking, assumed }, asking.request).allow) missing.push(entry);
  }
  return missing;
}

/** A call below the base path of a registered version, which is `length` segments: `call` on it, then what its document says. */
function decideVersion(call: Call, version: number, length: number): Decision {
  const { state, request, product, now, assumed, isBrief, hanging } = call;
  const document = state.documents.get(version);
  const { principal, context, attributes } = request;
  const sent = { ...(context === undefined ? {} : { context }), ...(attributes === undefined ? {} : { attributes }) };
  const question = ask(call, { principal, action: { name: "call" }, resource: { path: state.tree.path(version) }, ...sent });
  if ("allow" in question) return question;
  const decision = judge(question, (hits) =>
    isBrief === true ? NO_ACCESS : denyNoAccess(question, hits, (again) => decideCall({ ...call, assumed: again }, request).allow),
  );
  if (!decision.allow || document === undefined) return decision;
  if (path.hasTrailingSlash && product.record.trailingSlashIsNone !== true) return unknownOperation(request);
  const node = document.match(path, length);
  const row = node === undefined ? undefined : methodAt<DocumentRow>(node, request.method);
  if (row === undefined) return unknownOperation(request);
  const { name, alternatives } = row;
  const { subject, place } = question;
  const targeted = targetedAt(place);
  const asking: Asking = { state, now, assumed, isBrief, request, product, hanging, subject, targeted, action: name };
  const denied = deniedByPolicy(asking, state.policies.concern(name) ? [name] : []);
  if (denied !== undefined) return deny("denied_by_policy", { ...denied, operation: name });
  return alternatives === undefined ? decision : decideAlternatives(asking, { id: name, filter: undefined }, alternatives);
}
