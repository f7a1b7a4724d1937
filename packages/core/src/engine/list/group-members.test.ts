import { describe, expect, it } from "vitest";
import type { Rec } from "../../model/index.ts";
import { compiler, type Plan } from "../plan.ts";
import { type GroupMember, groupMembers } from "./group-members.ts";

const principal = (id: string, type: "user" | "group" | "service-account" = "user", active = true): Rec => ({
  kind: "principal",
  value: { id, type, active },
});
const membership = (group: string, member: string, window: object = {}): Rec => ({
  kind: "membership",
  value: { group, member, ...window },
});
function planOf(...records: readonly Rec[]): Plan {
  const compiling = compiler("o");
  compiling.add(records);
  return compiling.finish();
}
const BASE = [
  principal("top", "group"),
  principal("deep", "group"),
  principal("off", "group", false),
  principal("ann"),
  principal("bob"),
  principal("bot", "service-account"),
  principal("gone", "user", false),
];
const all = (plan: Plan, group: string, now = 0): readonly GroupMember[] => {
  const { ids, told } = groupMembers(plan, { group }, now);
  return told(ids);
};
const shown = (plan: Plan, group: string, now = 0) => all(plan, group, now).map(({ id, through }) => `${id} ${through}`);

describe("members of a group", () => {
  it("are those in it and in its active groups, each with the groups that it is in itself", () => {
    const plan = planOf(
      ...BASE,
      membership("top", "ann"),
      membership("top", "deep"),
      membership("deep", "ann"),
      membership("deep", "bot"),
      membership("deep", "gone"),
      membership("top", "off"),
      membership("off", "bob"),
      membership("deep", "nobody"),
    );
    expect(shown(plan, "top")).toEqual(["ann deep,top", "bot deep", "deep top", "gone deep", "off top"]);
    expect(
      all(plan, "top")
        .filter(({ active }) => !active)
        .map(({ id }) => id),
    ).toEqual(["gone", "off"]);
    expect(groupMembers(plan, { group: "top", after: "bot" }, 0).ids).toEqual(["deep", "gone", "off"]);
    for (const none of ["off", "ann", "nothing"]) expect(shown(plan, none)).toEqual([]);
  });

  it("are in it as long as their memberships count", () => {
    const plan = planOf(...BASE, membership("top", "deep", { notAfter: 20 }), membership("deep", "bob", { notBefore: 10 }));
    expect([0, 10, 19, 20].map((now) => shown(plan, "top", now))).toEqual([
      ["deep top"],
      ["bob deep", "deep top"],
      ["bob deep", "deep top"],
      [],
    ]);
  });

  it("of members are all others, and so are those of a group that it is in", () => {
    const plan = planOf(...BASE, membership("top", "members"));
    expect(shown(plan, "members").map((one) => one.split(" ")[0])).toEqual(["admins", "ann", "bob", "bot", "deep", "gone", "off", "top"]);
    expect(shown(plan, "top").map((one) => one.split(" ")[0])).toEqual(["admins", "ann", "bob", "bot", "deep", "gone", "members", "off"]);
  });

  it("have the group in their closure, and nobody else has", () => {
    const groups = ["a", "b", "c", "d", "e"];
    let seed = 7;
    const below = (max: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % max;
    };
    for (let round = 0; round < 40; round++) {
      const memberships = groups.flatMap((group, index) =>
        [...groups.slice(index + 1), "u1", "u2", "u3"]
          .filter(() => below(3) === 0)
          .map((member) => membership(group, member, windowOf(below(4)))),
      );
      const plan = planOf(
        ...groups.map((id) => principal(id, "group", below(4) > 0)),
        ...["u1", "u2", "u3"].map((id) => principal(id)),
        ...memberships,
      );
      const { people } = plan.state();
      for (const now of [0, 10]) {
        for (const group of groups) {
          const id = people.names.find(group);
          const inClosure = [...groups, "u1", "u2", "u3"].filter(
            (one) => one !== group && people.compute(people.names.find(one), now).closure.includes(id),
          );
          expect(
            all(plan, group, now).map((one) => one.id),
            `${round} ${group}`,
          ).toEqual(inClosure);
        }
      }
    }
  });
});
const windowOf = (kind: number): object => (kind === 0 ? { notAfter: 5 } : kind === 1 ? { notBefore: 5 } : {});
