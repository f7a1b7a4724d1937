import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PrincipalType, Validity } from "../../model/index.ts";
import { ADMINS_ID, holds, MEMBERS_ID, People, type Subject } from "./people.ts";

const ALWAYS: Validity = {};
const NOW = 1_000;

/** People by name: users unless said otherwise. */
function peopleOf(
  principals: Readonly<Record<string, PrincipalType>>,
  memberships: readonly (readonly [string, string, Validity?])[] = [],
) {
  const people = new People(1);
  for (const [id, type] of Object.entries(principals)) people.put(id, { id, type, active: true });
  for (const [member, group, window = ALWAYS] of memberships) people.putMembership({ group, member }, window);
  const subject = (id: string, now = NOW) => people.subject(people.names.find(id), now);
  const closure = (id: string, now = NOW) =>
    subject(id, now)
      .closure.map((one) => people.names.text(one))
      .sort();
  return { people, subject, closure };
}
/** Without where it is kept, and for which moments. */
function asRead({ words, at, rolesAt, end, from: _, until: __, isTimeless: ___, version: ____, ...subject }: Subject): object {
  return { ...subject, closureWords: [...words.subarray(at, rolesAt)], roleWords: [...words.subarray(rolesAt, end)] };
}
const groups = (...ids: readonly string[]): Record<string, PrincipalType> => Object.fromEntries(ids.map((id) => [id, "group"]));

describe("a window", () => {
  it("holds from its start, inclusive, to its end, exclusive, and narrows the span to moments of the same answer", () => {
    const at = (window: Validity | undefined, now: number) => {
      const span = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };
      return [holds(window, now, span), span.from, span.until];
    };
    const window = { notBefore: 10, notAfter: 20 };
    expect(at(window, 9)).toEqual([false, Number.NEGATIVE_INFINITY, 10]);
    expect(at(window, 10)).toEqual([true, 10, 20]);
    expect(at(window, 19)).toEqual([true, 10, 20]);
    expect(at(window, 20)).toEqual([false, 20, Number.POSITIVE_INFINITY]);
    expect(at({ notAfter: 20 }, 5)).toEqual([true, Number.NEGATIVE_INFINITY, 20]);
    expect(at(undefined, 5)).toEqual([true, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(at({ notBefore: 20, notAfter: 10 }, 15)[0], "a window without a moment").toBe(false);
  });
});

describe("a subject", () => {
  it("is itself, the groups that it reaches, and members", () => {
    const { closure, subject } = peopleOf({ u: "user", sa: "service-account", ...groups("g", "h", "other") }, [
      ["u", "g"],
      ["g", "h"],
      ["sa", "other"],
    ]);
    expect(closure("u")).toEqual(["g", "h", "members", "u"]);
    expect(closure("sa")).toEqual(["members", "other", "sa"]);
    expect(closure("g"), "a group answers for a member of it").toEqual(["g", "h", "members"]);
    expect(subject("u").groups).not.toContain(subject("u").principal);
    expect(subject("g").groups).toContain(subject("g").principal);
    expect(subject("members").closure).toEqual([MEMBERS_ID]);
  });

  it("has what members are in, and is an administrator through nested groups", () => {
    const { closure, subject } = peopleOf({ u: "user", v: "user", ...groups("all", "leads") }, [
      ["members", "all"],
      ["v", "leads"],
      ["leads", "admins"],
    ]);
    expect(closure("u")).toEqual(["all", "members", "u"]);
    expect([subject("u").isAdmin, subject("v").isAdmin, subject("leads").isAdmin, subject("admins").isAdmin]).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect(subject("v").closure).toContain(ADMINS_ID);
  });

  it("goes no further than an inactive group, or one that is no group any more, until it is again", () => {
    const { people, closure } = peopleOf({ u: "user", ...groups("g", "h") }, [
      ["u", "g"],
      ["g", "h"],
    ]);
    people.put("g", { id: "g", type: "group", active: false });
    expect(closure("u")).toEqual(["members", "u"]);
    people.put("g", { id: "g", type: "group", active: true });
    expect(closure("u")).toEqual(["g", "h", "members", "u"]);
    people.put("g", undefined);
    expect(closure("u")).toEqual(["members", "u"]);
  });

  it("has a role once, however many ways lead to it, in the order of role indexes", () => {
    const { people, subject } = peopleOf({ u: "user", ...groups("left", "right", "top") }, [
      ["u", "left"],
      ["u", "right"],
      ["left", "top"],
      ["right", "top"],
    ]);
    for (const [role, principal] of [
      [40, "top"],
      [7, "u"],
      [40, "left"],
      [33, "members"],
    ] as const)
      people.putAssignment({ role, principal }, ALWAYS);
    expect(subject("u").roles).toEqual([7, 33, 40]);
    expect(subject("u").groups).toHaveLength(4);
    people.putAssignment({ role: 40, principal: "top" }, undefined);
    expect(subject("u").roles).toEqual([7, 33, 40]);
    people.putAssignment({ role: 40, principal: "left" }, undefined);
    people.putAssignment({ role: 33, principal: "members" }, undefined);
    expect(subject("u").roles).toEqual([7]);
  });

  it("ends on cycles, which no write makes, with everything in them", () => {
    const { closure } = peopleOf({ u: "user", ...groups("a", "b", "c") }, [
      ["u", "a"],
      ["a", "b"],
      ["b", "c"],
      ["c", "a"],
      ["b", "b"],
    ]);
    expect(closure("u")).toEqual(["a", "b", "c", "members", "u"]);
    expect(closure("c")).toEqual(["a", "b", "c", "members"]);
  });

  it("is found at the foot of a chain of 10,000 groups", () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => `g${i}`);
    const { people, subject } = peopleOf({ u: "user", ...groups(...ids) }, [
      ["u", "g0"],
      ...ids.slice(1).map((id, i) => [`g${i}`, id] as const),
    ]);
    people.putAssignment({ role: 5, principal: "g9999" }, ALWAYS);
    expect(subject("u").groups).toHaveLength(10_001);
    expect(subject("u").roles).toEqual([5]);
    people.putMembership({ group: "g5000", member: "g4999" }, undefined);
    expect(subject("u").roles).toEqual([]);
  });

  it("is found in a group of 100,000, and in 100,000 groups", () => {
    const { people, subject } = peopleOf({ ...groups("wide"), u: "user" });
    for (let i = 0; i < 100_000; i++) {
      people.put(`u${i}`, { id: `u${i}`, type: "user", active: true });
      people.putMembership({ group: "wide", member: `u${i}` }, ALWAYS);
    }
    people.putAssignment({ role: 1, principal: "wide" }, ALWAYS);
    expect(people.membersOf.count(people.names.find("wide"))).toBe(100_000);
    for (const id of ["u0", "u65535", "u65536", "u99999"]) expect(subject(id).roles).toEqual([1]);
    people.putMembership({ group: "wide", member: "u65536" }, undefined);
    expect(subject("u65536").roles).toEqual([]);
    expect(subject("u65537").roles).toEqual([1]);
    for (let i = 0; i < 100_000; i++) {
      people.put(`g${i}`, { id: `g${i}`, type: "group", active: true });
      people.putMembership({ group: `g${i}`, member: "u" }, ALWAYS);
    }
    expect(subject("u").groups).toHaveLength(100_001);
  });
});

describe("a kept subject", () => {
  const IDS = ["u", "v", "a", "b", "c", "members", "admins"];
  const moment = fc.integer({ min: 0, max: 12 });
  const window = fc.oneof(
    fc.constant<Validity>({}),
    moment.map((notBefore): Validity => ({ notBefore })),
    moment.map((notAfter): Validity => ({ notAfter })),
    fc.tuple(moment, moment).map(([notBefore, notAfter]): Validity => ({ notBefore, notAfter })),
  );
  const change = fc.oneof(
    fc.record({
      group: fc.constantFrom("a", "b", "c", "admins"),
      member: fc.constantFrom(...IDS),
      window: fc.option(window, { nil: undefined }),
    }),
    fc.record({ role: fc.integer({ min: 1, max: 3 }), principal: fc.constantFrom(...IDS), window: fc.option(window, { nil: undefined }) }),
    fc.record({ inactive: fc.constantFrom("u", "a", "b"), active: fc.boolean() }),
    fc.record({ asked: fc.constantFrom(...IDS), now: moment }),
  );

  it("is what computing it anew would give, at every moment, whatever changed before", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const { people } = peopleOf({ u: "user", v: "user", ...groups("a", "b", "c") });
        const check = (id: string, now: number): void => {
          const principal = people.names.find(id);
          const kept = people.subject(principal, now);
          expect(asRead(kept)).toEqual(asRead(people.compute(principal, now)));
          expect(kept.from <= now && now < kept.until).toBe(true);
        };
        for (const one of changes) {
          if ("group" in one) people.putMembership(one, one.window);
          else if ("role" in one) people.putAssignment(one, one.window);
          else if ("inactive" in one) {
            const type = one.inactive === "u" ? "user" : "group";
            people.put(one.inactive, { id: one.inactive, type, active: one.active });
          } else check(one.asked, one.now);
        }
        for (const id of IDS) for (const now of [5, 0, 12, 11, 6, 1]) check(id, now);
      }),
    );
  });

  it("tells the window of a record that is there, and nothing of one that is not", () => {
    const { people } = peopleOf({ u: "user", ...groups("g") }, [["u", "g", { notAfter: 5 }]]);
    const [u, g] = [people.names.find("u"), people.names.find("g")];
    expect(people.window("membership", u, g)).toMatchObject({ notAfter: 5 });
    people.putMembership({ group: "g", member: "u" }, ALWAYS);
    expect(people.window("membership", u, g)).toEqual({});
    people.putMembership({ group: "g", member: "u" }, undefined);
    expect(people.window("membership", u, g)).toBeUndefined();
    expect(people.window("assignment", u, 3)).toBeUndefined();
  });
});
