/**
 * Every route of the contract's table asked by hostile clients: bodies, headers, revisions, ids, queries and conditions, with names of
 * prototypes, lone surrogates, numbers past 2^53, deep nesting and keys that come twice; hot routes on both of their ways. Never an answer
 * of 500, never none. `route-fuzz.prove.ts` asks more.
 */
import { expect, it } from "vitest";
import { countOf, likeOf, routes } from "./route-fuzz/requests.ts";
import { fuzzRoutes } from "./route-fuzz/run.ts";

const PER_ROUTE = 120;
const SEED = Number(process.env.REEVE_SEED ?? Date.now() % 2 ** 30);

it(`Every route answers ${PER_ROUTE} hostile requests, each with an answer or a problem (REEVE_SEED=${SEED})`, async () => {
  const { asked, statuses, findings } = await fuzzRoutes(PER_ROUTE, SEED);
  expect(findings).toEqual([]);
  expect(asked).toBe(routes.reduce((sum, route) => sum + countOf(route, PER_ROUTE), 0));
  // A fuzzer whose requests are all good, or all bad, meets nothing. A fifth at least are what the others are not; a hundred tell.
  const met = new Map<string, Set<string>>(routes.map((route) => [likeOf(route), new Set()]));
  for (const route of routes) for (const status of Object.keys(statuses[route.id] ?? {})) met.get(likeOf(route))?.add(status);
  for (const [like, found] of met) expect(found.size, like).toBeGreaterThan(1);
});
