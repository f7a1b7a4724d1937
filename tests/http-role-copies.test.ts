/** A role is duplicated: what it holds, never who has it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE, makeOrganization, type Organization, put, remove } from "./organization.ts";
import { type Answer, type Sent, type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
const tokens = new Map<string, string>();
beforeAll(async () => {
  served = await serve();
  one = await makeOrganization(served, [
    ...BASE,
    put("product", { id: "other", boundedBy: "scopes", settings: {}, types: { shelves: { actions: { look: ["R"] } } } }),
    put("role", { product: "other", id: "foreign", name: "Foreign", sets: [] }),
    put("assignment", { role: "reader", principal: "ann" }),
    put("principal", { id: "keeper", type: "user" }),
    put("product-administrator", { product: "files", principal: "keeper" }),
  ]);
  const manager = {
    product: "files",
    id: "manager",
    name: "M".repeat(256),
    description: "All",
    aliases: ["chief"],
    type: "system-defined",
  };
  await one.writes([put("role", { ...manager, builtIn: true, labels: ["custom/x"], sets: [{ set: "reading" }] })], { catalogue: true });
  for (const principal of ["keeper", "ann"]) {
    const made = await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal, ceiling: "admin" } });
    tokens.set(principal, made.body.secret);
  }
});
afterAll(() => served?.close());

const duplicate = (
  id: string,
  { who, query = "", ...sent }: Sent & { readonly who?: string; readonly query?: string } = {},
): Promise<Answer> =>
  served.call(`/v1/orgs/${one.id}/roles/${id}/duplicate${query}`, {
    method: "POST",
    ...sent,
    ...(who === undefined ? {} : { token: tokens.get(who) as string }),
  });

describe("a copy of a role", () => {
  it("is under the name with _Copy, at its Location with its ETag, and nobody has it", async () => {
    const made = await duplicate("reader");
    const { id } = made.body;
    expect([made.status, made.body], made.text).toEqual([
      201,
      { product: "files", id, name: "Reader_Copy", type: "user-defined", sets: [{ set: "reading" }] },
    ]);
    const read = await served.call(made.headers.get("location") as string);
    expect([read.body, read.headers.get("etag")]).toEqual([made.body, made.headers.get("etag")]);
    expect((await served.call(`/v1/orgs/${one.id}/assignments?role=${id}`)).body.items).toEqual([]);
  });

  it("of a built-in one is the organization's own, with its description and labels, under a name that is short enough", async () => {
    const { body } = await duplicate("manager");
    expect(body).toEqual({
      ...{ product: "files", id: body.id, name: `${"M".repeat(251)}_Copy`, description: "All", type: "user-defined" },
      ...{ labels: ["custom/x"], sets: [{ set: "reading" }] },
    });
    await one.writes([remove("role", { id: body.id })]);
  });

  it("asked for again under its key is the same one, whatever became of the role", async () => {
    await one.writes([put("role", { product: "files", id: "brief", name: "Brief", sets: [] })]);
    const headers = { "idempotency-key": "once" };
    const first = await duplicate("brief", { headers });
    await one.writes([remove("role", { id: "brief" })]);
    expect([first.body.name, (await duplicate("brief", { headers })).body]).toEqual(["Brief_Copy", first.body]);
  });

  it("is made by a product administrator of the role's product, and by nobody else", async () => {
    expect((await duplicate("reader", { who: "keeper" })).status).toBe(201);
    const before = await one.revision();
    for (const [id, who] of [
      ["foreign", "keeper"],
      ["none", "keeper"],
      ["reader", "ann"],
      ["none", "ann"],
    ] as const) {
      const { status, body } = await duplicate(id, { who });
      expect([status, body.code]).toEqual([403, "not_permitted"]);
    }
    expect(await one.revision()).toBe(before);
  });

  it.each([
    { id: "none", wanted: [404, "object_not_found"] },
    { id: "reader", query: "?name=x", wanted: [400, "malformed_request"] },
    { id: "reader", headers: { "idempotency-key": "" }, wanted: [400, "malformed_header"] },
    { id: "reader", headers: { "reeve-reason": "%" }, wanted: [400, "malformed_header"] },
  ])("is not made of what is asked amiss: %j", async ({ id, query = "", headers = {}, wanted }) => {
    const before = await one.revision();
    const answer = await duplicate(id, { headers, query });
    expect([answer.status, answer.body.code], answer.text).toEqual(wanted);
    expect(await one.revision()).toBe(before);
  });
});
