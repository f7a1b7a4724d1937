/**
 * Objects over HTTP: each kind under its own path is made, read, changed and deleted, on the object that the client means or not at all.
 */
import { COLLECTIONS, type Collection, ROUTES, type Route } from "@reeve/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE, makeOrganization, type Organization } from "./organization.ts";
import { type Answer, type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
let base: string;
beforeAll(async () => {
  served = await serve();
  one = await makeOrganization(served, BASE);
  base = `/v1/orgs/${one.id}`;
});
afterAll(() => served?.close());

const call = (path: string, sent: Parameters<Served["call"]>[1] = {}): Promise<Answer> => served.call(base + path, sent);
const put = (path: string, body: unknown, headers = {}): Promise<Answer> => call(path, { method: "PUT", body, headers });
const remove = (path: string, headers = {}): Promise<Answer> => call(path, { method: "DELETE", headers });
const faultsOf = ({ body }: Answer): string[] =>
  body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`).sort();
const codeOf = ({ status, body }: Answer): readonly [number, string] => [status, body?.code];

describe("an object", () => {
  it("is made with 201, a place and an ETag, is read there, is changed under that ETag, and is gone after it was deleted", async () => {
    const made = await call("/principals", { body: { id: "carl", type: "user" } });
    expect([made.status, made.body]).toEqual([201, { id: "carl", type: "user", active: true }]);
    expect(made.headers.get("location")).toBe(`/v1/orgs/${encodeURIComponent(one.id)}/principals/carl`);
    const read = await served.call(made.headers.get("location") as string);
    expect([read.status, read.body, read.headers.get("etag")]).toEqual([200, made.body, made.headers.get("etag")]);
    const changed = await put("/principals/carl", { type: "user", name: "Carl" }, { "if-match": read.headers.get("etag") });
    expect([changed.status, changed.body.name]).toEqual([200, "Carl"]);
    expect(changed.headers.get("etag")).not.toBe(read.headers.get("etag"));
    const stale = await remove("/principals/carl", { "if-match": read.headers.get("etag") as string });
    expect(codeOf(stale)).toEqual([412, "object_changed"]);
    expect((await remove("/principals/carl", { "if-match": changed.headers.get("etag") as string })).status).toBe(204);
    expect(codeOf(await call("/principals/carl"))).toEqual([404, "object_not_found"]);
    expect(codeOf(await remove("/principals/carl"))).toEqual([404, "object_not_found"]);
  });

  it("keeps its ETag while others change, and while it is put as it is", async () => {
    await put("/roles/keeper", { product: "files", name: "K", sets: [{ set: "reading" }] });
    const first = (await call("/roles/keeper")).headers.get("etag");
    await put("/principals/dora", { type: "user" });
    const again = await put("/roles/keeper", { product: "files", name: "K", sets: [{ set: "reading" }] });
    expect([again.status, again.headers.get("etag")]).toEqual([200, first]);
    expect((await call("/roles/keeper")).headers.get("etag")).toBe(first);
  });

  it("that is there is not made again, and one that must not be there is not put", async () => {
    expect(codeOf(await call("/principals", { body: { id: "ann", type: "user", name: "Another" } }))).toEqual([409, "object_exists"]);
    expect(codeOf(await put("/principals/ann", { type: "user", name: "X" }, { "if-none-match": "*" }))).toEqual([412, "object_changed"]);
    expect((await call("/principals/ann")).body.name).toBeUndefined();
    expect((await put("/principals/erik", { type: "user" }, { "if-none-match": "*" })).status).toBe(201);
  });

  it("that must be there is not made: * and every other tag refuse what is not there", async () => {
    for (const tag of ["*", '"another.5"', '"x"']) {
      expect(codeOf(await put("/principals/nobody", { type: "user" }, { "if-match": tag })), tag).toEqual([412, "object_changed"]);
    }
    expect(codeOf(await call("/principals/nobody"))).toEqual([404, "object_not_found"]);
  });

  it.each([{ "if-match": "x" }, { "if-match": 'W/"a.1"' }, { "if-none-match": '"a.1"' }, { "if-match": "*", "if-none-match": "*" }])(
    "is not touched under the malformed precondition %j",
    async (headers) => {
      expect(codeOf(await put("/principals/ann", { type: "user", name: "X" }, headers))).toEqual([400, "malformed_header"]);
    },
  );

  it("without an id gets one", async () => {
    const made = await call("/principals", { body: { type: "service-account" } });
    expect([made.status, made.body.id]).toEqual([201, expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)]);
  });

  it("is refused with every fault of its body, by its place there", async () => {
    const refused = await call("/roles", { body: { id: "r", product: 1, name: "", sets: [{ set: "no", scope: "x" }], more: 1 } });
    expect([refused.status, faultsOf(refused)]).toEqual([
      400,
      ["empty /name", "unknown_member /more", "wrong_type /product", "wrong_type /sets/0/scope"],
    ]);
    const unfit = await call("/roles", { body: { id: "r", product: "files", name: "R", sets: [{ set: "missing" }] } });
    expect([...codeOf(unfit), faultsOf(unfit)]).toEqual([422, "changes_refused", ["unknown_reference /sets/0/set"]]);
    const other = await put("/principals/ann", { id: "bob", type: "user" });
    expect([other.status, faultsOf(other)]).toEqual([400, ["not_allowed /id"]]);
  });

  it("takes with it what names it, in the same revision", async () => {
    await put("/principals/frida", { type: "user" });
    await put("/assignments/reader/frida", {});
    await put(`/grants/frida/${encodeURIComponent("/folders/a")}/subtree`, { access: "R" });
    const gone = await remove("/principals/frida");
    expect(gone.status).toBe(204);
    expect(codeOf(await call("/assignments/reader/frida"))).toEqual([404, "object_not_found"]);
    const set = (await call("/change-sets?limit=1")).body.items[0];
    expect([set.revision, set.changes]).toEqual([gone.headers.get("reeve-revision"), 3]);
  });

  it("of an organization that is not there is no object", async () => {
    expect(codeOf(await served.call("/v1/orgs/Nowhere/principals/ann"))).toEqual([404, "organization_not_found"]);
    expect(codeOf(await served.call("/v1/orgs/Nowhere/principals"))).toEqual([404, "organization_not_found"]);
    const refused = await served.call("/v1/orgs/Nowhere/principals/ann", { method: "PUT", body: { type: "user" } });
    expect(codeOf(refused)).toEqual([404, "organization_not_found"]);
  });
});

describe("a grant", () => {
  it("tells who gave it and when", async () => {
    const path = `/grants/bob/${encodeURIComponent("/folders/b")}/self`;
    const before = Date.now();
    expect((await put(path, { access: "RW" })).status).toBe(201);
    const { givenAt, givenBy } = (await call(path)).body;
    expect([givenAt >= before, givenBy]).toEqual([true, undefined]);
  });
});

describe("groups and sandboxes", () => {
  it("are principals and resources under names of their own", async () => {
    expect((await put("/groups/crew", { name: "Crew" })).body).toEqual({ id: "crew", type: "group", name: "Crew", active: true });
    expect((await call("/principals/crew")).body.type).toBe("group");
    expect(codeOf(await call("/groups/ann"))).toEqual([404, "object_not_found"]);
    expect(codeOf(await remove("/groups/ann"))).toEqual([404, "object_not_found"]);
    expect(codeOf(await put("/groups/ann", {}))).toEqual([409, "object_exists"]);
    expect(faultsOf(await put("/groups/crew", { type: "user" }))).toEqual(["not_allowed /type"]);
    expect((await call("/groups")).body.items.map(({ value }: { value: { id: string } }) => value.id)).toEqual(["crew", "team"]);
  });

  it("sandboxes are found by their names, whatever stands in them", async () => {
    const demo = "/v1/orgs/Sandboxed";
    await served.call("/v1/orgs", { body: { id: "Sandboxed", name: "S" } });
    const types = { sandboxes: { actions: {} }, schemas: { parents: ["sandboxes"], actions: { read: [] } } };
    const product = { boundedBy: "sandboxes", settings: {}, types };
    expect((await served.call(`${demo}/products/p`, { method: "PUT", body: product })).status).toBe(201);
    expect((await served.call(`${demo}/sandboxes/prod`, { method: "PUT", body: { name: "Production" } })).status).toBe(201);
    expect((await served.call(`${demo}/sandboxes/${encodeURIComponent("a/b%")}`, { method: "PUT", body: {} })).status).toBe(201);
    await served.call(`${demo}/resources/${encodeURIComponent("/sandboxes/prod/schemas/1")}`, { method: "PUT", body: {} });
    const { items } = (await served.call(`${demo}/sandboxes`)).body;
    expect(items.map(({ value }: { value: { path: string } }) => value.path)).toEqual(["/sandboxes/a%2Fb%25", "/sandboxes/prod"]);
    expect((await served.call(`${demo}/sandboxes/${encodeURIComponent("a/b%")}`)).body).toEqual({ path: "/sandboxes/a%2Fb%25" });
    for (const path of ["/sandboxes/c%252F", "/sandboxes/%2A", "/sandboxes/é"]) {
      const made = await served.call(`${demo}/sandboxes`, { body: { path } });
      expect((await served.call(made.headers.get("location") as string)).body, path).toEqual({ path });
    }
  });
});

describe("a list", () => {
  it("of every collection answers, and takes every filter and sort that its route tells, and no other", async () => {
    for (const [name, { filters, sorts }] of Object.entries(COLLECTIONS) as [string, Collection][]) {
      for (const sort of sorts.flatMap((one) => [one, `-${one}`])) {
        expect((await call(`/${name}?sort=${sort}`)).status, `${name} by ${sort}`).toBe(200);
      }
      for (const filter of filters) {
        const value = ["active", "builtIn"].includes(filter) ? "true" : "x";
        expect((await call(`/${name}?${filter}=${value}`)).status, `${name} with ${filter}`).toBe(200);
      }
      expect(codeOf(await call(`/${name}?sort=colour`)), name).toEqual([400, "malformed_request"]);
      expect(codeOf(await call(`/${name}?colour=red`)), name).toEqual([400, "malformed_request"]);
    }
  });

  it("comes in pages that hold each object once, at every size, both ways", async () => {
    const whole = (await call("/principals")).body.items.map(({ value }: { value: { id: string } }) => value.id);
    for (const sort of ["key", "-key"]) {
      for (const limit of [1, 2, 3, 500]) {
        const found: string[] = [];
        for (let cursor = ""; ; ) {
          const page = (await call(`/principals?sort=${sort}&limit=${limit}${cursor}`)).body;
          found.push(...page.items.map(({ value }: { value: { id: string } }) => value.id));
          if (page.next === undefined) break;
          cursor = `&cursor=${page.next}`;
        }
        expect(found, `${sort} by ${limit}`).toEqual(sort === "key" ? whole : [...whole].reverse());
      }
    }
  });

  it("gives the ETag of each object", async () => {
    const [first] = (await call("/principals?limit=1")).body.items;
    expect((await call(`/principals/${first.value.id}`)).headers.get("etag")).toBe(`"${first.revision}"`);
  });

  it("filters: by type, by one member of a key, by the beginning of a name, below a path", async () => {
    const ids = ({ body }: Answer): string[] =>
      body.items.map(({ value }: { value: { id?: string; path?: string } }) => value.id ?? value.path);
    await put("/principals/named", { type: "user", name: "Nadia" });
    expect(ids(await call("/principals?type=group"))).toContain("team");
    expect(ids(await call("/principals?type=group"))).not.toContain("ann");
    expect(ids(await call("/principals?name=Na"))).toEqual(["named"]);
    expect(ids(await call("/principals?name=na"))).toEqual([]);
    expect(ids(await call("/resources?type=folders"))).toEqual(["/folders/a", "/folders/b"]);
    await put(`/resources/${encodeURIComponent("/folders/a/notes/1")}`, {});
    expect(ids(await call(`/resources?below=${encodeURIComponent("/folders/a")}`))).toEqual(["/folders/a/notes/1"]);
  });

  it.each([
    ["?limit=0", "out_of_range ?limit"],
    ["?limit=501", "out_of_range ?limit"],
    ["?limit=x", "out_of_range ?limit"],
    ["?cursor=abc", "not_allowed ?cursor"],
    ["?name=a&sort=key", "not_allowed ?sort"],
    ["?active=maybe", "not_allowed ?active"],
    ["?type=user&type=group", "duplicate ?type"],
  ])("is refused for %s", async (query, fault) => {
    const refused = await call(`/principals${query}`);
    expect([...codeOf(refused), faultsOf(refused)]).toEqual([400, "malformed_request", [fault]]);
  });

  it("takes no cursor of another list, another query or another server", async () => {
    const { next } = (await call("/principals?limit=1")).body;
    expect((await call(`/principals?limit=2&cursor=${next}`)).status).toBe(200);
    for (const path of ["/roles?", "/principals?type=user&", "/principals?sort=-key&", "/groups?"]) {
      expect(codeOf(await call(`${path}cursor=${next}`)), path).toEqual([400, "malformed_request"]);
    }
    const flipped = next.slice(0, -2) + (next.at(-2) === "A" ? "B" : "A") + next.at(-1);
    expect(codeOf(await call(`/principals?limit=2&cursor=${flipped}`))).toEqual([400, "malformed_request"]);
  });

  it("answers at least the revision that was asked for", async () => {
    const written = await put("/principals/late", { type: "user" });
    const revision = written.headers.get("reeve-revision") as string;
    expect((await call("/principals", { headers: { "reeve-at-least": revision } })).status).toBe(200);
    const ahead = revision.replace(/\d+$/, (number) => String(Number(number) + 1));
    expect(codeOf(await call("/principals", { headers: { "reeve-at-least": ahead } }))).toEqual([504, "revision_not_reached"]);
    expect(codeOf(await call("/principals/ann", { headers: { "reeve-at-least": "other.1" } }))).toEqual([
      409,
      "revision_of_another_history",
    ]);
  });
});

describe("a creation with an Idempotency-Key", () => {
  const make = (key: string, body: unknown): Promise<Answer> => call("/principals", { body, headers: { "idempotency-key": key } });

  it("happens once, however often and from how many hands it is sent", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => make("k1", { id: "once", type: "user" })));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201));
    expect(new Set(answers.map(({ headers }) => headers.get("etag"))).size).toBe(1);
    await put("/principals/once", { type: "user", name: "Changed since" });
    expect((await make("k1", { id: "once", type: "user" })).status).toBe(201);
    expect((await call("/principals/once")).body.name).toBe("Changed since");
    expect((await call("/principals/once/history")).body.items.length).toBe(2);
  });

  it("is refused for another body, and may be tried again after it was refused", async () => {
    expect((await make("k2", { id: "first", type: "user" })).status).toBe(201);
    expect(codeOf(await make("k2", { id: "second", type: "user" }))).toEqual([422, "idempotency_key_reused"]);
    expect(codeOf(await make("k3", { id: "ann", type: "user" }))).toEqual([409, "object_exists"]);
    expect((await make("k3", { id: "third", type: "user" })).status).toBe(201);
    expect(codeOf(await make("k3", { id: "ann", type: "user" }))).toEqual([422, "idempotency_key_reused"]);
  });

  it("of a body that is nested beyond all bounds is refused as such", async () => {
    const body = `{"id":"deep","type":${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}}`;
    expect(codeOf(await make("k5", body))).toEqual([400, "body_too_deep"]);
  });

  it("is told of a key that is none", async () => {
    for (const key of ["", "x".repeat(256)]) expect(codeOf(await make(key, { id: "z", type: "user" }))).toEqual([400, "malformed_header"]);
  });
});

describe("what befell an object", () => {
  it("is told newest first, with before and after, who, why and its lives", async () => {
    await put("/principals/hanna", { type: "user" }, { "reeve-reason": "joins" });
    await put("/principals/hanna", { type: "user", active: false }, { "reeve-reason": "geht f%C3%BCr immer" });
    await remove("/principals/hanna");
    await put("/principals/hanna", { type: "user" });
    const { items } = (await call("/principals/hanna/history")).body;
    expect(items.map(({ before, after }: { before: unknown; after: unknown }) => [before !== null, after !== null])).toEqual([
      [false, true],
      [true, false],
      [true, true],
      [false, true],
    ]);
    expect(items.map(({ reason }: { reason?: string }) => reason)).toEqual([undefined, undefined, "geht für immer", "joins"]);
    expect(new Set(items.slice(1).map(({ life }: { life: number }) => life)).size).toBe(1);
    expect(items[0].life).not.toBe(items[1].life);
    const first = (await call("/principals/hanna/history?limit=3")).body;
    expect((await call(`/principals/hanna/history?limit=3&cursor=${first.next}`)).body.items).toEqual(items.slice(3));
    expect((await call("/principals/never/history")).body.items).toEqual([]);
  });
});

describe("the organization's own record", () => {
  it("is read, and changed under its ETag", async () => {
    const read = await call("");
    expect([read.status, Object.keys(read.body).sort()]).toEqual([200, ["name", "tenantIds"]]);
    const changed = await put("", { name: "Renamed", tenantIds: ["9"] }, { "if-match": read.headers.get("etag") });
    expect([changed.status, changed.body]).toEqual([200, { name: "Renamed", tenantIds: ["9"] }]);
    expect(codeOf(await put("", { name: "Again", tenantIds: [] }, { "if-match": read.headers.get("etag") }))).toEqual([
      412,
      "object_changed",
    ]);
    expect((await call("")).body.name).toBe("Renamed");
  });

  it("stands in the list of organizations, in pages", async () => {
    const ids: string[] = [];
    for (let cursor = ""; ; ) {
      const page = (await served.call(`/v1/orgs?limit=1${cursor}`)).body;
      ids.push(...page.items.map(({ id }: { id: string }) => id));
      if (page.next === undefined) break;
      cursor = `&cursor=${page.next}`;
    }
    expect(ids).toContain(one.id);
    expect(ids).toEqual([...new Set(ids)].sort());
  });
});

describe("the table of routes", () => {
  it("has six for every collection, and no two at one place", () => {
    const routes = Object.values(ROUTES) as readonly Route[];
    const places = routes.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, "{}")}`);
    expect(new Set(places).size).toBe(places.length);
    for (const name of Object.keys(COLLECTIONS)) expect(routes.filter(({ id }) => id.startsWith(`${name}.`)).length, name).toBe(6);
  });
});
