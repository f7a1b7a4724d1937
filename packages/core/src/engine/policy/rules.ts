/**
 * Rules of policies at a place: which match, which denies first, which permits.
 *
 * A rule matches when its policy covers the sandbox, and both the policy's subject condition and its own are true. A condition
 * that fails is not false: for a Deny rule it counts as a match, for a Permit rule it never does.
 * Invariant: a Deny is never lost to an error, and a Permit never won by one.
 */
import type { Facts as DecisionFacts, Evidence } from "../../model/index.ts";
import type { Place } from "../decide/place.ts";
import type { State } from "../state/state.ts";
import type { Compiled } from "./condition.ts";
import type { Facts } from "./facts.ts";
import { FAILED, type Outcome } from "./outcome.ts";
import { PlaceParts } from "./place-parts.ts";
import type { RuleInfo } from "./policies.ts";
import { ABSENT } from "./readers.ts";

/** Of the place whose rules are looked for. */
const parts = new PlaceParts();

/** Every rule of an active policy whose pattern and action fit, in the order (policy id, rule). */
export function matchingRules(state: State, place: Place, action: string): readonly RuleInfo[] {
  parts.fill(state, place);
  return state.policies.matching(action, parts);
}

/**
 * The rules that match a child, which match every sibling of it too. `undefined`: there may be others that name a sibling by its id,
 * so that each has to be asked about.
 */
export function matchingSiblings(state: State, child: Place, action: string): readonly RuleInfo[] | undefined {
  parts.fill(state, child);
  return state.policies.mayNameSibling(action, parts) ? undefined : state.policies.matching(action, parts);
}

/** The first Deny rule that matches, as facts of the decision. */
export function firstDeny(rules: readonly RuleInfo[], facts: Facts): DecisionFacts | undefined {
  for (const rule of rules) {
    if (rule.rule.effect !== "deny" || !coversSandbox(rule, facts)) continue;
    const subject = outcomeOf(rule.policy.subject, facts, "deny");
    if (subject === false) continue;
    const own = outcomeOf(rule.condition, facts, "deny");
    if (own === false) continue;
    const failed = subject === FAILED || own === FAILED;
    return { policy: rule.policy.record.id, rule: rule.index, ...(failed ? { conditionFailed: true as const } : {}) };
  }
  return undefined;
}

/** The first Permit rule that matches and may open the place. */
export function firstPermit(rules: readonly RuleInfo[], facts: Facts): Evidence | undefined {
  for (const rule of rules) if (permits(rule, facts)) return { source: "policy", policy: rule.policy.record.id, rule: rule.index };
  return undefined;
}

export function permits(rule: RuleInfo, facts: Facts): boolean {
  if (rule.rule.effect !== "permit" || !mayPermit(rule, facts)) return false;
  return outcomeOf(rule.policy.subject, facts, "permit") === true && outcomeOf(rule.condition, facts, "permit") === true;
}

/** Everything that a Permit rule needs but its conditions: the sandbox, a role that applies there, a label that it speaks of. */
export function mayPermit(rule: RuleInfo, facts: Facts): boolean {
  if (!coversSandbox(rule, facts)) return false;
  if (facts.place.sandbox !== 0 && facts.roles().length === 0) return false;
  const prefixes = rule.condition?.labelPrefixes ?? [];
  if (prefixes.length === 0) return true;
  const told = facts.labels();
  // Sent labels that are no labels fail the conditions that name them; what the resource carries it carries all the same.
  const labels = told === ABSENT ? facts.carriedLabels() : told;
  return labels?.some((label) => prefixes.some((prefix) => label.startsWith(prefix))) === true;
}

/** Outside every sandbox a policy's list takes no part. */
export function coversSandbox(rule: RuleInfo, facts: Facts): boolean {
  const { sandboxes } = rule.policy;
  return facts.place.sandbox === 0 || sandboxes === "all" || sandboxes.has(facts.place.sandbox);
}

/** The outcome of a condition, which is evaluated once, however many rules of the decision have it. */
export function outcomeOf(condition: Compiled | undefined, facts: Facts, effect: "deny" | "permit"): Outcome {
  if (condition === undefined) return true;
  const isByRole = condition.labelPrefixes.length > 0 && facts.asked.state.catalogue.labelsFromOneRole;
  const { last } = condition;
  const asked = isByRole ? effect : undefined;
  if (last.mark === facts.mark && last.effect === asked) return last.outcome;
  const outcome = isByRole ? outcomeByRole(condition, facts, effect) : condition.run(facts);
  last.mark = facts.mark;
  last.effect = asked;
  last.outcome = outcome;
  return outcome;
}

/** Of a condition with label operators, over each role's labels alone (model §9). */
function outcomeByRole(condition: Compiled, facts: Facts, effect: "deny" | "permit"): Outcome {
  const roles = facts.roles();
  let result: Outcome = effect === "deny";
  for (const labels of roles.length === 0 ? [[]] : roles.map((role) => facts.asked.state.roles.at(role)?.record.labels ?? [])) {
    facts.roleLabels = labels;
    const outcome = condition.run(facts);
    if (effect === "deny" && outcome === false) result = false;
    else if (effect === "deny" && outcome === FAILED && result === true) result = FAILED;
    else if (effect === "permit" && outcome === true) result = true;
  }
  facts.roleLabels = undefined;
  return result;
}
