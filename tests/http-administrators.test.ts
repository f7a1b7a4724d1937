/** The last administrator of an organization stays, whoever writes and on whichever way; and what everybody is given is warned of. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE, makeOrganization, type Organization, put, remove } from "./organization.ts";
import { type Answer, type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

const governed = () => makeOrganization(served, [...BASE, put("membership", { group: "admins", member: "ann" })]);
const told = ({ status, body }: Answer): readonly [number, string] => [status, body?.code];
const LAST = [409, "last_administrator"];

describe("the last administrator", () => {
  it("is taken away on no way of writing, not by the server's administrator nor by himself, and is named", async () => {
    const one = await governed();
    const path = `/v1/orgs/${one.id}`;
    const { secret: token } = (await served.call(`${path}/tokens`, { body: { principal: "ann", ceiling: "admin" } })).body;
    const before = await one.revision();
    const membership = { group: "admins", member: "ann" };
    const { body: set } = await served.call(`${path}/change-sets?limit=1`);
    const tries = [
      await one.write([remove("membership", membership)]),
      await one.write([remove("principal", { id: "ann" })], { catalogue: true }),
      await served.call(`${path}/memberships/admins/ann`, { method: "DELETE" }),
      await served.call(`${path}/memberships/admins/ann`, { method: "DELETE", token }),
      await served.call(`${path}/memberships/admins/ann`, { method: "PUT", body: { notAfter: 1 } }),
      await served.call(`${path}/principals/ann`, { method: "DELETE" }),
      await served.call(`${path}/principals/ann`, { method: "PUT", body: { type: "user", active: false } }),
      await served.call(`${path}/change-sets/${set.items[0].id}/revert`, { body: {} }),
      await served.call(`${path}/preview`, { body: { changes: [remove("membership", membership)] } }),
    ];
    expect(tries.map(told)).toEqual(tries.map(() => LAST));
    expect(tries[0]?.body.detail).toMatch(/^ann is its last administrator: make somebody else one first/);
    expect(await one.revision()).toBe(before);
  });

  it("goes when another one is there, and an organization without any is written as before", async () => {
    const one = await governed();
    await one.writes([put("membership", { group: "admins", member: "bob" }), remove("membership", { group: "admins", member: "ann" })]);
    const none = await makeOrganization(served);
    await none.writes([remove("principal", { id: "ann" })]);
  });
});

describe("a role of a product that is given to members", () => {
  const given = { role: "reader", principal: "members" };
  const warning = (pointer: string) => ({
    code: "role_given_to_members",
    pointer,
    detail: expect.stringContaining("reader is a role of files"),
  });

  it("is done, and warned of beside the answer of every way of writing, and of the preview", async () => {
    const one = await makeOrganization(served);
    const path = `/v1/orgs/${one.id}`;
    const changes = [put("label", { id: "custom/y" }), put("assignment", given)];
    const [ofChange, ofBody] = [warning("/changes/1/put/value/principal"), warning("/principal")];
    expect((await served.call(`${path}/preview`, { body: { changes } })).body.warnings).toEqual([ofChange]);
    const written = await one.writes(changes);
    expect(written).toMatchObject({ applied: 2, warnings: [ofChange] });
    const again = await served.call(`${path}/assignments/reader/members`, { method: "PUT", body: {} });
    expect([again.status, again.body]).toEqual([200, { ...given, warnings: [ofBody] }]);
    expect((await served.call(`${path}/assignments/reader/members`)).body).toEqual(given);
    await served.call(`${path}/assignments/reader/members`, { method: "DELETE" });
    const made = await served.call(`${path}/assignments`, { body: given });
    expect([made.status, made.body.warnings]).toEqual([201, [ofBody]]);
    await one.writes([remove("assignment", given)]);
    const { items } = (await served.call(`${path}/change-sets?limit=1`)).body;
    const back = await served.call(`${path}/change-sets/${items[0].id}/revert`, { body: {} });
    expect(back.body.warnings).toMatchObject([{ code: "role_given_to_members" }]);
  });

  it("is not warned of where it is a role of Reeve's own, somebody's alone, or refused", async () => {
    const one: Organization = await makeOrganization(served);
    const changes = [
      put("assignment", { role: "reeve-auditor", principal: "members" }),
      put("assignment", { role: "reader", principal: "ann" }),
      put("assignment", { role: "reader", principal: "admins" }),
    ];
    expect(await one.writes(changes)).not.toHaveProperty("warnings");
    expect((await served.call(`/v1/orgs/${one.id}/assignments`, { body: { role: "reader", principal: "bob" } })).body).toEqual({
      role: "reader",
      principal: "bob",
    });
    expect(await one.refuses([put("assignment", { ...given, role: "nothing" })])).toEqual(["unknown_reference /changes/0/put/value/role"]);
  });
});
