/**
 * The figures: which cells each needs, and what is read from them against what is to be reached. Here those of the engine.
 *
 * Invariant: a target is written in this file or in `service-figures.ts`, once.
 */
import type { CellArgs } from "./cell.ts";
import type { Numbers } from "./cells/decide.ts";
import { type Figure, MILLION, part, percent, power, type Row } from "./figure.ts";
import { ASSETS, EXPERIENCE, LISTS, P4, P5, P9, P10, P13, TIMES } from "./service-figures.ts";

const PROMISED = 10_000_000;
const ids = (grants: number): CellArgs => ({ kind: "decide", grants, from: "ids", draw: "uniform" });
const us = (time: number | undefined): string => `${(time ?? Number.NaN).toFixed(2)} µs`;

function answers(numbers: Numbers): string {
  const { byRole, byAccess, denied, noAccess, entries, chain } = numbers;
  const shares = `${percent(byAccess)} allowed by access, ${percent(byRole)} by role, ${percent(noAccess)} no access, ${percent(denied)} denied by policy`;
  return `${shares}; ${(chain ?? 0).toFixed(1)} resources and ${(entries ?? 0).toFixed(0)} grants on the way up`;
}

const P1: Figure = {
  id: "P1",
  cells: () => ({
    "ids 10^6": ids(MILLION),
    "ids 10^6 zipf": { kind: "decide", grants: MILLION, from: "ids", draw: "zipf" },
    "fresh 10^6": { kind: "decide", grants: MILLION, from: "fresh", draw: "zipf" },
    "everything 10^6": { kind: "decide", grants: MILLION, from: "fresh", draw: "zipf", reads: "everything" },
    "verdict 10^6": { kind: "decide", grants: MILLION, from: "fresh", draw: "zipf", reads: "verdict" },
    "kept 10^6": { kind: "decide", grants: MILLION, from: "kept", draw: "zipf" },
    "floor 10^6": { kind: "floor", grants: MILLION },
  }),
  rows(results) {
    const floor = results("floor 10^6");
    const fromIds = results("ids 10^6");
    const fresh = results("fresh 10^6");
    const zipf = results("ids 10^6 zipf");
    const kept = results("kept 10^6");
    const verdict = results("verdict 10^6");
    const everything = results("everything 10^6");
    const of = "10^6 grants and roles";
    return [
      {
        id: "P1",
        what: `verdict from ids, ${of}, uniform, all grants read`,
        unit: "µs",
        parts: [part("p50", fromIds.p50, 0.35), part("p99", fromIds.p99)],
        note: answers(fromIds),
      },
      { id: "P1", what: `verdict from ids, ${of}, Zipf`, unit: "µs", parts: [part("p50", zipf.p50), part("p99", zipf.p99)] },
      {
        id: "P1",
        what: `decision from fresh strings, ${of}, Zipf, all evidence`,
        unit: "µs",
        parts: [part("p50", fresh.p50, 1.2), part("p99", fresh.p99, 5)],
        note: `${answers(fresh)}; asked just before: p50 of allows ${us(fresh.allowedP50)}, of denies ${us(fresh.deniedP50)}`,
      },
      {
        id: "P1",
        what: `decision from fresh strings, ${of}, Zipf, verdict and code alone`,
        unit: "µs",
        parts: [part("p50", verdict.p50), part("p99", verdict.p99)],
      },
      {
        id: "P1",
        what: `decision from fresh strings, ${of}, Zipf, all evidence and all that is missing`,
        unit: "µs",
        parts: [part("p50", everything.p50), part("p99", everything.p99)],
      },
      {
        id: "P1",
        what: `decision from 100,000 kept requests, ${of}, Zipf`,
        unit: "µs",
        parts: [part("p50", kept.p50), part("p99", kept.p99)],
      },
      {
        id: "P1",
        what: "floor: three role bitsets, from ids, uniform",
        unit: "µs",
        parts: [part("p50", floor.idsP50), part("p99", floor.idsP99)],
      },
      {
        id: "P1",
        what: "floor: two Map.get and three bitsets, fresh strings",
        unit: "µs",
        parts: [part("p50", floor.freshP50), part("p99", floor.freshP99)],
      },
      {
        id: "P1",
        what: "floor: two Map.get and three bitsets, kept requests",
        unit: "µs",
        parts: [part("p50", floor.keptP50), part("p99", floor.keptP99)],
      },
    ];
  },
};

const P2: Figure = {
  id: "P2",
  cells: () => ({ "labels 10^5": { kind: "decide", grants: 100_000, from: "fresh", draw: "zipf", labels: true, patterns: 8 } }),
  rows(results) {
    const numbers = results("labels 10^5");
    const what = "decision with a label rule and a condition on every resource, 8 more policies, 10^5 grants, fresh strings, Zipf";
    return [
      {
        id: "P2",
        what,
        unit: "µs",
        parts: [part("p50", numbers.p50, 1.5), part("p99", numbers.p99)],
        note: `${answers(numbers)}; asked just before: p50 of allows ${us(numbers.allowedP50)}, of denies ${us(numbers.deniedP50)}`,
      },
    ];
  },
};

const P3: Figure = {
  id: "P3",
  cells: ({ document }) => ({
    "operation 1100": { kind: "operation", templates: 1_100 },
    ...(document === undefined ? {} : { "operation document": { kind: "operation", templates: 0, document } }),
  }),
  rows(results, { document }) {
    const made = results("operation 1100");
    const rows = [operationRow(made, `of 1,100 templates (${made.operations} operations)`)];
    if (document === undefined) return rows;
    const called = results("operation document");
    return [...rows, operationRow(called, `of a public document (${called.operations} operations)`)];
  },
};

function operationRow(numbers: Numbers, of: string): Row {
  const shares = `${percent(numbers.allowed_by_rule)} allowed, ${percent(numbers.no_access)} no access, ${percent(numbers.unknown_operation)} unknown`;
  return {
    id: "P3",
    what: `operation ${of}, fresh strings, normalisation and rule included`,
    unit: "µs",
    parts: [part("p50", numbers.p50, 1), part("p99", numbers.p99)],
    note: `${shares}; asked just before: p50 of allows ${us(numbers.allowedP50)}, of denies ${us(numbers.deniedP50)}`,
  };
}

const P6: Figure = {
  id: "P6",
  cells: () => ({ list: { kind: "list" } }),
  rows(results) {
    const numbers = results("list");
    const of = "list 2,400 of 20,000, each decided with policies, sorted, as JSON";
    return [
      { id: "P6", what: `${of}, warm`, unit: "ms", parts: [part("p50", numbers.warmMs, 2)] },
      { id: "P6", what: `${of}, first call of a process`, unit: "ms", parts: [part("first", numbers.firstMs, 5)] },
    ];
  },
};

const [NO_SHARED, SOME_SHARED, MANY_SHARED] = [0, 100, 1_000];
const SHARED = [NO_SHARED, SOME_SHARED, MANY_SHARED];
const KINDS = ["equal", "different"] as const;
/** Many policies in one organization: of different patterns; and what each costs where all have the same one. */
const POLICIES: Figure = {
  id: "policies",
  cells: () => ({
    "5,000 patterns": { ...ids(100_000), patterns: 5_000 } as CellArgs,
    "10 patterns": { ...ids(100_000), patterns: 10 } as CellArgs,
    ...Object.fromEntries(
      KINDS.flatMap((conditions) =>
        SHARED.map((policies) => [`${policies} shared, ${conditions}`, { ...ids(10_000), shared: { policies, conditions } } as CellArgs]),
      ),
    ),
  }),
  rows(results) {
    const [few, many] = [results("10 patterns"), results("5,000 patterns")];
    const at = (policies: number, conditions: string): number => results(`${policies} shared, ${conditions}`).p50 ?? Number.NaN;
    const slopes = KINDS.map((conditions) =>
      part(`${conditions} conditions`, ((at(MANY_SHARED, conditions) - at(SOME_SHARED, conditions)) / (MANY_SHARED - SOME_SHARED)) * 1_000),
    );
    const row = (conditions: string): string =>
      `${conditions}: ${SHARED.map((policies) => at(policies, conditions).toFixed(2)).join(", ")} µs`;
    return [
      {
        id: "policies",
        what: "10 to 5,000 policies of different patterns; from ids, 10^5 grants",
        unit: "×",
        parts: [part("p50", (many.p50 ?? Number.NaN) / (few.p50 ?? Number.NaN), 2)],
        note: `${few.p50?.toFixed(2)} to ${many.p50?.toFixed(2)} µs; rules that match a request: ${few.rules?.toFixed(2)} to ${many.rules?.toFixed(2)}`,
      },
      {
        id: "policies",
        what: "what one more policy costs a decision, where all have one pattern and action, from ids",
        unit: "ns",
        parts: slopes,
        note: `with ${SHARED.join(", ")} policies, ${KINDS.map(row).join("; ")}`,
      },
    ];
  },
};

const P7: Figure = {
  id: "P7",
  cells: ({ largest }) => ({
    "ids 10^3": ids(1_000),
    "ids 10^5": ids(100_000),
    [`ids ${power(largest)}`]: ids(largest),
    "policies 10": { ...ids(100_000), patterns: 10 } as CellArgs,
    "policies 10^5": { ...ids(100_000), patterns: 100_000 } as CellArgs,
  }),
  rows(results, { largest }) {
    const [small, middle, large] = [results("ids 10^3"), results("ids 10^5"), results(`ids ${power(largest)}`)];
    const [few, many] = [results("policies 10"), results("policies 10^5")];
    const ratio = (a: number | undefined, b: number | undefined): number => (a ?? Number.NaN) / (b ?? Number.NaN);
    const times = (a: Numbers, b: Numbers): string => `${(b.p50 ?? 0).toFixed(2)} to ${(a.p50 ?? 0).toFixed(2)} µs`;
    return [
      {
        id: "P7",
        what: "growth of P1 from ids, 10^3 to 10^5 grants",
        unit: "×",
        parts: [part("p50", ratio(middle.p50, small.p50), 1.3)],
        note: times(middle, small),
      },
      {
        id: "P7",
        what: `growth of P1 from ids, 10^3 to ${power(largest)} grants`,
        unit: "×",
        parts: [part("p50", ratio(large.p50, small.p50), largest < PROMISED ? undefined : 6)],
        note: times(large, small),
      },
      {
        id: "P7",
        what: `grants on the way up (counted in the data: the walk reads each once), 10^3 to ${power(largest)}`,
        unit: "×",
        parts: [part("mean", ratio(large.entries, small.entries), largest < PROMISED ? undefined : 1.1)],
        note: `${(small.entries ?? 0).toFixed(1)} to ${(large.entries ?? 0).toFixed(1)}`,
      },
      {
        id: "P7",
        what: "10 to 10^5 policies of different patterns, every shape present at 10; from ids, 10^5 grants",
        unit: "×",
        parts: [part("p50", ratio(many.p50, few.p50), 2)],
        note: `${times(many, few)}; rules that match a request: ${(few.rules ?? 0).toFixed(2)} to ${(many.rules ?? 0).toFixed(2)}`,
      },
    ];
  },
};

const P8: Figure = {
  id: "P8",
  cells: ({ largest }) => ({ memory: { kind: "memory", grants: largest } }),
  rows(results, { largest }) {
    const numbers = results("memory");
    const promised = (bytes: number): number | undefined => (largest < PROMISED ? undefined : bytes);
    const of = `bytes a grant, ${power(largest)} grants over ${power(largest / 100)} principals and ${power(largest / 10)} resources`;
    return [
      {
        id: "P8",
        what: `${of}, by heap and buffers, every closure kept`,
        unit: "B",
        parts: [part("all", numbers.inProcess, promised(50)), part("heap", numbers.heap), part("buffers", numbers.buffers)],
      },
      { id: "P8", what: `${of}, by RSS, every closure kept`, unit: "B", parts: [part("all", numbers.rss, promised(64))] },
      {
        id: "P8",
        what: `${of}, before anybody asked, by heap and buffers / RSS`,
        unit: "B",
        parts: [part("in process", numbers.builtInProcess), part("RSS", numbers.builtRss)],
        note: `compiled in ${((numbers.buildMs ?? 0) / 1_000).toFixed(1)} s, the generator included`,
      },
    ];
  },
};

const CHANGES: Readonly<Record<string, string>> = {
  grantAdd: "grant given (Zipf)",
  grantRemove: "grant taken",
  assignmentAdd: "role assigned",
  assignmentRemove: "assignment taken",
  policyPut: "policy written",
  policyDelete: "policy deleted",
  labelPut: "resource labelled",
  labelTake: "label taken off",
  rowPut: "catalogue row written",
  rowDelete: "catalogue row deleted",
};

const P11: Figure = {
  id: "P11",
  cells: ({ largest }) => ({ change: { kind: "change", grants: largest } }),
  rows(results, { largest }) {
    const numbers = results("change");
    const of = `on ${power(largest)} grants`;
    const rows: Row[] = Object.entries(CHANGES).map(([name, what]) =>
      timesOf(numbers, name, { what: `${what}, ${of}`, promised: largest >= PROMISED }),
    );
    const spread = `the first decision after it ${(numbers.firstAfterUs ?? 0).toFixed(0)} µs, ${(numbers.eachAfterUs ?? 0).toFixed(1)} µs for each principal once`;
    rows.push(timesOf(numbers, "memberOfGroup", { what: `apart: member in or out of a group of 10^5, ${of}`, promised: false }));
    rows.push({
      ...timesOf(numbers, "groupInGroup", { what: `apart: a group of 10^5 in or out of another, ${of}`, promised: false }),
      note: spread,
    });
    rows.push(timesOf(numbers, "productPut", { what: `apart: a product's own record written, ${of}`, promised: false }));
    const moved = `${numbers.moveResources} resources with their grants: ${numbers.moveChanges} changes in one write, ${(numbers.moveChangeUs ?? 0).toFixed(1)} µs each`;
    rows.push({ id: "P11", what: `apart: move of a subtree, ${of}`, unit: "ms", parts: [part("all", numbers.moveMs)], note: moved });
    return rows;
  },
};

function timesOf(numbers: Numbers, name: string, { what, promised }: { readonly what: string; readonly promised: boolean }): Row {
  const atMost = (us: number): number | undefined => (promised ? us : undefined);
  const parts = [
    part("p50", numbers[`${name}P50`], atMost(5)),
    part("p99", numbers[`${name}P99`], atMost(50)),
    part("worst", numbers[`${name}Worst`], atMost(5_000)),
    part("worst by the wall clock", numbers[`${name}Wall`]),
  ];
  return { id: "P11", what, unit: "µs", parts };
}

export const FIGURES: readonly Figure[] = [P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P13, LISTS, EXPERIENCE, ASSETS, POLICIES, TIMES];
