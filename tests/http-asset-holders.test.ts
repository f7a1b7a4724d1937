/** Who may do something with an asset and through what, whom it may be given to, and what giving and moving would do. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FIRST, ORDERS, type Person, SPACE, type Space, said, space, USERS } from "./assets.ts";
import { put } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

type Ground = Space & { readonly ann: Person; readonly bob: Person; readonly cy: Person; readonly boss: Person };
async function ground(): Promise<Ground> {
  const made = await space(served);
  const [ann, bob, cy, boss] = await Promise.all(["ann", "bob", "cy", "boss"].map(made.person));
  await made.root.make(ORDERS, { owner: "ann" });
  return { ...made, ann, bob, cy, boss } as Ground;
}
const at = (route: string, path: string, query = ""): string => `/${route}?path=${encodeURIComponent(path)}${query}`;

describe("who has access", () => {
  it("is told with everything that gives it, for each who may", async () => {
    const { ann, root, one } = await ground();
    await one.writes([put("membership", { group: "team", member: "bob" })]);
    await ann.give(ORDERS, ["team", "read_execute", true]);
    await ann.give(FIRST, ["bob", "read_only"]);
    await root.give(SPACE, ["bob", "full_access", true]);
    // On the API alone: that does not reach the version.
    await ann.give(ORDERS, ["dee", "read_only"]);
    const { body } = await ann.call(at("access", FIRST));
    expect(body).toMatchObject({ path: FIRST, action: "view" });
    const entry = (id: string, originPath: string, more: object) => ({
      source: "entry",
      originPath,
      principal: id === "team" ? { type: "group", id, display: "Team(Group)" } : { type: "user", id, display: id },
      ...more,
    });
    type Item = { readonly principal: { readonly id: string }; readonly through: unknown };
    expect(Object.fromEntries(body.items.map(({ principal, through }: Item) => [principal.id, through]))).toEqual({
      ann: [
        { source: "owner", originPath: FIRST },
        { source: "owner", originPath: ORDERS },
      ],
      bob: [
        entry("bob", SPACE, { access: "full_access", appliesToAll: true }),
        entry("bob", FIRST, { access: "read_only", appliesToAll: false }),
        entry("team", ORDERS, { access: "read_execute", appliesToAll: true }),
      ],
      boss: [{ source: "administrator" }],
      cy: [entry("team", ORDERS, { access: "read_execute", appliesToAll: true })],
    });
    const calls = (await ann.call(at("access", FIRST, "&action=call"))).body.items;
    expect(calls.map(({ principal, actions }: { principal: { id: string }; actions: string[] }) => [principal.id, actions.length])).toEqual(
      [
        ["ann", 7],
        ["bob", 5],
        ["boss", 9],
        ["cy", 3],
      ],
    );
    expect((await ann.call(at("access", FIRST, "&type=service-account"))).body.items).toEqual([]);
  });

  it("equals what checks allow, page by page, with Deny and Permit rules", async () => {
    const { ann, one } = await ground();
    await ann.give(ORDERS, ["members", "read_only", true]);
    const rule = (effect: string, actions: string[], id: string) => ({
      effect,
      resource: "/spaces/*/apis/*/versions/*",
      actions,
      condition: { "===": [{ var: "subject.id" }, id] },
    });
    const rules = [rule("deny", ["view"], "bob"), rule("permit", ["call"], "cy")];
    await one.writes([put("policy", { id: "p", name: "P", product: "api-management", status: "active", sandboxes: "all", rules })]);
    for (const action of ["view", "call", "edit_permissions"]) {
      const ids: string[] = [];
      for (let next: string | undefined = ""; next !== undefined; ) {
        const { body } = await ann.call(at("access", FIRST, `&action=${action}&limit=1${next === "" ? "" : `&cursor=${next}`}`));
        ids.push(...body.items.map(({ principal }: { principal: { id: string } }) => principal.id));
        next = body.next;
      }
      const allowed: string[] = [];
      for (const id of [...USERS, "boss"]) {
        const body = { subject: { type: "user", id }, action: { name: action }, resource: { path: FIRST } };
        if ((await served.call(`/v1/orgs/${one.id}/check`, { body })).body.decision) allowed.push(id);
      }
      expect([action, ids]).toEqual([action, allowed.sort()]);
    }
    const called = (await ann.call(at("access", FIRST, "&action=call"))).body.items.find(
      ({ principal }: { principal: { id: string } }) => principal.id === "cy",
    );
    expect(called.through).toEqual([{ source: "policy", policy: "p" }]);
  });

  it("is for who may edit permissions there, and for who reads the organization", async () => {
    const { ann, bob, boss, cy } = await ground();
    expect(said(await bob.call(at("access", ORDERS)))).toEqual([404, "asset_not_found"]);
    await ann.give(ORDERS, ["bob", "full_access", true]);
    expect(said(await bob.call(at("access", ORDERS)))).toEqual([403, "not_permitted"]);
    await boss.call("/settings", { method: "PUT", body: { fullAccessMayPublish: true } });
    expect((await bob.call(at("access", ORDERS))).status).toBe(200);
    expect((await boss.call(at("access", ORDERS))).status).toBe(200);
    expect((await cy.call(at("access", ORDERS))).status).toBe(404);
  });

  it.each([
    ["&action=publish", "?action"],
    ["&type=group", "?type"],
    ["&limit=0", "?limit"],
    ["&cursor=x", "?cursor"],
    ["&more=1", "?more"],
  ])("is refused with %s", async (query, pointer) => {
    const { ann } = await ground();
    const answer = await ann.call(at("access", ORDERS, query));
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, pointer]);
  });
});

describe("principals", () => {
  const named = async (who: Person, text: string): Promise<readonly string[]> => {
    const answer = await who.call(at("principals", ORDERS, `&q=${encodeURIComponent(text)}`));
    expect(answer.status, answer.text).toBe(200);
    return answer.body.items.map(({ display }: { display: string }) => display);
  };

  it("are found by what is typed, groups with their suffix and without, in any case", async () => {
    const { ann, one } = await ground();
    await one.writes([
      put("principal", { id: "g1", type: "group", name: "Bob's friends" }),
      put("principal", { id: "u9", type: "user", name: "Zed Bobson" }),
      put("principal", { id: "gone", type: "user", name: "Bobby", active: false }),
      put("principal", { id: "robot", type: "service-account", name: "Group mailer" }),
    ]);
    expect(await named(ann, "bob")).toEqual(["bob", "Bob's friends(Group)", "Zed Bobson"]);
    for (const text of ["Team(Group)", "team", "TEAM (group)", " Team(Group) "]) expect(await named(ann, text)).toEqual(["Team(Group)"]);
    // Typing `group` lists the groups.
    expect(await named(ann, "group")).toEqual(["Group mailer", "Bob's friends(Group)", "Team(Group)", "admins(Group)", "members(Group)"]);
    expect(await named(ann, "nobody at all")).toEqual([]);
    expect((await ann.call(at("principals", ORDERS, "&q=zed"))).body.items).toEqual([{ type: "user", id: "u9", display: "Zed Bobson" }]);
    const all: string[] = [];
    for (let next: string | undefined = ""; next !== undefined; ) {
      const { body } = await ann.call(at("principals", ORDERS, `&limit=2${next === "" ? "" : `&cursor=${next}`}`));
      all.push(...body.items.map(({ id }: { id: string }) => id));
      next = body.next;
    }
    expect([...all].sort()).toEqual(["admins", "ann", "bob", "boss", "cy", "dee", "g1", "members", "robot", "team", "u9"]);
  });

  it("are for who may edit the permissions of the asset that is named", async () => {
    const { ann, bob } = await ground();
    expect(said(await bob.call(at("principals", ORDERS, "&q=a")))).toEqual([404, "asset_not_found"]);
    await ann.give(ORDERS, ["bob", "read_write"]);
    expect(said(await bob.call(at("principals", ORDERS, "&q=a")))).toEqual([403, "not_permitted"]);
    expect((await ann.call("/principals?q=a")).body.errors[0].pointer).toBe("?path");
    expect((await ann.call(at("principals", ORDERS, `&q=${"x".repeat(257)}`))).body.errors[0].pointer).toBe("?q");
  });

  it("narrow the list of permissions in both spellings", async () => {
    const { ann } = await ground();
    await ann.give(ORDERS, ["team", "read_only"]);
    await ann.give(ORDERS, ["bob", "read_only"]);
    const found = async (text: string): Promise<readonly string[]> =>
      (await ann.permissions(ORDERS, `&q=${encodeURIComponent(text)}`)).body.items.map(
        (row: { principal: { id: string } }) => row.principal.id,
      );
    for (const text of ["Team", "team(group)", "Team (Group)"]) expect(await found(text)).toEqual(["team"]);
    expect(await found("o")).toEqual(["bob", "team"]);
    expect(await found("")).toEqual(["ann", "bob", "team"]);
  });
});

describe("a preview", () => {
  type Told = { readonly principal: { readonly id: string }; readonly gains: readonly object[]; readonly loses: readonly object[] };
  const sums = ({ entries }: { readonly entries: readonly Told[] }) =>
    Object.fromEntries(entries.map(({ principal, gains, loses }) => [principal.id, [gains.length, loses.length]]));

  it("of entries tells who would gain and who would lose, and alters nothing", async () => {
    const { ann, bob, cy } = await ground();
    await ann.give(ORDERS, ["bob", "read_only"]);
    const entries = [
      { path: ORDERS, principal: { type: "group", id: "team" }, access: "read_execute" },
      { path: ORDERS, remove: "bob" },
    ];
    const answer = await ann.call("/preview", { body: { entries } });
    expect(answer.status, answer.text).toBe(200);
    expect(sums(answer.body)).toEqual({ bob: [0, 2], cy: [3, 0], team: [3, 0] });
    expect(answer.body.summary).toMatchObject({ principalsThatGain: 2, principalsThatLose: 1 });
    expect(answer.body.changes).toBeUndefined();
    expect([(await bob.get(ORDERS)).status, (await cy.get(ORDERS)).status]).toEqual([200, 404]);
  });

  it("of a move tells the same as the move does", async () => {
    const { ann, cy, bob, root } = await ground();
    await root.make("/spaces/other");
    await root.give("/spaces/other", ["ann", "read_write"]);
    await root.give("/spaces/other", ["team", "read_only", true]);
    await root.give(SPACE, ["bob", "read_only", true]);
    const move = { path: ORDERS, to: "/spaces/other/apis/orders" };
    const { body } = await ann.call("/preview", { body: { move } });
    const places = (id: string, side: "gains" | "loses"): readonly string[] =>
      body.entries
        .find(({ principal }: Told) => principal.id === id)
        [side].map(({ resource, action }: { resource: string; action: string }) => `${action} ${resource}`);
    expect(places("cy", "gains")).toContain(`view ${move.to}/versions/1.0`);
    expect(places("bob", "loses")).toContain(`view ${FIRST}`);
    expect([(await cy.get(`${move.to}/versions/1.0`)).status, (await bob.get(FIRST)).status]).toEqual([404, 200]);
    expect((await ann.call("/move", { body: { ...move, ifRevision: body.revision } })).status).toBe(200);
    expect([(await cy.get(`${move.to}/versions/1.0`)).status, (await bob.get(FIRST)).status]).toEqual([200, 404]);
  });

  it("is for who may do it, and is refused as that would be", async () => {
    const { ann, bob, root } = await ground();
    const given = { entries: [{ path: ORDERS, principal: { type: "user", id: "bob" }, access: "full_access" }] };
    expect(said(await bob.call("/preview", { body: given }))).toEqual([404, "asset_not_found"]);
    await ann.give(ORDERS, ["bob", "read_write"]);
    expect(said(await bob.call("/preview", { body: given }))).toEqual([403, "not_permitted"]);
    expect(
      said(await ann.call("/preview", { body: { entries: [{ ...given.entries[0], principal: { type: "user", id: "ann" } }] } })),
    ).toEqual([409, "owner_entry_protected"]);
    await root.move(FIRST, "published");
    expect(said(await ann.call("/preview", { body: { move: { path: FIRST, to: `${ORDERS}/versions/2` } } }))).toEqual([409, "asset_state"]);
    for (const body of [{}, { ...given, move: { path: ORDERS, to: `${SPACE}/apis/x` } }])
      expect((await ann.call("/preview", { body })).status).toBe(400);
  });
});
