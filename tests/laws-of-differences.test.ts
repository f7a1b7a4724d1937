/**
 * What a change set does to everybody, as a property test over random organizations and random changes of them: the difference of
 * two plans is what asking everybody about everything on both sides tells, both ways, page by page, and its sums are of that.
 */
import { apply, type Difference, decide, difference, differenceSummary, differences } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { naiveDifferences } from "./reference/differences.ts";
import { organizations, pages, planOf, SEED, same, TIMEOUT_MS } from "./reference/organizations.ts";
import { seeded } from "./reference/random.ts";
import { difference as changesBetween, step } from "./reference/random-changes.ts";
import { NOW } from "./reference/random-conditions.ts";
import { CONTEXTS } from "./reference/random-requests.ts";
import { rareStep } from "./reference/rare-changes.ts";
import type { Records } from "./reference/snapshot.ts";

const sum = (entries: readonly Difference[], of: "gains" | "loses"): number =>
  entries.reduce((count, entry) => count + entry[of].length, 0);

/** Of some writes one of a kind that has been tried least: what nobody tries proves nothing. */
function rarest(kinds: Map<string, number>, first: Records, write: () => Records): Records {
  const kindOf = (records: Records): string => {
    const kindsOf = changesBetween(first, records).map((one) => ("put" in one ? one.put.kind : `no ${one.delete.kind}`));
    return [...new Set(kindsOf)].sort().join();
  };
  const times = (records: Records): number => (kindOf(records) === "" ? Number.POSITIVE_INFINITY : (kinds.get(kindOf(records)) ?? 0));
  const drawn = Array.from({ length: 12 }, write).sort((a, b) => times(a) - times(b))[0] as Records;
  kinds.set(kindOf(drawn), (kinds.get(kindOf(drawn)) ?? 0) + 1);
  return drawn;
}

describe("the difference of two plans", () => {
  it(`is what asking everybody about everything tells (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    const kinds = new Map<string, number>();
    const seen = { gains: 0, loses: 0, operations: 0 };
    for (const { seed, world, records: first, questions } of organizations(36, 60)) {
      const random = seeded(seed);
      const before = planOf(first);
      let next = rarest(kinds, first, () => random.pick([step, rareStep])(random, world, first));
      for (let writes = random.pick([0, 0, 0, 1, 4]); writes > 0; writes--) next = random.pick([step, rareStep])(random, world, next);
      const changes = changesBetween(first, next);
      const after = apply(before, changes);
      const now = NOW + random.pick([0, 0, -1, 1, 1000]);
      const context = random.chance(0.3) ? { context: random.pick(CONTEXTS) } : {};
      const expected = naiveDifferences(
        { plan: planOf(first), records: first },
        { plan: planOf(next), records: next },
        { now, ...context },
      );
      const found: Difference[] = [];
      for (const entry of differences({ before, after }, context, now)) {
        if (entry !== undefined) found.push(entry);
        // Somebody else asks other plans meanwhile, and writes.
        const other = random.pick([before, after]);
        const request = random.pick(questions).request;
        if (request !== undefined && random.chance(0.2)) decide(other, request, now);
        if (random.chance(0.05))
          apply(other, changesBetween(other === before ? first : next, step(random, world, other === before ? first : next)));
      }
      same(found, expected.forth, { seed, what: "differences", about: changes });
      same(
        [...differences({ before: after, after: before }, context, now)].filter((one) => one !== undefined),
        expected.back,
        {
          seed,
          what: "differences the other way round",
          about: changes,
        },
      );
      if (random.chance(0.2)) {
        // Plans that share nothing are compared in everything.
        same(
          [...differences({ before: planOf(first), after: planOf(next) }, context, now)].filter((one) => one !== undefined),
          expected.forth,
          {
            seed,
            what: "differences of plans compiled apart",
            about: changes,
          },
        );
        // Where an id names a user before and a group after, both stand on one page.
        const ids = expected.forth.map(({ principal }) => principal.id);
        if (new Set(ids).size === ids.length) {
          const paged = pages(
            (paging) => difference({ before, after }, { ...context, ...paging }, now),
            ({ principal }) => principal.id,
            { seed, what: "pages" },
          );
          same(paged, expected.forth, { seed, what: "pages", about: changes });
        }
      }
      const summary = differenceSummary({ before, after }, context, now);
      expect(summary.gains).toBe(sum(expected.forth, "gains"));
      expect(summary.losses).toBe(sum(expected.forth, "loses"));
      expect(summary.principalsThatGain).toBe(expected.forth.filter(({ gains }) => gains.length > 0).length);
      expect(summary.principalsThatLose).toBe(expected.forth.filter(({ loses }) => loses.length > 0).length);
      seen.gains += summary.gains;
      seen.loses += summary.losses;
      seen.operations += summary.byOperation.length;
    }
    expect(Math.min(seen.gains, seen.loses, seen.operations), "gains, losses and operations that differ").toBeGreaterThan(10);
  });
});
