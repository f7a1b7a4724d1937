import { describe, expect, it } from "vitest";
import type { Change, Key, Kind, Nouns, Product, Rec } from "../../model/index.ts";
import { compiler, type Plan, records } from "../plan.ts";
import { admit } from "./admit.ts";

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
const catalogue = { catalogue: true };
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
function effects(changes: readonly Change[]): readonly Change[] {
  const result = admit(planOf(), changes, catalogue);
  return result.ok ? result.value.changes : expect.fail(JSON.stringify(result.error));
}

describe("a delete", () => {
  it.each<[string, Change, readonly Change[]]>([
    [
      "a principal takes its memberships, assignments and grants",
      remove("principal", "devs"),
      [
        remove("membership", "leads", "devs"),
        remove("membership", "devs", "ada"),
        remove("assignment", "mine", "devs"),
        remove("principal", "devs"),
      ],
    ],
    ["a role takes its assignments", remove("role", "mine"), [remove("assignment", "mine", "devs"), remove("role", "mine")]],
    [
      "a built-in role takes itself out of rules, which open to nobody when nothing is left",
      remove("role", "manager"),
      [
        put("operation", row("get", { alternatives: [{ permission: "access" }] })),
        put("operation-rule", { product: "cloud", operation: "get", alternatives: [] }),
        remove("role", "manager"),
      ],
    ],
    [
      "a permission set takes itself out of roles and documents, which open to nobody when nothing is left",
      remove("permission-set", "viewing"),
      [
        put("role", role("viewer", { product: "data", sandboxes: ["prod"], sets: [] })),
        put("resource", {
          path: "/sandboxes/prod/schemas/1",
          basePath: "/orders",
          document: [{ method: "GET", path: "/x", alternatives: [] }],
        }),
        remove("permission-set", "viewing"),
      ],
    ],
    [
      "a label takes itself off roles and resources",
      remove("label", "core/C1"),
      [
        put("role", role("mine", { labels: [], sets: [{ set: "access", scope: ["/programs/4"] }] })),
        put("resource", { path: "/programs/4/pipelines/10", owner: "ada", labels: [] }),
        remove("label", "core/C1"),
      ],
    ],
    [
      "a resource takes what is below it, and leaves scopes that are empty, which is nowhere",
      remove("resource", "/programs/4"),
      [
        put("role", role("mine", { labels: ["core/C1"], sets: [{ set: "access", scope: [] }] })),
        remove("grant", "ada", "/programs/4/pipelines/10", "self"),
        remove("resource", "/programs/4/pipelines/10"),
        remove("resource", "/programs/4"),
      ],
    ],
    [
      "a sandbox takes itself out of roles and policies",
      remove("resource", "/sandboxes/prod"),
      [
        put("role", role("viewer", { product: "data", sandboxes: [], sets: [{ set: "viewing" }] })),
        put("policy", { id: "p", name: "P", status: "active", sandboxes: [], rules: [] }),
        remove("resource", "/sandboxes/prod/schemas/1"),
        remove("resource", "/sandboxes/prod"),
      ],
    ],
    [
      "an operation takes its own rule",
      remove("operation", "cloud", "get"),
      [remove("operation-rule", "cloud", "get"), remove("operation", "cloud", "get")],
    ],
  ])("of %s", (_, change, expected) => {
    expect(effects([change])).toEqual(expected);
  });

  it("of a product takes its parts and resources, and each record that names several of them is written once", () => {
    const plan = planOf([
      ...HELD,
      put("resource", { path: "/sandboxes/dev" }),
      put("policy", { id: "p", name: "P", status: "active", sandboxes: ["prod", "dev"], rules: [] }),
      put("developer-project", { id: "d", name: "D", product: "cloud", roles: ["viewer", "mine"], serviceAccount: "bot" }),
    ]);
    const result = admit(plan, [remove("product", "data")], catalogue);
    const left = result.ok ? [...records(result.value.plan)] : [];
    expect(left.filter(({ kind }) => kind === "policy")).toEqual([
      { kind: "policy", value: { id: "p", name: "P", status: "active", sandboxes: [], rules: [] } },
    ]);
    expect(left.filter(({ kind }) => kind === "developer-project").map(({ value }) => value)).toMatchObject([{ roles: ["mine"] }]);
    const text = JSON.stringify(left);
    for (const name of ['"data"', "viewing", "viewer", "/sandboxes/"]) expect(text).not.toContain(name);
  });
});
