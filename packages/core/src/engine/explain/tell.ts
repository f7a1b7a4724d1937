/**
 * Telling: a decision as JSON, for surfaces whose every answer says why.
 *
 * `decide` answers objects, and finds the facts of a deny when they are read. Who writes all of it as JSON would pay for deciding twice,
 * for making objects and for reading them again; here the words are written from what was weighed, and the words for a role with its set
 * are kept. What is rare is made as objects and written by `JSON.stringify`.
 * Invariant: what is told is what `decide` answers, letter by letter.
 */
import { type Decision, type Missing, REACHES, type ReasonCode, type Request } from "../../model/index.ts";
import { decisionOf, denyNoAccess, weigh } from "../decide/decide.ts";
import { ask, type Question } from "../decide/question.ts";
import { holdsPrerequisite, reached } from "../decide/sources.ts";
import type { Plan } from "../plan.ts";
import { idOf, reachOf } from "../state/access.ts";
import { ACCESS_TYPES, type HeldSet, type HeldTexts } from "../state/catalogue.ts";
import type { State } from "../state/state.ts";
import { askedPath, bitsText, coveringNode, firstHit, grantsReached, ownersReached, principalOf, resourceOf } from "./evidence.ts";
import { addByPolicyAndTime, failsByScope, heldElsewhere, isAllowedAssuming, missingPrerequisite } from "./missing.ts";

/** A decision; of its evidence or its facts the members, as they stand between the braces of JSON: `""` where there are none. */
export type Told = Pick<Decision, "allow" | "code" | "filter"> & { readonly members: string };

/** Decides as `decide` does, and says why as JSON. Source: model §3. */
export function tell(plan: Plan, request: Request, now: number): Told {
  return tellAsked(ask({ state: plan.state(), now }, request));
}

/** Tells what was asked, or denied before it could be. Nothing else may be asked in between. */
export function tellAsked(question: Question | Decision): Told {
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
  const { state } = question;
  const hit = firstHit(question, hits);
  const covering = coveringNode(question, hit);
  const text = textsOf(state, hit).opens;
  return covering === 0 ? text : `${text},"scope":"${inner(state.tree.path(covering))}"`;
}

/** How what is missing begins where a role with the set does not apply in the sandbox, which is how a role mostly fails. */
const ELSEWHERE = '{"kind":"sandbox",';
const SCOPED = '{"kind":"scope",';

/** Role and set. Joined, each is one piece: the pieces of pieces would be visited at each decision. */
function textsOf(state: State, held: HeldSet): HeldTexts {
  if (held.texts !== undefined) return held.texts;
  const named = ['"role":"', inner(state.roles.id(held.role)), '","set":"', inner(held.set.id), '"'].join("");
  const texts = { opens: ['"source":"role",', named].join(""), elsewhere: ELSEWHERE + named, scoped: SCOPED + named };
  held.texts = texts;
  return texts;
}

function accessText(question: Question, need: number): string {
  let text = "";
  for (const at of grantsReached(question, need)) {
    const entry = reached.entries[at] as number;
    text += text === "" ? '{"grant":{"principal":"' : ',{"grant":{"principal":"';
    text +=
      idOf(entry) === question.subject.principal ? sent(question, question.request.principal.id) : inner(principalOf(question, entry));
    text += '","resource":"';
    text += sent(question, resourceOf(question, at));
    text += GRANT_ENDS[entry & 3]?.[reachOf(entry)] as string;
  }
  for (const at of ownersReached()) text += `${text === "" ? "" : ","}{"ownerOf":"${sent(question, resourceOf(question, at))}"}`;
  return `"source":"access","bits":"${bitsText(need)}","from":[${text}]`;
}

/** What stands between the quotes of the principal's id, or of a path at or above the place. */
function sent(question: Question, text: string): string {
  return question.request.isPlain === true && question.place.kind === "resource" ? text : inner(text);
}

/** How a grant ends, by the numbers of access and reach. */
const GRANT_ENDS = ACCESS_TYPES.map((access) => REACHES.map((reach) => `","access":"${access}","reach":"${reach}"}}`));

/** How what is missing begins; entries have a comma before them, which the first one loses. */
const MISSING = '"missing":[';

function missingText(question: Question, hits: readonly HeldSet[]): string {
  const { needs } = question.action;
  let text = hits.length > 0 ? prerequisiteText(question) : roleMissingText(question);
  const resource = needs.length === 0 ? "" : sent(question, askedPath(question));
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
  const { state, subject, action, place } = question;
  const about = { version: state.version, subject, action, sandbox: place.sandbox };
  const kept = state.keptMissing.find(about);
  if (kept !== undefined) return kept;
  const held = heldElsewhere(question);
  const text = held.length === 0 ? permissionText(question) : heldText(question, held);
  // Where a scope fails, the path is told.
  if (!held.some((one) => failsByScope(one, place))) state.keptMissing.keep(about, text);
  return text;
}

function permissionText({ state, action }: Question): string {
  const sets = state.catalogue.setsWith(action);
  const missing: Missing = { kind: "permission", action: action.name, sets };
  return sets.length === 0 ? MISSING : MISSING + JSON.stringify(missing);
}

function heldText(question: Question, held: readonly HeldSet[]): string {
  const { state, place } = question;
  const outside = place.sandbox === 0 ? "}" : `,"sandbox":"${inner(state.tree.id(place.sandbox))}"}`;
  const entries = held.map((one) => {
    const { elsewhere, scoped } = textsOf(state, one);
    return failsByScope(one, place) ? `${scoped},"resource":"${sent(question, askedPath(question))}"}` : elsewhere + outside;
  });
  return [MISSING, entries.join(",")].join("");
}

/** All but what JSON leaves as it is. Halves of pairs are among it: JSON escapes one where the other is lacking. */
const ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** What stands between the quotes of a string of JSON. Nearly none needs an escape, and to look for one is cheaper than to copy it. */
function inner(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text).slice(1, -1) : text;
}
