/**
 * `kill -9` at full size (`store-kill.ts`): REEVE_KILLS runs, 50 by default, half of them between COMMIT and acknowledgement. REEVE_SEED
 * remakes the writes of a run and when they are cut off, though not the machine's timing.
 */
import { expect, it } from "vitest";
import { seeded } from "./reference/random.ts";
import { killRuns } from "./store-kill.ts";

const RUNS = Number(process.env["REEVE_KILLS"] ?? 50);
const SEED = Number(process.env["REEVE_SEED"] ?? Date.now() % 2 ** 30);
const RUN_MS_MAX = 20_000;

it(`loses no acknowledged write over ${RUNS} kills (REEVE_SEED=${SEED})`, { timeout: RUNS * RUN_MS_MAX }, async () => {
  const figures = await killRuns(RUNS, seeded(SEED));
  console.log(`REEVE_SEED=${SEED} ${JSON.stringify(figures)}`);
  expect(figures.runs).toBe(RUNS);
  // A failpoint that never struck would leave nothing that is on the disk and was not told.
  expect(figures.keptUnheard).toBeGreaterThan(0);
});
