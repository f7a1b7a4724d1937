/**
 * An apply in more than one change set: every one is taken, and in between nobody may do what he may neither before nor after.
 *
 * The law is asked of core, with random questions about random organizations, where the command line gives no note that it may not hold.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { groupMembers, type Plan, type Rec } from "@reeve/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeOrganizations, inDirectory, runReeve, writable } from "./fake-organizations.ts";
import { ask, dumpOf, failAt, organizations, planOf, same, TIMEOUT_MS } from "./reference/organizations.ts";
import { seeded } from "./reference/random.ts";
import { step } from "./reference/random-changes.ts";
import type { Question } from "./reference/random-requests.ts";

let fake = new FakeOrganizations();
beforeEach(() => {
  fake = new FakeOrganizations();
  vi.stubGlobal("fetch", fake.fetch);
});
afterEach(() => vi.unstubAllGlobals());

type Law = {
  readonly seed: number;
  readonly questions: readonly Question[];
  readonly before: readonly Rec[];
  readonly after: readonly Rec[];
};

/** A group answers for a member of it: one that has none, as the administrators of an organization that is begun, is nobody. */
function isNobody(plan: Plan, { request, operation, now }: Question): boolean {
  const { type, id } = (request ?? operation).principal;
  return type === "group" && groupMembers(plan, { group: id }, now).ids.length === 0;
}

/** Applies one organization over the other in small steps; gives whether it came without a note. */
async function applied({ seed, questions, before, after }: Law, size: number): Promise<boolean> {
  fake.put("A@x", before);
  fake.put("B@x", after);
  const between: Plan[] = [];
  fake.wrote = (plan) => between.push(plan);
  const { exit, err } = await inDirectory(async (directory) => {
    await runReeve("export", "--org", "B@x", "--quiet", directory);
    return runReeve("apply", "--org", "A@x", "--prune", "--yes", "--max-changes", String(size), directory);
  });
  if (exit !== 0) {
    // A principal keeps its type, and a role its product: no order of changes makes another of them.
    if (/type_mismatch|key_taken|in_use|ambiguous_template/.test(err)) return false;
    failAt(seed, err);
  }
  same(dumpOf(fake.records("A@x")), dumpOf(after), { seed, what: "what stands in the end" });
  const hasNote = err.includes("Note:");
  if (hasNote || between.length < 2) return false;
  const [first, last] = [planOf(before), planOf(after)];
  const known = questions.map((question) => ask(first, question).allow || ask(last, question).allow);
  for (const [index, plan] of between.entries()) {
    for (const [at, question] of questions.entries()) {
      if (known[at] === false && !isNobody(plan, question) && ask(plan, question).allow)
        failAt(seed, `after step ${index + 1} of ${between.length} more is allowed:\n${err}`, question);
    }
  }
  return true;
}

describe("an apply in steps", () => {
  it(
    "of some changes gives nobody more in between",
    async () => {
      let judged = 0;
      for (const { seed, world, records, questions } of organizations(73, 60)) {
        const random = seeded(seed);
        let next = records;
        for (let i = 1 + random.below(12); i > 0; i--) next = step(random, world, next);
        const law = { seed, questions, before: writable(records), after: writable(next) };
        if (await applied(law, 1 + random.below(6))) judged++;
      }
      // About eleven of sixty; by chance a few, but never none.
      expect(judged).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    "over another organization altogether, or an empty one, gives nobody more in between",
    async () => {
      let judged = 0;
      let other: readonly Rec[] = [];
      for (const { seed, records, questions } of organizations(74, 60)) {
        const of = writable(records);
        const before = seed % 3 === 0 ? of.filter(({ kind }) => kind === "organization") : other;
        if (await applied({ seed, questions, before, after: of }, 10 + (seed % 200))) judged++;
        other = of;
      }
      // About nine of sixty; by chance a few, but never none.
      expect(judged).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});

describe("an apply one change at a time", () => {
  const product = (id: string, more: object = {}) => ({
    kind: "product",
    value: { id, boundedBy: "scopes", settings: {}, types: {}, ...more },
  });
  const made = [
    { kind: "organization", value: { name: "A", tenantIds: [] } },
    product("old"),
    { kind: "operation", value: { product: "old", id: "o", method: "GET", path: "/o", names: ["o"], target: "/" } },
    { kind: "operation-rule", value: { product: "old", operation: "o", alternatives: [{ anyRole: true }] } },
  ] as unknown as readonly Rec[];
  const wanted = [
    made[0],
    product("new", { readDefault: [{ permission: "reading" }, { roles: ["reader"] }] }),
    { kind: "permission-set", value: { product: "new", id: "reading", name: "Read", pairs: [] } },
    { kind: "role", value: { product: "new", id: "reader", name: "R", type: "system-defined", builtIn: true, sets: [{ set: "reading" }] } },
  ] as unknown as readonly Rec[];

  it.each([
    ["a product whose defaults name its own sets and roles", made.slice(0, 1), wanted],
    ["a rule that goes with its operation", made, made.slice(0, 2)],
    ["one product in place of another", made, wanted],
  ])("takes %s", async (_, before, after) => {
    fake.put("A@x", before);
    fake.put("B@x", after);
    await inDirectory(async (directory) => {
      await runReeve("export", "--org", "B@x", "--quiet", directory);
      const { exit, err } = await runReeve("apply", "--org", "A@x", "--prune", "--yes", "--max-changes", "1", directory);
      expect(exit, err).toBe(0);
    });
    expect(dumpOf(fake.records("A@x"))).toEqual(dumpOf(after));
  });
});

describe("an apply that is interrupted", () => {
  it("goes on where it stopped", async () => {
    const records: Rec[] = [{ kind: "organization", value: { name: "A", tenantIds: [] } }];
    for (let i = 0; i < 2_500; i++) records.push({ kind: "principal", value: { id: `u${i}`, type: "user", active: true } });
    fake.put("B@x", records);
    fake.put("A@x", records.slice(0, 1));
    await inDirectory(async (directory) => {
      await runReeve("export", "--org", "B@x", "--quiet", directory);
      fake.wrote = () => {
        fake.wrote = () => undefined;
        fake.next = () => new Response("", { status: 502 });
      };
      const stopped = await runReeve("apply", "--org", "A@x", "--reason", "import", directory);
      expect(stopped.exit).toBe(3);
      expect(stopped.err).toContain("1 of 3 change sets were written. Run it again");
      fake.sent.length = 0;
      const { exit, out, err } = await runReeve("apply", "--org", "A@x", "--reason", "import", directory);
      expect([exit, out]).toEqual([0, "Applied: 1500 added, 0 changed, 0 deleted. 2 change sets, revision e.4.\n"]);
      expect(err).toContain("2/2 ");
      expect(fake.sent.map(({ body }) => body?.reason)).toEqual([undefined, "apply 1/2: import", "apply 2/2: import"]);
    });
  });

  it("says what moved where somebody else wrote meanwhile", async () => {
    fake.put("A@x", [{ kind: "organization", value: { name: "A", tenantIds: [] } }]);
    await inDirectory(async (directory) => {
      writeFileSync(join(directory, "p.yaml"), "principals:\n  - { id: ada, type: user }\n");
      fake.next = () => {
        (fake.all.get("A@x") as { revision: number }).revision++;
        return undefined;
      };
      const { exit, err } = await runReeve("apply", "--org", "A@x", directory);
      expect([exit, err]).toEqual([2, expect.stringMatching(/moved on.*revision_conflict[\s\S]*compared was revision e\.1/)]);
    });
  });
});
