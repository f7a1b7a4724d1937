/**
 * The table against the engine: what a row says of a profile or a permission is what `decideOperation` decides for who has just that.
 */
import { readFileSync } from "node:fs";
import { compiler, decideOperation, type JsonObject, type Plan, parseProductDocument, type Rec } from "@reeve/core";
import { describe, expect, it } from "vitest";
import { type PermissionTable, permissionTable, type TableRow } from "./model.ts";

const PRODUCT = "cloud-manager";
const catalogue = new URL("../../../../catalogues/cloud-manager/product.json", import.meta.url);
const parsed = parseProductDocument(JSON.parse(readFileSync(catalogue, "utf8")));
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
const shipped = parsed.value;

const tableOf = (records: readonly Rec[]): PermissionTable => permissionTable(records, PRODUCT) as PermissionTable;
const rowOf = (table: PermissionTable, id: string): TableRow => table.rows.find((row) => row.id === id) as TableRow;
const table = tableOf(shipped);
const row = (id: string) => rowOf(table, id);
const own = (operation: string, alternatives: unknown): Rec =>
  ({ kind: "operation-rule", value: { product: PRODUCT, operation, alternatives } }) as Rec;

/** An organization with one service account a built-in profile, and one a permission (with the gate), held on the whole organization. */
function organization(records: readonly Rec[]): Plan {
  const compiling = compiler("ACME@ReeveOrg");
  compiling.add(records);
  compiling.add([{ kind: "organization", value: { name: "Acme", tenantIds: ["1"] } }]);
  for (const { id } of table.roles) compiling.add(holder(id, id));
  for (const { id } of table.permissions) {
    const sets = [...new Set([id, "program-access"])].map((set) => ({ set }));
    const role = { product: PRODUCT, id: `custom-${id}`, name: id, type: "user-defined", sets } as const;
    compiling.add([{ kind: "role", value: role }, ...holder(id, role.id)]);
  }
  return compiling.finish({ revision: 1, epoch: "e" });
}
const holder = (id: string, role: string): readonly Rec[] => [
  { kind: "principal", value: { id: `has-${id}`, type: "service-account", active: true } },
  { kind: "assignment", value: { role, principal: `has-${id}` } },
];

function isAllowed(plan: Plan, { method, path }: TableRow, asked: { has: string; attributes?: JsonObject }): boolean {
  const target = path.replace(/\{[^}]+\}/g, "1");
  const principal = { type: "service-account", id: `has-${asked.has}` } as const;
  const attributes = asked.attributes === undefined ? {} : { attributes: asked.attributes };
  return decideOperation(plan, { principal, product: PRODUCT, method, target, ...attributes }, 0).allow;
}

/** Who opens a row, each by the profile or permission that they have; `unconditional` leaves out what has a condition. */
function openersOf({ rule }: TableRow, unconditional: boolean): readonly string[] {
  if (rule === undefined) return [];
  if (rule.anyRole.length > 0) return [...table.roles, ...table.permissions].map(({ id }) => id);
  const custom =
    rule.permissions.length > 0 && rule.permissions.some(({ id }) => id === "program-access") ? table.permissions : rule.permissions;
  const entries = [...rule.roles, ...custom] as readonly { id: string; when?: string }[];
  return entries.filter(({ when }) => !unconditional || when === undefined).map(({ id }) => id);
}

const everybody = [...table.roles, ...table.permissions].map(({ id }) => id);
const steps = ["approval", "deploy", "schedule", "codeQuality", "build", "managed"].flatMap((action) =>
  ["WAITING", "RUNNING", "FINISHED"].map((status) => ({ step: { action, status } })),
);

describe("the permission table and the engine", () => {
  const plan = organization(shipped);

  it.each(table.rows.map((one) => [`${one.id} ${one.method} ${one.path}`, one] as const))("agree about %s", (_title, one) => {
    const opened = everybody.filter((has) => isAllowed(plan, one, { has }));
    expect(opened).toEqual(everybody.filter((has) => openersOf(one, true).includes(has)));
    const openedAtSomeStep = everybody.filter((has) => steps.some((attributes) => isAllowed(plan, one, { has, attributes })));
    expect(openedAtSomeStep).toEqual(everybody.filter((has) => openersOf(one, false).includes(has)));
  });

  it("agree about an organization's own rules", () => {
    const records = [
      ...shipped,
      own("R26", [{ roles: ["developer"] }]),
      own("M01", [{ permission: "domain-name-manage" }]),
      own("R05", []),
    ];
    const [changed, ownPlan] = [tableOf(records), organization(records)];
    for (const id of ["R26", "M01", "R05"]) {
      const one = rowOf(changed, id);
      expect(everybody.filter((has) => isAllowed(ownPlan, one, { has }))).toEqual(
        everybody.filter((has) => openersOf(one, true).includes(has)),
      );
    }
  });
});

describe("the permission table of the shipped catalogue", () => {
  it("has all 53 published rows and 60 others, sorted by path and then method", () => {
    expect(table.rows.filter(({ id }) => id.startsWith("R"))).toHaveLength(53);
    expect(table.rows).toHaveLength(113);
    const keys = table.rows.map(({ path, method }) => Buffer.from(`${path}\u0000${method}`));
    expect(keys.map(String)).toEqual([...keys].sort(Buffer.compare).map(String));
    expect(table.summary).toEqual({ operations: 113, mapped: 57, readDefault: 41, unmapped: 15, orphans: 7, ownRules: 0 });
  });

  it("names the product's profiles and permissions, and how many operations each opens", () => {
    expect(table.title).toBe("Cloud Manager");
    expect(table.roles.map(({ name }) => name)).toEqual(["Business Owner", "Deployment Manager", "Developer", "Program Manager"]);
    expect(table.permissions).toHaveLength(29);
    expect(table.permissions.filter(({ operations }) => operations > 0)).toHaveLength(22);
    expect(table.permissions.find(({ id }) => id === "content-copy-manage")?.operations).toBe(12);
    expect(table.prerequisite).toEqual({ action: "access", of: "programs", permissions: ["Program Access"] });
  });

  it("puts the published name first and the others after it", () => {
    expect(row("R04")).toMatchObject({ name: "createCertificate", otherNames: ["createSslCertificate"] });
    expect(row("R33")).toMatchObject({ name: "addFeedback", otherNames: ["postFeedback"] });
  });

  it("says what is not configurable and where any profile is enough", () => {
    expect(row("R01").rule).toEqual({
      from: "published",
      roles: [{ id: "business-owner", name: "Business Owner" }],
      permissions: [],
      anyRole: [],
      configurable: false,
    });
    expect(row("R33").rule).toMatchObject({ roles: [], permissions: [], anyRole: [{}], configurable: true });
  });

  it("tells several permissions with their conditions, and a profile's own", () => {
    expect(row("R49").rule?.permissions.map(({ name, when }) => [name, when])).toEqual([
      ["Production Deployments Approve/Reject", "step.action is approval or deploy, and step.status is WAITING"],
      ["Production Deployments Schedule", "step.action is schedule, and step.status is WAITING"],
      [
        "Override/Reject Important Metric Failures",
        "step.action is codeQuality, securityTest, loadTest, assetsTest or reportPerformanceTest, and step.status is WAITING",
      ],
    ]);
    expect(row("R50").rule?.roles).toContainEqual({ id: "program-manager", name: "Program Manager", when: "step.status is WAITING" });
  });

  it("marks unmapped and orphan rows and reads by the default", () => {
    expect(row("M15")).toMatchObject({ markers: ["unmapped"] });
    expect(row("M15")).not.toHaveProperty("rule");
    expect(row("R15").markers).toEqual(["orphan"]);
    expect(row("G02").markers).toEqual(["read default"]);
    expect(row("G02").rule?.permissions).toEqual([{ id: "program-access", name: "Program Access" }]);
  });

  it("says of a list what its answer is filtered by, and of a row its further targets", () => {
    expect(row("G01").filter).toEqual({ type: "programs", action: "access", permissions: ["Program Access"] });
    expect(row("R24").also).toEqual([{ name: "environment", type: "environments", from: "body.destEnvironmentId" }]);
  });

  it("is the same in whatever order the records come", () => {
    expect(tableOf([...shipped].reverse())).toEqual(table);
  });
});

describe("the permission table of an organization", () => {
  it("shows the own rule, with the published one beside it", () => {
    const changed = rowOf(tableOf([...shipped, own("R26", [{ permission: "environment-logs-read" }])]), "R26");
    expect(changed.markers).toEqual(["own rule"]);
    expect(changed.rule).toMatchObject({
      from: "own",
      roles: [],
      permissions: [{ id: "environment-logs-read", name: "Environment Logs Read" }],
    });
    expect(changed.published).toMatchObject({ from: "published", permissions: [{ name: "Content Copy Manage" }] });
  });

  it("shows what an own rule stands in place of: the read default, or nothing", () => {
    const changed = tableOf([...shipped, own("G02", []), own("M01", [{ anyRole: true }])]);
    expect(rowOf(changed, "G02").published?.from).toBe("read default");
    expect(rowOf(changed, "M01")).not.toHaveProperty("published");
    expect(rowOf(changed, "M01").markers).toEqual(["own rule"]);
    expect(changed.summary).toMatchObject({ readDefault: 40, unmapped: 14, ownRules: 2 });
  });

  it("leaves out custom profiles, other products and rules of operations that are gone", () => {
    const others: Rec[] = [
      { kind: "role", value: { product: PRODUCT, id: "mine", name: "Mine", type: "user-defined", sets: [] } },
      { kind: "role", value: { product: "other", id: "theirs", name: "Theirs", type: "system-defined", builtIn: true, sets: [] } },
      { kind: "permission-set", value: { product: "other", id: "their-set", name: "Their set", pairs: [] } },
      { kind: "operation", value: { product: "other", id: "X1", method: "GET", path: "/x", names: ["x"], target: "/" } },
      own("R99", [{ anyRole: true }]),
    ];
    expect(tableOf([...shipped, ...others])).toEqual(table);
  });

  it("says of what an alternative names and nobody can hold that it opens nothing, and counts it nowhere", () => {
    const theirs: Rec = {
      kind: "role",
      value: { product: "other", id: "theirs", name: "Theirs", type: "system-defined", builtIn: true, sets: [] },
    };
    const alternatives = [{ roles: ["theirs", "gone"] }, { roles: ["theirs"], product: "other" }, { permission: "no-set" }];
    const changed = rowOf(tableOf([...shipped, theirs, own("M01", alternatives)]), "M01");
    expect(changed.rule?.roles).toEqual([
      { id: "theirs", name: "theirs", unknown: true },
      { id: "gone", name: "gone", unknown: true },
      { id: "theirs", name: "Theirs", product: "other" },
    ]);
    expect(changed.rule?.permissions).toEqual([{ id: "no-set", name: "no-set", unknown: true }]);
  });

  it("calls an operation without names by its id, and only GET by the read default", () => {
    const operation = (id: string, method: string): Rec => ({
      kind: "operation",
      value: { product: PRODUCT, id, method, path: "/new", names: [], target: "/" },
    });
    const changed = tableOf([...shipped, operation("N1", "GET"), operation("N2", "HEAD")]);
    expect(rowOf(changed, "N1")).toMatchObject({ name: "N1", markers: ["read default"] });
    expect(rowOf(changed, "N2").markers).toEqual(["unmapped"]);
  });

  it("is none for a product that the organization does not have", () => {
    expect(permissionTable(shipped, "api-management")).toBeUndefined();
    expect(permissionTable([], PRODUCT)).toBeUndefined();
  });
});
