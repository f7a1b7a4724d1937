/**
 * A suspended organization lets nobody in but the server's administrator, by whichever credential and on whichever way, from the next
 * request on; and only he resumes it.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectIn } from "./oauth-client.ts";
import { makeOrganization, type Organization, put, remove } from "./organization.ts";
import { address, join, signIn } from "./people.ts";
import { type Answer, type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

const SETTING = { product: "reeve", name: "suspended" };
const suspend = (one: Organization, value = true) => one.writes([put("setting", { ...SETTING, value })]);
const SUSPENDED = [403, "organization_suspended"];
const told = ({ status, body }: Answer): readonly [number, string] => [status, body?.code];
const CHECK = { subject: { type: "user", id: "ann" }, action: { name: "read" }, resource: { path: "/folders/a" } };

async function tokenOf(one: Organization, principal: string, ceiling = "admin"): Promise<string> {
  return (await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal, ceiling } })).body.secret;
}

describe("a suspended organization", () => {
  it("turns away tokens, access tokens and sessions with the next request, and lets them in again when it is resumed", async () => {
    const project = await projectIn(served);
    const { one } = project;
    const email = address();
    await join(served, one, { email, id: "ann" });
    const browser = await signIn(served, email);
    const secret = await project.secret();
    const [token, access] = [await tokenOf(one, "ann"), await project.token(secret)];
    const path = `/v1/orgs/${one.id}`;
    const asked = async () => [
      told(await served.call(path, { token })),
      told(await served.call(`${path}/check`, { token, body: CHECK })),
      told(await served.call(`${path}/check?long`, { token, body: CHECK })),
      told(await served.call(`${path}/changes`, { token, body: { changes: [put("label", { id: "custom/y" })] } })),
      told(await served.call(path, { token: access })),
      told(await served.call(`${path}/check`, { token: access, body: CHECK })),
      told(await browser.call(path)),
    ];
    const OPEN = Array.from({ length: 7 }, () => [200, undefined]);
    expect(await asked()).toEqual(OPEN);
    await suspend(one);
    expect(await asked()).toEqual(Array.from({ length: 7 }, () => SUSPENDED));
    // Above it stands the server's administrator; who the caller is he is told.
    expect((await served.call(path)).status).toBe(200);
    expect((await served.call(`${path}/check`, { body: CHECK })).status).toBe(200);
    expect((await served.call("/v1/me", { token })).body.principal.id).toBe("ann");
    await suspend(one, false);
    expect(await asked()).toEqual(OPEN);
  });

  it("gives its clients no tokens, and knows none of them", async () => {
    const project = await projectIn(served);
    const secret = await project.secret();
    const token = await project.token(secret);
    await suspend(project.one);
    const asked = [
      await project.form("/ims/token/v3", project.grant(secret)),
      await project.form("/ims/introspect", { client_id: secret.clientId, client_secret: secret.secret, token }),
    ];
    for (const { status, body } of asked) expect([status, body.error]).toEqual([401, "invalid_client"]);
    await suspend(project.one, false);
    expect((await project.form("/ims/token/v3", project.grant(secret))).status).toBe(200);
  });

  it("is no other's business: who belongs elsewhere finds what he found, and nobody is kept out elsewhere", async () => {
    const [one, two] = [await makeOrganization(served), await makeOrganization(served)];
    await two.writes([put("membership", { group: "admins", member: "ann" })]);
    const token = await tokenOf(two, "ann");
    await suspend(one);
    expect(told(await served.call(`/v1/orgs/${one.id}`, { token }))).toEqual([404, "organization_not_found"]);
    expect((await served.call(`/v1/orgs/${two.id}`, { token })).status).toBe(200);
  });

  it("is suspended and resumed by no administrator of its own, on no way of writing", async () => {
    const one = await makeOrganization(served);
    await one.writes([put("membership", { group: "admins", member: "ann" })]);
    const { changeSet } = await suspend(one);
    await suspend(one, false);
    const token = await tokenOf(one, "ann");
    const path = `/v1/orgs/${one.id}`;
    const before = await one.revision();
    const setting = put("setting", { ...SETTING, value: true });
    const tries = [
      await served.call(`${path}/changes`, { token, body: { changes: [setting] } }),
      await served.call(`${path}/changes`, { token, body: { changes: [setting], catalogue: true } }),
      await served.call(`${path}/settings`, { token, body: { ...SETTING, value: true } }),
      await served.call(`${path}/settings/reeve/suspended`, { token, method: "PUT", body: { value: true } }),
    ];
    expect(tries.map(told)).toEqual([
      [403, "not_permitted"],
      [403, "not_permitted"],
      [409, "object_exists"],
      [403, "not_permitted"],
    ]);
    expect(await one.revision()).toBe(before);
    await one.writes([remove("setting", SETTING)]);
    expect(told(await served.call(`${path}/settings`, { token, body: { ...SETTING, value: true } }))).toEqual([403, "not_permitted"]);
    // Nor by taking back what was done.
    const { items } = (await served.call(`${path}/change-sets?limit=1`)).body;
    const back = await served.call(`${path}/change-sets/${items[0].id}/revert`, { token, body: {} });
    expect(back.status, back.text).toBe(200);
    expect(told(await served.call(`${path}/change-sets/${changeSet}/revert`, { token, body: {} }))[0]).toBe(409);
    expect((await served.call(path, { token })).status).toBe(200);
    expect(await one.refuses([put("setting", { ...SETTING, value: "yes" })])).toEqual(["wrong_type /changes/0/put/value/value"]);
  });
});
