import { describe, expect, it } from "vitest";
import type { Change, Operation, OperationRequest, Product, Rec, Role } from "../../model/index.ts";
import { apply, compiler, type Plan } from "../plan.ts";
import { decideOperation } from "./decide-operation.ts";

const NOW = 1_750_000_000_000;
const types: Product["types"] = {
  organization: { actions: {} },
  spaces: { open: true, actions: {} },
  items: { parents: ["spaces"], open: true, actions: { read: [] } },
};
const product = (more: Partial<Product> = {}): Rec => ({
  kind: "product",
  value: { id: "forge", boundedBy: "scopes", settings: {}, types, ...more },
});
const operation = (value: Pick<Operation, "path" | "target"> & Partial<Operation>): Rec => ({
  kind: "operation",
  value: { product: "forge", id: value.path, method: "GET", names: [], alternatives: [{ permission: "reading" }], ...value },
});
const role = (id: string, more: Partial<Role> = {}): Rec => ({
  kind: "role",
  value: { product: "forge", id, name: id, type: "user-defined", sets: [{ set: "reading", scope: ["/spaces/a"] }], ...more },
});
const records: readonly Rec[] = [
  product(),
  { kind: "permission-set", value: { product: "forge", id: "reading", name: "reading", pairs: [{ type: "items", actions: ["read"] }] } },
  { kind: "principal", value: { id: "ann", type: "user", active: true } },
  role("m"),
  { kind: "assignment", value: { role: "m", principal: "ann" } },
  operation({ path: "/spaces/{space}/items/{item}", target: "/spaces/{space}/items/{item}" }),
];

function planOf(...more: readonly Rec[]): Plan {
  const one = compiler("acme");
  one.add([...records, ...more]);
  return one.finish({ revision: 1, epoch: "e" });
}
const call = (plan: Plan, target: string, more: Partial<OperationRequest> = {}) =>
  decideOperation(plan, { principal: { type: "user", id: "ann" }, product: "forge", method: "GET", target, ...more }, NOW);
const put = (rec: Rec): Change => ({ put: rec });

describe("a call", () => {
  it("is allowed with the role, the set and the scope that open it", () => {
    const evidence = {
      source: "rule",
      operation: "/spaces/{space}/items/{item}",
      alternative: 0,
      role: "m",
      set: "reading",
      scope: "/spaces/a",
    };
    const plan = planOf();
    for (const target of [
      "/spaces/a/items/1",
      "/spaces/a/items/1?x=/spaces/b",
      "/spaces/%61/items/1",
      "/spaces/a/items/*",
      `/spaces/a/items/${"x".repeat(128)}`,
    ])
      expect(call(plan, target), target).toEqual({ allow: true, code: "allowed_by_rule", evidence });
  });

  it("is denied with facts that are found when somebody reads them, and are part of what is written", () => {
    const decision = call(planOf(), "/spaces/b/items/1");
    const facts = {
      operation: "/spaces/{space}/items/{item}",
      missing: [
        { kind: "scope", set: "reading", role: "m", resource: "/spaces/b/items/1", row: "/spaces/{space}/items/{item}", alternative: 0 },
      ],
    };
    expect([decision.allow, decision.code, decision.facts]).toEqual([false, "no_access", facts]);
    expect(JSON.parse(JSON.stringify(decision))).toEqual({ allow: false, code: "no_access", facts });
  });

  it.each([
    ["an id that is too long", `/spaces/a/items/${"x".repeat(129)}`],
    ["an id with a control character", "/spaces/a/items/%C2%85"],
  ])("about %s is about nothing", (_, target) => {
    expect(call(planOf(), target).code).toBe("unknown_type");
  });

  it("is about the resource that its target spells, its own escapes and those of its values among them", () => {
    const plan = planOf(
      operation({ path: "/fixed", target: "/spaces/a%2Fb" }),
      operation({ path: "/stars/{space}", target: "/spaces/{space}" }),
      role("fixed", { sets: [{ set: "reading", scope: ["/spaces/a%2Fb"] }] }),
      role("star", { sets: [{ set: "reading", scope: ["/spaces/%2A"] }] }),
      { kind: "assignment", value: { role: "fixed", principal: "ann" } },
      { kind: "assignment", value: { role: "star", principal: "ann" } },
    );
    expect(call(plan, "/fixed").evidence).toMatchObject({ role: "fixed", scope: "/spaces/a%2Fb" });
    for (const target of ["/stars/*", "/stars/%2A"])
      expect(call(plan, target).evidence).toMatchObject({ role: "star", scope: "/spaces/%2A" });
    expect(call(plan, "/stars/**").code).toBe("no_access");
  });

  it("of several roles names the one with the first id whose scope covers", () => {
    const plan = planOf(
      role("a", { sets: [{ set: "reading", scope: ["/spaces/b"] }] }),
      role("z"),
      role("k", { builtIn: true, sets: [{ set: "reading" }] }),
      ...["z", "a", "k"].map((id): Rec => ({ kind: "assignment", value: { role: id, principal: "ann" } })),
    );
    expect(call(plan, "/spaces/a/items/1").evidence).toMatchObject({ role: "m" });
    expect(call(plan, "/spaces/b/items/1").evidence).toMatchObject({ role: "a" });
    expect(call(plan, "/spaces/c/items/1").code).toBe("no_access");
  });
});

describe("what a row has found out", () => {
  const target = "/spaces/a/items/1";

  it("about who holds a set is found again when a role changes, and an older plan keeps its answer", () => {
    const first = planOf();
    expect(call(first, target).allow).toBe(true);
    const wide = apply(first, [put(role("m", { sets: [{ set: "reading" }] }))]);
    expect(call(wide, "/spaces/b/items/1").evidence).toEqual({ ...call(first, target).evidence, scope: undefined });
    const none = apply(wide, [put(role("m", { sets: [] }))]);
    expect([none, wide, first, none].map((plan) => call(plan, target).allow)).toEqual([false, true, true, false]);
  });

  it("about its target's types is found again when the catalogue changes, and an older plan keeps its answer", () => {
    const first = planOf();
    expect(call(first, target).allow).toBe(true);
    const without = apply(first, [put(product({ types: { spaces: { open: true, actions: {} } } }))]);
    const elsewhere: Rec = { kind: "resource", value: { path: "/spaces/b/items/1" } };
    const unique = apply(without, [
      put(product({ types: { ...types, items: { ...types["items"], uniqueIds: true } as never } })),
      put(elsewhere),
    ]);
    expect([first, without, unique, first, without].map((plan) => call(plan, target).code)).toEqual([
      "allowed_by_rule",
      "unknown_type",
      "wrong_parent",
      "allowed_by_rule",
      "unknown_type",
    ]);
  });
});
