/** `reeve access` against a real server: the tree, giving, taking, who has it, and giving away. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FIRST, ORDERS, SPACE, type Space, space } from "./assets.ts";
import { type Inside, reeveInside } from "./cli-inside.ts";
import { type Served, serve } from "./serve.ts";

let served: Served;
let at: Space;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());
beforeEach(async () => {
  at = await space(served);
  await at.root.make(ORDERS, { owner: "ann" });
});

const reeve = (...words: readonly string[]): Promise<Inside> =>
  reeveInside(["access", ...words], { environment: { REEVE_URL: served.url, REEVE_TOKEN: served.token, REEVE_ORG: at.one.id } });
async function done(...words: readonly string[]): Promise<string> {
  const { exit, out, err } = await reeve(...words);
  expect(exit, `${words.join(" ")}\n${out}${err}`).toBe(0);
  return out;
}

describe("reeve access", () => {
  it("draws the tree with what may be done, for oneself and for somebody else", async () => {
    await at.root.make(`${SPACE}/proxies/gate`, { owner: "bob" });
    expect(await done("tree")).toBe(
      [
        "rw-p-  /spaces/apim",
        "rwxpo  ├─ apis/orders  (of ann)",
        "rwxpo  │  └─ versions/1.0  (unpublished, of ann)",
        "rwxpo  └─ proxies/gate  (unpublished, of bob)",
        "",
      ].join("\n"),
    );
    await done("grant", FIRST, "dee", "read-execute");
    expect(await done("tree", "--of", "dee")).toBe(`r-x--  ${FIRST}\n`);
    expect(await done("tree", ORDERS, "--of", "ann")).toBe(`rwxpo  ${ORDERS}\nrwxpo  └─ versions/1.0\n`);
    expect(JSON.parse(await done("tree", ORDERS, "-o", "json")).items[0]).toMatchObject({ path: ORDERS, marks: "rwxpo" });
    expect(await reeve("tree", "--of", "cy")).toMatchObject({ exit: 0, out: "", err: "None.\n" });
  });

  it("gives and takes access, and tells who has it and where that is defined", async () => {
    expect(await done("grant", ORDERS, "bob", "read-write", "--all", "--reason", "he maintains it")).toBe(
      `Given: bob has read-write on ${ORDERS}, applied to all.\n`,
    );
    expect(await done("grant", ORDERS, "bob", "full-access")).toBe(`Replaced: bob has full-access on ${ORDERS}.\n`);
    await done("grant", FIRST, "team", "read-only", "--type", "group", "--all");
    expect(await done("who", FIRST)).toMatch(
      new RegExp(
        `^WHO .*GIVEN BY\nann +ann +owner +no +here\\s*\nann +ann +owner +yes +${ORDERS}\\s*\nTeam\\(Group\\) +team +read_only +yes +${ORDERS}\\s*\n$`,
      ),
    );
    expect(await done("revoke", ORDERS, "bob")).toBe(`Taken: the entry of bob on ${ORDERS}.\n`);
    expect(await reeve("revoke", ORDERS, "bob")).toMatchObject({ exit: 5, err: expect.stringContaining("has no entry") });
    expect(await reeve("revoke", FIRST, "team")).toMatchObject({ exit: 2, err: expect.stringContaining(`defined on ${ORDERS}`) });
    expect((await reeve("grant", ORDERS, "ann", "read-only")).err).toContain("owns");
    expect((await reeve("grant", ORDERS, "bob", "root")).exit).not.toBe(0);
  });

  it("tells each user who may view it, and through what", async () => {
    await done("grant", ORDERS, "team", "read-execute", "--type", "group", "--all");
    const lines = (await done("who", FIRST, "--people")).trimEnd().split("\n");
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ["WHO", "ID", "MAY", "THROUGH"],
      ["ann", "ann", "rwxpo", `owns ${FIRST}; owns ${ORDERS}`],
      ["boss", "boss", "rwxpo", "administers the organization"],
      ["cy", "cy", "r-x--", `read_execute of Team(Group) on ${ORDERS}`],
    ]);
  });

  it("moves an asset with all below it", async () => {
    const sales = `${SPACE}/apis/sales`;
    expect(await done("move", ORDERS, sales, "--reason", "they sell")).toBe(`Moved: ${ORDERS} is ${sales}.\n`);
    expect(await done("tree", "--of", "ann")).toBe(`rwxpo  ${sales}\nrwxpo  └─ versions/1.0\n`);
    expect(await reeve("move", ORDERS, sales)).toMatchObject({ exit: 5, err: expect.stringContaining("no asset") });
  });

  it("gives an asset away", async () => {
    expect(await done("transfer", ORDERS, "bob", "--no-retain")).toBe(`bob owns ${ORDERS}.\n`);
    expect(await done("who", ORDERS)).not.toContain("full_access");
    await done("transfer", ORDERS, "ann");
    expect(await done("who", ORDERS)).toMatch(/bob +bob +full_access +no +here/);
  });
});
