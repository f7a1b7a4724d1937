/**
 * Rules of policies between the two tongues: how this surface writes them, and how the model does.
 *
 * Here a resource begins with `/orgs/{ORG}/sandboxes`, a condition is a text, and actions may have a prefix and other names. A rule is
 * kept as it was written beside what it means; what it means is decided on, and what was written is shown for as long as it means that.
 * A rule that comes back as it is shown keeps what it means, whoever wrote it and how. A rule of another organization is kept and never
 * matches. Source: docs/reference/experience-platform.md.
 * Invariant: what is shown is what is decided: a text whose meaning is no longer the policy's is not shown.
 */
import type { AepRule, AepRuleBody } from "@reeve/contract";
import { type Condition, type Fault, type JsonObject, LIMITS, type Policy, type PolicyRule, parsePattern, SANDBOXES } from "@reeve/core";
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

type Reading = { readonly pointer: string; readonly wire: Wire; readonly faults: Fault[] };

/** Rules as they are given back, or every fault of them. `pointer`: of the first one's list. */
export function readRules(bodies: readonly AepRuleBody[], { pointer, wire, faults }: Reading): readonly AepRule[] {
  return bodies.flatMap((body, index): AepRule[] => {
    const at = `${pointer}/${index}`;
    const named = body.effect.toLowerCase();
    const effect = Object.hasOwn(EFFECTS, named) ? EFFECTS[named] : undefined;
    if (effect === undefined) faults.push({ ...wrong(`${at}/effect`, "This is no effect."), allowed: Object.values(EFFECTS) });
    readCondition(body.condition, `${at}/condition`, faults);
    if (patternOf(body.resource) === undefined)
      faults.push({
        ...wrong(
          `${at}/resource`,
          "A resource is /orgs/{ORG}/sandboxes and the parts of a path, with * alone in the place of a part. It ends with an id or with *.",
        ),
        code: "malformed_pattern",
      });
    faults.push(...faultsOfActions(body.actions, `${at}/actions`, wire));
    if (effect === undefined) return [];
    const { resource, condition, actions } = body;
    return [{ effect, resource, ...(condition === undefined ? {} : { condition }), actions: [...actions] }];
  });
}

/** All of them count, as they are meant: none may be left out because there are too many. */
function faultsOfActions(actions: readonly string[], pointer: string, wire: Wire): Fault[] {
  if (actions.length === 0) return [wrong(pointer, "A rule has at least one action.")];
  const faults = [...actions.entries()].flatMap(([index, action]) =>
    /[\s*]/.test(action) || wire.actionOf(action) === ""
      ? [wrong(`${pointer}/${index}`, "Actions are named one by one, without blanks and without *.")]
      : [],
  );
  if (meantBy(actions, wire).length <= LIMITS.actionsMax) return faults;
  return [
    { ...wrong(pointer, `A rule has at most ${LIMITS.actionsMax} actions, of which read and view are two.`), code: "too_many" },
    ...faults,
  ];
}

/** The parts below `/orgs/{ORG}`, and whose they are; `undefined`: this is no pattern of the surface. */
function patternOf(resource: string): { readonly organization: string; readonly parts: readonly string[] } | undefined {
  const [, organization, below] = /^\/?orgs\/([^/]+)(\/.+)$/s.exec(resource) ?? [];
  if (organization === undefined || below === undefined) return undefined;
  const parts = below.slice(1).split("/");
  // A collection by itself is nothing that a rule is about: nobody asks for it, so it would match nothing.
  const isCollection = parts.length % 2 === 1 && parts.at(-1) !== "*";
  const isWhole = parts[0] === SANDBOXES && !isCollection && parsePattern(below) !== undefined;
  return isWhole ? { organization, parts } : undefined;
}

/**
 * What rules mean that were read, or that are shown of `before`: what is shown keeps its meaning, which its text alone may not say.
 */
export function meaningOf({ rules, subjectCondition }: Written, ground: RuleGround, before?: Policy): Meaning {
  const shown = before === undefined ? undefined : writtenOf(before, ground);
  const kept = new Map<string, PolicyRule[]>();
  for (const [index, rule] of (shown?.rules ?? []).entries()) {
    const text = JSON.stringify(rule);
    kept.set(text, [...(kept.get(text) ?? []), before?.rules[index] as PolicyRule]);
  }
  const isKept = subjectCondition !== undefined && subjectCondition === shown?.subjectCondition;
  const subject = isKept ? before?.subjectCondition : conditionOf(subjectCondition);
  return {
    ...(subject === undefined ? {} : { subjectCondition: subject }),
    rules: rules.map((rule) => kept.get(JSON.stringify(rule))?.shift() ?? ruleOf(rule, ground)),
  };
}

/** Of a text that was read before. Throws for one that cannot be read: what it would mean must not be less than it says. */
function conditionOf(text: string | null | undefined): Condition | undefined {
  const faults: Fault[] = [];
  const condition = readCondition(text, "", faults);
  if (faults.length > 0) throw new Error(`a condition that was read cannot be read: ${JSON.stringify(faults[0])}`);
  return condition;
}

function ruleOf({ effect, resource, condition, actions }: AepRule, { names, wire }: RuleGround): PolicyRule {
  const { organization = "", parts = [] } = patternOf(resource) ?? {};
  const meant = conditionOf(condition);
  return {
    effect: names.includes(organization) ? (effect.toLowerCase() as PolicyRule["effect"]) : "indeterminate",
    // Collections stand at even places, ids between them.
    resource: `/${parts.map((part, index) => (index % 2 === 0 ? wire.typeOf(part) : part)).join("/")}`,
    ...(meant === undefined ? {} : { condition: meant }),
    actions: meantBy(actions, wire),
  };
}

const meantBy = (actions: readonly string[], wire: Wire): string[] => [...new Set(actions.flatMap((action) => actionsOf(action, wire)))];

function actionsOf(action: string, { actionOf }: Wire): readonly string[] {
  const plain = actionOf(action);
  return LOOKING.includes(plain) ? LOOKING : [plain];
}

/** How a policy is shown: rule by rule as it was written, where it still means that. */
export function writtenOf(policy: Policy, ground: RuleGround): Written {
  const written = isWritten(policy.written) ? policy.written : { rules: [] };
  const { subjectCondition } = policy;
  const isSaid = saysCondition(written.subjectCondition, subjectCondition);
  const subject = isSaid ? written.subjectCondition : subjectCondition === undefined ? undefined : JSON.stringify(subjectCondition);
  return {
    rules: policy.rules.map((rule, index) => {
      const text = written.rules[index];
      return text !== undefined && saysRule(text, rule, ground) ? text : shownRule(rule, ground);
    }),
    ...(subject === undefined || subject === null ? {} : { subjectCondition: subject }),
  };
}

/** Whether a text says what is meant. Whoever writes natively may write any text. */
function saysCondition(text: string | null | undefined, meant: Condition | undefined): boolean {
  const faults: Fault[] = [];
  const said = readCondition(text, "", faults);
  return (
    faults.length === 0 && JSON.stringify(said ?? null) === JSON.stringify(meant ?? null) && (said === undefined) === (meant === undefined)
  );
}

/** Under which id an organization was known when a rule was written is no part of what it says; that it is another's now is. */
function saysRule(text: AepRule, meant: PolicyRule, { names, wire }: RuleGround): boolean {
  const pattern = patternOf(text.resource);
  if (pattern === undefined || !saysCondition(text.condition, meant.condition)) return false;
  const said = ruleOf({ ...text, condition: null }, { names: [pattern.organization], wire });
  const isOthers = meant.effect === "indeterminate" && !names.includes(pattern.organization);
  const sameList = (one: readonly string[], other: readonly string[]): boolean =>
    [...one].sort().join("\n") === [...other].sort().join("\n");
  return said.resource === meant.resource && sameList(said.actions, meant.actions) && (isOthers || said.effect === meant.effect);
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

/** As a policy keeps it. */
export const keptOf = (written: Written): JsonObject => written as unknown as JsonObject;
