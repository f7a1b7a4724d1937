/**
 * Words: decisions and explanations as lines that a person reads.
 *
 * Numbers of rules and alternatives are those of the JSON, from 0, written as `rules[0]` so that nobody counts them otherwise.
 * Invariant: every fact of an answer that names something is told; what is not known here is told as it came.
 */
import type { DecisionAnswer } from "@reeve/contract";
import type { AccessSource, Evidence, Facts, Missing, RuleTried, Tried } from "@reeve/core";

type Reason = DecisionAnswer["context"]["reasons"][number];
type Told = Partial<Evidence> & Facts;

/** The reason's evidence, or its facts and what is missing: a line each. */
export function reasonLines({ code: _code, message: _message, ...told }: Reason): string[] {
  const { missing = [], ...facts } = told as Told;
  if ("source" in facts && facts.source !== undefined) return [`by ${evidenceWords(facts as Evidence)}`];
  return [...factLines(facts), ...missing.map((one) => `missing: ${missingWords(one)}`)];
}

export function evidenceWords(evidence: Evidence): string {
  switch (evidence.source) {
    case "role":
      return `role ${evidence.role}, which holds permission ${evidence.set}${on(evidence.scope)}`;
    case "access":
      return `access ${evidence.bits}: ${evidence.from.map(accessWords).join("; ")}`;
    case "admin":
      return "being an administrator of the organization";
    case "policy":
      return `rules[${evidence.rule}] of policy ${evidence.policy}`;
    case "rule": {
      const held = evidence.set === undefined ? "" : `, which holds permission ${evidence.set}${on(evidence.scope)}`;
      return `role ${evidence.role}${held} (operation ${evidence.operation}, alternatives[${evidence.alternative}])`;
    }
    default:
      return JSON.stringify(evidence);
  }
}

const on = (scope: string | undefined): string => (scope === undefined ? "" : ` on ${scope}`);

function accessWords(source: AccessSource): string {
  if ("ownerOf" in source) return `ownership of ${source.ownerOf}`;
  const { principal, resource, access, reach } = source.grant;
  return `grant of ${access} on ${resource} (${reach}) to ${principal}`;
}

const FACT_WORDS: Readonly<Record<string, string>> = { why: "why", conditionFailed: "its condition could not be evaluated" };

function factLines(facts: Omit<Facts, "missing">): string[] {
  const { policy, rule, conditionFailed, ...rest } = facts;
  const lines = policy === undefined ? [] : [`by ${rule === undefined ? "" : `rules[${rule}] of `}policy ${policy}`];
  if (conditionFailed === true) lines.push("a condition that cannot be evaluated counts as a match of a Deny rule");
  for (const [name, value] of Object.entries(rest))
    lines.push(`${FACT_WORDS[name] ?? name}: ${Array.isArray(value) ? value.join(", ") : value}`);
  return lines;
}

export function missingWords(missing: Missing): string {
  const { kind, row, alternative, policy, rule } = missing;
  const at =
    row !== undefined
      ? ` (operation ${row}, alternatives[${alternative}])`
      : policy !== undefined
        ? ` (rules[${rule}] of policy ${policy})`
        : "";
  return `${neededWords(kind, missing)}${at}`;
}

function neededWords(kind: Missing["kind"], missing: Missing): string {
  const { role, roles, set, sets, sandbox, resource, bits, action, attributes, product } = missing;
  const held = `role ${role} holds ${set === undefined ? "it" : `permission ${set}`}`;
  switch (kind) {
    case "role":
      if (roles !== undefined) return roles.length === 1 ? `role ${roles[0]}` : `one of the roles ${roles.join(", ")}`;
      return `a role${product === undefined ? "" : ` of ${product}`}${sandbox === undefined ? "" : ` in sandbox ${sandbox}`}`;
    case "permission":
      return set !== undefined ? `permission ${set}` : `one of the permissions ${sets?.join(", ")} (for ${action})`;
    case "scope":
      return `${held}, but not on ${resource}`;
    case "sandbox":
      return sandbox === undefined ? `${held}, but only in its sandboxes` : `${held}, but not in sandbox ${sandbox}`;
    case "access":
      return `access ${bits} on ${resource}`;
    case "prerequisite":
      return `the prerequisite ${action}, needed for ${resource}`;
    case "condition":
      return attributes === undefined ? "a condition that does not hold" : `the attributes ${attributes.join(", ")}, which were not given`;
    case "expired":
    case "not_yet":
      return `${recordWords(missing)} ${windowWords(missing)}`;
    default:
      return JSON.stringify(missing);
  }
}

function recordWords({ group, member, role, principal, resource }: Missing): string {
  if (group !== undefined) return `the membership of ${member} in ${group}`;
  if (role !== undefined) return `the assignment of role ${role} to ${principal}`;
  return `the grant on ${resource} to ${principal}`;
}

function windowWords({ kind, notBefore, notAfter }: Missing): string {
  const bound = kind === "expired" ? notAfter : notBefore;
  const date = new Date(bound ?? Number.NaN);
  const when = Number.isNaN(date.getTime()) ? String(bound) : date.toISOString();
  return kind === "expired" ? `ended at ${when}` : `begins only at ${when}`;
}

const SOURCES: Readonly<Record<Tried["source"], string>> = {
  role: "roles",
  access: "grants and ownership",
  admin: "administration",
  policy: "Permit rules",
};

/** A source that was tried: whether it opens the request, what it needs, and what was found. */
export function triedLines({ source, opened, needed, found }: Tried): string[] {
  const { ways, type, action, prerequisite } = needed;
  const needs = [
    ...(type === undefined ? [] : [`${type}/${action}`]),
    ...(ways === undefined ? [] : [ways.length === 0 ? "(no access opens this)" : `access ${ways.join(" or ")}`]),
    ...(prerequisite === false ? ["a prerequisite that is not held"] : []),
  ];
  const head = `${SOURCES[source] ?? source}: ${opened ? "yes" : "no"}${needs.length === 0 ? "" : `; needed: ${needs.join(", ")}`}`;
  return [head, ...found.flatMap((one) => foundLines(one, opened))];
}

/** Access that falls short is told as what it is, not as what was needed. */
function foundLines(evidence: Evidence, opened: boolean): string[] {
  if (evidence.source === "access" && !opened) return evidence.from.map((source) => `  found: ${accessWords(source)}`);
  return [`  found: ${evidenceWords(evidence)}`];
}

/** A rule of a policy that is about this action and resource. */
export function ruleLine({ policy, rule, effect, matched, coversSandbox, subjectCondition, condition }: RuleTried): string {
  const parts = [`subject condition ${subjectCondition}`, `condition ${condition}`, ...(coversSandbox ? [] : ["not for this sandbox"])];
  return `rules[${rule}] of policy ${policy} (${effect}): ${matched ? "matches" : "does not match"}; ${parts.join(", ")}`;
}
