/**
 * Spelled questions: checks whose names stand in the bytes of a request, found there without making texts of them first.
 *
 * To make a text, to hash it and to compare it cost more than to hash and compare bytes. All names of a batch are looked up before
 * the first question is decided, so that the waits for memory overlap. Texts for what is said are cut out of the request's.
 * Invariant: what is told is what `tell` tells of the same names as texts.
 */
import type { Request } from "../../model/index.ts";
import { type Asked, ask } from "../decide/question.ts";
import type { Plan } from "../plan.ts";
import type { Spelling } from "../state/names.ts";
import { type Told, tellAsked } from "./tell.ts";

/**
 * Checks as they are spelled: `text`, of ASCII characters of which JSON escapes none, and the same as bytes, `view`. `marks`: of each check where in them begin and end, in
 * turn, the type and the id of the principal, the name of the action, the path.
 */
export type SpelledChecks = { readonly text: string; readonly view: DataView; readonly marks: Int32Array };
export const MARKS_A_CHECK = 8;
const [TYPE, ID, ACTION, PATH] = [0, 2, 4, 6];

/** Decides each check as `tell` does. Source: model §3. */
export function tellSpelled(plan: Plan, checks: SpelledChecks, now: number): readonly Told[] {
  const { marks } = checks;
  const state = plan.state();
  const found = foundIn(checks, { people: state.people.names, paths: state.tree.names });
  const moment = { state, now };
  const told: Told[] = [];
  for (let i = 0, at = 0; at < marks.length; i++, at += MARKS_A_CHECK) {
    told.push(tellAsked(ask(moment, requestAt(checks, at), found[i] as Found)));
  }
  return told;
}

class Found {
  readonly principal: number;
  readonly node: number;
  constructor(principal: number, node: number) {
    this.principal = principal;
    this.node = node;
  }
}

type Lookup = { findSpelled(spelling: Spelling): number };

function foundIn({ view, marks }: SpelledChecks, { people, paths }: { readonly people: Lookup; readonly paths: Lookup }): readonly Found[] {
  const found: Found[] = [];
  for (let at = 0; at < marks.length; at += MARKS_A_CHECK) {
    const principal = people.findSpelled({ view, from: marks[at + ID] as number, to: marks[at + ID + 1] as number });
    found.push(new Found(principal, paths.findSpelled({ view, from: marks[at + PATH] as number, to: marks[at + PATH + 1] as number })));
  }
  return found;
}

function requestAt(checks: SpelledChecks, at: number): Asked {
  const { text, marks } = checks;
  return new SpelledRequest(
    { type: wordAt(checks, at + TYPE) as Request["principal"]["type"], id: text.slice(marks[at + ID], marks[at + ID + 1]) },
    { name: wordAt(checks, at + ACTION) },
    { path: text.slice(marks[at + PATH], marks[at + PATH + 1]) },
  );
}

/** A class and no literal: of a place where many literals were alive at once V8 comes to make all in the old space. */
class SpelledRequest implements Asked {
  readonly principal: Request["principal"];
  readonly action: Request["action"];
  readonly resource: Request["resource"];
  readonly isPlain = true;
  constructor(principal: Request["principal"], action: Request["action"], resource: Request["resource"]) {
    this.principal = principal;
    this.action = action;
    this.resource = resource;
  }
}

/** Types and actions come again and again: the last ones are kept, since what is found by a text is found faster by the same one. */
const WORDS = 256;
const WORD_MAX = 64;
const words: string[] = new Array<string>(WORDS).fill("");

function wordAt({ text, view, marks }: SpelledChecks, mark: number): string {
  const from = marks[mark] as number;
  const length = (marks[mark + 1] as number) - from;
  if (length > WORD_MAX || length === 0) return text.slice(from, from + length);
  const slot = (length + 31 * view.getUint8(from) + 7 * view.getUint8(from + length - 1)) & (WORDS - 1);
  const kept = words[slot] as string;
  let same = kept.length === length ? 0 : length;
  while (same < length && kept.charCodeAt(same) === view.getUint8(from + same)) same++;
  if (same === length && kept.length === length) return kept;
  // Made anew: cut out of the text, it would keep all of that.
  const word = String.fromCharCode(...Array.from({ length }, (_, index) => view.getUint8(from + index)));
  words[slot] = word;
  return word;
}
