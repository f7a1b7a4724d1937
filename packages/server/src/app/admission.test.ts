/** The rules that Reeve adds to what the model admits: the last administrator stays, and what is given to everybody is warned of. */
import { administrators, apply, type Change, compiler, type Plan, type Rec } from "@reeve/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admission } from "./admission.ts";

const NOW = 1_000;
const user = (id: string, active = true): Rec => ({ kind: "principal", value: { id, type: "user", active } });
const group = (id: string, active = true): Rec => ({ kind: "principal", value: { id, type: "group", active } });
const member = (of: string, id: string, window: object = {}): Rec => ({ kind: "membership", value: { group: of, member: id, ...window } });
const puts = (...recs: readonly Rec[]): readonly Change[] => recs.map((put) => ({ put }));
const end = (kind: "principal" | "membership", ...key: readonly string[]): Change => ({ delete: { kind, key } });

function planOf(...recs: readonly Rec[]): Plan {
  const compile = compiler("o");
  compile.add(recs);
  return compile.finish();
}
const tell = (plan: Plan, changes: readonly Change[]): string => {
  const result = admission(plan, { changes }, NOW);
  return result.ok ? "ok" : result.error.code;
};

describe("the last administrator", () => {
  const direct = planOf(user("ann"), user("bob"), member("admins", "ann"));
  const nested = planOf(
    user("ann"),
    group("leads"),
    group("crew"),
    member("admins", "leads"),
    member("leads", "crew"),
    member("crew", "ann"),
  );

  it.each<[what: string, plan: Plan, changes: readonly Change[]]>([
    ["deleted", direct, [end("principal", "ann")]],
    ["deactivated", direct, puts(user("ann", false))],
    ["taken out of admins", direct, [end("membership", "admins", "ann")]],
    ["a member until now", direct, puts(member("admins", "ann", { notAfter: NOW }))],
    ["a member from later on", direct, puts(member("admins", "ann", { notBefore: NOW + 1 }))],
    ["exchanged for an inactive one", direct, [...puts(user("eve", false), member("admins", "eve")), end("membership", "admins", "ann")]],
    ["in a group that is deactivated", nested, puts(group("crew", false))],
    ["in a group that is deleted", nested, [end("principal", "leads")]],
    ["in a group that leaves", nested, [end("membership", "leads", "crew")]],
  ])("is not %s", (_, plan, changes) => {
    expect(tell(plan, changes)).toBe("last_administrator");
    expect(administrators(plan, NOW, 9)).toEqual(["ann"]);
  });

  it.each<[what: string, plan: Plan, changes: readonly Change[]]>([
    ["with another one in his place", direct, [end("membership", "admins", "ann"), ...puts(member("admins", "bob"))]],
    [
      "with a service account in his place",
      direct,
      [
        ...puts({ kind: "principal", value: { id: "bot", type: "service-account", active: true } }, member("admins", "bot")),
        end("principal", "ann"),
      ],
    ],
    ["with everybody in his place", direct, [...puts(member("admins", "members")), end("membership", "admins", "ann")]],
    ["where there was none", planOf(user("ann", false), member("admins", "ann")), [end("principal", "ann")]],
    ["where he stays in another way", nested, [...puts(member("admins", "ann")), end("principal", "leads")]],
    ["who changes his name", direct, puts({ kind: "principal", value: { id: "ann", type: "user", active: true, name: "Ann" } })],
    ["of whom nothing is said", direct, [end("principal", "bob")]],
  ])("goes %s", (_, plan, changes) => {
    expect(tell(plan, changes)).toBe("ok");
  });

  it("is named, with what to do", () => {
    const result = admission(direct, { changes: [end("principal", "ann")] }, NOW);
    expect(result).toEqual({
      ok: false,
      error: {
        code: "last_administrator",
        detail: "ann is its last administrator: make somebody else one first (a member of admins), or delete the organization.",
      },
    });
    const many = ["a", "b", "c", "d"];
    const all = planOf(group("g"), member("admins", "g"), ...many.flatMap((id) => [user(id), member("g", id)]));
    expect(admission(all, { changes: [end("principal", "g")] }, NOW)).toMatchObject({
      error: { detail: expect.stringMatching(/^[a-d], [a-d], [a-d] and others are its last administrators: /) },
    });
  });

  it("stays through whatever is written, and who is listed is who the model says", () => {
    const [people, groups] = [
      ["s1", "u1", "u2"],
      ["g1", "g2", "admins"],
    ];
    const window = fc.constantFrom({}, { notAfter: NOW }, { notBefore: NOW + 1 }, { notBefore: 0, notAfter: NOW + 1 });
    const principal = (id: string, active: boolean): Rec => {
      const type = id.startsWith("g") ? "group" : id.startsWith("s") ? "service-account" : "user";
      return { kind: "principal", value: { id, type, active } };
    };
    const one = fc.oneof(
      fc
        .record({ id: fc.constantFrom(...people, "g1", "g2"), active: fc.boolean() })
        .map(({ id, active }): Change => ({ put: principal(id, active) })),
      fc
        .record({ of: fc.constantFrom(...groups), id: fc.constantFrom(...people, "g1", "g2", "members"), window })
        .map(({ of, id, window: during }): Change => ({ put: member(of, id, during) })),
      fc.constantFrom(...people, "g1", "g2").map((id): Change => end("principal", id)),
      fc
        .record({ of: fc.constantFrom(...groups), id: fc.constantFrom(...people, "g1", "g2", "members") })
        .map(({ of, id }): Change => end("membership", of, id)),
    );
    const world = planOf(...people.map((id) => principal(id, true)), group("g1"), group("g2"), member("admins", "u1"));
    fc.assert(
      fc.property(fc.array(fc.array(one, { minLength: 1, maxLength: 3 }), { maxLength: 20 }), (writes) => {
        let plan = world;
        for (const changes of writes) {
          const had = modelled(plan, people);
          const result = admission(plan, { changes }, NOW);
          if (!result.ok) continue;
          plan = apply(result.value.plan, []);
          const has = modelled(plan, people);
          expect([...administrators(plan, NOW, 9)].sort()).toEqual(has);
          if (had.length > 0) expect(has.length).toBeGreaterThan(0);
        }
        return true;
      }),
      { numRuns: 300 },
    );
  });
});

/** By the state's own closure of each: who is active and reaches `admins`. */
function modelled(plan: Plan, ids: readonly string[]): readonly string[] {
  const { people } = plan.state();
  return ids.filter((id) => {
    const number = people.names.find(id);
    return people.known(number) && people.isActive(number) && people.compute(number, NOW).isAdmin;
  });
}

describe("a role that is given to members", () => {
  const plan = planOf(
    { kind: "product", value: { id: "reeve", boundedBy: "none", settings: {}, types: {} } },
    { kind: "product", value: { id: "files", boundedBy: "none", settings: {}, types: {} } },
    { kind: "role", value: { product: "files", id: "reader", name: "R", type: "user-defined", sets: [] } },
    { kind: "role", value: { product: "reeve", id: "asker", name: "A", type: "user-defined", sets: [] } },
    user("ann"),
  );
  const given = (role: string, principal: string): Change => ({ put: { kind: "assignment", value: { role, principal } } });

  it("is warned of at its place, each time; no other is", () => {
    const changes = [given("asker", "members"), given("reader", "ann"), given("reader", "admins"), given("reader", "members")];
    const first = admission(plan, { changes }, NOW);
    if (!first.ok) throw new Error(first.error.code);
    const pointer = "/changes/3/put/value/principal";
    const warning = { code: "role_given_to_members", pointer, detail: expect.stringContaining("reader is a role of files") };
    expect(first.value.warnings).toEqual([warning]);
    expect(admission(first.value.plan, { changes }, NOW)).toMatchObject({ ok: true, value: { changes: [], warnings: [warning] } });
  });
});
