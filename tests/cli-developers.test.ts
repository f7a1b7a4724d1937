/**
 * `reeve projects`, `credentials` and `access-token` against a real server: from a role that is offered to a token that asks, and back.
 *
 * A secret is looked for wherever it must not be: on the other output, in a file that others may read, among the arguments.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Inside, reeveInside } from "./cli-inside.ts";
import { reeve as reeveOutside } from "./cli-server.ts";
import { BASE, makeOrganization, type Organization, put } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
let home: string;
let one: Organization;
beforeAll(async () => {
  served = await serve();
  home = mkdtempSync(join(tmpdir(), "reeve-developers-"));
});
afterAll(async () => {
  await served?.close();
  rmSync(home, { recursive: true, force: true });
});
beforeEach(async () => {
  one = await makeOrganization(served, [...BASE, put("developer-access", { role: "reader", principal: "ann" })]);
});

const environment = () => ({ REEVE_URL: served.url, REEVE_TOKEN: served.token, REEVE_ORG: one.id });
const reeve = (words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Inside> =>
  reeveInside(words, { environment: { ...environment(), ...more } });
let files = 0;
const fresh = (): string => join(home, `file${++files}`);
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

async function done(words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
  const { exit, out, err } = await reeve(words, more);
  expect(exit, `${words.join(" ")}\n${out}${err}`).toBe(0);
  return out;
}
const project = async (): Promise<string> =>
  (await done(["projects", "create", "--name", "Shop", "--product", "files", "--role", "reader"])).trim();

describe("projects", () => {
  it("are made of roles that are offered, shown, changed in part, and ended", async () => {
    expect(await done(["projects", "roles", "--product", "files"])).toBe("PRODUCT  ROLE    NAME\nfiles    reader  Reader\n");
    const id = await project();
    expect(id).toMatch(/^[\w-]+$/);
    expect(await done(["projects", "list"])).toMatch(new RegExp(`^ID .* MAY CHANGE\n${id} +Shop +files +reader +\\S+ +yes\n$`));
    await one.writes([put("role", { product: "files", id: "writer", name: "Writer", sets: [] })]);
    expect(await done(["projects", "update", id, "--role", "reader", "--role", "writer", "--reason", "größer"])).toContain("name: Shop");
    expect(await done(["projects", "update", id, "--name", "Store"])).toContain("  - writer\n");
    expect(JSON.parse(await done(["projects", "get", id, "-o", "json"]))).toMatchObject({ name: "Store", roles: ["reader", "writer"] });
    const { items } = (await served.call(`/v1/orgs/${one.id}/change-sets?limit=2`)).body;
    expect(items[1]).toMatchObject({ reason: "größer" });
    expect(await done(["projects", "delete", id])).toBe(`Project ${id} is ended, and its service account.\n`);
    expect(await reeve(["projects", "get", id])).toMatchObject({ exit: 5, err: expect.stringContaining("no such developer project") });
  });

  it("are refused where the role is not offered, and where somebody changed them in between", async () => {
    const token = (await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal: "bob", ceiling: "admin" } })).body.secret;
    const asBob = { REEVE_TOKEN: token };
    expect(await reeve(["projects", "roles"], asBob)).toMatchObject({ exit: 4, out: "" });
    expect(await reeve(["projects", "create", "--name", "X", "--product", "files", "--role", "reader"], asBob)).toMatchObject({
      exit: 4,
      out: "",
    });
    expect(await reeve(["projects", "create", "--name", "X", "--product", "files"])).toMatchObject({
      exit: 2,
      err: expect.stringContaining("--role"),
    });
    const id = await project();
    expect(await reeve(["projects", "update", id])).toMatchObject({ exit: 2, err: expect.stringContaining("Nothing to change") });
    const { etag } = Object.fromEntries((await served.call(`/v1/orgs/${one.id}/console/projects/${id}`)).headers);
    await done(["projects", "update", id, "--name", "Other"]);
    const late = await served.call(`/v1/orgs/${one.id}/console/projects/${id}`, {
      method: "PUT",
      body: { name: "Late", roles: ["reader"] },
      headers: { "if-match": etag as string },
    });
    expect(late.body.code).toBe("object_changed");
  });
});

describe("credentials", () => {
  it("are shown once, on stdout alone, and listed without their values", async () => {
    const id = await project();
    expect(await done(["credentials", "list", id])).toContain("Client id (API key): none yet");
    const made = await reeve(["credentials", "add", id, "--name", "nightly", "--expires", "90d"]);
    const secret = made.out.trim();
    expect([made.exit, secret]).toEqual([0, expect.stringMatching(/^rvs_\S{40,}$/)]);
    expect(made.err).not.toContain(secret);
    const listed = await done(["credentials", "list", id]);
    expect(listed).toMatch(/SECRET .*\n\S+ +nightly +20\S+Z +20\S+Z\n$/);
    expect(listed).not.toContain(secret);
    expect(await reeve(["credentials", "add", id, "--expires", "soon"])).toMatchObject({
      exit: 2,
      out: "",
      err: expect.stringContaining("90d"),
    });
  });

  it("go into a file of their owner's, which overwrites nothing and is not left behind empty", async () => {
    const id = await project();
    const file = fresh();
    const made = await reeve(["credentials", "add", id, "--secret-file", file]);
    const secret = readFileSync(file, "utf8");
    expect([modeOf(file), secret]).toEqual(["600", expect.stringMatching(/^rvs_\S+\n$/)]);
    expect(made.out + made.err).not.toContain(secret.trim());
    const { clientId } = JSON.parse(await done(["credentials", "list", id, "-o", "json"]));
    expect(made.out).toBe(`${clientId}\n`);
    expect(await reeve(["credentials", "add", id, "--secret-file", file])).toMatchObject({
      exit: 2,
      err: expect.stringContaining("is there already"),
    });
    expect(await reeve(["credentials", "add", id, "--secret-file", join(home, "none", "x")])).toMatchObject({
      exit: 2,
      err: expect.stringContaining("ENOENT"),
    });
    expect(readFileSync(file, "utf8")).toBe(secret);
    expect(JSON.parse(await done(["credentials", "list", id, "-o", "json"])).secrets).toHaveLength(1);
    await done(["credentials", "add", id]);
    const third = fresh();
    expect(await reeve(["credentials", "add", id, "--secret-file", third])).toMatchObject({
      exit: 2,
      err: expect.stringContaining("too_many_secrets"),
    });
    expect(existsSync(third)).toBe(false);
  });

  it("end one by one, or with their client", async () => {
    const id = await project();
    await done(["credentials", "add", id]);
    const [{ id: secret }] = JSON.parse(await done(["credentials", "list", id, "-o", "json"])).secrets;
    expect(await reeve(["credentials", "delete", id])).toMatchObject({ exit: 2, err: expect.stringContaining("--client") });
    expect(await reeve(["credentials", "delete", id, secret, "--client"])).toMatchObject({ exit: 2 });
    expect(await reeve(["projects", "delete", id])).toMatchObject({ exit: 2, err: expect.stringContaining("project_has_secrets") });
    expect(await done(["credentials", "delete", id, secret])).toContain(`Secret ${secret} is ended.`);
    expect(await reeve(["credentials", "delete", id, secret])).toMatchObject({ exit: 5 });
    await done(["credentials", "add", id]);
    expect(await done(["credentials", "delete", id, "--client"])).toContain("is ended");
    await done(["projects", "delete", id]);
  });
});

describe("access-token", () => {
  async function client(): Promise<{ readonly id: string; readonly file: string; readonly project: string }> {
    const [made, file] = [await project(), fresh()];
    return { project: made, file, id: (await done(["credentials", "add", made, "--secret-file", file])).trim() };
  }

  it("obtains one by a file, by stdin or by the environment, for stdout or a file that other commands take", async () => {
    const { id, file, project: of } = await client();
    const secret = readFileSync(file, "utf8").trim();
    const words = ["access-token", "--client-id", id];
    const token = (await done([...words, "--secret-file", file])).trim();
    expect(token.split(".")).toHaveLength(3);
    expect((await done(words, { REEVE_CLIENT_SECRET: secret })).split(".")).toHaveLength(3);
    const to = fresh();
    const { exit, out, err } = await reeve([...words, "--secret-file", file, "--to", to, "--scope", "reeve.read openid"]);
    expect([exit, out, modeOf(to), err]).toEqual([
      0,
      "",
      "600",
      expect.stringMatching(/^An access token, valid for 86\d{3} s\. It is in /),
    ]);
    expect(await done(["whoami", "--token-file", to])).toMatch(/^service-account:.*\n.*\n {2}allows at most: read\n {2}known by: .* of /);
    expect(await done(["whoami"], { REEVE_TOKEN: token })).toContain("allows at most: admin");
    await done(["credentials", "delete", of, "--client"]);
    expect(await reeve(["whoami", "--token-file", to])).toMatchObject({ exit: 4 });
  });

  it("takes the secret from a real stdin, and not as an argument", async () => {
    const { id, file } = await client();
    const { code, out, err } = await reeveOutside(["access-token", "--client-id", id, "--secret-file", "-"], {
      environment: environment(),
      input: readFileSync(file),
    });
    expect([code, out.split(".").length], err).toEqual([0, 3]);
    expect(await reeve(["access-token", "--client-id", id, readFileSync(file, "utf8").trim()])).toMatchObject({ exit: 2, out: "" });
  });

  it("says what is wrong as the server does, and never the secret", async () => {
    const { id } = await client();
    const wrong = fresh();
    writeFileSync(wrong, "rvs_wrong-secret-of-this-test\n");
    const words = ["access-token", "--client-id", id, "--secret-file", wrong];
    const refused = await reeve(words);
    expect(refused).toMatchObject({ exit: 4, out: "", err: expect.stringContaining("(invalid_client)") });
    expect(refused.err).not.toContain("wrong-secret");
    expect(await reeve(["access-token", "--client-id", "none", "--secret-file", wrong])).toEqual(refused);
    expect(await reeve(["access-token", "--client-id", id])).toMatchObject({
      exit: 2,
      err: expect.stringContaining("REEVE_CLIENT_SECRET"),
    });
    writeFileSync(wrong, "two words");
    expect(await reeve(words)).toMatchObject({ exit: 2, err: expect.stringContaining("visible ASCII") });
    expect(await reeve(["access-token", "--client-id", id, "--secret-file", join(home, "none")])).toMatchObject({
      exit: 2,
      err: expect.stringContaining("ENOENT"),
    });
    expect(await reeve(["access-token"])).toMatchObject({ exit: 2, err: expect.stringContaining("--client-id") });
  });
});
