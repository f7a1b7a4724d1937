import { describe, expect, it } from "vitest";
import type { Binned, Change, Product, Rec } from "../../model/index.ts";
import { compiler, findRecord, type Plan } from "../plan.ts";
import { admit } from "./admit.ts";

const SHOP: Product = {
  id: "shop",
  boundedBy: "none",
  settings: {},
  types: {
    shelves: { owner: "self", actions: { view: ["R"], call: ["X"] } },
    boxes: { parents: ["shelves"], owner: "self", actions: { view: ["R"], call: ["X"] } },
  },
};
const BINNED: Binned = {
  id: "b",
  path: "/shelves/1",
  deletedAt: 5,
  resources: [
    { path: "/shelves/1", owner: "ada", labels: ["core/C1"] },
    {
      path: "/shelves/1/boxes/1",
      owner: "bob",
      basePath: "/one",
      document: [{ method: "GET", path: "/x", alternatives: [{ permission: "look" }] }],
    },
  ],
  grants: [
    { principal: "bob", resource: "/shelves/1", access: "R", reach: "subtree" },
    { principal: "devs", resource: "/shelves/1/boxes/1", access: "RWX", reach: "self", givenBy: "ada", givenAt: 4 },
  ],
  links: [{ from: "/shelves/1/boxes/1", linkKind: "like", to: "/shelves/2" }],
};
const RECORDS: readonly Rec[] = [
  { kind: "product", value: SHOP },
  { kind: "permission-set", value: { product: "shop", id: "look", name: "Look", pairs: [] } },
  { kind: "label", value: { id: "core/C1" } },
  { kind: "principal", value: { id: "ada", type: "user", active: true } },
  { kind: "principal", value: { id: "bob", type: "user", active: true } },
  { kind: "principal", value: { id: "devs", type: "group", active: true } },
  { kind: "resource", value: { path: "/shelves/2", owner: "ada" } },
  { kind: "binned", value: BINNED },
];

function planOf(): Plan {
  const compiled = compiler("acme");
  compiled.add(RECORDS);
  return compiled.finish();
}
function after(...changes: readonly Change[]): Binned | undefined {
  const result = admit(planOf(), changes, { catalogue: true });
  if (!result.ok) return expect.fail(JSON.stringify(result.error));
  const found = findRecord(result.value.plan, "binned", ["b"]);
  return found?.kind === "binned" ? found.value : undefined;
}
const remove = (kind: Rec["kind"], ...key: readonly string[]): Change => ({ delete: { kind, key } });
const [shelf, box] = BINNED.resources as [Binned["resources"][number], Binned["resources"][number]];
const { owner: _, ...ownerless } = box;

describe("what lies in the bin", () => {
  it("goes with what it was deleted from, and with what it lies within, and stays where that is another", () => {
    const lying = (id: string, path: string, within?: string): Change => ({
      put: {
        kind: "binned",
        value: { ...BINNED, id, path, resources: [{ path }], grants: [], links: [], ...(within === undefined ? {} : { within }) },
      },
    });
    const standing = admit(planOf(), [
      lying("below", "/shelves/2/boxes/1"),
      lying("older", "/shelves/2/boxes/2", "before"),
      lying("before", "/shelves/2"),
      lying("inner", "/shelves/2/boxes/3", "below"),
    ]);
    if (!standing.ok) return expect.fail(JSON.stringify(standing.error));
    const left = (...changes: readonly Change[]): readonly string[] => {
      const result = admit(standing.value.plan, changes, { catalogue: true });
      if (!result.ok) return expect.fail(JSON.stringify(result.error));
      return ["below", "older", "before", "inner"].filter((id) => findRecord(result.value.plan, "binned", [id]) !== undefined);
    };
    expect(left(remove("resource", "/shelves/2"))).toEqual(["older", "before"]);
    expect(left(remove("binned", "before"))).toEqual(["below", "inner"]);
    expect(left(remove("binned", "inner"))).toEqual(["below", "older", "before"]);
    expect(left(remove("product", "shop"))).toEqual([]);
  });

  it.each<[string, readonly Change[], Partial<Binned>]>([
    [
      "loses a user's grants and ownership with him",
      [remove("principal", "bob")],
      { resources: [shelf, ownerless], grants: BINNED.grants.slice(1) },
    ],
    ["loses a group's grants with it", [remove("principal", "devs")], { grants: BINNED.grants.slice(0, 1) }],
    ["loses a label with it", [remove("label", "core/C1")], { resources: [{ ...shelf, labels: [] }, box] }],
    ["loses a link with its other end", [remove("resource", "/shelves/2")], { links: [] }],
    [
      "loses what its documents name",
      [remove("permission-set", "look")],
      { resources: [shelf, { ...box, document: [{ method: "GET", path: "/x", alternatives: [] }] }] },
    ],
    [
      "loses each of several things in one write",
      [remove("label", "core/C1"), remove("principal", "devs"), remove("resource", "/shelves/2")],
      { resources: [{ ...shelf, labels: [] }, box], grants: BINNED.grants.slice(0, 1), links: [] },
    ],
  ])("%s", (_what, changes, left) => {
    expect(after(...changes)).toEqual({ ...BINNED, ...left });
  });

  it("keeps its own links when another thing under its path is deleted", () => {
    const remade: Change = { put: { kind: "resource", value: { path: "/shelves/1", owner: "bob" } } };
    expect(after(remade, remove("resource", "/shelves/1"))).toEqual(BINNED);
  });

  it("goes with the product of its type", () => {
    expect(after(remove("product", "shop"))).toBeUndefined();
  });

  it("is not registered, owned or reached by grants", () => {
    const plan = planOf();
    expect(findRecord(plan, "resource", ["/shelves/1"])).toBeUndefined();
    expect(admit(plan, [remove("principal", "bob")]).ok).toBe(true);
  });

  it.each<[string, Partial<Binned>, string]>([
    [
      "an undeclared type",
      { path: "/racks/1", resources: [{ path: "/racks/1" }], grants: [], links: [] },
      "unknown_reference /changes/0/put/value/path",
    ],
    ["an owner who is none", { resources: [{ ...shelf, owner: "devs" }] }, "type_mismatch /changes/0/put/value/resources/0/owner"],
    ["an unknown label", { resources: [{ ...shelf, labels: ["core/C2"] }] }, "unknown_reference /changes/0/put/value/resources/0/labels/0"],
    [
      "an unknown principal",
      { grants: [{ principal: "nobody", resource: "/shelves/1", access: "R", reach: "self" }] },
      "unknown_reference /changes/0/put/value/grants/0/principal",
    ],
  ])("is refused with %s", (_what, more, told) => {
    const result = admit(planOf(), [{ put: { kind: "binned", value: { ...BINNED, ...more } } }], { pointer: "/changes" });
    expect(result.ok ? [] : result.error.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([told]);
  });
});
