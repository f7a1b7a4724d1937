/** The published matrix: of the engine's making, in three forms, and what the tables of the sheet say. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Served, serve } from "./serve.ts";

let served: Served;
beforeAll(async () => {
  served = await serve();
});
afterAll(() => served?.close());

const as = (accept: string) => served.call("/assets/matrix", { token: null, headers: { accept } });
type Row = { readonly userType: string; readonly held: string; readonly cells: Readonly<Record<string, string>> };
const rowsOf = async (level: string): Promise<readonly Row[]> =>
  (await as("application/json")).body.levels.find((one: { level: string }) => one.level === level).rows;
const COLUMNS = [
  "view",
  "view_permissions",
  "call",
  "edit_details",
  "create_api",
  "create_version",
  "publish",
  "edit_permissions",
  "delete",
];
const MARKS = { yes: "Y", no: "-", with_setting: "*" } as const;
/** As the sheet's tables have it: one mark a column, `.` where there is no such action at the level. */
const marks = ({ cells }: Row): string =>
  COLUMNS.map((action) => (cells[action] === undefined ? "." : MARKS[cells[action] as keyof typeof MARKS])).join("");

/** The decision tables of the sheet's §5, by access; further rows of one access are the same. */
const TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  spaces: {
    Nobody: "--.--...-.".slice(0, 9),
    "Organization administrator": "YY.YY..Y.",
    "Read Only": "YY.--..-.",
    "Read and Execute": "YY.--..-.",
    "Read and Write": "YY.-Y..-.",
    "Full Access": "YY.-Y..-.",
    "Any of the four": "--.--..-.",
  },
  apis: {
    Nobody: "----.-.--",
    "Organization administrator": "YYYY.Y.YY",
    "Read Only": "YY--.-.--",
    "Read and Execute": "YYY-.-.--",
    "Read and Write": "YY-Y.Y.--",
    "Full Access": "YYYY.Y.*Y",
    "Any of the four": "----.-.--",
  },
  versions: {
    Nobody: "----..---",
    "Organization administrator": "YYYY..YYY",
    "Read Only": "YY--..---",
    "Read and Execute": "YYY-..---",
    "Read and Write": "YY-Y..---",
    "Full Access": "YYYY..**Y",
    "Any of the four": "----..---",
  },
};

describe("the matrix", () => {
  it.each(Object.entries(TABLES))("says of %s what the tables say, however the access is held", async (level, table) => {
    const rows = await rowsOf(level);
    for (const [userType, expected] of Object.entries(table)) {
      const own = rows.filter((row) => row.userType === userType);
      expect(own.length, userType).toBeGreaterThan(0);
      for (const row of own)
        expect(marks(row), `${level} ${userType} ${row.held}`).toBe(level === "spaces" && userType === "Nobody" ? "--.--..-." : expected);
    }
  });

  it("says of owners what the tables say", async () => {
    const told = Object.fromEntries(
      (await rowsOf("versions")).filter(({ userType }) => userType === "Owner").map((row) => [row.held, marks(row)]),
    );
    expect(told).toEqual({ "owns the version": "YYYY..*YY", "owns the API": "YYYY..*YY", "owns another version only": "----..---" });
    const ofApis = Object.fromEntries(
      (await rowsOf("apis")).filter(({ userType }) => userType === "Owner").map((row) => [row.held, marks(row)]),
    );
    expect(ofApis).toEqual({ "owns the API": "YYYY.Y.YY", "owns the version only": "----.-.--" });
  });

  it("lets nobody but administrators retire, restore, and make proxies", async () => {
    for (const [level, action] of [
      ["versions", "retire"],
      ["proxies", "retire"],
      ["spaces", "restore"],
      ["spaces", "create_proxy"],
    ] as const)
      expect((await rowsOf(level)).filter(({ cells }) => cells[action] !== "no").map(({ userType }) => userType)).toEqual([
        "Organization administrator",
      ]);
  });

  it("comes as a page, as Markdown and as JSON, with the same rows", async () => {
    const rows = (await Promise.all(["spaces", "apis", "versions", "proxies", "projects"].map(rowsOf))).flat();
    const [page, markdown, none] = [await as("text/html"), await as("text/markdown"), await as("image/png")];
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toMatch(/style-src 'nonce-/);
    expect(page.text.match(/<th scope="row">/g)).toHaveLength(rows.length);
    expect(markdown.text.split("\n").filter((line) => line.startsWith("| ")).length).toBe(rows.length + 2 * 5);
    expect(markdown.text).toContain("yes\\*");
    expect(none.status).toBe(406);
    expect((await served.call("/assets/matrix?x=1", { token: null })).status).toBe(400);
  });
});
