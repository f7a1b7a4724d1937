/**
 * Reports over HTTP: each held against single checks on a random organization, as JSON in pages and as CSV; what they refuse, to whom,
 * and that they tell nothing of another organization.
 */
import { ROUTES } from "@reeve/contract";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE, type Change, makeOrganization, type Organization, put } from "./organization.ts";
import { type Answer, type Served, serve } from "./serve.ts";

const SEED = 20_261_122;
const GROUPS = ["g0", "g1", "g2", "g3"] as const;
const USERS = Array.from({ length: 24 }, (_, n) => `u${String(n).padStart(2, "0")}`);
const SANDBOXES = ["dev", "prod"] as const;
const ACTIONS = ["read", "write"] as const;
const FORMULA = '=HYPERLINK("http://x","y"), @SUM';
const ajv = new Ajv2020({ strict: false });
const ids = ["reportAccess", "reportGroupMembers", "reportRolesByLabel", "reportPermissions"] as const;
const schemas = new Map(
  ids.map((id) => [ROUTES[id].path.split("/").at(-1), ajv.compile(ROUTES[id].answer.types["application/json"] as object)]),
);

let served: Served;
let one: Organization;
beforeAll(async () => {
  served = await serve();
  one = await makeOrganization(served, [...BASE, ...randomOrganization()]);
});
afterAll(() => served?.close());

/** The same every time. */
function randomOrganization(): readonly Change[] {
  let seed = SEED;
  const below = (max: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % max;
  };
  const some = <T>(all: readonly T[], share: number): T[] => all.filter(() => below(share) === 0);
  const schema = (n: number): string => `/sandboxes/${SANDBOXES[n % 2]}/schemas/s${n}`;
  return [
    put("product", {
      id: "lake",
      boundedBy: "sandboxes",
      settings: {},
      types: {
        sandboxes: { actions: { view: [] } },
        schemas: { parents: ["sandboxes"], actions: { read: ["R"], write: ["RW"] } },
      },
    }),
    ...ACTIONS.map((action) =>
      put("permission-set", { product: "lake", id: `lake-${action}`, name: action, pairs: [{ type: "schemas", actions: [action] }] }),
    ),
    ...SANDBOXES.map((name) => put("resource", { path: `/sandboxes/${name}` })),
    put("label", { id: "custom/y" }),
    ...[0, 1, 2, 3, 4, 5].map((n) =>
      put("role", {
        product: "lake",
        id: `r${n}`,
        name: n === 0 ? FORMULA : `Role ${n}`,
        description: "Some, of us",
        labels: some(["custom/x", "custom/y"], 2),
        sandboxes: some(SANDBOXES, 2),
        sets: some(["lake-read", "lake-write"], 2).map((set) => ({ set })),
      }),
    ),
    ...GROUPS.map((id) => put("principal", { id, type: "group", active: id !== "g3" })),
    ...USERS.map((id, n) => put("principal", { id, type: "user", name: n === 0 ? FORMULA : `User ${n}`, active: below(8) > 0 })),
    ...GROUPS.flatMap((group, index) =>
      [...some(GROUPS.slice(index + 1), 2), ...some(USERS, 4)].map((member) =>
        put("membership", { group, member, ...(below(6) === 0 ? { notAfter: 1_000 } : {}) }),
      ),
    ),
    ...[0, 1, 2, 3, 4, 5].flatMap((n) =>
      [...some(GROUPS, 3), ...some(USERS, 8)].map((principal) => put("assignment", { role: `r${n}`, principal })),
    ),
    ...[0, 1, 2, 3].map((n) => put("resource", { path: schema(n) })),
    ...[0, 1, 2, 3].flatMap((n) =>
      some(USERS, 8).map((principal) => put("grant", { principal, resource: schema(n), access: "R", reach: "self" })),
    ),
    put("policy", {
      id: "closed",
      name: "Closed",
      status: "active",
      sandboxes: "all",
      rules: [
        { effect: "deny", resource: "/sandboxes/dev/schemas/*", condition: { in: ["g1", { var: "subject.groups" }] }, actions: ["write"] },
      ],
    }),
  ];
}

const at = (report: string, query = "", of: Organization = one) => `/v1/orgs/${of.id}/reports/${report}${query && `?${query}`}`;
// biome-ignore lint/suspicious/noExplicitAny: rows are looked into by tests that say what they expect.
type Row = any;

/** All pages, each of which fits the contract. */
async function rows(report: string, query: string, limit = 500): Promise<readonly Row[]> {
  const found: Row[] = [];
  for (let cursor = ""; cursor !== undefined; ) {
    const answer = await served.call(at(report, `${query}&limit=${limit}${cursor && `&cursor=${cursor}`}`));
    expect(answer.status, answer.text).toBe(200);
    expect(schemas.get(report)?.(answer.body), answer.text).toBe(true);
    expect(answer.headers.get("reeve-revision")).toMatch(/\.\d+$/);
    expect(answer.body.items.length).toBeLessThanOrEqual(limit);
    found.push(...answer.body.items);
    cursor = answer.body.next;
  }
  return found;
}
async function csv(report: string, query: string): Promise<readonly string[]> {
  const answer = await served.call(at(report, query), { headers: { accept: "text/csv" } });
  expect([answer.status, answer.headers.get("content-type")], answer.text).toEqual([200, "text/csv; charset=utf-8; header=present"]);
  expect(answer.headers.get("vary")).toContain("Accept");
  const lines = answer.text.split("\r\n");
  expect(lines.pop()).toBe("");
  return lines;
}
/** Which of the questions check allows, a thousand at a time. */
async function allowed<T extends { readonly id: string; readonly action: string; readonly path: string }>(
  questions: readonly T[],
): Promise<readonly T[]> {
  const evaluations = questions.map(({ id, action, path }) => ({
    subject: { type: "user", id },
    action: { name: action },
    resource: { path },
  }));
  const { body } = await served.call(`/v1/orgs/${one.id}/check/batch`, { body: { evaluations } });
  return questions.filter((_, index) => body.evaluations[index].decision);
}
const faultsOf = ({ body }: Answer): readonly string[] =>
  body.errors.map(({ code, pointer }: { readonly code: string; readonly pointer: string }) => `${code} ${pointer}`);

describe("who has access", () => {
  const questions = (paths: readonly string[]) =>
    USERS.flatMap((id) => paths.flatMap((path) => ACTIONS.map((action) => ({ id, path, action }))));
  const flat = (found: readonly Row[]): readonly unknown[] =>
    found.flatMap(({ id, access }) => access.flatMap(({ path, actions }: Row) => actions.map((action: string) => ({ id, path, action }))));

  it("to a type in sandboxes, and to one resource, is whom single checks allow, at every size of page", async () => {
    const collections = SANDBOXES.map((name) => `/sandboxes/${name}/schemas`);
    const expected = await allowed(questions(collections));
    expect(expected.length).toBeGreaterThan(10);
    for (const limit of [1, 3, 500]) expect(flat(await rows("access", "type=schemas", limit))).toEqual(expected);
    const inProd = expected.filter(({ path, action }) => path === collections[1] && action === "write");
    expect(flat(await rows("access", "type=schemas&sandbox=prod&action=write"))).toEqual(inProd);
    expect(flat(await rows("access", "type=schemas&sandbox=prod&sandbox=dev&action=write&action=read"))).toHaveLength(expected.length);
    for (const path of ["/sandboxes/dev/schemas/s0", "/sandboxes/dev/schemas"])
      expect(flat(await rows("access", `path=${path}`))).toEqual(await allowed(questions([path])));
  });

  it("can be asked of the members of one group, and names users", async () => {
    const all = await rows("access", "type=schemas");
    for (const group of GROUPS) {
      const members = new Set((await rows("group-members", `group=${group}`)).map(({ id }) => id));
      expect(await rows("access", `type=schemas&group=${group}`, 2)).toEqual(all.filter(({ id }) => members.has(id)));
    }
    for (const { id, name } of all) expect(name).toBe(id === "u00" ? FORMULA : `User ${Number(id.slice(1))}`);
    expect(await rows("access", "type=organization")).toEqual([]);
    expect(await rows("access", "type=folders")).toEqual([]);
  });

  it("comes whole as CSV, a line for each user and place", async () => {
    const all = await rows("access", "type=schemas");
    const lines = await csv("access", "type=schemas");
    expect(lines[0]).toBe("user,name,path,actions");
    expect(lines.slice(1)).toHaveLength(all.reduce((sum, { access }) => sum + access.length, 0));
    const { id, name, access } = all.find((row) => row.id !== "u00");
    expect(lines).toContain(`${id},${name},${access[0].path},${access[0].actions.join(" ")}`);
  });
});

describe("who is in a group", () => {
  it("is who is a member of it for a check, with the groups through which", async () => {
    for (const group of GROUPS) {
      const path = `/folders/of-${group}`;
      await one.writes([put("resource", { path }), put("grant", { principal: group, resource: path, access: "R", reach: "self" })]);
      const found = await rows("group-members", `group=${group}`, 3);
      const users = found.filter(({ type, active }) => type === "user" && active).map(({ id }) => id);
      expect(users).toEqual((await allowed(USERS.map((id) => ({ id, path, action: "read" })))).map(({ id }) => id));
      for (const { direct, through } of found) expect([direct, through.length > 0]).toEqual([through.includes(group), true]);
      expect(await csv("group-members", `group=${group}`)).toEqual([
        "id,type,name,active,direct,through",
        ...found.map(({ id, type, name = "", active, direct, through }) =>
          [id, type, id === "u00" ? `"'${name.replaceAll('"', '""')}"` : name, active, direct, through.join(" ")].join(","),
        ),
      ]);
    }
    const everybody = (await rows("group-members", "group=members")).map(({ id }) => id);
    expect(everybody).toEqual(expect.arrayContaining([...USERS, ...GROUPS, "admins"]));
    expect(await rows("group-members", "group=admins")).toEqual([]);
  });
});

describe("roles by label", () => {
  it("have every label, action and sandbox that is asked for, and say who made them when", async () => {
    const page = (await served.call(`/v1/orgs/${one.id}/roles?limit=500`)).body.items.map(({ value }: Row) => value);
    const expected = (fits: (role: Row) => boolean) =>
      page
        .filter(fits)
        .map(({ id }: Row) => id)
        .sort();
    const found = async (query: string) => (await rows("roles-by-label", query, 2)).map(({ id }) => id);
    const has = (list: readonly string[] | undefined, ...all: readonly string[]) => all.every((each) => list?.includes(each) === true);
    const sets = ({ sets: of }: Row) => of.map(({ set }: Row) => set);
    expect(await found("")).toEqual(expected(() => true));
    expect(await found("label=custom/x")).toEqual(expected(({ labels }) => has(labels, "custom/x")));
    expect(await found("label=custom/x&label=custom/y")).toEqual(expected(({ labels }) => has(labels, "custom/x", "custom/y")));
    expect(await found("sandbox=prod&sandbox=dev")).toEqual(expected(({ sandboxes }) => has(sandboxes, "prod", "dev")));
    expect(await found("type=schemas&action=read&action=write")).toEqual(expected((role) => has(sets(role), "lake-read", "lake-write")));
    expect(await found("type=schemas")).toEqual(expected((role) => has(sets(role), "lake-read") || has(sets(role), "lake-write")));
    const [role] = (await rows("roles-by-label", "type=schemas")).filter(({ id }) => id !== "r0");
    expect(role).toMatchObject({
      description: "Some, of us",
      createdBy: "administrator",
      created: expect.any(Number),
      modified: role.created,
    });
    await one.writes([put("role", { product: "lake", id: "r9", name: FORMULA, labels: ["custom/y"], sets: [] })]);
    const lines = await csv("roles-by-label", "label=custom/y");
    expect(lines[0]).toBe("role,name,product,description,labels,sandboxes,modified,created,created_by");
    expect(lines.at(-1)).toMatch(/^r9,"'=HYPERLINK\(""http:\/\/x"",""y""\), @SUM",lake,,custom\/y,,\d{4}-.*Z,\d{4}-.*Z,administrator$/);
  });
});

describe("permissions of somebody", () => {
  it("are what single checks allow, each by a role with every role that gives it", async () => {
    const byRole = new Set<string>();
    for (const user of USERS) {
      const found = await rows("permissions", `user=${user}&sandbox=prod`, 2);
      const paths = ["/sandboxes/prod/schemas", "/sandboxes/prod/schemas/s1", "/sandboxes/prod/schemas/s3"];
      const expected = await allowed(paths.flatMap((path) => ACTIONS.map((action) => ({ id: user, path, action }))));
      const flat = found.flatMap(({ path, actions }) => actions.map(({ name }: Row) => ({ id: user, path, action: name })));
      expect(flat).toEqual(expected);
      for (const { path, type, actions } of found) {
        const { body } = await served.call(`/v1/orgs/${one.id}/held`, {
          body: { subject: { type: "user", id: user }, place: "/sandboxes/prod" },
        });
        for (const { name, source, roles } of actions) {
          const giving = body.entries.filter(({ set }: Row) => set === `lake-${name}`).flatMap((entry: Row) => entry.roles);
          expect([type, roles], path).toEqual(["schemas", source === "role" ? giving : []]);
          if (source === "role") for (const role of roles) byRole.add(role);
        }
      }
      const whole = await rows("permissions", `user=${user}`);
      expect(whole).toEqual(expect.arrayContaining([...found]));
      expect(await csv("permissions", `user=${user}&sandbox=prod`)).toEqual([
        "path,type,action,source,roles",
        ...found.flatMap(({ path, type, actions }) =>
          actions.map(({ name, source, roles }: Row) => [path, type, name, source, roles.join(" ")].join(",")),
        ),
      ]);
    }
    expect(byRole.size).toBeGreaterThan(1);
  });
});

describe("a report that cannot be given", () => {
  it.each([
    ["access", "", "required "],
    ["access", "type=schemas&path=/folders/a", "required "],
    ["access", "type=nothing", "unknown_reference ?type"],
    ["access", "type=__proto__", "unknown_reference ?type"],
    ["access", "type=notes", "not_allowed ?type"],
    ["access", "type=folders&sandbox=prod", "not_allowed ?sandbox"],
    ["access", "type=schemas&action=fly", "unknown_reference ?action"],
    ["access", "type=schemas&sandbox=none", "unknown_reference ?sandbox"],
    ["access", "type=schemas&group=none", "unknown_reference ?group"],
    ["access", "type=schemas&group=u01", "unknown_reference ?group"],
    ["access", "path=folders", "malformed_path ?path"],
    ["access", "path=/schemas/1", "unknown_reference ?path"],
    ["access", "path=/folders/a&action=fly", "unknown_reference ?action"],
    ["access", "path=/folders/a&sandbox=prod", "not_allowed ?sandbox"],
    ["group-members", "", "required ?group"],
    ["group-members", "group=g1&group=g2", "duplicate ?group"],
    ["group-members", "group=none", "unknown_reference ?group"],
    ["roles-by-label", "label=custom/none", "unknown_reference ?label"],
    ["roles-by-label", "action=fly", "unknown_reference ?action"],
    ["permissions", "sandbox=prod", "required ?user"],
    ["permissions", "user=none", "unknown_reference ?user"],
    ["permissions", "user=u01&sandbox=none", "unknown_reference ?sandbox"],
  ])("%s of %j is refused with its place, in either form", async (report, query, fault) => {
    for (const accept of ["application/json", "text/csv"]) {
      const answer = await served.call(at(report, query), { headers: { accept } });
      expect([answer.status, answer.body.code], answer.text).toEqual([400, "malformed_request"]);
      expect(faultsOf(answer)).toContain(fault);
    }
  });

  it("is refused where more than 200 checks a user were asked for, and in a form that there is not", async () => {
    const many = await makeOrganization(served, [...BASE, ...randomOrganization()]);
    await many.writes(Array.from({ length: 150 }, (_, n) => put("resource", { path: `/sandboxes/b${n}` })));
    expect(faultsOf(await served.call(at("access", "type=schemas", many)))).toEqual(["too_many ?sandbox"]);
    expect((await served.call(at("access", "type=schemas&action=read", many))).status).toBe(200);
    expect((await served.call(at("access", "type=schemas"), { headers: { accept: "text/html" } })).body.code).toBe("not_acceptable");
    expect((await served.call(at("access", "type=schemas&limit=1"), { headers: { accept: "text/csv" } })).status).toBe(400);
  });

  it("is for who reads the organization, and of no other one", async () => {
    const other = await makeOrganization(served);
    await one.writes([
      put("principal", { id: "auditor", type: "user" }),
      put("assignment", { role: "reeve-auditor", principal: "auditor" }),
    ]);
    const tokenOf = async (principal: string) =>
      (await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal, ceiling: "read" } })).body.secret;
    const [auditor, ann] = [await tokenOf("auditor"), await tokenOf("ann")];
    for (const path of [
      at("access", "type=schemas"),
      at("group-members", "group=g0"),
      at("roles-by-label"),
      at("permissions", "user=u01"),
    ]) {
      const codeOf = async (token: string, url = path) => {
        const { status, body } = await served.call(url, { token });
        return [status, body.code];
      };
      expect(await codeOf(auditor)).toEqual([200, undefined]);
      expect(await codeOf(ann)).toEqual([403, "not_permitted"]);
      expect(await codeOf(auditor, path.replace(one.id, other.id))).toEqual([404, "organization_not_found"]);
    }
    expect(faultsOf(await served.call(at("permissions", "user=u01", other)))).toEqual(["unknown_reference ?user"]);
    const first = await served.call(at("group-members", "group=members&limit=1"));
    const stolen = await served.call(at("group-members", `group=members&limit=1&cursor=${first.body.next}`, other));
    expect(faultsOf(stolen)).toEqual(["not_allowed ?cursor"]);
  });
});
