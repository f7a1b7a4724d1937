/** The hostile clients of `route-fuzz.test.ts` at full size: REEVE_FUZZ requests a route, and a bound on the memory that is held after. */
import { expect, it } from "vitest";
import { countOf, routes } from "./route-fuzz/requests.ts";
import { fuzzRoutes } from "./route-fuzz/run.ts";

const PER_ROUTE = Number(process.env.REEVE_FUZZ ?? 1_000);
const SEED = Number(process.env.REEVE_SEED ?? Date.now() % 2 ** 30);
/** Whatever was asked; and for each write that was taken, which is there to be kept: a new organization is the largest. */
const GROWN_BYTES_MAX = 32 * 1_024 * 1_024;
const WRITTEN_BYTES_MAX = 16 * 1_024;

it(`Every route answers ${PER_ROUTE} hostile requests, in bounded memory (REEVE_SEED=${SEED})`, async () => {
  const { asked, statuses, findings, grownBytes, written } = await fuzzRoutes(PER_ROUTE, SEED);
  console.info(`${asked} asked, ${written} writes taken, ${Math.round(grownBytes / 1_024)} KiB more held`, JSON.stringify(statuses));
  expect(findings).toEqual([]);
  expect(asked).toBe(routes.reduce((sum, route) => sum + countOf(route, PER_ROUTE), 0));
  expect(grownBytes).toBeLessThan(GROWN_BYTES_MAX + written * WRITTEN_BYTES_MAX);
});
