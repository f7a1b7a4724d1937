/**
 * Measures the figures of the engine and of the service: `npm run bench -- [--only P1,P3] [--quick] [--rounds 3] [--document FILE] [--save]`.
 *
 * Each cell runs in a process of its own, one after the other, and all of them again in every round, so that what the machine does
 * meanwhile meets all alike. A number is the median of its rounds.
 * Invariant: what is printed is what was measured in this run; nothing is taken from the baseline but the comparison.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { machineText, readBaseline, saveBaseline, thisMachine } from "./baseline.ts";
import type { CellArgs } from "./cell.ts";
import type { Numbers } from "./cells/decide.ts";
import type { Figure, Row, Sizes } from "./figure.ts";
import { FIGURES } from "./figures.ts";
import { lacking, loadVersion } from "./http/programs.ts";
import { median } from "./measure.ts";
import { keep, tableOf } from "./table.ts";

const CELL = join(import.meta.dirname, "cell.ts");
const FLAGS = ["--conditions=source", "--disable-warning=ExperimentalWarning", "--expose-gc", "--max-old-space-size=8192"];
const ROUNDS = 3;
const WHOLE: Sizes = { largest: 10_000_000, pairs: 10, seconds: 2 };
const QUICK: Sizes = { largest: 1_000_000, pairs: 3, seconds: 1 };
const EXIT_USAGE = 2;

type Options = {
  readonly only: readonly string[];
  readonly quick: boolean;
  readonly save: boolean;
  readonly rounds: number;
  readonly document?: string;
};

function options(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      quick: { type: "boolean" },
      save: { type: "boolean" },
      rounds: { type: "string" },
      document: { type: "string" },
    },
  });
  const known = FIGURES.map(({ id }) => id);
  const only = values.only?.split(",") ?? known;
  const unknown = only.filter((id) => !known.includes(id));
  const rounds = Number(values.rounds ?? ROUNDS);
  if (unknown.length > 0) refuse(`--only: ${unknown.join(", ")} is not measured here; there are ${known.join(", ")}`);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 99) refuse("--rounds: a number of 1 to 99");
  if (values.save === true && values.quick === true) refuse("--save keeps whole runs only, not --quick");
  const { document } = values;
  if (document !== undefined && !existsSync(document)) refuse(`--document: there is no file ${document}`);
  return { only, quick: values.quick === true, save: values.save === true, rounds, ...(document === undefined ? {} : { document }) };
}

function refuse(why: string): never {
  console.error(why);
  process.exit(EXIT_USAGE);
}

async function run(args: CellArgs): Promise<Numbers> {
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, CELL, JSON.stringify(args)], { maxBuffer: 2 ** 24 });
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) as string) as Numbers;
}

/** Every cell in every round; each named number as the median of its rounds. */
async function runAll(cells: ReadonlyMap<string, CellArgs>, rounds: number): Promise<ReadonlyMap<string, Numbers>> {
  const found = new Map<string, Numbers[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const [name, args] of cells) {
      const started = performance.now();
      const numbers = await run(args);
      found.set(name, [...(found.get(name) ?? []), numbers]);
      console.error(`round ${round} of ${rounds}: ${name}, ${((performance.now() - started) / 1_000).toFixed(0)} s`);
    }
  }
  return new Map([...found].map(([name, several]) => [name, medians(several)]));
}

function medians(several: readonly Numbers[]): Numbers {
  return Object.fromEntries(
    Object.keys(several[0] ?? {}).map((key) => [key, median(several.map((numbers) => numbers[key] ?? Number.NaN))]),
  );
}

/** Figures whose programs are not here: why, by their ids. */
function unmeasurable(figures: readonly Figure[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { id, needs = [] } of figures) {
    const why = lacking(needs);
    if (why !== undefined) found.set(id, why);
  }
  return found;
}

async function main(): Promise<void> {
  const { only, quick, save, rounds, document } = options();
  const sizes = { ...(quick ? QUICK : WHOLE), ...(document === undefined ? {} : { document }) };
  const figures = FIGURES.filter(({ id }) => only.includes(id));
  const why = unmeasurable(figures);
  const machine = thisMachine();
  const header = machineText(machine);
  const cells = new Map(figures.filter(({ id }) => !why.has(id)).flatMap((figure) => Object.entries(figure.cells(sizes))));
  const results = await runAll(cells, rounds);
  const rows: Row[] = figures.flatMap((figure) => figure.rows((cell) => results.get(cell) ?? {}, sizes));
  const before = readBaseline();
  const clock = median([...results.values()].map(({ clockUs }) => clockUs ?? 0));
  console.log(`${header}\n`);
  if (before !== undefined) console.log(`Baseline: ${machineTextOf(before.machine)}\n`);
  console.log(tableOf(rows, before?.figures ?? {}, why));
  console.log(`\n${methodText(rounds, clock)}`);
  if (save) saveBaseline({ machine, figures: keep(rows) });
}

function methodText(rounds: number, clock: number): string {
  const load = loadVersion();
  const http = load === undefined ? "" : ` Over HTTP: asked by ${load}, server and client on a core each, ratios within pairs (A B B A).`;
  const us = Number.isNaN(clock) ? "" : `, ${clock.toFixed(2)} µs of clock included`;
  return `Each cell in a fresh process, medians of ${rounds}. p50: over chunks of 100 calls; p99 and worst: single calls${us}.${http}`;
}

function machineTextOf({ cpu, cores, node, reeve }: ReturnType<typeof thisMachine>): string {
  return `${cpu}, ${cores} cores, Node.js ${node}, Reeve ${reeve}.`;
}

await main();
