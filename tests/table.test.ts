/**
 * The permission table in a real browser: the page as it is sent, under its content policy, with keyboard, narrow screens, paper,
 * both colour schemes, with and without its script.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AxeBuilder } from "@axe-core/playwright";
import { type PermissionTable, parseTableQuery, permissionTable, renderTable, shownRows, tableContentPolicy } from "@reeve/contract";
import { parseProductDocument, type Rec } from "@reeve/core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { requireProgram } from "./require.ts";

const executablePath = requireProgram("chromium");
const ARGUMENTS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

const catalogue = new URL("../catalogues/cloud-manager/product.json", import.meta.url);
const parsed = parseProductDocument(JSON.parse(readFileSync(catalogue, "utf8")));
const shipped = parsed.ok ? parsed.value : [];
const ownRules: readonly Rec[] = [
  {
    kind: "operation-rule",
    value: { product: "cloud-manager", operation: "R26", alternatives: [{ permission: "environment-logs-read" }] },
  },
  { kind: "operation-rule", value: { product: "cloud-manager", operation: "M02", alternatives: [{ roles: ["developer"] }] } },
];
/** One row of every kind: what axe looks at closely, for it takes long over the whole table. */
const KINDS = ["R01", "R04", "R24", "R26", "R33", "R46", "R50", "R15", "M01", "M02", "G01", "G02"];
const isOfKinds = ({ kind, value }: Rec) => kind !== "operation" || KINDS.includes(value.id);
const tables: Readonly<Record<string, PermissionTable>> = {
  shipped: permissionTable(shipped, "cloud-manager") as PermissionTable,
  changed: permissionTable([...shipped, ...ownRules], "cloud-manager") as PermissionTable,
  kinds: permissionTable([...shipped, ...ownRules].filter(isOfKinds), "cloud-manager") as PermissionTable,
};
const table = tables.shipped as PermissionTable;
const expected = (query: string) => shownRows(table, parseTableQuery(new URLSearchParams(query))).map(({ id }) => id);

let server: Server;
let browser: Browser;
let base = "";
let asked: string[] = [];
const noise: string[] = [];

/** Opens the page; everything that it logs, throws or asks for is kept, for `afterEach` to look at. */
async function open(query: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.on("console", (message) => noise.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => noise.push(String(error)));
  page.on("requestfailed", (request) => noise.push(`failed: ${request.url()}`));
  await page.goto(`${base}?product=shipped${query === "" ? "" : `&${query}`}`);
  return page;
}
const shown = (page: Page) =>
  page.locator("#rows > tr").evaluateAll((rows) => rows.filter((row) => row.checkVisibility()).map((row) => row.id.slice("op-".length)));
const queryOf = (page: Page) => new URL(page.url()).search;
const focused = (page: Page) => page.evaluate(() => document.activeElement?.id ?? "");
const isTooWide = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
const findings = async (page: Page) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html)]);
};
/** Waits until the URL's query is this one: a search goes there when typing rests. */
const untilQuery = (page: Page, query: string) => page.waitForFunction((wanted) => location.search === wanted, query);

describe.skipIf(executablePath === undefined)("the permission table in a browser", () => {
  beforeAll(async () => {
    server = createServer((request, response) => {
      const url = new URL(request.url ?? "", "http://localhost");
      asked.push(url.pathname);
      const nonce = randomBytes(18).toString("base64");
      const name = url.searchParams.get("product") ?? "";
      const one = tables[name] as PermissionTable;
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": tableContentPolicy(nonce) });
      response.end(renderTable(one, parseTableQuery(url.searchParams), { nonce, kept: { product: name } }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/operations`;
    browser = await chromium.launch({ executablePath: executablePath as string, args: ARGUMENTS });
  });
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    const [seen, paths] = [noise.splice(0), new Set(asked)];
    asked = [];
    expect(seen).toEqual([]);
    expect([...paths].filter((path) => path !== "/operations" && path !== "/favicon.ico")).toEqual([]);
  });

  it("shows all 53 published rows and the 60 others", async () => {
    const page = await open("");
    const ids = await shown(page);
    expect(ids).toEqual(table.rows.map(({ id }) => id));
    expect(ids.filter((id) => id.startsWith("R"))).toHaveLength(53);
    expect(ids.filter((id) => !id.startsWith("R"))).toHaveLength(60);
    expect(await page.locator("#count").textContent()).toBe("113 operations");
  });

  it("shows a row's names, profiles, note, permissions, method and path in four columns", async () => {
    const page = await open("search=createSslCertificate");
    const cells = page.locator("#op-R04 .value");
    expect(await page.getByRole("columnheader").allTextContents()).toEqual([
      "Operation",
      "Product profiles",
      "Permission",
      "Method and path",
    ]);
    expect(await cells.nth(0).innerText()).toMatch(/^createCertificate\s+also createSslCertificate/);
    expect(await cells.nth(1).innerText()).toMatch(/Business Owner[,\s]+Deployment Manager\s+Published as createCertificate/);
    expect(await cells.nth(2).innerText()).toBe("SSL Certificate Manage");
    expect(await cells.nth(3).textContent()).toBe("POST/api/program/{programId}/certificates");
  });

  it("explains the read default and the two permissions above the table", async () => {
    const page = await open("");
    const about = page.getByRole("region", { name: "About this table" });
    await about.getByRole("heading", { name: "Two permissions to consider" }).waitFor();
    expect(await about.innerText()).toContain(
      "Business Owner, Deployment Manager, Program Manager and Developer, and to a custom profile with Program Access",
    );
    const order = await page.evaluate(() => {
      const [before, after] = [document.querySelector(".about"), document.querySelector("#table")];
      return before !== null && after !== null && (before.compareDocumentPosition(after) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
    });
    expect(order).toBe(true);
  });

  it("marks unmapped and orphan rows and shows an own rule beside the published one", async () => {
    const page = await open("");
    expect(await page.locator("#op-M15 .mark").allTextContents()).toEqual(["unmapped"]);
    expect(await page.locator("#op-R15 .mark").allTextContents()).toEqual(["orphan"]);
    await page.goto(`${base}?product=changed&state=own-rule`);
    expect(await shown(page)).toEqual(["M02", "R26"]);
    expect(await page.locator("#op-R26 td").nth(2).innerText()).toMatch(/Environment Logs Read\s+Published:\s+Content Copy Manage/);
    expect(await page.locator("#op-M02 td").nth(1).innerText()).toMatch(/Developer\s+Published:\s+Nobody/);
  });

  it("searches while one types, and puts the search into the URL when typing rests", async () => {
    const page = await open("");
    await page.getByRole("searchbox", { name: "Search" }).pressSequentially("pipeline variables");
    expect(await shown(page)).toEqual(expected("search=pipeline variables"));
    expect(await page.getByRole("status").textContent()).toBe("2 of 113 operations");
    await untilQuery(page, "?product=shipped&search=pipeline+variables");
  });

  it("combines its filters, keeps them in the URL, and goes back and forward through them", async () => {
    const page = await open("");
    await page.getByLabel("Product profile").selectOption({ label: "Business Owner" });
    await page.getByLabel("Method").selectOption("POST");
    await page.getByLabel("Permission").selectOption({ label: "Domain Name Manage" });
    const query = "?product=shipped&profile=business-owner&permission=domain-name-manage&method=POST";
    expect(queryOf(page)).toBe(query);
    expect(await shown(page)).toEqual(["R17", "R18", "R19", "R20"]);
    await page.goBack();
    expect(queryOf(page)).toBe("?product=shipped&profile=business-owner&method=POST");
    expect(await page.getByLabel("Permission").inputValue()).toBe("");
    expect(await shown(page)).toEqual(expected("profile=business-owner&method=POST"));
    await page.goForward();
    expect(queryOf(page)).toBe(query);
    expect(await shown(page)).toHaveLength(4);
    await page.goBack();
    await page.goBack();
    await page.goBack();
    expect(queryOf(page)).toBe("?product=shipped");
    expect(await shown(page)).toHaveLength(113);
  });

  it("opens a shared URL in its state, and the script agrees with the server about every query", async () => {
    const page = await open("profile=developer&method=PUT");
    expect(await shown(page)).toEqual(["R29"]);
    const queries = [
      ...[
        "search=step",
        "search=R45",
        "search=DELETE /api/program/4/pipeline/10",
        "search=/api/tenants/",
        "search=put /api",
        "search=  Log   DOWN ",
      ],
      ...[
        "profile=nobody",
        "state=unmapped&search=domain",
        "permission=program-access&profile=developer",
        "method=get",
        "search=%2F%2F",
        "search=<b>",
      ],
      ...[
        "profile=program-manager&state=not-configurable",
        `search=${"x".repeat(300)}`,
        "search=/api/program/4/pipeline/10/execution?x=1",
        "search={domain-id}",
      ],
    ];
    for (const query of queries) {
      await page.goto(`${base}?product=shipped&${encodeURI(query)}`);
      expect([query, await shown(page)]).toEqual([query, expected(encodeURI(query))]);
    }
    const noScript = await open("search=step&method=PUT", { javaScriptEnabled: false });
    expect(await noScript.locator("#rows > tr:not([hidden])").count()).toBe(expected("search=step&method=PUT").length);
  });

  it("works with the keyboard alone", async () => {
    const page = await open("");
    await page.keyboard.press("Tab");
    expect(await page.locator(".skip").evaluate((link) => link === document.activeElement && link.getBoundingClientRect().top >= 0)).toBe(
      true,
    );
    await page.keyboard.press("Enter");
    expect(await focused(page)).toBe("operations");
    await page.keyboard.press("/");
    expect(await focused(page)).toBe("search");
    await page.keyboard.type("a/b");
    expect(await page.getByRole("searchbox").inputValue()).toBe("a/b");
    await page.keyboard.press("Control+a");
    await page.keyboard.type("contentSet");
    for (const id of ["profile", "permission", "method", "state"]) {
      await page.keyboard.press("Tab");
      expect(await focused(page)).toBe(id);
      const ring = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
      expect(ring).toBe("solid");
      if (id === "method") await page.keyboard.type("PUT");
    }
    expect(await shown(page)).toEqual(["R11"]);
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("clear");
    await page.keyboard.press("Enter");
    expect(await shown(page)).toHaveLength(113);
    expect(await focused(page)).toBe("search");
    expect(queryOf(page)).toBe("?product=shipped");
  });

  it("filters by the counts above it", async () => {
    const page = await open("search=zzz");
    await page.getByRole("link", { name: "15 unmapped" }).click();
    expect(await shown(page)).toEqual(expected("state=unmapped"));
    expect(queryOf(page)).toBe("?product=shipped&state=unmapped");
    expect(await page.getByLabel("State").inputValue()).toBe("unmapped");
  });

  it("says when nothing fits, and leads out of it", async () => {
    const page = await open("");
    await page.getByRole("searchbox").fill("no operation is called so");
    await page.getByText("No operation fits").waitFor();
    expect(await page.getByRole("status").textContent()).toBe("0 of 113 operations");
    await page.getByRole("link", { name: "Show all operations" }).click();
    expect(await shown(page)).toHaveLength(113);
    expect(await focused(page)).toBe("search");
  });

  it("works without its script: the form asks the server", async () => {
    const page = await open("", { javaScriptEnabled: false });
    await page.getByRole("searchbox").fill("variables");
    await page.getByLabel("Product profile").selectOption({ label: "Developer" });
    await page.getByRole("button", { name: "Filter" }).click();
    await page.waitForURL(/search=variables/);
    const visible = page.locator("#rows > tr:not([hidden])");
    expect(await visible.count()).toBe(expected("search=variables&profile=developer").length);
    expect(await page.locator("#count").textContent()).toBe("2 of 113 operations");
    await page.getByRole("link", { name: "Clear filters" }).click();
    await page.waitForURL(/\?product=shipped$/);
    expect(await visible.count()).toBe(113);
  });

  it.each([320, 480, 760, 1_000])("never scrolls sideways at %i px", async (width) => {
    const page = await open("", { viewport: { width, height: 800 } });
    expect(await isTooWide(page)).toBe(false);
    const overflowing = await page
      .locator("#rows td, .field, .card, .facts li")
      .evaluateAll((boxes) => boxes.filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.textContent));
    expect(overflowing).toEqual([]);
    await page.goto(`${base}?product=shipped&search=zzz&permission=${"x".repeat(200)}`);
    expect(await isTooWide(page)).toBe(false);
  });

  it("turns rows into cards with labels at 320 px, and stays a table for those who hear it", async () => {
    const page = await open("search=deleteProgram", { viewport: { width: 320, height: 800 } });
    expect(await page.locator("#op-R01 .label").nth(1).isVisible()).toBe(true);
    expect(await page.getByRole("columnheader", { name: "Permission" }).count()).toBe(1);
    expect(await page.getByRole("cell").count()).toBe(4);
  });

  it("keeps the header in sight while the table scrolls", async () => {
    const page = await open("");
    await page.locator("#op-R45").evaluate((row) => row.scrollIntoView({ block: "center" }));
    expect(
      await page
        .locator("th")
        .first()
        .evaluate((cell) => Math.round(cell.getBoundingClientRect().top)),
    ).toBe(0);
  });

  it("prints all rows, whatever is filtered, and no filters", async () => {
    for (const javaScriptEnabled of [true, false]) {
      const page = await open("search=zzz&method=PUT", { javaScriptEnabled, colorScheme: "dark" });
      await page.emulateMedia({ media: "print" });
      const rows = page.locator("#rows > tr");
      expect(await rows.filter({ visible: true }).count()).toBe(113);
      expect(await page.locator("#filters").isVisible()).toBe(false);
      expect(await page.getByText("No operation fits").isVisible()).toBe(false);
      expect(await page.getByText("All 113 operations").isVisible()).toBe(true);
    }
    const page = await open("search=zzz", { colorScheme: "dark" });
    expect((await page.pdf({ format: "A4" })).length).toBeGreaterThan(50_000);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await page.evaluate(() => getComputedStyle(document.body).color)).toBe("rgb(26, 31, 41)");
  });

  it("is dark where the reader wants it dark", async () => {
    const colours: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await open("", { colorScheme });
      colours.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    }
    expect(colours).toEqual(["rgb(246, 247, 249)", "rgb(15, 18, 23)"]);
  });

  const screens = (["light", "dark"] as const).flatMap((colorScheme) => [320, 1_280].map((width) => [colorScheme, width] as const));
  it.each(screens)("has no findings of axe, %s and %i px wide", async (colorScheme, width) => {
    const page = await open("", { colorScheme, viewport: { width, height: 900 } });
    for (const look of ["", "&search=zzz&profile=nobody"]) {
      await page.goto(`${base}?product=kinds${look}`);
      expect([look, await findings(page)]).toEqual([look, []]);
    }
  });

  it("has no findings of axe in the whole table", async () => expect(await findings(await open(""))).toEqual([]));
});
