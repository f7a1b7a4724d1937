/**
 * `x-authorization`: who may call an operation, and what it is about.
 *
 * A *rule* is what opens it: `profiles` (built-in roles, any of them), `permission` (a name, or `anyOf` several), `anyRole`, and `rules`,
 * each one of these with a `when`. `scope` maps types to path parameters, from the outside in; `also` names further targets; `filter`
 * says by what a list is cut down. On a path item it is the default of its operations: each of scope, also, filter and attributes
 * is taken where the operation has none, and the rule where the operation has no part of one.
 * Invariant: what is not known is a fault, never passed over: a misspelt rule must not leave an operation without one.
 */
import type { DescribedAlternative, DescribedFurther, DescribedOperation, DescribedRule, DescribedScope, ScopePart } from "./described.ts";
import {
  entriesOf,
  type Given,
  idOf,
  itemsOf,
  memberGiven,
  nameOf,
  namesOf,
  objectOf,
  textOf,
  trueOf,
  wrongType,
} from "./extension-values.ts";
import { attributesOf, readCondition, readWhen } from "./extension-when.ts";
import type { Findings } from "./findings.ts";
import { isObject } from "./pointers.ts";
import { nearest } from "./words-near.ts";

export const EXTENSION = "x-authorization";
export type Extension = Pick<DescribedOperation, "rule" | "scope" | "also" | "filter" | "attributes">;

const MEMBERS = ["profiles", "permission", "anyRole", "rules", "scope", "also", "filter", "attributes"] as const;
const RULE_MEMBERS = ["profiles", "permission", "anyRole", "rules"] as const;

/** `parameters`: those of the path, which a scope may name. */
export function readExtension(given: Given, parameters: readonly string[], findings: Findings): Extension {
  const members = objectOf(given, MEMBERS, findings);
  if (members === undefined) return {};
  const has = (name: string): boolean => Object.hasOwn(members, name);
  const scope = has("scope") ? readScope(memberGiven(given, "scope"), parameters, findings) : undefined;
  const filter = has("filter") ? readFilter(memberGiven(given, "filter"), findings) : undefined;
  const attributes = has("attributes") ? entriesOf(memberGiven(given, "attributes"), findings).map(({ name }) => name) : undefined;
  const rule = RULE_MEMBERS.some(has) ? readRule(given, findings) : undefined;
  if (rule !== undefined && attributes !== undefined) noteAttributes(rule, attributes, findings);
  return {
    ...(rule === undefined ? {} : { rule }),
    ...(scope === undefined ? {} : { scope }),
    ...(has("also") ? { also: readAlso(memberGiven(given, "also"), findings) } : {}),
    ...(filter === undefined ? {} : { filter }),
    ...(attributes === undefined ? {} : { attributes }),
  };
}

/** The alternatives that a value's rule members say; used by the catalogue's defaults too. */
export function readRule(given: Given, findings: Findings): DescribedRule {
  const rules = memberGiven(given, "rules");
  const listed = rules.value === undefined ? [] : (itemsOf(rules, findings) ?? []);
  const alternatives = [...readForms(given, findings), ...listed.flatMap((item) => readConditional(item, findings))];
  return { at: findings.place(given.pointer), alternatives };
}

/** `profiles`, `permission` and `anyRole` of an object: one alternative each, one for every permission. */
function readForms(given: Given, findings: Findings): DescribedAlternative[] {
  const alternatives: DescribedAlternative[] = [];
  const profiles = memberGiven(given, "profiles");
  const names = profiles.value === undefined ? undefined : namesOf(profiles, 1, findings);
  if (names !== undefined && names.length > 0) alternatives.push({ profiles: names });
  for (const permission of readPermission(memberGiven(given, "permission"), findings)) alternatives.push({ permission });
  const anyRole = memberGiven(given, "anyRole");
  if (anyRole.value !== undefined && trueOf(anyRole, findings) === true) alternatives.push({ anyRole: true });
  return alternatives;
}

function readPermission(given: Given, findings: Findings) {
  if (given.value === undefined) return [];
  if (isObject(given.value)) {
    objectOf(given, ["anyOf"], findings);
    return namesOf(memberGiven(given, "anyOf"), 1, findings) ?? [];
  }
  if (typeof given.value !== "string") {
    wrongType(given, "the name of a permission, or an object with anyOf", findings);
    return [];
  }
  const name = nameOf(given, findings);
  return name === undefined ? [] : [name];
}

function readConditional(given: Given, findings: Findings): DescribedAlternative[] {
  const members = objectOf(given, ["when", "condition", "product", "profiles", "permission", "anyRole"], findings);
  if (members === undefined) return [];
  const told = findings.faults.length;
  const forms = readForms(given, findings);
  if (forms.length === 0 && findings.faults.length === told) {
    findings.fault("required", given.pointer, {
      detail: "A rule says who: profiles, permission or anyRole.",
      allowed: ["profiles", "permission", "anyRole"],
    });
  }
  if (Object.hasOwn(members, "when") && Object.hasOwn(members, "condition")) {
    findings.fault("not_allowed", memberGiven(given, "condition").pointer, { detail: "A rule has a when or a condition, not both." });
    return [];
  }
  const when = Object.hasOwn(members, "when")
    ? readWhen(memberGiven(given, "when"), findings)
    : Object.hasOwn(members, "condition")
      ? readCondition(memberGiven(given, "condition"), findings)
      : undefined;
  const product = Object.hasOwn(members, "product") ? idOf(memberGiven(given, "product"), findings) : undefined;
  if (findings.faults.length > told) return [];
  return forms.map((form) => ({ ...form, ...(when === undefined ? {} : { when }), ...(product === undefined ? {} : { product }) }));
}

function noteAttributes(rule: DescribedRule, attributes: readonly string[], findings: Findings): void {
  const read = new Set(rule.alternatives.flatMap(({ when }) => (when === undefined ? [] : [...attributesOf(when)])));
  for (const name of read) {
    if (attributes.includes(name)) continue;
    const detail = `A condition reads the attribute "${name}", which is not among the attributes: where nobody gives it, it does not hold.`;
    findings.note("undeclared_attribute", rule.at.pointer, { detail, allowed: attributes });
  }
}

function readScope(given: Given, parameters: readonly string[], findings: Findings): DescribedScope | undefined {
  const told = findings.faults.length;
  const parts: ScopePart[] = [];
  let organizationParameter: string | undefined;
  for (const entry of entriesOf(given, findings)) {
    const parameter = readParameter(entry, parameters, findings);
    if (parameter === undefined) continue;
    if (entry.name === "organization") organizationParameter = parameter;
    else if (idOf({ value: entry.name, pointer: entry.pointer }, findings) !== undefined) {
      parts.push({ type: { name: entry.name, at: findings.place(entry.pointer) }, parameter });
    }
  }
  if (findings.faults.length > told) return undefined;
  return { at: findings.place(given.pointer), parts, ...(organizationParameter === undefined ? {} : { organizationParameter }) };
}

function readParameter(given: Given, parameters: readonly string[], findings: Findings): string | undefined {
  const text = textOf(given, findings);
  if (text === undefined) return undefined;
  const name = /^\{(.*)\}$/.exec(text)?.[1] ?? text;
  if (parameters.includes(name)) return name;
  const near = nearest(name, parameters);
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  findings.fault("unknown_parameter", given.pointer, { detail: `The path has no parameter "${name}".${hint}`, allowed: parameters });
  return undefined;
}

/** `also: {environment: body.destEnvironmentId}`, or `{name: {type, from}}` where the name is not the type's. */
function readAlso(given: Given, findings: Findings): readonly DescribedFurther[] {
  const further: DescribedFurther[] = [];
  for (const entry of entriesOf(given, findings)) {
    const name = idOf({ value: entry.name, pointer: entry.pointer }, findings);
    if (name === undefined) continue;
    if (typeof entry.value === "string") {
      const from = textOf(entry, findings);
      if (from !== undefined) further.push({ name, type: { name, at: findings.place(entry.pointer) }, from });
      continue;
    }
    const members = objectOf(entry, ["type", "from"], findings);
    const type = members === undefined ? undefined : nameOf(memberGiven(entry, "type"), findings);
    const from = members === undefined || !Object.hasOwn(members, "from") ? undefined : textOf(memberGiven(entry, "from"), findings);
    if (type !== undefined) further.push({ name, type, ...(from === undefined ? {} : { from }) });
  }
  return further;
}

function readFilter(given: Given, findings: Findings): Extension["filter"] {
  if (objectOf(given, ["type", "action"], findings) === undefined) return undefined;
  const type = nameOf(memberGiven(given, "type"), findings);
  const action = textOf(memberGiven(given, "action"), findings);
  return type === undefined || action === undefined ? undefined : { type, action };
}

/** What an operation says, and where it says nothing of a thing, what its path item says. */
export const withDefault = (own: Extension, item: Extension): Extension => ({ ...item, ...own });
