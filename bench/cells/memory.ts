/**
 * The cell of P8: what a plan weighs, by heap and buffers and by RSS, its index of names and all kept closures included.
 *
 * Invariant: what the generator itself holds is there before and after, and so takes no part in the difference.
 */
import { Organization } from "../organization.ts";
import { compile, type Numbers, warm } from "./decide.ts";

const SEED = 20_250_615;

export type MemoryArgs = { readonly grants: number };
type Weight = { readonly heap: number; readonly buffers: number; readonly rss: number };

export async function measureMemory(args: MemoryArgs): Promise<Numbers> {
  // A small plan first: compiled code is no part of a plan's weight.
  const small = new Organization({ seed: SEED, grants: 1_000 });
  warm(compile(small, decideArgs(1_000)), small);
  const organization = new Organization({ seed: SEED, grants: args.grants });
  let grants = 0;
  for (let resource = 0; resource < organization.resources; resource++) grants += organization.grantsOn(resource).length;
  const before = await weigh();
  const started = performance.now();
  const plan = compile(organization, decideArgs(args.grants));
  const buildMs = performance.now() - started;
  const built = await weigh();
  warm(plan, organization);
  const warmed = await weigh();
  return {
    grants,
    buildMs,
    plan: plan.at.revision,
    heap: (warmed.heap - before.heap) / grants,
    buffers: (warmed.buffers - before.buffers) / grants,
    inProcess: (warmed.heap + warmed.buffers - before.heap - before.buffers) / grants,
    rss: (warmed.rss - before.rss) / grants,
    builtInProcess: (built.heap + built.buffers - before.heap - before.buffers) / grants,
    builtRss: (built.rss - before.rss) / grants,
  };
}

function decideArgs(grants: number) {
  return { grants, from: "fresh", draw: "zipf" } as const;
}

async function weigh(): Promise<Weight> {
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    // Freed pages go back in tasks of their own.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers, rss };
}
