/** Permissions of assets over HTTP: who gives what to whom, how far it reaches, what is shown of it; and the tables of who may what. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FIRST, ORDERS, type Person, SPACE, type Space, said, space } from "./assets.ts";
import { can, LEVEL_ACTIONS, type Node } from "./reference/asset-tree.ts";
import { type Random, seeded } from "./reference/random.ts";
import { type Answer, type Served, serve } from "./serve.ts";

const SEED = Number(process.env["REEVE_SEED"] ?? Date.now() % 2 ** 30);
let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

type Ground = Space & Readonly<Record<"ann" | "bob" | "cy" | "dee" | "boss", Person>>;
const SECOND = `${ORDERS}/versions/2.0`;

/** `ann` owns `orders` and its two versions. */
async function ground(): Promise<Ground> {
  const made = await space(served);
  const names = ["ann", "bob", "cy", "dee", "boss"] as const;
  const people = Object.fromEntries(await Promise.all(names.map(async (id) => [id, await made.person(id)] as const)));
  for (const [path, more] of [
    [ORDERS, {}],
    [SECOND, {}],
  ] as const)
    await made.root.make(path, { owner: "ann", ...more });
  return { ...made, ...people } as Ground;
}
const rows = ({ body }: Answer): readonly string[] =>
  body.items.map(
    (row: { principal: { display: string }; access: string; reach: string; originPath: string; deletable: boolean }) =>
      `${row.principal.display} ${row.access} ${row.reach} ${row.originPath}${row.deletable ? " x" : ""}`,
  );

describe("the list of permissions", () => {
  it("shows the owner first, then own entries, then what reaches from above, with where it is defined", async () => {
    const { root, ann, bob } = await ground();
    await root.give(SPACE, ["bob", "read_execute", true]);
    await root.give(SPACE, ["dee", "full_access"]);
    await ann.give(ORDERS, ["team", "read_write", true]);
    await ann.give(ORDERS, ["dee", "read_only"]);
    await ann.give(FIRST, ["members", "read_only"]);
    await ann.give(FIRST, ["dee", "read_execute", true]);
    const told = await ann.permissions(FIRST);
    expect(rows(told)).toEqual([
      `ann owner self ${FIRST}`,
      `ann owner subtree ${ORDERS}`,
      `members(Group) read_only self ${FIRST} x`,
      `dee read_execute children ${ORDERS}`,
      `Team(Group) read_write subtree ${ORDERS}`,
      `bob read_execute subtree ${SPACE}`,
    ]);
    expect([told.body.canEdit, told.body.level]).toEqual([true, "versions"]);
    expect(told.body.items[2]).toMatchObject({ givenBy: "ann", perms: ["R"], origin: "self", appliesToAll: false });
    expect(told.body.items[5]).toMatchObject({ perms: ["R", "X"], origin: "inherited", appliesToAll: true });
    expect(told.body.items[5].givenBy).toBeUndefined();
    expect(Math.abs(told.body.items[5].givenAt - Date.now())).toBeLessThan(60_000);
    const seen = await bob.permissions(FIRST);
    expect([seen.body.canEdit, seen.body.items.some((row: { deletable: boolean }) => row.deletable)]).toEqual([false, false]);
    expect(rows(await ann.permissions(ORDERS))).toContain(`dee read_execute children ${ORDERS} x`);
  });

  it("comes in pages, whatever is taken away in between", async () => {
    const { root, ann } = await ground();
    await root.give(SPACE, ["bob", "read_only", true]);
    for (const id of ["bob", "cy", "dee", "team"]) await ann.give(ORDERS, [id, "read_only", true]);
    const whole = rows(await ann.permissions(ORDERS));
    for (const limit of [1, 2, 5]) {
      const found: string[] = [];
      for (let next: string | undefined = ""; next !== undefined; ) {
        const page: Answer = await ann.permissions(ORDERS, `&limit=${limit}${next === "" ? "" : `&cursor=${next}`}`);
        found.push(...rows(page));
        next = page.body.next;
      }
      expect(found).toEqual(whole);
    }
    const first = await ann.permissions(ORDERS, "&limit=2");
    await ann.take(ORDERS, "bob");
    expect(rows(await ann.permissions(ORDERS, `&limit=9&cursor=${first.body.next}`))).toEqual(whole.slice(2));
  });

  it("has an ETag of its own: who writes on an old list is told so", async () => {
    const { ann } = await ground();
    const old = (await ann.permissions(ORDERS)).headers.get("etag") as string;
    const made = await ann.give(ORDERS, ["bob", "read_only"], { "if-match": old });
    expect(made.status).toBe(201);
    expect(said(await ann.give(ORDERS, ["cy", "read_only"], { "if-match": old }))).toEqual([412, "object_changed"]);
    expect((await ann.give(ORDERS, ["cy", "read_only"], { "if-match": made.headers.get("etag") as string })).status).toBe(201);
    await ann.take(ORDERS, "cy");
    expect((await ann.permissions(ORDERS)).headers.get("etag")).toBe(made.headers.get("etag"));
    expect((await ann.give(ORDERS, ["cy", "read_only"], { "if-match": "W/x" })).status).toBe(400);
  });

  it("loses no entry of two editors", async () => {
    const { ann, boss } = await ground();
    const people = ["bob", "cy", "dee", "team", "members"];
    await Promise.all(people.flatMap((id) => [ann.give(ORDERS, [id, "read_only"]), boss.give(FIRST, [id, "read_only"])]));
    for (const path of [ORDERS, FIRST])
      expect(
        (await ann.permissions(path)).body.items.filter(
          (row: { originPath: string; access: string }) => row.originPath === path && row.access !== "owner",
        ),
      ).toHaveLength(5);
  });
});

describe("giving", () => {
  it("replaces what somebody had there, and says so", async () => {
    const { ann } = await ground();
    expect((await ann.give(ORDERS, ["bob", "read_only"])).body).toEqual({ is: "made", path: ORDERS });
    const again = await ann.give(ORDERS, ["bob", "read_write", true]);
    expect([again.status, again.body.is]).toEqual([200, "replaced"]);
    expect(rows(await ann.permissions(ORDERS))).toEqual([`ann owner subtree ${ORDERS}`, `bob read_write subtree ${ORDERS} x`]);
    // For all versions is another slot, kept on the API.
    expect((await ann.give(FIRST, ["bob", "read_only", true])).body).toEqual({ is: "made", path: ORDERS });
    expect((await ann.permissions(ORDERS)).body.items).toHaveLength(3);
    expect((await ann.take(ORDERS, "bob")).body.errors[0]).toMatchObject({ pointer: "?reach", allowed: ["subtree", "children"] });
    expect((await ann.take(ORDERS, "bob", "children")).status).toBe(204);
  });

  it("reaches what is made later, and ends everywhere at once", async () => {
    const { root, ann, bob } = await ground();
    await root.give(SPACE, ["bob", "read_execute", true]);
    await root.make(`${SPACE}/apis/later`, { owner: "ann" });
    for (const path of [`${SPACE}/apis/later`, `${SPACE}/apis/later/versions/1.0`, SECOND])
      expect((await bob.get(path)).body.actions).toContain("call");
    expect((await root.take(SPACE, "bob")).status).toBe(204);
    for (const path of [SPACE, `${SPACE}/apis/later`, SECOND]) expect((await bob.get(path)).status).toBe(404);
    expect((await ann.get(SECOND)).status).toBe(200);
  });

  it("is for who may edit permissions there, and as far as he may", async () => {
    const { root, ann, bob, boss } = await ground();
    expect(said(await bob.give(ORDERS, ["dee", "read_only"]))).toEqual([404, "asset_not_found"]);
    await ann.give(FIRST, ["bob", "full_access"]);
    // Full access edits permissions only while the setting is on.
    expect(said(await bob.give(FIRST, ["dee", "read_only"]))).toEqual([403, "not_permitted"]);
    await boss.call("/settings", { method: "PUT", body: { fullAccessMayPublish: true } });
    expect((await bob.give(FIRST, ["dee", "read_only"])).status).toBe(201);
    expect(said(await bob.give(FIRST, ["dee", "read_only", true]))).toEqual([403, "scope_exceeds_own_access"]);
    // On the API, but not below it.
    await ann.give(ORDERS, ["bob", "full_access"]);
    expect((await bob.give(ORDERS, ["dee", "read_only"])).status).toBe(201);
    expect(said(await bob.give(ORDERS, ["dee", "read_only", true]))).toEqual([403, "scope_exceeds_own_access"]);
    await ann.give(ORDERS, ["bob", "full_access", true]);
    expect((await bob.give(ORDERS, ["dee", "read_only", true])).status).toBe(200);
    await root.give(SPACE, ["bob", "full_access", true]);
    expect(said(await bob.give(SPACE, ["dee", "read_only"]))).toEqual([403, "not_permitted"]);
    await boss.call("/settings", { method: "PUT", body: { legacyPermissions: true } });
    expect(said(await bob.give(ORDERS, ["dee", "read_only"]))).toEqual([403, "not_permitted"]);
    expect((await ann.give(ORDERS, ["dee", "read_only"])).status).toBe(200);
  });

  it("never names the owner, a stranger, or access that comes with ownership", async () => {
    const { ann } = await ground();
    expect(said(await ann.give(ORDERS, ["ann", "read_only"]))).toEqual([409, "owner_entry_protected"]);
    expect(said(await ann.take(ORDERS, "ann"))).toEqual([409, "owner_entry_protected"]);
    expect(said(await ann.give(ORDERS, ["nobody", "read_only"]))).toEqual([400, "unknown_principal"]);
    const asGroup = { path: ORDERS, principal: { type: "group", id: "bob" }, access: "read_only" };
    expect(said(await ann.call("/permissions", { method: "PUT", body: asGroup }))).toEqual([400, "unknown_principal"]);
    expect((await ann.give(ORDERS, ["bob", "owner"])).body.errors[0].pointer).toBe("/access");
    const window = { ...asGroup, principal: { type: "user", id: "bob" }, notBefore: 5, notAfter: 5 };
    expect((await ann.call("/permissions", { method: "PUT", body: window })).status).toBe(400);
  });
});

describe("taking away", () => {
  it("is done where an entry is defined", async () => {
    const { root, ann, bob } = await ground();
    await root.give(SPACE, ["bob", "read_only", true]);
    await ann.give(FIRST, ["dee", "read_only", true]);
    const inherited = await ann.take(FIRST, "bob");
    expect(said(inherited)).toEqual([409, "inherited_entry"]);
    expect(inherited.body.detail).toContain(SPACE);
    expect((await ann.take(SECOND, "dee")).body.detail).toContain(ORDERS);
    expect(said(await ann.take(FIRST, "cy"))).toEqual([404, "asset_not_found"]);
    expect(said(await bob.take(FIRST, "bob"))).toEqual([403, "not_permitted"]);
    expect((await ann.call(`/permissions?path=${FIRST}`, { method: "DELETE" })).body.errors[0].pointer).toBe("?principal");
    expect((await ann.take(FIRST, "bob", "sideways")).body.errors[0].pointer).toBe("?reach");
  });

  it("of one's own is done at once", async () => {
    const { ann, bob, boss } = await ground();
    await boss.call("/settings", { method: "PUT", body: { fullAccessMayPublish: true } });
    await ann.give(ORDERS, ["bob", "full_access", true]);
    expect((await bob.take(ORDERS, "bob")).status).toBe(204);
    expect((await bob.get(ORDERS)).status).toBe(404);
  });

  it("happens with a group and with a user", async () => {
    const { ann, cy, one } = await ground();
    await ann.give(ORDERS, ["team", "full_access", true]);
    expect((await cy.get(FIRST)).status).toBe(200);
    await one.writes([{ delete: { kind: "principal", id: "team" } }]);
    expect((await cy.get(FIRST)).status).toBe(404);
    await one.writes([
      { put: { kind: "principal", value: { id: "team", type: "group" } } },
      { put: { kind: "membership", value: { group: "team", member: "cy" } } },
    ]);
    expect((await cy.get(FIRST)).status).toBe(404);
    expect((await ann.permissions(ORDERS)).body.items).toHaveLength(1);
  });
});

describe("many entries", () => {
  const entry = (path: string, id: string, access = "read_only") => ({ path, principal: { type: "user", id }, access });

  it("are given and taken in one write, all or none", async () => {
    const { ann } = await ground();
    const written = await ann.call("/permissions/batch", {
      body: { entries: [entry(ORDERS, "bob"), entry(FIRST, "cy"), entry(FIRST, "dee")] },
    });
    expect(written.body.items.map(({ is }: { is: string }) => is)).toEqual(["made", "made", "made"]);
    const mixed = [entry(ORDERS, "bob", "read_write"), { path: FIRST, remove: "cy" }];
    expect((await ann.call("/permissions/batch", { body: { entries: mixed } })).body.items.map(({ is }: { is: string }) => is)).toEqual([
      "replaced",
      "removed",
    ]);
    const before = rows(await ann.permissions(FIRST));
    expect(
      said(await ann.call("/permissions/batch", { body: { entries: [{ path: FIRST, remove: "dee" }, entry(ORDERS, "ann")] } })),
    ).toEqual([409, "owner_entry_protected"]);
    expect(
      said(await ann.call("/permissions/batch", { body: { entries: [{ path: FIRST, remove: "dee" }, entry(SPACE, "bob")] } })),
    ).toEqual([404, "asset_not_found"]);
    expect(rows(await ann.permissions(FIRST))).toEqual(before);
    expect(
      (await ann.call("/permissions/batch", { body: { entries: Array.from({ length: 1_001 }, () => entry(FIRST, "bob")) } })).status,
    ).toBe(400);
  });

  it("are laid on a subtree as a preview showed it, or not at all", async () => {
    const { root, ann } = await ground();
    await ann.give(FIRST, ["bob", "read_write"]);
    const body = { path: ORDERS, entries: [{ principal: { type: "user", id: "bob" }, access: "read_only" }] };
    const preview = (await ann.call("/permissions/subtree", { body })).body;
    expect(preview).toMatchObject({ isPreview: true, entries: 3 });
    expect(preview.items).toEqual([
      { path: ORDERS, made: 1, replaced: 0 },
      { path: FIRST, made: 0, replaced: 1 },
      { path: SECOND, made: 1, replaced: 0 },
    ]);
    expect(rows(await ann.permissions(FIRST))).toContain(`bob read_write self ${FIRST} x`);
    await root.make(`${ORDERS}/versions/3.0`, { owner: "ann" });
    expect(said(await ann.call("/permissions/subtree", { body: { ...body, revision: preview.revision } }))).toEqual([
      412,
      "revision_conflict",
    ]);
    const again = (await ann.call("/permissions/subtree", { body: { ...body, levels: ["versions"] } })).body;
    const done = (await ann.call("/permissions/subtree", { body: { ...body, levels: ["versions"], revision: again.revision } })).body;
    expect([done.isPreview, done.items, done.entries]).toEqual([false, again.items, 3]);
    expect(rows(await ann.permissions(FIRST))).toContain(`bob read_only self ${FIRST} x`);
    await root.make(`${ORDERS}/versions/4.0`, { owner: "dee" });
    const dee = `${ORDERS}/versions/4.0`;
    expect(said(await ann.call("/permissions/subtree", { body: { ...body, path: dee } }))).toEqual([200]);
    expect(said(await ann.call("/permissions/subtree", { body: { ...body, path: SPACE } }))).toEqual([404, "asset_not_found"]);
  });
});

const ACCESS = { read_only: "R", read_execute: "RX", read_write: "RW", full_access: "RWX" } as const;
const PEOPLE = ["ann", "bob", "cy", "dee", "boss"] as const;

/** What everybody may do on every asset, by the lists of actions that the server tells, and by the evaluator of the sheet. */
async function compare(
  at: Ground,
  nodes: readonly Node[],
  { setting, told }: { readonly setting: boolean; readonly told: string },
): Promise<number> {
  let allowed = 0;
  for (const id of PEOPLE) {
    const actor = { id, groups: new Set(["members", ...(id === "cy" ? ["team"] : []), ...(id === "boss" ? ["admins"] : [])]) };
    for (const node of nodes) {
      const { status, body } = await at[id].get(node.path);
      const expected = LEVEL_ACTIONS[node.kind].filter((action) => can(actor, action, { node, setting }));
      const found = status === 404 ? [] : body.actions.filter((action: string) => LEVEL_ACTIONS[node.kind].includes(action as never));
      expect([...found].sort(), `${told}: ${id} on ${node.path}`).toEqual([...expected].sort());
      allowed += expected.length;
    }
  }
  return allowed;
}

function treeOf(): readonly Node[] {
  const node = (path: string, kind: Node["kind"], parent: Node | null): Node => ({
    path,
    kind,
    parent,
    owner: parent === null ? null : "ann",
    entries: [],
  });
  const apim = node(SPACE, "space", null);
  const orders = node(ORDERS, "api", apim);
  return [apim, orders, node(FIRST, "version", orders), node(SECOND, "version", orders)];
}

describe("who may what", () => {
  it.each(["off", "on"])(
    "is what the tables say, with the setting %s, for each access given at each level, to a user and to a group, with and without reach",
    async (is) => {
      const at = await ground();
      await at.boss.call("/settings", { method: "PUT", body: { fullAccessMayPublish: is === "on" } });
      for (const [level, path] of [SPACE, ORDERS, FIRST].entries()) {
        for (const access of Object.keys(ACCESS) as (keyof typeof ACCESS)[]) {
          for (const [principal, all] of [
            ["bob", false],
            ["bob", true],
            ["team", false],
            ["team", true],
          ] as const) {
            const nodes = treeOf();
            const holder = all && path === FIRST ? 1 : level;
            nodes[holder]?.entries.push({
              principal,
              perms: [...ACCESS[access]] as never,
              scope: !all ? "SELF" : path === FIRST ? "CHILDREN" : "SUBTREE",
            });
            expect((await at.root.give(path, [principal, access, all])).status).toBe(201);
            const told = `${access} on ${path} to ${principal}${all ? ", all" : ""}, setting ${is}`;
            await compare(at, nodes, { setting: is === "on", told });
            expect((await at.root.take(nodes[holder]?.path as string, principal)).status).toBe(204);
          }
        }
      }
    },
  );

  it(`is what the evaluator says of random trees with many entries (REEVE_SEED=${SEED})`, async () => {
    let allowed = 0;
    for (let turn = 0; turn < 3; turn++) {
      const random = seeded(SEED + turn);
      const at = await ground();
      const nodes = [...treeOf()];
      for (let step = 0; step < 8; step++) {
        for (let i = 0; i < 3; i++) await alter(random, at, nodes);
        const setting = random.chance(0.5);
        await at.boss.call("/settings", { method: "PUT", body: { fullAccessMayPublish: setting } });
        allowed += await compare(at, nodes, { setting, told: `REEVE_SEED=${SEED} turn ${turn} step ${step}` });
      }
    }
    expect(allowed).toBeGreaterThan(500);
  });
});

/** One entry more, or in another form, or one fewer; another owner; another version. */
async function alter(random: Random, at: Ground, nodes: Node[]): Promise<void> {
  const node = random.pick(nodes);
  if (node.kind !== "space" && random.chance(0.2)) {
    const owner = random.pick(["ann", "bob", "cy", "dee"]);
    const before = node.owner as string;
    expect((await at.root.call("/owner", { method: "PUT", body: { path: node.path, owner, retain: random.chance(0) } })).status).toBe(200);
    if (owner !== before) node.entries.splice(0, node.entries.length, ...node.entries.filter(({ principal }) => principal !== owner));
    node.owner = owner;
    return;
  }
  const principal = random.pick(["ann", "bob", "cy", "dee", "team", "members"]);
  const slot = (scope: string) => scope === "CHILDREN";
  if (random.chance(0.25)) {
    const mine = node.entries.filter((entry) => entry.principal === principal);
    if (mine.length !== 1) return;
    expect((await at.root.take(node.path, principal)).status).toBe(204);
    node.entries.splice(node.entries.indexOf(mine[0] as never), 1);
    return;
  }
  const all = random.chance(0.5);
  const holder = all && node.kind === "version" ? (node.parent as Node) : node;
  const scope = !all ? "SELF" : holder === node ? "SUBTREE" : "CHILDREN";
  const access = random.pick(Object.keys(ACCESS)) as keyof typeof ACCESS;
  const answer = await at.root.give(node.path, [principal, access, all]);
  if (holder.owner === principal) expect(said(answer)).toEqual([409, "owner_entry_protected"]);
  else {
    expect([200, 201]).toContain(answer.status);
    const at_ = holder.entries.findIndex((entry) => entry.principal === principal && slot(entry.scope) === slot(scope));
    holder.entries.splice(at_ === -1 ? holder.entries.length : at_, at_ === -1 ? 0 : 1, {
      principal,
      perms: [...ACCESS[access]] as never,
      scope,
    });
  }
}
