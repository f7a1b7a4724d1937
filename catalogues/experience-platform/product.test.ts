/**
 * The Experience Platform catalogue against the facts that it was made from. The expected numbers and lists stand here and not in a file
 * that could change together with the catalogue.
 */
import { readFileSync } from "node:fs";
import { admit, type Change, compiler, decide, held, type Plan, parseProductDocument, parseRecord, type Rec } from "@reeve/core";
import { describe, expect, it } from "vitest";

type Pair = { type: string; actions: string[] };
type Product = {
  types: Record<string, { parents?: string[]; open?: true; actions: Record<string, unknown[]> }>;
  permissionSets: { id: string; name: string; category: string; organizationLevel?: true; pairs: Pair[] }[];
  roles: { id: string; name: string; sandboxes: string[]; sets: { set: string }[] }[];
  policies: {
    id: string;
    name: string;
    status: string;
    sandboxes: unknown;
    rules: { effect: string; resource: string; actions: string[] }[];
  }[];
};
type Wire = {
  products: { id: string; name: string; serviceCode: string; categories: string[] }[];
  aclReference: { permissions: Record<string, Record<string, string[]>>; "resource-types": Record<string, string[]> };
  permissionSets: Record<string, { resource: string; actions: string[] }[]>;
  aliases: { types: Record<string, string>; permissions: Record<string, string>; actions: Record<string, string> };
  provenance: { permissionSets: Record<string, { id: string; mapping: string }>; types: Record<string, { name: string }> };
};
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
const product = read("product.json") as Product;
const wire = read("wire.json") as Wire;
const organization = (read("organization.json") as { records: { kind: string; value: Record<string, unknown> }[] }).records;
const sets = new Map(product.permissionSets.map((set) => [set.id, set]));
const idsOf = (category: string) => product.permissionSets.filter((set) => set.category === category).map(({ id }) => id);
const RWD = ["read", "write", "delete"];

const records = (): readonly Rec[] => {
  const parsed = parseProductDocument(product);
  const begun = organization.map(({ kind, value }) => parseRecord(kind, value));
  if (!parsed.ok || !begun.every((one) => one.ok)) throw new Error(JSON.stringify([parsed, begun]));
  return [...parsed.value, ...begun.map(({ value }) => value as Rec)];
};
const put = (kind: string, value: object): Change => ({ put: { kind, value } as Rec });
function planOf(...more: readonly Change[]): Plan {
  const people = ["ada", "eve"].map((id) => put("principal", { id, type: "user", active: true }));
  const result = admit(compiler("o").finish(), [...records().map((one): Change => ({ put: one })), ...people, ...more], {
    catalogue: true,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.plan;
}
type Asked = {
  readonly plan: Plan;
  readonly by?: string;
  readonly action?: string;
  readonly path: string;
  readonly labels?: readonly string[];
};
const ask = ({ plan, by = "ada", action = "read", path, labels }: Asked) =>
  decide(
    plan,
    {
      principal: { type: "user", id: by },
      action: { name: action },
      resource: { path, ...(labels === undefined ? {} : { properties: { labels } }) },
    },
    0,
  );

describe("the Experience Platform catalogue", () => {
  it("has 79 types: sandboxes closed, fields in five places, everything else open and directly under sandboxes", () => {
    expect(Object.keys(product.types)).toHaveLength(79);
    for (const [name, { parents, open }] of Object.entries(product.types)) {
      if (name === "sandboxes") expect([parents, open]).toEqual([undefined, undefined]);
      else if (name === "schema-fields") expect(parents).toEqual(["schemas", "mixins", "classes", "datasets", "schema-fields"]);
      else expect([parents, open], name).toEqual([["sandboxes"], true]);
    }
  });

  it("has 90 permission sets in 21 categories, each of declared types and actions, and declares no other", () => {
    expect(product.permissionSets).toHaveLength(90);
    expect(new Set(product.permissionSets.map(({ category }) => category)).size).toBe(21);
    for (const { id, pairs } of product.permissionSets)
      for (const { type, actions } of pairs)
        for (const action of actions) expect(product.types[type]?.actions, `${id} ${action}`).toHaveProperty([action]);
    const actions = new Set(Object.values(product.types).flatMap((type) => Object.keys(type.actions)));
    expect([...actions].sort()).toEqual(["delete", "export", "generate", "publish", "read", "share", "view", "write"]);
  });

  it("lists the eleven documented categories first and in their order, then the platform's others; Journey Optimizer's apart", () => {
    const [platform, journeys] = wire.products;
    expect([platform?.id, platform?.name, journeys?.name]).toEqual([
      "4525859963018",
      "Adobe Experience Platform",
      "Adobe Journey Optimizer",
    ]);
    expect(platform?.categories).toEqual([
      ...["Profile Management", "Data Ingestion", "Sandbox Administration", "Query Service", "Data Management", "Identity Management"],
      ...["Data Modeling", "Data Science Workspace", "Dashboards", "Alerts", "Data Governance"],
      ...["Destinations", "Computed Attributes", "Data Lifecycle", "AI Assistant", "Data Collection"],
    ]);
    expect(journeys?.categories).toHaveLength(5);
  });

  it("gives exactly what the API description says by its 13 permissions, and more only where the guides list more", () => {
    expect(wire.aclReference.permissions).toEqual({
      "export-audience-for-segment": { segments: ["read"] },
      "manage-datasets": { connection: RWD, datasets: RWD, "datasets-data": RWD, "dule-label": RWD, schemas: ["read"] },
      "manage-identity-namespaces": { "identity-namespaces": RWD },
      "manage-profiles": {
        ...{ datasets: ["read", "write"], "profile-configs": RWD, "profile-datasets": RWD, profiles: RWD },
        ...{ schemas: ["read"], "segment-jobs": ["write"], segments: RWD },
      },
      "manage-sandboxes": { sandboxes: RWD },
      "manage-schemas": {
        ...{ classes: RWD, "data-types": RWD, "identity-descriptor": RWD, mixins: RWD },
        ...{ "relationship-descriptor": RWD, schemas: RWD },
      },
      "reset-sandboxes": { "reset-sandboxes": ["read", "write"] },
      "view-datasets": {
        ...{ connection: ["read"], datasets: ["read"], "datasets-data": ["read"], "dule-label": ["read"], schemas: ["read"] },
      },
      "view-identity-namespaces": { "identity-namespaces": ["read"] },
      "view-monitoring-dashboard": { datasets: ["read"], "datasets-data": ["read"], monitoring: ["read"] },
      "view-profiles": {
        ...{ datasets: ["read"], "profile-configs": ["read"], "profile-datasets": RWD },
        ...{ profiles: ["read"], schemas: ["read"], segments: ["read"] },
      },
      "view-sandboxes": { sandboxes: ["read"] },
      "view-schemas": {
        ...{ classes: ["read"], "data-types": ["read"], "identity-descriptor": ["read"], mixins: ["read"] },
        ...{ "relationship-descriptor": ["read"], schemas: ["read"] },
      },
    });
    expect(Object.keys(wire.aclReference["resource-types"])).toHaveLength(19);
    for (const actions of Object.values(wire.aclReference["resource-types"])) expect(actions).toEqual(RWD);
    for (const [id, types] of Object.entries(wire.aclReference.permissions)) {
      const given = Object.fromEntries((sets.get(id)?.pairs ?? []).map(({ type, actions }) => [type, actions]));
      if (id === "manage-schemas") expect(given).toEqual({ ...types, "schema-fields": RWD, sandboxes: ["view"] });
      else if (id === "view-schemas") expect(given).toEqual({ ...types, "schema-fields": ["read"], sandboxes: ["view"] });
      else expect(given, id).toEqual(types);
    }
  });

  it("shows two permission sets as the products guide lists them", () => {
    expect(wire.permissionSets).toEqual({
      "manage-schemas": [
        { resource: "schemas", actions: RWD },
        { resource: "schema-fields", actions: RWD },
        { resource: "sandboxes", actions: ["view"] },
      ],
      "view-schemas": [
        { resource: "schemas", actions: ["read"] },
        { resource: "schema-fields", actions: ["read"] },
        { resource: "sandboxes", actions: ["view"] },
      ],
    });
  });

  it("marks the six sets of Sandbox Administration, and only these, as counting in the whole organization", () => {
    const marked = product.permissionSets.filter((set) => set.organizationLevel === true).map(({ id }) => id);
    expect(marked).toEqual([
      "manage-sandboxes",
      "view-sandboxes",
      "reset-sandboxes",
      "manage-packages",
      "share-sandboxes",
      "export-sandboxes",
    ]);
    expect(idsOf("Sandbox Administration")).toEqual(marked);
  });

  it("has three roles in prod: all access without Sandbox Administration, sandbox administrators, and whoever only views", () => {
    expect(product.roles.map(({ id, sandboxes, sets }) => [id, sandboxes, sets.length])).toEqual([
      ["default-production-all-access", ["prod"], 63],
      ["sandbox-administrators", ["prod"], 3],
      ["read-only", ["prod"], 34],
    ]);
    const [all, administrators, viewers] = product.roles.map((role) => role.sets.map(({ set }) => set));
    expect(all?.some((id) => idsOf("Sandbox Administration").includes(id))).toBe(false);
    expect(administrators).toEqual(["manage-sandboxes", "view-sandboxes", "reset-sandboxes"]);
    expect(viewers).toEqual(product.permissionSets.map(({ id }) => id).filter((id) => id.startsWith("view-")));
  });

  it("has one policy, inactive, in all sandboxes, that denies every action of the catalogue", () => {
    expect(product.policies).toHaveLength(1);
    const [{ name, status, sandboxes, rules } = { rules: [] }] = product.policies;
    expect([name, status, sandboxes]).toEqual(["Default-Label-Based-Access-Control-Policy", "inactive", "all"]);
    expect(rules.map(({ effect, resource, actions }) => [effect, resource, actions.length])).toEqual([["deny", "/sandboxes/*", 8]]);
  });

  it("brings 20 core labels, each with name, category and description, and the sandbox prod", () => {
    const labels = organization.filter(({ kind }) => kind === "label").map(({ value }) => value);
    expect(labels.map(({ id }) => id)).toEqual(
      ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10", "C11", "C12", "I1", "I2", "S1", "S2"]
        .concat("PSPD", "RHD", "Third-Party", "Potential-for-Bias")
        .map((name) => `core/${name}`),
    );
    for (const label of labels) expect(Object.keys(label)).toEqual(["id", "name", "category", "description"]);
    expect(organization.filter(({ kind }) => kind !== "label")).toEqual([
      { kind: "resource", value: { path: "/sandboxes/prod", name: "Production" } },
    ]);
  });

  it("knows the other spellings of the documents, none of them a name itself", () => {
    const { types, permissions, actions } = wire.aliases;
    expect(permissions).toMatchObject({
      "manage-shemas": "manage-schemas",
      "manage-dataset": "manage-datasets",
      "export-audience-for-segments": "export-audience-for-segment",
    });
    expect(types).toMatchObject({
      schema: "schemas",
      connections: "connection",
      "dataset-data": "datasets-data",
      destinations: "activations",
    });
    expect(actions).toEqual({ create: "write", edit: "write", update: "write" });
    for (const [alias, id] of Object.entries(permissions)) expect([sets.has(alias), sets.has(id)]).toEqual([false, true]);
    for (const [alias, id] of Object.entries(types)) expect([alias in product.types, id in product.types]).toEqual([false, true]);
  });

  it("says of 38 ids and 33 mappings of permission sets that they are documented, of 22 types that their name is derived", () => {
    const facts = Object.values(wire.provenance.permissionSets);
    expect(facts.filter(({ id }) => id === "documented")).toHaveLength(38);
    expect(facts.filter(({ mapping }) => mapping === "documented")).toHaveLength(33);
    expect(Object.values(wire.provenance.types).filter(({ name }) => name === "derived")).toHaveLength(22);
    expect(Object.keys(wire.provenance.types).sort()).toEqual(Object.keys(product.types).sort());
    expect(Object.keys(wire.provenance.permissionSets)).toEqual([...sets.keys()]);
  });
});

describe("an organization that has it", () => {
  const ofAda = (role: string) => put("assignment", { role, principal: "ada" });

  it("lets whom a role gives it read in the role's sandbox, and nobody elsewhere or without it", () => {
    const plan = planOf(ofAda("read-only"), put("resource", { path: "/sandboxes/dev" }));
    expect(ask({ plan, path: "/sandboxes/prod/segments/1" }).allow).toBe(true);
    expect(ask({ plan, action: "write", path: "/sandboxes/prod/segments/1" }).allow).toBe(false);
    expect(ask({ plan, path: "/sandboxes/dev/segments/1" }).allow).toBe(false);
    expect(ask({ plan, by: "eve", path: "/sandboxes/prod/segments/1" }).allow).toBe(false);
    expect(ask({ plan, path: "/sandboxes/none/segments/1" }).code).toBe("unknown_resource");
  });

  it("lets sandbox administrators make sandboxes and change every one, in whatever sandboxes their role is", () => {
    const plan = planOf(ofAda("sandbox-administrators"), put("resource", { path: "/sandboxes/dev" }));
    for (const path of ["/sandboxes", "/sandboxes/prod", "/sandboxes/dev"])
      expect(ask({ plan, action: "write", path }).allow, path).toBe(true);
    expect(ask({ plan, by: "eve", action: "write", path: "/sandboxes" }).allow).toBe(false);
    expect(ask({ plan, path: "/sandboxes/prod/segments/1" }).allow).toBe(false);
  });

  it("holds nothing on data for its organization administrators", () => {
    const plan = planOf(put("membership", { group: "admins", member: "ada" }));
    expect(ask({ plan, path: "/sandboxes/prod/segments/1" }).code).toBe("no_access");
  });

  it("denies what carries labels that no role of the caller has once the default policy is active, and nothing before", () => {
    const policy = records().find((rec) => rec.kind === "policy");
    const role = records().find((rec) => rec.kind === "role" && rec.value.id === "read-only");
    const active = put("policy", { ...policy?.value, status: "active" });
    const labelled = put("role", { ...role?.value, labels: ["core/C1"] });
    const path = "/sandboxes/prod/segments/1";
    for (const [labels, before, after] of [
      [["core/C1"], true, true],
      [["core/C1", "core/I2"], true, false],
      [["custom/mine"], true, false],
      [[], true, true],
    ] as const) {
      expect(ask({ plan: planOf(ofAda("read-only"), labelled), path, labels }).allow, `${labels}`).toBe(before);
      expect(ask({ plan: planOf(ofAda("read-only"), labelled, active), path, labels }).allow, `${labels}`).toBe(after);
    }
  });

  it("hands labels down: field group → field of a schema → field of a dataset, schema → dataset, field → sub-field, not schema → field", () => {
    const policy = records().find((rec) => rec.kind === "policy");
    const at = (rest: string) => `/sandboxes/prod/${rest}`;
    const plan = planOf(
      ...[ofAda("read-only"), put("policy", { ...policy?.value, status: "active" })],
      put("resource", { path: at("mixins/contact/schema-fields/email"), labels: ["core/I1"] }),
      put("resource", { path: at("schemas/customer"), labels: ["core/C2"] }),
      put("resource", { path: at("schemas/customer/schema-fields/age"), labels: [] }),
      put("resource", { path: at("schemas/other/schema-fields/email"), labels: [] }),
      put("resource", { path: at("datasets/people") }),
      put("link", { from: at("schemas/customer"), linkKind: "field-group", to: at("mixins/contact") }),
      put("link", { from: at("datasets/people"), linkKind: "schema", to: at("schemas/customer") }),
    );
    const code = (rest: string) => ask({ plan, path: at(rest) }).code;
    expect(code("schemas/customer/schema-fields/email")).toBe("denied_by_policy");
    expect(code("schemas/customer/schema-fields/email/schema-fields/domain")).toBe("denied_by_policy");
    expect(code("datasets/people/schema-fields/email")).toBe("denied_by_policy");
    expect(code("datasets/people")).toBe("denied_by_policy");
    expect(code("schemas/customer/schema-fields/age")).toBe("allowed_by_role");
    expect(code("schemas/other/schema-fields/email")).toBe("allowed_by_role");
  });

  it("holds by Read Only what every view set gives in prod", () => {
    const entries = held(planOf(ofAda("read-only")), { principal: { type: "user", id: "ada" }, place: "/sandboxes/prod" }, 0);
    expect(entries.map(({ set }) => set).sort()).toEqual([...sets.keys()].filter((id) => id.startsWith("view-")).sort());
  });
});
