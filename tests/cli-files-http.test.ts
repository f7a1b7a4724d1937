/**
 * An organization as files, against a real server: what is exported differs in nothing, and a change is shown, written and asked about.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Ended, inDirectory, runReeveWith } from "./fake-organizations.ts";
import { type Served, serve } from "./serve.ts";

let server: Served;
beforeAll(async () => {
  server = await serve();
});
afterAll(() => server.close());

const reeve = (...words: readonly string[]): Promise<Ended> =>
  runReeveWith({ REEVE_URL: server.url, REEVE_TOKEN: server.token, REEVE_ORG: "DEMO@ReeveOrg" }, ...words);

it("the demo organization is exported, compared, changed and asked about", async () => {
  await inDirectory(async (directory) => {
    expect(await reeve("export", directory)).toMatchObject({ exit: 0, err: "" });
    expect(await reeve("diff", "--prune", directory)).toMatchObject({ exit: 0 });
    expect((await reeve("apply", "--prune", directory)).out).toContain("nothing was written");
    expect((await reeve("export", directory)).out).toContain("no file differs");
    writeFileSync(join(directory, "on-call.yaml"), "memberships:\n  on-call: [ben]\n");
    const dry = await reeve("apply", "--dry-run", directory);
    expect(dry.out).toMatch(
      /^\+ membership on-call ben\n1 added.*\n1 principal would gain \(\d+ possibilities\), 0 would lose.*\n {2}user:ben\n {4}\+ /,
    );
    expect((await reeve("diff", directory)).exit).toBe(1);
    // More than one change set is asked about here, and not by the server: the answer is the same.
    writeFileSync(join(directory, "on-call.yaml"), "memberships:\n  on-call: [ben, demo-developer]\n");
    const whole = await reeve("apply", "--dry-run", directory);
    expect(whole.out).toContain("2 principals would gain");
    expect((await reeve("apply", "--dry-run", "--max-changes", "1", directory)).out).toBe(whole.out);
    writeFileSync(join(directory, "on-call.yaml"), "memberships:\n  on-call: [ben]\n");
    expect(await reeve("apply", "--reason", "on call", directory)).toMatchObject({ exit: 0 });
    expect((await reeve("diff", directory)).exit).toBe(0);
  });
  await inDirectory(async (directory) => {
    const file = join(directory, "cases.yaml");
    const ask = "{ principal: service-account demo-developer, product: cloud-manager, operation: DELETE /api/program/4/pipeline/10 }";
    writeFileSync(
      file,
      `cases:\n  - title: A developer deletes no pipeline\n    ask: ${ask}\n    expect: { decision: deny, code: no_access }\n`,
    );
    expect(await reeve("test", file)).toMatchObject({ exit: 0, out: expect.stringContaining("1 passed, 0 failed.") });
  });
});

it("a role of a product that is given to members is warned of, before and after, on stderr", async () => {
  await inDirectory(async (directory) => {
    const role = (await server.call("/v1/orgs/DEMO@ReeveOrg/roles?product=cloud-manager&limit=1")).body.items[0].value.id;
    writeFileSync(join(directory, "all.yaml"), `assignments:\n  ${role}: [members]\n`);
    const warning = expect.stringContaining(`${role} is a role of cloud-manager. (role_given_to_members)\n`);
    expect(await reeve("apply", "--dry-run", directory)).toMatchObject({ exit: 0, err: warning });
    expect(await reeve("apply", directory)).toMatchObject({ exit: 0, err: warning });
    const [set] = (await server.call("/v1/orgs/DEMO@ReeveOrg/change-sets?limit=1")).body.items;
    expect(await reeve("revert", set.id)).toMatchObject({ exit: 0, err: "" });
  });
});

it("the demo organization, exported and applied to an empty one, is the same: what it holds, and every answer", async () => {
  await inDirectory(async (directory) => {
    const as = (org: string) => ({ REEVE_URL: server.url, REEVE_TOKEN: server.token, REEVE_ORG: org });
    expect((await runReeveWith(as("DEMO@ReeveOrg"), "export", directory)).exit).toBe(0);
    const dry = await runReeveWith(as("Copy@ReeveOrg"), "apply", "--create", "--dry-run", directory);
    expect([dry.exit, dry.out]).toEqual([0, expect.stringContaining("Nothing was written.")]);
    expect((await server.call("/v1/orgs/Copy@ReeveOrg")).status).toBe(404);
    const applied = await runReeveWith(as("Copy@ReeveOrg"), "apply", "--create", "--yes", directory);
    expect([applied.exit, applied.err]).toMatchObject([0, expect.any(String)]);
    const held = async (org: string): Promise<readonly string[]> =>
      (await server.call(`/v1/orgs/${org}/export`)).text
        .split("\n")
        .slice(1)
        .filter((line) => !line.includes('"kind":"grant"'));
    expect(await held("Copy@ReeveOrg")).toEqual(await held("DEMO@ReeveOrg"));
    const everything = async (org: string): Promise<unknown> => {
      const { items } = (await server.call(`/v1/orgs/${org}/principals?limit=500`)).body;
      const asked = items.map(async ({ value: { id, type } }: { value: { id: string; type: string } }) => {
        const body = { subject: { type, id }, limit: 1_000 };
        return [id, (await server.call(`/v1/orgs/${org}/effective`, { body })).body.entries];
      });
      return Promise.all(asked);
    };
    expect(await everything("Copy@ReeveOrg")).toEqual(await everything("DEMO@ReeveOrg"));
    expect((await runReeveWith(as("Copy@ReeveOrg"), "apply", "--prune", directory)).out).toContain("nothing was written");
  });
});
