/**
 * Bodies that nobody meant: good ones in which something, anywhere, was replaced, taken out or added. Whatever comes, the server answers
 * with an answer or with a problem, never with a failure of its own; and what it acknowledged on the way is what a restart finds.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BASE, type Change, makeOrganization, type Organization, put, remove } from "./organization.ts";
import { DEMO, type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
beforeAll(async () => {
  served = await serve();
  one = await makeOrganization(served);
});
afterAll(() => served?.close());

const seed = Number(process.env.REEVE_SEED ?? Math.floor(Math.random() * 2 ** 31));
const subject = { type: "user", id: "ann" };
const check = {
  subject,
  action: { name: "read", properties: {} },
  resource: { path: "/folders/a", properties: { labels: [] } },
  context: { now: 1 },
};
const operation = {
  subject,
  product: "files",
  method: "GET",
  target: "/a/b?c",
  attributes: { a: 1 },
  targets: { x: null, y: "/folders/a" },
  headers: { h: "1" },
};
const condition = { and: [{ "===": [{ var: "subject.id" }, "ann"] }, { in: ["a", { var: ["context.x", []] }] }] };
const policy = put("policy", {
  id: "p",
  name: "P",
  status: "active",
  sandboxes: "all",
  rules: [{ effect: "deny", resource: "/folders/*", actions: ["read"], condition }],
});
const writing = (...changes: readonly Change[]) => ({ reason: "why", changes });
const ROUTES: readonly (readonly [path: string, body: object])[] = [
  ["/check", check],
  ["/check/batch", { evaluations: [check, operation, {}], subject, context: {} }],
  ["/operations/check", operation],
  ["/explain", check],
  ["/explain", operation],
  ["/changes", writing(policy, ...BASE)],
  [
    "/changes",
    writing(put("grant", { principal: "ann", resource: "/folders/a", access: "RW", reach: "subtree", notBefore: 1, notAfter: 2 })),
  ],
  [
    "/changes",
    writing(put("resource", { path: "/folders/a/notes/1", owner: "bob", labels: ["custom/x"], properties: { a: [{ b: null }] } })),
  ],
  ["/changes", writing(put("membership", { group: "team", member: "ann" }), put("assignment", { role: "reader", principal: "team" }))],
  [
    "/changes",
    writing(remove("grant", { principal: "ann", resource: "/folders/a", reach: "subtree" }), remove("principal", { id: "bob" })),
  ],
  [
    "/changes",
    writing(
      put("operation", {
        product: "files",
        id: "op",
        method: "GET",
        path: "/f/{id}",
        names: ["op"],
        target: "/folders/{id}",
        alternatives: [{ permission: "reading" }],
      }),
    ),
  ],
];

const ODD = [
  ...[null, true, false, 0, -1, 1.5, 2 ** 53, 1e308, "", " ", "a", "ann", "/", "//", "/folders/a", "/folders/%2A", "*", "..", "R", "all"],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "\ud800",
    "\u0000",
    "\u202e",
    "\ud83d\ude00",
    "x".repeat(300),
    [],
    {},
    [[]],
    [null],
    { var: "" },
    { "": 0 },
  ],
];
const odd = fc.oneof(fc.constantFrom<unknown>(...ODD), fc.jsonValue({ maxDepth: 3 }));

/** Replaces, takes out or adds something at a place that the numbers choose. */
function mutate(value: unknown, places: readonly number[], with_: unknown): unknown {
  const [at = 0, ...rest] = places;
  if (typeof value !== "object" || value === null || rest.length === 0) return with_;
  const entries = Array.isArray(value) ? value.map((item, index) => [String(index), item] as const) : Object.entries(value);
  const what = at % (entries.length + 2);
  const changed = new Map<string, unknown>(entries);
  const chosen = entries[what];
  if (chosen !== undefined) changed.set(chosen[0], mutate(chosen[1], rest, with_));
  else if (what === entries.length) changed.set(typeof with_ === "string" ? with_ : "more", with_);
  else changed.delete(entries[(rest[0] ?? 0) % Math.max(1, entries.length)]?.[0] ?? "");
  return Array.isArray(value) ? [...changed.values()] : textOfObject(changed);
}
/** An object with exactly these own members, whatever their names: `__proto__` is one like any other. */
function textOfObject(members: ReadonlyMap<string, unknown>): object {
  const object = {};
  for (const [name, value] of members) Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  return object;
}

const requests = fc.record({
  route: fc.constantFrom(...ROUTES),
  mutations: fc.array(fc.tuple(fc.array(fc.nat(40), { minLength: 1, maxLength: 7 }), odd), { maxLength: 3 }),
});

it("No body makes the server fail, and every refusal is a problem that names places in it", async () => {
  console.info(`REEVE_SEED=${seed}`);
  const statuses = new Map<number, number>();
  for (const { route, mutations } of fc.sample(requests, { seed, numRuns: 2_500 })) {
    const [path, good] = route;
    const body = mutations.reduce<unknown>((value, [places, with_]) => mutate(value, places, with_), good) ?? null;
    const answer = await served.call(`/v1/orgs/${one.id}${path}`, { body: JSON.stringify(body) });
    const told = `${path} ${JSON.stringify(body)} → ${answer.text}`;
    expect([200, 400, 409, 412, 422], told).toContain(answer.status);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status === 400 || answer.status === 422) {
      expect(answer.body.errors.length, told).toBeGreaterThan(0);
      for (const { pointer } of answer.body.errors) expect(pointer, told).toMatch(/^(\/([^~]|~[01])*)?$/s);
    } else if (answer.status === 200 && path !== "/changes" && path !== "/check/batch") {
      expect(typeof answer.body.decision, told).toBe("boolean");
      expect(answer.body.decision, told).toBe(String(answer.body.context.reasons[0].code).startsWith("allowed_"));
    }
  }
  for (const status of [200, 400, 422]) expect(statuses.get(status), `${status}`).toBeGreaterThan(50);
});

it("After all of it the organization is the one that a restart finds", async () => {
  const paths = ["/", "/folders", "/folders/a", "/folders/b", "/folders/a/notes/1", "/folders/%2A"];
  const evaluations = ["ann", "bob", "team", "members"].flatMap((id) =>
    paths.flatMap((path) =>
      ["read", "write", "audit"].map((name) => ({
        subject: { type: id.length === 3 ? "user" : "group", id },
        action: { name },
        resource: { path },
      })),
    ),
  );
  const ask = async (server: Served) => {
    const { body } = await server.call(`/v1/orgs/${one.id}/check/batch`, { body: { evaluations } });
    return body.evaluations.map(({ decision, context }: { decision: boolean; context: { reasons: unknown } }) => ({
      decision,
      reasons: context.reasons,
    }));
  };
  const before = await ask(served);
  const demo = (await served.call(`${DEMO}/check`, { body: check })).body.context.reasons;
  await served.stop();
  served = await serve({ directory: served.directory });
  expect(await ask(served)).toEqual(before);
  expect((await served.call(`${DEMO}/check`, { body: check })).body.context.reasons).toEqual(demo);
});
