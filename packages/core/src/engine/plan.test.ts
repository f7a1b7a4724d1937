import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Change, Product, Rec } from "../model/index.ts";
import { decide } from "./decide/decide.ts";
import { apply, catalogueRecords, compiler, type Plan, product, records } from "./plan.ts";

const DOCS: Product = {
  id: "docs",
  boundedBy: "none",
  settings: {},
  types: { folders: { open: true, actions: { view: ["R"], edit: ["W"] } } },
};
const user = (id: string): Rec => ({ kind: "principal", value: { id, type: "user", active: true } });
const grant = (principal: string, resource: string, access: "R" | "RW" = "R"): Rec => ({
  kind: "grant",
  value: { principal, resource, access, reach: "self" },
});
const remove = (principal: string, resource: string): Change => ({ delete: { kind: "grant", key: [principal, resource, "self"] } });
const put = (record: Rec): Change => ({ put: record });

function planOf(...given: readonly Rec[]): Plan {
  const compiled = compiler("acme");
  compiled.add([{ kind: "product", value: DOCS }, user("ada"), user("bob"), ...given]);
  return compiled.finish({ revision: 7, epoch: "e1" });
}
const can =
  (name: string) =>
  (plan: Plan, id: string, path: string): boolean =>
    decide(plan, { principal: { type: "user", id }, action: { name }, resource: { path } }, 0).allow;
const [may, mayEdit] = [can("view"), can("edit")];

describe("a plan", () => {
  it("stands where it was finished, and the next one a revision later in the same history, unless it is told where", () => {
    const plan = planOf();
    expect([plan.organization, plan.at]).toEqual(["acme", { revision: 7, epoch: "e1" }]);
    expect(apply(plan, []).at).toEqual({ revision: 8, epoch: "e1" });
    expect(apply(plan, [], { revision: 1, epoch: "e2" }).at).toEqual({ revision: 1, epoch: "e2" });
  });

  it("is compiled from pages in any order", () => {
    const compiled = compiler("acme");
    compiled.add([grant("ada", "/folders/1")]);
    compiled.add([user("ada")]);
    compiled.add([]);
    compiled.add([{ kind: "product", value: DOCS }]);
    expect(may(compiled.finish(), "ada", "/folders/1")).toBe(true);
  });

  it("keeps its answers when others were made from it, one after the other and on branches", () => {
    const first = planOf(grant("ada", "/folders/1"));
    const second = apply(first, [put(grant("bob", "/folders/1")), remove("ada", "/folders/1")]);
    const third = apply(second, [put(grant("ada", "/folders/1", "RW"))]);
    const branch = apply(first, [put(grant("bob", "/folders/2"))]);
    const expected: readonly (readonly [Plan, readonly boolean[]])[] = [
      [first, [true, false, false, false]],
      [second, [false, true, false, false]],
      [third, [true, true, false, true]],
      [branch, [true, false, true, false]],
    ];
    for (const order of [expected, [...expected].reverse(), [...expected, ...expected]]) {
      for (const [plan, answers] of order) {
        const asked = [
          may(plan, "ada", "/folders/1"),
          may(plan, "bob", "/folders/1"),
          may(plan, "bob", "/folders/2"),
          mayEdit(plan, "ada", "/folders/1"),
        ];
        expect(asked).toEqual(answers);
      }
    }
  });

  it("undoes changes of one record within one write in their reverse order", () => {
    const first = planOf(grant("ada", "/folders/1"));
    const second = apply(first, [
      put(grant("ada", "/folders/1", "RW")),
      remove("ada", "/folders/1"),
      put(grant("ada", "/folders/1")),
      remove("ada", "/folders/1"),
    ]);
    expect(may(second, "ada", "/folders/1")).toBe(false);
    expect([may(first, "ada", "/folders/1"), mayEdit(first, "ada", "/folders/1")]).toEqual([true, false]);
    expect(may(second, "ada", "/folders/1")).toBe(false);
  });

  it("tells evidence as it was asked, however late it is read", () => {
    const first = planOf(grant("ada", "/folders/1"));
    const allowed = decide(
      first,
      { principal: { type: "user", id: "ada" }, action: { name: "view" }, resource: { path: "/folders/1" } },
      0,
    );
    const second = apply(first, [remove("ada", "/folders/1")]);
    expect(may(second, "ada", "/folders/1")).toBe(false);
    const from = [{ grant: { principal: "ada", resource: "/folders/1", access: "R", reach: "self" } }];
    expect(allowed.evidence).toEqual({ source: "access", bits: "R", from });
    expect(may(second, "ada", "/folders/1")).toBe(false);
  });

  it("of many versions answers as each was, asked in any order", () => {
    const step = fc.record({
      from: fc.nat(),
      who: fc.constantFrom("ada", "bob"),
      where: fc.constantFrom("/folders/1", "/folders/2"),
      isPut: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.array(fc.nat(), { maxLength: 40 }), (steps, order) => {
        const versions: { plan: Plan; held: ReadonlySet<string> }[] = [{ plan: planOf(), held: new Set() }];
        for (const { from, who, where, isPut } of steps) {
          const base = versions[from % versions.length] as (typeof versions)[number];
          const held = new Set(base.held);
          if (isPut) held.add(`${who} ${where}`);
          else held.delete(`${who} ${where}`);
          versions.push({ plan: apply(base.plan, [isPut ? put(grant(who, where)) : remove(who, where)]), held });
        }
        for (const index of [...order, ...versions.keys()]) {
          const { plan, held } = versions[index % versions.length] as (typeof versions)[number];
          for (const who of ["ada", "bob"])
            for (const where of ["/folders/1", "/folders/2"]) expect(may(plan, who, where)).toBe(held.has(`${who} ${where}`));
        }
      }),
    );
  });

  it("of a history of 10,000 versions still answers as the first and the last", () => {
    const first = planOf();
    let last = first;
    for (let i = 0; i < 10_000; i++) last = apply(last, [i % 2 === 0 ? put(grant("ada", "/folders/1")) : remove("ada", "/folders/1")]);
    last = apply(last, [put(grant("bob", "/folders/1"))]);
    for (let round = 0; round < 2; round++) {
      expect([may(first, "ada", "/folders/1"), may(first, "bob", "/folders/1")]).toEqual([false, false]);
      expect([may(last, "ada", "/folders/1"), may(last, "bob", "/folders/1")]).toEqual([false, true]);
    }
  });
});

describe("the records of a plan", () => {
  const rows: readonly Rec[] = [
    { kind: "permission-set", value: { product: "docs", id: "reading", name: "Reading", pairs: [{ type: "folders", actions: ["view"] }] } },
    { kind: "role", value: { product: "docs", id: "reader", name: "Reader", type: "user-defined", sets: [{ set: "reading" }] } },
    {
      kind: "operation",
      value: { product: "docs", id: "get", method: "GET", path: "/folders/{id}", names: ["get"], target: "/folders/{id}" },
    },
    { kind: "operation-rule", value: { product: "docs", operation: "get", alternatives: [{ anyRole: true }] } },
    { kind: "label", value: { id: "core/C1" } },
  ];

  it("are those that it was compiled from, without who gave a grant and when", () => {
    const value = { principal: "ada", resource: "/folders/1", access: "R", reach: "self", notAfter: 5 } as const;
    const given: Rec = { kind: "grant", value };
    const told: Rec = { kind: "grant", value: { ...value, givenBy: "bob", givenAt: 3 } };
    const plan = planOf(...rows, told, { kind: "assignment", value: { role: "reader", principal: "bob", notBefore: 2 } });
    const found = [...records(plan)];
    expect(found).toContainEqual(given);
    expect(found).toContainEqual({ kind: "assignment", value: { role: "reader", principal: "bob", notBefore: 2 } });
    for (const row of rows) expect(found).toContainEqual(row);
    expect(found).toHaveLength(rows.length + 5);
  });

  it("that belong to a product's catalogue are itself, its sets, roles, operations and their rules", () => {
    const plan = planOf(...rows);
    expect(product(plan, "docs")).toEqual(DOCS);
    expect([...catalogueRecords(plan, "docs")]).toEqual([{ kind: "product", value: DOCS }, ...rows.slice(0, 4)]);
    expect(product(plan, "constructor")).toBeUndefined();
    expect([...catalogueRecords(plan, "constructor")]).toEqual([]);
  });
});
