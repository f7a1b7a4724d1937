/**
 * Bodies that nobody meant: good ones in which something, anywhere, was replaced, taken out or added. Whatever comes, the server answers
 * with an answer or with a problem, never with a failure of its own; and what it acknowledged on the way is what a restart finds.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { GROUND } from "./every-object.ts";
import { CHECK, hostileBodies } from "./hostile-bodies.ts";
import { BASE, makeOrganization, type Organization } from "./organization.ts";
import { DEMO, type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
beforeAll(async () => {
  served = await serve();
  one = await makeOrganization(served, [...BASE, ...GROUND]);
});
afterAll(() => served?.close());

const seed = Number(process.env.REEVE_SEED ?? Math.floor(Math.random() * 2 ** 31));
it("No body makes the server fail, and every refusal is a problem that names places in it", async () => {
  console.info(`REEVE_SEED=${seed}`);
  const statuses = new Map<number, number>();
  for (const { path, body } of hostileBodies(seed, 6_000)) {
    const answer = await served.call(`/v1/orgs/${one.id}${path}`, { body: JSON.stringify(body) });
    const told = `${path} ${JSON.stringify(body)} → ${answer.text}`;
    expect([200, 201, 400, 409, 412, 422], told).toContain(answer.status);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status === 400 || answer.status === 422) {
      expect(answer.body.errors.length, told).toBeGreaterThan(0);
      for (const { pointer } of answer.body.errors) expect(pointer, told).toMatch(/^(\/([^~]|~[01])*)?$/s);
    } else if (answer.status === 200 && ["/check", "/operations/check", "/explain"].includes(path)) {
      expect(typeof answer.body.decision, told).toBe("boolean");
      expect(answer.body.decision, told).toBe(String(answer.body.context.reasons[0].code).startsWith("allowed_"));
    }
  }
  for (const status of [200, 201, 400, 422]) expect(statuses.get(status), `${status}`).toBeGreaterThan(50);
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
  const demo = (await served.call(`${DEMO}/check`, { body: CHECK })).body.context.reasons;
  await served.stop();
  served = await serve({ directory: served.directory });
  expect(await ask(served)).toEqual(before);
  expect((await served.call(`${DEMO}/check`, { body: CHECK })).body.context.reasons).toEqual(demo);
});
