/** Lists over HTTP: what check allows, in pages, the same as asking one by one. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, DEMO, type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

const ask = (question: string, body: object): Promise<Answer> => served.call(`${DEMO}/${question}`, { body });
const codeOf = ({ status, body }: Answer): readonly [number, string | undefined] => [status, body?.code];
/** All pages of a question, of so many entries each. */
async function all(question: string, body: object, limit: number): Promise<readonly Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await ask(question, { ...body, limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.status, page.text).toBe(200);
    expect(page.headers.get("reeve-revision")).toBe(page.body.revision);
    found.push(...page.body.entries);
    if (page.body.next === undefined) return found;
    cursor = page.body.next;
  }
}
const principals = async (): Promise<readonly { readonly type: string; readonly id: string }[]> =>
  (await served.call(`${DEMO}/principals?limit=500`)).body.items.map(({ value }: { value: { type: string; id: string } }) => ({
    type: value.type,
    id: value.id,
  }));
const resources = async (type: string): Promise<readonly string[]> =>
  (await served.call(`${DEMO}/resources?type=${type}&limit=500`)).body.items.map(({ value }: { value: { path: string } }) => value.path);
const may = async (subject: object, action: string, path: string): Promise<boolean> =>
  (await ask("check", { subject, action: { name: action }, resource: { path } })).body.decision;

describe("a list of resources", () => {
  it("is the registered ones on which check allows, whoever asks, at every size of page", async () => {
    const paths = await resources("schemas");
    expect(paths.length).toBeGreaterThan(0);
    let allowed = 0;
    for (const subject of await principals()) {
      const expected: string[] = [];
      for (const path of paths) if (await may(subject, "read", path)) expected.push(path);
      allowed += expected.length;
      for (const limit of [1, 3, 10_000]) {
        const entries = await all("list/resources", { subject, action: { name: "read" }, type: "schemas" }, limit);
        expect(entries, `${subject.id} by ${limit}`).toEqual(expected.map((id) => ({ id })));
      }
    }
    expect(allowed).toBeGreaterThan(0);
  });
});

describe("lists of principals, actions and roles", () => {
  it("are those whom check allows, for a resource and for an operation", async () => {
    const [path] = await resources("schemas");
    for (const type of ["user", "group", "service-account"]) {
      const of = (await principals()).filter((one) => one.type === type);
      const expected: string[] = [];
      for (const subject of of) if (await may(subject, "read", path as string)) expected.push(subject.id);
      const entries = await all("list/principals", { type, action: { name: "read" }, resource: { path } }, 2);
      expect(entries.map(({ id }) => id)).toEqual(expected.sort());
      const operation = { product: "cloud-manager", method: "DELETE", target: "/api/program/4/pipeline/10" };
      const callers: string[] = [];
      for (const subject of of) if ((await ask("operations/check", { subject, ...operation })).body.decision) callers.push(subject.id);
      expect((await all("list/principals", { type, operation }, 1)).map(({ id }) => id)).toEqual(callers.sort());
    }
  });

  it("actions are those that check allows", async () => {
    const [path] = await resources("schemas");
    const declared = Object.keys((await served.call(`${DEMO}/products/experience-platform`)).body.types.schemas.actions);
    for (const subject of await principals()) {
      const expected: string[] = [];
      for (const action of declared) if (await may(subject, action, path as string)) expected.push(action);
      expect((await all("list/actions", { subject, resource: { path } }, 1)).map(({ id }) => id)).toEqual(expected.sort());
    }
  });

  it("roles are those that hold what is asked for", async () => {
    const roles: readonly { id: string; product: string }[] = (await served.call(`${DEMO}/roles?limit=500`)).body.items.map(
      ({ value }: { value: { id: string; product: string } }) => value,
    );
    const expected = roles.filter(({ product }) => product === "cloud-manager").map(({ id }) => id);
    expect((await all("list/roles", { product: "cloud-manager" }, 2)).map(({ id }) => id)).toEqual(expected.sort());
  });
});

describe("what is held, and effective permissions", () => {
  it("of every principal agree with check on the registered resources", async () => {
    let found = 0;
    for (const subject of await principals()) {
      const entries = (await all("effective", { subject, below: "/sandboxes/prod" }, 7)) as unknown as readonly {
        readonly path: string;
        readonly actions: readonly { readonly name: string }[];
      }[];
      for (const { path, actions } of entries) {
        for (const { name } of actions) expect(await may(subject, name, path), `${subject.id} ${name} ${path}`).toBe(true);
        found += actions.length;
      }
    }
    expect(found).toBeGreaterThan(0);
  });

  it("held names permission sets with the roles that give them", async () => {
    const subject = { type: "service-account", id: "demo-developer" };
    const { status, body } = await ask("held", { subject, place: "/", product: "cloud-manager" });
    expect([status, Array.isArray(body.entries)]).toEqual([200, true]);
    for (const { set, roles, pairs } of body.entries)
      expect([typeof set, roles.length > 0, pairs.length > 0]).toEqual(["string", true, true]);
  });
});

describe("a list that cannot be given", () => {
  it.each([
    ["list/resources", { subject: { type: "user", id: "ada" }, type: "schemas" }, "required /action"],
    [
      "list/resources",
      { subject: { type: "user", id: "ada" }, action: { name: "read" }, type: "schemas", limit: 0 },
      "out_of_range /limit",
    ],
    ["list/principals", { type: "robot", action: { name: "read" }, resource: { path: "/" } }, "not_allowed /type"],
    ["list/principals", { type: "user", action: { name: "read" } }, "required "],
    ["list/principals", { type: "user" }, "required "],
    ["effective", { subject: { type: "user", id: "ada" }, cursor: "abc" }, "not_allowed /cursor"],
    ["held", { subject: { type: "user", id: "ada" } }, "required /place"],
  ])("%s %j is refused with its fault", async (question, body, fault) => {
    const refused = await ask(question, body);
    expect(codeOf(refused)).toEqual([400, "malformed_request"]);
    expect(refused.body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`)).toContain(fault);
  });

  it("takes no cursor of another question, and answers nobody who is unknown with an empty list", async () => {
    const subject = (await principals()).find(({ id }) => id === "ada") ?? { type: "user", id: "ada" };
    const first = await ask("effective", { subject, limit: 1 });
    if (first.body.next !== undefined) {
      expect(codeOf(await ask("effective", { subject, below: "/sandboxes/prod", cursor: first.body.next }))).toEqual([
        400,
        "malformed_request",
      ]);
    }
    const nobody = { type: "user", id: "nobody" };
    expect((await ask("effective", { subject: nobody })).body.entries).toEqual([]);
    expect((await ask("list/resources", { subject: nobody, action: { name: "read" }, type: "schemas" })).body.entries).toEqual([]);
  });
});
