/** `reeve invite`, `invitations`, `orgs delete`, and secrets of `token create` in files, against a real server. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as pathOf } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Inside, reeveInside, type Terminal } from "./cli-inside.ts";
import { makeOrganization, type Organization } from "./organization.ts";
import { address, join, PASSWORD, signIn } from "./people.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
let one: Organization;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());
beforeEach(async () => {
  one = await makeOrganization(served);
});

const reeve = (words: readonly string[], terminal?: Terminal): Promise<Inside> =>
  reeveInside(words, { environment: { REEVE_URL: served.url, REEVE_TOKEN: served.token, REEVE_ORG: one.id }, terminal });

describe("invite", () => {
  it("gives a link, alone on stdout, by which somebody gets in as the user that was named", async () => {
    const { exit, out, err } = await reeve([
      "invite",
      "eve@example.com",
      "--id",
      "eve",
      "--name",
      "Eve",
      "--group",
      "admins",
      "--group",
      "team",
    ]);
    expect([exit, out]).toEqual([0, expect.stringMatching(/^http\S+\/invitation#rvi_\S+\n$/)]);
    expect(err).toMatch(/^eve@example\.com is invited to \S+, as user eve\.\nThe link is shown this once/);
    expect(err).not.toContain("rvi_");
    const accepted = await served.call("/invitations/accept", {
      body: { token: out.trim().split("#")[1], password: PASSWORD },
      token: null,
    });
    expect(accepted.status, accepted.text).toBe(200);
    const { body } = await (await signIn(served, "eve@example.com")).call("/v1/me");
    expect(body).toMatchObject({ principal: { organization: one.id, id: "eve" } });
    const json = JSON.parse((await reeve(["invite", "ivy@example.com", "-o", "json"])).out);
    expect(json).toMatchObject({ email: "ivy@example.com", link: expect.stringContaining("#rvi_") });
  });

  it("is listed without its link, and withdrawn", async () => {
    expect(await reeve(["invitations", "list"])).toMatchObject({ exit: 0, out: "", err: "None.\n" });
    const { out: link } = await reeve(["invite", "eve@example.com", "--id", "eve"]);
    const { out } = await reeve(["invitations", "list"]);
    expect(out).toMatch(/^ID .*\n\S+ +eve@example\.com +eve +20\S+Z +20\S+Z\n$/);
    expect(out).not.toContain("rvi_");
    const id = out.split("\n")[1]?.split(" ")[0] as string;
    expect(await reeve(["invitations", "withdraw", id])).toMatchObject({ exit: 0, out: expect.stringContaining("is withdrawn") });
    expect(await reeve(["invitations", "withdraw", id])).toMatchObject({ exit: 5, err: expect.stringContaining("no such invitation") });
    const token = link.trim().split("#")[1];
    expect((await served.call("/invitations/accept", { body: { token, password: PASSWORD }, token: null })).body.code).toBe(
      "invitation_not_found",
    );
  });

  it("refuses what is no address, with the place", async () => {
    expect(await reeve(["invite", "nobody"])).toMatchObject({ exit: 2, out: "", err: expect.stringContaining("/email") });
    expect(await reeve(["invite"])).toMatchObject({ exit: 2, err: expect.stringContaining("email") });
    expect(await reeve(["invite", "eve@example.com", "--group", "none"])).toMatchObject({ exit: 2, out: "" });
    expect(await reeve(["invite", "eve@example.com", "--org", "NONE@x"])).toMatchObject({ exit: 5, out: "" });
  });
});

describe("invite, with offices", () => {
  it("makes a product administrator and gives developer access in the same write", async () => {
    const { exit } = await reeve([
      "invite",
      "kim@example.com",
      "--id",
      "kim",
      "--product-administrator",
      "files",
      "--developer-access",
      "reader",
    ]);
    expect(exit).toBe(0);
    const of = async (collection: string) =>
      (await served.call(`/v1/orgs/${one.id}/${collection}`)).body.items.map(({ value }: { value: object }) => value);
    expect(await of("product-administrators")).toEqual([{ product: "files", principal: "kim" }]);
    expect(await of("developer-access")).toEqual([expect.objectContaining({ role: "reader", principal: "kim" })]);
    expect(await reeve(["invite", "kim@example.com", "--developer-access", "none"])).toMatchObject({ exit: 2, out: "" });
  });
});

describe("accounts", () => {
  it("are listed with their users, get another password by a link that is shown once, and end", async () => {
    const email = address();
    await join(served, one, { email, id: "pat" });
    const listed = await reeve(["accounts", "list", "--email", email]);
    expect(listed.out).toMatch(new RegExp(`^ID .*\n\\S+ +${email} +20\\S+Z +no +pat of ${one.id}\n$`));
    const { exit, out, err } = await reeve(["accounts", "reset-password", email]);
    expect([exit, out]).toEqual([0, expect.stringMatching(/^http\S+\/password#rvp_\S+\n$/)]);
    expect(err).not.toContain("rvp_");
    const body = { token: out.trim().split("#")[1], password: "another password of hers" };
    expect((await served.call("/password-resets/accept", { body, token: null })).status).toBe(200);
    expect(await reeve(["accounts", "reset-password", "nobody@example.com"])).toMatchObject({ exit: 5, out: "" });
    const id = listed.out.split("\n")[1]?.split(" ")[0] as string;
    expect(await reeve(["accounts", "end", id])).toMatchObject({ exit: 0, out: expect.stringContaining("Its users stay") });
    expect(await reeve(["accounts", "end", id])).toMatchObject({ exit: 5 });
    expect((await reeve(["accounts", "list", "--email", email])).out).toBe("");
  });

  it("are nobody's business but the server's administrator's", async () => {
    await one.writes([{ put: { kind: "membership", value: { group: "admins", member: "ann" } } }]);
    const token = (await served.call(`/v1/orgs/${one.id}/tokens`, { body: { principal: "ann", ceiling: "admin" } })).body.secret;
    for (const words of [["list"], ["reset-password", "eve@example.com"], ["end", "x"]]) {
      const environment = { REEVE_URL: served.url, REEVE_TOKEN: token };
      expect(await reeveInside(["accounts", ...words], { environment })).toMatchObject({ exit: 4, out: "" });
    }
  });
});

describe("orgs delete", () => {
  const deletion = async (...more: readonly string[]) => ["orgs", "delete", one.id, "--revision", await one.revision(), ...more];
  const isThere = async () => (await served.call(`/v1/orgs/${one.id}`)).status === 200;

  it("deletes what was exported, where the id was typed once more", async () => {
    expect(await reeve(await deletion("--confirm", one.id))).toMatchObject({ exit: 0, out: expect.stringContaining("is deleted") });
    expect(await isThere()).toBe(false);
    one = await makeOrganization(served);
    const asked: string[] = [];
    const answer = (question: string) => {
      asked.push(question);
      return one.id;
    };
    expect(await reeve(await deletion(), { answer })).toMatchObject({ exit: 0 });
    expect(asked).toEqual([expect.stringContaining("Type its id")]);
    expect(await isThere()).toBe(false);
  });

  it("deletes nothing where it was not typed, was typed wrong, or the organization moved on", async () => {
    expect(await reeve(await deletion())).toMatchObject({ exit: 2, err: expect.stringContaining(`--confirm ${one.id}`) });
    expect(await reeve(await deletion("--confirm", "other"))).toMatchObject({
      exit: 2,
      err: expect.stringContaining("Nothing was deleted"),
    });
    expect(await reeve(await deletion(), { answer: () => undefined })).toMatchObject({ exit: 2 });
    const old = await deletion("--confirm", one.id);
    await one.writes([{ put: { kind: "label", value: { id: "custom/later" } } }]);
    expect(await reeve(old)).toMatchObject({ exit: 2, err: expect.stringContaining("revision_conflict") });
    expect(await reeve(["orgs", "delete", one.id, "--confirm", one.id])).toMatchObject({
      exit: 2,
      err: expect.stringContaining("--revision"),
    });
    expect(await isThere()).toBe(true);
  });
});

it("token create writes the secret into a file of its owner's where one is named", async () => {
  const home = mkdtempSync(pathOf(tmpdir(), "reeve-token-"));
  const file = pathOf(home, "token");
  await one.writes([{ put: { kind: "membership", value: { group: "admins", member: "ann" } } }]);
  const { exit, out, err } = await reeve(["token", "create", "--principal", "ann", "--ceiling", "read", "--secret-file", file]);
  const secret = readFileSync(file, "utf8").trim();
  expect([exit, out, (statSync(file).mode & 0o777).toString(8)]).toEqual([0, "", "600"]);
  expect(err).not.toContain(secret);
  expect((await served.call(`/v1/orgs/${one.id}/principals`, { token: secret })).status).toBe(200);
  rmSync(home, { recursive: true });
});
