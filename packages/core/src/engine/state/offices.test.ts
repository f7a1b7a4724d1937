import { describe, expect, it } from "vitest";
import type { Change, Product, Rec } from "../../model/index.ts";
import { decide } from "../decide/decide.ts";
import { list } from "../list/list.ts";
import { apply, compiler, type Plan, records } from "../plan.ts";
import { admit } from "../write/admit.ts";

const REEVE: Product = {
  id: "reeve",
  boundedBy: "none",
  settings: {},
  types: {
    organization: { actions: {} },
    "reeve-products": { open: true, actions: { administer: ["W"] } },
    "reeve-roles": { open: true, actions: { offer: ["X"] } },
  },
};
const GROUND: readonly Rec[] = [
  { kind: "product", value: REEVE },
  { kind: "product", value: { id: "cloud", boundedBy: "scopes", settings: {}, types: {} } },
  { kind: "role", value: { product: "cloud", id: "logs/1", name: "Logs", type: "user-defined", sets: [] } },
  { kind: "role", value: { product: "cloud", id: "builder", name: "Builder", type: "user-defined", sets: [] } },
  { kind: "principal", value: { id: "ann", type: "user", active: true } },
  { kind: "principal", value: { id: "bob", type: "user", active: true } },
];
const OFFICES: readonly Rec[] = [
  { kind: "product-administrator", value: { product: "cloud", principal: "ann" } },
  { kind: "developer-access", value: { role: "logs/1", principal: "bob" } },
];

function planOf(recs: readonly Rec[]): Plan {
  const one = compiler("o");
  one.add(recs);
  return one.finish();
}
const may = (plan: Plan, id: string, [name, path]: readonly [string, string]): boolean =>
  decide(plan, { principal: { type: "user", id }, action: { name }, resource: { path } }, 0).allow;
const KEEP = ["administer", "/reeve-products/cloud"] as const;
const OFFER = ["offer", "/reeve-roles/logs%2F1"] as const;
const texts = (plan: Plan): readonly string[] => [...records(plan)].map((rec) => JSON.stringify(rec)).sort();
const codes = (plan: Plan, changes: readonly Change[]): readonly string[] => {
  const admitted = admit(plan, changes, { catalogue: true, own: true });
  return admitted.ok ? [] : admitted.error.map(({ code, pointer }) => `${code} ${pointer}`);
};

describe("an office", () => {
  it("gives its holder what it says, and nobody else anything", () => {
    const plan = planOf([...GROUND, ...OFFICES]);
    expect([may(plan, "ann", KEEP), may(plan, "bob", OFFER)]).toEqual([true, true]);
    expect([may(plan, "bob", KEEP), may(plan, "ann", OFFER)]).toEqual([false, false]);
    expect([may(plan, "ann", ["administer", "/reeve-products/reeve"]), may(plan, "bob", ["offer", "/reeve-roles/builder"])]).toEqual([
      false,
      false,
    ]);
  });

  it("is listed as what may be offered", () => {
    const plan = planOf([...GROUND, ...OFFICES]);
    const query = {
      list: "resources",
      principal: { type: "user", id: "bob" },
      action: { name: "offer" },
      type: "reeve-roles",
      max: 10,
    } as const;
    expect(list(plan, query, 0).entries).toEqual([{ id: "logs/1" }]);
  });

  it("is no record: what a plan holds is what was put", () => {
    expect(texts(planOf([...GROUND, ...OFFICES]))).toEqual([...GROUND, ...OFFICES].map((rec) => JSON.stringify(rec)).sort());
  });

  it("ends with its record, its holder and its role, and leaves older plans their answers", () => {
    const plan = planOf([...GROUND, ...OFFICES]);
    const without = apply(plan, [{ delete: { kind: "developer-access", key: ["logs/1", "bob"] } }]);
    expect([may(without, "bob", OFFER), may(plan, "bob", OFFER), may(without, "bob", OFFER)]).toEqual([false, true, false]);
    for (const gone of [
      { kind: "principal", key: ["bob"] },
      { kind: "role", key: ["logs/1"] },
    ] as const) {
      const admitted = admit(plan, [{ delete: gone }]);
      if (!admitted.ok) throw new Error(JSON.stringify(admitted.error));
      expect(admitted.value.changes.some((change) => "delete" in change && change.delete.kind === "grant")).toBe(false);
      const again = apply(
        admitted.value.plan,
        GROUND.map((put) => ({ put })),
      );
      expect(may(again, "bob", OFFER)).toBe(false);
    }
  });

  it("put twice and taken once is gone", () => {
    const twice = apply(
      planOf(GROUND),
      [...OFFICES, ...OFFICES].map((put) => ({ put })),
    );
    const once = apply(twice, [{ delete: { kind: "product-administrator", key: ["cloud", "ann"] } }]);
    expect([may(twice, "ann", KEEP), may(once, "ann", KEEP)]).toEqual([true, false]);
  });

  it("is known by types that no other product may have", () => {
    const types = { bins: { actions: {} }, "reeve-roles": { parents: ["bins"], open: true, actions: { offer: ["X"] } } } as const;
    const bins = { id: "bins", boundedBy: "none", settings: {}, types } as const;
    expect(codes(planOf(GROUND), [{ put: { kind: "product", value: bins } }])).toEqual(["built_in /0/put/value/types/reeve-roles"]);
  });

  it("stands alone: no grant, resource or link gives anything there, whoever writes it", () => {
    const plan = planOf(GROUND);
    for (const path of ["/reeve-roles/builder", "/reeve-products/cloud"]) {
      const grant = { principal: "bob", resource: path, access: "RWX", reach: "self" } as const;
      expect(codes(plan, [{ put: { kind: "grant", value: grant } }])).toEqual(["built_in /0/put/value/resource"]);
      expect(codes(plan, [{ put: { kind: "resource", value: { path } } }])).toEqual(["built_in /0/put/value/path"]);
      expect(codes(plan, [{ put: { kind: "link", value: { from: path, linkKind: "x", to: path } } }]).slice(0, 2)).toEqual([
        "built_in /0/put/value/from",
        "built_in /0/put/value/to",
      ]);
    }
    const all = { principal: "bob", resource: "/", access: "RWX", reach: "subtree" } as const;
    const admitted = admit(plan, [{ put: { kind: "grant", value: all } }]);
    if (!admitted.ok) throw new Error(JSON.stringify(admitted.error));
    expect(may(admitted.value.plan, "bob", OFFER)).toBe(false);
  });
});
