/** Imports over HTTP: a document becomes a plan, a plan becomes a catalogue, and requests are decided by it. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DOCUMENT } from "./every-route.ts";
import { makeOrganization, type Organization, put } from "./organization.ts";
import { type Answer, type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

const at = (one: Organization, path: string, sent: Parameters<Served["call"]>[1] = {}): Promise<Answer> =>
  served.call(`/v1/orgs/${one.id}${path}`, sent);
const codeOf = ({ status, body }: Answer): readonly [number, string] => [status, body?.code];
const send = (one: Organization, body: string, query = ""): Promise<Answer> =>
  at(one, `/products/clinic/imports${query}`, { body, headers: { "content-type": "application/yaml" } });

async function finished(one: Organization, body: string, query = ""): Promise<Answer> {
  const started = await send(one, body, query);
  expect(started.status, started.text).toBe(202);
  const place = started.headers.get("location") as string;
  for (;;) {
    const job = await served.call(place);
    if (job.body.state !== "running") return job;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
const check = async (one: Organization, [method, target, id]: readonly [string, string, string]): Promise<string> => {
  const { body } = await at(one, "/operations/check", { body: { subject: { type: "user", id }, product: "clinic", method, target } });
  return body.context.reasons[0].code;
};

describe("an import", () => {
  it("is a plan first, changes nothing until it is applied, and is enforced from then on", async () => {
    const one = await makeOrganization(served, [put("principal", { id: "ann", type: "user" })]);
    const before = await one.revision();
    const job = (await finished(one, DOCUMENT)).body;
    expect([job.state, job.plan.added.length, job.plan.unchanged, job.plan.problems]).toEqual(["planned", 3, 0, []]);
    expect(job.plan.unmapped).toMatchObject([{ method: "PUT", path: "/wards/{wardId}", effect: "mutation" }]);
    expect(await one.revision()).toBe(before);
    expect(await check(one, ["DELETE", "/wards/7", "ann"])).toBe("unknown_operation");
    const applied = await at(one, `/imports/${job.id}/apply`, { body: { reason: "first import" } });
    expect([applied.status, applied.body.state], applied.text).toEqual([200, "applied"]);
    expect(applied.headers.get("reeve-revision")).toBe(applied.body.applied.revision);
    const [last] = (await at(one, "/change-sets?limit=1")).body.items;
    expect(last).toMatchObject({ action: "catalogue.import", reason: "first import", id: applied.body.applied.changeSet });
    expect(await check(one, ["PUT", "/wards/7", "ann"])).toBe("unmapped_operation");
    expect(await check(one, ["DELETE", "/wards/7", "ann"])).toBe("no_access");
    await one.writes([
      put("role", { product: "clinic", id: "own", name: "Own", sets: [{ set: "ward-edit", scope: ["/ward/7"] }] }),
      put("assignment", { role: "own", principal: "ann" }),
    ]);
    expect(await check(one, ["DELETE", "/wards/7", "ann"])).toBe("allowed_by_rule");
    expect(await check(one, ["DELETE", "/wards/8", "ann"])).toBe("no_access");
  });

  it("again changes nothing, and marks as orphans what a newer document lacks", async () => {
    const one = await makeOrganization(served, []);
    const first = (await finished(one, DOCUMENT)).body;
    await at(one, `/imports/${first.id}/apply`, { body: {} });
    const second = (await finished(one, DOCUMENT)).body;
    expect([second.plan.changes, second.plan.unchanged]).toEqual([0, 3]);
    const third = (await finished(one, DOCUMENT.replace(/ {4}put:[\s\S]*$/, ""))).body;
    expect(third.plan.orphaned).toMatchObject([{ method: "PUT", path: "/wards/{wardId}" }]);
    const whole = await at(one, `/imports/${second.id}/apply`, { body: {} });
    expect([whole.status, whole.body.applied]).toMatchObject([200, { applied: 0, changeSet: null }]);
  });

  it("is taken back, with what is built in, and so is the taking back", async () => {
    const one = await makeOrganization(served, []);
    const tables: string[] = [];
    const tell = async (): Promise<void> => {
      tables.push((await at(one, "/export")).text.split("\n").slice(1).join("\n"));
    };
    await tell();
    const { applied } = (await at(one, `/imports/${(await finished(one, DOCUMENT)).body.id}/apply`, { body: {} })).body;
    await tell();
    let last = applied.changeSet;
    for (const _ of [1, 2, 3]) {
      const back = await at(one, `/change-sets/${last}/revert`, { body: {} });
      expect(back.status, back.text).toBe(200);
      last = back.body.changeSet;
      await tell();
    }
    expect(tables[0]).not.toBe(tables[1]);
    expect(tables.slice(2)).toEqual([tables[0], tables[1], tables[0]]);
  });

  it("is applied once, and not to an organization that has moved on", async () => {
    const one = await makeOrganization(served, []);
    const job = (await finished(one, DOCUMENT)).body;
    await one.writes([put("principal", { id: "late", type: "user" })]);
    expect(codeOf(await at(one, `/imports/${job.id}/apply`, { body: {} }))).toEqual([412, "revision_conflict"]);
    const again = (await finished(one, DOCUMENT)).body;
    const answers = await Promise.all([1, 2, 3].map(() => at(one, `/imports/${again.id}/apply`, { body: {} })));
    expect(answers.filter(({ status }) => status === 200).length).toBe(1);
    expect(codeOf(await at(one, `/imports/${again.id}/apply`, { body: {} }))).toEqual([409, "import_not_planned"]);
  });

  it("of a bad document tells every fault with its line, and changes nothing", async () => {
    const one = await makeOrganization(served, []);
    const bad = DOCUMENT.replace("operationId: getWard", "operationId: 5").replace("description: gone", "describtion: gone");
    const job = (await finished(one, bad)).body;
    expect(job.state).toBe("refused");
    const lines = bad.split("\n");
    expect(job.faults.length).toBeGreaterThanOrEqual(2);
    expect(job.faults.some(({ line }: { line: number }) => lines[line - 1]?.includes("operationId: 5"))).toBe(true);
    expect(job.faults.some(({ line }: { line: number }) => lines[line - 1]?.includes('"204"'))).toBe(true);
    expect(codeOf(await at(one, `/imports/${job.id}/apply`, { body: {} }))).toEqual([409, "import_not_planned"]);
    expect(codeOf(await at(one, "/products/clinic"))).toEqual([404, "object_not_found"]);
  });

  it("with a rule that names what there is not is planned with its problems, and cannot be applied", async () => {
    const one = await makeOrganization(served, []);
    const job = (await finished(one, DOCUMENT.replace("permission: Ward Edit", "permission: Ward Edt"))).body;
    expect(job.plan.problems).toMatchObject([{ code: "unknown_permission" }]);
    expect(codeOf(await at(one, `/imports/${job.id}/apply`, { body: {} }))).toEqual([409, "import_not_planned"]);
  });

  it("is seen by nobody of another organization", async () => {
    const [one, other] = [await makeOrganization(served, []), await makeOrganization(served, [])];
    const job = (await finished(one, DOCUMENT)).body;
    expect(codeOf(await at(other, `/imports/${job.id}`))).toEqual([404, "import_not_found"]);
    expect(codeOf(await at(other, `/imports/${job.id}/apply`, { body: {} }))).toEqual([404, "import_not_found"]);
    expect(codeOf(await served.call("/v1/orgs/Nowhere/products/p/imports", { body: "{}" }))).toEqual([404, "organization_not_found"]);
  });

  it("takes JSON as text too, refuses other media types, and other routes refuse YAML", async () => {
    const one = await makeOrganization(served, []);
    const json = readFileSync(new URL("golden/openapi.json", import.meta.url), "utf8");
    const started = await at(one, "/products/reeve-api/imports", { body: json });
    expect(started.status).toBe(202);
    expect(codeOf(await at(one, "/products/p/imports", { body: "x", headers: { "content-type": "image/png" } }))).toEqual([
      415,
      "unsupported_media_type",
    ]);
    expect(codeOf(await at(one, "/check", { body: "a: 1", headers: { "content-type": "application/yaml" } }))).toEqual([
      415,
      "unsupported_media_type",
    ]);
    expect(codeOf(await at(one, "/products/p/imports?partial=maybe", { body: "{}" }))).toEqual([400, "malformed_request"]);
  });
});

describe("suggested rules", () => {
  it("are told with their reasons for operations without one, and taken over by whoever wants them", async () => {
    const one = await makeOrganization(served, []);
    const job = (await finished(one, DOCUMENT.replace("operationId: putWard", "operationId: editWard"))).body;
    await at(one, `/imports/${job.id}/apply`, { body: {} });
    const before = await one.revision();
    const { items, revision } = (await at(one, "/products/clinic/suggestions")).body;
    expect([revision, await one.revision()]).toEqual([before, before]);
    expect(items).toMatchObject([{ method: "PUT", path: "/wards/{wardId}", alternatives: [{ permission: "ward-edit" }] }]);
    expect(items[0].reason.length).toBeGreaterThan(10);
    const rule = await at(one, `/operation-rules/clinic/${items[0].operation}`, {
      method: "PUT",
      body: { alternatives: items[0].alternatives },
    });
    expect(rule.status, rule.text).toBe(201);
    expect((await at(one, "/products/clinic/suggestions")).body.items).toEqual([]);
    expect(codeOf(await at(one, "/products/nothing/suggestions"))).toEqual([404, "product_not_found"]);
  });
});
