/**
 * Admission: what a write may say, and everything that it then does.
 *
 * Changes are taken one after the other, each on the plan that the ones before it made; of puts that follow one another what is
 * named comes before what names it, so that their order within a write does not matter. A put is checked against everything that it
 * names (`references.ts`); a delete takes with it all that names what it removes (`cascade.ts`). What alters nothing is dropped.
 * Invariant: a plan stays one in which every name leads somewhere, no group or link closes a cycle, and no id has two parents.
 */
import {
  type Change,
  type Fault,
  fail,
  KEY_MEMBERS,
  type Key,
  type Kind,
  keyOf,
  ok,
  type Rec,
  type Result,
  sameRecord,
} from "../../model/index.ts";
import type { Plan } from "../plan.ts";
import type { State } from "../state/state.ts";
import { type AdmitOptions, checkPutOfBuiltIn, heldBack, renewed } from "./built-in.ts";
import { cascade } from "./cascade.ts";
import { checkInTheEnd, checkPut } from "./references.ts";

export type { AdmitOptions } from "./built-in.ts";

export type Admitted = {
  /** What is written, cascades included, in order; empty: nothing is altered. */
  readonly changes: readonly Change[];
  /** The plan after it. */
  readonly plan: Plan;
};
/** Checks changes against a plan and expands them. All faults of all changes are collected; with any, nothing is admitted. */
export function admit(plan: Plan, changes: readonly Change[], options: AdmitOptions = {}): Result<Admitted, readonly Fault[]> {
  const faults: Fault[] = [];
  const written: Change[] = [];
  let current = plan;
  for (const { index, change } of inOrder(changes)) {
    const pointer = `${options.pointer ?? ""}/${index}`;
    const effects =
      "put" in change
        ? putEffects(current.state(), change.put, { pointer, options, faults })
        : deleteEffects(current, change, { pointer, options, faults });
    if (effects.length === 0) continue;
    current = current.apply(effects, current.at);
    add(written, effects);
  }
  if (faults.length === 0) faults.push(...faultsInTheEnd(current, changes, options));
  return faults.length > 0 ? fail(faults) : ok({ changes: written, plan: current });
}

/**
 * Adds what a change does. What lies in the bin is large, and forgets with each deletion of a write: only what is left of it in the end is
 * written.
 */
function add(written: Change[], effects: readonly Change[]): void {
  const again = new Set(effects.flatMap((one) => ("put" in one && one.put.kind === "binned" ? [one.put.value.id] : [])));
  if (again.size > 0) {
    const isPassed = (one: Change): boolean => "put" in one && one.put.kind === "binned" && again.has(one.put.value.id);
    written.splice(0, written.length, ...written.filter((one) => !isPassed(one)));
  }
  written.push(...effects);
}

/** What a record of these kinds names may come after it in the same write, so that it is looked for in the end. */
function faultsInTheEnd(plan: Plan, changes: readonly Change[], options: AdmitOptions): Fault[] {
  const state = plan.state();
  return changes.flatMap((change, index) => {
    if (!("put" in change) || (change.put.kind !== "product" && change.put.kind !== "resource")) return [];
    const rec = state.get(change.put.kind, keyOf(change.put));
    const found = rec === undefined ? [] : checkInTheEnd(state, rec);
    return found.map((fault) => ({ ...fault, pointer: `${options.pointer ?? ""}/${index}/put/value${fault.pointer}` }));
  });
}

type Placed = { readonly change: Change; readonly index: number };

/** Runs of puts by kind, in the order in which kinds name one another, and resources from the top; deletes stay where they are. */
function inOrder(changes: readonly Change[]): Placed[] {
  const ordered: Placed[] = [];
  let run: Placed[] = [];
  const flush = (): void => {
    ordered.push(...run.sort((a, b) => rankOf(a.change) - rankOf(b.change)));
    run = [];
  };
  for (const [index, change] of changes.entries()) {
    if ("put" in change) run.push({ change, index });
    else {
      flush();
      ordered.push({ change, index });
    }
  }
  flush();
  return ordered;
}

/** Kinds in the order in which they name one another. */
const ORDER = Object.keys(KEY_MEMBERS);

/** Below 1,000 segments a path, kinds stay apart. */
function rankOf(change: Change): number {
  if (!("put" in change)) return 0;
  const { kind, value } = change.put;
  return ORDER.indexOf(kind) * 1_000 + (kind === "resource" ? value.path.split("/").length : 0);
}

type At = { readonly pointer: string; readonly options: AdmitOptions; readonly faults: Fault[] };

function putEffects(state: State, asked: Rec, { pointer, options, faults }: At): readonly Change[] {
  const before = state.get(asked.kind, keyOf(asked));
  const rec = options.renewal === true ? renewed(state, asked, before) : asked;
  if (before !== undefined && sameRecord(before, rec)) return [];
  const found = [...checkPutOfBuiltIn(state, rec, { before, options }), ...checkPut(state, rec, before)];
  if (found.length > 0) {
    faults.push(...found.map((fault) => ({ ...fault, pointer: `${pointer}/put/value${fault.pointer}` })));
    return [];
  }
  // Another reach in the same slot is another record: it gives way.
  if (before?.kind === "grant" && rec.kind === "grant" && before.value.reach !== rec.value.reach) {
    return [{ delete: { kind: "grant", key: keyOf(before) } }, { put: rec }];
  }
  return [{ put: rec }];
}

function deleteEffects(
  plan: Plan,
  change: Change & { delete: { kind: Kind; key: Key } },
  { pointer, options, faults }: At,
): readonly Change[] {
  const state = plan.state();
  const { kind, key } = change.delete;
  const before = state.get(kind, key);
  const exists = before !== undefined && !(before.kind === "grant" && before.value.reach !== key[2]);
  const refuse = (code: Fault["code"], detail: string): readonly Change[] => {
    faults.push({ code, pointer: `${pointer}/delete`, detail });
    return [];
  };
  if (kind === "organization") return refuse("not_allowed", "An organization is not deleted by a change.");
  if (!exists) return refuse("not_found", `There is no ${kind} ${key.join(", ")}.`);
  const held = heldBack(state, before, options);
  if (held !== undefined) return refuse(held.code, held.detail);
  if (kind === "principal" && state.owned.count(state.people.names.find(key[0] as string)) > 0) {
    return refuse("in_use", `${key[0]} owns resources; give them to somebody else first.`);
  }
  return cascade(state, kind, key);
}
