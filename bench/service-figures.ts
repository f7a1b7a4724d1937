/**
 * The figures of the service: what HTTP, storing and starting cost, each beside a floor that is measured in the same run.
 *
 * Invariant: a ratio is a median of ratios within pairs, of which a promise needs ten; how far they lay apart stands beside it.
 */
import type { CellArgs } from "./cell.ts";
import type { Numbers } from "./cells/decide.ts";
import { BATCH, type HttpArgs } from "./cells/http.ts";
import { PAIRS } from "./cells/timing.ts";
import { type Figure, MILLION, part, percent, power, type Row, type Sizes, share } from "./figure.ts";
import { NEEDED } from "./http/load.ts";

const GRANTS = 100_000;
const PAIRS_MIN = 10;
const FLOOR = "bare node:http that parses the same body and answers as many bytes";

const http = ({ pairs, seconds }: Sizes, args: Pick<HttpArgs, "ask" | "connections" | "beside">): CellArgs => ({
  kind: "http",
  grants: GRANTS,
  pairs,
  seconds,
  ...args,
});
/** What is promised, where enough pairs were measured. */
const promised = ({ pairs }: Sizes, bound: number): number | undefined => (pairs < PAIRS_MIN ? undefined : bound);
const number = (value: number | undefined, digits = 0): string =>
  (value ?? Number.NaN).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

function sides({ perSecond, theirPerSecond, cpuUs, theirCpuUs }: Numbers): string {
  return `${number(perSecond)} requests/s to ${number(theirPerSecond)}, CPU ${number(cpuUs, 1)} µs a request to ${number(theirCpuUs, 1)}`;
}
function spread({ throughputLow, throughputHigh }: Numbers, { pairs }: Sizes): string {
  return `throughput of ${pairs} pairs a round from ${number(throughputLow, 2)} to ${number(throughputHigh, 2)}`;
}
function answered({ bytes, allowed }: Numbers): string {
  return `answers of ${number(bytes)} bytes, ${percent(allowed)} of the decisions allow`;
}

export const P4: Figure = {
  id: "P4",
  needs: NEEDED,
  cells: (sizes) => ({
    "single 32": http(sizes, { ask: "single", connections: 32, beside: "floor" }),
    "single 1": http(sizes, { ask: "single", connections: 1, beside: "floor" }),
  }),
  rows(results, sizes) {
    const [many, one] = [results("single 32"), results("single 1")];
    const of = `a check over HTTP with a token, ${power(GRANTS)} grants, beside ${FLOOR}`;
    return [
      {
        id: "P4",
        what: `${of}, 32 connections`,
        unit: "×",
        parts: [share("throughput", many.throughput, promised(sizes, 0.8)), share("CPU time", many.cpu, promised(sizes, 0.8))],
        note: `${sides(many)}; ${spread(many, sizes)}; ${answered(many)}`,
      },
      {
        id: "P4",
        what: `${of}, 1 connection`,
        unit: "×",
        parts: [part("p50", one.latency, promised(sizes, 1.1)), share("CPU time", one.cpu)],
        note: `p50 ${number(one.p50Us)} µs to ${number(one.theirP50Us)}; ${sides(one)}`,
      },
    ];
  },
};

export const P5: Figure = {
  id: "P5",
  needs: NEEDED,
  cells: (sizes) => ({ "batch 8": http(sizes, { ask: "batch", connections: 8, beside: "floor" }) }),
  rows(results, sizes) {
    const numbers = results("batch 8");
    const of = `a batch of ${BATCH} checks, ${power(GRANTS)} grants, 8 connections`;
    const decisions = (numbers.perSecond ?? Number.NaN) * BATCH;
    return [
      {
        id: "P5",
        what: `${of}, beside ${FLOOR}`,
        unit: "×",
        parts: [share("throughput", numbers.throughput, promised(sizes, 0.5)), share("CPU time", numbers.cpu, promised(sizes, 0.5))],
        note: `${sides(numbers)}; ${spread(numbers, sizes)}; ${answered(numbers)}`,
      },
      { id: "P5", what: `${of}, decisions`, unit: "a second", parts: [share("one core", decisions)] },
    ];
  },
};

/** Every page of every list of an organization of 10^6 grants, 10^5 principals and 2,000 roles, and P6 as a client has it. */
export const LISTS: Figure = {
  id: "lists",
  cells: ({ largest }) => ({ pages: { kind: "pages", grants: Math.min(MILLION, largest) } }),
  rows(results) {
    const { pages, pageP50Ms, pageMaxMs, listedWarmMs } = results("pages");
    return [
      {
        id: "lists",
        what: "a page of 100 over HTTP, the slowest of every collection, sort and filter, first, middle and last, while writes go on",
        unit: "ms",
        parts: [part("slowest", pageMaxMs, 20), part("median", pageP50Ms)],
        note: `${number(pages)} pages, each the median of five`,
      },
      {
        id: "lists",
        what: "list 2,400 of 20,000 (P6) over HTTP, warm, as a client has it",
        unit: "ms",
        parts: [part("p50", listedWarmMs)],
      },
    ];
  },
};

/** The Experience Platform surface over 2,000 roles, 5,000 policies and 100,000 users. */
export const EXPERIENCE: Figure = {
  id: "experience",
  needs: NEEDED,
  cells: ({ pairs, seconds }) => ({ experience: { kind: "experience", pairs, seconds } }),
  rows(results, sizes) {
    const { pageMaxMs, pageP50Ms, names, latency, cpu, effectiveUs, checkUs } = results("experience");
    const of = "access control API, 2,000 roles, 5,000 policies, 10^5 users";
    return [
      {
        id: "experience",
        what: `${of}: a page of 100 roles, policies or subjects of a role, first, middle and last`,
        unit: "ms",
        parts: [part("slowest", pageMaxMs, 20), part("median", pageP50Ms)],
      },
      {
        id: "experience",
        what: `${of}: effective-policies of all ${number(names)} names, beside a single check over HTTP`,
        unit: "×",
        parts: [part("p50", latency, promised(sizes, 3)), part("CPU time", cpu)],
        note: `p50 ${number(effectiveUs)} µs to ${number(checkUs)}, 1 connection; the check is one question asked again and again`,
      },
    ];
  },
};

/** A space of 50,000 APIs with five versions each, and the grants on them. */
export const ASSETS: Figure = {
  id: "assets",
  cells: ({ largest }) => ({ assets: { kind: "assets", grants: largest } }),
  rows(results, { largest }) {
    const { idsP50, stringsP50, stringsP99, listed, listMs, listFirstMs, spaceP50, spaceP99, spaceWorst, inProcess, rss, allowed } =
      results("assets");
    const { movedP50, movedP99, movedGrants } = results("assets");
    const of = `50,000 APIs with 5 versions each, ${power(largest)} grants`;
    const whole = (bound: number): number | undefined => (largest < 10 * MILLION ? undefined : bound);
    return [
      { id: "assets", what: `${of}: a check from ids`, unit: "µs", parts: [part("p50", idsP50, 0.35)], note: `${percent(allowed)} allow` },
      {
        id: "assets",
        what: `${of}: a check from fresh strings`,
        unit: "µs",
        parts: [part("p50", stringsP50, 1.2), part("p99", stringsP99, 5)],
      },
      {
        id: "assets",
        what: `${of}: the ${number(listed)} versions that one person may view, complete and sorted, as JSON`,
        unit: "ms",
        parts: [part("warm", listMs, 2), part("first", listFirstMs)],
      },
      {
        id: "assets",
        what: `${of}: an entry on the space, given or taken, which reaches all of it`,
        unit: "µs",
        parts: [part("p50", spaceP50, 5), part("p99", spaceP99, 50), part("worst", spaceWorst, 5_000)],
      },
      {
        id: "assets",
        what: `${of}: an API that moves, with its 5 versions and their entries`,
        unit: "ms",
        parts: [part("p50", movedP50), part("p99", movedP99)],
        note: `${Math.round(movedGrants ?? 0)} entries`,
      },
      {
        id: "assets",
        what: `${of}: bytes a grant`,
        unit: "B",
        parts: [part("heap and buffers", inProcess, whole(50)), part("RSS", rss, whole(64))],
      },
    ];
  },
};

export const P9: Figure = {
  id: "P9",
  cells: ({ largest }) => ({ start: { kind: "start", grants: largest / 10, starts: 2 } }),
  rows(results, { largest }) {
    const numbers = results("start");
    const of = `from the start of the process to the first answer, everything loaded, ${power(largest / 10)} grants`;
    const row = (name: "warm" | "cold", where: string): Row => {
      const [all, process, opening, loading, cpu] = ["All", "Process", "Opening", "Loading", "Cpu"].map((each) => numbers[name + each]);
      const parts = [
        part("all", all, name === "warm" && largest / 10 >= MILLION ? 2 : undefined),
        part("process", process),
        part("opening", opening),
      ];
      return {
        id: "P9",
        what: `${of}, the store's file ${where}`,
        unit: "s",
        parts: [...parts, part("loading and answer", loading), part("CPU time", cpu)],
      };
    };
    const kept = `a file of ${number(numbers.mebibytes)} MiB, written in ${number(numbers.keptSeconds)} s, the generator included`;
    return [
      { ...row("warm", "in the page cache"), note: kept },
      {
        ...row("cold", "not in it"),
        note: numbers.coldAll === undefined ? "not measured: no `dd` here (Debian: coreutils)" : "Node.js and the program are in it",
      },
    ];
  },
};

export const P10: Figure = {
  id: "P10",
  cells: ({ pairs }) => ({ write: { kind: "write", grants: GRANTS, pairs, writes: 500 } }),
  rows(results, sizes) {
    const numbers = results("write");
    const row = (name: "single" | "atOnce", what: string, atLeast: number): Row => {
      const [perSecond, cpuUs, low, high] = ["PerSecond", "CpuUs", "Low", "High"].map((each) => numbers[name + each]);
      return {
        id: "P10",
        what: `durable writes of a grant into the embedded store, ${what}, beside four bare statements one at a time`,
        unit: "×",
        parts: [share("throughput", numbers[`${name}Ratio`], promised(sizes, atLeast)), share("CPU time", numbers[`${name}Cpu`])],
        note: `${number(perSecond)}/s to ${number(numbers.floorPerSecond)}, CPU ${number(cpuUs)} µs a write to ${number(numbers.floorCpuUs)}; throughput of ${sizes.pairs} pairs a round from ${number(low, 2)} to ${number(high, 2)}`,
      };
    };
    return [row("single", "one at a time", 0.8), row("atOnce", "64 at once", 4)];
  },
};

export const P13: Figure = {
  id: "P13",
  needs: NEEDED,
  cells: (sizes) => ({ "metrics 32": http(sizes, { ask: "single", connections: 32, beside: "no metrics" }) }),
  rows(results, sizes) {
    const numbers = results("metrics 32");
    return [
      {
        id: "P13",
        what: `a check over HTTP with metrics on, ${power(GRANTS)} grants, 32 connections, beside metrics off (there is no decision log yet)`,
        unit: "×",
        parts: [share("throughput", numbers.throughput, promised(sizes, 0.9)), share("CPU time", numbers.cpu)],
        note: `${sides(numbers)}; ${spread(numbers, sizes)}`,
      },
    ];
  },
};

/** What is refused, where there is nobody and where there is somebody, but wrong. `isTold`: by what only its holder can know. */
const REFUSED: Readonly<Record<(typeof PAIRS)[number], { readonly what: string; readonly isTold?: true }>> = {
  clientSecret: { what: "an access token: an unknown client, a known one with a wrong secret" },
  password: { what: "signing in: an unknown address, a known one with a wrong password" },
  recoveryCode: { what: "signing in with a recovery code: one that never was, one that was used" },
  invitation: { what: "accepting an invitation: one that never was, one that was withdrawn" },
  token: { what: "a bearer token: one that never was, one that has expired", isTold: true },
};

/** How far the times of two refusals can be told apart: 0 not at all, 0.5 always. */
export const TIMES: Figure = {
  id: "times",
  cells: ({ seconds }) => ({ times: { kind: "timing", samples: seconds * 1_000 } }),
  rows(results) {
    const numbers = results("times");
    const ms = (name: string): string => number((numbers[name] ?? Number.NaN) / 1_000, 2);
    return PAIRS.map((name) => {
      const { what, isTold } = REFUSED[name];
      const chance = numbers[`${name}Chance`];
      return {
        id: "times",
        what: `refusals told apart by their times over HTTP: ${what}`,
        unit: "of ½",
        parts: [part("apart", numbers[`${name}Apart`], isTold === true ? undefined : chance)],
        note: `p50 ${ms(`${name}NobodyP50`)} ms to ${ms(`${name}WrongP50`)}, p95 ${ms(`${name}NobodyP95`)} to ${ms(`${name}WrongP95`)}; chance alone stays below ${number(chance, 3)} in 99 of 100 runs`,
      };
    });
  },
};
