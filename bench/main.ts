/**
 * Measures the figures of the engine: `npm run bench -- [--only P1,P3] [--quick] [--rounds 3] [--save]`.
 *
 * Each cell runs in a process of its own, one after the other, and all of them again in every round, so that what the machine does
 * meanwhile meets all alike. A number is the median of its rounds.
 * Invariant: what is printed is what was measured in this run; nothing is taken from the baseline but the comparison.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { machineText, readBaseline, saveBaseline, thisMachine } from "./baseline.ts";
import type { CellArgs } from "./cell.ts";
import type { Numbers } from "./cells/decide.ts";
import { FIGURES, type Row } from "./figures.ts";
import { median } from "./measure.ts";
import { keep, tableOf } from "./table.ts";

const CELL = join(import.meta.dirname, "cell.ts");
const FLAGS = ["--conditions=source", "--disable-warning=ExperimentalWarning", "--expose-gc", "--max-old-space-size=8192"];
const ROUNDS = 3;
const LARGEST = 10_000_000;
const QUICK = 1_000_000;
const EXIT_USAGE = 2;

type Options = { readonly only: readonly string[]; readonly quick: boolean; readonly save: boolean; readonly rounds: number };

function options(): Options {
  const { values } = parseArgs({
    options: { only: { type: "string" }, quick: { type: "boolean" }, save: { type: "boolean" }, rounds: { type: "string" } },
  });
  const known = FIGURES.map(({ id }) => id);
  const only = values.only?.split(",") ?? known;
  const unknown = only.filter((id) => !known.includes(id));
  const rounds = Number(values.rounds ?? ROUNDS);
  if (unknown.length > 0) refuse(`--only: ${unknown.join(", ")} is not measured here; there are ${known.join(", ")}`);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 99) refuse("--rounds: a number of 1 to 99");
  if (values.save === true && values.quick === true) refuse("--save keeps whole runs only, not --quick");
  return { only, quick: values.quick === true, save: values.save === true, rounds };
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

async function main(): Promise<void> {
  const { only, quick, save, rounds } = options();
  const sizes = { largest: quick ? QUICK : LARGEST };
  const figures = FIGURES.filter(({ id }) => only.includes(id));
  const machine = thisMachine();
  const header = machineText(machine);
  const cells = new Map(figures.flatMap((figure) => Object.entries(figure.cells(sizes))));
  const results = await runAll(cells, rounds);
  const rows: Row[] = figures.flatMap((figure) => figure.rows((cell) => results.get(cell) ?? {}, sizes));
  const before = readBaseline();
  const clock = median([...results.values()].map(({ clockUs }) => clockUs ?? 0));
  console.log(`${header}\n`);
  if (before !== undefined) console.log(`Baseline: ${machineTextOf(before.machine)}\n`);
  console.log(tableOf(rows, before?.figures ?? {}));
  console.log(
    `\nEach cell in a fresh process, medians of ${rounds}. p50: over chunks of 100 calls; p99 and worst: single calls, ${clock.toFixed(2)} µs of clock included.`,
  );
  if (save) saveBaseline({ machine, figures: keep(rows) });
}

function machineTextOf({ cpu, cores, node, reeve }: ReturnType<typeof thisMachine>): string {
  return `${cpu}, ${cores} cores, Node.js ${node}, Reeve ${reeve}.`;
}

await main();
