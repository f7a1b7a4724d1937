/**
 * A cell: one measurement in a process of its own, which nothing before it has warmed, cooled or filled.
 *
 * `node cell.ts '{"kind":"decide",…}'` prints one line of JSON: named numbers, or `null` where a door of the core is missing.
 * Invariant: the last line of its output is its result.
 */
import { type DecideArgs, measureDecide, type Numbers } from "./cells/decide.ts";

export type CellArgs = { readonly kind: "decide" } & DecideArgs;

function measure(args: CellArgs): Numbers | undefined {
  switch (args.kind) {
    case "decide":
      return measureDecide(args);
  }
}

const args = JSON.parse(process.argv[2] ?? "{}") as CellArgs;
console.log(JSON.stringify(measure(args) ?? null));
