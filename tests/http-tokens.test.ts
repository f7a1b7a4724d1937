/** Tokens over HTTP: for whom they stand, what they allow at most, and that a right which was taken away ends with the next request. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqliteStore } from "@reeve/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE, makeOrganization, type Organization, put, remove } from "./organization.ts";
import { type Answer, type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
let other: Organization;
beforeAll(async () => {
  served = await serve();
  one = await makeOrganization(served, [
    ...BASE,
    put("assignment", { role: "reeve-decision-point", principal: "ann" }),
    put("assignment", { role: "reeve-auditor", principal: "bob" }),
    put("principal", { id: "boss", type: "user" }),
    put("membership", { group: "admins", member: "boss" }),
    put("principal", { id: "bot", type: "service-account" }),
  ]);
  other = await makeOrganization(served, [...BASE, put("membership", { group: "admins", member: "ann" })]);
});
afterAll(() => served?.close());

const CHECK = { subject: { type: "user", id: "ann" }, action: { name: "read" }, resource: { path: "/folders/a" } };
const codeOf = ({ status, body }: Answer): readonly [number, string | undefined] => [status, body?.code];
async function tokenOf(principal: string, more: object = {}, of: Organization = one): Promise<string> {
  const made = await served.call(`/v1/orgs/${of.id}/tokens`, { body: { principal, ceiling: "admin", ...more } });
  expect(made.status, made.text).toBe(201);
  return made.body.secret;
}
const asks = {
  read: (token: string, org = one.id) => served.call(`/v1/orgs/${org}/principals`, { token }),
  decide: (token: string, org = one.id) => served.call(`/v1/orgs/${org}/check`, { token, body: CHECK }),
  admin: (token: string, org = one.id) => served.call(`/v1/orgs/${org}/labels/custom%2Fy`, { token, method: "PUT", body: {} }),
} as const;
type Need = keyof typeof asks;
const NEEDS = Object.keys(asks) as Need[];
const isOpen = ({ status }: Answer): boolean => status === 200 || status === 201;

describe("a token", () => {
  it("is made for a principal, shown once, listed without its secret, and ended", async () => {
    const made = await served.call(`/v1/orgs/${one.id}/tokens`, {
      body: { principal: "bot", ceiling: "read", clientId: "ci", name: "Pipeline", expires: Date.now() + 60_000 },
    });
    const { secret, id, ...told } = made.body;
    expect([made.status, secret.startsWith("reeve_"), made.headers.get("cache-control")]).toEqual([201, true, "no-store"]);
    expect(told).toMatchObject({ principal: "bot", ceiling: "read", clientId: "ci", name: "Pipeline" });
    const listed = await served.call(`/v1/orgs/${one.id}/tokens?principal=bot`);
    expect(listed.body.items).toEqual([{ id, ...told }]);
    expect(listed.text).not.toContain(secret);
    const me = (await served.call("/v1/me", { token: secret })).body;
    expect(me).toMatchObject({
      administrator: false,
      principal: { organization: one.id, type: "service-account", id: "bot" },
      organizations: [one.id],
      ceiling: "read",
      clientId: "ci",
    });
    const used = (await served.call(`/v1/orgs/${one.id}/tokens?principal=bot`)).body.items[0].lastUsed;
    expect(Math.abs(used - Date.now())).toBeLessThan(60_000);
    expect((await served.call(made.headers.get("location") as string, { method: "DELETE" })).status).toBe(204);
    expect(codeOf(await served.call("/v1/me", { token: secret }))).toEqual([401, "not_authenticated"]);
    expect(codeOf(await served.call(made.headers.get("location") as string, { method: "DELETE" }))).toEqual([404, "object_not_found"]);
  });

  it.each([
    [{ principal: "nobody", ceiling: "read" }, 422, "unknown_reference /principal"],
    [{ principal: "team", ceiling: "read" }, 422, "type_mismatch /principal"],
    [{ principal: "ann", ceiling: "read", expires: 1 }, 422, "out_of_range /expires"],
    [{ principal: "ann", ceiling: "root" }, 400, "not_allowed /ceiling"],
    [{ ceiling: "read" }, 400, "required /principal"],
    [{ principal: "ann", ceiling: "read", secret: "mine" }, 400, "unknown_member /secret"],
    [{ principal: "ann", ceiling: "read", name: "\ud800" }, 400, "malformed_text /name"],
    [{ principal: "ann", ceiling: "read", name: "a\0b" }, 400, "malformed_text /name"],
  ])("is refused for %j", async (body, status, fault) => {
    const refused = await served.call(`/v1/orgs/${one.id}/tokens`, { body });
    expect(refused.status).toBe(status);
    expect(refused.body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`)).toContain(fault);
  });

  it("of one organization is ended by no other, and cannot be told from none", async () => {
    const made = await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal: "bot", ceiling: "read" } });
    for (const path of [`/v1/orgs/${other.id}/tokens/${made.body.id}`, `/v1/tokens/${made.body.id}`]) {
      expect(codeOf(await served.call(path, { method: "DELETE" })), path).toEqual([404, "object_not_found"]);
    }
    expect((await served.call("/v1/me", { token: made.body.secret })).status).toBe(200);
  });
});

describe("what a principal may ask of Reeve", () => {
  it.each([
    ["bot", []],
    ["ann", ["decide"]],
    ["bob", ["read", "decide"]],
    ["boss", ["read", "decide", "admin"]],
  ] as const)("%s: %j, by its roles in the product reeve, and under each ceiling no more than that", async (principal, rights) => {
    for (const [at, ceiling] of NEEDS.entries()) {
      const token = await tokenOf(principal, { ceiling });
      for (const [needed, need] of NEEDS.entries()) {
        const answer = await asks[need](token);
        const may = (rights as readonly string[]).includes(need) && needed <= at;
        expect([need, ceiling, isOpen(answer)], answer.text).toEqual([need, ceiling, may]);
        if (!may) expect(codeOf(answer)).toEqual([403, "not_permitted"]);
      }
    }
  });

  it("is nothing in another organization, which is not there for it, though it is an administrator of its own name there", async () => {
    const token = await tokenOf("ann");
    for (const need of NEEDS) expect(codeOf(await asks[need](token, other.id))).toEqual([404, "organization_not_found"]);
    expect((await served.call("/v1/orgs", { token })).body.items).toEqual([{ id: one.id }]);
    expect(codeOf(await served.call("/v1/orgs", { token, body: { id: "New", name: "N" } }))).toEqual([403, "not_permitted"]);
    expect(codeOf(await served.call("/v1/tokens", { token }))).toEqual([403, "not_permitted"]);
  });

  it("ends with the next request when the right, the principal's activity or the principal itself ends", async () => {
    const members = [put("principal", { id: "temp", type: "user" }), put("membership", { group: "admins", member: "temp" })];
    await one.writes(members);
    const token = await tokenOf("temp");
    expect(isOpen(await asks.admin(token))).toBe(true);
    await one.writes([remove("membership", { group: "admins", member: "temp" })]);
    expect(codeOf(await asks.admin(token))).toEqual([403, "not_permitted"]);
    await one.writes(members);
    expect(isOpen(await asks.decide(token))).toBe(true);
    await one.writes([put("principal", { id: "temp", type: "user", active: false })]);
    for (const need of NEEDS) expect(codeOf(await asks[need](token))).toEqual([401, "not_authenticated"]);
    await one.writes(members);
    expect(isOpen(await asks.decide(token))).toBe(true);
    await one.writes([remove("principal", { id: "temp" })]);
    await one.writes(members);
    for (const need of NEEDS) expect(codeOf(await asks[need](token))).toEqual([401, "not_authenticated"]);
  });

  it("is named in what it writes", async () => {
    const token = await tokenOf("boss");
    await served.call(`/v1/orgs/${one.id}/grants/bob/${encodeURIComponent("/folders/a")}/self`, {
      token,
      method: "PUT",
      body: { access: "R" },
    });
    const [last] = (await served.call(`/v1/orgs/${one.id}/change-sets?limit=1`, { token })).body.items;
    expect(last.actor).toEqual({ type: "user", id: "boss" });
    const grant = (await served.call(`/v1/orgs/${one.id}/grants/bob/${encodeURIComponent("/folders/a")}/self`)).body;
    expect(grant.givenBy).toBe("boss");
  });
});

describe("a further token of the administrator", () => {
  it("does what the first one does under its ceiling, and is gone after a reset or its end", async () => {
    const made = await served.call("/v1/tokens", { body: { ceiling: "read", name: "watcher" } });
    const { secret, id } = made.body;
    expect(isOpen(await asks.read(secret))).toBe(true);
    expect(codeOf(await asks.decide(secret))).toEqual([403, "not_permitted"]);
    expect((await served.call("/v1/tokens")).body.items.map((token: { id: string }) => token.id)).toEqual([id]);
    expect((await served.call(`/v1/tokens/${id}`, { method: "DELETE" })).status).toBe(204);
    expect(codeOf(await asks.read(secret))).toEqual([401, "not_authenticated"]);
  });
});

describe("Reeve's own administration", () => {
  it("of an earlier version is renewed at a start, once, and an organization that cannot be read keeps no other from it", async () => {
    const first = await serve();
    await first.stop();
    const store = openSqliteStore({ directory: join(first.directory, "data") });
    const note = { actor: { type: "test", id: "test" }, action: "test", target: "o", requestId: "r" };
    const types = { organization: { actions: { "ask-reeve": [], "read-reeve": [], "administer-reeve": [] } } };
    for (const org of ["Early@ReeveOrg", "Broken@ReeveOrg"]) {
      await store.create(org, (tx) => {
        tx.put({ kind: "organization", value: { name: org, tenantIds: [] } });
        tx.put({ kind: "product", value: { id: "reeve", name: `${org.slice(0, 6)} product`, boundedBy: "none", settings: {}, types } });
        tx.audit(note);
      });
    }
    await store.close();
    const file = join(first.directory, "data", "reeve.db");
    writeFileSync(file, readFileSync(file, "latin1").replaceAll("Broken product", "Brokem product"), "latin1");
    for (const revision of ["2", "2"]) {
      const again = await serve({ directory: first.directory });
      const whole = await again.call("/v1/orgs/Early@ReeveOrg/products/reeve");
      expect(Object.keys(whole.body.types)).toEqual(["organization", "reeve-products", "reeve-roles"]);
      expect(whole.headers.get("reeve-revision")?.split(".").at(-1)).toBe(revision);
      const [last] = (await again.call("/v1/orgs/Early@ReeveOrg/change-sets?limit=1")).body.items;
      expect(last).toMatchObject({ action: "catalogue.renew", actor: { type: "server" } });
      expect((await again.call("/v1/orgs/Broken@ReeveOrg/products/reeve")).status).toBe(500);
      await again.stop();
    }
    rmSync(first.directory, { recursive: true, force: true });
  });

  it("is in every organization, and changed by none: neither by policies nor by a catalogue", async () => {
    const deny = {
      id: "all",
      name: "All",
      status: "active",
      sandboxes: "all",
      rules: [{ effect: "deny", resource: "*", actions: ["administer-reeve"] }],
    };
    await one.write([put("policy", deny)]);
    expect(isOpen(await asks.admin(await tokenOf("boss")))).toBe(true);
    const product = { id: "reeve", boundedBy: "none", settings: {}, types: { organization: { actions: { "ask-reeve": ["R"] } } } };
    for (const more of [{}, { catalogue: true }]) {
      const refused = await one.write([put("product", product)], more);
      expect([refused.status, refused.body.errors.some(({ code }: { code: string }) => code === "built_in")]).toEqual([422, true]);
    }
  });
});
