/**
 * Laws 5, 6 and 8 of the model, as property tests over random organizations and random changes of them: a plan that was changed is
 * the plan compiled from what the changes make, an older plan keeps its answers whatever was applied after it, on one branch or
 * on many, and the records of a plan make the same plan again.
 */
import { apply, type Change, type Decision, effective, keyOf, list, type Plan, type Rec, records } from "@reeve/core";
import { describe, expect, it } from "vitest";
import {
  ask,
  canonical,
  dump,
  dumpOf,
  failAt,
  organizations,
  planOf,
  SEED,
  same,
  shuffled,
  TIMEOUT_MS,
} from "./reference/organizations.ts";
import { seeded } from "./reference/random.ts";
import { difference, step } from "./reference/random-changes.ts";
import { NOW } from "./reference/random-conditions.ts";
import type { Question } from "./reference/random-requests.ts";

/** A plan, and what it must be: the records that were written, and a plan compiled from them which is never changed. */
type Version = { readonly plan: Plan; readonly records: readonly Rec[]; readonly alone: Plan };

function agree(version: Version, question: Question, at: { seed: number; what: string }): void {
  same(ask(version.plan, question), ask(version.alone, question), { ...at, about: question });
}

describe("laws 5 and 6: a plan that was changed", () => {
  it(`answers and dumps as one compiled from the snapshot, on every branch, asked in any order (REEVE_SEED=${SEED})`, {
    timeout: TIMEOUT_MS,
  }, () => {
    for (const { seed, world, records: first, questions } of organizations(31, 40)) {
      const random = seeded(seed);
      const versions: Version[] = [{ plan: planOf(first), records: first, alone: planOf(first) }];
      for (let i = 0; i < 10; i++) {
        // Mostly on from the last one, now and then on from any: a branch.
        const from = random.chance(0.7) ? (versions.at(-1) as Version) : random.pick(versions);
        let next = from.records;
        for (let writes = 1 + random.below(3); writes > 0; writes--) next = step(random, world, next);
        const changes = difference(from.records, next);
        const made: Version = { plan: apply(from.plan, changes), records: next, alone: planOf(shuffled(random, next)) };
        versions.push(made);
        for (let asked = 0; asked < 6; asked++)
          agree(random.pick(versions), random.pick(questions), { seed, what: `one of ${versions.length} versions` });
        same(dump(made.plan), dumpOf(next), { seed, what: "the dump of a changed plan", about: changes });
      }
      for (const version of shuffled(random, versions)) {
        same(dump(version.plan), dumpOf(version.records), { seed, what: "the dump of an older plan" });
        for (const question of random.some(questions, 0.2)) agree(version, question, { seed, what: "an older plan" });
      }
    }
  });

  it(`tells evidence and facts as they were when it was asked, read late (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    for (const { seed, world, records: first, questions } of organizations(32, 40)) {
      const random = seeded(seed);
      let [plan, now] = [planOf(first), first];
      const unread: { readonly decision: Decision; readonly expected: string; readonly question: Question }[] = [];
      for (let i = 0; i < 6; i++) {
        const alone = planOf(now);
        for (const question of random.some(questions, 0.3))
          unread.push({ decision: ask(plan, question), expected: canonical(ask(alone, question)), question });
        const next = step(random, world, now);
        [plan, now] = [apply(plan, difference(now, next)), next];
      }
      for (const { decision, expected, question } of shuffled(random, unread))
        if (canonical(decision) !== expected) failAt(seed, `${canonical(decision)} instead of ${expected}`, question);
    }
  });

  it(`is given back by the changes undone, and by the same written again and again (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    for (const { seed, world, records: first, questions } of organizations(33, 40)) {
      const random = seeded(seed);
      const plan = planOf(first);
      let next = first;
      for (let i = 0; i < 4; i++) next = step(random, world, next);
      const [there, back] = [difference(first, next), difference(next, first)];
      // One and the same record written, taken away and written again within one write.
      const record = random.pick(first);
      const twice: Change[] = [{ put: record }, { delete: { kind: record.kind, key: keyOf(record) } }, { put: record }];
      const returned = apply(apply(apply(plan, there), back), twice);
      same(dump(returned), dumpOf(first), { seed, what: "there and back", about: there });
      const alone = planOf(first);
      for (const question of questions) {
        same(ask(returned, question), ask(alone, question), { seed, what: "there and back", about: question });
        same(ask(plan, question), ask(alone, question), { seed, what: "the first plan", about: question });
      }
    }
  });

  it(`keeps lists and effective permissions too (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    for (const { seed, world, records: first, questions } of organizations(34, 25)) {
      const random = seeded(seed);
      const told = (plan: Plan) =>
        questions.slice(0, 12).flatMap(({ request }) => {
          if (request === undefined) return [];
          const { principal, action, resource } = request;
          return [
            list(plan, { list: "actions", principal, resource, max: 1000 }, NOW),
            list(plan, { list: "principals", type: "user", ask: { action, resource }, max: 1000 }, NOW),
            effective(plan, { principal, max: 20 }, NOW),
          ];
        });
      const plan = planOf(first);
      const before = told(plan);
      const next = step(random, world, step(random, world, first));
      const changed = apply(plan, difference(first, next));
      same(told(changed), told(planOf(next)), { seed, what: "lists of a changed plan" });
      same(told(plan), before, { seed, what: "lists of an older plan" });
    }
  });
});

describe("law 8: the records of a plan", () => {
  it(`make a plan with the same answers and the same records (REEVE_SEED=${SEED})`, { timeout: TIMEOUT_MS }, () => {
    for (const { seed, world, records: first, questions } of organizations(35, 60)) {
      const random = seeded(seed);
      const next = step(random, world, first);
      const plan = apply(planOf(first), difference(first, next));
      const exported = [...records(plan)];
      const again = planOf(JSON.parse(JSON.stringify(exported)) as Rec[]);
      same(dump(again), dumpOf(next), { seed, what: "exported and imported" });
      expect(exported.length, "no record twice").toBe(next.length);
      for (const question of questions)
        same(ask(again, question), ask(plan, question), { seed, what: "exported and imported", about: question });
    }
  });
});
