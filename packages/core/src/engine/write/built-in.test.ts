import { describe, expect, it } from "vitest";
import type { Change, Key, Kind, Nouns, Product, Rec } from "../../model/index.ts";
import { compiler, findRecord, type Plan, records } from "../plan.ts";
import { type AdmitOptions, admit } from "./admit.ts";

const DATA: Product = {
  id: "data",
  boundedBy: "sandboxes",
  settings: {},
  types: { sandboxes: { actions: { view: [] } }, sets: { parents: ["sandboxes"], open: true, actions: { read: [] } } },
  sandboxes: { always: ["prod"], max: 3 },
  labelsStay: true,
};
const CLOUD: Product = { id: "cloud", boundedBy: "scopes", settings: {}, types: { programs: { actions: { view: [] } } } };
const put = <K extends Kind>(kind: K, value: Nouns[K]): Change => ({ put: { kind, value } as Rec });
const remove = (kind: Kind, ...key: Key): Change => ({ delete: { kind, key } });
const role = (more: Partial<Nouns["role"]> = {}): Nouns["role"] => ({
  product: "data",
  id: "viewer",
  name: "Viewer",
  type: "system-defined",
  builtIn: true,
  sandboxes: ["prod"],
  sets: [{ set: "view" }],
  ...more,
});
const policy = (more: Partial<Nouns["policy"]> = {}): Nouns["policy"] => ({
  id: "labels",
  name: "Labels",
  product: "data",
  builtIn: true,
  status: "inactive",
  sandboxes: "all",
  rules: [{ effect: "deny", resource: "/sandboxes/*", actions: ["read"] }],
  ...more,
});
const sandbox = (id: string, more: Partial<Nouns["resource"]> = {}) => put("resource", { path: `/sandboxes/${id}`, ...more });
const label = (id: string, more: Partial<Nouns["label"]> = {}) => put("label", { id, ...more });
const SHIPPED: readonly Change[] = [
  put("product", DATA),
  put("permission-set", { product: "data", id: "view", name: "View", pairs: [{ type: "sets", actions: ["read"] }] }),
  label("core/C1", { name: "C1" }),
  sandbox("prod", { name: "Production" }),
  put("role", role()),
  put("policy", policy()),
];
const HELD: readonly Change[] = [
  ...SHIPPED,
  put("product", CLOUD),
  sandbox("dev"),
  label("custom/mine"),
  put("role", role({ product: "cloud", id: "manager", sets: [], sandboxes: undefined as never })),
  put("policy", policy({ id: "kept", product: "cloud" })),
];

function planOf(changes: readonly Change[]): Plan {
  const compiled = compiler("acme");
  for (const change of changes) if ("put" in change) compiled.add([change.put]);
  return compiled.finish();
}
const faults = (changes: readonly Change[], options: AdmitOptions = {}): readonly string[] => {
  const result = admit(planOf(HELD), changes, options);
  return result.ok ? [] : result.error.map(({ code, pointer }) => `${code} ${pointer.replace("/0/put/value", "put")}`);
};
const CATALOGUE = { catalogue: true };

describe("of what is built in", () => {
  it.each<[string, Change]>([
    ["the sandboxes of a role", put("role", role({ sandboxes: ["dev"] }))],
    ["the labels of a role", put("role", role({ labels: ["core/C1", "custom/mine"] }))],
    ["the status of a policy", put("policy", policy({ status: "active" }))],
    ["the sandboxes of a policy", put("policy", policy({ sandboxes: ["prod"] }))],
  ])("an organization changes %s, where the product is bounded by sandboxes", (_, change) => expect(faults([change])).toEqual([]));

  it.each<[string, Change, readonly string[]]>([
    ["the name of a role", put("role", role({ name: "Mine", labels: [] })), ["built_in put/name"]],
    ["what a role holds", put("role", role({ sets: [] })), ["built_in put/sets"]],
    ["that a role is built in", put("role", { ...role(), builtIn: undefined as never }), ["built_in put/builtIn"]],
    ["the rules of a policy", put("policy", policy({ rules: [], status: "active" })), ["built_in put/rules"]],
    ["a role, by making one", put("role", role({ id: "other" })), ["built_in put"]],
    ["a role, by deleting it", remove("role", "viewer"), ["built_in /0/delete"]],
    ["a policy, by deleting it", remove("policy", "labels"), ["built_in /0/delete"]],
    [
      "labels of a role that is bounded otherwise",
      put("role", role({ product: "cloud", id: "manager", sets: [], labels: [] })),
      ["built_in put"],
    ],
    ["status of a policy of such a product", put("policy", policy({ id: "kept", product: "cloud", status: "active" })), ["built_in put"]],
  ])("it does not change %s; a catalogue may", (_, change, expected) => {
    expect(faults([change])).toEqual(expect.arrayContaining([...expected]));
    expect(faults([change], CATALOGUE).filter((one) => one.startsWith("built_in"))).toEqual([]);
  });

  it("what it may change must still fit: sandboxes and labels that are there", () => {
    expect(faults([put("role", role({ sandboxes: ["none"] }))])).toEqual(["unknown_reference put/sandboxes/0"]);
    expect(faults([put("role", role({ labels: ["custom/none"] }))])).toEqual(["unknown_reference put/labels/0"]);
  });
});

describe("where labels stay", () => {
  it("an organization makes and renames its own", () =>
    expect(faults([label("custom/new"), label("custom/mine", { name: "Renamed", description: "Ours" })])).toEqual([]));

  it("those of catalogues are theirs to make and change", () => {
    for (const change of [label("core/new"), label("core/C1", { name: "Mine" })]) {
      expect(faults([change])).toEqual(["built_in put/id"]);
      expect(faults([change], CATALOGUE)).toEqual([]);
    }
  });

  it("none is deleted, by whomever", () => {
    for (const id of ["core/C1", "custom/mine"])
      for (const options of [{}, CATALOGUE]) expect(faults([remove("label", id)], options)).toEqual(["not_allowed /0/delete"]);
  });

  it("they stay when the product goes, and are then like any other", () => {
    const result = admit(planOf(HELD), [remove("product", "data"), remove("label", "custom/mine")], CATALOGUE);
    const plan = result.ok ? result.value.plan : expect.fail(JSON.stringify(result.error));
    expect([...records(plan)].filter(({ kind }) => kind === "label").map(({ value }) => value)).toEqual([{ id: "core/C1", name: "C1" }]);
  });
});

describe("where a product keeps sandboxes", () => {
  it("they are made, changed and deleted", () =>
    expect(faults([sandbox("stage-2"), sandbox("prod", { name: "Live" }), remove("resource", "/sandboxes/dev")])).toEqual([]));

  it("those that are always there are not deleted, and only they", () => {
    for (const options of [{}, CATALOGUE]) expect(faults([remove("resource", "/sandboxes/prod")], options)).toEqual(["built_in /0/delete"]);
    const below = put("resource", { path: "/sandboxes/prod/sets/prod" });
    expect(faults([below, remove("resource", "/sandboxes/prod/sets/prod")])).toEqual([]);
  });

  it.each(["Dev", "my_box", "a b", "ü", "a%2Fb"])("the name %s is refused", (name) =>
    expect(faults([sandbox(name)])).toEqual(["malformed_id put/path"]),
  );

  it("one more than may be is refused, one in the place of another is not", () => {
    expect(faults([sandbox("a"), sandbox("b")])).toEqual(["too_many /1/put/value/path"]);
    expect(faults([remove("resource", "/sandboxes/dev"), sandbox("a"), sandbox("b")])).toEqual([]);
  });

  it("it takes all of them along", () => {
    const result = admit(planOf(HELD), [remove("product", "data")], CATALOGUE);
    const plan = result.ok ? result.value.plan : expect.fail(JSON.stringify(result.error));
    expect([...records(plan)].filter(({ kind }) => kind === "resource")).toEqual([]);
  });
});

describe("what ships, brought again,", () => {
  const bring = (plan: Plan, changes = SHIPPED) => admit(plan, changes, { catalogue: true, renewal: true });
  const after = (own: readonly Change[], changes = SHIPPED): Plan => {
    const changed = admit(planOf(HELD), own, CATALOGUE);
    if (!changed.ok) throw new Error(JSON.stringify(changed.error));
    const result = bring(changed.value.plan, changes);
    return result.ok ? result.value.plan : expect.fail(JSON.stringify(result.error));
  };
  const found = (plan: Plan, kind: Kind, id: string) => findRecord(plan, kind, [id])?.value;

  it("alters nothing where everything is as it ships but for what an organization may change", () => {
    const own = [
      put("role", role({ sandboxes: ["dev"], labels: ["custom/mine"] })),
      put("policy", policy({ status: "active", sandboxes: [] })),
    ];
    const changed = admit(planOf(HELD), [...own, sandbox("prod", { name: "Live" })]);
    const result = changed.ok ? bring(changed.value.plan) : changed;
    expect(result.ok ? result.value.changes : result.error).toEqual([]);
  });

  it("mends the rest", () => {
    const plan = after([
      put("role", role({ name: "Bent", sandboxes: [], sets: [] })),
      put("policy", policy({ rules: [], status: "active" })),
    ]);
    expect(found(plan, "role", "viewer")).toEqual(role({ sandboxes: [] }));
    expect(found(plan, "policy", "labels")).toEqual(policy({ status: "active" }));
  });

  it("keeps types that were added, and brings those that changed", () => {
    const types = { ...DATA.types, added: { parents: ["sandboxes"], actions: {} }, sets: { parents: ["sandboxes"], actions: {} } };
    const plan = after([put("product", { ...DATA, labelsStay: true, types })]);
    expect(found(plan, "product", "data")).toEqual({ ...DATA, types: { ...DATA.types, added: types.added } });
  });

  it("is refused where the organization has something of its own under a name that it needs", () => {
    const taken = SHIPPED.map((one) =>
      "put" in one && one.put.kind === "role" ? put("role", { ...role(), builtIn: undefined as never, type: "user-defined" }) : one,
    );
    const result = bring(planOf(taken));
    expect(result.ok ? [] : result.error.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual(["key_taken /4/put/value/id"]);
  });
});

describe("a product that somebody else says who has", () => {
  const entitled = new Set(["data", "other"]);
  it("is neither made nor deleted", () => {
    for (const options of [{ entitled }, { entitled, catalogue: true }]) {
      expect(faults([put("product", { ...CLOUD, id: "other", types: {} })], options)).toEqual(["not_entitled put/id"]);
      expect(faults([remove("product", "data")], options)).toEqual(["built_in /0/delete"]);
    }
  });

  it("keeps what it holds on to, and whom it lets in", () => {
    const { labelsStay: _, sandboxes: __, ...loose } = DATA;
    const changes = [put("product", { ...loose, adminMayAll: true })];
    expect(faults(changes, { entitled }).toSorted()).toEqual([
      "built_in put/adminMayAll",
      "built_in put/labelsStay",
      "built_in put/sandboxes",
    ]);
    expect(faults([put("product", { ...DATA, boundedBy: "none" })], { entitled })).toContain("built_in put/boundedBy");
    expect(faults(changes, CATALOGUE)).toEqual([]);
  });

  it("is changed, as any other is made, changed and deleted", () => {
    expect(faults([put("product", { ...DATA, name: "Data" })], { entitled })).toEqual([]);
    expect(faults([put("product", { ...CLOUD, id: "own", types: {} }), remove("product", "cloud")], { entitled, catalogue: true })).toEqual(
      [],
    );
  });
});
