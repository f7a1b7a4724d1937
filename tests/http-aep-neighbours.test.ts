/** Services beside access control: labels and sandboxes, who may write them, and what of them is refused. */
import { AEP_LABELS_BASE, AEP_SANDBOXES_BASE } from "@reeve/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AepClient, aepOrganization, clientOf } from "./aep-client.ts";
import { type Organization, put } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

const CORE = `${AEP_LABELS_BASE}/labels/core`;
const CUSTOM = `${AEP_LABELS_BASE}/labels/custom`;
const SANDBOXES = `${AEP_SANDBOXES_BASE}/sandboxes`;

let served: Served;
let one: Organization;
let root: AepClient;
let ann: AepClient;
let bob: AepClient;
const role = (id: string, sets: readonly string[], sandboxes: readonly string[]) =>
  put("role", { id, product: "experience-platform", name: id, type: "user-defined", sandboxes, sets: sets.map((set) => ({ set })) });
const assigned = (id: string, principal: string) => put("assignment", { role: id, principal });

beforeAll(async () => {
  served = await serve();
  one = await aepOrganization(served);
  [root, ann, bob] = [await clientOf(served, one), await clientOf(served, one, "ann"), await clientOf(served, one, "bob")];
  await one.writes([
    role("labeller", ["manage-dule-labels"], ["prod"]),
    role("elsewhere", ["manage-dule-labels"], ["dev"]),
    role("keeper", ["manage-sandboxes"], []),
    role("modeller", ["view-schemas"], ["dev"]),
    assigned("labeller", "ann"),
    assigned("modeller", "ann"),
    assigned("elsewhere", "bob"),
  ]);
});
afterAll(() => served?.close());

describe("labels", () => {
  it("of the core are listed and read by whoever is in the organization", async () => {
    const { body } = await bob.at(`${CORE}?limit=100`);
    expect(body.children.map(({ name }: { name: string }) => name)).toEqual([...body.children.map((c: { name: string }) => c.name)].sort());
    expect(body._page).toMatchObject({ count: body.children.length, next: null });
    const { body: label } = await bob.at(`${CORE}/S1`);
    expect(label).toMatchObject({ name: "S1", category: "Sensitive", imsOrg: one.id, _links: { self: { href: `${CORE}/S1` } } });
    expect((await bob.at(`${CORE}/Third-Party`)).status).toBe(200);
    expect((await bob.at(`${CORE}/S9`)).status).toBe(404);
    expect((await bob.at(`${CUSTOM}/S1`)).status).toBe(404);
  });

  it("in pages lose none and give none twice", async () => {
    const all = (await root.at(`${CORE}?limit=100`)).body.children.map(({ name }: { name: string }) => name);
    const paged: string[] = [];
    for (let href: string | undefined = `${CORE}?limit=7`; href !== undefined; ) {
      const { body } = await root.at(href);
      paged.push(...body.children.map(({ name }: { name: string }) => name));
      href = body._links.next?.href;
    }
    expect(paged).toEqual(all);
    expect((await root.at(`${CORE}?property=name==C1`)).body.children.map(({ name }: { name: string }) => name)).toEqual(["C1"]);
  });

  it("of the organization are made (201) and changed (200) with their permission in prod, at once", async () => {
    const body = { name: "Purchases", category: "Custom", friendlyName: "Purchase data", description: "What was bought" };
    const made = await ann.at(`${CUSTOM}/Purchases`, { method: "PUT", body });
    expect([made.status, made.body.createdUser, made.body.friendlyName], made.text).toEqual([201, "ann", "Purchase data"]);
    const changed = await root.at(`${CUSTOM}/Purchases`, {
      method: "PUT",
      body: { friendlyName: "Bought" },
      headers: { "if-match": made.headers.get("etag") as string },
    });
    expect([changed.status, changed.body.friendlyName, changed.body.description, changed.body.updatedUser]).toEqual([
      200,
      "Bought",
      "",
      "root",
    ]);
    const native = await served.call(`/v1/orgs/${one.id}/labels/${encodeURIComponent("custom/Purchases")}`);
    expect(native.body).toEqual({ id: "custom/Purchases", name: "Bought", category: "Custom" });
    expect((await bob.at(CUSTOM)).body.children).toHaveLength(1);
    const late = await ann.at(`${CUSTOM}/Purchases`, { method: "PUT", body, headers: { "if-match": made.headers.get("etag") as string } });
    expect(late.status).toBe(412);
  });

  it("are not written without that permission, nor with it in another sandbox, nor by a token that may only read", async () => {
    const asked = { method: "PUT", body: { friendlyName: "No" } } as const;
    const denied = await bob.at(`${CUSTOM}/Denied`, asked);
    expect([denied.status, denied.body.detail]).toEqual([403, expect.stringContaining("usage labels")]);
    const low = await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal: "ann", ceiling: "read", clientId: "low" } });
    const reader = new AepClient(served, one, { token: low.body.secret, key: "low" });
    expect((await reader.at(`${CUSTOM}/Denied`, asked)).status).toBe(403);
    expect((await root.at(`${CUSTOM}/Denied`)).status).toBe(404);
    const stranger = await clientOf(served, await aepOrganization(served));
    const answer = await stranger.at(`${CUSTOM}/Denied`, { ...asked, headers: { "x-gw-ims-org-id": one.id } });
    expect([answer.status, answer.body.error_code]).toEqual([403, "403025"]);
  });

  it("are never renamed, never deleted, and core ones never changed", async () => {
    expect((await root.at(`${CUSTOM}/A`, { method: "PUT", body: { name: "B" } })).body.errors[0].pointer).toBe("/name");
    for (const path of [`${CUSTOM}/Purchases`, `${CORE}/C1`]) expect((await root.at(path, { method: "DELETE" })).status).toBe(405);
    const put = await root.at(`${CORE}/C1`, { method: "PUT", body: { friendlyName: "Mine" } });
    expect([put.status, put.headers.get("allow")]).toEqual([405, expect.stringContaining("GET")]);
  });

  it.each([[[]], [{ friendlyName: 1 }], [{ friendlyName: "" }], [{ description: "x".repeat(100_000) }]])(
    "with a bad body are 400",
    async (body) => {
      const answer = await root.at(`${CUSTOM}/Bad`, { method: "PUT", body });
      expect(answer.status, answer.text).toBe(400);
      expect((await root.at(`${CUSTOM}/Bad`)).status).toBe(404);
    },
  );
});

it("two organizations have labels and sandboxes of their own", async () => {
  const other = await aepOrganization(served);
  const client = await clientOf(served, other);
  await client.at(`${CUSTOM}/Theirs`, { method: "PUT", body: {} });
  await client.at(SANDBOXES, { body: { name: "theirs", title: "Theirs", type: "production" } });
  expect((await client.at(`${SANDBOXES}/theirs`)).body.type).toBe("production");
  for (const path of [`${CUSTOM}/Theirs`, `${SANDBOXES}/theirs`]) expect((await root.at(path)).status).toBe(404);
  expect((await root.at(CUSTOM)).text).not.toContain("Theirs");
  expect((await root.at(SANDBOXES)).text).not.toContain("theirs");
});

describe("sandboxes", () => {
  const names = async (client: AepClient, query = "") =>
    (await client.at(SANDBOXES + query)).body.sandboxes.map(({ name }: { name: string }) => name);

  it("are listed to who administers the organization, and to others as far as they see them", async () => {
    expect(await names(root)).toEqual(["dev", "prod"]);
    expect(await names(ann)).toEqual(["dev"]);
    expect(await names(bob)).toEqual([]);
    expect((await root.at(`${SANDBOXES}/prod`)).body).toMatchObject({
      type: "production",
      isDefault: true,
      state: "active",
      region: "none",
    });
    expect((await ann.at(`${SANDBOXES}/dev`)).status).toBe(200);
    for (const name of ["prod", "none"]) expect((await ann.at(`${SANDBOXES}/${name}`)).body.detail).toBe(`sandbox ${name} not found`);
  });

  it("are made, retitled and deleted with their permission, and seen by a check at once", async () => {
    await one.writes([assigned("keeper", "bob")]);
    const body = { name: "stage", title: "Staging", type: "development" };
    const made = await bob.at(SANDBOXES, { body });
    expect([made.status, made.body.createdBy, made.body.createdDate.length], made.text).toEqual([200, "bob", 19]);
    expect(made.body).toMatchObject({ ...body, state: "active", isDefault: false });
    expect((await bob.at(SANDBOXES, { body })).status).toBe(409);
    expect(await one.may("bob", "read", "/sandboxes/stage")).toBe(true);
    const etag = made.headers.get("etag") as string;
    const patched = await bob.at(`${SANDBOXES}/stage`, { method: "PATCH", body: { title: "Stage" }, headers: { "if-match": etag } });
    expect([patched.status, patched.body.title, patched.body.type]).toEqual([200, "Stage", "development"]);
    expect(patched.body.eTag).toBeGreaterThan(made.body.eTag);
    expect((await bob.at(`${SANDBOXES}/stage`, { method: "PATCH", body: { title: "Late" }, headers: { "if-match": etag } })).status).toBe(
      412,
    );
    expect(await names(bob, "?property=type==development&limit=1")).toEqual(["dev"]);
    expect(await names(bob, "?property=type==development&limit=1&offset=1")).toEqual(["stage"]);
    const deleted = await bob.at(`${SANDBOXES}/stage`, { method: "DELETE" });
    expect([deleted.status, deleted.body.state]).toEqual([200, "deleted"]);
    expect((await bob.at(`${SANDBOXES}/stage`)).status).toBe(404);
    expect((await bob.at(`${SANDBOXES}/stage`, { method: "DELETE" })).status).toBe(404);
  });

  it("are not written without it: 403, and 404 what is not seen", async () => {
    expect((await ann.at(SANDBOXES, { body: { name: "mine", title: "Mine", type: "development" } })).status).toBe(403);
    expect((await ann.at(SANDBOXES, { body: { name: "prod", title: "Mine", type: "development" } })).status).toBe(403);
    for (const [name, status] of [
      ["dev", 403],
      ["prod", 404],
    ] as const) {
      expect((await ann.at(`${SANDBOXES}/${name}`, { method: "PATCH", body: { title: "Mine" } })).status).toBe(status);
      expect((await ann.at(`${SANDBOXES}/${name}`, { method: "DELETE" })).status).toBe(status);
    }
    expect(await names(root)).toEqual(["dev", "prod"]);
  });

  it("prod is there for ever, and nothing is reset", async () => {
    expect((await root.at(`${SANDBOXES}/prod`, { method: "DELETE" })).status).toBe(403);
    expect((await root.at(`${SANDBOXES}/dev`, { method: "PUT", body: { action: "reset" } })).status).toBe(405);
  });

  it.each([
    [{ name: "Upper", title: "U", type: "development" }, "/name"],
    [{ name: "a/b", title: "U", type: "development" }, "/name"],
    [{ name: "", title: "U", type: "development" }, "/name"],
    [{ name: "a", title: "", type: "development" }, "/title"],
    [{ name: "a", title: "A", type: "test" }, "/type"],
    [{ name: "a", title: "A" }, "/type"],
    [{ name: "a", title: "A", type: "development", region: "VA7" }, "/region"],
  ])("%j is 400 at %s", async (body, pointer) => {
    const answer = await root.at(SANDBOXES, { body });
    expect([answer.status, answer.body.errors?.[0]?.pointer], answer.text).toEqual([400, pointer]);
    expect(await names(root)).toEqual(["dev", "prod"]);
  });

  it("are at most 75", async () => {
    const full = await aepOrganization(served);
    await full.writes(Array.from({ length: 73 }, (_, at) => put("resource", { path: `/sandboxes/s${at}` })));
    const client = await clientOf(served, full);
    expect((await client.at(SANDBOXES)).body.sandboxes).toHaveLength(75);
    const answer = await client.at(SANDBOXES, { body: { name: "more", title: "More", type: "development" } });
    expect([answer.status, answer.body.detail]).toEqual([400, expect.stringContaining("at most 75")]);
  });
});
