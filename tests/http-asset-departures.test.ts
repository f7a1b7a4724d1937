/** Somebody leaves the organization: what he owned is another user's, and nothing else of him is left; told before it is done. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FIRST, ORDERS, type Person, SPACE, type Space, said, space } from "./assets.ts";
import { put } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

type Ground = Space & { readonly ann: Person; readonly bob: Person; readonly boss: Person };
/** `ann` owns `orders` and its version; `bob` may edit it. */
async function ground(): Promise<Ground> {
  const made = await space(served);
  const [ann, bob, boss] = await Promise.all(["ann", "bob", "boss"].map(made.person));
  await made.root.make(ORDERS, { owner: "ann" });
  await made.root.give(ORDERS, ["bob", "read_write", true]);
  await made.root.give(SPACE, ["ann", "read_only", true]);
  return { ...made, ann, bob, boss } as Ground;
}
const leave = (who: Person, body: object) => who.call("/departure", { body });
const idsOn = async (who: Person, path: string): Promise<readonly string[]> =>
  (await who.permissions(path)).body.items.map((row: { principal: { id: string }; access: string }) => `${row.principal.id} ${row.access}`);

describe("who leaves", () => {
  it("leaves what he owned to the user that is named, who has no entry beside, and nothing of his own", async () => {
    const { ann, bob, boss, one } = await ground();
    const done = await leave(boss, { principal: "ann", owner: "bob", reason: "moved on" });
    expect(done.status, done.text).toBe(200);
    expect(done.body).toEqual({ revision: done.headers.get("reeve-revision"), owned: [ORDERS, FIRST] });
    expect(await idsOn(bob, ORDERS)).toEqual(["bob owner"]);
    expect(await idsOn(bob, FIRST)).toEqual(["bob owner", "bob owner"]);
    expect(await idsOn(boss, SPACE)).toEqual([]);
    expect((await ann.get(ORDERS)).status).toBe(401);
    // Who comes again under the id begins with nothing.
    await one.writes([put("principal", { id: "ann", type: "user" })]);
    const check = { subject: { type: "user", id: "ann" }, action: { name: "view" }, resource: { path: ORDERS } };
    expect((await served.call(`/v1/orgs/${one.id}/check`, { body: check })).body.decision).toBe(false);
  });

  it("leaves it to whom takes him out, where nobody is named and that is a user", async () => {
    const { boss, root } = await ground();
    expect((await leave(root, { principal: "ann" })).body.errors[0].pointer).toBe("/owner");
    expect((await leave(boss, { principal: "ann" })).status).toBe(200);
    expect((await boss.get(ORDERS)).body.owner).toBe("boss");
  });

  it("who owned nothing needs nobody", async () => {
    const { root, bob } = await ground();
    expect((await leave(root, { principal: "bob" })).body.owned).toEqual([]);
    expect((await bob.get(ORDERS)).status).toBe(401);
  });

  it("is taken out by who administers, and not where a Deny rule keeps what he owns", async () => {
    const { ann, bob, boss, one } = await ground();
    for (const who of [ann, bob]) expect(said(await leave(who, { principal: "bob" }))).toEqual([403, "not_permitted"]);
    const rules = [{ effect: "deny", resource: "/spaces/*/apis/*", actions: ["transfer_ownership"] }];
    await one.writes([put("policy", { id: "keep", name: "Keep", product: "api-management", status: "active", sandboxes: "all", rules })]);
    expect(said(await leave(boss, { principal: "ann" }))).toEqual([403, "not_permitted"]);
    expect((await ann.get(ORDERS)).body.owner).toBe("ann");
  });

  it.each([
    [{ principal: "nobody" }, [400, "unknown_principal"]],
    [{ principal: "team" }, [400, "unknown_principal"]],
    [{ principal: "ann", owner: "ann" }, [400, "malformed_request"]],
    [{ principal: "ann", owner: "team" }, [400, "unknown_principal"]],
    [{ principal: "ann", owner: "nobody" }, [400, "unknown_principal"]],
    [{ principal: "boss", owner: "ann" }, [409, "last_administrator"]],
    [{}, [400, "malformed_request"]],
  ])("is refused with %j, and nothing is done", async (body, refusal) => {
    const { boss } = await ground();
    expect(said(await leave(boss, body))).toEqual(refusal);
    expect((await boss.get(ORDERS)).body.owner).toBe("ann");
  });

  it("is told before: who would lose and who would gain", async () => {
    const { ann, boss } = await ground();
    const told = await boss.call("/preview", { body: { departure: { principal: "ann", owner: "bob" } } });
    expect(told.status, told.text).toBe(200);
    const of = (id: string) => told.body.entries.find((one: { principal: { id: string } }) => one.principal.id === id);
    expect(of("ann").gains).toEqual([]);
    expect(of("ann").loses).toContainEqual({ resource: ORDERS, action: "transfer_ownership" });
    expect(of("bob").gains).toContainEqual({ resource: ORDERS, action: "transfer_ownership" });
    expect((await ann.get(ORDERS)).body.owner).toBe("ann");
    expect(said(await ann.call("/preview", { body: { departure: { principal: "bob" } } }))).toEqual([403, "not_permitted"]);
  });
});
