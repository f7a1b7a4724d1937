/**
 * The demo organization, read as plain JSON without the engine: what its page promises is there, and every record names
 * only records that exist, here or in the three catalogues that are copied in beside it.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Value = Record<string, unknown>;
type PermissionSets = { permissionSets: { id: string }[]; roles: { id: string }[]; types: Record<string, unknown>; id: string };
const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as unknown;
const demo = read("organization.json") as { organization: string; records: { kind: string; value: Value }[] };
const catalogues = ["../cloud-manager/product.json", "../api-management/product.json", "../experience-platform/product.json"].map(
  (path) => read(path) as PermissionSets,
);
const begun = (read("../experience-platform/organization.json") as { records: { kind: string; value: Value }[] }).records;

const of = (kind: string) => demo.records.filter((record) => record.kind === kind).map((record) => record.value);
const ids = (kind: string) => of(kind).map((value) => String(value["id"]));
const find = (kind: string, id: string) => of(kind).find((value) => value["id"] === id);
const paths = of("resource").map((value) => String(value["path"]));
const principals = new Set([...ids("principal"), "members", "admins"]);
const roles = new Set([...ids("role"), ...catalogues.flatMap((product) => product.roles.map((role) => role.id))]);
const sets = new Set([...ids("permission-set"), ...catalogues.flatMap((product) => product.permissionSets.map((set) => set.id))]);

describe("the demo organization", () => {
  it("is DEMO@ReeveOrg with tenant 1 and has no catalogue record of its own", () => {
    expect(demo.organization).toBe("DEMO@ReeveOrg");
    expect(of("organization")).toEqual([expect.objectContaining({ tenantIds: ["1"] })]);
    expect([...of("product"), ...of("permission-set"), ...of("operation")]).toEqual([]);
  });

  it("has the programs, environments and pipelines that the tutorial speaks of", () => {
    expect(paths.filter((path) => path.startsWith("/programs/")).sort()).toEqual([
      "/programs/4",
      "/programs/4/environments/3",
      "/programs/4/environments/9",
      "/programs/4/pipelines/10",
      "/programs/4/pipelines/11",
      "/programs/5",
      "/programs/5/environments/6",
      "/programs/5/pipelines/20",
    ]);
  });

  it("has one service account for each built-in profile, assigned to it and to nothing else", () => {
    for (const profile of ["business-owner", "deployment-manager", "program-manager", "developer"]) {
      const assigned = of("assignment").filter((assignment) => assignment["principal"] === `demo-${profile}`);
      expect(assigned).toEqual([{ role: profile, principal: `demo-${profile}` }]);
      expect(find("principal", `demo-${profile}`)?.["type"]).toBe("service-account");
    }
  });

  it("lets the release bot start and cancel pipeline 10 and the log reader read two environments, both inside program 4", () => {
    expect(find("role", "release-pipeline-10")?.["sets"]).toEqual([
      { set: "program-access", scope: ["/programs/4"] },
      { set: "pipeline-executions-start", scope: ["/programs/4/pipelines/10"] },
      { set: "pipeline-executions-cancel", scope: ["/programs/4/pipelines/10"] },
    ]);
    expect(find("role", "logs-program-4")?.["sets"]).toEqual([
      { set: "program-access", scope: ["/programs/4"] },
      { set: "environment-logs-read", scope: ["/programs/4/environments/3", "/programs/4/environments/9"] },
    ]);
    expect(of("assignment")).toContainEqual({ role: "release-pipeline-10", principal: "demo-release-bot" });
    expect(of("assignment")).toContainEqual({ role: "logs-program-4", principal: "demo-log-reader" });
  });

  it("has every reach, every access type, a grant to a group and one to everybody", () => {
    const grants = of("grant");
    expect(new Set(grants.map((grant) => grant["reach"]))).toEqual(new Set(["self", "subtree", "children"]));
    expect(new Set(grants.map((grant) => grant["access"]))).toEqual(new Set(["R", "RX", "RW", "RWX"]));
    expect(grants.map((grant) => grant["principal"])).toEqual(expect.arrayContaining(["engineering", "members"]));
  });

  it("has a Deny rule with a label operator, a Permit rule, labels on roles and resources, and links that hand labels down", () => {
    const rules = of("policy").flatMap((policy) => policy["rules"] as Value[]);
    expect(
      rules.some((rule) => rule["effect"] === "deny" && JSON.stringify(rule["condition"]).includes("adobe.match_all_labels_by_prefix")),
    ).toBe(true);
    expect(rules.some((rule) => rule["effect"] === "permit")).toBe(true);
    const known = new Set([...ids("label"), ...begun.flatMap(({ kind, value }) => (kind === "label" ? [String(value["id"])] : []))]);
    const used = [...of("role"), ...of("resource")].flatMap((value) => (value["labels"] ?? []) as string[]);
    expect(used.length).toBeGreaterThan(5);
    for (const label of used) expect(known.has(label), label).toBe(true);
    expect(of("link").length).toBeGreaterThan(1);
  });

  it("has an organization administrator, a nested group, an inactive user, an expired and a coming assignment", () => {
    expect(of("membership")).toContainEqual({ group: "admins", member: "ada" });
    const groups = new Set(of("principal").flatMap((principal) => (principal["type"] === "group" ? [principal["id"]] : [])));
    expect(of("membership").some((membership) => groups.has(membership["member"]))).toBe(true);
    expect(of("principal").some((principal) => principal["active"] === false)).toBe(true);
    const now = Date.now();
    expect(of("assignment").some((assignment) => Number(assignment["notAfter"] ?? Number.NaN) < now)).toBe(true);
    expect(of("assignment").some((assignment) => Number(assignment["notBefore"] ?? Number.NaN) > now)).toBe(true);
  });

  it("gives owners to assets that have them: users only", () => {
    const users = new Set(of("principal").flatMap((principal) => (principal["type"] === "user" ? [principal["id"]] : [])));
    const owned = of("resource").filter((resource) => /\/(apis|versions|proxies|projects)\/[^/]+$/.test(String(resource["path"])));
    expect(owned.length).toBeGreaterThan(6);
    for (const resource of owned) expect(users.has(resource["owner"]), String(resource["path"])).toBe(true);
  });

  it("names nothing that does not exist", () => {
    const parent = (path: string) => path.split("/").slice(0, -2).join("/");
    for (const path of paths) if (parent(path) !== "") expect(paths, path).toContain(parent(path));
    for (const role of of("role")) for (const { set } of role["sets"] as { set: string }[]) expect(sets.has(set), set).toBe(true);
    for (const sandbox of of("role").flatMap((role) => (role["sandboxes"] ?? []) as string[]))
      expect(paths).toContain(`/sandboxes/${sandbox}`);
    for (const { role, principal } of [...of("assignment"), ...of("developer-access")])
      expect([roles.has(String(role)), principals.has(String(principal))], `${role} ${principal}`).toEqual([true, true]);
    for (const { group, member } of of("membership"))
      expect([principals.has(String(group)), principals.has(String(member))]).toEqual([true, true]);
    for (const { principal, resource } of of("grant"))
      expect([principals.has(String(principal)), paths.includes(String(resource))]).toEqual([true, true]);
    for (const { from, to } of of("link")) expect([paths.includes(String(from)), paths.includes(String(to))]).toEqual([true, true]);
    for (const { product } of [...of("setting"), ...of("product-administrator")]) expect(catalogues.map(({ id }) => id)).toContain(product);
  });
});
