/**
 * Telling: a decision as JSON, for surfaces whose every answer says why.
 *
 * `decide` answers objects, and finds the facts of a deny when they are read. Who writes all of it as JSON would pay for deciding twice,
 * for making objects and for reading them again; here the words are written from what was weighed, and the words for a role with its set
 * are kept. What is rare is made as objects and written by `JSON.stringify`.
 * Invariant: what is told is what `decide` answers, letter by letter.
 */
import type { AccessType, Decision, Missing, Reach, ReasonCode, Request } from "../../model/index.ts";
import { decisionOf, denyNoAccess, weigh } from "../decide/decide.ts";
import { ask, type Question } from "../decide/question.ts";
import { holdsPrerequisite } from "../decide/sources.ts";
import type { Plan } from "../plan.ts";
import { REACHES } from "../state/access.ts";
import { ACCESS_TYPES, type HeldSet } from "../state/catalogue.ts";
import type { State } from "../state/state.ts";
import { accessEvidence, askedPath, bitsText, coveringNode, firstHit } from "./evidence.ts";
import { addByPolicyAndTime, failsByScope, heldElsewhere, isAllowedAssuming, missingPrerequisite } from "./missing.ts";

/** A decision; of its evidence or its facts the members, as they stand between the braces of JSON: `""` where there are none. */
export type Told = Pick<Decision, "allow" | "code" | "filter"> & { readonly members: string };

/** Decides as `decide` does, and says why as JSON. Source: model §3. */
export function tell(plan: Plan, request: Request, now: number): Told {
  const question = ask({ state: plan.state(), now }, request);
  if ("allow" in question) return toldOf(question);
  const verdict = weigh(question);
  switch (verdict.code) {
    case "allowed_by_role":
      return told(true, verdict.code, roleText(question, verdict.hits));
    case "allowed_by_access":
      return told(true, verdict.code, accessText(question, verdict.need));
    case "no_access":
      return told(false, verdict.code, missingText(question, verdict.hits));
    default:
      return toldOf(decisionOf(question, verdict, (hits) => denyNoAccess(question, hits)));
  }
}

/** Any decision, told. */
export function toldOf({ allow, code, evidence, facts, filter }: Decision): Told {
  const words = evidence ?? facts;
  const members = words === undefined ? "" : JSON.stringify(words).slice(1, -1);
  return filter === undefined ? told(allow, code, members) : { allow, code, members, filter };
}

function told(allow: boolean, code: ReasonCode, members: string): Told {
  return { allow, code, members };
}

function roleText(question: Question, hits: readonly HeldSet[]): string {
  const hit = firstHit(question, hits);
  const covering = coveringNode(question, hit);
  const text = `"source":"role",${heldText(question.state, hit).slice(ELSEWHERE.length)}`;
  return covering === 0 ? text : `${text},"scope":"${inner(question.state.tree.path(covering))}"`;
}

/** How what is missing begins where a role with the set does not apply in the sandbox, which is how a role mostly fails. */
const ELSEWHERE = ',{"kind":"sandbox",';
const SCOPED = ',{"kind":"scope",';

/** The same with role and set. Joined, it is one piece: the pieces of pieces would be visited at each decision. */
function heldText(state: State, held: HeldSet): string {
  held.text ??= [ELSEWHERE, '"role":"', inner(state.roles.id(held.role)), '","set":"', inner(held.set.id), '"'].join("");
  return held.text;
}

function accessText(question: Question, need: number): string {
  const { bits, from } = accessEvidence(question, need);
  let text = "";
  for (const one of from) {
    const comma = text === "" ? "" : ",";
    if ("grant" in one) {
      const { principal, resource, access, reach } = one.grant;
      text += `${comma}{"grant":{"principal":"${inner(principal)}","resource":"${inner(resource)}${GRANT_ENDS[access][reach]}`;
    } else text += `${comma}{"ownerOf":"${inner(one.ownerOf)}"}`;
  }
  return `"source":"access","bits":"${bits}","from":[${text}]`;
}

/** How a grant ends, by access and reach. */
const GRANT_ENDS = Object.fromEntries(
  ACCESS_TYPES.map((access) => [
    access,
    Object.fromEntries(REACHES.map((reach) => [reach, `","access":"${access}","reach":"${reach}"}}`])) as Readonly<Record<Reach, string>>,
  ]),
) as Readonly<Record<AccessType, Readonly<Record<Reach, string>>>>;

/** How what is missing begins; entries have a comma before them, which the first one loses. */
const MISSING = '"missing":[';

function missingText(question: Question, hits: readonly HeldSet[]): string {
  const { needs } = question.action;
  let text = hits.length > 0 ? prerequisiteText(question) : roleMissingText(question);
  const resource = needs.length === 0 ? "" : inner(askedPath(question));
  for (const need of needs) text = and(text, `,{"kind":"access","bits":"${bitsText(need)}","resource":"${resource}"}`);
  const rare: Missing[] = [];
  addByPolicyAndTime(question, rare, (assumed) => isAllowedAssuming(question, assumed));
  for (const one of rare) text = and(text, `,${JSON.stringify(one)}`);
  return `${text}]`;
}

/** The text with one more entry. The rope that the text is must not be cut: that would copy it. */
function and(text: string, entry: string): string {
  return text.length === MISSING.length ? text + entry.slice(1) : text + entry;
}

function prerequisiteText(question: Question): string {
  return holdsPrerequisite(question) ? MISSING : and(MISSING, `,${JSON.stringify(missingPrerequisite(question))}`);
}

/** What the role source lacks, where it found nothing. */
function roleMissingText(question: Question): string {
  const { state, place, action } = question;
  const held = heldElsewhere(question);
  if (held.length === 0) {
    const sets = state.catalogue.setsWith(action);
    const missing: Missing = { kind: "permission", action: action.name, sets };
    return sets.length === 0 ? MISSING : and(MISSING, `,${JSON.stringify(missing)}`);
  }
  const outside = place.sandbox === 0 ? "}" : `,"sandbox":"${inner(state.tree.id(place.sandbox))}"}`;
  let text = MISSING;
  for (const one of held) {
    const named = heldText(state, one);
    text = failsByScope(one, place)
      ? and(text, `${SCOPED}${named.slice(ELSEWHERE.length)},"resource":"${inner(askedPath(question))}"}`)
      : and(text, named) + outside;
  }
  return text;
}

/** All but what JSON leaves as it is. Halves of pairs are among it: JSON escapes one where the other is lacking. */
const ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** What stands between the quotes of a string of JSON. Nearly none needs an escape, and to look for one is cheaper than to copy it. */
function inner(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text).slice(1, -1) : text;
}
