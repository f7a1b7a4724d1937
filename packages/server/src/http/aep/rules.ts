/**
 * Rules of policies between the two tongues: how this surface writes them, and how the model does.
 *
 * Here a resource begins with `/orgs/{ORG}/sandboxes`, a condition is a text, and actions may have a prefix and other names. A rule is
 * kept as it was written beside what it means; what it means is decided on, and what was written is shown for as long as it means that.
 * A rule of another organization is kept and never matches. Source: docs/reference/experience-platform.md.
 * Invariant: what is shown is what is decided: a text whose meaning is no longer the policy's is not shown.
 */
import type { AepRule, AepRuleBody } from "@reeve/contract";
import { type Fault, type JsonObject, LIMITS, type Policy, type PolicyRule, parsePattern, SANDBOXES } from "@reeve/core";
import { readCondition } from "../../app/index.ts";
import type { Wire } from "./names.ts";
import { wrong } from "./patch.ts";

/** `names`: all ids by which the organization is known; the first is its own. */
export type RuleGround = { readonly names: readonly string[]; readonly wire: Wire };
export type Written = { readonly rules: readonly AepRule[]; readonly subjectCondition?: string };
type Meaning = Pick<Policy, "rules" | "subjectCondition">;

const EFFECTS: Readonly<Record<string, AepRule["effect"]>> = { permit: "Permit", deny: "Deny", indeterminate: "Indeterminate" };
/** One covers the other. */
const LOOKING: readonly string[] = ["read", "view"];

/** Rules as they are given back, or every fault of them. `pointer`: of the first one's list. */
export function readRules(bodies: readonly AepRuleBody[], pointer: string, faults: Fault[]): readonly AepRule[] {
  return bodies.flatMap((body, index): AepRule[] => {
    const at = `${pointer}/${index}`;
    const effect = EFFECTS[body.effect.toLowerCase()];
    if (effect === undefined) faults.push({ ...wrong(`${at}/effect`, "This is no effect."), allowed: Object.values(EFFECTS) });
    readCondition(body.condition, `${at}/condition`, faults);
    if (patternOf(body.resource) === undefined)
      faults.push({
        ...wrong(`${at}/resource`, "A resource is /orgs/{ORG}/sandboxes and the parts of a path, with * alone in the place of a part."),
        code: "malformed_pattern",
      });
    if (body.actions.length === 0) faults.push(wrong(`${at}/actions`, "A rule has at least one action."));
    if (effect === undefined) return [];
    const { resource, condition, actions } = body;
    return [{ effect, resource, ...(condition === undefined ? {} : { condition }), actions: [...actions] }];
  });
}

/** The parts below `/orgs/{ORG}`, and whose they are; `undefined`: this is no pattern of the surface. */
function patternOf(resource: string): { readonly organization: string; readonly parts: readonly string[] } | undefined {
  const [, organization, below] = /^\/?orgs\/([^/]+)(\/.+)$/s.exec(resource) ?? [];
  if (organization === undefined || below === undefined) return undefined;
  const parts = below.slice(1).split("/");
  const isWhole = parts[0] === SANDBOXES && parsePattern(below) !== undefined;
  return isWhole ? { organization, parts } : undefined;
}

/** What written rules mean. They were read before: nothing here can be faulty. */
export function meaningOf({ rules, subjectCondition }: Written, ground: RuleGround): Meaning {
  const subject = readCondition(subjectCondition, "", []);
  return { ...(subject === undefined ? {} : { subjectCondition: subject }), rules: rules.map((rule) => ruleOf(rule, ground)) };
}

function ruleOf({ effect, resource, condition, actions }: AepRule, { names, wire }: RuleGround): PolicyRule {
  const { organization = "", parts = [] } = patternOf(resource) ?? {};
  const meant = readCondition(condition, "", []);
  return {
    effect: names.includes(organization) ? (effect.toLowerCase() as PolicyRule["effect"]) : "indeterminate",
    // Collections stand at even places, ids between them.
    resource: `/${parts.map((part, index) => (index % 2 === 0 ? wire.typeOf(part) : part)).join("/")}`,
    ...(meant === undefined ? {} : { condition: meant }),
    actions: [...new Set(actions.flatMap((action) => actionsOf(action, wire)))].slice(0, LIMITS.actionsMax),
  };
}

function actionsOf(action: string, { actionOf }: Wire): readonly string[] {
  const plain = actionOf(action);
  return LOOKING.includes(plain) ? LOOKING : [plain];
}

/** How a policy is shown: as it was written, where it still means that. */
export function writtenOf(policy: Policy, ground: RuleGround): Written {
  const { written, subjectCondition } = policy;
  if (isWritten(written) && isSame(meaningOf(written, ground), policy)) return written;
  return {
    rules: policy.rules.map((rule) => shownRule(rule, ground)),
    ...(subjectCondition === undefined ? {} : { subjectCondition: JSON.stringify(subjectCondition) }),
  };
}

/** Whoever writes a policy by another surface may write anything there. */
function isWritten(value: unknown): value is Written {
  const { rules, subjectCondition } = (value ?? {}) as { readonly rules?: unknown; readonly subjectCondition?: unknown };
  const isText = (text: unknown): boolean => text === undefined || text === null || typeof text === "string";
  const isRule = (one: Partial<AepRule> | null): boolean =>
    typeof one === "object" &&
    one !== null &&
    Object.values(EFFECTS).includes(one.effect as AepRule["effect"]) &&
    typeof one.resource === "string" &&
    isText(one.condition) &&
    Array.isArray(one.actions) &&
    one.actions.every((action) => typeof action === "string");
  return isText(subjectCondition) && Array.isArray(rules) && rules.every(isRule);
}

function shownRule({ effect, resource, condition, actions }: PolicyRule, { names: [organization], wire }: RuleGround): AepRule {
  return {
    effect: EFFECTS[effect] as AepRule["effect"],
    resource: `/orgs/${organization}${resource}`,
    ...(condition === undefined ? {} : { condition: JSON.stringify(condition) }),
    actions: actions.map((action) => wire.actionPrefix + action),
  };
}

function isSame(one: Meaning, other: Meaning): boolean {
  const text = ({ rules, subjectCondition = null }: Meaning): string =>
    JSON.stringify([
      subjectCondition,
      rules.map(({ effect, resource, condition = null, actions }) => [effect, resource, condition, [...actions].sort()]),
    ]);
  return text(one) === text(other);
}

/** As a policy keeps it. */
export const keptOf = (written: Written): JsonObject => written as unknown as JsonObject;
