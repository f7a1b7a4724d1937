/**
 * The baseline: the figures of one whole run on one machine, kept in `baseline.json`, which later runs are compared with.
 *
 * Invariant: only rows that were measured at their promised size are kept; the machine stands beside them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import type { Kept } from "./table.ts";

const FILE = join(import.meta.dirname, "baseline.json");

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  readonly reeve: string;
};
export type Baseline = { readonly machine: Machine; readonly figures: Kept };

export function readBaseline(): Baseline | undefined {
  try {
    return JSON.parse(readFileSync(FILE, "utf8")) as Baseline;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Figures that were not measured this time stay as they are, if they are of the same machine. */
export function saveBaseline(baseline: Baseline): void {
  const before = readBaseline();
  const isSame = before !== undefined && before.machine.cpu === baseline.machine.cpu && before.machine.node === baseline.machine.node;
  const figures = isSame ? { ...before.figures, ...baseline.figures } : baseline.figures;
  writeFileSync(FILE, `${JSON.stringify({ machine: baseline.machine, figures }, null, 2)}\n`);
}

export function thisMachine(): Machine {
  const version = JSON.parse(readFileSync(join(import.meta.dirname, "..", "packages", "core", "package.json"), "utf8")) as {
    readonly version: string;
  };
  return {
    cpu: (cpus()[0]?.model ?? "unknown").trim(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()} ${release()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    reeve: version.version,
  };
}

export function machineText(machine: Machine): string {
  const load = loadavg()[0]?.toFixed(1) ?? "?";
  return `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}; Node.js ${machine.node} (V8 ${machine.v8}), Reeve ${machine.reeve}; load ${load} at the start.`;
}
