/** Credentials of developer projects over HTTP: made, told once, two at most, exchanged, ended; and whose they are. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Project, projectIn } from "./oauth-client.ts";
import { put } from "./organization.ts";
import { type Answer, type Served, serve } from "./serve.ts";

let served: Served;
let project: Project;
let other: Project;
beforeAll(async () => {
  served = await serve();
  [project, other] = [await projectIn(served), await projectIn(served)];
});
afterAll(() => served?.close());

const end = (path: string) => served.call(path, { method: "DELETE" });
const codeOf = ({ status, body }: Answer) => [status, body?.code];

describe("a credential", () => {
  it("begins without a client; its first secret makes it, and is told once", async () => {
    expect((await served.call(project.path)).body).toEqual({ clientId: null, serviceAccount: "bot", secrets: [] });
    const expires = Date.now() + 3_600_000;
    const made = await served.call(`${project.path}/secrets`, { body: { name: "production", expires } });
    expect([made.status, made.headers.get("cache-control")]).toEqual([201, "no-store"]);
    const { secret, clientId, ...told } = made.body;
    expect(secret).toMatch(/^rvs_[\w-]{43}$/);
    expect(told).toEqual({ id: told.id, name: "production", expires, created: expect.any(Number) });
    expect(made.headers.get("location")).toBe(`${project.path}/secrets/${told.id}`);
    const shown = await served.call(project.path);
    expect(shown.body).toEqual({ clientId, serviceAccount: "bot", secrets: [told] });
    const pages = [
      shown,
      await served.call(`/v1/orgs/${project.one.id}/export`),
      await served.call(`/v1/orgs/${project.one.id}/change-sets`),
    ];
    for (const { text } of pages) expect(text).not.toContain(secret);
    await project.token({ ...made.body });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await served.call(project.path)).body.secrets[0].lastUsed).toBeGreaterThanOrEqual(told.created);
  });

  it("has two secrets at most; one is deleted for good before the next is made", async () => {
    const first = (await served.call(project.path)).body.secrets[0].id;
    const second = await project.secret();
    expect(codeOf(await served.call(`${project.path}/secrets`, { body: {} }))).toEqual([409, "too_many_secrets"]);
    expect((await end(`${project.path}/secrets/${first}`)).status).toBe(204);
    expect(codeOf(await end(`${project.path}/secrets/${first}`))).toEqual([404, "object_not_found"]);
    const third = await project.secret();
    expect((await served.call(project.path)).body.secrets.map(({ id }: { id: string }) => id)).toEqual([second.id, third.id]);
  });

  it("makes no third secret where ten are asked for at once", async () => {
    const mine = await projectIn(served);
    const made = await Promise.all(Array.from({ length: 10 }, () => served.call(`${mine.path}/secrets`, { body: {} })));
    expect(made.map(({ status }) => status).sort()).toEqual([201, 201, ...Array.from({ length: 8 }, () => 409)]);
    expect(new Set(made.flatMap(({ body }) => body.clientId ?? [])).size).toBe(1);
  });

  it("is the service account's: projects that share it share the client", async () => {
    await project.one.writes([put("developer-project", { id: "till", name: "Till", product: "files", roles: [], serviceAccount: "bot" })]);
    const till = project.path.replace("shop", "till");
    expect((await served.call(till)).body).toEqual((await served.call(project.path)).body);
  });

  it("is reached through no other project, and no other organization", async () => {
    const mine = (await served.call(project.path)).body.secrets[0].id;
    await other.secret();
    expect(codeOf(await end(`${other.path}/secrets/${mine}`))).toEqual([404, "object_not_found"]);
    const nowhere = project.path.replace("shop", "none");
    for (const answer of [
      await served.call(nowhere),
      await served.call(`${nowhere}/secrets`, { body: {} }),
      await end(`${nowhere}/secrets/${mine}`),
      await end(nowhere),
    ])
      expect(codeOf(answer)).toEqual([404, "object_not_found"]);
    expect((await served.call(project.path)).body.secrets).toHaveLength(2);
  });

  it("ends with its secrets, once", async () => {
    const mine = await projectIn(served);
    expect(codeOf(await end(mine.path))).toEqual([404, "object_not_found"]);
    await mine.secret();
    expect((await end(mine.path)).status).toBe(204);
    expect(codeOf(await end(mine.path))).toEqual([404, "object_not_found"]);
    expect((await served.call(mine.path)).body).toEqual({ clientId: null, serviceAccount: "bot", secrets: [] });
  });

  it.each([
    [{ expires: 1 }, 422, "out_of_range /expires"],
    [{ expires: "tomorrow" }, 400, "wrong_type /expires"],
    [{ name: "" }, 400, "empty /name"],
    [{ name: "\ud800" }, 400, "malformed_text /name"],
    [{ secret: "mine" }, 400, "unknown_member /secret"],
  ])("is refused a secret of %j", async (body, status, fault) => {
    const refused = await served.call(`${other.path}/secrets`, { body });
    expect(refused.status, refused.text).toBe(status);
    expect(refused.body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`)).toContain(fault);
  });

  it("outlives a restart, with its client, its secrets and its access tokens", async () => {
    const first = await serve();
    const mine = await projectIn(first);
    const secret = await mine.secret();
    const token = await mine.token(secret);
    await first.stop();
    const port = new URL(first.url).port;
    const again = await serve({ directory: first.directory, environment: { REEVE_PORT: port } });
    try {
      expect((await again.call("/v1/me", { token })).status).toBe(200);
      expect((await again.call(mine.path)).body.clientId).toBe(secret.clientId);
    } finally {
      await again.close();
    }
  });
});
