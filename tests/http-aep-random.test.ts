/**
 * Random roles, labels and policies, written through the access control API and decided by the engine, against the reference evaluator:
 * the records that it is given are put together here, from what was sent and what the documents say that it means.
 */
import { readFileSync } from "node:fs";
import { type Condition, type Label, type Link, type Policy, parseProductDocument, type Rec, type Resource, type Role } from "@reeve/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AepClient, aepOrganization, clientOf, WIRE } from "./aep-client.ts";
import { type Organization, put } from "./organization.ts";
import { reference } from "./reference/evaluate.ts";
import { type Random, seeded } from "./reference/random.ts";
import { condition as anyCondition } from "./reference/random-conditions.ts";
import { type Served, serve } from "./serve.ts";

const SEED = Number(process.env["REEVE_SEED"] ?? Date.now() % 2 ** 30);
const WORLDS = 12;
const STEPS = 4;
const QUESTIONS = 150;
const PRODUCT = "experience-platform";
const SANDBOXES = ["prod", "dev"];
const PEOPLE = [
  { type: "user", id: "ann" },
  { type: "user", id: "bob" },
  { type: "user", id: "cy" },
  { type: "service-account", id: "bot" },
] as const;
const SETS = ["manage-schemas", "view-schemas", "manage-datasets", "view-datasets", "manage-segments", "view-segments", "view-sandboxes"];
const LABELS = ["core/C1", "core/C2", "core/I1", "custom/x"];
const TYPES = ["schemas", "datasets", "segments", "schema-fields"];
/** Below a sandbox, with ids in the places of `#`. */
const SHAPES = ["schemas/#", "datasets/#", "segments/#", "schemas/#/schema-fields/#", "datasets/#/schema-fields/#"];
/** How the wire writes an action → what it means. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  "com.adobe.action.read": ["read", "view"],
  view: ["read", "view"],
  write: ["write"],
  "com.adobe.action.create": ["write"],
  edit: ["write"],
  "com.adobe.action.delete": ["delete"],
};

const catalogue = (() => {
  const file = JSON.parse(readFileSync(new URL(`../catalogues/${PRODUCT}/product.json`, import.meta.url), "utf8"));
  const read = parseProductDocument(file);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
})();
const isDefault = (rec: Rec): boolean => rec.kind === "policy" && rec.value.id === "default-label-based-access-control-policy";
const DEFAULT = catalogue.find(isDefault)?.value as Policy;

/** Any but `null`, which this surface takes for a slip: a rule without a condition leaves it out. */
function condition(random: Random, depth?: number): Condition {
  for (;;) {
    const found = anyCondition(random, depth);
    if (found !== null) return found;
  }
}

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

/** What was written, in the model's words. */
type Written = {
  readonly one: Organization;
  readonly root: AepClient;
  readonly roles: Map<string, Role>;
  readonly holders: Map<string, Set<string>>;
  readonly policies: Map<string, Policy>;
  readonly members: readonly string[];
  readonly resources: readonly Resource[];
  readonly links: readonly Link[];
};

async function world(random: Random): Promise<Written> {
  const one = await aepOrganization(served);
  const root = await clientOf(served, one);
  const resources = SANDBOXES.flatMap((sandbox) =>
    SHAPES.flatMap((shape) =>
      ["1", "2"].map((id) => ({ path: `/sandboxes/${sandbox}/${shape.replaceAll("#", id)}`, labels: random.some(LABELS, 0.3) })),
    ),
  );
  const links = SANDBOXES.map((sandbox) => ({
    from: `/sandboxes/${sandbox}/datasets/1`,
    linkKind: "schema",
    to: `/sandboxes/${sandbox}/schemas/1`,
  }));
  const members = random.some(["ann", "bob", "cy"], 0.5);
  await one.writes([
    put("label", { id: "custom/x" }),
    put("principal", { id: "bot", type: "service-account" }),
    // The fixture's own.
    { delete: { kind: "membership", group: "team", member: "cy" } },
    ...members.map((member) => put("membership", { group: "team", member })),
    ...resources.map((resource) => put("resource", resource)),
    ...links.map((link) => put("link", link)),
  ]);
  return { one, root, roles: new Map(), holders: new Map(), policies: new Map([[DEFAULT.id, DEFAULT]]), members, resources, links };
}

async function newRole(random: Random, at: Written): Promise<void> {
  const [permissionSets, sandboxes] = [random.some(SETS, 0.4), random.some(SANDBOXES, 0.7)];
  const labels = random.some(LABELS, 0.5);
  const name = `Role ${at.roles.size}`;
  const { id } = await at.root.role({ name, permissionSets, sandboxes, subjectAttributes: { labels } });
  at.roles.set(id, { product: PRODUCT, id, name, type: "user-defined", sandboxes, labels, sets: permissionSets.map((set) => ({ set })) });
  at.holders.set(id, new Set());
}

const SUBJECT_PATHS = { user: "/user", "service-account": "/api-integration", group: "/ims-group" } as const;
const HOLDERS = [...PEOPLE, { type: "group", id: "team" } as const];

/** One subject more, or one fewer. */
async function altersSubjects(random: Random, at: Written): Promise<void> {
  const id = random.pick([...at.roles.keys()]);
  const holders = at.holders.get(id) as Set<string>;
  const who = random.pick(HOLDERS);
  const [path, op] = [SUBJECT_PATHS[who.type], holders.has(who.id) ? "remove" : "add"];
  const operation = { op, path, value: who.id };
  const answer = await at.root.patch(
    `/administration/roles/${id}/subjects`,
    random.pick([operation, [operation], { operations: [operation] }]),
  );
  expect([200, 204], answer.text).toContain(answer.status);
  if (op === "add") holders.add(who.id);
  else holders.delete(who.id);
}

async function altersRole(random: Random, at: Written): Promise<void> {
  const role = at.roles.get(random.pick([...at.roles.keys()])) as Role;
  const path = `/administration/roles/${role.id}`;
  const label = random.pick(LABELS);
  const set = random.pick(SETS);
  const [operation, now] = random.pick<readonly [object, Role]>([
    [
      { op: "replace", path: "/subjectAttributes/labels", value: [label] },
      { ...role, labels: [label] },
    ],
    [
      { op: "add", path: "/subjectAttributes/labels", value: [label] },
      { ...role, labels: [...new Set([...(role.labels ?? []), label])] },
    ],
    [
      { op: "replace", path: "/sandboxes", value: ["dev"] },
      { ...role, sandboxes: ["dev"] },
    ],
    [
      { op: "add", path: "/sandboxes", value: ["prod"] },
      { ...role, sandboxes: [...new Set([...(role.sandboxes ?? []), "prod"])] },
    ],
    [
      { op: "replace", path: "/permissionSets", value: [set] },
      { ...role, sets: [{ set }] },
    ],
    [
      { op: "add", path: "/permissionSets", value: [set] },
      { ...role, sets: [...role.sets.filter((each) => each.set !== set), { set }] },
    ],
  ]);
  const answer = await at.root.patch(path, operation);
  expect(answer.status, answer.text).toBe(200);
  at.roles.set(role.id, now);
}

async function newPolicy(random: Random, at: Written): Promise<void> {
  const pattern = random.pick([
    "/sandboxes/*",
    "/sandboxes/*/schemas/*",
    "/sandboxes/prod/*",
    "/sandboxes/dev/datasets/1",
    "/sandboxes/*/segments/2",
    "/sandboxes/prod/schemas/*",
  ]);
  const [effect, named, rule] = [
    random.pick(["Permit", "Deny", "deny", "Indeterminate"]),
    random.some(Object.keys(ACTIONS), 0.5),
    condition(random),
  ];
  const actions = named.length === 0 ? ["view"] : named;
  const subject = random.chance(0.2) ? condition(random, 1) : undefined;
  const list = random.chance(0.3) ? [random.pick(SANDBOXES)] : undefined;
  const name = `Policy ${at.policies.size}`;
  const { id } = await at.root.policy({
    name,
    rules: [{ effect, resource: `/orgs/${at.one.id}${pattern}`, condition: JSON.stringify(rule), actions }],
    ...(subject === undefined ? {} : { subjectCondition: JSON.stringify(subject) }),
    ...(list === undefined ? {} : { parameters: { sandboxes: list, autoInclude: false } }),
  });
  const meant = [...new Set(actions.flatMap((action) => ACTIONS[action] as readonly string[]))];
  at.policies.set(id, {
    ...{ id, name, product: PRODUCT, status: "active", sandboxes: list ?? "all" },
    ...(subject === undefined ? {} : { subjectCondition: subject }),
    rules: [{ effect: effect.toLowerCase() as "deny", resource: pattern, condition: rule, actions: meant }],
  });
}

/** Turns one on or off, the default one among them. */
async function altersPolicy(random: Random, at: Written): Promise<void> {
  const policy = at.policies.get(random.pick([...at.policies.keys()])) as Policy;
  const status = policy.status === "active" ? "inactive" : "active";
  const answer = await at.root.patch(`/administration/policies/${policy.id}`, { op: "replace", path: "/status", value: status });
  expect(answer.status, answer.text).toBe(200);
  at.policies.set(policy.id, { ...policy, status });
}

async function deletes(random: Random, at: Written): Promise<void> {
  const ids = [...at.policies.keys()].filter((id) => id !== DEFAULT.id);
  if (ids.length === 0) return;
  const id = random.pick(ids);
  expect((await at.root.call(`/administration/policies/${id}`, { method: "DELETE" })).status).toBe(204);
  at.policies.delete(id);
}

function recordsOf({ roles, holders, policies, members, resources, links }: Written): readonly Rec[] {
  const assignments = [...holders].flatMap(([role, who]) => [...who].map((principal) => ({ role, principal })));
  return [
    ...catalogue.filter((rec) => !isDefault(rec)),
    ...LABELS.map((id): Rec => ({ kind: "label", value: { id } as Label })),
    ...PEOPLE.map((who): Rec => ({ kind: "principal", value: { ...who, active: true } })),
    { kind: "principal", value: { id: "team", type: "group", active: true } },
    ...members.map((member): Rec => ({ kind: "membership", value: { group: "team", member } })),
    ...SANDBOXES.map((name): Rec => ({ kind: "resource", value: { path: `/sandboxes/${name}` } })),
    ...resources.map((value): Rec => ({ kind: "resource", value })),
    ...links.map((value): Rec => ({ kind: "link", value })),
    ...[...roles.values()].map((value): Rec => ({ kind: "role", value })),
    ...assignments.map((value): Rec => ({ kind: "assignment", value })),
    ...[...policies.values()].map((value): Rec => ({ kind: "policy", value })),
  ];
}

function question(random: Random) {
  const shape = random.pick(SHAPES).replaceAll("#", () => random.pick(["1", "2", "new"]));
  const path = `/sandboxes/${random.pick([...SANDBOXES, ...SANDBOXES, "nowhere"])}/${shape}`;
  const properties = { ...(random.chance(0.3) ? { labels: random.some(LABELS, 0.4) } : {}), ...(random.chance(0.5) ? { tier: "a" } : {}) };
  const subject = random.chance(0.5) ? { properties: { dept: "a", level: 1 } } : {};
  const context = random.pick([{ ip: "a", level: 1 }, {}, { nested: { a: "a" } }]);
  return {
    subject: { ...random.pick(PEOPLE), ...subject },
    action: { name: random.pick(["read", "write", "delete", "share"]) },
    resource: { path, properties },
    context,
  };
}

async function compareDecisions(random: Random, at: Written, told: string): Promise<readonly boolean[]> {
  const evaluations = Array.from({ length: QUESTIONS }, () => question(random));
  const answer = await served.call(`/v1/orgs/${at.one.id}/check/batch`, { body: { evaluations } });
  expect(answer.status, answer.text).toBe(200);
  const naive = reference(recordsOf(at));
  return evaluations.map(({ subject, ...asked }, index) => {
    const { decision, context } = answer.body.evaluations[index];
    const expected = naive.evaluate({ principal: subject, ...asked }, Date.now());
    const about = `${told} ${JSON.stringify(asked)} of ${subject.id}`;
    expect([decision, context.reasons[0].code], about).toEqual([expected.allow, expected.code]);
    return decision;
  });
}

/** The sets of the roles that hold the sandbox, and those that count in the whole organization, whatever their role holds. */
async function compareHeld(random: Random, at: Written, told: string): Promise<void> {
  const sets = new Map(catalogue.flatMap((rec) => (rec.kind === "permission-set" ? [[rec.value.id, rec.value] as const] : [])));
  for (const { id } of PEOPLE) {
    const client = await clientOf(served, at.one, id);
    const sandbox = random.pick(SANDBOXES);
    const ids = [id, ...(at.members.includes(id) ? ["team"] : [])];
    const roles = [...at.roles.values()].filter((role) => ids.some((who) => at.holders.get(role.id)?.has(who)));
    const held = roles.flatMap((role) =>
      role.sets.filter(({ set }) => role.sandboxes?.includes(sandbox) || sets.get(set)?.organizationLevel === true).map(({ set }) => set),
    );
    const expected = Object.fromEntries([
      ...SETS.filter((set) => held.includes(set)).map((set) => [`/permissions/${set}`, ["*"]]),
      ...TYPES.flatMap((type) => {
        const given = held.flatMap(
          (set) =>
            sets
              .get(set)
              ?.pairs.filter((pair) => pair.type === type)
              .flatMap(({ actions }) => actions) ?? [],
        );
        const spoken = ["read", "write", "delete"].filter((action) => given.includes(action));
        return spoken.length === 0 ? [] : [[`/resource-types/${type}`, spoken]];
      }),
    ]);
    const asked = [...SETS.map((set) => `/permissions/${set}`), ...TYPES.map((type) => `/resource-types/${type}`), "/permissions/none"];
    const answer = await client.effective(asked, sandbox);
    expect(answer.body.policies, `${told} ${id} in ${sandbox}`).toEqual(expected);
  }
}

const PART_OF_WIRE = Object.keys(WIRE.permissionSets);
const ALTERING = [altersSubjects, altersSubjects, altersRole, newPolicy, altersPolicy, deletes, newRole];

describe("what is written through the access control API", () => {
  it(`is decided as the reference evaluator decides it (REEVE_SEED=${SEED})`, async () => {
    expect(SETS).toEqual(expect.arrayContaining(PART_OF_WIRE));
    const decisions: boolean[] = [];
    for (let turn = 0; turn < WORLDS; turn++) {
      const random = seeded(SEED + turn);
      const at = await world(random);
      for (let i = 0; i < 4; i++) await newRole(random, at);
      for (let i = 0; i < 6; i++) await altersSubjects(random, at);
      for (let i = 0; i < 3; i++) await newPolicy(random, at);
      for (let step = 0; step < STEPS; step++) {
        const told = `REEVE_SEED=${SEED} world ${turn} step ${step}`;
        decisions.push(...(await compareDecisions(random, at, told)));
        await compareHeld(random, at, told);
        for (let i = 0; i < 3; i++) await random.pick(ALTERING)(random, at);
      }
    }
    // A world in which everything is denied would compare nothing.
    const allowed = decisions.filter((decision) => decision).length / decisions.length;
    expect(allowed).toBeGreaterThan(0.1);
    expect(allowed).toBeLessThan(0.9);
  }, 120_000);
});
