/** Organizations over HTTP: deleted whole, after an export, and never by a slip. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE, makeOrganization, type Organization, put } from "./organization.ts";
import { type Answer, type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

const codeOf = ({ status, body }: Answer): readonly [number, string] => [status, body?.code];
const remove = ({ id }: Organization, query: Readonly<Record<string, string>>, token?: string): Promise<Answer> =>
  served.call(`/v1/orgs/${id}?${new URLSearchParams(query)}`, { method: "DELETE", ...(token === undefined ? {} : { token }) });

describe("deleting an organization", () => {
  it("takes everything with it: records, history, tokens; and another may be made in its place", async () => {
    const one = await makeOrganization(served, [...BASE, put("membership", { group: "admins", member: "ann" })]);
    const { secret } = (await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal: "ann", ceiling: "admin" } })).body;
    expect((await served.call(`/v1/orgs/${one.id}/principals`, { token: secret })).status).toBe(200);
    const exported = (await served.call(`/v1/orgs/${one.id}/export`)).headers.get("reeve-revision") as string;
    const gone = await remove(one, { confirm: one.id, revision: exported });
    // Making it, filling it, the token, and this.
    expect(gone.body, gone.text).toMatchObject({ id: one.id, revision: exported, auditLines: 4 });
    expect(gone.body.auditHash).toMatch(/^[0-9a-f]{64}$/);
    expect((await served.call("/v1/me", { token: secret })).status).toBe(401);
    for (const path of ["", "/principals", "/change-sets", "/export", "/tokens"])
      expect(codeOf(await served.call(`/v1/orgs/${one.id}${path}`)), path).toEqual([404, "organization_not_found"]);
    expect(codeOf(await one.check(["ann", "read", "/folders/a"]))).toEqual([404, "organization_not_found"]);
    expect((await served.call("/v1/orgs", { body: { id: one.id, name: "Again" } })).status).toBe(201);
    expect((await served.call("/v1/me", { token: secret })).status).toBe(401);
    expect((await served.call(`/v1/orgs/${one.id}/principals`)).body.items).toEqual([]);
    expect((await served.call(`/v1/orgs/${one.id}/change-sets`)).body.items).toHaveLength(1);
    expect(codeOf(await remove(one, { confirm: one.id, revision: exported }))).toEqual([409, "revision_of_another_history"]);
  });

  it("is refused without the id once more, without a revision, and at another one than was exported", async () => {
    const one = await makeOrganization(served);
    const revision = await one.revision();
    const pointers = async (query: Readonly<Record<string, string>>): Promise<readonly string[]> => {
      const refused = await remove(one, query);
      expect(refused.status, refused.text).toBe(400);
      return refused.body.errors.map(({ pointer }: { pointer: string }) => pointer);
    };
    expect(await pointers({})).toEqual(["?confirm", "?revision"]);
    expect(await pointers({ confirm: one.id.toLowerCase(), revision })).toEqual(["?confirm"]);
    expect(await pointers({ confirm: one.id, revision: "now" })).toEqual(["?revision"]);
    await one.writes([put("label", { id: "custom/late" })]);
    expect(codeOf(await remove(one, { confirm: one.id, revision }))).toEqual([412, "revision_conflict"]);
    expect(codeOf(await remove(one, { confirm: one.id, revision: "another.1" }))).toEqual([409, "revision_of_another_history"]);
    expect(await one.may("ann", "read", "/folders/a")).toBe(false);
    expect((await served.call(`/v1/orgs/${one.id}/principals/ann`)).status).toBe(200);
  });

  it("shows an import of the old one to nobody in the new one", async () => {
    const one = await makeOrganization(served);
    const document = "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths: {}\n";
    const job = await served.call(`/v1/orgs/${one.id}/products/new/imports`, {
      body: document,
      headers: { "content-type": "application/yaml" },
    });
    const place = job.headers.get("location") as string;
    expect((await served.call(place)).status).toBe(200);
    expect((await remove(one, { confirm: one.id, revision: await one.revision() })).status).toBe(200);
    await served.call("/v1/orgs", { body: { id: one.id, name: "Again" } });
    await one.check(["ann", "read", "/folders/a"]);
    expect(codeOf(await served.call(place))).toEqual([404, "import_not_found"]);
  });
});
