/** What a caller may ask of Reeve itself: by ceiling, by organization, and by what its principal may do in the product reeve. */
import { type Change, compiler, type Plan } from "@reeve/core";
import { describe, expect, it } from "vitest";
import type { Feed } from "../feed/index.ts";
import type { Caller, Ceiling } from "../identity/index.ts";
import { activePrincipals, createGuard } from "./guard.ts";

const CEILINGS: readonly Ceiling[] = ["read", "decide", "admin"];
const ACTIONS = { read: "read-reeve", decide: "ask-reeve", admin: "administer-reeve" } as const;
const PERMITTED = "permitted";
const NOT_PERMITTED = { code: "not_permitted" };
const NOT_FOUND = { code: "organization_not_found" };

const pair = (need: Ceiling) => [{ type: "organization", actions: [ACTIONS[need]] }];
/** A principal for each right alone, one with none, one inactive, an organization administrator, and a group. */
function planOf(organization: string): Plan {
  const compile = compiler(organization);
  const puts = [
    {
      kind: "product",
      value: {
        id: "reeve",
        boundedBy: "none",
        adminMayAll: true,
        settings: {},
        types: { organization: { actions: { "read-reeve": [], "ask-reeve": [], "administer-reeve": [] } } },
      },
    },
    ...CEILINGS.flatMap((need) => [
      { kind: "permission-set", value: { product: "reeve", id: need, name: need, pairs: pair(need) } },
      { kind: "role", value: { product: "reeve", id: need, name: need, type: "system-defined", sets: [{ set: need }] } },
      { kind: "principal", value: { id: need, type: "user", active: true } },
      { kind: "assignment", value: { role: need, principal: need } },
    ]),
    { kind: "principal", value: { id: "none", type: "user", active: true } },
    { kind: "principal", value: { id: "gone", type: "user", active: false } },
    { kind: "principal", value: { id: "team", type: "group", active: true } },
    { kind: "principal", value: { id: "boss", type: "service-account", active: true } },
    { kind: "membership", value: { group: "admins", member: "boss" } },
    { kind: "membership", value: { group: "admins", member: "gone" } },
  ] as unknown as readonly Extract<Change, { readonly put: unknown }>["put"][];
  compile.add(puts);
  return compile.finish();
}
const plans = new Map(["a", "b"].map((id) => [id, planOf(id)]));
const feed = (isLoaded: boolean): Feed =>
  ({
    current: (organization: string) => (isLoaded ? plans.get(organization) : undefined),
    plan: async (organization: string) => plans.get(organization),
  }) as unknown as Feed;
const caller = (more: Partial<Caller> = {}): Caller => ({ organizations: "all", ceiling: "admin", how: "token", ...more });
const of = (id: string, more: Partial<Caller> = {}): Caller =>
  caller({ principal: { organization: "a", type: id === "boss" ? "service-account" : "user", id }, organizations: ["a"], ...more });

describe.each([true, false])("guard, the organization loaded: %s", (isLoaded) => {
  const guard = createGuard(feed(isLoaded), () => 0);

  it("lets the administrator do what its ceiling holds, and no more", async () => {
    for (const [held, ceiling] of CEILINGS.entries()) {
      for (const [needed, needs] of CEILINGS.entries()) {
        expect(await guard(caller({ ceiling }), { needs, organization: "a" })).toEqual(needed <= held ? PERMITTED : NOT_PERMITTED);
      }
    }
  });

  it("does not tell that an organization exists which is not the caller's, whatever the ceiling", async () => {
    const one = caller({ organizations: ["a"], ceiling: "read" });
    expect(await guard(one, { organization: "b", needs: "admin" })).toEqual(NOT_FOUND);
    expect(await guard(one, { organization: "b", needs: "read" })).toEqual(NOT_FOUND);
    expect(await guard(one, { organization: "a", needs: "read" })).toBe(PERMITTED);
    expect(await guard(of("boss"), { organization: "b", needs: "read" })).toEqual(NOT_FOUND);
  });

  it("lets a principal do what its roles in the product reeve open, and an organization administrator all of it", async () => {
    for (const need of CEILINGS) {
      for (const id of [...CEILINGS, "none"]) {
        expect([id, need, await guard(of(id), { organization: "a", needs: need })]).toEqual([
          id,
          need,
          id === need ? PERMITTED : NOT_PERMITTED,
        ]);
      }
      expect(await guard(of("boss"), { organization: "a", needs: need })).toBe(PERMITTED);
      expect(await guard(of("gone"), { organization: "a", needs: need })).toEqual(NOT_PERMITTED);
    }
  });

  it("lets a principal read what is of no organization, and nothing else of that", async () => {
    expect(await guard(of("none"), { needs: "read" })).toBe(PERMITTED);
    for (const needs of ["decide", "admin"] as const) expect(await guard(of("boss"), { needs })).toEqual(NOT_PERMITTED);
  });

  it("believes no other organization's plan", async () => {
    const wrong = { current: () => (isLoaded ? plans.get("b") : undefined), plan: async () => plans.get("b") } as unknown as Feed;
    expect(await createGuard(wrong, () => 0)(of("boss"), { organization: "a", needs: "admin" })).toEqual(NOT_FOUND);
    expect(await activePrincipals(wrong, { ofSuspended: true })("a", "boss")).toBeUndefined();
  });
});

describe.each([true, false])("an active principal, the organization loaded: %s", (isLoaded) => {
  const typeOf = activePrincipals(feed(isLoaded), { ofSuspended: true });

  it("is what its record says, while it is active", async () => {
    expect([await typeOf("a", "none"), await typeOf("a", "boss"), await typeOf("a", "team")]).toEqual(["user", "service-account", "group"]);
    expect([await typeOf("a", "gone"), await typeOf("a", "nobody"), await typeOf("c", "none")]).toEqual([undefined, undefined, undefined]);
  });
});
