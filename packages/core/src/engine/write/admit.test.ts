import { describe, expect, it } from "vitest";
import type { Alternative, Change, Key, Kind, Nouns, Product, Rec } from "../../model/index.ts";
import { compiler, type Plan, records } from "../plan.ts";
import { type AdmitOptions, admit } from "./admit.ts";

const CLOUD: Product = {
  id: "cloud",
  boundedBy: "scopes",
  settings: { strict: { title: "Strict", default: false } },
  types: {
    organization: { actions: { create: [] } },
    programs: { open: true, uniqueIds: true, actions: { access: ["R"] } },
    pipelines: { parents: ["programs"], uniqueIds: true, owner: "self", actions: { start: ["X"] } },
    steps: { parents: ["pipelines"], open: true, actions: { approve: [] } },
  },
};
const DATA: Product = {
  id: "data",
  boundedBy: "sandboxes",
  settings: {},
  types: {
    sandboxes: { actions: { view: [] } },
    schemas: { parents: ["sandboxes"], open: true, actions: { view: ["R"], call: ["X"] } },
    fields: { parents: ["schemas", "fields"], open: true, actions: { view: ["R"] } },
  },
};
const put = <K extends Kind>(kind: K, value: Nouns[K]): Change => ({ put: { kind, value } as Rec });
const remove = (kind: Kind, ...key: Key): Change => ({ delete: { kind, key } });
const role = (id: string, more: Partial<Nouns["role"]> = {}): Nouns["role"] => ({
  product: "cloud",
  id,
  name: id,
  type: "user-defined",
  sets: [],
  ...more,
});
const grant = (resource: string, more: Partial<Nouns["grant"]> = {}): Nouns["grant"] => ({
  principal: "ada",
  resource,
  access: "R",
  reach: "self",
  ...more,
});
const row = (id: string, more: Partial<Nouns["operation"]> = {}): Nouns["operation"] => ({
  product: "cloud",
  id,
  method: "GET",
  path: `/api/${id}`,
  names: [id],
  target: "/",
  ...more,
});
const HELD: readonly Change[] = [
  put("product", CLOUD),
  put("product", DATA),
  put("permission-set", { product: "cloud", id: "access", name: "Access", pairs: [{ type: "programs", actions: ["access"] }] }),
  put("permission-set", { product: "data", id: "viewing", name: "Viewing", pairs: [{ type: "schemas", actions: ["view"] }] }),
  put("label", { id: "core/C1" }),
  put("principal", { id: "ada", type: "user", active: true }),
  put("principal", { id: "bot", type: "service-account", active: true }),
  put("principal", { id: "devs", type: "group", active: true }),
  put("principal", { id: "leads", type: "group", active: true }),
  put("membership", { group: "leads", member: "devs" }),
  put("membership", { group: "devs", member: "ada" }),
  put("resource", { path: "/programs/4" }),
  put("resource", { path: "/programs/4/pipelines/10", owner: "ada", labels: ["core/C1"] }),
  put("resource", { path: "/sandboxes/prod" }),
  put("resource", {
    path: "/sandboxes/prod/schemas/1",
    basePath: "/orders",
    document: [{ method: "GET", path: "/x", alternatives: [{ permission: "viewing" }] }],
  }),
  put("role", role("manager", { builtIn: true, type: "system-defined" })),
  put("role", role("mine", { labels: ["core/C1"], sets: [{ set: "access", scope: ["/programs/4"] }] })),
  put("role", role("viewer", { product: "data", sandboxes: ["prod"], sets: [{ set: "viewing" }] })),
  put("assignment", { role: "mine", principal: "devs" }),
  put("grant", grant("/programs/4/pipelines/10")),
  put("policy", { id: "p", name: "P", status: "active", sandboxes: ["prod"], rules: [] }),
  put("operation", row("get", { alternatives: [{ roles: ["manager"] }, { permission: "access" }] })),
  put("operation-rule", { product: "cloud", operation: "get", alternatives: [{ roles: ["manager"] }] }),
];

function planOf(changes: readonly Change[] = HELD): Plan {
  const compiled = compiler("acme");
  for (const change of changes) if ("put" in change) compiled.add([change.put]);
  return compiled.finish();
}
/** What is refused, as `code pointer`; empty: it is admitted. */
function faults(changes: readonly Change[], options?: AdmitOptions): readonly string[] {
  const result = admit(planOf(), changes, options);
  return result.ok ? [] : result.error.map(({ code, pointer }) => `${code} ${pointer}`);
}
function effects(changes: readonly Change[], options?: AdmitOptions): readonly Change[] {
  const result = admit(planOf(), changes, options);
  return result.ok ? result.value.changes : expect.fail(JSON.stringify(result.error));
}
const catalogue = { catalogue: true };

describe("a put is refused", () => {
  const document = (alternatives: readonly Alternative[]) =>
    put("resource", { path: "/sandboxes/prod/schemas/1", basePath: "/orders", document: [{ method: "GET", path: "/x", alternatives }] });
  it.each<[string, Change, readonly string[]]>([
    ["names a product that is not there", put("role", role("r", { product: "none" })), ["not_entitled /0/put/value/product"]],
    [
      "is of a set in another product",
      put("role", role("r", { sets: [{ set: "viewing" }] })),
      ["unknown_reference /0/put/value/sets/0/set"],
    ],
    ["is bounded otherwise than its product", put("role", role("r", { sandboxes: ["prod"] })), ["not_allowed /0/put/value/sandboxes"]],
    [
      "names a sandbox that is not there",
      put("role", role("r", { product: "data", sandboxes: ["prod", "dev"] })),
      ["unknown_reference /0/put/value/sandboxes/1"],
    ],
    ["names a label that is not there", put("role", role("r", { labels: ["core/C2"] })), ["unknown_reference /0/put/value/labels/0"]],
    [
      "is scoped to what no product declares",
      put("role", role("r", { sets: [{ set: "access", scope: ["/nowhere/1"] }] })),
      ["unknown_reference /0/put/value/sets/0/scope/0"],
    ],
    ["changes its product", put("role", role("mine", { product: "data" })), ["key_taken /0/put/value/id"]],
    [
      "holds a pair that the product does not declare",
      put("permission-set", {
        product: "cloud",
        id: "s",
        name: "S",
        pairs: [
          { type: "programs", actions: ["fly"] },
          { type: "planes", actions: [] },
        ],
      }),
      ["unknown_reference /0/put/value/pairs/0/actions/0", "unknown_reference /0/put/value/pairs/1/type"],
    ],
    ["makes a principal another", put("principal", { id: "ada", type: "group", active: true }), ["type_mismatch /0/put/value/type"]],
    ["puts somebody into members", put("membership", { group: "members", member: "ada" }), ["reserved /0/put/value/group"]],
    ["puts somebody into a user", put("membership", { group: "ada", member: "bot" }), ["type_mismatch /0/put/value/group"]],
    ["closes a cycle of groups", put("membership", { group: "devs", member: "leads" }), ["would_cycle /0/put/value/member"]],
    ["puts a group into itself", put("membership", { group: "devs", member: "devs" }), ["would_cycle /0/put/value/member"]],
    ["puts admins into admins", put("membership", { group: "admins", member: "admins" }), ["would_cycle /0/put/value/member"]],
    ["names a member that is not there", put("membership", { group: "devs", member: "nobody" }), ["unknown_reference /0/put/value/member"]],
    [
      "assigns what is not there",
      put("assignment", { role: "none", principal: "nobody" }),
      ["unknown_reference /0/put/value/role", "unknown_reference /0/put/value/principal"],
    ],
    [
      "grants on what is closed and not registered",
      put("grant", grant("/programs/4/pipelines/11")),
      ["unknown_reference /0/put/value/resource"],
    ],
    [
      "grants where a unique id lies elsewhere",
      put("grant", grant("/programs/5/pipelines/10/steps/1")),
      ["parent_not_registered /0/put/value/resource", "wrong_parent /0/put/value/resource"],
    ],
    [
      "grants below a sandbox that is not there",
      put("grant", grant("/sandboxes/dev/schemas/1/fields/a")),
      ["parent_not_registered /0/put/value/resource"],
    ],
    [
      "registers below a parent that is not there",
      put("resource", { path: "/sandboxes/dev/schemas/1" }),
      ["parent_not_registered /0/put/value/path"],
    ],
    [
      "registers a unique id a second time",
      put("resource", { path: "/programs/5/pipelines/10", owner: "ada" }),
      ["wrong_parent /0/put/value/path"],
    ],
    ["registers without an owner what has owners", put("resource", { path: "/programs/4/pipelines/11" }), ["required /0/put/value/owner"]],
    ["gives an owner to what has none", put("resource", { path: "/programs/5", owner: "ada" }), ["not_allowed /0/put/value/owner"]],
    ["makes a group an owner", put("resource", { path: "/programs/4/pipelines/11", owner: "devs" }), ["type_mismatch /0/put/value/owner"]],
    [
      "gives a base path to what is not called",
      put("resource", { path: "/programs/5", basePath: "/x" }),
      ["not_allowed /0/put/value/basePath"],
    ],
    [
      "takes a base path that is taken",
      put("resource", { path: "/sandboxes/prod/schemas/2", basePath: "/orders" }),
      ["base_path_taken /0/put/value/basePath"],
    ],
    [
      "matches a document below nothing",
      put("resource", { path: "/sandboxes/prod/schemas/2", document: [] }),
      ["required /0/put/value/basePath"],
    ],
    [
      "opens a document by a set that is not there",
      document([{ permission: "none" }]),
      ["unknown_reference /0/put/value/document/0/alternatives/0/permission"],
    ],
    [
      "opens a document by a set of another product",
      document([{ permission: "access" }]),
      ["unknown_reference /0/put/value/document/0/alternatives/0/permission"],
    ],
    [
      "opens a document by a role that is not built in",
      document([{ anyRole: true }, { roles: ["mine"], product: "cloud" }]),
      ["not_allowed /0/put/value/document/0/alternatives/1/roles/0"],
    ],
    [
      "links what is not registered and closed",
      put("link", { from: "/programs/4", linkKind: "k", to: "/programs/4/pipelines/11" }),
      ["unknown_reference /0/put/value/to"],
    ],
    [
      "covers a sandbox that is not there",
      put("policy", { id: "q", name: "Q", status: "active", sandboxes: ["dev"], rules: [] }),
      ["unknown_reference /0/put/value/sandboxes/0"],
    ],
    [
      "sets what is not declared",
      put("setting", { product: "cloud", name: "constructor", value: true }),
      ["unknown_reference /0/put/value/name"],
    ],
    [
      "has a template that differs in names only",
      put("operation", row("b", { path: "/api/get" })),
      ["ambiguous_template /0/put/value/path"],
    ],
    [
      "begins with a version's base path",
      put("operation", row("b", { product: "data", path: "/orders/1", target: "/sandboxes/prod" })),
      ["base_path_taken /0/put/value/path"],
    ],
    ["targets what is not declared", put("operation", row("b", { target: "/nowhere/1" })), ["unknown_reference /0/put/value/target"]],
    [
      "opens an operation by a role that is not there",
      put("operation", row("b", { alternatives: [{ roles: ["manager", "none"] }] })),
      ["unknown_reference /0/put/value/alternatives/0/roles/1"],
    ],
    [
      "rules an operation that is not there",
      put("operation-rule", { product: "cloud", operation: "none", alternatives: [] }),
      ["unknown_reference /0/put/value/operation"],
    ],
    [
      "declares a root type of another product",
      put("product", { ...DATA, id: "other" }),
      ["key_taken /0/put/value/types/sandboxes", "key_taken /0/put/value/types/schemas"],
    ],
    [
      "reads by default what is not there",
      put("product", { ...CLOUD, readDefault: [{ permission: "none" }] }),
      ["unknown_reference /0/put/value/readDefault/0/permission"],
    ],
    [
      "administers a product as a service account",
      put("product-administrator", { product: "cloud", principal: "bot" }),
      ["type_mismatch /0/put/value/principal"],
    ],
    [
      "gives a project the account of a user",
      put("developer-project", { id: "d", name: "D", product: "cloud", roles: ["none"], serviceAccount: "ada" }),
      ["unknown_reference /0/put/value/roles/0", "type_mismatch /0/put/value/serviceAccount"],
    ],
  ])("that %s", (_, change, expected) => {
    expect(faults([change], catalogue)).toEqual(expected);
  });

  it("that nests groups or links more than 16 deep, and the sixteenth is not", () => {
    const ids = Array.from({ length: 17 }, (_, i) => `g${i}`);
    const made = ids.map((id) => put("principal", { id, type: "group", active: true }));
    const joined = ids.slice(1, 16).map((id, i) => put("membership", { group: id, member: `g${i}` }));
    const user = put("membership", { group: "g0", member: "ada" });
    expect(faults([...made, ...joined, user])).toEqual([]);
    expect(faults([...made, ...joined, user, put("membership", { group: "g16", member: "g15" })])).toEqual([
      `too_deep /${made.length + 16}/put/value/member`,
    ]);
    const schemas = Array.from({ length: 18 }, (_, i) => `/sandboxes/prod/schemas/s${i}`);
    const links = (count: number): Change[] =>
      Array.from({ length: count }, (_, i) => put("link", { from: schemas[i] as string, linkKind: "k", to: schemas[i + 1] as string }));
    expect(faults(links(16))).toEqual([]);
    expect(faults(links(17))).toEqual(["too_deep /16/put/value/to"]);
    expect(faults([...links(3), put("link", { from: schemas[3] as string, linkKind: "other", to: schemas[0] as string })])).toEqual([
      "would_cycle /3/put/value/to",
    ]);
  });

  it("with all its faults and those of every other change, none of which is then written", () => {
    const plan = planOf();
    const before = [...records(plan)];
    const result = admit(
      plan,
      [put("label", { id: "core/new" }), put("assignment", { role: "none", principal: "none" }), remove("role", "none")],
      { pointer: "/changes" },
    );
    expect(result.ok ? [] : result.error.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      "unknown_reference /changes/1/put/value/role",
      "unknown_reference /changes/1/put/value/principal",
      "not_found /changes/2/delete",
    ]);
    expect([...records(plan)]).toEqual(before);
  });
});

describe("what is built in", () => {
  it("is made, changed and removed by a product's catalogue alone", () => {
    const changes = [
      put("role", role("manager", { builtIn: true, type: "system-defined", name: "Other" })),
      put("role", role("new", { builtIn: true })),
      remove("role", "manager"),
    ];
    for (const change of changes) {
      expect(faults([change])).toHaveLength(1);
      expect(faults([change])[0]).toMatch(/^built_in /);
      expect(faults([change], catalogue)).toEqual([]);
    }
  });

  it("is Reeve's own administration too, which no other catalogue changes", () => {
    const types = { organization: { actions: { "ask-reeve": [] } } };
    const reeve = { id: "reeve", boundedBy: "none", settings: {}, types } as const;
    const ask = { product: "reeve", id: "ask", name: "Ask", pairs: [{ type: "organization", actions: ["ask-reeve"] }] };
    const asker = { product: "reeve", id: "asker", name: "Asker", type: "system-defined", builtIn: true, sets: [{ set: "ask" }] } as const;
    const call = { product: "reeve", id: "call", method: "GET", path: "/x", names: ["x"], target: "/" };
    for (const change of [put("product", reeve), put("permission-set", ask), put("role", asker), put("operation", call)]) {
      expect(faults([change], catalogue).some((fault) => fault.startsWith("built_in "))).toBe(true);
    }
    expect(faults([put("product", reeve), put("permission-set", ask), put("role", asker)], { own: true })).toEqual([]);
  });

  it("is assigned like any other role", () => {
    expect(faults([put("assignment", { role: "manager", principal: "ada" })])).toEqual([]);
  });
});

describe("a write", () => {
  it("may put what is named behind what names it, and resources in any order", () => {
    expect(
      faults([
        put("assignment", { role: "r", principal: "new" }),
        put("grant", grant("/sandboxes/dev/schemas/1/fields/a", { principal: "new" })),
        put("resource", { path: "/sandboxes/dev/schemas/1/fields/a" }),
        put("resource", { path: "/sandboxes/dev/schemas/1" }),
        put("role", role("r", { product: "data", sandboxes: ["dev"] })),
        put("resource", { path: "/sandboxes/dev" }),
        put("principal", { id: "new", type: "user", active: true }),
      ]),
    ).toEqual([]);
    const opened: Alternative[] = [{ roles: ["late"] }];
    const late = put("role", role("late", { product: "data", builtIn: true }));
    const version = put("resource", {
      path: "/sandboxes/prod/schemas/9",
      basePath: "/late",
      document: [{ method: "GET", path: "/", alternatives: opened }],
    });
    expect(faults([version, late], catalogue)).toEqual([]);
  });

  it("takes deletes where they stand: what is put behind one is new", () => {
    expect(effects([remove("role", "mine"), put("role", role("mine"))])).toEqual([
      remove("assignment", "mine", "devs"),
      remove("role", "mine"),
      put("role", role("mine")),
    ]);
    expect(faults([remove("principal", "bot"), put("assignment", { role: "mine", principal: "bot" })])).toEqual([
      "unknown_reference /1/put/value/principal",
    ]);
  });

  it("drops what alters nothing", () => {
    expect(effects(HELD, catalogue)).toEqual([]);
    expect(effects([put("grant", grant("/programs/4/pipelines/10", { givenBy: "bot", givenAt: 5 }))])).toEqual([]);
    expect(effects([put("grant", grant("/programs/4/pipelines/10", { access: "RW" }))])).toHaveLength(1);
  });

  it("replaces the grant of reach self by one of subtree, and keeps one of children beside it", () => {
    const path = "/programs/4/pipelines/10";
    const subtree = put("grant", grant(path, { reach: "subtree" }));
    expect(effects([subtree])).toEqual([remove("grant", "ada", path, "self"), subtree]);
    expect(effects([put("grant", grant(path, { reach: "children" }))])).toHaveLength(1);
    expect(faults([remove("grant", "ada", path, "subtree")])).toEqual(["not_found /0/delete"]);
  });
});

describe("a delete is refused", () => {
  it("of somebody who owns resources, of the organization, and of what is not there", () => {
    expect(faults([remove("principal", "ada")])).toEqual(["in_use /0/delete"]);
    expect(faults([remove("organization")])).toEqual(["not_allowed /0/delete"]);
    for (const id of ["nobody", "members", "admins"]) expect(faults([remove("principal", id)])).toEqual(["not_found /0/delete"]);
  });
});
