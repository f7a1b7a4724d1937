/**
 * A cell: one measurement in a process of its own, which nothing before it has warmed, cooled or filled.
 *
 * `node cell.ts '{"kind":"decide",…}'` prints one line of JSON: named numbers. Times are microseconds unless their name says else.
 * Invariant: the last line of its output is its result.
 */
import { type AssetsArgs, measureAssets } from "./cells/assets.ts";
import { type ChangeArgs, measureChange } from "./cells/change.ts";
import { type DecideArgs, measureDecide, type Numbers } from "./cells/decide.ts";
import { type ExperienceArgs, measureExperience } from "./cells/experience.ts";
import { type FloorArgs, measureFloor } from "./cells/floor.ts";
import { type HttpArgs, measureHttp } from "./cells/http.ts";
import { measureList } from "./cells/list.ts";
import { type MemoryArgs, measureMemory } from "./cells/memory.ts";
import { measureOperation, type OperationArgs } from "./cells/operation.ts";
import { measurePages, type PagesArgs } from "./cells/pages.ts";
import { measureStart, type StartArgs } from "./cells/start.ts";
import { measureTiming, type TimingArgs } from "./cells/timing.ts";
import { measureWrite, type WriteArgs } from "./cells/write.ts";
import { clockCost } from "./measure.ts";

export type CellArgs =
  | ({ readonly kind: "decide" } & DecideArgs)
  | ({ readonly kind: "operation" } & OperationArgs)
  | ({ readonly kind: "floor" } & FloorArgs)
  | { readonly kind: "list" }
  | ({ readonly kind: "memory" } & MemoryArgs)
  | ({ readonly kind: "change" } & ChangeArgs)
  | ({ readonly kind: "http" } & HttpArgs)
  | ({ readonly kind: "experience" } & ExperienceArgs)
  | ({ readonly kind: "assets" } & AssetsArgs)
  | ({ readonly kind: "pages" } & PagesArgs)
  | ({ readonly kind: "start" } & StartArgs)
  | ({ readonly kind: "timing" } & TimingArgs)
  | ({ readonly kind: "write" } & WriteArgs);

async function measure(args: CellArgs): Promise<Numbers> {
  switch (args.kind) {
    case "decide":
      return measureDecide(args);
    case "operation":
      return measureOperation(args);
    case "floor":
      return measureFloor(args);
    case "list":
      return measureList();
    case "memory":
      return await measureMemory(args);
    case "change":
      return measureChange(args);
    case "http":
      return await measureHttp(args);
    case "assets":
      return await measureAssets(args);
    case "experience":
      return await measureExperience(args);
    case "pages":
      return await measurePages(args);
    case "start":
      return await measureStart(args);
    case "timing":
      return await measureTiming(args);
    case "write":
      return await measureWrite(args);
  }
}

const args = JSON.parse(process.argv[2] ?? "{}") as CellArgs;
const numbers = await measure(args);
console.log(JSON.stringify({ ...numbers, clockUs: clockCost() }));
