/**
 * Random products of every shape that the model knows: bounded by sandboxes, by scopes, and by nothing, and Reeve's own.
 * The skeleton of types is fixed, so that requests can be aimed; whether a type is open, owned or unique, which bits open
 * an action, what operations ask and which parts are there at all is drawn anew for each organization.
 *
 * Invariant: names of root types and of types under sandboxes are unique, and an action of the organization has one product.
 */
import type { Alternative, Condition, Operation, PermissionSet, Product, ResourceType, Way } from "@reeve/core";
import type { Random } from "./random.ts";

export type ProductKit = { readonly product: Product; readonly sets: readonly PermissionSet[]; readonly operations: readonly Operation[] };

const WAYS: readonly (readonly Way[])[] = [["R"], ["R"], ["W"], ["X"], ["RX"], ["RW"], ["RWX"], ["O"], [], ["O", "RW"], ["W", "X"]];

function ways(random: Random, settings: readonly string[] = []): readonly Way[] {
  const drawn = random.pick(WAYS);
  if (settings.length === 0 || random.chance(0.7)) return drawn;
  const when = Object.fromEntries(random.some(settings, 0.7).map((name) => [name, random.chance(0.6)]));
  return [...drawn, { bits: random.pick(["R", "W", "RWX"] as const), when }];
}
const actions = (random: Random, names: readonly string[], settings?: readonly string[]): ResourceType["actions"] =>
  Object.fromEntries(names.map((name) => [name, ways(random, settings)]));
const optionally = <T extends object>(present: boolean, part: T): Partial<T> => (present ? part : {});
const owner = (random: Random): Pick<ResourceType, "owner"> | Record<string, never> =>
  random.weighted<Pick<ResourceType, "owner"> | Record<string, never>>([
    [5, {}],
    [2, { owner: "self" }],
    [2, { owner: "subtree" }],
  ]);

/** Sets over the product's types, and some that count in the whole organization. */
function permissionSets(random: Random, product: Product, count: number): PermissionSet[] {
  const types = Object.entries(product.types).filter(([, type]) => Object.keys(type.actions).length > 0);
  return Array.from({ length: count }, (_, i) => ({
    product: product.id,
    id: `${product.id}-set-${i}`,
    name: `Set ${i}`,
    ...optionally(random.chance(0.15), { organizationLevel: true as const }),
    pairs: random.some(types, 0.5).flatMap(([type, declared]) => {
      const held = random.some(Object.keys(declared.actions), 0.6);
      return held.length > 0 ? [{ type, actions: held }] : [];
    }),
  }));
}

/** The set that documents of versions name: whether a Deny rule on an action of such a set counts there is left open. */
const audit = (product: string, type: string): PermissionSet => ({
  product,
  id: `${product}-audit`,
  name: "Audit",
  pairs: [{ type, actions: ["audit"] }],
});

function open(random: Random, probability: number): { open?: true } {
  return random.chance(probability) ? { open: true } : {};
}

const CRUD = ["view", "edit", "delete"];

export function platform(random: Random): ProductKit {
  const below = (parents: readonly string[], type: Partial<ResourceType>): ResourceType => ({
    parents,
    ...type,
    ...owner(random),
    actions: actions(random, CRUD),
  });
  const table = {
    parents: random.some(
      [
        ["fields", "fields"],
        ["fields", "datasets"],
        ["folders", "folders"],
        ["versions", "journeys"],
      ] as const,
      0.75,
    ),
    links: random.some(
      [
        { kind: "schema", from: "datasets", to: "schemas" },
        { kind: "schema", from: "fields", to: "fields" },
        { kind: "class", from: "fields", to: "fields" },
        { kind: "class", from: "schemas", to: "classes" },
      ],
      0.75,
    ),
  };
  const product: Product = {
    id: "platform",
    boundedBy: "sandboxes",
    ...optionally(random.chance(0.25), { adminMayAll: true as const }),
    settings: { labelsFromOneRole: { title: "Labels of one role", default: random.chance(0.2) } },
    types: {
      ...optionally(random.chance(0.8), { organization: { actions: actions(random, ["manage-sandboxes"]) } }),
      sandboxes: { actions: actions(random, ["view", "manage", "constructor", "audit"]) },
      schemas: below(["sandboxes"], open(random, 0.9)),
      datasets: below(["sandboxes"], open(random, 0.9)),
      classes: below(["sandboxes"], open(random, 0.5)),
      journeys: below(["sandboxes"], { uniqueIds: true, ...open(random, 0.3) }),
      folders: below(["sandboxes", "folders"], open(random, 0.4)),
      fields: below(["schemas", "datasets", "classes", "fields"], open(random, 0.9)),
      versions: below(["journeys"], open(random, 0.6)),
      reports: { ...open(random, 0.7), ...owner(random), actions: actions(random, CRUD) },
    },
    ...optionally(random.chance(0.2), { prerequisite: { action: "view", of: "folders" } }),
    ...optionally(random.chance(0.85), { labelInheritance: table }),
  };
  const sets = [audit("platform", "sandboxes"), ...permissionSets(random, product, 3)];
  const alternatives = (): Partial<Operation> => ({ alternatives: rule(random, { product: "platform", sets }) });
  const row = (id: string, operation: Pick<Operation, "method" | "path" | "target">): Operation => ({
    product: "platform",
    id,
    names: [id],
    ...operation,
    ...alternatives(),
  });
  const operations = [
    row("get-schema", { method: "GET", path: "/data/{sandbox}/schemas/{schemaId}", target: "/sandboxes/{sandbox}/schemas/{schemaId}" }),
    row("put-journey", { method: "PUT", path: "/data/{sandbox}/journeys/{id}", target: "/sandboxes/{sandbox}/journeys/{id}" }),
    row("patch-sandbox", { method: "PATCH", path: "/data/{name}", target: "/sandboxes/{name}" }),
  ];
  return { product, sets, operations: random.some(operations, 0.8) };
}

/** Roles 0 and 1 of each product are built in. */
export const builtInRoles = (product: string): readonly string[] => [`${product}-role-0`, `${product}-role-1`];

/** A condition over attributes, as alternatives carry them. */
export function attributeCondition(random: Random): Condition {
  const status = random.weighted<Condition>([
    [6, { var: "attributes.step.status" }],
    [2, { var: ["attributes.step.status", "WAITING"] }],
    [1, { var: "attributes.kind" }],
  ]);
  return random.weighted<Condition>([
    [5, { "==": [status, "WAITING"] }],
    [2, { in: [status, ["WAITING", "RUNNING"]] }],
    [1, { and: [{ "===": [status, "WAITING"] }, { "<": [{ var: "attributes.level" }, 3] }] }],
    [1, { "!": [status] }],
    [1, true],
  ]);
}

/** Alternatives of every kind; now and then none at all. */
export function rule(random: Random, of: { product: string; sets: readonly PermissionSet[]; when?: boolean }): Alternative[] {
  const roles = builtInRoles(of.product);
  const one = (): Alternative => {
    const opener = random.weighted<() => Alternative>([
      [4, () => ({ roles: random.chance(0.3) ? roles : [random.pick(roles)] })],
      [5, () => ({ permission: random.pick(of.sets).id })],
      [of.when === true ? 5 : 2, () => ({ anyRole: true as const })],
    ])();
    return of.when === true && random.chance(0.75) ? { ...opener, when: attributeCondition(random) } : opener;
  };
  return Array.from(
    {
      length: random.weighted([
        [1, 0],
        [6, 1],
        [6, 2],
        [3, 3],
      ]),
    },
    one,
  );
}

type CloudRow = Pick<Operation, "method" | "path" | "target"> & Partial<Operation> & { readonly unmapped?: true; readonly when?: true };
const P = "/api/program/{programId}";
const TARGET = "/programs/{programId}";
const ENVIRONMENT = { path: `${P}/environment/{environmentId}`, target: `${TARGET}/environments/{environmentId}` };
const PIPELINE = { path: `${P}/pipeline/{pipelineId}`, target: `${TARGET}/pipelines/{pipelineId}` };
const DESTINATION = { name: "destination", type: "environments", from: "body.destination" };
const CLOUD_ROWS: readonly CloudRow[] = [
  { method: "GET", path: "/", target: "/" },
  { method: "GET", path: "/api/programs", target: "/", filter: { type: "programs", action: "access" } },
  { method: "GET", path: P, target: TARGET, unmapped: true },
  { method: "DELETE", path: P, target: TARGET },
  { method: "PATCH", path: "/api/program/{id}", target: "/programs/{id}" },
  { method: "GET", ...ENVIRONMENT, unmapped: true },
  { method: "HEAD", ...ENVIRONMENT, unmapped: true },
  { method: "PUT", ...ENVIRONMENT },
  { method: "OPTIONS", ...ENVIRONMENT, unmapped: true },
  { method: "POST", path: `${ENVIRONMENT.path}/copy`, target: ENVIRONMENT.target, also: [DESTINATION] },
  {
    method: "PUT",
    path: `${PIPELINE.path}/execution`,
    target: PIPELINE.target,
    also: [DESTINATION, { name: "source", type: "pipelines" }],
  },
  { method: "PUT", path: `${PIPELINE.path}/step/{stepId}/advance`, target: `${PIPELINE.target}/steps/{stepId}`, when: true },
  { method: "PUT", path: `${PIPELINE.path}/step/{stepId}/cancel`, target: PIPELINE.target, when: true },
  { method: "POST", path: "/api/tenant/{tenantId}/programs", target: "/", organizationParameter: "tenantId" },
  { method: "GET", path: "/api/tenant/{tenantId}", target: "/", organizationParameter: "tenantId" },
  { method: "POST", path: `${P}/domainNames/validate`, target: TARGET },
  { method: "PUT", path: `${P}/domainNames/{domainName}`, target: TARGET },
  { method: "POST", path: `${P}/secrets`, target: TARGET, unmapped: true },
  { method: "GET", path: `${P}/compare/{base}...{head}`, target: TARGET },
  { method: "GET", path: `${P}/compare/{basehead}`, target: TARGET },
  { method: "GET", path: `${P}/compare/v{version}`, target: TARGET },
  { method: "GET", path: `${P}/compare/v1`, target: TARGET },
  { method: "GET", path: `${P}/file/{name}.zip`, target: TARGET },
  { method: "GET", path: "/api/{any}/x/y", target: "/" },
  { method: "GET", path: "/api/nowhere/{id}", target: "/nowhere/{id}" },
];

export function cloud(random: Random): ProductKit {
  const settings = {
    strict: { title: "Strict", default: random.chance(0.5) },
    constructor: { title: "A prototype's name", default: true },
  };
  const names = Object.keys(settings);
  const product: Product = {
    id: "cloud",
    boundedBy: "scopes",
    ...optionally(random.chance(0.3), { adminMayAll: true as const }),
    settings,
    types: {
      organization: { actions: actions(random, ["create-program", "read-repository"], names) },
      programs: { open: true, uniqueIds: true, ...owner(random), actions: actions(random, ["access", "edit", "deploy", "audit"], names) },
      stages: { parents: ["programs", "stages"], open: true, actions: actions(random, ["access", "edit"]) },
      environments: {
        parents: ["programs", "stages"],
        open: true,
        uniqueIds: true,
        ...owner(random),
        actions: actions(random, ["edit", "read-logs"]),
      },
      pipelines: { parents: ["programs"], ...open(random, 0.7), uniqueIds: true, actions: actions(random, ["edit", "start", "toString"]) },
      steps: { parents: ["pipelines"], open: true, actions: actions(random, ["approve"]) },
      notes: { ...owner(random), actions: actions(random, ["read", "write"], names) },
    },
    ...optionally(random.chance(0.75), { prerequisite: { action: "access", of: random.chance(0.65) ? "programs" : "stages" } }),
    ...optionally(random.chance(0.6), { trailingSlashIsNone: true as const }),
  };
  const access: PermissionSet = {
    product: "cloud",
    id: "program-access",
    name: "Access",
    pairs: [{ type: "programs", actions: ["access"] }],
  };
  const sets = [access, audit("cloud", "programs"), ...permissionSets(random, product, 3)];
  const operations = random.some(CLOUD_ROWS, 0.85).map(({ unmapped, when, ...row }, i): Operation => {
    const isMapped = !(unmapped === true && random.chance(0.85));
    const alternatives = optionally(isMapped, { alternatives: rule(random, { product: "cloud", sets, when: when === true }) });
    return { product: "cloud", id: `row-${i}`, names: [`row-${i}`, "constructor"], ...row, ...alternatives };
  });
  const readDefault = optionally(random.chance(0.75), { readDefault: rule(random, { product: "cloud", sets }) });
  return { product: { ...product, ...readDefault }, sets, operations };
}

/** A tree of assets, like the one that ships: administrators may all, owners, ways that hang on settings, versions that are called. */
export function assets(random: Random): ProductKit {
  const permissions: readonly Way[] = ["O", { bits: "RWX", when: { fullAccessMayPublish: true, legacyPermissions: false } }];
  const asset = { view: ["R"], edit: ["W"], delete: ["RWX"], edit_permissions: permissions } satisfies ResourceType["actions"];
  const callable = {
    ...asset,
    call: ["X"],
    publish: [{ bits: "RWX", when: { fullAccessMayPublish: true } }],
    retire: [],
  } satisfies ResourceType["actions"];
  const product: Product = {
    id: "assets",
    boundedBy: "none",
    ...optionally(random.chance(0.8), { adminMayAll: true as const }),
    settings: {
      fullAccessMayPublish: { title: "Full access publishes", default: random.chance(0.4) },
      legacyPermissions: { title: "As before", default: random.chance(0.3) },
    },
    types: {
      spaces: { actions: { ...asset, audit: [], create_api: ["W"], create_project: ["RWX"] } },
      apis: { parents: ["spaces"], owner: "subtree", actions: { ...asset, create_version: ["W"], restore: [] } },
      versions: { parents: ["apis"], owner: "self", ...open(random, 0.2), actions: callable },
      proxies: { parents: ["spaces"], owner: "self", ...open(random, 0.2), actions: callable },
    },
  };
  return { product, sets: [audit("assets", "spaces"), ...permissionSets(random, product, 2)], operations: [] };
}

/** Reeve's own administration, which no policy matches. */
export function reeve(random: Random): ProductKit {
  const product: Product = {
    id: "reeve",
    boundedBy: "none",
    adminMayAll: true,
    settings: {},
    types: {
      organization: { actions: { administer: [] } },
      accounts: { open: true, actions: { edit: random.pick(WAYS), view: ["R"] } },
      "reeve-products": { open: true, actions: { administer: ["W"], see: ["R"] } },
      "reeve-roles": { open: true, actions: { offer: ["X"], see: ["R"] } },
    },
  };
  return { product, sets: permissionSets(random, product, 1), operations: [] };
}
