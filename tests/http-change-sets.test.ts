/** Change sets over HTTP: what a write would do is told before, what it did after, and it can be taken back whole. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE, makeOrganization, type Organization, put, remove } from "./organization.ts";
import { type Answer, type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());
const at = (one: Organization, path: string, sent: Parameters<Served["call"]>[1] = {}): Promise<Answer> =>
  served.call(`/v1/orgs/${one.id}${path}`, sent);
const codeOf = ({ status, body }: Answer): readonly [number, string] => [status, body?.code];
const grant = (principal: string, resource: string, access = "R") => put("grant", { principal, resource, access, reach: "subtree" });

describe("a change set", () => {
  it("tells who, when, why, and every object before and after", async () => {
    const one = await makeOrganization(served, BASE);
    const written = await one.writes([put("principal", { id: "ann", type: "user", name: "Ann" }), remove("label", { id: "custom/x" })], {
      reason: "spring cleaning",
    });
    const { items } = (await at(one, "/change-sets")).body;
    expect(items[0]).toMatchObject({ id: written.changeSet, revision: written.revision, reason: "spring cleaning", changes: 2 });
    expect(items.length).toBe(3);
    const whole = (await at(one, `/change-sets/${written.changeSet}`)).body;
    expect(whole.changes).toEqual([
      expect.objectContaining({
        kind: "principal",
        key: ["ann"],
        before: expect.anything(),
        after: expect.objectContaining({ name: "Ann" }),
      }),
      expect.objectContaining({ kind: "label", key: ["custom/x"], before: { id: "custom/x" }, after: null }),
    ]);
    expect(whole.actor).toEqual({ type: "administrator", id: "administrator" });
    expect(codeOf(await at(one, "/change-sets/nothing"))).toEqual([404, "change_set_not_found"]);
    const page = (await at(one, "/change-sets?limit=2")).body;
    expect((await at(one, `/change-sets?limit=2&cursor=${page.next}`)).body.items).toEqual(items.slice(2));
  });
});

describe("taking a change set back", () => {
  it("leaves everything as it was before, by a change set of its own", async () => {
    const one = await makeOrganization(served, BASE);
    const before = (await at(one, "/export")).text.split("\n").slice(1);
    const { changeSet } = await one.writes([
      put("principal", { id: "zoe", type: "user" }),
      put("assignment", { role: "reader", principal: "zoe" }),
      put("principal", { id: "ann", type: "user", name: "Ann" }),
      remove("role", { id: "reader" }),
    ]);
    const back = await at(one, `/change-sets/${changeSet}/revert`, { body: { reason: "a mistake" } });
    expect(back.status, back.text).toBe(200);
    expect((await at(one, "/export")).text.split("\n").slice(1)).toEqual(before);
    const last = (await at(one, "/change-sets?limit=1")).body.items[0];
    expect(last).toMatchObject({ id: back.body.changeSet, action: "change-set.revert", reason: "a mistake" });
    // And that one can be taken back too.
    expect((await at(one, `/change-sets/${back.body.changeSet}/revert`, { body: {} })).status).toBe(200);
    expect((await at(one, "/principals/zoe")).status).toBe(200);
  });

  it("is refused, with what stands in its way, when its objects were changed since", async () => {
    const one = await makeOrganization(served, BASE);
    const { changeSet } = await one.writes([put("principal", { id: "zoe", type: "user" }), put("principal", { id: "yan", type: "user" })]);
    await one.writes([put("principal", { id: "zoe", type: "user", name: "Z" })]);
    const refused = await at(one, `/change-sets/${changeSet}/revert`, { body: {} });
    expect(codeOf(refused)).toEqual([409, "revert_conflict"]);
    expect(refused.body.errors.map(({ detail }: { detail: string }) => detail).join()).toContain('principal "zoe"');
    expect((await at(one, "/principals/yan")).status).toBe(200);
  });

  it("follows later ones that were taken back before it, one after the other", async () => {
    const one = await makeOrganization(served, BASE);
    const before = (await at(one, "/export")).text.split("\n").slice(1);
    const sets: string[] = [];
    for (const name of ["One", "Two", "Three"]) {
      sets.push(
        (await one.writes([put("principal", { id: "ann", type: "user", name }), put("label", { id: `custom/${name}` })]))
          .changeSet as string,
      );
    }
    expect(codeOf(await at(one, `/change-sets/${sets[0]}/revert`, { body: {} }))).toEqual([409, "revert_conflict"]);
    for (const id of sets.reverse()) expect((await at(one, `/change-sets/${id}/revert`, { body: {} })).status).toBe(200);
    expect((await at(one, "/export")).text.split("\n").slice(1)).toEqual(before);
  });

  it("is refused when it would take away what came later", async () => {
    const one = await makeOrganization(served, BASE);
    const { changeSet } = await one.writes([put("principal", { id: "zoe", type: "user" })]);
    await one.writes([grant("zoe", "/folders/a")]);
    const refused = await at(one, `/change-sets/${changeSet}/revert`, { body: {} });
    expect(codeOf(refused)).toEqual([409, "revert_conflict"]);
    expect(refused.body.errors.map(({ detail }: { detail: string }) => detail).join()).toContain("grant");
    expect((await one.check(["zoe", "read", "/folders/a"])).body.decision).toBe(true);
  });

  it("is refused when what was deleted was made again and deleted since", async () => {
    const one = await makeOrganization(served, BASE);
    const { changeSet } = await one.writes([remove("principal", { id: "ann" })]);
    await one.writes([put("principal", { id: "ann", type: "service-account" })]);
    await one.writes([remove("principal", { id: "ann" })]);
    expect(codeOf(await at(one, `/change-sets/${changeSet}/revert`, { body: {} }))).toEqual([409, "revert_conflict"]);
    expect(codeOf(await at(one, "/change-sets/nothing/revert", { body: {} }))).toEqual([404, "change_set_not_found"]);
  });
});

describe("a preview", () => {
  it("tells what would be written, who gains and who loses what, and writes nothing", async () => {
    const one = await makeOrganization(served, [...BASE, grant("bob", "/folders/b")]);
    const before = await one.revision();
    const changes = [put("membership", { group: "team", member: "ann" }), grant("team", "/folders/a"), remove("principal", { id: "bob" })];
    const told = await at(one, "/preview", { body: { changes } });
    expect(told.status, told.text).toBe(200);
    expect(told.body.changes.length).toBe(4);
    const byId = Object.fromEntries(told.body.entries.map((entry: { principal: { id: string } }) => [entry.principal.id, entry]));
    expect(byId.ann.gains).toEqual(expect.arrayContaining([{ resource: "/folders/a", action: "read" }]));
    expect(byId.bob.loses).toEqual(expect.arrayContaining([{ resource: "/folders/b", action: "read" }]));
    expect(told.body.summary).toMatchObject({ principalsThatGain: 2, principalsThatLose: 1 });
    expect([told.body.revision, await one.revision()]).toEqual([before, before]);
    expect((await one.check(["ann", "read", "/folders/a"])).body.decision).toBe(false);
    const written = await one.write(changes, { ifRevision: told.body.revision });
    expect(written.status).toBe(200);
    expect((await one.write(changes, { ifRevision: told.body.revision })).status).toBe(412);
  });

  it("comes in pages of one revision", async () => {
    const people = Array.from({ length: 5 }, (_, index) => put("principal", { id: `p${index}`, type: "user" }));
    const one = await makeOrganization(served, [...BASE, ...people]);
    const changes = [grant("team", "/folders/a"), ...people.map((_, index) => put("membership", { group: "team", member: `p${index}` }))];
    const first = (await at(one, "/preview", { body: { changes, limit: 2 } })).body;
    expect(first.entries.map(({ principal }: { principal: { id: string } }) => principal.id)).toEqual(["p0", "p1"]);
    const second = (await at(one, "/preview", { body: { changes, limit: 2, cursor: first.next } })).body;
    expect(second.entries.map(({ principal }: { principal: { id: string } }) => principal.id)).toEqual(["p2", "p3"]);
    expect([first.summary.principalsThatGain, second.summary]).toEqual([6, undefined]);
    await one.writes([put("principal", { id: "late", type: "user" })]);
    expect(codeOf(await at(one, "/preview", { body: { changes, limit: 2, cursor: second.next } }))).toEqual([409, "preview_outdated"]);
  });

  it("is refused as the write would be", async () => {
    const one = await makeOrganization(served, BASE);
    const refused = await at(one, "/preview", { body: { changes: [grant("nobody", "/folders/a")] } });
    expect([...codeOf(refused), refused.body.errors[0].pointer]).toEqual([422, "changes_refused", "/changes/0/put/value/principal"]);
    expect(codeOf(await at(one, "/preview", { body: { changes: [] } }))).toEqual([400, "malformed_request"]);
  });
});

describe("a write that names what it rests on", () => {
  it("happens on exactly those objects, or names each that is another", async () => {
    const one = await makeOrganization(served, BASE);
    const etag = ((await at(one, "/principals/ann")).headers.get("etag") as string).slice(1, -1);
    const change = { ...put("principal", { id: "ann", type: "user", name: "A" }), ifMatch: etag };
    const fresh = { ...put("principal", { id: "new", type: "user" }), ifMatch: null };
    expect((await one.write([change, fresh])).status).toBe(200);
    const refused = await one.write([put("principal", { id: "other", type: "user" }), change, fresh]);
    expect(codeOf(refused)).toEqual([412, "object_changed"]);
    expect(refused.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
      "/changes/1/ifMatch",
      "/changes/2/ifMatch",
    ]);
    expect((await at(one, "/principals/other")).status).toBe(404);
    const malformed = await one.write([{ ...put("principal", { id: "x", type: "user" }), ifMatch: 5 }]);
    expect([malformed.status, malformed.body.errors[0].pointer]).toEqual([400, "/changes/0/ifMatch"]);
  });
});

describe("an export", () => {
  it("holds every record and says that it is whole", async () => {
    const one = await makeOrganization(served, BASE);
    const lines = (await at(one, "/export")).text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({ revision: await one.revision() });
    // Its own record and Reeve's catalogue are there from the first revision on.
    const begun = (await at(one, `/change-sets/${(await at(one, "/change-sets")).body.items.at(-1).id}`)).body.changes.length;
    expect(lines.at(-1)).toEqual({ end: true, records: BASE.length + begun });
    expect(lines.length).toBe(BASE.length + begun + 2);
    expect(
      lines
        .slice(1, -1)
        .filter(({ kind }) => kind === "principal")
        .map(({ value }) => value.id),
    ).toEqual(["ann", "bob", "team"]);
    expect(codeOf(await served.call("/v1/orgs/Nowhere/export"))).toEqual([404, "organization_not_found"]);
  });
});
