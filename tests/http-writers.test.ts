/**
 * Many who write at once, to one organization and to several: every acknowledged write is there, under a revision of its own, for
 * everybody who asks after it and after a restart; and nothing of one organization is seen in another.
 */
import { join } from "node:path";
import { openSqliteStore } from "@reeve/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE, makeOrganization, numberOf, put, remove } from "./organization.ts";
import { type Served, serve, TOKEN } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

describe("ifRevision", () => {
  it("lets a write through at that revision only: 412 at another, 409 of another history", async () => {
    const [one, other] = [await makeOrganization(served), await makeOrganization(served)];
    const { revision } = await one.writes([put("label", { id: "custom/1" })], { ifRevision: await one.revision() });
    for (const stale of [revision.replace(/\d+$/, "1"), revision.replace(/\d+$/, "999")]) {
      const answer = await one.write([put("label", { id: "custom/2" })], { ifRevision: stale });
      expect([answer.status, answer.body.code]).toEqual([412, "revision_conflict"]);
    }
    const foreign = await one.write([put("label", { id: "custom/2" })], { ifRevision: await other.revision() });
    expect([foreign.status, foreign.body.code]).toEqual([409, "revision_of_another_history"]);
    expect(await one.revision()).toBe(revision);
    // The condition is looked at even where nothing would be altered.
    expect((await one.write([put("label", { id: "custom/1" })], { ifRevision: revision.replace(/\d+$/, "1") })).status).toBe(412);
    expect((await one.writes([put("label", { id: "custom/1" })], { ifRevision: revision })).changeSet).toBeNull();
  });

  it("is won by exactly one of twenty writes at once", async () => {
    const one = await makeOrganization(served);
    const ifRevision = await one.revision();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => one.write([put("label", { id: `custom/w${at}` })], { ifRevision })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(412)]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect(answers[winner]?.body.revision).toBe(await one.revision());
    expect(numberOf(await one.revision())).toBe(numberOf(ifRevision) + 1);
    for (const at of answers.keys()) {
      const { changeSet } = await one.writes([put("label", { id: `custom/w${at}` })]);
      expect(changeSet === null, `w${at}`).toBe(at === winner);
    }
  });
});

describe("many writers", () => {
  it("are all acknowledged, each with a revision of its own and none left out, and all of it is there", async () => {
    const one = await makeOrganization(served);
    const start = numberOf(await one.revision());
    const writers = Array.from({ length: 64 }, async (_, writer) => {
      const revisions: number[] = [];
      for (let round = 0; round < 5; round++) {
        const id = `u${writer}-${round}`;
        const grant = { principal: id, resource: "/folders/a", access: "R", reach: "self" };
        const { revision } = await one.writes([put("principal", { id, type: "user" }), put("grant", grant)]);
        revisions.push(numberOf(revision));
        expect(await one.may(id, "read", "/folders/a")).toBe(true);
      }
      return revisions;
    });
    const revisions = (await Promise.all(writers)).flat().sort((a, b) => a - b);
    expect(revisions).toEqual(Array.from({ length: 320 }, (_, at) => start + 1 + at));
    expect(numberOf(await one.revision())).toBe(start + 320);
  });

  it("mix with refused and idle ones without a gap", async () => {
    const one = await makeOrganization(served);
    const start = numberOf(await one.revision());
    const answers = await Promise.all(
      Array.from({ length: 90 }, (_, at) => {
        if (at % 3 === 0) return one.write([put("label", { id: `custom/m${at}` })]);
        if (at % 3 === 1) return one.write([put("assignment", { role: "no", principal: "ann" })]);
        return one.write([put("label", { id: "custom/q" }), remove("label", { id: "custom/q" })]);
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map((_, at) => (at % 3 === 1 ? 422 : 200)));
    const written = answers.filter(({ body }) => typeof body.changeSet === "string").map(({ body }) => numberOf(body.revision));
    expect(written.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, at) => start + 1 + at));
    expect(numberOf(await one.revision())).toBe(start + 30);
  });
});

describe("two organizations", () => {
  it("never see each other: not in answers, nor in revisions, nor in problems", async () => {
    const [one, other] = [await makeOrganization(served), await makeOrganization(served)];
    await one.writes([
      put("principal", { id: "only-here", type: "user" }),
      put("grant", { principal: "only-here", resource: "/folders/a", access: "R", reach: "self" }),
    ]);
    expect([await one.may("only-here", "read", "/folders/a"), await other.may("only-here", "read", "/folders/a")]).toEqual([true, false]);
    const refused = await other.write([put("assignment", { role: "reader", principal: "only-here" })]);
    expect(refused.body.errors).toMatchObject([{ code: "unknown_reference" }]);
    const asked = await other.check(["ann", "read", "/folders/a"], { atLeast: await one.revision() });
    expect([asked.status, asked.body.code]).toEqual([409, "revision_of_another_history"]);
    expect(asked.text).not.toContain(one.id);
    expect((await served.call(`/v1/orgs/${other.id}/products/cloud-manager/operations`)).body.code).toBe("product_not_found");
  });
});

describe("a restart", () => {
  it("keeps everything: what was written, where it stands, who may ask, and the audit", async () => {
    const first = await serve();
    const restarting = async (path: string, body: object) => (await first.call(path, { body })).body;
    await restarting("/v1/orgs", { id: "Kept@ReeveOrg", name: "Kept" });
    const reason = { reason: "A first set-up." };
    const written = await first.call("/v1/orgs/Kept@ReeveOrg/changes", {
      body: { changes: BASE, ...reason },
      headers: { "x-request-id": "write-1" },
    });
    await restarting("/v1/orgs/Kept@ReeveOrg/changes", { changes: [put("assignment", { role: "reader", principal: "ann" })] });
    const question = { subject: { type: "user", id: "ann" }, action: { name: "read" }, resource: { path: "/folders/b" } };
    const before = await restarting("/v1/orgs/Kept@ReeveOrg/check", question);
    await first.stop();

    const store = openSqliteStore({ directory: join(first.directory, "data") });
    const { events } = await store.auditPage("Kept@ReeveOrg", undefined, 10);
    expect(events.map(({ revision }) => revision)).toEqual([1, 2, 3]);
    expect(events[1]).toMatchObject({
      actor: { type: "administrator" },
      requestId: "write-1",
      ...reason,
      changeSet: written.body.changeSet,
    });
    expect(events[1]?.changes).toHaveLength(BASE.length);
    expect(JSON.stringify(events)).not.toContain(TOKEN);
    expect(await store.verifyAudit("Kept@ReeveOrg")).toMatchObject({ ok: true, events: 3 });
    await store.close();

    const second = await serve({ directory: first.directory });
    const after = await second.call("/v1/orgs/Kept@ReeveOrg/check", { body: { ...question, atLeast: before.context.revision } });
    expect([after.body.decision, after.body.context.revision]).toEqual([true, before.context.revision]);
    const next = await second.call("/v1/orgs/Kept@ReeveOrg/changes", {
      body: { changes: [put("label", { id: "custom/n" })], ifRevision: before.context.revision },
    });
    expect([next.status, numberOf(next.body.revision)]).toEqual([200, 4]);
    await second.close();
  });
});
