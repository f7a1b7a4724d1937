/** The reference evaluator against the model's clauses that are easily got wrong, each by hand. */
import type { Condition, Nouns, OperationRequest, PolicyRule, Rec, ResourceRef } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { reference } from "./evaluate.ts";

const rec = <K extends Rec["kind"]>(kind: K, value: Nouns[K]): Rec => ({ kind, value }) as Rec;
const NOW = 1000;
const CRUD = { view: ["R"], edit: ["RW"], delete: [] } as const;

const lake = rec("product", {
  id: "lake",
  boundedBy: "sandboxes",
  settings: { labelsFromOneRole: { title: "One role", default: false } },
  types: {
    sandboxes: { actions: CRUD },
    schemas: { parents: ["sandboxes"], open: true, actions: CRUD },
    datasets: { parents: ["sandboxes"], open: true, actions: CRUD },
    fields: { parents: ["schemas", "datasets"], open: true, actions: CRUD },
    folders: { parents: ["sandboxes"], owner: "subtree", actions: CRUD },
  },
  labelInheritance: {
    parents: [["fields", "datasets"]],
    links: [
      { kind: "schema", from: "datasets", to: "schemas" },
      { kind: "schema", from: "fields", to: "fields" },
    ],
  },
});
const cloud = rec("product", {
  id: "cloud",
  boundedBy: "scopes",
  settings: {},
  types: {
    organization: { actions: { "create-program": [] } },
    programs: { open: true, uniqueIds: true, actions: { access: [], edit: [] } },
    environments: { parents: ["programs"], open: true, uniqueIds: true, actions: { edit: ["W"] } },
  },
  prerequisite: { action: "access", of: "programs" },
  readDefault: [{ anyRole: true }],
});
const reader = (id: string, sandboxes: readonly string[], labels: readonly string[] = []): Rec =>
  rec("role", { product: "lake", id, name: id, type: "user-defined", sandboxes, labels, sets: [{ set: "read" }] });
const base: readonly Rec[] = [
  rec("organization", { name: "ACME", tenantIds: ["acme"] }),
  lake,
  cloud,
  rec("permission-set", {
    product: "lake",
    id: "read",
    name: "Read",
    pairs: [
      { type: "schemas", actions: ["view"] },
      { type: "datasets", actions: ["view"] },
    ],
  }),
  rec("permission-set", { product: "cloud", id: "access", name: "Access", pairs: [{ type: "programs", actions: ["access"] }] }),
  rec("permission-set", {
    product: "cloud",
    id: "edit",
    name: "Edit",
    pairs: [
      { type: "environments", actions: ["edit"] },
      { type: "programs", actions: ["edit"] },
    ],
  }),
  ...["ann", "bob"].map((id) => rec("principal", { id, type: "user", active: true })),
  ...["inner", "outer"].map((id) => rec("principal", { id, type: "group", active: true })),
  rec("membership", { group: "inner", member: "ann" }),
  rec("membership", { group: "outer", member: "inner" }),
  rec("resource", { path: "/sandboxes/prod" }),
  rec("resource", { path: "/sandboxes/dev" }),
  reader("reader", ["prod"]),
  rec("assignment", { role: "reader", principal: "outer" }),
];
const grant = (principal: string, resource: string, rest: Partial<Nouns["grant"]> = {}): Rec =>
  rec("grant", { principal, resource, access: "RW", reach: "subtree", ...rest });
const policy = (rule: Partial<PolicyRule>, rest: Partial<Nouns["policy"]> = {}): Rec =>
  rec("policy", {
    id: "p",
    name: "p",
    status: "active",
    sandboxes: "all",
    rules: [{ effect: "deny", resource: "/sandboxes/*", actions: ["view"], ...rule }],
    ...rest,
  });

/** Code, and with an allow what opened it. */
function check(
  records: readonly Rec[],
  resource: ResourceRef | string,
  rest: { who?: string; action?: string; now?: number; type?: string } = {},
): string {
  const { who = "ann", action = "view", now = NOW, type = "user" } = rest;
  const ref: ResourceRef = typeof resource === "string" ? { path: resource } : resource;
  const verdict = reference([...base, ...records]).evaluate({ principal: { type, id: who }, action: { name: action }, resource: ref }, now);
  return verdict.code;
}
function call(records: readonly Rec[], request: Partial<OperationRequest>): string {
  const whole = { principal: { type: "user", id: "ann" }, product: "cloud", method: "GET", target: "/", ...request };
  return reference([...base, ...records]).evaluateOperation(whole, NOW).code;
}
const schema = "/sandboxes/prod/schemas/1";

describe("who", () => {
  it("counts roles through nested groups, and not through an inactive one", () => {
    expect(check([], schema)).toBe("allowed_by_role");
    expect(check([], schema, { who: "bob" })).toBe("no_access");
    const inactive = base.map((record) =>
      record.kind === "principal" && record.value.id === "outer" ? rec("principal", { ...record.value, active: false }) : record,
    );
    const request = { principal: { type: "user", id: "ann" }, action: { name: "view" }, resource: { path: schema } };
    expect(reference(inactive).evaluate(request, NOW).code).toBe("no_access");
  });
  it("lets a group answer for a member of it, and knows the system groups without a record", () => {
    expect(check([], schema, { who: "inner", type: "group" })).toBe("allowed_by_role");
    expect(check([], schema, { who: "inner" })).toBe("unknown_principal");
    expect(check([grant("members", schema)], schema, { who: "admins", type: "group" })).toBe("allowed_by_access");
    expect(check([rec("membership", { group: "inner", member: "members" })], schema, { who: "bob" })).toBe("allowed_by_role");
  });
  it("takes windows with their start and without their end, and names what alone would have sufficed", () => {
    const late = [grant("bob", schema, { notBefore: NOW, notAfter: NOW + 1 })];
    expect([NOW - 1, NOW, NOW + 1].map((now) => check(late, schema, { who: "bob", now }))).toEqual([
      "no_access",
      "allowed_by_access",
      "no_access",
    ]);
    const request = { principal: { type: "user", id: "bob" }, action: { name: "view" }, resource: { path: schema } };
    const missing = (now: number) => reference([...base, ...late]).evaluate(request, now).facts?.missing;
    expect(missing(NOW - 1)).toEqual([{ kind: "not_yet", principal: "bob", resource: schema, reach: "subtree" }]);
    expect(missing(NOW + 1)).toEqual([{ kind: "expired", principal: "bob", resource: schema, reach: "subtree" }]);
    const membership = rec("membership", { group: "outer", member: "bob", notAfter: NOW });
    expect(reference([...base, membership]).evaluate(request, NOW).facts?.missing).toEqual([
      { kind: "expired", group: "outer", member: "bob" },
    ]);
  });
});

describe("where", () => {
  it("names one resource by path and by type and id", () => {
    expect(check([], { type: "schemas", id: "1", properties: { sandbox: "prod" } })).toBe("allowed_by_role");
    expect(check([], { type: "schemas", id: schema })).toBe("allowed_by_role");
    expect(check([], { type: "schemas", id: "1" })).toBe("unknown_type");
    expect(check([], { type: "datasets", id: schema })).toBe("unknown_type");
    expect(check([], { type: "sandboxes", id: "*" })).toBe("unknown_resource");
  });
  it("knows closed types when registered, open ones always, and nothing below a sandbox that is not there", () => {
    expect(check([], "/sandboxes/prod/folders/1")).toBe("unknown_resource");
    expect(check([], "/sandboxes/nowhere/schemas/1")).toBe("unknown_resource");
    expect(check([], "/sandboxes/prod/fields/1")).toBe("unknown_type");
    expect(check([], "/organization/x")).toBe("unknown_type");
    expect(check([], "/constructor/x")).toBe("unknown_type");
    expect(check([], schema, { action: "toString" })).toBe("unknown_action");
    expect(check([], "/", { action: "view" })).toBe("unknown_action");
  });
  it("refuses an id that is registered under another parent, by a grant whose time has passed too", () => {
    const elsewhere = grant("bob", "/programs/1/environments/7", { notAfter: 1 });
    expect(check([elsewhere], "/programs/2/environments/7", { action: "edit" })).toBe("wrong_parent");
    expect(check([elsewhere], { path: "/programs/2/environments/7", child: "nowhere" }, { action: "edit" })).toBe("unknown_type");
    expect(check([grant("bob", "/programs/1/environments/7")], "/programs/1/environments/7", { who: "bob", action: "edit" })).toBe(
      "allowed_by_access",
    );
  });
});

describe("access", () => {
  it("reaches a resource alone, all below it, or only what is below it; a collection by what reaches its children", () => {
    const at = (reach: Nouns["grant"]["reach"], path: ResourceRef | string) =>
      check([grant("bob", schema, { reach })], path, { who: "bob" });
    const [field, fields, child] = [`${schema}/fields/1`, `${schema}/fields`, { path: schema, child: "fields" }];
    expect([schema, field, fields, child].map((path) => at("self", path))).toEqual([
      "allowed_by_access",
      "no_access",
      "no_access",
      "no_access",
    ]);
    expect([schema, field, fields, child].map((path) => at("children", path))).toEqual([
      "no_access",
      ...Array(3).fill("allowed_by_access"),
    ]);
    expect([schema, field, fields, child].map((path) => at("subtree", path))).toEqual(Array(4).fill("allowed_by_access"));
  });
  it("unites the bits of all grants and of ownership", () => {
    const both = [grant("bob", schema, { access: "R", reach: "self" }), grant("outer", "/sandboxes/prod", { access: "RW" })];
    expect(check(both, schema, { action: "edit", who: "bob" })).toBe("no_access");
    expect(check([...both, rec("membership", { group: "inner", member: "bob" })], schema, { action: "edit", who: "bob" })).toBe(
      "allowed_by_access",
    );
    const owned = rec("resource", { path: "/sandboxes/prod/folders/1", owner: "bob" });
    expect(check([owned], "/sandboxes/prod/folders/1", { action: "edit", who: "bob" })).toBe("allowed_by_access");
  });
});

describe("roles", () => {
  it("count in their sandboxes, an empty list nowhere, organization-level sets everywhere", () => {
    expect(check([], "/sandboxes/dev/schemas/1")).toBe("no_access");
    const everywhere = [
      rec("permission-set", {
        product: "lake",
        id: "all",
        name: "All",
        organizationLevel: true,
        pairs: [{ type: "schemas", actions: ["view"] }],
      }),
      rec("role", { product: "lake", id: "nowhere", name: "n", type: "user-defined", sandboxes: [], sets: [{ set: "all" }] }),
      rec("assignment", { role: "nowhere", principal: "ann" }),
    ];
    expect(check(everywhere, "/sandboxes/dev/schemas/1")).toBe("allowed_by_role");
  });
  it("need the prerequisite, which another role may hold, on the nearest resource at or above", () => {
    const role = (id: string, sets: Nouns["role"]["sets"]) => [
      rec("role", { product: "cloud", id, name: id, type: "user-defined", sets }),
      rec("assignment", { role: id, principal: "ann" }),
    ];
    const edit = role("editor", [{ set: "edit", scope: ["/programs/1/environments/7"] }]);
    const environment = "/programs/1/environments/7";
    expect(check(edit, environment, { action: "edit" })).toBe("no_access");
    expect(check([...edit, ...role("entrant", [{ set: "access", scope: ["/programs/1"] }])], environment, { action: "edit" })).toBe(
      "allowed_by_role",
    );
    expect(check([...edit, ...role("entrant", [{ set: "access", scope: [] }])], environment, { action: "edit" })).toBe("no_access");
    const fresh = { path: "/", child: "programs" };
    expect(check(role("one", [{ set: "edit", scope: ["/programs/1"] }, { set: "access" }]), fresh, { action: "edit" })).toBe("no_access");
    expect(check(role("all", [{ set: "edit", scope: ["/"] }, { set: "access" }]), fresh, { action: "edit" })).toBe("allowed_by_role");
  });
});

describe("policies", () => {
  it("deny when a condition fails, unless the other is false; and permit only when both are true", () => {
    const fails: Condition = { "<": ["a", 1] };
    expect(check([policy({ condition: fails })], schema)).toBe("denied_by_policy");
    expect(check([policy({ condition: fails }, { subjectCondition: false })], schema)).toBe("allowed_by_role");
    expect(check([policy({ condition: false }, { subjectCondition: fails })], schema)).toBe("allowed_by_role");
    const permit = { effect: "permit", resource: "/sandboxes/prod/*", actions: ["edit"] } as const;
    expect(check([policy({ ...permit, condition: fails })], schema, { action: "edit" })).toBe("no_access");
    expect(check([policy(permit)], schema, { action: "edit" })).toBe("allowed_by_policy");
    expect(check([policy(permit)], schema, { action: "edit", who: "bob" })).toBe("no_access"); // no role of his applies there
  });
  it("see null labels of what is not registered, so that a label operator fails there and denies", () => {
    const strict = policy({
      condition: { "!": [{ "adobe.match_all_labels_by_prefix": [{ var: "subject.roles.labels" }, "core/", { var: "resource.labels" }] }] },
    });
    expect(check([strict], schema)).toBe("denied_by_policy");
    expect(check([strict], { path: schema, properties: { labels: [] } })).toBe("allowed_by_role");
    expect(check([strict, rec("resource", { path: schema })], schema)).toBe("allowed_by_role");
    expect(check([strict, rec("resource", { path: schema })], { path: schema, properties: { labels: "core/C1" } })).toBe(
      "denied_by_policy",
    );
    expect(check([strict, rec("resource", { path: schema, labels: ["core/C1"] })], schema)).toBe("denied_by_policy");
  });
  it("see labels through links at the same relative path, and then the parent's", () => {
    const link = rec("link", { from: "/sandboxes/prod/datasets/d", linkKind: "schema", to: schema });
    const isLabelled = policy({ effect: "permit", actions: ["delete"], condition: { in: ["core/C1", { var: "resource.labels" }] } });
    const on = (path: string) =>
      check([link, isLabelled, rec("resource", { path, labels: ["core/C1"] })], "/sandboxes/prod/datasets/d/fields/f", {
        action: "delete",
      });
    expect(on(`${schema}/fields/f`)).toBe("allowed_by_policy");
    expect(on(`${schema}/fields/g`)).toBe("no_access");
    expect(on(schema)).toBe("allowed_by_policy"); // by way of the dataset
  });
  it("with labelsFromOneRole want one role that holds all labels", () => {
    const roles = [
      reader("one", ["prod"], ["core/C1"]),
      reader("two", ["prod"], ["core/C2"]),
      ...["one", "two"].map((role) => rec("assignment", { role, principal: "ann" })),
    ];
    const labelled = rec("resource", { path: schema, labels: ["core/C1", "core/C2"] });
    const strict = policy({
      condition: { "!": [{ "adobe.match_all_labels_by_prefix": [{ var: "subject.roles.labels" }, "core/", { var: "resource.labels" }] }] },
    });
    expect(check([...roles, labelled, strict], schema)).toBe("allowed_by_role");
    expect(check([...roles, labelled, strict, rec("setting", { product: "lake", name: "labelsFromOneRole", value: true })], schema)).toBe(
      "denied_by_policy",
    );
  });
});

describe("operations", () => {
  const rows = [
    rec("operation", { product: "cloud", id: "get", method: "GET", path: "/p/{id}", names: [], target: "/programs/{id}" }),
    rec("operation", { product: "cloud", id: "del", method: "DELETE", path: "/p/{program}", names: [], target: "/programs/{program}" }),
    rec("operation", {
      product: "cloud",
      id: "copy",
      method: "POST",
      path: "/p/{id}/copy",
      names: [],
      target: "/programs/{id}",
      alternatives: [{ permission: "edit" }],
      also: [{ name: "to", type: "environments" }],
    }),
    rec("operation", {
      product: "cloud",
      id: "step",
      method: "PUT",
      path: "/p/{id}/step",
      names: [],
      target: "/programs/{id}",
      alternatives: [{ anyRole: true, when: { "===": [{ var: ["attributes.step", "go"] }, "go"] } }],
    }),
    rec("operation", {
      product: "cloud",
      id: "tenant",
      method: "GET",
      path: "/tenant/{t}",
      names: [],
      target: "/",
      organizationParameter: "t",
    }),
  ];
  const role = (sets: Nouns["role"]["sets"]) => [
    rec("role", { product: "cloud", id: "r", name: "r", type: "user-defined", sets }),
    rec("assignment", { role: "r", principal: "ann" }),
  ];
  const entrant = [...rows, ...role([{ set: "access", scope: ["/programs/1"] }])];
  it("take the read default for GET and HEAD and nothing else", () => {
    expect(["GET", "HEAD", "DELETE", "get", "OPTIONS"].map((method) => call(entrant, { method, target: "/p/1" }))).toEqual([
      "allowed_by_rule",
      "allowed_by_rule",
      "unmapped_operation",
      "unknown_operation",
      "unknown_operation",
    ]);
    expect(call(entrant, { target: "/p/2" })).toBe("no_access"); // the prerequisite
    expect(call(entrant, { target: "/p/1/" })).toBe("unknown_operation");
    expect(call(entrant, { target: `/p/${"x".repeat(129)}` })).toBe("unknown_type");
    expect([call(entrant, { target: "/tenant/acme" }), call(entrant, { target: "/tenant/other" })]).toEqual([
      "allowed_by_rule",
      "wrong_organization",
    ]);
  });
  it("want every further target covered, one that is not spoken of by the organization", () => {
    const copy = (sets: Nouns["role"]["sets"], targets?: Record<string, string | null>) =>
      call([...rows, ...role(sets)], { method: "POST", target: "/p/1/copy", ...(targets && { targets }) });
    const narrow = [
      { set: "edit", scope: ["/programs/1"] },
      { set: "access", scope: ["/programs/1"] },
    ];
    expect(copy(narrow, { to: "/programs/1/environments/7" })).toBe("allowed_by_rule");
    expect(copy(narrow, { to: "/programs/2/environments/8" })).toBe("no_access");
    expect(copy(narrow, { to: "/programs/1" })).toBe("unknown_type");
    expect([copy(narrow, { to: null }), copy(narrow), copy([{ set: "edit" }, { set: "access" }])]).toEqual([
      "allowed_by_rule",
      "no_access",
      "allowed_by_rule",
    ]);
  });
  it("do not hold by an attribute that was not given, whatever its default", () => {
    expect(call(entrant, { method: "PUT", target: "/p/1/step" })).toBe("attribute_unavailable");
    expect(call(entrant, { method: "PUT", target: "/p/1/step", attributes: { step: "go" } })).toBe("allowed_by_rule");
    expect(call(entrant, { method: "PUT", target: "/p/1/step", attributes: { step: null } })).toBe("no_access");
    expect(call(entrant, { method: "PUT", target: "/p/2/step" })).toBe("no_access");
  });
  it("are denied by their name and by the actions of the sets that their rule names", () => {
    const all = [...rows, ...role([{ set: "edit" }, { set: "access" }])];
    const copy = (actions: readonly string[], resource = "/programs/*") =>
      call([...all, policy({ resource, actions })], { method: "POST", target: "/p/1/copy", targets: { to: "/programs/2/environments/8" } });
    expect([copy(["POST /p/{id}/copy"]), copy(["edit"], "/programs/2/environments/*"), copy(["access"])]).toEqual([
      "denied_by_policy",
      "denied_by_policy",
      "allowed_by_rule",
    ]);
  });
});
