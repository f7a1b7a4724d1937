/**
 * The shipped catalogue against the facts that it was made from: counts, every operation's method and path, profiles against
 * permission sets. The expected numbers stand here and not in a file that could change together with the catalogue.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Alternative = { roles?: string[]; permission?: string; anyRole?: true; when?: unknown };
type Operation = {
  id: string;
  method: string;
  path: string;
  names: string[];
  target: string;
  alternatives?: Alternative[];
  also?: { name: string; type: string; from: string }[];
  organizationParameter?: string;
  filter?: { type: string; action: string };
  orphan?: true;
  source: string;
};
type Product = {
  types: Record<string, { parents?: string[]; actions: Record<string, unknown[]> }>;
  permissionSets: { id: string; name: string; category: string; scopeTypes: string[]; pairs: { type: string; actions: string[] }[] }[];
  roles: { id: string; aliases: string[]; sets: { set: string; scope?: string[] }[] }[];
  operations: Operation[];
  readDefault: Alternative[];
  prerequisite: { action: string; of: string };
};

const product = JSON.parse(readFileSync(new URL("product.json", import.meta.url), "utf8")) as Product;
const sets = new Map(product.permissionSets.map((set) => [set.id, set]));
const roles = new Map(product.roles.map((role) => [role.id, role]));
const rows = product.operations.filter((operation) => operation.id.startsWith("R"));

/** Built-in roles that hold a set. */
const holders = (set: string) => product.roles.filter((role) => role.sets.some((held) => held.set === set)).map((role) => role.id);
const pick = (id: string) => product.operations.find((operation) => operation.id === id);

describe("the Cloud Manager catalogue", () => {
  it("has 113 operations, 53 of them published rows, 7 orphans, 15 without a rule and 45 plain reads", () => {
    expect(product.operations).toHaveLength(113);
    expect(rows).toHaveLength(53);
    expect(
      product.operations
        .filter((operation) => operation.orphan)
        .map((operation) => operation.id)
        .sort(),
    ).toEqual(["R15", "R16", "R17", "R18", "R19", "R20", "R37"]);
    const withoutRule = product.operations.filter((operation) => operation.alternatives === undefined);
    expect(withoutRule.filter((operation) => operation.method !== "GET").map((operation) => operation.id)).toHaveLength(15);
    expect(withoutRule.filter((operation) => operation.method === "GET")).toHaveLength(41);
    expect(product.operations.filter((operation) => operation.id.startsWith("G"))).toHaveLength(45);
  });

  it("has every operation of the facts with its method and path, and no other", () => {
    const found = product.operations.map((operation) => `${operation.id} ${operation.method} ${operation.path}`);
    expect(found.sort()).toEqual(OPERATIONS.trim().split("\n"));
  });

  it("keeps operations sorted by path, then method, and no template twice", () => {
    const keys = product.operations.map((operation) => `${operation.path} ${operation.method}`);
    expect(keys).toEqual([...keys].sort());
    const shapes = product.operations.map((operation) => `${operation.method} ${operation.path.replaceAll(/\{[^}]*\}/g, "{}")}`);
    expect(new Set(shapes).size).toBe(113);
  });

  it("has 29 permission sets, 22 of them named by a row, each of a category and of declared types and actions", () => {
    expect(product.permissionSets).toHaveLength(29);
    const named = rows.flatMap((row) => (row.alternatives ?? []).flatMap((alternative) => alternative.permission ?? []));
    expect(new Set(named).size).toBe(22);
    for (const set of product.permissionSets) {
      expect(set.category).not.toBe("");
      for (const type of set.scopeTypes) expect(Object.keys(product.types)).toContain(type);
      for (const pair of set.pairs)
        for (const action of pair.actions) expect(product.types[pair.type]?.actions, `${set.id} ${action}`).toHaveProperty([action]);
    }
  });

  it("declares no action that no permission set gives", () => {
    const given = product.permissionSets.flatMap((set) =>
      set.pairs.flatMap((pair) => pair.actions.map((action) => `${pair.type} ${action}`)),
    );
    const declared = Object.entries(product.types).flatMap(([type, { actions }]) =>
      Object.keys(actions).map((action) => `${type} ${action}`),
    );
    expect(declared.sort()).toEqual([...new Set(given)].sort());
  });

  it("has the four built-in profiles with three technical names each and Program Access on the organization", () => {
    expect([...roles.keys()]).toEqual(["business-owner", "deployment-manager", "program-manager", "developer"]);
    for (const role of product.roles) {
      expect(role.aliases).toHaveLength(3);
      expect(role.sets).toContainEqual({ set: "program-access" });
      expect(role.sets.every((held) => held.scope === undefined)).toBe(true);
    }
    expect(product.roles.map((role) => role.sets.length)).toEqual([14, 19, 5, 3]);
  });

  it("gives each permission set to exactly the profiles of the rows that name it without a condition", () => {
    let compared = 0;
    for (const row of rows) {
      const [first, second, ...rest] = row.alternatives ?? [];
      if (first?.roles === undefined || second?.permission === undefined || rest.length > 0) continue;
      expect([...holders(second.permission)].sort(), row.id).toEqual([...first.roles].sort());
      compared++;
    }
    expect(compared).toBe(48);
  });

  it("gives the sets of the step rows to the profiles of their cells, cancelling what runs to two of them", () => {
    for (const id of ["R49", "R50"])
      for (const { permission } of pick(id)?.alternatives ?? [])
        if (permission !== undefined && permission !== "pipeline-executions-cancel")
          expect(holders(permission), permission).toEqual(["business-owner", "deployment-manager", "program-manager"]);
    expect(holders("pipeline-executions-cancel")).toEqual(["business-owner", "deployment-manager"]);
  });

  it("names only roles, sets, types and parameters that exist", () => {
    const alternatives = [...product.readDefault, ...product.operations.flatMap((operation) => operation.alternatives ?? [])];
    for (const alternative of alternatives) {
      for (const role of alternative.roles ?? []) expect(roles.has(role), role).toBe(true);
      if (alternative.permission !== undefined) expect(sets.has(alternative.permission), alternative.permission).toBe(true);
    }
    for (const role of product.roles) for (const held of role.sets) expect(sets.has(held.set), held.set).toBe(true);
    for (const operation of product.operations) {
      for (const { type } of operation.also ?? []) expect(product.types).toHaveProperty([type]);
      if (operation.filter !== undefined) expect(product.types[operation.filter.type]?.actions).toHaveProperty([operation.filter.action]);
      for (const parameter of operation.target.match(/\{[^}]*\}/g) ?? []) expect(operation.path).toContain(parameter);
      if (operation.organizationParameter !== undefined) expect(operation.path).toContain(`{${operation.organizationParameter}}`);
      expect(operation.source).toMatch(/published table|OpenAPI document/);
    }
    expect(product.types[product.prerequisite.of]?.actions).toHaveProperty([product.prerequisite.action]);
  });

  it("puts the published name before the operationId where they differ", () => {
    expect([pick("R04"), pick("R14"), pick("R33")].map((row) => row?.names)).toEqual([
      ["createCertificate", "createSslCertificate"],
      ["listContentSets", "getContentSets"],
      ["addFeedback", "postFeedback"],
    ]);
  });

  it("names further targets on four rows, the tenant on three operations and a filter on the two lists of programs", () => {
    const ids = (which: (operation: Operation) => unknown) =>
      product.operations
        .filter(which)
        .map((operation) => operation.id)
        .sort();
    expect(ids((operation) => operation.also)).toEqual(["R24", "R38", "R46", "R48"]);
    expect(ids((operation) => operation.organizationParameter)).toEqual(["G40", "G41", "R53"]);
    expect(ids((operation) => operation.filter)).toEqual(["G01", "G41"]);
    expect(ids((operation) => operation.target === "/")).toEqual(["G01", "G39", "G40", "G41", "R53"]);
  });
});

const OPERATIONS = `
G01 GET /api/programs
G02 GET /api/program/{programId}
G03 GET /api/program/{programId}/repositories
G04 GET /api/program/{programId}/repository/{repositoryId}
G05 GET /api/program/{programId}/repository/{repositoryId}/branches
G06 GET /api/program/{programId}/pipelines
G07 GET /api/program/{programId}/pipeline/{pipelineId}
G08 GET /api/program/{programId}/pipeline/{pipelineId}/execution
G09 GET /api/program/{programId}/pipeline/{pipelineId}/execution/{executionId}
G10 GET /api/program/{programId}/pipeline/{pipelineId}/execution/{executionId}/phase/{phaseId}/step/{stepId}
G11 GET /api/program/{programId}/pipeline/{pipelineId}/execution/{executionId}/phase/{phaseId}/step/{stepId}/logs
G12 GET /api/program/{programId}/pipeline/{pipelineId}/execution/{executionId}/phase/{phaseId}/step/{stepId}/artifacts
G13 GET /api/program/{programId}/pipeline/{pipelineId}/execution/{executionId}/phase/{phaseId}/step/{stepId}/artifact/{artifactId}
G14 GET /api/program/{programId}/pipeline/{pipelineId}/execution/{executionId}/phase/{phaseId}/step/{stepId}/metrics
G15 GET /api/program/{programId}/pipeline/{pipelineId}/executions
G16 GET /api/program/{programId}/environments
G17 GET /api/program/{programId}/environment/{environmentId}
G18 GET /api/program/{programId}/environment/{environmentId}/regionDeployments/{regionDeploymentId}
G19 GET /api/program/{programId}/environment/{environmentId}/regionDeployments
G20 GET /api/program/{programId}/environment/{environmentId}/variables
G21 GET /api/program/{programId}/environment/{environmentId}/restorePoints
G22 GET /api/program/{programId}/environment/{environmentId}/restoreExecution/{restoreId}
G23 GET /api/program/{programId}/environment/{environmentId}/restoreExecution/{restoreId}/logs
G24 GET /api/program/{programId}/environment/{environmentId}/restoreExecutions
G25 GET /api/program/{programId}/ipAllowlist/{ipAllowlistId}
G26 GET /api/program/{programId}/ipAllowlist/{ipAllowlistId}/binding/{ipAllowlistBindingId}
G27 GET /api/program/{programId}/ipAllowlist/{ipAllowlistId}/bindings
G28 GET /api/program/{programId}/ipAllowlists
G29 GET /api/program/{programId}/domains
G30 GET /api/program/{programId}/domain/{domain-id}
G31 GET /api/program/{programId}/domain-mapping/{domainMappingId}
G32 GET /api/program/{programId}/domain-mappings
G33 GET /api/program/{programId}/environment/{environmentId}/domain-mappings
G34 GET /api/program/{programId}/site/{siteId}/domain-mappings
G35 GET /api/program/{programId}/certificate/{certificateId}
G36 GET /api/program/{programId}/certificates
G37 GET /api/program/{programId}/site/{siteId}
G38 GET /api/program/{programId}/sites
G39 GET /api/tenants
G40 GET /api/tenant/{tenantId}
G41 GET /api/tenant/{tenantId}/programs
G42 GET /api/program/{programId}/regions
G43 GET /api/program/{programId}/networkInfrastructures
G44 GET /api/program/{programId}/networkInfrastructure/{networkInfrastructureId}
G45 GET /api/program/{programId}/environment/{environmentId}/advancedNetworking
M01 POST /api/program/{programId}/domains
M02 PUT /api/program/{programId}/domain/{domain-id}
M03 DELETE /api/program/{programId}/domain/{domain-id}
M04 PUT /api/program/{programId}/domain/{domain-id}/validate
M05 POST /api/program/{programId}/domain/{domain-id}/validation
M06 PUT /api/program/{programId}/domain-mapping/{domainMappingId}
M07 DELETE /api/program/{programId}/domain-mapping/{domainMappingId}
M08 PUT /api/program/{programId}/domain-mapping/{domainMappingId}/verify
M09 POST /api/program/{programId}/domain-mappings
M10 POST /api/program/{programId}/dv-certificates
M11 PUT /api/program/{programId}/site/{siteId}
M12 DELETE /api/program/{programId}/site/{siteId}
M13 PUT /api/program/{programId}/site/{siteId}/validate
M14 POST /api/program/{programId}/sites
M15 POST /api/program/{programId}/contentFlow/checkCompatibility
R01 DELETE /api/program/{programId}
R02 PUT /api/program/{programId}/certificate/{certificateId}
R03 DELETE /api/program/{programId}/certificate/{certificateId}
R04 POST /api/program/{programId}/certificates
R05 GET /api/program/{programId}/contentFlow/{contentFlowId}
R06 DELETE /api/program/{programId}/contentFlow/{contentFlowId}
R07 GET /api/program/{programId}/contentFlow/{contentFlowId}/logs
R08 GET /api/program/{programId}/contentFlow/{contentFlowId}/logs/download
R09 GET /api/program/{programId}/contentFlows
R10 DELETE /api/program/{programId}/contentSet/{contentSetId}
R11 PUT /api/program/{programId}/contentSet/{contentSetId}
R12 GET /api/program/{programId}/contentSet/{contentSetId}
R13 POST /api/program/{programId}/contentSets
R14 GET /api/program/{programId}/contentSets
R15 PUT /api/program/{programId}/domainName/{domainNameId}
R16 DELETE /api/program/{programId}/domainName/{domainNameId}
R17 POST /api/program/{programId}/domainName/{domainNameId}/deploy
R18 POST /api/program/{programId}/domainName/{domainNameId}/verify
R19 POST /api/program/{programId}/domainNames
R20 POST /api/program/{programId}/domainNames/validate
R21 DELETE /api/program/{programId}/environment/{environmentId}
R22 PUT /api/program/{programId}/environment/{environmentId}/advancedNetworking
R23 DELETE /api/program/{programId}/environment/{environmentId}/advancedNetworking
R24 POST /api/program/{programId}/environment/{environmentId}/contentFlow
R25 GET /api/program/{programId}/environment/{environmentId}/logs
R26 GET /api/program/{programId}/environment/{environmentId}/logs/download
R27 POST /api/program/{programId}/environment/{environmentId}/regionDeployments
R28 PATCH /api/program/{programId}/environment/{environmentId}/regionDeployments
R29 PUT /api/program/{programId}/environment/{environmentId}/reset
R30 PUT /api/program/{programId}/environment/{environmentId}/restoreExecution
R31 PATCH /api/program/{programId}/environment/{environmentId}/variables
R32 POST /api/program/{programId}/environments
R33 POST /api/program/{programId}/feedbacks
R34 PUT /api/program/{programId}/ipAllowlist/{ipAllowlistId}
R35 DELETE /api/program/{programId}/ipAllowlist/{ipAllowlistId}
R36 DELETE /api/program/{programId}/ipAllowlist/{ipAllowlistId}/binding/{ipAllowlistBindingId}
R37 PUT /api/program/{programId}/ipAllowlist/{ipAllowlistId}/binding/{ipAllowlistBindingId}/retry
R38 POST /api/program/{programId}/ipAllowlist/{ipAllowlistId}/bindings
R39 POST /api/program/{programId}/ipAllowlists
R40 PUT /api/program/{programId}/networkInfrastructure/{networkInfrastructureId}
R41 DELETE /api/program/{programId}/networkInfrastructure/{networkInfrastructureId}
R42 POST /api/program/{programId}/networkInfrastructures
R43 GET /api/program/{programId}/newRelicUsers
R44 PATCH /api/program/{programId}/newRelicUsers
R45 DELETE /api/program/{programId}/pipeline/{pipelineId}
R46 PATCH /api/program/{programId}/pipeline/{pipelineId}
R47 DELETE /api/program/{programId}/pipeline/{pipelineId}/cache
R48 PUT /api/program/{programId}/pipeline/{pipelineId}/execution
R49 PUT /api/program/{programId}/pipeline/{pipelineId}/execution/{executionId}/phase/{phaseId}/step/{stepId}/advance
R50 PUT /api/program/{programId}/pipeline/{pipelineId}/execution/{executionId}/phase/{phaseId}/step/{stepId}/cancel
R51 PATCH /api/program/{programId}/pipeline/{pipelineId}/variables
R52 GET /api/program/{programId}/pipeline/{pipelineId}/variables
R53 POST /api/tenant/{tenantId}/programs
`;
