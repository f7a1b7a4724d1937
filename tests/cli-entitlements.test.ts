/** `reeve catalogue list`, `add` and `remove` against a real server: products that ship, given to an organization and taken from it. */
import { run, type Shell } from "@reeve/cli";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeOrganization } from "./organization.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

const freshOrganization = async (): Promise<string> => (await makeOrganization(served, [])).id;
type Ended = { readonly exit: number; readonly out: string; readonly err: string };

/** Runs the command line in this process; at a terminal where somebody answers. */
async function reeveIn(org: string, words: readonly string[], answer?: (question: string) => string | undefined): Promise<Ended> {
  const printed = { out: "", err: "" };
  const output = (name: "out" | "err") => ({
    isTerminal: answer !== undefined,
    hasColour: false,
    write: (text: string) => {
      printed[name] += text;
    },
  });
  const answers = { ask: async (question: string) => answer?.(question), close: () => undefined };
  const shell: Shell = {
    environment: { REEVE_URL: served.url, REEVE_TOKEN: served.token, REEVE_ORG: org },
    stdout: output("out"),
    stderr: output("err"),
    ...(answer === undefined ? {} : { answers: () => answers }),
  };
  const exit = await run(["catalogue", ...words], shell);
  return { exit, ...printed };
}

describe("catalogue list, add and remove", () => {
  const states = async (org: string): Promise<Readonly<Record<string, string | undefined>>> => {
    const { items } = JSON.parse((await reeveIn(org, ["list", "-o", "json"])).out);
    return Object.fromEntries(items.map(({ id, ships }: { id: string; ships?: string }) => [id, ships]));
  };

  it("show what ships, give it, bring it to what ships, and take it", async () => {
    const org = await freshOrganization();
    const absent = { reeve: undefined, "cloud-manager": "absent", "api-management": "absent", "experience-platform": "absent" };
    expect(await states(org)).toEqual(absent);
    expect((await reeveIn(org, ["list"])).out).toMatch(/\ncloud-manager +Cloud Manager +not added\n/);
    const added = await reeveIn(org, ["add", "cloud-manager"]);
    expect([added.exit, added.out]).toEqual([
      0,
      expect.stringMatching(/^cloud-manager is there as it ships: 147 objects, revision \S+, change set \S+\.\n$/),
    ]);
    expect((await reeveIn(org, ["list"])).out).toMatch(/\ncloud-manager +Cloud Manager +106 +15 +41 +7 +as it ships\n/);
    const bent = { product: "cloud-manager", name: "Bent", pairs: [] };
    await served.call(`/v1/orgs/${org}/permission-sets/program-access`, { method: "PUT", body: bent });
    expect(await states(org)).toEqual({ ...absent, "cloud-manager": "differs" });
    expect((await reeveIn(org, ["add", "cloud-manager"])).out).toMatch(/^cloud-manager is there as it ships: 1 object, /);
    const again = await reeveIn(org, ["add", "cloud-manager", "-o", "json"]);
    expect(JSON.parse(again.out)).toMatchObject({ changeSet: null, applied: 0 });
    expect((await reeveIn(org, ["add", "cloud-manager"])).out).toMatch(/^cloud-manager was there as it ships\.\n {2}revision \S+\n$/);
    const removed = await reeveIn(org, ["remove", "cloud-manager", "--yes"]);
    expect([removed.exit, removed.out]).toEqual([
      0,
      expect.stringMatching(/^cloud-manager is gone: 147 objects, revision \S+, change set \S+\.\n$/),
    ]);
    expect(await states(org)).toEqual(absent);
  });

  it("take nothing without a yes, and say what does not ship", async () => {
    const org = await freshOrganization();
    await reeveIn(org, ["add", "api-management"]);
    expect(await reeveIn(org, ["remove", "api-management"])).toMatchObject({ exit: 2, err: expect.stringContaining("--yes") });
    const asked: string[] = [];
    const answer = (said: string | undefined) => (question: string) => {
      asked.push(question);
      return said;
    };
    for (const said of ["n", "", undefined])
      expect(await reeveIn(org, ["remove", "api-management"], answer(said))).toMatchObject({
        exit: 1,
        out: "Nothing was changed.\n",
      });
    expect(asked[0]).toContain("Take api-management away");
    expect((await states(org))["api-management"]).toBe("as_shipped");
    expect((await reeveIn(org, ["remove", "api-management"], answer("y"))).exit).toBe(0);
    for (const words of [
      ["add", "clinic"],
      ["remove", "clinic", "--yes"],
      ["remove", "api-management", "--yes"],
    ])
      expect((await reeveIn(org, words)).exit, words.join(" ")).toBe(5);
  });
});
