import { describe, expect, it } from "vitest";
import { type Change, type Condition, compareUtf8, type Product, type Rec } from "../../model/index.ts";
import { apply, compiler, type Plan } from "../plan.ts";
import { type ListQuery, list, type ResourceQuery } from "./list.ts";

const DATA: Product = {
  id: "data",
  boundedBy: "sandboxes",
  settings: {},
  types: {
    organization: { actions: { manage: [] } },
    sandboxes: { actions: { view: ["R"] } },
    schemas: { parents: ["sandboxes"], open: true, actions: { view: ["R"], edit: ["W"], call: ["X"] } },
    folders: { parents: ["sandboxes", "folders"], open: true, actions: { view: ["R"] } },
    reports: { open: true, actions: { view: ["R"] } },
  },
  readDefault: [{ anyRole: true, when: { "===": [{ var: "attributes.kind" }, "a"] } }],
};
const grant = (principal: string, resource: string, access: "R" | "RX" | "RW" | "RWX" = "R"): Rec => ({
  kind: "grant",
  value: { principal, resource, access, reach: "subtree" },
});
const resource = (path: string): Rec => ({ kind: "resource", value: { path } });
const principal = (id: string, type: "user" | "group" | "service-account" = "user", active = true): Rec => ({
  kind: "principal",
  value: { id, type, active },
});
const builtIn = (id: string): Rec => ({
  kind: "role",
  value: { product: "data", id, name: id, type: "system-defined", builtIn: true, sets: [] },
});

function planOf(...given: readonly Rec[]): Plan {
  const compiled = compiler("acme");
  compiled.add([
    { kind: "product", value: DATA },
    principal("ada"),
    principal("bob"),
    resource("/sandboxes/prod"),
    resource("/sandboxes/dev"),
    ...given,
  ]);
  return compiled.finish();
}
const ids = (plan: Plan, query: ListQuery): readonly string[] => list(plan, query, 0).entries.map(({ id }) => id);
const resources = (type: string, more: Partial<ResourceQuery> = {}): ResourceQuery => ({
  list: "resources",
  principal: { type: "user", id: "ada" },
  action: { name: "view" },
  type,
  max: 100,
  ...more,
});

describe("a list of resources", () => {
  const PATHS = [
    "/reports/b",
    "/reports/a%2Fb",
    "/reports/B",
    "/reports/\u{1f600}",
    "/reports/\uffee",
    "/reports/%2A",
    "/sandboxes/prod/schemas/1",
    "/sandboxes/dev/schemas/1",
    "/sandboxes/dev/folders/f",
    "/sandboxes/dev/folders/f/folders/g",
  ];
  const plan = planOf(...PATHS.map(resource), grant("ada", "/"));

  it("of a root type has plain ids, in the order of their UTF-8 bytes", () => {
    expect(ids(plan, resources("reports"))).toEqual(["*", "B", "a/b", "b", "\uffee", "\u{1f600}"]);
  });

  it("is of what lies at and below a path, and of a product, where these are asked for", () => {
    expect(ids(plan, resources("folders", { below: "/sandboxes/dev/folders/f" }))).toEqual([
      "/sandboxes/dev/folders/f",
      "/sandboxes/dev/folders/f/folders/g",
    ]);
    expect(ids(plan, resources("schemas", { below: "/sandboxes/prod" }))).toEqual(["/sandboxes/prod/schemas/1"]);
    expect(ids(plan, resources("reports", { below: "/reports/b" }))).toEqual(["b"]);
    expect(ids(plan, resources("schemas", { below: "/sandboxes/prod/schemas/1" }))).toEqual(["/sandboxes/prod/schemas/1"]);
    expect(ids(plan, resources("schemas", { below: "/sandboxes/pro" }))).toEqual([]);
    expect(ids(plan, resources("schemas", { below: "/nowhere/x" }))).toEqual([]);
    expect(ids(plan, resources("schemas", { product: "none" }))).toEqual([]);
    expect(ids(plan, resources("schemas", { below: "/" })).length).toBe(2);
  });

  it("of a root type is not of what has that name deeper in another product, unless that is asked for", () => {
    const boxes = {
      id: "boxes",
      boundedBy: "none",
      settings: {},
      types: { boxes: { actions: {} }, reports: { parents: ["boxes"], open: true, actions: { view: ["R"] } } },
    } as const;
    const two = planOf(...PATHS.map(resource), resource("/boxes/1"), resource("/boxes/1/reports/x"), grant("ada", "/boxes/1"), {
      kind: "product",
      value: boxes,
    } as never);
    expect(ids(two, resources("reports"))).toEqual([]);
    expect(ids(two, resources("reports", { product: "boxes" }))).toEqual(["/boxes/1/reports/x"]);
  });

  it("of another type has paths, and of one directly in the sandbox that is asked for plain ids", () => {
    expect(ids(plan, resources("schemas"))).toEqual(["/sandboxes/dev/schemas/1", "/sandboxes/prod/schemas/1"]);
    expect(ids(plan, resources("schemas", { properties: { sandbox: "dev" } }))).toEqual(["1"]);
    expect(ids(plan, resources("folders"))).toEqual(["/sandboxes/dev/folders/f", "/sandboxes/dev/folders/f/folders/g"]);
    expect(ids(plan, resources("folders", { properties: { sandbox: "dev" } }))).toEqual(["f"]);
    expect(ids(plan, resources("schemas", { properties: { sandbox: "nowhere" } }))).toEqual([]);
    expect(ids(plan, resources("schemas", { properties: { sandbox: 1 } })), "no name of a sandbox").toHaveLength(2);
    expect(ids(plan, resources("reports", { properties: { sandbox: "dev" } })), "never in a sandbox").toHaveLength(6);
  });

  it("of the type organization has the organization", () => {
    const role: Rec = { kind: "role", value: { product: "data", id: "r", name: "R", type: "user-defined", sets: [{ set: "s" }] } };
    const set: Rec = {
      kind: "permission-set",
      value: { product: "data", id: "s", name: "S", organizationLevel: true, pairs: [{ type: "organization", actions: ["manage"] }] },
    };
    const managed = planOf(set, role, { kind: "assignment", value: { role: "r", principal: "ada" } });
    const query = resources("organization", { action: { name: "manage" } });
    expect(ids(managed, query)).toEqual(["/"]);
    expect(ids(plan, query)).toEqual([]);
  });

  it("has what a grant, an ownership above, or a Permit rule opens, and not what a Deny rule closes or is not registered", () => {
    const policy = (id: string, effect: "permit" | "deny", at: string): Rec => ({
      kind: "policy",
      value: { id, name: id, status: "active", sandboxes: "all", rules: [{ effect, resource: at, actions: ["view"] }] },
    });
    const mixed = planOf(
      resource("/reports/1"),
      resource("/reports/2"),
      resource("/reports/3"),
      grant("ada", "/reports/1"),
      grant("bob", "/reports/4"),
    );
    expect(ids(mixed, resources("reports"))).toEqual(["1"]);
    const ruled = apply(mixed, [{ put: policy("p", "permit", "/reports/*") }, { put: policy("q", "deny", "/reports/2") }]);
    expect(ids(ruled, resources("reports")), "a grant registers 4, which is open").toEqual(["1", "3", "4"]);
    expect(ids(apply(ruled, [{ put: policy("q", "deny", "/*") }]), resources("reports"))).toEqual([]);
  });

  it("of a type that lies below itself is in the order of whole paths, whatever stands before a slash in that order", () => {
    const folders = ["a", "a-b", "a.b", "a0", "a\u{1f600}", "a\uffee"].flatMap((id) => {
      const path = `/sandboxes/dev/folders/${id}`;
      return [path, `${path}/folders/z`, `${path}/folders/z/folders/y`];
    });
    const schemas = ["prod", "dev"].flatMap((sandbox) => ["2", "10", "é"].map((id) => `/sandboxes/${sandbox}/schemas/${id}`));
    const nested = planOf(...[...folders, ...schemas].reverse().map(resource), grant("ada", "/"));
    for (const [type, paths] of [
      ["folders", [...folders].sort(compareUtf8)],
      ["schemas", [...schemas].sort(compareUtf8)],
    ] as const) {
      expect(ids(nested, resources(type))).toEqual(paths);
      for (const after of ["", "/", "/sandboxes/dev/folders/", "/sandboxes/dev/schemas0", "/sandboxes/q", "~", ...paths]) {
        const rest = paths.filter((path) => compareUtf8(path, after) > 0);
        expect(ids(nested, resources(type, { after })), after).toEqual(rest);
        expect(ids(nested, resources(type, { after, max: 2 })), after).toEqual(rest.slice(0, 2));
      }
    }
  });

  it("tells siblings apart by what each has of its own", () => {
    const at = (id: string): string => `/sandboxes/dev/schemas/${id}`;
    const siblings = planOf(
      ...["1", "2", "3", "4", "5"].map((id) => resource(at(id))),
      { kind: "grant", value: { principal: "ada", resource: at("1"), access: "R", reach: "self" } },
      { kind: "grant", value: { principal: "ada", resource: at("2"), access: "R", reach: "children" } },
      { kind: "grant", value: { principal: "ada", resource: "/sandboxes/dev", access: "RX", reach: "self" } },
      { kind: "resource", value: { path: at("4"), labels: ["core/C1"], state: "retired" } },
    );
    expect(ids(siblings, resources("schemas"))).toEqual([at("1")]);
    const open = apply(siblings, [
      { put: { kind: "grant", value: { principal: "ada", resource: "/sandboxes/dev", access: "R", reach: "children" } } },
    ]);
    expect(ids(open, resources("schemas"))).toEqual(["1", "2", "3", "4", "5"].map(at));
    const deny = (id: string, resource: string, condition: Condition = true): Change => ({
      put: {
        kind: "policy",
        value: { id, name: id, status: "active", sandboxes: "all", rules: [{ effect: "deny", resource, condition, actions: ["view"] }] },
      },
    });
    const retired: Condition = { "===": [{ var: "resource.state" }, "retired"] };
    const closed = apply(open, [deny("p", at("2")), deny("q", "/sandboxes/*/schemas/*", retired), deny("r", "/sandboxes/prod/*")]);
    expect(ids(closed, resources("schemas"))).toEqual(["1", "3", "5"].map(at));
  });

  it("is closed and opened by no policy in Reeve's own administration", () => {
    const own: Product = { ...DATA, id: "reeve", boundedBy: "none", types: { accounts: { open: true, actions: { view: ["R"] } } } };
    const policy = (id: string, effect: "permit" | "deny"): Rec => ({
      kind: "policy",
      value: { id, name: id, status: "active", sandboxes: "all", rules: [{ effect, resource: "/*", actions: ["view"] }] },
    });
    const accounts = planOf({ kind: "product", value: own }, resource("/accounts/1"), resource("/accounts/2"), grant("ada", "/accounts/1"));
    for (const effect of ["permit", "deny"] as const)
      expect(ids(apply(accounts, [{ put: policy("p", effect) }]), resources("accounts"))).toEqual(["1"]);
  });

  it("is empty for whom or what nobody knows", () => {
    for (const type of ["nowhere", "constructor", ""]) expect(ids(plan, resources(type))).toEqual([]);
    expect(ids(plan, resources("reports", { action: { name: "constructor" } }))).toEqual([]);
    expect(ids(plan, resources("reports", { principal: { type: "user", id: "nobody" } }))).toEqual([]);
    expect(ids(plan, resources("reports", { principal: { type: "group", id: "ada" } }))).toEqual([]);
  });
});

describe("a page", () => {
  const plan = planOf(...["a", "b", "c", "d"].map((id) => resource(`/reports/${id}`)), grant("ada", "/"));
  const page = (max: number, after?: string) => {
    const { entries, next } = list(plan, resources("reports", { max, ...(after === undefined ? {} : { after }) }), 0);
    return [entries.map(({ id }) => id).join(""), next];
  };

  it("names its last entry where more is to come, and nothing where it ends", () => {
    expect([page(1), page(3), page(4), page(5)]).toEqual([
      ["a", "a"],
      ["abc", "c"],
      ["abcd", undefined],
      ["abcd", undefined],
    ]);
  });

  it("goes on behind an entry, even one that has gone", () => {
    expect([page(2, "a"), page(2, "b"), page(2, "bb"), page(2, "d"), page(2, "")]).toEqual([
      ["bc", "c"],
      ["cd", undefined],
      ["cd", undefined],
      ["", undefined],
      ["ab", "b"],
    ]);
  });
});

describe("a list of principals", () => {
  const plan = planOf(
    principal("g", "group"),
    principal("empty", "group"),
    principal("sleeping", "group", false),
    principal("bot", "service-account"),
    principal("off", "user", false),
    ...["ada", "off"].map((member): Rec => ({ kind: "membership", value: { group: "g", member } })),
    { kind: "membership", value: { group: "sleeping", member: "bot" } },
    resource("/reports/1"),
    grant("g", "/reports/1"),
    grant("sleeping", "/reports/1"),
    grant("empty", "/reports/1"),
  );
  const ask = { action: { name: "view" }, resource: { path: "/reports/1" } };
  const of = (given: Plan, type: string): readonly string[] => ids(given, { list: "principals", type, ask, max: 100 });

  it("has the active ones of a kind who are allowed, groups as members of themselves", () => {
    expect([of(plan, "user"), of(plan, "group"), of(plan, "service-account"), of(plan, "robot")]).toEqual([
      ["ada"],
      ["empty", "g"],
      [],
      [],
    ]);
  });

  it("has everybody, the system groups too, where members are allowed, directly or in a group", () => {
    for (const given of [[grant("members", "/reports/1")], [{ kind: "membership", value: { group: "g", member: "members" } } as Rec]]) {
      const open = apply(
        plan,
        given.map((put) => ({ put })),
      );
      expect([of(open, "user"), of(open, "group"), of(open, "service-account")]).toEqual([
        ["ada", "bob"],
        ["admins", "empty", "g", "members"],
        ["bot"],
      ]);
    }
  });

  it("carries, for those who hang on attributes, the conditions of the alternatives that they hold and no others", () => {
    const status = (value: string) => ({ "===": [{ var: "attributes.status" }, value] });
    const assigned = (role: string, to: string): Rec => ({ kind: "assignment", value: { role, principal: to } });
    const rows: readonly Rec[] = [
      builtIn("one"),
      builtIn("two"),
      assigned("one", "ada"),
      assigned("two", "bob"),
      assigned("one", "bob"),
      assigned("two", "bot"),
      {
        kind: "operation",
        value: {
          product: "data",
          id: "post",
          method: "POST",
          path: "/reports/{id}",
          names: [],
          target: "/reports/{id}",
          alternatives: [
            { roles: ["one"], when: status("a") },
            { roles: ["two"], when: status("b") },
          ],
        },
      },
      {
        kind: "operation",
        value: { product: "data", id: "get", method: "GET", path: "/reports/{id}", names: [], target: "/reports/{id}" },
      },
    ];
    const ruled = apply(
      plan,
      rows.map((put) => ({ put })),
    );
    const asked = (method: string, attributes?: { status: string }) => {
      const operation = { product: "data", method, target: "/reports/1", ...(attributes === undefined ? {} : { attributes }) };
      return list(ruled, { list: "principals", type: "user", ask: { operation }, max: 10 }, 0).entries;
    };
    expect(asked("POST")).toEqual([
      { id: "ada", when: [status("a")] },
      { id: "bob", when: [status("a"), status("b")] },
    ]);
    expect(asked("POST", { status: "b" })).toEqual([{ id: "bob" }]);
    const readDefault = [DATA.readDefault?.[0]?.when];
    expect(asked("GET"), "by the product's read default").toEqual([
      { id: "ada", when: readDefault },
      { id: "bob", when: readDefault },
    ]);
    const version: Rec = {
      kind: "resource",
      value: {
        path: "/sandboxes/prod/schemas/1",
        basePath: "/orders",
        document: [{ method: "GET", path: "/x", alternatives: [{ anyRole: true, when: status("c") }] }],
      },
    };
    const called = apply(ruled, [{ put: version }, { put: grant("ada", "/sandboxes/prod", "RX") }]);
    const operation = { product: "data", method: "GET", target: "/orders/x" };
    expect(list(called, { list: "principals", type: "user", ask: { operation }, max: 10 }, 0).entries).toEqual([
      { id: "ada", when: [status("c")] },
    ]);
  });
});

describe("a list of actions", () => {
  it("has those of the resource's type that are allowed, for any form of the resource", () => {
    const plan = planOf(grant("ada", "/sandboxes/prod", "RW"));
    const forms = [
      { path: "/sandboxes/prod/schemas/1" },
      { type: "schemas", id: "/sandboxes/prod/schemas/1" },
      { type: "schemas", id: "1", properties: { sandbox: "prod" } },
      { path: "/sandboxes/prod/schemas" },
      { path: "/sandboxes/prod", child: "schemas" },
    ];
    const actions = (ref: (typeof forms)[number]) =>
      ids(plan, { list: "actions", principal: { type: "user", id: "ada" }, resource: ref as { path: string }, max: 10 });
    for (const ref of forms) expect(actions(ref)).toEqual(["edit", "view"]);
    expect(actions({ path: "/sandboxes/nowhere/schemas/1" })).toEqual([]);
    expect(actions({ path: "/nowhere" })).toEqual([]);
  });
});

describe("a list of roles", () => {
  const set = (id: string, type: string, action: string): Rec => ({
    kind: "permission-set",
    value: { product: "data", id, name: id, pairs: [{ type, actions: [action] }] },
  });
  const role = (id: string, sets: readonly string[], more: object = {}): Rec => ({
    kind: "role",
    value: { product: "data", id, name: id, type: "user-defined", sets: sets.map((one) => ({ set: one })), ...more },
  });
  const plan = planOf(
    set("viewing", "schemas", "view"),
    set("editing", "schemas", "edit"),
    set("reading", "reports", "view"),
    role("viewer", ["viewing"], { labels: ["core/C1"], sandboxes: ["prod"] }),
    role("editor", ["editing", "reading"], { sandboxes: ["prod", "dev"] }),
    role("empty", []),
  );
  it.each([
    [{}, ["editor", "empty", "viewer"]],
    [{ type: "schemas" }, ["editor", "viewer"]],
    [{ action: "view" }, ["editor", "viewer"]],
    [{ type: "schemas", action: "view" }, ["viewer"]],
    [{ type: "reports", action: "edit" }, []],
    [{ label: "core/C1" }, ["viewer"]],
    [{ sandbox: "dev" }, ["editor"]],
    [{ sandbox: "prod", type: "reports" }, ["editor"]],
    [{ product: "data" }, ["editor", "empty", "viewer"]],
    [{ product: "other" }, []],
  ])("by %j has those to which every member fits", (query, expected) => {
    expect(ids(plan, { list: "roles", ...query, max: 10 })).toEqual(expected);
  });
});
