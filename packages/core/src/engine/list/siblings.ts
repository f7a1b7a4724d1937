/**
 * Siblings: candidates of a list that have one type and lie under one parent, and what is decided for all of them at once.
 *
 * What opens a child that has nothing of its own opens every one of them too, and the rules that match such a child match them all;
 * beside these only a rule that names one by its id can match it. The rest is decided for each, as a check would.
 * Invariant: a sibling is allowed here iff check allows it.
 */

import { isPlaced, type Place } from "../decide/place.ts";
import { isAllowed, isAllowedUnder, isOpened, type Question, rulesOf, rulesOfSiblings } from "../decide/question.ts";
import { opensByRole, ownBits, reachedBits } from "../decide/sources.ts";
import type { TypeInfo } from "../state/catalogue.ts";
import { ROOT } from "../state/tree.ts";

/** Who asks, and with what: a question without its place. */
export type Asking = Omit<Question, "place" | "action">;

/** Those of some siblings, all registered, on which check allows the action. */
export function allowedSiblings(asking: Asking, parent: number, siblings: readonly number[]): readonly number[] {
  const { state, request } = asking;
  const type = state.tree.type(siblings[0] as number);
  const action = type?.actions.get(request.action.name);
  if (type === undefined || action === undefined) return [];
  // Sandbox and type are the same for all of them; an id may be registered elsewhere.
  const placed = type.uniqueAbove
    ? siblings.filter((node) => isPlaced(state, node))
    : isPlaced(state, siblings[0] as number)
      ? siblings
      : [];
  // One alone shares nothing.
  if (placed.length === 1) return isAllowed({ ...asking, action, place: resourceAt(asking, placed[0] as number, type) }) ? placed : [];
  const above: Question = { ...asking, action, place: childOf(asking, parent, type) };
  const isOpen = opennessBelow(above);
  const rules = rulesOfSiblings(above);
  const place: Place = { ...above.place, kind: "resource", registered: true };
  const question: Question = { ...above, place };
  return placed.filter((node) => {
    place.node = node;
    place.above = node;
    if (parent === ROOT) place.sandbox = state.tree.sandbox(node);
    return isAllowedUnder(rules ?? rulesOf(question), question, isOpen);
  });
}

/** Whether a sibling is open: because a child is, or by what it has of its own beside the bits that reach a child. */
function opennessBelow(above: Question): (sibling: Question) => boolean {
  if (isOpened(above)) return () => true;
  const { needs } = above.action;
  const bitsAbove = needs.length === 0 ? 0 : reachedBits(above);
  return (sibling) => {
    if (opensByRole(sibling)) return true;
    const bits = needs.length === 0 ? 0 : bitsAbove | ownBits(sibling);
    return needs.some((need) => (bits & need) === need);
  };
}

function resourceAt({ state }: Asking, node: number, type: TypeInfo): Place {
  return { kind: "resource", type, node, above: node, sandbox: state.tree.sandbox(node), rest: [], registered: true };
}

function childOf({ state }: Asking, parent: number, type: TypeInfo): Place {
  return { kind: "child", type, node: 0, above: parent, sandbox: state.tree.sandbox(parent), rest: [], registered: false };
}
