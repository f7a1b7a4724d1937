/** What a caller may ask of Reeve itself: by ceiling, by organization, and nothing yet for principals. */
import { describe, expect, it } from "vitest";
import type { Caller, Ceiling } from "../identity/index.ts";
import { guard } from "./guard.ts";

const CEILINGS: readonly Ceiling[] = ["read", "decide", "admin"];
const caller = (more: Partial<Caller> = {}): Caller => ({ organizations: "all", ceiling: "admin", how: "token", ...more });

describe("guard", () => {
  it("lets a caller do what its ceiling holds, and no more", () => {
    for (const [held, ceiling] of CEILINGS.entries()) {
      for (const [needed, needs] of CEILINGS.entries()) {
        expect(guard(caller({ ceiling }), { needs })).toEqual(needed <= held ? undefined : { code: "not_permitted" });
      }
    }
  });

  it("does not tell that an organization exists which is not the caller's, whatever the ceiling", () => {
    const one = caller({ organizations: ["a"], ceiling: "read" });
    expect(guard(one, { organization: "b", needs: "admin" })).toEqual({ code: "organization_not_found" });
    expect(guard(one, { organization: "b", needs: "read" })).toEqual({ code: "organization_not_found" });
    expect(guard(one, { organization: "a", needs: "read" })).toBeUndefined();
    expect(guard(caller({ organizations: [] }), { organization: "a", needs: "read" })).toEqual({ code: "organization_not_found" });
  });

  it("lets no principal through yet", () => {
    const principal = { organization: "a", type: "user", id: "ada" } as const;
    for (const needs of CEILINGS) {
      expect(guard(caller({ principal, organizations: ["a"] }), { organization: "a", needs })).toEqual({ code: "not_permitted" });
    }
  });
});
