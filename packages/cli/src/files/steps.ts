/**
 * Steps: the change sets of an apply, each valid by itself, tried in this process before the first is sent.
 *
 * Invariant: after the last step stands what was wanted, or nothing is sent and the faults are told with the places of the files.
 */
import {
  admit,
  type Change,
  compiler,
  type Fault,
  LIMITS,
  type Plan,
  type Plans,
  type Rec,
  type Result,
  records,
  sameRecord,
} from "@reeve/core";
import { type Difference, nameOfRecord } from "./difference.ts";
import { readsOf } from "./narrowing.ts";
import { directOrder, type Phases, phasesOf, type Wanted } from "./phases.ts";

export type Step = { readonly title: string; readonly changes: readonly Wanted[] };
/** `caution`: why somebody may hold more between two steps than before and after. */
/** `plans`: before them all and after. */
export type Steps = { readonly list: readonly Step[]; readonly plans: Plans; readonly caution?: string };
/** A fault of a change, and the record that it is for; `pointer` into its value. */
export type StepFault = { readonly of: Rec; readonly fault: Fault };
export type Sizes = { readonly changesMax: number; readonly bytesMax: number };

/** A body has at most 4 MiB; some are left for what stands around the changes. */
export const SIZES: Sizes = { changesMax: LIMITS.changesMax, bytesMax: 3_500_000 };

type World = {
  readonly organization: string;
  readonly before: ReadonlyMap<string, Rec>;
  readonly after: ReadonlyMap<string, Rec>;
  readonly differences: readonly Difference[];
  readonly sizes?: Sizes;
};

export function stepsOf({ organization, before, after, differences, sizes = SIZES }: World): Result<Steps, readonly StepFault[]> {
  const direct = directOrder(differences);
  const start = planOf(organization, before.values());
  const whole = tried(start, direct);
  if (!whole.ok) return whole;
  const wrong = unlike(whole.value, after);
  if (wrong.length > 0) return { ok: false, error: wrong };
  const plans = { before: start, after: whole.value };
  const one = chunks("all at once", direct, sizes);
  if (one.length <= 1) return { ok: true, value: { list: one, plans } };
  const reads = readsOf([...before.values(), ...after.values()]);
  const isFresh = !givesAnything(before);
  const phases = phasesOf(differences, { before, after, isPlain: reads.size === 0, isFresh });
  const list = [
    ...chunks("take away", phases.takeAway, sizes),
    ...chunks("turn", phases.turn, sizes),
    ...chunks("give", phases.give, sizes),
    ...chunks("lift", phases.lift, sizes),
  ];
  if (!triedAll(start, list).ok) {
    const inTurn = chunks("changes", withLateDefaults(direct), sizes);
    const all = triedAll(start, inTurn);
    if (!all.ok) return all;
    return { ok: true, value: { list: inTurn, plans, caution: "what is changed allows no order in which access is taken away first" } };
  }
  const caution = cautionOf({ phases, list, before, reads, isFresh });
  return { ok: true, value: caution === undefined ? { list, plans } : { list, plans, caution } };
}

/** What reads open by default names roles and sets of the product itself, which may come in a later step: products get it last. */
function withLateDefaults(direct: readonly Wanted[]): readonly Wanted[] {
  const late: Wanted[] = [];
  const first = direct.map((one): Wanted => {
    if (!("put" in one.change) || one.change.put.kind !== "product" || one.change.put.value.readDefault === undefined) return one;
    const { readDefault: _, ...value } = one.change.put.value;
    late.push(one);
    return { ...one, change: { put: { kind: "product", value } } };
  });
  return [...first, ...late];
}

function planOf(organization: string, of: Iterable<Rec>): Plan {
  const compiling = compiler(organization);
  compiling.add(of);
  return compiling.finish();
}

/** What is built in may be changed by the server's administrator alone, which the server judges. */
const admitted = (plan: Plan, wanted: readonly Wanted[]): ReturnType<typeof admit> =>
  admit(
    plan,
    wanted.map(({ change }) => change),
    { catalogue: true },
  );

function tried(plan: Plan, wanted: readonly Wanted[]): Result<Plan, readonly StepFault[]> {
  const result = admitted(plan, wanted);
  if (result.ok) return { ok: true, value: result.value.plan };
  return { ok: false, error: result.error.flatMap((fault) => stepFault(wanted, fault) ?? []) };
}

export function stepFault(wanted: readonly Wanted[], fault: Fault, prefix = ""): StepFault | undefined {
  const [, index, pointer = ""] = /^\/(\d+)(?:\/put\/value|\/put|\/delete)?(.*)$/s.exec(fault.pointer.slice(prefix.length)) ?? [];
  const of = wanted[Number(index)]?.of;
  return of === undefined ? undefined : { of, fault: { ...fault, pointer } };
}

/** Records that stand otherwise than the files say: what they name was deleted, and they lost it. */
function unlike(plan: Plan, after: ReadonlyMap<string, Rec>): readonly StepFault[] {
  const faults: StepFault[] = [];
  const stand = new Set<string>();
  const refuse = (of: Rec): void => {
    faults.push({
      of,
      fault: {
        code: "unknown_reference",
        pointer: "",
        detail: "This names something that the files do not hold, and that would be deleted.",
      },
    });
  };
  for (const rec of records(plan)) {
    const name = nameOfRecord(rec);
    stand.add(name);
    const wanted = after.get(name);
    if (wanted !== undefined && !sameRecord(wanted, rec)) refuse(wanted);
  }
  for (const [name, rec] of after) if (!stand.has(name)) refuse(rec);
  return faults;
}

function triedAll(start: Plan, list: readonly Step[]): Result<Plan, readonly StepFault[]> {
  let plan = start;
  for (const { changes } of list) {
    const next = tried(plan, changes);
    if (!next.ok) return next;
    plan = next.value;
  }
  return { ok: true, value: plan };
}

const bytesOf = (change: Change): number => Buffer.byteLength(JSON.stringify(change)) + 200;

function chunks(title: string, wanted: readonly Wanted[], { changesMax, bytesMax }: Sizes): readonly Step[] {
  const list: Wanted[][] = [];
  let bytes = 0;
  for (const one of wanted) {
    const size = bytesOf(one.change);
    const last = list.at(-1);
    if (last === undefined || last.length >= changesMax || bytes + size > bytesMax) {
      list.push([one]);
      bytes = size;
    } else {
      last.push(one);
      bytes += size;
    }
  }
  return list.map((changes) => ({ title, changes }));
}

type Planned = {
  readonly phases: Phases;
  readonly list: readonly Step[];
  readonly before: ReadonlyMap<string, Rec>;
  readonly reads: ReadonlyMap<string, string>;
  readonly isFresh: boolean;
};

/** Why the law may not hold in between; it does where the turn is one step, where nobody holds anything, or where nothing is read. */
function cautionOf({ phases, list, before, reads, isFresh }: Planned): string | undefined {
  const told = (name: string): string => `${reads.get(name)} reads ${name}, which is changed in more than one step`;
  const labels = [...reads.keys()].find((name) => /^resource(\.labels)?$/.test(name));
  if (labels !== undefined && phases.give.some(({ of }) => of.kind === "link")) return told(labels);
  if (list.filter(({ title }) => title === "turn").length <= 1) return undefined;
  const [first] = reads.keys();
  if (isFresh && !phases.turn.some(isSource)) return undefined;
  if (first !== undefined) return told(first);
  const mixed = phases.turn.find(({ of, change }) => isMixed(of, change, before));
  return mixed === undefined ? undefined : `objects of kind ${mixed.of.kind} are changed in more than one step`;
}

/** What decisions read of the whole organization, changed or new while others hold something. */
function isMixed(of: Rec, change: Change, before: ReadonlyMap<string, Rec>): boolean {
  if (of.kind === "product" || of.kind === "setting" || of.kind === "policy" || of.kind === "operation") return true;
  return "put" in change && before.has(nameOfRecord(of)) && (of.kind === "resource" || of.kind === "principal" || of.kind === "role");
}

const permits = (rec: Rec): boolean => rec.kind === "policy" && rec.value.rules.some(({ effect }) => effect === "permit");
const isSource = ({ change }: Wanted): boolean => "put" in change && permits(change.put);

/** Whether anybody can hold anything by what stands: then a step in between could open more by it. */
function givesAnything(before: ReadonlyMap<string, Rec>): boolean {
  for (const rec of before.values()) {
    if (rec.kind === "grant" || rec.kind === "assignment" || rec.kind === "membership" || permits(rec)) return true;
    if (rec.kind === "resource" && rec.value.owner !== undefined) return true;
  }
  return false;
}
