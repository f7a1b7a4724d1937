/**
 * Writing over HTTP: what is acknowledged is there, at one revision; what is refused left nothing, and says everything that is wrong
 * with it at once, each fault with its place in the body.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE, type Change, makeOrganization, numberOf, Organization, put, remove } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

describe("making an organization", () => {
  it("starts it at revision 1, empty, with its name and tenants", async () => {
    const { status, body } = await served.call("/v1/orgs", { body: { id: "Fresh@ReeveOrg", name: "Fresh", tenantIds: ["7", "a/b"] } });
    expect([status, numberOf(body.revision)]).toEqual([201, 1]);
    const fresh = new Organization(served, "Fresh@ReeveOrg");
    expect((await fresh.check(["ann", "read", "/folders/a"])).body.context.reasons[0].code).toBe("unknown_principal");
  });

  it("refuses a second of the same id, whatever it says", async () => {
    const { id } = await makeOrganization(served, []);
    const again = await served.call("/v1/orgs", { body: { id, name: "Other" } });
    expect([again.status, again.body.code]).toEqual([409, "organization_exists"]);
    const racing = await Promise.all(
      Array.from({ length: 10 }, () => served.call("/v1/orgs", { body: { id: "Race@ReeveOrg", name: "R" } })),
    );
    expect(racing.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
  });

  it.each([
    [{ id: "", name: "x" }, ["empty /id", "malformed_id /id"]],
    [{ id: "a b", name: "" }, ["empty /name", "malformed_id /id"]],
    [{ id: "a/b", name: "line\nbreak" }, ["malformed_id /id", "malformed_text /name"]],
    [{ id: "\u00e4", name: "\ud800" }, ["malformed_id /id", "malformed_text /name"]],
    [{ id: "x".repeat(129), name: "x".repeat(257) }, ["too_long /id", "too_long /name"]],
    [{ id: 1, name: null, tenantIds: "1" }, ["wrong_type /id", "wrong_type /name", "wrong_type /tenantIds"]],
    [
      { id: "ok", name: "x", tenantIds: ["1", "1", ""], owner: "ann" },
      ["duplicate /tenantIds/1", "empty /tenantIds/2", "unknown_member /owner"],
    ],
    [{}, ["required /id", "required /name"]],
    [JSON.parse('{"id":"ok","name":"x","__proto__":{"a":1},"constructor":1}'), ["reserved /__proto__", "reserved /constructor"]],
  ])("refuses %j with every fault", async (body, faults) => {
    const answer = await served.call("/v1/orgs", { body });
    expect([answer.status, answer.body.code]).toEqual([400, "malformed_request"]);
    const told = answer.body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`);
    expect(told.sort()).toEqual(faults);
  });
});

describe("a write", () => {
  it("takes one revision for all of its changes, and says how many altered something", async () => {
    const one = await makeOrganization(served, []);
    const before = numberOf(await one.revision());
    const { revision, changeSet, applied } = await one.writes(BASE);
    expect([numberOf(revision), applied]).toEqual([before + 1, BASE.length]);
    expect(changeSet).toMatch(/^[0-9a-f-]{36}$/);
    expect((await one.writes([put("label", { id: "custom/y" })])).changeSet).not.toBe(changeSet);
  });

  it("is all or none: one faulty change keeps out the others", async () => {
    const one = await makeOrganization(served);
    const before = await one.revision();
    expect(
      await one.refuses([put("principal", { id: "eve", type: "user" }), put("assignment", { role: "reader", principal: "nobody" })]),
    ).toEqual(["unknown_reference /changes/1/put/value/principal"]);
    expect(await one.revision()).toBe(before);
    expect((await one.check(["eve", "read", "/folders/a"])).body.context.reasons[0].code).toBe("unknown_principal");
  });

  it("puts the whole object: what is not said is gone", async () => {
    const one = await makeOrganization(served);
    await one.writes([put("role", { product: "files", id: "reader", name: "Reader", sets: [{ set: "reading" }], labels: ["custom/x"] })]);
    await one.writes([put("assignment", { role: "reader", principal: "ann" })]);
    expect(await one.may("ann", "read", "/folders/a")).toBe(true);
    await one.writes([put("role", { product: "files", id: "reader", name: "Reader", sets: [] })]);
    expect(await one.may("ann", "read", "/folders/a")).toBe(false);
    expect(
      (await one.writes([put("role", { product: "files", id: "reader", name: "Reader", type: "user-defined", sets: [] })])).changeSet,
    ).toBeNull();
  });

  it("writes nothing where nothing is altered", async () => {
    const one = await makeOrganization(served);
    const before = await one.revision();
    const reordered = put("principal", { type: "user", active: true, id: "ann" });
    const idle = [BASE, [BASE[3] as Change], [reordered], [put("label", { id: "custom/z" }), remove("label", { id: "custom/z" })]];
    for (const changes of idle) {
      expect(await one.writes(changes)).toEqual({ revision: before, changeSet: null, applied: 0 });
    }
    expect(await one.revision()).toBe(before);
    expect(numberOf((await one.writes([put("label", { id: "custom/z" })])).revision)).toBe(numberOf(before) + 1);
  });

  it("is seen by the very next question, also by one that asks for its revision", async () => {
    const one = await makeOrganization(served);
    for (let round = 0; round < 30; round++) {
      const isGiven = round % 2 === 0;
      const key = { principal: "ann", resource: "/folders/a", reach: "self" };
      const { revision } = await one.writes([isGiven ? put("grant", { ...key, access: "R" }) : remove("grant", key)]);
      const [plain, asked] = await Promise.all([
        one.check(["ann", "read", "/folders/a"]),
        one.check(["ann", "read", "/folders/a"], { atLeast: revision }),
      ]);
      expect([plain.body.decision, asked.body.decision]).toEqual([isGiven, isGiven]);
      expect(plain.body.context.revision).toBe(revision);
    }
  });

  it("takes 1,000 changes, and not 1,001 nor none", async () => {
    const one = await makeOrganization(served);
    const labels = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => put("label", { id: `custom/n${from + at}` }));
    expect((await one.writes(labels(0, 1_000))).applied).toBe(1_000);
    expect(await one.refuses(labels(1_000, 2_001))).toEqual(["too_many /changes"]);
    expect(await one.refuses([])).toEqual(["empty /changes"]);
    expect((await one.writes(labels(999, 1_001))).applied).toBe(1);
  });

  it("does not care about the order of what names one another within it", async () => {
    const one = await makeOrganization(served, []);
    expect((await one.writes([...BASE].reverse())).applied).toBe(BASE.length);
    await one.writes([
      put("assignment", { role: "r2", principal: "cid" }),
      put("role", { product: "files", id: "r2", name: "R", sets: [] }),
      put("principal", { id: "cid", type: "user" }),
    ]);
  });
});

describe("faults", () => {
  let one: Organization;
  beforeAll(async () => {
    one = await makeOrganization(served);
  });

  it("of the form and of every change come together, each with its pointer into the body", async () => {
    const faults = await one.refuses(
      [
        put("labl", {}),
        {},
        5,
        put("label", { id: "x", colour: "red" }),
        { put: { kind: "label" } },
        remove("grant", { principal: "ann" }),
        { put: { kind: "label", value: { id: "core/a" } }, delete: { kind: "label", id: "core/a" } },
        put("policy", {
          id: "p",
          name: "p",
          status: "active",
          sandboxes: "all",
          rules: [{ effect: "deny", resource: "/a//b", actions: [""], condition: { nope: [] } }],
        }),
      ],
      { reason: "", extra: true, ifRevision: "nonsense" },
    );
    expect(faults.sort()).toEqual(
      [
        "empty /reason",
        "unknown_member /extra",
        "not_allowed /ifRevision",
        "unknown_kind /changes/0/put/kind",
        "required /changes/1",
        "wrong_type /changes/2",
        "malformed_label /changes/3/put/value/id",
        "unknown_member /changes/3/put/value/colour",
        "required /changes/4/put/value",
        "required /changes/5/delete/resource",
        "required /changes/5/delete/reach",
        "not_allowed /changes/6",
        "empty /changes/7/put/value/rules/0/actions/0",
        "malformed_condition /changes/7/put/value/rules/0/condition/nope",
        "malformed_pattern /changes/7/put/value/rules/0/resource",
      ].sort(),
    );
  });

  it.each([
    [{ reason: "a\u0000b" }, "malformed_text /reason"],
    [{ reason: "\ud800" }, "malformed_text /reason"],
    [{ reason: "line\nbreak" }, "malformed_text /reason"],
    [{ reason: "x".repeat(2_049) }, "too_long /reason"],
    [{ reason: 1 }, "wrong_type /reason"],
    [{ ifRevision: 1 }, "wrong_type /ifRevision"],
    [{ ifRevision: "" }, "not_allowed /ifRevision"],
    [{ ifRevision: "x".repeat(257) }, "too_long /ifRevision"],
  ])("of %j are told", async (more, fault) => {
    expect(await one.refuses([BASE[3]], more)).toContain(fault);
  });

  it("of names that lead to a prototype are told by their place", async () => {
    const changes =
      '[{"put":{"kind":"principal","value":{"id":"p","type":"user","properties":{"a":{"__proto__":{"b":1}}},"constructor":{"prototype":{}}}}}]';
    const answer = await served.call(`/v1/orgs/${one.id}/changes`, { body: `{"changes":${changes},"__proto__":{}}` });
    const told = answer.body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`);
    expect(told.sort()).toEqual([
      "reserved /changes/0/put/value/constructor",
      "reserved /changes/0/put/value/properties/a/__proto__",
      "unknown_member /__proto__",
    ]);
  });

  it("of references that lead nowhere come together, for every kind that names another", async () => {
    const nowhere: readonly (readonly [Change, string])[] = [
      [put("permission-set", { product: "no", id: "s", name: "s", pairs: [] }), "not_entitled /changes/0/put/value/product"],
      [
        put("permission-set", { product: "files", id: "s", name: "s", pairs: [{ type: "notes", actions: ["fly"] }] }),
        "unknown_reference /changes/0/put/value/pairs/0/actions/0",
      ],
      [
        put("role", { product: "files", id: "r", name: "r", sets: [{ set: "no" }], labels: ["custom/no"] }),
        "unknown_reference /changes/0/put/value/sets/0/set",
      ],
      [put("assignment", { role: "no", principal: "ann" }), "unknown_reference /changes/0/put/value/role"],
      [put("assignment", { role: "reader", principal: "no" }), "unknown_reference /changes/0/put/value/principal"],
      [put("membership", { group: "ann", member: "bob" }), "type_mismatch /changes/0/put/value/group"],
      [put("membership", { group: "team", member: "no" }), "unknown_reference /changes/0/put/value/member"],
      [
        put("grant", { principal: "no", resource: "/folders/a", access: "R", reach: "self" }),
        "unknown_reference /changes/0/put/value/principal",
      ],
      [put("setting", { product: "files", name: "no", value: true }), "unknown_reference /changes/0/put/value/name"],
      [
        put("policy", { id: "p", name: "p", status: "active", sandboxes: ["no"], rules: [] }),
        "unknown_reference /changes/0/put/value/sandboxes/0",
      ],
      [put("operation-rule", { product: "files", operation: "no", alternatives: [] }), "unknown_reference /changes/0/put/value/operation"],
      [put("product-administrator", { product: "files", principal: "team" }), "type_mismatch /changes/0/put/value/principal"],
      [put("developer-access", { role: "no", principal: "ann" }), "unknown_reference /changes/0/put/value/role"],
      [
        put("developer-project", { id: "d", name: "d", product: "files", roles: [], serviceAccount: "ann" }),
        "type_mismatch /changes/0/put/value/serviceAccount",
      ],
      [put("resource", { path: "/folders/z/notes/1" }), "parent_not_registered /changes/0/put/value/path"],
      [put("principal", { id: "ann", type: "group" }), "type_mismatch /changes/0/put/value/type"],
      [remove("label", { id: "custom/no" }), "not_found /changes/0/delete"],
    ];
    for (const [change, fault] of nowhere) expect(await one.refuses([change]), JSON.stringify(change)).toContain(fault);
    const together = await one.refuses(nowhere.map(([change]) => change));
    for (const [index, [, fault]] of nowhere.entries()) expect(together).toContain(fault.replace("/changes/0", `/changes/${index}`));
  });

  it("of cycles in groups name the membership that would close one, also within one write", async () => {
    const groups = ["g1", "g2", "g3"].map((id) => put("principal", { id, type: "group" }));
    const ring = [
      put("membership", { group: "g1", member: "g2" }),
      put("membership", { group: "g2", member: "g3" }),
      put("membership", { group: "g3", member: "g1" }),
    ];
    expect(await one.refuses([...groups, ...ring])).toEqual([expect.stringMatching(/^would_cycle \/changes\/5\/put\/value/)]);
    await one.writes([...groups, ...ring.slice(0, 2)]);
    expect(await one.refuses([ring[2]])).toEqual([expect.stringMatching(/^would_cycle \/changes\/0\/put\/value/)]);
    expect(await one.refuses([put("membership", { group: "g1", member: "g1" })])).toEqual([expect.stringMatching(/^would_cycle /)]);
  });

  it("of what is built in are told: a product's own roles stay as they are", async () => {
    const demo = new Organization(served, "DEMO@ReeveOrg");
    const role = { product: "cloud-manager", id: "developer", name: "Mine", type: "system-defined", sets: [] };
    expect(await demo.refuses([put("role", role), remove("role", { id: "developer" })])).toEqual([
      "built_in /changes/0/put/value",
      "built_in /changes/1/delete",
    ]);
    expect(await one.refuses([put("role", { product: "files", id: "mine", name: "Mine", builtIn: true, sets: [] })])).toEqual([
      "built_in /changes/0/put/value",
    ]);
    expect(await one.refuses([remove("organization", {})])).toEqual(["not_allowed /changes/0/delete"]);
  });
});

describe("deleting", () => {
  it("takes along everything that names what goes, in the same revision, and the id starts empty", async () => {
    const one = await makeOrganization(served);
    await one.writes([
      put("membership", { group: "team", member: "ann" }),
      put("assignment", { role: "reader", principal: "team" }),
      put("grant", { principal: "ann", resource: "/folders/a", access: "RW", reach: "subtree" }),
    ]);
    expect([await one.may("ann", "read", "/folders/b"), await one.may("ann", "write", "/folders/a")]).toEqual([true, true]);
    const before = numberOf(await one.revision());
    const gone = await one.writes([remove("principal", { id: "ann" })]);
    expect([gone.applied, numberOf(gone.revision)]).toEqual([3, before + 1]);
    await one.writes([put("principal", { id: "ann", type: "user" })]);
    expect([await one.may("ann", "read", "/folders/b"), await one.may("ann", "write", "/folders/a")]).toEqual([false, false]);
    expect(await one.refuses([remove("membership", { group: "team", member: "ann" })])).toEqual(["not_found /changes/0/delete"]);
  });

  it("of a permission set closes what it opened, and of a resource what lay below it", async () => {
    const one = await makeOrganization(served);
    await one.writes([put("assignment", { role: "reader", principal: "bob" }), put("resource", { path: "/folders/a/notes/1" })]);
    await one.writes([put("grant", { principal: "bob", resource: "/folders/a/notes/1", access: "R", reach: "self" })]);
    expect(await one.may("bob", "read", "/folders/a")).toBe(true);
    await one.writes([remove("permission-set", { id: "reading" })]);
    expect([await one.may("bob", "read", "/folders/a"), await one.may("bob", "read", "/folders/a/notes/1")]).toEqual([false, true]);
    await one.writes([remove("resource", { path: "/folders/a" })]);
    expect((await one.check(["bob", "read", "/folders/a/notes/1"])).body.context.reasons[0].code).toBe("unknown_resource");
    await one.writes([put("resource", { path: "/folders/a" }), put("resource", { path: "/folders/a/notes/1" })]);
    expect(await one.may("bob", "read", "/folders/a/notes/1")).toBe(false);
  });
});
